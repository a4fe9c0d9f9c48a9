"""The charts that a Helm chart depends on: `dependencies` in `Chart.yaml`.

    apiVersion: v2
    name: shop
    version: 1.4.0
    dependencies:
      - name: postgresql
        version: 15.5.38                             # a version or a range: ~15.5.0, ^15, 15.*
        repository: https://charts.bitnami.com/bitnami
      - name: redis
        version: 19.6.4
        repository: oci://registry-1.docker.io/bitnamicharts

A repository at `https://` is asked for its index, an `oci://` one as image registries are. Charts beside this
one (`file://`) and repositories known by an alias only (`@name`) are listed, but not updated. The chart's own
`version` and `appVersion` are its author's business.
"""

from collections.abc import Iterator

from managers._helm import chart_dependency
from managers._manifests import extract_documents
from managers._yaml import Document, Mapping
from updater.api import Extracted, SourceFile

NAME = "helmv3"
FILES: tuple[str, ...] = ("Chart.yaml",)
MARKERS: tuple[str, ...] = ("dependencies",)
NARROWABLE = False


def extract(file: SourceFile) -> Iterator[Extracted]:
    """The dependencies of the chart that ``file`` describes."""
    return extract_documents(file, manager=NAME, wanted=_is_wanted, read=_read)


def _is_wanted(document: Document) -> bool:
    return document.mentions(*MARKERS)


def _read(file: SourceFile, root: Mapping) -> Iterator[Extracted]:
    if root.text("apiVersion") != "v2":
        return
    for chart in root.mappings("dependencies"):
        if name := chart.scalar("name"):
            yield chart_dependency(
                file, manager=NAME, name=name, repository=chart.text("repository"), version=chart.scalar("version")
            )
