provider "aws" {
  region = "eu-central-1"
}

data "terraform_remote_state" "networking" {
  backend = "s3"

  config = {
    bucket = "acme-terraform-state"
    key    = "networking/terraform.tfstate"
    region = "eu-central-1"
  }
}

resource "random_pet" "nodes" {
  length = 2
}

module "eks" {
  source  = "terraform-aws-modules/eks/aws"
  version = "~> 20.2"

  cluster_name = "shop"
  vpc_id       = data.terraform_remote_state.networking.outputs.vpc_id
  subnet_ids   = data.terraform_remote_state.networking.outputs.private_subnets

  eks_managed_node_groups = {
    (random_pet.nodes.id) = {
      instance_types = ["m7g.large"]
      min_size       = 3
      max_size       = 9
    }
  }
}
