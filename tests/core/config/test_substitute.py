"""Secrets and variables of the bot's own configuration, in a repository's."""

import json
from pathlib import Path

import pytest

from updater.config import Config, InvalidConfig, Subject, load
from updater.repo import open_tree

_SUBJECT = Subject(manager="kubernetes", path="a.yaml", datasource="docker", package_name="nginx", dep_name="nginx")
_BOT = json.dumps({"secrets": {"GHCR": "s3cr3t"}, "variables": {"TEAM": "platform"}})


def _config(root: Path, text: str, bot: str = _BOT) -> Config:
    (root / "renovate.json").write_text(text)
    return load(open_tree(root), environment={"RENOVATE_CONFIG": bot})


def test_words_take_the_place_of_their_names(tmp_path: Path) -> None:
    """In host rules, options, rules and lists."""
    text = """{
      "hostRules": [{"matchHost": "ghcr.io", "token": "{{ secrets.GHCR }}"}],
      "packageRules": [{"matchDepNames": ["nginx"], "labels": ["team/{{{ variables.TEAM }}}"]}]
    }"""
    config = _config(tmp_path, text)
    (rule,) = config.repository.host_rules

    assert rule.token is not None
    assert rule.token.reveal() == "s3cr3t"
    assert config.policy(_SUBJECT).labels == ("team/platform",)
    assert config.problems == ()


def test_a_secret_is_never_shown(tmp_path: Path) -> None:
    """Neither by ``config show`` nor in the message about a value of the wrong type."""
    shown = _config(tmp_path, '{"dependencyDashboardTitle": "{{ secrets.GHCR }}"}').to_json()
    assert "s3cr3t" not in json.dumps(shown)
    with pytest.raises(InvalidConfig) as raised:
        _config(tmp_path, '{"minimumReleaseAge": "{{ secrets.GHCR }}"}')
    assert "s3cr3t" not in str(raised.value)


@pytest.mark.parametrize("option", ["branchPrefix", "commitBody", "groupName", "prFooter", "semanticCommitScope"])
def test_a_secret_may_not_stand_where_everybody_reads(option: str, tmp_path: Path) -> None:
    """The placeholder stays, and an error says so; a variable may stand there."""
    config = _config(tmp_path, f'{{"{option}": "x {{{{ secrets.GHCR }}}}"}}')

    assert any(problem.severity == "error" and "may not stand there" in problem.message for problem in config.problems)
    assert "s3cr3t" not in json.dumps(config.to_json())
    assert _config(tmp_path, f'{{"{option}": "x{{{{ variables.TEAM }}}}"}}').problems == () or option == "prFooter"


def test_a_word_that_is_not_given_is_an_error(tmp_path: Path) -> None:
    """With its place; a credential is left out, so that no placeholder is sent."""
    config = _config(tmp_path, '{\n"hostRules": [{"matchHost": "a", "token": "{{ secrets.OTHER }}"}]}')

    assert config.repository.host_rules[0].token is None
    assert 'renovate.json:2:34: error: "token": there is no secret "OTHER"' in map(str, config.problems)


def test_words_have_to_be_texts(tmp_path: Path) -> None:
    """Anything else stops the run."""
    with pytest.raises(InvalidConfig, match='"secrets" must be an object of strings'):
        _config(tmp_path, "{}", '{"secrets": {"A": 1}}')
