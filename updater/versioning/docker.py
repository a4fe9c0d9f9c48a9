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
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from typing import NamedTuple

from updater.versioning._plausible import is_date
from updater.versioning._prerelease import RANKS, WORDS
from updater.versioning._scheme import Scheme, Version

_COMMIT = r"(?:g|(?=[0-9a-f]*[0-9])(?=[0-9a-f]*[a-f]))[0-9a-f]{7,64}(?![0-9A-Za-z])"
"""Letters and digits, or whatever follows the ``g`` of ``git describe``."""
_NUMBERS = r"[0-9]+(?:\.[0-9]+)*"
_MOMENT = r"(?:19|20)[0-9]{2}-[01][0-9]-[0-3][0-9](?:T[0-9]{2}-[0-9]{2}-[0-9]{2}Z)?|[0-9]{8}T[0-9]{6}Z?"

_TAG = re.compile(
    rf"""
    (?!(?:sha(?:256)?|git|commit)[_.-]?[0-9a-f]{{7}})                 # sha-1234567, sha256-….sig
    (?!(?:pr|mr|pull)[_.-]?[0-9]+(?![0-9.]))                          # pr-12
    (?![0-9]{{7}}\Z)                                                  # 3777371, a commit without letters
    (?P<prefix>(?:[0-9A-Za-z_.-]*?(?:[_-]|(?<=[A-Za-z])\.))??[vV]?)   # the version begins behind a separator
    (?!{_COMMIT}) (?<!x86_)
    (?P<main>(?>{_MOMENT}|{_NUMBERS}))
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
_WITHOUT_DIGITS = dict.fromkeys(map(ord, "0123456789"))
_COMMIT_IN_PREFIX = re.compile(rf"(?<![0-9A-Za-z]){_COMMIT}")
_UNSTABLE_PREFIX = re.compile(rf"(?:^|.*[_.-])(?:{'|'.join(WORDS)})[_.-]", re.IGNORECASE)

_REVISIONS = {
    "build", "ce", "ee", "eksbuild", "fix", "gke", "hotfix", "k3s", "ls", "p", "patch", "pl", "post", "r", "rancher",
    "rev", "revision", "rke2r", "security", "sp", "u",
}  # fmt: skip
_DISTRIBUTIONS = {"almalinux", "alpine", "debian", "rhel", "rocky", "rockylinux", "ubi"}
_CHANNELS = {"canary", "edge", "next", "nightly"}
_new = tuple.__new__
"""A named tuple without the detour through its own ``__new__``, which would be a quarter of the time to read a tag."""
_SHARED = 4_096
"""How many of the parts that the tags of an image share are remembered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Affix:
    """What stands behind the numbers: ``shape`` is of the family, the rest is compared or says how stable."""

    shape: str
    prerelease: tuple[tuple[int, ...], ...] = ()
    distributions: tuple[tuple[int, ...], ...] = ()
    revisions: tuple[tuple[int, ...], ...] = ()
    stable: bool = True


class _Frame(NamedTuple):
    """All of a tag but its numbers: the tags of an image share a few."""

    maturity: tuple[object, ...]
    distributions: tuple[tuple[int, ...], ...]
    revisions: tuple[tuple[int, ...], ...]
    stable: bool
    family: tuple[str, str, str]


def _read(tag: str) -> Version | None:
    """In as few steps as can be: it is asked of every tag of every image."""
    match = _TAG.fullmatch(tag) or _GLUED_TAG.fullmatch(tag)
    if match is None:
        return None
    before, main, behind = match.groups()
    numbers, between = _numbers(main)
    maturity, distributions, revisions, stable, family = _frame(before, between, behind)
    key = (numbers, maturity, distributions, revisions)
    return _new(Version, (key, numbers, stable, family, distributions, main, False))


@lru_cache(maxsize=_SHARED)
def _numbers(main: str) -> tuple[tuple[int, ...], str]:
    """The numbers, and what stands between them; a version has a tag for each of its variants."""
    return tuple(map(int, _DIGITS.findall(main))), main.translate(_WITHOUT_DIGITS)


@lru_cache(maxsize=_SHARED)
def _frame(before: str, between: str, behind: str) -> _Frame:
    suffix = _suffix(behind)
    return _Frame(
        maturity=(0, suffix.prerelease) if suffix.prerelease else (1,),
        distributions=suffix.distributions,
        revisions=suffix.revisions,
        stable=suffix.stable and _UNSTABLE_PREFIX.match(before) is None,
        family=(_COMMIT_IN_PREFIX.sub("@", before), between, suffix.shape),
    )


def _suffix(text: str) -> _Affix:
    pieces = [_piece(match) for match in _PIECE.finditer(text)]
    return _Affix(
        shape="".join(piece.shape for piece in pieces),
        prerelease=tuple(chain.from_iterable(piece.prerelease for piece in pieces)),
        distributions=tuple(chain.from_iterable(piece.distributions for piece in pieces)),
        revisions=tuple(chain.from_iterable(piece.revisions for piece in pieces)),
        stable=all(piece.stable for piece in pieces),
    )


def _piece(match: re.Match[str]) -> _Affix:
    word, text = (match["word"] or "").lower(), match["count"] or match["number"] or ""
    count, begin = tuple(map(int, _DIGITS.findall(text))), match[0].removesuffix(text)
    if match["commit"]:
        return _Affix(shape=match["separator"] + "@")
    if _is_prerelease(word, text, match["separator"]):
        return _Affix(shape="", prerelease=((RANKS[word], *count),), stable=False)
    if _is_revision(word, text):
        return _Affix(shape=begin + _DIGITS.sub("#", text), revisions=(count,))
    if word in _DISTRIBUTIONS and len(count) > 1:
        return _Affix(shape=f"{begin}{count[0]}" + ".#" * (len(count) - 1), distributions=(count,))
    return _Affix(shape=match[0], stable=word not in _CHANNELS)


def _is_prerelease(word: str, count: str, separator: str) -> bool:
    if word not in RANKS:
        return False
    if not count:
        return word in WORDS and word not in _CHANNELS and word != "dev"
    return word not in ("a", "b", "c") or not separator


def _is_revision(word: str, count: str) -> bool:
    return count != "" and (not word or word in _REVISIONS or (is_date(count) and len(count) >= len("20240131")))


SCHEME = Scheme("docker", _read)
