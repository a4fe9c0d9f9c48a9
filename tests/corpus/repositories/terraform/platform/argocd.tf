resource "helm_release" "argocd" {
  name             = "argocd"
  repository       = "https://argoproj.github.io/argo-helm"
  chart            = "argo-cd"
  version          = local.argo_version
  create_namespace = true

  values = [
    file("${path.module}/values/argocd.yaml"),
    <<-YAML
    global:
      image:
        repository: quay.io/argoproj/argocd
        tag: v2.10.4
    redis:
      image:
        repository: ${var.registry}/redis
        tag: 7.2.4-alpine
    configs:
      params:
        server.insecure: true
        enabled: ${var.enabled}
    YAML
  ]

  set {
    name  = "dex.image.repository"
    value = "ghcr.io/dexidp/dex"
  }

  set {
    name  = "dex.image.tag"
    value = "v2.38.0"
  }

  set {
    name  = "notifications.image.tag"
    value = "v2.10.4"
  }
}

module "eks" {
  source  = "terraform-aws-modules/eks/aws"
  version = "~> ${local.versions.eks}"
}
