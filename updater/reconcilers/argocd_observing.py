"""Argo CD, however it is asked: which applications to look at, and one verdict where a target stands for several."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from updater.api import Clock, Expectation, Health, History, RequestError, RolloutState, Target, TargetKind, Verdict
from updater.fields import Unreadable
from updater.reconcilers.argocd import Application
from updater.reconcilers.argocd_verdict import Ours, verdict
from updater.reconcilers.running import unmet

KINDS = frozenset({TargetKind.APPLICATION, TargetKind.APPLICATION_SET})

_AT_ONCE = 10
_WAITING = (RolloutState.WAITING_SYNC,)
_WORST_FIRST = (
    RolloutState.FAILED_RENDER,
    RolloutState.FAILED_SYNC,
    RolloutState.FAILED_REMEDIATED,
    RolloutState.FAILED_HEALTH,
    RolloutState.PRE_EXISTING,
    RolloutState.UNKNOWN,
    RolloutState.NO_NEWS,
    RolloutState.BLOCKED_WINDOW,
    RolloutState.NEEDS_MANUAL_SYNC,
    RolloutState.NEEDS_APPLY,
    RolloutState.APPLIED_UNMERGED,
    RolloutState.NEEDS_PRUNE,
    RolloutState.WAITING_SYNC,
    RolloutState.SYNCING,
    RolloutState.VERIFYING,
    RolloutState.ROLLING,
    RolloutState.LIVE_UNVERIFIED,
    RolloutState.LIVE,
    RolloutState.PROVEN,
    RolloutState.SUPERSEDED,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One application of a list, with what a list tells cheaply. ``sets`` are the application sets that made it."""

    name: str
    namespace: str
    sync: str = ""
    health: str = ""
    revision: str = ""
    sets: frozenset[str] = frozenset()


class Installation(Protocol):
    """A way to ask Argo CD. Raises ``RequestError``."""

    async def listed(self) -> Sequence[Listed]:
        """All applications that may be seen."""
        ...

    async def application(self, namespace: str, name: str) -> Application:
        """One of them."""
        ...

    async def closed_by(self, app: Application, now: datetime) -> str | None:
        """The sync window that forbids a sync of it now, in words."""
        ...

    async def changed(self, apps: Sequence[Listed], sets: Sequence[str], seconds: float) -> bool:
        """Wait until something may have happened to applications and those of sets; False if nobody tells."""
        ...


class ArgoCD:
    """One installation of Argo CD, by the way in which it is asked."""

    NAME = "argocd"
    KINDS = KINDS

    def __init__(self, asked: Installation, ours: Ours, clock: Clock) -> None:
        self._asked, self._ours, self._clock = asked, ours, clock
        self._latest: Sequence[Listed] | None = None

    async def observe(self, expectations: Sequence[Expectation], history: History, /) -> Sequence[Verdict]:
        """A verdict on each expectation: one list, then each application that matters once."""
        if not expectations:
            return []
        try:
            self._latest = await self._asked.listed()
        except RequestError as error:
            unseen = Verdict(state=RolloutState.UNKNOWN, rule="argocd 1", reason=f"no list of applications: {error}")
            return [unseen] * len(expectations)
        observation = _Observation(self._asked, history, self._ours, self._clock(), self._latest)
        return await observation.verdicts(expectations)

    async def changed(self, targets: Sequence[Target], seconds: float, /) -> bool:
        """Wait for something to happen to the targets, if there is a way to hear of it."""
        apps = [one for target in targets for one in members(self._latest or (), target)]
        sets = [target.name for target in targets if target.kind is TargetKind.APPLICATION_SET]
        return await self._asked.changed(apps, sets, seconds)

    async def healths(self) -> Sequence[Health]:
        """How each application is, by the list that there is already, if there is one."""
        if self._latest is None:
            self._latest = await self._asked.listed()
        return [_health(each) for each in self._latest]


def _health(one: Listed) -> Health:
    words = ", ".join(filter(None, (one.health, one.sync if one.sync != "Synced" else "")))
    return Health(
        kind=TargetKind.APPLICATION,
        name=one.name,
        namespace=one.namespace,
        words=words or "unknown",
        is_well=(one.sync, one.health) == ("Synced", "Healthy"),
        is_broken=one.health in ("Degraded", "Missing"),
        sets=one.sets,
    )


def members(listed: Sequence[Listed], target: Target) -> Sequence[Listed]:
    """The applications of a list that a target stands for."""
    if target.kind is TargetKind.APPLICATION_SET:
        return [each for each in listed if target.name in each.sets]
    named = [each for each in listed if each.name == target.name]
    at_home = [each for each in named if each.namespace == target.namespace]
    return at_home or (named if target.namespace is None or len(named) == 1 else [])


class _Observation:
    def __init__(
        self, argo: Installation, history: History, ours: Ours, now: datetime, listed: Sequence[Listed]
    ) -> None:
        self._argo, self._history, self._ours, self._now, self._listed = argo, history, ours, now, listed

    async def verdicts(self, expectations: Sequence[Expectation]) -> Sequence[Verdict]:
        found_of = [members(self._listed, each.target) for each in expectations]
        apps = await self._read(
            {
                one
                for each, found in zip(expectations, found_of, strict=True)
                for one in found
                if not self._is_well(each, one)
            }
        )
        return [await self._combined(each, found, apps) for each, found in zip(expectations, found_of, strict=True)]

    def _is_well(self, expected: Expectation, one: Listed) -> bool:
        """Whether the list says enough: where a glance is enough, that all is well with what is expected."""
        return (
            expected.glance
            and not expected.target.declared_by
            and (one.sync, one.health) == ("Synced", "Healthy")
            and self._history.contains(one.revision, expected.commit) is True
        )

    async def _read(self, wanted: set[Listed]) -> Mapping[Listed, Application | Unreadable]:
        slots = asyncio.Semaphore(_AT_ONCE)

        async def read(one: Listed) -> Application | Unreadable:
            async with slots:
                try:
                    return await self._argo.application(one.namespace, one.name)
                except RequestError as error:
                    return Unreadable(reason=str(error))

        ordered = sorted(wanted, key=lambda one: (one.namespace, one.name))
        return dict(zip(ordered, await asyncio.gather(*map(read, ordered)), strict=True))

    async def _combined(
        self, expected: Expectation, members: Sequence[Listed], apps: Mapping[Listed, Application | Unreadable]
    ) -> Verdict:
        """The verdict on the member that is furthest from being well."""
        if not members:
            missing = "there is no such application, or it may not be seen"
            return Verdict(state=RolloutState.UNKNOWN, rule="argocd 1", reason=missing)
        members = _concerned(expected, members, apps)
        verdicts = [await self._verdict(expected, one, apps.get(one)) for one in members]
        worst = min(range(len(verdicts)), key=lambda index: _WORST_FIRST.index(verdicts[index].state))
        if len(members) == 1:
            return verdicts[worst]
        return replace(verdicts[worst], reason=f"{members[worst].name}: {verdicts[worst].reason}")

    async def _verdict(self, expected: Expectation, one: Listed, app: Application | Unreadable | None) -> Verdict:
        if app is None:
            return Verdict(
                state=RolloutState.LIVE, rule="argocd 10", reason="synced and healthy", runs=one.revision[:10]
            )
        found = verdict(app, expected, self._history, self._ours, self._now)
        if found.state not in _WAITING or isinstance(app, Unreadable):
            return found
        try:
            window = await self._argo.closed_by(app, self._now)
        except RequestError:
            return found
        return verdict(app, expected, self._history, self._ours, self._now, window) if window else found


def _concerned(
    expected: Expectation, members: Sequence[Listed], apps: Mapping[Listed, Application | Unreadable]
) -> Sequence[Listed]:
    """Of a set in whose object a version changed, the applications that say the old or the new one: if any do."""
    if expected.target.kind is not TargetKind.APPLICATION_SET or not expected.target.declared_by:
        return members
    both = [change for each in expected.changes for change in (each, replace(each, new=each.old, new_digest=None))]

    def says_one(one: Listed) -> bool:
        app = apps.get(one)
        return isinstance(app, Unreadable) or (app is not None and any(not unmet([each], app.spec) for each in both))

    return [one for one in members if says_one(one)] or members
