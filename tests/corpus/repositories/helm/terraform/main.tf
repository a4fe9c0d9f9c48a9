resource "helm_release" "traefik" {
  name       = "traefik"
  repository = "https://traefik.github.io/charts"
  chart      = "traefik"
  version    = "30.0.2"
  values     = [file("${path.module}/config/traefik-${var.environment}.yaml")]
}
