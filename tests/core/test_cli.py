"""The command line: exit codes, formats, and what is not loaded."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.sample_expectations import DEPENDENCIES
from updater import cli, git
from updater.demo.registries import serve
from updater.demo.run import make_sample

SAMPLE = Path(__file__).parents[1] / "sample"
CONTRACT = {
    "file", "line", "manager", "dep_name", "package_name", "current_value", "current_digest", "datasource",
    "versioning", "dep_type", "registry_urls", "skip_reason", "environment", "span",
}  # fmt: skip


LIBRARIES = "click, hashlib, json, logging, msgspec, pathlib, re2, subprocess"
"""What a scan cannot do without."""


def loaded_by(arguments: str) -> set[str]:
    return {name.partition(".")[0] for name in modules_loaded_by(arguments)}


def modules_loaded_by(arguments: str) -> set[str]:
    return modules_after(f"from updater.cli import run; run({arguments})")


def modules_after(code: str) -> set[str]:
    code = f"{code}; import sys; print('\\n'.join(sys.modules), file=sys.stderr)"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(result.stderr.splitlines())


def test_help_loads_nothing_heavy() -> None:
    """``--help`` imports no HTTP client, forge library, YAML parser, or event loop."""
    assert loaded_by("['--help']") & {"httpx", "github", "gitlab", "yaml", "re2", "rich", "msgspec", "asyncio"} == set()


def test_a_scan_loads_no_network() -> None:
    """``scan`` imports neither the HTTP client nor a forge library nor the cache."""
    assert loaded_by(f"['scan', {str(SAMPLE)!r}]") & {"httpx", "github", "gitlab", "aiocache", "rich", "ssl"} == set()


def test_a_scan_of_known_files_loads_little(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beside its libraries: no manager, no values and protocols of what it does not do, and hardly anything of Python.

    A name that is missing here is one more thing that every command waits for: import it where it is needed.
    """
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    repository = tmp_path / "repository"
    repository.mkdir()
    (repository / "renovate.json").write_text('{"extends": ["config:recommended"]}')
    (repository / "pod.yaml").write_text("apiVersion: v1\nkind: Pod\nspec: {containers: [{image: nginx:1.27.0}]}\n")
    git.init(repository, "main")
    git.commit_all(repository, "Begin\n", author=git.BOT, date=1_800_000_000)
    scan = f"['scan', {str(repository)!r}]"
    assert "managers.kubernetes" in modules_loaded_by(scan)

    loaded = modules_loaded_by(scan) - modules_after(f"import {LIBRARIES}")

    ours = {name for name in loaded if name.partition(".")[0] in {"updater", "managers", "datasources"}}
    assert {name for name in loaded - ours if "_" not in name} - {"bisect", "gc", "importlib.util"} == set()
    assert {name for name in ours if not name.startswith("updater")} == {"managers", "datasources"}
    assert {name for name in ours if name.startswith(("updater.api.", "updater.model."))} == {
        "updater.api.clock", "updater.api.managers", "updater.api.secrets", "updater.api.trees",
        "updater.model.history", "updater.model.scan", "updater.model.track",
    }  # fmt: skip
    assert ours & {"updater.templates", "updater.config.schedule", "updater.credentials", "updater.rollout"} == set()
    assert len(ours) <= 65


def test_a_plan_without_a_report_loads_no_pages(tmp_path: Path) -> None:
    """Pages for people and the records of runs are loaded by who asks for them."""
    loaded = modules_loaded_by(f"['plan', {str(tmp_path)!r}, '--cache', 'memory:']")
    assert loaded & {"updater.report.html", "updater.record", "updater.http"} == {"updater.http"}


def test_scan_prints_the_promised_fields(capsys: pytest.CaptureFixture[str]) -> None:
    """One object a line with at least the fields of the contract; ``span`` hits ``current_value``."""
    assert cli.run(["scan", str(SAMPLE), "--format", "jsonl"]) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    managed = [row for row in rows if row["skip_reason"] is None]

    assert all(row.keys() >= CONTRACT for row in rows)
    assert len(managed) == len(DEPENDENCIES)
    for row in managed:
        text = (SAMPLE / row["file"]).read_bytes().decode()
        assert text[slice(*row["span"])] == row["current_value"]
        assert text.count("\n", 0, row["span"][0]) + 1 == row["line"]


def test_the_formats_say_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    """JSON is one list of what JSON lines are."""
    cli.run(["scan", str(SAMPLE), "--format", "jsonl"])
    lines = capsys.readouterr().out.splitlines()
    cli.run(["scan", str(SAMPLE), "--format", "json"])

    assert json.loads(capsys.readouterr().out) == [json.loads(line) for line in lines]


def test_plan_run_and_why_on_the_sample(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The commands together, as a person uses them, against registries over HTTP."""
    repository = str(make_sample(tmp_path))
    with serve() as registries:
        network = ["--cache", f"sqlite://{tmp_path}/cache.sqlite"]
        for host, url in registries.routes.items():
            network += ["--route", f"{host}={url}"]
        assert cli.run(["plan", repository, "--format", "json", *network]) == 0
        planned = json.loads(capsys.readouterr().out)
        assert cli.run(["run", repository, "--format", "json", *network]) == 0
        ran = json.loads(capsys.readouterr().out)
        assert cli.run(["why", "acme/web", repository, *network]) == 0
        explained = capsys.readouterr().out
        assert cli.run(["why", "no-such-thing", repository, *network]) == 2

    assert planned.keys() >= {"updates", "held", "failed", "skipped", "branches", "stats"}
    assert planned["branches"] == ran["branches"]
    assert {update["branch"] for update in planned["updates"]} == {branch["name"] for branch in planned["branches"]}
    assert [one["error"] for one in ran["outcomes"]] == [None] * 2  # prHourlyLimit
    assert "✓  3.0.0" in explained
    assert "✗  3.1.0-beta.2  ignoreUnstable: a prerelease" in explained


def test_pull_requests_of_a_checkout(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """They are listed, shown with their diff, merged and closed from the command line."""
    repository = str(make_sample(tmp_path))
    with serve() as registries:
        routes = [part for host, url in registries.routes.items() for part in ("--route", f"{host}={url}")]
        cli.run(["run", repository, "--cache", "memory:", *routes])
        capsys.readouterr()
    path = ["--path", repository]
    assert cli.run(["pulls", "list", *path]) == 0
    listed = capsys.readouterr().out
    assert cli.run(["pulls", "show", "1", *path]) == 0
    shown = capsys.readouterr().out
    assert cli.run(["pulls", "merge", "1", *path]) == 0
    assert cli.run(["pulls", "close", "2", *path]) == 0
    cli.run(["pulls", "list", "--all", *path])
    after = capsys.readouterr().out
    assert cli.run(["pulls", "show", "99", *path]) == 1

    assert "#1 " in listed
    assert "\n+    targetRevision: v1.19.1" in shown
    assert "#1  merged" in after
    assert "#2  closed" in after


@pytest.mark.parametrize(
    "arguments",
    [
        ["no-such-command"],
        ["plan", "--format", "xml"],
        ["plan", ".", "--route", "x"],
        ["run", "x", "--platform", "github"],
    ],
)
def test_wrong_usage_is_exit_code_two(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """With a sentence on standard error and nothing on standard output."""
    assert cli.run(arguments) == 2
    printed = capsys.readouterr()
    assert (printed.out, bool(printed.err)) == ("", True)


def test_a_bug_is_exit_code_three(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """With a report that can be pasted into an issue."""

    def broken(_path: Path) -> None:
        raise ZeroDivisionError("oh")

    monkeypatch.setattr("updater.wiring.work_tree", broken)
    assert cli.run(["scan"]) == 3
    assert "this is a bug" in (report := capsys.readouterr().err)
    assert "ZeroDivisionError: oh" in report


def test_an_interrupt_is_exit_code_130(monkeypatch: pytest.MonkeyPatch) -> None:
    """As shells expect."""

    def interrupted(_path: Path) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("updater.wiring.work_tree", interrupted)
    assert cli.run(["scan"]) == 130


def test_the_schema_command_prints_the_schema(capsys: pytest.CaptureFixture[str]) -> None:
    """What is printed is the file in the repository."""
    assert cli.run(["config", "schema"]) == 0
    assert capsys.readouterr().out == (Path(__file__).parents[2] / "config-schema.json").read_text()
