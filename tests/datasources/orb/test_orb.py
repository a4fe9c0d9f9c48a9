"""Orbs of CircleCI."""

from datetime import UTC, datetime

import pytest

from datasources import orb
from tests.datasources.conftest import Connect
from tests.servers import Reply, as_json
from tests.servers.catalogs import CircleCi
from tests.servers.pages import DENIED, DOWN, GARBAGE
from updater.api import AuthError, InvalidAnswer, NotFound, Package, Release, RequestError, Unavailable

HOST = "circleci.com"
DATES = {"1.0.0": "2024-01-01T00:00:00.000Z", "1.1.0": "2024-02-01T00:00:00.000Z"}
NODE = Package(datasource="orb", name="acme/node")


async def test_the_versions_of_an_orb(connect: Connect) -> None:
    """One query brings all versions with their dates."""
    with CircleCi({"acme/node": DATES}) as server:
        async with connect({HOST: server.url}) as client:
            found = await orb.releases(NODE, client)
        assert server.requests == [("POST", "/graphql-unstable", 200)]
    assert set(found.releases) == {
        Release(version="1.0.0", published=datetime(2024, 1, 1, tzinfo=UTC)),
        Release(version="1.1.0", published=datetime(2024, 2, 1, tzinfo=UTC)),
    }


async def test_a_server_of_ones_own(connect: Connect) -> None:
    """``registryUrls`` name a CircleCI server."""
    package = Package(datasource="orb", name="acme/node", registry_urls=("https://circleci.example.com/",))
    with CircleCi({"acme/node": DATES}) as server:
        async with connect({"circleci.example.com": server.url}) as client:
            assert (await orb.releases(package, client)).registry_url == "https://circleci.example.com"


async def test_what_is_not_there(connect: Connect) -> None:
    """An unknown orb, or one that is hidden, and one without versions are NotFound."""
    with CircleCi({"acme/bare": {}}) as server:
        async with connect({HOST: server.url}) as client:
            for name in ("acme/none", "acme/bare", ""):
                with pytest.raises(NotFound):
                    await orb.releases(Package(datasource="orb", name=name), client)


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (DOWN, Unavailable),
        (DENIED, AuthError),
        (GARBAGE, InvalidAnswer),
        (as_json({"errors": [{"message": "no such field"}]}), InvalidAnswer),
        (as_json({"errors": "odd"}), InvalidAnswer),
        (as_json({"data": {}}), InvalidAnswer),
        (as_json({"data": {"orb": {"versions": [{"version": ""}]}}}), InvalidAnswer),
    ],
)
async def test_failures(connect: Connect, fault: Reply, error: type[RequestError]) -> None:
    """An outage and a refusal keep their kinds; a query that is not understood is InvalidAnswer, not "no such orb"."""
    with CircleCi({"acme/node": DATES}) as server:
        server.fault = fault
        async with connect({HOST: server.url}) as client:
            with pytest.raises(error):
                await orb.releases(NODE, client)
