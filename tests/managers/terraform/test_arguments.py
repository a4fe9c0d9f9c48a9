"""Images and charts that the names of arguments tell, whoever takes them."""

import pytest

from managers import terraform, terragrunt
from tests.managers.terraform.together import found, skipped
from updater.api import Dependency, Skipped, SourceFile


def tf(text: str, path: str = "main.tf") -> SourceFile:
    return SourceFile(path=path, text=text)


@pytest.mark.parametrize(
    "text",
    [
        'module "m" {\n  source = "./m"\n  container_image = "acme/web:1.0"\n}\n',
        'module "m" {\n  source = "./m"\n  definitions = { web = { image = "acme/web:1.0" } }\n}\n',
        'module "m" {\n  source = "./m"\n  list = {\n    (local.x) = {\n      image = "acme/web:1.0"\n    }\n  }\n}\n',
        'module "m" {\n  source = "./m"\n  definitions = { "${local.x["a"]}-b" = { image = "acme/web:1.0" } }\n}\n',
        'module "m" {\n  source = "./m"\n  containers = [{ image = "acme/web:1.0" }]\n}\n',
        'locals {\n  web_image = "acme/web:1.0"\n}\n',
        'locals {\n  images = { web = "acme/web:1.0" }\n}\n',
        'locals {\n  images = ["acme/web:1.0"]\n}\n',
        'variable "image_name" {\n  type = string\n  default = "acme/web:1.0"\n}\n',
        'variable "images" {\n  default = {\n    web = "acme/web:1.0"\n  }\n}\n',
        'resource "aws_lambda_function" "f" {\n  image_uri = "acme/web:1.0"\n}\n',
        'resource "azurerm_linux_web_app" "a" {\n  stack {\n    docker_image_name = "acme/web:1.0"\n  }\n}\n',
        'resource "aws_batch_job_definition" "b" {\n  container_properties = jsonencode({ image = "acme/web:1.0" })\n}',
    ],
)
def test_images(text: str) -> None:
    """A text with a tag under a name that ends in ``image`` is an image, at any depth."""
    assert [(name, value) for _, name, value in found(terraform, tf(text))] == [("acme/web", "1.0")]


@pytest.mark.parametrize(
    "expression",
    [
        'lookup(var.images, "web", "acme/web:1.0")',
        'coalesce(var.image, "acme/web:1.0")',
        'try(var.images.web, local.nothing, "acme/web:1.0")',
        'var.image != "" ? var.image : "acme/web:1.0"',
        'var.image == null ? "acme/web:1.0" : var.image',
        '"${var.image != null ? var.image : "acme/web:1.0"}"',
        '"${coalesce(var.image, "acme/web:1.0")}"',
        '"acme/web:${lookup(var.tags, "web", "1.0")}"',
        '"acme/web:${var.tag == "" ? "1.0" : var.tag}"',
    ],
)
def test_fallbacks(expression: str) -> None:
    """What counts as long as nobody says anything else is the version."""
    text = f"locals {{\n  web_image = {expression}\n}}\n"
    assert found(terraform, tf(text)) == [(2, "acme/web", "1.0")]


@pytest.mark.parametrize(
    "expression",
    [
        'var.stage == "prod" ? "acme/web:1.0" : "acme/web:1.1"',
        'var.stage == "prod" ? (var.a ? "acme/web:1.0" : "acme/web:1.2") : "acme/web:1.1"',
        'var.a ? var.b ? "acme/web:1.0" : "acme/web:1.2" : "acme/web:1.1"',
        'replace("acme/web:1.0", "a", "b")',
    ],
)
def test_no_fallbacks(expression: str) -> None:
    """Where several values may count, or a function changes it, nothing is guessed."""
    assert found(terraform, tf(f"locals {{\n  web_image = {expression}\n}}\n")) == []


def test_images_put_together() -> None:
    """What an image refers to moves where it is written; what is not known is passed over."""
    text = (
        'variable "tag" {\n  default = "1.0"\n}\nlocals {\n  image = "acme/web:${var.tag}"\n'
        '  other_image = "acme/other:${var.unknown}"\n}\n'
    )
    assert found(terraform, tf(text)) == [(2, "acme/web", "1.0")]
    assert skipped(terraform, tf(text)) == []


@pytest.mark.parametrize(
    "value",
    [
        "ubuntu/images/hvm-ssd/ubuntu-jammy-22.04-amd64-server-*",
        "Canonical:0001-com-ubuntu-server-jammy:22_04-lts:latest",
        "projects/debian-cloud/global/images/family/debian-12",
        "https://example.com:8080/logo",
        "local:iso/debian.iso",
        "aws/codebuild/standard:7.0",
        "images/logo.png",
        "${aws_ecr_repository.web.repository_url}:1.0",
        "",
    ],
)
def test_other_images(value: str) -> None:
    """Images of machines and pictures, and what a resource names, are left alone."""
    text = f'module "m" {{\n  source = "./m"\n  base_image = "{value}"\n}}\nlocals {{\n  image = "{value}"\n}}\n'

    assert list(terraform.extract(tf(text))) == [clue for clue in terraform.extract(tf(text)) if clue.kind == "call"]  # type: ignore[union-attr]


CHART = """{
    name          = "metrics"
    chart         = "metrics-server"
    repository    = "https://charts.example.com"
    chart_version = "3.12.0"
    values        = [yamlencode({ image = { repository = "acme/metrics", tag = "0.7" } })]
  }
"""


@pytest.mark.parametrize(
    "text",
    [
        'module "addons" {{\n  source = "./m"\n  metrics = {}}}\n',
        'module "addons" {{\n  source = "./m"\n  releases = {{ metrics = {}  }}\n}}\n',
        "locals {{\n  charts = [{}]\n}}\n",
        'variable "charts" {{\n  default = {}}}\n',
    ],
)
def test_charts(text: str) -> None:
    """An object with a chart, its repository and its version is a chart, with the images in its values."""
    rows = found(terraform, tf(text.format(CHART)))

    assert [(name, value) for _, name, value in rows] == [("metrics-server", "3.12.0"), ("acme/metrics", "0.7")]
    assert rows == found(terraform, tf(text.format(CHART.replace("chart_version", "version"))))


def test_a_chart_that_a_module_knows() -> None:
    """A version of a chart without its name is listed; an object that just has a ``chart`` is no chart of Helm."""
    text = (
        'module "addons" {\n  source = "./m"\n  karpenter = {\n    chart_version = "0.37.0"\n  }\n'
        '  panel = { chart = "bar", version = "2" }\n}\n'
    )
    assert found(terraform, tf(text)) == []
    assert skipped(terraform, tf(text)) == [(4, "karpenter", "the module decides which chart this is")]


def test_values_of_a_module_for_one_chart() -> None:
    """A module that is given a chart is given its values, too."""
    text = (
        'module "gatekeeper" {\n  source = "a/b/c"\n  version = "1.1.0"\n  chart = "gatekeeper"\n'
        '  chart_version = "3.16.3"\n  repository = "https://charts.example.com"\n'
        "  values = [<<-EOT\n    image:\n      repository: acme/gatekeeper\n      tag: v3.16.3\n  EOT\n  ]\n}\n"
    )
    assert found(terraform, tf(text)) == [
        (3, "a/b/c", "1.1.0"),
        (5, "gatekeeper", "3.16.3"),
        (10, "acme/gatekeeper", "v3.16.3"),
    ]


def test_variable_files() -> None:
    """The values of variables are read in files of their own."""
    text = 'region = "eu"\nweb_image = "acme/web:1.0"\nrelease = ' + CHART

    rows = found(terraform, tf(text, "env/prod.tfvars"))
    assert rows == [(2, "acme/web", "1.0"), (7, "metrics-server", "3.12.0"), (8, "acme/metrics", "0.7")]


def test_inputs_of_terragrunt() -> None:
    """Inputs and locals of Terragrunt hold images and charts as the arguments of a module do."""
    text = (
        'locals {\n  tag = "1.0"\n  sidecar_image = "acme/sidecar:2.0"\n}\n'
        f'inputs = merge(local.common, {{\n  image = "acme/web:${{local.tag}}"\n  release = {CHART}}})\n'
    )
    rows = found(terragrunt, SourceFile(path="live/terragrunt.hcl", text=text))
    assert {(name, value) for _, name, value in rows} == {
        ("acme/sidecar", "2.0"),
        ("acme/web", "1.0"),
        ("metrics-server", "3.12.0"),
        ("acme/metrics", "0.7"),
    }


def test_files_at_a_forge() -> None:
    """A file that ``http`` fetches from a release or a tag follows its repository; other addresses are left alone."""
    text = "".join(
        f'data "http" "d{number}" {{\n  url = "{url}"\n}}\n'
        for number, url in enumerate(
            (
                "https://github.com/acme/crds/releases/download/v1.2.0/crds.yaml",
                "https://raw.githubusercontent.com/acme/web/v2.0.0/manifests/${local.file}.yaml",
                "https://raw.githubusercontent.com/acme/web/main/install.yaml",
                "https://checkip.example.com/v1.0.0/",
            )
        )
    )
    text += 'locals {\n  file = "install"\n}\n'

    assert found(terraform, tf(text)) == [(2, "acme/crds", "v1.2.0"), (5, "acme/web", "v2.0.0")]
    assert skipped(terraform, tf(text)) == [(8, "acme/web", "follows a branch")]


@pytest.mark.parametrize("ref", ["tags/1.4.0", "refs/tags/1.4.0", "1.4.0"])
def test_full_names_of_tags(ref: str) -> None:
    """The path of a tag among Git's refs is no part of its version."""
    source = f'module "m" {{\n  source = "git::https://github.com/acme/m.git//x?ref={ref}&depth=1"\n}}\n'

    assert found(terraform, tf(source)) == [(2, "github.com/acme/m", "1.4.0")]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("main.tf", 'variable "cluster_version" {\n  default = "1.30"\n}\n'),
        ("main.tf", 'locals {\n  kubernetes_version = "1.30"\n}\n'),
        ("main.tf", 'module "m" {\n  engine_version = "15.4"\n}\n'),
        ("prod.tfvars", '\ncluster_version = "1.30"\n'),
    ],
)
def test_versions_of_managed_services(path: str, text: str) -> None:
    """What only a cloud could list is a row at its place, wherever it is written."""
    assert [(line, reason) for line, _, reason in skipped(terraform, tf(text, path))][-1:] == [
        (2, "no registry lists these versions")
    ]


def test_a_chart_in_an_archive() -> None:
    """A chart that is fetched from an address is a row where the address stands."""
    text = 'resource "helm_release" "a" {\n  name = "a"\n  chart = "https://example.com/a-1.2.3.tgz"\n}\n'

    assert [(line, reason) for line, _, reason in skipped(terraform, tf(text))] == [
        (3, "an archive, which has no list of versions")
    ]


@pytest.mark.parametrize(
    ("arguments", "datasource", "name"),
    [
        ('helm_chart_name = "web"\nhelm_chart_repo = "https://c.example"\nhelm_chart_version = "1.2.3"', "helm", "web"),
        ('chart = "web"\nrepository = "https://c.example"\nchart_version = "1.2.3"', "helm", "web"),
        (
            'helm_chart = "web"\nhelm_repository = "oci://ghcr.io/a"\nhelm_chart_version = "1.2.3"',
            "docker",
            "ghcr.io/a/web",
        ),
        ('chart_name = "oci://ghcr.io/a/web"\nchart_version = "1.2.3"', "docker", "ghcr.io/a/web"),
    ],
)
def test_charts_in_arguments_beside_each_other(arguments: str, datasource: str, name: str) -> None:
    """A module's arguments for a chart, its repository and its version belong together."""
    text = f'module "m" {{\n  source = "./m"\n{arguments}\n}}\n'
    (item,) = [row for row in terraform.extract(tf(text)) if isinstance(row, Dependency)]

    assert (item.package.datasource, item.package.name, item.current_value) == (datasource, name, "1.2.3")


def test_versions_of_charts_that_a_module_chooses() -> None:
    """Which chart a module of others installs does not stand in its call."""
    text = 'module "m" {\n  source = "acme/m/aws"\n  version = "1.0.0"\n  chart_version = "1.2.3"\n}\n'
    rows = [row for row in terraform.extract(tf(text)) if isinstance(row, Skipped)]

    assert [row.reason for row in rows] == ["the module decides which chart this is"]


def test_versions_of_distributions() -> None:
    """The suffix of a version tells whose it is."""
    text = 'variable "v" {\n  default = "v1.30.2+k3s1"\n}\nlocals {\n  r = "v1.29.1+rke2r1"\n  o = "1.2.3+4"\n}\n'

    assert [
        (item.name, item.current_value) for item in terraform.extract(tf(text)) if isinstance(item, Dependency)
    ] == [
        ("k3s-io/k3s", "v1.30.2+k3s1"),
        ("rancher/rke2", "v1.29.1+rke2r1"),
    ]


RELEASE = "https://github.com/acme/crds/releases/download"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (
            (
                f'resource "null_resource" "a" {{\n  provisioner "local-exec" {{\n'
                f'    command = "kubectl apply -f {RELEASE}/v1.2.3/a.yaml"\n  }}\n}}'
            ),
            "v1.2.3",
        ),
        (
            (
                f'resource "terraform_data" "a" {{\n  provisioner "remote-exec" {{\n'
                f'    inline = ["curl {RELEASE}/v1.2.3/a | sh"]\n  }}\n}}'
            ),
            "v1.2.3",
        ),
        (f'variable "v" {{\n  default = "1.2.3"\n}}\nlocals {{\n  url = "{RELEASE}/v${{var.v}}/a.yaml"\n}}', "1.2.3"),
        (f"locals {{\n  init = <<-EOF\n    curl -LO {RELEASE}/v1.2.3/agent\n  EOF\n}}", "v1.2.3"),
    ],
)
def test_downloads(text: str, value: str) -> None:
    """The addresses of files at forges in commands and scripts are read as in scripts."""
    (item,) = [row for row in terraform.extract(tf(f"{text}\n")) if isinstance(row, Dependency)]

    assert (item.package.name, item.current_value, item.dep_type) == ("acme/crds", value, "download")


@pytest.mark.parametrize(
    "text",
    [
        f'locals {{\n  url = "{RELEASE}/${{var.unknown}}/a.yaml"\n}}',
        'locals {\n  url = "https://raw.githubusercontent.com/acme/crds/main/a.yaml"\n}',
        f'# {RELEASE}/v1.2.3/a.yaml\nlocals {{\n  url = "https://example.com/1.2.3"\n}}',
    ],
)
def test_addresses_without_a_version(text: str) -> None:
    """What is handed in, follows a branch or is elsewhere is left alone."""
    assert list(terraform.extract(tf(f"{text}\n"))) == []
