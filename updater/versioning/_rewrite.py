"""How a range is changed to admit a new version: the versions in it are replaced where they stand.

Operators, spaces, commas, a ``v`` and the number of parts stay as the user wrote them.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from updater.api import Span
from updater.versioning._clause import Clause, Kind, Range, following, leading
from updater.versioning._scheme import Version
from updater.versioning._semver import padded

Edit = tuple[Span, str]


class New(NamedTuple):
    """The version to admit, as published and as read."""

    text: str
    version: Version


Form = Callable[[Clause, New], str]
"""A way to write a new version into a condition."""


def least(clause: Clause, new: New) -> str:
    """The least version of the kind that the condition names: ``^1.4.0`` becomes ``^2.0.0``, to admit 2.1.3."""
    before_prereleases = "-0" if clause.kind is Kind.BELOW and clause.prerelease == "0" else ""
    return clause.written(_LEAST[clause.kind](clause, padded(new.version.numbers))) + before_prereleases


def precise(clause: Clause, new: New) -> str:
    """The new version with as many parts as are written."""
    return clause.written(new.version.numbers)


def whole(clause: Clause, new: New) -> str:
    """The new version with all its parts."""
    return clause.prefix + new.text.lstrip("vV").partition("+")[0]


def edited(text: str, edits: Sequence[Edit]) -> str:
    """``text`` with the edits made."""
    for span, replacement in sorted(edits, reverse=True):
        text = text[: span.start] + replacement + text[span.end :]
    return text


def with_alternative(text: str, range_: Range, edits: Sequence[Edit]) -> str:
    """``text`` with its last alternative once more, edited: ``^1.0.0`` becomes ``^1.0.0 || ^2.0.0``."""
    start, end = range_[-1][0].start, range_[-1][-1].span.end
    joiner = text[range_[-2][-1].span.end : start] if len(range_) > 1 else " || "
    return text[:end] + joiner + edited(text[:end], edits)[start:] + text[end:]


def spelled_out(text: str, clause: Clause, new: New) -> Edit:
    """The bounds that a condition means, the upper one lifted: ``~> 5.0`` becomes ``>= 5.0, < 7.0``, to admit 6.1."""
    if clause.kind not in (Kind.PESSIMISTIC, Kind.SERIES):
        return clause.span, least(clause, new)
    fixed = len(clause.numbers) - (2 if clause.kind is Kind.PESSIMISTIC else 1)
    limit = following(padded(new.version.numbers), max(fixed, 0))
    low, high = (".".join(map(str, (*numbers, 0, 0)[: len(clause.numbers)])) for numbers in (clause.numbers, limit))
    operator = text[clause.start : clause.span.start]
    gap, comma = operator[len(operator.rstrip()) :], ", " if " " in text else ","
    return Span(clause.start, clause.span.end), f">={gap}{clause.prefix}{low}{comma}<{gap}{clause.prefix}{high}"


def _zero_behind(numbers: Sequence[int], index: int) -> tuple[int, ...]:
    return tuple(number if position <= index else 0 for position, number in enumerate(numbers))


def _least_pessimistic(clause: Clause, new: tuple[int, ...]) -> tuple[int, ...]:
    """The last number written stays zero if it was: ``~> 5.0`` becomes ``~> 6.0``, ``~> 5.31`` becomes ``~> 6.2``."""
    last = len(clause.parts) - 1
    return _zero_behind(new, last - 1) if last and clause.numbers[-1] == 0 else new


def _next_limit(clause: Clause, new: tuple[int, ...]) -> tuple[int, ...]:
    """The next limit of the same weight: to admit 8.1.3, ``<7.0.0`` becomes ``<9.0.0``, ``<7.1.0`` ``<8.2.0``."""
    return following(new, max((index for index, number in enumerate(clause.numbers) if number), default=0))


_LEAST: Mapping[Kind, Callable[[Clause, tuple[int, ...]], tuple[int, ...]]] = {
    Kind.EXACT: lambda _, new: new,
    Kind.SERIES: lambda _, new: new,
    Kind.BELOW: _next_limit,
    Kind.UP_TO: lambda _, new: new,
    Kind.CARET: lambda _, new: _zero_behind(new, leading(new)),
    Kind.TILDE: lambda clause, new: _zero_behind(new, min(1, len(clause.numbers) - 1)),
    Kind.PESSIMISTIC: _least_pessimistic,
}
