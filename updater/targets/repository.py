"""The repository as the finders of targets see it: its files, its objects, its kustomizations, its own addresses."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from updater.reconcilers.repositories import normalised
from updater.targets.kustomize import Kustomizations
from updater.targets.manifests import Manifest
from updater.targets.paths import Footprint


@dataclass(frozen=True, slots=True, kw_only=True)
class Repository:
    """What finders look at. ``addresses`` are normalised, none where nobody knows them; ``read`` gives a text.

    Where it ``is_mirrored``, reconcilers know it by other addresses, with the same name at their end.
    """

    paths: frozenset[str]
    directories: frozenset[str]
    manifests: Sequence[Manifest]
    kustomizations: Kustomizations
    addresses: frozenset[str]
    read: Callable[[str], str | None]
    is_mirrored: bool = False

    def is_ours(self, address: str, path: str) -> bool:
        """Whether a source is this repository: by its address or, where that is not known, by having the directory."""
        if not self.addresses:
            return self.has_directory(path)
        known = normalised(address)
        return known in self.addresses or (self.is_mirrored and _name(known) in map(_name, self.addresses))

    def has_directory(self, path: str) -> bool:
        """Whether there are files below ``path``."""
        return path in self.directories

    def namespace_of(self, manifest: Manifest) -> str | None:
        """Where an object is put: what it says, else what the kustomization around it says."""
        return manifest.namespace or self.kustomizations.namespace(self.kustomizations.root_of(manifest.path))

    def built_from(self, directory: str) -> Footprint:
        """What a directory amounts to for who builds it with Kustomize, where it has a kustomization."""
        return self.kustomizations.footprint(directory)


def _name(address: str) -> str:
    return address.rpartition("/")[2]


def by_kind(manifests: Iterable[Manifest], group: str) -> Mapping[str, Sequence[Manifest]]:
    """The objects of an API group, by kind; those without a name are left out."""
    found: dict[str, list[Manifest]] = {}
    for manifest in manifests:
        if manifest.group == group and manifest.name:
            found.setdefault(manifest.kind, []).append(manifest)
    return found
