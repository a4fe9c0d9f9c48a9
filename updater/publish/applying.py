"""Carries out the actions: what is written to the forge is written here."""

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from updater.api import Platform
from updater.errors import PlatformError, RepositoryError
from updater.git import MOVED
from updater.model.forge import (
    MERGED_ALONE,
    Base,
    CheckState,
    Commit,
    MergeStrategy,
    Proposal,
    PullRequest,
    PullRequestState,
    Pushed,
    RemoteBranch,
    Status,
)
from updater.model.lookup import Failed
from updater.model.plan import Action, ActionKind, Branch
from updater.publish.planning import body_for, request_differs
from updater.publish.situation import Outcome

logger = logging.getLogger(__name__)

_WRITES = (ActionKind.CREATE, ActionKind.REFRESH)


def apply(actions: Sequence[Action], platform: Platform) -> list[Outcome]:
    """Carry out the actions: one push for all branches on a base, statuses, pull requests, merges, then closing."""
    pushed = _push(actions, platform)
    unsaid = {action.name: why for action in actions if (why := _say(action, platform, pushed)) is not None}
    prepared = [_prepared(action, pushed) for action in actions if action.kind is ActionKind.PREPARE]
    published = [_publish(action, platform, pushed) for action in actions if action.kind in _WRITES]
    merged = _merge_all([action for action in actions if action.kind is ActionKind.MERGE], platform)
    closed = _close_all([action for action in actions if action.kind is ActionKind.CLOSE], platform)
    return _with_unsaid([*prepared, *published, *merged, *closed], actions, unsaid)


def _say(action: Action, platform: Platform, pushed: Pushed) -> str | None:
    """Set the statuses of the commit that the branch is at; why that failed, if it did."""
    before = action.remote.commit if action.remote is not None else None
    commit = pushed.commits.get(action.name) if action.push else before
    try:
        for status in action.statuses if commit is not None else ():
            platform.set_status(str(commit), status)
    except PlatformError as error:
        return str(error)
    return None


def _with_unsaid(outcomes: Sequence[Outcome], actions: Iterable[Action], unsaid: Mapping[str, str]) -> list[Outcome]:
    """The outcomes; what could not be said of a branch is a failure of what otherwise went well, or was left alone."""
    known = {outcome.action.name for outcome in outcomes}
    left = (Outcome(action=action) for action in actions if action.name in unsaid and action.name not in known)
    return [
        each
        if each.failed is not None or each.action.name not in unsaid
        else replace(_failure(each.action, unsaid[each.action.name]), pull=each.pull)
        for each in (*outcomes, *left)
    ]


def _push(actions: Iterable[Action], platform: Platform) -> Pushed:
    written: dict[str | None, list[tuple[Branch, RemoteBranch | None]]] = {}
    for action in actions:
        if action.push and action.branch is not None:
            written.setdefault(action.branch.base.commit, []).append((action.branch, action.remote))
    pushed = [_push_onto(commit, members, platform) for commit, members in written.items()]
    return Pushed(
        commits={name: commit for each in pushed for name, commit in each.commits.items()},
        refused={name: reason for each in pushed for name, reason in each.refused.items()},
    )


def _push_onto(
    base_commit: str | None, written: Sequence[tuple[Branch, RemoteBranch | None]], platform: Platform
) -> Pushed:
    assert base_commit is not None, "there is nothing that branches could be made from"
    commits = [Commit(branch=branch.name, message=branch.message, files=branch.files) for branch, _ in written]
    expected = {branch.name: remote.commit if remote else None for branch, remote in written}
    try:
        return platform.push(base_commit, commits, expected)
    except (PlatformError, RepositoryError) as error:
        return Pushed(refused={branch.name: str(error) for branch, _ in written})


def _publish(action: Action, platform: Platform, pushed: Pushed) -> Outcome:
    branch = action.branch
    assert branch is not None
    if action.push and branch.name in pushed.refused:
        return _failure(action, pushed.refused[branch.name])
    try:
        pull = _request(action, branch, platform)
        pull = platform.edit_labels(pull, remove=action.unlabel) if action.unlabel else pull
    except (PlatformError, RepositoryError) as error:
        return _failure(action, str(error))
    if action.merge is not None:
        _ask_to_merge(pull, platform, action.merge)
    return Outcome(action=action, pull=pull)


def _request(action: Action, branch: Branch, platform: Platform) -> PullRequest:
    proposal = _proposal(branch, invites=action.invites)
    if action.pull is None:
        return platform.create_pull_request(proposal)
    if action.invites:  # before the body says so: what is said twice does no harm, what is never said does
        platform.invite(action.pull, proposal)
    body = body_for(branch, action.pull, invites=action.invites)
    if not request_differs(branch, action.pull) and not action.invites:
        return action.pull
    return platform.update_pull_request(action.pull, replace(proposal, body=body))


def _proposal(branch: Branch, *, invites: bool) -> Proposal:
    return Proposal(
        branch=branch.name,
        base=branch.base.name,
        title=branch.title,
        body=branch.body,
        labels=branch.labels,
        draft=branch.draft,
        assignees=branch.assignees if invites else (),
        reviewers=branch.reviewers if invites else (),
        milestone=branch.milestone,
    )


def _prepared(action: Action, pushed: Pushed) -> Outcome:
    refused = pushed.refused.get(action.name)
    return Outcome(action=action) if refused is None else _failure(action, refused)


def _ask_to_merge(pull: PullRequest, platform: Platform, strategy: MergeStrategy) -> None:
    """Where the forge cannot be asked, a later run merges."""
    try:
        platform.merge_when_green(pull, strategy)
    except PlatformError as error:
        logger.warning("#%s is not merged by the forge itself: %s", pull.number, error)


def _merge_all(actions: Sequence[Action], platform: Platform) -> list[Outcome]:
    """First what has no pull request, because it is put on the base as it was read."""
    alone = [action for action in actions if action.pull is None]
    tips: dict[Base, str] = {}
    outcomes = [_merge_alone(action, platform, tips) for action in alone]
    outcomes += (_merge(action, platform) for action in actions if action.pull is not None)
    _prune(outcomes, platform)
    return outcomes


def _merge_alone(action: Action, platform: Platform, tips: dict[Base, str]) -> Outcome:
    """Merge without a pull request. Where nobody may push to the base, people get a request.

    ``tips`` are what bases are at after earlier merges, and after this one.
    """
    branch, remote = action.branch, action.remote
    assert branch is not None
    base, tip = branch.base.name, tips.get(branch.base, branch.base.commit)
    assert tip is not None
    assert remote is not None
    assert action.merge is not None
    commit = Commit(branch=branch.name, message=branch.message, files=branch.files)
    try:
        pushed = platform.merge_branch(remote, commit, base, tip, action.merge)
    except (PlatformError, RepositoryError) as error:
        return _failure(action, str(error))
    if (reason := pushed.refused.get(base)) is None:
        _tell_merged(pushed.commits[base], branch, platform)
        tips[branch.base] = pushed.commits[base]
        return Outcome(action=action)
    if reason == MOVED:
        return _failure(action, f"{base} moved since it was read")
    logger.warning("%s cannot be pushed to, so %s gets a pull request: %s", base, branch.name, reason)
    return _publish(replace(action, kind=ActionKind.CREATE, merge=None, prunes=False), platform, Pushed())


def _tell_merged(commit: str, branch: Branch, platform: Platform) -> None:
    """Say of a commit in the base how it got there; when, the forge remembers."""
    words = f"merged without a pull request: {branch.title}"
    try:
        platform.set_status(commit, Status(context=MERGED_ALONE, state=CheckState.SUCCESS, description=words))
    except PlatformError as error:
        logger.warning("%s is merged, and does not tell so: %s", branch.name, error)


def _merge(action: Action, platform: Platform) -> Outcome:
    assert action.pull is not None
    assert action.merge is not None
    try:
        commit = platform.merge_pull_request(action.pull, action.merge)
    except (PlatformError, RepositoryError) as error:
        return _failure(action, str(error))
    merged = replace(action.pull, state=PullRequestState.MERGED, merge_commit=commit)
    return Outcome(action=action, pull=merged)


def _prune(outcomes: Iterable[Outcome], platform: Platform) -> None:
    """Delete the branches that were merged and are to go; one that stays is found, and closed, by the next run."""
    done = [outcome.action for outcome in outcomes if outcome.failed is None and outcome.action.prunes]
    merged = {action.name: action.remote.commit for action in done if action.remote is not None}
    for name, reason in (_delete(merged, platform) if merged else {}).items():
        logger.warning("%s is merged and was not deleted, which the next run will do: %s", name, reason)


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
