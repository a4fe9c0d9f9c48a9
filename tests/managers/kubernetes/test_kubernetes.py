"""The manager of Kubernetes manifests."""

from pathlib import Path

import pytest

from managers import kubernetes
from tests.managers.reading import dependencies, found, skipped, source, yaml
from updater.api import Package

HERE = Path(__file__).parent
WORKLOADS = source(HERE / "workloads.yaml")
STYLES = source(HERE / "styles.yaml")


def pod(*lines: str) -> str:
    """A Pod with one container whose image is the given lines."""
    return "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - name: a\n    image: " + "\n".join(lines) + "\n"


def test_workloads() -> None:
    """Containers of all three kinds, image volumes, related images and arguments of workloads are found."""
    assert found(kubernetes, WORKLOADS) == [
        (17, "registry.internal:5000/shop/migrations", "2.4.1"),
        (21, "ghcr.io/acme/web", "v2.4.1"),
        (24, "busybox", "1.36.1"),
        (27, "envoyproxy/envoy", "v1.31.0"),
        (35, "quay.io/acme/pinned", None),
        (40, "nicolaka/netshoot", "v0.13"),
        (44, "ghcr.io/acme/model", "2024.10"),
        (59, "ghcr.io/acme/report", "1.10"),
    ]


def test_reasons() -> None:
    """What cannot or must not be updated in the workloads is listed with the reason."""
    assert skipped(kubernetes, WORKLOADS) == [
        (31, "ghcr.io/acme/legacy", "ignored by comment"),
        (33, "ghcr.io/acme/automated", "owned by Flux image automation"),
        (37, "oauth2-proxy", "no tag"),
    ]


def test_custom_resources() -> None:
    """Images of custom resources are found; definitions, secrets and the resources of other managers are not read."""
    assert found(kubernetes, source(HERE / "custom_resources.yaml")) == [
        (7, "ghcr.io/cloudnative-pg/postgresql", "16.4"),
        (14, "quay.io/prometheus/prometheus", "v2.54.1"),
        (24, "victoriametrics/victoria-metrics", "v1.102.1"),
        (31, "xpkg.upbound.io/upbound/provider-aws-s3", "v1.14.0"),
        (42, "ghcr.io/acme/api", "1.4.2"),
        (52, "golang", "1.23.2-alpine"),
        (62, "ghcr.io/acme/resize", "0.3.0"),
    ]
    assert skipped(kubernetes, source(HERE / "custom_resources.yaml")) == []


def test_styles() -> None:
    """Flow style, block scalars, anchors, tags, merge keys, double keys, lists and JSON are read like anything else."""
    assert found(kubernetes, STYLES) == [
        (8, "busybox", "1.36.1"),
        (11, "redis", "7.2.4"),
        (14, "memcached", "1.6.31"),
        (16, "ghcr.io/acme/web", "2.4.1"),
        (20, "ghcr.io/acme/tagged", "1.0.0"),
        (22, "ghcr.io/acme/first", "1.0.0"),
        (23, "ghcr.io/acme/second", "1.0.0"),
        (26, "ghcr.io/acme/base", "3.1.0"),
        (40, "quoted-key", "1.0.0"),
        (44, "alpine", "3.20.3"),
        (55, "nginx", "1.27.2"),
        (70, "httpd", "2.4.62"),
        (89, "debian", "12.7-slim"),
    ]


def test_one_bad_document_is_a_row() -> None:
    """A document that is broken or encrypted is listed once, and its neighbours count."""
    assert skipped(kubernetes, STYLES) == [
        (30, "ghcr.io/acme/escaped:1.0.0", "not written in one piece"),
        (32, "ghcr.io/acme/broken:1.0.0", "not written in one piece"),
        (35, "${REGISTRY}/acme/variable:1.0.0", "contains a variable"),
        (37, "Not an image", "not an image reference"),
        (68, None, "not valid YAML: mapping values are not allowed in this context at line 68"),
        (71, None, "encrypted with SOPS"),
    ]


def test_a_chart_template() -> None:
    """A Helm template is read around its templates; a value that holds one is listed."""
    file = source(HERE / "chart_template.yaml")

    assert found(kubernetes, file) == [(21, "envoyproxy/envoy", "v1.31.0")]
    assert [(line, reason) for line, _, reason in skipped(kubernetes, file)] == [
        (19, "contains a template"),
        (29, "contains a template"),
    ]


def test_what_a_dependency_says() -> None:
    """The package is the image without what Docker Hub adds silently; the type is the object's kind."""
    (image,) = dependencies(kubernetes, yaml(pod("docker.io/library/nginx:1.27.2")))

    assert image.name == "docker.io/library/nginx"
    assert image.package == Package(datasource="docker", name="nginx")
    assert (image.dep_type, image.pinnable) == ("Pod", True)


def test_a_digest_belongs_to_its_tag() -> None:
    """Tag and digest of one reference are two places of one dependency."""
    (image,) = [item for item in dependencies(kubernetes, WORKLOADS) if item.name == "ghcr.io/acme/web"]

    assert image.span is not None
    assert image.digest_span is not None
    assert image.digest_span.start == image.span.end + 1
    assert image.current_digest == WORKLOADS.text[slice(*image.digest_span)]


@pytest.mark.parametrize(
    "text",
    [
        pod("a/b:1.2").replace("\n", "\r\n"),
        "\ufeff" + pod("a/b:1.2"),
        pod("a/b:1.2").rstrip("\n"),
        "# \udce9 is no UTF-8\n" + pod("a/b:1.2"),
        "%YAML 1.1\n---\n" + pod("a/b:1.2"),
        pod("a/b:1.2 # {{ not a template of this value }}"),
        pod("!!str &image a/b:1.2"),
        pod("  'a/b:1.2'   "),
    ],
)
def test_odd_texts(text: str) -> None:
    """CRLF, a BOM, no final newline, bytes that are no UTF-8, directives and properties do not shift the span."""
    (image,) = dependencies(kubernetes, yaml(text))

    assert image.span is not None
    assert text[slice(*image.span)] == "1.2"


def test_a_shared_tag_has_one_owner() -> None:
    """Where an alias gives one tag to two images, the first is updated and the second says why it is not."""
    file = yaml(
        "apiVersion: x/v1\nkind: X\nspec:\n"
        "  image: {repository: a/first, tag: &tag 1.2}\n"
        "  sidecar: {image: {repository: a/second, tag: *tag}}\n"
    )

    assert found(kubernetes, file) == [(4, "a/first", "1.2")]
    assert skipped(kubernetes, file) == [(4, "a/second", "shares its version with a/first")]


@pytest.mark.parametrize(("depth", "is_read"), [(150, True), (1_000, True), (5_000, False), (100_000, False)])
def test_deep_nesting(depth: int, is_read: bool) -> None:  # noqa: FBT001 - a column of the table
    """Nesting that could overflow the C stack of the parser is refused."""
    file = yaml(f"apiVersion: v1\nkind: X\nimage: a/b:1.2\ndeep: {'[' * depth}{']' * depth}\n")

    assert bool(found(kubernetes, file)) == is_read
    assert bool(skipped(kubernetes, file)) != is_read


def test_an_alias_bomb() -> None:
    """Aliases of aliases of aliases cost no more than their lines, and a mapping may hold itself."""
    bomb = "".join(f"b{i}: &b{i} [{', '.join([f'*b{i - 1}'] * 9 if i else ['x'])}]\n" for i in range(50))
    merges = "".join(f"m{i}: &m{i} {{<<: [{f'*m{i - 1}, *m{i - 1}' if i else '{a: b}'}]}}\n" for i in range(50))
    cycle = "self: &self\n  self: *self\n  <<: *self\n  image: a/b:1.2\n"
    file = yaml(f"apiVersion: v1\nkind: X\n{bomb}{merges}{cycle}")

    assert found(kubernetes, file) == [(file.text.count("\n"), "a/b", "1.2")]
