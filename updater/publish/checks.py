"""What the checks of a commit come to, and what this tool's own say of a branch. Pure."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from updater.model.forge import MERGED_ALONE, CheckState, Status
from updater.model.plan import Branch


class OwnCheck(StrEnum):
    """What this tool says of commits; the values are the ones of ``statusCheckNames``."""

    RELEASE_AGE = "minimumReleaseAge"
    LOCK_FILES = "artifactError"
    CONFIGURATION = "configValidation"
    MERGING = "automerge"


@dataclass(frozen=True, slots=True, kw_only=True)
class Opinion:
    """What one of this tool's own checks says, in words for people."""

    state: CheckState
    text: str


_OWN = ("updater/", "renovate/")
"""What the names of such checks begin with, as long as nobody calls them otherwise."""
_NAMES = {
    OwnCheck.RELEASE_AGE: "updater/release-age",
    OwnCheck.LOCK_FILES: "updater/lock-files",
    OwnCheck.CONFIGURATION: "updater/config-validation",
    OwnCheck.MERGING: MERGED_ALONE,
}
_WHEN = {OwnCheck.LOCK_FILES: "failed"}
"""When a check is set that the configuration says nothing about, where that is not ``always``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnChecks:
    """What this tool's own checks are called (None: they are left out), and when they are set, by kind."""

    names: Mapping[str, str | None] = field(default_factory=dict)
    when: Mapping[str, str] = field(default_factory=dict)

    def all_names(self) -> frozenset[str]:
        """What they are called, those that are left out not among them."""
        return frozenset(name for check in OwnCheck if (name := self.names.get(check, _NAMES[check])) is not None)

    def is_own(self, context: str) -> bool:
        """Whether a check of that name is one of them."""
        return context.startswith(_OWN) or context in self.names.values()

    def due(self, opinions: Mapping[OwnCheck, Opinion], said: Iterable[Status]) -> tuple[Status, ...]:
        """What is to be said of a commit of which all this is ``said``: nothing that stands there already."""
        present = {status.context: status.state for status in said}
        wanted = (self._status(check, opinion, present) for check, opinion in opinions.items())
        return tuple(status for status in wanted if status is not None)

    def may_be_due(self, opinions: Mapping[OwnCheck, Opinion], said: Iterable[Status] | None) -> bool:
        """Whether the forge has to be asked what is said of a commit; None stands for what is not remembered."""
        if said is None:
            return any(self.names.get(each, _NAMES[each]) and self.when.get(each) != "never" for each in opinions)
        return bool(self.due(opinions, said))

    def _status(self, check: OwnCheck, opinion: Opinion, present: Mapping[str, CheckState]) -> Status | None:
        name, when = self.names.get(check, _NAMES[check]), self.when.get(check, _WHEN.get(check, "always"))
        if name is None or when == "never" or present.get(name) is opinion.state:
            return None
        if when == "failed" and opinion.state is CheckState.SUCCESS and name not in present:
            return None
        return Status(context=name, state=opinion.state, description=opinion.text)


def opinions_on(branch: Branch, now: datetime) -> Mapping[OwnCheck, Opinion]:
    """What this tool says of a branch, whatever of it is written anywhere."""
    found = {OwnCheck.RELEASE_AGE: _of_age(branch, now), OwnCheck.LOCK_FILES: _of_lock_files(branch)}
    return {check: opinion for check, opinion in found.items() if opinion is not None}


def on_merging(*, alone: bool) -> Opinion:
    """What is said of a branch that is, or was, to be merged without a pull request; the forge remembers since when."""
    if alone:
        return Opinion(state=CheckState.PENDING, text="merged without a pull request once its checks have passed")
    return Opinion(state=CheckState.SUCCESS, text="people are needed: it has a pull request")


def objection(opinions: Mapping[OwnCheck, Opinion]) -> str | None:
    """Why nobody but a person should merge it."""
    return next((each.text for each in opinions.values() if each.state is not CheckState.SUCCESS), None)


def _of_age(branch: Branch, now: datetime) -> Opinion | None:
    """Whether the youngest release is as old as it has to be; nothing where none has to be of any age."""
    ready = max((each.old_enough for each in branch.updates if each.old_enough is not None), default=None)
    if ready is None:
        return None
    if ready <= now:
        return Opinion(state=CheckState.SUCCESS, text="its releases are as old as minimumReleaseAge asks")
    return Opinion(state=CheckState.PENDING, text=f"its releases are too young until {ready:%Y-%m-%d %H:%M} UTC")


def _of_lock_files(branch: Branch) -> Opinion | None:
    """Whether all lock files came along; nothing where there are none."""
    locked = [each for each in branch.updates if each.tracked.lock is not None]
    if not locked:
        return None
    left = sorted({each.tracked.lock.path for each in locked if each.tracked.lock is not None and each.leaves_lock})
    if not left:
        return Opinion(state=CheckState.SUCCESS, text="its lock files fit")
    rest = f" and {len(left) - 1} more" if len(left) > 1 else ""
    return Opinion(state=CheckState.FAILURE, text=f"{left[0]}{rest} could not be brought along")


# ---------------------------------------------------------------- all checks together


@dataclass(frozen=True, slots=True, kw_only=True)
class Checks:
    """All checks of a commit: one that failed counts, then one that goes on. ``is_silent``: nobody said anything.

    ``since`` is when the first of those that go on was begun, None where none does or the forge does not say.
    """

    state: CheckState
    is_silent: bool = False
    since: datetime | None = None

    @classmethod
    def of(
        cls, statuses: Iterable[Status], opinions: Iterable[Opinion], is_own: Callable[[str], bool], *, counts_own: bool
    ) -> "Checks":
        """What others say, and this tool's opinions now; those that are good count only if they may."""
        is_good = CheckState.SUCCESS if counts_own else None
        others = [each for each in statuses if not is_own(each.context) or each.state is is_good]
        states = [each.state for each in others] + list(_counted(opinions, counts_own=counts_own))
        if not states:
            return cls(state=CheckState.PENDING, is_silent=True)
        if CheckState.FAILURE in states:
            return cls(state=CheckState.FAILURE)
        if CheckState.PENDING in states:
            return cls(state=CheckState.PENDING, since=_begun(others))
        return cls(state=CheckState.SUCCESS)


def _counted(opinions: Iterable[Opinion], *, counts_own: bool) -> Iterator[CheckState]:
    return (each.state for each in opinions if counts_own or each.state is not CheckState.SUCCESS)


def _begun(others: Sequence[Status]) -> datetime | None:
    begun = [each.created for each in others if each.state is CheckState.PENDING and each.created is not None]
    return min(begun, default=None)
