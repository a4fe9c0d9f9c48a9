"""The files that run it elsewhere: they parse, and say only what the program understands."""

import configparser
import os
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from tests.docs.pages import ROOT
from updater.cli import cli

EXAMPLES = ROOT / "examples"
PAGE = (ROOT / "docs" / "running.md").read_text()


def documents(name: str) -> list[Any]:
    return list(yaml.safe_load_all((EXAMPLES / name).read_text()))


def cron_job() -> Any:
    return next(each for each in documents("kubernetes.yaml") if each["kind"] == "CronJob")


def container() -> Any:
    return cron_job()["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"][0]


def service() -> configparser.ConfigParser:
    return unit("updater.service")


def unit(name: str) -> configparser.ConfigParser:
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    parser.read(EXAMPLES / name)
    return parser


def commands() -> dict[str, list[str]]:
    """Where a command stands → its words after ``updater``."""
    script = documents("gitlab-ci.yml")[0]["updater"]["script"][0]
    action = yaml.safe_load((ROOT / "action.yml").read_text())
    step = next(each for each in action["runs"]["steps"] if each.get("id") == "update")
    line = next(each for each in step["run"].splitlines() if "updater " in each).partition("||")[0]
    return {
        "kubernetes.yaml": container()["args"],
        "gitlab-ci.yml": shlex.split(script)[1:],
        "updater.service": shlex.split(service()["Service"]["ExecStart"])[1:],
        "action.yml": ["run", *shlex.split(line)[2:]],
    }


@pytest.mark.parametrize("place", ["kubernetes.yaml", "gitlab-ci.yml", "updater.service", "action.yml"])
def test_commands_and_options_exist(place: str) -> None:
    """Click takes every word of the command lines."""
    name, *arguments = commands()[place]
    command = cli.get_command(click.Context(cli), name)
    assert command is not None
    with command.make_context(name, list(arguments)) as context:
        assert isinstance(context, click.Context)


@pytest.mark.parametrize(
    ("schema", "path"),
    [
        ("github-workflows", "examples/github-actions.yml"),
        ("github-actions", "action.yml"),
        ("gitlab-ci", "examples/gitlab-ci.yml"),
    ],
)
def test_files_of_others_meet_their_schemas(schema: str, path: str) -> None:
    """GitHub and GitLab would take them: their schemas, as SchemaStore has them, say so."""
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", f"vendor.{schema}", str(ROOT / path)]
    judged = subprocess.run(command, capture_output=True, text=True, check=False)
    assert judged.returncode == 0, judged.stdout


def test_the_image_does_not_run_as_root() -> None:
    """A cluster that asks for it sees so by the number, which is the one that the CronJob wants."""
    (user,) = (line.split()[1] for line in (ROOT / "Dockerfile").read_text().splitlines() if line.startswith("USER "))
    security = cron_job()["spec"]["jobTemplate"]["spec"]["template"]["spec"]["securityContext"]
    assert (security["runAsNonRoot"], str(security["runAsUser"])) == (True, user)


def test_the_step_of_the_action_runs_and_tells_its_exit_code(tmp_path: Path) -> None:
    """With a program in the place of ``updater`` that writes down what it was told, and fails."""
    action = yaml.safe_load((ROOT / "action.yml").read_text())
    step = next(each for each in action["runs"]["steps"] if each.get("id") == "update")
    program = tmp_path / "updater"
    program.write_text('#!/bin/sh\nprintf "%s\\n" "$@" > told\nexit 1\n')
    program.chmod(0o755)
    variables = {
        "PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}",
        "GITHUB_OUTPUT": str(tmp_path / "output"),
        "COMMAND": "run",
        "ARGUMENTS": "--log-format json",
        "REPOSITORIES": "acme/a acme/b",
    }
    done = subprocess.run(["bash", "-eo", "pipefail", "-c", step["run"]], env=variables, cwd=tmp_path, check=False)
    assert done.returncode == 1
    assert (tmp_path / "output").read_text() == "exit-code=1\n"
    told = (tmp_path / "told").read_text().split()
    assert told == ["run", "--platform", "github", "--log-format", "json", "acme/a", "acme/b"]


def test_the_role_only_reads() -> None:
    """No verb that changes anything, no wildcard, and no secrets."""
    roles = [each for each in documents("kubernetes.yaml") if each["kind"] == "ClusterRole"]
    rules = [rule for role in roles for rule in role["rules"]]

    assert {verb for rule in rules for verb in rule["verbs"]} <= {"get", "list"}
    assert not {resource for rule in rules for resource in rule["resources"]} & {"*", "secrets"}


def test_objects_of_the_cluster_fit_together() -> None:
    """Names that refer to others are there; the pod may do nothing that it does not need."""
    found = {(each["kind"], each["metadata"]["name"]) for each in documents("kubernetes.yaml")}
    pod = cron_job()["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    claims = {each["persistentVolumeClaim"]["claimName"] for each in pod["volumes"] if "persistentVolumeClaim" in each}
    mounted = {each["name"] for each in container()["volumeMounts"]}

    assert ("ServiceAccount", pod["serviceAccountName"]) in found
    assert {("PersistentVolumeClaim", name) for name in claims} <= found
    assert mounted == {each["name"] for each in pod["volumes"]}
    assert container()["securityContext"]["readOnlyRootFilesystem"]


def test_the_timer_starts_the_service() -> None:
    """They have the same name, and the service runs once."""
    assert service()["Service"]["Type"] == "oneshot"
    assert unit("updater.timer")["Timer"]["OnCalendar"] == "*:17"


def test_the_action_hands_on_its_inputs() -> None:
    """Every input is used, every output comes from a step that writes it, and nothing is pasted into a script."""
    action = yaml.safe_load((ROOT / "action.yml").read_text())
    steps = action["runs"]["steps"]
    text = str(steps)

    assert all(f"inputs.{name}" in text for name in action["inputs"])
    assert "exit-code=" in text
    assert not any("${{" in step.get("run", "") for step in steps)
    workflow = documents("github-actions.yml")[0]
    assert set(workflow["jobs"]["update"]["steps"][0]["with"]) <= set(action["inputs"])


def test_variables_of_the_page_are_read_somewhere() -> None:
    """A name on the page that the program does not know would be a lie."""
    source = "".join(path.read_text() for path in (ROOT / "updater").rglob("*.py"))
    named = set(re.findall(r"`([A-Z]+_[A-Z_]+)`", PAGE)) - {"OTEL_EXPORTER_OTLP_ENDPOINT"}

    assert {name for name in named if name not in source} == set()
    assert {"UPDATER_TOKEN", "UPDATER_CACHE"} <= named


def test_files_of_the_page_are_there() -> None:
    """Links lead somewhere."""
    assert all(Path(ROOT / "docs" / link).exists() for link in re.findall(r"\]\((\.\./[^)]+)\)", PAGE))


def test_the_image_holds_what_is_installed() -> None:
    """Every package of the wheel and every file that its metadata names is copied; the extras and the program exist."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    lines = [line.split() for line in (ROOT / "Dockerfile").read_text().splitlines()]
    copied = {word for line in lines if line[:1] == ["COPY"] and "--from=build" not in line for word in line[1:-1]}
    extras = set(re.findall(r"'\.\[([\w,]+)\]'", (ROOT / "Dockerfile").read_text())[0].split(","))

    assert copied >= {*project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"], "pyproject.toml", "README.md"}
    assert all((ROOT / path).exists() for path in copied)
    assert extras <= set(project["project"]["optional-dependencies"])
    assert ["ENTRYPOINT", '["updater"]'] in lines
    assert "updater" in project["project"]["scripts"]
