"""``--report``: what a plan, a run and a replay write for people."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from updater import cli
from updater.demo.registries import Registries


def network(registries: Registries) -> Sequence[str]:
    routes = [part for host, url in registries.routes.items() for part in ("--route", f"{host}={url}")]
    return ["--quiet", "--cache", "memory:", *routes]


def test_a_plan_a_run_and_a_replay_are_reported(
    sample: Path, tmp_path: Path, registries: Registries, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each is a page of its own; a run tells what it did, a replay what another configuration changes."""
    planned, done, again, record = (tmp_path / name for name in ("plan.html", "run.html", "replay.html", "record"))
    config = tmp_path / "other.json"
    config.write_text('{"enabledManagers": ["helm-values"]}')

    assert cli.run(["plan", str(sample), "--report", str(planned), "--record", str(record), *network(registries)]) == 0
    assert cli.run(["run", str(sample), "--report", str(done), *network(registries)]) == 0
    assert cli.run(["replay", str(record), "--config", str(config), "--report", str(again), "--quiet"]) == 0

    assert "<h3>To be opened" in planned.read_text()
    assert "<h3>Opened" in done.read_text()
    assert "No longer proposed" in again.read_text()


def test_a_report_that_cannot_be_written_is_a_matter_of_usage(
    sample: Path, tmp_path: Path, registries: Registries, capsys: pytest.CaptureFixture[str]
) -> None:
    """The exit code says so, and the message why."""
    assert cli.run(["plan", str(sample), "--report", str(tmp_path / "no" / "x.html"), *network(registries)]) == 2
    assert "the report cannot be written" in capsys.readouterr().err


def test_a_report_is_of_one_repository(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Several would overwrite each other's."""
    assert cli.run(["run", "a", "b", "--report", str(tmp_path / "x.html")]) == 2
    assert "one repository at a time" in capsys.readouterr().err


def test_a_forecast_is_made_of_a_record(
    sample: Path, tmp_path: Path, registries: Registries, capsys: pytest.CaptureFixture[str]
) -> None:
    """Offline it says the same as live registries; a page and JSON tell the same number."""
    record, report = tmp_path / "record", tmp_path / "forecast.html"
    cli.run(["plan", str(sample), "--record", str(record), *network(registries)])
    capsys.readouterr()
    options = ["--days", "365", "--merge-after", "2"]

    assert cli.run(["forecast", "--record", str(record), "--format", "json", "--report", str(report), *options]) == 0
    offline = json.loads(capsys.readouterr().out)
    assert cli.run(["forecast", str(sample), "--format", "json", *options, *network(registries)]) == 0
    live = json.loads(capsys.readouterr().out)

    assert offline["groups"] == live["groups"]
    assert len(offline["pull_requests"]) > 10
    assert offline["undated"] > 0
    assert f"<strong>{len(offline['pull_requests'])}</strong>" in report.read_text()


def test_a_plan_and_a_run_may_tell_a_forecast(
    sample: Path, tmp_path: Path, registries: Registries, capsys: pytest.CaptureFixture[str]
) -> None:
    """As a part of their page, if it is asked for; without a page there is no place for it."""
    page = tmp_path / "page.html"
    for command in ("plan", "run"):
        arguments = [command, str(sample), "--report", str(page), "--forecast", "60", *network(registries)]
        assert cli.run(arguments) == 0
        assert "pull requests in 60 days, at most" in page.read_text()
        assert cli.run([command, str(sample), "--forecast", "60", *network(registries)]) == 2
        assert "--report FILE" in capsys.readouterr().err
