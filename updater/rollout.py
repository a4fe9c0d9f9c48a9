"""What becomes of an update after its merge: the values of the stage ``observe``, in the order in which they are born.

::

    Target       what a reconciler keeps as Git says, and what an update reaches
    Expectation  a target should run a commit                           (from Git and the forge)
    Verdict      whether it does, by which rule, on what evidence       (from a reconciler)
    Rollout      a verdict on one target of one merged pull request
    Trial        all that a pull request brought into one environment, taken together
    Proof        a version ran healthily in an environment for the soak time

All are frozen; times are aware and in UTC. Texts of a reconciler (messages, names) are text of others: whoever shows
them sees to it that nothing in them is markup.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from updater.model.forge import PullRequest
from updater.model.scan import Environment, Package
from updater.versioning import get

# ---------------------------------------------------------------- before the merge


class TargetKind(StrEnum):
    """What kinds of things are reconciled."""

    APPLICATION = "Application"
    APPLICATION_SET = "ApplicationSet"
    KUSTOMIZATION = "Kustomization"
    HELM_RELEASE = "HelmRelease"
    TERRAFORM = "Terraform root"


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One thing that a reconciler keeps as Git says.

    ``namespace`` is None where Git does not say it, or where there is none. ``path`` is the file that declares it, None
    where no file does. A target is ``declared_by`` an edit if its own object is what changes (the version of its chart
    stands there); otherwise the edit changes what it deploys. ``why`` says in a few words how an edit gets there.
    A target of the kind ``ApplicationSet`` stands for all applications of the set, whose names only the cluster knows.
    """

    kind: TargetKind
    name: str
    namespace: str | None = None
    environment: Environment | None = None
    path: str | None = None
    declared_by: bool = False
    why: str = ""

    @property
    def full_name(self) -> str:
        """Kind and name, as people write them: ``Application argocd/shop``."""
        return f"{self.kind} {self.namespace}/{self.name}" if self.namespace else f"{self.kind} {self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """How something that is reconciled is now, whoever changed it; ``words`` are the reconciler's own.

    It ``is_well`` if it is healthy and as Git says, and ``is_broken`` if it is not, and not on its way either.
    ``sets`` are the application sets that made it, ``environments`` those that its reconciler deploys (empty: all).
    """

    kind: TargetKind
    name: str
    namespace: str | None
    words: str
    is_well: bool
    is_broken: bool
    sets: frozenset[str] = frozenset()
    environments: frozenset[str] = frozenset()

    def is_of(self, target: Target) -> bool:
        """Whether it is the health of a target, or of one that a set stands for."""
        environment = target.environment.name if target.environment is not None else None
        if self.environments and environment is not None and environment not in self.environments:
            return False
        if target.kind is TargetKind.APPLICATION_SET:
            return target.name in self.sets
        is_there = target.namespace is None or self.namespace in (None, target.namespace)
        return (self.kind, self.name) == (target.kind, target.name) and is_there


# ---------------------------------------------------------------- after the merge


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One edit of a merged pull request: in the file at ``path``, a package went from ``old`` to ``new``.

    ``old`` and ``new`` are the values as they stand in the file; None where only the digest moved. ``environment`` is
    what the place says of itself.
    """

    path: str
    package: Package
    environment: Environment | None = None
    old: str | None = None
    new: str | None = None
    old_digest: str | None = None
    new_digest: str | None = None

    @property
    def step(self) -> str:
        """How far it goes, in the words of ``matchUpdateTypes``; a version that cannot be read goes furthest."""
        if self.old == self.new or self.old is None or self.new is None:
            return "digest"
        scheme = get("semver-coerced")
        try:
            old, new = scheme.components(self.old), scheme.components(self.new)
        except ValueError:
            return "major"
        names = ("major", "minor", "patch")
        return next((name for name, one, other in zip(names, old, new, strict=True) if one != other), "patch")


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """That ``target`` runs what ``commit`` says; the commit is in ``branch`` since ``since``.

    ``head`` is the commit that the pull request proposed, where there was one. ``changes`` are the edits that reach the
    target; they are empty if only the commit counts. A failure counts once it has lasted for ``grace``, health as
    proof once it has lasted for ``soak``. ``was_healthy`` says whether the target was healthy before the merge, None
    where nobody looked; ``first_healthy`` is when an earlier look found it healthy for the first time since. Where a
    ``glance`` is enough, a target that a list shows to be well is not looked at more closely.
    """

    target: Target
    commit: str
    branch: str
    since: datetime
    head: str | None = None
    is_merged: bool = True
    changes: tuple[Change, ...] = ()
    grace: timedelta = timedelta(minutes=10)
    soak: timedelta = timedelta(hours=24)
    was_healthy: bool | None = None
    first_healthy: datetime | None = None
    glance: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Rewrite:
    """What a commit did to a file: its whole text before and after, None where there was or is no such file."""

    path: str
    before: str | None
    after: str | None


class Touch(NamedTuple):
    """A commit that changed something, and its date."""

    commit: str
    date: datetime


class OwnCommit(NamedTuple):
    """A commit that this tool made, with its date, and the first line of its message."""

    commit: str
    date: datetime
    subject: str


class RolloutState(StrEnum):
    """Where a rollout is. Only ``PROVEN`` promotes; only what ``is_failure`` reverts."""

    UNKNOWN = "unknown"
    NO_NEWS = "no news"
    SUPERSEDED = "superseded"
    WAITING_SYNC = "waiting for sync"
    NEEDS_MANUAL_SYNC = "needs a manual sync"
    BLOCKED_WINDOW = "blocked by a sync window"
    NEEDS_PRUNE = "needs pruning"
    NEEDS_APPLY = "merged, never applied"
    APPLIED_UNMERGED = "applied, not merged"
    SYNCING = "syncing"
    VERIFYING = "verifying"
    ROLLING = "rolling out"
    FAILED_RENDER = "rendering failed"
    FAILED_SYNC = "sync failed"
    FAILED_HEALTH = "unhealthy"
    FAILED_REMEDIATED = "rolled back"
    PRE_EXISTING = "unhealthy since before"
    LIVE_UNVERIFIED = "applied, health unknown"
    LIVE = "live"
    PROVEN = "proven"

    @property
    def is_failure(self) -> bool:
        """Whether the update is what failed."""
        return self in _FAILURES

    @property
    def is_live(self) -> bool:
        """Whether the target runs what was merged."""
        return self in (RolloutState.LIVE_UNVERIFIED, RolloutState.LIVE, RolloutState.PROVEN)

    @property
    def is_final(self) -> bool:
        """Whether looking again cannot change anything that matters."""
        return self in (RolloutState.PROVEN, RolloutState.SUPERSEDED)


_FAILURES = frozenset(
    {
        RolloutState.FAILED_RENDER,
        RolloutState.FAILED_SYNC,
        RolloutState.FAILED_HEALTH,
        RolloutState.FAILED_REMEDIATED,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    """The moments on the way from a pull request to production, each None until it has come, or if nobody kept it.

    ``healthy`` is exact unless ``healthy_after`` is set: then the target was healthy at some moment between the two.
    """

    opened: datetime | None = None
    merged: datetime | None = None
    started: datetime | None = None
    deployed: datetime | None = None
    healthy: datetime | None = None
    healthy_after: datetime | None = None
    proven: datetime | None = None

    @property
    def review(self) -> timedelta | None:
        """From the opening of the pull request to its merge."""
        return _between(self.opened, self.merged)

    @property
    def detection(self) -> timedelta | None:
        """From the merge to the beginning of the sync."""
        return _between(self.merged, self.started)

    @property
    def sync(self) -> timedelta | None:
        """From the beginning of the sync to its end."""
        return _between(self.started, self.deployed)

    @property
    def rollout(self) -> timedelta | None:
        """From the end of the sync until everything was healthy."""
        return _between(self.deployed, self.healthy)

    @property
    def merge_to_running(self) -> timedelta | None:
        """From the merge until everything was healthy."""
        return _between(self.merged, self.healthy)


def _between(start: datetime | None, end: datetime | None) -> timedelta | None:
    return None if start is None or end is None else end - start


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanSummary:
    """What Terraform says it would do, in numbers of resources."""

    add: int = 0
    change: int = 0
    destroy: int = 0
    imported: int = 0
    forget: int = 0

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to do."""
        return not any((self.add, self.change, self.destroy, self.imported, self.forget))

    def __str__(self) -> str:
        parts = {
            "to add": self.add,
            "to change": self.change,
            "to destroy": self.destroy,
            "to import": self.imported,
            "to forget": self.forget,
        }
        return ", ".join(f"{number} {words}" for words, number in parts.items() if number) or "no changes"

    def __add__(self, other: "PlanSummary") -> "PlanSummary":
        return PlanSummary(
            add=self.add + other.add,
            change=self.change + other.change,
            destroy=self.destroy + other.destroy,
            imported=self.imported + other.imported,
            forget=self.forget + other.forget,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a reconciler's state says about an expectation.

    ``rule`` is the row of the table in ``docs/close-the-loop.md`` that decided (``argocd 9``). ``evidence`` are the
    facts it rests on, by name. ``since`` is when the present state began (of a live target: since when it soaks),
    ``until`` when time alone will change it. ``runs`` is the version or revision that the target has now, and
    ``is_healthy`` says whether it is well with that; None where nobody tells.
    """

    state: RolloutState
    rule: str
    reason: str
    evidence: tuple[tuple[str, str], ...] = ()
    link: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    times: Times = Times()
    runs: str | None = None
    is_healthy: bool | None = None
    plan: PlanSummary | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rollout:
    """What became of one target of a merged pull request (``pull`` is its number; None for a commit of others)."""

    expectation: Expectation
    verdict: Verdict
    pull: int | None = None

    @property
    def environment(self) -> str | None:
        """The name of the target's environment."""
        environment = self.expectation.target.environment
        return None if environment is None else environment.name

    def with_times(self, *, opened: datetime | None) -> "Rollout":
        """The same with what only the forge knows."""
        merged = self.expectation.since if self.expectation.is_merged else None
        times = replace(self.verdict.times, opened=opened, merged=merged)
        return replace(self, verdict=replace(self.verdict, times=times))


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """That a package in exactly this version (and digest) ran healthily in an environment from ``since`` to ``until``.

    ``until`` is the moment at which the soak time was over. ``rollouts`` are all it rests on: every target in the
    environment that the change reached.
    """

    package: Package
    value: str | None
    digest: str | None
    environment: str
    since: datetime
    until: datetime
    rollouts: tuple[Rollout, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What became of one environment of a merged pull request: all its changes there, taken together.

    ``state`` is that of the target that is furthest from being proven, ``rule`` and ``reason`` say why. All targets are
    healthy since ``since`` without a break, None where one is not; ``healthy`` is when they were for the first time.
    ``targets`` are the names of all that the changes reach. Of one that failed, ``failing`` is since when,
    ``was_healthy`` whether all was well before, ``is_alone`` whether no other commit has changed what the targets are
    made from since.
    """

    pull: PullRequest
    commit: str
    environment: str
    changes: tuple[Change, ...]
    targets: tuple[str, ...]
    state: RolloutState
    rule: str
    reason: str
    since: datetime | None = None
    healthy: datetime | None = None
    failing: datetime | None = None
    was_healthy: bool | None = None
    is_alone: bool = False

    @property
    def merged(self) -> datetime:
        """When the environment got the changes."""
        assert self.pull.merged is not None
        return self.pull.merged
