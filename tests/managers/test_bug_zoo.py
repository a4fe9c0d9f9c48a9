"""What other tools got wrong about files: each case as one repository, and all that is found in it.

What they got wrong about deployments is in ``tests/reconcilers/test_bug_zoo.py``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.corpus import labels, scanned

DIGEST = f"sha256:{'0f' * 32}"
POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n"
SET = "apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: {name: web}\nspec:\n"
APPLICATION = "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: web}\nspec:\n"


@dataclass(frozen=True, kw_only=True)
class Case:
    """``files`` are texts by path; ``found`` is what the labels of the corpus say of them."""

    files: Mapping[str, str]
    found: tuple[str, ...]


def _template(version: str) -> str:
    source = f"{{repoURL: https://charts.example.com, chart: web, targetRevision: '{{{{{version}}}}}'}}"
    return f"  template: {{spec: {{source: {source}}}}}\n"


CASES: Mapping[str, Case] = {
    "a quoted image": Case(
        files={"a.yaml": f"{POD}  containers:\n    - image: \"acme/web:1.2\"\n    - image: 'acme/api:1.3'\n"},
        found=(
            "a.yaml:6 | kubernetes | docker acme/web | 1.2 | -",
            "a.yaml:7 | kubernetes | docker acme/api | 1.3 | -",
        ),
    ),
    "two images with one tag in one file of values": Case(
        files={
            "values.yaml": "web:\n  image: {repository: acme/web, tag: 1.2.0}\n"
            "api:\n  image: {repository: acme/api, tag: 1.2.0}\n"
        },
        found=(
            "values.yaml:2 | helm-values | docker acme/web | 1.2.0 | -",
            "values.yaml:4 | helm-values | docker acme/api | 1.2.0 | -",
        ),
    ),
    "a digest with a slash behind it": Case(
        files={"a.yaml": f"{POD}  containers:\n    - image: acme/web@{DIGEST}/\n"},
        found=(f"a.yaml:6 | kubernetes | - acme/web@{DIGEST}/ | not an image reference",),
    ),
    "a first document that is no workload": Case(
        files={"a.yaml": f"kind: x\n---\n# only words\n---\n{POD}  containers: [{{image: 'acme/web:1.2'}}]\n"},
        found=("a.yaml:9 | kubernetes | docker acme/web | 1.2 | -",),
    ),
    "flow style": Case(
        files={
            "a.yaml": "{apiVersion: v1, kind: Pod, metadata: {name: web}, spec: {containers: [{image: acme/web:1}]}}\n"
        },
        found=("a.yaml:1 | kubernetes | docker acme/web | 1 | -",),
    ),
    "a template for a manifest": Case(
        files={
            "chart/Chart.yaml": "apiVersion: v2\nname: web\nversion: 0.1.0\n",
            "chart/templates/pod.yaml": f"{POD}  containers:\n    - image: {{{{ .Values.image }}}}:1.2\n",
        },
        found=("chart/templates/pod.yaml:6 | kubernetes | - {{ .Values.image }}:1.2 | contains a template",),
    ),
    "values for an environment": Case(
        files={"chart/values-prod.yaml": "image: {repository: acme/web, tag: 1.2.0}\n"},
        found=("chart/values-prod.yaml:1 | helm-values | docker acme/web | 1.2.0 | production",),
    ),
    "the elements of an application set": Case(
        files={"a.yaml": f"{SET}  generators: [{{list: {{elements: [{{version: 1.1.0}}]}}}}]\n{_template('version')}"},
        found=("a.yaml:5 | argocd | helm web | 1.1.0 | -",),
    ),
    "the values of clusters in an application set": Case(
        files={"a.yaml": f"{SET}  generators: [{{clusters: {{values: {{v: 1.1.0}}}}}}]\n{_template('values.v')}"},
        found=("a.yaml:5 | argocd | helm web | 1.1.0 | -",),
    ),
    "an image in valuesObject": Case(
        files={
            "a.yaml": f"{APPLICATION}  source:\n    repoURL: https://charts.example.com\n    chart: web\n"
            "    targetRevision: 1.0.0\n    helm:\n      valuesObject:\n"
            "        image: {repository: acme/web, tag: 2.0.0}\n"
        },
        found=(
            "a.yaml:8 | argocd | helm web | 1.0.0 | -",
            "a.yaml:11 | argocd | docker acme/web | 2.0.0 | -",
        ),
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_case(case: Case, tmp_path: Path) -> None:
    """A scan finds exactly this."""
    for path, text in case.files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)

    assert [line.removesuffix(" | locked") for line in labels(scanned(tmp_path))] == list(case.found)
