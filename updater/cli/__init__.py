"""The command line: it parses and prints; it decides nothing.

A module holds one command, or a few that belong together. To add a command, name it in ``COMMANDS``. What is heavy is
imported inside the command that needs it: ``updater --help`` imports every module of this package. Exit codes are in
:mod:`updater.cli.exits`.
"""

from __future__ import annotations

import gc
import sys

import click

from updater import __version__
from updater.cli.config import config
from updater.cli.dashboards import dashboard, forgive
from updater.cli.demo import demo
from updater.cli.doctor import doctor
from updater.cli.exits import exit_code
from updater.cli.forecast import forecast
from updater.cli.inventory import coverage, scan
from updater.cli.plans import apply, plan
from updater.cli.plans import run as run_command
from updater.cli.pulls import pulls
from updater.cli.replay import replay
from updater.cli.rollouts import audit, verify
from updater.cli.why import why

COMMANDS = (
    scan,
    coverage,
    plan,
    apply,
    run_command,
    why,
    replay,
    forecast,
    config,
    doctor,
    pulls,
    dashboard,
    forgive,
    verify,
    audit,
    demo,
)


@click.group(commands=COMMANDS, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, package_name="gitops-updater", prog_name="updater")
def cli() -> None:
    """Keep the versions in a GitOps repository up to date, with pull requests that explain themselves.

    PATH is a checkout (default: the current directory); REPO is owner/name on the forge that --platform names.
    """


def main() -> None:
    """Run the command line and exit."""
    gc.set_threshold(50_000)  # a short life makes little garbage; looking for it took a tenth of the time
    code = run(sys.argv[1:])
    gc.freeze()  # or the interpreter would look for garbage twice among all that it is about to drop
    sys.exit(code)


def run(arguments: list[str]) -> int:
    """Run a command line; the result is the exit code."""
    try:
        result = cli.main(args=arguments, prog_name="updater", standalone_mode=False)
    except BaseException as error:  # noqa: BLE001 - each kind has its exit code, and whatever is left is a bug
        return exit_code(error, arguments)
    return result if isinstance(result, int) else 0
