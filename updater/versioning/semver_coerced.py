"""Whatever contains a version (``semver-coerced``), made semantic: ``v1``, ``1.2``, ``release-1.2.3``, ``1.2.3rc1``.

Up to the first digit, all is prefix; a version is followed only by versions with the same prefix (``v`` apart), so that
``api-1.2.0`` is not followed by ``client-3.0.0``, nor ``1.2.0`` by ``nightly-20240131``. What follows a hyphen, and
a word that says so (``1.2.3rc1``, ``1.2.3.beta2``), makes a prerelease. Commit ids are no versions, and numbers are
not followed by dates. Prereleases are compared naturally: ``-rc9`` comes before ``-rc10``.
"""

import re

from updater.versioning._prerelease import RANKS, natural
from updater.versioning._scheme import Scheme, Version
from updater.versioning._semver import padded

_VERSION = re.compile(r"(?P<prefix>[^0-9]*?)[vV]?(?P<numbers>[0-9]+(?:\.[0-9]+)*)(?P<rest>[^+]*)(?:\+.*)?", re.DOTALL)
_COMMIT = re.compile(r"(?=[0-9]*[a-f])[0-9a-f]{7,64}")
_PRERELEASE = re.compile(rf"-(.+)|[._]?((?:{'|'.join(RANKS)})[._]?[0-9]*)", re.IGNORECASE)


def read(text: str) -> Version | None:
    """The version in ``text``, with its prefix as the family."""
    match = _VERSION.fullmatch(text)
    if match is None or _COMMIT.fullmatch(text):
        return None
    numbers, found = tuple(map(int, match["numbers"].split("."))), _PRERELEASE.fullmatch(match["rest"])
    prerelease = (found[1] or found[2]) if found else None
    return Version(
        key=(padded(numbers), (0, *natural(prerelease)) if prerelease else (1,)),
        numbers=numbers,
        stable=not prerelease,
        family=(match["prefix"],),
        written=match["numbers"],
    )


SCHEME = Scheme("semver-coerced", read)
