"""What a branch keeps to: the options of all its updates taken together, the most careful wish of each kind."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from updater.config import Policy
from updater.config.schedule import is_open, next_opening
from updater.model.forge import MergeStrategy
from updater.model.plan import Branch, Cause

_STRATEGIES = {"rebase-merge": MergeStrategy.REBASE}
_CREATIONS = ("immediate", "not-pending", "status-success", "approval")


class Why(NamedTuple):
    """What keeps something back, and the reason in words."""

    cause: Cause
    reason: str


class Rebase(StrEnum):
    """When a branch that exists is made anew from its base."""

    NEEDED = "needed"
    BEHIND = "behind"
    NEVER = "never"


class Terms:
    """What holds for a branch at a moment."""

    def __init__(self, branch: Branch, now: datetime) -> None:
        self._policies: Sequence[Policy] = tuple({id(each): each for each in _policies(branch)}.values())
        self._size, self._now = len(branch.updates), now

    # ------------------------------------------------------------ making a branch

    def why_wait(self) -> Why | None:
        """Why a branch that does not exist yet must wait, apart from limits."""
        if self._any(lambda policy: policy.dependency_dashboard_approval):
            reason = "it awaits approval (dependencyDashboardApproval): tick its box on the dashboard"
            return Why(Cause.APPROVAL, reason)
        least = max(policy.minimum_group_size for policy in self._policies)
        if self._size < least:
            return Why(Cause.GROUP_SIZE, f"its group has fewer than {least} updates")
        return self.why_closed()

    def why_closed(self) -> Why | None:
        """Why it is not the time for it, by ``schedule``."""
        reason = _why_closed(((policy.schedule, policy.timezone) for policy in self._policies), self._now)
        return None if reason is None else Why(Cause.SCHEDULE, reason)

    @property
    def recreates(self) -> bool:
        """Whether it is proposed again although people closed it."""
        return all(policy.recreate_when == "always" for policy in self._policies)

    @property
    def open_pulls(self) -> int | None:
        """How many pull requests may be open at once; None means no limit."""
        return _lowest(policy.pr_concurrent_limit for policy in self._policies)

    @property
    def open_branches(self) -> int | None:
        """How many branches may be there at once; None means no limit."""
        limits = (policy.branch_concurrent_limit for policy in self._policies)
        return _lowest(limit if limit is not None else 0 for limit in limits)

    @property
    def hourly_pulls(self) -> int | None:
        """How many pull requests may be opened within an hour; None means no limit."""
        return _lowest(policy.pr_hourly_limit for policy in self._policies)

    @property
    def commits(self) -> int | None:
        """How many branches a run may make or make anew; None means no limit."""
        return _lowest(policy.commit_hourly_limit for policy in self._policies)

    @property
    def creation(self) -> str:
        """``prCreation``: the latest of the wishes."""
        return max((policy.pr_creation for policy in self._policies), key=_CREATIONS.index)

    @property
    def patience(self) -> int:
        """How many hours are waited for checks that do not end."""
        return min(policy.pr_not_pending_hours for policy in self._policies)

    # ------------------------------------------------------------ keeping it up to date

    def rebase(self, labels: Iterable[str]) -> Rebase:
        """When it is made anew, with a pull request that has these labels."""
        given = {label.casefold() for label in labels}
        wishes = {policy.rebase_when for policy in self._policies}
        if "never" in wishes:
            return Rebase.NEVER
        kept = self._any(lambda policy: (policy.keep_updated_label or "").casefold() in given)
        return Rebase.BEHIND if kept or "behind-base-branch" in wishes else Rebase.NEEDED

    def rebase_labels(self, labels: Iterable[str]) -> tuple[str, ...]:
        """Those of the labels that ask for it to be made anew."""
        asking = {policy.rebase_label.casefold() for policy in self._policies}
        return tuple(label for label in labels if label.casefold() in asking)

    def is_stopped(self, labels: Iterable[str]) -> bool:
        """Whether one of the labels asks for it to be left alone."""
        given = {label.casefold() for label in labels}
        return self._any(lambda policy: policy.stop_updating_label.casefold() in given)

    def why_not_now(self) -> Why | None:
        """Why a branch that exists is not kept up to date now (``updateNotScheduled``)."""
        return None if all(policy.update_not_scheduled for policy in self._policies) else self.why_closed()

    # ------------------------------------------------------------ merging it

    @property
    def automerges(self) -> bool:
        """Whether it is merged without a person."""
        return all(policy.automerge for policy in self._policies)

    @property
    def merges_branch(self) -> bool:
        """Whether it is merged without a pull request."""
        return self.automerges and all(policy.automerge_type == "branch" for policy in self._policies)

    @property
    def asks_forge(self) -> bool:
        """Whether the forge is asked to merge it by itself; it knows no schedule, so there must be none."""
        return self.automerges and all(policy.platform_automerge for policy in self._policies)

    @property
    def needs_checks(self) -> bool:
        """Whether it is merged only if checks have passed."""
        return not all(policy.ignore_tests for policy in self._policies)

    @property
    def strategy(self) -> MergeStrategy:
        """How it is merged: as the first of the updates that says so."""
        wishes = [policy.automerge_strategy for policy in self._policies if policy.automerge_strategy != "auto"]
        return _STRATEGIES.get(wishes[0]) or MergeStrategy(wishes[0]) if wishes else MergeStrategy.AUTO

    @property
    def prunes_merged(self) -> bool:
        """Whether the branch is deleted once it was merged."""
        return all(policy.prune_branch_after_automerge for policy in self._policies)

    def why_not_merged_now(self) -> str | None:
        """Why it is not the time for merging, by ``automergeSchedule``."""
        return _why_closed(((policy.automerge_schedule, policy.timezone) for policy in self._policies), self._now)

    @property
    def invites_anyway(self) -> bool:
        """Whether people are assigned and asked for reviews although it is merged without them."""
        return self._any(lambda policy: policy.assign_automerge)

    @property
    def counts_own_checks(self) -> bool:
        """Whether this tool's own checks count among those that have passed."""
        return all(policy.internal_checks_as_success for policy in self._policies)

    def _any(self, test: Callable[[Policy], bool]) -> bool:
        return any(test(policy) for policy in self._policies)


def _policies(branch: Branch) -> Iterable[Policy]:
    return (update.offer.policy for update in branch.updates)


def _lowest(limits: Iterable[int]) -> int | None:
    """The lowest of the limits; 0 is none."""
    return min((limit for limit in limits if limit), default=None)


def _why_closed(schedules: Iterable[tuple[Sequence[str], str | None]], now: datetime) -> str | None:
    closed = next((each for each in schedules if not is_open(*each, now)), None)
    if closed is None:
        return None
    opening = next_opening(*closed, now)
    return f"outside its schedule ({', '.join(closed[0])})" + (f" until {opening:%Y-%m-%d %H:%M %Z}" if opening else "")
