"""What is remembered between runs, and what happens when it cannot be."""

import asyncio
import socket
import sqlite3
import stat
import subprocess
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aiocache.base import BaseCache

from tests.servers.faulty import StillClock
from updater.cache import Cache, RunCache, SqliteCache, StoredResponse, _package_key, open_cache
from updater.errors import UsageError
from updater.model.lookup import Release, Releases, Remembered
from updater.model.scan import Package

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
PACKAGE = Package(datasource="docker", name="nginx")
RELEASES = Releases(
    releases=(
        Release(version="1.0", published=NOW, digest="sha256:1", stable=True),
        Release(version="2.0-rc1", deprecated=True, stable=False, app_version="9"),
    ),
    source_url="https://example.com/nginx",
    registry_url="https://index.docker.io",
    complete=False,
    cursor="https://index.docker.io n=10&last=1.0",
)
KNOWN = Remembered(
    asked_at=NOW, releases=RELEASES, fetched_at=NOW - timedelta(hours=1), doubted_since=NOW - timedelta(minutes=1)
)
BIG = b"x" * 100_000


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "cache.sqlite"


@pytest.fixture
async def sqlite(file: Path, clock: StillClock) -> AsyncIterator[SqliteCache]:
    async with SqliteCache(file, clock=clock) as backend:
        yield backend


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    pytest.importorskip("redis")
    port = free_port()
    command = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--requirepass", "secret"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if "Ready to accept connections" in line:
                break
        yield f"redis://:secret@127.0.0.1:{port}/3"
        process.terminate()


@pytest.fixture(params=["memory", "sqlite", "redis"])
def url(request: pytest.FixtureRequest, file: Path) -> str:
    if request.param == "redis":
        return str(request.getfixturevalue("redis_url"))
    return "memory:" if request.param == "memory" else f"sqlite://{file}"


@pytest.fixture
async def cache(url: str, clock: StillClock) -> AsyncIterator[Cache]:
    async with open_cache(url, clock=clock) as opened:
        yield opened
        if url.startswith("redis"):
            await opened.backend._shared.clear(namespace="gitops-updater")


# ---------------------------------------------------------------- every backend


async def test_releases_come_back_as_they_were(cache: Cache) -> None:
    """The last answer about a package is there with its time; another registry is another package."""
    assert await cache.releases.recall([PACKAGE]) == {}
    await cache.releases.remember(PACKAGE, Remembered(asked_at=NOW - timedelta(days=1)))
    await cache.releases.remember(PACKAGE, KNOWN)
    assert await cache.releases.recall([PACKAGE]) == {PACKAGE: KNOWN}
    elsewhere = Package(datasource="docker", name="nginx", registry_urls=("https://mirror",))
    assert await cache.releases.recall([elsewhere]) == {}


async def test_a_list_of_any_length_comes_back(cache: Cache) -> None:
    """Long lists are kept compressed, a twentieth of their size; where one cannot be unpacked there is none."""
    tags = tuple(Release(version=f"1.{number}.0-build.{number}") for number in range(20_000))
    known = replace(KNOWN, releases=Releases(releases=tags))
    await cache.releases.remember(PACKAGE, known)
    key = _package_key(PACKAGE)
    assert await cache.releases.recall([PACKAGE]) == {PACKAGE: known}
    assert len(await cache.backend.get(key)) < 200_000
    await cache.backend.set(key, b"z\nnonsense")
    assert await cache.releases.recall([PACKAGE]) == {}


@pytest.mark.parametrize("content", [b"", b"body", BIG])
async def test_responses_come_back_as_they_were(cache: Cache, content: bytes) -> None:
    """An answer is there with its headers and its whole body."""
    stored = StoredResponse(headers={"etag": '"1"', "link": "<x>"}, content=content)
    assert await cache.responses.get("key") is None
    await cache.responses.set("key", stored)
    assert await cache.responses.get("key") == stored


async def test_first_seen_never_moves(cache: Cache) -> None:
    """A version keeps the moment at which it was first seen; new ones get the present one."""
    later = NOW + timedelta(days=3)
    assert await cache.releases.first_seen(PACKAGE, [], NOW) == {}
    assert await cache.releases.first_seen(PACKAGE, ["1", "2"], NOW) == {"1": NOW, "2": NOW}
    assert await cache.releases.first_seen(PACKAGE, ["2", "3"], later) == {"2": NOW, "3": later}
    other = Package(datasource="helm", name="nginx")
    assert await cache.releases.first_seen(other, ["1"], later) == {"1": later}


async def test_impossible_characters_do_no_harm(cache: Cache) -> None:
    """Names from files that are no UTF-8, and halves of characters in JSON, are remembered or not, but never fatal."""
    package = Package(datasource="docker", name="ng\udce4nx")
    await cache.releases.remember(package, KNOWN)
    assert await cache.releases.recall([package]) == {package: KNOWN}
    assert await cache.releases.first_seen(package, ["1\ud800"], NOW) == {"1\ud800": NOW}
    await cache.releases.remember(PACKAGE, replace(KNOWN, releases=Releases(releases=(Release(version="1\ud800"),))))
    assert await cache.releases.recall([PACKAGE]) == {}


async def test_all_who_see_a_version_at_once_agree(cache: Cache) -> None:
    """Questions that come at the same time get the same moment."""
    moments = [NOW + timedelta(seconds=number) for number in range(20)]
    seen = await asyncio.gather(*(cache.releases.first_seen(PACKAGE, ["1"], moment) for moment in moments))
    assert len({each["1"] for each in seen}) == 1


async def test_the_next_run_knows_it(url: str, cache: Cache, clock: StillClock) -> None:
    """What one run stored is there for the next, unless it was only in memory."""
    await cache.releases.remember(PACKAGE, KNOWN)
    await cache.releases.first_seen(PACKAGE, ["1"], NOW)
    await cache.responses.set("key", StoredResponse(headers={}, content=BIG))
    async with open_cache(url, clock=clock) as second:
        seen = await second.releases.first_seen(PACKAGE, ["1"], NOW + timedelta(days=1))
        found = await second.releases.recall([PACKAGE]), await second.responses.get("key"), seen["1"] == NOW
    assert [bool(part) for part in found] == [url != "memory:"] * 3


@pytest.mark.parametrize(
    "entry", [b"", b"0\nold", b"1\n", b"1\nnonsense", b"1\n\x92\xa1x\xc0", b"1\n\x92\x80\xc4\x01x", "text"]
)
async def test_what_cannot_be_read_is_absent(cache: Cache, entry: object) -> None:
    """Garbage, and entries of another version of the program, are misses and are replaced."""
    backend = cache.backend
    await cache.releases.remember(PACKAGE, KNOWN)
    await cache.releases.first_seen(PACKAGE, ["1"], NOW - timedelta(days=1))
    await cache.responses.set("key", StoredResponse(headers={}, content=b""))
    for key in list(backend._memory):
        await backend.set(key, entry)
    assert await cache.releases.recall([PACKAGE]) == {}
    assert await cache.responses.get("key") is None
    assert await cache.releases.first_seen(PACKAGE, ["1"], NOW) == {"1": NOW}
    assert await cache.releases.first_seen(PACKAGE, ["1"], NOW + timedelta(days=1)) == {"1": NOW}


# ---------------------------------------------------------------- SQLite as an aiocache backend


async def test_the_interface_of_aiocache_holds(sqlite: SqliteCache) -> None:
    """Every operation that the stores, or others who know aiocache, need does what aiocache says."""
    assert await sqlite.get("a") is None
    assert await sqlite.get("a", default=b"?") == b"?"
    assert await sqlite.set("a", b"1")
    assert await sqlite.multi_set([("b", b"2"), ("c", b"3")])
    assert await sqlite.multi_get(["c", "x", "a"]) == [b"3", None, b"1"]
    assert await sqlite.exists("b")
    assert await sqlite.delete("b") == 1
    assert await sqlite.delete("b") == 0
    assert not await sqlite.exists("b")
    with pytest.raises(ValueError, match="is in the cache already"):
        await sqlite.add("a", b"other")
    assert await sqlite.add("b", b"new")
    await sqlite.set("space:a", b"4")
    await sqlite.clear(namespace="space:")
    assert await sqlite.multi_get(["space:a", "a"]) == [None, b"1"]
    await sqlite.clear()
    assert await sqlite.get("a") is None


async def test_entries_end(sqlite: SqliteCache, clock: StillClock) -> None:
    """After its time to live an entry is absent and may be added again; without one it stays."""
    await sqlite.set("a", b"1", ttl=60)
    await sqlite.multi_set([("b", b"2")], ttl=60)
    await sqlite.set("c", b"3")
    await sqlite.set("d", b"4", ttl=60)
    assert await sqlite.expire("d", 0)
    assert not await sqlite.expire("x", 5)
    clock.now += timedelta(seconds=60)
    assert await sqlite.multi_get(["a", "b", "c", "d"]) == [None, None, b"3", b"4"]
    assert await sqlite.add("a", b"5")


async def test_ended_entries_leave_the_file(file: Path, sqlite: SqliteCache, clock: StillClock) -> None:
    """The next run throws out what has ended."""
    await sqlite.set("a", b"1", ttl=60)
    await sqlite.set("b", b"1")
    clock.now += timedelta(seconds=60)
    await SqliteCache(file, clock=clock).close()
    with sqlite3.connect(file) as connection:
        assert connection.execute("SELECT key FROM entry").fetchall() == [("b",)]
    connection.close()


async def test_the_file_is_private(file: Path, sqlite: SqliteCache) -> None:
    """Only its owner can read the file, what SQLite lays beside it, and the directory made for it."""
    await sqlite.set("a", b"1")
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (file.parent, *file.parent.iterdir())}
    assert modes.pop("deep") == 0o700
    assert len(modes) == 3
    assert set(modes.values()) == {0o600}


# ---------------------------------------------------------------- trouble


def write(file: Path, content: bytes) -> None:
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(content)


def rot(file: Path) -> None:
    """Overwrite everything but the first pages, which hold the layout and the keys."""
    content = file.read_bytes()
    write(file, content[:20_480] + b"\xa5" * (len(content) - 20_480))


@pytest.mark.parametrize("size", [10, 100_000])
async def test_a_broken_file_is_made_anew(
    file: Path, clock: StillClock, caplog: pytest.LogCaptureFixture, size: int
) -> None:
    """Something else in place of the cache is replaced by an empty cache, and told."""
    write(file, b"garbage!" * size)
    async with open_cache(f"sqlite://{file}", clock=clock) as cache:
        await cache.releases.remember(PACKAGE, KNOWN)
    async with open_cache(f"sqlite://{file}", clock=clock) as cache:
        assert await cache.releases.recall([PACKAGE]) == {PACKAGE: KNOWN}
    assert "is broken" in caplog.text


async def test_a_file_that_breaks_during_the_run_is_made_anew(
    file: Path, sqlite: SqliteCache, clock: StillClock, caplog: pytest.LogCaptureFixture
) -> None:
    """Pages that rot are noticed when they are read: a miss, and a new file."""
    for number in range(100):
        await sqlite.set(f"key {number}", BIG)
    await sqlite.close()
    rot(file)
    async with SqliteCache(file, clock=clock) as again:
        for number in range(100):
            assert await again.get(f"key {number}") in (None, BIG)
            await again.set(f"key {number}", b"new")
        assert await again.get("key 99") == b"new"
    assert "is broken" in caplog.text


async def test_a_file_of_another_version_is_emptied(file: Path, clock: StillClock) -> None:
    """A layout that this version does not know is replaced by its own."""
    file.parent.mkdir()
    with sqlite3.connect(file) as connection:
        connection.execute("CREATE TABLE entry (old)")
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    async with SqliteCache(file, clock=clock) as backend:
        await backend.set("a", b"1")
        assert await backend.get("a") == b"1"


async def test_where_nothing_can_be_written_the_memory_must_do(
    tmp_path: Path, clock: StillClock, caplog: pytest.LogCaptureFixture
) -> None:
    """A cache in an impossible place is a cache in memory, and told."""
    (tmp_path / "file").write_text("")
    async with open_cache(f"sqlite://{tmp_path}/file/cache.sqlite", clock=clock) as cache:
        await cache.releases.remember(PACKAGE, KNOWN)
        assert await cache.releases.recall([PACKAGE]) == {PACKAGE: KNOWN}
    assert "this run remembers nothing" in caplog.text


async def test_a_file_that_is_locked_for_long_is_left_alone(
    file: Path, clock: StillClock, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who cannot write for seconds does without the file for the rest of the run, and waits no second time."""
    monkeypatch.setattr("updater.cache._BUSY_SECONDS", 0.05)
    async with SqliteCache(file, clock=clock) as backend:
        await backend.set("a", b"1")
        with sqlite3.connect(file, isolation_level=None) as other:
            other.execute("BEGIN EXCLUSIVE")
            for number in range(100):
                await backend.set(str(number), b"2")
            other.execute("ROLLBACK")
        other.close()
        assert await backend.get("99") == b"2"
    assert caplog.text.count("is not used any more in this run") == 1


async def test_a_file_that_is_locked_at_the_start_is_left_alone(
    file: Path,
    sqlite: SqliteCache,
    clock: StillClock,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Who finds the file locked for seconds keeps its own memory and does not touch the file."""
    monkeypatch.setattr("updater.cache._BUSY_SECONDS", 0.05)
    await sqlite.set("a", b"1")
    with sqlite3.connect(file, isolation_level=None) as other:
        other.execute("BEGIN EXCLUSIVE")
        async with open_cache(f"sqlite://{file}", clock=clock) as cache:
            await cache.releases.remember(PACKAGE, KNOWN)
            assert await cache.releases.recall([PACKAGE]) == {PACKAGE: KNOWN}
        other.execute("ROLLBACK")
    other.close()
    assert await sqlite.get("a") == b"1"
    assert "this run remembers nothing" in caplog.text


class Failing(BaseCache):  # type: ignore[misc]
    """A backend that worked until now."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = 0

    async def _fail(self, *_arguments: object, **_options: object) -> None:
        self.asked += 1
        raise ConnectionError("gone")

    _get = _multi_get = _set = _add = _delete = _fail


@pytest.mark.parametrize("method", ["get", "multi_get", "set", "add", "delete"])
async def test_a_cache_that_fails_is_not_asked_again(method: str, caplog: pytest.LogCaptureFixture) -> None:
    """The first failure of a backend, whatever it was asked, leaves the memory of the run; it is told once."""
    shared = Failing()
    cache = RunCache(shared)
    arguments = {"get": ("a",), "multi_get": (["a"],), "delete": ("a",)}.get(method, ("a", b"1"))
    await getattr(cache, method)(*arguments)
    await cache.set("b", BIG)
    assert (await cache.get("b"), await cache.multi_get(["b", "x"]), shared.asked) == (BIG, [BIG, None], 1)
    assert caplog.text.count("is not used any more in this run") == 1


async def test_the_memory_of_a_run_spares_the_shared_cache(sqlite: SqliteCache) -> None:
    """A small value is read once; a large one is left where it is; a deleted one is gone in both."""
    await sqlite.multi_set([("small", b"1"), ("large", BIG)])
    cache = RunCache(sqlite)
    assert await cache.multi_get(["small", "large"]) == [b"1", BIG]
    await sqlite.clear()
    assert await cache.multi_get(["small", "large"]) == [b"1", None]
    assert await cache.delete("small") == 1
    assert await cache.delete("small") == 0
    assert await cache.get("small") is None


WRITER = """
import asyncio, sys
from datetime import UTC, datetime
from pathlib import Path
from updater.cache import open_cache
from updater.model.scan import Package

async def main(url, name, moment):
    async with open_cache(url) as cache:
        for number in range(200):
            package = Package(datasource="docker", name=str(number))
            seen = await cache.releases.first_seen(package, ["1"], datetime.fromtimestamp(int(moment), UTC))
            await cache.backend.set(f"{name} {number}", bytes(1000))
            print(number, seen["1"].timestamp())

asyncio.run(main(*sys.argv[1:]))
"""


async def write_at_once(url: str, writers: Mapping[str, int]) -> list[tuple[bytes, bytes]]:
    processes = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-c", WRITER, url, name, str(moment), stdout=PIPE, stderr=PIPE
        )
        for name, moment in writers.items()
    ]
    return [await process.communicate() for process in processes]


@pytest.mark.parametrize("url", ["sqlite", "redis"], indirect=True)
async def test_processes_share_a_cache(url: str, clock: StillClock) -> None:
    """Processes that make and fill one cache at the same time lose nothing and agree on what was first."""
    (first, complaint), (second, other_complaint) = await write_at_once(url, {"one": 1000, "two": 2000})
    assert (complaint, other_complaint) == (b"", b"")
    assert first == second
    assert len(first.splitlines()) == 200
    async with open_cache(url, clock=clock) as cache:
        for name in ("one", "two"):
            assert None not in await cache.backend.multi_get([f"{name} {number}" for number in range(200)])


async def test_a_process_that_is_killed_leaves_a_whole_file(file: Path, clock: StillClock) -> None:
    """What was written before is there, and the file can be written."""
    url = f"sqlite://{file}"
    writer = await asyncio.create_subprocess_exec(sys.executable, "-c", WRITER, url, "one", "1000", stdout=PIPE)
    assert writer.stdout is not None
    await writer.stdout.readline()
    writer.kill()
    await writer.wait()
    async with open_cache(url, clock=clock) as cache:
        assert await cache.backend.get("one 0") == bytes(1000)
        await cache.releases.remember(PACKAGE, KNOWN)
        assert await cache.releases.recall([PACKAGE]) == {PACKAGE: KNOWN}


# ---------------------------------------------------------------- opening


async def test_the_default_is_a_file_of_the_user(tmp_path: Path) -> None:
    """Without a URL the cache is in $XDG_CACHE_HOME, or in .cache of the home directory."""
    for environment in ({"XDG_CACHE_HOME": str(tmp_path / "x")}, {"HOME": str(tmp_path)}):
        async with open_cache(environment=environment):
            pass
    for directory in ("x", ".cache"):
        assert (tmp_path / directory / "gitops-updater" / "cache.sqlite").stat().st_size > 0


@pytest.mark.parametrize("url", ["", "nonsense", "sqlite:", "sqlite://relative", "mysql://u:secret@h/db"])
def test_what_is_no_cache_is_refused(url: str) -> None:
    """A URL that names no cache is refused with the forms that do, without its password."""
    with pytest.raises(UsageError, match="write memory:, sqlite:///path or redis://host:port/0") as caught:
        open_cache(url)
    assert "secret" not in str(caught.value)


def test_redis_needs_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the redis package the error says what to install."""
    monkeypatch.setitem(sys.modules, "redis.asyncio", None)
    with pytest.raises(UsageError, match=r"gitops-updater\[redis\]"):
        open_cache("redis://localhost")


async def test_a_redis_that_is_gone_costs_nothing_but_time(clock: StillClock, caplog: pytest.LogCaptureFixture) -> None:
    """Without its server the cache is the memory of the run; the password does not show."""
    pytest.importorskip("redis")
    async with open_cache(f"redis://user:secret@127.0.0.1:{free_port()}/0", clock=clock) as cache:
        await cache.releases.remember(PACKAGE, KNOWN)
        assert await cache.releases.recall([PACKAGE]) == {PACKAGE: KNOWN}
    assert "is not used any more in this run" in caplog.text
    assert "secret" not in caplog.text


def test_loading_the_cache_loads_no_client() -> None:
    """Redis is loaded by those who keep their cache there, and can be loaded by all."""
    code = "import updater.cache, sys; print('redis' in sys.modules); import redis; print(redis.__name__)"
    output = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout
    assert output == "False\nredis\n"
