# Versions that count as long as nobody says anything else.
variable "versions" {
  type    = map(string)
  default = {}
}

variable "image" {
  type    = string
  default = ""
}

locals {
  web_tag    = try(var.versions.web, "1.27.0")
  api_image  = lookup(var.images, "api", "ghcr.io/acme/api:2.0.1")
  edge_image = var.image != "" ? var.image : "envoyproxy/envoy:v1.30.1"
}

resource "helm_release" "looked_up" {
  name       = "cert-manager"
  repository = "https://charts.jetstack.io"
  chart      = "cert-manager"
  version    = lookup(var.versions, "cert-manager", "v1.15.1")
}

resource "helm_release" "first_of_several" {
  name       = "loki"
  repository = "https://grafana.github.io/helm-charts"
  chart      = "loki"
  version    = coalesce(lookup(var.versions, "loki", null), "6.6.4")
}

resource "helm_release" "conditional" {
  name       = "tempo"
  repository = "https://grafana.github.io/helm-charts"
  chart      = "tempo"
  version    = var.tempo_version == null ? "1.10.1" : var.tempo_version
}

resource "helm_release" "one_of_two" {
  name       = "mimir"
  repository = "https://grafana.github.io/helm-charts"
  chart      = "mimir-distributed"
  version    = var.environment == "production" ? "5.3.0" : "5.4.0"
}

resource "kubernetes_deployment" "web" {
  metadata { name = "web" }
  spec {
    template {
      spec {
        container {
          name  = "web"
          image = "nginx:${local.web_tag}"
        }
        container {
          name  = "cache"
          image = "redis:${lookup(var.versions, "redis", "7.2.5")}"
        }
        container {
          name  = "queue"
          image = "rabbitmq:${var.rabbitmq != "" ? var.rabbitmq : "3.13.3"}"
        }
        container {
          name  = "probe"
          image = try(var.probe.image, "busybox:1.36.1")
        }
      }
    }
  }
}
