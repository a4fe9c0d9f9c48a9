"""A Git repository on this machine as a forge: nothing to install, and nothing leaves the machine.

Branches are ordinary branches of the repository (look at one with ``git diff main...updater/nginx-1.x``, take it with
``git merge``). They are written without touching the work tree or the index, and a branch that is checked out
somewhere is never moved. Pull requests are records that Git keeps under ``refs/updater/pull-requests``; one whose
commit has reached its base counts as merged, one whose branch was deleted before that as closed.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from updater import git
from updater.api import Commit, PlatformError, PullRequest, PullRequestState, RemoteBranch, Tree
from updater.errors import RepositoryError
from updater.platforms import pulls
from updater.platforms.branches import remote_branches, write_commits
from updater.repo import GitTree

_HEADS = "refs/heads/"
_RECORDS = "refs/updater/pull-requests"
_REASON = "gitops-updater"
_ATTEMPTS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class _Record:
    """A pull request with what only its forge knows; ``head`` is the commit its branch was last seen at."""

    pull: PullRequest
    head: str
    draft: bool = False
    comments: tuple[str, ...] = ()


_Records = Mapping[int, _Record]


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

    def __init__(self, path: Path, *, author: git.Author = git.BOT) -> None:
        git.check_version()
        self._git, self._root = git.locate(path)
        self._author = author
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

    def tree(self, branch: str) -> Tree:
        """The files at the head of a branch, of ``origin`` if only that has it."""
        commit = self._tip(branch)
        if commit is None:
            anything = git.refs(self._git, _HEADS)
            reason = f"has no branch {branch!r}" if anything else "has no commits yet"
            raise RepositoryError(f"{self.repository} {reason}")
        return GitTree(self._git.directory, commit)

    def branches(self, prefix: str, base: str) -> Sequence[RemoteBranch]:
        """The local branches that begin with ``prefix``, without ``base``."""
        heads = _by_branch(git.refs(self._git, _HEADS))
        wanted = {name: ref.commit for name, ref in heads.items() if name.startswith(prefix) and name != base}
        return remote_branches(self._git, wanted, self._author)

    def push(
        self, base_commit: str, commits: Sequence[Commit], expected: Mapping[str, str | None]
    ) -> Mapping[str, str]:
        """Write the commits and set the branches, all at once; the result says which were refused, and why."""
        written = write_commits(self._git, base_commit, commits, self._author)
        wanted = {branch: (expected.get(branch), commit) for branch, commit in written.commits.items()}
        return {**written.refused, **self._move(wanted)}

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

    def diff(self, pull: PullRequest) -> str:
        """What a pull request changes, as a unified diff."""
        record = _find(self._snapshot().records, pull.number)
        merged = record.pull.state is PullRequestState.MERGED
        return git.diff(self._git, f"{record.head}^" if merged else f"{_HEADS}{pull.base}", record.head)

    def create_pull_request(
        self, *, branch: str, base: str, title: str, body: str, labels: Sequence[str] = (), draft: bool = False
    ) -> PullRequest:
        """Open a pull request, unless the branch has one that is open."""

        def opened(snapshot: _Snapshot) -> Iterable[_Record]:
            if _open_pull(snapshot.records, branch):
                return
            head = self._head_to_merge(snapshot, branch, base)
            pull = PullRequest(
                number=max(snapshot.records, default=0) + 1,
                branch=branch,
                base=base,
                title=title,
                body=body,
                state=PullRequestState.OPEN,
                labels=pulls.united(tuple(labels)),
            )
            yield _Record(pull=pull, head=head, draft=draft)

        pull = _open_pull(self._change(opened), branch)
        if pull is None:
            raise PlatformError(f"branch {branch!r} was merged or deleted while its pull request was opened")
        return pull

    def update_pull_request(self, pull: PullRequest, *, title: str, body: str, labels: Sequence[str]) -> PullRequest:
        """Set title and body, add labels."""

        def edited(snapshot: _Snapshot) -> Iterable[_Record]:
            record = _find(snapshot.records, pull.number)
            united = pulls.united(record.pull.labels, tuple(labels))
            yield replace(record, pull=replace(record.pull, title=title, body=body, labels=united))

        return self._change(edited)[pull.number].pull

    def close_pull_request(self, pull: PullRequest, *, comment: str) -> None:
        """Close without merging; nothing happens to one that is not open."""

        def closed(snapshot: _Snapshot) -> Iterable[_Record]:
            record = _find(snapshot.records, pull.number)
            if record.pull.state is PullRequestState.OPEN:
                yield replace(_in_state(record, PullRequestState.CLOSED), comments=(*record.comments, comment))

        self._change(closed)

    def reopen_pull_request(self, pull: PullRequest) -> None:
        """Open a closed pull request again. Its branch must exist."""

        def reopened(snapshot: _Snapshot) -> Iterable[_Record]:
            record = _find(snapshot.records, pull.number)
            if record.pull.state is PullRequestState.CLOSED:
                head = self._head_to_merge(snapshot, pull.branch, pull.base)
                yield replace(_in_state(record, PullRequestState.OPEN), head=head)

        self._change(reopened)

    def merge_pull_request(self, pull: PullRequest) -> str:
        """Merge into the base and return the commit that the base is at now: a fast-forward where possible.

        If the base is checked out, the files change with it. Raises ``PlatformError``, and changes nothing, if the
        two conflict or uncommitted work would be overwritten.
        """
        snapshot = self._snapshot()
        record = _find(snapshot.records, pull.number)
        base = snapshot.heads.get(record.pull.base)
        if record.pull.state is not PullRequestState.OPEN or base is None:
            raise PlatformError(f"pull request #{pull.number} is {record.pull.state}, or its base is gone")
        try:
            commit = self._merged(base.commit, record)
            self._advance(base, commit)
        except RepositoryError as error:
            raise PlatformError(f"pull request #{pull.number} cannot be merged: {error}") from error
        self._settle()
        return commit

    # ------------------------------------------------------------ branches

    def _tip(self, branch: str) -> str | None:
        own = git.resolve(self._git, f"{_HEADS}{branch}")
        return own or git.resolve(self._git, f"refs/remotes/origin/{branch}")

    def _tip_in(self, heads: Mapping[str, git.Ref], branch: str) -> str | None:
        return _commit(heads.get(branch)) or git.resolve(self._git, f"refs/remotes/origin/{branch}")

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

    def _merged(self, base: str, record: _Record) -> str:
        if git.reachable(self._git, [base], record.head):
            return record.head
        date = git.commit_facts(self._git, [record.head], "none")[record.head].date
        message = f"Merge pull request #{record.pull.number} from {record.pull.branch}\n\n{record.pull.title}\n"
        return git.merge_commits(self._git, base, record.head, message, self._author, date)

    def _advance(self, base: git.Ref, commit: str) -> None:
        if base.worktree:
            git.fast_forward(Path(base.worktree), commit)
        else:
            git.update_refs(self._git, [git.RefChange(ref=base.name, old=base.commit, new=commit)], reason=_REASON)

    # ------------------------------------------------------------ records

    def _settle(self) -> None:
        """Write down what became of the pull requests since they were last looked at."""
        self._change(lambda _: ())

    def _change(self, edit: Callable[[_Snapshot], Iterable[_Record]]) -> _Records:
        """Add or replace the records that ``edit`` makes of the present ones, and return all.

        Another process may do the same: then the edit is made again on what that one left.
        """
        reason = ""
        for _ in range(_ATTEMPTS):
            snapshot = self._snapshot()
            records = {**snapshot.records, **{record.pull.number: record for record in edit(snapshot)}}
            changed = [record for number, record in records.items() if snapshot.stored.get(number) != record]
            try:
                self._store(snapshot.tip, changed)
            except RepositoryError as error:
                reason = str(error)
            else:
                return records
        raise PlatformError(f"the pull requests of {self.repository} cannot be written: {reason}")

    def _store(self, tip: str | None, records: Sequence[_Record]) -> None:
        if not records:
            return
        files = {f"{record.pull.number}.json": (git.REGULAR_FILE, _encoded(record)) for record in records}
        draft = git.Draft(parent=tip, message="Pull requests\n", files=files)
        commit = git.fast_import(self._git, [draft], self._author, date=0)[0]
        git.update_refs(self._git, [git.RefChange(ref=_RECORDS, old=tip, new=commit)], reason=_REASON)

    def _snapshot(self) -> _Snapshot:
        found = git.refs(self._git, _HEADS, _RECORDS)
        tip = next((ref.commit for ref in found if ref.name == _RECORDS), None)
        heads, stored = _by_branch(found), self._stored(tip)
        return _Snapshot(heads=heads, tip=tip, stored=stored, records=self._settled(stored, heads))

    def _stored(self, tip: str | None) -> _Records:
        """The records of a commit; those that were read last are remembered."""
        if tip is not None and tip != self._known[0]:
            tree = GitTree(self._git.directory, tip)
            records = [_decoded(path, content) for path, content in tree.read(tree.files())]
            self._known = (tip, {record.pull.number: record for record in records})
        return self._known[1] if tip is not None else {}

    def _settled(self, records: _Records, heads: Mapping[str, git.Ref]) -> _Records:
        """The records as they are true now: heads that moved, branches that were merged or deleted."""
        opened = [record for record in records.values() if record.pull.state is PullRequestState.OPEN]
        current = [replace(record, head=_commit(heads.get(record.pull.branch)) or record.head) for record in opened]
        merged = self._merged_heads(current, heads)
        settled = {record.pull.number: _in_state(record, _state(record, heads, merged)) for record in current}
        return {**records, **settled}

    def _merged_heads(self, records: Sequence[_Record], heads: Mapping[str, git.Ref]) -> set[tuple[str, str]]:
        """The pairs of base and head of which the base contains the head."""
        pairs = set()
        for base in {record.pull.base for record in records}:
            tip = self._tip_in(heads, base)
            if tip is not None:
                commits = {record.head for record in records if record.pull.base == base}
                pairs |= {(base, commit) for commit in git.reachable(self._git, commits, tip)}
        return pairs


def _why_unmovable(head: git.Ref | None, expected: str | None) -> str | None:
    if head is not None and head.worktree is not None:
        return f"it is checked out in {head.worktree}"
    return git.MOVED if _commit(head) != expected else None


def _state(record: _Record, heads: Mapping[str, git.Ref], merged: set[tuple[str, str]]) -> PullRequestState:
    if (record.pull.base, record.head) in merged:
        return PullRequestState.MERGED
    return PullRequestState.OPEN if record.pull.branch in heads else PullRequestState.CLOSED


def _in_state(record: _Record, state: PullRequestState) -> _Record:
    return replace(record, pull=replace(record.pull, state=state))


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


def _encoded(record: _Record) -> bytes:
    own = {"head": record.head, "draft": record.draft, "comments": record.comments}
    return json.dumps({**pulls.encode(record.pull), **own}, indent=2).encode()


def _decoded(path: str, content: bytes) -> _Record:
    try:
        fields = json.loads(content)
        return _Record(
            pull=pulls.decode(fields),
            head=str(fields["head"]),
            draft=bool(fields["draft"]),
            comments=tuple(map(str, fields["comments"])),
        )
    except (ValueError, KeyError, TypeError) as error:
        raise PlatformError(f"{path} in {_RECORDS} cannot be read: {error!r}") from error
