/*
module "commented" {
  source  = "terraform-aws-modules/vpc/aws"
  version = "1.1.1"
}
*/

locals {
  eks_version = "20.2.1"
  computed    = join(".", ["1", "2"])
  document    = <<-EOT
    module "in_a_heredoc" {
      source  = "terraform-aws-modules/vpc/aws"
      version = "2.2.2"
    }
  EOT
}

module "vpc" {
  source  = "terraform-aws-modules/vpc/aws"
  version = "5.5.1"
}

module "role" {
  source  = "terraform-aws-modules/iam/aws//modules/iam-role"
  version = "~> 5.3"
}

module "private" {
  source  = "app.terraform.io/acme/network/azurerm"
  version = "2.0.1"
}

module "eks" {
  source  = "terraform-aws-modules/eks/aws"
  version = local.eks_version
}

module "eks_again" {
  source  = "terraform-aws-modules/eks/aws"
  version = "${local.eks_version}"
}

module "shares" {
  source  = "terraform-aws-modules/rds/aws"
  version = local.eks_version
}

module "elsewhere" {
  source  = "terraform-aws-modules/alb/aws"
  version = var.elsewhere
}

module "computed" {
  source  = "terraform-aws-modules/alb/aws"
  version = local.computed
}

module "unversioned" {
  source = "terraform-aws-modules/s3-bucket/aws"
}

module "github" {
  source = "github.com/acme/modules//network?ref=v1.2.3"
}

module "github_over_ssh" {
  source = "git@github.com:acme/modules.git?ref=network-v1.0.0"
}

module "github_by_git" {
  source = "git::https://user:secret@github.com/acme/modules.git//network?depth=1&ref=v1.2.4"
}

module "gitlab" {
  source = "git@gitlab.com:group/sub/repo.git//mod?ref=1.0.0"
}

module "git_with_depth" {
  source = "git::https://git.example.com/infra/modules.git//mod?ref=v1.2.3&depth=1"
}

module "git_over_ssh" {
  source = "git::ssh://git@git.example.com:2222/infra/modules.git?ref=v2.0"
}

module "git_over_https" {
  source = "https://git.example.com/infra/modules.git?ref=v3.1.0"
}

module "azure" {
  source = "git::https://dev.azure.com/acme/infra/_git/modules//mod?ref=v1.0.1"
}

module "bitbucket" {
  source = "bitbucket.org/acme/modules?ref=v0.2.0"
}

module "branch" {
  source = "git::https://git.example.com/infra/modules.git?ref=main"
}

module "commit" {
  source = "github.com/acme/modules?ref=51d462976d84fdea54b47d80dcabbf680badcdb8"
}

module "without_ref" {
  source = "github.com/acme/modules"
}

module "oci" {
  source = "oci://ghcr.io/acme/modules/network//sub?tag=1.4.0"
}

module "oci_by_digest" {
  source = "oci://ghcr.io/acme/modules/dns?digest=sha256:9ffd9d6b964a3d8a09108a130149201c8a46024aef9dc86889b054a5932c2bd8"
}

module "oci_latest" {
  source = "oci://ghcr.io/acme/modules/dns"
}

module "archive" {
  source = "https://example.com/modules/vpc-1.2.0.zip"
}

module "bucket" {
  source = "s3::https://s3-eu-west-1.amazonaws.com/acme/vpc-1.2.0.zip"
}

module "local" {
  source = "../modules/local"
}

module "local_by_expression" {
  source = "${path.module}/modules/local"
}

module "no_source" {
  version = "1.0.0"
}

module "ignored" {
  source  = "terraform-aws-modules/acm/aws"
  version = "4.0.0" # updater: ignore
}
