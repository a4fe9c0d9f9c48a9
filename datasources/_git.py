"""The tags and branches of a Git repository, from one ``git ls-remote`` per run."""

import re
from collections.abc import Mapping

from updater.api import Client, InvalidAnswer, NotFound, Release

TAGS = "refs/tags/"
BRANCHES = "refs/heads/"

_WEB = re.compile(r"(?P<scheme>https?://)(?:[^/@]*@)?(?P<place>[^@]+)")
_SSH = re.compile(r"(?:ssh://)?(?:[\w.-]+@)?(?P<host>[\w.-]+)(?::\d+)?[:/]/*(?P<path>[^:@]+)")


async def releases(url: str, prefix: str, client: Client) -> tuple[Release, ...]:
    """A release with its commit for each ref below ``prefix``. Raises ``NotFound`` if there is none."""
    refs = await _refs(url, client)
    found = {ref.removeprefix(prefix): commit for ref, commit in refs.items() if ref.startswith(prefix)}
    if not found:
        kind = "tags" if prefix == TAGS else "branches"
        raise NotFound(f"{web_url(url)} has no {kind}", url=web_url(url))
    return tuple(Release(version=name, digest=commit) for name, commit in found.items())


async def commit(url: str, name: str, prefixes: tuple[str, ...], client: Client) -> str:
    """The commit that ``name`` points at, below the first of the ``prefixes`` that has it. Raises ``NotFound``."""
    refs = await _refs(url, client)
    for prefix in prefixes:
        if prefix + name in refs:
            return refs[prefix + name]
    raise NotFound(f"{web_url(url)} has no {name}", url=web_url(url))


async def _refs(url: str, client: Client) -> Mapping[str, str]:
    """Git takes an empty answer, or a page without a line break, for a repository without any refs."""
    refs = await client.ls_remote(url)
    if not refs:
        raise InvalidAnswer(f"{web_url(url)} lists neither branches nor tags", url=web_url(url))
    return refs


def web_url(url: str) -> str:
    """Where a person looks at the repository that Git knows as ``url``: by HTTPS, and without credentials."""
    if web := _WEB.fullmatch(url):
        address = web["scheme"] + web["place"]
    elif ssh := _SSH.fullmatch(url):
        address = f"https://{ssh['host']}/{ssh['path']}"
    else:
        address = url.rpartition("@")[2]
    return address.removesuffix("/").removesuffix(".git")
