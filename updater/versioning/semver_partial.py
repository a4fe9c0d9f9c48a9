"""Semantic versions of which the end may be left out (``semver-partial``): ``1.2.3``, ``1.2``, ``1``, ``~latest``.

As GitLab reads the versions of CI/CD components: ``1.2`` is the newest 1.2.x, ``~latest`` the newest of all. Only full
versions are published. ``1.2`` becomes ``1.3``, ``1`` becomes ``2``; ``~latest`` needs no update.
https://docs.gitlab.com/ci/components/#component-versions
"""

import re

from updater.api import Span
from updater.versioning._clause import Alternative, Clause, Kind, Range
from updater.versioning._range import RangeScheme
from updater.versioning._scheme import Version
from updater.versioning._semver import IDENTIFIERS
from updater.versioning.semver import read

_LATEST = "~latest"
_PARTIAL = re.compile(r"(?P<prefix>v?)(?P<numbers>(?:0|[1-9][0-9]*)(?:\.(?:0|[1-9][0-9]*))?)")
_FULL = re.compile(rf"(?P<prefix>v?)(?P<numbers>[0-9.]+)(?:-(?P<prerelease>{IDENTIFIERS}))?(?:\+{IDENTIFIERS})?")


def _parse(text: str) -> Range | None:
    if text == _LATEST:
        return (_whole(text, "", (_LATEST,), None),)
    if match := _PARTIAL.fullmatch(text):
        return (_whole(text, match["prefix"], tuple(match["numbers"].split(".")), None),)
    match = _FULL.fullmatch(text)
    if match is None or read(text) is None:
        return None
    return (_whole(text, match["prefix"], tuple(match["numbers"].split(".")), match["prerelease"]),)


def _whole(text: str, prefix: str, parts: tuple[str, ...], prerelease: str | None) -> Alternative:
    """One condition that is the whole text: a series of versions, or one."""
    return (
        Clause(
            kind=Kind.EXACT if len(parts) == 3 else Kind.SERIES,
            prefix=prefix,
            parts=parts,
            prerelease=prerelease,
            partial=len(parts) < 3,
            start=0,
            span=Span(0, len(text)),
        ),
    )


def _prerelease_fits(alternative: Alternative, _: Version) -> bool:
    return alternative[0].prerelease is not None


SCHEME = RangeScheme("semver-partial", read, _parse, prerelease_fits=_prerelease_fits, alternatives=False)
