"""YAML and JSON inside of Terraform: rendered, read as a file of its own is, and traced back to where it is written."""

import re
from collections.abc import Callable, Iterable, Iterator

from msgspec import structs

from managers._hcl import Block, Expression
from managers._helm import chart_dependency, image_map, is_image_map
from managers._images import SCATTERED, ImageReader, is_versioned_image
from managers._terraform import Configuration, Place
from managers._terraform_scope import Rendered, rendered
from managers._yaml import Document, Mapping, Scalar
from updater.api import Dependency, Extracted, Skipped, SourceFile, Span

CONTAINERS = ("container", "init_container", "container_spec", "containers", "initContainers", "ephemeralContainers")

_DOCUMENT_START = re.compile(r"^[ \t]*+---[ \t]*+(?:#[^\n]*+)?$", re.MULTILINE)

YamlReader = Callable[[ImageReader, Mapping], Iterable[Extracted]]


def read_yaml(configuration: Configuration, block: Block, found: Rendered, read: YamlReader) -> Iterator[Extracted]:
    """What ``read`` finds in each document of some YAML of ``block``."""
    file = SourceFile(path=configuration.file.path, text=found.text)
    reader = ImageReader(file=file, manager=configuration.manager, dep_type=block.labels[0])
    for document in _documents(found.text):
        if document.problem is not None and document.mentions("image:"):
            place = Place(name=" ".join(block.labels), dep_type=block.labels[0], within=block.span)
            yield configuration.unmanaged(f"not valid YAML: {document.problem.reason}", place)
        elif document.root is not None:
            for row in read(reader, document.root):
                yield from _traced(configuration, block, found, row)


def read_manifest(configuration: Configuration, block: Block, manifest: Expression) -> Iterator[Extracted]:
    """The images and charts in Kubernetes objects that an expression stands for."""
    found = rendered(configuration.term(manifest))
    if found:
        yield from read_yaml(configuration, block, found, _images_and_charts)


def _documents(text: str) -> Iterator[Document]:
    markers = [match.span() for match in _DOCUMENT_START.finditer(text)]
    starts, ends = [0, *(end for _, end in markers)], [*(start for start, _ in markers), len(text)]
    return (Document(text, start, end) for start, end in zip(starts, ends, strict=True))


# ---------------------------------------------------------------- manifests


def _images_and_charts(reader: ImageReader, root: Mapping) -> Iterator[Extracted]:
    yield from images_of_containers(reader, root)
    yield from charts(reader, root)


def images_of_containers(reader: ImageReader, root: Mapping) -> Iterator[Extracted]:
    """The images of containers, and of whatever else has one with a version."""
    for place, _, key, node in root.find(("image", "imageName")):
        match node:
            case Mapping() if is_image_map(key, node):
                yield from image_map(reader, node)
            case Scalar() if node.has_text and (place in CONTAINERS or is_versioned_image(node.text)):
                yield reader.whole(node)


def charts(reader: ImageReader, root: Mapping) -> Iterator[Extracted]:
    """The charts of Argo CD's applications, of k3s' ``HelmChart`` and of whatever else names one in that way."""
    for _, mapping, _, chart in root.find(("chart",)):
        repository = next((text for key in ("repoURL", "repo", "repository") if (text := mapping.text(key))), None)
        version = mapping.scalar("targetRevision") or mapping.scalar("version")
        if isinstance(chart, Scalar) and chart.has_text and repository and version:
            yield chart_dependency(
                reader.file,
                manager=reader.manager,
                name=chart,
                repository=repository if "://" in repository else f"oci://{repository}",
                version=version,
                dep_type=reader.dep_type,
            )


# ---------------------------------------------------------------- tracing back


def _traced(configuration: Configuration, block: Block, found: Rendered, row: Extracted) -> Iterator[Extracted]:
    """A row about rendered YAML as one about the places that its text comes from."""
    if isinstance(row, Dependency):
        yield _traced_dependency(configuration, block, found, row)
    elif isinstance(row, Skipped):
        own = [piece.span for piece in found.pieces(row.span)] if row.span else []
        place = Place(name=row.name or "", dep_type=row.dep_type or "", within=block.span)
        at = own[0] if len(own) == 1 else None
        yield configuration.unmanaged(row.reason, place, at=at, datasource=row.datasource)


def _traced_dependency(configuration: Configuration, block: Block, found: Rendered, row: Dependency) -> Extracted:
    value = found.pieces(row.span) if row.span else ()
    digest = found.pieces(row.digest_span) if row.digest_span else ()
    place = Place(name=row.name, dep_type=row.dep_type or "", within=block.span)
    traced = None
    if len(digest) <= 1 and "".join(piece.text for piece in value) == (row.current_value or ""):
        own = digest[0] if digest else None
        traced = configuration.moving(value, row.package, place, digest=own, versioning=row.versioning)
    if traced is None:
        return configuration.unmanaged(SCATTERED, place, datasource=row.package.datasource)
    return structs.replace(traced, pinnable=row.pinnable and len(value) == 1 and _takes_digest(found, row))


def _takes_digest(found: Rendered, row: Dependency) -> bool:
    """Whether ``@sha256:…`` may be written behind a tag: it stands alone, or where its image's name stands."""
    if row.span is None or found.text[row.span.start - 1] != ":":
        return row.span is not None
    return len(found.pieces(Span(row.span.start - 2, row.span.end))) == 1
