"""Releases of Ubuntu (``ubuntu``): ``noble``, ``24.04``, ``24.04.1``, ``noble-20241011``.

A name is followed by names, a number by numbers of as many parts. Those with long-term support (April of even years)
are stable and followed by their like; the others count as prereleases, so that from ``23.10`` there is a way to
``24.04``, and from ``24.04`` none to ``24.10`` unless ``ignoreUnstable`` is off. ``latest``, ``rolling`` and ``devel``
move by themselves and are no versions. https://documentation.ubuntu.com/project/release-team/list-of-releases/
"""

from updater.versioning._releases import Numbers, Release, reader
from updater.versioning._scheme import Scheme

_NAMES = (
    "hardy 8.04, intrepid 8.10, jaunty 9.04, karmic 9.10, lucid 10.04, maverick 10.10, natty 11.04, oneiric 11.10, "
    "precise 12.04, quantal 12.10, raring 13.04, saucy 13.10, trusty 14.04, utopic 14.10, vivid 15.04, wily 15.10, "
    "xenial 16.04, yakkety 16.10, zesty 17.04, artful 17.10, bionic 18.04, cosmic 18.10, disco 19.04, eoan 19.10, "
    "focal 20.04, groovy 20.10, hirsute 21.04, impish 21.10, jammy 22.04, kinetic 22.10, lunar 23.04, mantic 23.10, "
    "noble 24.04, oracular 24.10, plucky 25.04, questing 25.10, resolute 26.04"
)


def _has_long_term_support(numbers: Numbers) -> bool:
    return numbers[0] % 2 == 0 and numbers[1] == 4


def _numbered(numbers: Numbers, written: str) -> bool | None:
    month = written.split(".")[1] if len(numbers) > 1 else ""
    return _has_long_term_support(numbers) if month in ("04", "06", "10") and numbers[0] <= 99 else None


def _named(entry: str) -> tuple[str, Release]:
    name, numbers = entry.split(" ")
    year, month = map(int, numbers.split("."))
    return name, Release((year, month), stable=_has_long_term_support((year, month)))


SCHEME = Scheme("ubuntu", reader(dict(map(_named, _NAMES.split(", "))), _numbered))
