"""Tags of any Git repository.

* Asks with `git ls-remote`, one process and one exchange per repository, whatever the number of tags.
* Authenticates with the host rule of the host, or with whatever Git itself is configured to use.
* Brings the tags with the commits they point at; no dates.

Example: `https://git.example.com/platform/modules.git` → `v1.2.0`, `v1.3.0`, …
"""

from datasources import _git
from updater.api import Client, Package, Releases

NAME = "git-tags"
VERSIONING = "semver-coerced"


async def releases(package: Package, client: Client) -> Releases:
    """All tags of the repository whose address is ``package.name``."""
    found = await _git.releases(package.name, _git.TAGS, client)
    return Releases(releases=found, source_url=_git.web_url(package.name))


async def digest(package: Package, version: str, client: Client) -> str:
    """The commit that the tag ``version`` points at."""
    return await _git.commit(package.name, version, (_git.TAGS,), client)
