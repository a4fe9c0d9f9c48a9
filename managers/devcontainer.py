"""Images, features and tools of development containers (`devcontainer.json`).

    {
      "image": "mcr.microsoft.com/devcontainers/base:1.2.1-bookworm",
      "features": {
        "ghcr.io/devcontainers/features/terraform:1.3.10": { "version": "1.9.2", "tflint": "0.52.0" },
        "ghcr.io/devcontainers/features/docker-in-docker:2": {},  // comments and last commas are understood
      }
    }

A feature is looked up as an image. The `version` that an option asks for is updated where the feature is called like a
tool, and so are other options that are. `dep_type` is `image`, `feature` or `tool`. Local features and features
without a version are left alone.
"""

from collections.abc import Iterator

from managers._images import ImageReader
from managers._json import json_root
from managers._manifests import settled
from managers._tools import tool
from managers._yaml import Mapping, Scalar
from updater.api import Extracted, SourceFile, Span, dependency, image_package, parse_image

NAME = "devcontainer"
FILES: tuple[str, ...] = ("devcontainer.json", ".devcontainer.json")
MARKERS: tuple[str, ...] = ('"image"', '"features"')
FOREIGN: tuple[str, ...] = ()
NARROWABLE = False


def extract(file: SourceFile) -> Iterator[Extracted]:
    """The image and the features of the container."""
    root = json_root(file.text) if file.path.endswith("devcontainer.json") else None
    return settled(_read(file, root)) if root else iter(())


def _read(file: SourceFile, root: Mapping) -> Iterator[Extracted]:
    image = root.scalar("image")
    if image is not None and image.has_text:
        yield ImageReader(file=file, manager=NAME, dep_type="image").whole(image)
    features = root.mapping("features")
    for key, options in features.items() if features else ():
        start = file.text.find(f'"{key}"', features.where.start) + 1 if features else 0
        if start:
            yield from _feature(file, Span(start, start + len(key)))
        if isinstance(options, Mapping):
            yield from _options(file, key, options)


def _feature(file: SourceFile, key: Span) -> Iterator[Extracted]:
    """A feature in a registry; its tag is a version, but no digest may be written behind it."""
    reference = parse_image(file.text[key.start : key.end])
    if reference is None or not (reference.tag_span or reference.digest_span):
        return
    spans = (reference.tag_span, reference.digest_span)
    value, digest = (Span(key.start + span.start, key.start + span.end) if span else None for span in spans)
    yield dependency(
        file,
        manager=NAME,
        name=reference.name,
        package=image_package(reference.name),
        value=value,
        digest=digest,
        dep_type="feature",
    )


def _options(file: SourceFile, feature: str, options: Mapping) -> Iterator[Extracted]:
    """The versions of tools that a feature is to install."""
    name = feature.rpartition("/")[2].partition(":")[0]
    for option, value in options.items():
        known = tool(name if option == "version" else option)
        if known.package and isinstance(value, Scalar) and value.span and value.text[:1].isdigit():
            yield known.at(file, manager=NAME, value=value.span, dep_type="tool")
