"""``updater forecast``: what a configuration would have produced."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from updater.cli.exits import DONE
from updater.cli.options import networked, report_option, repository_argument
from updater.cli.session import Session, finished, print_lines, write_report

if TYPE_CHECKING:
    from updater.forecast import Forecast


@click.command()
@repository_argument
@click.option("--days", type=click.IntRange(1, 3650), default=90, show_default=True, help="How far to look back.")
@click.option(
    "--merge-after",
    type=click.FloatRange(0, 3650),
    default=3.0,
    show_default=True,
    metavar="DAYS",
    help="How long people take to merge a pull request.",
)
@click.option(
    "--record",
    "record_file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Take what registries said from the run that this file records, offline.",
)
@report_option
@networked("text", "json")
def forecast(
    name: str, days: int, merge_after: float, record_file: Path | None, report_file: Path | None, session: Session
) -> int:
    """Show how many pull requests the configuration would have opened lately, by the dates of releases."""
    from updater.report import as_json, html
    from updater.report import forecast as report

    length, delay = timedelta(days=days), timedelta(days=merge_after)
    repository, made = _made(name, record_file, length, delay, session)
    if report_file is not None:
        write_report(html.forecast_page(made, repository), report_file)
    if session.form == "json":
        click.echo(as_json.dump(report.as_json(made)))
    else:
        print_lines(report.as_text(made))
    return DONE


def _made(
    name: str, record_file: Path | None, length: timedelta, merge_after: timedelta, session: Session
) -> tuple[str, Forecast]:
    from updater import record, wiring

    settings = session.settings
    if record_file is not None:
        read = record.read_record(record_file)
        with session.progress() as progress:
            work = record.forecast(
                read, length=length, merge_after=merge_after, config_file=settings.config_file, progress=progress
            )
            return read.repository, finished(work)
    project = wiring.planning_project(name, settings)
    config = session.whole_configuration(project)
    with session.progress() as progress:
        live = wiring.forecast(project, config, settings, progress, length=length, merge_after=merge_after)
        return project.repository, finished(live)
