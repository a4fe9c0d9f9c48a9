"""The commits of a branch in a local clone: what contains what, what followed, what changed where."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import cached_property

from updater import git
from updater.api import Rewrite, Touch
from updater.errors import RepositoryError
from updater.model.forge import FINGERPRINT_TRAILER
from updater.rollout import OwnCommit

_CHUNK = 500
_MOST = 10_000
_LARGEST = 1_000_000
_ID = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")


Fetch = Callable[[Iterable[str]], None]
"""Brings the contents of files into the clone, by their blob ids."""


class GitHistory:
    """The history of the branch whose newest commit is ``tip``; meets ``updater.api.BranchHistory``.

    All commits of the branch are compared with a revision by one process. ``fetch`` is for a clone that has no files.
    """

    def __init__(self, repository: git.Repository, tip: str, fetch: Fetch = lambda _blobs: None) -> None:
        self._git, self.tip, self._fetch = repository, tip, fetch
        self._known: dict[str, bool] = {}
        self._contained: dict[str, frozenset[str] | None] = {}

    def contains(self, tip: str, commit: str) -> bool | None:
        """Whether ``tip`` is ``commit`` or a descendant of it; None where one of them is no commit of the clone."""
        if tip == commit:
            return True
        if not self._is_known(commit) or not self._is_known(tip):
            return None
        if tip not in self._contained:
            self._contained[tip] = self._reachable([*self._places], tip)
        found = self._contained[tip] if commit in self._places else self._reachable([commit], tip)
        return None if found is None else commit in found

    def since(self, commit: str, limit: int) -> Sequence[str]:
        """``commit`` and what followed it on the branch, oldest first."""
        if commit not in self._places:
            return [commit]
        place = self._places[commit]
        return [step.commit for step in reversed(self._steps[max(0, place + 1 - limit) : place + 1])]

    def before(self, commit: str) -> str | None:
        """The commit that the branch was at before ``commit``."""
        place = self._places.get(commit)
        return self._steps[place].parent if place is not None else None

    def rewrites(self, commits: Iterable[str]) -> Mapping[str, Sequence[Rewrite]]:
        """What each commit did to the files of the branch; what is too large for a file of versions is left out."""
        parents = {commit: self._steps[self._places[commit]].parent for commit in commits if commit in self._places}
        changes = git.changes(self._git, parents)
        blobs = {blob for changed in changes.values() for each in changed for blob in (each.before, each.after) if blob}
        self._fetch(blobs)
        texts = {blob: content.decode("utf-8", "surrogateescape") for blob, content in self._contents(blobs)}

        def made(each: git.Change) -> Rewrite:
            return Rewrite(path=each.path, before=texts.get(each.before or ""), after=texts.get(each.after or ""))

        return {commit: [made(each) for each in changed] for commit, changed in changes.items()}

    def own_commits(self) -> Sequence[OwnCommit]:
        """The commits with our trailer."""
        steps = (step for step in self._steps if step.trailer is not None)
        return [OwnCommit(step.commit, datetime.fromtimestamp(step.date, UTC), step.subject) for step in steps]

    def last_touches(self, groups: Mapping[str, Iterable[str]]) -> Mapping[str, Touch]:
        """For each group of paths the newest commit on the branch that changed one of them."""
        waiting: dict[str, set[str]] = {}
        for group, paths in groups.items():
            for path in paths:
                waiting.setdefault(path, set()).add(group)
        found: dict[str, Touch] = {}
        for start in range(0, len(self._steps), _CHUNK):
            steps = self._steps[start : start + _CHUNK]
            changes = git.changed_files(self._git, {step.commit: step.parent for step in steps})
            for step in steps:
                touched = Touch(step.commit, datetime.fromtimestamp(step.date, UTC))
                for group in {group for path in changes[step.commit] for group in waiting.get(path, ())}:
                    found.setdefault(group, touched)
            if len(found) == len(groups):
                break
        return found

    def _is_known(self, commit: str) -> bool:
        if commit not in self._known:
            self._known[commit] = bool(_ID.fullmatch(commit)) and git.resolve(self._git, commit) is not None
        return self._known[commit]

    def _reachable(self, commits: Iterable[str], tip: str) -> frozenset[str] | None:
        try:
            return git.reachable(self._git, commits, tip)
        except RepositoryError:
            return None

    def _contents(self, blobs: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        for blob, content in git.read_blobs(self._git, sorted(blobs)):
            if len(content) <= _LARGEST:
                yield blob, content

    @cached_property
    def _steps(self) -> Sequence[git.LogEntry]:
        return git.log(self._git, self.tip, most=_MOST, trailer=FINGERPRINT_TRAILER)

    @cached_property
    def _places(self) -> Mapping[str, int]:
        return {step.commit: place for place, step in enumerate(self._steps)}
