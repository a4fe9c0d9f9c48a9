"""Stage 1: the files of a repository → dependencies, lock entries, and what is skipped with the reason. No network.

Content decides: every manager looks at every file whose name makes it worth opening and whose text holds one of
its markers. The configuration's patterns narrow or extend that.
"""

import gc
import posixpath
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from fnmatch import translate
from functools import cached_property, lru_cache

from updater.api import CustomManager, Linker, Manager, Tree
from updater.config import Config, ManagerOptions
from updater.config.patterns import compile_file_pattern, compile_list
from updater.extractions import Extractions, content_id
from updater.model import Clue, Dependency, Extracted, LockEntry, Skipped, SourceFile, Span
from updater.offlimits import claim, is_encrypted, veiled


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """All that stands in a repository's files, in order of path and place."""

    dependencies: tuple[Dependency, ...]
    locks: tuple[LockEntry, ...]
    skipped: tuple[Skipped, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reader:
    """A manager with the files it is let loose on.

    ``opens`` says whether a file is worth opening; ``admits`` whether what it finds there counts, and ``outside``
    is the reason given where it does not.
    """

    manager: Manager
    opens: Callable[[str], bool]
    admits: Callable[[str], bool]
    outside: str


def scan(
    tree: Tree,
    config: Config,
    managers: Mapping[str, Manager],
    custom_managers: Mapping[str, CustomManager],
    extractions: Extractions | None = None,
) -> Scan:
    """Read the repository once and ask every enabled manager about every file that ``extractions`` do not know."""
    rows: list[Skipped] = list(_links_leading_out(tree))
    readers = [*_builtin_readers(config, managers), *_custom_readers(config, custom_managers, rows)]
    files = _Files(tree, config)
    with _collector_paused():
        by_path = dict(_extracted(tree, list(_worth_opening(files, readers, rows)), readers, extractions))
        for item in list(_linked(by_path, readers, files)):
            by_path.setdefault(item.path, []).append(item)
    found = [*rows, *(item for items in by_path.values() for item in _without_doubles(items))]
    return Scan(
        dependencies=tuple(sorted((item for item in found if isinstance(item, Dependency)), key=_place)),
        locks=tuple(sorted((item for item in found if isinstance(item, LockEntry)), key=_place)),
        skipped=tuple(sorted((item for item in found if isinstance(item, Skipped)), key=_place)),
    )


# ---------------------------------------------------------------- which files


def _builtin_readers(config: Config, managers: Mapping[str, Manager]) -> Iterator[_Reader]:
    for name, manager in managers.items():
        options = config.repository.managers.get(name)
        if _is_enabled(name, config, options):
            yield _builtin_reader(manager, options)


def _builtin_reader(manager: Manager, options: ManagerOptions | None) -> _Reader:
    by_name = _name_matcher(manager.FILES)
    if options is None or not options.file_patterns:
        return _Reader(manager=manager, opens=by_name, admits=_everything, outside="")
    configured = _any_of([compile_file_pattern(pattern) for pattern in options.file_patterns])
    return _Reader(
        manager=manager,
        opens=_any_of([by_name, configured]),
        admits=configured if manager.NARROWABLE else _everything,
        outside=f"outside {manager.NAME}.managerFilePatterns ({options.origin})",
    )


def _custom_readers(
    config: Config, custom_managers: Mapping[str, CustomManager], rows: list[Skipped]
) -> Iterator[_Reader]:
    """A reader for each entry of ``customManagers``; one that cannot be built is reported and left out."""
    for options in config.repository.custom_managers:
        kind = str(options.get("customType", "regex"))
        if not _is_enabled(f"custom.{kind}", config, None):
            continue
        try:
            yield _custom_reader(custom_managers[kind], options)
        except (KeyError, ValueError) as error:
            reason = f"there is no customType {kind!r}" if isinstance(error, KeyError) else str(error)
            rows.append(Skipped(manager=f"custom.{kind}", path=config.path or "configuration", reason=reason))


def _custom_reader(custom_manager: CustomManager, options: Mapping[str, object]) -> _Reader:
    patterns = options.get("managerFilePatterns", ())
    assert isinstance(patterns, Iterable)
    opens = _any_of([compile_file_pattern(str(pattern)) for pattern in patterns])
    return _Reader(manager=custom_manager.build(options), opens=opens, admits=_everything, outside="")


def _is_enabled(name: str, config: Config, options: ManagerOptions | None) -> bool:
    allowed = config.repository.enabled_managers
    return (not allowed or name in allowed) and (options is None or options.enabled is not False)


class _Files:
    """The files that may be looked into, for managers that need more than one."""

    def __init__(self, tree: Tree, config: Config) -> None:
        self._tree, self._ignored, self.limit = tree, _ignored(config), config.repository.max_file_size
        self._read: dict[str, SourceFile | None] = {}

    @cached_property
    def paths(self) -> Sequence[str]:
        """The paths of the files that the configuration does not ignore, sorted."""
        return [path for path in self._tree.files() if not self._ignored(path)]

    def is_too_large(self, path: str) -> bool:
        """Whether the file is larger than the configuration allows."""
        return self._tree.size(path) > self.limit

    def matching(self, pattern: str) -> Sequence[str]:
        """The paths that match a glob over the whole path; none for what is no glob."""
        try:
            matches = compile_file_pattern(pattern.lstrip("/"))
        except ValueError:
            return ()
        return [path for path in self.paths if matches(path)]

    def read(self, path: str) -> SourceFile | None:
        """The file at ``path``, its secrets hidden; None if there is none that may be read."""
        if path not in self._read:
            data = self._data(path)
            self._read[path] = None if data is None or b"\0" in data else _decoded(path, data)
        return self._read[path]

    def _data(self, path: str) -> bytes | None:
        if path not in self._known or self.is_too_large(path):
            return None
        return next((data for _, data in self._tree.read([path])), None)

    @cached_property
    def _known(self) -> frozenset[str]:
        return frozenset(self.paths)


def _worth_opening(files: _Files, readers: Sequence[_Reader], rows: list[Skipped]) -> Iterator[str]:
    for path in files.paths:
        if not any(reader.opens(path) for reader in readers):
            continue
        if files.is_too_large(path):
            rows.append(Skipped(manager=None, path=path, reason=f"larger than maxFileSize ({files.limit:,} bytes)"))
        else:
            yield path


def _ignored(config: Config) -> Callable[[str], bool]:
    """``ignorePaths`` and ``includePaths``: globs; an ignored path may also be a plain part of the path."""
    ignore, include = config.repository.ignore_paths, config.repository.include_paths
    plain = tuple(pattern for pattern in ignore if not set(pattern) & set("*?[{!"))
    is_ignored = compile_list(ignore) if ignore else None
    is_included = compile_list(include) if include else None

    def ignored(path: str) -> bool:
        if is_included is not None and not (is_included(path) or path in include):
            return True
        return any(part in path for part in plain) or (is_ignored is not None and is_ignored(path))

    return ignored


def _links_leading_out(tree: Tree) -> Iterator[Skipped]:
    for path, target in tree.links().items():
        resolved = posixpath.normpath(posixpath.join(posixpath.dirname(path), target))
        if target.startswith("/") or resolved == ".." or resolved.startswith("../"):
            yield Skipped(manager=None, path=path, reason="a symbolic link that leads out of the repository")


@lru_cache(maxsize=256)
def _name_matcher(globs: tuple[str, ...]) -> Callable[[str], bool]:
    suffixes = tuple(glob[1:] for glob in globs if glob.startswith("*.") and not set(glob[1:]) & set("*?["))
    others = "|".join(translate(glob) for glob in globs if glob[1:] not in suffixes)
    pattern = re.compile(others) if others else None

    def matches(path: str) -> bool:
        return path.endswith(suffixes) or (pattern is not None and bool(pattern.match(path.rsplit("/", 1)[-1])))

    return matches


def _any_of(tests: Sequence[Callable[[str], bool]]) -> Callable[[str], bool]:
    return lambda path: any(test(path) for test in tests)


def _everything(_path: str) -> bool:
    return True


# ---------------------------------------------------------------- what stands in them


def _extracted(
    tree: Tree, paths: Iterable[str], readers: Sequence[_Reader], extractions: Extractions | None
) -> Iterator[tuple[str, list[Extracted]]]:
    """What stands in each file, recalled where its content is known."""
    unknown: list[str] = []
    for path in paths:
        content = tree.identity(path) if extractions else None
        found = extractions.recall(path, content) if extractions and content else None
        if found is None:
            unknown.append(path)
        else:
            yield path, list(found)
    for path, data in tree.read(unknown):
        yield path, _recalled_or_extracted(path, data, tree.identity(path), readers, extractions)


def _recalled_or_extracted(
    path: str, data: bytes, content: str | None, readers: Sequence[_Reader], extractions: Extractions | None
) -> list[Extracted]:
    if extractions is None:
        return list(_extract(path, data, readers))
    if content is None:
        content = content_id(data)
        known = extractions.recall(path, content)
        if known is not None:
            return list(known)
    found = list(_extract(path, data, readers))
    extractions.keep(path, content, found)
    return found


def _extract(path: str, data: bytes, readers: Sequence[_Reader]) -> Iterator[Extracted]:
    if b"\0" in data:
        yield Skipped(manager=None, path=path, reason="binary, although its name says text")
        return
    file = _decoded(path, data)
    if is_encrypted(file.text):
        yield Skipped(manager=None, path=path, reason="encrypted with SOPS")
        return
    for reader in readers:
        markers = reader.manager.MARKERS
        if reader.opens(path) and (not markers or any(marker in file.text for marker in markers)):
            found = reader.manager.extract(file)
            admitted = found if reader.admits(path) else _turned_away(found, reader.outside)
            yield from (unclaimed(file, item) for item in admitted)


def _decoded(path: str, data: bytes) -> SourceFile:
    text = data.decode("utf-8", "surrogateescape")
    return SourceFile(path=path, text=veiled(text))


def unclaimed(file: SourceFile | None, item: Extracted) -> Extracted:
    """``item``, unless a comment beside it gives it to somebody else."""
    if file is None or not isinstance(item, Dependency):
        return item
    claims = (claim(file.text, span) for span in (item.span, item.digest_span) if span)
    reason = next(filter(None, claims), None)
    return item.unmanaged(reason) if reason else item


def _linked(
    by_path: Mapping[str, Sequence[Extracted]], readers: Sequence[_Reader], files: _Files
) -> Iterator[Extracted]:
    """What the managers make of the clues that they found in several files."""
    clues: dict[str, list[Clue]] = {}
    for path in sorted(by_path):
        for item in by_path[path]:
            if isinstance(item, Clue):
                clues.setdefault(item.manager, []).append(item)
    for reader in readers:
        if isinstance(reader.manager, Linker) and (its_own := clues.get(reader.manager.NAME)):
            for item in reader.manager.link(its_own, files):
                yield unclaimed(files.read(item.path), item)


def _turned_away(found: Iterable[Extracted], reason: str) -> Iterator[Extracted]:
    for item in found:
        match item:
            case Dependency():
                yield item.unmanaged(reason)
            case Skipped():
                yield replace(item, reason=reason)
            case LockEntry() | Clue():
                pass


def _without_doubles(found: Iterable[Extracted]) -> Iterator[Extracted]:
    """What was found in one file, each place once.

    Two managers that find a dependency at the same place found one dependency. The built-in manager's word counts,
    unless a custom one (which the user wrote) says something else about it. What is managed is not skipped as well.
    """
    dependencies: dict[Span, Dependency] = {}
    others: dict[tuple[object, ...], Skipped | LockEntry] = {}
    for item in found:
        if isinstance(item, Dependency):
            _keep_better(dependencies, item)
        elif not isinstance(item, Clue):
            others.setdefault((type(item), item.line, getattr(item, "span", None), getattr(item, "reason", None)), item)
    yield from dependencies.values()
    for item in others.values():
        if not (isinstance(item, Skipped) and item.span and any(_overlap(item.span, span) for span in dependencies)):
            yield item


def _keep_better(dependencies: dict[Span, Dependency], item: Dependency) -> None:
    place = _whole(item)
    rivals = [span for span in dependencies if _overlap(span, place)]
    if not rivals:
        dependencies[place] = item
    elif len(rivals) == 1 and _overrides(item, dependencies[rivals[0]]):
        del dependencies[rivals[0]]
        dependencies[place] = item


def _overrides(item: Dependency, rival: Dependency) -> bool:
    says_something_else = (item.package, item.versioning) != (rival.package, rival.versioning)
    return item.manager.startswith("custom.") and not rival.manager.startswith("custom.") and says_something_else


def _whole(item: Dependency) -> Span:
    spans = [span for span in (item.span, item.digest_span) if span is not None]
    return Span(min(span.start for span in spans), max(span.end for span in spans))


def _overlap(one: Span, other: Span) -> bool:
    return one.start < other.end and other.start < one.end


def _place(item: Dependency | LockEntry | Skipped) -> tuple[str, int, str]:
    return (item.path, item.line or 0, getattr(item, "name", None) or "")


@contextmanager
def _collector_paused() -> Iterator[None]:
    """Parsing makes many objects and no garbage cycles worth a collection, which would cost more than the parsing."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
