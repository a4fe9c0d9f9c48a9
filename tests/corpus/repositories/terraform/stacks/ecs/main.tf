resource "aws_ecs_task_definition" "web" {
  family = "web"
  container_definitions = jsonencode([
    {
      name      = "nginx"
      image     = "nginx:1.25.4-alpine"
      essential = true
    },
    {
      name  = "app"
      image = "${aws_ecr_repository.app.repository_url}:${var.app_version}"
    },
    {
      name  = "agent"
      image = format("public.ecr.aws/datadog/agent:%s", var.agent_version)
    },
  ])
}

resource "aws_ecs_task_definition" "json" {
  container_definitions = <<DEFINITION
[{"name": "redis", "image": "redis:7.2.4", "memory": 256}]
DEFINITION
}

resource "google_cloud_run_v2_service" "api" {
  template {
    containers {
      image = "us-docker.pkg.dev/cloudrun/container/hello:1.4.0"
    }
  }
}

resource "azurerm_container_group" "proxy" {
  container {
    name  = "proxy"
    image = "envoyproxy/envoy:v1.29.2"
  }
}

resource "docker_image" "postgres" {
  name = "postgres:16.2@sha256:9ffd9d6b964a3d8a09108a130149201c8a46024aef9dc86889b054a5932c2bd8"
}

resource "docker_container" "postgres" {
  image = docker_image.postgres.image_id
}

variable "agent_version" {
  default = "7.52.0"
}

variable "app_version" {}

resource "aws_instance" "not_an_image" {
  ami   = "ami-0c55b159cbfafe1f0"
  image = "should-not:1.0.0"
  tags  = { Version = "1.2.3" }
}
