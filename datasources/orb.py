"""Versions of CircleCI orbs.

* Asks the GraphQL API of CircleCI, one request for each orb.
* Authenticates with a host rule for `circleci.com` (a token), which only private orbs need.
* Brings the newest 1,000 versions with the time of their publication; no development versions.
* `registryUrls` name a CircleCI server of one's own.

Example: `circleci/node` → `7.0.0`, `7.1.0`, …
"""

from datasources._answers import items, mapping, moment, text
from datasources._registries import base_url, first_that_knows
from updater.api import Client, InvalidAnswer, NotFound, Package, Release, Releases

NAME = "orb"
VERSIONING = "npm"

_CIRCLECI = "https://circleci.com"
_QUERY = """
query($name: String!) {
  orb(name: $name) {
    versions(count: 1000) { version createdAt }
  }
}
"""


async def releases(package: Package, client: Client) -> Releases:
    """All versions of the orb ``namespace/name``."""

    async def ask(registry_url: str) -> Releases:
        url = f"{base_url(registry_url)}/graphql-unstable"
        answer = await client.post(url, json={"query": _QUERY, "variables": {"name": package.name}})
        body = mapping(answer.json(), url=url, what="data")
        if body.get("errors"):
            raise InvalidAnswer(f"{url} refused the query: {_message(body['errors'])}", url=url)
        orb = mapping(body.get("data"), url=url, what="data").get("orb", "")
        found = _versions(orb, url) if orb is not None else ()
        if not found:
            raise NotFound(f"{url} has no orb {package.name}, or hides it from these credentials", url=url)
        return Releases(releases=found, registry_url=base_url(registry_url))

    return await first_that_knows(package.registry_urls or (_CIRCLECI,), ask)


def _versions(orb: object, url: str) -> tuple[Release, ...]:
    versions = items(mapping(orb, url=url, what="an orb").get("versions"), url=url, what="versions")
    return tuple(_release(each, url) for each in versions)


def _release(said: object, url: str) -> Release:
    version = mapping(said, url=url, what="versions")
    return Release(
        version=text(version.get("version"), url=url, what="a version"), published=moment(version.get("createdAt"))
    )


def _message(errors: object) -> object:
    first = errors[0] if isinstance(errors, list) else errors
    return first.get("message") if isinstance(first, dict) else first
