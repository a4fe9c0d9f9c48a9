"""How a repository without a configuration begins: with a pull request that adds one, and shows what will happen.

It is opened instead of all others. Merged, it makes the repository active; closed without merging, it keeps the
repository off. Boxes in it narrow the file to some applications; whoever edits the file on the branch sees what that
would do. Planning is pure; what it comes to is applied like everything else.
"""

import hashlib
import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from updater.api import Platform
from updater.model.forge import (
    FINGERPRINT_TRAILER,
    Base,
    CheckState,
    PullRequest,
    PullRequestState,
    RemoteBranch,
    Status,
)
from updater.model.plan import Action, ActionKind, Branch
from updater.publish import OwnChecks
from updater.publish.checks import Opinion, OwnCheck
from updater.publish.planning import request_differs
from updater.publish.situation import blob_id
from updater.report.onboarding import ticked_applications

TITLE = "Configure dependency updates"

_TOPIC = "configure"
_DECLINED = "declined"
_WORD = """\
This repository is left alone, because this pull request was closed without merging.

To come back, reopen it (restore its branch first if that was deleted), or add a configuration file of your own to the \
default branch.
"""


class Stage(StrEnum):
    """How far a repository without a configuration is."""

    OPEN = "open"
    ACTIVE = "active"
    DECLINED = "declined"


def branch_of(prefix: str) -> str:
    """The name of the branch, under the prefix of all others."""
    return f"{prefix}{_TOPIC}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """What there is of a beginning: the pull request that decides (the newest, if none does), and the branch."""

    stage: Stage
    pull: PullRequest | None
    remote: RemoteBranch | None

    @property
    def is_edited(self) -> bool:
        """Whether people have changed the file on the branch: then it says what they want."""
        return self.remote is not None and not self.remote.ours

    def chosen(self, applications: Collection[str]) -> tuple[str, ...]:
        """Those of the applications that people want to start with; none stands for all."""
        ticked = ticked_applications(self.pull.body) if self.pull is not None else frozenset()
        return tuple(sorted(ticked.intersection(applications)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """The file that the pull request would add. ``problem`` is why a file of people cannot be used."""

    file: str
    text: str
    problem: str | None = None


def look(platform: Platform, prefix: str, base: str) -> Start:
    """How far the repository is. Raises ``PlatformError``."""
    name = branch_of(prefix)
    pulls = [pull for pull in platform.pull_requests(name) if pull.branch == name]
    remote = next((each for each in platform.branches(name, base) if each.name == name), None)
    opened = next((pull for pull in pulls if pull.state is PullRequestState.OPEN), None)
    return Start(stage=stage_of(pulls), pull=opened or next(iter(pulls), None), remote=remote)


def stage_of(pulls: Sequence[PullRequest]) -> Stage:
    """What people decided, by the pull requests from the branch, the newest first."""
    states = [pull.state for pull in pulls]
    if PullRequestState.MERGED in states:
        return Stage.ACTIVE
    if PullRequestState.OPEN in states or not states:
        return Stage.OPEN
    return Stage.DECLINED


def leave_word(start: Start, platform: Platform) -> None:
    """Say once, below what was declined, how to come back."""
    if start.pull is not None:
        platform.comment(start.pull, _DECLINED, _WORD)


def draft(prefix: str, chosen: Sequence[str] = ()) -> Draft:
    """The file that starts with these applications (none: all); its name follows the prefix of branches."""
    options: dict[str, object] = {"extends": ["config:recommended"]}
    if chosen:
        options["includePaths"] = [f"{application}/**" for application in chosen]
    file = "renovate.json" if prefix.startswith("renovate/") else "updater.json"
    return Draft(file=file, text=json.dumps(options, indent=2) + "\n")


def wanted(made: Draft, base: Base, prefix: str, body: str) -> Branch:
    """The branch that should be there."""
    fingerprint = hashlib.sha256(f"{made.file}\n{made.text}".encode()).hexdigest()[:16]
    return Branch(
        name=branch_of(prefix),
        base=base,
        title=TITLE,
        body=body,
        updates=(),
        files={made.file: made.text},
        fingerprint=fingerprint,
        message=f"{TITLE}\n\n{FINGERPRINT_TRAILER}: {fingerprint}\n",
    )


def action_for(branch: Branch, start: Start, statuses: tuple[Status, ...] = ()) -> Action:
    """What to do: open it, bring it up to date, or leave it as it is. What people have written is not overwritten."""
    remote, pull = start.remote, start.pull
    action = Action(
        kind=ActionKind.LEAVE,
        name=branch.name,
        reason="up to date",
        branch=branch,
        remote=remote,
        pull=pull,
        statuses=statuses,
    )
    is_written = remote is not None and dict(remote.files) == {path: blob_id(of) for path, of in branch.files.items()}
    push = not is_written and not start.is_edited
    if pull is None:
        return _replaced(action, ActionKind.CREATE, "the repository has no configuration", push=push)
    if push or request_differs(branch, pull):
        return _replaced(action, ActionKind.REFRESH, "what would happen has changed", push=push)
    return action


def verdict(made: Draft, start: Start, platform: Platform, checks: OwnChecks) -> tuple[Status, ...]:
    """What is still to be said of a file that people have written: whether it can be used."""
    if start.remote is None or not start.is_edited:
        return ()
    commit = start.remote.commit
    said = platform.said([commit]).get(commit)
    said = platform.statuses([commit])[commit] if said is None else said
    opinion = Opinion(state=CheckState.SUCCESS, text="the configuration is understood")
    if made.problem is not None:
        opinion = Opinion(state=CheckState.FAILURE, text=made.problem)
    return checks.due({OwnCheck.CONFIGURATION: opinion}, said)


def _replaced(action: Action, kind: ActionKind, reason: str, *, push: bool) -> Action:
    return replace(action, kind=kind, reason=reason, push=push)
