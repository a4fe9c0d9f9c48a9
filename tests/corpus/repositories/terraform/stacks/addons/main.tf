# The add-ons of the shared cluster.
module "addons" {
  source  = "aws-ia/eks-blueprints-addons/aws"
  version = "~> 1.16"

  cluster_name = local.cluster

  enable_karpenter = true
  karpenter = {
    chart_version = "0.37.0"
  }

  helm_releases = {
    gatekeeper = {
      chart         = "gatekeeper"
      chart_version = "3.16.3"
      repository    = "https://open-policy-agent.github.io/gatekeeper/charts"
      values = [<<-EOT
        image:
          repository: openpolicyagent/gatekeeper
        postInstall:
          image:
            repository: registry.example.com/mirror/gatekeeper-crds
            tag: v3.16.3
      EOT
      ]
    }
  }
}

module "worker" {
  source = "git::https://github.com/acme/terraform-ecs-worker.git?ref=tags/0.25.0"

  container_image = "public.ecr.aws/acme/worker:2.11.0"
  build_image     = "aws/codebuild/standard:7.0"
  base_image      = "ubuntu/images/hvm-ssd/ubuntu-jammy-22.04-amd64-server-*"
  sidecars = {
    log_router = { image = var.log_router_image }
  }
}

data "http" "gateway_crds" {
  url = "https://github.com/kubernetes-sigs/gateway-api/releases/download/v1.1.0/standard-install.yaml"
}

data "http" "policies" {
  url = "https://raw.githubusercontent.com/acme/policies/main/all.yaml"
}

resource "aws_lambda_function" "report" {
  function_name = "report"
  package_type  = "Image"
  image_uri     = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/report:1.8.2"
}

resource "aws_batch_job_definition" "backup" {
  name = "backup"
  type = "container"
  container_properties = jsonencode({
    image   = "restic/restic:0.16.4"
    command = ["backup", "/data"]
  })
}
