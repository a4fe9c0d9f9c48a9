"""Paths of a repository, by their segments: ``apps/foo`` holds ``apps/foo/x`` and not ``apps/foobar/x``."""

import posixpath
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

ROOT = ""
"""The repository's root, as a directory."""


def parent(path: str) -> str:
    """The directory that holds ``path``."""
    return posixpath.dirname(path)


def resolved(written: str, beside: str) -> str | None:
    """What a path written in the directory ``beside`` means; one that begins with ``/`` is of the repository's root.

    None if it leads out of the repository, or is an address.
    """
    if "://" in written or "{{" in written or written.startswith(("git@", "github.com/")):
        return None
    joined = written.lstrip("/") if written.startswith("/") else posixpath.join(beside, written)
    found = posixpath.normpath(joined) if joined else "."
    if found == ".." or found.startswith("../"):
        return None
    return ROOT if found == "." else found


@dataclass(frozen=True, slots=True, kw_only=True)
class Footprint:
    """The files that something is made from.

    ``files`` are single ones, ``directories`` are meant with all below them, ``flat`` ones without what lies deeper.
    ``roots`` are directories of kustomizations: with all below them but what belongs to another kustomization.
    """

    files: frozenset[str] = frozenset()
    directories: frozenset[str] = frozenset()
    flat: frozenset[str] = frozenset()
    roots: frozenset[str] = frozenset()

    def __or__(self, other: "Footprint") -> "Footprint":
        return Footprint(
            files=self.files | other.files,
            directories=self.directories | other.directories,
            flat=self.flat | other.flat,
            roots=self.roots | other.roots,
        )

    @property
    def is_any(self) -> bool:
        """Whether there is anything in it."""
        return bool(self.files or self.directories or self.flat or self.roots)

    def index_keys(self) -> Iterator[tuple[str, str]]:
        """What an index finds it by: one of the :func:`keys_of` each file that is among them."""
        yield from (("file", path) for path in self.files)
        yield from (("directory", path) for path in self.directories)
        yield from (("flat", path) for path in self.flat)
        yield from (("root", path) for path in self.roots)


def keys_of(path: str, root: str | None) -> Iterator[tuple[str, str]]:
    """The keys of all footprints that hold a file; ``root`` is the directory of the nearest kustomization around it."""
    directory = parent(path)
    yield ("file", path)
    yield ("directory", path)
    yield ("flat", directory)
    if root is not None:
        yield ("root", root)
    while directory != ROOT:
        yield ("directory", directory)
        directory = parent(directory)
    yield ("directory", ROOT)


def footprint(*, files: Iterable[str | None] = (), directories: Iterable[str | None] = ()) -> Footprint:
    """A footprint of what could be resolved."""
    return Footprint(
        files=frozenset(path for path in files if path is not None),
        directories=frozenset(path for path in directories if path is not None),
    )
