"""Version constraints of Terraform and OpenTofu (``hashicorp``): ``~> 5.31``, ``>= 4.0, < 6.0, != 5.2.1``.

A version without operator (or with ``=``) is that version, whatever its number of parts. Prereleases are admitted only
when named so. ``~>`` lets the last number written rise; with one number (``~> 5``) it means 5.x, as Terraform reads it
for providers (for modules it drops the upper bound, https://github.com/hashicorp/terraform/issues/30025).
https://developer.hashicorp.com/terraform/language/expressions/version-constraints

An update keeps the number of parts: ``~> 5.0`` becomes ``~> 6.0``, ``~> 5.31`` becomes ``~> 6.2``, ``< 5.0`` becomes
``< 6.0``. With ``rangeStrategy: widen``, ``~> 5.0`` becomes ``>= 5.0, < 7.0``.
"""

import re
from collections.abc import Mapping

from updater.api import Span
from updater.versioning._clause import Alternative, Clause, Kind, Range
from updater.versioning._range import RangeScheme
from updater.versioning._scheme import Version
from updater.versioning._semver import IDENTIFIERS, version

_NUMBERS = r"[0-9]+(?:\.[0-9]+)*"
_VERSION = re.compile(rf"v?({_NUMBERS})(?:-({IDENTIFIERS}))?(?:\+{IDENTIFIERS})?")
_CLAUSE = re.compile(
    r"\s*(?P<whole>(?P<operator>~>|[!<>]=|[<>=])?\s*"
    rf"(?P<version>(?P<prefix>v?)(?P<numbers>{_NUMBERS})(?:-(?P<prerelease>{IDENTIFIERS}))?(?:\+{IDENTIFIERS})?))\s*"
)
_OPERATORS: Mapping[str | None, Kind] = {
    None: Kind.EXACT, "=": Kind.EXACT, "!=": Kind.EXCEPT,
    ">=": Kind.FROM, ">": Kind.ABOVE, "<": Kind.BELOW, "<=": Kind.UP_TO,
    "~>": Kind.PESSIMISTIC,
}  # fmt: skip


def _read(text: str) -> Version | None:
    match = _VERSION.fullmatch(text)
    return version(match[1], match[2]) if match else None


def _parse(text: str) -> Range | None:
    clauses, start = [], 0
    for part in text.split(","):
        clause = _clause(text, start, start + len(part))
        if clause is None:
            return None
        clauses.append(clause)
        start += len(part) + len(",")
    return (tuple(clauses),)


def _clause(text: str, start: int, end: int) -> Clause | None:
    match = _CLAUSE.fullmatch(text, start, end)
    if match is None:
        return None
    return Clause(
        kind=_OPERATORS[match["operator"]],
        prefix=match["prefix"],
        parts=tuple(match["numbers"].split(".")),
        prerelease=match["prerelease"],
        partial=False,
        start=match.start("whole"),
        span=Span(*match.span("version")),
    )


def _prerelease_fits(alternative: Alternative, _: Version) -> bool:
    return any(clause.kind is Kind.EXACT for clause in alternative)


SCHEME = RangeScheme("hashicorp", _read, _parse, prerelease_fits=_prerelease_fits, alternatives=False)
