"""The manager of Zarf's packages."""

import pytest

from managers import zarf
from tests.managers.pages import example
from tests.managers.reading import found, skipped, yaml
from updater.api import SourceFile


def component(text: str) -> SourceFile:
    return yaml(f"kind: ZarfPackageConfig\nmetadata: {{name: a, version: 0.1.0}}\ncomponents: [{{name: a, {text}}}]\n")


def test_the_example_works() -> None:
    """What the user page shows is found."""
    assert [(name, value) for _, name, value in found(zarf, example(zarf, "zarf.yaml"))] == [
        ("podinfo", "6.7.0"),
        ("web", "0.4.0"),
        ("acme/api", "1.2.0"),
        ("ghcr.io/stefanprodan/podinfo", "6.7.0"),
        ("acme/config", "v2.0.0"),
        ("acme/crds", "v1.0.0"),
        ("ghcr.io/acme/packages/base", "0.3.0"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "charts: [{name: a, version: 1.2.3, localPath: chart}]",
        "repos: ['https://github.com/acme/a.git']",
        "manifests: [{name: a, files: [a-1.2.3.yaml]}]",
        "import: {path: ../base}",
        "actions: {onDeploy: {after: [{cmd: 'echo 1.2.3'}]}}",
    ],
)
def test_what_is_left_alone(text: str) -> None:
    """What lies in the repository, or has no version, says nothing."""
    assert (found(zarf, component(text)), skipped(zarf, component(text))) == ([], [])


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("images: ['a/b:###ZARF_VAR_TAG###']", "not an image reference"),
        ("images: [a/b]", "no tag"),
        ("repos: ['https://github.com/acme/a.git@main']", "follows a branch"),
        ("charts: [{name: a, url: 'https://c.example'}]", "no version"),
    ],
)
def test_what_cannot_be_updated(text: str, reason: str) -> None:
    """It is listed with the reason."""
    assert found(zarf, component(text)) == []
    assert [row for _, _, row in skipped(zarf, component(text))] == [reason]
