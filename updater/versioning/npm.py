"""Semantic versions with the ranges of npm (``npm``): ``^1.2.0``, ``~1.2``, ``1.x``, ``>=1.2 <2``, ``1 || 2``.

Prereleases are admitted only beside a condition that names one of the same major, minor and patch. The ranges are
those of https://github.com/npm/node-semver#ranges.
"""

import re
from collections.abc import Mapping
from itertools import chain

from updater.api import Span
from updater.versioning._clause import Alternative, Clause, Kind, Range
from updater.versioning._range import RangeScheme
from updater.versioning._scheme import Version
from updater.versioning._semver import IDENTIFIERS, padded
from updater.versioning.semver import read

_PART = r"(?:[0-9]+|[xX*])"
_TEXT = rf"v?{_PART}(?:\.{_PART}){{0,2}}(?:-{IDENTIFIERS})?(?:\+{IDENTIFIERS})?"
_CLAUSE = re.compile(rf"(?P<operator>~>|!=|[<>]=?|=[<>]?|[~^])?\s*(?P<version>{_TEXT})(?=[\s,]|$)")
_HYPHEN = re.compile(rf"(?P<low>{_TEXT})\s+-\s+(?P<high>{_TEXT})")
_VERSION = re.compile(rf"(v?)({_PART}(?:\.{_PART})*)(?:-({IDENTIFIERS}))?(?:\+.*)?")
_SPACE = re.compile(r"\s+")

OPERATORS: Mapping[str | None, Kind] = {
    None: Kind.EXACT, "=": Kind.EXACT,
    ">=": Kind.FROM, ">": Kind.ABOVE, "<": Kind.BELOW, "<=": Kind.UP_TO,
    "^": Kind.CARET, "~": Kind.TILDE, "~>": Kind.TILDE,
}  # fmt: skip


def parse(text: str, operators: Mapping[str | None, Kind], comma: re.Pattern[str]) -> Range | None:
    """The range that ``text`` is, its conditions separated by ``comma``; None if it is none."""
    alternatives, start = [], 0
    for part in text.split("||"):
        end = start + len(part.rstrip())
        alternative = _alternative(text, start + len(part) - len(part.lstrip()), end, operators, comma)
        if alternative is None:
            return None
        alternatives.append(alternative)
        start += len(part) + len("||")
    return tuple(alternatives)


def _alternative(
    text: str, start: int, end: int, operators: Mapping[str | None, Kind], comma: re.Pattern[str]
) -> Alternative | None:
    if hyphen := _HYPHEN.fullmatch(text, start, end):
        low, high = Span(*hyphen.span("low")), Span(*hyphen.span("high"))
        return _clause(text, Kind.FROM, low.start, low), _clause(text, Kind.UP_TO, high.start, high)
    clauses: list[Clause] = []
    while clause := _CLAUSE.match(text, start, end):
        kind = operators.get(clause["operator"])
        if kind is None:
            return None
        clauses.append(_clause(text, kind, clause.start(), Span(*clause.span("version"))))
        if clause.end() == end:
            return tuple(clauses)
        separator = comma.match(text, clause.end(), end)
        start = separator.end() if separator else end
    return None


def _clause(text: str, kind: Kind, start: int, span: Span) -> Clause:
    match = _VERSION.fullmatch(text, span.start, span.end)
    assert match is not None
    parts = tuple(match[2].split("."))
    partial = not all(part.isdecimal() for part in (*parts, "x")[:3])
    return Clause(
        kind=Kind.SERIES if kind is Kind.EXACT and partial else kind,
        prefix=match[1],
        parts=parts,
        prerelease=match[3],
        partial=partial,
        start=start,
        span=span,
    )


def _parse(text: str) -> Range | None:
    range_ = parse(text, OPERATORS, _SPACE)
    return range_ if range_ and all(map(_is_strict, chain.from_iterable(range_))) else None


def _is_strict(clause: Clause) -> bool:
    padded_with_zeros = any(len(part) > 1 and part.startswith("0") for part in clause.parts)
    return not padded_with_zeros and (clause.prerelease is None or len(clause.parts) == 3)


def _prerelease_fits(alternative: Alternative, version: Version) -> bool:
    return any(clause.prerelease and padded(clause.numbers) == version.numbers for clause in alternative)


SCHEME = RangeScheme("npm", read, _parse, prerelease_fits=_prerelease_fits, alternatives=True)
