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
    from updater.pipeline import Project

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
    targets: list[Project] = []
    yield from doctor.attempted("repository", lambda: _opened(name, session, targets))
    for project in targets:
        yield from doctor.attempted("configuration", lambda: _of_contents(project, session))  # noqa: B023 - called at once


def _opened(name: str, session: Session, targets: list[Project]) -> Iterator[Finding]:
    """What the forge says, and the project, if it can be read."""
    from updater import wiring

    project = wiring.planning_project(name, session.settings)
    targets.append(project)
    if project.platform is not None:
        yield from project.platform.examine()


def _of_contents(project: Project, session: Session) -> Iterator[Finding]:
    """What the configuration and the registries say."""
    from updater import doctor, wiring

    config = finished(wiring.whole_configuration(project, session.settings))
    yield from doctor.of_configuration(config, on_forge=session.settings.platform != "local")
    yield from doctor.of_rollouts(project, config)
    with session.progress() as progress:
        yield from finished(wiring.examined_registries(project, config, session.settings, progress))
