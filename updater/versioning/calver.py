"""Versions that are dates (``calver``): ``2024.10.1``, ``2024-10-01``, ``20241001``, ``24.10``, ``v24.10.2``.

A year with two or four digits, a month, and what the publisher adds: a day or counts. What could not be a date is no
version: ``5.2.3`` is none, nor is ``2024.13``. A version is followed by those that write it in the same way: the digits
of the year, zero padding, separators, a ``v`` in front, a suffix behind (``-alpine``). How many numbers follow the
month may change (``24.3`` to ``24.3.1``). The update is major with the year, minor with the month. Words for what comes
before a release (``2024.10.0b3``, ``24.10-rc.1``) make a prerelease. https://calver.org/
"""

import re

from updater.versioning._prerelease import RANKS, natural
from updater.versioning._scheme import Scheme, Version

_MONTH, _DAY = "(?:0[1-9]|1[0-2])", "(?:0[1-9]|[12][0-9]|3[01])"
_TAIL = (
    r"(?P<counts>(?:[._-][0-9]+)*+)"
    rf"(?:[._-]?(?P<prerelease>(?:{'|'.join(RANKS)})[._-]?[0-9]*))?(?P<suffix>(?:[_-][A-Za-z][0-9A-Za-z.]*+)*+)"
)
_COMPACT = re.compile(rf"(?P<prefix>[vV]?)(?P<date>(?P<year>(?:19|20)[0-9]{{2}})(?P<separator>){_MONTH}{_DAY}){_TAIL}")
_SEPARATED = re.compile(
    rf"(?P<prefix>[vV]?)(?P<date>(?P<year>(?:19|20)?[0-9]{{2}})(?P<separator>[._-])(?:{_MONTH}|[1-9])){_TAIL}"
)
_DIGITS = re.compile("[0-9]+")


def _read(text: str) -> Version | None:
    match = _COMPACT.fullmatch(text) or _SEPARATED.fullmatch(text)
    if match is None:
        return None
    date, counts, prerelease = match.group("date", "counts", "prerelease")
    parts = [date[:4], date[4:6], date[6:]] if match.re is _COMPACT else _DIGITS.findall(date)
    numbers = tuple(map(int, (*parts, *_DIGITS.findall(counts))))
    return Version(
        key=(numbers, (0, *natural(prerelease)) if prerelease else (1,)),
        numbers=numbers,
        stable=not prerelease,
        family=(match["prefix"], len(match["year"]), match["separator"], match["suffix"]),
        written=date + counts,
    )


SCHEME = Scheme("calver", _read)
