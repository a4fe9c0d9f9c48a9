"""Releases of projects on GitLab.

* Asks the API of GitLab, 100 releases at a time, newest first, at most 2,000. Public projects need no token; where
  the API is closed to who shows none, the tags that Git itself tells stand in for the releases.
* Authenticates with a host rule for the server (a token that may read the API).
* Brings releases with their dates and commits; none that is announced for a later day.
* `registryUrls` name a server of one's own, such as `https://gitlab.example.com`.

For pull requests of anything that is developed on GitLab it brings the notes of the newest 100 releases,
or else `CHANGELOG.md` or `CHANGES.md`: one request for each project.

A project that has tags but no releases is the business of `gitlab-tags`.

Example: `gitlab-org/cli` → `v1.50.0`, `v1.51.0`, …
"""

from datasources import _forges, _gitlab, _notes
from updater.api import Client, Package, Releases

NAME = "gitlab-releases"
VERSIONING = "semver-coerced"

is_home_of = _notes.GITLAB.is_home_of
notes = _notes.GITLAB.notes
changelog = _notes.GITLAB.changelog
comparison = _notes.GITLAB.comparison_of


async def releases(package: Package, client: Client) -> Releases:
    """All releases of the project ``group/…/name``; past the newest 2,000 the API is not asked for more."""
    return await _forges.releases(package, _gitlab.RELEASES, client)


async def digest(package: Package, version: str, client: Client) -> str:
    """The commit that the tag of the release ``version`` points at."""
    return await _forges.commit(package, _gitlab.RELEASES, version, client)
