"""``updater config``: the configuration, checked and as it is understood."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from updater.cli.exits import DONE, USAGE
from updater.cli.options import common, path_argument
from updater.cli.session import Session, print_lines

if TYPE_CHECKING:
    from updater.config import Config


@click.group()
def config() -> None:
    """Look at the configuration."""


@config.command()
@path_argument
@common("text", "json")
def check(path: Path, session: Session) -> int:
    """Report every problem of the configuration with file:line:column. Exit code 2 if one is an error."""
    from updater.report import as_json

    found = _configuration(path, session)
    if session.form == "json":
        click.echo(as_json.dump([as_json.problem(each) for each in found.problems]))
    else:
        print_lines(map(str, found.problems))
        if not session.quiet:
            click.echo(f"{found.path or 'no configuration file, the defaults hold'}: {_verdict(found)}")
    return USAGE if any(problem.severity == "error" for problem in found.problems) else DONE


def _verdict(found: Config) -> str:
    errors = sum(problem.severity == "error" for problem in found.problems)
    warnings = len(found.problems) - errors
    return f"{errors} errors, {warnings} warnings" if found.problems else "fine"


@config.command()
@path_argument
@common("text", "json")
def show(path: Path, session: Session) -> int:
    """Print the configuration as it is understood: presets resolved, old names translated, each value's origin."""
    from updater.report import as_json, settings

    found = _configuration(path, session)
    print_lines([as_json.dump(found.to_json())] if session.form == "json" else settings.as_text(found))
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

    return wiring.configuration(wiring.work_tree(path), session.settings)
