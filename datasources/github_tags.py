"""Tags of repositories on GitHub.

* Asks GitHub's GraphQL API, 100 tags at a time, newest first, at most 1,000; without a token it asks Git itself
  (`git ls-remote`), so that a token is never required.
* Authenticates with a host rule for `api.github.com` (a token).
* Brings tags with the commits they point at; with a token also their dates.
* `registryUrls` name a GitHub Enterprise server.

Example: `kubernetes-sigs/kustomize` → `kustomize/v5.5.0`, `v3.3.1`, …
"""

from collections.abc import Mapping

from datasources import _git, _github
from datasources._answers import items, mapping, moment, text
from datasources._registries import first_that_knows
from updater.api import Client, InvalidAnswer, NotFound, Package, RateLimited, Release, Releases

NAME = "github-tags"
VERSIONING = "semver-coerced"

_QUERY = """
query($owner: String!, $name: String!, $size: Int!, $after: String) {
  repository(owner: $owner, name: $name) {
    refs(refPrefix: "refs/tags/", first: $size, after: $after, orderBy: {field: TAG_COMMIT_DATE, direction: DESC}) {
      pageInfo { hasNextPage endCursor }
      nodes {
        name
        target {
          __typename
          oid
          ... on Commit { committedDate }
          ... on Tag { tagger { date } target { __typename oid } }
        }
      }
    }
  }
}
"""


async def releases(package: Package, client: Client) -> Releases:
    """All tags of the repository ``owner/name``; past the newest 1,000 the API is not asked for more."""

    async def ask(repository: _github.Repository) -> Releases:
        if _github.has_token(repository, client):
            found, is_all = await _dated(repository, client)
        else:
            found, is_all = await _git.releases(repository.web, _git.TAGS, client), True
        if not found:
            raise NotFound(f"{repository.web} has no tags", url=repository.web)
        return Releases(releases=found, source_url=repository.web, complete=is_all)

    return await first_that_knows(_github.repositories(package), ask)


async def digest(package: Package, version: str, client: Client) -> str:
    """The commit that the tag ``version`` points at."""
    return await _github.commit(package, version, client)


async def _dated(repository: _github.Repository, client: Client) -> tuple[tuple[Release, ...], bool]:
    """The tags, and whether these are all."""
    url, after = repository.graphql, None
    found = dict[str, Release]()
    for _ in range(_github.MAX_PAGES):
        page = mapping(await _page(repository, after, client), url=url, what="tags")
        nodes = (mapping(node, url=url, what="tags") for node in items(page.get("nodes"), url=url, what="tags"))
        found.update((release.version, release) for release in (_release(node, url) for node in nodes))
        position = mapping(page.get("pageInfo"), url=url, what="a position")
        if not position.get("hasNextPage"):
            return tuple(found.values()), True
        after = text(position.get("endCursor"), url=url, what="a position")
    return tuple(found.values()), False


async def _page(repository: _github.Repository, after: str | None, client: Client) -> object:
    variables = {"owner": repository.owner, "name": repository.name, "size": _github.PAGE_SIZE, "after": after}
    answer = await client.post(repository.graphql, json={"query": _QUERY, "variables": variables})
    body = mapping(answer.json(), url=repository.graphql, what="data")
    if body.get("errors"):
        _raise(body["errors"], repository)
    data = mapping(body.get("data"), url=repository.graphql, what="data")
    return mapping(data.get("repository"), url=repository.graphql, what="a repository").get("refs")


def _raise(errors: object, repository: _github.Repository) -> None:
    """https://docs.github.com/en/graphql/guides/forming-calls-with-graphql: errors come with status 200."""
    url = repository.graphql
    first = mapping(items(errors, url=url, what="errors")[0], url=url, what="errors")
    if first.get("type") == "NOT_FOUND":
        raise NotFound(f"{repository.web} does not exist, or is hidden from the token", url=url)
    if first.get("type") == "RATE_LIMITED":
        raise RateLimited(f"{url} has been asked too often", url=url)
    raise InvalidAnswer(f"{url} refused the query: {first.get('message')}", url=url)


def _release(node: Mapping[str, object], url: str) -> Release:
    """A tag: a light one points at the commit, an annotated one at an object that does and has a date of its own.

    A tag of a tag goes without its commit, which ``digest`` finds.
    """
    target = mapping(node.get("target"), url=url, what="what a tag points at")
    tagger, inner = target.get("tagger"), target.get("target")
    commit = inner if isinstance(inner, dict) else target
    date = tagger.get("date") if isinstance(tagger, dict) else target.get("committedDate")
    return Release(
        version=text(node.get("name"), url=url, what="a tag's name"),
        digest=text(commit.get("oid"), url=url, what="a commit") if commit.get("__typename") == "Commit" else None,
        published=moment(date),
    )
