"""``config-schema.json``, made from the options: ``python -m updater.config.schema > config-schema.json``."""

import json
import sys
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from updater.config.entries import CustomManagerOptions, HostRuleOptions
from updater.config.options import Policy, RepositoryOptions
from updater.config.presets import PRESETS
from updater.config.table import Option, options_of, plain
from updater.config.values import Texts
from updater.config.vocabulary import MANAGERS, MATCHERS, UPDATE_BLOCKS, UPDATE_TYPES

_Schema = dict[str, Any]


def schema_text() -> str:
    """The JSON Schema (draft 7, which editors know best) of a configuration, as text.

    Keys that it does not list are allowed: a configuration written for Renovate has more.
    """
    return json.dumps(_schema(), indent=2, ensure_ascii=False) + "\n"


def option_schema(option: Option) -> _Schema:
    """The schema of one option: its type in the file, meaning and default."""
    return {
        **(_type_schema(option.written) if option.structure is None else _structures(option)),
        "description": option.about.text,
        "default": plain(option.default),
    }


def _schema() -> _Schema:
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "gitops-updater",
        "description": "A renovate.json or updater.json as gitops-updater reads it. See docs/config.md.",
        "type": "object",
        "allOf": [{"$ref": "#/definitions/options"}],
        "properties": {
            "$schema": {"type": "string"},
            "ignorePresets": _texts("Presets that are left out wherever others extend them."),
            **_options(RepositoryOptions),
            **_references(UPDATE_BLOCKS, "updateBlock"),
            **_references(sorted(MANAGERS), "managerBlock"),
            "packageRules": _list_of("packageRule"),
            "customManagers": _list_of("customManager"),
            "hostRules": _list_of("hostRule"),
        },
        "definitions": {
            "options": _object("Options of dependencies.", {**_common(), **_options(Policy)}),
            "updateBlock": _block("Options for updates of one type.", {}),
            "managerBlock": _block("Options for what one manager finds.", _manager_block()),
            "packageRule": _block("Options for what meets all of its matchers.", _package_rule()),
            "customManager": _object(
                "A manager of your own, made of patterns or paths.", _options(CustomManagerOptions)
            ),
            "hostRule": _object("Credentials and limits for a host.", _options(HostRuleOptions)),
        },
    }


def _common() -> _Schema:
    extends = _texts("Presets to begin with; what stands beside them comes on top.")
    extends["items"] = {"anyOf": [{"enum": sorted(PRESETS)}, {"type": "string"}]}
    return {"description": _texts("A comment."), "extends": extends}


def _manager_block() -> _Schema:
    return {
        "managerFilePatterns": _texts("Files to read: globs or `/patterns/` of the path."),
        "ignorePaths": _texts("Files in which this manager's findings are left alone."),
        "includePaths": _texts("The only files in which this manager's findings count; empty: all."),
        **_references(UPDATE_BLOCKS, "updateBlock"),
        "packageRules": _list_of("packageRule"),
    }


def _package_rule() -> _Schema:
    matchers = {name: _texts(text) for name, text in MATCHERS.items()}
    matchers["matchUpdateTypes"]["items"] = {"enum": list(UPDATE_TYPES)}
    for name, type_ in {"matchCurrentVersion": "string", "matchIsBreaking": "boolean"}.items():
        matchers[name]["type"] = type_
        del matchers[name]["items"]
    return {**matchers, **_references(UPDATE_BLOCKS, "updateBlock")}


def _block(text: str, properties: Mapping[str, object]) -> _Schema:
    return {**_object(text, properties), "allOf": [{"$ref": "#/definitions/options"}]}


def _options(structure: type[msgspec.Struct]) -> _Schema:
    return {name: option_schema(option) for name, option in options_of(structure).items()}


def _structures(option: Option) -> _Schema:
    """Objects in a list, or in an object that names them."""
    assert option.structure is not None
    each = {"type": "object", "properties": _options(option.structure)}
    return {"type": "object", "additionalProperties": each} if option.is_named else {"type": "array", "items": each}


def _type_schema(type_: Any) -> _Schema:
    if type_ == Texts:
        return {"type": ["array", "string"], "items": {"type": "string"}}
    return msgspec.json.schema(type_)


def _texts(text: str) -> _Schema:
    return {**_type_schema(Texts), "description": text}


def _list_of(definition: str) -> _Schema:
    return {"type": "array", "items": {"$ref": f"#/definitions/{definition}"}}


def _references(names: Iterable[str], definition: str) -> _Schema:
    return {name: {"$ref": f"#/definitions/{definition}"} for name in names}


def _object(text: str, properties: Mapping[str, object]) -> _Schema:
    return {"type": "object", "description": text, "properties": properties}


if __name__ == "__main__":
    sys.stdout.write(schema_text())
