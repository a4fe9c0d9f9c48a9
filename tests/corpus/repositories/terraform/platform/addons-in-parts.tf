module "metrics_server" {
  source             = "acme/metrics-server/aws"
  version            = "1.0.0"
  helm_chart_name    = "metrics-server"
  helm_chart_repo    = "https://kubernetes-sigs.github.io/metrics-server/"
  helm_chart_version = "3.12.1"
}

module "chosen" {
  source        = "acme/chosen/aws"
  version       = "1.1.0"
  chart_version = "4.5.6"
}

variable "k3s_release" {
  default = "v1.30.2+k3s1"
}

resource "null_resource" "crds" {
  provisioner "local-exec" {
    command = "kubectl apply -f https://github.com/cert-manager/cert-manager/releases/download/v1.15.1/cert-manager.crds.yaml"
  }
}
