"""What a new version of a chart does to the values that somebody has written for the old one. Pure.

Helm says nothing about a value that no template reads. So a key that a chart has renamed goes on being written, and
does nothing any more. Here each key that is overridden is looked for in both versions: in what the templates read, in
the defaults and in the schema.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

from updater.material.chart import Chart
from updater.material.reads import Path

_GENERIC = frozenset(
    {"enabled", "name", "type", "annotations", "labels", "create", "value", "values", "config", "spec"}
)
_TELLS_NOTHING = frozenset({"null", '""', "{}", "[]", "true", "false", "0", "1"})
_LIKELY = 0.6
_MOST_CANDIDATES = 2_000


class Fate(StrEnum):
    """What becomes of an overridden key."""

    LOST = "lost"
    """The old version has read it, or knew it at least; the new one does neither."""
    DEAD = "dead"
    """Neither version reads or knows it."""
    UNCERTAIN = "uncertain"
    """The old version has read it by name; in the new one something that could hold it is handed on as a whole."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """A value that somebody has written for a chart, and where."""

    path: Path
    place: str
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """An override that does not do what it did. ``instead`` is the key that has probably taken its place."""

    override: Override
    fate: Fate
    instead: Path | None = None


def check(overrides: Iterable[Override], old: Chart, new: Chart) -> list[Finding]:
    """The overrides to be looked at, in their order."""
    before, after = _Reader(old), _Reader(new)
    findings = []
    for override in overrides:
        fate = _fate(override.path, before, after)
        if fate is not None:
            instead = _successor(override.path, before, after) if fate is not Fate.DEAD else None
            findings.append(Finding(override=override, fate=fate, instead=instead))
    return findings


class _Reader:
    """A version of a chart, ready to be asked about a path."""

    def __init__(self, chart: Chart) -> None:
        self.defaults = dict(chart.values)
        self.described = chart.described
        self._some, self._whole = chart.some, chart.whole
        self._around = {path[:end] for path in chart.some | chart.whole for end in range(1, len(path) + 1)}
        self._listed = {path[:end] for path in self.defaults for end in range(1, len(path) + 1)}

    def reads(self, path: Path) -> bool:
        """Whether a template reads it, or a part of it, by name."""
        return path in self._around

    def may_read(self, path: Path) -> bool:
        """Whether something above it is handed on as a whole."""
        return any(path[:end] in self._whole for end in range(len(path)))

    def knows(self, path: Path) -> bool:
        """Whether it stands among the defaults or in the schema, or below an empty map, whose keys are the user's."""
        if path in self._listed or path in self.described:
            return True
        above = (path[:end] for end in range(1, len(path)))
        return any(self.defaults.get(part) in ("{}", "null") for part in above)

    @property
    def paths(self) -> set[Path]:
        """All that it reads by name, has a default for, or describes."""
        return {*self._some, *self.defaults, *self.described}


def _fate(path: Path, before: _Reader, after: _Reader) -> Fate | None:
    """None where it does what it did, as far as can be told."""
    if after.reads(path):
        return None
    by_name = before.reads(path)
    if not (by_name or before.may_read(path) or before.knows(path)):
        return None if after.may_read(path) or after.knows(path) else Fate.DEAD
    if after.may_read(path):
        return Fate.UNCERTAIN if by_name and not after.knows(path) else None
    if after.knows(path) and not by_name:
        return None
    return Fate.LOST


# ---------------------------------------------------------------- what takes its place


def _successor(path: Path, before: _Reader, after: _Reader) -> Path | None:
    """The key, new in the new version, that is most like a lost one; None if there is none, or no single best one."""
    fresh = sorted(after.paths - before.paths)[:_MOST_CANDIDATES]
    ranked = sorted(((_likeness(path, each, before, after), each) for each in fresh), reverse=True)
    if not ranked or ranked[0][0] < _LIKELY or (len(ranked) > 1 and ranked[1][0] == ranked[0][0]):
        return None
    return ranked[0][1]


def _likeness(old: Path, new: Path, before: _Reader, after: _Reader) -> float:
    """From 0 to about 2: how they are spelt, which keys are the same from the end, whether the default is the same."""
    same_end = _common(tuple(reversed(old)), tuple(reversed(new)))
    spelling = SequenceMatcher(None, _plain(old), _plain(new)).ratio()
    default = before.defaults.get(old)
    same_default = default is not None and default not in _TELLS_NOTHING and after.defaults.get(new) == default
    is_move = same_end > 1 or (same_end == 1 and old[-1] not in _GENERIC)
    is_renamed_here = old[:-1] == new[:-1] and SequenceMatcher(None, _plain(old[-1:]), _plain(new[-1:])).ratio() > 0.5
    return spelling * (1.0 if is_move or is_renamed_here or same_default else 0.5) + 0.5 * same_default + 0.2 * is_move


def _common(one: Sequence[str], other: Sequence[str]) -> int:
    return next(
        (at for at, (left, right) in enumerate(zip(one, other, strict=False)) if left != right),
        min(len(one), len(other)),
    )


def _plain(path: Path) -> str:
    """The keys without what a rename often changes only: case, dashes, underscores."""
    return ".".join(path).lower().replace("-", "").replace("_", "")
