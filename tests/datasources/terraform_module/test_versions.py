"""Versions of modules in public and private registries."""

from datetime import UTC, datetime

import pytest

from datasources import terraform_module
from tests.datasources.conftest import Connect
from tests.servers import Reply, as_json
from tests.servers.pages import DENIED, DOWN, GARBAGE, RATE_LIMITED
from tests.servers.terraform import Contents, TerraformRegistry
from updater.api import (
    AuthError,
    InvalidAnswer,
    NotFound,
    Package,
    RateLimited,
    Release,
    RequestError,
    Requirement,
    Secret,
    Unavailable,
)
from updater.hosts import HostRule

PRIVATE = "app.terraform.io"
VPC = "terraform-aws-modules/vpc/aws"
CONTENTS = Contents(modules={VPC: {"5.0.0": "2023-06-01T00:00:00Z"}, "acme/network/azurerm": {"2.0.1": ""}})
HOSTS = ("registry.terraform.io", "registry.opentofu.org", "api.opentofu.org", PRIVATE)


def module(name: str) -> Package:
    return Package(datasource="terraform-module", name=name)


def routes(server: TerraformRegistry) -> dict[str, str]:
    return dict.fromkeys(HOSTS, server.url)


@pytest.mark.parametrize("host", ["", "registry.terraform.io/", "registry.opentofu.org/"])
async def test_dates_come_in_one_request(connect: Connect, host: str) -> None:
    """The public registries tell versions, dates and the source in one request."""
    with TerraformRegistry(CONTENTS) as server:
        async with connect(routes(server)) as client:
            found = await terraform_module.releases(module(host + VPC), client)
    assert found.releases == (Release(version="5.0.0", published=datetime(2023, 6, 1, tzinfo=UTC)),)
    assert found.source_url == "https://github.com/terraform-aws-modules/terraform-aws-vpc"
    assert len(server.requests) == 1


async def test_a_private_registry(connect: Connect) -> None:
    """A private registry is discovered and asked by the documented protocol, with the token of its host rule."""
    rule = HostRule(match_host=PRIVATE, token=Secret("t0ken"))
    with TerraformRegistry(CONTENTS, token="t0ken") as server:
        async with connect(routes(server), rule) as client:
            found = await terraform_module.releases(module(f"{PRIVATE}/acme/network/azurerm"), client)
        async with connect(routes(server)) as client:
            with pytest.raises(AuthError, match=PRIVATE):
                await terraform_module.releases(module(f"{PRIVATE}/acme/network/azurerm"), client)
    assert found.releases == (Release(version="2.0.1"),)
    assert found.registry_url == f"https://{PRIVATE}"


async def test_the_providers_that_a_module_needs(connect: Connect) -> None:
    """The extended protocol tells the providers of the root module, older registries without their source."""
    providers = [
        {"name": "aws", "namespace": "", "source": "hashicorp/aws", "version": ">= 5.0"},
        {"name": "cloud", "source": "registry.terraform.io/Acme/cloud", "version": "~> 1.2"},
        {"name": "null", "version": ">= 3.0"},
        {"name": "local", "namespace": "hashicorp", "version": ""},
    ]
    contents = Contents(modules={VPC: {"5.0.0": ""}}, requires={VPC: providers})
    with TerraformRegistry(contents, web=False) as server:
        async with connect(routes(server)) as client:
            (release,) = (await terraform_module.releases(module(VPC), client)).releases
    assert release.requires == (
        Requirement("hashicorp/aws", ">= 5.0"),
        Requirement("acme/cloud", "~> 1.2"),
        Requirement("hashicorp/null", ">= 3.0"),
    )


@pytest.mark.parametrize("root", [None, [], {"providers": {}}, {"providers": [1, {}, {"name": 1, "version": 2}]}])
async def test_requirements_of_the_wrong_shape(connect: Connect, root: object) -> None:
    """What a registry says beyond the protocol is a help where it can be read, and never worth failing for."""
    answer = as_json({"modules": [{"versions": [{"version": "1.0.0", "root": root}]}]})
    with TerraformRegistry(CONTENTS, web=False) as server:
        server.fault = lambda request: answer if request.path.endswith("/versions") else None
        async with connect(routes(server)) as client:
            found = await terraform_module.releases(module(VPC), client)
    assert found.releases == (Release(version="1.0.0"),)


async def test_without_the_web_api(connect: Connect) -> None:
    """Where the web API is gone the documented protocol still gives the versions."""
    with TerraformRegistry(CONTENTS, web=False) as server:
        async with connect(routes(server)) as client:
            found = await terraform_module.releases(module(VPC), client)
    assert found.releases == (Release(version="5.0.0"),)


@pytest.mark.parametrize(
    "name", ["acme/none/aws", f"{PRIVATE}/acme/none/aws", "vpc", "a/b", "a/b/c/d/e", "./modules/x"]
)
async def test_an_unknown_module(connect: Connect, name: str) -> None:
    """A module that the registry does not have, and what is no address at all, are NotFound."""
    with TerraformRegistry(CONTENTS) as server:
        async with connect(routes(server)) as client:
            with pytest.raises(NotFound):
                await terraform_module.releases(module(name), client)


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (RATE_LIMITED, RateLimited),
        (DOWN, Unavailable),
        (DENIED, AuthError),
        (GARBAGE, InvalidAnswer),
        (as_json({"modules.v1": "/v1/modules/", "modules": []}), InvalidAnswer),
        (as_json({"modules.v1": "/v1/modules/", "modules": [{"versions": []}]}), NotFound),
        (as_json({"modules.v1": ["/v1/modules/"]}), InvalidAnswer),
    ],
)
async def test_failures(connect: Connect, fault: Reply, error: type[RequestError]) -> None:
    """Refusals keep their kinds; an answer without a module is InvalidAnswer, one without versions NotFound."""
    with TerraformRegistry(CONTENTS) as server:
        server.fault = fault
        async with connect(routes(server)) as client:
            with pytest.raises(error):
                await terraform_module.releases(module(f"{PRIVATE}/acme/network/azurerm"), client)
