"""What the clues of a Flux repository amount to: where charts come from, and what stands in config maps."""

import posixpath
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from itertools import groupby

from managers._flux_clues import (
    CHART,
    CONFIG_MAPS,
    IMAGE,
    REVISION,
    SOURCE,
    TAG,
    USE,
    VALUES,
    VARIABLE_REASON,
    Target,
    why_not_plain,
    word,
)
from managers._flux_config_maps import images_in_config_maps
from managers._flux_releases import why_not_a_source
from managers._flux_sources import source_package
from managers._flux_variables import Variables
from managers._helm import chart_package
from managers._manifests import settled
from updater.api import Clue, Dependency, Extracted, Files, Package, image_package


def linked(clues: Sequence[Clue], files: Files) -> Iterator[Extracted]:
    """The dependencies and rows that ``clues`` lead to, each place once."""
    found = sorted(_Repository(clues, files).found(), key=lambda item: item.path)
    for _, items in groupby(found, key=lambda item: item.path):
        yield from settled(items)


class _Repository:
    """All clues of a repository."""

    def __init__(self, clues: Sequence[Clue], files: Files) -> None:
        self._files = files
        self._clues: defaultdict[str, list[Clue]] = defaultdict(list)
        for clue in clues:
            self._clues[clue.kind].append(clue)
        self._variables = Variables(self._clues, files)
        self._targets: dict[tuple[int, str], Target | str] = {}

    def found(self) -> Iterator[Extracted]:
        """Everything that the clues lead to."""
        for clue in self._clues[CHART]:
            yield from self._completed(clue, self._chart)
        for clue in self._clues[REVISION]:
            yield from self._completed(clue, self._patched_source)
        for clue in self._clues[TAG]:
            yield from self._tagged(clue)
        for clue in self._clues[USE]:
            package = Package(datasource=word(clue, "datasource"), name=word(clue, "package"))
            target = Target(word(clue, "name"), package, word(clue, "versioning") or None)
            yield from self._variables.values(clue, target)
        yield from images_in_config_maps(self._clues[CONFIG_MAPS], self._files, self._wanted_values)

    @property
    def _wanted_values(self) -> dict[str, set[str]]:
        """Config map → keys with values of Helm."""
        wanted: defaultdict[str, set[str]] = defaultdict(set)
        for clue in self._clues[VALUES]:
            wanted[word(clue, "name")].add(word(clue, "key"))
        return wanted

    def _completed(self, clue: Clue, find: Callable[[Clue], Target | str]) -> Iterator[Extracted]:
        """What the clue is about as a version of what ``find`` finds, or the reason it finds nothing."""
        about = clue.about
        if not isinstance(about, Dependency):
            return
        target = find(clue)
        if isinstance(target, str):
            yield about.unmanaged(target)
        elif word(clue, "variable"):
            yield about.unmanaged(VARIABLE_REASON)
            yield from self._variables.values(clue, target)
        else:
            yield target.at(about)

    # ------------------------------------------------------------ charts and sources

    def _chart(self, clue: Clue) -> Target | str:
        """What the version of a release, or of a patch of one, belongs to."""
        if _is_whole(clue):
            return self._installed(clue, word(clue, "chart"))
        kind, name = word(clue, "kind"), word(clue, "release")
        candidates = self._releases.get((kind, name), ())
        if not candidates:
            return f"no {kind} {name} with a chart and a source"

        def meaning(base: Clue) -> Target | str:
            return self._installed(base, word(clue, "chart") or word(base, "chart"))

        chosen = _chosen(candidates, clue.path, word(clue, "namespace"), meaning)
        return meaning(chosen) if chosen else f"several objects {kind} {name} with different charts"

    def _installed(self, release: Clue, chart: str) -> Target | str:
        """The ``chart`` from the source that a whole release names; asked for again and again by patches."""
        key = (id(release), chart)
        if key not in self._targets:
            self._targets[key] = self._found_target(release, chart)
        return self._targets[key]

    def _found_target(self, release: Clue, chart: str) -> Target | str:
        kind = word(release, "source_kind")
        reason = why_not_a_source(kind, chart)
        if reason is not None:
            return reason
        source = self._source(release.path, kind, word(release, "source"), word(release, "source_namespace"))
        return source if isinstance(source, str) else _chart_target(source, chart)

    @cached_property
    def _releases(self) -> dict[tuple[str, str], list[Clue]]:
        releases: defaultdict[tuple[str, str], list[Clue]] = defaultdict(list)
        for clue in filter(_is_whole, self._clues[CHART]):
            releases[word(clue, "kind"), word(clue, "release")].append(clue)
        return releases

    def _patched_source(self, clue: Clue) -> Target | str:
        source = self._source(clue.path, *(word(clue, key) for key in ("kind", "name", "namespace")))
        if isinstance(source, str):
            return source
        package = source_package(word(source, "kind"), word(source, "url"))
        if package is None:
            return "not an image reference"
        return Target(package.name, package, word(clue, "versioning") or None)

    def _source(self, path: str, kind: str, name: str, namespace: str) -> Clue | str:
        """The object that ``path`` refers to by name, or why none is meant for sure.

        Kustomizations may set namespaces afterwards: one that is not written is any, and one that fits nowhere
        counts for nothing.
        """
        candidates = self._sources.get((kind, name), ())
        if not candidates:
            return f"no {kind} {name} in this repository"
        chosen = _chosen(candidates, path, namespace, lambda each: (word(each, "url").rstrip("/"), word(each, "type")))
        if chosen is None:
            return f"several objects {kind} {name} with different addresses"
        return why_not_plain(word(chosen, "url")) or chosen

    @cached_property
    def _sources(self) -> dict[tuple[str, str], list[Clue]]:
        sources: defaultdict[tuple[str, str], list[Clue]] = defaultdict(list)
        for clue in self._clues[SOURCE]:
            sources[word(clue, "kind"), word(clue, "name")].append(clue)
        return sources

    def _tagged(self, clue: Clue) -> Iterator[Extracted]:
        """The image whose tag a patch sets, if the release that is patched names it."""
        candidates = self._images.get((word(clue, "release"), word(clue, "place")), ())
        chosen = _chosen(candidates, clue.path, word(clue, "namespace"), lambda each: word(each, "name"))
        if chosen is not None and isinstance(clue.about, Dependency):
            name = word(chosen, "name")
            yield Target(name, image_package(name), None).at(clue.about)

    @cached_property
    def _images(self) -> dict[tuple[str, str], list[Clue]]:
        images: defaultdict[tuple[str, str], list[Clue]] = defaultdict(list)
        for clue in self._clues[IMAGE]:
            images[word(clue, "release"), word(clue, "place")].append(clue)
        return images


def _is_whole(clue: Clue) -> bool:
    return bool(word(clue, "chart") and word(clue, "source"))


# ---------------------------------------------------------------- choosing


def _chosen(candidates: Sequence[Clue], path: str, namespace: str, meaning: Callable[[Clue], object]) -> Clue | None:
    """The one of the ``candidates`` that the file ``path`` means.

    Where their meanings differ, the nearest counts, and of those the one with the very namespace. None if that leaves
    several meanings.
    """
    fitting = [each for each in candidates if not namespace or word(each, "namespace") in ("", namespace)]
    remaining: Sequence[Clue] = fitting or candidates
    ranks: tuple[Callable[[Clue], int], ...] = (
        lambda each: _nearness(path, each.path),
        lambda each: word(each, "namespace") == namespace,
    )
    for rank in ranks:
        if len(set(map(meaning, remaining))) > 1:
            best = max(map(rank, remaining))
            remaining = [each for each in remaining if rank(each) == best]
    return remaining[0] if len(set(map(meaning, remaining))) == 1 else None


def _nearness(path: str, other: str) -> int:
    """The number of leading directories that two files share, and one more if they are the same."""
    shared = posixpath.commonpath((f"/{posixpath.dirname(path)}", f"/{posixpath.dirname(other)}"))
    return shared.rstrip("/").count("/") + (path == other)


def _chart_target(source: Clue, chart: str) -> Target | str:
    """What the chart is in the ``HelmRepository`` that ``source`` tells of."""
    url = word(source, "url")
    if word(source, "type") == "oci" and "://" not in url:
        url = f"oci://{url}"
    package = chart_package(chart, url)
    if isinstance(package, str):
        return package
    return Target(chart, package, "helm" if package.datasource == "docker" else None)
