"""The manager of Rancher Fleet; tests/corpus/repositories/fleet has every form."""

import re
from textwrap import dedent

import pytest

from managers import fleet
from tests.managers.reading import dependencies, found, skipped, yaml
from updater.api import Package, SourceFile


def bundle(text: str, path: str = "app/fleet.yaml") -> SourceFile:
    """A ``fleet.yaml``."""
    return SourceFile(path=path, text=text)


def test_the_example_works() -> None:
    """Everything in the user page is found."""
    blocks = re.findall(r"(?:^(?: {4}.*)?\n)+", fleet.__doc__ or "", re.MULTILINE)
    first, second = (dedent(block).strip("\n") for block in blocks if block.strip())

    assert [name for _, name, _ in found(fleet, bundle(first))] == ["longhorn", "longhornio/manager", "longhorn"]
    assert found(fleet, yaml(f"apiVersion: fleet.cattle.io/v1alpha1\n{second}")) == [(5, "acme/platform", "v2.3.0")]


def test_a_target_takes_what_it_does_not_say_from_the_bundle() -> None:
    """A version in a customization is one of the bundle's chart, in the environment that the target speaks of."""
    text = """\
helm: {repo: "https://charts.example.com", chart: web, version: 1.0.0}
targetCustomizations:
  - {name: production, helm: {version: 0.9.0}}
  - {name: eu, clusterSelector: {matchLabels: {env: staging}}, helm: {version: 0.9.5}}
"""
    package = Package(datasource="helm", name="web", registry_urls=("https://charts.example.com",))

    assert [
        (item.package, item.current_value, item.environment and item.environment.name)
        for item in dependencies(fleet, bundle(text))
    ] == [(package, "1.0.0", None), (package, "0.9.0", "production"), (package, "0.9.5", "staging")]


@pytest.mark.parametrize(
    ("chart", "package", "value"),
    [
        (
            "oci://ghcr.io/acme/charts/web\n  version: 1.2.3",
            Package(datasource="docker", name="ghcr.io/acme/charts/web"),
            "1.2.3",
        ),
        (
            "git::https://github.com/acme/charts//web?ref=v1.2.3",
            Package(datasource="github-tags", name="acme/charts"),
            "v1.2.3",
        ),
        (
            "git::https://git.example.com/acme/charts.git//web?ref=v1.2.3&depth=1",
            Package(datasource="git-tags", name="https://git.example.com/acme/charts.git"),
            "v1.2.3",
        ),
    ],
)
def test_charts_by_address(chart: str, package: Package, value: str) -> None:
    """A chart may be the address of an OCI artifact or of a Git repository."""
    (item,) = dependencies(fleet, bundle(f"helm:\n  chart: {chart}\n"))

    assert (item.package, item.current_value) == (package, value)


@pytest.mark.parametrize(
    ("chart", "reason"),
    [
        ("./chart\n  version: 1.2.3", "local chart"),
        ("web\n  version: 1.2.3", "no repository"),
        ("web\n  repo: https://charts.example.com", "no version"),
        ("https://charts.example.com/web-1.2.3.tgz", "the version is a part of a file's name"),
        ("git::https://github.com/acme/charts//web", "no version in the address"),
        ("git::https://github.com/acme/charts//web?ref=main", "follows a branch"),
        ("git::https://github.com/acme/charts//web?ref={{ .ref }}", "contains a template"),
    ],
)
def test_charts_that_are_left_alone(chart: str, reason: str) -> None:
    """What cannot be moved is listed with the reason."""
    (row,) = skipped(fleet, bundle(f"helm:\n  chart: {chart}\n"))

    assert row[2] == reason


def test_other_files_with_helm_in_them() -> None:
    """Only a file that is called so, or an object of Fleet, is a bundle."""
    text = "helm: {repo: https://charts.example.com, chart: web, version: 1.0.0}\n"

    assert found(fleet, bundle(text, "app/values.yaml")) == []
    assert found(fleet, bundle(f"apiVersion: v1\nkind: ConfigMap\n{text}")) == []
    assert found(fleet, bundle(text, "app/prod-fleet.yml")) == [(1, "web", "1.0.0")]
