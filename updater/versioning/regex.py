r"""Versions read by a pattern of the user's (``regex:<pattern>``).

Named groups say what is what: ``major``, ``minor``, ``patch``, ``build`` and ``revision`` are numbers, compared in
this order, zero where absent; ``prerelease`` makes a prerelease, compared naturally; versions with different
``compatibility`` do not follow each other. At least one of the first three groups is needed. Patterns run on RE2, in
time linear to the text: they have no look-around and no back-references
(https://github.com/google/re2/wiki/Syntax). ::

    regex:^(?<compatibility>.*)-v?(?<major>\d+)\.(?<minor>\d+)\.(?<patch>\d+)(?:-(?<prerelease>.*))?$
"""

from collections.abc import Callable, Mapping
from functools import lru_cache

import re2

from updater.versioning._prerelease import natural
from updater.versioning._scheme import Scheme, Version

_NUMBERS = ("major", "minor", "patch", "build", "revision")
_NEEDED = _NUMBERS[:3]


@lru_cache(maxsize=256)
def scheme(pattern: str) -> Scheme:
    """The scheme of a pattern. Raises ``ValueError`` with a sentence for the user if it cannot be used."""
    search = _compiled(pattern)

    def read(text: str) -> Version | None:
        groups = search(text) if text.isascii() else None  # re2 fails on what UTF-8 cannot encode
        return _version(groups) if groups is not None else None

    return Scheme(f"regex:{pattern}", read)


def _compiled(pattern: str) -> Callable[[str], Mapping[str, str | None] | None]:
    options = re2.Options()
    options.log_errors = False
    try:
        compiled = re2.compile(pattern, options)
    except re2.error as error:
        reason = error.args[0]
        raise ValueError(reason.decode() if isinstance(reason, bytes) else str(reason)) from error
    if not any(name in compiled.groupindex for name in _NEEDED):
        raise ValueError("the pattern has no group named major, minor or patch")

    def search(text: str) -> Mapping[str, str | None] | None:
        match = compiled.search(text)
        return match.groupdict() if match else None

    return search


def _version(groups: Mapping[str, str | None]) -> Version | None:
    texts = [groups.get(name) or "0" for name in _NUMBERS]
    if not all(text.isdecimal() for text in texts):
        return None
    numbers, prerelease = tuple(map(int, texts)), groups.get("prerelease")
    return Version(
        key=(numbers, (0, *natural(prerelease)) if prerelease else (1,)),
        numbers=numbers,
        stable=not prerelease,
        family=(groups.get("compatibility"),),
    )
