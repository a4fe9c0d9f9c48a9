"""Versions of Ansible roles, from Galaxy.

* Asks the API of Galaxy for the role, one request each; it tells the newest eleven versions.
* Authenticates with the host rule of the server (a token), if it wants any.
* Brings versions with the dates of their commits, and where the role is developed.
* `registryUrls` name another server than `https://galaxy.ansible.com`.

Example: `geerlingguy.docker` → `7.4.1`, `7.4.2`, …
"""

import re
from collections.abc import Mapping
from urllib.parse import quote

from datasources import _galaxy
from datasources._answers import items, mapping, moment, text, text_or_none
from datasources._registries import first_that_knows
from updater.api import Client, NotFound, Package, Release, Releases

NAME = "galaxy"
VERSIONING = "pep440"

_ROLE = re.compile(r"(?P<namespace>[\w.-]+)\.(?P<name>[\w-]+)")


async def releases(package: Package, client: Client) -> Releases:
    """The versions of the role ``namespace.name``."""
    role = _ROLE.fullmatch(package.name)
    if role is None:
        raise NotFound(f"{package.name!r} is not the name of a role (namespace.name)", url=_galaxy.GALAXY)

    async def ask(registry_url: str) -> Releases:
        url = f"{_galaxy.api(registry_url)}/v1/roles/?{_query(role)}"
        answer = mapping((await client.get(url)).json(), url=url, what="roles")
        found = [mapping(each, url=url, what="roles") for each in items(answer.get("results"), url=url, what="roles")]
        return _releases(_named(role["name"], found, url), url)

    return await first_that_knows(package.registry_urls or (_galaxy.GALAXY,), ask)


def _query(role: re.Match[str]) -> str:
    """As ``ansible-galaxy`` asks."""
    return f"owner__username={quote(role['namespace'])}&name={quote(role['name'])}"


def _named(name: str, roles: list[Mapping[str, object]], url: str) -> Mapping[str, object]:
    for role in roles:
        if str(role.get("name")).lower() == name.lower():
            return role
    raise NotFound(f"{url} finds no role", url=url)


def _releases(role: Mapping[str, object], url: str) -> Releases:
    summary = mapping(role.get("summary_fields"), url=url, what="a summary")
    found = [_release(version, url) for version in items(summary.get("versions"), url=url, what="versions")]
    if not found:
        raise NotFound(f"{url} lists no versions: the role is installed from its branch", url=url)
    owner, name = text_or_none(role.get("github_user")), text_or_none(role.get("github_repo"))
    return Releases(releases=tuple(found), source_url=f"https://github.com/{owner}/{name}" if owner and name else None)


def _release(said: object, url: str) -> Release:
    version = mapping(said, url=url, what="versions")
    return Release(
        version=text(version.get("name"), url=url, what="a version"), published=moment(version.get("release_date"))
    )
