"""The command line: it parses and prints; it decides nothing.

A module holds one command, or a few that belong together. To add a command, name it in ``COMMANDS``. What is heavy is
imported inside the command that needs it: ``updater --help`` imports every module of this package. Exit codes are in
:mod:`updater.cli.exits`.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Mapping
from importlib import import_module

import click

from updater import __version__
from updater.cli.exits import exit_code

COMMANDS: Mapping[str, str] = {
    "scan": "inventory",
    "coverage": "inventory",
    "plan": "plans",
    "apply": "plans",
    "run": "plans",
    "why": "why",
    "replay": "replay",
    "forecast": "forecast",
    "config": "config",
    "doctor": "doctor",
    "pulls": "pulls",
    "dashboard": "dashboards",
    "forgive": "dashboards",
    "verify": "rollouts",
    "audit": "rollouts",
    "demo": "demo",
}
"""Each command with the module of this package that it is in, under its own name."""


class Commands(click.Group):
    """The commands, each loaded when it is wanted."""

    def list_commands(self, _ctx: click.Context) -> list[str]:
        """Their names, in the order of the alphabet."""
        return sorted(COMMANDS)

    def get_command(self, _ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = getattr(import_module(f"updater.cli.{COMMANDS[cmd_name]}"), cmd_name)
        return command


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
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
