"""``updater verify`` and ``updater audit``: whether what was merged runs."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import click

from updater.cli.exits import DONE, FAILED, code_of
from updater.cli.options import networked, repository_argument
from updater.cli.session import Session, finished, print_lines
from updater.errors import PluginError, UpdaterError, UsageError

if TYPE_CHECKING:
    from updater.api import Rollout
    from updater.config import Config
    from updater.follow import Deployed, Followed
    from updater.inventory import Workshop


@click.command()
@click.argument("names", metavar="[PATH|REPO]...", nargs=-1)
@click.option(
    "--wait", metavar="TIME", help="Look again until all is settled, for so long at most (`10m`); for a job in CI."
)
@networked("text", "json")
def verify(names: tuple[str, ...], wait: str | None, session: Session) -> int:
    """Say whether merged updates run: a verdict for each and environment, and how long it took.

    The same is written on the merged pull requests.
    """
    results = []
    for name in names or (".",):
        try:
            results.append(_verify_one(name, _length(wait), session))
        except (UsageError, PluginError):
            raise
        except UpdaterError as error:
            click.echo(f"updater: {name}: {error}", err=True)
            results.append(code_of(error))
    return max(results)


def _verify_one(name: str, wait: timedelta, session: Session) -> int:
    import asyncio

    from updater import follow, wiring

    project = wiring.running_project(name, session.settings)
    config = session.whole_configuration(project)

    async def followed_from(place: Deployed, config: Config, workshop: Workshop) -> Followed:
        async with wiring.assignments(place, config, session.settings, wiring.now) as assignments:
            return await follow.verify(place, config, workshop, assignments, wait=wait)

    async def followed() -> Followed:
        bases = await wiring.bases(project, config, session.settings)
        with session.progress() as progress:
            workshop = wiring.workshop(progress, session.settings, wiring.now)
            each = (followed_from(*place, workshop) for place in wiring.deployed_from(project, bases))
            return follow.together(project.repository, await asyncio.gather(*each), bases.failed)

    found = finished(followed())
    _show(found, session)
    return FAILED if found.has_failures or (wait and not found.is_settled) else DONE


def _show(found: Followed, session: Session) -> None:
    from updater.report import as_json, rollout

    if session.form == "json":
        click.echo(
            as_json.dump(
                {
                    "repository": found.repository,
                    "rollouts": [rollout.as_json(each) for each in found.rollouts],
                    "proofs": [rollout.proof_as_json(each) for each in found.proofs],
                    "failed": [{"subject": each.subject, "error": each.error} for each in found.failed],
                }
            )
        )
        return
    print_lines(
        rollout.verified(
            found.rollouts,
            {str(pull.merge_commit or pull.head): f"{pull.reference} {pull.title}" for pull in found.pulls},
        )
    )
    print_lines(f"failed: {each.subject}: {each.error}" for each in found.failed)


def _length(text: str | None) -> timedelta:
    from updater.config.durations import parse_duration

    try:
        return parse_duration(text) if text else timedelta()
    except ValueError as error:
        raise UsageError(f"--wait: {error}") from error


@click.command()
@repository_argument
@networked("text", "json")
def audit(name: str, session: Session) -> int:
    """List what Git says and the cluster does not run, with its age. Writes nothing."""
    from updater import follow, wiring
    from updater.report import as_json, rollout

    project = wiring.running_project(name, session.settings)
    config = session.whole_configuration(project)

    async def audited() -> list[Rollout]:
        found: list[Rollout] = []
        bases = await wiring.bases(project, config, session.settings)
        with session.progress() as progress:
            workshop = wiring.workshop(progress, session.settings, wiring.now)
            for place, own in wiring.deployed_from(project, bases):
                async with wiring.assignments(place, own, session.settings, wiring.now) as assignments:
                    found += await follow.audit(place, own, workshop, assignments)
        return found

    found = finished(audited())
    if session.form == "json":
        click.echo(
            as_json.dump({"repository": project.repository, "targets": [rollout.as_json(each) for each in found]})
        )
    else:
        print_lines(rollout.audited(found, wiring.now()))
    return DONE
