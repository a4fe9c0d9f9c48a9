"""The manager of Packer's templates."""

import pytest

from managers import packer
from tests.managers.pages import example
from tests.managers.reading import dependencies, found, skipped
from updater.api import SourceFile


def template(text: str) -> SourceFile:
    return SourceFile(path="base.pkr.hcl", text=f"{text}\n")


def plugins(text: str) -> SourceFile:
    return template(f"packer {{\n  required_plugins {{\n    {text}\n  }}\n}}")


def test_the_example_works() -> None:
    """What the user page shows is found."""
    page = example(packer, "base.pkr.hcl")

    assert found(packer, page) == [
        (2, "hashicorp/packer", ">= 1.9.0"),
        (5, "hashicorp/packer-plugin-amazon", ">= 1.2.8"),
        (11, "ubuntu", "22.04"),
    ]
    assert [item.versioning for item in dependencies(packer, page)] == ["hashicorp", "hashicorp", None]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('x = { version = "1.0.0", source = "git.example.com/acme/x" }', "not a repository at github.com"),
        ('x = { version = "1.0.0" }', "no source"),
        ('x = { source = "github.com/acme/x" }', "no version constraint"),
    ],
)
def test_plugins_that_stay(text: str, reason: str) -> None:
    """What cannot be asked for, or has no version, is listed."""
    assert found(packer, plugins(text)) == []
    assert [row for _, _, row in skipped(packer, plugins(text))] == [reason]


def test_images() -> None:
    """Only what the builder for Docker takes is a container image."""
    text = (
        'variable "v" { default = "22.04" }\nsource "docker" "a" { image = "ubuntu:${var.v}" }\n'
        'source "googlecompute" "b" { image = "debian:12" }\n'
    )

    assert found(packer, template(text)) == [(1, "ubuntu", "22.04")]
