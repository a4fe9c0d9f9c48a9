"""What ``updater config show`` prints for a person: what is set, to what, and where."""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from updater.config import Config
from updater.model.scan import Dependency
from updater.model.track import UpdateType
from updater.report.inventory import table
from updater.track import subject_of

Explanation = Mapping[str, Any]
"""What applies to one dependency, as JSON: see :func:`explanations`."""


def explanations(dependencies: Iterable[Dependency], config: Config) -> Iterator[Explanation]:
    """What applies to each dependency, and to updates of each type as far as that differs."""
    for dependency in dependencies:
        base = config.explain(subject_of(dependency))
        types = {str(type_): config.explain(subject_of(dependency, update_type=type_)) for type_ in UpdateType}
        yield {
            "dependency": dependency.name,
            "file": dependency.path,
            "line": dependency.line,
            "manager": dependency.manager,
            **base,
            "updateTypes": {type_: other for type_, found in types.items() if (other := _difference(found, base))},
        }


def _difference(found: Explanation, base: Explanation) -> dict[str, object]:
    return {name: each for name, each in found["options"].items() if base["options"].get(name) != each}


def explained(found: Explanation) -> Iterator[str]:
    """One dependency's explanation for a person."""
    yield f"{found['dependency']}  ({found['file']}:{found['line']}, {found['manager']})"
    yield from table(_rows(found["options"]), indent="  ") if found["options"] else ["  nothing is set for it"]
    for type_, options in found["updateTypes"].items():
        yield f"  {type_}:"
        yield from table(_rows(options), indent="    ")


def _rows(options: Mapping[str, Mapping[str, object]]) -> list[tuple[str, str, str]]:
    return [
        (name, json.dumps(each["value"], ensure_ascii=False), str(each["origin"])) for name, each in options.items()
    ]


def as_text(found: Config) -> Iterator[str]:
    """The options that anything sets, each with its origin; then the rules in their order."""
    shown = found.to_json()
    options = shown["options"]
    assert isinstance(options, Mapping)
    yield f"{found.path or 'no configuration file'}:"
    rows = [(name, json.dumps(each["value"]), str(each["origin"])) for name, each in options.items() if each["origin"]]
    yield from table(rows, indent="  ")
    for part in ("managers", "customManagers", "packageRules"):
        if shown.get(part):
            yield f"{part}:"
            yield json.dumps(shown[part], indent=2, ensure_ascii=False)
