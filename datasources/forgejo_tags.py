"""Tags of repositories on Forgejo.

* Asks the API of Forgejo, 50 tags at a time, newest first, at most 1,000. Public repositories need no token; where
  the API is closed to who shows none, Git itself tells the tags, without dates.
* Authenticates with a host rule for the server (a token).
* Brings tags with their dates and the commits they point at.
* `registryUrls` name another server, such as `https://codeberg.org`; without them it is `code.forgejo.org`.

Example: `actions/checkout` → `v3`, `v4`, `v4.2.2`, …
"""

from datasources import _forges, _gitea
from updater.api import Client, Package, Releases

NAME = "forgejo-tags"
VERSIONING = "semver-coerced"

_LISTING = _gitea.tags("https://code.forgejo.org")


async def releases(package: Package, client: Client) -> Releases:
    """All tags of the repository ``owner/name``; past the newest 1,000 the API is not asked for more."""
    return await _forges.releases(package, _LISTING, client)


async def digest(package: Package, version: str, client: Client) -> str:
    """The commit that the tag ``version`` points at."""
    return await _forges.commit(package, _LISTING, version, client)
