"""Versions of the tasks of Azure Pipelines.

* Asks the organisation that `registryUrls` name (`https://dev.azure.com/acme`) which tasks are installed there, its
  extensions included, once a run. Without `registryUrls` it looks into the repository in which Microsoft develops the
  tasks that come with Azure DevOps, once a run; it tells major versions only.
* Authenticates with a host rule for `dev.azure.com` (a personal access token as password, no name), without which no
  organisation answers; the repository is public (a host rule for `api.github.com` allows for more requests).
* Brings major versions (`3`); from an organisation also the exact ones (`3.231.0`), and which are deprecated.

So `Bash@3` moves to `Bash@4` either way, `Bash@3.231.0` only where the organisation is known. A task is called by its
name, by `publisher.extension.task` or by its id.

Example: `AzureCLI` → `1`, `2`; from an organisation `1`, `1.259.0`, `2`, `2.259.1`
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from datasources import _github
from datasources._answers import items, mapping, text
from datasources._registries import base_url, first_that_knows
from updater.api import AuthError, Client, InvalidAnswer, NotFound, Package, Release, Releases

NAME = "azure-pipelines-tasks"
VERSIONING = "github-actions"

_REPOSITORY = "https://github.com/microsoft/azure-pipelines-tasks"
_FOLDERS = "https://api.github.com/repos/microsoft/azure-pipelines-tasks/contents/Tasks"
_FOLDER = re.compile(r"(?P<name>\w+)V(?P<major>[0-9]+)", re.ASCII)

_Tasks = Mapping[str, tuple[Release, ...]]
"""What a task may be called, in lower case → its versions."""


async def releases(package: Package, client: Client) -> Releases:
    """The versions of the task ``package.name``, in whatever letters."""

    async def ask(place: str) -> Releases:
        read = _in_repository if place == _REPOSITORY else _in_organisation
        tasks = await client.once(f"azure pipelines tasks {place}", lambda: read(place, client))
        found = tasks.get(package.name.lower())
        if not found:
            hint = " (registryUrls may name your organisation)" if place == _REPOSITORY else ""
            raise NotFound(f"{place} has no task {package.name}{hint}", url=place)
        return Releases(releases=found, source_url=_REPOSITORY if place == _REPOSITORY else None, registry_url=place)

    return await first_that_knows([base_url(url) for url in package.registry_urls or (_REPOSITORY,)], ask)


async def _in_repository(_place: str, client: Client) -> _Tasks:
    """Each major version has a folder: ``Tasks/BashV3``."""
    answer = await client.get(_FOLDERS, headers=_github.HEADERS)
    folders = [
        mapping(each, url=_FOLDERS, what="folders") for each in items(answer.json(), url=_FOLDERS, what="folders")
    ]
    names = [text(folder.get("name"), url=_FOLDERS, what="a folder's name") for folder in folders]
    return _by_name((match["name"], match["major"], False) for name in names if (match := _FOLDER.fullmatch(name)))


async def _in_organisation(place: str, client: Client) -> _Tasks:
    """https://learn.microsoft.com/azure/devops/extend/develop/add-build-task; 203 is a page to sign in."""
    url = f"{place}/_apis/distributedtask/tasks?allversions=true"
    answer = await client.get(url)
    if answer.status == 203:
        raise AuthError(f"{place} wants credentials: write a host rule for it", url=url)
    tasks = items(mapping(answer.json(), url=url, what="tasks").get("value"), url=url, what="tasks")
    return _by_name(row for task in tasks for row in _rows(mapping(task, url=url, what="tasks"), url))


_Row = tuple[str, str, bool]
"""A name, a version, and whether that is deprecated."""


def _rows(task: Mapping[str, object], url: str) -> Iterator[_Row]:
    said = mapping(task.get("version"), url=url, what="a task's version")
    numbers = [_number(said.get(part), url) for part in ("major", "minor", "patch")]
    name, publisher = text(task.get("name"), url=url, what="a task's name"), task.get("contributionIdentifier")
    for called in (name, task.get("id"), f"{publisher}.{name}"):
        for version in (numbers[0], ".".join(numbers)):
            yield str(called), version, task.get("deprecated") is True


def _number(value: object, url: str) -> str:
    if not isinstance(value, int):
        raise InvalidAnswer(f"{url} answered without a task's version", url=url)
    return str(value)


def _by_name(rows: Iterable[_Row]) -> _Tasks:
    """The tasks that come with Azure DevOps are listed like all others; a version is deprecated if all of it is."""
    found: dict[str, dict[str, bool]] = {}
    for name, version, deprecated in rows:
        versions = found.setdefault(name.lower(), {})
        versions[version] = deprecated and versions.get(version, True)
    return {name: _releases(list(versions.items())) for name, versions in found.items()}


def _releases(versions: Sequence[tuple[str, bool]]) -> tuple[Release, ...]:
    return tuple(Release(version=version, deprecated=deprecated) for version, deprecated in versions)
