"""``updater verify`` and ``updater audit`` as scripts and people see them."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.flow.team import STAGING, Team, deployment
from updater.cli import run
from updater.demo.kubernetes import KubernetesApi

COMMON = ["--cache", "memory:", "--quiet"]


@pytest.fixture
def team(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Team]:
    """A repository whose clock is the machine's as far as the command line is concerned: nothing is recent in it."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    with KubernetesApi() as api:
        yield Team(tmp_path, api)


def test_verify_as_json(team: Team, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """State, rule, evidence and times of each target, with an exit code of zero while nothing has failed."""
    team.merge_files({STAGING: deployment("1.1.0")})
    team.world.advance(minutes=10)
    monkeypatch.setattr("updater.wiring.now", team.world.clock)
    assert run(["verify", str(team.world.directory), "--format", "json", *COMMON]) == 0
    (rollout,) = json.loads(capsys.readouterr().out)["rollouts"]
    assert rollout["target"] == {
        "kind": "Application",
        "namespace": "argocd",
        "name": "web-staging",
        "path": "argo/staging.yaml",
    }
    assert rollout["environment"] == "staging"
    assert set(rollout["seconds"]) == {"review", "detection", "sync", "rollout", "merge_to_running"}


def test_verify_says_what_failed(
    team: Team, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A failed update is a line with its rule and reason, and an exit code of one."""
    team.merge_files({STAGING: deployment("1.1.0", "refused")})
    team.world.advance(minutes=30)
    monkeypatch.setattr("updater.wiring.now", team.world.clock)
    assert run(["verify", str(team.world.directory), *COMMON]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "#1 Update web"
    assert "sync failed" in lines[1]
    assert "argocd 4" in lines[1]
    assert "admission webhook" in lines[1]


def test_audit_as_text(team: Team, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """What is well is counted."""
    monkeypatch.setattr("updater.wiring.now", team.world.clock)
    assert run(["audit", str(team.world.directory), *COMMON]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "2 of 2 run what Git says."


def test_a_time_to_wait_that_is_none(team: Team, capsys: pytest.CaptureFixture[str]) -> None:
    """A length of time that is not understood is a mistake in the command line."""
    assert run(["verify", str(team.world.directory), "--wait", "soon", *COMMON]) == 2
    assert "--wait" in capsys.readouterr().err
