"""The local half of the pipeline: what stands in a repository's files, and what the configuration makes of it.

Apart from :mod:`updater.pipeline` so that ``updater scan`` loads nothing that asks or writes.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

import msgspec
from msgspec import structs

from updater import plugins
from updater.api import Clock, CustomManager, Manager, Tree
from updater.config import Config
from updater.config.entries import CustomDatasourceOptions
from updater.extractions import Extractions, fingerprint
from updater.files import RepositoryFiles
from updater.model.scan import LockEntry, Skipped
from updater.model.track import Tracked
from updater.scan import collector_paused, scan
from updater.track import track

if TYPE_CHECKING:
    from updater.api import Datasource

_DECIDING = ("enabled_managers", "managers", "custom_managers", "ignore_paths", "include_paths", "max_file_size")
"""The options that decide what is read, and by whom."""

Progress = Callable[[str], None]
"""Told in a few words what is being done now."""


class Workshop(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """Everything a run works with, whatever it works on. Plugins are loaded when they are first asked for."""

    clock: Clock
    progress: Progress = lambda _text: None
    memory: Path | None = None
    """The directory in which the findings of scans are kept; None keeps none."""

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


class Inventory(msgspec.Struct, frozen=True, kw_only=True):
    """The dependencies to look up, all that is not managed, with the reason, and what locks; in order of place."""

    tracked: tuple[Tracked, ...]
    skipped: tuple[Skipped, ...]
    locks: tuple[LockEntry, ...]


@collector_paused()
def take_inventory(tree: Tree, config: Config, workshop: Workshop) -> Inventory:
    """Scan and track. No network."""
    extractions = _extractions(tree, config, workshop)
    found = scan(tree, config, workshop.managers, workshop.custom_managers, extractions)
    if extractions is not None:
        extractions.save()

    versionings = _versionings(tree, config, workshop)
    tracking = track(found.dependencies, found.locks, config, versionings.get)
    unread = (
        found.skipped
        if config.branch is None
        else [structs.replace(each, branch=config.branch) for each in found.skipped]
    )
    skipped = sorted((*unread, *tracking.skipped), key=lambda each: (each.path, each.line or 0))
    return Inventory(tracked=tracking.tracked, skipped=tuple(skipped), locks=found.locks)


def datasources_for(tree: Tree, config: Config, workshop: Workshop) -> Mapping[str, Datasource]:
    """What asks registries, by name: the plugins, and what the configuration makes of them."""
    if not config.repository.custom_datasources:
        return workshop.datasources
    from updater.api import DatasourceMaker  # here, because few configurations make datasources

    files = RepositoryFiles(tree, config)
    made = [
        maker.build(name, _as_written(options), files, tree.home)
        for name, options in config.repository.custom_datasources.items()
        for maker in workshop.datasources.values()
        if isinstance(maker, DatasourceMaker)
    ]
    return {**workshop.datasources, **{datasource.NAME: datasource for datasource in made}}


def _versionings(tree: Tree, config: Config, workshop: Workshop) -> Mapping[str, str]:
    """The default versioning of each datasource; those of the configuration are made for it, others not loaded."""
    if not config.repository.custom_datasources:
        return plugins.versionings()
    return {name: each.VERSIONING for name, each in datasources_for(tree, config, workshop).items()}


def _as_written(options: CustomDatasourceOptions) -> Mapping[str, object]:
    return {"format": options.format, "transformTemplates": options.transform_templates}


def _extractions(tree: Tree, config: Config, workshop: Workshop) -> Extractions | None:
    if workshop.memory is None:
        return None
    plugins_used: list[object] = [*workshop.managers.values(), *workshop.custom_managers.values()]
    core = Path(__file__).parent
    sources = {core, core / "api", core / "config", core / "model", *map(_home, plugins_used)}
    maker = fingerprint(sources, config.path, *(getattr(config.repository, name) for name in _DECIDING))
    return Extractions(workshop.memory, tree.home, maker)


def _home(plugin: object) -> Path:
    """The directory that a plugin, with all that it imports from beside it, stands in."""
    name = plugin.__name__ if isinstance(plugin, ModuleType) else plugin.__module__
    module = sys.modules.get(name) or sys.modules[name.rpartition(".")[0]]
    return Path(module.__file__ or "").parent
