"""What a command has at hand: the options that all commands share, and the ways to print."""

from __future__ import annotations

import sys
from collections.abc import Coroutine, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import click

if TYPE_CHECKING:
    from updater.api import Tree
    from updater.config import Config, Problem
    from updater.inventory import Progress
    from updater.model.plan import Plan
    from updater.pipeline import Project
    from updater.publish import Outcome
    from updater.wiring import Settings

T = TypeVar("T")


class Session(NamedTuple):
    """One command's shared options. ``form`` is the format of its result."""

    form: str
    quiet: bool
    settings: Settings

    def with_settings(self, **changes: Any) -> Session:
        """The same with other settings."""
        from msgspec import structs

        return self._replace(settings=structs.replace(self.settings, **changes))

    @contextmanager
    def progress(self) -> Iterator[Progress]:
        """A line that says what is being done, on a terminal only."""
        if self.quiet or not sys.stderr.isatty():
            yield lambda _text: None
            return
        from rich.console import Console

        with Console(stderr=True).status("starting") as status:
            yield status.update

    def configuration(self, tree: Tree) -> Config:
        """What holds for the files of ``tree``; its problems are shown. Raises ``ConfigError``."""
        from updater import wiring

        config = wiring.configuration(tree, self.settings)
        self.show(config.problems)
        return config

    def whole_configuration(self, project: Project) -> Config:
        """As :meth:`configuration`, with the presets of other repositories, which are fetched."""
        from updater import wiring

        config = finished(wiring.whole_configuration(project, self.settings))
        self.show(config.problems)
        return config

    def summarise(self, made: Plan, outcomes: Sequence[Outcome] | None = None) -> None:
        """Add a plan, or with ``outcomes`` a run, to the page of the job, where GitHub Actions give one.

        https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands#adding-a-job-summary
        """
        from updater.report import summary

        page = self.settings.environment.get("GITHUB_STEP_SUMMARY")
        if page:
            with Path(page).open("a", encoding="utf-8") as file:
                file.write("\n".join(summary.as_markdown(made, outcomes)) + "\n")

    def show(self, problems: Iterable[Problem]) -> None:
        """Problems of a configuration, on standard error."""
        for problem in problems:
            if problem.severity == "error" or not self.quiet:
                click.echo(str(problem), err=True)


def print_lines(lines: Iterable[str]) -> None:
    """In one piece: a flush for each line would take longer than making it."""
    if text := "\n".join(lines):
        click.echo(text)


def write_report(page: str, file: Path) -> None:
    """Write a page of HTML. Raises ``UsageError`` if it cannot be written."""
    from updater.errors import UsageError

    try:
        file.write_text(page, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"the report cannot be written: {error}") from error


def finished(work: Coroutine[Any, Any, T]) -> T:
    """The result of ``work``, done in an event loop of its own.

    It is not the result of the loop's task: asyncio prints that to nobody, which takes seconds for a plan.
    """
    import asyncio

    results: list[T] = []

    async def keep() -> None:
        results.append(await work)

    asyncio.run(keep())
    return results[0]
