r"""Versions of products, with the end of their support, from endoflife.date.

* Asks the API of https://endoflife.date (version 1), one request for each product.
* Authenticates with the host rule of the server, if it wants any.
* Brings the newest version of each release cycle (or the cycle itself, where no versions are told) with its date;
  those whose support has ended are marked as deprecated, so that nothing moves to them.
* `registryUrls` name a mirror.

The names of products are those in the addresses of the site. A cycle such as `1.32` is made of `1.32.4` by
`extractVersion`: `^(?<version>\d+\.\d+)`.

Example: `kubernetes` → `1.32.4`, `1.33.1`, …; `amazon-eks` → `1.32-eks-20`, `1.33-eks-13`, …
"""

import re
from collections.abc import Mapping

from datasources._answers import items, mapping, moment, text, text_or_none
from datasources._registries import base_url, first_that_knows
from updater.api import Client, NotFound, Package, Release, Releases

NAME = "endoflife-date"
VERSIONING = "loose"

_SITE = "https://endoflife.date"
_PRODUCT = re.compile(r"[\w.-]+")


async def releases(package: Package, client: Client) -> Releases:
    """The newest version of each release cycle of the product ``package.name``."""
    if not _PRODUCT.fullmatch(package.name):
        raise NotFound(f"{package.name!r} is not the name of a product", url=_SITE)

    async def ask(registry_url: str) -> Releases:
        url = f"{base_url(registry_url)}/api/v1/products/{package.name}"
        answer = mapping((await client.get(url)).json(), url=url, what="a product")
        product = mapping(answer.get("result"), url=url, what="a product")
        cycles = items(product.get("releases"), url=url, what="release cycles")
        found = [_release(mapping(cycle, url=url, what="release cycles"), url) for cycle in cycles]
        if not found:
            raise NotFound(f"{url} lists no releases", url=url)
        return Releases(releases=tuple({release.version: release for release in reversed(found)}.values()))

    return await first_that_knows(package.registry_urls or (_SITE,), ask)


def _release(cycle: Mapping[str, object], url: str) -> Release:
    """Where two cycles have the same newest version, the newer one (which stands first) counts."""
    latest = mapping(cycle.get("latest") or {}, url=url, what="the latest version")
    return Release(
        version=text_or_none(latest.get("name")) or text(cycle.get("name"), url=url, what="the name of a cycle"),
        published=moment(latest.get("date")) or moment(cycle.get("releaseDate")),
        deprecated=cycle.get("isEol") is True,
    )
