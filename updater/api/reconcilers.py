"""What a reconciler is, and the history that it is handed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from updater.rollout import Expectation, Health, OwnCommit, Rewrite, Target, TargetKind, Touch, Verdict


class History(Protocol):
    """The commits of the branch that is deployed from. Reads only."""

    def contains(self, tip: str, commit: str) -> bool | None:
        """Whether ``tip`` is ``commit`` or a descendant of it; None where one of them is not known here."""
        ...

    def since(self, commit: str, limit: int) -> Sequence[str]:
        """``commit`` and the commits that followed it on the branch, oldest first, at most ``limit`` of them."""
        ...

    def before(self, commit: str) -> str | None:
        """The commit that the branch was at before ``commit``."""
        ...


class BranchHistory(History, Protocol):
    """The commits of a branch with what they changed. Raises ``RepositoryError``."""

    @property
    def tip(self) -> str:
        """The newest commit."""
        ...

    def rewrites(self, commits: Iterable[str]) -> Mapping[str, Sequence[Rewrite]]:
        """What each commit did to the files of the branch; nothing for one that is not on it."""
        ...

    def own_commits(self) -> Sequence[OwnCommit]:
        """The commits of the branch that carry the mark of this tool, the newest first; merges of others do not."""
        ...

    def last_touches(self, groups: Mapping[str, Iterable[str]]) -> Mapping[str, Touch]:
        """For each group of paths the newest commit that changed one of them, as far as the history reaches."""
        ...


@runtime_checkable
class Reconciler(Protocol):
    """What tells whether the targets of some kinds run what Git says. Reads only, wherever it looks."""

    NAME: str
    KINDS: frozenset[TargetKind]
    """The kinds of targets that it knows about."""

    async def observe(self, expectations: Sequence[Expectation], history: History, /) -> Sequence[Verdict]:
        """A verdict on each expectation, in order, with no more requests than they need.

        What cannot be read, for whatever reason, is a verdict: unknown, with the reason.
        """
        ...


@runtime_checkable
class ChangeSource(Protocol):
    """A reconciler that is told when something happens, and need not be asked again and again."""

    async def changed(self, targets: Sequence[Target], seconds: float, /) -> bool:
        """Wait until something may have happened to the targets, or the time is over; False if nobody tells."""
        ...


@runtime_checkable
class HealthSource(Protocol):
    """A reconciler that can list how everything is that it knows."""

    async def healths(self) -> Sequence[Health]:
        """How each is, by as few requests as a list takes. Raises ``RequestError``."""
        ...
