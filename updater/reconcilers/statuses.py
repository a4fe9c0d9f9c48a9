"""Argo CD and Flux through what their notifications leave on the forge: no access to a cluster.

Argo CD's notifications write commit statuses called ``<label>/<application>``, with ``continuous-delivery`` as the
label of their catalogue; Flux's write ``kustomization/<name>/<uid>`` and ``helmrelease/<name>/<uid>``. A record of a
deployment is about what its environment is called like. Commits are folded into later ones, so that what is said of
any commit that contains ours counts. The rules are those of ``docs/close-the-loop.md``.
"""

import logging
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import takewhile
from typing import Protocol

from updater.api import (
    CheckState,
    Clock,
    Deployment,
    DeploymentState,
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
from updater.reconcilers.words import meaning

_log = logging.getLogger(__name__)

NO_NEWS_AFTER = timedelta(minutes=30)
"""If nothing was said for so long after a merge, that is worth saying."""

LATER_COMMITS = 20
"""How many commits after ours are looked at."""

OWN = "updater/"
"""How the tasks of this tool's own deployments begin."""

_BEFORE = timedelta(days=1)
_DEPLOYMENT = "deployment of "
_LONG_AGO = datetime.min.replace(tzinfo=UTC)
_FLUX_KINDS = {TargetKind.KUSTOMIZATION: "kustomization", TargetKind.HELM_RELEASE: "helmrelease"}


def verdict(before: Iterable[Status], after: Iterable[Status], expected: Expectation, *, now: datetime) -> Verdict:
    """What statuses about one target say: those of the commit before ours, and those of ours and later ones."""
    said = sorted(after, key=_moment)
    if not said:
        return _nothing_said(expected, now)
    latest = said[-1]
    found = _judged(said, max(before, key=_moment, default=None), expected, now)
    return replace(found, evidence=((latest.context, f"{latest.state}: {latest.description}"),), link=latest.url)


def _nothing_said(expected: Expectation, now: datetime) -> Verdict:
    ends = expected.since + NO_NEWS_AFTER
    if now < ends:
        return Verdict(
            state=RolloutState.WAITING_SYNC, rule="status 1", reason="nothing was said of it yet", until=ends
        )
    reason = "nobody who is trusted has said anything of this commit or a later one"
    return Verdict(state=RolloutState.NO_NEWS, rule="status 2", reason=reason)


def _judged(said: Sequence[Status], before: Status | None, expected: Expectation, now: datetime) -> Verdict:
    """By the latest word and what it speaks of."""
    latest = said[-1]
    since, reason = latest.created, latest.description or f"{latest.context} says {latest.state}"
    spoken = meaning(latest.description)
    if latest.state is CheckState.PENDING:
        state = RolloutState.ROLLING if spoken is RolloutState.ROLLING else RolloutState.SYNCING
        return Verdict(state=state, rule="status 3", reason=reason, since=since)
    if spoken is RolloutState.FAILED_REMEDIATED:
        return Verdict(state=spoken, rule="status 4", reason=f"{reason}; Git still says the new version", since=since)
    if latest.state is CheckState.FAILURE:
        return _failed(spoken, before, expected, reason, since, now)
    if spoken is RolloutState.LIVE:
        return _live(said, expected, reason, now)
    if spoken is None or not spoken.is_failure:
        words = "" if spoken is not None else ": it does not say that all is healthy"
        return Verdict(
            state=RolloutState.LIVE_UNVERIFIED,
            rule="status 5",
            reason=f"{reason}{words}",
            since=since,
            times=Times(deployed=since),
        )
    return Verdict(state=RolloutState.UNKNOWN, rule="status 5", reason=f"it says success, but: {reason}", since=since)


def _failed(
    spoken: RolloutState | None,
    before: Status | None,
    expected: Expectation,
    reason: str,
    since: datetime | None,
    now: datetime,
) -> Verdict:
    """A failure of what it speaks of; one that does not say of what neither freezes nor takes anything back."""
    if spoken is RolloutState.WAITING_SYNC:
        return Verdict(state=spoken, rule="status 4", reason=reason, since=since)
    if spoken is None or not spoken.is_failure:
        words = f"{reason}: it does not say whether the sync failed or health"
        return Verdict(state=RolloutState.UNKNOWN, rule="status 4", reason=words, since=since)
    if before is not None and before.state is CheckState.FAILURE:
        return Verdict(state=RolloutState.PRE_EXISTING, rule="status 4", reason=f"{reason}, and before", since=since)
    ends = (since or expected.since) + expected.grace
    if spoken is RolloutState.FAILED_HEALTH and now < ends:
        return Verdict(state=RolloutState.ROLLING, rule="status 4", reason=reason, since=since, until=ends)
    return Verdict(state=spoken, rule="status 4", reason=reason, since=since)


def _live(said: Sequence[Status], expected: Expectation, reason: str, now: datetime) -> Verdict:
    """Healthy since the first of the words that say so without another in between: each later commit has its own."""
    unbroken = list(takewhile(lambda each: meaning(each.description) is RolloutState.LIVE, reversed(said)))
    since = unbroken[-1].created
    times = Times(healthy=expected.first_healthy or since)
    until = since + expected.soak if since is not None else None
    if until is None or now < until:
        return Verdict(state=RolloutState.LIVE, rule="status 6", reason=reason, since=since, until=until, times=times)
    times = replace(times, proven=until)
    return Verdict(state=RolloutState.PROVEN, rule="status 7", reason=reason, since=since, until=until, times=times)


def _moment(status: Status) -> datetime:
    return status.created or _LONG_AGO


class Said(Statuses, Protocol):
    """Whoever knows what is said of commits, in statuses and in records of deployments: a platform."""

    def deployments(self, moment: datetime, /) -> Sequence[Deployment]:
        """Those that were begun at ``moment`` or later."""
        ...


def as_status(deployment: Deployment) -> Status:
    """What a deployment says, as if it were a status of its commit."""
    states = {DeploymentState.SUCCESS: CheckState.SUCCESS, DeploymentState.FAILURE: CheckState.FAILURE}
    return Status(
        context=f"{_DEPLOYMENT}{deployment.environment}",
        state=states.get(deployment.state, CheckState.PENDING),
        description=deployment.description,
        url=deployment.url,
        created=deployment.created,
        creator=deployment.creator,
    )


class CommitStatuses:
    """What is said on the forge about targets of some kinds, in statuses of commits and in records of deployments.

    ``label`` is the first part of Argo CD's contexts.
    """

    def __init__(
        self, name: str, kinds: Iterable[TargetKind], forge: Said, trust: Trust, clock: Clock, label: str
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
            said = self._said(list(wanted), min((each.since for each in expectations), default=_LONG_AGO))
        except PlatformError as error:
            unseen = Verdict(state=RolloutState.UNKNOWN, rule="status 1", reason=f"no statuses: {error}")
            return [unseen] * len(expectations)
        return [self._verdict(each, said, before[each.commit], after[each.commit]) for each in expectations]

    def _said(self, commits: Sequence[str], since: datetime) -> Mapping[str, Sequence[Status]]:
        """What trusted accounts say of commits; what this tool has recorded itself is no evidence."""
        if not commits:
            return {}
        found = {commit: self._trust.believed(said) for commit, said in self._forge.statuses(commits).items()}
        for each in self._deployments(since - _BEFORE):
            if each.state is not DeploymentState.INACTIVE and not each.task.startswith(OWN):
                found.setdefault(each.commit, []).extend(self._trust.believed([as_status(each)]))
        return found

    def _deployments(self, since: datetime) -> Sequence[Deployment]:
        """None where they may not be read: statuses need no right to them."""
        try:
            return self._forge.deployments(since)
        except PlatformError as error:
            _log.warning("no records of deployments are read: %s", error)
            return ()

    def _verdict(
        self, expected: Expectation, said: Mapping[str, Sequence[Status]], before: str | None, after: Sequence[str]
    ) -> Verdict:
        contexts = self._contexts(expected.target)

        def about(commits: Iterable[str]) -> list[Status]:
            found = (each for commit in commits for each in said.get(commit, ()))
            return [each for each in found if contexts.fullmatch(each.context)]

        earlier = about([before] if before is not None else [])
        return verdict(earlier, about(after), expected, now=self._clock())

    def _contexts(self, target: Target) -> re.Pattern[str]:
        """The contexts of statuses about a target, and the environments of deployments that are called like it."""
        name = re.escape(target.name)
        kind = _FLUX_KINDS.get(target.kind)
        statuses = (
            rf"{kind}/{name}(?:/[0-9a-z]+)?" if kind is not None else rf"{re.escape(self._label)}/(?:[^/]+/)?{name}"
        )
        return re.compile(rf"{statuses}|{_DEPLOYMENT}(?:[^/]+/)?{name}")
