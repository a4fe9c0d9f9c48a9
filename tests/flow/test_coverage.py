"""``updater coverage`` as a person or a pipeline runs it."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.sample_expectations import DEPENDENCIES
from updater import cli

POD = "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n    - image: ghcr.io/acme/api:1.4.2\n"
ODD = "tools:\n  k9s_version: 0.32.5\n"


def run(place: Path, capsys: pytest.CaptureFixture[str], *options: str) -> tuple[int, str]:
    code = cli.run(["coverage", str(place), *options])
    return code, capsys.readouterr().out


def classes(place: Path, capsys: pytest.CaptureFixture[str]) -> dict[str, tuple[str, str | None]]:
    """Path and line of each token but API versions → class and reason."""
    _, printed = run(place, capsys, "--format", "jsonl")
    rows: list[dict[str, Any]] = [json.loads(line) for line in printed.splitlines()]
    return {
        f"{row['file']}:{row['line']}": (row["class"], row["reason"]) for row in rows if row["kind"] != "API version"
    }


def write(place: Path, files: Mapping[str, str]) -> None:
    for name, text in files.items():
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_text(text)


def test_the_sample_has_nothing_unexplained(sample: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Every dependency of the sample is a managed token, and everything else has a reason."""
    code, printed = run(sample, capsys, "--format", "json", "--fail-on-unexplained")
    found = json.loads(printed)

    assert code == 0
    assert found["classes"]["unexplained"] == 0
    assert found["total"] == sum(found["classes"].values()) == len(found["tokens"])
    assert found["total"] == sum(file["total"] for file in found["files"].values())
    assert found["classes"]["managed"] + found["managed_not_version_like"] >= len(DEPENDENCIES)


def test_an_unexplained_token_is_shown_and_can_fail(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It comes with file, line, path, value and a rule; the exit code is 1 only if asked for."""
    write(tmp_path, {"pod.yaml": POD, "tools.yaml": ODD})
    code, printed = run(tmp_path, capsys)

    assert code == 0
    assert "tools.yaml:2  tools.k9s_version  0.32.5" in printed
    assert '"paths": ["tools.k9s_version"]' in printed
    assert printed.endswith("3 tokens in 2 files, 1 unexplained.\n")
    assert run(tmp_path, capsys, "--fail-on-unexplained")[0] == 1


def test_following_a_suggestion_explains_the_token(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The suggested rule, once its placeholders are filled in, makes the token managed."""
    write(tmp_path, {"tools.yaml": ODD})
    (row,) = (json.loads(line) for line in run(tmp_path, capsys, "--format", "jsonl")[1].splitlines())
    rule = {**row["suggested_rule"], "depNameTemplate": "derailed/k9s", "datasourceTemplate": "github-releases"}
    write(tmp_path, {"renovate.json": json.dumps({"customManagers": [rule]})})

    assert classes(tmp_path, capsys) == {"tools.yaml:2": ("managed", None)}


@pytest.mark.parametrize(
    ("config", "reason"),
    [
        ('{"packageRules": [\n{"matchPackageNames": ["**"], "enabled": false}]}', "disabled by renovate.json:2"),
        ('{\n"ignoreDeps": ["ghcr.io/acme/api"]}', "in ignoreDeps"),
        ('{\n"ignorePaths": ["apps/**"]}', "ignorePaths 'apps/**' (renovate.json:2)"),
        ('{\n"includePaths": ["other/**"]}', "outside includePaths (renovate.json:2)"),
        ('{"kubernetes":\n{"enabled": false}}', "disabled by kubernetes.enabled (renovate.json:"),
        ('{\n"enabledManagers": ["argocd"]}', "not in enabledManagers (renovate.json:2)"),
        ('{"kubernetes":\n{"managerFilePatterns": ["other/**"]}}', "outside kubernetes.managerFilePatterns (renovate"),
    ],
)
def test_a_rule_is_named_with_its_place(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], config: str, reason: str
) -> None:
    """Whatever the configuration turns away is ignored, and the line that says so is named."""
    write(tmp_path, {"apps/pod.yaml": POD, "renovate.json": config})
    verdict, why = classes(tmp_path, capsys)["apps/pod.yaml:5"]

    assert verdict == "ignored"
    assert (why or "").startswith(reason)


def test_what_is_not_read_is_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Vendored and binary files are numbers in the report; lock files of languages and prose are no news."""
    write(tmp_path, {"node_modules/x/a.yaml": ODD, "package-lock.json": '{"version": "1.2.3"}', "README.md": ODD})
    (tmp_path / "binary.yaml").write_bytes(b"\0\1version: 1.2.3")
    _, printed = run(tmp_path, capsys, "--format", "json")
    found = json.loads(printed)

    assert found["total"] == 0
    assert found["unread"] == {
        "binary, although its name says text": 1,
        "ignorePaths '**/node_modules/**' (the defaults)": 1,
    }


def test_secrets_are_not_printed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """No format prints what stands in a Secret."""
    write(tmp_path, {"secret.yaml": "apiVersion: v1\nkind: Secret\nstringData:\n  version: 7.7.7\n"})

    for form in ("text", "json", "jsonl"):
        printed = run(tmp_path, capsys, "--format", form)[1]
        assert "7.7.7" not in printed
        assert "secrets are never read" in printed
