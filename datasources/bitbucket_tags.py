"""Tags of repositories on Bitbucket Cloud.

* Asks the API of Bitbucket, 100 tags at a time, newest first, at most 2,000. Public repositories need no credentials;
  where the API is closed to who shows none, Git itself tells the tags, without dates.
* Authenticates with a host rule for `api.bitbucket.org` (name and app password, or an access token).
* Brings tags with their dates and the commits they point at.

Bitbucket Data Center has another API, which tells no dates: its repositories are the business of `git-tags`.

Example: `atlassian/aws-s3-deploy` → `1.6.0`, `1.6.1`, …
"""

from collections.abc import Mapping

from datasources import _forges
from datasources._answers import mapping, moment, text, text_or_none
from datasources._pages import query_of
from updater.api import Client, NotFound, Package, Release, Releases, Response

NAME = "bitbucket-tags"
VERSIONING = "semver-coerced"

_WEB, _API = "https://bitbucket.org", "https://api.bitbucket.org"


async def releases(package: Package, client: Client) -> Releases:
    """All tags of the repository ``workspace/name``; past the newest 2,000 the API is not asked for more."""
    return await _forges.releases(package, _LISTING, client)


async def digest(package: Package, version: str, client: Client) -> str:
    """The commit that the tag ``version`` points at."""
    return await _forges.commit(package, _LISTING, version, client)


def _locate(server: str, parts: tuple[str, ...]) -> _forges.Repository:
    if server.removesuffix("/2.0") not in (_WEB, _API):
        raise NotFound(f"{server} is not Bitbucket Cloud; repositories elsewhere are found by git-tags", url=server)
    name = "/".join(parts[:2])
    return _forges.Repository(web=f"{_WEB}/{name}", api=f"{_API}/2.0/repositories/{name}")


def _entries(answer: Response) -> object:
    return mapping(answer.json(), url=answer.url, what="tags").get("values")


def _following(page: _forges.Page) -> str:
    """https://developer.atlassian.com/cloud/bitbucket/rest/intro/#pagination."""
    link = mapping(page.answer.json(), url=page.answer.url, what="tags").get("next")
    return query_of(link) if isinstance(link, str) else ""


def _tag(said: Mapping[str, object], url: str) -> Release:
    """An annotated tag has a date of its own, a light one that of its commit."""
    target = mapping(said.get("target") or {}, url=url, what="what a tag points at")
    return Release(
        version=text(said.get("name"), url=url, what="a tag's name"),
        digest=text_or_none(target.get("hash")),
        published=moment(said.get("date")) or moment(target.get("date")),
    )


_LISTING = _forges.Listing(
    what="tags",
    server=_WEB,
    locate=_locate,
    path="refs/tags",
    query="pagelen=100&sort=-target.date",
    read=_tag,
    following=_following,
    entries=_entries,
)
