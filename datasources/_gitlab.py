"""The lists that GitLab keeps of a project.

https://docs.gitlab.com/api/tags/ and https://docs.gitlab.com/api/releases/.
"""

from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import quote

from datasources._answers import mapping, moment, text, text_or_none
from datasources._forges import Listing, Repository, next_in_header
from updater.api import Release


def _locate(server: str, parts: tuple[str, ...]) -> Repository:
    server, name = server.removesuffix("/api/v4"), "/".join(parts)
    return Repository(web=f"{server}/{name}", api=f"{server}/api/v4/projects/{quote(name, safe='')}")


def _tag(said: Mapping[str, object], url: str) -> Release:
    """An annotated tag has a date of its own, a light one that of its commit."""
    commit = mapping(said.get("commit") or {}, url=url, what="a commit")
    return Release(
        version=text(said.get("name"), url=url, what="a tag's name"),
        digest=text_or_none(commit.get("id")),
        published=moment(said.get("created_at")) or moment(commit.get("created_at")),
    )


def _release(said: Mapping[str, object], url: str) -> Release | None:
    """Guests of a project see its releases without their commits."""
    if said.get("upcoming_release") is True:
        return None
    commit = mapping(said.get("commit") or {}, url=url, what="a commit")
    return Release(
        version=text(said.get("tag_name"), url=url, what="a tag's name"),
        digest=text_or_none(commit.get("id")),
        published=moment(said.get("released_at")),
    )


TAGS = Listing(
    what="tags",
    server="https://gitlab.com",
    locate=_locate,
    path="repository/tags",
    query="per_page=100",
    read=_tag,
    following=next_in_header,
)
RELEASES = replace(TAGS, what="releases", path="releases", read=_release)
