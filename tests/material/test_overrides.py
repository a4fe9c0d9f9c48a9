"""The values that stand near a chart's version, found with their places."""

import pytest

from updater.material.overrides import overrides_at

ARGOCD = """\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: web}
spec:
  sources:
    - repoURL: https://charts.example.com
      chart: web
      targetRevision: 1.2.3
      helm:
        valuesObject:
          server: {port: 80, hosts: [a, b]}
        values: |
          cache:
            size: 5
        parameters:
          - {name: "image.tag", value: v1}
          - name: nodeSelector.kubernetes\\.io/os
            value: linux
        valueFiles: [$own/web/values.yaml, https://example.com/x.yaml, $own/../../etc/passwd]
    - repoURL: https://git.example.com/own.git
      ref: own
      helm: {valuesObject: {other: 1}}
"""
FLUX = """\
kind: ConfigMap
---
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
spec:
  chart: {spec: {chart: web, version: 1.2.3}}
  values:
    replicas: 2
    nodeSelector: {}
"""
KUSTOMIZE = """\
helmCharts:
  - name: web
    version: 1.2.3
    valuesInline: {port: 1}
    valuesFile: web/values.yaml
  - name: other
    version: 1.0.0
    valuesInline: {host: 1}
"""
HELMFILE = """\
releases:
  - name: web
    chart: acme/web
    version: 1.2.3
    values:
      - port: 1
      - web/values.yaml
      - web/secret.yaml.gotmpl
    set: [{name: a.b, value: 1}]
"""
CHART = """\
name: all
dependencies:
  - name: web
    alias: front
    version: 1.2.3
"""


def found(path: str, text: str, **others: str) -> list[tuple[str, str]]:
    files = {path: text, "web/values.yaml": "shared: {level: 1}\n", **others}
    overrides = overrides_at(path, text.index("1.2.3"), files.get)
    return [(".".join(each.path), f"{each.place}:{each.line}") for each in overrides]


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        (
            "app.yaml",
            ARGOCD,
            [
                ("server.port", "app.yaml:11"),
                ("server.hosts", "app.yaml:11"),
                ("cache.size", "app.yaml:14"),
                ("image.tag", "app.yaml:16"),
                ("nodeSelector.kubernetes.io/os", "app.yaml:17"),
                ("shared.level", "web/values.yaml:1"),
            ],
        ),
        ("release.yaml", FLUX, [("replicas", "release.yaml:8"), ("nodeSelector", "release.yaml:9")]),
        (
            "kustomization.yaml",
            KUSTOMIZE,
            [("port", "kustomization.yaml:4"), ("shared.level", "web/values.yaml:1")],
        ),
        (
            "helmfile.yaml",
            HELMFILE,
            [("port", "helmfile.yaml:6"), ("shared.level", "web/values.yaml:1"), ("a.b", "helmfile.yaml:9")],
        ),
    ],
)
def test_what_is_overridden(path: str, text: str, expected: list[tuple[str, str]]) -> None:
    """Each key with the line on which it stands; of this chart only, and only from files of the repository."""
    assert found(path, text) == expected


def test_the_values_of_a_dependency_stand_under_its_alias() -> None:
    """Those of the chart around it are none of its business."""
    values = "port: 1\nfront:\n  port: 2\n"

    assert found("all/Chart.yaml", CHART, **{"all/values.yaml": values}) == [("port", "all/values.yaml:3")]


@pytest.mark.parametrize(
    "text", ["version: 1.2.3\nvalues: &a {x: *a, y: *a}\n", "{{ x }}: [1.2.3", "version: 1.2.3\n\udcff"]
)
def test_what_cannot_be_read_overrides_nothing(text: str) -> None:
    """Values that contain themselves, templates, and bytes that are no text."""
    assert found("release.yaml", text) == []
