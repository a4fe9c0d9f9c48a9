"""``updater plan``, ``updater apply`` and ``updater run``: what is to be done, and doing it."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from updater.cli.beginning import onboarded
from updater.cli.exits import DONE, FAILED, code_of
from updater.cli.options import autodiscovery, networked, report_option, repository_argument
from updater.cli.session import Session, finished, print_lines, write_report
from updater.errors import PluginError, UpdaterError, UsageError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from updater.config import Config
    from updater.config.options import DryRun
    from updater.model.forge import Base
    from updater.model.plan import Plan
    from updater.pipeline import Project
    from updater.platforms.discovery import Wanted
    from updater.report.html import Section

_MERGE_AFTER = 3.0
"""How many days people take to merge a pull request, in the forecast of a report."""


_dry_run_option = click.option(
    "--dry-run",
    "dry_run",
    type=click.Choice(("extract", "lookup", "full")),
    envvar=["UPDATER_DRY_RUN", "RENOVATE_DRY_RUN"],
    help="Write nothing, and stop after listing dependencies, after looking up versions, or with the plan.",
)

_forecast_option = click.option(
    "--forecast",
    "days",
    type=click.IntRange(1, 3650),
    metavar="DAYS",
    help="Show in the page of --report how many pull requests this configuration would have opened in the last DAYS.",
)

_record_option = click.option(
    "--record",
    "record_file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write all that the run was told and decided to this file, for `updater replay` and `updater why`.",
)


@click.command()
@repository_argument
@click.option(
    "-o",
    "--output",
    "plan_file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write what is to be done to this file, for `updater apply`.",
)
@_dry_run_option
@_record_option
@report_option
@_forecast_option
@networked("text", "json")
def plan(
    name: str,
    plan_file: Path | None,
    dry_run: DryRun | None,
    record_file: Path | None,
    report_file: Path | None,
    days: int | None,
    session: Session,
) -> int:
    """Show the updates there are, those that are held, and the pull requests `run` would open. Writes nothing."""
    from updater import wiring

    page = _Page(report_file, days)
    project, session = wiring.planning_project(name, session.settings), session.with_settings(dry_run=dry_run)
    config = session.whole_configuration(project)
    if (shorter := _shorter_run(project, config, session, plan_file, record_file, report_file)) is not None:
        return shorter
    made = made_plan(project, config, session, record_file)
    return _show(made, project, session, plan_file, report_file, page.more(project, config, session))


@dataclass(frozen=True, slots=True)
class _Page:
    """The page that is asked for: its file, and over how many days there is to be a forecast in it."""

    file: Path | None
    days: int | None

    def __post_init__(self) -> None:
        if self.file is None and self.days is not None:
            raise UsageError("--forecast is a part of the page that --report FILE writes")

    def more(self, project: Project, config: Config, session: Session) -> list[Section]:
        """The part that the forecast is."""
        if self.days is None:
            return []
        from datetime import timedelta

        from updater import wiring
        from updater.report import html

        length, delay = timedelta(days=self.days), timedelta(days=_MERGE_AFTER)
        with session.progress() as progress:
            work = wiring.forecast(project, config, session.settings, progress, length=length, merge_after=delay)
            return [html.forecast_section(finished(work))]


def _shorter_run(project: Project, config: Config, session: Session, *files: Path | None) -> int | None:
    """What a run does that stops before the plan; None for one that does not."""
    from updater import wiring

    mode = wiring.dry_run(config, session.settings)
    if mode not in ("extract", "lookup"):
        return None
    if any(files):
        raise UsageError(f"a dry run that stops at {mode} has no plan, record or report to write down")
    return _extract(project, config, session) if mode == "extract" else _look_up(project, config, session)


def _extract(project: Project, config: Config, session: Session) -> int:
    from updater import wiring
    from updater.inventory import take_inventory
    from updater.report import inventory

    with session.progress() as progress:
        found = take_inventory(project.tree, config, wiring.workshop(progress, session.settings))
    print_lines(inventory.RENDERINGS[session.form](found))
    return DONE


def _look_up(project: Project, config: Config, session: Session) -> int:
    from updater import wiring

    with session.progress() as progress:
        made = finished(wiring.listed(project, config, session.settings, progress))
    return _show(made, project, session)


def _show(
    made: Plan,
    project: Project,
    session: Session,
    plan_file: Path | None = None,
    report_file: Path | None = None,
    more: Sequence[Section] = (),
) -> int:
    from updater import wiring
    from updater.pipeline import something_failed
    from updater.report import as_json, terminal

    session.summarise(made)
    if report_file is not None:
        from updater.report import html  # which takes as long to load as all that asks

        write_report(html.plan_page(made, wiring.now(), more=more), report_file)
    if plan_file is not None:
        _declare(made, project, plan_file)
    if session.form == "json":
        click.echo(as_json.dump(as_json.plan(made)))
    else:
        print_lines(terminal.plan(made))
    return FAILED if something_failed(made, ()) else DONE


def _declare(made: Plan, project: Project, file: Path) -> None:
    from updater import plugins
    from updater.planfile import declare, paths_of, write_plan

    texts = {base: _texts(project, base, paths) for base, paths in paths_of(made).items()}
    write_plan(declare(made, texts, plugins.sealers()), file)


def _texts(project: Project, base: Base, paths: Sequence[str]) -> Mapping[str, str]:
    """The texts of files of a base branch, as they were planned with. Raises ``UsageError`` if they are others now."""
    tree = project.tree
    if base.name != project.base:
        assert project.platform is not None
        tree = project.platform.tree(base.name)
        if tree.commit != base.commit:
            raise UsageError(f"{base.name} has moved since it was read; plan again")
    return {path: data.decode("utf-8", "surrogateescape") for path, data in tree.read(paths)}


@click.command()
@click.argument("plan_file", metavar="PLAN", type=click.Path(path_type=Path, dir_okay=False))
@repository_argument
@click.option("--force", is_flag=True, help="Apply even a plan that would close most open pull requests.")
@networked("text", "json")
def apply(plan_file: Path, name: str, session: Session, *, force: bool) -> int:
    """Do what `updater plan -o PLAN` wrote down, after checking that it changes versions and nothing else.

    Asks no registry. What has changed since is left alone; a plan that was tampered with is refused as a whole.
    """
    from functools import partial

    from msgspec import structs

    from updater import dashboard, plugins, publish, wiring
    from updater.inventory import take_inventory
    from updater.pipeline import identity_of
    from updater.planfile import Ground, Permits, Rules, read_plan, verify
    from updater.report import as_json, terminal

    planned = read_plan(plan_file)
    project = wiring.running_project(name, session.settings)
    assert project.platform is not None
    config = session.whole_configuration(project)
    with session.progress() as progress:
        shop = structs.replace(wiring.workshop(progress, session.settings), memory=None)
        bases = finished(wiring.bases(project, config, session.settings))
        grounds = {
            each.name: Ground(
                tree=each.tree,
                scan=partial(take_inventory, config=each.config, workshop=shop),
                bumped=each.config.bumped,
                permits=Permits.of(each.config),
            )
            for each in bases.found
        }
        platform = project.platform.acting_as(identity_of(config))
        verified = verify(planned, platform, Rules.of(config), grounds, plugins.sealers())
        refusal = publish.refusal(verified.actions, share=config.repository.change_limit)
        if refusal is not None and not force:
            raise UpdaterError(f"the plan looks like an accident and was not applied: {refusal}")
        with wiring.lease(platform) if verified.writes else nullcontext():
            outcomes = publish.apply(verified.actions, platform)
            if verified.dashboard is not None:
                dashboard.write_rendered(platform, config, verified.dashboard.body)
    if session.form == "json":
        click.echo(as_json.dump(as_json.outcomes(outcomes, verified.stale)))
    else:
        print_lines(terminal.outcomes(outcomes, verified.stale))
    return FAILED if verified.stale or any(outcome.failed is not None for outcome in outcomes) else DONE


@click.command(name="run")
@click.argument("names", metavar="[PATH|REPO]...", nargs=-1)
@click.option("--branch", "forced", multiple=True, help="Open this branch now, whatever limits say. Repeatable.")
@click.option("--force", is_flag=True, help="Apply even a plan that would close most open pull requests.")
@click.option(
    "--onboarding/--no-onboarding",
    default=None,
    envvar="UPDATER_ONBOARDING",
    help="Where there is no configuration, open a pull request that adds one, and nothing else (default: on a forge).",
)
@_dry_run_option
@_record_option
@report_option
@_forecast_option
@autodiscovery
@networked("text", "json")
def run(
    names: tuple[str, ...],
    forced: tuple[str, ...],
    dry_run: DryRun | None,
    record_file: Path | None,
    report_file: Path | None,
    days: int | None,
    wanted: Wanted | None,
    session: Session,
    *,
    force: bool,
    onboarding: bool | None,
) -> int:
    """Plan, and then do it: write the branches, open and refresh the pull requests, close what is obsolete."""
    from updater import wiring

    page, session = _Page(report_file, days), session.with_settings(dry_run=dry_run)
    begins = session.settings.platform != "local" if onboarding is None else onboarding
    forks: Collection[str] = ()
    if wanted is not None:
        names, forks = _discovered(names, wanted, session)
        if not names:
            return DONE
    if len(names) > 1 and (record_file or report_file):
        raise UsageError("--record and --report take one repository at a time")
    results = []
    for name in names or (".",):
        try:
            project = wiring.running_project(name, session.settings, forced)
            if name in forks and _is_unasked(project, session):
                results.append(DONE)
                continue
            begun = onboarded(project, session) if begins and not dry_run else None
            results.append(_run_one(project, record_file, page, session, force=force) if begun is None else begun)
        except (UsageError, PluginError):
            raise
        except UpdaterError as error:
            click.echo(f"updater: {name}: {error}", err=True)
            results.append(code_of(error))
    return max(results)


def _discovered(names: tuple[str, ...], wanted: Wanted, session: Session) -> tuple[tuple[str, ...], Collection[str]]:
    """The names of what is found, and which of them are forks."""
    from updater import wiring

    if names:
        raise UsageError("name repositories, or let them be discovered, but not both")
    listed = wiring.discovered(session.settings, wanted)
    found, forks = tuple(each.name for each in listed), frozenset(each.name for each in listed if each.fork)
    if not session.quiet:
        told = ", ".join(f"{name} (a fork)" if name in forks else name for name in found)
        click.echo(f"{len(found)} repositories: {told or 'none that are wanted'}", err=True)
    return found, forks


def _is_unasked(project: Project, session: Session) -> bool:
    """Whether a fork that was discovered says nothing, or no, about being updated."""
    from updater import wiring

    config = wiring.configuration(project.tree, session.settings)
    return config.repository.fork_processing != "enabled"


def _run_one(project: Project, record_file: Path | None, page: _Page, session: Session, *, force: bool) -> int:
    from updater import publish, wiring
    from updater.pipeline import carry_out, something_failed
    from updater.report import as_json, terminal

    assert project.platform is not None
    config = session.whole_configuration(project)
    if config.repository.fork_processing == "disabled" and project.platform.is_fork():
        click.echo(f"{project.repository} is left alone: it is a fork (forkProcessing)", err=True)
        return DONE
    shorter = _shorter_run(project, config, session, record_file, page.file)
    if shorter is not None:
        return shorter
    if wiring.dry_run(config, session.settings) == "full":
        made = made_plan(project, config, session, record_file)
        return _show(made, project, session, None, page.file, page.more(project, config, session))
    made = made_plan(project, config, session, record_file, writes=True)
    refusal = publish.refusal(made.actions, share=made.change_limit)
    if refusal is not None and not force:
        raise UpdaterError(f"the plan looks like an accident and was not applied: {refusal}")
    with session.progress() as progress, wiring.lease(project.platform) if made.writes else nullcontext():
        outcomes = carry_out(made, project.platform, progress)
    session.summarise(made, outcomes)
    if page.file is not None:
        from updater.report import html

        more = page.more(project, config, session)
        write_report(html.plan_page(made, wiring.now(), outcomes, more), page.file)
    if session.form == "json":
        click.echo(as_json.dump(as_json.plan(made, outcomes)))
    else:
        print_lines(terminal.plan(made, outcomes))
    return FAILED if something_failed(made, outcomes) else DONE


def made_plan(
    project: Project, config: Config, session: Session, record_file: Path | None = None, *, writes: bool = False
) -> Plan:
    """The plan for ``project``, made from what its registries say now; recorded, if there is a file for that.

    What became of merged updates is written on their pull requests, if ``writes``.
    """
    from updater import wiring

    if record_file is not None:
        return _recorded_plan(project, session, record_file, writes=writes)
    with session.progress() as progress:
        return finished(wiring.plan(project, config, session.settings, progress, writes=writes))


def _recorded_plan(project: Project, session: Session, record_file: Path, *, writes: bool) -> Plan:
    from updater import wiring
    from updater.record import Recorder, write_record

    recorder = Recorder(wiring.now())
    watched = recorder.project(project)
    config = finished(wiring.whole_configuration(watched, session.settings))  # once more: its files are recorded
    with session.progress() as progress:
        made = finished(wiring.plan(watched, config, session.settings, progress, recorder, writes=writes))
    write_record(recorder.record(made, config, session.settings.environment, session.settings.config_file), record_file)
    return made
