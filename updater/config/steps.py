"""How far one update may go, and where it must stop, as ``maxStep`` and ``requiredStops`` are written."""

import re
from collections.abc import Iterable
from typing import NamedTuple

Numbers = tuple[int, ...]

_STEP = re.compile(r"(?:(?P<count>[1-9][0-9]{0,2}) )?(?P<part>major|minor)s?")
_STOP = re.compile(r"v?(?P<numbers>[0-9]{1,9}(?:\.[0-9]{1,9}){0,2})(?:\.[xX*])?")
_PARTS = ("major", "minor")


class Step(NamedTuple):
    """So many (``limit``) major (``part`` 0) or minor (1) versions at a time."""

    limit: int
    part: int

    def __str__(self) -> str:
        name = _PARTS[self.part]
        return f"one {name} at a time" if self.limit == 1 else f"at most {self.limit} {name}s at a time"


def read_step(text: str | None) -> Step | None:
    """``minor``, ``2 minors``, ``major``; None for ``any``. Raises ``ValueError`` for anything else."""
    if text is None or text == "any":
        return None
    match = _STEP.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is neither `minor`, `2 minors`, `major` nor the like")
    return Step(int(match["count"] or 1), _PARTS.index(match["part"]))


def read_stops(texts: Iterable[str]) -> tuple[Numbers, ...]:
    """``17.3``, ``v17.5.x``, ``18``, in order. Raises ``ValueError`` for anything else."""
    return tuple(sorted(map(_read_stop, texts)))


def _read_stop(text: str) -> Numbers:
    match = _STOP.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is neither a version nor the beginning of one")
    return tuple(map(int, match["numbers"].split(".")))
