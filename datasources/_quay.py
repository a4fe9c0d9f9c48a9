"""The web API of quay.io, which tells of each tag when it was pushed and what it points at.

https://docs.quay.io/api/swagger/: pages of 100 tags, the one pushed last first, and no token for what is public. The
registry's own list has pages of the same size, needs a token, and tells names only.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from urllib.parse import quote

from datasources._answers import items, mapping, text
from datasources._oci_images import believable
from datasources._oci_names import Repository, digest_or_none
from updater.api import Client, NotFound, Release, Response

REGISTRY = "https://quay.io"
MAX_PAGES = 100

_ANONYMOUSLY = {"Accept": "application/json", "Authorization": ""}


async def releases(repository: Repository, client: Client) -> tuple[tuple[Release, ...], bool]:
    """The tags of a public repository, the 10,000 pushed last at most, and whether these are all."""
    found = dict[str, Release]()
    for number in range(1, MAX_PAGES + 1):
        page, url = await _page(repository, f"limit=100&page={number}&onlyActiveTags=true", client)
        found.update((release.version, release) for release in _tags(page, url))
        if page.get("has_additional") is not True:
            return tuple(found.values()), True
    return tuple(found.values()), False


async def tag(repository: Repository, name: str, client: Client) -> Release:
    """One tag of a public repository. Raises ``NotFound`` also for what is private."""
    page, url = await _page(repository, f"onlyActiveTags=true&specificTag={quote(name, safe='')}", client)
    for release in _tags(page, url):
        if release.version == name:
            return release
    raise NotFound(f"{url} has no tag {name}", url=url)


async def _page(repository: Repository, query: str, client: Client) -> tuple[Mapping[str, object], str]:
    url = f"{repository.registry}/api/v1/repository/{repository.name}/tag/"
    answer: Response = await client.get(f"{url}?{query}", headers=_ANONYMOUSLY)
    return mapping(answer.json(), url=url, what="a list of tags"), url


def _tags(page: Mapping[str, object], url: str) -> Iterator[Release]:
    for each in items(page.get("tags"), url=url, what="a list of tags"):
        entry = mapping(each, url=url, what="tags")
        name = text(entry.get("name"), url=url, what="tags that are text")
        digest, published = digest_or_none(entry.get("manifest_digest")), believable(_seconds(entry.get("start_ts")))
        yield Release(version=name, digest=digest, published=published)


def _seconds(value: object) -> datetime | None:
    if not isinstance(value, int) or not 0 < value < 2**33:
        return None
    return datetime.fromtimestamp(value, UTC)
