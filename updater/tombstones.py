"""What the history of a managed value says: nobody wants the version offered again that somebody went back from. Pure.

Each value is followed back through the revisions of its file, line by line. A revert, a rollback and a correction by
hand look the same there: a commit after which the version is lower than before. Such a commit is a decision about that
version, for its place and for the same place in the environments after its own; it needs no record beside the history.
"""

import posixpath
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher

from updater import versioning
from updater.model.history import Revision, Tombstone
from updater.model.scan import USUAL_ORDER, Dependency, Environment
from updater.model.track import Tracked

_VALUE = re.compile(r"[0-9A-Za-z][0-9A-Za-z._+-]*+")
_MOST_LINES = 4_000
"""Where more lines than this lie between the first and the last change of a revision, values are lost sight of."""


def tombstones(
    dependencies: Iterable[Tracked],
    history: Mapping[str, Sequence[Revision]],
    texts: Mapping[str, str],
    order: Sequence[str] = USUAL_ORDER,
) -> dict[Dependency, tuple[Tombstone, ...]]:
    """The decisions that concern each dependency, the latest first.

    ``history`` holds the revisions of files, newest first, ``texts`` what they contain now, ``order`` the names of
    environments from the first to the last.
    """
    managed = [tracked for tracked in dependencies if _is_followed(tracked.dependency)]
    by_path: dict[str, list[Tracked]] = {}
    for tracked in managed:
        by_path.setdefault(tracked.dependency.path, []).append(tracked)
    made = {
        tracked.dependency: found
        for path, revisions in history.items()
        if path in by_path and path in texts
        for tracked, found in _of_file(by_path[path], revisions, texts[path])
    }
    return _with_later_environments(managed, made, order) if made else {}


def _is_followed(dependency: Dependency) -> bool:
    value = dependency.current_value
    return dependency.span is not None and value is not None and _VALUE.fullmatch(value) is not None


# ---------------------------------------------------------------- one file


@dataclass(frozen=True, slots=True)
class _Trace:
    """Where the value of a dependency stands in a revision: in which line, behind what, and what it is."""

    tracked: Tracked
    line: int
    before: str
    value: str


def _of_file(
    managed: Iterable[Tracked], revisions: Sequence[Revision], text: str
) -> Iterator[tuple[Tracked, tuple[Tombstone, ...]]]:
    found: dict[Dependency, list[Tombstone]] = {}
    traces = [_trace(tracked, text) for tracked in managed]
    followed = {trace.tracked.dependency: trace.tracked for trace in traces}
    shown = text
    for revision in revisions:
        traces = list(_moved(traces, shown, revision.after))
        earlier = list(_moved(traces, revision.after, revision.before))
        now = {trace.tracked.dependency: trace.value for trace in traces}
        for trace in earlier:
            lowered_to = now[trace.tracked.dependency]
            if _is_lowered(trace.tracked, trace.value, lowered_to):
                stone = _tombstone(trace.tracked.dependency, revision, trace.value, lowered_to)
                found.setdefault(trace.tracked.dependency, []).append(stone)
        traces, shown = earlier, revision.before
    for dependency, stones in found.items():
        yield followed[dependency], tuple(stones)


def _trace(tracked: Tracked, text: str) -> _Trace:
    dependency = tracked.dependency
    assert dependency.span is not None
    start = text.rfind("\n", 0, dependency.span.start) + 1
    return _Trace(
        tracked=tracked,
        line=text.count("\n", 0, start),
        before=text[start : dependency.span.start],
        value=text[dependency.span.start : dependency.span.end],
    )


def _moved(traces: Iterable[_Trace], later: str, earlier: str) -> Iterator[_Trace]:
    """The traces in an earlier text; those that lead to nothing end there."""
    if later == earlier:
        yield from traces
        return
    lines = _Lines(later.split("\n"), earlier.split("\n"))
    for trace in traces:
        line = lines.earlier(trace.line, trace.before)
        value = _VALUE.match(lines.before[line], len(trace.before)) if line is not None else None
        if line is not None and value is not None:
            yield replace(trace, line=line, value=value[0])


class _Lines:
    """Which lines of a later text are which of an earlier one."""

    def __init__(self, after: Sequence[str], before: Sequence[str]) -> None:
        self.before = before
        self._after = after
        self._head = _common(after, before)
        self._tail = _common(after[self._head :][::-1], before[self._head :][::-1])
        self._blocks = self._changed()

    def earlier(self, line: int, beginning: str) -> int | None:
        """The number of the earlier line that became this one, and begins in the same way."""
        shift = len(self.before) - len(self._after)
        if line < self._head:
            return line
        if line >= len(self._after) - self._tail:
            return line + shift
        block = next((block for block in self._blocks if block[1] <= line < block[2]), None)
        if block is None:
            return None
        kind, start, _, start_before, end_before = block
        if kind == "equal":
            return start_before + line - start
        return self._alike(line, start, range(start_before, end_before), beginning)

    def _alike(self, line: int, start: int, candidates: Iterable[int], beginning: str) -> int | None:
        """Of the lines that were replaced, the one that has the same place among those that begin alike."""
        place = sum(self._after[each].startswith(beginning) for each in range(start, line))
        alike = [each for each in candidates if self.before[each].startswith(beginning)]
        return alike[place] if place < len(alike) else None

    def _changed(self) -> list[tuple[str, int, int, int, int]]:
        after = self._after[self._head : len(self._after) - self._tail]
        before = self.before[self._head : len(self.before) - self._tail]
        if len(after) + len(before) > _MOST_LINES:
            return []
        head = self._head
        if len(after) == len(before):  # as a rule, versions in place
            return [("replace", head, head + len(after), head, head + len(before))]
        matcher = SequenceMatcher(None, after, before, autojunk=False)
        return [(kind, a + head, b + head, c + head, d + head) for kind, a, b, c, d in matcher.get_opcodes()]


def _common(one: Sequence[str], other: Sequence[str]) -> int:
    """How many lines at the beginning are the same."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((place for place, (left, right) in pairs if left != right), min(len(one), len(other)))


def _is_lowered(tracked: Tracked, before: str, after: str) -> bool:
    if before == after:
        return False
    scheme = versioning.get(tracked.versioning)
    old, new = scheme.read(before), scheme.read(after)
    return old is not None and new is not None and old.family == new.family and old.key > new.key


def _tombstone(dependency: Dependency, revision: Revision, version: str, lowered_to: str) -> Tombstone:
    return Tombstone(
        version=version,
        lowered_to=lowered_to,
        path=dependency.path,
        commit=revision.commit,
        when=revision.when,
        author=revision.author,
        subject=revision.subject,
    )


# ---------------------------------------------------------------- environments


def _with_later_environments(
    managed: Iterable[Tracked], made: Mapping[Dependency, tuple[Tombstone, ...]], order: Sequence[str]
) -> dict[Dependency, tuple[Tombstone, ...]]:
    """What was decided in one environment holds in those after it, too."""
    by_slot: dict[tuple[object, ...], list[Dependency]] = {}
    for dependency in made:
        by_slot.setdefault(slot_of(dependency), []).append(dependency)
    found = {}
    for tracked in managed:
        dependency = tracked.dependency
        twins = by_slot.get(slot_of(dependency), ())
        stones = [stone for twin in twins if _holds_for(twin, dependency, order) for stone in made[twin]]
        if stones:
            found[dependency] = tuple(sorted(dict.fromkeys(stones), key=lambda stone: stone.when, reverse=True))
    return found


def slot_of(dependency: Dependency, names: Collection[str] = ()) -> tuple[object, ...]:
    """What the same dependency has in common in all environments: the package, and the path without their names.

    ``names`` are those of environments beside the usual ones.
    """
    parts = posixpath.normpath(dependency.path).split("/")
    directories = [part for part in parts[:-1] if not _is_environment(part, names)]
    file = [part for part in re.split(r"[._-]", parts[-1]) if not _is_environment(part, names)]
    return (dependency.manager, dependency.package, dependency.name, *directories, *file)


def _is_environment(part: str, names: Collection[str]) -> bool:
    return part in names or Environment.named(part, "") is not None


def _holds_for(twin: Dependency, dependency: Dependency, order: Sequence[str]) -> bool:
    if twin == dependency:
        return True
    if twin.environment is None or dependency.environment is None:
        return False
    first, second = twin.environment.name, dependency.environment.name
    return first in order and second in order and order.index(first) < order.index(second)
