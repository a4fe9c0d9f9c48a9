"""Tags of projects on GitLab.

* Asks the API of GitLab, 100 tags at a time, newest first, at most 2,000. Public projects need no token; where the
  API refuses who shows none, Git itself tells the tags, without dates.
* Authenticates with a host rule for the server (a token that may read the API).
* Brings tags with their dates and the commits they point at.
* `registryUrls` name a server of one's own, such as `https://gitlab.example.com`.

Example: `gitlab-org/gitlab-runner` → `v17.6.0`, `v17.7.0`, …; `acme/platform/components/deploy` → `1.2.0`, …
"""

from datasources import _forges, _gitlab
from updater.api import Client, Package, Releases

NAME = "gitlab-tags"
VERSIONING = "semver-coerced"


async def releases(package: Package, client: Client) -> Releases:
    """All tags of the project ``group/…/name``; past the newest 2,000 the API is not asked for more."""
    return await _forges.releases(package, _gitlab.TAGS, client)


async def digest(package: Package, version: str, client: Client) -> str:
    """The commit that the tag ``version`` points at."""
    return await _forges.commit(package, _gitlab.TAGS, version, client)
