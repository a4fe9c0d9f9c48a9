terraform {
  required_version = ">= 1.5, < 2.0"

  backend "s3" {
    bucket = "acme-state-1.2.3"
    key    = "eks/v2.0.0.tfstate"
  }

  cloud {
    organization = "acme"
    workspaces { tags = ["v1.0.0"] }
  }

  required_providers {
    aws        = { source = "hashicorp/aws", version = "~> 5.40" }
    kubernetes = { source = "hashicorp/kubernetes" }
    kubectl = {
      source                = "alekc/kubectl"
      version               = "2.0.4"
      configuration_aliases = [kubectl.alternate]
    }
    internal = {
      source  = "registry.example.com/acme/internal"
      version = "!= 1.2.0, >= 1.1"
    }
    random = "3.6.0"
  }
}

provider "aws" {
  region = "eu-central-1"
  assume_role {
    role_arn = "arn:aws:iam::123456789012:role/deploy-1.0.0"
  }
}
