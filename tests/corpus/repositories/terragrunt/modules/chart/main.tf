variable "chart_version" {}

resource "helm_release" "queue" {
  repository = "https://charts.example.com"
  chart      = "queue"
  version    = var.chart_version
}
