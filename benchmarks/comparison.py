"""What one program finds, set against what another one does: the arithmetic of ``benchmarks.extraction``."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from itertools import chain

from updater.offlimits import secrets


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One version in one file, as one of the programs sees it.

    ``values`` are the version and the digest, those that there are; ``names`` are all that the thing is called.
    ``reason`` is why the program will not move it, None if it will.
    """

    file: str
    names: tuple[str, ...]
    values: tuple[str, ...]
    line: int | None = None
    reason: str | None = None

    @property
    def name(self) -> str:
        """What to call it in a list."""
        return self.names[0] if self.names else "-"

    @property
    def value(self) -> str:
        """Its version; its digest if it has none."""
        return self.values[0] if self.values else ""


class Kind(Enum):
    """What became of a finding of theirs."""

    BOTH = auto()
    REASONED = auto()
    JUNK = auto()
    MISSED = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """A finding of theirs and what became of it; ``reason`` is ours, or why it is nothing."""

    finding: Finding
    kind: Kind
    reason: str = ""


class Area:
    """What we found in some files: ``ours`` are the findings that we would move, and those that we would not."""

    def __init__(self, texts: dict[str, str], ours: Iterable[Finding]) -> None:
        self._texts = texts
        self._found: dict[str, list[Finding]] = {}
        self._rows: dict[str, list[Finding]] = {}
        for item in ours:
            (self._found if item.reason is None else self._rows).setdefault(item.file, []).append(item)

    def compare(self, *theirs: Sequence[Finding]) -> list[Verdict]:
        """What became of all that stands in at least one of their readings, each place once."""
        free = {file: list(items) for file, items in self._found.items()}
        return [self._verdict(item, free.get(item.file, [])) for item in self._places(theirs)]

    def _places(self, readings: Iterable[Sequence[Finding]]) -> list[Finding]:
        """What stands in at least one of the readings, but not more often than its value is written in the file."""
        groups: dict[tuple[str, str, str], list[Finding]] = {}
        for item in most_of_any(readings):
            groups.setdefault((item.file, item.value, words(item.name)[-1]), []).append(item)
        return [
            item
            for (file, value, _), items in sorted(groups.items())
            for item in items[: max(self._texts[file].count(value), 1)]
        ]

    def _verdict(self, item: Finding, free: list[Finding]) -> Verdict:
        twin = next((each for each in free if is_same(item, each)), None)
        if twin is not None:
            free.remove(twin)
            return Verdict(finding=item, kind=Kind.BOTH)
        if reason := self._reason(item):
            return Verdict(finding=item, kind=Kind.REASONED, reason=reason)
        if reason := self._why_nothing(item):
            return Verdict(finding=item, kind=Kind.JUNK, reason=reason)
        return Verdict(finding=item, kind=Kind.MISSED)

    def _reason(self, item: Finding) -> str | None:
        """Why we do not move it, if we say so about its line, its name, or its file."""
        rows = self._rows.get(item.file, [])
        lines = self._texts[item.file].split("\n")
        on_its_line = (row.reason for row in rows if row.line and item.value in lines[row.line - 1])
        of_its_name = (row.reason for row in rows if row.line and are_alike(item.names, row.names))
        of_its_file = (row.reason for row in rows if not row.line or str(row.reason).startswith("not valid"))
        reason = next(chain(on_its_line, of_its_name, of_its_file), None)
        return re.sub(r": .* at line \d+$", "", reason) if reason else None

    def _why_nothing(self, item: Finding) -> str | None:
        text = self._texts[item.file]
        written = _places(text, item)
        if not written:
            return "does not stand in the file: pieced together, or misread"
        if all(any(start <= position < end for start, end in secrets(text)) for position in written):
            return "in a Secret, which is never edited"
        if sum(item.value in each.values for each in self._found.get(item.file, [])) >= text.count(item.value):
            return "found under the name that owns the place; an alias leads there from here"
        return None


def _places(text: str, item: Finding) -> list[int]:
    """Where its value is written: in lines with the last word of its name, or else in any."""
    positions = [match.start() for match in re.finditer(re.escape(item.value), text)]
    lines = (text[text.rfind("\n", 0, position) + 1 : position].lower() for position in positions)
    named = [position for position, line in zip(positions, lines, strict=True) if words(item.name)[-1] in line]
    return named or positions


def most_of_any(readings: Iterable[Sequence[Finding]]) -> list[Finding]:
    """The findings of several readers of the same files; a place that more than one of them reads counts once."""
    most: list[Finding] = []
    for reading in readings:
        free = list(most)
        for item in reading:
            twin = next((each for each in free if each.file == item.file and is_same(item, each)), None)
            if twin is None:
                most.append(item)
            else:
                free.remove(twin)
    return most


def is_same(one: Finding, other: Finding) -> bool:
    """Whether two findings in one file are one place: a common version or digest, and names that mean the same."""
    return not {*map(_bare, one.values)}.isdisjoint(map(_bare, other.values)) and are_alike(one.names, other.names)


def _bare(value: str) -> str:
    """The value without what says that it is a tag."""
    return value.removeprefix("refs/").removeprefix("tags/")


def are_alike(names: Iterable[str], others: Iterable[str]) -> bool:
    """Whether the last word of some name is one of the words of some other: forms differ, what they name does not."""
    pairs = [(words(name), words(other)) for name in names for other in others]
    return any(one[-1] in other or other[-1] in one for one, other in pairs)


def words(name: str) -> list[str]:
    """The parts of an image's name, a URL or a path, in lower case; never none."""
    return [word.removesuffix(".git") for word in re.split(r"[/:@?#=&\s]+", name.lower()) if word] or [""]
