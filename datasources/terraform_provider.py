"""Versions and hashes of Terraform providers, from registries.

* Asks `HOST/.well-known/terraform.json` where providers are, once per host, then for the versions of the provider.
  The public registries of Terraform and OpenTofu tell dates elsewhere, in one request; there, that is asked instead.
  HashiCorp's own providers that the registry does not know are looked for at `releases.hashicorp.com`, which may be one
  of the `registryUrls`, too.
* Authenticates with the host rule of the registry (a token), or with `TF_TOKEN_…` from the environment.
* Brings versions; from the public registries also dates and where the provider is developed, from the others the
  version of Terraform that the provider's protocol requires.
* For `.terraform.lock.hcl` it brings the hashes of a version, for all platforms: `zh:` from the list of checksums
  that the registry names; `h1:`, only where the lock file has such hashes, from registries that tell them (OpenTofu's),
  else by reading every archive, two at a time. What was read is kept: no archive is downloaded twice.

The default registry is `registry.terraform.io`, the default namespace `hashicorp`.

Example: `aws` or `hashicorp/aws` → `5.80.0`, `5.81.0`, …; `registry.opentofu.org/opentofu/random` → `3.6.0`, …
"""

from collections.abc import Iterator, Mapping, Sequence

from msgspec import structs

from datasources import _terraform, _terraform_hashes
from datasources._answers import mapping
from datasources._registries import first_that_knows
from updater.api import Client, NotFound, Package, Release, Releases, Requirement

NAME = "terraform-provider"
VERSIONING = "hashicorp"

_HASHICORP_RELEASES = "https://releases.hashicorp.com"
_HASHICORP_S_OWN = ("hashicorp/", "terraform-providers/")
_PROTOCOLS = {"5": ">= 0.12.0", "6": ">= 1.0.0"}
"""The Terraform that speaks them: https://developer.hashicorp.com/terraform/plugin/terraform-plugin-protocol."""


async def releases(package: Package, client: Client) -> Releases:
    """All versions of the provider ``[[host/]namespace/]name``."""

    async def ask(address: _terraform.Address) -> Releases:
        if address.registry == _HASHICORP_RELEASES:
            return await _hashicorp_releases(address, client)
        dated = await _terraform.dated(address, "provider", client)
        try:
            return dated or await _versions(address, client)
        except NotFound as unknown:
            if address.registry != _terraform.TERRAFORM or not address.path.startswith(_HASHICORP_S_OWN):
                raise
            try:
                return await _hashicorp_releases(address, client)
            except NotFound:
                raise unknown from None

    return await first_that_knows(_addresses(package), ask)


async def hashes(package: Package, version: str, known: Sequence[str], client: Client) -> tuple[str, ...]:
    """The hashes of ``version`` for all its platforms, sorted, of the kinds in ``known``.

    Raises ``NotFound`` if there is no such version, ``InvalidAnswer`` if an archive is not what its checksum says.
    """
    kinds = frozenset(hash_.partition(":")[0] for hash_ in known)

    async def ask(address: _terraform.Address) -> tuple[str, ...]:
        return await _terraform_hashes.collect(address, version, kinds, client)

    return await first_that_knows(_addresses(package), ask) if kinds else ()


def _addresses(package: Package) -> tuple[_terraform.Address, ...]:
    if "/" not in package.name:
        package = structs.replace(package, name=f"hashicorp/{package.name}")
    return _terraform.addresses(package, parts=2)


async def _versions(address: _terraform.Address, client: Client) -> Releases:
    """https://developer.hashicorp.com/terraform/internals/provider-registry-protocol#list-available-versions."""
    providers = await _terraform.service(address.registry, "providers.v1", client)
    url = f"{providers}{address.path}/versions"
    answer = mapping((await _terraform.get(url, client)).json(), url=url, what="versions")
    found = tuple(_terraform.listed(answer.get("versions"), url, _requirements))
    return _terraform.made(found, url=url, registry=address.registry)


def _requirements(version: Mapping[str, object]) -> Iterator[Requirement]:
    """The Terraform that speaks the oldest of the protocols in question."""
    protocols = version.get("protocols")
    spoken = {str(protocol).partition(".")[0] for protocol in protocols} if isinstance(protocols, list) else set()
    if spoken and spoken <= _PROTOCOLS.keys():
        yield Requirement("terraform", _PROTOCOLS[min(spoken)])


async def _hashicorp_releases(address: _terraform.Address, client: Client) -> Releases:
    """https://releases.hashicorp.com/docs/ has providers from before there was a registry."""
    url = f"{_HASHICORP_RELEASES}/terraform-provider-{address.path.rpartition('/')[2]}/index.json"
    answer = mapping((await client.get(url)).json(), url=url, what="versions")
    versions = mapping(answer.get("versions"), url=url, what="versions")
    found = tuple(Release(version=str(version)) for version in versions)
    return _terraform.made(found, url=url, registry=_HASHICORP_RELEASES)
