"""``updater config``: what it prints, changes, and returns."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner, Result

from updater import git
from updater.cli import cli

_ROOT = Path(__file__).parents[3]
_CONFIG = """{
  // as it was
  "baseBranches": ["main"],
  "packageRules": [
    {"matchManagers": ["kubernetes"], "groupName": "images"},
    {"matchUpdateTypes": ["major"], "enabled": false},
    {"matchPackageNames": ["redis"], "addLabels": ["cache"]}
  ]
}
"""
_POD = "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n    - image: nginx:1.27.0\n"


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    place = tmp_path / "repository"
    place.mkdir()
    (place / "renovate.json").write_text(_CONFIG)
    (place / "pod.yaml").write_text(_POD)
    return place


def _run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(cli, ["config", *map(str, arguments)], standalone_mode=False)


def test_migrate_shows_a_diff_and_changes_nothing(repository: Path) -> None:
    """Only the names that are new stand in it."""
    shown = _run("migrate", repository)

    assert [line for line in shown.stdout.splitlines() if line[:1] in "+-" and line[:3] not in ("+++", "---")] == [
        '-  "baseBranches": ["main"],',
        '+  "baseBranchPatterns": ["main"],',
    ]
    assert (repository / "renovate.json").read_text() == _CONFIG


def test_migrate_writes_when_told_to(repository: Path) -> None:
    """A second time there is nothing to do."""
    _run("migrate", "--write", repository)

    assert (repository / "renovate.json").read_text() == _CONFIG.replace("baseBranches", "baseBranchPatterns")
    assert "nothing in it has another name now" in _run("migrate", repository).stdout


def test_show_for_a_dependency_names_the_line_of_each_value(repository: Path) -> None:
    """The rules that it meets, and what differs for a type of update; others do not appear."""
    shown = _run("show", "--for", "nginx", repository).stdout

    assert shown.splitlines()[0] == "nginx  (pod.yaml:5, kubernetes)"
    assert re.search(r"groupName +\"images\" +renovate\.json:5$", shown, re.MULTILINE)
    assert re.search(r"major:\n +enabled +false +renovate\.json:6$", shown, re.MULTILINE)
    assert "cache" not in shown


def test_show_for_a_dependency_as_json(repository: Path) -> None:
    """With the rules themselves."""
    (found,) = json.loads(_run("show", "--for", "nginx", "--format", "json", repository).stdout)

    assert found["options"]["groupName"] == {"value": "images", "origin": "renovate.json:5"}
    assert [rule["origin"] for rule in found["rules"]] == ["renovate.json:5"]
    assert found["updateTypes"] == {"major": {"enabled": {"value": False, "origin": "renovate.json:6"}}}


def test_show_for_a_dependency_that_is_not_there_says_so(repository: Path) -> None:
    """It is a mistake in the command."""
    assert "no dependency here is called 'zzz'" in str(_run("show", "--for", "zzz", repository).exception)


@pytest.mark.parametrize(
    ("text", "code", "printed"),
    [
        ("{}", 0, "renovate.json: fine"),
        ('{\n "dependencyDashbord": true}', 0, 'renovate.json:2:2: warning: unknown option "dependencyDashbord" at'),
        (
            '{"hostRules": [{"matchHost": "a.b",\n "token": "{{ secrets.A }}"}]}',
            0,
            'renovate.json:1:16: note: "token" speaks of a secret that is not given',
        ),
        (
            '{"packageRules": [\n {"matchDepNames": ["/(?!a)/"], "enabled": false}]}',
            2,
            "renovate.json:2:21: error: the pattern",
        ),
    ],
)
def test_check_says_where_and_how_bad(text: str, code: int, printed: str, repository: Path) -> None:
    """Warnings are no reason to fail, errors are."""
    (repository / "renovate.json").write_text(text)
    result = _run("check", repository)

    assert printed in result.stdout
    assert result.return_value == code


def test_the_hooks_of_pre_commit_run(repository: Path) -> None:
    """Their commands exist, and fail for a configuration with an error."""
    hooks = yaml.safe_load((_ROOT / ".pre-commit-hooks.yaml").read_text())
    (repository / "renovate.json").write_text('{"automerge": "maybe"}')
    codes = {
        hook["id"]: subprocess.run(
            [sys.executable, "-m", *hook["entry"].split()], cwd=repository, capture_output=True, check=False
        ).returncode
        for hook in hooks
    }

    assert all(re.search(hook["files"], "renovate.json") for hook in hooks)
    assert codes == {"updater-config-check": 2, "updater-config-migrate": 2}


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("renovate.json", '{"dependencyDashboard": true}', ""),
        ("renovate.json", '{"automerge": "maybe"}', 'renovate.json:1:2: error: "automerge" must be true or false'),
        (".github/renovate.json5", "{recreateWhen: 'sometimes'}", ".github/renovate.json5:1:2: error"),
        ("package.json5", "{recreateWhen: 'sometimes'}", "(no files to check)"),
    ],
)
def test_pre_commit_itself_runs_the_check(name: str, text: str, told: str, tmp_path: Path) -> None:
    """It picks the files, and a commit is refused for an error only; nothing is installed here for it."""
    git.init(tmp_path, "main")
    hook = yaml.safe_load((_ROOT / ".pre-commit-hooks.yaml").read_text())[0]
    hook |= {"language": "system", "entry": f"{sys.executable} -m {hook['entry']}"}
    settings = {"repos": [{"repo": "local", "hooks": [hook]}]}
    (tmp_path / ".pre-commit-config.yaml").write_text(yaml.safe_dump(settings))
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text(text)
    git.commit_all(tmp_path, "one", author=git.BOT, date=1_800_000_000)
    environment = {**os.environ, "PRE_COMMIT_HOME": str(tmp_path / "home")}
    command = [sys.executable, "-m", "pre_commit", "run", "--all-files"]
    ran = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)

    assert ran.returncode == (1 if "error" in told else 0), ran.stdout
    assert told in ran.stdout
