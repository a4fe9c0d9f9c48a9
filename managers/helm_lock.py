"""Lock files of Helm: `Chart.lock`, and `requirements.lock` of charts for Helm 2.

    dependencies:
    - name: postgresql
      repository: https://charts.bitnami.com/bitnami
      version: 15.5.38                               # what the range in Chart.yaml was resolved to
    digest: sha256:a72dfcd39e1b43f1e3e4bb5fb6a4e0a0e6e9b3d1d7e1e5e1f9b4f4a3c5b6d7e8
    generated: "2024-10-01T09:30:00.000000+02:00"

Each entry is what is installed now for a dependency in `Chart.yaml` or `requirements.yaml` beside it. It is not an
update of its own. Local charts have no version that could be looked up, and get no entry.

`digest` is a checksum over both lists of dependencies; `helm dependency build` refuses a lock file whose digest does
not fit. So no entry may be changed without it: see `digest_of`.
"""

import hashlib
import json
from collections.abc import Iterator

from managers._helm import locked_charts
from managers._manifests import extract_documents
from managers._yaml import Document, Mapping, Scalar, Sequence, documents
from updater.api import Extracted, Json, SourceFile

NAME = "helm-lock"
FILES: tuple[str, ...] = ("Chart.lock", "requirements.lock")
MARKERS: tuple[str, ...] = ("digest:",)
FOREIGN: tuple[str, ...] = ()
NARROWABLE = False

_FIELDS = ("name", "version", "repository", "condition", "tags", "enabled", "import-values", "alias")
"""In the order in which Helm writes them."""

_ALWAYS = frozenset(("name", "repository"))
_ESCAPED = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"})


def extract(file: SourceFile) -> Iterator[Extracted]:
    """An entry for each dependency that is locked."""
    return extract_documents(file, manager=NAME, wanted=_is_wanted, read=_read)


def _is_wanted(document: Document) -> bool:
    return document.field("digest") is not None and document.field("dependencies") is not None


def _read(file: SourceFile, root: Mapping) -> Iterator[Extracted]:
    return locked_charts(file, root, manager=NAME)


# ---------------------------------------------------------------- the digest


def digest_of(chart: SourceFile, lock: SourceFile) -> str | None:
    """The ``digest`` that belongs into ``lock`` beside ``chart`` (``Chart.yaml`` or ``requirements.yaml``).

    It is the SHA-256 of both lists of dependencies as Go writes them in JSON
    (https://github.com/helm/helm/blob/main/internal/resolver/resolver.go, ``HashReq``). None where it cannot be told:
    a file cannot be read, or names a repository by an alias, which Helm replaces by what its user has configured.
    """
    requested, locked = (_dependencies(file) for file in (chart, lock))
    if requested is None or locked is None:
        return None
    text = json.dumps([requested, locked], ensure_ascii=False, separators=(",", ":")).translate(_ESCAPED)
    return "sha256:" + hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()


def _dependencies(file: SourceFile) -> list[dict[str, Json]] | None:
    """The dependencies in ``file``; None if what Helm makes of them cannot be known."""
    root = next((document.root for document in documents(file.text) if document.root), None)
    if root is None:
        return None
    listed = [_fields(chart) for chart in root.mappings("dependencies")]
    aliased = any(str(fields["repository"]).startswith(("@", "alias:")) for fields in listed)
    return None if aliased or "{{" in file.text else listed


def _fields(chart: Mapping) -> dict[str, Json]:
    """One dependency as Helm's ``chart.Dependency`` has it: in its order, without what is empty."""
    values = {key: _value(chart, key) for key in _FIELDS}
    return {key: value for key, value in values.items() if value or key in _ALWAYS}


def _value(chart: Mapping, key: str) -> Json:
    node = chart.get(key)
    if isinstance(node, Sequence):
        return [_plain(each) for each in node]
    if key == "enabled":
        return isinstance(node, Scalar) and node.text.lower() in ("true", "yes", "on", "y")
    return node.text if isinstance(node, Scalar) and not node.is_null else ""


def _plain(node: object) -> Json:
    """An element of ``tags`` or ``import-values``: a text, or a map of texts, whose keys Go sorts."""
    if isinstance(node, Mapping):
        return {key: _plain(each) for key, each in sorted(node.items(), key=lambda item: item[0])}
    return node.text if isinstance(node, Scalar) else None
