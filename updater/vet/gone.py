"""Pins that do not resolve any more: versions in use that their registry has no longer, and digests likewise.

Only what is sure is reported. A version must be absent from a list that is complete; and unless that list tells the
digest of every version, as the index of a chart repository does, by which charts are fetched, it must be denied when it
is asked for by name: one request for each that is missed. A digest beside a tag is asked for where an update of it is
about to be proposed, which vetting does anyway; while the tag still points at it, it is there. A digest without a tag
is asked for in every run, with a HEAD request, which no registry counts as a pull.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass

from updater import versioning
from updater.errors import NotFound, RequestError
from updater.model.decide import Gone, Update
from updater.model.lookup import Releases
from updater.model.scan import Package
from updater.model.track import Tracked
from updater.vet.sources import Sources


async def gone(
    dependencies: Iterable[Tracked], updates: Iterable[Update], sources: Sources, known: Mapping[Package, Releases]
) -> list[Gone]:
    """What is in use and does not resolve any more, in the order of the dependencies.

    ``updates`` are those that vetting let pass with the same ``sources``; ``known`` is what registries answered.
    """
    moved = {update.tracked.dependency for update in updates}
    suspicion = _Suspicion(sources, known)
    suspects = [each for tracked in dependencies for each in suspicion.of(tracked, moves=tracked.dependency in moved)]
    denied = await asyncio.gather(*(suspect.is_denied() for suspect in suspects))
    found = {each.tracked.dependency: each for each, is_denied in zip(suspects, denied, strict=True) if is_denied}
    return [Gone(tracked=each.tracked, name=each.name, reason=GONE) for each in found.values()]


GONE = "its registry does not have it any more"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Suspect:
    """A version or digest in use that may be gone, and how to find out."""

    tracked: Tracked
    name: str
    ask: Callable[[Package, str], Awaitable[object]] | None
    """Raises ``NotFound`` for what is gone; None where no more needs to be asked."""

    async def is_denied(self) -> bool:
        """Whether the registry says that there is no such thing; a failure says nothing."""
        if self.ask is None:
            return True
        try:
            await self.ask(self.tracked.package, self.name)
        except NotFound:
            return True
        except RequestError:
            pass
        return False


class _Suspicion:
    """Tells what has to be asked about, without asking."""

    def __init__(self, sources: Sources, known: Mapping[Package, Releases]) -> None:
        self._sources, self._known = sources, known
        self._names: dict[Package, frozenset[str]] = {}
        self._missed: dict[tuple[Package, str, str], bool] = {}

    def of(self, tracked: Tracked, *, moves: bool) -> Iterable[_Suspect]:
        """What of a dependency may be gone; ``moves`` says that an update of it is about to be proposed."""
        value, digest = tracked.dependency.current_value, tracked.dependency.current_digest
        if digest is not None and self._sources.know_platforms(tracked.package):
            if value is None:
                yield _Suspect(tracked=tracked, name=digest, ask=self._sources.digest)
            elif moves:
                yield _Suspect(tracked=tracked, name=digest, ask=self._sources.platforms)
        releases = self._known.get(tracked.package)
        if value is None or releases is None or not releases.complete:
            return
        if self._is_missed(tracked, value, releases):
            if self._sources.know_digests(tracked.package):
                yield _Suspect(tracked=tracked, name=value, ask=self._sources.digest)
            elif _is_index(tracked.package, releases):
                yield _Suspect(tracked=tracked, name=value, ask=None)

    def _is_missed(self, tracked: Tracked, value: str, releases: Releases) -> bool:
        """Whether a list that should hold ``value`` does not; what is no version, only lists of images hold."""
        names = self._names_in(tracked.package, releases)
        if value in names or tracked.policy.extract_version or tracked.dependency.extract_version:
            return False
        key = (tracked.package, tracked.versioning, value)
        if key not in self._missed:
            self._missed[key] = not self._is_called_otherwise(tracked, value, names)
        return self._missed[key]

    def _is_called_otherwise(self, tracked: Tracked, value: str, names: Iterable[str]) -> bool:
        """Whether a list holds ``value`` under another name, with a ``v`` say, or cannot hold it."""
        scheme = versioning.get(tracked.versioning)
        if not scheme.is_single(value):
            return scheme.is_valid(value) or not self._sources.know_platforms(tracked.package)
        return any(scheme.matches(name, value) or name.removeprefix("v") == value for name in names)

    def _names_in(self, package: Package, releases: Releases) -> frozenset[str]:
        if package not in self._names:
            self._names[package] = frozenset(release.version for release in releases.releases)
        return self._names[package]


def _is_index(package: Package, releases: Releases) -> bool:
    """Whether versions are fetched by this list, and there is no other one that may hold more."""
    return len(package.registry_urls) < 2 and all(release.digest is not None for release in releases.releases)
