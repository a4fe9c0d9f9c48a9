"""Flux: what the state of its objects says about a commit. Pure; the rules are those of ``docs/close-the-loop.md``.

Four facts shape them:

- A status of an older generation says nothing.
- ``Ready`` of a Kustomization means "applied"; only with ``wait`` or ``healthChecks`` does it mean "healthy".
- ``Ready`` becomes Unknown at the start of every reconciliation, so its transition time says nothing about how long
  all has been well; the history entry of the present digest does.
- After a remediation the cluster runs the old release, and Git still says the new one.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from updater.api import Change, Expectation, History, RolloutState, Times, Verdict
from updater.fields import Unreadable
from updater.reconcilers.flux import Condition, HelmRelease, Kustomization, Reconciled, Snapshot, chart_version
from updater.reconcilers.running import IMAGES, unmet

_RENDER = ("BuildFailed", "ArtifactFailed")
_DEPENDENCY = "DependencyNotReady"
_UNHEALTHY = ("HealthCheckFailed", "TestFailed")
_CURRENT = "deployed"


def kustomization_verdict(
    found: Kustomization | Unreadable, expected: Expectation, history: History, now: datetime
) -> Verdict:
    """What the state of a Kustomization says about an expectation."""
    if isinstance(found, Unreadable):
        return Verdict(state=RolloutState.UNKNOWN, rule="flux 1", reason=found.reason)
    return _KustomizationJudge(found, expected, history, now).verdict()


def helm_release_verdict(found: HelmRelease | Unreadable, expected: Expectation, now: datetime) -> Verdict:
    """What the state of a HelmRelease says about an expectation."""
    if isinstance(found, Unreadable):
        return Verdict(state=RolloutState.UNKNOWN, rule="helm 1", reason=found.reason)
    return _HelmReleaseJudge(found, expected, now).verdict()


class _Judge:
    """What both tables share. A rule gives a verdict or passes (None)."""

    def __init__(self, table: str, found: Reconciled, expected: Expectation, now: datetime, runs: str | None) -> None:
        self.table, self.object, self.expected, self.now, self.runs = table, found, expected, now, runs

    @property
    def ready(self) -> Condition | None:
        return self.object.conditions.get("Ready")

    def is_true(self, condition: str) -> bool:
        found = self.object.conditions.get(condition)
        return found is not None and found.status == "True"

    @property
    def failure(self) -> Condition | None:
        """The condition that says why it is not ready, if it says so at all."""
        ready = self.ready
        return ready if ready is not None and ready.status == "False" else None

    def outdated(self) -> Verdict | None:
        if self.object.is_current:
            return None
        return self.says(2, RolloutState.VERIFYING, "its status is older than its object")

    def failed(
        self, rule: int, failure: Condition, *, was_healthy: bool | None, since: datetime | None = None
    ) -> Verdict:
        """What a failure that is about the commit amounts to; ``since`` is when it began, if not with the condition."""
        since, reason = since or failure.since, f"{failure.reason}: {failure.message}"
        if failure.reason == _DEPENDENCY:
            return self.says(rule, RolloutState.WAITING_SYNC, reason, since=since)
        if failure.reason in _RENDER:
            return self.says(rule, RolloutState.FAILED_RENDER, reason, since=since)
        if failure.reason not in _UNHEALTHY:
            return self.says(rule, RolloutState.FAILED_SYNC, reason, since=since)
        known = self.expected.was_healthy if self.expected.was_healthy is not None else was_healthy
        if known is False:
            return self.says(rule, RolloutState.PRE_EXISTING, reason, since=since)
        ends = (since or self.expected.since) + self.expected.grace
        if self.now < ends:
            return self.says(rule, RolloutState.ROLLING, reason, since=since, until=ends)
        return self.says(rule, RolloutState.FAILED_HEALTH, reason, since=since)

    def says(
        self,
        rule: int,
        state: RolloutState,
        reason: str,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        times: Times | None = None,
    ) -> Verdict:
        return Verdict(
            state=state,
            rule=f"{self.table} {rule}",
            reason=reason,
            evidence=tuple(self._evidence()),
            since=since,
            until=until,
            times=times or Times(),
            runs=self.runs,
        )

    def _evidence(self) -> Iterable[tuple[str, str]]:
        for name in ("Ready", "Reconciling", "Stalled", "Remediated"):
            condition = self.object.conditions.get(name)
            if condition is not None:
                yield name, f"{condition.status} ({condition.reason})"


# ---------------------------------------------------------------- Kustomization


class _KustomizationJudge(_Judge):
    def __init__(self, found: Kustomization, expected: Expectation, history: History, now: datetime) -> None:
        super().__init__("flux", found, expected, now, found.applied[:10] if found.applied else None)
        self.found, self.history = found, history

    def verdict(self) -> Verdict:
        rules = (self.outdated, self._failed, self._stalled, self._not_applied, self._in_progress)
        return next((verdict for rule in rules if (verdict := rule()) is not None), None) or self._live()

    def _contains(self, commit: str | None) -> bool | None:
        return self.history.contains(commit, self.expected.commit) if commit else False

    def _failed(self) -> Verdict | None:
        """What the condition says or, while the next attempt is under way, what became of the last one."""
        if not self._contains(self.found.attempted):
            return None
        failure = self.failure or self._failed_before
        if failure is None:
            return None
        return self.failed(3, failure, was_healthy=self._was_healthy, since=self._unwell_since(failure))

    @property
    def _failed_before(self) -> Condition | None:
        present = self._present
        if present is None or present.succeeded or not self._contains(present.revision) or self._is_applied:
            return None
        return Condition(status="False", reason=present.status, message="as before", since=present.first)

    @property
    def _is_applied(self) -> bool:
        return self.ready is not None and self.ready.status == "True"

    def _unwell_since(self, failure: Condition) -> datetime | None:
        """When failed health checks began: each attempt sets the condition anew, the history keeps the first."""
        if failure.reason not in _UNHEALTHY:
            return failure.since
        present = self._present
        return present.first if present is not None and not present.succeeded else self.expected.since

    def _stalled(self) -> Verdict | None:
        stalled = self.found.conditions.get("Stalled")
        if stalled is None or stalled.status != "True" or not self._contains(self.found.attempted):
            return None
        return self.says(4, RolloutState.FAILED_SYNC, f"{stalled.reason}: {stalled.message}", since=stalled.since)

    def _not_applied(self) -> Verdict | None:
        reached = self._contains(self.found.applied)
        if reached:
            return None
        if self.found.is_suspended:
            return self.says(5, RolloutState.NEEDS_MANUAL_SYNC, "it is suspended")
        if self.is_true("Reconciling") and self._contains(self.found.attempted):
            return self.says(5, RolloutState.SYNCING, "it is being applied")
        if self.found.applied is None and self.found.of_artifact:
            reason = "its artifact does not say from which commit it was made (flux push artifact --revision)"
            return self.says(5, RolloutState.UNKNOWN, reason)
        if reached is None:
            return self.says(5, RolloutState.UNKNOWN, f"its revision {self.found.applied} is not known here")
        return self.says(5, RolloutState.WAITING_SYNC, "it has applied an older commit")

    def _in_progress(self) -> Verdict | None:
        if self.ready is not None and self.ready.status == "True":
            return None
        # Every reconciliation of what has long been applied begins like this: the history tells it apart.
        present = self._present
        if present is not None and present.succeeded and self.failure is None:
            return None
        reason = self.ready.message if self.ready is not None else "it has no condition yet"
        return self.says(6, RolloutState.ROLLING, reason)

    def _live(self) -> Verdict:
        since, times = self._well_since, self._times()
        if not self.found.checks_health:
            reason = "applied; without wait or healthChecks, Flux does not look at health"
            times = Times(started=times.started, deployed=times.deployed)
            return self.says(7, RolloutState.LIVE_UNVERIFIED, reason, since=since, times=times)
        until = since + self.expected.soak if since is not None else None
        if until is None or self.now < until:
            return self.says(8, RolloutState.LIVE, "applied and healthy", since=since, until=until, times=times)
        times = replace(times, proven=until)
        return self.says(9, RolloutState.PROVEN, "healthy without a break", since=since, until=until, times=times)

    def _times(self) -> Times:
        """With wait, a reconciliation ends when all is healthy. Of several only the last is known to have succeeded."""
        first = next((each for each in reversed(self.found.history) if self._contains(each.revision)), None)
        if first is None or first.first is None:
            return Times(healthy=self.expected.first_healthy)
        is_only_one = first.total == 1
        started = first.first - first.took if is_only_one and first.took is not None else None
        seen = self.expected.first_healthy or (first.first if is_only_one else None)
        if seen is not None:
            return Times(started=started, deployed=first.first, healthy=seen)
        return Times(started=started, deployed=first.first, healthy=first.last, healthy_after=first.first)

    @property
    def _present(self) -> Snapshot | None:
        return self.found.history[0] if self.found.history else None

    @property
    def _was_healthy(self) -> bool | None:
        """Whether what ran before the commit was last seen well; None if the history does not reach back so far."""
        older = (each for each in self.found.history if each.revision and not self._contains(each.revision))
        before = next(older, None)
        return before.succeeded if before is not None else None

    @property
    def _well_since(self) -> datetime | None:
        """Since when the present digest has been in use without another in between.

        A revert takes up an older digest's entry again, with the time of its first use.
        """
        present = self._present
        if present is None or present.first is None or not present.succeeded:
            return None
        between = [each.last for each in self.found.history[1:] if each.last is not None and each.last > present.first]
        return max([present.first, *between])


# ---------------------------------------------------------------- HelmRelease


class _HelmReleaseJudge(_Judge):
    def __init__(self, found: HelmRelease, expected: Expectation, now: datetime) -> None:
        running = next((each for each in found.history if each.status == _CURRENT), None)
        super().__init__("helm", found, expected, now, f"{running.chart} {running.version}" if running else None)
        self.found, self._latest = found, found.history[0] if found.history else None

    def verdict(self) -> Verdict:
        rules = (
            self._not_asked,
            self.outdated,
            self._rolled_back,
            self._failed,
            self._stalled,
            self._not_released,
            self._in_progress,
        )
        return next((verdict for rule in rules if (verdict := rule()) is not None), None) or self._live()

    def _not_asked(self) -> Verdict | None:
        missing = unmet(self.expected.changes, self.found.spec) if self.expected.target.declared_by else None
        return self.says(3, RolloutState.WAITING_SYNC, missing) if missing is not None else None

    def _rolled_back(self) -> Verdict | None:
        remediated = self.found.conditions.get("Remediated")
        if remediated is None or remediated.status != "True":
            return None
        reason = f"{remediated.reason}: {remediated.message}; Git still says the version that failed"
        return self.says(4, RolloutState.FAILED_REMEDIATED, reason, since=remediated.since)

    def _failed(self) -> Verdict | None:
        if self.failure is None or not self._is_about_ours:
            return None
        return self.failed(5, self.failure, was_healthy=self._was_healthy)

    def _stalled(self) -> Verdict | None:
        stalled = self.found.conditions.get("Stalled")
        if stalled is None or stalled.status != "True":
            return None
        return self.says(6, RolloutState.FAILED_SYNC, f"{stalled.reason}: {stalled.message}", since=stalled.since)

    def _not_released(self) -> Verdict | None:
        wanted, latest = self._wanted, self._latest
        is_wanted = latest is not None and (wanted is None or chart_version(latest.version) == wanted)
        if is_wanted and not self._is_from_before:
            return None
        if self.found.is_suspended:
            return self.says(7, RolloutState.NEEDS_MANUAL_SYNC, "it is suspended")
        if self.is_true("Reconciling"):
            return self.says(7, RolloutState.SYNCING, "it is being upgraded")
        return self.says(7, RolloutState.WAITING_SYNC, "it runs another version of the chart")

    def _in_progress(self) -> Verdict | None:
        latest = self._latest
        is_settled = self.ready is not None and self.ready.status == "True"
        if is_settled and latest is not None and latest.status == _CURRENT:
            return None
        return self.says(8, RolloutState.ROLLING, self.ready.message if self.ready is not None else "not ready yet")

    def _live(self) -> Verdict:
        since = self._latest.last_deployed if self._latest is not None else None
        times = self._times(since)
        if not self.found.checks_health:
            reason = "released; Helm was told not to wait"
            times = Times(started=times.started, deployed=times.deployed)
            return self.says(9, RolloutState.LIVE_UNVERIFIED, reason, since=since, times=times)
        until = since + self.expected.soak if since is not None else None
        if until is None or self.now < until:
            return self.says(10, RolloutState.LIVE, "released and ready", since=since, until=until, times=times)
        times = replace(times, proven=until)
        return self.says(11, RolloutState.PROVEN, "ready without a break", since=since, until=until, times=times)

    def _times(self, started: datetime | None) -> Times:
        """Helm notes when it begins; with the time it took, that is when all was ready, too."""
        took = self.found.took
        done = started + took if started is not None and took is not None else None
        return Times(started=started, deployed=done, healthy=self.expected.first_healthy or done)

    @property
    def _wanted(self) -> str | None:
        """The version of the chart that is expected, where the chart is what changed."""
        name = self._latest.chart if self._latest is not None else None
        return next((each.new for each in self.expected.changes if _is_chart(each, name)), None)

    @property
    def _is_from_before(self) -> bool:
        """Whether nothing was released since a merge that changed something outside the object (values, a source)."""
        if self.expected.target.declared_by or not self.expected.changes or self._wanted is not None:
            return False
        released = self._latest.last_deployed if self._latest is not None else None
        return released is None or released < self.expected.since

    @property
    def _is_about_ours(self) -> bool:
        return self._wanted is None or self.found.attempted is None or self.found.attempted == self._wanted

    @property
    def _was_healthy(self) -> bool | None:
        earlier = [each for each in self.found.history[1:] if each.status in ("superseded", _CURRENT)]
        return True if earlier else None


def _is_chart(change: Change, name: str | None) -> bool:
    """Whether a change is of the chart called ``name``; one from an OCI registry looks like an image."""
    return change.new is not None and (change.package.datasource != IMAGES or change.package.name.endswith(f"/{name}"))
