"""Where an image or chart is: its registry, and its name there."""

import re
from dataclasses import dataclass

from datasources._registries import base_url
from updater.api import NotFound

DOCKER_HUB = "https://registry-1.docker.io"

_DOCKER_HUB_HOSTS = (
    "docker.io",
    "index.docker.io",
    "registry-1.docker.io",
    "hub.docker.com",
    "registry.hub.docker.com",
)
_PART = r"[A-Za-z0-9]+(?:[._-]+[A-Za-z0-9]+)*"
_NAME = re.compile(rf"{_PART}(?:/{_PART})*")
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Repository:
    """A repository inside a registry: ``registry`` is the registry's URL without path, ``name`` never begins with /."""

    registry: str
    name: str

    @property
    def host(self) -> str:
        """The registry's host, with its port if that is written."""
        return self.registry.partition("://")[2]

    def url(self, path: str) -> str:
        """The address of something that belongs to the repository."""
        return f"{self.registry}/v2/{self.name}/{path}"


def locate(name: str, registry_url: str | None = None) -> Repository:
    """The repository of an image or chart called ``name``.

    ``name`` begins with a host if its first part has a dot or a colon or is ``localhost``; otherwise it lives on
    Docker Hub. ``registry_url`` beats both; its path, if any, goes in front of the name (a mirror such as
    ``https://harbor.example.com/hub``). Plain HTTP is spoken to this machine and where ``registry_url`` says so.
    Raises ``NotFound`` for what no registry can have.
    """
    registry, path = _split_name(name) if registry_url is None else _split_url(registry_url, name)
    if registry.partition("://")[2] in _DOCKER_HUB_HOSTS:
        registry, path = DOCKER_HUB, path.removeprefix("v1/").removeprefix("v2/")
        path = path if "/" in path else f"library/{path}"
    if not _NAME.fullmatch(path):
        raise NotFound(f"{path!r} is not a name that {registry} can have", url=registry)
    return Repository(registry=registry, name=path)


def digest_or_none(value: object) -> str | None:
    """``value`` as a digest that may be written into a file; None for anything else."""
    return value if isinstance(value, str) and _DIGEST.fullmatch(value) else None


def _split_name(name: str) -> tuple[str, str]:
    host, _, path = name.partition("/")
    if not path or not ("." in host or ":" in host or host == "localhost"):
        return DOCKER_HUB, name
    return base_url(host), path


def _split_url(registry_url: str, name: str) -> tuple[str, str]:
    scheme, _, place = base_url(registry_url.removeprefix("oci://")).partition("://")
    host, _, prefix = place.partition("/")
    prefix = f"{prefix}/" if prefix else ""
    return f"{scheme}://{host}", prefix + name.removeprefix(f"{host}/{prefix}")
