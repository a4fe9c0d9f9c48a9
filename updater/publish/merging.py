"""What is merged without people, and why something is not. Pure."""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from updater.model.forge import MERGED_ALONE, CheckState, PullRequest, PullRequestState, RemoteBranch, Status
from updater.model.plan import Branch
from updater.orders import HOLD_LABEL
from updater.publish.checks import Checks, objection, opinions_on
from updater.publish.likeness import alike
from updater.publish.situation import Forge, Situation
from updater.publish.terms import Terms
from updater.reconcilers.atlantis import plan_summary
from updater.rollout import PlanSummary, TargetKind

_APPLY = re.compile(r"/apply(?::|$)")


class Obstacle(NamedTuple):
    """Why a branch is not merged now; ``needs_people`` where waiting does not help."""

    reason: str
    needs_people: bool = False


def roots_of(branch: Branch) -> tuple[str, ...]:
    """The Terraform roots that a branch changes, by their full names."""
    return tuple(target.full_name for target in branch.targets if target.kind is TargetKind.TERRAFORM)


class Merging:
    """Decides about branch after branch; the files and targets of one that is merged, the next ones do not have."""

    def __init__(self, forge: Forge, situation: Situation) -> None:
        self._forge, self._situation = forge, situation
        self._files: dict[str, str] = {}
        self._on_trial = dict(situation.on_trial)

    def take(self, branch: Branch) -> None:
        """Count on it that a branch is merged in this run."""
        self._files |= dict.fromkeys(branch.files, branch.title)
        self._on_trial |= {target.full_name: f"“{branch.title}” is merged into it now" for target in branch.targets}

    def obstacle(
        self, branch: Branch, remote: RemoteBranch | None, pull: PullRequest | None, terms: Terms
    ) -> Obstacle | None:
        """What keeps a branch, with its pull request if it has one, from being merged now."""
        return (
            self._of_people(branch, pull)
            or self._of_what_is_deployed(branch, remote)
            or _of_time(terms)
            or self._of_checks(branch, remote, terms)
            or self._of_others(branch)
        )

    def checks(self, branch: Branch, remote: RemoteBranch, terms: Terms) -> Checks:
        """What the checks of a branch come to, this tool's own among them."""
        said, own = self._forge.statuses.get(remote.commit, ()), opinions_on(branch, self._situation.now)
        is_own = self._situation.own_checks.is_own
        return Checks.of(said, own.values(), is_own, counts_own=terms.counts_own_checks)

    def goes_on(self, checks: Checks, terms: Terms, since: datetime | None) -> bool:
        """Whether it is worth waiting for checks; ``since`` is when the waiting began, if that is known."""
        if checks.state is not CheckState.PENDING:
            return False
        return since is None or self._situation.now - since < timedelta(hours=terms.patience)

    def planned(self, branch: Branch, remote: RemoteBranch | None) -> str:
        """What Terraform would do, in words to be added to others; nothing where nothing is known."""
        plan = self._plan_of(branch, remote)
        return f"; plan: {plan}" if plan is not None else ""

    # ------------------------------------------------------------ obstacles

    def _of_people(self, branch: Branch, pull: PullRequest | None) -> Obstacle | None:
        """What people have said about merging it."""
        if pull is not None and pull.draft:
            return Obstacle("it is a draft")
        if pull is not None and HOLD_LABEL in pull.labels:
            return Obstacle(f"it has the label {HOLD_LABEL}")
        was_merged = next(alike(branch, self._forge, PullRequestState.MERGED), None) is not None
        return Obstacle("it was merged before, and undone", needs_people=True) if was_merged else None

    def _of_what_is_deployed(self, branch: Branch, remote: RemoteBranch | None) -> Obstacle | None:
        """What happens where it would be deployed: a failure, something else on trial, a plan that destroys."""
        if branch.name in self._situation.frozen:
            return Obstacle(self._situation.frozen[branch.name])
        takes_back = any(update.trial is not None and update.trial.state.is_failure for update in branch.updates)
        on_trial = (self._on_trial.get(target.full_name) for target in branch.targets if not takes_back)
        if (why := next(filter(None, on_trial), None)) is not None:
            return Obstacle(why)
        plan = self._plan_of(branch, remote)
        if plan is not None and plan.destroy:
            return Obstacle(f"its plan destroys something ({plan})", needs_people=True)
        is_unapplied = self._situation.locks_roots and roots_of(branch) and not self._is_applied(remote)
        return Obstacle("its plan has not been applied") if is_unapplied else None

    def _of_checks(self, branch: Branch, remote: RemoteBranch | None, terms: Terms) -> Obstacle | None:
        if remote is None or remote.merges is False:
            return Obstacle("it conflicts with the base", needs_people=True)
        own = opinions_on(branch, self._situation.now)
        if (why := objection(own)) is not None:
            return Obstacle(why, needs_people=CheckState.FAILURE in {each.state for each in own.values()})
        checks = self.checks(branch, remote, terms)
        if not terms.needs_checks or checks.state is CheckState.SUCCESS:
            return None
        begun = self._waiting_since(remote) if checks.is_silent else checks.since
        reason = f"its checks are in state {checks.state}"
        silence = "it has no checks (ignoreTests would merge it all the same)"
        return Obstacle(silence if checks.is_silent else reason, needs_people=not self.goes_on(checks, terms, begun))

    def _waiting_since(self, remote: RemoteBranch) -> datetime | None:
        """When a branch was pushed that is to be merged without a pull request; its commit may be dated earlier."""
        said = self._forge.statuses.get(remote.commit, ())
        return next((each.created for each in said if each.context == MERGED_ALONE and each.created), remote.dated)

    def _of_others(self, branch: Branch) -> Obstacle | None:
        other = next((self._files[path] for path in branch.files if path in self._files), None)
        return Obstacle(f"“{other}” changes the same files and is merged first") if other is not None else None

    # ------------------------------------------------------------ what Terraform says

    def _is_applied(self, remote: RemoteBranch | None) -> bool:
        applied = [status for status in self._said_of_plans(remote) if _APPLY.search(status.context)]
        return bool(applied) and all(status.state is CheckState.SUCCESS for status in applied)

    def _said_of_plans(self, remote: RemoteBranch | None) -> Sequence[Status]:
        """What those say of the proposed commit who know: whoever may write statuses could claim that it is applied."""
        said = self._forge.statuses.get(remote.commit, ()) if remote is not None else ()
        planners = self._situation.planners
        return said if planners is None else planners.believed(said)

    def _plan_of(self, branch: Branch, remote: RemoteBranch | None) -> PlanSummary | None:
        """What Terraform would do, by what is said of the proposed commit; None where nothing is said."""
        if remote is None or not roots_of(branch):
            return None
        said = (plan_summary(status.description) for status in self._said_of_plans(remote))
        plans = [plan for plan in said if plan is not None]
        return sum(plans[1:], plans[0]) if plans else None


def _of_time(terms: Terms) -> Obstacle | None:
    why = terms.why_not_merged_now()
    return Obstacle(why) if why is not None else None
