"""``updater config``: the configuration, checked and as it is understood."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import click

from updater.cli.exits import DONE, USAGE
from updater.cli.options import common, path_argument
from updater.cli.session import Session, print_lines
from updater.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from updater.config import Config
    from updater.config.problems import Problem


@click.group()
def config() -> None:
    """Look at the configuration."""


@config.command()
@path_argument
@common("text", "json")
def check(path: Path, session: Session) -> int:
    """Report every problem of the configuration with file:line:column. Exit code 2 if one is an error.

    The network is not used: presets of other repositories are looked at as an earlier run fetched them, if one did.
    Nor has it to know secrets: one that is not given is noted, and an error only where it is needed.
    """
    from msgspec import structs

    from updater import plugins
    from updater.readers import problems_of_custom_managers
    from updater.report import as_json

    found = _configuration(path, session)
    problems = [
        structs.replace(each, severity="note") if each.is_about_secrets else each
        for each in (*found.problems, *problems_of_custom_managers(found, plugins.custom_managers()))
    ]
    if session.form == "json":
        click.echo(as_json.dump([as_json.problem(each) for each in problems]))
    else:
        print_lines(str(each) for each in problems if each.severity != "note" or not session.quiet)
        if not session.quiet:
            click.echo(f"{found.path or 'no configuration file, the defaults hold'}: {_verdict(problems)}")
    return USAGE if any(problem.severity == "error" for problem in problems) else DONE


def _verdict(problems: Sequence[Problem]) -> str:
    counts = Counter(problem.severity for problem in problems)
    if not counts["error"] and not counts["warning"]:
        return "fine"
    return f"{counts['error']} errors, {counts['warning']} warnings"


@config.command()
@path_argument
@click.option("--for", "dependency", help="What applies to this dependency (a name or part of one).")
@common("text", "json")
def show(path: Path, session: Session, *, dependency: str | None) -> int:
    """Print the configuration as it is understood: presets resolved, old names translated, each value's origin."""
    from updater.report import as_json, settings

    found = _configuration(path, session)
    if dependency is not None:
        return _show_for(dependency, path, session, found)
    print_lines([as_json.dump(found.to_json())] if session.form == "json" else settings.as_text(found))
    return DONE


def _show_for(name: str, path: Path, session: Session, found: Config) -> int:
    from updater import wiring
    from updater.inventory import take_inventory
    from updater.report import as_json, settings

    with session.progress() as progress:
        inventory = take_inventory(wiring.work_tree(path), found, wiring.workshop(progress, session.settings))
    meant = [each.dependency for each in inventory.tracked if name in each.name or name in each.dependency.name]
    if not meant:
        raise UsageError(f"no dependency here is called {name!r}; `updater scan` lists them")
    shown = list(settings.explanations(meant, found))
    if session.form == "json":
        click.echo(as_json.dump(shown))
    else:
        print_lines(line for each in shown for line in settings.explained(each))
    return DONE


@config.command()
@path_argument
@click.option("--write", is_flag=True, help="Change the file.")
@common("text")
def migrate(path: Path, session: Session, *, write: bool) -> int:
    """Show, as a diff, what old names in the configuration are called now. Everything else stays as it is."""
    from difflib import unified_diff

    from updater.config.rewrite import modernised

    found = _configuration(path, session)
    if found.path is None:
        raise UsageError(f"there is no configuration in {path}")
    file = session.settings.config_file or path / found.path
    old = file.read_bytes().decode("utf-8-sig")
    new = modernised(old, path=found.path)
    if write and new != old:
        file.write_bytes(new.encode())
    diff = unified_diff(old.splitlines(), new.splitlines(), found.path, found.path, lineterm="")
    print_lines(diff if new != old else ["nothing in it has another name now"] * (not session.quiet))
    return DONE


@config.command()
def schema() -> int:
    """Print the JSON Schema of the configuration, for editors."""
    from updater.config.schema import schema_text

    click.echo(schema_text(), nl=False)
    return DONE


def _configuration(path: Path, session: Session) -> Config:
    """As :meth:`Session.configuration`, with the problems left to the command."""
    from updater import wiring

    return wiring.configuration(wiring.work_tree(path), session.settings, wiring.place_of_checkout(path))
