"""``updater scan`` and ``updater coverage``: what is in a directory. No network."""

from __future__ import annotations

import gc
from pathlib import Path

import click

from updater.cli.exits import DONE, FAILED
from updater.cli.options import common, path_argument
from updater.cli.session import Session, print_lines


@click.command()
@path_argument
@common("text", "json", "jsonl")
def scan(path: Path, session: Session) -> int:
    """List the dependencies in a directory. No network."""
    from updater import wiring
    from updater.inventory import take_inventory
    from updater.report import inventory
    from updater.scan import collector_paused

    tree = wiring.work_tree(path)
    config = session.configuration(tree)
    with collector_paused():  # up to the end: what was found is still needed when it is printed
        with session.progress() as progress:
            found = take_inventory(tree, config, wiring.workshop(progress, session.settings))
        print_lines(inventory.RENDERINGS[session.form](found))
        gc.freeze()  # it would look through all of that once more, and nothing follows
    return DONE


@click.command()
@path_argument
@click.option("--fail-on-unexplained", is_flag=True, help="Exit code 1 if nothing explains some token.")
@common("text", "json", "jsonl")
def coverage(path: Path, session: Session, *, fail_on_unexplained: bool) -> int:
    """Account for everything version-like: managed, ignored by a rule, known, or unexplained. No network."""
    from updater import wiring
    from updater.coverage.survey import survey
    from updater.report import coverage as report

    tree = wiring.work_tree(path)
    config = session.configuration(tree)
    with session.progress() as progress:
        found = survey(tree, config, wiring.workshop(progress, session.settings))
    print_lines(report.RENDERINGS[session.form](found))
    return FAILED if fail_on_unexplained and any(found.unexplained) else DONE
