"""Looking for the versions after a given one by name, without a list."""

import pytest

from datasources import _docker_forward, docker
from tests.datasources.conftest import REGISTRY, Connect
from tests.servers.pages import DOWN, PagedRegistry, digest_of
from updater.api import ForwardSource, Package, Release, RequestError

APP = Package(datasource="docker", name=f"{REGISTRY}/app")


def test_images_can_be_looked_for_one_by_one() -> None:
    """The datasource offers what the core needs for lists that are too long."""
    assert isinstance(docker, ForwardSource)


@pytest.mark.parametrize(
    ("current", "others", "expected"),
    [
        ("1.2.3", ["1.2.2", "1.2.4", "1.2.5", "1.3.0", "1.3.1", "2.0.0", "2.1.0", "2.1.1"],
         ["1.2.4", "1.2.5", "1.3.0", "1.3.1", "2.0.0", "2.1.0", "2.1.1"]),
        ("1.2.3", ["1.2.5", "1.4.0"], ["1.2.5", "1.4.0"]),
        ("v1.2.3-alpine", ["1.2.4", "v1.2.4", "v1.2.4-alpine"], ["v1.2.4-alpine"]),
        ("1.9", ["1.10", "2.0", "1.9.1"], ["1.10", "2.0"]),
        ("1.2.3", ["1.2.4-rc1", "latest"], []),
        ("24.04", ["24.05"], []),
        ("20240131", ["20240201"], []),
        ("2024.01.31", ["2024.01.32"], []),
        ("latest", ["1.0.0"], []),
    ],
)  # fmt: skip
async def test_what_is_found(connect: Connect, current: str, others: list[str], expected: list[str]) -> None:
    """Versions of the same shape are found, over a gap of one; dates and padded numbers have no next version."""
    with PagedRegistry({"app": [current, *others]}) as server:
        async with connect({REGISTRY: server.url}) as client:
            found = await docker.newer(APP, current, client)
    assert set(found.releases) == {Release(version=tag, digest=digest_of("app", tag)) for tag in expected}
    assert all(asked.method == "HEAD" for asked in server.requests)


async def test_what_it_costs(connect: Connect) -> None:
    """Where nothing is newer than 1.2.3, six requests say so: two at each place."""
    with PagedRegistry({"app": ["1.2.3"]}) as server:
        async with connect({REGISTRY: server.url}) as client:
            assert (await docker.newer(APP, "1.2.3", client)).releases == ()
    assert len(server.requests) == 6


async def test_the_search_ends(connect: Connect) -> None:
    """However much there is, there are no more than 100 requests."""
    with PagedRegistry({"app": [f"1.0.{number}" for number in range(500)]}) as server:
        async with connect({REGISTRY: server.url}) as client:
            found = await docker.newer(APP, "1.0.0", client)
    assert len(server.requests) == _docker_forward.MAX_REQUESTS
    assert len(found.releases) == 100


async def test_a_failure_is_not_taken_for_nothing(connect: Connect) -> None:
    """A registry that is down raises its error; only NotFound means that a version does not exist."""
    with PagedRegistry({"app": ["1.0.0"]}) as server:
        server.fault = DOWN
        async with connect({REGISTRY: server.url}) as client:
            with pytest.raises(RequestError):
                await docker.newer(APP, "1.0.0", client)
