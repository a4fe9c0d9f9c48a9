"""``updater replay``: a recorded run, decided again."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from updater.cli.exits import DONE
from updater.cli.options import conversing, report_option
from updater.cli.session import Session, finished, print_lines, write_report

if TYPE_CHECKING:
    from updater.record import Record

_TOPIC = "configuration"


@click.command()
@click.argument("record_file", metavar="RECORD", type=click.Path(path_type=Path, dir_okay=False))
@click.argument("name", metavar="[PATH|REPO]", required=False)
@click.option("--plan", "whole_plan", is_flag=True, help="Print the plan as JSON instead of the difference.")
@click.option(
    "--comment",
    "number",
    type=click.IntRange(1),
    metavar="NUMBER",
    help="Keep the difference as one comment on this pull request, the one that edits the configuration.",
)
@report_option
@conversing("text", "json", "markdown")
def replay(
    record_file: Path,
    name: str | None,
    number: int | None,
    report_file: Path | None,
    session: Session,
    *,
    whole_plan: bool,
) -> int:
    """Decide a recorded run again, offline, and print the difference in pull requests.

    RECORD comes from `updater plan --record FILE`. With --config, this is what another configuration would have done.
    The comment goes to the repository of the record, or of the checkout here, unless REPO or PATH names another one.
    """
    from updater.record import difference, read_record
    from updater.record import replay as decide_again
    from updater.report import as_json, html
    from updater.report import difference as report

    record = read_record(record_file)
    with session.progress() as progress:
        made = finished(decide_again(record, config_file=session.settings.config_file, progress=progress))
    session.show(made.config.problems)
    planned = as_json.plan(made.plan)
    found = difference(record.plan, planned)
    if report_file is not None:
        changed = html.difference_section(found, made.unread)
        write_report(html.plan_page(made.plan, record.now, more=[changed]), report_file)
    if number is not None:
        _comment(report.comment(found, made.unread, record.now), number, name or _home(record, session), session)
    if whole_plan:
        click.echo(as_json.dump(planned))
        return DONE
    if session.form == "json":
        click.echo(as_json.dump(report.as_json(found, made.unread)))
    else:
        print_lines(report.RENDERINGS[session.form](found, made.unread))
    return DONE


def _home(record: Record, session: Session) -> str:
    """Where the pull request is, if nobody says so."""
    return "." if session.settings.platform == "local" else record.repository


def _comment(text: str, number: int, name: str, session: Session) -> None:
    from updater import wiring

    platform = wiring.platform_of(name, session.settings)
    platform.comment(platform.pull_request(number), _TOPIC, text)
