"""Kustomizations and HelmReleases of Flux, and the files that each is made from."""

from collections.abc import Iterable, Iterator

from updater.api import Target, TargetKind
from updater.fields import at, objects, scalars, text
from updater.model.scan import environment_of
from updater.targets.finding import Found, charts
from updater.targets.manifests import Manifest
from updater.targets.paths import Footprint, footprint, resolved
from updater.targets.repository import Repository, by_kind

_KUSTOMIZE, _HELM, _SOURCE = "kustomize.toolkit.fluxcd.io", "helm.toolkit.fluxcd.io", "source.toolkit.fluxcd.io"
_SYSTEM = "flux-system"


def found_in(repository: Repository) -> Iterator[Found]:
    """All that the repository declares for Flux."""
    sources = by_kind(repository.manifests, _SOURCE)
    for manifest in by_kind(repository.manifests, _KUSTOMIZE).get("Kustomization", ()):
        if _is_ours(repository, manifest, sources.get("GitRepository", ())):
            yield _kustomization(repository, manifest)
    others = [manifest for kind in ("OCIRepository", "HelmChart") for manifest in sources.get(kind, ())]
    for manifest in by_kind(repository.manifests, _HELM).get("HelmRelease", ()):
        yield _release(repository, manifest, others)


def _is_ours(repository: Repository, manifest: Manifest, sources: Iterable[Manifest]) -> bool:
    """Whether a Kustomization builds this repository: by its source's address, if that is declared here.

    An artifact (of an OCIRepository) has no such address; one with a directory of this name is taken for ours.
    """
    wanted = text(manifest.data, "spec", "sourceRef", "name")
    directory = resolved(text(manifest.data, "spec", "path") or "", "")
    kind = text(manifest.data, "spec", "sourceRef", "kind")
    if directory is None or kind not in ("GitRepository", "OCIRepository", None):
        return False
    if kind == "OCIRepository":
        return directory != "" and repository.has_directory(directory)
    address = next((text(each.data, "spec", "url") for each in sources if each.name == wanted), None)
    return repository.has_directory(directory) if address is None else repository.is_ours(address, directory)


def _kustomization(repository: Repository, manifest: Manifest) -> Found:
    directory = resolved(text(manifest.data, "spec", "path") or "", "") or ""
    is_built = directory in repository.kustomizations
    made_from = repository.built_from(directory) if is_built else _of_plain(repository, directory)
    target = Target(
        kind=TargetKind.KUSTOMIZATION,
        name=manifest.name,
        namespace=repository.namespace_of(manifest) or _SYSTEM,
        environment=environment_of(f"{directory}/x") or environment_of(manifest.path),
        path=manifest.path,
    )
    return Found(
        target=target,
        made_from=made_from,
        declared=frozenset({manifest.path}),
        says=frozenset(scalars(at(manifest.data, "spec"))),
        source=directory or "the whole repository",
    )


def _of_plain(repository: Repository, directory: str) -> Footprint:
    """Without a kustomization of its own, Flux makes one of all that lies below, kustomizations among it built."""
    found = Footprint(directories=frozenset({directory}))
    for root in repository.directories:
        if root in repository.kustomizations and (not directory or root.startswith(f"{directory}/")):
            found |= repository.built_from(root)
    return found


def _release(repository: Repository, manifest: Manifest, sources: Iterable[Manifest]) -> Found:
    spec = at(manifest.data, "spec")
    root = repository.kustomizations.root_of(manifest.path)
    values = [text(each, "name") or "" for each in objects(spec, "valuesFrom")]
    files = {
        path for name in values if root is not None for path in repository.kustomizations.generated_from(root, name)
    }
    reference = text(spec, "chartRef", "name")
    files |= {each.path for each in sources if each.name == reference}
    target = Target(
        kind=TargetKind.HELM_RELEASE,
        name=manifest.name,
        namespace=repository.namespace_of(manifest),
        environment=environment_of(manifest.path),
        path=manifest.path,
    )
    return Found(
        target=target,
        made_from=footprint(files=files, directories=_chart_directories(repository, manifest)),
        declared=frozenset({manifest.path}),
        says=frozenset(scalars(spec)),
        source=text(spec, "chart", "spec", "chart") or reference or "",
        charts=charts([(text(spec, "chart", "spec", "chart"), text(spec, "chart", "spec", "version"))]),
    )


def _chart_directories(repository: Repository, manifest: Manifest) -> Iterator[str | None]:
    """The directory of a chart that comes out of this repository itself."""
    chart = at(manifest.data, "spec", "chart", "spec")
    if text(chart, "sourceRef", "kind") == "GitRepository":
        directory = resolved(text(chart, "chart") or "", "")
        yield directory if directory and repository.has_directory(directory) else None
