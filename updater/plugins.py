"""Finds the plugins through entry points and makes sure that they are the right ones.

The built-in ones live in the top-level packages ``managers`` and ``datasources`` beside ``updater``. Another
distribution, or a scanned repository on ``sys.path``, could have packages of the same names: their home is checked
before anything of them is imported, so that an intruder never runs.
"""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict, TypeVar, cast

from updater import entry_points
from updater.api import CustomManager, Manager, Sealer
from updater.entry_points import EntryPoint
from updater.errors import PluginError

if TYPE_CHECKING:
    from updater.api import Datasource

Plugin = TypeVar("Plugin", Manager, CustomManager, "Datasource")

_HOME = Path(__file__).resolve().parent.parent


class IndexRow(TypedDict):
    """What a package's ``index.json`` says of one plugin: ``./dev docs`` makes it."""

    module: str
    known: Mapping[str, object]
    others: Sequence[str]


class Shelved:
    """A built-in plugin of which only what its package's index says is known, until somebody wants more of it.

    It has the attributes that the index holds, and loads the module for the others that the index names.
    """

    def __init__(self, module: str, known: Mapping[str, object], others: Collection[str]) -> None:
        self.__dict__.update(known)
        self.__module__ = module
        self._others = frozenset(others)

    def __getattr__(self, name: str) -> object:
        if name not in self._others:
            raise AttributeError(name)
        value = self.__dict__[name] = getattr(import_module(self.__module__), name)
        return value


def managers() -> Mapping[str, Manager]:
    """All managers, by name; no built-in one is loaded before it is used. Raises ``PluginError``."""
    return _by_name(_shelved("updater.managers", Manager))


def sealers() -> Mapping[str, Sealer]:
    """The managers of lock files that are sealed, by name. Raises ``PluginError``."""
    return {name: manager for name, manager in managers().items() if isinstance(manager, Sealer)}


def custom_managers() -> Mapping[str, CustomManager]:
    """All makers of managers, by the ``customType`` they serve. Raises ``PluginError``."""
    return _by_name(_shelved("updater.custom_managers", CustomManager))


def datasources() -> Mapping[str, "Datasource"]:
    """All datasources, by name. Raises ``PluginError``."""
    from updater.api import Datasource  # here, because a scan asks no registry

    return _by_name(_load("updater.datasources", Datasource))


def versionings() -> Mapping[str, str]:
    """The default versioning of each datasource, by its name; no built-in one is loaded. Raises ``PluginError``."""
    found: dict[str, str] = {}
    for entry_point in _of_group("updater.datasources"):
        if entry_point.name == "builtin":
            found |= import_module(entry_point.module).VERSIONINGS
        else:
            from updater.api import Datasource  # here, because few have installed one

            found |= {each.NAME: each.VERSIONING for each in _collection(entry_point, Datasource)}
    return found


def _shelved(group: str, protocol: type[Plugin]) -> Iterator[Plugin]:
    """The plugins of a group, the built-in ones as the index of their package has them."""
    for entry_point in _of_group(group):
        if entry_point.name != "builtin":
            yield from _collection(entry_point, protocol)
            continue
        for row in _index(entry_point):
            known = {name: tuple(value) if isinstance(value, list) else value for name, value in row["known"].items()}
            yield cast("Plugin", Shelved(row["module"], known, row["others"]))


@cache
def _index(entry_point: EntryPoint) -> Sequence[IndexRow]:
    path = Path(import_module(entry_point.module).__file__ or "").with_name("index.json")
    try:
        rows: Mapping[str, Sequence[IndexRow]] = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise PluginError(f"{path} cannot be read ({error}): install gitops-updater again") from error
    return rows[entry_point.attribute]


def _load(group: str, protocol: type[Plugin]) -> Iterable[Plugin]:
    for entry_point in _of_group(group):
        yield from _collection(entry_point, protocol)


def _of_group(group: str) -> Iterable[EntryPoint]:
    """The entry points of a group, the built-in one first, and not before it is known to be ours."""
    ours = (entry for entry in _entry_points() if entry.group == group)
    for entry_point in sorted(ours, key=lambda entry: (entry.name != "builtin", entry.name)):
        if entry_point.name == "builtin":
            _check_home(entry_point.module)
        yield entry_point


@cache
def _entry_points() -> tuple[EntryPoint, ...]:
    """Those of all installed distributions that are meant for us: read once, because it takes a while."""
    return entry_points.declared("updater.")


def _collection(entry_point: EntryPoint, protocol: type[Plugin]) -> Iterable[Plugin]:
    try:
        collection = entry_point.load()
    except Exception as error:  # a foreign plugin may raise anything while it is imported
        raise PluginError(f"the plugin {entry_point.value} cannot be loaded: {error!r}") from error
    for plugin in collection:
        if not isinstance(plugin, protocol):
            raise PluginError(f"{entry_point.value} holds {plugin!r}, which is no {protocol.__name__}")
        yield plugin


def _check_home(package: str) -> None:
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise PluginError(f"the package {package!r} that belongs to gitops-updater is missing: install it again")
    if Path(spec.origin).resolve().parent.parent != _HOME:
        raise PluginError(
            f"{spec.origin} stands in the place of gitops-updater's own package {package!r}: "
            "remove it from PYTHONPATH or install gitops-updater in an environment of its own"
        )


def _by_name(plugins: Iterable[Plugin]) -> dict[str, Plugin]:
    found: dict[str, Plugin] = {}
    for plugin in plugins:
        if plugin.NAME in found:
            raise PluginError(f"two plugins are called {plugin.NAME!r}: {found[plugin.NAME]!r} and {plugin!r}")
        found[plugin.NAME] = plugin
    return found
