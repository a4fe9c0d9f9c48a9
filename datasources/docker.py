"""Tags of container images, from any registry.

* Asks the registry itself: `/v2/NAME/tags/list`, all pages. A name without a host is looked up on Docker Hub.
* Authenticates with the host rule (or container configuration) of the registry, with name and password or with a
  token; without either it asks anonymously, fetching the anonymous token that Docker Hub, GHCR and others want.
* Brings the tags; from Google's registries also the time of upload. Digests are asked for only when one is wanted,
  with a HEAD request, which Docker Hub does not count as a pull.

An image needs one request; two with its digest; a token, where one is needed, lasts for all requests of the image.
A list of tags that cannot be read to its end (more than 100 pages of 1,000) is an error, not a shorter list.

Example: `ghcr.io/fluxcd/source-controller` → `v1.4.1`, `v1.5.0`, …
"""

from datasources import _oci
from datasources._registries import first_that_knows
from updater.api import Client, Package, Releases

NAME = "docker"
VERSIONING = "docker"


async def releases(package: Package, client: Client) -> Releases:
    """All tags of the image ``package.name``; ``registry_urls`` are mirrors that are asked in its place."""

    async def ask(registry_url: str | None) -> Releases:
        repository = _oci.locate(package.name, registry_url)
        found = await _oci.releases(repository, client)
        return Releases(releases=found, registry_url=repository.registry)

    return await first_that_knows(package.registry_urls or (None,), ask)


async def digest(package: Package, version: str, client: Client) -> str:
    """The digest that the tag ``version`` has now: that of the index for an image of several platforms."""

    async def ask(registry_url: str | None) -> str:
        return await _oci.digest(_oci.locate(package.name, registry_url), version, client)

    return await first_that_knows(package.registry_urls or (None,), ask)
