"""Tags of repositories on GitHub.

* Asks GitHub's GraphQL API about up to 25 repositories in one request, 100 tags of each at a time, newest first, at
  most 1,000; without a token it asks Git itself (`git ls-remote`), so that a token is never required.
* Authenticates with a host rule for `api.github.com` (a token).
* Brings tags with the commits they point at; with a token also their dates.
* `registryUrls` name a GitHub Enterprise server.

Example: `kubernetes-sigs/kustomize` → `kustomize/v5.5.0`, `v3.3.1`, …
"""

from collections.abc import Mapping

from datasources import _git, _github, _github_graphql
from datasources._answers import mapping, moment, text
from datasources._registries import first_that_knows
from updater.api import Client, NotFound, Package, Release, Releases

NAME = "github-tags"
VERSIONING = "semver-coerced"

_NODES = """
  name
  target {
    __typename
    oid
    ... on Commit { committedDate }
    ... on Tag { tagger { date } target { __typename oid } }
  }
"""


async def releases(package: Package, client: Client) -> Releases:
    """All tags of the repository ``owner/name``; past the newest 1,000 the API is not asked for more."""

    async def ask(repository: _github.Repository) -> Releases:
        if _github.has_token(repository, client):
            found, is_all = await _github_graphql.listed(repository, _TAGS, client)
        else:
            found, is_all = await _git.releases(repository.web, _git.TAGS, client), True
        if not found:
            raise NotFound(f"{repository.web} has no tags", url=repository.web)
        return Releases(releases=found, source_url=repository.web, complete=is_all)

    return await first_that_knows(_github.repositories(package), ask)


async def digest(package: Package, version: str, client: Client) -> str:
    """The commit that the tag ``version`` points at."""
    return await _github.commit(package, version, client)


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


_TAGS = _github_graphql.Listing(
    field="refs",
    order='refPrefix: "refs/tags/", orderBy: {field: TAG_COMMIT_DATE, direction: DESC}',
    kind="RefConnection",
    nodes=_NODES,
    read=_release,
)
