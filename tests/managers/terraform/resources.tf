locals {
  redis_tag = "7.2.4-alpine"
}

variable "chart_version" {
  type    = string
  default = "4.10.0"
}

variable "no_default" {}

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
