locals {
  versions = {
    loki     = "5.47.2"
    "argocd" = "6.7.3"
    eks      = "20.8"
  }

  charts = {
    tempo = {
      repository = "https://grafana.github.io/helm-charts"
      version    = "1.7.2"
    }
    mimir-distributed = {
      repository = "https://grafana.github.io/helm-charts"
      version    = "5.2.3"
    }
  }

  argo_version = local.versions["argocd"]
}
