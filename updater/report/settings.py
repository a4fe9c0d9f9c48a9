"""What ``updater config show`` prints for a person: what is set, to what, and where."""

import json
from collections.abc import Iterator, Mapping

from updater.config import Config
from updater.report.inventory import table


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
