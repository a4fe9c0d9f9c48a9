"""Versions of Terraform modules, from registries.

* Asks `HOST/.well-known/terraform.json` where modules are, once per host, then for the versions of the module. The
  public registries of Terraform and OpenTofu tell dates elsewhere, in one request; there, that is asked instead.
* Authenticates with the host rule of the registry (a token, as for `app.terraform.io`).
* Brings versions; from the public registries also dates and where the module is developed.

The default registry is `registry.terraform.io`. Modules that come from Git are the business of `git-tags`.

Example: `terraform-aws-modules/vpc/aws` → `5.16.0`, `5.17.0`, …;
`app.terraform.io/acme/network/azurerm` → `2.0.1`, …
"""

from datasources import _terraform
from datasources._answers import items, mapping
from datasources._registries import first_that_knows
from updater.api import Client, Package, Releases

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
    answer = mapping((await client.get(url)).json(), url=url, what="modules")
    first = mapping((*items(answer.get("modules"), url=url, what="modules"), None)[0], url=url, what="a module")
    found = tuple(_terraform.listed(first.get("versions"), url))
    return _terraform.made(found, url=url, registry=address.registry, source=first.get("source"))
