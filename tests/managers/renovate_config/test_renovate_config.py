"""The manager of configurations with presets."""

import json

import pytest

from managers import renovate_config
from tests.managers.pages import example
from tests.managers.reading import dependencies, found, skipped
from updater.api import SourceFile


def presets(*names: str) -> SourceFile:
    return SourceFile(path="renovate.json", text=json.dumps({"packageRules": [{"extends": names}]}))


def test_the_example_works() -> None:
    """Everything in the example on the user page is found."""
    file = example(renovate_config, "renovate.json")

    assert [(name, value) for _, name, value in found(renovate_config, file)] == [
        ("acme/renovate-presets", "1.4.0"),
        ("acme/platform/presets", "v2.1.0"),
        ("helm", "3.15.3"),
    ]
    assert skipped(renovate_config, file) == []


@pytest.mark.parametrize(
    ("preset", "datasource", "name"),
    [
        ("github>a/b#1.0", "github-tags", "a/b"),
        ("github>a/b:x#1.0", "github-tags", "a/b"),
        ("github>a/b//x/y#1.0", "github-tags", "a/b"),
        ("github>a/b:x(y, z)#1.0", "github-tags", "a/b"),
        ("gitlab>a/g/b:x#1.0", "gitlab-tags", "a/g/b"),
        ("gitea>a/b#1.0", "gitea-tags", "a/b"),
        ("forgejo>a/b#1.0", "forgejo-tags", "a/b"),
    ],
)
def test_presets(preset: str, datasource: str, name: str) -> None:
    """The tag of a preset is one of its repository."""
    (item,) = dependencies(renovate_config, presets(preset))

    assert (item.package.datasource, item.name, item.current_value) == (datasource, name, "1.0")


def test_what_is_not_managed() -> None:
    """Presets of an unknown forge or of a branch are listed; those without a version are not."""
    rows = skipped(
        renovate_config, presets("local>a/b#1.0", "github>a/b#main", "github>a/c", "config:recommended", "#")
    )

    assert [row[1:] for row in rows] == [
        ("a/b", "the forge of local> is not known"),
        ("a/b", "follows a branch"),
    ]


def test_json5_is_understood() -> None:
    """Comments, plain keys, single quotes and last commas do not hide a preset."""
    text = "// why\n{extends: [\n  'github>a/b#1.0', // https://x\n],}\n"

    assert found(renovate_config, SourceFile(path="renovate.json5", text=text)) == [(3, "a/b", "1.0")]
