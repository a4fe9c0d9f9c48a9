"""Products and the end of their support."""

from datetime import UTC, datetime

import pytest

from datasources import endoflife_date
from tests.datasources.conftest import Connect
from tests.servers import Reply, as_json
from tests.servers.catalogs import EndOfLife
from tests.servers.pages import DOWN, GARBAGE
from updater.api import InvalidAnswer, NotFound, Package, Release, RequestError, Unavailable

HOST = "endoflife.date"
DATES = {"1.31.9": "2024-01-01", "1.32.4": "2024-02-01", "1.33.1": "2024-03-01"}
KUBERNETES = Package(datasource="endoflife-date", name="kubernetes")


async def test_the_newest_version_of_each_cycle(connect: Connect) -> None:
    """With its date; what is supported no more is marked as deprecated."""
    with EndOfLife({"kubernetes": DATES}) as server:
        server.notes["1.31.9"] = {"isEol": True}
        async with connect({HOST: server.url}) as client:
            found = await endoflife_date.releases(KUBERNETES, client)
        assert server.paths() == ["/api/v1/products/kubernetes"]
    assert set(found.releases) == {
        Release(version="1.31.9", published=datetime(2024, 1, 1, tzinfo=UTC), deprecated=True),
        Release(version="1.32.4", published=datetime(2024, 2, 1, tzinfo=UTC)),
        Release(version="1.33.1", published=datetime(2024, 3, 1, tzinfo=UTC)),
    }


async def test_a_product_that_tells_no_versions(connect: Connect) -> None:
    """Then the cycle itself is the version, and its first day the date."""
    with EndOfLife({"kubernetes": {"12.0": "2024-01-01"}}) as server:
        server.notes["12.0"] = {"latest": None}
        async with connect({HOST: server.url}) as client:
            found = await endoflife_date.releases(KUBERNETES, client)
    assert found.releases == (Release(version="12", published=datetime(2020, 1, 1, tzinfo=UTC)),)


async def test_two_cycles_with_the_same_version(connect: Connect) -> None:
    """The newer cycle, which stands first, says whether it is supported."""
    same = [
        {"name": "2", "isEol": False, "latest": {"name": "2.1"}},
        {"name": "1", "isEol": True, "latest": {"name": "2.1"}},
    ]
    with EndOfLife() as server:
        server.fault = as_json({"result": {"releases": same}})
        async with connect({HOST: server.url}) as client:
            assert (await endoflife_date.releases(KUBERNETES, client)).releases == (Release(version="2.1"),)


@pytest.mark.parametrize("name", ["none", "empty", "../tags", "a b", ""])
async def test_what_is_not_there(connect: Connect, name: str) -> None:
    """An unknown product, one without releases, and what is no name are NotFound."""
    with EndOfLife({"empty": {}}) as server:
        async with connect({HOST: server.url}) as client:
            with pytest.raises(NotFound):
                await endoflife_date.releases(Package(datasource="endoflife-date", name=name), client)


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (DOWN, Unavailable),
        (GARBAGE, InvalidAnswer),
        (as_json([]), InvalidAnswer),
        (as_json({"result": {"releases": {}}}), InvalidAnswer),
        (as_json({"result": {"releases": [{"latest": "1.0"}]}}), InvalidAnswer),
        (as_json({"result": {"releases": [{"latest": {}}]}}), InvalidAnswer),
    ],
)
async def test_failures(connect: Connect, fault: Reply, error: type[RequestError]) -> None:
    """An outage keeps its kind; an answer that makes no sense is InvalidAnswer."""
    with EndOfLife({"kubernetes": DATES}) as server:
        server.fault = fault
        async with connect({HOST: server.url}) as client:
            with pytest.raises(error):
                await endoflife_date.releases(KUBERNETES, client)
