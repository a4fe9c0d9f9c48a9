"""Versions of Jenkins plugins, from an update center.

* Asks for `current/plugin-versions.json`, which lists all versions of all plugins (some 70 MB, fewer when
  compressed): once a run, however many plugins there are, and only if it has changed since the last run.
* Authenticates with the host rule of the update center, if it wants any.
* Brings versions with the time of their release.
* `registryUrls` name another update center than `https://updates.jenkins.io`.

Example: `git` → `5.6.0`, `5.7.0`, …; `configuration-as-code` → `1932.v75cb_b_f1b_698d`, …
"""

import json
from collections.abc import Mapping

from datasources._answers import mapping, moment, text
from datasources._registries import base_url, first_that_knows
from updater.api import Client, InvalidAnswer, NotFound, Package, Release, Releases

NAME = "jenkins-plugins"
VERSIONING = "maven"

_UPDATE_CENTER = "https://updates.jenkins.io"
_MAX_BYTES = 256 * 1024 * 1024


async def releases(package: Package, client: Client) -> Releases:
    """All versions of the plugin with the id ``package.name``."""

    async def ask(registry_url: str) -> Releases:
        url = f"{base_url(registry_url)}/current/plugin-versions.json"
        plugins = await client.once(f"jenkins plugins {url}", lambda: _plugins(url, client))
        if not plugins.get(package.name):
            raise NotFound(f"{url} has no plugin {package.name}", url=url)
        return Releases(releases=_published(plugins[package.name], url), registry_url=base_url(registry_url))

    return await first_that_knows(package.registry_urls or (_UPDATE_CENTER,), ask)


async def _plugins(url: str, client: Client) -> Mapping[str, object]:
    answer = await client.get(url, max_bytes=_MAX_BYTES)
    try:
        document = json.loads(answer.content, object_hook=_only_what_matters)
    except (ValueError, RecursionError) as error:
        raise InvalidAnswer(f"{url} did not answer with JSON: {error}", url=url) from error
    plugins = mapping(mapping(document, url=url, what="plugins").get("plugins"), url=url, what="plugins")
    if not plugins:
        raise InvalidAnswer(f"{url} lists no plugins", url=url)
    return plugins


def _only_what_matters(said: dict[str, object]) -> object:
    """Keep of each version a name and a time, of each dependency nothing: a twentieth of the memory, half the time.

    https://github.com/jenkins-infra/update-center2: a version has the address of its file, a dependency only a name.
    """
    if "version" not in said:
        return said
    return (said["version"], said.get("releaseTimestamp")) if "url" in said else None


def _published(versions: object, url: str) -> tuple[Release, ...]:
    return tuple(_release(said, url) for said in mapping(versions, url=url, what="versions").values())


def _release(said: object, url: str) -> Release:
    if not isinstance(said, tuple):
        raise InvalidAnswer(f"{url} answered without a version", url=url)
    version, published = said
    return Release(version=text(version, url=url, what="a version"), published=moment(published))
