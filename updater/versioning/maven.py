"""Versions of Maven artifacts and Jenkins plugins (``maven``), in Maven's order.

``1.0-alpha-1`` < ``1.0-beta-1`` < ``1.0-rc1`` < ``1.0-SNAPSHOT`` < ``1.0`` = ``1.0.0`` = ``1.0.Final`` < ``1.0-sp1`` <
``1.0-2`` < ``1.0.1`` (https://maven.apache.org/pom.html#version-order-specification). Other words (``-jre``,
``-android``) tell builds for different purposes apart: they stay. The versions that Jenkins makes of commits, such as
``1932.v75cb_b_f1b_698d``, are ordered by their number, which counts commits and may be any after a version such as
``1.24`` (https://www.jenkins.io/jep/229). Ranges (``[1.0,2.0)``) are not understood.
"""

import re
from collections.abc import Iterable, Sequence

from updater.versioning._prerelease import WORDS
from updater.versioning._scheme import Scheme, Version

_VERSION = re.compile(r"v?(?P<numbers>[0-9]+(?:\.[0-9]+)*)(?![0-9])[0-9A-Za-z]*(?:[._-]+[0-9A-Za-z]+)*[._-]?")
_COMMIT = re.compile(r"[.-]v(?=[0-9_]*[a-f])[0-9a-f](?:_?[0-9a-f]){9,}_?(?=[.-]|$)")
_COUNTED = re.compile(r"[0-9]+(?:-rc[0-9]+)?\.v[0-9a-f]_?[0-9a-f_]{9,}")
_TOKEN = re.compile(r"([._-]?)(?:([0-9]+)|([A-Za-z]+)(?=([0-9])?))")

_PRERELEASES = {"alpha": 0, "beta": 1, "milestone": 2, "rc": 3, "cr": 3, "snapshot": 4}
_BEFORE_NUMBERS = {"a": "alpha", "b": "beta", "m": "milestone"}
_RELEASE = frozenset({"final", "ga", "release"})
_NO_FAMILY = frozenset({*_PRERELEASES, *WORDS, *_RELEASE, "sp", "v"})

_Token = tuple[int, int, str]
_THE_RELEASE: _Token = (1, 0, "")
"""After its prereleases, before all that is added to it."""
_NOTHING = frozenset({_THE_RELEASE, (3, 0, ""), (4, 0, "")})
"""What makes no difference at the end, or in front of what begins anew."""


def _read(text: str) -> Version | None:
    match = _VERSION.fullmatch(text)
    if match is None:
        return None
    parts = [_part(*found) for found in _TOKEN.findall(_COMMIT.sub("", text).removeprefix("v"))]
    words = [word for _, _, word in parts if word]
    return Version(
        key=(*_trimmed(parts), _THE_RELEASE),
        numbers=tuple(map(int, match["numbers"].split("."))),
        stable=not any(word in _PRERELEASES or word in WORDS for word in words),
        family=tuple(word for word in words if word not in _NO_FAMILY),
        counted=_COUNTED.match(text) is not None,
    )


_Part = tuple[bool, _Token, str]
"""Whether it begins anew, what it is worth, and the word, if it is one."""


def _part(separator: str, number: str, word: str, following: str) -> _Part:
    """Words come before numbers, and a number behind a hyphen (or a word) before one behind a dot."""
    if number:
        return separator == "-", (4 if separator == "." else 3, int(number), ""), ""
    word = word.lower()
    word = _BEFORE_NUMBERS.get(word, word) if following else word
    return True, _worth(word), word


def _worth(word: str) -> _Token:
    if word in _PRERELEASES:
        return 0, _PRERELEASES[word], ""
    if word in _RELEASE:
        return _THE_RELEASE
    return (2, 0, "") if word == "sp" else (2, 1, word)


def _trimmed(parts: Iterable[_Part]) -> Sequence[_Token]:
    tokens: list[_Token] = []
    for begins_anew, token, _ in parts:
        if begins_anew:
            _trim(tokens)
        tokens.append(token)
    _trim(tokens)
    return tokens


def _trim(tokens: list[_Token]) -> None:
    while tokens and tokens[-1] in _NOTHING:
        tokens.pop()


SCHEME = Scheme("maven", _read)
