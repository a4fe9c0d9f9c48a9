"""Versions of Ansible collections, from Galaxy and from private automation hubs.

* Asks the API of Galaxy (version 3), 100 versions at a time.
* Authenticates with the host rule of the server (a token), as private hubs want it.
* Brings versions with the time of their upload.
* `registryUrls` name another server than `https://galaxy.ansible.com`; that of a private hub is written as in
  `ansible.cfg`, such as `https://hub.example.com/api/galaxy/content/published/`.

Example: `community.general` → `10.1.0`, `10.2.0`, …
"""

import re
from collections.abc import AsyncIterator

from datasources import _galaxy
from datasources._answers import items, mapping, moment, text
from datasources._pages import query_of
from datasources._registries import first_that_knows
from updater.api import Client, InvalidAnswer, NotFound, Package, Release, Releases

NAME = "galaxy-collection"
VERSIONING = "pep440"

MAX_PAGES = 50

_COLLECTION = re.compile(r"(?P<namespace>\w+)\.(?P<name>\w+)")
_PUBLISHED = "v3/plugin/ansible/content/published/collections/index"


async def releases(package: Package, client: Client) -> Releases:
    """All versions of the collection ``namespace.name``."""
    collection = _COLLECTION.fullmatch(package.name)
    if collection is None:
        raise NotFound(f"{package.name!r} is not the name of a collection (namespace.name)", url=_galaxy.GALAXY)

    async def ask(registry_url: str) -> Releases:
        url = f"{_collections(registry_url)}/{collection['namespace']}/{collection['name']}/versions/"
        found = {release.version: release async for release in _listed(url, client)}
        if not found:
            raise NotFound(f"{url} lists no versions", url=url)
        return Releases(releases=tuple(found.values()))

    return await first_that_knows(package.registry_urls or (_galaxy.GALAXY,), ask)


def _collections(registry_url: str) -> str:
    """Where ``ansible-galaxy`` looks for collections; Galaxy itself redirects from there to ``_PUBLISHED``."""
    api = _galaxy.api(registry_url)
    return f"{api}/{_PUBLISHED}" if api == f"{_galaxy.GALAXY}/api" else f"{api}/v3/collections"


async def _listed(url: str, client: Client) -> AsyncIterator[Release]:
    query = "limit=100"
    for _ in range(MAX_PAGES):
        page = mapping((await client.get(f"{url}?{query}")).json(), url=url, what="versions")
        for value in items(page.get("data"), url=url, what="versions"):
            version = mapping(value, url=url, what="versions")
            name = text(version.get("version"), url=url, what="a version")
            yield Release(version=name, published=moment(version.get("created_at")))
        link = mapping(page.get("links"), url=url, what="links").get("next")
        query = query_of(link) if isinstance(link, str) else ""
        if not query:
            return
    raise InvalidAnswer(f"{url} has more than {MAX_PAGES} pages", url=url)
