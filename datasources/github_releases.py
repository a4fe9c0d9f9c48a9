"""Releases of repositories on GitHub.

* Asks GitHub's REST API, 100 releases at a time, newest first, at most 1,000. Without a token GitHub answers only 60
  requests an hour; the rest waits for a later run, those first that were not asked for so far. Tags are no substitute:
  what is offered would change with every refusal.
* Authenticates with a host rule for `api.github.com` (a token). `registryUrls` name a GitHub Enterprise server.
* Brings releases with the time of their publication and whether they are marked as prereleases; no drafts.

A repository that has tags but no releases is the business of `github-tags`.

Example: `argoproj/argo-cd` → `v2.13.1`, `v2.13.2`, `v2.14.0-rc1` (a prerelease), …
"""

from collections.abc import Mapping

from datasources import _github
from datasources._answers import items, mapping, moment, text
from datasources._registries import first_that_knows
from updater.api import Client, NotFound, Package, Release, Releases

NAME = "github-releases"
VERSIONING = "semver-coerced"


async def releases(package: Package, client: Client) -> Releases:
    """All releases of the repository ``owner/name``; past the newest 1,000 the API is not asked for more."""

    async def ask(repository: _github.Repository) -> Releases:
        found, is_all = await _published(repository, client)
        if not found:
            raise NotFound(f"{repository.web} has no releases (tags are found by github-tags)", url=repository.rest)
        return Releases(releases=found, source_url=repository.web, complete=is_all)

    return await first_that_knows(_github.repositories(package), ask)


async def digest(package: Package, version: str, client: Client) -> str:
    """The commit that the tag of the release ``version`` points at."""
    return await _github.commit(package, version, client)


async def _published(repository: _github.Repository, client: Client) -> tuple[tuple[Release, ...], bool]:
    """The releases, and whether these are all: https://docs.github.com/en/rest/releases/releases#list-releases."""
    found = dict[str, Release]()
    for page in range(1, _github.MAX_PAGES + 1):
        url = f"{repository.rest}/releases?per_page={_github.PAGE_SIZE}&page={page}"
        answer = await client.get(url, headers=_github.HEADERS)
        for value in items(answer.json(), url=url, what="a list of releases"):
            said = mapping(value, url=url, what="releases")
            if said.get("draft") is not True:
                release = _release(said, url)
                found[release.version] = release
        if 'rel="next"' not in answer.headers.get("link", ""):
            return tuple(found.values()), True
    return tuple(found.values()), False


def _release(said: Mapping[str, object], url: str) -> Release:
    """The mark "prerelease" is believed; its absence says nothing, for many forget it."""
    return Release(
        version=text(said.get("tag_name"), url=url, what="a tag's name"),
        published=moment(said.get("published_at")),
        stable=False if said.get("prerelease") is True else None,
    )
