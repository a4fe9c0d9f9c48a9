"""Releases of Debian (``debian``): ``bookworm``, ``12``, ``12.5``, ``bookworm-slim``, ``bookworm-20241016-slim``.

A name is followed by names, a number by numbers of as many parts. Names of releases to come (``forky``, ``duke``) are
prereleases; ``stable``, ``testing``, ``sid`` and the like move by themselves and are no versions.
https://www.debian.org/releases/
"""

from updater.versioning._releases import Numbers, Release, reader
from updater.versioning._scheme import Scheme

_NAMED = {
    "buzz": Release((1, 1)), "rex": Release((1, 2)), "bo": Release((1, 3)),
    "hamm": Release((2, 0)), "slink": Release((2, 1)), "potato": Release((2, 2)),
    "woody": Release((3, 0)), "sarge": Release((3, 1)), "etch": Release((4, 0)), "lenny": Release((5, 0)),
    "squeeze": Release((6, 0)), "wheezy": Release((7,)), "jessie": Release((8,)), "stretch": Release((9,)),
    "buster": Release((10,)), "bullseye": Release((11,)), "bookworm": Release((12,)), "trixie": Release((13,)),
    "forky": Release((14,), stable=False), "duke": Release((15,), stable=False),
}  # fmt: skip


def _numbered(numbers: Numbers, _written: str) -> bool | None:
    """A number is given to a release when it is made."""
    return True if len(numbers) <= 2 and 1 <= numbers[0] <= 99 else None


SCHEME = Scheme("debian", reader(_NAMED, _numbered))
