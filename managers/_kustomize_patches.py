"""Images in patches that stand in a kustomization itself."""

from collections.abc import Iterator

from managers._embedded import embedded
from managers._helm import image_map, is_image_map
from managers._images import ImageReader, is_versioned_image
from managers._yaml import Mapping, Node, Scalar, Sequence
from updater.api import Extracted


def patched_images(images: ImageReader, root: Mapping) -> Iterator[Extracted]:
    """The images that the inline patches of the kustomization ``root`` set."""
    for key in ("patches", "patchesJson6902"):
        for patch in root.mappings(key):
            yield from _patch(images, patch.get("patch"))
    for node in root.elements("patchesStrategicMerge"):
        yield from _patch(images, node)


def _patch(images: ImageReader, node: Node | None) -> Iterator[Extracted]:
    """One patch: an object to merge or a list of operations, in a text or as it is."""
    content = embedded(node) if isinstance(node, Scalar) else node
    if isinstance(content, Mapping):
        yield from _in_object(images, content)
    elif isinstance(content, Sequence):
        for operation in content:
            if isinstance(operation, Mapping):
                yield from _in_operation(images, operation)


def _in_object(images: ImageReader, content: Mapping) -> Iterator[Extracted]:
    for _, _, key, node in content.find(("image",)):
        if isinstance(node, Mapping) and is_image_map(key, node):
            yield from image_map(images, node)
        elif isinstance(node, Scalar) and (node.is_templated or is_versioned_image(node.text)):
            yield images.whole(node)


def _in_operation(images: ImageReader, operation: Mapping) -> Iterator[Extracted]:
    """An operation of a JSON patch (https://www.rfc-editor.org/rfc/rfc6902): a new image, or something with images."""
    value = operation.get("value")
    if isinstance(value, Scalar):
        if (operation.text("path") or "").endswith("/image") and is_versioned_image(value.text):
            yield images.whole(value)
        return
    for each in value if isinstance(value, Sequence) else (value,):
        if isinstance(each, Mapping):
            yield from _in_object(images, each)
