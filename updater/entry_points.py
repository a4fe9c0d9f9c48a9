"""The entry points that installed distributions declare for this tool.

``importlib.metadata`` finds the same ones, but takes as long to load as a scan of a small repository: it brings along
what reads mails, zip files and tables. It is asked only where distributions can be in other places than directories.
"""

import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from importlib import import_module
from importlib.machinery import PathFinder
from pathlib import Path
from typing import Any, NamedTuple


class EntryPoint(NamedTuple):
    """One line: in ``group``, ``name`` stands for what ``value`` leads to (``module:attribute``).

    https://packaging.python.org/specifications/entry-points/
    """

    group: str
    name: str
    value: str

    @property
    def module(self) -> str:
        """The module's name."""
        return self._reference[0].strip()

    @property
    def attribute(self) -> str:
        """The name of what is meant in the module, with dots between those on the way to it."""
        return self._reference[2].strip()

    def load(self) -> Any:
        """Import the module and get what is meant; raises whatever that raises."""
        found: Any = import_module(self.module)
        for name in filter(None, self.attribute.split(".")):
            found = getattr(found, name)
        return found

    @property
    def _reference(self) -> tuple[str, str, str]:
        return self.value.partition("[")[0].partition(":")


def declared(prefix: str) -> tuple[EntryPoint, ...]:
    """Those whose group begins with ``prefix``, each once, in the order of ``sys.path``."""
    texts = _texts_in_directories() if _are_all_in_directories() else _all_texts()
    found = (entry_point for text in texts if prefix in text for entry_point in read(text))
    return tuple(dict.fromkeys(each for each in found if each.group.startswith(prefix)))


def read(text: str) -> Iterator[EntryPoint]:
    """What an ``entry_points.txt`` holds."""
    group = ""
    for line in map(str.strip, text.splitlines()):
        name, equals, value = line.partition("=")
        if line.startswith("[") and line.endswith("]"):
            group = line[1:-1]
        elif equals and not line.startswith("#"):
            yield EntryPoint(group, name.strip(), value.strip())


def _are_all_in_directories() -> bool:
    """Whether nothing that is imported from is a zip file, an egg, or known only to a finder of somebody's own."""
    finders = (finder for finder in sys.meta_path if finder is not PathFinder)
    if any(hasattr(finder, "find_distributions") for finder in finders):
        return False
    return not any(path.is_file() or path.suffix == ".egg" for path in map(Path, sys.path))


def _texts_in_directories() -> Iterator[str]:
    for path in sys.path:
        for directory in _metadata_in(Path(path)):
            with suppress(OSError):
                yield (directory / "entry_points.txt").read_text("utf-8", "replace")


def _metadata_in(path: Path) -> Sequence[Path]:
    try:
        return sorted(each for each in path.iterdir() if each.name.lower().endswith((".dist-info", ".egg-info")))
    except OSError:  # a place that is not there is no mistake
        return ()


def _all_texts() -> Iterable[str]:
    from importlib.metadata import distributions

    return filter(None, (each.read_text("entry_points.txt") for each in distributions()))
