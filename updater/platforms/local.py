"""A Git repository on this machine as a forge: nothing to install, and nothing leaves the machine.

Branches are ordinary branches of the repository (look at one with ``git diff main...updater/nginx-1.x``, take it with
``git merge``). They are written without touching the work tree or the index, and a branch that is checked out
somewhere is never moved. Pull requests are records that Git keeps under ``refs/updater/pull-requests``; one whose
commit has reached its base counts as merged, one whose branch was deleted before that as closed.
"""

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import copy
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from updater import git
from updater.api import (
    CheckState,
    Clock,
    Comment,
    Commit,
    Deployment,
    Finding,
    FindingLevel,
    Identity,
    Issue,
    MergeStrategy,
    PlatformError,
    Proposal,
    PullRequest,
    PullRequestState,
    Pushed,
    RemoteBranch,
    Review,
    Status,
    Tree,
)
from updater.errors import RepositoryError
from updater.history import GitHistory
from updater.platforms import lease, pulls
from updater.platforms.branches import BEHIND, Maker, merge_commits, remote_branches, write_commits
from updater.platforms.documents import Document, Documents, retried
from updater.repo import GitTree

_HEADS = "refs/heads/"
_RECORDS, _ISSUES, _STATUSES = "refs/updater/pull-requests", "refs/updater/issues", "refs/updater/statuses"
_ORIGINS = "refs/remotes/origin/"
_REASON = "gitops-updater"
_US = "gitops-updater"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Note:
    """A comment. The one on a ``topic`` is replaced by the next on the same; without one it stays."""

    topic: str | None
    text: str
    created: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class _Record:
    """A pull request with what is written below it; its ``head`` is the commit its branch was last seen at."""

    pull: PullRequest
    notes: tuple[_Note, ...] = ()


_Records = Mapping[int, _Record]


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Snapshot:
    """The repository at one moment. ``stored`` is what was written last, ``records`` what is true of it now."""

    heads: Mapping[str, git.Ref]
    tip: str | None
    stored: _Records
    records: _Records


class LocalPlatform:
    """The repository that ``path`` lies in. Raises ``RepositoryError`` if there is none."""

    NAME = "local"
    BODY_LIMIT = 1_000_000
    RECORDS_DEPLOYMENTS = False

    def __init__(self, path: Path, *, author: git.Author = git.BOT, clock: Clock = _now) -> None:
        git.check_version()
        self._git, self._root = git.locate(path)
        self._author, self._clock, self._maker = author, clock, Maker(author=author)
        self._pulls = Documents(self._git, _RECORDS, author)
        self._issues = Documents(self._git, _ISSUES, author)
        self._said = Documents(self._git, _STATUSES, author)
        self._known: tuple[str | None, _Records] = (None, {})

    @property
    def repository(self) -> str:
        """The path of the checkout, or of the bare repository."""
        return str(self._root)

    def base_branch(self) -> str:
        """The branch that is checked out; else the default branch of ``origin``; else main or master around it.

        Raises ``RepositoryError`` if none of these is there.
        """
        head = git.symbolic_target(self._git, "HEAD")
        return head.removeprefix(_HEADS) if head else self._base_of_detached_head()

    def is_fork(self) -> bool:
        """A checkout is what it is."""
        return False

    def branch_names(self) -> Sequence[str]:
        """The names of the branches, those of ``origin`` among them."""
        found = (ref.name for ref in git.refs(self._git, _HEADS, _ORIGINS))
        names = {name.removeprefix(_HEADS).removeprefix(_ORIGINS) for name in found}
        return sorted(names - {"HEAD"})

    def tree(self, branch: str) -> Tree:
        """The files at the head of a branch, of ``origin`` if only that has it."""
        return GitTree(self._git.directory, self._needed_tip(branch))

    def branches(self, prefix: str, base: str) -> Sequence[RemoteBranch]:
        """The local branches that begin with ``prefix``, without ``base``."""
        heads = _by_branch(git.refs(self._git, _HEADS))
        wanted = {name: ref.commit for name, ref in heads.items() if name.startswith(prefix) and name != base}
        return remote_branches(self._git, wanted, self._maker, self._tip(base))

    def push(self, base_commit: str, commits: Sequence[Commit], expected: Mapping[str, str | None]) -> Pushed:
        """Write the commits and set the branches, all at once."""
        written = write_commits(self._git, base_commit, commits, self._maker.author)
        made = self._signed(base_commit, commits, written.commits)
        refused = self._move({branch: (expected.get(branch), commit) for branch, commit in made.items()})
        done = {branch: commit for branch, commit in made.items() if branch not in refused}
        return Pushed(commits=done, refused={**written.refused, **refused})

    def merge_branch(
        self, branch: RemoteBranch, commit: Commit, base: str, tip: str, strategy: MergeStrategy
    ) -> Pushed:
        """Move the base to the commit by which it has what the branch holds; if it is checked out, with its files."""
        made = merge_commits(self._git, branch, commit, tip, strategy, self._maker, self._signed)
        if made.refused:
            return Pushed(refused={base: made.refused[branch.name]})
        merged = made.commits[branch.name]
        reason = self._why_not_advanced(base, tip, merged)
        return Pushed(commits={base: merged}) if reason is None else Pushed(refused={base: reason})

    def _signed(self, _base: str, commits: Sequence[Commit], made: Mapping[str, str]) -> Mapping[str, str]:
        return self._maker.signed(self._git, commits, made)

    def _why_not_advanced(self, base: str, tip: str, commit: str) -> str | None:
        """Move a branch that is at ``tip`` forward, or say why that is not possible."""
        head = _by_branch(git.refs(self._git, f"{_HEADS}{base}")).get(base)
        if head is None or head.commit != tip:
            return git.MOVED
        try:
            self._advance(head, commit)
        except RepositoryError as error:
            return str(error)
        return None

    def delete_branches(self, expected: Mapping[str, str]) -> Mapping[str, str]:
        """Delete branches that are still at their commit; one that is gone already is fine."""
        return self._move({branch: (commit, None) for branch, commit in expected.items()})

    # ------------------------------------------------------------ pull requests

    def pull_requests(self, prefix: str) -> Sequence[PullRequest]:
        """The pull requests from branches that begin with ``prefix``, newest first."""
        found = (record.pull for record in self._snapshot().records.values())
        return sorted((pull for pull in found if pull.branch.startswith(prefix)), key=pulls.number, reverse=True)

    def pull_request(self, number: int) -> PullRequest:
        """The pull request of this number. Raises ``PlatformError`` if there is none."""
        return _find(self._snapshot().records, number).pull

    def merged_since(self, moment: datetime) -> Sequence[PullRequest]:
        """The pull requests that were merged at ``moment`` or later, the latest first."""
        found = ((record.pull.merged, record.pull) for record in self._snapshot().records.values())
        merged = [(when, pull) for when, pull in found if when is not None and when >= moment]
        return [pull for _, pull in sorted(merged, key=lambda pair: (pair[0], pair[1].number), reverse=True)]

    def commits(self, branch: str, _since: datetime) -> GitHistory:
        """The whole history of a branch."""
        return GitHistory(self._git, self._needed_tip(branch))

    def diff(self, pull: PullRequest) -> str:
        """What a pull request changes, as a unified diff."""
        found = _find(self._snapshot().records, pull.number).pull
        head = _head(found)
        merged = found.state is PullRequestState.MERGED
        return git.diff(self._git, f"{head}^" if merged else f"{_HEADS}{pull.base}", head)

    def create_pull_request(self, proposal: Proposal) -> PullRequest:
        """Open a pull request, unless the branch has one that is open. There are no people and no milestones here."""

        def opened(snapshot: _Snapshot) -> Iterable[_Record]:
            if _open_pull(snapshot.records, proposal.branch):
                return
            pull = PullRequest(
                number=max(snapshot.records, default=0) + 1,
                branch=proposal.branch,
                base=proposal.base,
                title=proposal.title,
                body=proposal.body,
                state=PullRequestState.OPEN,
                labels=pulls.united(proposal.labels),
                head=self._head_to_merge(snapshot, proposal.branch, proposal.base),
                author=_US,
                draft=proposal.draft,
                created=self._clock(),
            )
            yield _Record(pull=pull)

        pull = _open_pull(self._change(opened), proposal.branch)
        if pull is None:
            raise PlatformError(f"branch {proposal.branch!r} was merged or deleted while its pull request was opened")
        return pull

    def update_pull_request(self, pull: PullRequest, proposal: Proposal) -> PullRequest:
        """Set title and body, add labels."""
        return self._edit(
            pull,
            lambda now: replace(
                now, title=proposal.title, body=proposal.body, labels=pulls.united(now.labels, proposal.labels)
            ),
        )

    def invite(self, pull: PullRequest, proposal: Proposal) -> None:
        """There is nobody else in a checkout."""

    def edit_labels(self, pull: PullRequest, *, add: Sequence[str] = (), remove: Sequence[str] = ()) -> PullRequest:
        """Add and take away labels."""
        return self._edit(pull, lambda now: replace(now, labels=pulls.relabelled(now.labels, add, remove)))

    def close_pull_request(self, pull: PullRequest, *, comment: str) -> None:
        """Close without merging; nothing happens to one that is not open."""

        def closed(snapshot: _Snapshot) -> Iterable[_Record]:
            record = _find(snapshot.records, pull.number)
            if record.pull.state is PullRequestState.OPEN:
                now = self._clock()
                note = _Note(topic=None, text=comment, created=now)
                shut = replace(record.pull, state=PullRequestState.CLOSED, closed=now)
                yield replace(record, pull=shut, notes=(*record.notes, note))

        self._change(closed)

    def reopen_pull_request(self, pull: PullRequest) -> None:
        """Open a closed pull request again. Its branch must exist."""

        def reopened(snapshot: _Snapshot) -> Iterable[_Record]:
            record = _find(snapshot.records, pull.number)
            if record.pull.state is PullRequestState.CLOSED:
                head = self._head_to_merge(snapshot, pull.branch, pull.base)
                opened = replace(record.pull, state=PullRequestState.OPEN, head=head, closed=None)
                yield replace(record, pull=opened)

        self._change(reopened)

    def merge_pull_request(self, pull: PullRequest, strategy: MergeStrategy = MergeStrategy.AUTO) -> str:
        """Merge into the base and return the commit that the base is at now: a fast-forward where possible.

        If the base is checked out, the files change with it. Raises ``PlatformError``, and changes nothing, if the
        two conflict, the branch is not as it was read, or uncommitted work would be overwritten.
        """
        snapshot = self._snapshot()
        found = _find(snapshot.records, pull.number).pull
        base = snapshot.heads.get(found.base)
        if found.state is not PullRequestState.OPEN or base is None:
            raise PlatformError(f"pull request #{found.number} is {found.state}, or its base is gone")
        if pull.head not in {None, found.head}:
            raise PlatformError(f"pull request #{found.number} cannot be merged: {git.MOVED}")
        try:
            commit = self._merged(base.commit, found, strategy)
            self._advance(base, commit)
        except RepositoryError as error:
            raise PlatformError(f"pull request #{found.number} cannot be merged: {error}") from error
        self._edit(found, lambda now: self._as_merged(now, commit, self._clock()))
        return commit

    def merge_when_green(self, _pull: PullRequest, _strategy: MergeStrategy = MergeStrategy.AUTO) -> bool:
        """Nobody waits for checks here: False."""
        return False

    def comment(self, pull: PullRequest, topic: str, text: str | None) -> None:
        """Write, replace or take away the note on ``topic``."""

        def noted(snapshot: _Snapshot) -> Iterable[_Record]:
            record = _find(snapshot.records, pull.number)
            present = next((note for note in record.notes if note.topic == topic), None)
            if (present.text if present else None) == text:
                return
            others = tuple(note for note in record.notes if note is not present)
            added = () if text is None else (_Note(topic=topic, text=text, created=self._clock()),)
            yield replace(record, notes=(*others, *added))

        self._change(noted)

    def comments(self, pull: PullRequest) -> Sequence[Comment]:
        """What was written below a pull request; all of it is ours."""
        notes = _find(self._snapshot().records, pull.number).notes
        return [Comment(author=_US, text=note.text, created=note.created, ours=True) for note in notes[-100:]]

    def reviews(self, _pull: PullRequest) -> Sequence[Review]:
        """Nobody reviews here."""
        return ()

    # ------------------------------------------------------------ statuses, deployments, issues

    def statuses(self, commits: Sequence[str]) -> Mapping[str, Sequence[Status]]:
        """What ``set_status`` said of the commits."""
        return self._statuses_of(commits)

    def _statuses_of(self, commits: Sequence[str]) -> Mapping[str, Sequence[Status]]:
        said = self._said.read(self._said.tip())
        return {commit: [_status(name, of) for name, of in said.get(commit, {}).items()] for commit in commits}

    def said(self, commits: Sequence[str]) -> Mapping[str, Sequence[Status]]:
        """All that is said of the commits: it is kept here."""
        return self._statuses_of(commits)

    def set_status(self, commit: str, status: Status) -> None:
        """Keep a status in the repository."""
        fields = {"state": status.state, "description": status.description, "url": status.url}

        def said(documents: Mapping[str, Document]) -> Mapping[str, Document]:
            present = documents.get(commit, {})
            if _said(present.get(status.context)) == fields:
                return {}
            entry = {**fields, "created": self._clock().isoformat()}
            return {commit: {**present, status.context: entry}}

        self._said.change(said)

    def deployments(self, _moment: datetime) -> Sequence[Deployment]:
        """Nothing records deployments here."""
        return ()

    def record_deployment(self, _deployment: Deployment) -> None:
        """Nothing happens."""

    def examine_deployments(self) -> Sequence[Finding]:
        """There are none."""
        text = "A checkout keeps no records of them: what became of updates is written in comments"
        return [Finding(subject="deployments", level=FindingLevel.WARNING, text=text)]

    def login(self) -> str | None:
        """The account that says things here."""
        return _US

    def find_issue(self, title: str) -> Issue | None:
        """The open issue of that title."""
        documents = self._issues.read(self._issues.tip())
        opened = {int(name): document for name, document in documents.items() if document.get("open")}
        found = (_issue(number, document) for number, document in sorted(opened.items()))
        return next((issue for issue in found if issue.title == title), None)

    def write_issue(self, issue: Issue | None, *, title: str, body: str, labels: Sequence[str] = ()) -> Issue:
        """Open or edit an issue."""
        number = 0

        def written(documents: Mapping[str, Document]) -> Mapping[str, Document]:
            nonlocal number
            number = issue.number if issue else max(map(int, documents), default=0) + 1
            present = documents.get(str(number), {})
            united = pulls.united(_texts(present.get("labels")), tuple(labels))
            return {str(number): {**present, "title": title, "body": body, "labels": list(united), "open": True}}

        documents = self._issues.change(written)
        return _issue(number, documents[str(number)])

    def close_issue(self, issue: Issue) -> None:
        """Close an issue."""
        name = str(issue.number)
        self._issues.change(lambda documents: {name: {**documents[name], "open": False}} if name in documents else {})

    # ------------------------------------------------------------ the lease

    def acting_as(self, identity: Identity) -> "LocalPlatform":
        """The same repository with another author of commits."""
        other = copy(self)
        other._maker = self._maker.acting_as(identity)  # noqa: SLF001 - a copy of this one
        return other

    def examine(self) -> Sequence[Finding]:
        """Whether there is a branch to propose for, and whether the repository can be written to."""
        try:
            base = self.base_branch()
        except RepositoryError as error:
            return [Finding(subject="repository", level=FindingLevel.FAILED, text=str(error))]
        if not os.access(self._git.directory, os.W_OK):
            text = f"{self._git.directory} may not be written to"
            return [Finding(subject="repository", level=FindingLevel.FAILED, text=text)]
        text = f"{self.repository}, pull requests go to {base}"
        return [Finding(subject="repository", level=FindingLevel.FINE, text=text)]

    def take_lease(self, holder: str, now: datetime, until: datetime) -> str | None:
        """Move the ref of the lease to a commit that names ``holder``."""
        commit, present = self._lease()
        if present is not None and present.forbids(holder, now):
            return present.holder
        new = lease.written(self._git, lease.Lease(holder=holder, until=until), self._author, now)
        try:
            git.update_refs(self._git, [git.RefChange(ref=lease.REF, old=commit, new=new)], reason=_REASON)
        except RepositoryError:
            return lease.RIVAL
        return None

    def release_lease(self, holder: str) -> None:
        """Delete the ref, if it is ``holder``'s."""
        commit, present = self._lease()
        if commit is not None and present is not None and present.holder == holder:
            git.update_refs(self._git, [git.RefChange(ref=lease.REF, old=commit, new=None)], reason=_REASON)

    def _lease(self) -> tuple[str | None, lease.Lease | None]:
        commit = next((ref.commit for ref in git.refs(self._git, lease.REF)), None)
        return commit, lease.read(git.message(self._git, commit)) if commit is not None else None

    # ------------------------------------------------------------ branches

    def _needed_tip(self, branch: str) -> str:
        commit = self._tip(branch)
        if commit is None:
            anything = git.refs(self._git, _HEADS)
            reason = f"has no branch {branch!r}" if anything else "has no commits yet"
            raise RepositoryError(f"{self.repository} {reason}")
        return commit

    def _tip(self, branch: str) -> str | None:
        own = git.resolve(self._git, f"{_HEADS}{branch}")
        return own or git.resolve(self._git, f"{_ORIGINS}{branch}")

    def _tip_in(self, heads: Mapping[str, git.Ref], branch: str) -> str | None:
        return _commit(heads.get(branch)) or git.resolve(self._git, f"{_ORIGINS}{branch}")

    def _base_of_detached_head(self) -> str:
        origin = "refs/remotes/origin/"
        default = (git.symbolic_target(self._git, f"{origin}HEAD") or origin).removeprefix(origin)
        if default and self._tip(default):
            return default
        head = git.resolve(self._git, "HEAD")
        for branch in ("main", "master"):
            tip = self._tip(branch)
            if head and tip and git.reachable(self._git, [head], tip):
                return branch
        raise RepositoryError(
            f"{self.repository} is not on a branch, and neither main nor master contains its commit; "
            "check out the branch that the updates are for"
        )

    def _move(self, wanted: Mapping[str, tuple[str | None, str | None]]) -> dict[str, str]:
        """Move branches (name → from, to); the result says which were not, and why.

        What happened to the pull requests is written down before a branch moves on, and its new head afterwards.
        """
        self._settle()
        heads = _by_branch(git.refs(self._git, _HEADS))
        refused, changes = {}, []
        for branch, (old, new) in wanted.items():
            head = heads.get(branch)
            if new == (head.commit if head else None):
                continue
            if reason := _why_unmovable(head, old):
                refused[branch] = reason
            else:
                changes.append(git.RefChange(ref=f"{_HEADS}{branch}", old=old, new=new))
        refused |= self._update(changes)
        self._settle()
        return refused

    def _update(self, changes: Sequence[git.RefChange]) -> dict[str, str]:
        """Move all at once; only if that fails, one by one, so that each gets its own verdict."""
        if not changes:
            return {}
        try:
            git.update_refs(self._git, changes, reason=_REASON)
        except RepositoryError as error:
            if len(changes) == 1:
                return {changes[0].ref.removeprefix(_HEADS): str(error)}
            results = [self._update([change]) for change in changes]
            return {branch: reason for result in results for branch, reason in result.items()}
        return {}

    def _head_to_merge(self, snapshot: _Snapshot, branch: str, base: str) -> str:
        head, target = _commit(snapshot.heads.get(branch)), self._tip_in(snapshot.heads, base)
        if head is None or target is None:
            raise PlatformError(f"{self.repository} has no branch {branch if head is None else base!r}")
        if git.reachable(self._git, [head], target):
            raise PlatformError(f"there are no commits between {base} and {branch}")
        return head

    def _merged(self, base: str, pull: PullRequest, strategy: MergeStrategy) -> str:
        head = _head(pull)
        is_behind = git.reachable(self._git, [base], head)
        if is_behind and strategy in {MergeStrategy.AUTO, MergeStrategy.FAST_FORWARD}:
            return head
        if strategy is MergeStrategy.FAST_FORWARD:
            raise RepositoryError(BEHIND)
        date = git.commit_facts(self._git, [head], "none")[head].date
        if strategy is MergeStrategy.SQUASH:
            return git.squash(self._git, base, head, f"{pull.title} (#{pull.number})\n", self._author, date)
        if strategy is MergeStrategy.REBASE:
            return git.squash(self._git, base, head, git.message(self._git, head), self._author, date)
        message = f"Merge pull request #{pull.number} from {pull.branch}\n\n{pull.title}\n"
        return git.merge_commits(self._git, base, head, message, self._author, date)

    def _as_merged(self, pull: PullRequest, commit: str, when: datetime | None = None) -> PullRequest:
        """Merged ``when`` we did it; else when its commit was made, for a fast-forward leaves no other time."""
        date = git.commit_facts(self._git, [commit], "none")[commit].date
        moment = when or datetime.fromtimestamp(date, UTC)
        return replace(pull, state=PullRequestState.MERGED, merged=moment, closed=moment, merge_commit=commit)

    def _advance(self, base: git.Ref, commit: str) -> None:
        if base.worktree:
            git.fast_forward(Path(base.worktree), commit)
        else:
            git.update_refs(self._git, [git.RefChange(ref=base.name, old=base.commit, new=commit)], reason=_REASON)

    # ------------------------------------------------------------ records

    def _settle(self) -> None:
        """Write down what became of the pull requests since they were last looked at."""
        self._change(lambda _: ())

    def _edit(self, pull: PullRequest, edit: Callable[[PullRequest], PullRequest]) -> PullRequest:
        """Replace a pull request by what ``edit`` makes of it as it is now."""

        def edited(snapshot: _Snapshot) -> Iterable[_Record]:
            record = _find(snapshot.records, pull.number)
            yield replace(record, pull=edit(record.pull))

        return self._change(edited)[pull.number].pull

    def _change(self, edit: Callable[[_Snapshot], Iterable[_Record]]) -> _Records:
        """Add or replace the records that ``edit`` makes of the present ones, and return all."""

        def attempt() -> _Records:
            snapshot = self._snapshot()
            records = {**snapshot.records, **{record.pull.number: record for record in edit(snapshot)}}
            changed = {
                str(number): _encoded(record)
                for number, record in records.items()
                if snapshot.stored.get(number) != record
            }
            self._pulls.write(snapshot.tip, changed)
            return records

        return retried(attempt, f"the pull requests of {self.repository}")

    def _snapshot(self) -> _Snapshot:
        found = git.refs(self._git, _HEADS, _RECORDS)
        tip = next((ref.commit for ref in found if ref.name == _RECORDS), None)
        heads, stored = _by_branch(found), self._stored(tip)
        return _Snapshot(heads=heads, tip=tip, stored=stored, records=self._settled(stored, heads))

    def _stored(self, tip: str | None) -> _Records:
        """The records of a commit; those that were read last are remembered."""
        if tip is not None and tip != self._known[0]:
            records = [_decoded(name, document) for name, document in self._pulls.read(tip).items()]
            self._known = (tip, {record.pull.number: record for record in records})
        return self._known[1] if tip is not None else {}

    def _settled(self, records: _Records, heads: Mapping[str, git.Ref]) -> _Records:
        """The records as they are true now: heads that moved, branches that were merged or deleted."""
        opened = [record for record in records.values() if record.pull.state is PullRequestState.OPEN]
        current = [_at(record, _commit(heads.get(record.pull.branch))) for record in opened]
        merged = self._merged_heads([record.pull for record in current], heads)
        return {**records, **{record.pull.number: self._as_it_is(record, heads, merged) for record in current}}

    def _as_it_is(self, record: _Record, heads: Mapping[str, git.Ref], merged: set[tuple[str, str]]) -> _Record:
        base, head = record.pull.base, _head(record.pull)
        if (base, head) in merged:
            commit = git.merged_by(self._git, head, self._tip_in(heads, base) or head)
            return replace(record, pull=self._as_merged(record.pull, commit))
        if record.pull.branch in heads:
            return record
        return replace(record, pull=replace(record.pull, state=PullRequestState.CLOSED))

    def _merged_heads(self, opened: Sequence[PullRequest], heads: Mapping[str, git.Ref]) -> set[tuple[str, str]]:
        """The pairs of base and head of which the base contains the head."""
        pairs = set()
        for base in {pull.base for pull in opened}:
            tip = self._tip_in(heads, base)
            if tip is not None:
                commits = {_head(pull) for pull in opened if pull.base == base}
                pairs |= {(base, commit) for commit in git.reachable(self._git, commits, tip)}
        return pairs


def _why_unmovable(head: git.Ref | None, expected: str | None) -> str | None:
    if head is not None and head.worktree is not None:
        return f"it is checked out in {head.worktree}"
    return git.MOVED if _commit(head) != expected else None


def _head(pull: PullRequest) -> str:
    """The commit that a pull request proposes; each has one here."""
    assert pull.head is not None
    return pull.head


def _at(record: _Record, head: str | None) -> _Record:
    return record if head is None else replace(record, pull=replace(record.pull, head=head))


def _find(records: _Records, number: int) -> _Record:
    if number not in records:
        raise PlatformError(f"there is no pull request #{number}")
    return records[number]


def _open_pull(records: _Records, branch: str) -> PullRequest | None:
    found = (record.pull for record in records.values())
    return next((pull for pull in found if pull.branch == branch and pull.state is PullRequestState.OPEN), None)


def _by_branch(found: Iterable[git.Ref]) -> dict[str, git.Ref]:
    return {ref.name.removeprefix(_HEADS): ref for ref in found if ref.name.startswith(_HEADS)}


def _commit(ref: git.Ref | None) -> str | None:
    return ref.commit if ref is not None else None


def _encoded(record: _Record) -> Document:
    notes = [{**asdict(note), "created": note.created.isoformat()} for note in record.notes]
    return {**pulls.encode(record.pull), "comments": notes}


def _decoded(name: str, fields: Document) -> _Record:
    try:
        pull = pulls.decode(fields)
        _head(pull)
        return _Record(pull=pull, notes=tuple(_note(each) for each in _list(fields["comments"])))
    except (ValueError, KeyError, TypeError, AssertionError) as error:
        raise PlatformError(f"{name}.json in {_RECORDS} cannot be read: {error!r}") from error


def _note(fields: object) -> _Note:
    if not isinstance(fields, dict):
        raise TypeError(f"{fields!r} instead of a comment")
    topic = None if fields["topic"] is None else str(fields["topic"])
    return _Note(topic=topic, text=str(fields["text"]), created=datetime.fromisoformat(fields["created"]))


def _status(context: str, fields: object) -> Status:
    said = _said(fields)
    return Status(
        context=context,
        state=CheckState(str(said["state"])),
        description=str(said["description"]),
        url=None if said["url"] is None else str(said["url"]),
        created=datetime.fromisoformat(fields["created"]) if isinstance(fields, dict) else None,
        creator=_US,
    )


def _said(fields: object) -> Document:
    """What a stored status says, without the time; nothing where there is none."""
    return {key: value for key, value in fields.items() if key != "created"} if isinstance(fields, dict) else {}


def _issue(number: int, fields: Document) -> Issue:
    labels = _texts(fields.get("labels"))
    return Issue(number=number, title=str(fields["title"]), body=str(fields["body"]), labels=labels)


def _texts(value: object) -> tuple[str, ...]:
    return tuple(map(str, _list(value or [])))


def _list(value: object) -> list[object]:
    if not isinstance(value, list):
        raise TypeError(f"{value!r} instead of a list")
    return value
