"""Branches (and tags) of any Git repository, for what follows a branch and is pinned to its commit.

* Asks with `git ls-remote`, one process and one exchange per repository.
* Authenticates with the host rule of the host, or with whatever Git itself is configured to use.
* Brings the branches with the commits at their heads. A name that is no branch is looked for among the tags.

Example: `https://github.com/kubernetes/ingress-nginx` → `main`, `release-1.12`, …
"""

from datasources import _git
from updater.api import Client, Package, Releases

NAME = "git-refs"
VERSIONING = "git"


async def releases(package: Package, client: Client) -> Releases:
    """All branches of the repository whose address is ``package.name``."""
    found = await _git.releases(package.name, _git.BRANCHES, client)
    return Releases(releases=found, source_url=_git.web_url(package.name))


async def digest(package: Package, version: str, client: Client) -> str:
    """The commit at the head of the branch ``version``, or the one that the tag of that name points at."""
    return await _git.commit(package.name, version, (_git.BRANCHES, _git.TAGS), client)
