"""The lists that Gitea, and Forgejo after it, keep of a repository.

https://docs.gitea.com/api/ and https://codeberg.org/api/swagger; the number of all entries is in ``X-Total-Count``,
a link to the next page only in the newer versions. No page is longer than 50 entries unless the server is told so.
"""

from collections.abc import Mapping
from dataclasses import replace

from datasources._answers import mapping, moment, text, text_or_none
from datasources._forges import Listing, Page, Repository
from updater.api import Release


def tags(server: str) -> Listing:
    """The tags of repositories on ``server``, unless the package names another."""
    return Listing(
        what="tags",
        server=server,
        locate=_locate,
        path="tags",
        query=_query(1),
        read=_tag,
        following=_following,
    )


def releases(server: str) -> Listing:
    """The releases of repositories on ``server``, unless the package names another."""
    return replace(tags(server), what="releases", path="releases", read=_release)


def _locate(server: str, parts: tuple[str, ...]) -> Repository:
    """What follows owner and name (the path of an action, say) is ignored."""
    server, name = server.removesuffix("/api/v1"), "/".join(parts[:2])
    return Repository(web=f"{server}/{name}", api=f"{server}/api/v1/repos/{name}")


def _query(page: int) -> str:
    return f"limit=50&page={page}"


def _following(page: Page) -> str:
    total = page.answer.headers.get("x-total-count", "")
    return _query(page.number + 1) if total.isdecimal() and page.seen < int(total) else ""


def _tag(said: Mapping[str, object], url: str) -> Release:
    commit = mapping(said.get("commit") or {}, url=url, what="a commit")
    return Release(
        version=text(said.get("name"), url=url, what="a tag's name"),
        digest=text_or_none(commit.get("sha")),
        published=moment(commit.get("created")),
    )


def _release(said: Mapping[str, object], url: str) -> Release | None:
    """The mark "prerelease" is believed; its absence says nothing, for many forget it."""
    if said.get("draft") is True:
        return None
    return Release(
        version=text(said.get("tag_name"), url=url, what="a tag's name"),
        published=moment(said.get("published_at")),
        stable=False if said.get("prerelease") is True else None,
    )
