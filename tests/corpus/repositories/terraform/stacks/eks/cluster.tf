resource "aws_eks_cluster" "main" {
  name    = "main"
  version = "1.29"
}

resource "aws_eks_addon" "cni" {
  cluster_name  = aws_eks_cluster.main.name
  addon_name    = "vpc-cni"
  addon_version = "v1.16.4-eksbuild.2"
}

resource "aws_eks_node_group" "main" {
  version = aws_eks_cluster.main.version
}

resource "aws_db_instance" "main" {
  engine_version = "15.4"
}

resource "helm_release" "karpenter" {
  repository          = "oci://public.ecr.aws/karpenter"
  repository_username = data.aws_ecrpublic_authorization_token.token.user_name
  chart               = "karpenter"
  version             = "v0.35.2"

  values = [yamlencode({
    settings = { clusterName = aws_eks_cluster.main.name }
    controller = {
      image = {
        repository = "public.ecr.aws/karpenter/controller"
        tag        = "0.35.2"
      }
    }
    webhook = { image = "public.ecr.aws/karpenter/webhook:${local.webhook_tag}" }
    replicas = 2
  })]
}

resource "helm_release" "autoscaler" {
  repository = "https://kubernetes.github.io/autoscaler"
  chart      = "cluster-autoscaler"
  version    = "9.36.0"

  set = [
    { name = "image.repository", value = "registry.k8s.io/autoscaling/cluster-autoscaler" },
    { name = "image.tag", value = "v1.29.0" },
    { name = "extraArgs.v", value = "4" },
  ]
}

data "helm_template" "crds" {
  repository = "https://prometheus-community.github.io/helm-charts"
  chart      = "prometheus-operator-crds"
  version    = "10.0.0"
}

locals {
  webhook_tag = "0.35.1"
}

resource "kubectl_manifest" "exporter" {
  yaml_body = <<YAML
apiVersion: apps/v1
kind: DaemonSet
metadata:
  name: exporter
spec:
  template:
    spec:
      initContainers:
        - name: wait
          image: busybox:1.36.1
      containers:
        - name: exporter
          image: quay.io/prometheus/node-exporter:v1.7.0
          args: [--path=${path.module}, --web]
        - {name: side, image: "${local.side_image}"}
YAML
}

locals {
  side_image = "ghcr.io/acme/side:2.3.4"
}

resource "kubernetes_manifest" "root_app" {
  manifest = {
    apiVersion = "argoproj.io/v1alpha1"
    kind       = "Application"
    spec = {
      source = {
        repoURL        = "https://charts.bitnami.com/bitnami"
        chart          = "redis"
        targetRevision = "18.19.4"
      }
    }
  }
}

resource "kubernetes_manifest" "from_yaml" {
  manifest = yamldecode(<<-EOT
    apiVersion: v1
    kind: Pod
    spec:
      containers:
        - name: shell
          image: alpine:3.19.1
  EOT
  )
}

resource "kubernetes_cron_job_v1" "backup" {
  spec {
    job_template {
      spec {
        template {
          spec {
            container {
              name  = "backup"
              image = "${local.registry}/backup:${local.backup_version}"
            }
          }
        }
      }
    }
  }
}

locals {
  registry       = "ghcr.io/acme"
  backup_version = "0.14.2"
}
