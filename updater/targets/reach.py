"""From the files of a repository to the targets that an edit reaches."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from updater.api import Target, TargetKind, Tree
from updater.config import Config
from updater.files import RepositoryFiles
from updater.reconcilers.repositories import normalised
from updater.targets import argocd, flux, terraform
from updater.targets.finding import Chart, Found
from updater.targets.kustomize import Kustomizations, is_kustomization
from updater.targets.manifests import Manifest, manifests
from updater.targets.paths import keys_of, parent
from updater.targets.repository import Repository

_FROM_GIT = (TargetKind.APPLICATION, TargetKind.APPLICATION_SET, TargetKind.KUSTOMIZATION)
_YAML = (".yaml", ".yml")
_MARKERS = (b"argoproj.io/", b"toolkit.fluxcd.io/")
_FOLLOWED = (*_YAML, ".json", *terraform.SUFFIXES)


class Touched(NamedTuple):
    """An edit as far as reach goes: the file, and versions that stand (or stood) at the place in it."""

    path: str
    versions: tuple[str, ...] = ()


class Reach:
    """What edits reach in one state of a repository."""

    def __init__(self, found: Sequence[Found], kustomizations: Kustomizations) -> None:
        self._found, self._kustomizations = found, kustomizations
        self._declared: dict[str, list[Found]] = {}
        self._made: dict[tuple[str, str], list[Found]] = {}
        for each in found:
            for path in each.declared:
                self._declared.setdefault(path, []).append(each)
            for key in each.made_from.index_keys():
                self._made.setdefault(key, []).append(each)

    @property
    def targets(self) -> tuple[Target, ...]:
        """Everything that is deployed from the repository."""
        return tuple(sorted((each.target for each in self._found), key=_order))

    def of(self, edits: Iterable[Touched]) -> tuple[Target, ...]:
        """The targets that the edits reach, each once, in order."""
        reached: dict[tuple[object, ...], Target] = {}
        for edit in edits:
            for target in self._of_one(edit):
                key = (target.kind, target.namespace, target.name)
                known = reached.get(key)
                if known is None or (target.declared_by and not known.declared_by):
                    reached[key] = target
        return tuple(sorted(reached.values(), key=_order))

    def files_of(self, paths: Iterable[str]) -> Mapping[Target, frozenset[str]]:
        """For each target those of the paths that it is made from, or stands in."""
        files: dict[Target, set[str]] = {each.target: set() for each in self._found}
        for path in paths:
            for each in (*self._declared.get(path, ()), *self._made_from(path)):
                files[each.target].add(path)
        return {target: frozenset(found) for target, found in files.items()}

    def charts(self) -> Mapping[Target, tuple[Chart, ...]]:
        """The charts that the object of each target names, in exactly one version."""
        return {each.target: each.charts for each in self._found}

    def _of_one(self, edit: Touched) -> Iterator[Target]:
        declared = self._declared.get(edit.path, [])
        chosen = [each for each in declared if _says_any(each, edit.versions)] or declared
        for each in chosen:
            yield replace(each.target, declared_by=True, why=f"it is declared in {edit.path}")
        for each in self._made_from(edit.path):
            yield replace(each.target, why=f"it deploys {each.source}" if each.source else "it deploys the file")

    def _made_from(self, path: str) -> Iterator[Found]:
        """What is made from a file, each once, in the order in which it was found."""
        keys = keys_of(path, self._kustomizations.root_of(path))
        yield from {id(each): each for key in keys for each in self._made.get(key, ())}.values()


def survey(tree: Tree, config: Config, addresses: Iterable[str] = ()) -> Reach:
    """All that is deployed from a repository; ``addresses`` are the ways in which reconcilers may name it."""
    files = RepositoryFiles(tree, config)
    paths = frozenset(files.paths)
    wanted = [path for path in files.paths if path.endswith(_YAML) or is_kustomization(path)]
    opened = [path for path in wanted if not files.why_closed(path)]
    contents = {path: data for path, data in tree.read(opened) if is_kustomization(path) or _is_marked(data)}
    texts = {path: data.decode("utf-8", "replace") for path, data in contents.items()}

    def read(path: str) -> str | None:
        file = files.read(path) if path.endswith(_FOLLOWED) else None
        return file.text if file is not None else None

    kustomizations = Kustomizations({path: content for path, content in texts.items() if is_kustomization(path)})
    repository = Repository(
        paths=paths,
        directories=_directories(paths),
        manifests=tuple(_manifests(texts)),
        kustomizations=kustomizations,
        addresses=frozenset(map(normalised, addresses)),
        read=read,
    )
    found = _found(repository)
    if repository.addresses and not any(each.target.kind in _FROM_GIT and each.made_from.is_any for each in found):
        found = _found(replace(repository, is_mirrored=True))
    return Reach(found, kustomizations)


def _found(repository: Repository) -> list[Found]:
    return [each for finder in (argocd, flux, terraform) for each in finder.found_in(repository)]


def _is_marked(data: bytes) -> bool:
    return any(marker in data for marker in _MARKERS)


def _manifests(texts: Mapping[str, str]) -> Iterator[Manifest]:
    for path, content in texts.items():
        if not is_kustomization(path):
            yield from manifests(path, content)


def _directories(paths: Iterable[str]) -> frozenset[str]:
    """All directories that hold a file, at any depth."""
    found: set[str] = set()
    for path in paths:
        directory = parent(path)
        while directory not in found:
            found.add(directory)
            directory = parent(directory)
    return frozenset(found)


def _says_any(found: Found, versions: Iterable[str]) -> bool:
    """Whether one of the versions stands in the object, as a whole or within a longer text."""
    if found.says is None:
        return False
    return any(
        version in found.says
        or any(re.search(rf"(?<![\w.-]){re.escape(version)}(?![\w.-])", said) for said in found.says)
        for version in versions
    )


def _order(target: Target) -> tuple[str, str, str]:
    return (target.kind, target.namespace or "", target.name)
