"""``updater why``: the reasons, release by release."""

from __future__ import annotations

import click

from updater.cli.exits import DONE
from updater.cli.options import networked, repository_argument
from updater.cli.plans import made_plan
from updater.cli.session import Session, print_lines
from updater.errors import UsageError


@click.command()
@click.argument("dependency")
@repository_argument
@networked("text", "json")
def why(dependency: str, name: str, session: Session) -> int:
    """Say why there is, or is not, an update of DEPENDENCY (a name or part of one), release by release."""
    from updater import wiring
    from updater.report import as_json, inventory, terminal

    made = made_plan(wiring.planning_target(name, session.settings), session)
    chain = {found: each for found, each in made.decisions.items() if dependency in found.name}
    skipped = [each for each in made.skipped if each.name and dependency in each.name]
    if session.form == "json":
        click.echo(as_json.dump([*as_json.decisions(chain, made.held, made.gone), *map(inventory.skip, skipped)]))
    else:
        print_lines(terminal.why(chain, made.held, made.gone, made.updates))
        print_lines(f"{each.name}  ({each.path}:{each.line}): not managed: {each.reason}" for each in skipped)
    if not chain and not skipped:
        raise UsageError(f"no dependency here is called {dependency!r}; `updater scan` lists them")
    return DONE
