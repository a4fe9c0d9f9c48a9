"""Versions that a Terraform configuration keeps in another file than the one that uses them."""

import pytest

from managers import terraform
from tests.managers.terraform.together import left, moved, rows
from updater.api import Dependency, Environment, Package

RELEASE = """
resource "helm_release" "web" {
  repository = "https://charts.example.com"
  chart      = "web"
  version    = var.chart_version
}
"""
VARIABLE = 'variable "chart_version" {\n  default = "1.0.0"\n}\n'
WITHOUT_DEFAULT = 'variable "chart_version" {}\n'


def call(directory: str, arguments: str) -> str:
    return f'module "web" {{\n  source = "{directory}"\n  {arguments}\n}}\n'


def test_a_local_in_another_file() -> None:
    """A local is found in any file of the directory, and in no other directory."""
    texts = {
        "a/main.tf": 'module "x" {\n  source  = "x/y/z"\n  version = local.v\n}\n',
        "a/locals.tf": 'locals {\n  v = "1.2.3"\n}\n',
        "b/main.tf": 'module "x" {\n  source  = "x/y/z"\n  version = local.v\n}\n',
    }
    assert moved(terraform, texts) == [("a/locals.tf", 2, "x/y/z", "1.2.3")]
    assert left(terraform, texts) == [("b/main.tf", 3, "x/y/z", "contains an expression")]


def test_two_files_share_a_local() -> None:
    """A local that two files use for the same package is one dependency."""
    use = 'module "x" {\n  source  = "x/y/z"\n  version = local.v\n}\n'
    texts = {"a.tf": use, "b.tf": use, "locals.tf": 'locals {\n  v = "1.2.3"\n}\n'}
    assert moved(terraform, texts) == [("locals.tf", 2, "x/y/z", "1.2.3")]


def test_variable_files() -> None:
    """The default and each ``*.tfvars`` are dependencies of their own, with the environment of the file's name."""
    texts = {
        "main.tf": RELEASE + VARIABLE,
        "prod.tfvars": 'chart_version = "1.1.0"\nother = "9.9.9"\n',
        "envs/staging/terraform.tfvars": 'chart_version = "1.2.0"\n',
        "dev.auto.tfvars": "replicas = 2\n",
    }
    found = [
        (item.path, item.current_value, item.environment)
        for item in rows(terraform, texts)
        if isinstance(item, Dependency)
    ]
    assert [(path, value, environment.name if environment else None) for path, value, environment in found] == [
        ("envs/staging/terraform.tfvars", "1.2.0", "staging"),
        ("main.tf", "1.0.0", None),
        ("prod.tfvars", "1.1.0", "production"),
    ]
    assert isinstance(found[0][2], Environment)


def test_a_variable_without_a_value() -> None:
    """A variable that nothing gives a value is listed where it is used."""
    texts = {"main.tf": RELEASE, "variables.tf": WITHOUT_DEFAULT}
    assert left(terraform, texts) == [("main.tf", 5, "web", "var.chart_version has no default")]


def test_callers() -> None:
    """The literals of the callers are the versions; the variable that has none of its own is not listed."""
    texts = {
        "modules/web/main.tf": RELEASE + WITHOUT_DEFAULT,
        "prod/main.tf": call("../modules/web", 'chart_version = "2.0.0"'),
        "staging/main.tf": call("../modules/web", "chart_version = local.version"),
        "staging/locals.tf": 'locals {\n  version = "2.1.0"\n}\n',
    }
    assert moved(terraform, texts) == [
        ("prod/main.tf", 3, "web", "2.0.0"),
        ("staging/locals.tf", 2, "web", "2.1.0"),
    ]
    assert left(terraform, texts) == []


def test_callers_of_callers() -> None:
    """A value is followed through several calls."""
    texts = {
        "modules/web/main.tf": RELEASE + WITHOUT_DEFAULT,
        "modules/stack/main.tf": call("../web", "chart_version = var.web") + 'variable "web" {}\n',
        "root/main.tf": call("../modules/stack", 'web = "3.0.0"'),
    }
    assert moved(terraform, texts) == [("root/main.tf", 3, "web", "3.0.0")]


def test_a_wrapper_for_any_chart() -> None:
    """Chart, repository and version of one call belong together."""
    wrapper = (
        'resource "helm_release" "this" {\n  repository = var.repository\n  chart = var.chart\n  version = var.v\n}\n'
    )
    texts = {
        "modules/release/main.tf": wrapper,
        "main.tf": call("./modules/release", 'chart = "a"\n  repository = "https://a.example.com"\n  v = "1.0.0"')
        + call("./modules/release", 'chart = "b"\n  repository = "oci://b.example.com/charts"\n  v = "2.0.0"'),
    }
    found = {item.current_value: item.package for item in rows(terraform, texts) if isinstance(item, Dependency)}
    assert found == {
        "1.0.0": Package(datasource="helm", name="a", registry_urls=("https://a.example.com",)),
        "2.0.0": Package(datasource="docker", name="b.example.com/charts/b"),
    }


def test_modules_that_call_each_other() -> None:
    """Modules that call each other in a circle lead nowhere."""
    texts = {
        "a/main.tf": RELEASE + call("../b", "chart_version = var.chart_version"),
        "b/main.tf": RELEASE + call("../a", "chart_version = var.chart_version"),
    }
    assert {reason for *_, reason in left(terraform, texts)} == {"var.chart_version has no default"}


def test_terragrunt_inputs() -> None:
    """The ``inputs`` of a Terragrunt configuration are what a local module is called with."""
    texts = {
        "modules/web/main.tf": RELEASE + WITHOUT_DEFAULT,
        "live/prod/terragrunt.hcl": (
            'terraform {\n  source = "../../modules//web"\n}\ninputs = {\n  chart_version = "4.0.0"\n}\n'
        ),
        "live/dev/terragrunt.hcl": (
            'terraform {\n  source = "${get_repo_root()}/modules/web"\n}\ninputs = {\n  chart_version = "4.1.0"\n}\n'
        ),
    }
    assert moved(terraform, texts) == [
        ("live/dev/terragrunt.hcl", 5, "web", "4.1.0"),
        ("live/prod/terragrunt.hcl", 5, "web", "4.0.0"),
    ]


@pytest.mark.parametrize(
    "for_each",
    [
        "local.charts",
        "{ for chart in local.list : chart.name => chart }",
        "{ for k, chart in local.charts : k => chart }",
    ],
)
def test_for_each(for_each: str) -> None:
    """Each element of a ``for_each`` is a chart of its own."""
    texts = {
        "main.tf": f"""
resource "helm_release" "all" {{
  for_each   = {for_each}
  chart      = each.value.name
  repository = each.value.repository
  version    = each.value.version
}}
""",
        "charts.tf": """
locals {
  charts = {
    a = { name = "a", repository = "https://a.example.com", version = "1.0.0" }
    b = { name = "b", repository = "https://b.example.com", version = "2.0.0" }
  }
  list = [local.charts.a, local.charts.b]
}
""",
    }
    assert moved(terraform, texts) == [("charts.tf", 4, "a", "1.0.0"), ("charts.tf", 5, "b", "2.0.0")]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("charts.yaml", "charts:\n- {name: a, repository: https://a.example.com,\n   version: 1.0.0}\n"),
        ("charts.json", '{"charts": [{"name": "a", "repository": "https://a.example.com",\n\n"version": "1.0.0"}]}'),
    ],
)
def test_data_files(path: str, text: str) -> None:
    """A list of charts may stand in a file of YAML or JSON that is decoded."""
    main = f"""
locals {{
  data = yamldecode(file("${{path.module}}/{path}"))
}}
resource "helm_release" "all" {{
  for_each   = {{ for chart in local.data.charts : chart.name => chart }}
  chart      = each.value.name
  repository = each.value.repository
  version    = each.value.version
}}
"""
    assert moved(terraform, {"x/main.tf": main, f"x/{path}": text}) == [(f"x/{path}", 3, "a", "1.0.0")]


def test_each_key() -> None:
    """The key of a map may be the chart's name."""
    text = """
resource "helm_release" "all" {
  for_each   = { redis = "18.0.0" }
  chart      = each.key
  repository = "https://charts.example.com"
  version    = each.value
}
"""
    assert moved(terraform, {"main.tf": text}) == [("main.tf", 3, "redis", "18.0.0")]


# ---------------------------------------------------------------- OpenTofu

PROVIDERS = (
    'terraform {\n  required_version = "1.8.0"\n  required_providers {\n    aws = {\n      source = "hashicorp/aws"\n'
    '      version = "5.0.0"\n    }\n  }\n}\n'
)


@pytest.mark.parametrize(
    ("path", "text", "engine"),
    [
        ("a/.terraform.lock.hcl", 'provider "registry.opentofu.org/hashicorp/aws" {}\n', "opentofu/opentofu"),
        (".terraform.lock.hcl", 'provider "registry.opentofu.org/hashicorp/aws" {}\n', "opentofu/opentofu"),
        ("a/.opentofu-version", "1.8.0\n", "opentofu/opentofu"),
        ("a/.terraform.lock.hcl", 'provider "registry.terraform.io/hashicorp/aws" {}\n', "hashicorp/terraform"),
        ("b/.terraform.lock.hcl", 'provider "registry.opentofu.org/hashicorp/aws" {}\n', "hashicorp/terraform"),
    ],
)
def test_the_lock_file_names_the_registry(path: str, text: str, engine: str) -> None:
    """A lock file or ``.opentofu-version`` in the directory or above it says that a configuration is for OpenTofu."""
    found = [item for item in rows(terraform, {"a/main.tf": PROVIDERS, path: text}) if isinstance(item, Dependency)]
    urls = ("https://registry.opentofu.org",) if engine.startswith("opentofu") else ()
    assert [item.package for item in found] == [
        Package(datasource="github-releases", name=engine),
        Package(datasource="terraform-provider", name="hashicorp/aws", registry_urls=urls),
    ]
