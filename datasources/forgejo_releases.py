"""Releases of repositories on Forgejo.

* Asks the API of Forgejo, 50 releases at a time, newest first, at most 1,000. Public repositories need no token; where
  the API is closed to who shows none, the tags that Git itself tells stand in for the releases.
* Authenticates with a host rule for the server (a token).
* Brings releases with the time of their publication and whether they are marked as prereleases; no drafts.
* `registryUrls` name another server, such as `https://codeberg.org`; without them it is `code.forgejo.org`.

A repository that has tags but no releases is the business of `forgejo-tags`.

Example: `forgejo/runner` → `v6.0.0`, `v6.0.1`, …
"""

from datasources import _forges, _gitea
from updater.api import Client, Package, Releases

NAME = "forgejo-releases"
VERSIONING = "semver-coerced"

_LISTING = _gitea.releases("https://code.forgejo.org")


async def releases(package: Package, client: Client) -> Releases:
    """All releases of the repository ``owner/name``; past the newest 1,000 the API is not asked for more."""
    return await _forges.releases(package, _LISTING, client)


async def digest(package: Package, version: str, client: Client) -> str:
    """The commit that the tag of the release ``version`` points at."""
    return await _forges.commit(package, _LISTING, version, client)
