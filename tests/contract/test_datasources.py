"""What every datasource promises, whoever wrote it."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from types import ModuleType

import pytest

import datasources
from datasources import BUILTIN
from tests.datasources.conftest import Connect, connect
from tests.servers import Reply, Server
from tests.servers.catalogs import (
    AzureDevOps,
    CircleCi,
    EndOfLife,
    Galaxy,
    GoProxy,
    NpmRegistry,
    PythonIndex,
    UpdateCenter,
)
from tests.servers.forge_api import TOKEN, Forge
from tests.servers.forges import Kind, OtherForge
from tests.servers.helm import HelmRepository, index_of
from tests.servers.pages import DOWN, GARBAGE, RATE_LIMITED, PagedRegistry
from tests.servers.terraform import Contents, Provider, TerraformRegistry
from updater import versioning
from updater.api import Client, Datasource, NotFound, Package, RateLimited, Releases, RequestError, Secret
from updater.hosts import HostRule
from updater.http import HttpClient

__all__ = ["connect"]  # the fixture of the datasources' own tests

HOST = "registry.example.com"
DATES = {"1.0.0": "2024-01-01T00:00:00Z", "1.1.0": "2024-02-01T00:00:00Z"}
HERE = (f"https://{HOST}",)
KNOWN: dict[str, tuple[str, tuple[str, ...]]] = {
    "azure-pipelines-tasks": ("app", (f"https://{HOST}/acme",)),
    "bitbucket-tags": ("team/app", ()),
    "docker": (f"{HOST}/app", ()),
    "endoflife-date": ("app", HERE),
    "forgejo-releases": ("team/app", HERE),
    "forgejo-tags": ("team/app", HERE),
    "galaxy": ("team.app", HERE),
    "galaxy-collection": ("team.app", HERE),
    "git-refs": (f"https://{HOST}/team/app", ()),
    "git-tags": (f"https://{HOST}/team/app", ()),
    "gitea-releases": ("team/app", HERE),
    "gitea-tags": ("team/app", HERE),
    "github-releases": ("team/app", HERE),
    "github-tags": ("team/app", HERE),
    "gitlab-releases": ("team/app", HERE),
    "gitlab-tags": ("team/app", HERE),
    "go": ("example.com/app", HERE),
    "helm": ("app", HERE),
    "jenkins-plugins": ("app", HERE),
    "npm": ("app", HERE),
    "orb": ("team/app", HERE),
    "pypi": ("app", (f"https://{HOST}/simple/",)),
    "terraform-module": (f"{HOST}/team/app/aws", ()),
    "terraform-provider": (f"{HOST}/team/app", ()),
}
"""A package that the stand-in below knows; a new datasource adds its line here and its server below."""

TABLES = {"custom", "github-runners", "kubernetes-api"}
"""Datasources that ask nobody; what the configuration makes of `custom` does."""

TOLD = {
    "azure-pipelines-tasks": {"1", "1.0.0", "1.1.0"},
    "git-refs": {"main"},
    "go": {"v1.0.0", "v1.1.0"},
}
"""The versions of that package, where they are not simply those of ``DATES``."""


@dataclass(frozen=True, kw_only=True)
class World:
    """A datasource, a package that it finds, and the server where it does."""

    datasource: Datasource
    package: Package
    server: Server

    async def releases(self, client: Client) -> Releases:
        return await self.datasource.releases(self.package, client)

    def open(self, connect: Connect) -> HttpClient:
        """A client that finds the server, and whom it knows."""
        hosts = (HOST, "bitbucket.org", "api.bitbucket.org")
        reader = HostRule(match_host=f"https://{HOST}/acme", username="", password=Secret(TOKEN))
        return connect(dict.fromkeys(hosts, self.server.url), reader)


def _forge(name: str) -> Forge:
    kinds: dict[str, Kind] = {"bitbucket": "bitbucket", "forgejo": "gitea", "gitea": "gitea", "gitlab": "gitlab"}
    kind = kinds.get(name.partition("-")[0])
    forge = OtherForge(kind) if kind else Forge()
    forge.repository("team/app", tags=list(DATES), releases=list(DATES))
    return forge


def _server(name: str) -> Server:
    packages = dict.fromkeys(("app", "team/app", "team.app"), DATES)
    servers: dict[str, Callable[[], Server]] = {
        "azure-pipelines-tasks": lambda: AzureDevOps({"app": DATES}),
        "docker": lambda: PagedRegistry({"app": list(DATES)}),
        "endoflife-date": lambda: EndOfLife(packages),
        "galaxy": lambda: Galaxy(packages),
        "galaxy-collection": lambda: Galaxy(packages),
        "go": lambda: GoProxy({"example.com/app": {f"v{version}": date for version, date in DATES.items()}}),
        "helm": lambda: HelmRepository(index_of({"app": list(DATES)})),
        "jenkins-plugins": lambda: UpdateCenter(packages),
        "npm": lambda: NpmRegistry(packages),
        "orb": lambda: CircleCi(packages),
        "pypi": lambda: PythonIndex(packages),
        "terraform-module": lambda: TerraformRegistry(Contents(modules={"team/app/aws": DATES})),
        "terraform-provider": lambda: TerraformRegistry(Contents(providers={"team/app": Provider(versions=DATES)})),
    }
    return servers.get(name, lambda: _forge(name))()


@pytest.fixture(params=[datasource.NAME for datasource in BUILTIN if datasource.NAME not in TABLES])
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    name = str(request.param)
    datasource = next(each for each in BUILTIN if name == each.NAME)
    package_name, registry_urls = KNOWN[name]
    with ExitStack() as stack:
        server = stack.enter_context(_server(name))
        package = Package(datasource=name, name=package_name, registry_urls=registry_urls)
        yield World(datasource=datasource, package=package, server=server)


def test_names_are_unique() -> None:
    """No two datasources have the same name."""
    names = [datasource.NAME for datasource in BUILTIN]
    assert len(names) == len(set(names))


def test_default_versionings_are_known_without_loading() -> None:
    """What a scan is told of the datasources is what they say themselves, and telling it loads none."""
    assert {each.NAME: each.VERSIONING for each in BUILTIN} == datasources.VERSIONINGS
    code = (
        "import sys; from updater import plugins; plugins.versionings(); sys.exit('datasources.docker' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_every_module_is_registered() -> None:
    """A module in the package is a datasource in BUILTIN, unless its name says that it is private."""
    from pkgutil import iter_modules

    modules = {module.name for module in iter_modules(datasources.__path__) if not module.name.startswith("_")}
    assert modules == {_module(datasource).__name__.rpartition(".")[2] for datasource in BUILTIN}


@pytest.mark.parametrize("datasource", BUILTIN, ids=lambda datasource: datasource.NAME)
def test_a_datasource_meets_the_protocol(datasource: Datasource) -> None:
    """It has the names of the protocol, a versioning that exists, and is called as its file is."""
    assert isinstance(datasource, Datasource)
    assert datasource.VERSIONING in versioning.NAMES
    assert _module(datasource).__name__.rpartition(".")[2].replace("_", "-") == datasource.NAME


@pytest.mark.parametrize("datasource", BUILTIN, ids=lambda datasource: datasource.NAME)
def test_a_docstring_is_a_page_for_users(datasource: Datasource) -> None:
    """It says in one sentence what it brings, then what it asks, how it authenticates, and gives an example."""
    page = _module(datasource).__doc__ or ""
    assert page.partition("\n")[0].endswith(".")
    assert all(word in page for word in ("\n* Asks ", "\n* Authenticates ", "\n* Brings ", "\nExample: `"))


async def test_a_known_package(world: World, connect: Connect) -> None:
    """It finds the versions of a package, each once, and tells nothing that it does not know."""
    async with world.open(connect) as client:
        found = await world.releases(client)
    versions = [release.version for release in found.releases]
    assert len(versions) == len(set(versions))
    assert set(versions) == TOLD.get(world.datasource.NAME, set(DATES))


async def test_a_second_lookup_gives_the_same(world: World, connect: Connect) -> None:
    """Asking twice in a run gives equal answers: nothing is remembered that changes them."""
    async with world.open(connect) as client:
        assert await world.releases(client) == await world.releases(client)


async def test_an_unknown_package(world: World, connect: Connect) -> None:
    """404 is NotFound."""
    world.server.fault = Reply(status=404)
    async with world.open(connect) as client:
        with pytest.raises(NotFound):
            await world.releases(client)


async def test_a_rate_limit(world: World, connect: Connect) -> None:
    """429 is RateLimited."""
    world.server.fault = RATE_LIMITED
    async with world.open(connect) as client:
        with pytest.raises(RateLimited):
            await world.releases(client)


@pytest.mark.parametrize("fault", [DOWN, GARBAGE, Reply()], ids=["down", "garbage", "empty"])
async def test_trouble_is_never_absence(world: World, connect: Connect, fault: Reply) -> None:
    """A registry that is down or talks nonsense raises an error, and not the one for "it is not there"."""
    world.server.fault = fault
    async with world.open(connect) as client:
        with pytest.raises(RequestError) as caught:
            await world.releases(client)
    assert not isinstance(caught.value, NotFound)


def _module(datasource: Datasource) -> ModuleType:
    assert isinstance(datasource, ModuleType)
    return datasource
