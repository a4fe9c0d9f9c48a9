"""Tags of GitHub actions (``github-actions``): full versions (``v4.1.2``) beside tags that float (``v4``, ``v4.1``).

A floating tag stands for the newest version that begins like it, so it comes after all of them: ``v4`` is not followed
by ``v4.1.2``, but by ``v5``, and by ``v5.0.1`` only where there is no ``v5`` (nor ``v5.0``). A full version is followed
by full ones. What stands before the ``v`` (``setup/v2``, ``build-v1.4``) stays.
"""

import math
import re

from updater.versioning._scheme import Scheme, Version
from updater.versioning._semver import IDENTIFIERS, maturity_of

_VERSION = re.compile(
    r"(?P<prefix>(?:[^0-9]*[-_/@])?)[vV]?(?P<numbers>[0-9]+(?:\.[0-9]+){0,2})"
    rf"(?:-(?P<prerelease>{IDENTIFIERS}))?(?:\+{IDENTIFIERS})?"
)


def _read(text: str) -> Version | None:
    """The floor is how many numbers are written: at least as many must follow."""
    match = _VERSION.fullmatch(text)
    if match is None:
        return None
    numbers = tuple(map(int, match["numbers"].split(".")))
    return Version(
        key=((*numbers, math.inf, math.inf)[:3], maturity_of(match["prerelease"])),
        numbers=numbers,
        stable=match["prerelease"] is None,
        family=(match["prefix"],),
        floor=(len(numbers),),
        written=match["numbers"],
    )


SCHEME = Scheme("github-actions", _read)
