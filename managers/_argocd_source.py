"""What one Argo CD application deploys: charts, revisions and images, less what somebody else updates."""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from managers._git import COMMIT, git_package, is_range, why_not_a_tag
from managers._git import revision as revision_at
from managers._helm import chart_dependency, images_in_values, named_image
from managers._images import SCATTERED, TEMPLATED, ImageReader, is_versioned_image
from managers._manifests import invalid, versionless
from managers._yaml import Mapping, Node, Scalar
from updater.api import (
    Dependency,
    Extracted,
    Package,
    Skipped,
    SourceFile,
    Span,
    dependency,
    image_package,
    parse_image,
    skipped,
)

NAME = "argocd"
IMAGE_UPDATER = "owned by Argo CD Image Updater"

_PLURAL, _SINGULAR = ("sources",), ("source", "drySource")
_SOURCES = (*_PLURAL, *_SINGULAR)
_IMAGE_LIST = "argocd-image-updater.argoproj.io/image-list"
_STAGE = "kargo.akuity.io/authorized-stage"
_TAG_NAME = re.compile(r"(?:(?:^|[._-])[tT]ag|(?<=[a-z])Tag|(?<=image)tag)$")
_ENTRY = re.compile(
    r"(?:[^\s,=:]++=)?(?P<name>[^\s,=:@]++(?::\d++/[^\s,=:@]++)?)(?::(?P<constraint>[^\s,@]++))?(?:@[^\s,]++)?"
)
_NAMES = ("repository", "name", "repo", "image")
_FIELDS = ("repoURL", "chart", "targetRevision")
_VALUES = ("values", "valuesObject", "parameters")
_TAGS_REF = "refs/tags/"


class Source(NamedTuple):
    """``repoURL``, ``chart`` and ``targetRevision``."""

    address: Scalar
    chart: Scalar | None
    revision: Scalar | None

    @property
    def is_templated(self) -> bool:
        return any(scalar is not None and scalar.is_templated for scalar in self)


def application(file: SourceFile, layers: Sequence[Mapping]) -> Iterator[Extracted]:
    """What stands in an application (a mapping with ``spec``) that consists of layers, the later over the earlier."""
    stage = any(_annotation(layer, _STAGE) for layer in layers)
    lists = [text for layer in layers if (text := _annotation(layer, _IMAGE_LIST))]
    owned = [entry for text in lists for entry in _image_list(file, text)]
    names = {item.name for item in owned}
    for item in _sources(file, layers):
        is_image = isinstance(item, Dependency) and item.package.datasource == "docker" and item.dep_type == "image"
        if isinstance(item, Dependency) and is_image and item.package.name in names:
            yield item.unmanaged(IMAGE_UPDATER)
        else:
            yield item.unmanaged("owned by Kargo") if stage and isinstance(item, Dependency) else item
    yield from (item for item in owned if item.span)


def relevant_nodes(template: Mapping) -> Iterator[Node]:
    """The nodes of an application whose text matters here."""
    for key, mapping in template.walk():
        if key in _SOURCES:
            helm = mapping.mapping("helm")
            nodes = [mapping.get(field) for field in (*_FIELDS, "kustomize", "plugin", "directory")]
            nodes += [helm.get(field) for field in _VALUES] if helm else []
            yield from (node for node in nodes if node is not None)
        elif key == "annotations":
            yield mapping


# ---------------------------------------------------------------- who else writes


def _annotation(layer: Mapping, name: str) -> Scalar | None:
    annotations = layer.mapping("metadata", "annotations")
    scalar = annotations.scalar(name) if annotations else None
    return scalar if scalar is not None and scalar.has_text else None


def _image_list(file: SourceFile, text: Scalar) -> Iterator[Skipped]:
    """The images of the annotation (``web=ghcr.io/acme/web:~1.2, api=…``); those with a constraint have a span.

    https://argocd-image-updater.readthedocs.io/en/stable/configuration/images/
    """
    start, end = text.span or text.where
    if text.span is None:
        start = file.text.find("\n", start, end) + 1 or end
    for entry in _ENTRY.finditer(file.text, start, end):
        constraint = entry["constraint"]
        yield skipped(
            file,
            manager=NAME,
            reason=IMAGE_UPDATER,
            at=Span(*entry.span("constraint")) if constraint else None,
            name=image_package(entry["name"]).name,
            datasource="docker",
            dep_type="image",
        )


# ---------------------------------------------------------------- sources


def _sources(file: SourceFile, layers: Sequence[Mapping]) -> Iterator[Extracted]:
    below: dict[str, Mapping] = {}
    for layer in layers:
        spec = layer.mapping("spec")
        for key, mapping in spec.walk(_SOURCES) if spec else ():
            if key in _PLURAL:
                yield from _source(file, mapping, None)
            elif key in _SINGULAR:
                yield from _source(file, mapping, below.get(key))
                below.setdefault(key, mapping)


def _source(file: SourceFile, mapping: Mapping, below: Mapping | None) -> Iterator[Extracted]:
    """A source that overrides parts of the one ``below`` it."""
    address, chart, revision = (mapping.scalar(field) or (below.scalar(field) if below else None) for field in _FIELDS)
    if address is not None and any(field in mapping for field in _FIELDS):
        yield source_revision(file, Source(address, chart, revision))
    elif address is None and revision is not None and why_not_a_tag(revision.text) is None:
        at = revision.span or revision.where
        yield skipped(file, manager=NAME, reason="no repository", at=at, name=chart.text if chart else None)
    yield from images_in_source(file, mapping)


def git_revision(file: SourceFile, mapping: Mapping, key: str) -> Iterator[Extracted]:
    """The revision under ``key`` of the Git repository that a mapping names."""
    address = mapping.scalar("repoURL")
    if address is not None and key in mapping:
        yield _git_revision(file, Source(address, None, mapping.scalar(key)))


def source_revision(file: SourceFile, source: Source) -> Extracted:
    """The chart or the Git repository of a source at its revision."""
    if source.chart is not None and source.chart.has_text:
        address = source.address.text
        return chart_dependency(
            file,
            manager=NAME,
            name=source.chart,
            repository=address if "://" in address else f"oci://{address}",
            repository_at=source.address,
            version=source.revision,
            dep_type="chart",
        )
    return _git_revision(file, source)


def _git_revision(file: SourceFile, source: Source) -> Extracted:
    package = _package(source.address.text)
    revision = source.revision
    if revision is None or not revision.has_text:
        return versionless(
            file, source.address, manager=NAME, reason="no revision", datasource=package.datasource, dep_type="git"
        )
    tag = revision.text.removeprefix(_TAGS_REF)
    reason = TEMPLATED if source.is_templated else why_not_a_tag(tag)
    span = revision.span
    if span is not None and reason == COMMIT:
        return revision_at(file, manager=NAME, name=package.name, package=package, at=span, dep_type="git")
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
    return git_package(address)


# ---------------------------------------------------------------- images


def images_in_source(file: SourceFile, source: Mapping) -> Iterator[Extracted]:
    """The images that a source, or a file with overrides for it, sets."""
    images = ImageReader(file=file, manager=NAME, dep_type="image")
    if kustomize := source.mapping("kustomize"):
        for node in kustomize.elements("images"):
            if isinstance(node, Scalar):
                yield images.whole(node, node.text.find("=") + 1)
    if helm := source.mapping("helm"):
        yield from _images_in_helm(images, helm)
    for path in (("plugin",), ("directory", "jsonnet")):
        if holder := source.mapping(*path):
            yield from _images_in_settings(images, holder)


def _images_in_helm(images: ImageReader, helm: Mapping) -> Iterator[Extracted]:
    values = [value for value in (helm.mapping("valuesObject"),) if value is not None]
    if text := helm.scalar("values"):
        document = text.embedded()
        if document is None and "image" in text.text:
            yield images.unmanaged(text, "values are not written as a literal block (|) or on one line")
        elif document is not None and document.problem is not None:
            yield invalid(images.file, NAME, document.problem)
        elif document is not None and document.root is not None:
            values.append(document.root)
    yield from _images_in_parameters(images, helm, values)
    for mapping in values:
        yield from images_in_values(images, mapping)


def _images_in_parameters(images: ImageReader, helm: Mapping, values: Sequence[Mapping]) -> Iterator[Extracted]:
    """``image.tag`` with its neighbours ``image.repository`` and ``image.registry``, or ``image`` as a whole."""
    parameters = {
        parameter.text("name") or "": value
        for parameter in helm.mappings("parameters")
        if (value := parameter.scalar("value")) is not None and value.has_text
    }
    for name, value in parameters.items():
        if name.lower().endswith("image") and is_versioned_image(value.text):
            yield images.whole(value)
        elif _TAG_NAME.search(name):
            yield _tagged(images, name[: -len("tag")], value, _Parameters(parameters, values))
        elif name.lower().endswith(".digest") and f"{name[: -len('digest')]}tag" not in parameters:
            yield _tagged(images, name[: -len("digest")], None, _Parameters(parameters, values))


class _Parameters(NamedTuple):
    """The parameters by their names, and the values that they override."""

    given: dict[str, Scalar]
    values: Sequence[Mapping]

    def get(self, prefix: str, words: Sequence[str]) -> Scalar | None:
        """The first of ``prefix`` with one of the words behind it that has a text."""
        names = [prefix + form for word in words for form in (word, word.capitalize())]
        found = (self.given.get(name) or self._value(name) for name in names)
        return next((scalar for scalar in found if scalar is not None and scalar.has_text), None)

    def _value(self, name: str) -> Scalar | None:
        *path, key = name.split(".")
        holders = filter(None, (mapping.mapping(*path) for mapping in self.values))
        return next(filter(None, (holder.scalar(key) for holder in holders)), None)


def _tagged(images: ImageReader, prefix: str, tag: Scalar | None, parameters: _Parameters) -> Extracted:
    repository = parameters.get(prefix, _NAMES) or parameters.get(prefix.rstrip("._-"), ("",))
    registry, digest = (parameters.get(prefix, (word,)) for word in ("registry", "digest"))
    if repository is None:
        place = tag or digest
        assert place is not None
        return images.unmanaged(place, "image repository unknown")
    return named_image(images, repository, registry.text if registry else None, tag, digest)


def _images_in_settings(images: ImageReader, holder: Mapping) -> Iterator[Extracted]:
    """The images among what a config management plugin, or Jsonnet, is given by name."""
    for key, mapping in holder.walk():
        name = mapping.text("name") or ""
        if key in ("env", "parameters", "extVars", "tlas"):
            values = [mapping.scalar("value"), mapping.scalar("string")]
            values += [node for node in mapping.elements("array") if isinstance(node, Scalar)]
            yield from (images.whole(value) for value in values if value and _is_image(name, value.text))
        elif key == "map":
            pairs = ((name, node) for name, node in mapping.items() if isinstance(node, Scalar))
            yield from (images.whole(node) for name, node in pairs if _is_image(name, node.text))


def _is_image(name: str, text: str) -> bool:
    """Whether a setting is an image: by its name, or because it can hardly be anything else."""
    reference = parse_image(text)
    if reference is None or (reference.tag or reference.digest) is None:
        return False
    has_version = reference.digest is not None or any(map(str.isdigit, reference.tag or ""))
    return "image" in name.lower() or (
        has_version and "." in reference.name.partition("/")[0] and "/" in reference.name
    )
