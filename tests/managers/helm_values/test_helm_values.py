"""The manager of Helm values files."""

from pathlib import Path

import pytest

from managers import helm_values
from tests.managers.reading import dependencies, found, skipped, source, yaml

HERE = Path(__file__).parent
VALUES = source(HERE / "values.yaml")
PRODUCTION = source(HERE / "values-prod.yaml")


def test_what_is_found() -> None:
    """Maps, texts, pairs of keys, merge keys and lists of images are found, at any depth."""
    assert found(helm_values, VALUES) == [
        (9, "quay.io/acme/web", "1.10"),
        (15, "ghcr.io/acme/migrations", "2.4.1"),
        (19, "envoyproxy/envoy", "v1.31.0"),
        (24, "prom/statsd-exporter", "v0.27.1"),
        (25, "busybox", "1.36.1"),
        (30, "redis", "7.2.4-alpine"),
        (34, "rabbitmq", "3.13.7"),
        (37, "registry.internal:5000/backup", "0.4.0"),
        (39, "ghcr.io/acme/cleanup", "0.2.0"),
        (42, "curlimages/curl", "8.10.1"),
        (46, "ghcr.io/acme/tools", "5.1.0"),
        (54, "docker.io/library/nginx", "1.27.2"),
        (58, "ghcr.io/acme/operator", "v0.9.0"),
        (62, "docker.io/library/alpine", "3.20.3"),
    ]
    assert found(helm_values, PRODUCTION) == [(4, "registry.k8s.io/ingress-nginx/controller", "v1.11.2")]


def test_what_is_not_managed() -> None:
    """Tags that the chart decides, templates, unknown repositories and half digests are listed with the reason."""
    assert skipped(helm_values, VALUES) == [
        (67, "ghcr.io/acme/decided", "no tag (the chart decides)"),
        (71, "ghcr.io/acme/empty", "no tag (the chart decides)"),
        (76, "registry:5000/x", "contains a template"),
        (79, None, "image repository unknown"),
        (83, "ghcr.io/acme/short", "not a digest (sha256:…)"),
        (86, "ghcr.io/acme/untagged", "no tag (the chart decides)"),
        (89, "https://github.com/acme/shop.git", "not an image reference"),
        (93, "ghcr.io/acme/automated", "owned by Flux image automation"),
    ]
    assert skipped(helm_values, PRODUCTION) == [
        (2, None, "image repository unknown"),
        (7, "{{ .Values.registry }}/extra:1.0.0", "contains a template"),
    ]


def test_digests() -> None:
    """A separate digest belongs to its tag; a digest may be written behind the tag only where there is no such key."""
    by_name = {item.name: item for item in dependencies(helm_values, VALUES)}

    assert by_name["ghcr.io/acme/migrations"].current_digest == "sha256:" + 64 * "5"
    assert by_name["ghcr.io/acme/operator"].current_digest == "sha256:" + 64 * "6"
    assert {name for name, item in by_name.items() if not item.pinnable} == {"ghcr.io/acme/migrations", "busybox"}


def test_objects_are_not_values() -> None:
    """A Kubernetes object in a file with such a name is left to its own manager."""
    file = yaml("apiVersion: v1\nkind: ConfigMap\nimage: {repository: a/b, tag: 1.0}\n")

    assert list(helm_values.extract(file)) == []


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("image: {repository: a/b, tag: '1.0@sha256:%s', digest: 'sha256:%s'}", "two digests"),
        ("image: {repository: a/b, tag: 'not a tag'}", "not an image tag"),
        ("image: {repository: a/b, tag: $TAG}", "contains a variable"),
        ('image: {repository: a/b, tag: "1\\x2e0"}', "not written in one piece"),
        ("image: {repository: 'a/b:1.0', tag: 1.0}", "not an image reference"),
        ("image: {repository: '{{ .x }}', tag: 1.0}", "contains a template"),
    ],
)
def test_parts_that_make_no_image(text: str, reason: str) -> None:
    """Parts that do not make an image together are one row with the reason."""
    file = yaml(text.replace("%s", 64 * "0"))

    assert found(helm_values, file) == []
    assert [row[2] for row in skipped(helm_values, file)] == [reason]
