"""The variables that Flux's Kustomizations put into what they build, and where each of them holds."""

import posixpath
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import NamedTuple

from managers._flux_clues import CONFIG_MAPS, VARIABLE, VARIABLES, Target, word, words
from managers._flux_config_maps import assignments
from managers._git import why_not_a_tag
from managers._yaml import Scalar, documents_in
from updater.api import Clue, Dependency, Files

_MAX_DIRECTORIES = 500
_KUSTOMIZATIONS = ("kustomization.yaml", "kustomization.yml", "Kustomization")
_INCLUDING = ("resources", "bases", "components")


class _Assignment(NamedTuple):
    """What a variable stands for in some directories."""

    about: Dependency
    scopes: Sequence[str]


class Variables:
    """All variables of a repository. ``clues`` are by kind."""

    def __init__(self, clues: Mapping[str, Sequence[Clue]], files: Files) -> None:
        self._clues, self._files = clues, files
        self._reached: dict[str, frozenset[str]] = {}

    def values(self, clue: Clue, target: Target) -> Iterator[Dependency]:
        """The values of the clue's variable that hold for its file, as versions of ``target``."""
        for about, scopes in self._assignments.get(word(clue, "variable"), ()):
            if _admits(target, about.current_value or "") and self._hold(scopes, clue.path):
                yield target.at(about)

    @cached_property
    def _assignments(self) -> dict[str, list[_Assignment]]:
        found: defaultdict[str, list[_Assignment]] = defaultdict(list)
        for clue in self._clues.get(VARIABLE, ()):
            if isinstance(clue.about, Dependency):
                found[word(clue, "variable")].append(_Assignment(clue.about, words(clue, "scopes")))
        scopes = self._scopes_of_config_maps
        for config_map, about in assignments(self._clues.get(CONFIG_MAPS, ()), self._files, scopes):
            found[about.name].append(_Assignment(about, scopes[config_map]))
        return found

    @property
    def _scopes_of_config_maps(self) -> dict[str, list[str]]:
        scopes: defaultdict[str, dict[str, None]] = defaultdict(dict)
        for clue in self._clues.get(VARIABLES, ()):
            scopes[word(clue, "name")].update(dict.fromkeys(words(clue, "scopes")))
        return {name: [*places] for name, places in scopes.items()}

    # ------------------------------------------------------------ where they hold

    def _hold(self, scopes: Sequence[str], path: str) -> bool:
        """Whether what is built in one of the directories ``scopes`` has the file ``path`` in it."""
        if any(_is_in(path, scope) for scope in scopes):
            return True
        return any(_is_in(path, place) for scope in scopes for place in self._reached_from(scope))

    def _reached_from(self, scope: str) -> frozenset[str]:
        if scope not in self._reached:
            self._reached[scope] = frozenset(self._reachable(scope))
        return self._reached[scope]

    def _reachable(self, directory: str) -> Iterator[str]:
        """The files and directories that the kustomization in ``directory`` includes, directly or not."""
        pending, seen = [directory], {directory}
        while pending and len(seen) < _MAX_DIRECTORIES:
            for included in self._included(pending.pop()):
                if included not in seen:
                    seen.add(included)
                    pending.append(included)
                    yield included

    def _included(self, directory: str) -> Iterator[str]:
        candidates = (self._files.read(posixpath.join(directory, name)) for name in _KUSTOMIZATIONS)
        for file in filter(None, candidates):
            roots = [root for document in documents_in(file) if (root := document.root)]
            for node in (node for root in roots for key in _INCLUDING for node in root.elements(key)):
                if isinstance(node, Scalar) and "://" not in node.text:
                    yield posixpath.normpath(posixpath.join(directory, node.text))


def _is_in(path: str, place: str) -> bool:
    """Whether ``path`` is the file ``place``, or lies below the directory ``place``."""
    return not place or path == place or path.startswith(f"{place}/")


def _admits(target: Target, value: str) -> bool:
    """Whether ``value``, found under the name of a variable, can be a version of ``target``."""
    takes_ranges = target.versioning is not None or target.package.datasource == "helm"
    return takes_ranges or why_not_a_tag(value) is None
