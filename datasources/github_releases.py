"""Releases of repositories on GitHub.

* Asks GitHub's GraphQL API about up to 25 repositories in one request, 100 releases of each at a time, newest first,
  at most 1,000. Without a token it asks the REST API about one after the other, and GitHub answers only 60 requests an
  hour; the rest waits for a later run, those first that were not asked for so far. Tags are no substitute: what is
  offered would change with every refusal.
* Authenticates with a host rule for `api.github.com` (a token). `registryUrls` name a GitHub Enterprise server.
* Brings releases with the time of their publication and whether they are marked as prereleases; no drafts.

For pull requests of anything that is developed on GitHub it brings the notes of the newest 100 releases,
or else `CHANGELOG.md` or `CHANGES.md`: one request for each repository.

A repository that has tags but no releases is the business of `github-tags`.

Example: `argoproj/argo-cd` → `v2.13.1`, `v2.13.2`, `v2.14.0-rc1` (a prerelease), …
"""

from collections.abc import Mapping

from datasources import _github, _github_graphql, _notes
from datasources._answers import items, mapping, moment, text
from datasources._registries import first_that_knows
from updater.api import Client, NotFound, Package, Release, Releases

NAME = "github-releases"
VERSIONING = "semver-coerced"

is_home_of = _notes.GITHUB.is_home_of
notes = _notes.GITHUB.notes
changelog = _notes.GITHUB.changelog
comparison = _notes.GITHUB.comparison_of


async def releases(package: Package, client: Client) -> Releases:
    """All releases of the repository ``owner/name``; past the newest 1,000 the API is not asked for more."""

    async def ask(repository: _github.Repository) -> Releases:
        if _github.has_token(repository, client):
            found, is_all = await _github_graphql.listed(repository, _RELEASES, client)
        else:
            found, is_all = await _by_rest(repository, client)
        if not found:
            raise NotFound(f"{repository.web} has no releases (tags are found by github-tags)", url=repository.rest)
        return Releases(releases=found, source_url=repository.web, complete=is_all)

    return await first_that_knows(_github.repositories(package), ask)


async def digest(package: Package, version: str, client: Client) -> str:
    """The commit that the tag of the release ``version`` points at."""
    return await _github.commit(package, version, client)


async def _by_rest(repository: _github.Repository, client: Client) -> tuple[tuple[Release, ...], bool]:
    """The releases, and whether these are all: https://docs.github.com/en/rest/releases/releases#list-releases."""
    found = dict[str, Release]()
    for page in range(1, _github.MAX_PAGES + 1):
        url = f"{repository.rest}/releases?per_page={_github.PAGE_SIZE}&page={page}"
        answer = await client.get(url, headers=_github.HEADERS)
        for value in items(answer.json(), url=url, what="a list of releases"):
            if release := _release(mapping(value, url=url, what="releases"), url):
                found[release.version] = release
        if 'rel="next"' not in answer.headers.get("link", ""):
            return tuple(found.values()), True
    return tuple(found.values()), False


def _release(said: Mapping[str, object], url: str) -> Release | None:
    """What REST says of a release; see :func:`_made`."""
    if said.get("draft") is True:
        return None
    return _made(said.get("tag_name"), said.get("published_at"), said.get("prerelease"), url)


def _node(said: Mapping[str, object], url: str) -> Release | None:
    """What GraphQL says of a release; see :func:`_made`."""
    if said.get("isDraft") is True:
        return None
    return _made(said.get("tagName"), said.get("publishedAt"), said.get("isPrerelease"), url)


def _made(tag: object, published: object, prerelease: object, url: str) -> Release:
    """The mark "prerelease" is believed; its absence says nothing, for many forget it."""
    return Release(
        version=text(tag, url=url, what="a tag's name"),
        published=moment(published),
        stable=False if prerelease is True else None,
    )


_RELEASES = _github_graphql.Listing(
    field="releases",
    order="orderBy: {field: CREATED_AT, direction: DESC}",
    kind="ReleaseConnection",
    nodes="tagName isDraft isPrerelease publishedAt",
    read=_node,
)
