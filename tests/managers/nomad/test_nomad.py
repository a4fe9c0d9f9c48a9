"""The manager of Nomad's jobs."""

import pytest

from managers import nomad
from tests.managers.pages import example
from tests.managers.reading import found, skipped
from updater.api import SourceFile


def job(config: str, head: str = "", task: str = "") -> SourceFile:
    text = f'{head}\njob "a" {{\n  group "a" {{\n    task "a" {{\n      config {{\n        {config}\n      }}\n{task}\n'
    return SourceFile(path="jobs/a.nomad", text=f"{text}    }}\n  }}\n}}\n")


def test_the_example_works() -> None:
    """What the user page shows is found."""
    assert found(nomad, example(nomad, "web.nomad.hcl")) == [(6, "traefik", "v3.1.0"), (9, "acme/web", "v1.4.0")]


@pytest.mark.parametrize(
    ("head", "image", "row"),
    [
        ("", "redis:7.2", (6, "redis", "7.2")),
        ('variable "v" { default = "7.2" }', "redis:${var.v}-alpine", (1, "redis", "7.2")),
        ('locals { image = "redis:7.2" }', "${local.image}", (1, "redis", "7.2")),
    ],
)
def test_images(head: str, image: str, row: tuple[int, str, str]) -> None:
    """A variable is followed to its default."""
    assert found(nomad, job(f'image = "{image}"', head)) == [row]


@pytest.mark.parametrize(
    ("config", "reasons"),
    [('image = "redis:${var.v}"', 1), ('image = "redis"', 1), ('command = "redis:7.2"', 0)],
)
def test_what_cannot_be_moved(config: str, reasons: int) -> None:
    """What is handed in or has no tag is listed, and what is no image is left alone."""
    assert found(nomad, job(config)) == []
    assert len(skipped(nomad, job(config))) == reasons


def test_artifacts_with_a_checksum() -> None:
    """A file that is held against a checksum cannot be moved alone."""
    address = "https://github.com/acme/a/releases/download/v1.2.3/a.tgz"
    artifact = f'artifact {{\n source = "{address}"\n options {{ checksum = "sha256:{"0f" * 32}" }}\n}}'
    file = job('image = "redis:7.2"', task=artifact)

    assert [name for _, name, _ in found(nomad, file)] == ["redis"]
    assert [reason for _, _, reason in skipped(nomad, file)] == ["its checksum stands beside it"]


def test_other_files() -> None:
    """A configuration of Nomad or of another tool that has no job says nothing."""
    file = SourceFile(path="client.hcl", text='# job "a"\nplugin "docker" {\n  config { image = "redis:7.2" }\n}\n')

    assert (found(nomad, file), skipped(nomad, file)) == ([], [])


def test_syntax_errors() -> None:
    """What cannot be read is said, and the other blocks count."""
    file = job('image = "redis:7.2"', 'job "broken" {\n  group = = 1\n}')

    assert [(name, value) for _, name, value in found(nomad, file)] == [("redis", "7.2")]
    assert len(skipped(nomad, file)) == 1
