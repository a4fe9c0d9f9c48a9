"""Go modules, from a proxy that only the configuration names."""

from datetime import UTC, datetime

import pytest

from datasources import go
from tests.datasources.conftest import Connect
from tests.servers import NOT_FOUND, Reply, as_json
from tests.servers.catalogs import GoProxy
from tests.servers.pages import DENIED, DOWN, GARBAGE
from updater.api import AuthError, InvalidAnswer, NotFound, Package, Release, RequestError, Unavailable

PROXY = "go.example.com"
DATES = {"v1.0.0": "2024-01-01T00:00:00Z", "v1.1.0": "2024-02-01T00:00:00Z"}
COMMIT = "v0.0.0-20240102030405-0123456789ab"


def module(name: str = "example.com/tool") -> Package:
    return Package(datasource="go", name=name, registry_urls=(f"https://{PROXY}",))


async def test_the_versions_of_a_module(connect: Connect) -> None:
    """Two requests bring all versions, and the date of the latest."""
    with GoProxy({"example.com/tool": DATES}) as server:
        async with connect({PROXY: server.url}) as client:
            found = await go.releases(module(), client)
        assert server.paths() == ["/example.com/tool/@v/list", "/example.com/tool/@latest"]
    assert set(found.releases) == {
        Release(version="v1.0.0"),
        Release(version="v1.1.0", published=datetime(2024, 2, 1, tzinfo=UTC)),
    }


async def test_capitals_are_escaped(connect: Connect) -> None:
    """A capital is written as its small letter behind an exclamation mark."""
    with GoProxy({"github.com/!burnt!sushi/toml": DATES}) as server:
        async with connect({PROXY: server.url}) as client:
            assert (await go.releases(module("github.com/BurntSushi/toml"), client)).releases


async def test_a_module_without_tags(connect: Connect) -> None:
    """Its latest commit is its version."""
    with GoProxy({"example.com/tool": {COMMIT: "2024-01-02T03:04:05Z"}}) as server:
        async with connect({PROXY: server.url}) as client:
            found = await go.releases(module(), client)
    assert [release.version for release in found.releases] == [COMMIT]


async def test_a_latest_version_that_is_not_listed(connect: Connect) -> None:
    """Beside tags, a commit is no version."""
    with GoProxy({"example.com/tool": {**DATES, COMMIT: "2024-03-01T00:00:00Z"}}) as server:
        async with connect({PROXY: server.url}) as client:
            found = await go.releases(module(), client)
    assert {release.version for release in found.releases} == set(DATES)


async def test_a_proxy_that_does_not_know_the_latest(connect: Connect) -> None:
    """Then no version has a date, and a module without tags is NotFound."""
    with GoProxy({"example.com/tool": DATES, "example.com/bare": {}}) as server:
        server.knows_latest = False
        async with connect({PROXY: server.url}) as client:
            found = await go.releases(module(), client)
            with pytest.raises(NotFound):
                await go.releases(module("example.com/bare"), client)
    assert set(found.releases) == {Release(version=version) for version in DATES}


async def test_no_proxy_is_built_in(connect: Connect) -> None:
    """Without ``registryUrls`` the error says what to set."""
    async with connect() as client:
        with pytest.raises(RequestError, match="no Go module proxy is configured: set registryUrls"):
            await go.releases(Package(datasource="go", name="example.com/tool"), client)


@pytest.mark.parametrize("name", ["example.com/none", "../x", "a//b", "a b", "a/..", ""])
async def test_what_is_not_there(connect: Connect, name: str) -> None:
    """An unknown module (410 is how proxies say so) and what is no path are NotFound."""
    with GoProxy() as server:
        async with connect({PROXY: server.url}) as client:
            with pytest.raises(NotFound):
                await go.releases(module(name), client)


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (DOWN, Unavailable),
        (DENIED, AuthError),
        (GARBAGE, InvalidAnswer),
        (Reply(), InvalidAnswer),
        (as_json({"Version": 1}), InvalidAnswer),
    ],
)
async def test_failures(connect: Connect, fault: Reply, error: type[RequestError]) -> None:
    """An outage and a refusal keep their kinds; what is no list of versions is InvalidAnswer."""
    with GoProxy() as server:
        server.fault = fault
        async with connect({PROXY: server.url}) as client:
            with pytest.raises(error):
                await go.releases(module(), client)


async def test_a_page_where_the_list_should_be(connect: Connect) -> None:
    """Nonsense is not taken for versions, although the proxy has no latest one either."""
    with GoProxy() as server:
        server.fault = lambda request: GARBAGE if request.path.endswith("list") else NOT_FOUND
        async with connect({PROXY: server.url}) as client:
            with pytest.raises(InvalidAnswer):
                await go.releases(module(), client)
