"""Releases of repositories on Gitea.

* Asks the API of Gitea, 50 releases at a time, newest first, at most 1,000. Public repositories need no token; where
  the API is closed to who shows none, the tags that Git itself tells stand in for the releases.
* Authenticates with a host rule for the server (a token).
* Brings releases with the time of their publication and whether they are marked as prereleases; no drafts.
* `registryUrls` name a server of one's own; without them it is `gitea.com`.

For pull requests of anything that is developed on Gitea, Forgejo or Codeberg it brings the notes of the newest 50
releases, or else `CHANGELOG.md` or `CHANGES.md`: one request for each repository.

A repository that has tags but no releases is the business of `gitea-tags`.

Example: `gitea/tea` → `v0.9.0`, `v0.9.1`, …
"""

from datasources import _forges, _gitea, _notes
from updater.api import Client, Package, Releases

NAME = "gitea-releases"
VERSIONING = "semver-coerced"

is_home_of = _notes.GITEA.is_home_of
notes = _notes.GITEA.notes
changelog = _notes.GITEA.changelog
comparison = _notes.GITEA.comparison_of

_LISTING = _gitea.releases("https://gitea.com")


async def releases(package: Package, client: Client) -> Releases:
    """All releases of the repository ``owner/name``; past the newest 1,000 the API is not asked for more."""
    return await _forges.releases(package, _LISTING, client)


async def digest(package: Package, version: str, client: Client) -> str:
    """The commit that the tag of the release ``version`` points at."""
    return await _forges.commit(package, _LISTING, version, client)
