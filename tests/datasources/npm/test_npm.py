"""Packages of npm, from a registry that only the configuration names."""

from datetime import UTC, datetime

import pytest

from datasources import npm
from tests.datasources.conftest import Connect
from tests.servers import Reply, as_json
from tests.servers.catalogs import NpmRegistry
from tests.servers.pages import DENIED, DOWN, GARBAGE
from updater.api import AuthError, InvalidAnswer, NotFound, Package, Release, RequestError, Unavailable

REGISTRY = "npm.example.com"
DATES = {"1.0.0": "2024-01-01T00:00:00.000Z", "1.1.0": "2024-02-01T00:00:00.000Z"}


def package(name: str = "toolbox", *registry_urls: str) -> Package:
    return Package(datasource="npm", name=name, registry_urls=registry_urls or (f"https://{REGISTRY}/",))


@pytest.mark.parametrize(("name", "path"), [("toolbox", "/toolbox"), ("@acme/toolbox", "/@acme%2Ftoolbox")])
async def test_the_versions_of_a_package(connect: Connect, name: str, path: str) -> None:
    """One request brings versions, dates, deprecation and the source; a name with a scope is one part of the path."""
    with NpmRegistry({name: DATES}) as server:
        server.notes["1.0.0"] = {"deprecated": "use 1.1.0"}
        server.notes["1.1.0"] = {"deprecated": ""}
        async with connect({REGISTRY: server.url}) as client:
            found = await npm.releases(package(name), client)
        assert server.paths() == [path]
    assert set(found.releases) == {
        Release(version="1.0.0", published=datetime(2024, 1, 1, tzinfo=UTC), deprecated=True),
        Release(version="1.1.0", published=datetime(2024, 2, 1, tzinfo=UTC)),
    }
    assert found.source_url == "https://github.com/acme/toolbox"


@pytest.mark.parametrize(
    ("repository", "expected"),
    [
        ({"url": "https://github.com/acme/app.git"}, "https://github.com/acme/app"),
        ("git+https://github.com/acme/app", "https://github.com/acme/app"),
        ({"url": "https://someone:s3cret@github.com/acme/app"}, None),
        ("github:acme/app", None),
        ({"url": 1}, None),
        (None, None),
    ],
)
async def test_where_it_is_developed(connect: Connect, repository: object, expected: str | None) -> None:
    """Only a plain address of the web is taken for one."""
    with NpmRegistry() as server:
        server.fault = as_json({"versions": {"1.0.0": {}}, "repository": repository})
        async with connect({REGISTRY: server.url}) as client:
            assert (await npm.releases(package(), client)).source_url == expected


async def test_no_registry_is_built_in(connect: Connect) -> None:
    """Without ``registryUrls`` the error says what to set."""
    async with connect() as client:
        with pytest.raises(RequestError, match="no npm registry is configured: set registryUrls"):
            await npm.releases(Package(datasource="npm", name="toolbox"), client)


async def test_the_next_registry_may_know(connect: Connect) -> None:
    """What the first registry does not have, the next one may."""
    with NpmRegistry() as empty, NpmRegistry({"toolbox": DATES}) as full:
        async with connect({"one.example.com": empty.url, "two.example.com": full.url}) as client:
            found = await npm.releases(package("toolbox", "https://one.example.com", "https://two.example.com"), client)
    assert found.registry_url == "https://two.example.com"


@pytest.mark.parametrize("name", ["none", "empty", "@acme", "a/b", "..", "a b", ""])
async def test_what_is_not_there(connect: Connect, name: str) -> None:
    """An unknown package, one without versions, and what is no name are NotFound."""
    with NpmRegistry() as server:
        server.fault = lambda request: as_json({"versions": {}}) if request.path == "/empty" else None
        async with connect({REGISTRY: server.url}) as client:
            with pytest.raises(NotFound):
                await npm.releases(package(name), client)


async def test_a_package_that_was_withdrawn(connect: Connect) -> None:
    """The registry remembers only when that was: NotFound."""
    with NpmRegistry() as server:
        server.fault = as_json({"name": "toolbox", "time": {"unpublished": {"time": "2024-01-01T00:00:00.000Z"}}})
        async with connect({REGISTRY: server.url}) as client:
            with pytest.raises(NotFound, match="withdrawn"):
                await npm.releases(package(), client)


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (DOWN, Unavailable),
        (DENIED, AuthError),
        (GARBAGE, InvalidAnswer),
        (as_json([]), InvalidAnswer),
        (as_json({}), InvalidAnswer),
        (as_json({"versions": ["1.0.0"]}), InvalidAnswer),
    ],
)
async def test_failures(connect: Connect, fault: Reply, error: type[RequestError]) -> None:
    """An outage and a refusal keep their kinds; an answer that makes no sense is InvalidAnswer."""
    with NpmRegistry() as server:
        server.fault = fault
        async with connect({REGISTRY: server.url}) as client:
            with pytest.raises(error):
                await npm.releases(package(), client)
