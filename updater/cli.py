"""The command line: arguments, exit codes, nothing else. It parses and prints; it decides nothing.

Exit codes: 0 done; 1 done, but something failed (it is in the report); 2 configuration or usage; 3 a bug; 130
interrupted. Everything heavy is imported by the command that needs it.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from updater import __version__
from updater.errors import ConfigError, PluginError, UpdaterError, UsageError

if TYPE_CHECKING:
    from updater.config import Config, Problem
    from updater.inventory import Progress
    from updater.model import Plan
    from updater.wiring import Settings

FAILED, USAGE, BUG, INTERRUPTED = 1, 2, 3, 130


def main() -> None:
    """Run the command line and exit."""
    gc.set_threshold(50_000)  # a short life makes little garbage; looking for it took a tenth of the time
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """Run a command line; the result is the exit code."""
    try:
        result = cli.main(args=arguments, prog_name="updater", standalone_mode=False)
    except BaseException as error:  # noqa: BLE001 - each kind has its exit code, and whatever is left is a bug
        return _exit_code(error, arguments)
    return result if isinstance(result, int) else 0


def _exit_code(error: BaseException, arguments: list[str]) -> int:
    match error:
        case click.exceptions.Exit():
            return error.exit_code
        case click.ClickException():
            error.show()
            code = USAGE
        case click.Abort() | KeyboardInterrupt():
            click.echo("interrupted", err=True)
            code = INTERRUPTED
        case BrokenPipeError():
            sys.stderr.close()
            code = 0
        case UpdaterError():
            for line in _sentences(error):
                click.echo(f"updater: {line}", err=True)
            code = _code_of(error)
        case Exception():
            _report_bug(arguments)
            code = BUG
        case _:
            raise error
    return code


def _sentences(error: UpdaterError) -> list[str]:
    """All that is wrong, where an error holds several problems."""
    return [str(problem) for problem in getattr(error, "problems", ())] or [str(error)]


def _code_of(error: UpdaterError) -> int:
    return USAGE if isinstance(error, ConfigError | UsageError | PluginError) else FAILED


def _report_bug(arguments: list[str]) -> None:
    import platform
    import traceback

    click.echo(
        "updater: this is a bug in gitops-updater. Please report it with everything below.\n\n"
        f"gitops-updater {__version__}, Python {platform.python_version()}, {platform.platform()}\n"
        f"arguments: {' '.join(arguments)}\n\n{traceback.format_exc()}",
        err=True,
    )


# ---------------------------------------------------------------- options


def _common(*formats: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """The options that all commands take."""

    def decorate(command: Callable[..., Any]) -> Callable[..., Any]:
        for option in reversed(
            (
                click.option(
                    "--format", "form", type=click.Choice(formats), default=formats[0], help="How to print the result."
                ),
                click.option(
                    "--config",
                    "config_file",
                    type=click.Path(path_type=Path, dir_okay=False),
                    help="Use this configuration file instead of the repository's.",
                ),
                click.option("--log-format", type=click.Choice(("text", "json")), default="text", help="How to log."),
                click.option("--quiet", is_flag=True, help="No progress, no warnings."),
            )
        ):
            command = option(command)
        return command

    return decorate


def _networked(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options of commands that ask registries."""
    for option in reversed(
        (
            click.option(
                "--platform",
                type=click.Choice(("local", "github")),
                default="local",
                envvar="UPDATER_PLATFORM",
                help="Where the repository is: a checkout here, or on a forge.",
            ),
            click.option("--endpoint", envvar="UPDATER_ENDPOINT", help="The forge's API, if not the public one."),
            click.option(
                "--cache",
                envvar="UPDATER_CACHE",
                help="Where answers are kept: sqlite:///FILE, redis://HOST or memory: (default: a file in ~/.cache).",
            ),
            click.option("--refresh", is_flag=True, help="Ask again even for answers that are minutes old."),
            click.option(
                "--route",
                "routes",
                multiple=True,
                metavar="HOST=URL",
                envvar="UPDATER_ROUTES",
                help="Send requests for HOST to URL instead (a mirror, a test registry). Repeatable.",
            ),
        )
    ):
        command = option(command)
    return command


def _settings(
    *,
    platform: str = "local",
    endpoint: str | None = None,
    config_file: Path | None = None,
    cache: str | None = None,
    refresh: bool = False,
    routes: Iterable[str] = (),
) -> Settings:
    from datetime import timedelta

    from updater.wiring import Settings

    pairs = [route.partition("=") for route in routes]
    for host, _, url in pairs:
        if not host or not url.startswith(("http://", "https://")):
            raise UsageError(f"--route needs HOST=URL, not {host!r}")
    return Settings(
        platform=platform,
        endpoint=endpoint,
        config_file=config_file,
        cache=cache,
        fresh_for=timedelta(0) if refresh else timedelta(minutes=10),
        routes={host: url for host, _, url in pairs},
    )


@contextmanager
def _progress(*, quiet: bool) -> Iterator[Progress]:
    """A line that says what is being done, on a terminal only."""
    if quiet or not sys.stderr.isatty():
        with nullcontext():
            yield lambda _text: None
        return
    from rich.console import Console

    with Console(stderr=True).status("starting") as status:
        yield status.update


def _start(log_format: Literal["text", "json"], *, quiet: bool) -> None:
    from updater.log import configure

    configure(log_format, quiet=quiet)


def _print(lines: Iterable[str]) -> None:
    """In one piece: a flush for each line would take longer than making it."""
    if text := "\n".join(lines):
        click.echo(text)


def _show_problems(problems: Iterable[Problem], *, quiet: bool) -> None:
    for problem in problems:
        if problem.severity == "error" or not quiet:
            click.echo(str(problem), err=True)


# ---------------------------------------------------------------- commands


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, package_name="gitops-updater", prog_name="updater")
def cli() -> None:
    """Keep the versions in a GitOps repository up to date, with pull requests that explain themselves.

    PATH is a checkout (default: the current directory); REPO is owner/name with --platform github.
    """


@cli.command()
@click.argument("path", type=click.Path(path_type=Path), default=".")
@_common("text", "json", "jsonl")
def scan(path: Path, form: str, config_file: Path | None, log_format: Literal["text", "json"], *, quiet: bool) -> int:
    """List the dependencies in a directory. No network."""
    from updater import wiring
    from updater.inventory import take_inventory
    from updater.report import inventory

    _start(log_format, quiet=quiet)
    tree = wiring.work_tree(path)
    settings = _settings(config_file=config_file)
    config = wiring.configuration(tree, settings)
    _show_problems(config.problems, quiet=quiet)
    with _progress(quiet=quiet) as progress:
        found = take_inventory(tree, config, wiring.workshop(progress, settings))
    _print(inventory.RENDERINGS[form](found))
    return 0


@cli.command()
@click.argument("path", type=click.Path(path_type=Path), default=".")
@click.option("--fail-on-unexplained", is_flag=True, help="Exit code 1 if nothing explains some token.")
@_common("text", "json", "jsonl")
def coverage(
    path: Path,
    form: str,
    config_file: Path | None,
    log_format: Literal["text", "json"],
    *,
    fail_on_unexplained: bool,
    quiet: bool,
) -> int:
    """Account for everything version-like: managed, ignored by a rule, known, or unexplained. No network."""
    from updater import wiring
    from updater.coverage.survey import survey
    from updater.report import coverage as report

    _start(log_format, quiet=quiet)
    tree = wiring.work_tree(path)
    settings = _settings(config_file=config_file)
    config = wiring.configuration(tree, settings)
    _show_problems(config.problems, quiet=quiet)
    with _progress(quiet=quiet) as progress:
        found = survey(tree, config, wiring.workshop(progress, settings))
    _print(report.RENDERINGS[form](found))
    return FAILED if fail_on_unexplained and any(found.unexplained) else 0


@cli.command()
@click.argument("name", metavar="[PATH|REPO]", default=".")
@_networked
@_common("text", "json")
def plan(
    name: str, form: str, config_file: Path | None, log_format: Literal["text", "json"], *, quiet: bool, **network: Any
) -> int:
    """Show the updates there are, those that are held, and the pull requests `run` would open. Writes nothing."""
    from updater import wiring
    from updater.pipeline import something_failed
    from updater.report import as_json, terminal

    _start(log_format, quiet=quiet)
    settings = _settings(config_file=config_file, **network)
    made = _made_plan(wiring.planning_target(name, settings), settings, quiet=quiet)
    if form == "json":
        click.echo(as_json.dump(as_json.plan(made)))
    else:
        _print(terminal.plan(made))
    return FAILED if something_failed(made, ()) else 0


@cli.command(name="run")
@click.argument("names", metavar="[PATH|REPO]...", nargs=-1)
@click.option("--branch", "forced", multiple=True, help="Open this branch now, whatever limits say. Repeatable.")
@click.option("--force", is_flag=True, help="Apply even a plan that would close most open pull requests.")
@_networked
@_common("text", "json")
def run_command(
    names: tuple[str, ...],
    forced: tuple[str, ...],
    form: str,
    config_file: Path | None,
    log_format: Literal["text", "json"],
    *,
    force: bool,
    quiet: bool,
    **network: Any,
) -> int:
    """Plan, and then do it: write the branches, open and refresh the pull requests, close what is obsolete."""
    _start(log_format, quiet=quiet)
    settings = _settings(config_file=config_file, **network)
    results = []
    for name in names or (".",):
        try:
            results.append(_run_one(name, settings, forced, form, force=force, quiet=quiet))
        except (UsageError, PluginError):
            raise
        except UpdaterError as error:
            click.echo(f"updater: {name}: {error}", err=True)
            results.append(_code_of(error))
    return max(results)


def _run_one(name: str, settings: Settings, forced: tuple[str, ...], form: str, *, force: bool, quiet: bool) -> int:
    from updater import publish, wiring
    from updater.pipeline import carry_out, something_failed
    from updater.report import as_json, terminal

    target = wiring.running_target(name, settings, forced)
    assert target.platform is not None
    made = _made_plan(target, settings, quiet=quiet)
    refusal = publish.refusal(made.actions, share=made.change_limit)
    if refusal is not None and not force:
        raise UpdaterError(f"the plan looks like an accident and was not applied: {refusal}")
    with _progress(quiet=quiet) as progress:
        outcomes = carry_out(made, target.platform, progress)
    if form == "json":
        click.echo(as_json.dump(as_json.plan(made, outcomes)))
    else:
        _print(terminal.plan(made, outcomes))
    return FAILED if something_failed(made, outcomes) else 0


def _made_plan(target: Any, settings: Settings, *, quiet: bool) -> Plan:
    import asyncio

    from updater import wiring
    from updater.pipeline import make_plan

    config = wiring.configuration(target.tree, settings)
    _show_problems(config.problems, quiet=quiet)

    async def work(progress: Progress) -> Plan:
        async with wiring.network(config, settings) as network:
            return await make_plan(target, config, wiring.workshop(progress, settings), network)

    with _progress(quiet=quiet) as progress:
        return asyncio.run(work(progress))


@cli.command()
@click.argument("dependency")
@click.argument("name", metavar="[PATH|REPO]", default=".")
@_networked
@_common("text", "json")
def why(
    dependency: str,
    name: str,
    form: str,
    config_file: Path | None,
    log_format: Literal["text", "json"],
    *,
    quiet: bool,
    **network: Any,
) -> int:
    """Say why there is, or is not, an update of DEPENDENCY (a name or part of one), release by release."""
    from updater import wiring
    from updater.report import as_json, inventory, terminal

    _start(log_format, quiet=quiet)
    settings = _settings(config_file=config_file, **network)
    made = _made_plan(wiring.planning_target(name, settings), settings, quiet=quiet)
    chain = {found: each for found, each in made.decisions.items() if dependency in found.name}
    skipped = [each for each in made.skipped if each.name and dependency in each.name]
    if form == "json":
        click.echo(as_json.dump([*as_json.decisions(chain, made.held, made.gone), *map(inventory.skip, skipped)]))
    else:
        _print(terminal.why(chain, made.held, made.gone))
        _print(f"{each.name}  ({each.path}:{each.line}): not managed: {each.reason}" for each in skipped)
    if not chain and not skipped:
        raise UsageError(f"no dependency here is called {dependency!r}; `updater scan` lists them")
    return 0


@cli.group()
def config() -> None:
    """Look at the configuration."""


@config.command(name="check")
@click.argument("path", type=click.Path(path_type=Path), default=".")
@_common("text", "json")
def config_check(
    path: Path, form: str, config_file: Path | None, log_format: Literal["text", "json"], *, quiet: bool
) -> int:
    """Report every problem of the configuration with file:line:column. Exit code 2 if one is an error."""
    from updater.report import as_json

    _start(log_format, quiet=quiet)
    found = _configuration(path, config_file)
    if form == "json":
        click.echo(as_json.dump([as_json.problem(each) for each in found.problems]))
    else:
        _print(map(str, found.problems))
        if not quiet:
            click.echo(f"{found.path or 'no configuration file, the defaults hold'}: {_verdict(found)}")
    return USAGE if any(problem.severity == "error" for problem in found.problems) else 0


def _verdict(found: Config) -> str:
    errors = sum(problem.severity == "error" for problem in found.problems)
    warnings = len(found.problems) - errors
    return f"{errors} errors, {warnings} warnings" if found.problems else "fine"


def _configuration(path: Path, config_file: Path | None) -> Config:
    from updater import wiring

    return wiring.configuration(wiring.work_tree(path), _settings(config_file=config_file))


@config.command(name="show")
@click.argument("path", type=click.Path(path_type=Path), default=".")
@_common("text", "json")
def config_show(
    path: Path, form: str, config_file: Path | None, log_format: Literal["text", "json"], *, quiet: bool
) -> int:
    """Print the configuration as it is understood: presets resolved, old names translated, each value's origin."""
    from updater.report import as_json, settings

    _start(log_format, quiet=quiet)
    found = _configuration(path, config_file)
    _print([as_json.dump(found.to_json())] if form == "json" else settings.as_text(found))
    return 0


@config.command(name="schema")
def config_schema() -> int:
    """Print the JSON Schema of the configuration, for editors."""
    from updater.config.schema import schema_text

    click.echo(schema_text(), nl=False)
    return 0


@cli.group()
def pulls() -> None:
    """Look at the pull requests of a checkout (platform local keeps them in the repository itself)."""


_checkout = click.option(
    "--path", type=click.Path(path_type=Path), default=".", help="The checkout. Default: the current directory."
)


@pulls.command(name="list")
@_checkout
@click.option("--all", "closed_too", is_flag=True, help="Merged and closed ones as well.")
def pulls_list(path: Path, *, closed_too: bool) -> int:
    """List the open pull requests."""
    from updater import wiring
    from updater.model import PullRequestState
    from updater.report import terminal

    found = wiring.local_platform(path).pull_requests("")
    shown = [pull for pull in found if closed_too or pull.state is PullRequestState.OPEN]
    _print(terminal.pulls(shown) if shown else ["no pull requests"])
    return 0


@pulls.command(name="show")
@click.argument("number", type=int)
@_checkout
def pulls_show(number: int, path: Path) -> int:
    """Print the description and the diff of a pull request."""
    from updater import wiring

    platform = wiring.local_platform(path)
    pull = platform.pull_request(number)
    click.echo(f"#{pull.number} {pull.title} ({pull.state})\n{pull.branch} → {pull.base}\n")
    click.echo(pull.body)
    click.echo(platform.diff(pull))
    return 0


@pulls.command(name="merge")
@click.argument("number", type=int)
@_checkout
def pulls_merge(number: int, path: Path) -> int:
    """Merge a pull request into its base."""
    from updater import wiring

    platform = wiring.local_platform(path)
    platform.merge_pull_request(platform.pull_request(number))
    return 0


@pulls.command(name="close")
@click.argument("number", type=int)
@_checkout
def pulls_close(number: int, path: Path) -> int:
    """Close a pull request: what it proposes will not be offered again."""
    from updater import wiring

    platform = wiring.local_platform(path)
    platform.close_pull_request(platform.pull_request(number), comment="Closed by hand.")
    return 0


@cli.command()
@click.option("--keep", type=click.Path(path_type=Path), help="Make the repository here and leave it for you.")
def demo(keep: Path | None) -> int:
    """Show the whole job on this machine, with nothing installed: sample repository, registries, pull requests."""
    from updater.demo.run import tell

    return tell(click.echo, keep)
