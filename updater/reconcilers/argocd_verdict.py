"""Argo CD: what an Application's state says about a commit. Pure; the rules are those of ``docs/close-the-loop.md``.

Four facts shape them:

- ``status.sync.revision`` is what was *compared* last, several commits may have been folded into one sync, and
  unrelated commits move it forward: so ancestry counts, never equality.
- Operation and health are written by different loops: health counts only if the application was reconciled after the
  operation had ended.
- A sync that fails before anything was rendered leaves an empty revision: that says nothing about any commit.
- ``history`` holds successful syncs only, the newest ten.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from updater.api import Change, Expectation, History, RolloutState, Times, Verdict
from updater.fields import Unreadable
from updater.reconcilers.argocd import Application, Content, Deployment, Source
from updater.reconcilers.repositories import normalised
from updater.reconcilers.running import images_settled, unmet

NEVER_LOOKED = timedelta(hours=3)
"""An application that was not reconciled for so long is not looked after: its state says nothing."""

_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_RENDER_ERRORS = ("ComparisonError", "InvalidSpecError")
_RUNNING = ("Running", "Terminating")
_FAILED = ("Failed", "Error")
_MOVING = ("Progressing", "Suspended")
_BROKEN = ("Degraded", "Unknown")


# ---------------------------------------------------------------- which revision is ours


@dataclass(frozen=True, slots=True, kw_only=True)
class Ours:
    """The repository that the commits are in: every address it is known by (none: whatever holds the commits)."""

    addresses: frozenset[str] = frozenset()

    @classmethod
    def called(cls, addresses: Iterable[str]) -> "Ours":
        """The repository with these addresses, however they are written."""
        return cls(addresses=frozenset(map(normalised, addresses)))

    def holds(self, source: Source, branch: str) -> bool:
        """Whether a source follows ``branch`` of this repository."""
        if source.chart is not None or source.target_revision not in ("", "HEAD", branch, f"refs/heads/{branch}"):
            return False
        return not self.addresses or normalised(source.repo_url) in self.addresses


Reaches = Callable[[Content], bool | None]
"""Whether what was compared, tried or deployed contains what is expected; None where that cannot be told."""


def _reaches(app: Application, expected: Expectation, history: History, ours: Ours) -> Reaches | None:
    """How to tell; None if the application follows nothing that could ever contain the commit."""
    if expected.target.declared_by:
        return lambda content: _says_changes(app.sources, content, expected.changes)
    places = [index for index, source in enumerate(app.sources) if ours.holds(source, expected.branch)]
    if not places:
        return None

    def reaches(content: Content) -> bool | None:
        own = [content.revisions[index] for index in places if index < len(content.revisions)]
        commits = [commit for revision in own if _COMMIT.fullmatch(commit := _dry(app, revision))]
        answers = [history.contains(commit, expected.commit) for commit in commits]
        return True if any(answers) else None if None in answers else False

    return reaches


def _dry(app: Application, revision: str) -> str:
    """The commit that a revision was made from: itself or, where a hydrator stands between, what it hydrated."""
    if app.hydration is None:
        return revision
    return (app.hydration.dry or "") if revision == app.hydration.hydrated else ""


def _says_changes(sources: Sequence[Source], content: Content, changes: Sequence[Change]) -> bool:
    """Whether the application's object was as the changes made it, and each changed chart at its new version."""
    if not content.revisions or (content.sources is not None and unmet(changes, content.sources) is not None):
        return False
    wanted = {_chart(change.package.name): change.new for change in changes if change.new is not None}
    return all(
        revision.removeprefix("v") == wanted[_chart(source.chart)].removeprefix("v")
        for source, revision in zip(sources, content.revisions, strict=False)
        if source.chart is not None and _chart(source.chart) in wanted
    )


def _chart(name: str) -> str:
    """The last part of a chart's name: a registry's address may stand before it."""
    return name.rpartition("/")[2]


# ---------------------------------------------------------------- the verdict


def verdict(
    app: Application | Unreadable,
    expected: Expectation,
    history: History,
    ours: Ours,
    now: datetime,
    window: str | None = None,
) -> Verdict:
    """What the state of an application says about an expectation; the rules in the order of the table.

    ``window`` names the sync window that forbids a sync now, if there is one.
    """
    if isinstance(app, Unreadable):
        return Verdict(state=RolloutState.UNKNOWN, rule="argocd 1", reason=app.reason)
    return _Judge(app, expected, history, ours, now, window).verdict()


class _Judge:
    """The rules of the table, each a method that gives a verdict or passes (None)."""

    def __init__(
        self,
        app: Application,
        expected: Expectation,
        history: History,
        ours: Ours,
        now: datetime,
        window: str | None,
    ) -> None:
        self.app, self.expected, self.history, self.now, self.window = app, expected, history, now, window
        self.reaches = _reaches(app, expected, history, ours)
        self.times = _times(app, expected, self.reaches) if self.reaches else Times()

    def verdict(self) -> Verdict:
        rules = (
            self._unreliable,
            self._not_rendered,
            self._syncing,
            self._sync_failed,
            self._not_there,
            self._out_of_sync,
            self._not_looked_at,
            self._moving,
            self._unhealthy,
        )
        return next((found for rule in rules if (found := rule()) is not None), None) or self._live()

    def _unreliable(self) -> Verdict | None:
        if self.reaches is None:
            return self._says(1, RolloutState.UNKNOWN, f"none of its sources follows {self.expected.branch} here")
        reconciled = self.app.reconciled
        if reconciled is None or self.now - reconciled > NEVER_LOOKED:
            seen = f"since {reconciled:%Y-%m-%d %H:%M} UTC" if reconciled else "ever"
            return self._says(1, RolloutState.UNKNOWN, f"Argo CD has not looked at it {seen}")
        return None

    def _not_rendered(self) -> Verdict | None:
        hydration = self.app.hydration
        if hydration is not None and hydration.failed and self._contains(hydration.failed):
            return self._says(2, RolloutState.FAILED_RENDER, f"hydrating failed: {hydration.message}")
        for condition in self.app.conditions:
            is_new = condition.since is not None and condition.since >= self.expected.since
            if condition.type in _RENDER_ERRORS and is_new:
                return self._says(2, RolloutState.FAILED_RENDER, condition.message, since=condition.since)
        return None

    def _syncing(self) -> Verdict | None:
        operation = self.app.operation
        if self.app.is_requested or (operation is not None and operation.phase in _RUNNING):
            started = operation.started if operation is not None else None
            return self._says(3, RolloutState.SYNCING, "a sync is running", since=started)
        return None

    def _sync_failed(self) -> Verdict | None:
        operation = self.app.operation
        if operation is None or not self._reaches(operation.attempted):
            return None
        error = next((each for each in self.app.conditions if each.type == "SyncError"), None)
        if operation.phase not in _FAILED and error is None:
            return None
        reason = operation.message if operation.phase in _FAILED or error is None else error.message
        return self._says(
            4, RolloutState.FAILED_SYNC, "; ".join((reason, *operation.failures)), since=operation.finished
        )

    def _not_there(self) -> Verdict | None:
        missing = unmet(self.expected.changes, self.app.spec) if self.expected.target.declared_by else None
        reached = self._reaches(self.app.compared)
        if missing is None and reached:
            return None
        if missing is None and reached is None:
            return self._says(5, RolloutState.UNKNOWN, f"its revision {self._compared} is not known here")
        return self._waiting(5, missing or f"it is at {self._compared or 'no revision'}, which is older")

    def _out_of_sync(self) -> Verdict | None:
        if self.app.sync == "Synced":
            return None
        if self.app.operation is not None and self._reaches(self.app.operation.attempted) and self._is_stale:
            return self._not_looked_at()  # what was compared is as old as its health
        if self.app.sync != "OutOfSync":
            return self._says(6, RolloutState.UNKNOWN, "Argo CD cannot tell whether it is synced")
        if self.app.only_prunes:
            return self._says(6, RolloutState.NEEDS_PRUNE, "only the deletion of objects is left to do")
        return self._waiting(6, "it has compared the commit, but not synced it")

    def _waiting(self, rule: int, reason: str) -> Verdict:
        if not self.app.is_automated:
            return self._says(rule, RolloutState.NEEDS_MANUAL_SYNC, f"{reason}; nothing syncs it automatically")
        if self.window is not None:
            return self._says(rule, RolloutState.BLOCKED_WINDOW, f"{reason}; {self.window}")
        return self._says(rule, RolloutState.WAITING_SYNC, reason)

    def _not_looked_at(self) -> Verdict | None:
        if not self._is_stale:
            return None
        assert self.app.operation is not None
        since = self.app.operation.finished
        return self._says(7, RolloutState.VERIFYING, "its health is older than the sync", since=since)

    def _moving(self) -> Verdict | None:
        health = self.app.health
        if health in _MOVING:
            paused = "a rollout is paused" if health == "Suspended" else "its objects are being rolled out"
            return self._says(8, RolloutState.ROLLING, self._with_message(paused), since=self.app.health_since)
        if health != "Missing":
            return None
        if self.now < self._patience_ends:
            return self._says(8, RolloutState.ROLLING, "its objects are not there yet", until=self._patience_ends)
        return self._says(8, RolloutState.UNKNOWN, self._with_message("its objects are missing"))

    def _unhealthy(self) -> Verdict | None:
        if self.app.health not in _BROKEN:
            return None
        reason, since = self._with_message(f"its health is {self.app.health}"), self.app.health_since
        if self._was_unhealthy:
            return self._says(9, RolloutState.PRE_EXISTING, f"{reason}, and was before", since=since)
        if self.now < self._patience_ends:
            return self._says(9, RolloutState.ROLLING, reason, since=since, until=self._patience_ends)
        return self._says(9, RolloutState.FAILED_HEALTH, reason, since=since)

    def _live(self) -> Verdict:
        unsettled = images_settled(self.expected.changes, self.app.images)
        if unsettled is not None:
            return self._says(10, RolloutState.ROLLING, unsettled)
        since = max(filter(None, (self.times.deployed, self.app.health_since)), default=None)
        until = since + self.expected.soak if since is not None and self.app.health_since is not None else None
        if until is None or self.now < until:
            return self._says(10, RolloutState.LIVE, "synced and healthy", since=since, until=until)
        return self._says(11, RolloutState.PROVEN, "healthy without a break", since=since, until=until)

    # ------------------------------------------------------------ what the rules share

    def _reaches(self, content: Content) -> bool | None:
        assert self.reaches is not None
        return self.reaches(content) if content.revisions else False

    def _contains(self, commit: str) -> bool | None:
        return self.history.contains(commit, self.expected.commit)

    @property
    def _is_stale(self) -> bool:
        """Whether nobody has looked at the application since its latest sync ended."""
        finished = self.app.operation.finished if self.app.operation is not None else None
        return finished is not None and (self.app.reconciled is None or self.app.reconciled < finished)

    @property
    def _compared(self) -> str:
        return ", ".join(_short(revision) for revision in self.app.compared.revisions)

    @property
    def _patience_ends(self) -> datetime:
        """Until when bad health may still be a matter of time."""
        operation = self.app.operation
        finished = operation.finished if operation is not None else None
        return max(filter(None, (self.app.health_since, finished, self.expected.since))) + self.expected.grace

    @property
    def _was_unhealthy(self) -> bool:
        """By what an earlier look saw, else by its health not having changed since before the merge."""
        if self.expected.was_healthy is not None:
            return not self.expected.was_healthy
        return self.app.health_since is not None and self.app.health_since < self.expected.since

    def _with_message(self, reason: str) -> str:
        return f"{reason}: {self.app.health_message}" if self.app.health_message else reason

    def _says(
        self,
        rule: int,
        state: RolloutState,
        reason: str,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> Verdict:
        times = self.times if rule >= 7 or state.is_failure else _only_started(self.times)
        return Verdict(
            state=state,
            rule=f"argocd {rule}",
            reason=reason,
            evidence=tuple(self._evidence()),
            link=self.app.link,
            since=since,
            until=until,
            times=replace(times, proven=until) if state is RolloutState.PROVEN else times,
            runs=self._runs,
            is_healthy=self.app.health == "Healthy",
        )

    @property
    def _runs(self) -> str | None:
        """The charts' versions or, without charts, the revision that was deployed last."""
        deployed = self.app.history[-1].content.revisions if self.app.history else ()
        named = [
            f"{source.chart} {revision}" if source.chart else _short(revision)
            for source, revision in zip(self.app.sources, deployed, strict=False)
        ]
        return ", ".join(named) or None

    def _evidence(self) -> Iterable[tuple[str, str]]:
        yield "revision", self._compared
        yield "sync", self.app.sync
        yield "health", self.app.health
        if self.app.health_since is not None:
            yield "health since", self.app.health_since.isoformat()
        if self.app.operation is not None:
            yield "operation", self.app.operation.phase
        if self.app.reconciled is not None:
            yield "reconciled", self.app.reconciled.isoformat()


def _times(app: Application, expected: Expectation, reaches: Reaches) -> Times:
    """When the first sync that contains the commit began and ended, and when all was healthy after it.

    A sync after that one that ended before the application became healthy may have hidden an earlier recovery: then
    ``healthy`` is the end of an interval, unless an earlier look knows better.
    """
    deployments = [entry for entry in app.history if entry.content.revisions and reaches(entry.content)]
    if not deployments:
        return Times()
    first, later = deployments[0], deployments[1:]
    healthy, after = _healthy(app, first, later, expected.first_healthy)
    return Times(started=first.started, deployed=first.deployed, healthy=healthy, healthy_after=after)


def _healthy(
    app: Application, first: Deployment, later: Sequence[Deployment], seen: datetime | None
) -> tuple[datetime | None, datetime | None]:
    if first.deployed is None or app.health != "Healthy" or app.health_since is None:
        return seen, None
    if seen is not None and seen >= first.deployed:
        return seen, None
    if app.health_since <= first.deployed:
        return first.deployed, None
    is_hidden = any(entry.started is not None and entry.started <= app.health_since for entry in later)
    return app.health_since, first.deployed if is_hidden else None


def _only_started(times: Times) -> Times:
    return Times(started=times.started, deployed=times.deployed)


def _short(revision: str) -> str:
    return revision[:10] if _COMMIT.fullmatch(revision) else revision
