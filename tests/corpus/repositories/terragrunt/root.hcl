terraform_version_constraint  = ">= 1.5"
terragrunt_version_constraint = "~> 0.55"

locals {
  account      = read_terragrunt_config(find_in_parent_folders("account.hcl"))
  aws_version  = "5.40.0"
}

remote_state {
  backend = "s3"
  config = {
    bucket = "acme-state-1.0.0"
    key    = "${path_relative_to_include()}/terraform.tfstate"
  }
}

generate "versions" {
  path      = "versions.tf"
  if_exists = "overwrite"
  contents  = <<EOF2
terraform {
  required_version = ">= 1.5.7"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "${local.aws_version}"
    }
    random = {
      source  = "hashicorp/random"
      version = "~> 3.5"
    }
  }
}
EOF2
}

engine {
  source  = "github.com/gruntwork-io/terragrunt-engine-opentofu"
  version = "v0.0.16"
  type    = "rpc"
}

catalog {
  urls = ["https://github.com/acme/catalog"]
}
