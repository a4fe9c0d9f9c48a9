"""Charts in repositories with an index.yaml, and in OCI registries."""

import asyncio
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from datasources import helm
from datasources._helm_charts import Charts
from tests.datasources.conftest import READER, REGISTRY, TOKEN_SERVER, Connect, PickRegistry
from tests.servers import Reply
from tests.servers.helm import HelmRepository, index_of, large_index
from tests.servers.pages import CUT, DENIED, DOWN, RATE_LIMITED
from tests.servers.registry import Mode
from updater.api import (
    AuthError,
    InvalidAnswer,
    NotFound,
    Package,
    RateLimited,
    RequestError,
    Secret,
    Unavailable,
)
from updater.cache import open_cache
from updater.hosts import HostRule

ROOT = Path(__file__).parents[3]
HOST = "charts.example.com"
REPOSITORY = f"https://{HOST}/stable"
INDEX = index_of({"nginx": ["1.1.0", "1.0.0"], "nginx-ingress": ["3.0.0"], "redis": ["2.0.0"]})


def chart(name: str, *repositories: str) -> Package:
    return Package(datasource="helm", name=name, registry_urls=repositories or (REPOSITORY,))


def served(index: str | bytes = INDEX, *, private: tuple[str, str] | None = None) -> HelmRepository:
    server = HelmRepository(private=private)
    server.files["/stable/index.yaml"] = index.encode() if isinstance(index, str) else index
    return server


async def test_what_an_index_tells(connect: Connect) -> None:
    """Versions come with the time they were made, the app inside, the digest and a link to where they are made."""
    with served() as server:
        async with connect({HOST: server.url}) as client:
            found = await helm.releases(chart("nginx"), client)
    newest = next(release for release in found.releases if release.version == "1.1.0")
    assert {release.version for release in found.releases} == {"1.0.0", "1.1.0"}
    assert newest.published == datetime(2020, 1, 3, 12, 0, 0, 123456, tzinfo=UTC)
    assert newest.app_version == "1.0"
    assert newest.digest is not None
    assert newest.digest.startswith("sha256:")
    assert found.source_url == "https://github.com/example/charts"
    assert found.registry_url == REPOSITORY


async def test_an_index_is_fetched_once_for_all_charts(connect: Connect) -> None:
    """Three charts of a repository, asked for at once, cost one request; the next run one that is answered 304."""
    store = open_cache("memory:").responses
    with served() as server:
        for expected in (200, 304):
            server.requests.clear()
            async with connect({HOST: server.url}, cache=store) as client:
                names = ("nginx", "redis", "nginx-ingress")
                await asyncio.gather(*(helm.releases(chart(name), client) for name in names))
            assert server.requests == [("GET", "/stable/index.yaml", expected)]


async def test_an_unchanged_index_is_not_read_again(connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was made of an index is kept in place of it: after a 304 its text is not even there."""
    store = open_cache("memory:").responses
    with served() as server:
        async with connect({HOST: server.url}, cache=store) as client:
            before = await helm.releases(chart("nginx"), client)
        monkeypatch.delattr(Charts, "feed")
        async with connect({HOST: server.url}, cache=store) as client:
            assert await helm.releases(chart("nginx"), client) == before


_LOOK_UP = """
import asyncio, os, sys
from pathlib import Path
from datasources import helm
from updater.api import Package, RequestError
from updater.http import HttpClient

def peak():
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0])

async def main(url):
    async with HttpClient(docker_config=Path(os.devnull)) as client:
        try:
            await client.get(url)
        except RequestError:
            before = peak()
        for chart in ("chart-000", "chart-042", "chart-079"):
            package = Package(datasource="helm", name=chart, registry_urls=(url,))
            assert len((await helm.releases(package, client)).releases) == 220
        print(peak() - before)

asyncio.run(main(sys.argv[1]))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the peak of memory is read from /proc")
def test_a_large_index_over_http() -> None:
    """Three charts of a repository whose index has 15 MB: one request, and 16 MB of memory at most."""
    index = large_index(charts=82)
    assert len(index) > 15_000_000
    with HelmRepository(index) as server:
        done = subprocess.run(
            [sys.executable, "-c", _LOOK_UP, server.url], check=True, capture_output=True, text=True, cwd=ROOT
        )
        assert server.paths("/index.yaml") == ["/index.yaml"]
    assert int(done.stdout) < 16_000


async def test_an_unknown_chart(connect: Connect) -> None:
    """A chart that a repository does not have is NotFound, and the message tells what it has that is near."""
    with served() as server:
        async with connect({HOST: server.url}) as client:
            with pytest.raises(NotFound, match="it has nginx"):
                await helm.releases(chart("ngnix"), client)
            with pytest.raises(NotFound, match="nor anything like it"):
                await helm.releases(chart("zzz"), client)


async def test_a_chart_without_versions(connect: Connect) -> None:
    """A chart whose list of versions is empty is NotFound."""
    with served("entries:\n  nginx: []\n") as server:
        async with connect({HOST: server.url}) as client:
            with pytest.raises(NotFound, match="no version"):
                await helm.releases(chart("nginx"), client)


async def test_a_chart_without_a_repository(connect: Connect) -> None:
    """Without a repository there is no guessing which one is meant."""
    async with connect() as client:
        with pytest.raises(NotFound, match="in which repository"):
            await helm.releases(Package(datasource="helm", name="nginx"), client)


async def test_a_private_repository(connect: Connect) -> None:
    """The host rule's name and password open a repository; without them there is an AuthError."""
    rule = HostRule(match_host=HOST, username="me", password=Secret("pw"))
    with served(private=("me", "pw")) as server:
        async with connect({HOST: server.url}, rule) as client:
            assert (await helm.releases(chart("nginx"), client)).releases
        async with connect({HOST: server.url}) as client:
            with pytest.raises(AuthError, match=HOST):
                await helm.releases(chart("nginx"), client)


async def test_a_password_in_the_address_is_never_shown(connect: Connect) -> None:
    """Credentials in the repository's address are used, and appear neither in errors nor in results."""
    package = chart("nginx", f"https://me:s3cret@{HOST}/stable")
    with served(private=("me", "s3cret")) as server:
        async with connect({HOST: server.url}) as client:
            found = await helm.releases(package, client)
            with pytest.raises(NotFound) as caught:
                await helm.releases(chart("zzz", *package.registry_urls), client)
    assert "s3cret" not in f"{found} {caught.value} {caught.value.url}"


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (RATE_LIMITED, RateLimited),
        (DOWN, Unavailable),
        (DENIED, AuthError),
        (CUT, Unavailable),
        (Reply(status=404), NotFound),
        (Reply(body=b"<!doctype html><title>Sign in</title>\n"), InvalidAnswer),
        (Reply(body=b""), InvalidAnswer),
        (Reply(body=b"apiVersion: v1\nentries:\n"), InvalidAnswer),
        (Reply(body=b"apiVersion: v1\n"), InvalidAnswer),
        (Reply(body=b'{"apiVersion": "v1", "entries": {"nginx": [{"ver'), InvalidAnswer),
        (Reply(body=INDEX.encode()[:400]), InvalidAnswer),
    ],
)
async def test_failures(connect: Connect, fault: Reply, error: type[RequestError]) -> None:
    """Refusals keep their kinds; what is no whole index is InvalidAnswer, never a repository without charts."""
    with served() as server:
        server.fault = fault
        async with connect({HOST: server.url}) as client:
            with pytest.raises(error):
                await helm.releases(chart("nginx"), client)


async def test_repositories_are_tried_in_order(connect: Connect) -> None:
    """The first repository that has the chart answers; one that is down ends the search."""
    package = chart("redis", "https://first.test", REPOSITORY)
    with served() as server, HelmRepository(index_of({"nginx": ["1.0.0"]})) as first:
        async with connect({HOST: server.url, "first.test": first.url}) as client:
            assert (await helm.releases(package, client)).registry_url == REPOSITORY
        first.fault = DOWN
        async with connect({HOST: server.url, "first.test": first.url}) as client:
            with pytest.raises(Unavailable):
                await helm.releases(package, client)


@pytest.mark.parametrize("mode", ["open", "htpasswd", "token"])
@pytest.mark.parametrize(
    "package",
    [
        chart("podinfo", f"oci://{REGISTRY}/charts"),
        chart("podinfo", f"{REGISTRY}/charts"),
        Package(datasource="helm", name=f"oci://{REGISTRY}/charts/podinfo"),
    ],
)
async def test_charts_in_oci(connect: Connect, registry: PickRegistry, mode: Mode, package: Package) -> None:
    """Charts that ``helm push`` put into a registry are its tags, with the ``+`` that a tag cannot hold."""
    server = registry(mode)
    async with connect({REGISTRY: server.url, TOKEN_SERVER: server.url}, READER) as client:
        found = await helm.releases(package, client)
    assert {release.version for release in found.releases} == {"0.9.0", "1.0.0+build.5"}
    assert found.registry_url == f"oci://{REGISTRY}/charts"
