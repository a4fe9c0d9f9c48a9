module "addons" {
  source = "../modules/addons"

  external_dns_version = "1.14.3"
}

module "grafana" {
  source        = "../modules/release"
  name          = "grafana"
  repository    = "https://grafana.github.io/helm-charts"
  chart_version = "7.3.7"
}

module "loki" {
  source        = "${path.module}/../modules/release"
  name          = "loki"
  repository    = "oci://ghcr.io/acme/charts"
  chart_version = local.versions.loki
}

module "charts" {
  source   = "../modules/release"
  for_each = local.charts

  name          = each.key
  repository    = each.value.repository
  chart_version = each.value.version
}

module "vpc" {
  source  = "terraform-aws-modules/vpc/aws"
  version = var.vpc_module_version
}
