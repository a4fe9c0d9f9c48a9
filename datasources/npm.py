"""Versions of npm packages, from a registry that the configuration names.

* Asks the registry for the whole description of the package, one request each.
* Authenticates with the host rule of the registry (a token).
* Brings versions with the time of their publication, whether they are deprecated, what `latest` and other tags stand
  for, and where the package is developed.
* `registryUrls` name the registry; no address is built in.

Example: `@acme/toolbox` → `1.4.0`, `2.0.0`, `2.1.0-beta.1`, …
"""

import re
from collections.abc import Mapping
from urllib.parse import quote

from datasources._answers import mapping, moment, text_or_none
from datasources._registries import base_url, configured, first_that_knows
from updater.api import Client, NotFound, Package, Release, Releases

NAME = "npm"
VERSIONING = "npm"

_PACKAGE = re.compile(r"(?:@[\w.~-]+/)?(?!\.\.?$)[\w.~-]+")
_GIT_URL = re.compile(r"(?:git\+)?https?://(?P<place>[^@\s?#]+)")


async def releases(package: Package, client: Client) -> Releases:
    """All versions of the package ``name`` or ``@scope/name``."""
    if not _PACKAGE.fullmatch(package.name):
        raise NotFound(f"{package.name!r} is not the name of an npm package", url="")

    async def ask(registry_url: str) -> Releases:
        path, registry = quote(package.name, safe="@"), base_url(registry_url)
        answer, url = await client.get(f"{registry_url}/{path}"), f"{registry}/{path}"
        document = mapping(answer.json(), url=url, what="a package")
        return Releases(
            releases=_versions(document, url),
            source_url=_source_url(document.get("repository")),
            registry_url=registry,
            tags=_tags(document.get("dist-tags")),
        )

    return await first_that_knows(configured(package, "npm registry"), ask)


def _versions(document: Mapping[str, object], url: str) -> tuple[Release, ...]:
    """https://github.com/npm/registry/blob/main/docs/responses/package-metadata.md.

    A package of which everything was withdrawn has times, one of them called ``unpublished``, and no versions.
    """
    times = document.get("time")
    times = times if isinstance(times, dict) else {}
    if "versions" not in document and "unpublished" in times:
        raise NotFound(f"{url} has no versions any more: they were withdrawn", url=url)
    versions = mapping(document.get("versions"), url=url, what="versions")
    if not versions:
        raise NotFound(f"{url} lists no versions", url=url)
    return tuple(
        Release(version=version, published=moment(times.get(version)), deprecated=_is_deprecated(said))
        for version, said in versions.items()
    )


def _tags(said: object) -> Mapping[str, str]:
    """The versions that have names: what `npm dist-tag ls` lists."""
    tags = said if isinstance(said, dict) else {}
    return {str(name): version for name, version in tags.items() if isinstance(version, str)}


def _is_deprecated(version: object) -> bool:
    """The mark is a sentence for users; an empty one takes it back."""
    return isinstance(version, dict) and bool(version.get("deprecated"))


def _source_url(repository: object) -> str | None:
    """``{"type": "git", "url": "git+https://…"}``, or the URL alone; short forms of other kinds are left aside."""
    url = text_or_none(repository.get("url") if isinstance(repository, dict) else repository) or ""
    match = _GIT_URL.fullmatch(url)
    return f"https://{match['place'].removesuffix('/').removesuffix('.git')}" if match else None
