"""What the provider and module registries of Terraform and OpenTofu have in common.

* finding a registry's services: https://developer.hashicorp.com/terraform/internals/remote-service-discovery
* the public registry's web API (``/v2/…``), the only place that tells dates; not documented, so that a departure from
  what is expected here leads back to the documented protocol
* OpenTofu's: https://api.opentofu.org/openapi.yml
"""

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from urllib.parse import urljoin, urlsplit

from datasources._answers import items, mapping, moment, text
from datasources._registries import base_url
from updater.api import Client, InvalidAnswer, NotFound, Package, Release, Releases, Requirement, Response

TERRAFORM = "https://registry.terraform.io"
OPENTOFU = "https://registry.opentofu.org"
_VARIABLES = "TF_TOKEN_"
_OPENTOFU_API = "https://api.opentofu.org/registry/docs"


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """A registry's URL without path, and the path of a provider (2 parts) or module (3 parts) in it."""

    registry: str
    path: str


def addresses(package: Package, *, parts: int) -> tuple[Address, ...]:
    """Where to look for ``package``, in order: at the host that its name begins with, or at ``registry_urls``.

    Raises ``NotFound`` for a name that no registry can have.
    """
    segments = package.name.split("/")
    registries = package.registry_urls or (TERRAFORM,)
    if len(segments) == parts + 1:
        registries = (segments.pop(0),)
    if len(segments) != parts or not all(segment.replace("-", "").replace("_", "").isalnum() for segment in segments):
        raise NotFound(f"{package.name!r} is no address in a registry", url=registries[0])
    return tuple(Address(registry=base_url(registry), path="/".join(segments)) for registry in registries)


async def service(registry: str, name: str, client: Client) -> str:
    """The address, with a final slash, of the service ``name`` (``providers.v1``); asked once per registry and run.

    Raises ``NotFound`` if the registry does not offer it.
    """
    url = f"{registry}/.well-known/terraform.json"
    answer = await client.once(f"terraform services {registry}", lambda: get(url, client))
    offered = mapping(answer.json(), url=url, what="a list of services").get(name)
    if offered is None:
        raise NotFound(f"{registry} does not offer {name}", url=url)
    return urljoin(answer.url, text(offered, url=url, what=f"the address of {name}")).rstrip("/") + "/"


async def dated(address: Address, kind: str, client: Client) -> Releases | None:
    """The versions with their dates, in one request, from the registries known to tell them; else None.

    ``kind`` is ``provider`` or ``module``. An outage is raised, and so is what is no JSON at all: versions without
    dates would look too young to some rules.
    """
    try:
        if address.registry == TERRAFORM:
            url = f"{TERRAFORM}/v2/{kind}s/{address.path}?include={kind}-versions"
            read: Callable[[object, str], Releases] = partial(_from_terraform, kind=f"{kind}-versions")
            answer = await client.get(url)
        elif address.registry == OPENTOFU:
            read = _from_opentofu
            answer = await client.get(f"{_OPENTOFU_API}/{kind}s/{address.path}/index.json")
        else:
            return None
    except NotFound:
        return None
    document = answer.json()
    try:
        return read(document, answer.url)
    except (NotFound, InvalidAnswer):  # the documented protocol has the last word
        return None


async def get(url: str, client: Client) -> Response:
    """GET with what the host rules or else the environment hold for the host.

    ``TF_TOKEN_app_terraform_io`` is for ``app.terraform.io`` and for no other host; dashes are written ``__``
    (https://developer.hashicorp.com/terraform/cli/config/config-file#environment-variable-credentials).
    """
    token = _tokens().get(urlsplit(url).netloc.lower()) if client.credentials(url) is None else None
    return await client.get(url, headers={"Authorization": f"Bearer {token}"} if token else None)


def _tokens() -> Mapping[str, str]:
    """Host → token."""
    names = {name: name.removeprefix(_VARIABLES) for name in os.environ if name.startswith(_VARIABLES)}
    return {host.replace("__", "-").replace("_", ".").lower(): os.environ[name] for name, host in names.items()}


def _from_terraform(answer: object, url: str, *, kind: str) -> Releases:
    document = mapping(answer, url=url, what="a JSON:API document")
    data = mapping(document.get("data"), url=url, what="data")
    source = mapping(data.get("attributes"), url=url, what="attributes").get("source")
    found = tuple(_included(document.get("included"), kind, url))
    return made(found, url=url, registry=TERRAFORM, source=source)


def _included(included: object, kind: str, url: str) -> Iterator[Release]:
    for value in items(included, url=url, what="included versions"):
        version = mapping(value, url=url, what="versions")
        if version.get("type") == kind:
            said = mapping(version.get("attributes"), url=url, what="attributes")
            name = text(said.get("version"), url=url, what="a version")
            yield Release(version=name, published=moment(said.get("published-at")))


def _from_opentofu(answer: object, url: str) -> Releases:
    document = mapping(answer, url=url, what="a description")
    found = tuple(_described(document.get("versions"), url))
    return made(found, url=url, registry=OPENTOFU, source=document.get("link"))


def _described(versions: object, url: str) -> Iterator[Release]:
    for value in items(versions, url=url, what="versions"):
        version = mapping(value, url=url, what="versions")
        name = text(version.get("id"), url=url, what="a version").removeprefix("v")
        yield Release(version=name, published=moment(version.get("published")))


def listed(
    versions: object, url: str, requires: Callable[[Mapping[str, object]], Iterator[Requirement]]
) -> Iterator[Release]:
    """The releases in ``[{"version": "1.2.3", …}, …]``, as the documented protocols have it."""
    for value in items(versions, url=url, what="versions"):
        said = mapping(value, url=url, what="versions")
        yield Release(version=text(said.get("version"), url=url, what="a version"), requires=tuple(requires(said)))


def made(found: tuple[Release, ...], *, url: str, registry: str, source: object = None) -> Releases:
    """The answer of ``registry``; raises ``NotFound`` if it has no versions."""
    if not found:
        raise NotFound(f"{url} lists no versions", url=url)
    link = source if isinstance(source, str) and source.startswith("https://") else None
    return Releases(releases=found, registry_url=registry, source_url=link)
