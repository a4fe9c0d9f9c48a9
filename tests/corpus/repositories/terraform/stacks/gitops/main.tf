resource "argocd_application" "web" {
  metadata {
    name = "web"
  }
  spec {
    source {
      repo_url        = "https://charts.example.com"
      chart           = "web"
      target_revision = "4.5.6"
      helm {
        parameter {
          name  = "image.repository"
          value = "ghcr.io/acme/web"
        }
        parameter {
          name  = "image.tag"
          value = "2.0.1"
        }
      }
    }
    source {
      repo_url        = "https://github.com/acme/gitops.git"
      path            = "apps/web"
      target_revision = "main"
    }
    source {
      repo_url        = "https://github.com/acme/bases.git"
      path            = "web"
      target_revision = "v1.3.0"
    }
  }
}

resource "flux_bootstrap_git" "this" {
  path    = "clusters/main"
  version = "v2.2.3"
}

resource "tfe_workspace" "main" {
  name              = "main"
  terraform_version = "1.7.5"
}

resource "helm_release" "pinned_by_hand" {
  repository = "https://charts.example.com"
  chart      = "pinned"
  version    = "1.0.0" # renovate: ignore
}
