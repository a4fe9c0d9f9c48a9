provider "google" {
  version = "~> 3.90"
  project = "acme"
}

terraform {
  required_version = ">= 0.12, < 0.15"
}

resource "helm_release" "stable" {
  chart   = "stable/nginx-ingress"
  version = "1.41.3"
}

data "helm_repository" "incubator" {
  name = "incubator"
  url  = "https://charts.helm.sh/incubator"
}
