"""The form of a plan file: JSON, for people and other programs to look at before it is applied."""

from pathlib import Path
from typing import Literal

import msgspec

from updater.errors import UsageError

FORMAT = 2
MAX_BYTES = 64 * 1024 * 1024


class PlannedEdit(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Characters ``start`` to ``end`` of the file, which hold ``old``, become ``new``."""

    path: str
    start: int
    end: int
    old: str
    new: str


class PlannedSeal(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A lock file that is made to fit the files that it locks, when everything else has been edited."""

    path: str
    manager: str
    locked: list[str]


class PlannedStatus(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """What one of this tool's own checks says of a commit."""

    name: str
    state: Literal["pending", "success", "failure"]
    description: str


class PlannedBranch(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A branch to be written on top of ``base``, and its pull request.

    ``expected`` is the commit that it was at (None: it did not exist). ``before`` and ``after`` are the blob ids of the
    files that change. ``push`` is False where only the pull request is to be changed. It gets a pull request
    (``propose``), has none yet (``prepare``), or is merged as it is (``merge``, by the strategy of this name; of a
    proposal it is the one by which the forge is asked to merge). ``invites`` says whether people are assigned and asked
    for reviews, ``prunes`` whether it is deleted once it was merged, ``statuses`` what is to be said of its commit.
    """

    name: str
    base: str
    title: str
    body: str
    message: str
    fingerprint: str
    reason: str
    push: bool
    does: Literal["propose", "prepare", "merge"]
    merge: Literal["auto", "fast-forward", "merge-commit", "rebase", "squash"] | None
    expected: str | None
    labels: list[str]
    assignees: list[str]
    reviewers: list[str]
    milestone: str | None
    invites: bool
    prunes: bool
    draft: bool
    edits: list[PlannedEdit]
    seals: list[PlannedSeal]
    statuses: list[PlannedStatus]
    before: dict[str, str]
    after: dict[str, str]


class PlannedClosure(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A branch of ours to be closed, with its pull request."""

    name: str
    commit: str
    reason: str


class PlannedStatement(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """What is to be said of a branch that is otherwise left as it is, at this commit."""

    name: str
    commit: str
    reason: str
    statuses: list[PlannedStatus]


class PlannedDashboard(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """How the issue is to look; without a ``body`` it is closed. ``seen`` is the blob id of the one that was read."""

    seen: str | None
    body: str | None


class PlanFile(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """All that a run would write to one repository; ``bases`` are the branches that it looked at: name → commit."""

    updater_plan: int
    repository: str
    bases: dict[str, str]
    branches: list[PlannedBranch]
    closures: list[PlannedClosure]
    statements: list[PlannedStatement]
    dashboard: PlannedDashboard | None


def write_plan(plan: PlanFile, path: Path) -> None:
    """Write the file. Raises ``UsageError`` if that is not possible."""
    try:
        path.write_bytes(msgspec.json.format(msgspec.json.encode(plan), indent=2) + b"\n")
    except OSError as error:
        raise UsageError(f"the plan cannot be written to {path}: {error.strerror}") from error


def read_plan(path: Path) -> PlanFile:
    """Read a file. Raises ``UsageError`` for what is no plan."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}") from error
    if len(content) > MAX_BYTES:
        raise UsageError(f"{path} is no plan: it is larger than {MAX_BYTES:,} bytes")
    try:
        plan = msgspec.json.decode(content, type=PlanFile)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise UsageError(f"{path} is no plan: {error}") from error
    if plan.updater_plan != FORMAT:
        raise UsageError(f"{path} is a plan of format {plan.updater_plan}; this version applies {FORMAT}")
    return plan
