terraform {
  required_version = "~> 1.7.0"

  backend "s3" {
    bucket = "acme-terraform-state"
    key    = "networking/terraform.tfstate"
    region = "eu-central-1"
  }

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.31"
    }
  }
}
