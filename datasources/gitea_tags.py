"""Tags of repositories on Gitea.

* Asks the API of Gitea, 50 tags at a time, newest first, at most 1,000. Public repositories need no token; where
  the API is closed to who shows none, Git itself tells the tags, without dates.
* Authenticates with a host rule for the server (a token).
* Brings tags with their dates and the commits they point at.
* `registryUrls` name a server of one's own; without them it is `gitea.com`.

Example: `gitea/act_runner` → `v0.2.10`, `v0.2.11`, …
"""

from datasources import _forges, _gitea
from updater.api import Client, Package, Releases

NAME = "gitea-tags"
VERSIONING = "semver-coerced"

_LISTING = _gitea.tags("https://gitea.com")


async def releases(package: Package, client: Client) -> Releases:
    """All tags of the repository ``owner/name``; past the newest 1,000 the API is not asked for more."""
    return await _forges.releases(package, _LISTING, client)


async def digest(package: Package, version: str, client: Client) -> str:
    """The commit that the tag ``version`` points at."""
    return await _forges.commit(package, _LISTING, version, client)
