"""What Flux's Kustomizations, releases and instances hand to kustomize, and the variables they put in afterwards."""

import posixpath
from collections.abc import Callable, Iterator

from managers._embedded import embedded
from managers._flux_clues import NAME, VARIABLE, VARIABLES, Object, is_version_like, pending, why_not_plain
from managers._helm import image_map, images_in_values, is_image_map
from managers._images import ImageReader, is_versioned_image
from managers._manifests import invalid
from managers._yaml import Mapping, Scalar, Sequence
from updater.api import Extracted, SourceFile

ReadObjects = Callable[[SourceFile, Mapping], Iterator[Extracted]]
"""Reads the Flux objects that a document is."""


# ---------------------------------------------------------------- images and patches


def customized(it: Object, spec: Mapping, read_objects: ReadObjects) -> Iterator[Extracted]:
    """The images that ``images``, ``patches`` and the older forms of them set."""
    images = ImageReader(file=it.file, manager=NAME, dep_type=it.kind)
    for image in spec.mappings("images"):
        yield from _image(images, image)
    for patch in spec.mappings("patches"):
        text = patch.scalar("patch")
        yield from _in_text(images, text, read_objects) if text else ()
    for patch in spec.mappings("patchesStrategicMerge"):
        yield from _merged(images, patch, read_objects)
    for patch in spec.mappings("patchesJson6902"):
        for operation in patch.mappings("patch"):
            yield from _operation(images, operation)


def patched_objects(file: SourceFile, kustomization: Mapping, read_objects: ReadObjects) -> Iterator[Extracted]:
    """The Flux objects that a kustomization patches in its own text."""
    for patch in kustomization.mappings("patches"):
        text = patch.scalar("patch")
        part = embedded(text) if text and "fluxcd.io/" in text.text else None
        if isinstance(part, Mapping):
            yield from read_objects(file, part)


def _image(images: ImageReader, image: Mapping) -> Iterator[Extracted]:
    names = (image.scalar("newName"), image.scalar("name"))
    name = next((name for name in names if name and name.has_text), None)
    if name is not None:
        digest = image.scalar("digest")
        yield images.in_parts(name.text, at=name, tag=image.scalar("newTag"), digest=digest, pinnable=digest is None)


def _in_text(images: ImageReader, patch: Scalar, read_objects: ReadObjects) -> Iterator[Extracted]:
    """The images in a patch that is a text: an object to merge, or a list of operations."""
    match embedded(patch):
        case Mapping() as part:
            yield from _merged(images, part, read_objects)
        case Sequence() as operations:
            for operation in operations:
                yield from _operation(images, operation) if isinstance(operation, Mapping) else ()
        case None:
            yield from _unreadable(images, patch)


def _unreadable(images: ImageReader, patch: Scalar) -> Iterator[Extracted]:
    document = patch.embedded()
    if document is None and "image" in patch.text:
        yield images.unmanaged(patch, "the patch is not written as a literal block (|) or on one line")
    elif document is not None and document.problem is not None:
        yield invalid(images.file, NAME, document.problem)


def _merged(images: ImageReader, patch: Mapping, read_objects: ReadObjects) -> Iterator[Extracted]:
    """The images in a part of an object."""
    if "fluxcd.io/" in (patch.text("apiVersion") or ""):
        yield from read_objects(images.file, patch)
        return
    for _, _, key, node in patch.find(("image",)):
        if isinstance(node, Mapping) and is_image_map(key, node):
            yield from image_map(images, node)
        elif isinstance(node, Scalar) and is_versioned_image(node.text):
            yield images.whole(node)


def _operation(images: ImageReader, operation: Mapping) -> Iterator[Extracted]:
    """The image in a JSON patch (``op``, ``path``, ``value``)."""
    value = operation.get("value")
    if isinstance(value, Mapping):
        yield from images_in_values(images, value)
    elif isinstance(value, Scalar) and is_versioned_image(value.text) and _is_image(operation.text("path")):
        yield images.whole(value)


def _is_image(path: str | None) -> bool:
    return path is not None and path.endswith("/image")


# ---------------------------------------------------------------- variables


def variables(it: Object) -> Iterator[Extracted]:
    """The clues that ``postBuild`` of a ``Kustomization`` gives."""
    scopes = list(_scopes(it.spec))
    if substitute := it.spec.mapping("postBuild", "substitute"):
        for name, value in substitute.items():
            if isinstance(value, Scalar) and _is_version(value):
                yield it.clue(VARIABLE, pending(it.file, value.span, name, it.kind), variable=name, scopes=scopes)
    post_build = it.spec.mapping("postBuild")
    for reference in post_build.mappings("substituteFrom") if post_build else ():
        if reference.text("kind") == "ConfigMap":
            yield it.clue(VARIABLES, name=reference.text("name"), scopes=scopes)


def _is_version(value: Scalar) -> bool:
    """Whether what is assigned to a variable could be a version."""
    return why_not_plain(value) is None and is_version_like(value.text)


def _scopes(spec: Mapping) -> Iterator[str]:
    """The directories that a ``Kustomization`` builds, relative to the root of the repository."""
    path = spec.text("path") or "."
    yield _directory(path)
    for component in spec.elements("components"):
        if isinstance(component, Scalar):
            yield _directory(posixpath.join(path, component.text))


def _directory(path: str) -> str:
    return posixpath.normpath(posixpath.join("/", path)).lstrip("/")
