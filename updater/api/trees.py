"""What the files of a repository are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from datetime import datetime

    from updater.model.history import Revision


class Tree(Protocol):
    """The files of a repository at one moment."""

    @property
    def home(self) -> str:
        """Where the files are kept: equal for all moments of one repository, unequal for others."""
        ...

    @property
    def commit(self) -> str | None:
        """The commit these files belong to; None for a plain directory."""
        ...

    @property
    def state(self) -> str | None:
        """Something that tells all the files of ``home`` from those of any other moment; None if that is not known."""
        ...

    def files(self) -> Sequence[str]:
        """The paths of all regular files, sorted. Symbolic links and submodules are not among them."""
        ...

    def links(self) -> Mapping[str, str]:
        """The symbolic links: path → target as written."""
        ...

    def size(self, path: str) -> int:
        """The size in bytes."""
        ...

    def identity(self, path: str) -> str | None:
        """Something that tells the content from any other, if that is known without reading it."""
        ...

    def read(self, paths: Sequence[str]) -> Iterable[tuple[str, bytes]]:
        """The contents of the files, in any order; those that vanished meanwhile are left out."""
        ...


@runtime_checkable
class HistoricTree(Tree, Protocol):
    """A tree that knows how its files came about."""

    def history(self, paths: Iterable[str], since: datetime) -> Mapping[str, Sequence[Revision]]:
        """The changes that commits made to these files, newest first, as far back as the history is there."""
        ...

    def subjects(self, most: int) -> Sequence[str]:
        """The first lines of the latest commits, newest first, and at most so many."""
        ...
