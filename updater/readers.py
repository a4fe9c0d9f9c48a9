"""Which managers look at which files: by name, by what the configuration says, and by the words in them."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from fnmatch import translate
from functools import cached_property
from typing import NamedTuple

import msgspec

from updater.api import Asker, CustomManager, Manager
from updater.config import Config, ManagerOptions, Problem
from updater.config.patterns import WordSet, compile_file_pattern
from updater.config.vocabulary import READ_WITH
from updater.model.scan import Skipped
from updater.offlimits import PATTERNS, WORDS


class Reader(msgspec.Struct, frozen=True, kw_only=True):
    """A manager with the files it is let loose on.

    ``files`` are globs of names. ``configured`` says which files the configuration adds; None where it says nothing.
    What is found in other files does not count if ``is_narrowed``; ``outside`` is the reason given.
    """

    manager: Manager
    files: tuple[str, ...]
    configured: Callable[[str], bool] | None = None
    is_narrowed: bool = False
    outside: str = ""

    def admits(self, path: str) -> bool:
        """Whether what is found in the file counts."""
        return not self.is_narrowed or (self.configured is not None and self.configured(path))


def readers(
    config: Config, managers: Mapping[str, Manager], custom_managers: Mapping[str, CustomManager]
) -> tuple["Readers", tuple[Skipped, ...]]:
    """All managers that the configuration lets work, and a row for each entry that no manager can be made of."""
    rows: list[Skipped] = []
    found = [*_builtin(config, managers), *_custom(config, custom_managers, rows)]
    return Readers(found), tuple(rows)


def problems_of_custom_managers(config: Config, custom_managers: Mapping[str, CustomManager]) -> Iterator[Problem]:
    """What keeps entries of ``customManagers`` from being used, apart from what reading the configuration told."""
    for row in readers(config, {}, custom_managers)[1]:
        message = f"this custom manager is left out: {row.reason}"
        yield Problem(path=row.path, line=row.line, message=message, severity="error")


class Reading(NamedTuple):
    """Who reads a file, and some words that do not stand in it."""

    readers: tuple[Reader, ...]
    absent: frozenset[str]


class Readers:
    """The managers at work, in the order in which they are asked."""

    def __init__(self, readers: Sequence[Reader]) -> None:
        self.all = tuple(readers)
        self._by_ending: dict[str, list[int]] = {}
        self._by_name: list[tuple[re.Pattern[str], int]] = []
        for index, reader in enumerate(self.all):
            self._file(reader, index)
        configured = ((index, reader.configured) for index, reader in enumerate(self.all))
        self._configured = [(index, admits) for index, admits in configured if admits is not None]
        self._by_any_name: dict[str, frozenset[int]] = {}
        self._by_words: dict[tuple[frozenset[int], tuple[int, ...]], Reading] = {}

    def _file(self, reader: Reader, index: int) -> None:
        """Sort a reader in by the names of the files it opens."""
        others = []
        for glob in reader.files:
            ending = glob.removeprefix("*.")
            if ending != glob and not set(ending) & set("*?[."):
                self._by_ending.setdefault(ending, []).append(index)
            else:
                others.append(translate(glob))
        if others:
            self._by_name.append((re.compile("|".join(others)), index))

    @cached_property
    def _any_name(self) -> re.Pattern[str]:
        return re.compile("|".join(pattern.pattern for pattern, _ in self._by_name) or r"(?!)")

    def opening(self, path: str) -> frozenset[int]:
        """The readers, by their place among all, that want to see a file of this name."""
        name = path[path.rfind("/") + 1 :]
        found = self._by_any_name.get(name)
        if found is None:
            found = self._by_any_name[name] = frozenset(self._wanting_name(name))
        others = [index for index, admits in self._configured if index not in found and admits(path)]
        return found.union(others) if others else found

    def _wanting_name(self, name: str) -> Iterator[int]:
        _, dot, ending = name.rpartition(".")
        yield from self._by_ending.get(ending, ()) if dot else ()
        if self._any_name.match(name):
            yield from (index for pattern, index in self._by_name if pattern.match(name))

    def reading(self, path: str, data: bytes) -> Reading:
        """The readers that have something to look for in the file, and the words that it does not hold."""
        asked = (self.opening(path), tuple(self._words.hits(data)))
        if asked not in self._by_words:
            opening, hits = asked
            words = [*self._vocabulary]
            absent = self._vocabulary.keys() - {words[hit] for hit in hits}
            self._by_words[asked] = Reading(tuple(self._chosen(opening, hits)), frozenset(absent))
        return self._by_words[asked]

    def _chosen(self, opening: frozenset[int], words: Iterable[int]) -> Iterator[Reader]:
        wanting, turned_away = set(self._undemanding), set[int]()
        for word in words:
            wanting |= self._wanting[word]
            turned_away |= self._turned_away[word]
        return (self.all[index] for index in sorted(opening & wanting - turned_away))

    @cached_property
    def _undemanding(self) -> frozenset[int]:
        """The readers that look at every text."""
        return frozenset(index for index, reader in enumerate(self.all) if not reader.manager.MARKERS)

    @cached_property
    def _vocabulary(self) -> dict[str, tuple[set[int], set[int]]]:
        """Word → the readers it wakes, and those it turns away; both may be none."""
        words: dict[str, tuple[set[int], set[int]]] = {word: (set(), set()) for word in (*WORDS, *PATTERNS)}
        for index, reader in enumerate(self.all):
            for word in reader.manager.MARKERS:
                words.setdefault(word, (set(), set()))[0].add(index)
            for word in reader.manager.FOREIGN:
                words.setdefault(word, (set(), set()))[1].add(index)
            for word in reader.manager.WORDS if isinstance(reader.manager, Asker) else ():
                words.setdefault(word, (set(), set()))
        return words

    @cached_property
    def _words(self) -> WordSet:
        return WordSet(list(self._vocabulary), PATTERNS)

    @cached_property
    def _wanting(self) -> list[set[int]]:
        return [wanting for wanting, _ in self._vocabulary.values()]

    @cached_property
    def _turned_away(self) -> list[set[int]]:
        return [turned_away for _, turned_away in self._vocabulary.values()]


def _builtin(config: Config, managers: Mapping[str, Manager]) -> Iterator[Reader]:
    for name, manager in managers.items():
        options = config.repository.managers.get(name)
        if _is_enabled(name, config, options):
            yield _builtin_reader(manager, options)


def _builtin_reader(manager: Manager, options: ManagerOptions | None) -> Reader:
    if options is None or not options.file_patterns:
        return Reader(manager=manager, files=manager.FILES)
    return Reader(
        manager=manager,
        files=manager.FILES,
        configured=_any_of([compile_file_pattern(pattern) for pattern in options.file_patterns]),
        is_narrowed=manager.NARROWABLE,
        outside=f"outside {manager.NAME}.managerFilePatterns ({options.origin})",
    )


def _custom(config: Config, custom_managers: Mapping[str, CustomManager], rows: list[Skipped]) -> Iterator[Reader]:
    """A reader for each entry of ``customManagers``; one that cannot be built is reported and left out."""
    repository = config.repository
    for options, origin in zip(repository.custom_managers, repository.custom_manager_origins, strict=True):
        kind = str(options.get("customType", "regex"))
        if not _is_enabled(f"custom.{kind}", config, None):
            continue
        try:
            yield _custom_reader(custom_managers[kind], options)
        except (KeyError, ValueError) as error:
            reason = f"there is no customType {kind!r}" if isinstance(error, KeyError) else str(error)
            rows.append(Skipped(manager=f"custom.{kind}", path=origin.path, line=origin.line, reason=reason))


def _custom_reader(custom_manager: CustomManager, options: Mapping[str, object]) -> Reader:
    patterns = options.get("managerFilePatterns", ())
    assert isinstance(patterns, Iterable)
    configured = _any_of([compile_file_pattern(str(pattern)) for pattern in patterns])
    return Reader(manager=custom_manager.build(options), files=(), configured=configured)


def _is_enabled(name: str, config: Config, options: ManagerOptions | None) -> bool:
    allowed = config.repository.enabled_managers
    is_allowed = not allowed or name in allowed or any(other in allowed for other in READ_WITH.get(name, ()))
    return is_allowed and (options is None or options.enabled is not False)


def _any_of(tests: Sequence[Callable[[str], bool]]) -> Callable[[str], bool]:
    return lambda path: any(test(path) for test in tests)
