"""The commits of a branch in a local clone: what contains what, what followed, what changed where."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cached_property
from typing import NamedTuple

from updater import git
from updater.errors import RepositoryError

_CHUNK = 500
_MOST = 10_000
_EVER = 100_000_000
"""The smallest number that Git takes for seconds since 1970, and not for a day of the month."""
_ID = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")


class Touch(NamedTuple):
    """A commit that changed something, and its date."""

    commit: str
    date: datetime


class GitHistory:
    """The history of the branch whose newest commit is ``tip``; meets ``updater.api.History``.

    ``commits`` are those that will be asked about: all of them are compared with a revision by one process.
    """

    def __init__(self, repository: git.Repository, tip: str, commits: Iterable[str] = ()) -> None:
        self._git, self._tip = repository, tip
        self._wanted = set(commits)
        self._known: dict[str, bool] = {}
        self._contained: dict[str, frozenset[str] | None] = {}

    def contains(self, tip: str, commit: str) -> bool | None:
        """Whether ``tip`` is ``commit`` or a descendant of it; None where one of them is no commit of the clone."""
        if tip == commit:
            return True
        if not self._is_known(commit) or not self._is_known(tip):
            return None
        if commit not in self._wanted:
            self._wanted.add(commit)
            self._contained.clear()
        if tip not in self._contained:
            self._contained[tip] = self._reachable(tip)
        found = self._contained[tip]
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

    def paths_of(self, commits: Iterable[str]) -> Mapping[str, frozenset[str]]:
        """The paths that each commit changed on the branch; none for one that is not on it."""
        parents = {commit: self._steps[self._places[commit]].parent for commit in commits if commit in self._places}
        return {commit: frozenset(files) for commit, files in git.changed_files(self._git, parents).items()}

    def last_touches(self, groups: Mapping[str, Iterable[str]], limit: int = 5_000) -> Mapping[str, Touch]:
        """For each group of paths the newest commit on the branch that changed one of them, of the newest ``limit``."""
        waiting: dict[str, set[str]] = {}
        for group, paths in groups.items():
            for path in paths:
                waiting.setdefault(path, set()).add(group)
        found: dict[str, Touch] = {}
        for start in range(0, min(limit, len(self._steps)), _CHUNK):
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

    def _reachable(self, tip: str) -> frozenset[str] | None:
        try:
            return git.reachable(self._git, self._wanted, tip)
        except RepositoryError:
            return None

    @cached_property
    def _steps(self) -> Sequence[git.LogEntry]:
        return git.log(self._git, self._tip, since=_EVER, most=_MOST)

    @cached_property
    def _places(self) -> Mapping[str, int]:
        return {step.commit: place for place, step in enumerate(self._steps)}
