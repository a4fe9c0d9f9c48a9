"""What a platform is: a forge, or a checkout in the place of one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

from updater.model.forge import MergeStrategy

if TYPE_CHECKING:
    from datetime import datetime

    from updater.api.reconcilers import BranchHistory
    from updater.api.trees import Tree
    from updater.model.forge import (
        Comment,
        Commit,
        Deployment,
        Finding,
        Identity,
        Issue,
        Proposal,
        PullRequest,
        Pushed,
        RemoteBranch,
        Review,
        Status,
    )


class Platform(Protocol):
    """A forge, seen through the few things that publishing needs. Raises ``PlatformError``."""

    NAME: str
    BODY_LIMIT: int
    """The most characters a pull request's body may have."""
    RECORDS_DEPLOYMENTS: bool
    """Whether the forge keeps records of deployments."""

    @property
    def repository(self) -> str:
        """The repository's name for people: ``owner/name``, or the path of a checkout."""
        ...

    def base_branch(self) -> str:
        """The branch that pull requests go to unless configured otherwise: the forge's default branch."""
        ...

    def is_fork(self) -> bool:
        """Whether the repository is a copy of somebody else's."""
        ...

    def branch_names(self) -> Sequence[str]:
        """The names of all branches, sorted."""
        ...

    def tree(self, branch: str) -> Tree:
        """The files at the head of ``branch``. Raises ``RepositoryError`` if there are no commits."""
        ...

    def branches(self, prefix: str, base: str) -> Sequence[RemoteBranch]:
        """The branches on the forge whose name begins with ``prefix``."""
        ...

    def push(self, base_commit: str, commits: Sequence[Commit], expected: Mapping[str, str | None]) -> Pushed:
        """Write each commit on top of ``base_commit`` and set its branch to it, all in one push.

        ``expected`` holds, per branch, the commit id seen before (None: the branch must not exist). A branch that
        moved or is protected is refused; the others were set.
        """
        ...

    def delete_branches(self, expected: Mapping[str, str]) -> Mapping[str, str]:
        """Delete branches that still point at the given commits; the result says which were refused, and why."""
        ...

    def pull_requests(self, prefix: str) -> Sequence[PullRequest]:
        """All pull requests, in every state, from branches of this repository that begin with ``prefix``."""
        ...

    def pull_request(self, number: int, /) -> PullRequest:
        """The pull request of this number, from any branch, of anybody. Raises ``PlatformError`` if there is none."""
        ...

    def merged_since(self, moment: datetime) -> Sequence[PullRequest]:
        """The pull requests from any branch, of anybody, that were merged at ``moment`` or later, the latest first."""
        ...

    def commits(self, branch: str, since: datetime) -> BranchHistory:
        """The history of ``branch`` as far back as ``since`` at least, if it goes back so far."""
        ...

    def create_pull_request(self, proposal: Proposal) -> PullRequest:
        """Open a pull request. Finds and returns the open one if there is one for the branch already.

        People, teams and milestones that the forge does not know are left out, with a warning in the log.
        """
        ...

    def update_pull_request(self, pull: PullRequest, proposal: Proposal) -> PullRequest:
        """Set title and body and add the labels that are missing; labels of others, and people, stay as they are."""
        ...

    def invite(self, pull: PullRequest, proposal: Proposal, /) -> None:
        """Assign the people of the proposal and ask for their reviews; those who are not known are left out."""
        ...

    def edit_labels(self, pull: PullRequest, *, add: Sequence[str] = (), remove: Sequence[str] = ()) -> PullRequest:
        """Add and take away labels, whoever gave them; upper and lower case are the same."""
        ...

    def close_pull_request(self, pull: PullRequest, *, comment: str) -> None:
        """Close without merging and say why; nothing happens to one that is not open."""
        ...

    def reopen_pull_request(self, pull: PullRequest) -> None:
        """Open a closed pull request again. Raises ``PlatformError`` if its branch is gone or the forge refuses."""
        ...

    def merge_pull_request(self, pull: PullRequest, strategy: MergeStrategy = MergeStrategy.AUTO) -> str:
        """Merge now and return the commit by which it is in the base.

        Raises ``PlatformError`` if the forge refuses: it conflicts, a required check is missing, its head is no longer
        the one that was read.
        """
        ...

    def merge_branch(
        self, branch: RemoteBranch, commit: Commit, base: str, tip: str, strategy: MergeStrategy
    ) -> Pushed:
        """Bring a branch into its base, which is at ``tip``, without a pull request; the base is what is pushed.

        A branch that lies on ``tip`` is what the base then is at, unless ``strategy`` wants a merge commit. Else the
        base gets ``commit``, which is the same on top of ``tip``; ``FAST_FORWARD`` refuses that. The branch stays.
        """
        ...

    def merge_when_green(self, pull: PullRequest, strategy: MergeStrategy = MergeStrategy.AUTO, /) -> bool:
        """Let the forge merge as soon as its own conditions hold; False where it cannot be asked for that."""
        ...

    def comment(self, pull: PullRequest, topic: str, text: str | None) -> None:
        """Keep one comment of ours on ``topic``: write it, edit it if its text differs, take it away (None)."""
        ...

    def comments(self, pull: PullRequest) -> Sequence[Comment]:
        """The latest hundred comments, in order."""
        ...

    def reviews(self, pull: PullRequest, /) -> Sequence[Review]:
        """The verdicts that count now, at most one of each reviewer."""
        ...

    def statuses(self, commits: Sequence[str]) -> Mapping[str, Sequence[Status]]:
        """What is said of each commit, the latest of each context; an empty sequence where nobody said anything."""
        ...

    def said(self, commits: Sequence[str]) -> Mapping[str, Sequence[Status]]:
        """What is remembered of what is said of commits, of those of which something is; nobody is asked.

        What others say may be another thing by now; what this tool said is not.
        """
        ...

    def set_status(self, commit: str, status: Status) -> None:
        """Say something of a commit under our account; ``created`` and ``creator`` are the forge's affair."""
        ...

    def deployments(self, moment: datetime, /) -> Sequence[Deployment]:
        """The deployments that were begun at ``moment`` or later, the latest first; none where there are no records."""
        ...

    def record_deployment(self, deployment: Deployment, /) -> None:
        """Write down what became of a commit in an environment: one record of ours for both and the task.

        What stands there already is not written again. Nothing happens where there are no records.
        """
        ...

    def login(self) -> str | None:
        """The name of our account, as it is the creator of what it says; None where the forge does not tell."""
        ...

    def find_issue(self, title: str) -> Issue | None:
        """The open issue of exactly this title, the oldest if there are several."""
        ...

    def write_issue(self, issue: Issue | None, *, title: str, body: str, labels: Sequence[str] = ()) -> Issue:
        """Open an issue (``issue`` is None), or set title and body of one and add the labels that are missing."""
        ...

    def close_issue(self, issue: Issue) -> None:
        """Close an issue; nothing happens to one that is not open."""
        ...

    def acting_as(self, identity: Identity) -> Platform:
        """The same repository, where commits are made so, and branches are ours accordingly."""
        ...

    def examine(self) -> Sequence[Finding]:
        """Whether what this tool does is allowed here, found out without writing anything; never raises."""
        ...

    def examine_deployments(self) -> Sequence[Finding]:
        """The same of records of deployments, for those who want them."""
        ...

    def take_lease(self, holder: str, now: datetime, until: datetime) -> str | None:
        """Become the only run that writes to the repository, until then at most.

        None if that succeeds, else who holds the lease. One that is past its time, or that ``holder`` has, is taken.
        """
        ...

    def release_lease(self, holder: str) -> None:
        """Give the lease back; nothing happens if somebody else has it."""
        ...
