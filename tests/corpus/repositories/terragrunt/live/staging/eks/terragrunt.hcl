include {
  path = find_in_parent_folders("root.hcl")
}

locals {
  env = read_terragrunt_config(find_in_parent_folders("env.hcl"))
}

terraform {
  source = "tfr:///terraform-aws-modules/eks/aws?version=${local.env.locals.eks_version}"
}

dependency "vpc" {
  config_path = "../vpc"
}
