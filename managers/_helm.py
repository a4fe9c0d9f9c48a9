"""Helm as other files speak of it: charts by name, repository and version, and the images that values set."""

from collections.abc import Iterable, Iterator

from managers._images import SCATTERED, TEMPLATED, ImageReader, is_versioned_image
from managers._manifests import versionless
from managers._yaml import Mapping, Scalar, Sequence
from updater.api import Extracted, Package, SourceFile, dependency, image_package, parse_image, skipped

_NAMES = ("repository", "name", "repo", "image")
_TAGS = ("tag", "version")
_DIGESTS = ("digest", "sha")


# ---------------------------------------------------------------- charts


def chart_dependency(
    file: SourceFile,
    *,
    manager: str,
    name: Scalar,
    repository: str | None,
    version: Scalar | None,
    dep_type: str | None = None,
) -> Extracted:
    """The chart ``name`` of a ``repository`` at a version or range of versions.

    A chart in an OCI registry is looked up as images are: as ``host/path/name``.
    """
    package = _chart_package(name.text, repository or "")
    datasource = package.datasource if isinstance(package, Package) else None
    if version is None or not version.has_text:
        return versionless(file, name, manager=manager, reason="no version", datasource=datasource, dep_type=dep_type)
    reason = _why_unmanageable(version, name.text, repository or "")
    if isinstance(package, str) or reason is not None:
        return skipped(
            file,
            manager=manager,
            reason=reason or str(package),
            at=version.span or version.where,
            name=name.text,
            datasource=datasource,
            dep_type=dep_type,
        )
    return dependency(
        file,
        manager=manager,
        name=name.text,
        package=package,
        value=version.span,
        versioning="helm" if package.datasource == "docker" else None,
        dep_type=dep_type,
    )


def _chart_package(name: str, repository: str) -> Package | str:
    """The lookup key of a chart, or why there is none."""
    scheme, _, rest = repository.rpartition("://")
    if scheme in ("http", "https"):
        return Package(datasource="helm", name=name, registry_urls=(repository,))
    if scheme == "oci":
        return image_package(f"{rest.strip('/')}/{name}")
    if scheme == "file" or repository.startswith((".", "/")):
        return "local chart"
    if repository.startswith(("@", "alias:")):
        return f"repository alias {repository.removeprefix('@').removeprefix('alias:')} is not configured"
    return f"repositories of the kind {scheme}:// cannot be asked" if scheme else "no repository"


def _why_unmanageable(version: Scalar, *texts: str) -> str | None:
    if version.is_templated or any("{{" in text for text in texts):
        return TEMPLATED
    if version.span is None:
        return SCATTERED
    return None if any(character.isdigit() or character == "*" for character in version.text) else "not version-like"


# ---------------------------------------------------------------- images


def images_in_values(reader: ImageReader, values: Mapping) -> Iterator[Extracted]:
    """Every image that ``values`` set.

    That is: a map under a key that ends in ``image``, or any map with ``repository`` and ``tag`` (``registry`` and
    ``digest`` are read, too); a text under a key that ends in ``image``, with its tag in it or in a neighbour
    (``imageTag``, ``tag``); a pair like ``imageRepository`` and ``imageTag``; the texts in ``images``.
    """
    for key, mapping in values.walk():
        if is_image_map(key, mapping):
            yield from image_map(reader, mapping)
        else:
            yield from _texts(reader, key, mapping)


def is_image_map(key: str, mapping: Mapping) -> bool:
    """Whether the map under ``key`` describes one image."""
    if key.lower().endswith("image"):
        return any(name in mapping for name in (*_NAMES, *_TAGS, *_DIGESTS))
    return "repository" in mapping and ("tag" in mapping or "digest" in mapping)


def image_map(reader: ImageReader, mapping: Mapping) -> Iterator[Extracted]:
    """The image that a map with ``repository`` (or ``name``, ``image``), ``tag`` and ``digest`` describes."""
    name, tag, digest = (_first(mapping, keys) for keys in (_NAMES, _TAGS, _DIGESTS))
    if name is not None and name.has_text:
        yield named_image(reader, name, mapping.text("registry"), tag, digest)
    elif tag is not None and tag.has_text:
        yield reader.unmanaged(tag, "image repository unknown")


def named_image(
    reader: ImageReader, name: Scalar, registry: str | None, tag: Scalar | None, digest: Scalar | None
) -> Extracted:
    """The image ``name``, which may hold its tag if none is written elsewhere."""
    if tag is None and digest is None and is_versioned_image(name.text):
        return reader.whole(name)
    return reader.in_parts(
        f"{registry.rstrip('/')}/{name.text}" if registry else name.text,
        at=name,
        tag=tag,
        digest=digest,
        pinnable=digest is None,
        untagged="no tag (the chart decides)",
    )


def _texts(reader: ImageReader, key: str, mapping: Mapping) -> Iterator[Extracted]:
    """The images among the texts in the map under ``key``."""
    lists_images = key.lower().endswith(("image", "images"))
    for name, node in mapping.items():
        if name.lower().endswith("image") and isinstance(node, Scalar):
            yield from _image_text(reader, mapping, name, node)
        elif name.lower().endswith(("imagerepository", "image_repository")) and isinstance(node, Scalar):
            yield from _image_pair(reader, mapping, name, node)
        elif lists_images and isinstance(node, Scalar):
            yield from _versioned(reader, (node,))
        elif name.lower() == "images" and isinstance(node, Sequence):
            yield from _versioned(reader, node.scalars())


def _image_text(reader: ImageReader, mapping: Mapping, key: str, image: Scalar) -> Iterator[Extracted]:
    """``image: repo:tag``, or ``image: repo`` beside ``imageTag`` or ``tag``."""
    prefix = key[: -len("image")]
    tag = _first(mapping, (f"{key}Tag", f"{prefix}Tag" if prefix else "tag"))
    if image.is_templated or is_versioned_image(image.text):
        yield reader.whole(image)
    elif image.has_text and (tag is not None or ("/" in image.text and parse_image(image.text))):
        digest = _first(mapping, (f"{key}Digest", f"{prefix}Digest" if prefix else "digest"))
        yield named_image(reader, image, None, tag, digest)


def _image_pair(reader: ImageReader, mapping: Mapping, key: str, repository: Scalar) -> Iterator[Extracted]:
    """``imageRepository`` beside ``imageTag``, ``image_repository`` beside ``image_tag``."""
    prefix = key[: -len("repository")]
    tag, digest, registry = (
        _first(mapping, (prefix + word, prefix + word.lower())) for word in ("Tag", "Digest", "Registry")
    )
    if repository.has_text:
        yield named_image(reader, repository, registry.text if registry and registry.has_text else None, tag, digest)


def _versioned(reader: ImageReader, texts: Iterable[Scalar]) -> Iterator[Extracted]:
    return (reader.whole(text) for text in texts if is_versioned_image(text.text))


def _first(mapping: Mapping, keys: Iterable[str]) -> Scalar | None:
    """The scalar under the first of ``keys`` that has one."""
    return next((scalar for key in keys if (scalar := mapping.scalar(key))), None)
