"""``updater why``: the reasons, release by release."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from updater.cli.exits import DONE
from updater.cli.options import networked, repository_argument
from updater.cli.plans import made_plan
from updater.cli.session import Session, finished, print_lines
from updater.errors import UsageError

if TYPE_CHECKING:
    from updater.model.plan import Plan


@click.command()
@click.argument("dependency")
@repository_argument
@click.option(
    "--record",
    "record_file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Explain the run that this file records, offline; with --config, what it would have decided.",
)
@networked("text", "json")
def why(dependency: str, name: str, record_file: Path | None, session: Session) -> int:
    """Say why there is, or is not, an update of DEPENDENCY (a name or part of one), release by release."""
    from updater.report import as_json, inventory, terminal

    made = _explained(name, record_file, session)
    chain = {found: each for found, each in made.decisions.items() if dependency in found.name}
    skipped = [each for each in made.skipped if each.name and dependency in each.name]
    if session.form == "json":
        click.echo(as_json.dump([*as_json.decisions(chain, made.held, made.gone), *map(inventory.skip, skipped)]))
    else:
        print_lines(terminal.why(chain, made.held, made.gone, made.updates, made.actions))
        print_lines(
            f"{each.name}  ({inventory.file(each)}:{each.line}): not managed: {each.reason}" for each in skipped
        )
    if not chain and not skipped:
        raise UsageError(f"no dependency here is called {dependency!r}; `updater scan` lists them")
    return DONE


def _explained(name: str, record_file: Path | None, session: Session) -> Plan:
    """The plan of which an explanation is wanted: one that is made now, or one on record."""
    if record_file is None:
        from updater import wiring

        target = wiring.planning_project(name, session.settings)
        return made_plan(target, session.whole_configuration(target), session)
    from updater.record import read_record, replay

    with session.progress() as progress:
        work = replay(read_record(record_file), config_file=session.settings.config_file, progress=progress)
        return finished(work).plan
