"""Versions of Helm charts (``helm``), with the ranges of ``Chart.yaml``, Argo CD's ``targetRevision`` and Flux.

The ranges are those of npm, and more: conditions may be separated by commas, ``!=`` excludes, ``=>`` and ``=<`` are
known.
A prerelease is admitted if any condition of the alternative names one: ``>=1.0.0-0`` is the way to ask for all. Chart
versions may have a ``v`` in front and numbers missing. A chart pinned to one version gets the new one as the repository
writes it, with or without ``v``. https://github.com/Masterminds/semver#checking-version-constraints
"""

import re
from collections.abc import Mapping

from updater.versioning import npm
from updater.versioning._clause import Alternative, Kind, Range
from updater.versioning._range import RangeScheme
from updater.versioning._scheme import Version
from updater.versioning._semver import IDENTIFIERS, version

_VERSION = re.compile(rf"v?([0-9]+(?:\.[0-9]+){{0,2}})(?:-({IDENTIFIERS}))?(?:\+{IDENTIFIERS})?")
_COMMA = re.compile(r"\s*,\s*|\s+")
_OPERATORS: Mapping[str | None, Kind] = {
    **npm.OPERATORS,
    "!=": Kind.EXCEPT,
    "=>": Kind.FROM,
    "=<": Kind.UP_TO,
}


def _read(text: str) -> Version | None:
    match = _VERSION.fullmatch(text)
    return version(match[1], match[2]) if match else None


def _parse(text: str) -> Range | None:
    return npm.parse(text, _OPERATORS, _COMMA)


def _prerelease_fits(alternative: Alternative, _: Version) -> bool:
    """One prerelease opens the whole alternative (https://github.com/Masterminds/semver/pull/267)."""
    return any(clause.prerelease for clause in alternative)


SCHEME = RangeScheme("helm", _read, _parse, prerelease_fits=_prerelease_fits, alternatives=True, complete=3)
