import os
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.servers.faulty import FaultyServer, StillClock
from updater.cache import ResponseStore
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
def connect(tmp_path: Path, clock: StillClock) -> Connect:
    """``async with connect(rule, …, routes=…) as client``: a client without the surroundings of this machine."""

    def make(
        *rules: HostRule,
        routes: dict[str, str] | None = None,
        cache: ResponseStore | None = None,
        local: bool = False,
        fresh_for: timedelta = timedelta(0),
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
        )

    return make
