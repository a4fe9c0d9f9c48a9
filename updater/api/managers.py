"""What a manager is, and how it makes what it finds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol, runtime_checkable

from updater.model.scan import (
    Clue,
    Dependency,
    Edit,
    Environment,
    Extracted,
    Package,
    Skipped,
    SourceFile,
    Span,
)


@runtime_checkable
class Manager(Protocol):
    """Reads one kind of file. A module with these names is a manager; its docstring is its user page.

    ``extract`` is pure: it looks at nothing but the file, never raises on any content, and yields a
    ``Dependency`` for each version that can be moved, a ``Skipped`` with a reason for each that cannot, a
    ``LockEntry`` for each entry of a lock file, and, if the manager is a ``Linker`` too, a ``Clue`` for what only
    means something together with other files. What a comment on its line gives to somebody else
    (``# renovate: ignore``, a Flux marker) and what is a secret the core takes out afterwards.
    """

    NAME: str
    FILES: tuple[str, ...]
    """Globs of the files worth opening (``*.yaml`` matches in any directory). Content decides, not the name."""
    MARKERS: tuple[str, ...]
    """``extract`` is called only for a text that contains at least one of these; empty: for every text.

    A marker that begins with a newline stands at the beginning of a line, which may be the first one.
    """
    FOREIGN: tuple[str, ...]
    """``extract`` is not called for a text that contains one of these: it is another kind of file."""
    NARROWABLE: bool
    """True where ``managerFilePatterns`` means "only these files"; False where it means "these files, too"."""

    def extract(self, file: SourceFile, /) -> Iterable[Extracted]:
        """All that stands in the file."""
        ...


class Files(Protocol):
    """The files of the repository, read only, for a manager that has to look into another file."""

    def matching(self, pattern: str) -> Sequence[str]:
        """The paths that match a glob over the whole path, sorted; ``*`` stays in a directory, ``**`` does not."""
        ...

    def read(self, path: str) -> SourceFile | None:
        """The file at ``path``; None if there is none, or if it is too large, binary or ignored."""
        ...


@runtime_checkable
class Linker(Protocol):
    """What a manager has in addition if versions in one of its files depend on what stands in others.

    ``link`` is called once for each scan, with all clues that the manager yielded in the whole repository, in order
    of their paths. It is as pure and as unable to raise as ``extract``, and what it yields may stand in any file.
    """

    def link(self, clues: Sequence[Clue], files: Files, /) -> Iterable[Extracted]:
        """The dependencies and rows that the clues amount to, no further clues."""
        ...


@runtime_checkable
class Asker(Protocol):
    """What a manager has in addition if it asks files about other words than its markers.

    Whether ``file.mentions`` one of them is then known before the manager is called, at no cost.
    """

    WORDS: tuple[str, ...]


@runtime_checkable
class Sealer(Protocol):
    """What a manager of lock files has in addition if they hold a checksum over all that they lock.

    ``seal`` is called last, once for each lock file whose entries belong to a branch's updates, when everything else
    has been edited. It is pure.
    """

    def seal(self, lock: SourceFile, locked: Sequence[SourceFile], /) -> Iterable[Edit]:
        """What is still to be edited in ``lock`` so that it fits the files whose dependencies it locks.

        Raises ``ValueError`` with the reason if it cannot be made to fit.
        """
        ...


@runtime_checkable
class CustomManager(Protocol):
    """Makes managers out of entries of ``customManagers`` in the configuration (``customType`` = ``NAME``)."""

    NAME: str

    def build(self, options: Mapping[str, object], /) -> Manager:
        """The manager that ``options`` describe. Raises ``ValueError`` with a sentence for the user."""
        ...


def dependency(
    file: SourceFile,
    *,
    manager: str,
    name: str,
    package: Package,
    value: Span | None,
    digest: Span | None = None,
    pinnable: bool = False,
    comment_at: int | None = None,
    versioning: str | None = None,
    extract_version: str | None = None,
    dep_type: str | None = None,
    environment: Environment | None = None,
    name_at: Span | None = None,
    registry_at: Span | None = None,
) -> Dependency:
    """A dependency whose value and digest are the text at the given spans of ``file``.

    ``name_at`` and ``registry_at`` are where its name and the address of its registry stand, each in one piece.
    """
    return Dependency(
        manager=manager,
        path=file.path,
        line=file.line_of((value or digest or Span(0, 0)).start),
        name=name,
        package=package,
        current_value=file.text[value.start : value.end] if value else None,
        span=value,
        current_digest=file.text[digest.start : digest.end] if digest else None,
        digest_span=digest,
        pinnable=pinnable,
        comment_at=comment_at,
        versioning=versioning,
        extract_version=extract_version,
        dep_type=dep_type,
        environment=environment or file.environment,
        name_span=name_at,
        registry_span=registry_at,
    )


def skipped(
    file: SourceFile,
    *,
    manager: str | None,
    reason: str,
    at: Span | None = None,
    name: str | None = None,
    datasource: str | None = None,
    dep_type: str | None = None,
) -> Skipped:
    """A value (the text at ``at``) or, without ``at``, a whole file that is not managed, with the reason."""
    return Skipped(
        manager=manager,
        path=file.path,
        reason=reason,
        line=file.line_of(at.start) if at else None,
        name=name,
        current_value=file.text[at.start : at.end] if at else None,
        span=at,
        datasource=datasource,
        dep_type=dep_type,
        environment=file.environment,
    )
