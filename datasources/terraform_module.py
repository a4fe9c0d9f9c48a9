"""Versions of Terraform modules, from registries.

* Asks `HOST/.well-known/terraform.json` where modules are, once per host, then for the versions of the module. The
  public registries of Terraform and OpenTofu tell dates elsewhere, in one request; there, that is asked instead.
* Authenticates with the host rule of the registry (a token, as for `app.terraform.io`), or with `TF_TOKEN_…` from the
  environment.
* Brings versions; from the public registries also dates and where the module is developed, from the others the
  versions of providers that the module requires.

The default registry is `registry.terraform.io`. Modules that come from Git are the business of `git-tags`.

Example: `terraform-aws-modules/vpc/aws` → `5.16.0`, `5.17.0`, …;
`app.terraform.io/acme/network/azurerm` → `2.0.1`, …
"""

from collections.abc import Iterator, Mapping

from datasources import _terraform
from datasources._answers import items, mapping, text_or_none
from datasources._registries import first_that_knows
from updater.api import Client, Package, Releases, Requirement

NAME = "terraform-module"
VERSIONING = "hashicorp"


async def releases(package: Package, client: Client) -> Releases:
    """All versions of the module ``[host/]namespace/name/provider``."""

    async def ask(address: _terraform.Address) -> Releases:
        return await _terraform.dated(address, "module", client) or await _versions(address, client)

    return await first_that_knows(_terraform.addresses(package, parts=3), ask)


async def _versions(address: _terraform.Address, client: Client) -> Releases:
    """https://developer.hashicorp.com/terraform/internals/module-registry-protocol#list-available-versions."""
    modules = await _terraform.service(address.registry, "modules.v1", client)
    url = f"{modules}{address.path}/versions"
    answer = mapping((await _terraform.get(url, client)).json(), url=url, what="modules")
    first = mapping((*items(answer.get("modules"), url=url, what="modules"), None)[0], url=url, what="a module")
    found = tuple(_terraform.listed(first.get("versions"), url, _requirements))
    return _terraform.made(found, url=url, registry=address.registry, source=first.get("source"))


def _requirements(version: Mapping[str, object]) -> Iterator[Requirement]:
    """The providers of the root module; registries that follow the protocol to the letter name none."""
    root = version.get("root")
    providers = root.get("providers") if isinstance(root, dict) else None
    for provider in providers if isinstance(providers, list) else ():
        said: Mapping[str, object] = provider if isinstance(provider, dict) else {}
        name, constraint = _provider(said), text_or_none(said.get("version"))
        if name and constraint:
            yield Requirement(name, constraint)


def _provider(said: Mapping[str, object]) -> str | None:
    """``namespace/name``, as the package of the provider is called; newer registries tell its source."""
    if source := text_or_none(said.get("source")):
        return "/".join(source.lower().split("/")[-2:])
    name, namespace = text_or_none(said.get("name")), text_or_none(said.get("namespace")) or "hashicorp"
    return f"{namespace}/{name}".lower() if name else None
