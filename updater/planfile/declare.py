"""A plan → what of it is to be written, as declarations that can be checked. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Literal

from updater import dashboard, group
from updater.api import Sealer
from updater.errors import UsageError
from updater.model.forge import Base
from updater.model.plan import Action, ActionKind, Branch, Plan
from updater.model.scan import Edit
from updater.planfile.form import (
    FORMAT,
    PlanFile,
    PlannedBranch,
    PlannedClosure,
    PlannedDashboard,
    PlannedEdit,
    PlannedSeal,
    PlannedStatement,
    PlannedStatus,
)
from updater.publish import blob_id

_DOES: Mapping[ActionKind, Literal["propose", "prepare", "merge"]] = {
    ActionKind.CREATE: "propose",
    ActionKind.REFRESH: "propose",
    ActionKind.PREPARE: "prepare",
    ActionKind.MERGE: "merge",
}

Texts = Mapping[Base, Mapping[str, str]]
"""The texts of files, by the base branch that they are of."""


def declare(plan: Plan, texts: Texts, sealers: Mapping[str, Sealer]) -> PlanFile:
    """What a writer has to do.

    ``texts`` holds the present text of each file that a branch of the plan changes.
    Raises ``UsageError`` for a plan of something that has no commits to build on.
    """
    bases = {base.name: base.commit for base in plan.bases if base.name and base.commit is not None}
    if len(bases) < len(plan.bases):
        raise UsageError(
            f"{plan.repository} is not on a branch with commits: there is nothing to build pull requests on"
        )
    return PlanFile(
        updater_plan=FORMAT,
        repository=plan.repository,
        bases=bases,
        branches=list(_branches(plan.actions, texts, sealers)),
        closures=[
            PlannedClosure(name=action.name, commit=action.remote.commit, reason=action.reason)
            for action in plan.actions
            if action.kind is ActionKind.CLOSE and action.remote is not None
        ],
        statements=[
            PlannedStatement(
                name=action.name, commit=action.remote.commit, reason=action.reason, statuses=_statuses(action)
            )
            for action in plan.actions
            if action.statuses and action.kind not in _DOES and action.remote is not None
        ],
        dashboard=_dashboard(plan),
    )


def _dashboard(plan: Plan) -> PlannedDashboard | None:
    """What becomes of the issue; None where it stays as it is. It cannot know the numbers of new pull requests."""
    board = plan.dashboard
    if board is None:
        return None
    body, seen = dashboard.rendered(board, plan), board.issue.body if board.issue is not None else None
    if body == seen:
        return None
    return PlannedDashboard(seen=None if seen is None else blob_id(seen), body=body)


def _statuses(action: Action) -> list[PlannedStatus]:
    return [
        PlannedStatus(name=each.context, state=each.state.value, description=each.description)
        for each in action.statuses
    ]


def paths_of(plan: Plan) -> Mapping[Base, list[str]]:
    """The files whose texts are needed, by the base branch that they are of."""
    found: dict[Base, set[str]] = {}
    for action in plan.actions:
        if action.branch is not None:
            found.setdefault(action.branch.base, set()).update(action.branch.files)
    return {base: sorted(paths) for base, paths in found.items()}


def _branches(actions: Iterable[Action], texts: Texts, sealers: Mapping[str, Sealer]) -> Iterator[PlannedBranch]:
    for action in actions:
        if action.kind in _DOES and action.branch is not None:
            yield _branch(action, action.branch, texts[action.branch.base], sealers)


def _branch(action: Action, branch: Branch, texts: Mapping[str, str], sealers: Mapping[str, Sealer]) -> PlannedBranch:
    edits = dict.fromkeys((*(each for update in branch.updates for each in update.edits), *branch.bumps))
    seals = group.seals_of(branch.updates, sealers)
    return PlannedBranch(
        name=branch.name,
        base=branch.base.name,
        title=branch.title,
        body=branch.body,
        message=branch.message,
        fingerprint=branch.fingerprint,
        reason=action.reason,
        push=action.push,
        does=_DOES[action.kind],
        merge=action.merge.value if action.merge is not None else None,
        expected=action.remote.commit if action.remote is not None else None,
        labels=list(branch.labels),
        assignees=list(branch.assignees),
        reviewers=list(branch.reviewers),
        milestone=branch.milestone,
        invites=action.invites,
        prunes=action.prunes,
        draft=branch.draft,
        edits=[_edit(each, texts[each.path]) for each in edits],
        seals=[
            PlannedSeal(path=path, manager=manager, locked=list(locked)) for (path, manager), locked in seals.items()
        ],
        statuses=_statuses(action),
        before={path: blob_id(texts[path]) for path in branch.files},
        after={path: blob_id(text) for path, text in branch.files.items()},
    )


def _edit(edit: Edit, text: str) -> PlannedEdit:
    start, end = edit.span
    return PlannedEdit(path=edit.path, start=start, end=end, old=text[start:end], new=edit.text)
