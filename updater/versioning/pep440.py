"""Python versions and specifiers (``pep440``): ``1.2.3``, ``==1.2.3``, ``~=1.2``, ``>=1.2,<2``, ``==1.2.*``.

What they mean is left to ``packaging``. A prerelease is admitted where a specifier names one. Versions with an epoch
(``1!2.0``) are not understood.
https://packaging.python.org/en/latest/specifications/version-specifiers/
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from packaging.specifiers import InvalidSpecifier, Specifier
from packaging.version import InvalidVersion
from packaging.version import Version as PythonVersion

from updater.api import Span
from updater.versioning._clause import Alternative, Clause, Kind, Range
from updater.versioning._range import RangeScheme
from updater.versioning._scheme import Version

_CLAUSE = re.compile(
    r"\s*(?P<whole>(?P<operator>===|[~=!<>]=|[<>])?\s*"
    r"(?P<version>(?P<prefix>v?)(?P<parts>[0-9]+(?:\.[0-9]+)*(?:\.\*)?)(?P<rest>[^,!\s]*)))\s*"
)
_BARE = re.compile(r"v?[0-9][^!\s]*")
_OPERATORS: Mapping[str, Kind] = {
    "==": Kind.EXACT, "===": Kind.EXACT, "!=": Kind.EXCEPT,
    ">=": Kind.FROM, ">": Kind.ABOVE, "<": Kind.BELOW, "<=": Kind.UP_TO,
    "~=": Kind.PESSIMISTIC,
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class _Clause(Clause):
    """A condition that leaves to ``packaging`` what it admits."""

    specifier: Specifier

    def admits(self, key: tuple[object, ...]) -> bool:
        (version,) = key
        return isinstance(version, PythonVersion) and self.specifier.contains(version, prereleases=True)


def _read(text: str) -> Version | None:
    if _BARE.fullmatch(text) is None:
        return None
    try:
        version = PythonVersion(text)
    except InvalidVersion:
        return None
    return Version(key=(version,), numbers=version.release, stable=not version.is_prerelease)


def _parse(text: str) -> Range | None:
    clauses, start = [], 0
    for part in text.split(","):
        clause = _clause(text, start, start + len(part))
        if clause is None or (clause.start == clause.span.start and part != text):
            return None
        clauses.append(clause)
        start += len(part) + len(",")
    return (tuple(clauses),)


def _clause(text: str, start: int, end: int) -> _Clause | None:
    match = _CLAUSE.fullmatch(text, start, end)
    if match is None:
        return None
    operator, parts = match["operator"] or "==", tuple(match["parts"].split("."))
    try:
        specifier = Specifier(operator + match["version"])
    except InvalidSpecifier:
        return None
    return _Clause(
        kind=Kind.SERIES if operator == "==" and parts[-1] == "*" else _OPERATORS[operator],
        prefix=match["prefix"],
        parts=parts,
        prerelease=match["rest"] or None,
        partial=False,
        start=match.start("whole"),
        span=Span(*match.span("version")),
        specifier=specifier,
    )


def _prerelease_fits(alternative: Alternative, _: Version) -> bool:
    return any(isinstance(clause, _Clause) and clause.specifier.prereleases for clause in alternative)


SCHEME = RangeScheme("pep440", _read, _parse, prerelease_fits=_prerelease_fits, alternatives=False)
