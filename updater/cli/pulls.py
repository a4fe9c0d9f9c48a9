"""``updater pulls``: the pull requests of a checkout."""

from __future__ import annotations

from pathlib import Path

import click

from updater.cli.exits import DONE
from updater.cli.session import print_lines

_checkout = click.option(
    "--path", type=click.Path(path_type=Path), default=".", help="The checkout. Default: the current directory."
)


@click.group()
def pulls() -> None:
    """Look at the pull requests of a checkout (platform local keeps them in the repository itself)."""


@pulls.command(name="list")
@_checkout
@click.option("--all", "closed_too", is_flag=True, help="Merged and closed ones as well.")
def listing(path: Path, *, closed_too: bool) -> int:
    """List the open pull requests."""
    from updater import wiring
    from updater.model.forge import PullRequestState
    from updater.report import terminal

    found = wiring.local_platform(path).pull_requests("")
    shown = [pull for pull in found if closed_too or pull.state is PullRequestState.OPEN]
    print_lines(terminal.pulls(shown) if shown else ["no pull requests"])
    return DONE


@pulls.command()
@click.argument("number", type=int)
@_checkout
def show(number: int, path: Path) -> int:
    """Print the description and the diff of a pull request."""
    from updater import wiring

    platform = wiring.local_platform(path)
    pull = platform.pull_request(number)
    click.echo(f"#{pull.number} {pull.title} ({pull.state})\n{pull.branch} → {pull.base}\n")
    click.echo(pull.body)
    click.echo(platform.diff(pull))
    return DONE


@pulls.command()
@click.argument("number", type=int)
@_checkout
def merge(number: int, path: Path) -> int:
    """Merge a pull request into its base."""
    from updater import wiring

    platform = wiring.local_platform(path)
    platform.merge_pull_request(platform.pull_request(number))
    return DONE


@pulls.command()
@click.argument("number", type=int)
@_checkout
def close(number: int, path: Path) -> int:
    """Close a pull request: what it proposes will not be offered again."""
    from updater import wiring

    platform = wiring.local_platform(path)
    platform.close_pull_request(platform.pull_request(number), comment="Closed by hand.")
    return DONE
