locals {
  jetstack = "https://charts.jetstack.io"
}

resource "helm_release" "cert_manager" {
  name       = "cert-manager"
  repository = local.jetstack
  chart      = "cert-manager"
  version    = var.cert_manager_version

  set {
    name  = "installCRDs"
    value = "true"
  }
}

resource "helm_release" "external_dns" {
  repository = "https://kubernetes-sigs.github.io/external-dns/"
  chart      = "external-dns"
  version    = var.external_dns_version
}

resource "helm_release" "metrics_server" {
  count      = var.metrics_server.enabled ? 1 : 0
  repository = "https://kubernetes-sigs.github.io/metrics-server/"
  chart      = "metrics-server"
  version    = var.metrics_server.chart_version
}

resource "helm_release" "unset" {
  repository = "https://charts.example.com"
  chart      = "unset"
  version    = var.unset_version
}
