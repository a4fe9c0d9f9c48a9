"""The repository that a run is for."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import cache
from urllib.parse import urlsplit

from updater.api import Platform, Secret, Tree
from updater.config import Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """The repository that a plan is for. ``platform`` is None for a directory that is no Git repository.

    ``place`` is where it lives, as far as its configuration needs to know; ``addresses`` are how reconcilers name it.
    With a ``signing_key`` only blocks for machines in pull requests that are signed with it are believed.
    """

    repository: str
    tree: Tree
    base: str
    platform: Platform | None
    forced: Collection[str] = ()
    place: Place | None = None
    signing_key: Secret | None = None

    @property
    def addresses(self) -> tuple[str, ...]:
        """The addresses of the repository that follow from its place; none where its forge is not known."""
        host = urlsplit(self.place.home.endpoint).hostname if self.place and self.place.home else None
        return (f"https://{host.removeprefix('api.')}/{self.place.repository}",) if host and self.place else ()


def reader(tree: Tree) -> Callable[[str], str | None]:
    """The texts of the repository's files, each read once; None for what is no file of it."""
    paths = frozenset(tree.files())

    @cache
    def read(path: str) -> str | None:
        found = (data for _, data in tree.read([path])) if path in paths else iter(())
        return next((data.decode("utf-8", "surrogateescape") for data in found), None)

    return read
