"""The manager of Sveltos; tests/corpus/repositories/fleet/sveltos has every form."""

import re
from textwrap import dedent

import pytest

from managers import sveltos
from tests.managers.reading import dependencies, found, skipped, yaml
from updater.api import Package


def profile(chart: str, kind: str = "ClusterProfile", group: str = "config") -> str:
    """A profile with one chart, in flow style."""
    return (
        f"apiVersion: {group}.projectsveltos.io/v1beta1\nkind: {kind}\nspec:\n"
        f"  clusterSelector: env=prod,tier!=gold\n  helmCharts:\n    - {chart}\n"
    )


def test_the_example_works() -> None:
    """Everything in the user page is found."""
    blocks = re.findall(r"(?:^(?: {4}.*)?\n)+", sveltos.__doc__ or "", re.MULTILINE)
    (example,) = (dedent(block) for block in blocks if block.strip())

    assert [name for _, name, _ in found(sveltos, yaml(example))] == ["kyverno", "kyverno/kyverno"]
    assert {item.environment and item.environment.name for item in dependencies(sveltos, yaml(example))} == {
        "production"
    }


@pytest.mark.parametrize(
    ("chart", "package"),
    [
        (
            "{repositoryURL: https://c.example.com, repositoryName: x, chartName: x/web, chartVersion: 1.2.3}",
            Package(datasource="helm", name="web", registry_urls=("https://c.example.com",)),
        ),
        (
            "{repositoryURL: https://c.example.com, repositoryName: other, chartName: x/web, chartVersion: 1.2.3}",
            Package(datasource="helm", name="web", registry_urls=("https://c.example.com",)),
        ),
        (
            "{repositoryURL: oci://ghcr.io/acme, repositoryName: acme, chartName: acme/web, chartVersion: 1.2.3}",
            Package(datasource="docker", name="ghcr.io/acme/web"),
        ),
        (
            "{repositoryURL: oci://ghcr.io/acme, chartName: oci://ghcr.io/acme/web, chartVersion: 1.2.3}",
            Package(datasource="docker", name="ghcr.io/acme/web"),
        ),
    ],
)
def test_where_a_chart_is_looked_up(chart: str, package: Package) -> None:
    """The repository's name or address before a chart's name is not a part of it."""
    (item,) = dependencies(sveltos, yaml(profile(chart)))

    assert (item.package, item.current_value) == (package, "1.2.3")
    assert item.environment
    assert item.environment.name == "production"


@pytest.mark.parametrize(
    ("chart", "reason"),
    [
        ("{repositoryURL: https://c.example.com, chartName: web}", "no version"),
        ("{repositoryURL: https://c.example.com, chartName: web, chartVersion: '{{ .V }}'}", "contains a template"),
        ("{chartName: web, chartVersion: 1.2.3}", "no repository"),
    ],
)
def test_charts_that_are_left_alone(chart: str, reason: str) -> None:
    """What cannot be moved is listed with the reason."""
    assert [row[2] for row in skipped(sveltos, yaml(profile(chart)))] == [reason]


def test_kinds() -> None:
    """Charts are read in profiles, promotions and triggers, and nowhere else."""
    chart = "{repositoryURL: https://c.example.com, chartName: web, chartVersion: 1.2.3}"

    assert len(found(sveltos, yaml(profile(chart, "Profile")))) == 1
    assert len(found(sveltos, yaml(profile(chart, "EventTrigger", "lib")))) == 1
    assert found(sveltos, yaml(profile(chart, "ClusterSummary"))) == []
    assert found(sveltos, yaml(profile(chart).replace("projectsveltos.io", "example.com"))) == []
