"""How old a release is, and who says so.

The best evidence counts: the registry's own date, from its list of versions or asked for; else the date that whoever
made the version wrote into it; else the moment at which this tool first saw it. A date that the publisher wrote can be
made up, and a gate is there for releases that somebody made up: it does not count for what turned up while the package
was being watched. What was there when the package was first looked at has no better evidence, and the pull request
says whose word it is. Every gate ends, no later than its time after the first sight.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, TypeGuard

from updater.api import Published
from updater.model.lookup import Release
from updater.model.scan import Package
from updater.policy.plausible import is_credible
from updater.vet.sources import Sources

_THE_PACKAGE = ""
"""The version under which the first sight of the package itself is remembered."""


class FirstSeen(Protocol):
    """Remembers when a version was first seen by this tool: the evidence of age that always exists."""

    async def first_seen(self, package: Package, versions: Sequence[str], now: datetime) -> Mapping[str, datetime]:
        """When each version was first asked about; ``now`` for the new ones."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Age:
    """Since when a release counts as being there, and the evidence in words.

    ``dated`` is the date that is given for it, whether or not that counts; None where nobody gives one. It is
    ``by_registry`` if it comes from the registry's own clock.
    """

    since: datetime
    evidence: str
    dated: datetime | None
    by_registry: bool = False


@dataclass(frozen=True, slots=True)
class Ages:
    """Finds out the age of releases, by the clock that says ``now``."""

    sources: Sources
    first_seen: FirstSeen
    now: datetime
    _sights: dict[tuple[Package, str], datetime] = field(default_factory=dict)

    async def watch(self, packages: Iterable[Package]) -> None:
        """Remember that these packages have been looked at: what turns up in them later is new."""
        watched = (each for each in packages if self.sources.know_dates(each) or self.sources.know_digests(each))
        await asyncio.gather(*(self._seen(package, _THE_PACKAGE) for package in watched))

    def listed(self, release: Release) -> Age | None:
        """The age of a version, if the list of versions brought its date."""
        when = release.published
        if not self._is_evidence(when):
            return None
        return Age(since=when, evidence=f"published {when:%Y-%m-%d}", dated=when, by_registry=True)

    async def of(self, package: Package, release: Release) -> Age:
        """The age of a version. Asks for its date if the list of versions did not bring it."""
        listed = self.listed(release)
        if listed is not None:
            return listed
        return await self._said(package, release.version, await self.sources.published(package, release.version))

    async def of_content(self, package: Package, release: Release, digest: str) -> Age:
        """The age of what a version points at since its publisher has moved it.

        A date in a list of versions may be that of the commit: no more than the publisher's word.
        """
        when = release.published
        if not self._is_evidence(when):
            return await self._said(package, digest, await self.sources.published(package, release.version))
        return await self._said(package, digest, Published(when=when, evidence="published", by_registry=False))

    async def _said(self, package: Package, name: str, said: Published | None) -> Age:
        """The age of the version or digest ``name``, by what is said of it or by when it was first seen."""
        when = said.when if said is not None else None
        if said is not None and said.by_registry and self._is_evidence(when):
            return Age(since=when, evidence=_words(said), dated=when, by_registry=True)
        seen, watched = await self._seen(package, name), await self._seen(package, _THE_PACKAGE)
        if said is None or not self._is_evidence(when):
            return Age(since=seen, evidence=f"first seen {seen:%Y-%m-%d} (the registry gives no date)", dated=None)
        if seen > watched:
            return Age(since=seen, evidence=f"first seen {seen:%Y-%m-%d} ({_words(said)})", dated=when)
        return Age(since=when, evidence=_words(said), dated=when)

    def _is_evidence(self, when: datetime | None) -> TypeGuard[datetime]:
        """Whether a date tells anything: one before all software, or in the future, does not."""
        return is_credible(when) and when <= self.now

    async def _seen(self, package: Package, name: str) -> datetime:
        sight = self._sights.get((package, name))
        if sight is None:
            sight = (await self.first_seen.first_seen(package, [name], self.now))[name]
            self._sights[package, name] = sight
        return sight


def _words(said: Published) -> str:
    words = f"{said.evidence} {said.when:%Y-%m-%d}"
    return words if said.by_registry else f"{words}, says its publisher"
