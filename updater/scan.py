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
from functools import lru_cache

from updater.api import CustomManager, Manager, Tree
from updater.config import Config, ManagerOptions
from updater.config.patterns import compile_file_pattern, compile_list
from updater.model import Dependency, Extracted, LockEntry, Skipped, SourceFile, Span


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
    tree: Tree, config: Config, managers: Mapping[str, Manager], custom_managers: Mapping[str, CustomManager]
) -> Scan:
    """Read the repository once and ask every enabled manager about every file."""
    found: list[Extracted] = list(_links_leading_out(tree))
    readers = [*_builtin_readers(config, managers), *_custom_readers(config, custom_managers, found)]
    with _collector_paused():
        for path, data in tree.read(list(_worth_opening(tree, config, readers, found))):
            found += _without_doubles(_extract(path, data, readers))
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
    config: Config, custom_managers: Mapping[str, CustomManager], found: list[Extracted]
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
            found.append(Skipped(manager=f"custom.{kind}", path=config.path or "configuration", reason=reason))


def _custom_reader(custom_manager: CustomManager, options: Mapping[str, object]) -> _Reader:
    patterns = options.get("managerFilePatterns", ())
    assert isinstance(patterns, Iterable)
    opens = _any_of([compile_file_pattern(str(pattern)) for pattern in patterns])
    return _Reader(manager=custom_manager.build(options), opens=opens, admits=_everything, outside="")


def _is_enabled(name: str, config: Config, options: ManagerOptions | None) -> bool:
    allowed = config.repository.enabled_managers
    return (not allowed or name in allowed) and (options is None or options.enabled is not False)


def _worth_opening(tree: Tree, config: Config, readers: Sequence[_Reader], found: list[Extracted]) -> Iterator[str]:
    ignored, limit = _ignored(config), config.repository.max_file_size
    for path in tree.files():
        if ignored(path) or not any(reader.opens(path) for reader in readers):
            continue
        if tree.size(path) > limit:
            found.append(Skipped(manager=None, path=path, reason=f"larger than maxFileSize ({limit:,} bytes)"))
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


def _extract(path: str, data: bytes, readers: Sequence[_Reader]) -> Iterator[Extracted]:
    if b"\0" in data:
        yield Skipped(manager=None, path=path, reason="binary, although its name says text")
        return
    file = SourceFile(path=path, text=data.decode("utf-8", "surrogateescape"))
    for reader in readers:
        markers = reader.manager.MARKERS
        if reader.opens(path) and (not markers or any(marker in file.text for marker in markers)):
            found = reader.manager.extract(file)
            yield from found if reader.admits(path) else _turned_away(found, reader.outside)


def _turned_away(found: Iterable[Extracted], reason: str) -> Iterator[Extracted]:
    for item in found:
        match item:
            case Dependency():
                yield item.unmanaged(reason)
            case Skipped():
                yield replace(item, reason=reason)
            case LockEntry():
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
        else:
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


def _place(item: Extracted) -> tuple[str, int, str]:
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
