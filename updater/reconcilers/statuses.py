"""Argo CD and Flux through the commit statuses that their notifications leave on the forge: no access to a cluster.

Argo CD's notifications write ``<label>/<application>``, with ``continuous-delivery`` as the label of their catalogue;
Flux's write ``kustomization/<name>/<uid>`` and ``helmrelease/<name>/<uid>``. Commits are folded into later ones, so
that a status of any commit that contains ours counts. The rules are those of ``docs/close-the-loop.md``.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from updater.api import (
    CheckState,
    Clock,
    Expectation,
    History,
    PlatformError,
    RolloutState,
    Status,
    Target,
    TargetKind,
    Times,
    Verdict,
)
from updater.reconcilers.atlantis import Statuses
from updater.reconcilers.trust import Trust

NO_NEWS_AFTER = timedelta(minutes=30)
"""If nothing was said for so long after a merge, that is worth saying."""

LATER_COMMITS = 20
"""How many commits after ours are looked at."""

_LONG_AGO = datetime.min.replace(tzinfo=UTC)
_FLUX_KINDS = {TargetKind.KUSTOMIZATION: "kustomization", TargetKind.HELM_RELEASE: "helmrelease"}


def verdict(
    before: Iterable[Status], after: Iterable[Status], expected: Expectation, *, shows_health: bool, now: datetime
) -> Verdict:
    """What statuses about one target say: those of the commit before ours, and those of ours and later ones."""
    latest = max(after, key=_moment, default=None)
    if latest is None:
        return _nothing_said(expected, now)
    found = _said(latest, max(before, key=_moment, default=None), expected, shows_health=shows_health, now=now)
    return replace(found, evidence=((latest.context, f"{latest.state}: {latest.description}"),), link=latest.url)


def _nothing_said(expected: Expectation, now: datetime) -> Verdict:
    ends = expected.since + NO_NEWS_AFTER
    if now < ends:
        return Verdict(
            state=RolloutState.WAITING_SYNC, rule="status 1", reason="nothing was said of it yet", until=ends
        )
    reason = "nobody who is trusted has said anything of this commit or a later one"
    return Verdict(state=RolloutState.NO_NEWS, rule="status 2", reason=reason)


def _said(
    latest: Status, before: Status | None, expected: Expectation, *, shows_health: bool, now: datetime
) -> Verdict:
    since, reason = latest.created, latest.description or f"{latest.context} says {latest.state}"
    if latest.state is CheckState.PENDING:
        return Verdict(state=RolloutState.SYNCING, rule="status 3", reason=reason, since=since)
    if latest.state is CheckState.FAILURE:
        return _failed(before, expected, reason, since, now)
    if not shows_health:
        return Verdict(
            state=RolloutState.LIVE_UNVERIFIED,
            rule="status 5",
            reason=reason,
            since=since,
            times=Times(deployed=since),
        )
    times = Times(healthy=expected.first_healthy or since)
    until = since + expected.soak if since is not None else None
    if until is None or now < until:
        return Verdict(state=RolloutState.LIVE, rule="status 6", reason=reason, since=since, until=until, times=times)
    times = replace(times, proven=until)
    return Verdict(state=RolloutState.PROVEN, rule="status 7", reason=reason, since=since, until=until, times=times)


def _failed(
    before: Status | None, expected: Expectation, reason: str, since: datetime | None, now: datetime
) -> Verdict:
    if before is not None and before.state is CheckState.FAILURE:
        return Verdict(state=RolloutState.PRE_EXISTING, rule="status 4", reason=f"{reason}, and before", since=since)
    ends = (since or expected.since) + expected.grace
    if now < ends:
        return Verdict(state=RolloutState.ROLLING, rule="status 4", reason=reason, since=since, until=ends)
    return Verdict(state=RolloutState.FAILED_HEALTH, rule="status 4", reason=reason, since=since)


def _moment(status: Status) -> datetime:
    return status.created or _LONG_AGO


class CommitStatuses:
    """What is said on the forge about targets of some kinds.

    ``label`` is the first part of Argo CD's contexts. A success of Argo CD's notifications means "synced and healthy",
    one of Flux's that all was applied: whether the object waits for health it does not say.
    """

    def __init__(
        self, name: str, kinds: Iterable[TargetKind], forge: Statuses, trust: Trust, clock: Clock, label: str
    ) -> None:
        self.NAME, self.KINDS = name, frozenset(kinds)
        self._forge, self._trust, self._clock, self._label = forge, trust, clock, label

    async def observe(self, expectations: Sequence[Expectation], history: History, /) -> Sequence[Verdict]:
        """A verdict on each expectation, by one look at all commits that may say something."""
        after = {each.commit: history.since(each.commit, LATER_COMMITS) for each in expectations}
        before = {commit: history.before(commit) for commit in after}
        wanted = dict.fromkeys(
            commit for found in (*after.values(), before.values()) for commit in found if commit is not None
        )
        try:
            said = self._forge.statuses(list(wanted)) if wanted else {}
        except PlatformError as error:
            unseen = Verdict(state=RolloutState.UNKNOWN, rule="status 1", reason=f"no statuses: {error}")
            return [unseen] * len(expectations)
        return [self._verdict(each, said, before[each.commit], after[each.commit]) for each in expectations]

    def _verdict(
        self, expected: Expectation, said: Mapping[str, Sequence[Status]], before: str | None, after: Sequence[str]
    ) -> Verdict:
        context = self._context(expected.target)

        def about(commits: Iterable[str]) -> list[Status]:
            found = (each for commit in commits for each in self._trust.believed(said.get(commit, ())))
            return [each for each in found if context.fullmatch(each.context)]

        shows_health = expected.target.kind not in _FLUX_KINDS
        earlier = about([before] if before is not None else [])
        return verdict(earlier, about(after), expected, shows_health=shows_health, now=self._clock())

    def _context(self, target: Target) -> re.Pattern[str]:
        name = re.escape(target.name)
        kind = _FLUX_KINDS.get(target.kind)
        if kind is not None:
            return re.compile(rf"{kind}/{name}(?:/[0-9a-z]+)?")
        return re.compile(rf"{re.escape(self._label)}/(?:[^/]+/)?{name}")
