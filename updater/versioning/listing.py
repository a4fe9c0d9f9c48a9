"""What a registry offers of a package, as one versioning reads it: read once, whoever asks, and put in order."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from operator import eq
from typing import NamedTuple

from updater.model.lookup import Release, Releases
from updater.versioning._scheme import Scheme, Version

Extract = Callable[[str], str | None]
"""The version within what a registry calls a release, or None if there is none."""

_NEVER = datetime.min.replace(tzinfo=UTC)


class Listed(NamedTuple):
    """A release, its version as written (after extraction), and as read."""

    release: Release
    text: str
    version: Version


class Family:
    """Versions that may follow each other, ``newest_first``, each once.

    Of equal versions (``1.0-g1a2b3c4`` and ``1.0-gdeadb33``) the one published later comes first, so that the order in
    which a registry lists them makes no difference.
    """

    def __init__(self, listed: Iterable[Listed]) -> None:
        ordered = sorted(listed, key=_order, reverse=True)
        keys = [_order(each) for each in ordered]
        if any(map(eq, keys, keys[1:])):
            ordered = _distinct(sorted(ordered, key=_order_of_equals, reverse=True))
            keys = [_order(each) for each in ordered]
        self.newest_first: Sequence[Listed] = ordered
        self._oldest_first = keys[::-1]

    def newer(self, version: Version) -> Sequence[Listed]:
        """Those that come after ``version``, newest first."""
        return self.newest_first[: len(self._oldest_first) - bisect_right(self._oldest_first, version.key)]

    def older(self, version: Version) -> Sequence[Listed]:
        """Those that come before ``version``, newest first."""
        return self.newest_first[len(self._oldest_first) - bisect_left(self._oldest_first, version.key) :]

    def has(self, version: Version) -> bool:
        """Whether ``version`` is listed, however it is written."""
        return len(self.newer(version)) + len(self.older(version)) < len(self.newest_first)

    def release_of(self, text: str) -> Release | None:
        """The release whose version is written ``text``."""
        return next((each.release for each in self.newest_first if each.text == text), None)


class Listing:
    """The releases of a package whose names are versions of ``scheme``. A family is put in order when it is asked for.

    Read versions take ten times the memory of their text: a listing is for deciding the dependencies of its package,
    and then to be dropped. ``complete`` is that of the answer.
    """

    def __init__(self, releases: Releases, scheme: Scheme, extract: Extract | None = None) -> None:
        self.complete = releases.complete
        self._scheme, self._extract, self._tags = scheme, extract, releases.tags
        self._found: dict[tuple[object, ...], list[tuple[Release, str, Version]]] = {}
        self._families: dict[tuple[object, ...], Family] = {}
        for release in releases.releases:
            text = extract(release.version) if extract is not None else release.version
            version = scheme.single(text) if text is not None else None
            if text is not None and version is not None:
                self._found.setdefault(version.family, []).append((release, text, version))

    def family_of(self, version: Version) -> Family:
        """The versions of the same family as ``version``, which need not be listed itself."""
        family = self._families.get(version.family)
        if family is None:
            family = self._families[version.family] = Family(map(Listed._make, self._found.get(version.family, ())))
        return family

    def tagged(self, name: str) -> tuple[str, Version] | None:
        """The version that the registry calls ``name``, as written and as read."""
        said = self._tags.get(name)
        text = self._extract(said) if said is not None and self._extract is not None else said
        version = self._scheme.single(text) if text is not None else None
        return (text, version) if text is not None and version is not None else None

    def highest_in(self, range_: str) -> str | None:
        """The highest version that the range admits: of the stable ones, if it admits any."""
        families = [self.family_of(members[0][2]) for members in self._found.values()]
        found = [each for family in families if (each := self._highest_in(range_, family)) is not None]
        stable = [each for each in found if each.version.stable] or found
        return max(stable, key=_order).text if stable else None

    def _highest_in(self, range_: str, family: Family) -> Listed | None:
        admitted = None
        for each in family.newest_first:
            if (each.version.stable or admitted is None) and self._scheme.admits(range_, each.version):
                admitted = each
                if each.version.stable:
                    break
        return admitted

    def lowest_in(self, range_: str) -> str | None:
        """The lowest version that the range admits: of the stable ones, if it admits any."""
        families = [self.family_of(members[0][2]) for members in self._found.values()]
        found = [
            each for family in families for each in family.newest_first if self._scheme.admits(range_, each.version)
        ]
        stable = [each for each in found if each.version.stable] or found
        return min(stable, key=_order).text if stable else None

    def strangers(self, version: Version) -> int:
        """How many versions are of another family."""
        others = (members for family, members in self._found.items() if family != version.family)
        return sum(len({text for _, text, _ in members}) for members in others)


def _distinct(listed: Iterable[Listed]) -> list[Listed]:
    """The first of each text."""
    found: dict[str, Listed] = {}
    for each in listed:
        found.setdefault(each.text, each)
    return list(found.values())


def _order(listed: Listed) -> tuple[object, ...]:
    return listed.version.key


def _order_of_equals(listed: Listed) -> tuple[object, ...]:
    return listed.version.key, listed.release.published or _NEVER, listed.text, listed.release.version
