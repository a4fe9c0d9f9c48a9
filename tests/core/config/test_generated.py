"""The files that are made from the options are up to date and fit what they describe."""

import json
import re
from pathlib import Path

from updater.config import Policy, RepositoryOptions
from updater.config.docs import config_page
from updater.config.presets import PRESETS
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
