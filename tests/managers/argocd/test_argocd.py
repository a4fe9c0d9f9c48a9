"""The manager of Argo CD applications."""

from pathlib import Path

import pytest

from managers import argocd
from tests.managers.reading import dependencies, found, skipped, source, yaml
from updater.api import Package, SourceFile

HERE = Path(__file__).parent
APPLICATIONS = source(HERE / "applications.yaml")
SETS = source(HERE / "applicationsets.yaml")


def test_applications() -> None:
    """Charts, Git revisions and the images in values, parameters and kustomizations are found in every source."""
    assert found(argocd, APPLICATIONS) == [
        (10, "ingress-nginx", "4.10"),
        (18, "registry.k8s.io/ingress-nginx/controller", "v1.11.2"),
        (22, "maxmindinc/geoipupdate", "v7.0.1"),
        (32, "shop", "~1.4"),
        (41, "ghcr.io/acme/web", "2.4.1"),
        (42, "envoyproxy/envoy", "v1.31.0"),
        (43, "ghcr.io/acme/worker", "0.9.4"),
        (49, "prom/statsd-exporter", "v0.27.1"),
        (52, "redis", "19.6.4"),
        (58, "acme/manifests", "v0.8.0"),
        (61, "ghcr.io/acme/web", "2.4.1"),
        (62, "busybox", "1.36.1"),
        (63, "ghcr.io/acme/api", None),
        (66, "acme/platform", "v1.*"),
        (73, "ghcr.io/acme/manifests", "0.3.0"),
        (92, "acme/dry", "v2.0.0"),
        (103, "quoted", "1.2.3"),
        (105, "a/b", "1.0.0"),
        (113, "broken-values", "1.2.3"),
    ]


def test_what_is_not_managed() -> None:
    """Branches, commits, missing revisions and values that cannot be read are listed with the reason."""
    assert skipped(argocd, APPLICATIONS) == [
        (45, None, "image repository unknown"),
        (54, "acme/gitops", "follows a branch"),
        (64, "ghcr.io/acme/renamed", "no tag"),
        (67, "https://git.example.com/acme/other", "no revision"),
        (69, "floating", "no version"),
        (71, "https://git.example.com/acme/pinned", "pinned to a commit"),
        (75, "https://git.example.com/acme/feature", "follows a branch"),
        (117, None, "not valid YAML: did not find expected ',' or ']' at line 117"),
    ]


def test_where_charts_and_revisions_are_looked_up() -> None:
    """A chart without a scheme lies in an OCI registry; Git repositories at github.com are asked there."""
    by_value = {item.current_value: item for item in dependencies(argocd, APPLICATIONS)}

    assert by_value["4.10"].package == Package(
        datasource="helm", name="ingress-nginx", registry_urls=("https://kubernetes.github.io/ingress-nginx",)
    )
    assert by_value["~1.4"].package == Package(datasource="docker", name="ghcr.io/acme/charts/shop")
    assert (by_value["~1.4"].versioning, by_value["~1.4"].pinnable) == ("helm", False)
    assert by_value["v0.8.0"].package == Package(datasource="github-tags", name="acme/manifests")
    assert by_value["v1.*"].package == Package(datasource="gitlab-tags", name="acme/platform")
    assert by_value["v1.*"].versioning == "helm"
    assert by_value["0.3.0"].package == Package(datasource="docker", name="ghcr.io/acme/manifests")
    assert {item.dep_type for item in by_value.values()} == {"chart", "git", "image"}


def test_list_generators() -> None:
    """A revision that an application set fills from list generators is found, and changed, in their elements."""
    assert found(argocd, SETS) == [
        (11, "cert-manager", "1.15.3"),
        (13, "cert-manager", "1.14.7"),
        (34, "quay.io/jetstack/cert-manager-webhook", "v1.15.3"),
        (47, "metrics-server", "3.12.1"),
        (48, "reloader", "1.0.121"),
        (65, "acme/clusters", "v1.0.0"),
    ]
    assert skipped(argocd, SETS) == [
        (11, "quay.io/jetstack/cert-manager-controller", "shares its version with cert-manager"),
        (13, "quay.io/jetstack/cert-manager-controller", "shares its version with cert-manager"),
        (18, "acme/clusters", "follows a branch"),
    ]


def test_values_keep_their_place() -> None:
    """The values in a literal block are edited where they stand, whatever the line endings and the indentation."""
    text = (
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nspec:\n  source:\n    repoURL: https://e.org\n"
        "    helm:\n      values: &v |2-\n\n          ---\n          # größe\n          image: a/b:1.2\n\n    path: x\n"
    ).replace("\n", "\r\n")
    (image,) = dependencies(argocd, yaml(text))

    assert image.span is not None
    assert (image.line, text[slice(*image.span)]) == (11, "1.2")


def in_values(text: str) -> SourceFile:
    """An application whose ``values`` are written as ``text``."""
    return yaml(
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nspec:\n  source:\n    repoURL: https://x.io\n"
        f"    chart: web\n    targetRevision: 1.0.0\n    helm:\n      values: {text}\n"
    )


@pytest.mark.parametrize(
    "text",
    [
        r'"image:\n  repository: nginx\n  tag: 1.27.1\n"',
        r'"image:\n  repository: nginx\n  tag: \"1.27.1\"\n"',
        r'"{\"image\": {\"repository\": \"nginx\", \"tag\": \"1.27.1\"}}"',
        '"image: nginx:1.27.1"',
        """'{image: {repository: nginx, tag: "1.27.1"}}'""",
        """&values '{image: {repository: nginx, tag: "1.27.1"}}'""",
    ],
)
def test_values_in_quotes(text: str) -> None:
    """Values on one line are read, and the tag has its place in the file, however line breaks are written."""
    file = in_values(text)
    chart, image = dependencies(argocd, file)

    assert (chart.name, image.name, image.current_value) == ("web", "nginx", "1.27.1")
    assert image.span is not None
    assert file.text[slice(*image.span)] == "1.27.1"


@pytest.mark.parametrize(
    "text",
    [
        '"image:\\n  tag:\\t1.27.1"',
        '"image: {repository: nginx,\n        tag: 1.27.1}"',
        """'{image: {repository: nginx, tag: ''1.27.1''}}'""",
    ],
)
def test_values_in_quotes_that_are_no_text_as_it_stands(text: str) -> None:
    """Values with other escapes, or on several lines, are listed with the reason."""
    assert skipped(argocd, in_values(text)) == [
        (9, None, "values are not written as a literal block (|) or on one line")
    ]


def test_flow_style_sources() -> None:
    """Sources may stand in one line."""
    text = (
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nspec:\n  sources: [{repoURL: https://x.io, chart: web, "
        "targetRevision: 1.0.0}, {repoURL: https://github.com/a/b.git, targetRevision: v1.2.3, ref: values}]\n"
    )
    assert found(argocd, yaml(text)) == [(4, "web", "1.0.0"), (4, "a/b", "v1.2.3")]
