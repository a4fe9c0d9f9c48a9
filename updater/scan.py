"""Stage 1: the files of a repository → dependencies, lock entries, and what is skipped with the reason. No network.

Content decides: every manager looks at every file whose name makes it worth opening and whose text holds one of
its markers. The configuration's patterns narrow or extend that.
"""

import gc
import hashlib
from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import chain

from msgspec.structs import replace

from updater.api import CustomManager, Linker, Manager, Tree
from updater.config import Config
from updater.extractions import Extractions, content_id
from updater.files import RepositoryFiles, opened_file
from updater.model.scan import Clue, Dependency, Extracted, LockEntry, Scan, Skipped, SourceFile, Span
from updater.offlimits import claim, may_be_claimed
from updater.readers import Readers
from updater.readers import readers as readers_of

_CORE = "core"
"""Who leaves the clue that comments in a file may claim what is linked there."""

_Contents = Mapping[str, str | None]
"""Path → what tells the content from any other; None where that is not known without reading it."""


def scan(
    tree: Tree,
    config: Config,
    managers: Mapping[str, Manager],
    custom_managers: Mapping[str, CustomManager],
    extractions: Extractions | None = None,
) -> Scan:
    """Read the repository once and ask every enabled manager about every file that ``extractions`` do not know."""
    with collector_paused():
        if extractions is None:
            return _scanned(tree, {}, config, managers, custom_managers, None)
        found = extractions.recall_scan(tree.state)
        if found is not None:
            return found
        contents = {path: tree.identity(path) for path in tree.files()}
        whole = _fingerprint(tree, contents)
        found = extractions.recall_scan(tree.state, whole)
        if found is None:
            found = _scanned(tree, contents, config, managers, custom_managers, extractions)
        if whole is not None:
            extractions.keep_scan(tree.state, whole, found)
        return found


def _fingerprint(tree: Tree, contents: _Contents) -> str | None:
    """What tells all the files of a tree from any others; None if one of them is not known without reading it."""
    told = [*chain.from_iterable(tree.links().items()), ""]
    for path, content in contents.items():
        if content is None:
            return None
        told += (path, content)
    return hashlib.sha256("\0".join(told).encode("utf-8", "surrogateescape")).hexdigest()


def _scanned(
    tree: Tree,
    contents: _Contents,
    config: Config,
    managers: Mapping[str, Manager],
    custom_managers: Mapping[str, CustomManager],
    extractions: Extractions | None,
) -> Scan:
    readers, unusable = readers_of(config, managers, custom_managers)
    files = RepositoryFiles(tree, config)
    rows = [*unusable, *files.links_leading_out()]
    by_path = dict(_extracted(tree, contents, _worth_opening(files, readers, rows), readers, extractions))
    for path, items in _by_path(_linked(by_path, readers, files)).items():
        by_path[path] = _without_doubles([*by_path.get(path, ()), *items])
    found = [*rows, *chain.from_iterable(by_path.values())]
    return Scan(
        dependencies=tuple(sorted((item for item in found if isinstance(item, Dependency)), key=_place)),
        locks=tuple(sorted((item for item in found if isinstance(item, LockEntry)), key=_place)),
        skipped=tuple(sorted((item for item in found if isinstance(item, Skipped)), key=_place)),
    )


# ---------------------------------------------------------------- what stands in the files


def _worth_opening(files: RepositoryFiles, readers: Readers, rows: list[Skipped]) -> list[str]:
    wanted = [path for path in files.paths if readers.opening(path)]
    closed = {path: row for path in wanted if (row := files.why_closed(path))}
    rows += closed.values()
    return [path for path in wanted if path not in closed]


def _extracted(
    tree: Tree, contents: _Contents, paths: Iterable[str], readers: Readers, extractions: Extractions | None
) -> Iterator[tuple[str, Sequence[Extracted]]]:
    """What stands in each file, recalled where its content is known."""
    unknown: list[str] = []
    for path in paths:
        content = contents.get(path)
        found = extractions.recall(path, content) if extractions and content else None
        if found is None:
            unknown.append(path)
        else:
            yield path, found
    for path, data in tree.read(unknown):
        yield path, _recalled_or_extracted(path, data, contents.get(path), readers, extractions)


def _recalled_or_extracted(
    path: str, data: bytes, content: str | None, readers: Readers, extractions: Extractions | None
) -> Sequence[Extracted]:
    if extractions is None:
        return _extract(path, data, readers)
    if content is None:
        content = content_id(data)
        known = extractions.recall(path, content)
        if known is not None:
            return known
    found = _extract(path, data, readers)
    extractions.keep(path, content, found)
    return found


def _extract(path: str, data: bytes, readers: Readers) -> Sequence[Extracted]:
    """What all managers find in one file, each place once."""
    chosen, absent = readers.reading(path, data)
    if not chosen:
        return ()
    file = opened_file(path, data, absent)
    if isinstance(file, Skipped):
        return (file,)
    found: list[Extracted] = []
    for reader in chosen:
        items = [*reader.manager.extract(file)]
        if items and not reader.admits(path):
            items = [_turned_away(item, reader.outside) for item in items]
        found += items
    if found and may_be_claimed(file):
        found = [unclaimed(file, item) for item in found]
        if any(isinstance(item, Clue) for item in found):
            found.append(Clue(manager=_CORE, path=path, kind="claims"))
    return _without_doubles(found)


def unclaimed(file: SourceFile | None, item: Extracted) -> Extracted:
    """``item``, unless a comment beside it gives it to somebody else."""
    if file is None or not isinstance(item, Dependency):
        return item
    claims = (claim(file.text, span) for span in (item.span, item.digest_span) if span)
    reason = next(filter(None, claims), None)
    return item.unmanaged(reason) if reason else item


def _by_path(found: Iterable[Extracted]) -> Mapping[str, Sequence[Extracted]]:
    by_path: dict[str, list[Extracted]] = {}
    for item in list(found):
        by_path.setdefault(item.path, []).append(item)
    return by_path


def _linked(
    by_path: Mapping[str, Sequence[Extracted]], readers: Readers, files: RepositoryFiles
) -> Iterator[Extracted]:
    """What the managers make of the clues that they found in several files."""
    clues: dict[str, list[Clue]] = {}
    for path in sorted(by_path):
        for item in by_path[path]:
            if isinstance(item, Clue):
                clues.setdefault(item.manager, []).append(item)
    claimable = {clue.path for clue in clues.pop(_CORE, ())}
    unclaimable = {clue.path for each in clues.values() for clue in each} - claimable
    for reader in readers.all:
        its_own = clues.get(reader.manager.NAME)
        if its_own and isinstance(reader.manager, Linker):
            for item in reader.manager.link(its_own, files):
                admitted = item if reader.admits(item.path) else _turned_away(item, reader.outside)
                yield admitted if item.path in unclaimable else unclaimed(files.read(item.path), admitted)


def _turned_away(item: Extracted, reason: str) -> Extracted:
    """What a manager found in a file that the configuration does not give it; clues and locks mean nothing alone."""
    match item:
        case Dependency():
            return item.unmanaged(reason)
        case Skipped():
            return replace(item, reason=reason)
        case LockEntry() | Clue():
            return item


def _without_doubles(found: Sequence[Extracted]) -> Sequence[Extracted]:
    """What was found in one file, each place once.

    Two managers that find a dependency at the same place found one dependency. The built-in manager's word counts,
    unless a custom one (which the user wrote) says something else about it. What is managed is not skipped as well.
    """
    if len(found) < 2 or _are_apart(found):  # so it is in most files
        return found
    clues: list[Extracted] = []
    dependencies = _Places()
    others: dict[tuple[object, ...], Skipped | LockEntry] = {}
    for item in found:
        if isinstance(item, Dependency):
            dependencies.keep_better(item)
        elif isinstance(item, Clue):
            clues.append(item)
        else:
            others.setdefault((type(item), item.line, getattr(item, "span", None), getattr(item, "reason", None)), item)
    left = (
        item
        for item in others.values()
        if not (isinstance(item, Skipped) and item.span and dependencies.overlapping(item.span))
    )
    return [*clues, *dependencies.kept.values(), *left]


def _are_apart(found: Iterable[Extracted]) -> bool:
    """Whether these are values of dependencies alone, each behind the one before it."""
    end = 0
    for item in found:
        if not isinstance(item, Dependency) or item.digest_span or item.span is None or item.span.start < end:
            return False
        end = item.span.end
    return True


class _Places:
    """Dependencies of one file, no two of which share a place."""

    def __init__(self) -> None:
        self.kept: dict[Span, Dependency] = {}
        self._sorted: list[Span] = []

    def overlapping(self, place: Span) -> list[Span]:
        """The places that share a character with ``place``; few, so the time does not depend on how many there are."""
        index = bisect_left(self._sorted, (place.end,))
        found = []
        while index and self._sorted[index - 1].end > place.start:
            index -= 1
            found.append(self._sorted[index])
        return found

    def keep_better(self, item: Dependency) -> None:
        """Keep ``item`` unless its place is taken by one whose word counts more."""
        place = _whole(item)
        rivals = self.overlapping(place)
        if len(rivals) == 1 and _overrides(item, self.kept[rivals[0]]):
            del self.kept[rivals[0]]
            self._sorted.remove(rivals[0])
        elif rivals:
            return
        self.kept[place] = item
        insort(self._sorted, place)


def _overrides(item: Dependency, rival: Dependency) -> bool:
    says_something_else = (item.package, item.versioning) != (rival.package, rival.versioning)
    return item.manager.startswith("custom.") and not rival.manager.startswith("custom.") and says_something_else


def _whole(item: Dependency) -> Span:
    value, digest = item.span, item.digest_span
    if value is None or digest is None:
        return value or digest or Span(0, 0)
    return Span(min(value.start, digest.start), max(value.end, digest.end))


def _place(item: Dependency | LockEntry | Skipped) -> tuple[str, int, str]:
    return (item.path, item.line or 0, ("" if isinstance(item, LockEntry) else item.name) or "")


@contextmanager
def collector_paused() -> Iterator[None]:
    """Parsing makes many objects and no garbage cycles worth a collection, which would cost more than the parsing."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
