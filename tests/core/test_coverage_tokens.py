"""What counts as a token, and what does not."""

import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from updater.coverage.tokens import tokens


def found(text: str, path: str = "a.yaml") -> list[str]:
    return [text[slice(*token.span)] for token in tokens(path, text)]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("image: ghcr.io/acme/web:main", "ghcr.io/acme/web:main"),
        ("image: redis:7", "redis:7"),
        ("image: nginx:1.25@sha256:" + "a" * 64, "nginx:1.25@sha256:" + "a" * 64),
        ('args: ["--proxy=envoyproxy/envoy:v1.31.0"]', "envoyproxy/envoy:v1.31.0"),
        ("run: docker run alpine:3.18 true", "alpine:3.18"),
        ("value: localhost:5000/web:1.10", "localhost:5000/web:1.10"),
        ("tag: 1.10", "1.10"),
        ('tag: "10"', "10"),
        ("tag: sha-1a2b3c4", "sha-1a2b3c4"),
        ("tag: &shared latest", "latest"),
        ("digest: sha256:" + "b" * 64, "sha256:" + "b" * 64),
        ("version: v3", "v3"),
        ("version: 2.4.1+build.7", "2.4.1+build.7"),
        ("postgres_version: 16", "16"),
        ("eksVersion: '1.29'", "1.29"),
        ("targetRevision: refs/tags/v0.8.0", "refs/tags/v0.8.0"),
        ("targetRevision: web-1.2.3", "web-1.2.3"),
        ("rev: " + "c" * 40, "c" * 40),
        ("uses: actions/checkout@v4", "v4"),
        ("uses: actions/checkout@" + "d" * 40, "d" * 40),
        ("- prettier@^3.4.0", "3.4.0"),
        ("- https://github.com/acme/bases//web?ref=v1.2", "v1.2"),
        ("url: https://github.com/acme/x/releases/download/v1.2.3/x-1.2.3.tar.gz", "v1.2.3"),
        ("url: https://charts.example.com/web-1.2.3.tgz", "1.2.3"),
        ("url: https://dl.example.com/kubectl/v1.29/linux", "v1.29"),
        ("- install --version 2.1", "2.1"),
        ("- apk add curl=8.5.0-r0", "8.5.0-r0"),
        ("- pip install ansible==8.1.0", "8.1.0"),
        ("python: 3.12", "3.12"),
        ('python-version: ["3.12"]', "3.12"),
        ("react: ^18.2.0", "^18.2.0"),
        ('version: ">=1.0 <2"', ">=1.0 <2"),
        ("version: 6.x", "6.x"),
        ("- {name: common, version: ^2.20.0, repository: x}", "^2.20.0"),
        ("setting: 1.2.3", "1.2.3"),
        ("apiVersion: apps/v1", "apps/v1"),
    ],
)
def test_a_token(line: str, expected: str) -> None:
    """Versions, images, ranges and commits are seen as one token each, exactly as long as they are."""
    assert found(f"{line}\n") == [expected]


@pytest.mark.parametrize(
    "line",
    [
        "ratio: 0.5",
        "threshold: 1.10",
        "cpu: 1.5",
        "memory: 1.5Gi",
        "address: 10.0.0.1",
        "value: 10.0.0.1",
        "cidr: 10.1.2.0/24",
        "endpoint: 10.0.0.1:8080",
        "endpoint: cache.shop.svc:6379",
        "ports: ['80:8080', '443:8443']",
        "at: 12:30",
        "url: https://api.example.com/v1/things",
        "issuer: https://login.example.com/tenant/v2.0",
        "name: web-1.2.3",
        "helm.sh/chart: web-1.2.3",
        "description: since 1.2.3 this is on",
        "# tag: 1.2.3",
        "replicas: 3  # as of 1.2.3",
        "id: 123e4567-e89b-12d3-a456-426614174000",
        "oid: 1.3.6.1.4",
        "percent: 99.9%",
        "image: nginx",
        'image: "{{ .Values.image }}"',
        "image: quay.io/acme/web:on-pr-{{revision}}",
        "expr: rate(http_requests[5m]) > 0.95",
        "tag: kube.*",
        "resourceVersion: '12345'",
        "checksum: sha256:" + "a" * 64,
    ],
)
def test_no_token(line: str) -> None:
    """Numbers, addresses, ports, times, names and prose are none."""
    assert found(f"kind: Thing\n{line}\n") == []


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        ("main.tf", 'version = "~> 5.0" // was 4.0.0\n/* 1.2.3 */\n', ["~> 5.0"]),
        ("main.tf", 'variable "eks_version" {\n  type    = string\n  default = "1.29"\n}\n', ["1.29"]),
        ("main.tf", 'set {\n  name  = "image.tag"\n  value = "1.2"\n}\n', ["1.2"]),
        ("Dockerfile", "FROM golang:alpine AS build\nENV HELM_VERSION 3.15\n", ["golang:alpine", "3.15"]),
        ("Makefile", "KIND_VERSION ?= 0.24\n", ["0.24"]),
        (".env", "WEB_TAG=2.4\n", ["2.4"]),
        (".tool-versions", "terraform 1.9\nnodejs 20.15.0 18.20.3\n", ["1.9", "20.15.0", "18.20.3"]),
        (".terraform-version", "1.9\n", ["1.9"]),
        ("run.sh", 'V="${HELM_VERSION:-3.15}"\n', ["3.15"]),
        ("a.yaml", "env:\n  - name: WEB_VERSION\n    value: '1.4'\n", ["1.4"]),
        ("a.yaml", "env:\n  - name: RATIO\n    value: '1.4'\n", []),
        ("a.yaml", "images:\n  - redis:7\n", ["redis:7"]),
        ("a.json", '{"image":"redis:7","ratio":0.5,"version":"1.2"}', ["redis:7", "1.2"]),
        ("a.yaml", "a: {{/* 1.2.3 */}} x\n", []),
    ],
)
def test_in_its_place(path: str, text: str, expected: list[str]) -> None:
    """What stands around a value counts: instructions, names beside it, comments, the kind of file."""
    assert found(text, path) == expected


@given(st.text(alphabet="ab1.:@/=-_~^<>\"'{}[] \n#v,|", max_size=200))
def test_tokens_lie_apart_and_in_order(text: str) -> None:
    """Whatever a file holds, tokens are not empty, do not overlap and come in order."""
    places = [token.span for token in tokens("a.yaml", text)]

    assert all(place.start < place.end <= len(text) for place in places)
    assert all(one.end <= other.start for one, other in pairwise(places))


@pytest.mark.parametrize(
    "unit", ['{"version":"1.2.3"},', "1.2.3.4:5@6/", "a:b@c=", "version: ", "/* ", "# ", "x: 1.2.3\n", "- ", "^1.2 "]
)
def test_the_time_is_linear(unit: str) -> None:
    """Eight times the text takes far less than 64 times as long, on one line or many."""

    def seconds(count: int) -> float:
        start = time.process_time()
        tokens("a.tf", unit * count)
        return time.process_time() - start

    assert seconds(4_000) < 24 * min(seconds(500) for _ in range(3)) + 0.05
