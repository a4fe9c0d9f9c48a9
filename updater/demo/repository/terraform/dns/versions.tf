terraform {
  required_version = ">= 1.7.0, < 2.0.0"

  backend "s3" {
    bucket = "acme-terraform-state"
    key    = "dns/terraform.tfstate"
    region = "eu-central-1"
  }

  required_providers {
    cloudflare = {
      source  = "cloudflare/cloudflare"
      version = "~> 4.20"
    }
  }
}
