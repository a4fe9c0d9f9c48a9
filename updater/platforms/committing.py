"""Commits that a forge makes itself, which it can sign: its API adds them to a branch.

A branch that is there is never written by the API, which knows no conditions: the commit is made on a branch beside it,
and git moves the branch there as with any other commit. What comes out is compared with the commit that git would have
made; whoever pushed in between finds his commit below ours, where it is seen and kept.
"""

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple, Self

from updater import git
from updater.api import Commit, Identity, PlatformError, Pushed
from updater.errors import RepositoryError
from updater.platforms.remote import Remote

_log = logging.getLogger(__name__)

_EXECUTABLE = "100755"


@dataclass(frozen=True, slots=True, kw_only=True)
class FileChange:
    """The new content of a file; ``before`` is the blob that it replaces, None for a new one."""

    path: str
    content: bytes
    is_executable: bool
    before: str | None


class Made(NamedTuple):
    """A commit that a forge made, and what it lies on."""

    commit: str
    parent: str | None


class Committing(Remote):
    """A repository on a forge whose API makes commits, if the configuration wants that."""

    NAME: str
    BEGINS_BRANCHES: bool
    """Whether the API makes the branch that a commit is added to, at a commit that it is told."""
    _commits = False

    def acting_as(self, identity: Identity) -> Self:
        """The same repository; where the forge is to make the commits, those of the token's account are ours."""
        other = super().acting_as(identity)
        other._switch(commits=identity.signing == "enabled")  # noqa: SLF001 - a copy of this one
        return other

    def _switch(self, *, commits: bool) -> None:
        self._commits = commits
        if commits:
            self._maker = replace(self._maker, mails=self._maker.mails | {self._own_mail()})

    def _placed(
        self, base: str, commits: Sequence[Commit], made: Mapping[str, str], expected: Mapping[str, str | None]
    ) -> Pushed:
        if not self._commits:
            return super()._placed(base, commits, made, expected)
        sayable = {commit.branch: commit for commit in commits if all(map(_is_sayable, commit.files))}
        done = super()._placed(
            base, commits, {name: each for name, each in made.items() if name not in sayable}, expected
        )
        entries = {entry.path: entry for entry in git.list_tree(self._git, base)}
        result, refused = dict(done.commits), dict(done.refused)
        for branch, commit in sayable.items():
            changes = list(_changes(commit, entries))
            if branch not in made:
                continue
            try:
                result[branch] = self._made_by_forge(commit, base, changes, expected.get(branch), made[branch])
            except (PlatformError, RepositoryError) as error:
                refused[branch] = str(error)
        return Pushed(commits=result, refused=refused)

    def _made_by_forge(
        self, commit: Commit, base: str, changes: Sequence[FileChange], old: str | None, wanted: str
    ) -> str:
        """The commit that the branch is at then. Raises ``PlatformError`` if somebody was quicker."""
        place = commit.branch if old is None else f"{commit.branch}.{wanted[:10]}"
        if not self.BEGINS_BRANCHES:
            self._must_move({place: (None, base)})
        made = self._add_commit(place, base, commit.message, changes)
        self._remote(lambda: git.fetch_commits(self._git, self._url, [made.commit]))
        if made.parent != base:
            self._must_move({place: (made.commit, made.parent)})
            raise PlatformError(git.MOVED)
        there, meant = git.trees(self._git, [made.commit, wanted])
        if there != meant:
            _log.warning("%s made something else of %s, which is pushed instead", self.NAME, commit.branch)
        final = made.commit if there == meant else wanted
        if place != commit.branch:
            self._must_move({commit.branch: (old, final), place: (made.commit, None)})
        elif final != made.commit:
            self._must_move({place: (made.commit, final)})
        return final

    def _must_move(self, wanted: Mapping[str, tuple[str | None, str | None]]) -> None:
        for reason in self._move(wanted).values():
            raise PlatformError(reason)

    # ------------------------------------------------------------ asking the forge

    def _own_mail(self) -> str:
        """The address that the forge puts into the commits of the token's account."""
        raise NotImplementedError

    def _add_commit(self, branch: str, base: str, message: str, changes: Sequence[FileChange]) -> Made:
        """Add one commit with these changes to a branch, which is made at ``base`` or is there already."""
        raise NotImplementedError


def _is_sayable(path: str) -> bool:
    """Whether JSON can carry a path."""
    return path.isprintable() and not any("\udc80" <= character <= "\udcff" for character in path)


def _changes(commit: Commit, entries: Mapping[str, git.TreeEntry]) -> Iterator[FileChange]:
    for path, text in commit.files.items():
        entry = entries.get(path)
        yield FileChange(
            path=path,
            content=text.encode("utf-8", "surrogateescape"),
            is_executable=entry is not None and entry.mode == _EXECUTABLE,
            before=entry.blob if entry is not None else None,
        )
