"""Lock files of Helm: `Chart.lock`, and `requirements.lock` of charts for Helm 2.

    dependencies:
    - name: postgresql
      repository: https://charts.bitnami.com/bitnami
      version: 15.5.38                               # what the range in Chart.yaml was resolved to
    digest: sha256:a72dfcd39e1b43f1e3e4bb5fb6a4e0a0e6e9b3d1d7e1e5e1f9b4f4a3c5b6d7e8
    generated: "2024-10-01T09:30:00.000000+02:00"

Each entry is what is installed now for a dependency in `Chart.yaml` or `requirements.yaml` beside it, and moves with
it: to the new version, if that is written there, and also within a range (`~15.5.0`), which then stays. `digest` is a
checksum over both lists of dependencies, without which `helm dependency build` refuses the lock file; it is made anew,
one for all updates in a branch. `generated` says when Helm resolved the ranges the last time, and stays.

A lock file that does not fit its chart (somebody has edited `Chart.yaml` without `helm dependency update`) is reported
and left alone; updates are then those of `Chart.yaml` alone. Archives in `charts/` are left to
`helm dependency build`. Local charts have no version that could be looked up, and get no entry.
"""

import hashlib
import json
import posixpath
from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Mapping as Dict
from typing import Any, NamedTuple

from managers._helm import chart_package, locked_charts
from managers._manifests import extract_documents
from managers._yaml import Document, Mapping, Scalar, documents_in
from managers._yaml import Sequence as List
from updater.api import (
    Clue,
    Edit,
    Extracted,
    Files,
    Json,
    LockEntry,
    Package,
    Place,
    Remark,
    Skipped,
    SourceFile,
    Span,
)

NAME = "helm-lock"
FILES: tuple[str, ...] = ("Chart.lock", "requirements.lock", "Chart.yaml", "requirements.yaml")
MARKERS: tuple[str, ...] = ("dependencies",)
FOREIGN: tuple[str, ...] = ()
NARROWABLE = False

_REQUESTED, _LOCKED = "requested", "locked"
"""The kinds of clues: the dependencies of a chart, and those in a lock file with its ``digest``."""

_LEFT_ALONE = "is left as it is, because it {}; `helm dependency update` makes it anew"
_ARCHIVE = "is not replaced; `helm dependency build` does that"

_FIELDS = ("name", "version", "repository", "condition", "tags", "enabled", "import-values", "alias")
"""In the order in which Helm writes them."""

_ALWAYS = frozenset(("name", "repository"))
_ESCAPED = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"})

_Fields = Dict[str, Json]


def extract(file: SourceFile) -> Iterator[Extracted]:
    """What ``file`` locks, or what may be locked of it; both mean something only together."""
    if file.path.endswith(".lock"):
        return extract_documents(file, manager=NAME, wanted=_is_lock, read=_read_lock)
    return _read_chart(file)


def _is_lock(document: Document) -> bool:
    return document.field("digest") is not None and document.field("dependencies") is not None


def _read_lock(file: SourceFile, root: Mapping) -> Iterator[Extracted]:
    yield from (item for item in locked_charts(file, root, manager=NAME) if isinstance(item, Skipped))
    digest = root.scalar("digest")
    line = file.line_of(digest.where.start) if digest else 1
    has_digests = any("digest" in chart for chart in root.mappings("dependencies"))
    data = {"charts": _listed(file, root), "digest": root.text("digest"), "line": line, "has_digests": has_digests}
    yield Clue(manager=NAME, path=file.path, kind=_LOCKED, data=data)


def _read_chart(file: SourceFile) -> Iterator[Extracted]:
    root = _root(file)
    charts = _listed(file, root) if root is not None else []
    if charts:
        yield Clue(manager=NAME, path=file.path, kind=_REQUESTED, data={"charts": charts})


def _root(file: SourceFile) -> Mapping | None:
    return next((document.root for document in documents_in(file) if document.root), None)


def _listed(file: SourceFile, root: Mapping) -> list[_Fields]:
    """The dependencies: their fields, and where each has its version."""
    return [
        {"fields": _fields(chart), "span": version.span if version else None, "line": _line(file, version)}
        for chart in root.mappings("dependencies")
        for version in (chart.scalar("version"),)
    ]


def _line(file: SourceFile, version: Scalar | None) -> int | None:
    return file.line_of(version.span.start) if version and version.span else None


# ---------------------------------------------------------------- a lock file and its chart


class _Chart(NamedTuple):
    """A chart as one of the two files lists it."""

    fields: _Fields
    span: Span | None
    line: int | None


def link(clues: Sequence[Clue], files: Files) -> Iterator[Extracted]:
    """The entry of each locked dependency, and a row for each lock file that does not fit its chart."""
    by_path: dict[str, Clue] = {}
    for clue in clues:
        by_path.setdefault(clue.path, clue)
    locks = [clue for clue in by_path.values() if clue.kind == _LOCKED]
    archives = frozenset(files.matching("**/charts/*.tgz") if locks else ())
    for lock in locks:
        yield from _linked(lock, by_path.get(_chart_path(lock)), archives)


def _chart_path(lock: Clue) -> str:
    return lock.path.removesuffix(".lock") + ".yaml"


def _linked(lock: Clue, chart: Clue | None, archives: frozenset[str]) -> Iterator[Extracted]:
    requested, locked = _charts(chart), _charts(lock)
    pairs = list(_pairs(requested, locked))
    why_stale = _why_stale(lock, requested, locked, pairs)
    if why_stale is not None:
        yield Skipped(manager=NAME, path=lock.path, reason=why_stale, line=_number(lock.data["line"]))
    for chart_, entry in pairs:
        package = chart_package(_text(entry.fields, "name"), _text(entry.fields, "repository"))
        if isinstance(package, Package) and chart is not None and chart_.span and entry.span and entry.line:
            yield LockEntry(
                manager=NAME,
                path=lock.path,
                line=entry.line,
                package=package,
                version=_text(entry.fields, "version"),
                version_span=entry.span,
                places=(Place(chart.path, chart_.span),),
                is_stale=why_stale is not None,
                remark=_remark(lock.path, entry, why_stale, archives),
            )


def _charts(clue: Clue | None) -> list[_Chart]:
    listed: Any = clue.data["charts"] if clue is not None else ()
    return [_Chart(each["fields"], Span(*each["span"]) if each["span"] else None, each["line"]) for each in listed]


def _number(value: Json) -> int | None:
    return value if isinstance(value, int) else None


def _text(fields: _Fields, key: str) -> str:
    return str(fields.get(key, ""))


def _pairs(requested: Iterable[_Chart], locked: Iterable[_Chart]) -> Iterator[tuple[_Chart, _Chart]]:
    """Each dependency with its entry; a chart that is listed twice (under aliases) has two in the same order."""
    free: dict[str, list[_Chart]] = {}
    for entry in locked:
        free.setdefault(_text(entry.fields, "name"), []).append(entry)
    for chart in requested:
        namesakes = free.get(_text(chart.fields, "name"), [])
        index = next((index for index, entry in enumerate(namesakes) if _may_lock(entry, chart)), None)
        if index is not None:
            yield chart, namesakes.pop(index)


def _may_lock(entry: _Chart, chart: _Chart) -> bool:
    """Whether the repositories may be the same: Helm locks the address behind an alias."""
    repository = _text(chart.fields, "repository")
    return repository.startswith(("@", "alias:")) or entry.fields["repository"] == repository


def _why_stale(
    lock: Clue, requested: Sequence[_Chart], locked: Sequence[_Chart], pairs: Sequence[tuple[_Chart, _Chart]]
) -> str | None:
    """Why the lock file cannot move with its chart; None if it can."""
    name = posixpath.basename(_chart_path(lock))
    if not len(requested) == len(pairs) == len(locked) or not _fits(lock, pairs, locked):
        return f"does not fit {name}"
    if lock.data["has_digests"]:  # proposed for Helm 4: https://github.com/helm/helm/pull/32243
        return "holds digests of archives"
    places = [chart.span for chart in requested if chart.span is not None]
    return f"locks charts that share one version in {name}" if len(set(places)) < len(places) else None


def _fits(lock: Clue, pairs: Sequence[tuple[_Chart, _Chart]], locked: Sequence[_Chart]) -> bool:
    """Whether Helm 3 accepts the digest; in a ``requirements.lock`` one of Helm 2, over the requests alone, will do."""
    of_helm_2 = {"dependencies": [chart.fields for chart, _ in pairs]}
    is_of_helm_2 = lock.path.endswith("requirements.lock") and lock.data["digest"] == _checksum(of_helm_2)
    return is_of_helm_2 or lock.data["digest"] == _digest(pairs, locked)


def _remark(path: str, entry: _Chart, why_stale: str | None, archives: frozenset[str]) -> Remark | None:
    if why_stale is not None:
        return Remark(path, _LEFT_ALONE.format(why_stale))
    name = f"{_text(entry.fields, 'name')}-{_text(entry.fields, 'version')}.tgz"
    archive = posixpath.join(posixpath.dirname(path), "charts", name)
    return Remark(archive, _ARCHIVE) if archive in archives else None


# ---------------------------------------------------------------- the digest


def seal(lock: SourceFile, locked: Sequence[SourceFile]) -> Iterator[Edit]:
    """The new digest of ``lock``, if it is not the one it has."""
    root = _root(lock)
    present = root.scalar("digest") if root is not None else None
    digest = digest_of(locked[0], lock)
    if digest is None or present is None or present.span is None:
        raise ValueError("its digest cannot be told")
    if digest != present.text:
        yield Edit(path=lock.path, span=present.span, text=digest)


def digest_of(chart: SourceFile, lock: SourceFile) -> str | None:
    """The ``digest`` that belongs into ``lock`` beside ``chart`` (``Chart.yaml`` or ``requirements.yaml``).

    It is the SHA-256 of both lists of dependencies as Go writes them in JSON
    (https://github.com/helm/helm/blob/main/internal/resolver/resolver.go, ``HashReq``). A repository that ``chart``
    names by an alias goes in with the address that is locked for it. None if a file cannot be read, or if they do not
    list the same charts.
    """
    roots = [_root(file) for file in (chart, lock)]
    requested, locked = (
        [_Chart(_fields(each), None, None) for each in root.mappings("dependencies")] if root is not None else []
        for root in roots
    )
    pairs = list(_pairs(requested, locked))
    if None in roots or not len(requested) == len(pairs) == len(locked):
        return None
    return _digest(pairs, locked)


def _digest(pairs: Iterable[tuple[_Chart, _Chart]], locked: Iterable[_Chart]) -> str:
    requested = [{**chart.fields, "repository": entry.fields["repository"]} for chart, entry in pairs]
    return _checksum([requested, [entry.fields for entry in locked]])


def _checksum(value: Json) -> str:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":")).translate(_ESCAPED)
    return "sha256:" + hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()


def _fields(chart: Mapping) -> _Fields:
    """One dependency as Helm's ``chart.Dependency`` has it: in its order, without what is empty."""
    values = {key: _value(chart, key) for key in _FIELDS}
    return {key: value for key, value in values.items() if value or key in _ALWAYS}


def _value(chart: Mapping, key: str) -> Json:
    node = chart.get(key)
    if isinstance(node, List):
        return [_plain(each) for each in node]
    if key == "enabled":
        return isinstance(node, Scalar) and node.text.lower() in ("true", "yes", "on", "y")
    return node.text if isinstance(node, Scalar) and not node.is_null else ""


def _plain(node: object) -> Json:
    """An element of ``tags`` or ``import-values``: a text, or a map of texts, whose keys Go sorts."""
    if isinstance(node, Mapping):
        return {key: _plain(each) for key, each in sorted(node.items(), key=lambda item: item[0])}
    return node.text if isinstance(node, Scalar) else None
