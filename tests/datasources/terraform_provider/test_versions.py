"""Versions of providers: the public registries, private ones, and what came before."""

from datetime import UTC, datetime

import pytest

from datasources import terraform_provider
from tests.datasources.conftest import Connect
from tests.servers import Reply, as_json
from tests.servers.pages import CUT, DENIED, DOWN, GARBAGE, RATE_LIMITED
from tests.servers.terraform import Contents, Provider, TerraformRegistry
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

PRIVATE = "terraform.example.com"
RELEASES = "https://releases.hashicorp.com"
HOSTS = ("registry.terraform.io", "registry.opentofu.org", "api.opentofu.org", "releases.hashicorp.com", PRIVATE)
SOURCE = "https://github.com/hashicorp/terraform-provider-aws"
AWS = Provider(versions={"5.0.0": "2023-05-25T18:00:00Z", "5.1.0": "2023-06-01T18:00:00Z"}, source=SOURCE)
CONTENTS = Contents(
    providers={"hashicorp/aws": AWS, "acme/cloud": Provider(versions={"1.0.0": "2024-01-01T00:00:00Z"})},
    legacy={"terraform-provider-ancient": ["0.1.0", "0.2.0"]},
)


def provider(name: str, *registry_urls: str) -> Package:
    return Package(datasource="terraform-provider", name=name, registry_urls=registry_urls)


def routes(server: TerraformRegistry) -> dict[str, str]:
    return dict.fromkeys(HOSTS, server.url)


@pytest.mark.parametrize("name", ["aws", "hashicorp/aws", "registry.terraform.io/hashicorp/aws"])
async def test_dates_come_in_one_request(connect: Connect, name: str) -> None:
    """The public registry tells all versions with their dates, and the source, in one request; names may be short."""
    with TerraformRegistry(CONTENTS) as server:
        async with connect(routes(server)) as client:
            found = await terraform_provider.releases(provider(name), client)
    assert set(found.releases) == {
        Release(version="5.0.0", published=datetime(2023, 5, 25, 18, tzinfo=UTC)),
        Release(version="5.1.0", published=datetime(2023, 6, 1, 18, tzinfo=UTC)),
    }
    assert found.source_url == SOURCE
    assert server.paths() == ["/v2/providers/hashicorp/aws?include=provider-versions"]


async def test_opentofu_tells_dates_too(connect: Connect) -> None:
    """A lock file's registry decides which one is asked; OpenTofu's versions lose their ``v``."""
    with TerraformRegistry(CONTENTS) as server:
        async with connect(routes(server)) as client:
            found = await terraform_provider.releases(provider("hashicorp/aws", "registry.opentofu.org"), client)
    assert {release.version for release in found.releases} == {"5.0.0", "5.1.0"}
    assert all(release.published for release in found.releases)
    assert found.registry_url == "https://registry.opentofu.org"
    assert len(server.requests) == 1


@pytest.mark.parametrize("host", ["registry.terraform.io", "registry.opentofu.org"])
async def test_the_documented_protocol_has_the_last_word(connect: Connect, host: str) -> None:
    """Where the web API is gone or has changed, the versions come without dates."""
    with TerraformRegistry(CONTENTS, web=False) as server:
        async with connect(routes(server)) as client:
            found = await terraform_provider.releases(provider(f"{host}/hashicorp/aws"), client)
    assert set(found.releases) == {Release(version="5.0.0"), Release(version="5.1.0")}


async def test_a_private_registry(connect: Connect) -> None:
    """A private registry is found by its host name, discovered once, and opened by a token."""
    rule = HostRule(match_host=PRIVATE, token=Secret("t0ken"))
    with TerraformRegistry(CONTENTS, token="t0ken") as server:
        async with connect(routes(server), rule) as client:
            for name in ("hashicorp/aws", "acme/cloud"):
                assert (await terraform_provider.releases(provider(f"{PRIVATE}/{name}"), client)).releases
        assert len(server.paths("/.well-known")) == 1
        assert len(server.requests) == 3
        async with connect(routes(server)) as client:
            with pytest.raises(AuthError, match=PRIVATE):
                await terraform_provider.releases(provider(f"{PRIVATE}/acme/cloud"), client)


@pytest.mark.parametrize("variable", ["TF_TOKEN_terraform_example_com", "TF_TOKEN_Terraform.example.com"])
async def test_a_token_from_the_environment(connect: Connect, monkeypatch: pytest.MonkeyPatch, variable: str) -> None:
    """``TF_TOKEN_…`` opens the registry that it names, and is said to nobody else, above or below that host."""
    monkeypatch.setenv(variable, "t0ken")
    with TerraformRegistry(CONTENTS, token="t0ken") as server:
        others = dict.fromkeys(("example.com", "eu.terraform.example.com"), server.url)
        async with connect(routes(server) | others) as client:
            assert (await terraform_provider.releases(provider(f"{PRIVATE}/acme/cloud"), client)).releases
            for other in ("example.com", "eu.terraform.example.com", "registry.terraform.io"):
                with pytest.raises(AuthError):
                    await terraform_provider.releases(provider(f"{other}/acme/cloud"), client)


async def test_a_dash_in_the_name_of_a_variable(connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    """A dash of a host's name is written as two underscores."""
    monkeypatch.setenv("TF_TOKEN_my__registry_example_com", "t0ken")
    with TerraformRegistry(CONTENTS, token="t0ken") as server:
        async with connect({"my-registry.example.com": server.url}) as client:
            assert (await terraform_provider.releases(provider("my-registry.example.com/acme/cloud"), client)).releases


async def test_a_host_rule_beats_the_environment(connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the configuration says to a host is said, whatever the environment has for it."""
    monkeypatch.setenv("TF_TOKEN_terraform_example_com", "other")
    rule = HostRule(match_host=PRIVATE, token=Secret("t0ken"))
    with TerraformRegistry(CONTENTS, token="t0ken") as server:
        async with connect(routes(server), rule) as client:
            assert (await terraform_provider.releases(provider(f"{PRIVATE}/acme/cloud"), client)).releases


@pytest.mark.parametrize(
    ("protocols", "terraform"),
    [(["5.0"], ">= 0.12.0"), (["6.0"], ">= 1.0.0"), (["5.1", "6.0"], ">= 0.12.0"), (["4.0", "5.0"], None), ([], None)],
)
async def test_the_terraform_that_a_provider_needs(
    connect: Connect, protocols: list[str], terraform: str | None
) -> None:
    """The oldest protocol of a provider says which Terraform can use it; one before 0.12 is not worth telling."""
    contents = Contents(providers={"acme/cloud": Provider(versions={"1.0.0": ""}, protocols=protocols)})
    with TerraformRegistry(contents) as server:
        async with connect(routes(server)) as client:
            found = await terraform_provider.releases(provider(f"{PRIVATE}/acme/cloud"), client)
    assert [release.requires for release in found.releases] == [
        (Requirement("terraform", terraform),) if terraform else ()
    ]


async def test_the_releases_as_a_registry(connect: Connect) -> None:
    """``releases.hashicorp.com`` may be one of the registries, alone or behind another."""
    with TerraformRegistry(CONTENTS) as server:
        for registries in ((RELEASES,), (f"https://{PRIVATE}", RELEASES)):
            async with connect(routes(server)) as client:
                found = await terraform_provider.releases(provider("ancient", *registries), client)
            assert found.registry_url == RELEASES
            assert {release.version for release in found.releases} == {"0.1.0", "0.2.0"}


@pytest.mark.parametrize("place", ["/v1/providers/", "/v1/providers", f"https://{PRIVATE}/v1/providers/"])
async def test_where_discovery_leads(connect: Connect, place: str) -> None:
    """The address of a service may be relative or absolute, with or without a final slash."""
    with TerraformRegistry(CONTENTS) as server:
        server.services = {"providers.v1": place}
        async with connect(routes(server)) as client:
            found = await terraform_provider.releases(provider(f"{PRIVATE}/acme/cloud"), client)
    assert len(found.releases) == 1


async def test_a_registry_of_modules_only(connect: Connect) -> None:
    """A registry that offers no providers is told apart from one that does not know the provider."""
    with TerraformRegistry(CONTENTS) as server:
        server.services = {"modules.v1": "/v1/modules/"}
        async with connect(routes(server)) as client:
            with pytest.raises(NotFound, match=r"does not offer providers\.v1"):
                await terraform_provider.releases(provider(f"{PRIVATE}/acme/cloud"), client)


async def test_providers_from_before_the_registry(connect: Connect) -> None:
    """HashiCorp's own providers that the registry does not know are looked for among its releases."""
    with TerraformRegistry(CONTENTS) as server:
        async with connect(routes(server)) as client:
            found = await terraform_provider.releases(provider("ancient"), client)
    assert {release.version for release in found.releases} == {"0.1.0", "0.2.0"}


@pytest.mark.parametrize("name", ["nothing", "acme/nothing", f"{PRIVATE}/acme/nothing"])
async def test_an_unknown_provider(connect: Connect, name: str) -> None:
    """A provider that nobody knows is NotFound, in the words of the registry."""
    with TerraformRegistry(CONTENTS) as server:
        async with connect(routes(server)) as client:
            with pytest.raises(NotFound, match="/v1/providers/"):
                await terraform_provider.releases(provider(name), client)


@pytest.mark.parametrize("name", ["", "a/b/c/d", "acme/../cloud", "acme//cloud", "acme/cloud?x"])
async def test_names_that_are_no_addresses(connect: Connect, name: str) -> None:
    """What could turn into another address on the way is refused before it is asked for."""
    async with connect() as client:
        with pytest.raises(NotFound):
            await terraform_provider.releases(provider(name), client)


@pytest.mark.parametrize("host", ["registry.terraform.io", PRIVATE])
@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (RATE_LIMITED, RateLimited),
        (DOWN, Unavailable),
        (DENIED, AuthError),
        (CUT, Unavailable),
        (GARBAGE, InvalidAnswer),
        (as_json({}), NotFound),
        (as_json([]), InvalidAnswer),
    ],
)
async def test_failures(connect: Connect, host: str, fault: Reply, error: type[RequestError]) -> None:
    """Refusals keep their kinds, garbage is InvalidAnswer, and a registry that offers nothing is NotFound."""
    with TerraformRegistry(CONTENTS) as server:
        server.fault = fault
        async with connect(routes(server)) as client:
            with pytest.raises(error):
                await terraform_provider.releases(provider(f"{host}/acme/cloud"), client)


@pytest.mark.parametrize("versions", [None, "5.0.0", ["5.0.0"], [{"version": 5}], [{}]])
async def test_versions_of_the_wrong_shape(connect: Connect, versions: object) -> None:
    """A list of versions that is none raises InvalidAnswer."""
    with TerraformRegistry(CONTENTS) as server:
        server.fault = lambda request: as_json({"versions": versions}) if request.path.endswith("/versions") else None
        async with connect(routes(server)) as client:
            with pytest.raises(InvalidAnswer):
                await terraform_provider.releases(provider(f"{PRIVATE}/acme/cloud"), client)


async def test_no_versions(connect: Connect) -> None:
    """A provider without versions is NotFound."""
    with TerraformRegistry(Contents(providers={"acme/empty": Provider(versions={})})) as server:
        async with connect(routes(server)) as client:
            with pytest.raises(NotFound):
                await terraform_provider.releases(provider("acme/empty"), client)
