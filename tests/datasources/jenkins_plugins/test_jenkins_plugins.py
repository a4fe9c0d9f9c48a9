"""Plugins of Jenkins: one large file for all of them."""

from datetime import UTC, datetime

import pytest

from datasources import jenkins_plugins
from tests.datasources.conftest import Connect
from tests.servers import Reply, as_json
from tests.servers.catalogs import UpdateCenter
from tests.servers.pages import DOWN, GARBAGE, TRUNCATED
from updater.api import InvalidAnswer, NotFound, Package, Release, RequestError, Unavailable
from updater.cache import open_cache

HOST = "updates.jenkins.io"
PLUGINS = {
    "git": {"5.6.0": "2024-01-01T00:00:00.00Z", "5.7.0": "2024-02-01T00:00:00.00Z"},
    "workflow-api": {"1384.vdc05a_48f535f": "2025-01-01T00:00:00.00Z"},
    "withdrawn": {},
}


def plugin(name: str, *registry_urls: str) -> Package:
    return Package(datasource="jenkins-plugins", name=name, registry_urls=registry_urls)


async def test_the_versions_of_a_plugin(connect: Connect) -> None:
    """All that were ever released, with their dates."""
    with UpdateCenter(PLUGINS) as server:
        async with connect({HOST: server.url}) as client:
            found = await jenkins_plugins.releases(plugin("git"), client)
    assert set(found.releases) == {
        Release(version="5.6.0", published=datetime(2024, 1, 1, tzinfo=UTC)),
        Release(version="5.7.0", published=datetime(2024, 2, 1, tzinfo=UTC)),
    }


async def test_one_request_for_all_plugins(connect: Connect) -> None:
    """The file is fetched once a run, however many plugins are asked about."""
    with UpdateCenter(PLUGINS) as server:
        async with connect({HOST: server.url}) as client:
            for name in ("git", "workflow-api"):
                assert (await jenkins_plugins.releases(plugin(name), client)).releases
            with pytest.raises(NotFound):
                await jenkins_plugins.releases(plugin("none"), client)
        assert server.paths() == ["/current/plugin-versions.json"]


async def test_the_next_run_asks_whether_it_has_changed(connect: Connect) -> None:
    """The file is kept between runs, and not sent again while it is the same."""
    with UpdateCenter(PLUGINS) as server:
        async with open_cache("memory:", clock=lambda: datetime(2024, 1, 1, tzinfo=UTC)) as cache:
            for _ in range(2):
                async with connect({HOST: server.url}, cache=cache.responses) as client:
                    assert (await jenkins_plugins.releases(plugin("git"), client)).releases
        assert [asked.status for asked in server.requests] == [200, 304]


async def test_another_update_center(connect: Connect) -> None:
    """``registryUrls`` name a mirror or an update center of one's own."""
    with UpdateCenter(PLUGINS) as server:
        async with connect({"jenkins.example.com": server.url}) as client:
            found = await jenkins_plugins.releases(plugin("git", "https://jenkins.example.com/"), client)
    assert found.registry_url == "https://jenkins.example.com"


@pytest.mark.parametrize("name", ["none", "withdrawn", ""])
async def test_what_is_not_there(connect: Connect, name: str) -> None:
    """An unknown plugin, and one without versions, are NotFound."""
    with UpdateCenter(PLUGINS) as server:
        async with connect({HOST: server.url}) as client:
            with pytest.raises(NotFound):
                await jenkins_plugins.releases(plugin(name), client)


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (DOWN, Unavailable),
        (GARBAGE, InvalidAnswer),
        (TRUNCATED, InvalidAnswer),
        (Reply(body=b"[" * 100_000), InvalidAnswer),
        (as_json([]), InvalidAnswer),
        (as_json({"plugins": {}}), InvalidAnswer),
        (as_json({"plugins": {"git": ["5.6.0"]}}), InvalidAnswer),
        (as_json({"plugins": {"git": {"5.6.0": "odd"}}}), InvalidAnswer),
        (as_json({"plugins": {"git": {"5.6.0": {"version": 5, "url": "x"}}}}), InvalidAnswer),
        (as_json({"plugins": {"git": {"5.6.0": {"version": "5.6.0"}}}}), InvalidAnswer),
    ],
)
async def test_failures(connect: Connect, fault: Reply, error: type[RequestError]) -> None:
    """An outage keeps its kind; a file that is cut off or has another form is InvalidAnswer."""
    with UpdateCenter(PLUGINS) as server:
        server.fault = fault
        async with connect({HOST: server.url}) as client:
            with pytest.raises(error):
                await jenkins_plugins.releases(plugin("git"), client)
