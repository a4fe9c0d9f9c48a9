import os
import subprocess
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.servers.faulty import FaultyServer, StillClock
from updater.cache import ResponseStore
from updater.connections import Connections
from updater.hosts import HostRule
from updater.http import HttpClient

Connect = Callable[..., HttpClient]


@pytest.fixture
def server() -> Iterator[FaultyServer]:
    with FaultyServer() as running:
        yield running


@pytest.fixture
def other() -> Iterator[FaultyServer]:
    with FaultyServer() as running:
        yield running


@pytest.fixture
def clock() -> StillClock:
    return StillClock()


@pytest.fixture
def is_quick() -> bool:
    """Whether requests go through pyreqwest, as usual; a module may have its tests run without, too."""
    return True


@pytest.fixture
def connect(tmp_path: Path, clock: StillClock, *, is_quick: bool) -> Connect:
    """``async with connect(rule, …, routes=…) as client``: a client without the surroundings of this machine.

    ``quick=False`` is for tests with respx, which answers in the place of what is below httpx's own transport.
    """

    def make(
        *rules: HostRule,
        routes: dict[str, str] | None = None,
        cache: ResponseStore | None = None,
        local: bool = False,
        fresh_for: timedelta = timedelta(0),
        quick: bool = is_quick,
    ) -> HttpClient:
        return HttpClient(
            host_rules=rules,
            routes=routes,
            cache=cache,
            fresh_for=fresh_for,
            clock=clock,
            sleep=clock.sleep,
            docker_config=tmp_path / "config.json",
            git_environment={"PATH": os.environ["PATH"], "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"},
            local_git=local,
            connections=Connections(quick=quick),
        )

    return make


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate for 127.0.0.1 that only those trust who are told to, with its key in one file."""
    path = tmp_path / "server.pem"
    command = (
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=loopback "
        "-addext subjectAltName=IP:127.0.0.1 -addext keyUsage=critical,digitalSignature,keyCertSign"
    )
    subprocess.run([*command.split(), "-keyout", path, "-out", path], check=True, capture_output=True)
    return path
