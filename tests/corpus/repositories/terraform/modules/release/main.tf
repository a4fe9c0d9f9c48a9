# A wrapper that every team uses: all of it comes from the caller.
variable "name" { type = string }

variable "repository" {
  type        = string
  description = "e.g. https://charts.example.com"
}

variable "chart_version" {
  type    = string
  default = null
}

resource "helm_release" "this" {
  name       = var.name
  repository = var.repository
  chart      = var.name
  version    = var.chart_version
}
