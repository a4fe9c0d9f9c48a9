"""Configurations in the styles that one meets in public: home clusters, Argo CD, Flux, Terraform, platform teams.

They were written for this purpose. Each loads, and every warning says which of the known reasons it has.
"""

import re
from pathlib import Path

import pytest

from updater.config import Subject, parse
from updater.config.rewrite import modernised

_FILES = sorted((Path(__file__).parent / "public").iterdir())
_SUBJECT = Subject(manager="kubernetes", path="a.yaml", datasource="docker", package_name="nginx", dep_name="nginx")
_REASONS = (
    r'^".+" is known to Renovate, not supported here, because .+',
    r'^".+" is a setting of the bot; it has no effect here$',
    r'^the preset ".+" has not been fetched',
    r'^the preset ".+" cannot be followed: which forge this repository is on is not known here',
    r'^the preset ".+" is known to Renovate, not supported here$',
    r'^".+" is known to Renovate, not supported here, because .+; its rule never applies$',
    r'^".+" speaks of a secret that is not given',
)


def _is_explained(message: str) -> bool:
    outside = re.sub(r" \(in preset .*\)$|; the rule that extends it never applies$", "", message)
    return any(re.search(reason, outside) for reason in _REASONS)


def _problems(file: Path) -> list[str]:
    text = file.read_text().replace('"./presets/', '"github>acme/presets//')  # they are not in this tree
    return [problem.message for problem in parse(text, path=file.name).problems]


def test_there_are_sixty() -> None:
    """As many as it takes to meet most styles."""
    assert len(_FILES) >= 60


@pytest.mark.parametrize("file", _FILES, ids=lambda file: file.stem)
def test_it_loads_without_an_unexplained_warning(file: Path) -> None:
    """Nothing is unknown, and nothing is left out."""
    assert [message for message in _problems(file) if not _is_explained(message)] == []


@pytest.mark.parametrize("file", _FILES, ids=lambda file: file.stem)
def test_it_can_be_asked_and_modernised(file: Path) -> None:
    """What today's words make of it needs no second pass."""
    text = file.read_text().replace('"./presets/', '"github>acme/presets//')
    parse(text, path=file.name).policy(_SUBJECT)
    new = modernised(text, path=file.name)

    assert modernised(new, path=file.name) == new
    assert [problem.message for problem in parse(new, path=file.name).problems] == _problems(file)
