"""What the datasources for Git forges have in common: who is asked, page by page, and who stands in for him.

The API of a forge tells tags and releases with their dates, for public repositories to anybody. Where it is closed to
who shows no token, Git itself tells the tags: without dates, so that a closed door may delay an update, never hurry
one. That the host is asked too often, or is down, passes, and nothing stands in.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from datasources import _git
from datasources._answers import items, mapping
from datasources._pages import next_query
from datasources._registries import base_url, first_that_knows
from updater.api import AuthError, Client, NotFound, Package, Release, Releases, Response

MAX_PAGES = 20

_PART = re.compile(r"(?!\.\.?$)[\w.-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Repository:
    """A repository on a forge: its page, which is its address for Git, too, and where the API tells about it."""

    web: str
    api: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One answer of a list: ``number`` counts from 1, ``seen`` are the entries so far, those of this page included."""

    answer: Response
    number: int
    seen: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """A list that a kind of forge keeps of each repository, newest first.

    ``locate`` finds a repository by the parts of its name on a server. ``path`` and ``query`` ask for the first page,
    as long as they come. ``entries`` finds the list in an answer, ``following`` the query of the next page (empty:
    this was the last), ``read`` makes a release of an entry (None: it is not published yet).
    """

    what: str
    server: str
    locate: Callable[[str, tuple[str, ...]], Repository]
    path: str
    query: str
    read: Callable[[Mapping[str, object], str], Release | None]
    following: Callable[[Page], str]
    entries: Callable[[Response], object] = Response.json


async def releases(package: Package, listing: Listing, client: Client) -> Releases:
    """All that the list holds, or what Git tells. Raises ``NotFound`` if there is nothing."""

    async def ask(repository: Repository) -> Releases:
        found, is_all = await _found(listing, repository, client)
        if not found:
            raise NotFound(f"{repository.web} has no {listing.what}", url=repository.web)
        return Releases(releases=found, source_url=repository.web, complete=is_all)

    return await first_that_knows(_repositories(package, listing), ask)


async def commit(package: Package, listing: Listing, tag: str, client: Client) -> str:
    """The commit that ``tag`` points at, from Git, which knows it for sure and costs no request of the API."""

    async def ask(repository: Repository) -> str:
        return await _git.commit(repository.web, tag, (_git.TAGS,), client)

    return await first_that_knows(_repositories(package, listing), ask)


def next_in_header(page: Page) -> str:
    """The query of the next page, for forges that link to it in a header."""
    return next_query(page.answer)


def _repositories(package: Package, listing: Listing) -> tuple[Repository, ...]:
    """Where a repository may be, in order: at ``registry_urls``, or at the forge's own server."""
    parts = tuple(package.name.removesuffix(".git").split("/"))
    if len(parts) < 2 or not all(map(_PART.fullmatch, parts)):
        raise NotFound(f"{package.name!r} is not the name of a repository (owner/name)", url=listing.server)
    return tuple(listing.locate(base_url(url), parts) for url in package.registry_urls or (listing.server,))


async def _found(listing: Listing, repository: Repository, client: Client) -> tuple[tuple[Release, ...], bool]:
    """What is told, and whether that is all."""
    try:
        return await _listed(listing, repository, client)
    except (AuthError, NotFound):
        if client.credentials(repository.api) is not None:
            raise
    return await _git.releases(repository.web, _git.TAGS, client), True


async def _listed(listing: Listing, repository: Repository, client: Client) -> tuple[tuple[Release, ...], bool]:
    url, query, seen = f"{repository.api}/{listing.path}", listing.query, 0
    found = dict[str, Release]()  # a new tag moves others to the next page
    for number in range(1, MAX_PAGES + 1):
        answer = await client.get(f"{url}?{query}")
        entries = items(listing.entries(answer), url=url, what=f"a list of {listing.what}")
        for entry in entries:
            if release := listing.read(mapping(entry, url=url, what=listing.what), url):
                found[release.version] = release
        seen += len(entries)
        query = listing.following(Page(answer=answer, number=number, seen=seen)) if entries else ""
        if not query:
            return tuple(found.values()), True
    return tuple(found.values()), False
