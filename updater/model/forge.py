"""What a forge has, and what it is given: branches, pull requests, and what is said of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Literal, NamedTuple


class PullRequestState(StrEnum):
    """Where a pull request is in its life."""

    OPEN = "open"
    MERGED = "merged"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class PullRequest:
    """A pull request as the forge has it.

    ``head`` is the commit that it proposes, ``merge_commit`` the one by which it reached its base. ``author`` is the
    name of an account. What the forge does not say is None. What this tool merged without asking for it has number 0
    and no branch; it is called by its commit.
    """

    number: int
    branch: str
    base: str
    title: str
    body: str
    state: PullRequestState
    labels: tuple[str, ...] = ()
    url: str | None = None
    head: str | None = None
    author: str | None = None
    draft: bool = False
    created: datetime | None = None
    closed: datetime | None = None
    merged: datetime | None = None
    merge_commit: str | None = None

    @property
    def key(self) -> str:
        """What tells it from others of the repository, in names of branches and the like."""
        return str(self.number) if self.number else str(self.merge_commit)[:10]

    @property
    def reference(self) -> str:
        """How people and forges refer to it."""
        return f"#{self.key}" if self.number else self.key


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A pull request as it should be. Reviewers that are teams are written ``team:name``.

    ``milestone`` is its title, or its number as the forge shows it.
    """

    branch: str
    base: str
    title: str
    body: str
    labels: tuple[str, ...] = ()
    draft: bool = False
    assignees: tuple[str, ...] = ()
    reviewers: tuple[str, ...] = ()
    milestone: str | None = None


class CheckState(StrEnum):
    """What a check says of a commit, or a deployment of itself, so far."""

    PENDING = "pending"
    SUCCESS = "success"
    FAILURE = "failure"


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """What somebody says of a commit: a commit status or a check run, under the name ``context``.

    ``description`` and ``context`` are text of others. ``creator`` is the name of an account, or of an app with
    ``[bot]`` behind it.
    """

    context: str
    state: CheckState
    description: str = ""
    url: str | None = None
    created: datetime | None = None
    creator: str | None = None


class DeploymentState(StrEnum):
    """What became of a deployment; one that another has taken the place of is inactive."""

    PENDING = "pending"
    SUCCESS = "success"
    FAILURE = "failure"
    INACTIVE = "inactive"


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """A commit on its way into an environment, as the forge's record of deployments has it; text of others.

    ``branch`` is where the commit came from, ``task`` what the deployment is for, both empty where the forge does not
    keep it. ``creator`` is who said the latest of it, and ``created`` when that was; both are the forge's affair.
    """

    environment: str
    commit: str
    state: DeploymentState
    description: str = ""
    branch: str = ""
    task: str = ""
    url: str | None = None
    created: datetime | None = None
    creator: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment:
    """What somebody wrote below a pull request. ``ours`` says that it was this tool's account."""

    author: str
    text: str
    created: datetime
    ours: bool


class ReviewState(StrEnum):
    """What a reviewer thinks of a pull request."""

    APPROVED = "approved"
    CHANGES_REQUESTED = "changes requested"


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """The latest verdict of one reviewer. ``commit`` is the head that he looked at, where the forge says so."""

    author: str
    state: ReviewState
    commit: str | None = None


class MergeStrategy(StrEnum):
    """How a pull request gets into its base; ``AUTO`` is the first that the repository allows."""

    AUTO = "auto"
    FAST_FORWARD = "fast-forward"
    MERGE_COMMIT = "merge-commit"
    REBASE = "rebase"
    SQUASH = "squash"


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """An open issue as the forge has it."""

    number: int
    title: str
    body: str
    labels: tuple[str, ...] = ()
    url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """In whose name commits are made; None stands for this tool's own name and address.

    ``signing`` says whether the forge makes the commits, which it then signs (``auto``: where it does so for an app).
    Commits of the ``ignored`` mail addresses do not make a branch of ours somebody else's. ``key`` is what those that
    are made here are signed with: the file of an SSH key, or the id of a key that gpg has.
    """

    name: str | None = None
    email: str | None = None
    signing: Literal["auto", "enabled", "disabled"] = "auto"
    ignored: tuple[str, ...] = ()
    key: str | None = None


class FindingLevel(StrEnum):
    """How bad it is."""

    FINE = "fine"
    WARNING = "warning"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What an examination found out about ``subject``: a sentence for a person."""

    subject: str
    level: FindingLevel
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteBranch:
    """A branch that exists on the forge.

    ``ours`` says that this tool made its latest commit. ``parent`` is the first parent of that commit.
    ``files`` maps each path that the latest commit changes to the blob id it leaves there (None: deleted). ``merges``
    says whether it goes into the base without a conflict, None where that is not known. One that ``is_empty`` holds
    nothing but the base. ``dated`` is when its latest commit says that it was made; one of ours was made then or later.
    """

    name: str
    commit: str
    parent: str | None
    ours: bool
    fingerprint: str | None = None
    files: Mapping[str, str | None] = field(default_factory=dict)
    merges: bool | None = None
    is_empty: bool = False
    dated: datetime | None = None


MERGED_ALONE = "updater/automerge"
"""The context of the status by which a commit tells that it was merged without a pull request, and when."""


FINGERPRINT_TRAILER = "Updater-Fingerprint"
"""The trailer of our commits that tells what a branch was made from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Commit:
    """A commit to be made on top of the base: the whole new text of each file that changes."""

    branch: str
    message: str
    files: Mapping[str, str]


class Base(NamedTuple):
    """A branch that is updated, and the commit that it is at; None for files that are in no commit."""

    name: str
    commit: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pushed:
    """What a push came to: the commit that each branch is at now, or why it is not, by the branch's name."""

    commits: Mapping[str, str] = field(default_factory=dict)
    refused: Mapping[str, str] = field(default_factory=dict)
