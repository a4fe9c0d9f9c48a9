"""The images in the values of a Helm release, which patches of it may set in part."""

from collections.abc import Iterator

from managers._flux_clues import IMAGE, NAME, TAG, USE, Object, pending, present, variable_in, why_not_plain
from managers._helm import images_in_values, is_image_map
from managers._images import ImageReader
from managers._yaml import Mapping, Scalar
from updater.api import Clue, Extracted, Skipped, image_package, parse_image

_NAMES = ("repository", "name", "repo", "image")
_TAGS = ("tag", "version")
_MAX_MAPS = 1_000
"""Aliases of aliases would make many more of a few lines."""


def images(it: Object, values: Mapping) -> Iterator[Extracted]:
    """The images that ``values`` set, and clues to those whose repository or tag other files know."""
    for item in images_in_values(ImageReader(file=it.file, manager=NAME, dep_type=it.kind), values):
        yield item
        if isinstance(item, Skipped):
            yield from _use(it, item)
    for place, mapping in _image_maps(values):
        yield from _part(it, place, mapping)


def _use(it: Object, item: Skipped) -> Iterator[Clue]:
    """The clue that the tag of an image is a variable."""
    variable = variable_in(item.current_value or "")
    reference = parse_image(item.name or "")
    if variable is not None and reference is not None:
        package = image_package(reference.name).name
        yield it.clue(USE, variable=variable, name=reference.name, datasource="docker", package=package)


# ---------------------------------------------------------------- maps that a patch shares with the release


def _image_maps(values: Mapping) -> Iterator[tuple[str, Mapping]]:
    """The maps that describe an image, each with the keys that lead to it."""
    waiting = [("", "", values)]
    for _ in range(_MAX_MAPS):
        if not waiting:
            return
        place, key, mapping = waiting.pop()
        if is_image_map(key, mapping):
            yield place, mapping
        else:
            waiting += [(f"{place}.{name}", name, node) for name, node in mapping.items() if isinstance(node, Mapping)]


def _part(it: Object, place: str, mapping: Mapping) -> Iterator[Clue]:
    """What the map tells about its image, or wants to be told."""
    name = next((found for key in _NAMES if (found := present(mapping, key))), None)
    tag = next((found for key in _TAGS if (found := present(mapping, key))), None)
    if name is not None:
        registry = mapping.text("registry")
        reference = parse_image(f"{registry}/{name.text}" if registry else name.text)
        if reference is not None:
            yield it.clue(IMAGE, release=it.name, namespace=it.namespace, place=place, name=reference.name)
    elif tag is not None and _is_patch(it) and "digest" not in mapping and _is_tag(tag):
        about = pending(it.file, tag.span, it.name, it.kind)
        yield it.clue(TAG, about, release=it.name, namespace=it.namespace, place=place)


def _is_tag(tag: Scalar) -> bool:
    reference = parse_image(f"image:{tag.text}")
    return reference is not None and reference.digest is None and why_not_plain(tag) is None


def _is_patch(it: Object) -> bool:
    """Whether the release, not saying what it installs, only changes another one."""
    chart = it.spec.mapping("chart", "spec")
    return "chartRef" not in it.spec and (chart is None or "chart" not in chart)
