"""Stage 6: wanted branches against what the forge has → actions; then the actions are applied. The only writer.

Planning is pure. A branch is written only if its content would change; branches with commits of others are left
alone; nothing is closed while a lookup that concerns it failed.
"""

import hashlib
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from updater.api import Platform
from updater.errors import PlatformError, RepositoryError
from updater.model import (
    FINGERPRINT_TRAILER,
    Action,
    ActionKind,
    Branch,
    Commit,
    Failed,
    Proposal,
    PullRequest,
    PullRequestState,
    RemoteBranch,
)
from updater.report.marker import Marker, marker_of, read_marker

_WRITES = (ActionKind.CREATE, ActionKind.REFRESH)


@dataclass(frozen=True, slots=True, kw_only=True)
class Forge:
    """What the forge has: our branches, and the pull requests from them in every state."""

    branches: Sequence[RemoteBranch]
    pulls: Sequence[PullRequest]


class Rebase(StrEnum):
    """When a branch that exists is made anew from its base."""

    NEEDED = "needed"
    BEHIND = "behind"
    NEVER = "never"


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubts:
    """What keeps a branch from being closed although no update asks for it now.

    ``failed`` holds the subjects of failures: packages whose lookup failed, branches that could not be made.
    ``held`` holds what exists and is not offered at the moment, as package and version.
    """

    failed: Collection[str] = ()
    held: Collection[tuple[str, str]] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What publishing keeps to. ``open_pulls`` 0 means no limit; ``forced`` branches pass limits and schedules.

    ``waits`` says why a branch that does not exist yet must wait (its schedule, an approval), or None; ``rebases`` when
    one that exists is made anew; ``recreates`` whether what was declined is proposed again.
    """

    open_pulls: int
    forced: Collection[str]
    waits: Callable[[Branch], str | None]
    rebases: Callable[[Branch], Rebase]
    recreates: Callable[[Branch], bool] = lambda _branch: False


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one action: the pull request as it is now, or why it failed."""

    action: Action
    pull: PullRequest | None = None
    failed: Failed | None = None


# ---------------------------------------------------------------- planning


def plan(
    branches: Sequence[Branch], forge: Forge, limits: Limits, base_commit: str | None, doubts: Doubts
) -> list[Action]:
    """What to do about every branch, wanted or present."""
    remotes = {remote.name: remote for remote in forge.branches}
    opened = {pull.branch: pull for pull in forge.pulls if pull.state is PullRequestState.OPEN}
    room = limits.open_pulls - len(opened) if limits.open_pulls else len(branches)
    actions = []
    for branch in branches:
        action = _wanted(branch, remotes.get(branch.name), opened.get(branch.name), forge, limits, base_commit, room)
        action = _unless_in_doubt(action, branch, doubts)
        room -= action.kind is ActionKind.CREATE
        actions.append(action)
    wanted = {branch.name for branch in branches}
    others = [remote for remote in forge.branches if remote.name not in wanted]
    return [*actions, *(_unwanted(remote, opened.get(remote.name), doubts) for remote in others)]


def _wanted(
    branch: Branch,
    remote: RemoteBranch | None,
    pull: PullRequest | None,
    forge: Forge,
    limits: Limits,
    base_commit: str | None,
    room: int,
) -> Action:
    action = Action(kind=ActionKind.HOLD, name=branch.name, reason="", branch=branch, remote=remote, pull=pull)
    if remote is not None and not remote.ours:
        return replace(action, kind=ActionKind.LEAVE, reason="it has commits of others")
    if pull is None and branch.name not in limits.forced:
        reason = _why_wait(branch, remote, forge, limits, room)
        if reason is not None:
            return replace(action, reason=reason)
    push = remote is None or _is_stale(branch, remote, limits.rebases(branch), base_commit)
    if pull is None:
        return replace(action, kind=ActionKind.CREATE, push=push, reason="new" if push else "has no pull request yet")
    if push:
        return replace(action, kind=ActionKind.REFRESH, push=True, reason=_why_push(branch, remote))
    if _request_differs(branch, pull):
        return replace(action, kind=ActionKind.REFRESH, reason="its description changed")
    return replace(action, kind=ActionKind.LEAVE, reason="up to date")


def _unless_in_doubt(action: Action, branch: Branch, doubts: Doubts) -> Action:
    """A pull request is not made anew without a part of what it proposes, while that part is unknown or held."""
    marker = read_marker(action.pull.body) if action.pull is not None else None
    if action.kind is not ActionKind.REFRESH or marker is None or action.remote is None:
        return action
    lost = marker.proposals - marker_of(branch.fingerprint, branch.updates).proposals
    reason = None
    if {package for package, _ in lost} & set(doubts.failed):
        reason = "a lookup that it depends on failed; unknown is not gone"
    elif marker.packages & set(doubts.failed) and action.remote.files.keys() - branch.files.keys():
        reason = "what it needs for one of its places could not be had"
    elif lost & set(doubts.held):
        reason = "what it proposes is held now"
    return action if reason is None else replace(action, kind=ActionKind.LEAVE, push=False, reason=reason)


def _why_wait(branch: Branch, remote: RemoteBranch | None, forge: Forge, limits: Limits, room: int) -> str | None:
    declined = _declined(branch, forge.pulls)
    if declined is not None and not limits.recreates(branch):
        return f"declined: #{declined.number} was closed without merging"
    if remote is None and (reason := limits.waits(branch)) is not None:
        return reason
    return f"prConcurrentLimit is {limits.open_pulls}" if room <= 0 else None


def _declined(branch: Branch, pulls: Iterable[PullRequest]) -> PullRequest | None:
    """The closed pull request that proposed the same: by its marker, or for one without it by its title."""
    wanted = marker_of(branch.fingerprint, branch.updates).proposals
    for pull in pulls:
        if pull.branch != branch.name or pull.state is not PullRequestState.CLOSED:
            continue
        marker = read_marker(pull.body)
        if (wanted <= marker.proposals) if marker else (pull.title == branch.title):
            return pull
    return None


def _differs(branch: Branch, remote: RemoteBranch) -> bool:
    return {path: blob_id(text) for path, text in branch.files.items()} != dict(remote.files)


def _is_stale(branch: Branch, remote: RemoteBranch, rebase: Rebase, base_commit: str | None) -> bool:
    if rebase is Rebase.NEVER:
        return False
    return _differs(branch, remote) or (rebase is Rebase.BEHIND and remote.parent != base_commit)


def _why_push(branch: Branch, remote: RemoteBranch | None) -> str:
    if remote is not None and remote.fingerprint != branch.fingerprint:
        return "it proposes something else now"
    return "its files changed in the base"


def _request_differs(branch: Branch, pull: PullRequest) -> bool:
    missing = {label.casefold() for label in branch.labels} - {label.casefold() for label in pull.labels}
    return bool(missing) or pull.title != branch.title or pull.body.strip() != branch.body.strip()


def _unwanted(remote: RemoteBranch, pull: PullRequest | None, doubts: Doubts) -> Action:
    action = Action(kind=ActionKind.LEAVE, name=remote.name, reason="", remote=remote, pull=pull)
    if not remote.ours:
        return replace(action, reason="not made by this tool")
    reason = _why_doubtful(remote, read_marker(pull.body) if pull is not None else None, doubts)
    if reason is not None:
        return replace(action, reason=reason)
    return replace(action, kind=ActionKind.CLOSE, reason="its updates are no longer needed or offered")


def _why_doubtful(remote: RemoteBranch, marker: Marker | None, doubts: Doubts) -> str | None:
    if f"branch {remote.name}" in doubts.failed:
        return "it could not be made anew"
    if doubts.failed and (marker is None or marker.packages & set(doubts.failed)):
        return "a lookup that it depends on failed; unknown is not gone"
    if marker is not None and marker.proposals & set(doubts.held):
        return "what it proposes is held now"
    return None


def blob_id(text: str) -> str:
    """The id that Git gives a file with this text (https://git-scm.com/book/en/v2/Git-Internals-Git-Objects)."""
    data = text.encode("utf-8", "surrogateescape")
    return hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()


def refusal(actions: Sequence[Action], share: float) -> str | None:
    """Why a plan looks like an accident: it would close most of what is open. None if it does not."""
    opened = [action for action in actions if action.pull is not None]
    closing = [action for action in opened if action.kind is ActionKind.CLOSE]
    if len(closing) < 5 or len(closing) <= share * len(opened):
        return None
    return f"it would close {len(closing)} of {len(opened)} open pull requests; use --force if that is meant"


# ---------------------------------------------------------------- applying


def apply(actions: Sequence[Action], platform: Platform, base: str, base_commit: str) -> list[Outcome]:
    """Carry out the actions: one push for all branches, then the pull requests, then what is to be closed."""
    refused = _push(actions, platform, base_commit)
    outcomes = [_publish(action, platform, base, refused) for action in actions if action.kind in _WRITES]
    return [*outcomes, *_close_all([action for action in actions if action.kind is ActionKind.CLOSE], platform)]


def _push(actions: Iterable[Action], platform: Platform, base_commit: str) -> Mapping[str, str]:
    written = [(action.branch, action.remote) for action in actions if action.push and action.branch is not None]
    if not written:
        return {}
    commits = [Commit(branch=branch.name, message=_message(branch), files=branch.files) for branch, _ in written]
    expected = {branch.name: remote.commit if remote else None for branch, remote in written}
    try:
        return platform.push(base_commit, commits, expected)
    except (PlatformError, RepositoryError) as error:
        return {branch.name: str(error) for branch, _ in written}


def _message(branch: Branch) -> str:
    """The title, the text and the trailers of the configuration, and last the fingerprint."""
    policies = [update.offer.policy for update in branch.updates]
    bodies = dict.fromkeys(policy.commit_body for policy in policies if policy.commit_body)
    trailers = dict.fromkeys(" ".join(trailer.split()) for policy in policies for trailer in policy.commit_trailers)
    last = "\n".join((*trailers, f"{FINGERPRINT_TRAILER}: {branch.fingerprint}"))
    return "\n\n".join((branch.title, *bodies, last)) + "\n"


def _publish(action: Action, platform: Platform, base: str, refused: Mapping[str, str]) -> Outcome:
    branch = action.branch
    assert branch is not None
    if action.push and branch.name in refused:
        return _failure(action, refused[branch.name])
    try:
        return Outcome(action=action, pull=_request(action, branch, platform, base))
    except (PlatformError, RepositoryError) as error:
        return _failure(action, str(error))


def _request(action: Action, branch: Branch, platform: Platform, base: str) -> PullRequest:
    proposal = _proposal(branch, base)
    if action.pull is None:
        return platform.create_pull_request(proposal)
    if not _request_differs(branch, action.pull):
        return action.pull
    return platform.update_pull_request(action.pull, proposal)


def _proposal(branch: Branch, base: str) -> Proposal:
    return Proposal(
        branch=branch.name,
        base=base,
        title=branch.title,
        body=branch.body,
        labels=branch.labels,
        draft=branch.draft,
    )


def _close_all(actions: Sequence[Action], platform: Platform) -> list[Outcome]:
    outcomes = [_close(action, platform) for action in actions]
    closed = {
        outcome.action.name: outcome.action.remote.commit
        for outcome in outcomes
        if outcome.failed is None and outcome.action.remote is not None
    }
    refused = _delete(closed, platform) if closed else {}
    return [
        _failure(outcome.action, refused[outcome.action.name]) if outcome.action.name in refused else outcome
        for outcome in outcomes
    ]


def _close(action: Action, platform: Platform) -> Outcome:
    if action.pull is None:
        return Outcome(action=action)
    try:
        platform.close_pull_request(action.pull, comment=f"Closed: {action.reason}.")
    except (PlatformError, RepositoryError) as error:
        return _failure(action, str(error))
    return Outcome(action=action, pull=replace(action.pull, state=PullRequestState.CLOSED))


def _delete(expected: Mapping[str, str], platform: Platform) -> Mapping[str, str]:
    try:
        return platform.delete_branches(expected)
    except (PlatformError, RepositoryError) as error:
        return dict.fromkeys(expected, str(error))


def _failure(action: Action, error: str) -> Outcome:
    return Outcome(action=action, failed=Failed(subject=f"branch {action.name}", error=error))
