"""The conditions that ranges are made of: where each stands in the text, and what it admits."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from functools import cached_property

from updater.api import Span
from updater.versioning._semver import FIRST, Key, just_after, maturity_of, padded


class Kind(Enum):
    """What a condition asks for; each dialect has its own operators for it."""

    EXACT = auto()
    """``1.2.3``"""
    SERIES = auto()
    """``1.2.x``: whatever begins like this"""
    FROM = auto()
    """``>=``"""
    ABOVE = auto()
    """``>``"""
    BELOW = auto()
    """``<``"""
    UP_TO = auto()
    """``<=``"""
    CARET = auto()
    """``^1.2.3``: the first number that is not zero stays"""
    TILDE = auto()
    """``~1.2.3``: major and, where written, minor stay"""
    PESSIMISTIC = auto()
    """``~> 1.2.3``: all but the last number written stay"""
    EXCEPT = auto()
    """``!=``"""


@dataclass(frozen=True, kw_only=True)
class Clause:
    """One condition, as it stands in the text of a range.

    ``parts`` are the numbers and wildcards as written, ``numbers`` those before the first wildcard. ``partial`` says
    that numbers left out mean "any" (``<= 1.2`` includes 1.2.9), not zero. ``start`` is where the operator begins,
    ``span`` is the place of the version.
    """

    kind: Kind
    prefix: str
    parts: tuple[str, ...]
    prerelease: str | None
    partial: bool
    start: int
    span: Span

    @cached_property
    def numbers(self) -> tuple[int, ...]:
        """The numbers before the first wildcard."""
        wildcard = next((index for index, part in enumerate(self.parts) if not part.isdecimal()), len(self.parts))
        return tuple(map(int, self.parts[:wildcard]))

    def admits(self, key: tuple[object, ...]) -> bool:
        """Whether a version with this key meets the condition, prereleases being versions like others."""
        low, high = self._interval
        inside = (low is None or key >= low) and (high is None or key < high)
        return inside is not (self.kind is Kind.EXCEPT)

    @cached_property
    def _interval(self) -> "_Interval":
        return _INTERVALS[self.kind](self)

    def written(self, numbers: Sequence[int]) -> str:
        """``numbers`` in the form of this condition's version: as many parts, wildcards where they are."""
        values = (*numbers, *(0,) * len(self.parts))
        parts = (str(value) if part.isdecimal() else part for part, value in zip(self.parts, values, strict=False))
        return self.prefix + ".".join(parts)


Alternative = tuple[Clause, ...]
"""Conditions that must all be met."""
Range = tuple[Alternative, ...]
"""Alternatives of which one must be met."""

# ---------------------------------------------------------------- what is admitted: low ≤ version < high

_Interval = tuple[Key | None, Key | None]
_EVERYTHING: _Interval = (None, None)
_NOTHING: _Interval = (None, ((0, 0, 0), FIRST))


def _low(clause: Clause) -> Key:
    return padded(clause.numbers), maturity_of(clause.prerelease)


def _behind(clause: Clause, index: int) -> Key:
    """Before the first version in which the number at ``index`` is higher."""
    return padded(following(clause.numbers, index)), FIRST


def following(numbers: Sequence[int], index: int) -> tuple[int, ...]:
    """The first numbers after all that begin like ``numbers`` up to ``index``."""
    return (*numbers[:index], numbers[index] + 1)


def _up_to_change_of(index: Callable[[tuple[int, ...]], int]) -> Callable[[Clause], _Interval]:
    def interval(clause: Clause) -> _Interval:
        return (_low(clause), _behind(clause, index(clause.numbers))) if clause.numbers else _EVERYTHING

    return interval


def leading(numbers: tuple[int, ...]) -> int:
    """The index of the first number that is not zero, or of the last."""
    return next((index for index, number in enumerate(numbers) if number), len(numbers) - 1)


_series = _up_to_change_of(lambda numbers: len(numbers) - 1)


def _exact(clause: Clause) -> _Interval:
    return _series(clause) if clause.partial else (_low(clause), just_after(_low(clause)))


def _above(clause: Clause) -> _Interval:
    if not clause.numbers:
        return _NOTHING
    return _exact(clause)[1], None


def _below(clause: Clause) -> _Interval:
    return None, (_low(clause)[0], FIRST) if clause.partial else _low(clause)


_INTERVALS: Mapping[Kind, Callable[[Clause], _Interval]] = {
    Kind.EXACT: _exact,
    Kind.SERIES: _series,
    Kind.FROM: lambda clause: (_low(clause), None),
    Kind.ABOVE: _above,
    Kind.BELOW: _below,
    Kind.UP_TO: lambda clause: (None, _exact(clause)[1]),
    Kind.CARET: _up_to_change_of(leading),
    Kind.TILDE: _up_to_change_of(lambda numbers: min(1, len(numbers) - 1)),
    Kind.PESSIMISTIC: _up_to_change_of(lambda numbers: max(len(numbers) - 2, 0)),
    Kind.EXCEPT: _exact,
}
