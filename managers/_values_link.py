"""What several files say together about Helm values: which ones are values, and what completes an image in them."""

import posixpath
from collections.abc import Iterable, Iterator, Sequence

from msgspec import structs

from managers._helm import image_name
from managers._values_files import CHART_FILES, Mentions, is_in_chart
from managers._yaml import documents_in
from updater.api import (
    Clue,
    Dependency,
    Extracted,
    Files,
    Json,
    Skipped,
    dependency,
    image_package,
    parse_image,
)

MENTIONS = "mentions"
"""A file hands the files at ``paths`` to Helm as values."""
PERHAPS = "perhaps"
"""An image that counts if its file holds values; it is ``doubtful`` if that needs a mention."""
UNTAGGED = "untagged"
"""An image without a tag in a chart's own values; whether they were ``commented`` with the appVersion."""
UNNAMED = "unnamed"
"""A tag without a repository under some ``keys``."""
APP_VERSION = "app-version"
"""A template fills empty tags with the appVersion, and whether ``prefixed`` by a v."""

_MAX_LEVELS = 3
_WITH_V = r"^v(?P<version>\d.*)$"


def linked(clues: Sequence[Clue], files: Files) -> Iterator[Extracted]:
    """The images in files that hold values because of others, and the versions of charts' applications."""
    of_kind: dict[str, list[Clue]] = {}
    for clue in clues:
        of_kind.setdefault(clue.kind, []).append(clue)
    yield from _confirmed(of_kind.get(PERHAPS, ()), of_kind.get(MENTIONS, ()), files)
    yield from _chart_versions(of_kind.get(UNTAGGED, ()), of_kind.get(APP_VERSION, ()), files)
    for clue in of_kind.get(UNNAMED, ()):
        if isinstance(clue.about, Skipped):
            yield _named_elsewhere(clue.about, tuple(_texts(clue.data.get("keys"))), files)


def _confirmed(perhaps: Iterable[Clue], mentions: Iterable[Clue], files: Files) -> Iterator[Extracted]:
    by_path = _by_path(perhaps)
    if not by_path:
        return
    charts = frozenset(posixpath.dirname(path) for name in CHART_FILES for path in files.matching(f"**/{name}"))
    mentioned = Mentions((clue.path, _texts(clue.data.get("paths"))) for clue in mentions)
    for path, clues in by_path.items():
        is_meant = mentioned.hold(path)
        is_beside_chart = is_in_chart(path, charts)
        for clue in clues:
            if clue.about is not None and (is_meant or (is_beside_chart and not clue.data.get("doubtful"))):
                yield clue.about


def _chart_versions(untagged: Iterable[Clue], templates: Iterable[Clue], files: Files) -> Iterator[Extracted]:
    used: dict[str, bool] = {}
    for clue in templates:
        chart = clue.path.rpartition("templates/")[0].rstrip("/")
        used[chart] = used.get(chart, False) or bool(clue.data.get("prefixed"))
    for path, clues in _by_path(untagged).items():
        chart = posixpath.dirname(path)
        rows = [clue.about for clue in clues if isinstance(clue.about, Skipped)]
        is_used = chart in used or any(clue.data.get("commented") for clue in clues)
        version = _chart_version(chart, rows, files, with_v=used.get(chart, False)) if is_used else None
        if version is not None:
            yield version
        yield from (
            rows
            if version is None
            else (structs.replace(row, reason="follows appVersion in Chart.yaml") for row in rows)
        )


def _chart_version(chart: str, rows: Sequence[Skipped], files: Files, *, with_v: bool) -> Dependency | None:
    """The ``appVersion`` of the chart as the version of the one image in its values that has none."""
    names = {row.name for row in rows if row.name}
    reference = parse_image(names.pop()) if len(names) == 1 else None
    file = next(filter(None, (files.read(posixpath.join(chart, name)) for name in CHART_FILES)), None)
    root = next((document.root for document in documents_in(file) if document.root), None) if file else None
    version = root.scalar("appVersion") if root else None
    is_plain = version is not None and version.has_text and version.span is not None and not version.is_templated
    if reference is None or file is None or version is None or not is_plain:
        return None
    return dependency(
        file,
        manager=rows[0].manager or "",
        name=reference.name,
        package=image_package(reference.name),
        value=version.span,
        extract_version=_WITH_V if with_v else None,
        dep_type="appVersion",
    )


def _named_elsewhere(row: Skipped, keys: tuple[str, ...], files: Files) -> Dependency | Skipped:
    """The tag at ``row`` with the repository under the same ``keys`` in the values that the file overrides."""
    for path in _overridden(row.path):
        file = files.read(path) if path != row.path else None
        for document in documents_in(file) if file else ():
            name = image_name(document.root, keys) if document.root else None
            if name is not None:
                return _tagged(row, name)
    return row


def _overridden(path: str) -> Iterator[str]:
    """Where the values stand that the ones at ``path`` override: beside them, or in a directory above."""
    directory = posixpath.dirname(path)
    for _ in range(_MAX_LEVELS):
        yield from (posixpath.join(directory, name) for name in ("values.yaml", "values.yml"))
        if not directory:
            return
        directory = posixpath.dirname(directory)


def _tagged(row: Skipped, name: str) -> Dependency | Skipped:
    reference, tagged = parse_image(name), parse_image(f"x:{row.current_value}")
    if reference is None or reference.tag or reference.digest or tagged is None or tagged.digest or row.span is None:
        return row
    return Dependency(
        manager=row.manager or "",
        path=row.path,
        line=row.line or 1,
        name=reference.name,
        package=image_package(reference.name),
        current_value=row.current_value,
        span=row.span,
        environment=row.environment,
    )


def _by_path(clues: Iterable[Clue]) -> dict[str, list[Clue]]:
    grouped: dict[str, list[Clue]] = {}
    for clue in clues:
        grouped.setdefault(clue.path, []).append(clue)
    return grouped


def _texts(value: Json) -> Iterator[str]:
    return (str(each) for each in value) if isinstance(value, Sequence) else iter(())
