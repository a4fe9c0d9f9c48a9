"""What a run would write, and why: branches, the actions that they take, and the plan that holds all."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from updater.model.decide import Abandoned, Decision, Gone, Held, Update
from updater.model.forge import Base, Identity, MergeStrategy, PullRequest, RemoteBranch, Status
from updater.model.history import Tombstone
from updater.model.lookup import Failed
from updater.model.scan import Dependency, Edit, Skipped
from updater.model.track import Tracked

if TYPE_CHECKING:
    from updater.config import Problem
    from updater.dashboard import Dashboard
    from updater.environments import Pairing
    from updater.failures import Freeze
    from updater.rollout import Target, Trial


@dataclass(frozen=True, slots=True, kw_only=True)
class Branch:
    """A branch that should exist: its updates, and the whole new text of each file that they change.

    ``fingerprint`` depends on the updates and edits alone, not on the state of the base: equal fingerprints mean
    the same proposal. ``message`` is that of its commit. ``targets`` is what deploys the files, as far as the
    repository tells. ``is_partial`` says that something which the body should tell could not be had now. ``bumps`` are
    the edits that raise versions of the repository's own, beside those of the updates. It is made on top of ``base``,
    into which its pull request asks to be merged.
    """

    name: str
    base: Base
    title: str
    body: str
    updates: tuple[Update, ...]
    files: Mapping[str, str]
    fingerprint: str
    message: str = ""
    labels: tuple[str, ...] = ()
    assignees: tuple[str, ...] = ()
    reviewers: tuple[str, ...] = ()
    milestone: str | None = None
    draft: bool = False
    priority: int = 0
    targets: tuple["Target", ...] = ()
    is_partial: bool = False
    bumps: tuple[Edit, ...] = ()


class ActionKind(StrEnum):
    """What publishing does about one branch."""

    CREATE = "create"
    PREPARE = "prepare"
    REFRESH = "refresh"
    MERGE = "merge"
    LEAVE = "leave"
    HOLD = "hold"
    CLOSE = "close"


class Cause(StrEnum):
    """What keeps a branch from being made, requested or changed; people can overrule most of it."""

    APPROVAL = "approval"
    SCHEDULE = "schedule"
    GROUP_SIZE = "group size"
    LIMIT = "limit"
    CHECKS = "checks"
    REQUEST_APPROVAL = "approval of the pull request"
    DECLINED = "declined"
    FOREIGN = "commits of others"
    STOPPED = "stopped by a label"
    DOUBT = "doubt"
    NOT_MERGED = "not merged"
    AUTOMERGE = "automerge"
    FROZEN = "frozen"
    LOCKED = "locked"


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """One step of publishing and its reason. ``push`` says whether the branch is written (else only its request).

    ``branch`` is None where the branch is no longer wanted; ``remote`` and ``pull`` are what the forge has. ``merge``
    is how to merge: now (``MERGE``), or by the forge as soon as its checks have passed. ``unlabel`` are labels that
    have served their purpose. ``invites`` says whether people are assigned and asked for reviews now, ``prunes``
    whether the branch is deleted once it was merged. ``statuses`` are to be set on the commit that the branch is at
    then. ``cause`` is what ``reason`` says, where something is kept back.
    """

    kind: ActionKind
    name: str
    reason: str
    push: bool = False
    branch: Branch | None = None
    remote: RemoteBranch | None = None
    pull: PullRequest | None = None
    merge: MergeStrategy | None = None
    unlabel: tuple[str, ...] = ()
    invites: bool = False
    prunes: bool = False
    statuses: tuple[Status, ...] = ()
    cause: Cause | None = None

    @property
    def writes(self) -> bool:
        """Whether anything is to be written for it."""
        return self.kind not in {ActionKind.LEAVE, ActionKind.HOLD} or bool(self.statuses)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """All that a run found, decided and would write; printable, serialisable, and the input of applying.

    ``base`` is the branch that the run began with, ``bases`` are those that were looked at: none where there is no
    branch that the configuration asks for.
    """

    repository: str
    base: Base
    bases: tuple[Base, ...]
    dependencies: tuple[Tracked, ...]
    updates: tuple[Update, ...]
    held: tuple[Held, ...]
    failed: tuple[Failed, ...]
    skipped: tuple[Skipped, ...]
    branches: tuple[Branch, ...]
    actions: tuple[Action, ...]
    decisions: Mapping[Dependency, tuple[Decision, ...]]
    problems: tuple["Problem", ...]
    change_limit: float
    requests: Mapping[str, int]
    seconds: Mapping[str, float]
    gone: tuple[Gone, ...] = ()
    abandoned: tuple[Abandoned, ...] = ()
    pairings: tuple["Pairing", ...] = ()
    freezes: tuple["Freeze", ...] = ()
    identity: Identity = field(default_factory=Identity)
    tombstones: Mapping[Dependency, tuple[Tombstone, ...]] = field(default_factory=dict)
    trials: tuple["Trial", ...] = ()
    dashboard: "Dashboard | None" = None

    @property
    def writes(self) -> bool:
        """Whether anything is to be written."""
        return any(action.writes for action in self.actions)
