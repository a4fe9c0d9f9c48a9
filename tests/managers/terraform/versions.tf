# A configuration with one of everything; the numbers in comments are traps: version = "0.0.1"
terraform {
  required_version = ">= 1.5.0, < 2.0.0" // version = "0.0.2"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.31" # keep in step with the modules
    }
    azapi      = { source : "Azure/azapi", version : "1.13.1" }
    cloudflare = "~> 4.0"
    random = {
      version = "3.6.0"
    }
    private = {
      source  = "terraform.example.com/acme/private"
      version = ">= 0.4"
    }
    null = {
      source = "hashicorp/null"
    }
    bad = {
      source  = "one/two/three/four"
      version = "1.0.0"
    }
  }

  backend "s3" {
    bucket = "state"
  }
}

provider "aws" {
  region  = "eu-central-1"
  version = "~> 5.30"
}

provider "google" {
  version = "4.1.0"
}

provider "kubernetes" {
  config_path = "~/.kube/config"
}
