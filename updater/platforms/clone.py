"""The Git side of a remote forge: a bare clone of depth 1 that is kept between runs; losing it costs time only.

Credentials reach git through the environment: they never stand in an argument, a URL, a file, an error or a log.
"""

import base64
import fcntl
import logging
import re
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import copy
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Self, TypeVar
from urllib.parse import urlsplit

from updater import git
from updater.api import Commit, Identity, MergeStrategy, PlatformError, Pushed, RemoteBranch, Revision, Secret, Tree
from updater.errors import RepositoryError
from updater.history import GitHistory
from updater.platforms import lease
from updater.platforms.branches import Maker, merge_commits, remote_branches, write_commits
from updater.platforms.exchange import HINTS
from updater.repo import GitTree, history, subjects

T = TypeVar("T")

_log = logging.getLogger(__name__)

_HistoryOf = Callable[[Mapping[str, str], datetime], Mapping[str, Sequence[Revision]]]

_HEADS = "refs/heads/"
_BASES, _UPDATES, _HISTORY = "refs/updater/bases/", "refs/updater/heads/", "refs/updater/history/"
_DAY = 24 * 60 * 60
_GIT_HINTS = {
    r"could not read Username|Authentication failed|error: 401": HINTS[401],
    r"error: 403|[Pp]ermission .*denied": HINTS[403],
    r"not found|error: 404": HINTS[404],
}


class Clone:
    """One repository on a forge, seen by git; the methods are those of ``updater.api.Platform`` that need no more.

    ``repository`` is its name for people, ``url`` is where git finds it, ``user`` and what ``token`` gives are for git
    over HTTP, ``directory`` is where the clone lives.
    """

    def __init__(
        self,
        repository: str,
        *,
        url: str,
        user: str,
        token: Callable[[], Secret],
        directory: Path,
        author: git.Author = git.BOT,
    ) -> None:
        git.check_version()
        self._name, self._url, self._maker = repository, url, Maker(author=author)
        self._user, self._give_token = user, token
        self._directory = directory

    @property
    def repository(self) -> str:
        """``owner/name``."""
        return self._name

    def branch_names(self) -> Sequence[str]:
        """The names of all branches, by one request."""
        with self._locked():
            found = self._healed(lambda: git.ls_remote(self._url, f"{_HEADS}*", repository=self._git))
            return sorted(name.removeprefix(_HEADS) for name in found)

    def tree(self, branch: str) -> Tree:
        """The files at the head of a branch, fetched into the clone. Raises ``RepositoryError`` if there is none."""
        with self._locked():
            return self._healed(lambda: self._fetched_tree(branch))

    def commits(self, branch: str, since: datetime) -> GitHistory:
        """The history of a branch since then; the contents of files are fetched where they are asked for."""
        with self._locked():
            if not git.is_bare(self._past.directory):
                git.init_bare(self._past.directory)
            return self._healed(lambda: self._fetched_commits(branch, since))

    def branches(self, prefix: str, base: str) -> Sequence[RemoteBranch]:
        """The branches that begin with ``prefix``, without ``base``, all by one fetch."""
        with self._locked():
            found = self._healed(lambda: self._fetched_heads(prefix, base))
            heads = {name: commit for name, commit in found.items() if name.startswith(prefix) and name != base}
            return remote_branches(self._git, heads, self._maker, git.resolve(self._git, f"{_BASES}{base}"))

    def push(self, base_commit: str, commits: Sequence[Commit], expected: Mapping[str, str | None]) -> Pushed:
        """Write the commits into the clone and push them all at once."""
        if not commits:
            return Pushed()
        with self._locked():
            written = write_commits(self._git, base_commit, commits, self._maker.author)
            made = self._signed(base_commit, commits, written.commits)
            placed = self._placed(base_commit, commits, made, expected)
            return replace(placed, refused={**written.refused, **placed.refused})

    def _placed(
        self, _base: str, _commits: Sequence[Commit], made: Mapping[str, str], expected: Mapping[str, str | None]
    ) -> Pushed:
        """Set the branches to their commits, by one push."""
        refused = self._move({branch: (expected.get(branch), commit) for branch, commit in made.items()})
        return Pushed(commits={name: each for name, each in made.items() if name not in refused}, refused=refused)

    def merge_branch(
        self, branch: RemoteBranch, commit: Commit, base: str, tip: str, strategy: MergeStrategy
    ) -> Pushed:
        """Push the commit by which the base has what the branch holds."""
        with self._locked():
            made = merge_commits(self._git, branch, commit, tip, strategy, self._maker, self._signed)
            if made.refused:
                return Pushed(refused={base: made.refused[branch.name]})
            merged = made.commits[branch.name]
            refused = self._move({base: (tip, merged)})
            return Pushed(commits={} if refused else {base: merged}, refused=refused)

    def _signed(self, _base: str, commits: Sequence[Commit], made: Mapping[str, str]) -> Mapping[str, str]:
        """The commits as they are to be pushed, by branch: signed with the key, if there is one, or by the forge."""
        return self._maker.signed(self._git, commits, made)

    def delete_branches(self, expected: Mapping[str, str]) -> Mapping[str, str]:
        """Delete branches that are still at their commit, by one push; one that is gone already is fine."""
        with self._locked():
            refused = self._move({branch: (commit, None) for branch, commit in expected.items()})
            if refused:
                present = self._remote(lambda: git.ls_remote(self._url, f"{_HEADS}*", repository=self._git))
                return {branch: reason for branch, reason in refused.items() if f"{_HEADS}{branch}" in present}
            return refused

    def acting_as(self, identity: Identity) -> Self:
        """The same repository with another author of commits."""
        other = copy(self)
        other._maker = self._maker.acting_as(identity)  # noqa: SLF001 - a copy of this one
        return other

    # ------------------------------------------------------------ the lease

    def take_lease(self, holder: str, now: datetime, until: datetime) -> str | None:
        """Move the ref of the lease to a commit that names ``holder``."""
        with self._locked():
            return self._healed(lambda: self._taken_lease(lease.Lease(holder=holder, until=until), now))

    def release_lease(self, holder: str) -> None:
        """Delete the ref, if it is ``holder``'s."""
        with self._locked():
            commit, present = self._healed(self._lease)
            if commit is not None and present is not None and present.holder == holder:
                self._push_lease(commit, None)

    def _taken_lease(self, wanted: lease.Lease, now: datetime) -> str | None:
        commit, present = self._lease()
        if present is not None and present.forbids(wanted.holder, now):
            return present.holder
        refused = self._push_lease(commit, lease.written(self._git, wanted, self._maker.author, now)).get(lease.REF)
        if refused not in {None, git.MOVED}:
            # Without one, each branch is still safe: its commit is compared as it is pushed.
            _log.warning("%s allows no lease: %s", self._name, refused)
            return None
        return lease.RIVAL if refused else None

    def _push_lease(self, old: str | None, new: str | None) -> Mapping[str, str]:
        return self._remote(lambda: git.push(self._git, self._url, [git.RefChange(ref=lease.REF, old=old, new=new)]))

    def _lease(self) -> tuple[str | None, lease.Lease | None]:
        """The commit at the ref of the lease, and what it tells."""
        commit = self._remote(lambda: git.ls_remote(self._url, lease.REF, repository=self._git)).get(lease.REF)
        if commit is None:
            return None, None
        git.fetch(self._git, self._url, [f"+{lease.REF}:{lease.REF}"], depth=1)
        return commit, lease.read(git.message(self._git, commit))

    # ------------------------------------------------------------ git

    @property
    def _git(self) -> git.Repository:
        """The clone of the latest commits."""
        return self._clone("repository.git")

    @property
    def _past(self) -> git.Repository:
        """The clone of the history; apart, because it lacks what the other one has to have."""
        return self._clone("history.git")

    def _clone(self, name: str) -> git.Repository:
        settings = _git_settings(self._url, self._user, self._give_token())
        return git.Repository(directory=self._directory / name, settings=settings, isolated=True)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Keep other processes of this machine that work on the same repository out of the clone."""
        self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (self._directory / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _healed(self, action: Callable[[], T]) -> T:
        """The result of what is done with the clone; one that proves to be damaged is made anew, once."""
        if not git.is_bare(self._git.directory):
            self._reset()
        try:
            return action()
        except RepositoryError as error:
            if git.is_sound(self._git) and "cannot lock ref" not in str(error):
                raise _explained(error, self._name) from error
        self._reset()
        return self._remote(action)

    def _reset(self) -> None:
        shutil.rmtree(self._git.directory, ignore_errors=True)
        git.init_bare(self._git.directory)

    def _fetched_tree(self, branch: str) -> GitTree:
        git.fetch(self._git, self._url, [f"+{_HEADS}{branch}:{_BASES}{branch}"], depth=1)
        (base,) = (ref for ref in git.refs(self._git, _BASES) if ref.name == f"{_BASES}{branch}")
        return _ClonedTree(
            self._git.directory,
            base.commit,
            lambda paths, since: self._history(base, paths, since),
            self._past.directory,
        )

    def _history(self, tip: git.Ref, names: Mapping[str, str], since: datetime) -> Mapping[str, Sequence[Revision]]:
        """What changed the files, out of a clone that has the commits since then and of the contents what is needed.

        Where that cannot be had, nothing: a run does not depend on it, and the next one begins anew.
        """
        try:
            with self._locked():
                if not git.is_bare(self._past.directory):
                    git.init_bare(self._past.directory)
                return self._fetched_history(tip.commit, names, since)
        except RepositoryError as error:
            _log.warning("the history of %s cannot be read: %s", self._name, error)
            shutil.rmtree(self._past.directory, ignore_errors=True)
            return {}

    def _fetched_history(self, tip: str, names: Mapping[str, str], since: datetime) -> Mapping[str, Sequence[Revision]]:
        past, day = self._past, int(since.timestamp()) // _DAY
        if git.commit_facts(self._git, [tip], "none")[tip].date < day * _DAY:
            return {}
        self._go_back(past, tip, day)
        return history(past, tip, names, since, lambda blobs: git.fetch_blobs(past, self._url, blobs))

    def _fetched_commits(self, branch: str, since: datetime) -> GitHistory:
        """The clone of the history, at what the branch is at now; it goes back to the newest commit at least."""
        tip = self._fetched_tree(branch).commit
        assert tip is not None
        day = min(int(since.timestamp()), git.commit_facts(self._git, [tip], "none")[tip].date) // _DAY
        self._go_back(self._past, tip, day)
        return GitHistory(self._past, tip, lambda blobs: git.fetch_blobs(self._past, self._url, blobs))

    def _go_back(self, past: git.Repository, tip: str, day: int) -> None:
        """Have the commits below ``tip`` since that day, which the name of the ref tells."""
        wanted, present = f"{_HISTORY}{day}", {ref.name: ref.commit for ref in git.refs(past, _HISTORY)}
        if any(commit == tip and int(name.removeprefix(_HISTORY)) <= day for name, commit in present.items()):
            return
        git.fetch_history(past, self._url, f"+{tip}:{wanted}", since=day * _DAY)
        outdated = [git.RefChange(ref=name, old=commit, new=None) for name, commit in present.items() if name != wanted]
        git.update_refs(past, outdated, reason="outdated")

    def _fetched_heads(self, prefix: str, base: str) -> dict[str, str]:
        """Branch → commit. The second commit of each shows what its first one changed.

        The base is fetched with them because git calls it a failure if there is nothing to fetch.
        """
        refspecs = [f"+{_HEADS}{base}:{_BASES}{base}", f"+{_HEADS}{prefix}*:{_UPDATES}{prefix}*"]
        git.fetch(self._git, self._url, refspecs, depth=2)
        return {ref.name.removeprefix(_UPDATES): ref.commit for ref in git.refs(self._git, _UPDATES)}

    def _move(self, wanted: Mapping[str, tuple[str | None, str | None]]) -> dict[str, str]:
        """Move branches (name → from, to) by one push; the result says which were not, and why."""
        changes = [git.RefChange(ref=f"{_HEADS}{name}", old=old, new=new) for name, (old, new) in wanted.items()]
        if not changes:
            return {}
        refused = self._remote(lambda: git.push(self._git, self._url, changes))
        return {ref.removeprefix(_HEADS): reason for ref, reason in refused.items()}

    def _remote(self, action: Callable[[], T]) -> T:
        try:
            return action()
        except RepositoryError as error:
            raise _explained(error, self._name) from error


class _ClonedTree(GitTree):
    """A commit of the clone. Its history is asked for where it is needed: the clone has none.

    ``past`` is where it is once it was asked for.
    """

    def __init__(self, git_dir: Path, commit: str, history_of: _HistoryOf, past: Path) -> None:
        super().__init__(git_dir, commit)
        self._history_of, self._tip = history_of, commit
        self._past = git.Repository(directory=past)

    def subjects(self, most: int) -> Sequence[str]:
        """The first lines of the latest commits, newest first, as far as they are there without asking."""
        is_there = git.is_bare(self._past.directory) and git.resolve(self._past, self._tip) is not None
        return subjects(self._past, self._tip, most) if is_there else super().subjects(most)

    def history(self, paths: Iterable[str], since: datetime) -> Mapping[str, Sequence[Revision]]:
        """The changes that commits made to these files, newest first."""
        return self._history_of({path: path for path in paths}, since)


def _git_settings(url: str, user: str, token: Secret) -> dict[str, str | Secret]:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"}:
        return {}
    credentials = base64.b64encode(f"{user}:{token.reveal()}".encode()).decode()
    return {f"http.{parts.scheme}://{parts.netloc}/.extraHeader": Secret(f"Authorization: Basic {credentials}")}


def _explained(error: RepositoryError, repository: str) -> PlatformError | RepositoryError:
    """A failure of git, as one of the forge where it is one."""
    words = str(error)
    if "couldn't find remote ref" in words:
        return RepositoryError(f"{repository} has no such branch, or no commits yet: {words}")
    hint = next((hint for pattern, hint in _GIT_HINTS.items() if re.search(pattern, words)), None)
    return PlatformError(f"{repository}: {words}" + (f" ({hint})" if hint else ""))
