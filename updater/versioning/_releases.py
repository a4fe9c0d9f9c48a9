"""Releases of distributions, which have a number and a name."""

import re
from collections.abc import Callable, Mapping
from typing import NamedTuple

from updater.versioning._scheme import Version

Numbers = tuple[int, ...]

_TEXT = re.compile(
    r"(?:(?P<name>[a-z]+)|(?P<numbers>[0-9]+(?:\.[0-9]+){0,2}))"
    r"(?:-(?P<date>20[0-9]{6}(?:\.[0-9]+)?))?(?P<variant>-[a-z][a-z0-9]*(?:-[a-z0-9]+)*)?"
)


class Release(NamedTuple):
    """What a name stands for."""

    numbers: Numbers
    stable: bool = True


def reader(
    named: Mapping[str, Release], numbered: Callable[[Numbers, str], bool | None]
) -> Callable[[str], Version | None]:
    """Reads ``noble``, ``24.04``, ``noble-20241011`` and ``bookworm-slim``.

    ``numbered`` says whether a release with these numbers (and how they are written) is stable, None if it is none. A
    name is followed by names and a number by numbers, with a date where there is one, of the same variant.
    """

    def read(text: str) -> Version | None:
        match = _TEXT.fullmatch(text)
        if match is None:
            return None
        release = named.get(match["name"]) if match["name"] else _numbered(match["numbers"])
        if release is None:
            return None
        date = tuple(map(int, match["date"].split("."))) if match["date"] else ()
        style = "name" if match["name"] else len(release.numbers)
        return Version(
            key=(release.numbers, date),
            numbers=release.numbers,
            stable=release.stable,
            family=(style, len(date), match["variant"]),
        )

    def _numbered(text: str) -> Release | None:
        numbers = tuple(map(int, text.split(".")))
        stable = numbered(numbers, text)
        return None if stable is None else Release(numbers, stable)

    return read
