"""The way from a datasource to the servers of the tests."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.servers.registry import PASSWORD, USERNAME, Mode, Registry
from updater.api import Secret
from updater.cache import ResponseStore
from updater.hosts import HostRule
from updater.http import HttpClient

Connect = Callable[..., HttpClient]
PickRegistry = Callable[[Mode], Registry]

REGISTRY = "registry.example.com"
TOKEN_SERVER = "auth.example.com"
READER = HostRule(match_host=REGISTRY, username=USERNAME, password=Secret(PASSWORD))


async def _no_sleep(_seconds: float) -> None:
    """Retries come at once."""


@pytest.fixture
def connect(tmp_path: Path) -> Connect:
    """``async with connect({"ghcr.io": server.url}, rule, …) as client``: hosts are served by stand-ins."""

    def make(routes: dict[str, str] | None = None, *rules: HostRule, cache: ResponseStore | None = None) -> HttpClient:
        return HttpClient(
            host_rules=rules,
            routes=routes or {},
            cache=cache,
            docker_config=tmp_path / "config.json",
            git_environment={"PATH": os.environ["PATH"], "GIT_CONFIG_GLOBAL": os.devnull},
            sleep=_no_sleep,
        )

    return make


@pytest.fixture(scope="session")
def _registries() -> Iterator[dict[str, Registry]]:
    realm = f"https://{TOKEN_SERVER}/token"
    with (
        Registry("open") as open_one,
        Registry("htpasswd") as with_passwords,
        Registry("token", private=["team/secret"], realm=realm) as with_tokens,
    ):
        started = {"open": open_one, "htpasswd": with_passwords, "token": with_tokens}
        for registry in started.values():
            for name in ("team/app", "team/other", "team/secret"):
                registry.push(name, "1.0.0", platforms=["linux/amd64"])
            registry.push("team/app", "1.1.0")
            for version in ("0.9.0", "1.0.0+build.5"):
                registry.push_chart("charts/podinfo", version)
        yield started


@pytest.fixture
def registry(_registries: dict[str, Registry]) -> PickRegistry:
    """A real registry with a clean log: ``team/app`` (1.0.0, 1.1.0), ``team/other``, ``team/secret``, one chart."""

    def pick(mode: Mode) -> Registry:
        _registries[mode].reset()
        return _registries[mode]

    return pick
