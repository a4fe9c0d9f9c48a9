module "registry_submodule" {
  source  = "terraform-aws-modules/iam/aws//modules/iam-role-for-service-accounts-eks"
  version = "5.37.1"
}

module "private" {
  source  = "app.terraform.io/acme/bucket/aws"
  version = "~> 2.3"
}

module "github" {
  source = "github.com/acme/modules//queue?ref=v1.9.0"
}

module "github_ssh" {
  source = "git@github.com:acme/terraform-tags.git?ref=0.11.2"
}

module "github_without_ref" {
  source = "github.com/acme/modules//topic"
}

module "tag_in_directory" {
  source = "git::https://github.com/acme/monorepo.git//modules/bucket?depth=1&ref=modules/bucket/v1.4.0"
}

module "tag_with_prefix" {
  source = "git::ssh://git@github.com/acme/monorepo.git//modules/dns?ref=dns-v0.2.0&depth=1"
}

module "commit" {
  source = "git::https://github.com/acme/modules.git?ref=a1b2c3d4e5f60718293a4b5c6d7e8f9012345678"
}

module "commit_with_tag" {
  source = "git::https://github.com/acme/modules.git//mail?ref=0f1e2d3c4b5a69788796a5b4c3d2e1f001234567" # v2.3.1
}

module "branch" {
  source = "git::https://github.com/acme/modules.git?ref=next"
}

module "gitlab" {
  source = "git::https://gitlab.com/acme/infra/modules.git//vpc?ref=3.1.0"
}

module "bitbucket" {
  source = "git::ssh://git@bitbucket.org/acme/modules.git?ref=v4.0.0"
}

module "azure" {
  source = "git::git@ssh.dev.azure.com:v3/acme/platform/modules//vnet?ref=1.0.5"
}

module "oci" {
  source = "oci://ghcr.io/acme/modules/cache?tag=0.7.0"
}

module "zip" {
  source = "https://artifacts.example.com/modules/vpc-2.0.0.zip"
}

module "bucket" {
  source = "s3::https://s3-eu-central-1.amazonaws.com/acme-modules/vpc.tar.gz?versionId=1"
}

module "local" {
  source = "../../modules/network"
}

module "blueprint" {
  source  = "aws-ia/eks-blueprints-addon/aws"
  version = "1.1.1"

  chart         = "velero"
  chart_version = "6.0.0"
  repository    = "https://vmware-tanzu.github.io/helm-charts"
}

module "archive" {
  source = "https://github.com/acme/network/archive/refs/tags/v2.3.0.zip//network-2.3.0"
}

module "other_archive" {
  source = "https://downloads.example.com/network-2.3.0.zip"
}

module "cluster" {
  source          = "terraform-aws-modules/eks/aws"
  version         = "20.24.0"
  cluster_version = "1.30"

  cluster_addons = {
    coredns = { addon_version = "v1.11.1-eksbuild.9" }
  }
}
