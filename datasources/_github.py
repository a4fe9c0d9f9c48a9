"""What the datasources for GitHub have in common: where a repository is, and who may ask.

A personal or app token opens the API. Without one, tags come from Git itself, which wants none.
"""

import re
from dataclasses import dataclass

from datasources import _git
from datasources._registries import base_url, first_that_knows
from updater.api import Client, NotFound, Package

HEADERS = {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"}
MAX_PAGES = 10
PAGE_SIZE = 100

_GITHUB = "https://github.com"
_NAME = re.compile(r"(?!\.\.?$)[\w.-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Repository:
    """A repository on GitHub, GitHub Enterprise Server or a ``ghe.com`` subdomain; the URLs have no final slash."""

    owner: str
    name: str
    web: str
    rest: str
    graphql: str


def repositories(package: Package) -> tuple[Repository, ...]:
    """Where ``owner/name`` may be, in order: at ``registry_urls``, or at github.com.

    What follows the first two parts (the path of an action, say) is ignored. Raises ``NotFound`` for other names.
    """
    owner, _, rest = package.name.partition("/")
    name = rest.partition("/")[0].removesuffix(".git")
    if not (_NAME.fullmatch(owner) and _NAME.fullmatch(name)):
        raise NotFound(f"{package.name!r} is not the name of a repository (owner/name)", url=_GITHUB)
    return tuple(_repository(url, owner, name) for url in package.registry_urls or (_GITHUB,))


def _repository(url: str, owner: str, name: str) -> Repository:
    """https://docs.github.com/en/enterprise-server/rest/quickstart, …/graphql/guides/forming-calls-with-graphql."""
    server = base_url(url).removesuffix("/api/v3").replace("https://api.github.com", _GITHUB)
    scheme, _, host = server.partition("://")
    if server == _GITHUB or host.endswith(".ghe.com"):
        api, graphql = f"{scheme}://api.{host}", f"{scheme}://api.{host}/graphql"
    else:
        api, graphql = f"{server}/api/v3", f"{server}/api/graphql"
    web, rest = f"{server}/{owner}/{name}", f"{api}/repos/{owner}/{name}"
    return Repository(owner=owner, name=name, web=web, rest=rest, graphql=graphql)


async def commit(package: Package, tag: str, client: Client) -> str:
    """The commit that ``tag`` points at, from Git, which knows it for sure and costs no request of the API."""

    async def ask(repository: Repository) -> str:
        return await _git.commit(repository.web, tag, (_git.TAGS,), client)

    return await first_that_knows(repositories(package), ask)


def has_token(repository: Repository, client: Client) -> bool:
    """Whether the user has given credentials for the API of the server."""
    return client.credentials(repository.rest) is not None
