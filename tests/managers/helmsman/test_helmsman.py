"""The manager of Helmsman's desired states."""

import pytest

from managers import helmsman
from tests.managers.pages import example
from tests.managers.reading import dependencies, found, skipped, yaml
from updater.api import SourceFile


def state(chart: str, repositories: str = "{acme: 'https://c.example'}") -> SourceFile:
    return yaml(f"helmRepos: {repositories}\napps:\n  web: {{enabled: true, chart: {chart}, version: 1.2.3}}\n")


def test_the_example_works() -> None:
    """What the user page shows is found."""
    assert found(helmsman, example(helmsman, "state.yaml")) == [(8, "jenkins", "5.3.0"), (13, "web", "0.4.0")]


@pytest.mark.parametrize(
    ("chart", "datasource", "name", "registry"),
    [
        ("acme/web", "helm", "web", "https://c.example"),
        ("other/web", "helm", "web", "@other"),
        ("stable/web", "helm", "web", "https://charts.helm.sh/stable"),
        ("'oci://ghcr.io/acme/web'", "docker", "ghcr.io/acme/web", None),
    ],
)
def test_charts(chart: str, datasource: str, name: str, registry: str | None) -> None:
    """A chart is looked up in the repository that its name begins with."""
    (item,) = dependencies(helmsman, state(chart))

    assert (item.package.datasource, item.package.name, item.current_value) == (datasource, name, "1.2.3")
    assert item.package.registry_urls == ((registry,) if registry else ())


def test_charts_of_the_repository() -> None:
    """A chart in a directory is listed."""
    assert [reason for _, _, reason in skipped(helmsman, state("./charts/web"))] == ["local chart"]


@pytest.mark.parametrize(
    "text",
    [
        "apps:\n  web: {enabled: true, chart: acme/web, version: 1.2.3}\n",
        "helmRepos: {acme: x}\nreleases: [{chart: acme/web, version: 1.2.3}]\n",
    ],
)
def test_other_files(text: str) -> None:
    """Apps that nothing else says to be Helmsman's say nothing."""
    assert (found(helmsman, yaml(text)), skipped(helmsman, yaml(text))) == ([], [])
