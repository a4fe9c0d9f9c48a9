"""The files that are made from the options are up to date and fit what they describe."""

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import pytest
from jsonschema import Draft7Validator

from updater.config import Policy, RepositoryOptions
from updater.config.docs import config_page
from updater.config.json5 import read
from updater.config.presets import PRESETS
from updater.config.rewrite import modernised
from updater.config.schema import schema_text
from updater.config.table import options_of
from updater.config.vocabulary import MATCHERS

_ROOT = Path(__file__).parents[3]
_FILES = Path(__file__).parent / "files"


def test_the_schema_is_up_to_date() -> None:
    """``python -m updater.config.schema > config-schema.json`` makes it."""
    assert (_ROOT / "config-schema.json").read_text() == schema_text()


def test_the_page_is_up_to_date() -> None:
    """``python -m updater.config.docs > docs/config.md`` makes it."""
    assert (_ROOT / "docs" / "config.md").read_text() == config_page()


def test_the_schema_has_every_option_with_meaning_and_default() -> None:
    """For editors that complete and explain."""
    schema = json.loads(schema_text())
    options = {**schema["properties"], **schema["definitions"]["options"]["properties"]}

    for name in (*options_of(Policy), *options_of(RepositoryOptions)):
        assert options[name]["description"]
        assert "default" in options[name]
    assert set(MATCHERS) <= set(schema["definitions"]["packageRule"]["properties"])
    assert options["rebaseWhen"]["enum"][0] == "auto"
    assert options["prHourlyLimit"]["minimum"] == 0


def test_every_reference_in_the_schema_leads_somewhere() -> None:
    """There is no definition missing and none too many."""
    text = schema_text()
    referenced = set(re.findall(r'"#/definitions/(\w+)"', text))

    assert referenced == set(json.loads(text)["definitions"])


def test_the_schema_knows_the_keys_of_the_acceptance_file() -> None:
    """Those that are not old names."""
    schema = json.loads(schema_text())
    keys = json.loads((_FILES / "acceptance.json").read_text()).keys()
    known = {**schema["properties"], **schema["definitions"]["options"]["properties"]}

    assert keys - known.keys() == {"regexManagers"}


def test_the_page_names_every_option_matcher_and_preset() -> None:
    """So that a search in it finds them."""
    page = config_page()

    for name in (*options_of(Policy), *options_of(RepositoryOptions), *MATCHERS):
        assert f"| `{name}` |" in page
    for name in PRESETS:
        assert f"| `{name}` |" in page or f"| `{name}(…" in page


def _places(node: object, path: tuple[str, ...] = ()) -> Iterator[tuple[str, Mapping[str, object]]]:
    """Each schema inside the schema that has a default, with its path."""
    if isinstance(node, dict):
        if "default" in node and path[-1:] != ("properties",):
            yield "/".join(path), node
        for key, inner in node.items():
            yield from _places(inner, (*path, key))


def test_every_default_is_valid_where_it_stands() -> None:
    """An editor that fills one in makes no mistake of it."""
    schema = json.loads(schema_text())
    Draft7Validator.check_schema(schema)
    places = dict(_places(schema))

    assert len(places) > 200
    for path, place in places.items():
        validator = Draft7Validator({**place, "definitions": schema["definitions"]})
        assert validator.is_valid(place["default"]), path


@pytest.mark.parametrize("file", sorted((Path(__file__).parent / "public").iterdir()), ids=lambda file: file.stem)
def test_an_editor_underlines_nothing_in_a_configuration_that_is_fine(file: Path) -> None:
    """In today's words, that is: the schema has no old names, which an editor should strike through."""
    text = modernised(file.read_text(), path=file.name)

    assert list(_validator().iter_errors(read(text, path=file.name).value)) == []


@pytest.mark.parametrize(
    "text",
    [
        '{"automerge": "maybe"}',
        '{"recreateWhen": "conflicted"}',
        '{"labels": {"one": true}}',
        '{"packageRules": {"matchDepNames": ["a"]}}',
        '{"packageRules": [{"matchUpdateTypes": ["huge"]}]}',
        '{"prHourlyLimit": "2 per hour"}',
        '{"customManagers": [{"matchStrings": [1]}]}',
    ],
)
def test_an_editor_underlines_what_is_wrong(text: str) -> None:
    """It has not to be run to be found."""
    assert not _validator().is_valid(json.loads(text))


@cache
def _validator() -> Draft7Validator:
    return Draft7Validator(json.loads(schema_text()))
