"""The manager of Terragrunt configurations."""

import pytest

from managers import terragrunt
from tests.managers.terraform.together import dependencies, found, left, moved, rows, skipped
from updater.api import Dependency, Package, SourceFile


def hcl(text: str, path: str = "live/terragrunt.hcl") -> SourceFile:
    return SourceFile(path=path, text=text)


def source(address: str) -> SourceFile:
    return hcl(f'terraform {{\n  source = "{address}"\n}}\n')


@pytest.mark.parametrize(
    ("address", "package", "version"),
    [
        ("tfr:///a/vpc/aws?version=5.8.1", Package(datasource="terraform-module", name="a/vpc/aws"), "5.8.1"),
        (
            "tfr:///a/vpc/aws//modules/x?version=1.0.0",
            Package(datasource="terraform-module", name="a/vpc/aws"),
            "1.0.0",
        ),
        ("tfr:///a/vpc/aws//?version=1.0.0", Package(datasource="terraform-module", name="a/vpc/aws"), "1.0.0"),
        (
            "tfr://tf.example.com/a/vpc/aws?version=1.0.0",
            Package(datasource="terraform-module", name="a/vpc/aws", registry_urls=("https://tf.example.com",)),
            "1.0.0",
        ),
        ("github.com/acme/m//x?ref=v1.2.3", Package(datasource="github-tags", name="acme/m"), "v1.2.3"),
        ("git::git@github.com:acme/m.git//x?ref=v1.2.3", Package(datasource="github-tags", name="acme/m"), "v1.2.3"),
        (
            "git::https://gitlab.com/acme/m.git?ref=1.0.0",
            Package(datasource="gitlab-tags", name="acme/m"),
            "1.0.0",
        ),
        ("git::ssh://git@bitbucket.org/acme/m.git?ref=1.0", Package(datasource="bitbucket-tags", name="acme/m"), "1.0"),
        ("oci://ghcr.io/acme/m?tag=1.0.0", Package(datasource="docker", name="ghcr.io/acme/m"), "1.0.0"),
    ],
)
def test_sources(address: str, package: Package, version: str) -> None:
    """A module of a registry, of Git and of an OCI registry is found by its address."""
    (item,) = dependencies(terragrunt, source(address))
    assert (item.package, item.current_value, item.line) == (package, version, 2)


@pytest.mark.parametrize(
    "address",
    [
        "../../modules/x",
        ".",
        "${get_repo_root()}/modules//x",
        "${get_terragrunt_dir()}/../x",
        "${dirname(find_in_parent_folders())}/modules//x",
        "${path_relative_from_include()}//modules/x",
    ],
)
def test_local_sources(address: str) -> None:
    """A module in the same repository has no version."""
    assert rows(terragrunt, {"terragrunt.hcl": source(address).text}) == []


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("tfr:///a/vpc/aws", "no version in the address"),
        ("github.com/acme/m//x", "no version in the address"),
        ("github.com/acme/m?ref=main", "follows a branch"),
        ("github.com/acme/m?ref=a1b2c3d4e5f60718293a4b5c6d7e8f9012345678", "pinned to a commit"),
        ("github.com/acme/m?ref=${local.missing}", "contains an expression"),
        ("${local.missing}?ref=v1.0.0", "its source is an expression"),
        ('github.com/acme/m?ref=${get_env("REF", "v1")}', "contains an expression"),
        ('${get_env("MODULES", "github.com/acme/m")}?ref=v1.0.0', "its source is an expression"),
        ("https://example.com/m-1.0.0.zip", "an archive, which has no list of versions"),
    ],
)
def test_unmanaged_sources(address: str, reason: str) -> None:
    """A module without a version that can be moved is listed."""
    assert [each for *_, each in skipped(terragrunt, source(address))] == [reason]


def test_constraints() -> None:
    """The constraints on Terraform and Terragrunt follow their releases; OpenTofu's if it is the binary."""
    text = 'terraform_version_constraint = ">= 1.5"\nterragrunt_version_constraint = "~> 0.55"\n'
    assert found(terragrunt, hcl(text)) == [
        (1, "hashicorp/terraform", ">= 1.5"),
        (2, "gruntwork-io/terragrunt", "~> 0.55"),
    ]
    assert found(terragrunt, hcl('terraform_binary = "tofu"\n' + text))[0][1] == "opentofu/opentofu"


def test_generated_terraform() -> None:
    """The Terraform in a heredoc is read as such, with Terragrunt's locals put in."""
    text = (
        'locals {\n  aws = "5.1.0"\n}\ngenerate "versions" {\n  contents = <<EOF\nterraform {\n  required_providers {\n'
        '    aws = {\n      source  = "hashicorp/aws"\n      version = "${local.aws}"\n    }\n'
        '    null = "3.2.0"\n  }\n}\nEOF\n}\n'
    )
    assert found(terragrunt, hcl(text)) == [(2, "aws", "5.1.0"), (12, "null", "3.2.0")]


def test_stacks() -> None:
    """Units and stacks are modules; ``values.version`` is a version of the same repository."""
    text = (
        'unit "a" {\n  source = "github.com/acme/catalog//a?ref=v1.0.0"\n  path = "a"\n'
        '  values = {\n    version = "v1.1.0"\n    other = "2.0.0"\n  }\n}\n'
        'stack "b" {\n  source = "git::https://git.example.com/b.git?ref=0.1.0"\n  path = "b"\n}\n'
    )
    assert found(terragrunt, hcl(text, "terragrunt.stack.hcl")) == [
        (2, "github.com/acme/catalog", "v1.0.0"),
        (5, "github.com/acme/catalog", "v1.1.0"),
        (10, "https://git.example.com/b.git", "0.1.0"),
    ]


def test_values_of_a_local_unit() -> None:
    """``values.x`` of a unit in the same repository is followed to the stack that sets it."""
    texts = {
        "stacks/terragrunt.stack.hcl": (
            'unit "vpc" {\n  source = "../units/vpc"\n  path = "vpc"\n  values = {\n    version = "v3.0.1"\n  }\n}\n'
        ),
        "units/vpc/terragrunt.hcl": 'terraform {\n  source = "github.com/acme/m//vpc?ref=${values.version}"\n}\n',
    }
    assert moved(terragrunt, texts) == [("stacks/terragrunt.stack.hcl", 5, "github.com/acme/m", "v3.0.1")]
    assert left(terragrunt, texts) == []


COMMON = 'locals {\n  url = "git::https://github.com/acme/m.git//vpc"\n  version = "v1.2.3"\n}\n'


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (
            "env.hcl",
            """
locals {
  env = read_terragrunt_config(find_in_parent_folders("env.hcl"))
}
terraform {
  source = "${local.env.locals.url}?ref=${local.env.locals.version}"
}
""",
        ),
        (
            "live/env.hcl",
            """
locals {
  version = read_terragrunt_config(find_in_parent_folders("env.hcl", "x.hcl")).locals.version
}
terraform {
  source = "github.com/acme/m?ref=${local.version}"
}
""",
        ),
        (
            "_envcommon/vpc.hcl",
            """
include "common" {
  path   = "${dirname(find_in_parent_folders("root.hcl"))}/_envcommon/vpc.hcl"
  expose = true
}
terraform {
  source = "${include.common.locals.url}?ref=${include.common.locals.version}"
}
""",
        ),
        (
            "common.hcl",
            """
locals {
  common = read_terragrunt_config("${get_repo_root()}/common.hcl")
}
terraform {
  source = "github.com/acme/m?ref=${local.common.locals.version}"
}
""",
        ),
        (
            "live/common.hcl",
            """
include {
  path   = find_in_parent_folders("common.hcl")
  expose = true
}
terraform {
  source = "github.com/acme/m?ref=${include.locals.version}"
}
""",
        ),
        (
            "live/vpc/version.hcl",
            """
locals {
  here = read_terragrunt_config("version.hcl", { locals = {} })
}
terraform {
  source = "github.com/acme/m?ref=${local.here.locals.version}"
}
""",
        ),
    ],
)
def test_other_files(path: str, text: str) -> None:
    """Files that are read or included are followed, and the version moves there."""
    texts = {"root.hcl": "", "live/vpc/terragrunt.hcl": text, path: COMMON}
    assert moved(terragrunt, texts) == [(path, 3, "github.com/acme/m", "v1.2.3")]
    assert left(terragrunt, texts) == []


def test_data_files() -> None:
    """A version in a YAML file that is decoded is found there."""
    text = """
locals {
  common = yamldecode(file(find_in_parent_folders("common.yaml")))
}
terraform {
  source = "github.com/acme/m?ref=${local.common.versions.vpc}"
}
"""
    texts = {"common.yaml": "versions:\n  vpc: v1.2.3 # all\n", "live/vpc/terragrunt.hcl": text}
    assert moved(terragrunt, texts) == [("common.yaml", 2, "github.com/acme/m", "v1.2.3")]


def test_the_environment_of_a_read_file() -> None:
    """A version belongs to the environment of the file in which it stands."""
    texts = {
        "prod/env.hcl": COMMON,
        "prod/vpc/terragrunt.hcl": (
            'locals {\n  env = read_terragrunt_config(find_in_parent_folders("env.hcl"))\n}\n'
            'terraform {\n  source = "tfr:///a/b/c?version=${local.env.locals.version}"\n}\n'
        ),
    }
    (item,) = rows(terragrunt, texts)
    assert isinstance(item, Dependency)
    assert item.environment
    assert (item.environment.name, item.path) == ("production", "prod/env.hcl")


def test_files_that_read_each_other() -> None:
    """Two files that read each other lead nowhere."""
    text = (
        'locals {{\n  other = read_terragrunt_config("{}")\n  v = local.other.locals.v\n}}\n'
        'terraform {{\n  source = "github.com/acme/m?ref=${{local.v}}"\n}}\n'
    )
    texts = {"a.hcl": text.format("b.hcl"), "b.hcl": text.format("a.hcl")}
    assert [reason for *_, reason in left(terragrunt, texts)] == ["contains an expression"] * 2


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (".terraform.lock.hcl", 'provider "registry.terraform.io/hashicorp/aws" {\n  version = "5.0.0"\n}\n'),
        (".tflint.hcl", 'plugin "aws" {\n  version = "0.30.0"\n  source = "github.com/a/b"\n}\n'),
        ("a.pkr.hcl", 'source "amazon-ebs" "a" {}\npacker {\n  required_version = ">= 1.9"\n}\n'),
        ("policy.hcl", 'path "secret/source/*" {\n  capabilities = ["read"]\n}\n'),
        ("docker-bake.hcl", 'target "a" {\n  contexts = { source = "docker-image://alpine:3.19" }\n}\n'),
        (
            "job.nomad.hcl",
            'job "a" {\n  task "b" {\n    artifact {\n      source = "https://a.example.com/1.2.3"\n    }\n  }\n}\n',
        ),
    ],
)
def test_other_kinds_of_files(path: str, text: str) -> None:
    """Other files in HCL are left alone."""
    assert rows(terragrunt, {path: text}) == []
