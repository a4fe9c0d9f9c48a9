"""What remote forges have beside Git: pull requests. A run asks only for those that changed since the last one."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from updater.api import PullRequest
from updater.platforms import memory
from updater.platforms.clone import Clone


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One of a list: when it changed, and whether its branch is in this repository."""

    pull: PullRequest
    changed: datetime
    own: bool


class Remote(Clone):
    """A repository on a forge that has an API; a subclass says how the forge lists its pull requests."""

    def pull_requests(self, prefix: str) -> Sequence[PullRequest]:
        """The pull requests from this repository's branches that begin with ``prefix``, newest first.

        Only what changed since the last run is asked for. Of a repository that is seen for the first time, the
        10,000 that changed last are read.
        """
        with self._locked():
            known = memory.recall(self._pulls_file, prefix)
            changed = list(self._changed_since(known.seen, merged=False))
            known = known.updated(
                (one.changed, one.pull if one.own and one.pull.branch.startswith(prefix) else None) for one in changed
            )
            memory.keep(self._pulls_file, prefix, known)
        return known.latest_first()

    def merged_since(self, moment: datetime) -> Sequence[PullRequest]:
        """The pull requests that were merged at ``moment`` or later, the latest first."""
        found = [(one.pull.merged, one.pull) for one in self._changed_since(moment, merged=True)]
        merged = [(when, pull) for when, pull in found if when is not None and when >= moment]
        return [pull for _, pull in sorted(merged, key=lambda pair: pair[0], reverse=True)]

    def _changed_since(self, moment: datetime, *, merged: bool) -> Iterator[Listed]:
        """Pull requests that changed at ``moment`` or later, and some more; the latest change comes first.

        ``merged`` asks for no more than those that may be merged.
        """
        raise NotImplementedError

    @property
    def _pulls_file(self) -> Path:
        return self._directory / "pull-requests.json"
