"""Versions of Python packages, from an index that the configuration names.

* Asks the index for the page of the project, one request each, in JSON or else in HTML (PEP 503, 691 and 700).
* Authenticates with the host rule of the index.
* Brings versions; from an index that speaks JSON also the time of their upload. Those of which every file was yanked
  are marked as deprecated.
* `registryUrls` name the index, such as `https://python.example.com/simple/`; no address is built in.

Example: `ansible-core` → `2.18.1`, `2.18.2`, `2.19.0b1`, …
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from datasources._answers import items, mapping, moment, text
from datasources._registries import base_url, configured, first_that_knows
from updater.api import Client, InvalidAnswer, NotFound, Package, Release, Releases, Response

NAME = "pypi"
VERSIONING = "pep440"

_JSON = "application/vnd.pypi.simple.v1+json"
_ACCEPT = f"{_JSON}, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.1"
_NAME = re.compile(r"[A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?", re.ASCII)
_SEPARATORS = re.compile(r"[-_.]+")
_LINK = re.compile(r"<a\s([^<]*)<", re.IGNORECASE)
_ARCHIVE = re.compile(r"\.(?:tar\.(?:gz|bz2|xz|Z)|tgz|zip)$")


@dataclass(frozen=True, slots=True, kw_only=True)
class _File:
    """A file of a project; the version is a part of its name."""

    version: str
    yanked: bool
    uploaded: datetime | None = None


async def releases(package: Package, client: Client) -> Releases:
    """All versions of the project ``package.name``, however that is written."""
    if not _NAME.fullmatch(package.name):
        raise NotFound(f"{package.name!r} is not the name of a Python package", url="")
    name = _SEPARATORS.sub("-", package.name).lower()

    async def ask(registry_url: str) -> Releases:
        answer = await client.get(f"{_simple(registry_url)}/{name}/", headers={"Accept": _ACCEPT})
        is_json = answer.headers.get("content-type", "").partition(";")[0].strip() == _JSON
        found = _merged(_from_json(answer, name) if is_json else _from_html(answer, name))
        if not found:
            raise NotFound(f"{answer.url} lists no files with a version", url=answer.url)
        return Releases(releases=found, registry_url=base_url(registry_url))

    return await first_that_knows(configured(package, "index of Python packages"), ask)


def _simple(index: str) -> str:
    """The address of the simple API; Renovate's users know that of the other one (``…/pypi``)."""
    return f"{index.removesuffix('/pypi')}/simple" if index.endswith("/pypi") else index


def _merged(files: Iterable[_File]) -> tuple[Release, ...]:
    """A version counts from its first file on, and for yanked if all its files are."""
    versions: dict[str, list[_File]] = {}
    for file in files:
        versions.setdefault(file.version, []).append(file)
    return tuple(
        Release(
            version=version,
            published=min((file.uploaded for file in found if file.uploaded), default=None),
            deprecated=all(file.yanked for file in found),
        )
        for version, found in versions.items()
    )


def _from_json(answer: Response, name: str) -> Iterator[_File]:
    """https://packaging.python.org/en/latest/specifications/simple-repository-api/#json-serialization."""
    url = answer.url
    project = mapping(answer.json(), url=url, what="a project")
    for value in items(project.get("files"), url=url, what="files"):
        file = mapping(value, url=url, what="files")
        version = _version(text(file.get("filename"), url=url, what="a file's name"), name)
        if version is not None:
            yanked = file.get("yanked") not in (None, False)
            yield _File(version=version, yanked=yanked, uploaded=moment(file.get("upload-time")))


def _from_html(answer: Response, name: str) -> list[_File]:
    """A page without any file of the project may be any page: one to sign in, say."""
    files = [
        _File(version=version, yanked="data-yanked" in attributes)
        for attributes, _, filename in (link[1].rpartition(">") for link in _LINK.finditer(answer.text))
        if (version := _version(filename.strip(), name)) is not None
    ]
    if not files:
        raise InvalidAnswer(f"{answer.url} did not answer with a list of files", url=answer.url)
    return files


def _version(filename: str, name: str) -> str | None:
    """``my_tool-1.2-py3-none-any.whl`` and ``my-tool-1.2.tar.gz`` are files of the version 1.2 of ``my-tool``.

    The name may be written with other separators and in other letters. None for other kinds of files.
    """
    begin = re.compile("[-_.]+".join(map(re.escape, name.split("-"))) + "-", re.IGNORECASE).match(filename)
    rest = filename[begin.end() :] if begin else ""
    if filename.endswith((".whl", ".egg")):
        return rest.partition("-")[0] or None
    archive = _ARCHIVE.search(rest)
    return (rest[: archive.start()] or None) if archive else None
