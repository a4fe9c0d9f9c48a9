"""``updater doctor``: whether everything is in order for a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from updater.cli.exits import DONE, FAILED
from updater.cli.options import networked, repository_argument
from updater.cli.session import Session, finished, print_lines

if TYPE_CHECKING:
    from collections.abc import Iterator

    from updater.model.forge import Finding
    from updater.pipeline import Target

_MARKS = {"fine": "ok     ", "warning": "warning", "failed": "FAILED "}


@click.command()
@repository_argument
@networked("text", "json")
def doctor(name: str, session: Session) -> int:
    """Check git, the configuration, the cache, the token and the registries. Writes nothing.

    The exit code is 1 if something has to be mended.
    """
    from updater.doctor import in_order
    from updater.report import as_json

    findings = list(_findings(name, session))
    if session.form == "json":
        rows = [{"subject": each.subject, "level": each.level, "text": each.text} for each in findings]
        click.echo(as_json.dump({"findings": rows}))
    else:
        print_lines(f"{_MARKS[each.level]}  {each.subject}: {each.text}" for each in findings)
    return DONE if in_order(findings) else FAILED


def _findings(name: str, session: Session) -> Iterator[Finding]:
    from updater import doctor, wiring

    settings = session.settings
    yield from doctor.attempted("git", doctor.of_git)
    yield from doctor.of_cache(wiring.cache_directory(settings.environment))
    targets: list[Target] = []
    yield from doctor.attempted("repository", lambda: _opened(name, session, targets))
    for target in targets:
        yield from doctor.attempted("configuration", lambda: _of_contents(target, session))  # noqa: B023 - called at once


def _opened(name: str, session: Session, targets: list[Target]) -> Iterator[Finding]:
    """What the forge says, and the target, if it can be read."""
    from updater import wiring

    target = wiring.planning_target(name, session.settings)
    targets.append(target)
    if target.platform is not None:
        yield from target.platform.examine()


def _of_contents(target: Target, session: Session) -> Iterator[Finding]:
    """What the configuration and the registries say."""
    from updater import doctor, wiring

    config = finished(wiring.whole_configuration(target, session.settings))
    yield from doctor.of_configuration(config, on_forge=session.settings.platform != "local")
    yield from doctor.of_rollouts(target, config)
    with session.progress() as progress:
        yield from finished(wiring.examined_registries(target, config, session.settings, progress))
