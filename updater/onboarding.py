"""How a repository without a configuration begins: with a pull request that adds one, and shows what will happen.

It is opened instead of all others. Merged, it makes the repository active; closed without merging, it keeps the
repository off. Planning is pure; what it comes to is applied like everything else.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from updater.api import Platform
from updater.model import (
    FINGERPRINT_TRAILER,
    Action,
    ActionKind,
    Branch,
    Plan,
    PullRequest,
    PullRequestState,
    RemoteBranch,
)
from updater.publish.planning import request_differs
from updater.publish.situation import blob_id
from updater.report.onboarding import onboarding_body

TITLE = "Configure dependency updates"

_CONTENT = json.dumps({"extends": ["config:recommended"]}, indent=2) + "\n"
_TOPIC = "configure"


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


def wanted(plan: Plan, prefix: str, limit: int) -> Branch:
    """The branch that should be there; the name of its file follows the prefix. ``limit`` is in characters."""
    file = "renovate.json" if prefix.startswith("renovate/") else "updater.json"
    fingerprint = hashlib.sha256(f"{file}\n{_CONTENT}".encode()).hexdigest()[:16]
    return Branch(
        name=branch_of(prefix),
        base=plan.base,
        title=TITLE,
        body=onboarding_body(plan, file)[:limit],
        updates=(),
        files={file: _CONTENT},
        fingerprint=fingerprint,
        message=f"{TITLE}\n\n{FINGERPRINT_TRAILER}: {fingerprint}\n",
    )


def action_for(branch: Branch, start: Start) -> Action:
    """What to do: open it, bring it up to date, or leave it as it is."""
    remote, pull = start.remote, start.pull
    action = Action(
        kind=ActionKind.LEAVE, name=branch.name, reason="up to date", branch=branch, remote=remote, pull=pull
    )
    if remote is not None and not remote.ours:
        return _replaced(action, ActionKind.LEAVE, "it has commits of others", push=False)
    push = remote is None or dict(remote.files) != {path: blob_id(text) for path, text in branch.files.items()}
    if pull is None:
        return _replaced(action, ActionKind.CREATE, "the repository has no configuration", push=push)
    if push or request_differs(branch, pull):
        return _replaced(action, ActionKind.REFRESH, "what would happen has changed", push=push)
    return action


def _replaced(action: Action, kind: ActionKind, reason: str, *, push: bool) -> Action:
    return replace(action, kind=kind, reason=reason, push=push)
