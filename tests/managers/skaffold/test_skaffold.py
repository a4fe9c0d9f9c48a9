"""The manager of Skaffold's configuration."""

import pytest

from managers import kubernetes, skaffold
from tests.managers.pages import example
from tests.managers.reading import dependencies, found, skipped, yaml
from updater.api import SourceFile

HEAD = "apiVersion: skaffold/v4beta11\nkind: Config\n"


def release(text: str) -> SourceFile:
    return yaml(f"{HEAD}deploy: {{helm: {{releases: [{{name: web, {text}}}]}}}}\n")


def test_the_example_works() -> None:
    """What the user page shows is found, and nothing of it by anybody else."""
    page = example(skaffold, "skaffold.yaml")

    assert found(skaffold, page) == [
        (4, "acme/platform", "v1.2.0"),
        (8, "alpine", "3.20"),
        (10, "paketobuildpacks/builder", "0.3.2"),
        (17, "redis", "19.6.4"),
    ]
    assert skipped(skaffold, page) == []
    assert list(kubernetes.extract(page)) == []


@pytest.mark.parametrize(
    ("text", "datasource", "name"),
    [
        ("remoteChart: web, repo: 'https://c.example', version: 1.2.3", "helm", "web"),
        ("remoteChart: 'oci://ghcr.io/acme/web', version: 1.2.3", "docker", "ghcr.io/acme/web"),
        ("remoteChart: stable/web, version: 1.2.3", "helm", "web"),
    ],
)
def test_charts(text: str, datasource: str, name: str) -> None:
    """Charts from elsewhere are found, wherever they come from."""
    (item,) = dependencies(skaffold, release(text))

    assert (item.package.datasource, item.package.name, item.current_value) == (datasource, name, "1.2.3")


@pytest.mark.parametrize("text", ["chartPath: charts/web, version: 1.2.3", "chartPath: charts/web"])
def test_charts_of_the_repository(text: str) -> None:
    """A chart in a directory has a version of its own."""
    assert (found(skaffold, release(text)), skipped(skaffold, release(text))) == ([], [])


def test_images() -> None:
    """Images that actions run are found, those that are built are not."""
    actions = "customActions:\n  - name: a\n    containers: [{name: a, image: 'alpine:3.20'}]\n"
    file = yaml(f"{HEAD}build: {{artifacts: [{{image: 'ghcr.io/acme/web:1.0'}}]}}\n{actions}")

    assert found(skaffold, file) == [(6, "alpine", "3.20")]
    assert list(kubernetes.extract(file)) == []


def test_other_files() -> None:
    """A document of another kind says nothing."""
    file = yaml("apiVersion: v1\nkind: Config\n# skaffold/v1\nremoteChart: web\nversion: 1.2.3\n")

    assert (found(skaffold, file), skipped(skaffold, file)) == ([], [])
