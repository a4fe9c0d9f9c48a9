"""Charts, revisions and images in Argo CD applications and application sets, whatever the file is called.

    apiVersion: argoproj.io/v1alpha1
    kind: Application
    spec:
      sources:
        - repoURL: https://kubernetes.github.io/ingress-nginx
          chart: ingress-nginx
          targetRevision: 4.10.0                     # or a range: 4.*, ~4.10
          helm:
            parameters:
              - {name: image.repository, value: ghcr.io/acme/web}
              - {name: image.tag, value: "2.4.1"}
            valuesObject:                            # and values: |
              sidecar:
                image: envoyproxy/envoy:v1.31.0
        - repoURL: https://github.com/acme/manifests.git
          targetRevision: v0.8.0
          kustomize:
            images: [web=ghcr.io/acme/web:2.4.1]

Charts come from a Helm repository, or from an OCI registry where `repoURL` has no scheme or is `oci://`. In an
application set, a revision like `{{chartVersion}}` is read from the elements of its list generators. `dep_type` is
`chart`, `git` or `image`. Branches, `HEAD` and commits are left alone.
"""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from managers._git import git_package, github_package, github_repository, is_range, why_not_a_tag
from managers._helm import chart_dependency, images_in_values, named_image
from managers._images import SCATTERED, TEMPLATED, ImageReader, is_versioned_image
from managers._manifests import extract_documents, invalid, objects, versionless
from managers._yaml import Document, Mapping, Scalar
from updater.api import Extracted, Package, SourceFile, Span, dependency, image_package, skipped

NAME = "argocd"
FILES: tuple[str, ...] = ("*.yaml", "*.yml")
MARKERS: tuple[str, ...] = ("argoproj.io/",)
NARROWABLE = True

_KINDS = ("Application", "ApplicationSet")
_REVISIONS = {
    "source": "targetRevision",
    "sources": "targetRevision",
    "drySource": "targetRevision",
    "git": "revision",  # the generator
}
_PLACEHOLDER = re.compile(r"\{\{-?\s*\.?([\w.-]+)\s*-?\}\}")
_MAX_COMBINATIONS = 10_000
"""Of elements and sources in one object; no honest application set comes near it."""


class _Source(NamedTuple):
    """``repoURL``, ``chart`` and ``targetRevision``."""

    address: Scalar
    chart: Scalar | None
    revision: Scalar | None

    @property
    def is_templated(self) -> bool:
        return any(scalar is not None and scalar.is_templated for scalar in self)


def extract(file: SourceFile) -> Iterator[Extracted]:
    """The charts, revisions and images of the applications in ``file``."""
    return extract_documents(file, manager=NAME, wanted=_is_wanted, read=_read)


def _is_wanted(document: Document) -> bool:
    kind = document.field("kind")
    is_candidate = kind is None or kind in _KINDS or kind.endswith("List")
    return is_candidate and document.mentions(*MARKERS) and document.mentions("Application")


def _read(file: SourceFile, root: Mapping) -> Iterator[Extracted]:
    for version, kind, item in objects(root):
        spec = item.mapping("spec")
        if version.startswith("argoproj.io/") and kind in _KINDS and spec is not None:
            yield from _application(file, spec)


def _application(file: SourceFile, spec: Mapping) -> Iterator[Extracted]:
    places = list(spec.walk())
    sources = [(mapping, _source(place, mapping)) for place, mapping in places if place in _REVISIONS]
    elements = [mapping for place, mapping in places if place == "elements"]
    if len(elements) * len(sources) > _MAX_COMBINATIONS:
        elements = []
    for mapping, source in sources:
        if source is not None:
            yield from (_revision(file, resolved) for resolved in _resolved(source, elements))
            yield from _images(file, mapping)


def _source(place: str, mapping: Mapping) -> _Source | None:
    address = mapping.scalar("repoURL")
    if address is None:
        return None
    return _Source(address, mapping.scalar("chart"), mapping.scalar(_REVISIONS[place]))


# ---------------------------------------------------------------- list generators


def _resolved(source: _Source, elements: Sequence[Mapping]) -> Sequence[_Source]:
    """``source``, filled from each of the ``elements`` that can fill it; if it needs none or there is none, itself."""
    if not source.is_templated:
        return (source,)
    filled = (_filled(source, element) for element in elements)
    return [candidate for candidate in filled if not candidate.is_templated] or (source,)


def _filled(source: _Source, element: Mapping) -> _Source:
    return _Source(
        _value(source.address, element) or source.address,
        _value(source.chart, element),
        _value(source.revision, element),
    )


def _value(scalar: Scalar | None, element: Mapping) -> Scalar | None:
    """What a placeholder (``{{version}}``, ``{{ .values.version }}``) stands for; the scalar itself if it is none."""
    placeholder = _PLACEHOLDER.fullmatch(scalar.text) if scalar is not None else None
    if placeholder is None:
        return scalar
    *path, key = placeholder[1].split(".")
    holder = element.mapping(*path)
    return (holder.scalar(key) if holder is not None else None) or scalar


# ---------------------------------------------------------------- sources


def _revision(file: SourceFile, source: _Source) -> Extracted:
    if source.chart is not None and source.chart.has_text:
        address = source.address.text
        return chart_dependency(
            file,
            manager=NAME,
            name=source.chart,
            repository=address if "://" in address else f"oci://{address}",
            version=source.revision,
            dep_type="chart",
        )
    return _git_revision(file, source)


def _git_revision(file: SourceFile, source: _Source) -> Extracted:
    package = _package(source.address.text)
    revision = source.revision
    if revision is None or not revision.has_text:
        return versionless(
            file, source.address, manager=NAME, reason="no revision", datasource=package.datasource, dep_type="git"
        )
    tag = revision.text.removeprefix("refs/tags/")
    reason = TEMPLATED if source.is_templated else why_not_a_tag(tag)
    span = revision.span
    if span is None or reason is not None:
        return skipped(
            file,
            manager=NAME,
            reason=reason or SCATTERED,
            at=span or revision.where,
            name=package.name,
            datasource=package.datasource,
            dep_type="git",
        )
    return dependency(
        file,
        manager=NAME,
        name=package.name,
        package=package,
        value=Span(span.end - len(tag), span.end),
        versioning="helm"
        if is_range(tag)
        else None,  # https://argo-cd.readthedocs.io/en/stable/user-guide/tracking_strategies/
        dep_type="git",
    )


def _package(address: str) -> Package:
    """The lookup key of a repository with manifests, in Git or (``oci://``) in a container registry."""
    if address.startswith("oci://"):
        return image_package(address.removeprefix("oci://"))
    github = github_repository(address)
    return github_package(github) if github else git_package(address)


# ---------------------------------------------------------------- images


def _images(file: SourceFile, source: Mapping) -> Iterator[Extracted]:
    images = ImageReader(file=file, manager=NAME, dep_type="image")
    if kustomize := source.mapping("kustomize"):
        for node in kustomize.elements("images"):
            if isinstance(node, Scalar):
                yield images.whole(node, node.text.find("=") + 1)
    if helm := source.mapping("helm"):
        yield from _images_in_parameters(images, helm)
        if values := helm.mapping("valuesObject"):
            yield from images_in_values(images, values)
        if text := helm.scalar("values"):
            yield from _images_in_text(images, text)


def _images_in_text(images: ImageReader, values: Scalar) -> Iterator[Extracted]:
    """The images in values that are written as a text."""
    document = values.embedded()
    if document is None:
        if "image" in values.text:
            yield images.unmanaged(values, "values are not written as a literal block (|)")
    elif document.problem is not None:
        yield invalid(images.file, NAME, document.problem)
    elif document.root is not None:
        yield from images_in_values(images, document.root)


def _images_in_parameters(images: ImageReader, helm: Mapping) -> Iterator[Extracted]:
    """``image.tag`` with its neighbours ``image.repository`` and ``image.registry``, or ``image`` as a whole."""
    parameters = {
        parameter.text("name") or "": value
        for parameter in helm.mappings("parameters")
        if (value := parameter.scalar("value")) is not None and value.has_text
    }
    for name, value in parameters.items():
        if name.lower().endswith("image") and is_versioned_image(value.text):
            yield images.whole(value)
        elif _is_tag(name):
            yield _tagged(images, name[: -len("tag")], value, parameters)


def _is_tag(name: str) -> bool:
    last = name.rpartition(".")[2].lower()
    return last == "tag" or last.endswith("imagetag")


def _tagged(images: ImageReader, prefix: str, tag: Scalar, parameters: dict[str, Scalar]) -> Extracted:
    repository, registry, digest = (
        parameters.get(prefix + word) or parameters.get(prefix + word.capitalize())
        for word in ("repository", "registry", "digest")
    )
    if repository is None:
        return images.unmanaged(tag, "image repository unknown")
    return named_image(images, repository, registry.text if registry else None, tag, digest)
