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

/*
module "commented" {
  source  = "terraform-aws-modules/vpc/aws"
  version = "1.1.1"
}
*/

locals {
  eks_version = "20.2.1"
  redis_tag   = "7.2.4-alpine"
  computed    = join(".", ["1", "2"])
  document    = <<-EOT
    module "in_a_heredoc" {
      source  = "terraform-aws-modules/vpc/aws"
      version = "2.2.2"
    }
  EOT
}

variable "chart_version" {
  type    = string
  default = "4.10.0"
}

variable "no_default" {}

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

resource "helm_release" "ingress" {
  name       = "ingress-nginx"
  repository = "https://kubernetes.github.io/ingress-nginx"
  chart      = "ingress-nginx"
  version    = var.chart_version

  set {
    name  = "controller.replicaCount"
    value = "2"
  }
}

resource "helm_release" "oci_repository" {
  repository = "oci://ghcr.io/acme/charts"
  chart      = "web"
  version    = "1.4.0"
}

resource "helm_release" "oci_chart" {
  chart   = "oci://registry.example.com:5000/charts/api"
  version = "0.3.1"
}

resource "helm_release" "local" {
  chart   = "./charts/local"
  version = "0.1.0"
}

resource "helm_release" "module_path" {
  chart = "${path.module}/charts/local"
}

resource "helm_release" "no_repository" {
  chart   = "stable/redis"
  version = "10.5.7"
}

resource "helm_release" "alias" {
  chart      = "redis"
  repository = "bitnami"
  version    = "19.0.1"
}

resource "helm_release" "variable_repository" {
  chart      = "redis"
  repository = var.no_default
  version    = "19.0.2"
}

resource "helm_release" "unversioned" {
  chart      = "redis"
  repository = "https://charts.example.com"
}

resource "docker_image" "web" {
  name = "nginx:1.25.3"
}

resource "docker_image" "built" {
  name = "acme/built:1.0.0"
  build {
    context = "."
  }
}

resource "docker_container" "web" {
  image = docker_image.web.image_id
}

resource "docker_container" "cache" {
  image = "redis:${local.redis_tag}"
}

resource "docker_service" "web" {
  task_spec {
    container_spec {
      image = "localhost:5000/acme/web:2.1.0@sha256:9ffd9d6b964a3d8a09108a130149201c8a46024aef9dc86889b054a5932c2bd8"
    }
  }
}

data "docker_registry_image" "ubuntu" {
  name = "ubuntu:22.04"
}

resource "kubernetes_deployment_v1" "web" {
  metadata {
    name = "image"
  }
  spec {
    template {
      spec {
        init_container {
          image = "busybox:1.36.1"
        }
        container {
          name  = "web"
          image = "ghcr.io/acme/web:v1.2.3"
        }
        dynamic "container" {
          for_each = var.sidecars
          content {
            image = "ghcr.io/acme/sidecar:${container.value}"
          }
        }
      }
    }
  }
}

resource "kubernetes_manifest" "job" {
  manifest = {
    apiVersion = "batch/v1"
    kind       = "Job"
    spec = { template = { spec = {
      containers = [
        { name = "migrate", image = "ghcr.io/acme/migrate:0.9.1" }, # first
        { name = "seed", image = "ghcr.io/acme/seed" },
      ]
    } } }
  }
}

resource "tfe_workspace" "main" {
  name              = "main"
  terraform_version = "1.7.5"
}

resource "aws_instance" "not_read" {
  version = "9.9.9"
}
