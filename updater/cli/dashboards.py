"""``updater dashboard`` and ``updater forgive``: the issue that lists everything, and what is forgiven on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from updater.cli.exits import DONE
from updater.cli.options import networked, repository_argument
from updater.cli.session import Session
from updater.errors import UsageError

if TYPE_CHECKING:
    from updater.api import Issue, Platform


@click.command()
@repository_argument
@networked("text", "json")
def dashboard(name: str, session: Session) -> int:
    """Print the dashboard: what is open, waiting, held back or rolled back. `run` keeps it up to date."""
    from updater.report import as_json

    _, issue = _found(name, session)
    if session.form == "json":
        click.echo(as_json.dump({"number": issue.number, "title": issue.title, "body": issue.body, "url": issue.url}))
    else:
        click.echo(issue.body)
    return DONE


@click.command()
@click.argument("dependency")
@click.argument("version")
@repository_argument
@networked("text")
def forgive(dependency: str, version: str, name: str, session: Session) -> int:
    """Let VERSION of DEPENDENCY be offered again, although somebody rolled it back."""
    from urllib.parse import unquote

    from updater.orders import forgivable, forgiving

    platform, issue = _found(name, session)
    words = [word for word in forgivable(issue.body) if _is_meant(unquote(word), dependency, version)]
    if not words:
        raise UsageError(f"nobody rolled {dependency} {version} back, as far as the dashboard knows")
    platform.write_issue(issue, title=issue.title, body=forgiving(issue.body, words), labels=issue.labels)
    for word in words:
        click.echo(f"forgiven: {unquote(word)}")
    return DONE


def _is_meant(text: str, dependency: str, version: str) -> bool:
    package, _, found = text.rpartition(" ")
    return found == version and dependency in package


def _found(name: str, session: Session) -> tuple[Platform, Issue]:
    from updater import wiring

    project = wiring.running_project(name, session.settings)
    assert project.platform is not None
    config = session.whole_configuration(project)
    title = config.repository.dependency_dashboard_title
    issue = project.platform.find_issue(title)
    if issue is None:
        raise UsageError(f"there is no issue called {title!r}; with `dependencyDashboard`, `updater run` makes it")
    return project.platform, issue
