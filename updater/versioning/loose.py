"""Versions without rules (``loose``): an optional ``v``, up to six numbers, and anything behind them.

A missing number sorts before any (``1.2`` before ``1.2.0``). With something behind the numbers a version sorts before
the same without, and that something is compared naturally (``-b9`` before ``-b10``). Commit ids are no versions, and
numbers are not followed by dates.
"""

import re

from updater.versioning._prerelease import WORDS, natural, words
from updater.versioning._scheme import Scheme, Version

_VERSION = re.compile(r"[vV]?(?P<numbers>[0-9]+(?:\.[0-9]+){0,5})(?P<suffix>(?!\.[0-9])\S*)")
_COMMIT = re.compile(r"(?=[0-9]*[a-f])[0-9a-f]{7,64}")


def _read(text: str) -> Version | None:
    match = _VERSION.fullmatch(text)
    if match is None or _COMMIT.fullmatch(text):
        return None
    written, suffix = match["numbers"], match["suffix"]
    numbers = tuple(map(int, written.split(".")))
    return Version(
        key=(numbers, (0, *natural(suffix)) if suffix else (1,)),
        numbers=numbers,
        stable=WORDS.isdisjoint(words(suffix)),
        written=written,
    )


SCHEME = Scheme("loose", _read)
