"""How a command ends.

0 done; 1 done, but something failed (it is in the report); 2 configuration or usage; 3 a bug; 130 interrupted.
"""

from __future__ import annotations

import sys

import click

from updater import __version__
from updater.errors import ConfigError, PluginError, UpdaterError, UsageError

DONE, FAILED, USAGE, BUG, INTERRUPTED = 0, 1, 2, 3, 130


def exit_code(error: BaseException, arguments: list[str]) -> int:
    """Say on standard error what ended the command, and what the shell is told of it.

    Raises ``error`` again if it is none that a program may catch.
    """
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
            code = DONE
        case UpdaterError():
            for line in _sentences(error):
                click.echo(f"updater: {line}", err=True)
            code = code_of(error)
        case Exception():
            _report_bug(arguments)
            code = BUG
        case _:
            raise error
    return code


def code_of(error: UpdaterError) -> int:
    """Whether the user must change what was asked for, or may try again."""
    return USAGE if isinstance(error, ConfigError | UsageError | PluginError) else FAILED


def _sentences(error: UpdaterError) -> list[str]:
    """All that is wrong, where an error holds several problems."""
    return [str(problem) for problem in getattr(error, "problems", ())] or [str(error)]


def _report_bug(arguments: list[str]) -> None:
    import platform
    import traceback

    click.echo(
        "updater: this is a bug in gitops-updater. Please report it with everything below.\n\n"
        f"gitops-updater {__version__}, Python {platform.python_version()}, {platform.platform()}\n"
        f"arguments: {' '.join(arguments)}\n\n{traceback.format_exc()}",
        err=True,
    )
