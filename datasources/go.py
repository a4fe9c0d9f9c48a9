"""Versions of Go modules, from a module proxy that the configuration names.

* Asks the proxy for the list of versions, and for the latest one with its date: two requests for each module.
* Authenticates with the host rule of the proxy, if it wants any.
* Brings versions; a date for the latest one only. A module without any tag has its latest commit for a version.
* `registryUrls` name the proxy; no address is built in.

The next major version of a module is another module (`example.com/tool/v3` after `example.com/tool/v2`) and not found.

Example: `golang.org/x/tools` → `v0.30.0`, `v0.31.0`, …
"""

import re

from datasources._answers import mapping, moment, text
from datasources._registries import base_url, configured, first_that_knows
from updater.api import Client, InvalidAnswer, NotFound, Package, Release, Releases

NAME = "go"
VERSIONING = "semver"

_MODULE = re.compile(r"(?:(?!\.\.?(?:/|$))[\w.~-]+/)*(?!\.\.?$)[\w.~-]+", re.ASCII)
_VERSION = re.compile(r"v[0-9]+\.\S+")
_CAPITAL = re.compile("[A-Z]")


async def releases(package: Package, client: Client) -> Releases:
    """All versions of the module with the path ``package.name``."""
    if not _MODULE.fullmatch(package.name):
        raise NotFound(f"{package.name!r} is not the path of a Go module", url="")

    async def ask(registry_url: str) -> Releases:
        module, proxy = f"{registry_url}/{_escaped(package.name)}", base_url(registry_url)
        found = {version: Release(version=version) for version in await _listed(module, client)}
        latest = await _latest(module, client)
        if latest is not None and (latest.version in found or not found):
            found[latest.version] = latest
        if not found:
            raise NotFound(f"{proxy} has no versions of {package.name}", url=proxy)
        return Releases(releases=tuple(found.values()), registry_url=proxy)

    return await first_that_knows(configured(package, "Go module proxy"), ask)


def _escaped(path: str) -> str:
    """https://go.dev/ref/mod#goproxy-protocol: a proxy's files may lie where capitals do not count."""
    return _CAPITAL.sub(lambda capital: f"!{capital[0].lower()}", path)


async def _listed(module: str, client: Client) -> list[str]:
    """One version a line; a module without tags has none."""
    answer = await client.get(f"{module}/@v/list")
    versions = [line.strip() for line in answer.text.split("\n") if line.strip()]
    if not all(map(_VERSION.fullmatch, versions)):
        raise InvalidAnswer(f"{answer.url} did not answer with versions", url=answer.url)
    return versions


async def _latest(module: str, client: Client) -> Release | None:
    """A proxy need not have it."""
    try:
        answer = await client.get(f"{module}/@latest")
    except NotFound:
        return None
    said = mapping(answer.json(), url=answer.url, what="a version")
    return Release(
        version=text(said.get("Version"), url=answer.url, what="a version"), published=moment(said.get("Time"))
    )
