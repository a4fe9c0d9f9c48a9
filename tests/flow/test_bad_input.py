"""What is broken, hostile or missing: a clear message or a row in the report, and nothing else is lost."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path

import pytest

from tests.flow.conftest import Bot
from updater import cli, git
from updater.platforms.local import LocalPlatform

GOOD = "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n    - image: ghcr.io/acme/api:1.4.2\n"


def scanned(place: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, list[Mapping[str, object]]]:
    code = cli.run(["scan", str(place), "--format", "jsonl"])
    return code, [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def reason(rows: list[Mapping[str, object]], path: str) -> str:
    return str(next(row["skip_reason"] for row in rows if row["file"] == path))


BAD_FILES: Mapping[str, tuple[bytes, str]] = {
    "tabs.yaml": (b"apiVersion: v1\nkind: Pod\nspec:\n\t- image: nginx:1.0\n", "not valid YAML"),
    "unclosed.yaml": (b"apiVersion: v1\nkind: Pod\nspec: {image: 'nginx:1.0\n", "not valid YAML"),
    "deep.yaml": (b"apiVersion: v1\nkind: Pod\nimage: " + b"[" * 100_000, "not valid YAML"),
    "huge.yaml": (GOOD.encode() + b"# " + b"x" * (50 * 1024 * 1024), "larger than maxFileSize"),
    "binary.yaml": (b"\0\1\2image: nginx:1.0\n", "binary"),
    "broken.tf": (b'terraform {\n  required_version = "~> 1.5\n}\n', ""),
}


def test_bad_files_are_rows_and_the_good_one_is_found(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each broken file is listed with its reason; what is beside it, or plain to see in it, is found all the same."""
    for name, (content, _) in BAD_FILES.items():
        (tmp_path / name).write_bytes(content)
    (tmp_path / "good.yaml").write_text(GOOD)
    code, rows = scanned(tmp_path, capsys)

    assert code == 0
    assert [row["file"] for row in rows if row["skip_reason"] is None] == ["good.yaml", "tabs.yaml"]
    rows = [row for row in rows if row["skip_reason"] is not None]
    for name, (_, wanted) in BAD_FILES.items():
        assert wanted in reason(rows, name)


def test_invalid_utf8_is_read_and_kept(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Bytes that are no UTF-8 hinder neither finding nor, later, writing: they stay as they are."""
    (tmp_path / "latin1.yaml").write_bytes(b"# caf\xe9\n" + GOOD.encode())
    _, rows = scanned(tmp_path, capsys)

    assert [row["current_value"] for row in rows] == ["1.4.2"]


def test_a_yaml_bomb_costs_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Aliases of aliases are read once each."""
    names = [f"a{level}" for level in range(30)]
    lines = ["apiVersion: v1", "kind: Pod", "a0: &a0 {image: 'nginx:1.0'}"]
    lines += [f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]" for before, name in pairwise(names)]
    (tmp_path / "bomb.yaml").write_text("\n".join(lines) + "\n")
    code, rows = scanned(tmp_path, capsys)

    assert (code, len(rows)) == (0, 1)


def test_a_link_out_of_the_repository_is_not_followed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What a link points at outside is not read, and the link is listed; links within are no news."""
    (tmp_path / "secret.yaml").write_text(GOOD)
    inside = tmp_path / "repository"
    inside.mkdir()
    (inside / "out.yaml").symlink_to("../secret.yaml")
    (inside / "good.yaml").write_text(GOOD)
    (inside / "within.yaml").symlink_to("good.yaml")
    _, rows = scanned(inside, capsys)

    assert [(row["file"], row["skip_reason"]) for row in rows] == [
        ("good.yaml", None),
        ("out.yaml", "a symbolic link that leads out of the repository"),
    ]


def test_a_pattern_that_would_never_end_ends(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A user's pattern that takes exponential time elsewhere runs in linear time here."""
    manager = {
        "customType": "regex",
        "managerFilePatterns": ["/.*/"],
        "matchStrings": ["(?:(?:a+)+)+x(?<depName>b):(?<currentValue>c)"],
        "datasourceTemplate": "docker",
    }
    (tmp_path / "renovate.json").write_text(json.dumps({"customManagers": [manager]}))
    (tmp_path / "trap.txt").write_text("a" * 100_000)
    code, rows = scanned(tmp_path, capsys)

    assert (code, rows) == (0, [])


def test_a_pattern_that_cannot_be_used_is_an_error_with_its_place(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A lookahead is reported with file, line and advice, and the rest of the configuration holds."""
    (tmp_path / "renovate.json").write_text('{\n  "packageRules": [\n    {"matchPackageNames": ["/(?=x)/"]}\n  ]\n}\n')
    (tmp_path / "good.yaml").write_text(GOOD)
    code = cli.run(["scan", str(tmp_path)])
    printed = capsys.readouterr()

    assert code == 0
    assert "renovate.json:3:" in printed.err
    assert "1 dependency" in printed.out
    assert cli.run(["config", "check", str(tmp_path)]) == 2


@pytest.mark.parametrize(
    ("text", "place"),
    [('{"extends": [}', "renovate.json:1:"), ('{\n  "labels": 3\n}', "renovate.json:2:"), ("[]", "renovate.json:1:")],
)
def test_a_broken_configuration_stops_with_its_place(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, place: str
) -> None:
    """What cannot be parsed, or has the wrong type, is exit code 2 with file, line and column."""
    (tmp_path / "renovate.json").write_text(text)

    assert cli.run(["plan", str(tmp_path)]) == 2
    assert place in capsys.readouterr().err


def test_a_repository_without_commits(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It can be scanned; running says that there is nothing to branch from."""
    git.init(tmp_path, "main")
    (tmp_path / "good.yaml").write_text(GOOD)

    assert cli.run(["scan", str(tmp_path)]) == 0
    assert cli.run(["run", str(tmp_path)]) == 1
    assert "no commits yet" in capsys.readouterr().err


async def test_a_detached_head_works(bot: Bot, sample: Path) -> None:
    """With a commit checked out instead of a branch, pull requests go to the branch that contains it."""
    (sample / ".git" / "HEAD").write_text(git.resolve(sample, "main") or "")
    platform = LocalPlatform(sample)
    plan, outcomes = await bot.run(platform)

    assert plan.base.name == "main"
    assert [one.failed for one in outcomes if one.failed] == []


def test_a_directory_that_is_none(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A path that is not there is a usage error."""
    assert cli.run(["plan", str(tmp_path / "nowhere")]) == 2
    assert "is not a directory" in capsys.readouterr().err


# ---------------------------------------------------------------- registries


async def test_registries_that_fail_leave_the_others_alone(bot: Bot, sample: Path) -> None:
    """Two registries that are unreachable cost their own dependencies, each reported once; the others are updated."""
    dead = {"ghcr.io": "http://127.0.0.1:1", "charts.jetstack.io": "http://127.0.0.1:1"}
    healthy = await bot.plan(LocalPlatform(sample))
    plan = await Bot(routes={**bot.routes, **dead}).plan(LocalPlatform(sample))
    lost = {update.tracked.package.name for update in healthy.updates} - {
        update.tracked.package.name for update in plan.updates
    }

    assert {each.subject.split()[1] for each in plan.failed} == {
        "cert-manager",
        "ghcr.io/acme/api",
        "ghcr.io/acme/web",
        "ghcr.io/acme/workers",
        "ghcr.io/external-secrets/charts/external-secrets",
        "ghcr.io/external-secrets/external-secrets",
    }
    assert lost == {each.subject.split()[1] for each in plan.failed}
    assert len(plan.failed) == len(set(plan.failed))


def test_a_failure_is_exit_code_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The report says what failed, why, and that nothing of it was changed; scripts see exit code 1."""
    (tmp_path / "good.yaml").write_text(GOOD)
    code = cli.run(["plan", str(tmp_path), "--cache", "memory:", "--route", "ghcr.io=http://127.0.0.1:1"])
    printed = capsys.readouterr().out

    assert code == 1
    assert "docker ghcr.io/acme/api" in printed
    assert "nothing of these was changed or closed" in printed


# ---------------------------------------------------------------- the process


def test_a_hostile_repository_runs_nothing(tmp_path: Path) -> None:
    """Packages named like ours, hooks and git settings in the scanned repository are not executed."""
    for name in ("updater", "managers", "datasources", "yaml"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text("raise SystemExit('executed')")
    (tmp_path / "good.yaml").write_text(GOOD)
    git.init(tmp_path, "main")
    config = tmp_path / ".git" / "config"
    config.write_text(config.read_text() + f"[core]\n\tfsmonitor = touch {tmp_path}/executed\n")
    command = Path(sys.executable).parent / "updater"
    result = subprocess.run(
        [command, "scan", "."],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        env={key: value for key, value in os.environ.items() if key != "PYTHONPATH"},
    )

    assert (result.returncode, result.stderr) == (0, "")
    assert "1 dependency" in result.stdout
    assert not (tmp_path / "executed").exists()


@pytest.mark.parametrize("branches", [0, 1])
async def test_a_run_that_was_killed_is_finished_by_the_next(bot: Bot, sample: Path, branches: int) -> None:
    """Killed after pushing, before or while opening pull requests: the next run completes the same set."""
    platform = LocalPlatform(sample)
    plan = await bot.plan(platform)
    from updater.publish import applying

    applying._push(plan.actions, platform)
    for action in plan.actions[:branches]:
        assert action.branch is not None
        applying._request(action, action.branch, platform)
    _, outcomes = await bot.run(platform)
    opened = [pull.branch for pull in platform.pull_requests("")]

    assert [one.failed for one in outcomes if one.failed] == []
    assert sorted({action.name for action in plan.actions if action.kind == "create"}) == sorted(opened)


def test_a_commit_of_no_branch_can_be_planned(sample: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What CI checks out for a pull request has no branch: planning works, writing says what is missing."""
    (sample / ".git" / "HEAD").write_text(git.resolve(sample, "main") or "")
    (sample / ".git" / "refs" / "heads" / "main").unlink()
    network = ["--cache", "memory:", "--route", "ghcr.io=http://127.0.0.1:1", "--quiet"]
    (sample / "renovate.json").write_text('{"enabledManagers": ["helm-values"]}')

    assert cli.run(["plan", str(sample), *network]) == 1
    assert "ghcr.io cannot be reached" in capsys.readouterr().out
    assert cli.run(["run", str(sample), *network]) == 1
    assert "is not on a branch" in capsys.readouterr().err
