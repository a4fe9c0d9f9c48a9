"""Presets of other repositories: what their names say, and which file that is. Pure; nothing is fetched here.

``github>owner/name``, ``gitlab>…``, ``gitea>…`` and ``forgejo>…`` name the ``default.json`` of a repository (or else
its ``renovate.json``), ``local>owner/name`` one on the forge that the configuration itself is on.
``…:file``, ``…:file/key``, ``…//path/file`` and ``…#tag`` say more exactly what is meant. ``./file``, ``../file`` and
``/file`` stay in the repository where they stand, and ``https://…`` is an address
(https://docs.renovatebot.com/config-presets/).
"""

import posixpath
import re
from collections.abc import Mapping
from typing import Literal
from urllib.parse import quote

import msgspec

Forge = Literal["github", "gitlab", "gitea", "forgejo"]

_ENDPOINTS: Mapping[Forge, str] = {
    "github": "https://api.github.com",
    "gitlab": "https://gitlab.com/api/v4",
    "gitea": "https://gitea.com/api/v1",
    "forgejo": "https://code.forgejo.org/api/v1",
}
_OWN_PATHS: Mapping[Forge, str] = {
    "github": "/api/v3",
    "gitlab": "/api/v4",
    "gitea": "/api/v1",
    "forgejo": "/api/v1",
}
_NAME = re.compile(
    r"(?:(?P<forge>github|gitlab|gitea|forgejo|local)>)?"
    r"(?P<repository>[\w.-]+(?:/[\w.-]+)+?)"
    r"(?://(?P<path>[^:#]+?))?"
    r"(?::(?P<file>[^:#]+?))?"
    r"(?:#(?P<ref>[^#]+))?"
)
_RELATIVE = re.compile(r"(?:\.{1,2}/|/)\S+")
_ENDING = re.compile(r"\.json[5c]?$")


class Home(msgspec.Struct, frozen=True, kw_only=True):
    """The forge that a configuration comes from, with the address of its API."""

    forge: Forge
    endpoint: str


class File(msgspec.Struct, frozen=True, kw_only=True):
    """A file with presets. ``paths`` are the places where it may be, the first that exists counts.

    Without ``home`` it lies in the repository that is being updated, or, with an ``address``, anywhere on the web.
    """

    paths: tuple[str, ...] = ()
    home: Home | None = None
    repository: str = ""
    ref: str | None = None
    address: str | None = None

    @property
    def is_in_tree(self) -> bool:
        """Whether it is one of the files that are being updated."""
        return self.home is None and self.address is None

    def urls(self) -> tuple[str, ...]:
        """Where it may be had, best first."""
        if self.address is not None:
            return (self.address,)
        return tuple(self._url(path) for path in self.paths) if self.home is not None else ()

    def _url(self, path: str) -> str:
        assert self.home is not None
        endpoint, ref = self.home.endpoint.rstrip("/"), quote(self.ref or "", safe="")
        match self.home.forge:
            case "github":
                query = f"?ref={ref}" if ref else ""
                return f"{endpoint}/repos/{self.repository}/contents/{quote(path)}{query}"
            case "gitlab":
                project, file = quote(self.repository, safe=""), quote(path, safe="")
                return f"{endpoint}/projects/{project}/repository/files/{file}/raw?ref={ref or 'HEAD'}"
            case _:
                query = f"?ref={ref}" if ref else ""
                return f"{endpoint}/repos/{self.repository}/raw/{quote(path)}{query}"

    def __str__(self) -> str:
        if self.address is not None:
            return self.address
        tail = f"{'//' if self.repository else ''}{self.paths[0]}" + (f"#{self.ref}" if self.ref else "")
        return f"{self.home.forge}>{self.repository}{tail}" if self.home is not None else tail


class Reference(msgspec.Struct, frozen=True, kw_only=True):
    """A preset in a file: the whole of it, or the member that ``keys`` lead to."""

    file: File
    keys: tuple[str, ...] = ()


def read_name(name: str, home: Home | None, within: File | None) -> Reference | None:
    """What ``name`` (without arguments) means; None if it names no preset of another repository.

    ``home`` is where the configuration comes from, ``within`` the file in which the name stands, if that is a preset
    itself. Raises ``ValueError`` for a name that cannot be followed from there.
    """
    if name.startswith(("http://", "https://")):
        return Reference(file=File(address=name))
    if _RELATIVE.fullmatch(name):
        return Reference(file=_beside(name, within))
    match = _NAME.fullmatch(name)
    if match is None:
        return None
    file, keys = _file_and_keys(match["path"], match["file"])
    paths = (file,) if file else ("default.json", "renovate.json")
    place = _home(match["forge"] or "local", home)
    return Reference(
        file=File(home=place, repository=match["repository"], paths=paths, ref=match["ref"]), keys=tuple(keys)
    )


def home_on(platform: str, endpoint: str | None) -> Home | None:
    """A platform by its name, with the address of its API unless that is the public one."""
    for forge, public in _ENDPOINTS.items():
        if forge == platform:
            return Home(forge=forge, endpoint=endpoint or public)
    return None


def home_of(host: str) -> Home | None:
    """The forge that a host is, as far as its name tells."""
    for forge, endpoint in _ENDPOINTS.items():
        public = endpoint.removeprefix("https://").partition("/")[0]
        if host in (public, public.removeprefix("api.")):
            return Home(forge=forge, endpoint=endpoint)
        if host.partition(".")[0] == forge:
            return Home(forge=forge, endpoint=f"https://{host}{_OWN_PATHS[forge]}")
    return Home(forge="forgejo", endpoint="https://codeberg.org/api/v1") if host == "codeberg.org" else None


def _home(forge: str, home: Home | None) -> Home:
    if forge == "local":
        if home is None:
            raise ValueError("which forge this repository is on is not known here; name it, as in `github>…`")
        return home
    found = home if home is not None and home.forge == forge else home_on(forge, None)
    assert found is not None
    return found


def _file_and_keys(path: str | None, file: str | None) -> tuple[str, list[str]]:
    if path is not None:
        return _with_ending(path), file.split("/") if file else []
    name, *keys = (file or "").split("/")
    return _with_ending(name) if name else "", keys


def _with_ending(path: str) -> str:
    return path if _ENDING.search(path) else f"{path}.json"


def _beside(name: str, within: File | None) -> File:
    """The file that a relative name means, seen from ``within`` or else from the root of the repository."""
    within = within or File(paths=("",))
    if within.address is not None:
        raise ValueError("a preset from an address has no neighbours")
    directory = "/" + posixpath.dirname(within.paths[0])
    path = posixpath.normpath(posixpath.join(directory, name)).lstrip("/")
    return File(home=within.home, repository=within.repository, ref=within.ref, paths=(_with_ending(path),))
