"""The local half of the pipeline: what stands in a repository's files, and what the configuration makes of it.

Apart from :mod:`updater.pipeline` so that ``updater scan`` loads nothing that asks or writes.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from updater import plugins
from updater.api import Clock, CustomManager, Datasource, Manager, Tree
from updater.config import Config
from updater.model import Skipped, Tracked
from updater.scan import scan
from updater.track import track

Progress = Callable[[str], None]
"""Told in a few words what is being done now."""


@dataclass(frozen=True, kw_only=True)
class Workshop:
    """Everything a run works with, whatever it works on. Plugins are loaded when they are first asked for."""

    clock: Clock
    progress: Progress = field(default=lambda _text: None)

    @cached_property
    def managers(self) -> Mapping[str, Manager]:
        """What reads files."""
        return plugins.managers()

    @cached_property
    def custom_managers(self) -> Mapping[str, CustomManager]:
        """What makes managers out of the configuration."""
        return plugins.custom_managers()

    @cached_property
    def datasources(self) -> Mapping[str, Datasource]:
        """What asks registries."""
        return plugins.datasources()


@dataclass(frozen=True, slots=True, kw_only=True)
class Inventory:
    """The dependencies to look up, and all that is not managed, with the reason; both in order of place."""

    tracked: tuple[Tracked, ...]
    skipped: tuple[Skipped, ...]


def take_inventory(tree: Tree, config: Config, workshop: Workshop) -> Inventory:
    """Scan and track. No network."""
    found = scan(tree, config, workshop.managers, workshop.custom_managers)

    def default_versioning(name: str) -> str | None:
        datasource = workshop.datasources.get(name)
        return datasource.VERSIONING if datasource is not None else None

    tracking = track(found.dependencies, found.locks, config, default_versioning)
    skipped = sorted((*found.skipped, *tracking.skipped), key=lambda each: (each.path, each.line or 0))
    return Inventory(tracked=tracking.tracked, skipped=tuple(skipped))
