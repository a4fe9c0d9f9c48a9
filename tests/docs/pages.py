"""The generated pages. ``python -m tests.docs.pages`` writes them; a test compares them."""

import json
import re
import sys
from collections.abc import Iterable
from pathlib import Path
from types import ModuleType
from typing import cast

from click.testing import CliRunner

import managers
from updater import plugins
from updater.api import Asker, CustomManager, Datasource, Linker, Manager, Sealer
from updater.cli import COMMANDS, cli
from updater.config.docs import config_page
from updater.config.schema import schema_text
from updater.policy.ladders import ROWS, Row

ROOT = Path(__file__).parents[2]
_HELP = re.compile(r"(<!-- help -->\n```text\n)(.*?)(```)", re.DOTALL)


def pages() -> dict[Path, str]:
    """Path → the text it must have."""
    readme = ROOT / "README.md"
    return {
        ROOT / "config-schema.json": schema_text(),
        ROOT / "managers" / "index.json": _index(BUILTIN=managers.BUILTIN, CUSTOM=managers.CUSTOM),
        ROOT / "docs" / "config.md": config_page(),
        ROOT / "docs" / "managers.md": _page(
            "Managers", "what is read in a repository", (*managers.BUILTIN, *managers.CUSTOM)
        ),
        ROOT / "docs" / "datasources.md": _page("Datasources", "who is asked", plugins.datasources().values()),
        ROOT / "docs" / "upgrade-paths.md": _upgrade_paths(),
        readme: _HELP.sub(lambda match: match[1] + help_text() + match[3], readme.read_text()),
    }


def _index(**collections: Iterable[object]) -> str:
    """What is known of plugins before they are loaded: the data of their protocols, and the names of the rest."""
    rows = {
        name: ",\n".join(json.dumps(_index_row(cast("ModuleType", plugin))) for plugin in each)
        for name, each in collections.items()
    }
    return "{" + ",\n".join(f'"{name}": [\n{each}\n]' for name, each in rows.items()) + "}\n"


def _index_row(module: ModuleType) -> plugins.IndexRow:
    wanted = {name for protocol in (Manager, CustomManager, Asker, Linker, Sealer) for name in _members(protocol)}
    members = {name: getattr(module, name) for name in sorted(wanted) if hasattr(module, name)}
    known = {name: value for name, value in members.items() if not callable(value)}
    return {"module": module.__name__, "known": known, "others": [name for name in members if name not in known]}


def _members(protocol: type) -> set[str]:
    return {name for name in (*protocol.__annotations__, *vars(protocol)) if not name.startswith("_")}


def help_text() -> str:
    """The help of the program and of every command, as a terminal of 100 columns shows it."""
    parts = [_help([]), *(_help([name]) for name in sorted(COMMANDS))]
    return "\n".join(parts)


def _help(arguments: list[str]) -> str:
    result = CliRunner().invoke(cli, [*arguments, "--help"], prog_name="updater", terminal_width=100)
    assert result.exit_code == 0, result.output
    line = " ".join(("$ updater", *arguments, "--help"))
    return f"{line}\n{result.output}"


def _page(title: str, subtitle: str, plugins_: Iterable[Manager | CustomManager | Datasource]) -> str:
    head = f"# {title}: {subtitle}\n\nMade from the modules' docstrings by `./dev docs`.\n"
    sections = (f"\n## `{plugin.NAME}`\n\n{_docstring(plugin)}\n" for plugin in plugins_)
    return head + "".join(sections)


def _upgrade_paths() -> str:
    """The table of what publishers demand."""
    head = (
        "# Upgrade paths: one rung at a time\n\nMade from `updater/policy/ladders.py` by `./dev docs`.\n\n"
        "Some projects can only be updated step by step. Where their documentation says so, only the next step is\n"
        "proposed, in its newest release; the one after it follows when that is merged. `updater why` says what\n"
        "has to come first. `maxStep` and `requiredStops` in a rule of `packageRules` take the place of a row;\n"
        "`maxStep: any` takes it away.\n\n"
        "| What | At most | Not to be jumped over | Says who |\n|---|---|---|---|\n"
    )
    return head + "".join(map(_path_row, ROWS))


def _path_row(row: Row) -> str:
    names = ", ".join(f"`{name}`" for name in sorted(row.images | row.charts | row.repositories))
    return f"| {names} | {row.step or ''} | {', '.join(row.stops)} | <{row.source}> |\n"


def _docstring(plugin: object) -> str:
    return (getattr(plugin, "__doc__", None) or "").strip()


if __name__ == "__main__":
    for path, text in pages().items():
        path.write_text(text)
        sys.stdout.write(f"{path.relative_to(ROOT)}\n")
