"""The charts that a chart for Helm 2 depends on: `dependencies` in `requirements.yaml`.

    dependencies:
      - name: postgresql
        version: 8.6.4                               # a version or a range
        repository: https://charts.helm.sh/stable
      - name: redis
        version: ~10.5.0
        repository: "@stable"

All is as in `Chart.yaml` of later charts, see `helmv3`. Other files of this name (roles and collections of Ansible,
say) are left alone.
"""

from collections.abc import Iterator

from managers._helm import chart_dependency
from managers._manifests import extract_documents
from managers._yaml import Document, Mapping
from updater.api import Extracted, SourceFile

NAME = "helm-requirements"
FILES: tuple[str, ...] = ("requirements.yaml", "requirements.yml")
MARKERS: tuple[str, ...] = ("dependencies:",)
FOREIGN: tuple[str, ...] = ()
NARROWABLE = False


def extract(file: SourceFile) -> Iterator[Extracted]:
    """The dependencies that ``file`` lists."""
    return extract_documents(file, manager=NAME, wanted=_is_wanted, read=_read)


def _is_wanted(document: Document) -> bool:
    return document.field("dependencies") is not None


def _read(file: SourceFile, root: Mapping) -> Iterator[Extracted]:
    for chart in root.mappings("dependencies"):
        name = chart.scalar("name")
        if name is not None and name.has_text and ("repository" in chart or "version" in chart):
            yield chart_dependency(
                file,
                manager=NAME,
                name=name,
                repository=chart.text("repository"),
                repository_at=chart.scalar("repository"),
                version=chart.scalar("version"),
            )
