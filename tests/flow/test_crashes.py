"""A run that is killed in the middle of its writing: the next one ends where an undisturbed one would have."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.flow.conftest import Bot
from tests.servers import Reply, Request
from tests.servers.code_host import Project
from tests.servers.github import TOKEN, GitHub
from updater import cli, wiring
from updater.demo.registries import Registries

POD = "apiVersion: v1\nkind: Pod\nspec: {{containers: [{{name: a, image: {image}}}]}}\n"
FILES = {
    "apps/api.yaml": POD.format(image="ghcr.io/acme/api:1.4.2"),
    "apps/redis.yaml": POD.format(image="redis:7.2.4-alpine3.19"),
    "renovate.json": '{"labels": ["dependencies"], "prHourlyLimit": 0}',
}
STEPS = 9


class Deadly(GitHub):
    """Kills whoever makes the write of that number, counted from 0, once it is carried out or before."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.victim: Callable[[], int | None] = lambda: None
        self.number, self.carried_out = -1, False
        self.writes = 0

    def answer(self, request: Request) -> Reply:
        if not _is_write(request):
            return super().answer(request)
        self.writes += 1
        if self.writes - 1 != self.number:
            return super().answer(request)
        reply = super().answer(request) if self.carried_out else Reply(status=500)
        if (victim := self.victim()) is not None:
            os.killpg(victim, signal.SIGKILL)
        return reply


def _is_write(request: Request) -> bool:
    if "git-upload-pack" in request.path or request.path.endswith("/graphql"):
        return False
    return request.method != "GET"


def arguments(server: GitHub, routes: Mapping[str, str]) -> list[str]:
    route = [part for host, url in routes.items() for part in ("--route", f"{host}={url}")]
    return ["run", "acme/a", "--platform", "github", "--endpoint", server.endpoint, "--cache", "memory:", *route]


def state(project: Project) -> object:
    """All that people see: the branches with their commits, the pull requests with their texts and labels."""
    pulls = sorted((pull.head, pull.title, pull.body, pull.state, *pull.labels) for pull in project.pulls.values())
    return sorted(project.git.heads().items()), pulls


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Deadly:
    monkeypatch.setenv("UPDATER_TOKEN", TOKEN)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return Deadly(tmp_path / "server")


def test_steps_are_all_there_are(server: Deadly, bot: Bot) -> None:
    """An undisturbed run makes so many writes: the lease, one push, each pull request with its labels, the lease."""
    with server:
        server.repository("acme/a", FILES)
        assert cli.run(arguments(server, bot.routes)) == 0
    assert server.writes == STEPS


@pytest.fixture(scope="module")
def wanted(registries: Registries, tmp_path_factory: pytest.TempPathFactory) -> object:
    """What a run that nobody disturbs reaches."""
    place = tmp_path_factory.mktemp("undisturbed")
    with pytest.MonkeyPatch.context() as patch, GitHub(place / "server") as server:
        patch.setenv("UPDATER_TOKEN", TOKEN)
        patch.setenv("XDG_CACHE_HOME", str(place / "cache"))
        project = server.repository("acme/a", FILES)
        assert cli.run(arguments(server, registries.routes)) == 0
        return state(project)


@pytest.mark.parametrize(
    ("number", "carried_out"), [*((number, True) for number in range(STEPS)), (1, False), (2, False), (3, False)]
)
def test_killed_run_is_completed_by_the_next(
    server: Deadly, bot: Bot, wanted: object, monkeypatch: pytest.MonkeyPatch, number: int, *, carried_out: bool
) -> None:
    """No pull request is missing or double, no branch differs, whichever write was the last; its lease is over."""
    monkeypatch.setattr(wiring, "now", lambda: datetime.now(UTC) + timedelta(hours=1))
    with server:
        project = server.repository("acme/a", FILES)
        code = "import sys; from updater import cli; sys.exit(cli.run(sys.argv[1:]))"
        command = [sys.executable, "-c", code, *arguments(server, bot.routes)]
        with subprocess.Popen(
            command, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL, start_new_session=True
        ) as run:
            server.victim, server.number, server.carried_out = (lambda: run.pid), number, carried_out
        assert run.returncode == -signal.SIGKILL
        server.number = -1
        assert cli.run(arguments(server, bot.routes)) == 0
        assert state(project) == wanted
