"""Kustomizations: what each is built from, through bases and components, as far as the repository reaches.

https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from updater.fields import at, objects, text, texts
from updater.targets.manifests import Data, documents
from updater.targets.paths import ROOT, Footprint, parent, resolved

NAMES = ("kustomization.yaml", "kustomization.yml", "Kustomization")

_LISTS = ("resources", "bases", "components", "crds", "configurations", "generators", "transformers", "validators")
_PATCHES = ("patches", "patchesJson6902", "replacements")
_GENERATORS = ("configMapGenerator", "secretGenerator")
_CHARTS = "helmCharts"


class _Part(NamedTuple):
    """Something that a kustomization names: a file, another kustomization, or a directory."""

    path: str


class Kustomizations:
    """All kustomizations of a repository, by directory."""

    def __init__(self, contents: Mapping[str, str]) -> None:
        """``contents`` are the texts of the files called like one."""
        self._data = {parent(path): next(documents(content), None) for path, content in contents.items()}
        self._files = {parent(path): path for path in contents}
        self._closures: dict[str, frozenset[str]] = {}

    def __contains__(self, directory: str) -> bool:
        return directory in self._data

    def root_of(self, path: str) -> str | None:
        """The directory of the nearest kustomization around a file."""
        directory = parent(path)
        while directory not in self._data:
            if directory == ROOT:
                return None
            directory = parent(directory)
        return directory

    def namespace(self, directory: str | None) -> str | None:
        """The namespace into which a kustomization puts its objects, if it says one."""
        return text(self._data.get(directory), "namespace") if directory is not None else None

    def footprint(self, directory: str) -> Footprint:
        """All that the kustomization in a directory is built from."""
        roots = self.closure(directory)
        return Footprint(
            files=frozenset(part.path for root in roots for part in self._parts(root) if part.path not in self._data),
            directories=frozenset(path for root in roots for path in self._chart_homes(root)),
            roots=roots,
        )

    def closure(self, directory: str) -> frozenset[str]:
        """The directories of a kustomization and of all that it is built on; a cycle ends where it began."""
        if directory not in self._closures:
            found, pending = {directory}, [directory]
            while pending:
                for part in self._parts(pending.pop()):
                    if part.path in self._data and part.path not in found:
                        found.add(part.path)
                        pending.append(part.path)
            self._closures[directory] = frozenset(found)
        return self._closures[directory]

    def generated_from(self, directory: str, name: str) -> frozenset[str]:
        """The files out of which a kustomization makes the ConfigMap or Secret of this name."""
        return frozenset(
            path
            for kind in _GENERATORS
            for entry in objects(self._data.get(directory), kind)
            if text(entry, "name") == name
            for path in _generator_files(entry, directory)
        )

    def _parts(self, directory: str) -> Iterator[_Part]:
        data = self._data.get(directory)
        yield _Part(self._files.get(directory, directory))
        for path in _written(data, directory):
            yield _Part(path)

    def _chart_homes(self, directory: str) -> Iterator[str]:
        data = self._data.get(directory)
        if objects(data, _CHARTS):
            home = resolved(text(data, "helmGlobals", "chartHome") or "charts", directory)
            if home is not None:
                yield home


def _written(data: Data, directory: str) -> Iterator[str]:
    """The files and directories that a kustomization names, resolved."""
    names = [name for key in _LISTS for name in texts(data, key)]
    names += [name for name in texts(data, "patchesStrategicMerge") if "\n" not in name]
    names += [name for key in _PATCHES for entry in objects(data, key) if (name := text(entry, "path"))]
    for chart in objects(data, _CHARTS):
        names += [name for name in (text(chart, "valuesFile"), *texts(chart, "additionalValuesFiles")) if name]
    openapi = text(at(data, "openapi"), "path")
    names += [openapi] if openapi else []
    yield from (path for name in names if (path := resolved(name, directory)) is not None)
    for key in _GENERATORS:
        for entry in objects(data, key):
            yield from _generator_files(entry, directory)


def _generator_files(entry: Mapping[str, object], directory: str) -> Iterator[str]:
    """``files`` may be written ``key=path``."""
    names = [name.rpartition("=")[2] for name in texts(entry, "files")]
    names += [*texts(entry, "envs"), *([env] if (env := text(entry, "env")) else [])]
    yield from (path for name in names if (path := resolved(name, directory)) is not None)


def is_kustomization(path: str) -> bool:
    """Whether a file is called like one."""
    return path.rpartition("/")[2] in NAMES
