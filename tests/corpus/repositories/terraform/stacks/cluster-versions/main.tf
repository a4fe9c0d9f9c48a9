variable "cluster_version" {
  type    = string
  default = "1.30"
}

locals {
  kubernetes_version = "1.30"
  unrelated_version  = "2.0"
}

resource "helm_release" "archived" {
  name  = "archived"
  chart = "https://github.com/acme/charts/releases/download/agent-1.2.3/agent-1.2.3.tgz"
}
