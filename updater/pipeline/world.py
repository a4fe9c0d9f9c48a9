"""All that a plan is told: live, or by the record of an earlier run."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from updater import lookup, vet
from updater.api import Client, Clock, Datasource, HistoricTree, Tree
from updater.material import Library, Material, gather
from updater.model.decide import Update
from updater.model.history import Tombstone
from updater.model.scan import Dependency
from updater.model.track import Tracked
from updater.rollout import Health, Trial
from updater.tombstones import tombstones

_REMEMBERED = timedelta(days=365)
"""How far back the history of managed values is read."""

Tombstones = Mapping[Dependency, tuple[Tombstone, ...]]
"""The decisions against versions, by what they are for."""


class World(Protocol):
    """All that a plan is told beyond the files and the forge: by those who know, or by the record of an earlier run."""

    @property
    def first_seen(self) -> vet.FirstSeen:
        """Since when each version is known to us."""
        ...

    @property
    def requests(self) -> Mapping[str, int]:
        """How many requests were sent to each host so far."""
        ...

    async def look_up(
        self, wanted: lookup.Wanted, datasources: Mapping[str, Datasource], clock: Clock
    ) -> lookup.Answers:
        """What there is of each package."""
        ...

    def sources(self, datasources: Mapping[str, Datasource]) -> vet.Sources:
        """What tells more about single versions."""
        ...

    @property
    def trials(self) -> Sequence[Trial]:
        """What became of the pull requests that were merged."""
        ...

    @property
    def healths(self) -> Sequence[Health]:
        """How everything is that is deployed, as far as reconcilers list it."""
        ...

    def tombstones(self, tree: Tree, dependencies: Sequence[Tracked], now: datetime) -> Tombstones:
        """What was decided against in the last year."""
        ...

    async def about(self, updates: Sequence[Update], library: Library) -> Sequence[Material]:
        """What there is to know about each update for those who review it."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """The live :class:`World`. ``requests`` counts by host while the stages work.

    Lookups use the ``sparing_client``, which leaves a part of each host's budget to the vetting of what they find.
    """

    client: Client
    sparing_client: Client
    releases: lookup.ReleaseStore
    first_seen: vet.FirstSeen
    requests: Mapping[str, int]
    fresh_for: timedelta = timedelta(0)
    trials: Sequence[Trial] = ()
    healths: Sequence[Health] = ()

    async def look_up(
        self, wanted: lookup.Wanted, datasources: Mapping[str, Datasource], clock: Clock
    ) -> lookup.Answers:
        """Ask about each package once."""
        return await lookup.lookup(wanted, datasources, self.sparing_client, self.releases, clock, self.fresh_for)

    def sources(self, datasources: Mapping[str, Datasource]) -> vet.Sources:
        """The datasources, with the client that may use up the budgets."""
        return vet.Sources(datasources, self.client)

    def tombstones(self, tree: Tree, dependencies: Sequence[Tracked], now: datetime) -> Tombstones:
        """What was decided against, as far as the history is there."""
        if not isinstance(tree, HistoricTree):
            return {}
        history = tree.history({tracked.dependency.path for tracked in dependencies}, now - _REMEMBERED)
        texts = {path: data.decode("utf-8", "surrogateescape") for path, data in tree.read(sorted(history))}
        return tombstones(dependencies, history, texts)

    async def about(self, updates: Sequence[Update], library: Library) -> Sequence[Material]:
        """Ask about the updates; no failure is raised."""
        return await gather(updates, library, self.client)
