"""Flux's Helm releases and charts: what they install, and the images in their values."""

from collections.abc import Iterator

from managers._flux_clues import (
    CHART,
    NAME,
    VALUES,
    VARIABLE_REASON,
    Object,
    is_version_like,
    pending,
    present,
    variable_in,
    why_not_plain,
)
from managers._flux_values import images
from managers._helm import chart_dependency
from managers._manifests import versionless
from managers._yaml import Mapping, Scalar
from updater.api import Extracted, Skipped, skipped


def helm_release(it: Object) -> Iterator[Extracted]:
    """The chart of a ``HelmRelease`` and the images in its values; a patch of one may have any part of them."""
    if chart := it.spec.mapping("chart", "spec"):
        yield from _chart(it, chart)
    elif chart := it.spec.mapping("chart"):
        yield from _chart_of_first_flux(it, chart)
    if values := it.spec.mapping("values"):
        yield from images(it, values)
    for reference in it.spec.mappings("valuesFrom"):
        if reference.text("kind") == "ConfigMap" and "targetPath" not in reference:
            yield it.clue(VALUES, name=reference.text("name"), key=reference.text("valuesKey") or "values.yaml")


def helm_chart(it: Object) -> Iterator[Extracted]:
    """The chart of a ``HelmChart``."""
    return _chart(it, it.spec)


# ---------------------------------------------------------------- charts


def _chart(it: Object, chart: Mapping) -> Iterator[Extracted]:
    """The chart whose repository is another object, and which a patch need not name."""
    name, version = present(chart, "chart"), present(chart, "version")
    reference = chart.mapping("sourceRef")
    reason = None if version is None else _why_unmanageable(name, version, reference)
    variable = variable_in(version.text) if version is not None else None
    is_open = version is not None and (reason is None or (reason == VARIABLE_REASON and variable is not None))
    if not is_open:
        yield from _closed(it, name, version, reason or _why_local(name, reference) or "no version")
    yield it.clue(
        CHART,
        pending(it.file, version.span, name.text if name else it.name, it.kind) if version and is_open else None,
        kind=it.kind,
        release=it.name,
        namespace=it.namespace,
        chart=name.text if name else "",
        source=reference.text("name") if reference else "",
        source_kind=(reference.text("kind") if reference else None) or "HelmRepository",
        source_namespace=(reference.text("namespace") if reference else None) or it.namespace,
        variable=variable,
    )


def _closed(it: Object, name: Scalar | None, version: Scalar | None, reason: str) -> Iterator[Skipped]:
    """A chart about which other files have nothing to add."""
    if version is not None:
        yield skipped(
            it.file,
            manager=NAME,
            reason=reason,
            at=version.span or version.where,
            name=name.text if name else it.name,
            datasource="helm",
            dep_type=it.kind,
        )
    elif name is not None:
        yield versionless(it.file, name, manager=NAME, reason=reason, datasource="helm", dep_type=it.kind)


def _why_unmanageable(name: Scalar | None, version: Scalar, reference: Mapping | None) -> str | None:
    source = reference.text("name") if reference else None
    local = _why_local(name, reference)
    if local is not None:
        return local
    reason = why_not_plain(version, name.text if name else None, source)
    if reason is not None:
        return reason
    return None if is_version_like(version.text) else "not version-like"


def _why_local(name: Scalar | None, reference: Mapping | None) -> str | None:
    kind = reference.text("kind") if reference else None
    return why_not_a_source(kind or "HelmRepository", name.text if name else "")


def why_not_a_source(kind: str, chart: str) -> str | None:
    """Why a source of this kind cannot be asked for the versions of ``chart``."""
    if kind == "GitRepository" or chart.startswith((".", "/")):
        return "local chart"
    return None if kind == "HelmRepository" else f"charts in a {kind} cannot be asked for"


def _chart_of_first_flux(it: Object, chart: Mapping) -> Iterator[Extracted]:
    """The chart of the first Flux's Helm operator, whose repository is an address beside it."""
    name = present(chart, "name")
    if name is not None:
        repository, version = chart.text("repository"), chart.scalar("version")
        yield chart_dependency(
            it.file, manager=NAME, name=name, repository=repository, version=version, dep_type=it.kind
        )
