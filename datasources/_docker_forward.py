"""Looking for the versions after a given one, where the list of all tags is too long to be read.

The next patch, minor and major versions of the same shape (``v1.17.3-alpine`` → ``v1.17.4-alpine``, ``v1.18.0-alpine``,
``v2.0.0-alpine``) are asked for by name, each with one HEAD request, and so on from the highest that exists. A gap of
one number is stepped over. What has dates or leading zeros in place of such numbers has no next version.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from datasources import _oci
from updater.api import Client, NotFound, Release

MAX_REQUESTS = 100

_TAG = re.compile(r"(?P<before>[A-Za-z_-]*)(?P<numbers>[0-9]{1,4}(?:\.[0-9]{1,4}){1,3})(?P<behind>(?![.0-9]).*)")
_GAP = 2

Numbers = tuple[int, ...]


async def newer(repository: _oci.Repository, tag: str, client: Client) -> tuple[Release, ...]:
    """What exists after ``tag``, in no order; empty if nothing does or ``tag`` has no next version."""
    match = _TAG.fullmatch(tag)
    if match is None or any(number[0] == "0" != number for number in match["numbers"].split(".")):
        return ()
    numbers = tuple(map(int, match["numbers"].split(".")))
    search = _Search(repository, client, match["before"], match["behind"])
    for place in reversed(range(len(numbers))):
        await search.climb(numbers, place)
    return tuple(search.found.values())


@dataclass(slots=True)
class _Search:
    repository: _oci.Repository
    client: Client
    before: str
    behind: str
    found: dict[Numbers, Release] = field(default_factory=dict)
    asked: set[Numbers] = field(default_factory=set)

    async def climb(self, start: Numbers, place: int) -> None:
        """Count up at ``place`` until nothing is there any more, and from the highest on at the places behind it."""
        highest, missed = start, 0
        for candidate in _counted_up(start, place):
            if missed == _GAP or len(self.asked) == MAX_REQUESTS:
                break
            missed = 0 if await self._exists(candidate) else missed + 1
            highest = candidate if missed == 0 else highest
        for lower in range(place + 1, len(start)) if highest != start else ():
            await self.climb(highest, lower)

    async def _exists(self, numbers: Numbers) -> bool:
        if numbers not in self.asked:
            self.asked.add(numbers)
            tag = f"{self.before}{'.'.join(map(str, numbers))}{self.behind}"
            try:
                digest = await _oci.digest(self.repository, tag, self.client)
            except NotFound:
                return False
            self.found[numbers] = Release(version=tag, digest=digest)
        return numbers in self.found


def _counted_up(start: Numbers, place: int) -> Iterator[Numbers]:
    number = start[place]
    while True:
        number += 1
        yield (*start[:place], number, *(0 for _ in start[place + 1 :]))
