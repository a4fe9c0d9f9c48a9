"""What promotion looks at: the environments, what became of merged pull requests, and where twins stand now."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from updater import versioning
from updater.config.durations import format_duration
from updater.environments import Environments
from updater.model.scan import Package
from updater.model.track import Tracked
from updater.orders import HOLD_LABEL, NOW_LABEL
from updater.rollout import Change, RolloutState, Trial

DEFAULT_SOAK = timedelta(hours=24)


class Promotions:
    """What can be told about promoting, at the moment ``now``.

    ``reached`` tells the environments in which a dependency is deployed, whatever its own place says.
    """

    def __init__(
        self,
        environments: Environments,
        trials: Sequence[Trial],
        dependencies: Iterable[Tracked],
        now: datetime,
        reached: Callable[[Tracked], Collection[str]] = lambda _tracked: (),
    ) -> None:
        self.environments, self.now, self._reached = environments, now, reached
        self._trials = sorted(trials, key=lambda trial: trial.merged, reverse=True)
        self._twins: dict[tuple[object, ...], list[Tracked]] = {}
        self._at: dict[tuple[str, str, Package], Tracked] = {}
        self._inhabited: set[str] = set()
        for tracked in dependencies if environments.are_ordered else ():
            name = environments.of_dependency(tracked.dependency)
            if name is not None:
                self._inhabited.add(name)
                self._at[name, tracked.dependency.path, tracked.package] = tracked
                self._twins.setdefault((name, *environments.slot_of(tracked.dependency)), []).append(tracked)

    def environment_of(self, tracked: Tracked) -> str | None:
        """The environment of a dependency."""
        return self.environments.of_dependency(tracked.dependency)

    def shared_by(self, tracked: Tracked) -> tuple[str, str] | None:
        """Two environments, one after the other, that a dependency reaches at once."""
        if not self.environments.are_ordered:
            return None
        names = self._reached(tracked)
        pairs = ((before, name) for name in names if (before := self.environments.before(name)) in names)
        return next(((before, name) for before, name in pairs if before is not None), None)

    def is_inhabited(self, environment: str) -> bool:
        """Whether anything at all is deployed there."""
        return environment in self._inhabited

    def twins_before(self, tracked: Tracked) -> Sequence[Tracked]:
        """The same dependency in the environment that comes before its own."""
        return self._twins_in(self.environments.before(self.environment_of(tracked)), tracked)

    def behind(self, trial: Trial, environment: str) -> Iterator[Tracked]:
        """What stands in an environment where a trial has brought its twins further."""
        for change in trial.changes:
            twin = self._at.get((trial.environment, change.path, change.package))
            if twin is not None:
                yield from (each for each in self._twins_in(environment, twin) if _lags(each, change))

    def tried(self, twins: Iterable[Tracked], environment: str) -> Iterator[tuple[Trial, Change]]:
        """The trials of what stands at the places of ``twins`` in an environment, the latest first."""
        keys = {(twin.dependency.path, twin.package) for twin in twins}
        for trial in self._trials:
            if trial.environment == environment:
                yield from ((trial, change) for change in trial.changes if (change.path, change.package) in keys)

    def _twins_in(self, environment: str | None, tracked: Tracked) -> Sequence[Tracked]:
        return self._twins.get((environment, *self.environments.slot_of(tracked.dependency)), ())

    def why_unproven(self, trial: Trial, change: Change, environment: str) -> tuple[str, datetime | None] | None:
        """Why ``environment`` is not offered what was tried, and until when; None if it is proven."""
        where = f"in {trial.environment} ({trial.pull.reference})"
        if HOLD_LABEL in trial.pull.labels:
            return f"{trial.pull.reference} has the label {HOLD_LABEL}", None
        if trial.state.is_failure or trial.state is RolloutState.PRE_EXISTING:
            return f"it is {trial.state} {where}: {trial.reason}", None
        if trial.state is RolloutState.PROVEN or NOW_LABEL in trial.pull.labels:
            return None
        if trial.since is None:
            return f"it is {trial.state} {where}: {trial.reason}", None
        ends = trial.since + self.environments.soak(environment, change.step, DEFAULT_SOAK)
        return None if ends <= self.now else (f"it runs healthily {where}, but not for long enough yet", ends)

    def rule_of(self, trial: Trial, change: Change, environment: str) -> str:
        """By what a trial has proven a change, in a few words."""
        if trial.state is not RolloutState.PROVEN and NOW_LABEL in trial.pull.labels:
            return f"the label {NOW_LABEL}"
        soak = self.environments.soak(environment, change.step, DEFAULT_SOAK)
        return f"{change.step}: {format_duration(soak)} without a break"


def has(tracked: Tracked, change: Change) -> bool:
    """Whether what a change brought stands at a place."""
    dependency = tracked.dependency
    if change.new_digest is not None and dependency.current_digest != change.new_digest:
        return False
    return dependency.current_value == change.new


def went_back(twin: Tracked, change: Change, later: Iterable[Change]) -> bool:
    """Whether the place that a change moved stands lower now: somebody went back from it.

    Digests have no order: one that stands there was moved on only if a ``later`` change says so.
    """
    if has(twin, change):
        return False
    if twin.dependency.current_value == change.new:
        return not any(each.old_digest == change.new_digest for each in later)
    return _is_lower(twin, change) is not False


def _lags(tracked: Tracked, change: Change) -> bool:
    if tracked.dependency.current_value == change.new:
        return not has(tracked, change)
    return _is_lower(tracked, change) is True


def _is_lower(tracked: Tracked, change: Change) -> bool | None:
    """Whether a lower version stands at a place than a change brought; None if they cannot be compared."""
    scheme = versioning.get(tracked.versioning)
    now, then = scheme.read(tracked.dependency.current_value or ""), scheme.read(change.new or "")
    return now.key < then.key if now is not None and then is not None and now.family == then.family else None
