"""Container image tags (``docker``).

A tag is read as *prefix, numbers, rest*: ``release-`` + ``1.25.3`` + ``-rc.1-alpine3.19``. An update never leaves the
family of the current tag, which is

- the prefix, as written: ``1.0.0`` is not followed by ``v3.0.0``;
- how many numbers there are and what stands between them: ``1.25`` stays ``1.26`` and never becomes ``1.25.3``;
- the suffix: ``-alpine`` is followed by ``-alpine``. Within it, three things move, and are compared after the version:

  - revisions: ``-debian-12-r1`` to ``-r3``, ``-ls45``, ``-k3s1``, a bare number (``15.4-1``) or a date;
  - the minor version of a base distribution, upwards only: ``-alpine3.18`` to ``-alpine3.19``. Its major version, and
    other numbers (``-jdk17``, ``-pg15``, ``-php8.2``), are another product and stay;
  - commit ids: ``1.2.3-g1a2b3c4`` is followed by any ``-g…``.

- the kind of numbers: dates (``20240131``, ``2024-01-31``, ``2024.01.31``, ``RELEASE.2024-01-31T20-16-18Z``) and zero
  padding (``24.04``) are followed by the same, and nothing else is followed by them: not ``5.2.3`` by ``20.04.1``.

A prerelease (``-rc.1``, ``rc1``, ``-beta-2``, ``-SNAPSHOT``) is no part of the suffix: ``2.1.0-rc0`` is followed by
``2.1.0-rc1`` and by ``2.1.0``. A word for a channel without a number (``-nightly``, ``-edge``) is: it stays. So does
``-dev``, which counts as stable, because it names a variant with a shell and a package manager in many catalogues.

``latest``, ``stable``, ``1.x`` and commit ids are no versions.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from updater.versioning._plausible import is_date
from updater.versioning._prerelease import RANKS
from updater.versioning._scheme import Scheme, Version

_COMMIT = r"g?(?=[0-9a-f]*[0-9])(?=[0-9a-f]*[a-f])[0-9a-f]{7,64}(?![0-9A-Za-z])"
_NUMBERS = r"[0-9]+(?:\.[0-9]+)*"
_MOMENT = r"(?:19|20)[0-9]{2}-[01][0-9]-[0-3][0-9](?:T[0-9]{2}-[0-9]{2}-[0-9]{2}Z)?|[0-9]{8}T[0-9]{6}Z?"

_TAG = re.compile(
    rf"""
    (?!(?:sha|git|commit|pr|mr|pull)(?![A-Za-z]))                     # sha-1234567, sha256-….sig, pr-12
    (?P<prefix>(?:[0-9A-Za-z_.-]*?(?:[_-]|(?<=[A-Za-z])\.))??[vV]?)   # the version begins behind a separator
    (?!{_COMMIT})
    (?P<main>{_MOMENT}|{_NUMBERS})
    (?!\.[xX](?![0-9A-Za-z]))                                         # 1.x
    (?P<rest>[0-9A-Za-z_.-]*)
    """,
    re.VERBOSE,
)
_GLUED_TAG = re.compile(r"(?P<prefix>[A-Za-z]+)(?P<main>[0-9]+(?:\.[0-9]+)+)(?P<rest>(?![0-9])[0-9A-Za-z_.-]*)")
"""``php8.2-fpm``; with one number only it could as well be ``arm64``."""

_PIECE = re.compile(
    rf"""
    (?P<separator>[_.-]*)
    (?: (?P<commit>{_COMMIT})
      | (?P<word>k3s|rke2r|[A-Za-z]+) (?: (?P<joint>[_.-]?) (?P<count>{_NUMBERS}) )?
      | (?P<number>{_NUMBERS})
      | $ )
    """,
    re.VERBOSE,
)
_DIGITS = re.compile("[0-9]+")
_COMMIT_IN_PREFIX = re.compile(rf"(?<![0-9A-Za-z]){_COMMIT}")
_UNSTABLE_PREFIX = re.compile(rf"(?:^|.*[_.-])(?:{'|'.join(word for word in RANKS if len(word) > 1)})[_.-]", re.IGNORECASE)

_REVISIONS = {
    "build", "ce", "ee", "eksbuild", "fix", "gke", "hotfix", "k3s", "ls", "p", "patch", "pl", "post", "r", "rancher",
    "rev", "revision", "rke2r", "security", "sp", "u",
}  # fmt: skip
_DISTRIBUTIONS = {"almalinux", "alpine", "debian", "rhel", "rocky", "rockylinux", "ubi"}
_CHANNELS = {"canary", "edge", "next", "nightly"}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tag(Version):
    """A version with the minor versions of the distributions that its suffix names."""

    distributions: tuple[tuple[int, ...], ...]


class _Docker(Scheme[_Tag]):
    def _may_follow(self, found: _Tag, before: _Tag) -> bool:
        return super()._may_follow(found, before) and found.distributions >= before.distributions


@dataclass(slots=True)
class _Suffix:
    """What stands behind the numbers, taken apart: the shape is of the family, the rest is compared."""

    shape: str = ""
    prerelease: tuple[tuple[int, ...], ...] = ()
    distributions: tuple[tuple[int, ...], ...] = ()
    revisions: tuple[tuple[int, ...], ...] = ()
    stable: bool = True


def _read(tag: str) -> _Tag | None:
    match = _TAG.fullmatch(tag) or _GLUED_TAG.fullmatch(tag)
    if match is None:
        return None
    digits, suffix = tuple(_DIGITS.findall(match["main"])), _suffix(match["rest"])
    numbers = tuple(map(int, digits))
    maturity = (0, suffix.prerelease) if suffix.prerelease else (1,)
    return _Tag(
        key=(numbers, maturity, suffix.distributions, suffix.revisions),
        numbers=numbers,
        stable=suffix.stable and _UNSTABLE_PREFIX.match(match["prefix"]) is None,
        family=(_COMMIT_IN_PREFIX.sub("#", match["prefix"]), _DIGITS.sub("#", match["main"]), suffix.shape),
        digits=digits,
        distributions=suffix.distributions,
    )


def _suffix(rest: str) -> _Suffix:
    suffix = _Suffix()
    for piece in _PIECE.finditer(rest):
        _sort_in(piece, suffix)
    return suffix
