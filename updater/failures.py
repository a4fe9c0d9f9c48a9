"""Updates that failed where they were deployed: what is frozen because of them, and what is taken back. Pure.

Nothing follows from what is unknown or was unwell before. What is taken back is put back by the places as they are
now, never by undoing a commit, and only if nobody else has touched what the update reached.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from msgspec.structs import replace as replaced

from updater.config import Policy
from updater.config.entries import FailureAction
from updater.config.patterns import compile_list
from updater.editing import value_edits
from updater.environments import Environments
from updater.model.decide import Offer, Update
from updater.model.forge import PullRequest, PullRequestState
from updater.model.lookup import Release
from updater.model.plan import Branch
from updater.model.scan import Package
from updater.model.track import Tracked, UpdateType
from updater.orders import NO_REVERT_LABEL
from updater.rollout import Change, Health, RolloutState, Target, TargetKind, Trial

REVERTED_LABEL = "updater/reverted"
"""On the pull requests that take something back."""

_MANY = 3
"""When so many updates have failed in an environment at once, something is wrong with the environment."""
_A_DAY = timedelta(days=1)
_REVERT = re.compile(r"(?:^|/)revert-(?P<pull>\d+|[0-9a-f]{10})(?:-|$)")
_KINDS = {
    "operator": re.compile(r"operator"),
    "database": re.compile(
        r"postgres|mysql|mariadb|mongo|redis|valkey|kafka|zookeeper|etcd|elasticsearch|opensearch|cassandra|clickhouse"
        r"|rabbitmq|influxdb|minio|vault|consul"
    ),
    "crd-chart": re.compile(r"crds?\b|cert-manager|prometheus-stack|istio|external-secrets|argo-cd|gatekeeper|kyverno"),
}
_NEVER = ("update:major", "kind:crd-chart", "kind:operator", "kind:database", "kind:provider")
"""What is never taken back, beside what the configuration says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Freeze:
    """What gets no updates for the time being: some targets or, without any named, a whole environment."""

    environment: str
    targets: tuple[str, ...]
    cause: str
    lifted: str

    def reaches(self, branch: Branch, environments: Collection[str]) -> bool:
        """Whether a branch would change what is frozen."""
        if not self.targets:
            return self.environment in environments
        return any(target.full_name in self.targets for target in branch.targets)


@dataclass(frozen=True, slots=True, kw_only=True)
class FailureTerms:
    """What the configuration says about failures; ``limit`` is the share of an environment that may be unhealthy."""

    actions: Mapping[str, FailureAction]
    grace: timedelta
    never: Sequence[str]
    limit: float = 0.5

    def action(self, environment: str) -> FailureAction:
        """What follows in an environment; where nothing is said, its further updates wait."""
        return self.actions.get(environment, "freeze")


@dataclass(frozen=True, slots=True, kw_only=True)
class Aftermath:
    """What follows from the failures: freezes, and updates that put back what was there before."""

    freezes: tuple[Freeze, ...] = ()
    reverts: tuple[Update, ...] = ()


def aftermath(
    trials: Sequence[Trial],
    dependencies: Sequence[Tracked],
    pulls: Sequence[PullRequest],
    terms: FailureTerms,
    now: datetime,
) -> Aftermath:
    """What follows from the trials that have failed for longer than the grace time."""
    failed = [each for each in trials if has_failed(each, terms, now) and terms.action(each.environment) != "report"]
    reverter = _Reverter(dependencies, trials, pulls, terms, now)
    freezes: list[Freeze] = []
    reverts: list[Update] = []
    for trial in failed:
        made = reverter.revert(trial)
        reverts += made if not isinstance(made, str) else ()
        freezes.append(_freeze(trial, made if isinstance(made, str) else "it is being taken back"))
    return Aftermath(freezes=(*freezes, *_of_environments(failed)), reverts=tuple(reverts))


def has_failed(trial: Trial, terms: FailureTerms, now: datetime) -> bool:
    """Whether it is the update that failed, and for long enough."""
    return trial.state.is_failure and now - (trial.failing or trial.merged) >= terms.grace


def _freeze(trial: Trial, outlook: str) -> Freeze:
    what = ", ".join(dict.fromkeys(f"{change.package.name} {_shown(change)}" for change in trial.changes))
    return Freeze(
        environment=trial.environment,
        targets=trial.targets,
        cause=f"{what} of {trial.pull.reference} is {trial.state}: {trial.reason} ({trial.rule})",
        lifted=f"until it is healthy, or something else stands there; {outlook}",
    )


def _shown(change: Change) -> str:
    return change.new if change.new is not None and change.new != change.old else (change.new_digest or "")[:19]


def _of_environments(failed: Iterable[Trial]) -> Iterator[Freeze]:
    by_environment: dict[str, list[Trial]] = {}
    for trial in failed:
        by_environment.setdefault(trial.environment, []).append(trial)
    for name, members in by_environment.items():
        if name and len(members) >= _MANY:
            numbers = ", ".join(f"{trial.pull.reference}" for trial in members)
            yield Freeze(
                environment=name,
                targets=(),
                cause=f"{len(members)} updates have failed in {name} at once ({numbers})",
                lifted=f"until fewer than {_MANY} of them fail",
            )


class Healths:
    """How everything is, for whoever asks about a target."""

    def __init__(self, found: Iterable[Health]) -> None:
        self._named: dict[tuple[TargetKind, str], list[Health]] = {}
        self.broken = 0
        for each in found:
            self.broken += each.is_broken
            for key in ((each.kind, each.name), *((TargetKind.APPLICATION_SET, name) for name in each.sets)):
                self._named.setdefault(key, []).append(each)

    def of(self, target: Target) -> Sequence[Health]:
        """The health of a target, or of all that a set stands for; nothing where nobody knows."""
        return [each for each in self._named.get((target.kind, target.name), ()) if each.is_of(target)]

    @property
    def are_alarming(self) -> bool:
        """Whether so much is broken that a whole environment may have to wait."""
        return self.broken >= _MANY


def of_health(targets: Mapping[Target, str], healths: Healths, terms: FailureTerms) -> Iterator[Freeze]:
    """The environments too much of which is unhealthy, whoever did it: nobody could tell what an update does there.

    ``targets`` are all that is deployed, with the environments that they are in.
    """
    known: Counter[str] = Counter()
    broken: dict[str, list[str]] = {}
    for target, name in targets.items():
        found = healths.of(target)
        known[name] += bool(found)
        if any(each.is_broken for each in found):
            broken.setdefault(name, []).append(target.full_name)
    for name, those in broken.items():
        is_much = len(those) >= _MANY and len(those) > terms.limit * known[name]
        if is_much and terms.action(name) != "report":
            shown = ", ".join(those[:_MANY]) + (", …" if len(those) > _MANY else "")
            yield Freeze(
                environment=name,
                targets=(),
                cause=f"{len(those)} of {known[name]} are unhealthy in {name} ({shown})",
                lifted=f"until no more than {terms.limit:.0%} of them are (unhealthyLimit)",
            )


class _Reverter:
    """Decides about taking back one failed update after another."""

    def __init__(
        self,
        dependencies: Iterable[Tracked],
        trials: Iterable[Trial],
        pulls: Iterable[PullRequest],
        terms: FailureTerms,
        now: datetime,
    ) -> None:
        self._terms, self._now = terms, now
        self._never = [name for name in (*_NEVER, *terms.never) if name.startswith(("kind:", "update:"))]
        self._is_named = compile_list([name for name in terms.never if not name.startswith(("kind:", "update:"))])
        self._at: dict[tuple[str, Package], list[Tracked]] = {}
        for tracked in dependencies:
            self._at.setdefault((tracked.dependency.path, tracked.package), []).append(tracked)
        self._targets = {trial.pull.key: set(trial.targets) for trial in trials}
        self._reverts = [pull for pull in pulls if REVERTED_LABEL in pull.labels and _reverted(pull) is not None]

    def revert(self, trial: Trial) -> list[Update] | str:
        """The updates that put back what was there before the trial, or why it stays."""
        action = self._terms.action(trial.environment)
        if action not in ("revert-pr", "revert-automerge"):
            return "nothing is taken back here (onFailure)"
        if (why := self._why_not(trial)) is not None:
            return f"it is not taken back automatically: {why}"
        updates: list[Update] = []
        for change in dict.fromkeys(trial.changes):
            places = self._places(change, trial)
            if places is None:
                return f"it is not taken back automatically: {change.path} says something else by now"
            updates += (_put_back(tracked, change, trial, automerge=action == "revert-automerge") for tracked in places)
        return updates

    def _why_not(self, trial: Trial) -> str | None:
        if NO_REVERT_LABEL in trial.pull.labels:
            return f"{trial.pull.reference} has the label {NO_REVERT_LABEL}"
        if REVERTED_LABEL in trial.pull.labels or _reverted(trial.pull) is not None:
            return "it takes something back itself"
        if trial.was_healthy is not True:
            return "nobody knows that all was well before"
        if not trial.is_alone:
            return "there were other commits since"
        return self._why_spent(trial) or next(filter(None, map(self._why_never, trial.changes)), None)

    def _why_spent(self, trial: Trial) -> str | None:
        """Each cause is answered once, and each application taken back once a day."""
        for pull in self._reverts:
            key = _reverted(pull)
            if key == trial.pull.key and pull.state is not PullRequestState.OPEN:
                return f"that was done or declined in #{pull.number}"
            is_recent = pull.created is None or self._now - pull.created < _A_DAY
            if key != trial.pull.key and is_recent and self._targets.get(key or "", set()) & set(trial.targets):
                return f"#{pull.number} took something back here within a day"
        return None

    def _why_never(self, change: Change) -> str | None:
        name, kinds = change.package.name, [each for each in self._never if _is_of(each, change)]
        if kinds or self._is_named(name):
            return f"{name} is never taken back ({', '.join(kinds) or 'neverRevert'})"
        if change.old is None and change.old_digest is None:
            return f"nobody knows what {name} was before"
        if change.old_digest is None and change.new_digest is not None:
            return f"{name} had no digest before"
        return None

    def _places(self, change: Change, trial: Trial) -> list[Tracked] | None:
        """All places that the change has moved, if that is what stands there, and nothing is locked."""
        expected = sum(each == change for each in trial.changes)
        found = [
            tracked
            for tracked in self._at.get((change.path, change.package), ())
            if (tracked.dependency.current_value, tracked.dependency.current_digest) == (change.new, change.new_digest)
        ]
        return found if len(found) == expected and all(tracked.lock is None for tracked in found) else None


def _is_of(never: str, change: Change) -> bool:
    kind, _, name = never.partition(":")
    if kind == "update":
        return change.step == name
    if name == "provider":
        return change.package.datasource.startswith("terraform")
    return name in _KINDS and _KINDS[name].search(change.package.name.lower()) is not None


def _reverted(pull: PullRequest) -> str | None:
    """The key of the pull request that one takes back; None for all others."""
    match = _REVERT.search(pull.branch)
    return match["pull"] if match is not None else None


def _put_back(tracked: Tracked, change: Change, trial: Trial, *, automerge: bool) -> Update:
    old = change.old or ""
    policy = _policy_of_reverts(tracked.policy, trial, automerge=automerge)
    offer = Offer(
        release=Release(version=old), version=old, new_value=change.old, update_type=UpdateType.ROLLBACK, policy=policy
    )
    return Update(
        tracked=tracked,
        offer=offer,
        current_version=change.new,
        new_digest=change.old_digest,
        edits=tuple(value_edits(tracked.dependency, offer, change.old_digest)),
        trial=trial,
    )


def _policy_of_reverts(policy: Policy, trial: Trial, *, automerge: bool) -> Policy:
    """A pull request of its own, without limits, schedules and approvals."""
    caused = trial.pull
    return replaced(
        policy,
        group_name=f"{caused.reference} in {trial.environment}" if trial.environment else caused.reference,
        group_slug=f"revert-{caused.key}-{trial.environment}",
        additional_branch_prefix="",
        commit_message_action="Revert",
        labels=(*policy.labels, REVERTED_LABEL),
        commit_trailers=(*policy.commit_trailers, f"Updater-Reverts: {caused.reference}"),
        automerge=automerge,
        automerge_type="pr",
        platform_automerge=False,
        schedule=(),
        automerge_schedule=(),
        dependency_dashboard_approval=False,
        minimum_group_size=1,
        draft_pr=False,
        pr_creation="immediate",
        pr_concurrent_limit=0,
        branch_concurrent_limit=0,
        pr_hourly_limit=0,
        commit_hourly_limit=0,
    )


# ---------------------------------------------------------------- what publishing has to know


def frozen(branches: Iterable[Branch], freezes: Sequence[Freeze], environments: Environments) -> Mapping[str, str]:
    """By the name of a branch, why it is not to be made or merged; what takes something back always is."""
    found = {}
    for branch in branches:
        names = {environments.of_dependency(update.tracked.dependency) or "" for update in branch.updates}
        freeze = next((each for each in freezes if each.reaches(branch, names)), None)
        if freeze is not None and not any(_takes_back(update) for update in branch.updates):
            found[branch.name] = f"frozen: {freeze.cause}"
    return found


def _takes_back(update: Update) -> bool:
    return update.trial is not None and update.trial.state.is_failure


def why_unwell(branches: Iterable[Branch], healths: Healths) -> Mapping[str, str]:
    """By the name of a target, why nothing is merged into it by itself, if it is not well for whatever reason."""
    found = {}
    for target in {target.full_name: target for branch in branches for target in branch.targets}.values():
        unwell = next((each for each in healths.of(target) if not each.is_well), None)
        if unwell is not None:
            found[target.full_name] = f"{target.full_name} is {unwell.words}: until it is healthy and synced"
    return found


def why_on_trial(trials: Iterable[Trial]) -> Mapping[str, str]:
    """By the name of a target, why nothing more is merged into it by itself: something there is not proven yet."""
    found: dict[str, str] = {}
    for trial in trials:
        if trial.state in _SETTLED or trial.rule.startswith("config"):
            continue
        is_older = trial.state is RolloutState.PRE_EXISTING
        why = "until it is healthy" if is_older else "and not proven yet"
        for name in trial.targets:
            found.setdefault(name, f"{trial.pull.reference} is {trial.state} in {name}, {why}")
    return found


_SETTLED = frozenset({RolloutState.PROVEN, RolloutState.SUPERSEDED, RolloutState.LIVE_UNVERIFIED})
