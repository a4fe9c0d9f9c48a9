terraform {
  required_version = "~> 1.7.0"

  backend "s3" {
    bucket = "acme-terraform-state"
    key    = "compute/terraform.tfstate"
    region = "eu-central-1"
  }

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.31"
    }

    # Exact: a new release once renamed the node groups.
    random = {
      source  = "hashicorp/random"
      version = "3.6.0"
    }
  }
}
