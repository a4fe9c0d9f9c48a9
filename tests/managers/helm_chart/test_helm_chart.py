"""The manager of chart dependencies."""

from pathlib import Path

from managers import helm_chart
from tests.managers.reading import dependencies, found, skipped, source, yaml
from updater.api import Package

HERE = Path(__file__).parent
CHART = source(HERE / "Chart.yaml")


def test_what_is_found() -> None:
    """Versions and ranges of charts from chart repositories and OCI registries are found."""
    assert found(helm_chart, CHART) == [
        (7, "postgresql", "15.5.38"),
        (11, "redis", "~19.6.0"),
        (14, "common", "2.x.x"),
        (16, "grafana", ">=8.0.0 <9.0.0"),
        (21, "aliased", "3.2.1"),
        (24, "also-aliased", "3.2.1"),
    ]


def test_names_of_repositories_are_kept() -> None:
    """What ``@company`` and ``alias:company`` mean, the configuration may know."""
    charts = {each.name: each.package for each in dependencies(helm_chart, CHART)}

    assert charts["aliased"].registry_urls == charts["also-aliased"].registry_urls == ("@company",)


def test_what_is_not_managed() -> None:
    """Local and vendored charts, and those without a version, are listed with the reason."""
    assert skipped(helm_chart, CHART) == [
        (18, "library", "local chart"),
        (27, "vendored", "no repository"),
        (28, "unversioned", "no version"),
        (31, "bucket", "repositories of the kind s3:// cannot be asked"),
        (34, "odd", "not version-like"),
    ]


def test_where_charts_are_looked_up() -> None:
    """A chart of an OCI registry is an image with Helm's idea of versions, which cannot be pinned to a digest."""
    postgresql, redis, *_ = dependencies(helm_chart, CHART)

    assert postgresql.package.registry_urls == ("https://charts.bitnami.com/bitnami",)
    assert (postgresql.package.datasource, postgresql.versioning) == ("helm", None)
    assert redis.package == Package(datasource="docker", name="bitnamicharts/redis")
    assert (redis.versioning, redis.pinnable) == ("helm", False)


def test_charts_for_helm_2() -> None:
    """Helm reads the dependencies in this file whatever the chart's apiVersion is, and so do we."""
    assert found(helm_chart, source(HERE / "helm2" / "Chart.yaml")) == [(6, "ignored", "1.0.0")]


def test_listed_images() -> None:
    """The images that a chart lists for Artifact Hub are found in the text of the annotation."""
    file = yaml(
        "annotations:\n"
        "  artifacthub.io/changes: |\n"
        "    - 'image: acme/never:1.0.0'\n"
        "  artifacthub.io/images: |\n"
        "    - name: web\n"
        '      image: "ghcr.io/acme/web:2.4.1"\n'
        "    - image: busybox\n"
        "    - image: acme/api:{{ .Version }}\n"
        "    - image: https://acme.example.com/logo.png\n"
    )

    assert found(helm_chart, file) == [(6, "ghcr.io/acme/web", "2.4.1")]
    assert skipped(helm_chart, file) == [
        (7, "busybox", "no tag"),
        (8, "acme/api:{{ .Version }}", "contains a variable"),
    ]
