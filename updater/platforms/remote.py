"""What remote forges have beside Git: pull requests and what is said of commits. What is known is not asked again."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from updater.api import PullRequest, Status
from updater.platforms import memory
from updater.platforms.clone import Clone


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One of a list: when it changed, and whether its branch is in this repository."""

    pull: PullRequest
    changed: datetime
    own: bool


class Remote(Clone):
    """A repository on a forge that has an API; a subclass says how the forge is asked."""

    def pull_requests(self, prefix: str) -> Sequence[PullRequest]:
        """The pull requests from this repository's branches that begin with ``prefix``, newest first.

        Only what changed since the last run is asked for. Of a repository that is seen for the first time, the
        10,000 that changed last are read.
        """
        path = self._directory / "pull-requests.json"
        with self._locked():
            known = memory.recall(path, prefix)
            changed = list(self._changed_since(known.seen, merged=False))
            known = known.updated(
                (one.changed, one.pull if one.own and one.pull.branch.startswith(prefix) else None) for one in changed
            )
            memory.keep(path, prefix, known)
        return known.latest_first()

    def merged_since(self, moment: datetime) -> Sequence[PullRequest]:
        """The pull requests that were merged at ``moment`` or later, the latest first."""
        found = [(one.pull.merged, one.pull) for one in self._changed_since(moment, merged=True)]
        merged = [(when, pull) for when, pull in found if when is not None and when >= moment]
        return [pull for _, pull in sorted(merged, key=lambda pair: pair[0], reverse=True)]

    def statuses(self, commits: Sequence[str]) -> Mapping[str, Sequence[Status]]:
        """What is said of the commits now; it is remembered."""
        found = self._read_statuses(commits)
        self._remember(found)
        return found

    def set_status(self, commit: str, status: Status) -> None:
        """Say something of a commit, and remember it."""
        self._write_status(commit, status)
        others = [each for each in self.said([commit]).get(commit, ()) if each.context != status.context]
        self._remember({commit: [*others, status]})

    def said(self, commits: Sequence[str]) -> Mapping[str, Sequence[Status]]:
        """What was said of the commits when this was last looked at; nothing is asked."""
        known = self._statements.recall()
        return {commit: known[commit] for commit in commits if commit in known}

    def _remember(self, said: Mapping[str, Sequence[Status]]) -> None:
        with self._locked():
            self._statements.keep(said)

    @property
    def _statements(self) -> memory.Statements:
        return memory.Statements(self._directory / "statuses.json")

    # ------------------------------------------------------------ asking the forge

    def _changed_since(self, moment: datetime, *, merged: bool) -> Iterator[Listed]:
        """Pull requests that changed at ``moment`` or later, and some more; the latest change comes first.

        ``merged`` asks for no more than those that may be merged.
        """
        raise NotImplementedError

    def _read_statuses(self, commits: Sequence[str]) -> Mapping[str, Sequence[Status]]:
        """What is said of the commits; nothing of those that are not there."""
        raise NotImplementedError

    def _write_status(self, commit: str, status: Status) -> None:
        """Set a status on a commit."""
        raise NotImplementedError
