"""Runs on record: decided again without network, to the byte, and without secrets."""

import dataclasses
import gzip
import json
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.servers import github
from updater import cli, git
from updater.config import json5
from updater.demo.registries import Registries, serve
from updater.demo.run import make_sample
from updater.platforms.local import LocalPlatform
from updater.record import Record, difference, read_record, replay, write_record
from updater.record.difference import Change, Difference
from updater.report import as_json
from updater.report.difference import comment, headline

TOKEN = "hunter2-hunter2-hunter2"
"""The password of everything here."""

# Refuses all that leads out of the process, for the whole life of the interpreter.
OFFLINE = """
import sys

def refuse(event, arguments):
    if event in ("socket.connect", "socket.bind", "socket.getaddrinfo", "socket.sendto", "subprocess.Popen", "os.exec"):
        raise AssertionError(event)

sys.addaudithook(refuse)
from updater.cli import run
sys.exit(run(sys.argv[1:]))
"""


def recorded(
    place: Path, registries: Registries, *options: str, command: str = "plan"
) -> tuple[Path, dict[str, object]]:
    """The file, and what the run itself printed."""
    file = place.parent / f"{command}.json.gz"
    network = [part for host, url in registries.routes.items() for part in ("--route", f"{host}={url}")]
    arguments = [command, str(place), "--record", str(file), "--format", "json", "--cache", "memory:", *options]
    network += ["--route", "charts.example=http://127.0.0.1:1"]
    printed = subprocess.run(
        [sys.executable, "-m", "updater", *arguments, *network], capture_output=True, text=True, check=False
    )
    assert printed.returncode in (0, 1), printed.stderr
    plan: dict[str, object] = json.loads(printed.stdout)
    return file, plan


def offline(*arguments: str) -> str:
    """What a command prints that can reach nothing."""
    result = subprocess.run([sys.executable, "-c", OFFLINE, *arguments], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    return result.stdout


def commit(repository: Path, message: str) -> None:
    git.commit_all(repository, f"{message}\n", author=git.BOT, date=1_800_000_000)


@pytest.fixture(scope="module")
def on_record(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, object]]:
    """A run on a repository with open pull requests, secrets, a private registry and odd files."""
    sample = make_sample(tmp_path_factory.mktemp("record"))
    config = json.loads((sample / "renovate.json").read_text())
    config["hostRules"] = [{"matchHost": "ghcr.io", "username": "bot", "password": TOKEN}]
    config |= {"prConcurrentLimit": 0, "prHourlyLimit": 0}
    (sample / "renovate.json").write_text(json.dumps(config, indent=2))
    deployment = sample / "apps/staging/api/deployment.yaml"
    secret = f"apiVersion: v1\nkind: Secret\nmetadata:\n  name: api\nstringData:\n  password: {TOKEN}\n"
    deployment.write_text(f"{secret}---\n{deployment.read_text()}")
    (sample / "apps/encrypted.yaml").write_text(f"password: {TOKEN}\nsops:\n  mac: x\n  lastmodified: x\n")
    (sample / "apps/private.yaml").write_text(
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nspec:\n  source:\n"
        f"    repoURL: https://bot:{TOKEN}@charts.example\n    chart: web\n    targetRevision: 1.0.0\n"
    )
    (sample / "apps/latin.yaml").write_bytes(b"# caf\xe9\nimage: redis:7.2.4-alpine3.19\n")
    (sample / "apps/binary.yaml").write_bytes(b"image: a:1.0\0")
    for number in range(12):
        (sample / f"note-{number}").write_text("x\n")
        commit(sample, f"chore: step {number}")
    with serve() as registries:
        network = [part for host, url in registries.routes.items() for part in ("--route", f"{host}={url}")]
        cli.run(["run", str(sample), "--quiet", "--cache", "memory:", *network])
        return recorded(sample, registries)


def test_the_same_configuration_decides_the_same_to_the_byte(on_record: tuple[Path, dict[str, object]]) -> None:
    """The replayed plan is what the run itself printed, also where a file has a secret beside its image."""
    file, printed = on_record

    assert offline("replay", str(file), "--plan") == as_json.dump(printed) + "\n"
    assert offline("replay", str(file)) == "no pull request changes\n"
    assert {action["kind"] for action in as_list(printed["actions"])} == {"leave"}
    assert {str(branch["title"]).partition(":")[0] for branch in as_list(printed["branches"])} == {"chore(deps)"}


def as_list(value: object) -> Sequence[dict[str, object]]:
    assert isinstance(value, list)
    return value


def test_a_record_holds_no_secrets(on_record: tuple[Path, dict[str, object]]) -> None:
    """Neither those of the configuration nor of objects, encrypted files and addresses; all else is there."""
    content = gzip.decompress(on_record[0].read_bytes()).decode()

    assert TOKEN not in content
    assert "https://bot:***********************@charts.example" in content
    assert "ghcr.io/acme/api" in content


def test_another_configuration_is_told_apart_in_pull_requests(
    on_record: tuple[Path, dict[str, object]], tmp_path: Path
) -> None:
    """What a rule turns off, groups and merges by itself is counted; each change names its branch."""
    config = {
        "extends": ["config:recommended"],
        "prConcurrentLimit": 0,
        "prHourlyLimit": 0,
        "packageRules": [
            {"matchDatasources": ["helm"], "groupName": "charts"},
            {"matchPackageNames": ["redis"], "enabled": False},
            {"matchPackageNames": ["busybox"], "automerge": True, "labels": ["ok"]},
        ],
    }
    (tmp_path / "new.json").write_text(json.dumps(config))
    found = json.loads(
        offline("replay", str(on_record[0]), "--config", str(tmp_path / "new.json"), "--format", "json", "--quiet")
    )

    assert [each["branch"] for each in found["removed"]] == ["updater/redis-7.x", "updater/redis-8.x"]
    assert [each["branch"] for each in found["regrouped"]] == ["updater/charts", "updater/major-charts"]
    assert [each["branch"] for each in found["automerged"]] == ["updater/busybox-1.x"]
    assert [each["detail"] for each in found["reworded"]] == ["labels"]
    assert found["headline"].startswith("\N{MINUS SIGN}2, 2 regrouped, 1 now automerge")


def test_what_nobody_asked_then_is_said(on_record: tuple[Path, dict[str, object]], tmp_path: Path) -> None:
    """A release that was not vetted, a package that was not looked up, a file that was not read: never a guess."""
    config = {
        "branchPrefix": "other/",
        "customManagers": [
            {
                "customType": "regex",
                "managerFilePatterns": ["*.md"],
                "matchStrings": ["(?<depName>x)(?<currentValue>1)"],
                "datasourceTemplate": "docker",
            }
        ],
        "packageRules": [
            {"matchPackageNames": ["nginx"], "allowedVersions": "<1.29"},
            {"matchPackageNames": ["busybox"], "overridePackageName": "acme/busybox"},
        ],
    }
    (tmp_path / "new.json").write_text(json.dumps(config))
    found = json.loads(
        offline("replay", str(on_record[0]), "--config", str(tmp_path / "new.json"), "--format", "json", "--quiet")
    )
    undecided = {each["subject"]: each["reason"] for each in found["undecided"]}

    assert undecided["docker nginx"] == (
        "the record does not tell the platforms of 1.28.0-alpine: nobody asked for it then"
    )
    assert undecided["docker acme/busybox"] == "the record does not tell its releases: it was not looked up then"
    assert found["unread"][-1] == "the branches and pull requests below other/"
    assert all(change["branch"] != "updater/nginx-1.x" for change in found["removed"])


async def test_a_configuration_from_outside_is_on_record(sample: Path, registries: Registries, tmp_path: Path) -> None:
    """The text of ``--config`` and of the variables is kept, and tells the places of rules as before."""
    outside = tmp_path / "outside.json"
    outside.write_text('{"packageRules": [\n{"matchPackageNames": ["redis"], "enabled": false}]}')
    file, printed = recorded(sample, registries, "--config", str(outside))
    outside.unlink()
    again = await replay(read_record(file))

    assert as_json.plan(again.plan) == printed
    assert {each.reason for each in again.plan.skipped if each.name == "redis"} == {f"disabled by {outside}:2"}


async def test_a_run_is_on_record_as_it_was_planned(sample: Path, registries: Registries) -> None:
    """``run --record`` keeps the plan that was then carried out."""
    file, printed = recorded(sample, registries, command="run")
    record = read_record(file)
    outcomes = printed.pop("outcomes")

    assert len(as_list(outcomes)) == 2  # as prHourlyLimit has it
    assert record.plan == {**printed, "outcomes": []}
    assert headline(difference(record.plan, as_json.plan((await replay(record)).plan))) == "no pull request changes"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"{}", "is not compressed with gzip"),
        (gzip.compress(b"{}"), "missing required field `updater_record`"),
        (gzip.compress(b'{"updater_record": 99}'), "is a record of format 99"),
        (gzip.compress(b'{"updater_record": 1}'), "missing required field"),
        (gzip.compress(b"{}")[:-4], "is cut off"),
    ],
    ids=["text", "no format", "a later format", "no fields", "a part"],
)
def test_what_is_no_record_is_refused(
    content: bytes, reason: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With exit code 2 and a sentence."""
    (tmp_path / "x.gz").write_bytes(content)

    assert cli.run(["replay", str(tmp_path / "x.gz")]) == 2
    assert reason in capsys.readouterr().err


def test_equal_runs_have_equal_files(on_record: tuple[Path, dict[str, object]], tmp_path: Path) -> None:
    """Writing what was read gives the same bytes: nothing in the file depends on when or where it is written."""
    record: Record = read_record(on_record[0])
    write_record(record, tmp_path / "again.gz")

    assert (tmp_path / "again.gz").read_bytes() == on_record[0].read_bytes()


def explained(file: Path, dependency: str, *options: str) -> str:
    return offline("why", dependency, "--record", str(file), "--quiet", *options)


def test_a_rule_changes_the_explanations_of_what_it_decides_and_of_nothing_else(
    on_record: tuple[Path, dict[str, object]], tmp_path: Path
) -> None:
    """Added, it is named with its line where the outcome changes; taken away again, all is explained as before."""
    rules = [
        '{"matchPackageNames": ["nginx"], "allowedVersions": "<1.28"}',
        '{"matchPackageNames": ["redis"], "matchUpdateTypes": ["major"], "enabled": false}',
    ]
    names = ("nginx", "redis", "busybox", "kubectl")
    config = tmp_path / "new.json"

    def said(*chosen: str) -> dict[str, str]:
        config.write_text('{"packageRules": [\n' + ",\n".join(chosen) + "]}")
        return {name: explained(on_record[0], name, "--config", str(config)) for name in names}

    without, first, both = said(), said(rules[0]), said(*rules)
    assert {name for name in names if without[name] != first[name]} == {"nginx"}
    assert {name for name in names if first[name] != both[name]} == {"redis"}
    assert any("allowedVersions: " in line and f"[{config}:2]" in line for line in first["nginx"].splitlines())
    assert f"major updates are off  [{config}:3]" in both["redis"]


STYLES = (
    "argo-environments.json",
    "everything-weekly.json",
    "flux-substitutions.json",
    "home-cluster-groups.json5",
    "home-cluster-semantic.json5",
    "home-lab-compose.json",
    "platform-negations.json",
    "platform-strict.json",
    "terraform-team-schedule.json",
)
"""Of the configurations of ``tests/core/config/public`` those that do the most different things to the sample."""


@pytest.fixture(params=STYLES, ids=lambda name: name.partition(".")[0])
def in_style(request: pytest.FixtureRequest, sample: Path, registries: Registries) -> tuple[Path, str, Path]:
    """A run with a configuration as people write them: its file, what it printed, and where the configuration is."""
    config = Path(__file__).parents[1] / "core" / "config" / "public" / request.param
    (sample / "renovate.json").unlink()
    (sample / f"renovate{config.suffix}").write_text(config.read_text())
    commit(sample, "chore: another style")
    file, printed = recorded(sample, registries)
    return file, as_json.dump(printed) + "\n", config


def test_a_record_of_any_style_replays(in_style: tuple[Path, str, Path], capsys: pytest.CaptureFixture[str]) -> None:
    """To the byte, and without a difference."""
    file, printed, _ = in_style

    assert cli.run(["replay", str(file), "--plan"]) == 0
    assert capsys.readouterr().out == printed
    assert cli.run(["replay", str(file)]) == 0
    assert capsys.readouterr().out == "no pull request changes\n"


def test_a_rule_more_in_any_style_is_told_where_it_decides(
    in_style: tuple[Path, str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It stands behind those of the style; what it turns off names it, and all else is explained as before."""
    file, _, config = in_style
    known = json5.read(config.read_text(), path=config.name).value
    assert isinstance(known, dict)
    rule = {"matchPackageNames": ["redis", "ghcr.io/acme/web"], "matchUpdateTypes": ["minor"], "enabled": False}
    explained = []
    for rules in ([], [rule]):
        new = tmp_path / "new.json"
        new.write_text(json.dumps({**known, "packageRules": [*known.get("packageRules", []), *rules]}))
        assert cli.run(["why", "", "--record", str(file), "--config", str(new), "--format", "json", "--quiet"]) == 0
        told = json.loads(capsys.readouterr().out)
        explained.append({(one["file"], one["line"], one["dep_name"]): one for one in told if "decisions" in one})

    before, after = explained
    changed = {key[2] for key in after if after[key]["decisions"] != before[key]["decisions"]}
    minor = {
        key[2]
        for key, one in before.items()
        if any(each["accepted"] and each["reason"] == "minor" for each in one["decisions"])
    }
    assert before.keys() == after.keys()
    assert changed == minor & {"redis", "ghcr.io/acme/web"}
    for key in after:
        for old, new_one in zip(before[key]["decisions"], after[key]["decisions"], strict=True):
            assert old == new_one or new_one["reason"] == "minor updates are off"


def test_the_page_of_a_job_tells_what_was_done(
    sample: Path, registries: Registries, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In Markdown, where GitHub Actions name a file for it; what comes from outside is code."""
    page = tmp_path / "summary.md"
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(page))
    recorded(sample, registries, command="run")
    lines = page.read_text().splitlines()

    assert lines[0].startswith("## Updates of `")
    assert "### Pull requests" in lines
    assert any(line.startswith("| `create #1` | `Update ") for line in lines)


def test_the_difference_is_one_comment_kept_up_to_date(
    on_record: tuple[Path, dict[str, object]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On the pull request that edits the configuration, be it from a fork; nothing else is written."""
    monkeypatch.setenv("UPDATER_TOKEN", github.TOKEN)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    new = tmp_path / "new.json"
    with github.GitHub(tmp_path / "github") as forge:
        project = forge.repository("acme/gitops", {"renovate.json": "{}"})
        pull = forge.foreign_pull(project, "edit", fork="ann/gitops")
        arguments = ["acme/gitops", "--platform", "github", "--endpoint", forge.endpoint, "--config", str(new)]
        for text in ('{"enabledManagers": ["flux"]}', "{}", "{}"):
            new.write_text(text)
            assert cli.run(["replay", str(on_record[0]), *arguments, "--comment", str(pull.number), "--quiet"]) == 0
            said = pull.comments
            assert len(said) == 1
            assert "**What this configuration changes:**" in said[0]
            assert ("No longer proposed" in said[0]) is ("flux" in text)
        writes = [one for one in forge.log if one.writes]
        assert len(writes) == 2
        assert cli.run(["replay", str(on_record[0]), *arguments, "--comment", "4711", "--quiet"]) == 1


def test_the_comment_of_a_checkout_is_a_note(on_record: tuple[Path, dict[str, object]], tmp_path: Path) -> None:
    """On the platform ``local``, where there is no forge to write to."""
    sample = on_record[0].parent / "gitops"
    (tmp_path / "new.json").write_text('{"enabledManagers": ["flux"]}')
    pull = LocalPlatform(sample).pull_requests("")[0]
    arguments = ["--config", str(tmp_path / "new.json"), "--comment", str(pull.number), "--quiet"]

    assert cli.run(["replay", str(on_record[0]), str(sample), *arguments]) == 0
    assert "**What this configuration changes:**" in LocalPlatform(sample).comments(pull)[-1].text


def test_a_comment_is_as_long_as_forges_take() -> None:
    """Of very many changes some are counted only."""
    changes = [Change(branch=f"updater/{'x' * 200}-{number}", title="t" * 300) for number in range(5000)]
    fields = {field.name: changes for field in dataclasses.fields(Difference)}
    found = Difference(**{**fields, "undecided": [("docker x", "why")] * 5000})  # type: ignore[arg-type]
    text = comment(found, ["y" * 300] * 5000, datetime(2026, 5, 1, tzinfo=UTC))

    assert len(text) < 65_000
    assert "+5000" in text
    assert "… and 49" in text


def test_majors_side_by_side_are_different_steps(sample: Path, registries: Registries) -> None:
    """With ``separateMultipleMajor`` one value is to go to several versions: each keeps its pull request."""
    config = {"extends": ["config:recommended"], "separateMultipleMajor": True}
    (sample / "renovate.json").write_text(json.dumps(config))
    commit(sample, "chore: each major by itself")
    _, plan = recorded(sample, registries)
    places = [(update["file"], update["line"], update["update_type"]) for update in as_list(plan["updates"])]
    fewer = {
        **plan,
        "branches": [branch for branch in as_list(plan["branches"]) if branch["name"] != "updater/redis-8.x"],
    }

    assert len(places) > len(set(places))
    assert difference(plan, plan).is_empty
    assert [change.branch for change in difference(plan, fewer).removed] == ["updater/redis-8.x"]
    assert difference(plan, fewer).regrouped == ()
