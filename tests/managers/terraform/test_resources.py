"""What resources of a Terraform configuration deploy."""

import pytest

from managers import terraform
from tests.managers.terraform.together import dependencies, found, skipped
from updater.api import SourceFile

CHART = """
resource "helm_release" "a" {{
  repository = "https://a.example.com"
  chart      = "a"
  version    = "1.0.0"
  {}
}}
"""


def tf(text: str, path: str = "main.tf") -> SourceFile:
    return SourceFile(path=path, text=text)


def values(text: str, more: str = "") -> list[tuple[str, str | None]]:
    """The images in the values of a chart."""
    file = tf(CHART.format(text) + more)
    return [(name, value) for _, name, value in found(terraform, file) if name != "a"]


@pytest.mark.parametrize(
    "text",
    [
        "values = [<<EOT\nimage:\n  repository: acme/web\n  tag: 1.2.3\nEOT\n]",
        "values = [\n  <<-EOT\n    image:\n      repository: acme/web\n      tag: 1.2.3\n  EOT\n]",
        'values = [yamlencode({ image = { repository = "acme/web", tag = "1.2.3" } })]',
        'values = [file("a.yaml"), jsonencode({ "image" : { "repository" : "acme/web", "tag" : "1.2.3" } })]',
        'values = concat([yamlencode({ image = { repository = "acme/web", tag = "1.2.3" } })], var.more)',
        'set {\n name = "image.repository"\n value = "acme/web"\n}\nset {\n name = "image.tag"\n value = "1.2.3"\n}',
        'set = [{ name = "image.repository", value = "acme/web" }, { name = "image.tag", value = "1.2.3" }]',
        "values = [local.values]",
        "values = [yamlencode(local.object)]",
        "values = [<<EOT\nweb: [${var.x}]\n${var.more}\n%{ if var.y }\nimage: acme/web:1.2.3\n%{ endif }\nEOT\n]",
        'values = [<<EOT\nimage:\n  repository: ${local.name}\n  tag: "${local.tag}"\nEOT\n]',
    ],
)
def test_images_in_values(text: str) -> None:
    """Images are found in values of every form, with what locals say put in."""
    more = 'locals {\n  name = "acme/web"\n  tag = "1.2.3"\n  values = <<EOT\nimage: acme/web:1.2.3\nEOT\n}\n'
    more += "locals { object = { image = { name = local.name, tag = local.tag } } }\n"
    assert values(text, more) == [("acme/web", "1.2.3")]


def test_a_tag_of_an_unknown_image() -> None:
    """A tag whose repository the chart decides is listed."""
    file = tf(CHART.format('set {\n  name = "image.tag"\n  value = "1.2.3"\n}'))
    assert [reason for *_, reason in skipped(terraform, file)] == ["image repository unknown"]


def test_a_setting_without_end() -> None:
    """A setting whose name is a path of absurd depth is passed over."""
    file = tf(CHART.format('set {\n  name = "' + "a." * 5_000 + 'tag"\n  value = "1.2.3"\n}'))
    assert skipped(terraform, file) == []


def test_spans_in_values_are_places_in_the_file() -> None:
    """A version inside YAML inside a configuration is edited where it stands."""
    file = tf(CHART.format('values = [<<EOT\nimage:\n  repository: acme/web\n  tag: "1.2.3"\nEOT\n]'))
    (_, image) = dependencies(terraform, file)
    assert image.span is not None
    assert file.text[image.span.start - 1 : image.span.end + 1] == '"1.2.3"'


CHART_PLACES = (
    """
resource "kubectl_manifest" "a" {
  yaml_body = <<EOT
kind: A
---
spec:
  source:
    repoURL: https://charts.example.com
    chart: web
    targetRevision: 1.2.3
EOT
}
""",
    """
resource "kubernetes_manifest" "a" {
  manifest = {
    spec = {
      source = { repoURL = "https://charts.example.com", chart = "web", targetRevision = "1.2.3" }
    }
  }
}
""",
    """
data "helm_template" "a" {
  repository = "https://charts.example.com"
  chart      = "web"
  version    = "1.2.3"
}
""",
    """
module "a" {
  source        = "github.com/acme/addon"
  repository    = "https://charts.example.com"
  chart         = "web"
  chart_version = "1.2.3"
}
""",
)
IMAGE_PLACES = (
    """
resource "kubectl_manifest" "a" {
  yaml_body = <<-EOT
    spec:
      containers:
      - image: web:1.2.3
  EOT
}
""",
    """
resource "kubernetes_manifest" "a" {
  manifest = yamldecode(<<EOT
spec:
  containers:
  - image: web:1.2.3
EOT
  )
}
""",
    """
resource "aws_ecs_task_definition" "a" {
  container_definitions = jsonencode([{ name = "a", image = "web:1.2.3" }])
}
""",
    """
resource "aws_ecs_task_definition" "a" {
  container_definitions = <<EOT
[{"image": "web:1.2.3"}]
EOT
}
""",
    """
resource "google_cloud_run_v2_service" "a" {
  template {
    containers {
      image = "web:1.2.3"
    }
  }
}
""",
    """
resource "azurerm_container_group" "a" {
  container {
    image = format("%s:%s", local.name, local.tag)
  }
}
locals {
  name = "web"
  tag  = "1.2.3"
}
""",
)


@pytest.mark.parametrize("text", [*CHART_PLACES, *IMAGE_PLACES])
def test_places(text: str) -> None:
    """Charts and images are found wherever a resource has them."""
    assert [(name, value) for _, name, value in found(terraform, tf(text))] == [("web", "1.2.3")]


def test_flux() -> None:
    """The version of Flux that a cluster is bootstrapped with follows its releases."""
    text = 'resource "flux_bootstrap_git" "a" {\n  version = "v2.2.0"\n}\n'
    assert found(terraform, tf(text)) == [(2, "fluxcd/flux2", "v2.2.0")]


def test_argocd_applications() -> None:
    """Charts and tags in the sources of an application are found, and the images that its parameters set."""
    text = """
resource "argocd_application" "a" {
  spec {
    source {
      repo_url        = "https://charts.example.com"
      chart           = "web"
      target_revision = "1.2.3"
      helm {
        parameter {
          name  = "image.repository"
          value = "acme/web"
        }
        parameter {
          name  = "image.tag"
          value = "4.5.6"
        }
      }
    }
    source {
      repo_url        = "registry.example.com/charts"
      chart           = "api"
      target_revision = "2.3.4"
    }
    source {
      repo_url        = "https://github.com/acme/bases.git"
      target_revision = "v3.4.5"
    }
    source {
      repo_url        = "https://github.com/acme/bases"
      target_revision = "HEAD"
    }
  }
}
"""
    assert [
        (item.package.datasource, item.package.name, item.current_value) for item in dependencies(terraform, tf(text))
    ] == [
        ("helm", "web", "1.2.3"),
        ("docker", "acme/web", "4.5.6"),
        ("docker", "registry.example.com/charts/api", "2.3.4"),
        ("github-tags", "acme/bases", "v3.4.5"),
    ]
    assert skipped(terraform, tf(text)) == [(30, "acme/bases", "follows a branch")]


@pytest.mark.parametrize(
    "text",
    [
        'resource "aws_instance" "a" {\n  image = "nginx:1.25"\n  version = "1.0.0"\n}\n',
        'resource "helm_release" "a" {\n  chart = "../charts/a"\n  version = "1.0.0"\n}\n',
        'resource "docker_container" "a" {\n  image = docker_image.a.image_id\n}\n',
        'terraform {\n  backend "s3" {\n    key = "v1.2.3"\n  }\n  cloud {\n    organization = "v1.2.3"\n  }\n}\n',
        'resource "kubernetes_secret" "a" {\n  data = { version = "1.2.3" }\n}\n',
    ],
)
def test_no_versions(text: str) -> None:
    """What only looks like a version, or stands elsewhere, is passed over."""
    assert found(terraform, tf(text)) == []
    assert skipped(terraform, tf(text)) == []


def test_managed_services() -> None:
    """The versions of managed services are listed: no registry knows others."""
    text = """
resource "aws_eks_addon" "a" {
  addon_name = "vpc-cni"
  addon_version = "v1.16.4-eksbuild.2"
}
resource "aws_rds_cluster" "a" {
  engine_version = "16.1"
}
module "eks" {
  source          = "terraform-aws-modules/eks/aws"
  version         = "20.0.0"
  cluster_version = "1.30"
  cluster_addons  = { coredns = { addon_version = "v1.11.1-eksbuild.4" } }
}
"""
    assert skipped(terraform, tf(text)) == [
        (4, "vpc-cni", "no registry lists these versions"),
        (7, "aws_rds_cluster", "no registry lists these versions"),
        (12, "eks", "no registry lists these versions"),
        (13, "cluster_addons", "no registry lists these versions"),
    ]


def test_talos() -> None:
    """The versions of Talos and Kubernetes follow their releases, whose tags have a v."""
    text = """
data "talos_machine_configuration" "a" {
  talos_version      = "v1.8.3"
  kubernetes_version = "1.31.2"
}
"""
    talos, kubernetes = dependencies(terraform, tf(text))
    assert (talos.package.name, talos.current_value, talos.extract_version) == ("siderolabs/talos", "v1.8.3", None)
    assert (kubernetes.package.name, kubernetes.current_value) == ("kubernetes/kubernetes", "1.31.2")
    assert kubernetes.extract_version == "^v(?P<version>.+)$"


def test_images_of_other_resources() -> None:
    """An argument called an image is one where clusters are made of containers."""
    text = 'resource "kind_cluster" "a" {\n  node_image = "kindest/node:v1.30.0"\n}\n'
    assert found(terraform, tf(text)) == [(2, "kindest/node", "v1.30.0")]


def test_json_syntax() -> None:
    """A configuration in JSON has the same versions as one in native syntax."""
    text = """{
  "//": "generated",
  "terraform": [{
    "required_version": ">= 1.5",
    "required_providers": {"aws": {"source": "hashicorp/aws", "version": "5.1.0"}}
  }],
  "module": {"vpc": {"source": "terraform-aws-modules/vpc/aws", "version": "5.5.1"}},
  "resource": {"helm_release": {"web": [{
    "chart": "web", "repository": "https://a.example.com", "version": "${local.web}"
  }]}},
  "locals": {"web": "1.2.3", "number": 7}
}
"""
    assert found(terraform, tf(text, "main.tf.json")) == [
        (4, "hashicorp/terraform", ">= 1.5"),
        (5, "aws", "5.1.0"),
        (7, "terraform-aws-modules/vpc/aws", "5.5.1"),
        (11, "web", "1.2.3"),
    ]


def test_broken_json() -> None:
    """A file that is no JSON is listed as a whole."""
    ((line, _, reason),) = skipped(terraform, tf('{"module": {"a": [}', "main.tf.json"))
    assert line == 1
    assert reason.startswith("syntax error in line 1")
