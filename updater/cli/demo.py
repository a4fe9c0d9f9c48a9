"""``updater demo``: the whole job on one machine."""

from __future__ import annotations

import os
from pathlib import Path

import click


@click.command()
@click.option("--keep", type=click.Path(path_type=Path), help="Make the repository here and leave it for you.")
def demo(keep: Path | None) -> int:
    """Show the whole job on this machine, with nothing installed: sample repository, registries, pull requests."""
    from updater.demo.run import tell

    return tell(click.echo, keep, colours=not os.environ.get("NO_COLOR"))
