"""``updater plan`` and ``updater run``: what is to be done, and doing it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from updater.cli.exits import DONE, FAILED, code_of
from updater.cli.options import networked, repository_argument
from updater.cli.session import Session, print_lines
from updater.errors import PluginError, UpdaterError, UsageError

if TYPE_CHECKING:
    from updater.inventory import Progress
    from updater.model import Plan
    from updater.pipeline import Target


@click.command()
@repository_argument
@networked("text", "json")
def plan(name: str, session: Session) -> int:
    """Show the updates there are, those that are held, and the pull requests `run` would open. Writes nothing."""
    from updater import wiring
    from updater.pipeline import something_failed
    from updater.report import as_json, terminal

    made = made_plan(wiring.planning_target(name, session.settings), session)
    if session.form == "json":
        click.echo(as_json.dump(as_json.plan(made)))
    else:
        print_lines(terminal.plan(made))
    return FAILED if something_failed(made, ()) else DONE


@click.command(name="run")
@click.argument("names", metavar="[PATH|REPO]...", nargs=-1)
@click.option("--branch", "forced", multiple=True, help="Open this branch now, whatever limits say. Repeatable.")
@click.option("--force", is_flag=True, help="Apply even a plan that would close most open pull requests.")
@networked("text", "json")
def run(names: tuple[str, ...], forced: tuple[str, ...], session: Session, *, force: bool) -> int:
    """Plan, and then do it: write the branches, open and refresh the pull requests, close what is obsolete."""
    results = []
    for name in names or (".",):
        try:
            results.append(_run_one(name, forced, session, force=force))
        except (UsageError, PluginError):
            raise
        except UpdaterError as error:
            click.echo(f"updater: {name}: {error}", err=True)
            results.append(code_of(error))
    return max(results)


def _run_one(name: str, forced: tuple[str, ...], session: Session, *, force: bool) -> int:
    from updater import publish, wiring
    from updater.pipeline import carry_out, something_failed
    from updater.report import as_json, terminal

    target = wiring.running_target(name, session.settings, forced)
    assert target.platform is not None
    made = made_plan(target, session)
    refusal = publish.refusal(made.actions, share=made.change_limit)
    if refusal is not None and not force:
        raise UpdaterError(f"the plan looks like an accident and was not applied: {refusal}")
    with session.progress() as progress:
        outcomes = carry_out(made, target.platform, progress)
    if session.form == "json":
        click.echo(as_json.dump(as_json.plan(made, outcomes)))
    else:
        print_lines(terminal.plan(made, outcomes))
    return FAILED if something_failed(made, outcomes) else DONE


def made_plan(target: Target, session: Session) -> Plan:
    """The plan for ``target``, made from what its registries say now."""
    import asyncio

    from updater import wiring
    from updater.pipeline import make_plan

    config = session.whole_configuration(target)

    made: list[Plan] = []  # asyncio.run prints the result of its task to nobody, which takes seconds for a plan

    async def work(progress: Progress) -> None:
        async with wiring.network(config, session.settings) as network:
            made.append(await make_plan(target, config, wiring.workshop(progress, session.settings), network))

    with session.progress() as progress:
        asyncio.run(work(progress))
    return made[0]
