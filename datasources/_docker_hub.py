"""The web API of Docker Hub, which knows when a tag was pushed and for which platforms it is.

https://docs.docker.com/reference/api/hub/latest/: pages of 100 tags at most, the one pushed last first. It is asked
anonymously: it shows what is public, and its credentials are not those of the registry.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from datasources._answers import items, mapping, moment, text, text_or_none
from datasources._oci_images import believable, platform
from datasources._oci_names import Repository, digest_or_none
from datasources._pages import query_of
from updater.api import Client, InvalidAnswer, Release

MAX_PAGES = 10

_API = "https://hub.docker.com/v2/namespaces"
_ANONYMOUSLY = {"Accept": "application/json", "Authorization": ""}


@dataclass(frozen=True, slots=True, kw_only=True)
class Tag:
    """What Docker Hub knows about a tag."""

    name: str
    published: datetime | None
    digest: str | None
    platforms: frozenset[str]


async def tag(repository: Repository, name: str, client: Client) -> Tag:
    """One tag, asked for once a run. Raises ``NotFound`` also for what is private."""
    url = f"{_tags_url(repository)}/{quote(name, safe='')}"

    async def make() -> Tag:
        answer = await client.get(url, headers=_ANONYMOUSLY)
        return _tag(mapping(answer.json(), url=url, what="a tag"), url)

    return await client.once(f"docker hub {url}", make)


async def newest(repository: Repository, client: Client) -> tuple[tuple[Release, ...], int]:
    """The tags pushed last, a thousand at most, and how many there are."""
    url = _tags_url(repository)
    found, count, query = dict[str, Release](), 0, "page_size=100&ordering=last_updated"
    for _ in range(MAX_PAGES):
        answer = await client.get(f"{url}?{query}", headers=_ANONYMOUSLY)
        page = mapping(answer.json(), url=url, what="a list of tags")
        tags = [_tag(mapping(each, url=url, what="tags"), url) for each in _results(page, url)]
        found.update((each.name, _release(each)) for each in tags)
        count, query = _count(page, url), query_of(text_or_none(page.get("next")) or "")
        if not query:
            break
    return tuple(found.values()), count


def _tags_url(repository: Repository) -> str:
    namespace, _, name = repository.name.partition("/")
    return f"{_API}/{quote(namespace)}/repositories/{quote(name, safe='')}/tags"


def _results(page: Mapping[str, object], url: str) -> list[object]:
    return list(items(page.get("results"), url=url, what="a list of tags"))


def _count(page: Mapping[str, object], url: str) -> int:
    count = page.get("count")
    if not isinstance(count, int):
        raise InvalidAnswer(f"{url} answered without saying how many tags there are", url=url)
    return count


def _tag(entry: Mapping[str, object], url: str) -> Tag:
    images = entry.get("images")
    known = [image for image in images if isinstance(image, dict)] if isinstance(images, list) else []
    return Tag(
        name=text(entry.get("name"), url=url, what="tags that are text"),
        published=believable(moment(entry.get("tag_last_pushed")) or moment(entry.get("last_updated"))),
        digest=digest_or_none(entry.get("digest")),
        platforms=frozenset(filter(None, map(platform, known))),
    )


def _release(tag: Tag) -> Release:
    return Release(version=tag.name, published=tag.published, digest=tag.digest)
