"""What of the environment templates are given."""

from pathlib import Path

import pytest

from updater.config import Config, load
from updater.config.subject import Subject
from updater.repo import open_tree

_SUBJECT = Subject(manager="kubernetes", path="a.yaml", datasource="docker", package_name="nginx", dep_name="nginx")


def configured(place: Path, **environment: str) -> Config:
    """A configuration with labels that speak of the environment."""
    (place / "renovate.json").write_text('{"labels": ["{{env.TEAM}}", "{{env.TEAM_TOKEN}}", "x{{env.OTHER}}"]}')
    return load(open_tree(place), environment={"TEAM": "a", "TEAM_TOKEN": "s3cr3t", "OTHER": "b", **environment})


@pytest.mark.parametrize(
    ("environment", "labels"),
    [
        ({}, ("", "", "x")),
        ({"UPDATER_ALLOWED_ENV": "TEAM"}, ("a", "", "x")),
        ({"RENOVATE_ALLOWED_ENV": '["TEAM", "OTHER"]'}, ("a", "", "xb")),
        ({"UPDATER_ALLOWED_ENV": "/^OT/, NOBODY"}, ("", "", "xb")),
        ({"UPDATER_CONFIG": '{"allowedEnv": ["O*"]}'}, ("", "", "xb")),
        ({"UPDATER_ALLOWED_ENV": "*"}, ("a", "", "xb")),
        ({"UPDATER_ALLOWED_ENV": "TEAM_TOKEN"}, ("", "", "x")),
    ],
)
def test_templates_are_given_what_is_listed(
    environment: dict[str, str], labels: tuple[str, ...], tmp_path: Path
) -> None:
    """By name or pattern; nothing else, and never what is called like a secret."""
    assert configured(tmp_path, **environment).policy(_SUBJECT).labels == labels


def test_a_repository_cannot_list_anything(tmp_path: Path) -> None:
    """``allowedEnv`` is a setting of the bot."""
    (tmp_path / "renovate.json").write_text('{"allowedEnv": ["TEAM"], "labels": ["{{env.TEAM}}"]}')
    config = load(open_tree(tmp_path), environment={"TEAM": "a"})

    assert config.policy(_SUBJECT).labels == ("",)
    assert ["allowedEnv" in each.message for each in config.problems] == [True]


@pytest.mark.parametrize(
    ("listed", "message"), [("/(/", "cannot be used"), ("TEAM_TOKEN", "TEAM_TOKEN may be a secret")]
)
def test_what_is_wrong_with_the_list_is_said(listed: str, message: str, tmp_path: Path) -> None:
    """Where it is written, without the values."""
    (problem,) = configured(tmp_path, UPDATER_ALLOWED_ENV=listed).problems

    assert str(problem).startswith("UPDATER_ALLOWED_ENV: warning: ")
    assert message in problem.message
    assert "s3cr3t" not in str(problem)
