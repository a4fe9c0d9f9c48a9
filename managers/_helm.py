"""Helm as other files speak of it: charts by name, repository and version, and the images that values set."""

from collections.abc import Iterable, Iterator
from collections.abc import Mapping as Dict
from functools import lru_cache
from typing import NamedTuple

from msgspec import structs

from managers._embedded import embedded
from managers._images import SCATTERED, TEMPLATED, ImageReader, is_image_at_registry, is_versioned_image
from managers._jenkins import listed_plugin
from managers._manifests import versionless
from managers._yaml import Mapping, Node, Scalar, Sequence
from updater.api import (
    Dependency,
    Extracted,
    LockEntry,
    Package,
    Skipped,
    SourceFile,
    Span,
    dependency,
    image_package,
    parse_image,
    skipped,
)

LOCAL_CHART = "local chart"
UNTAGGED = "no tag (the chart decides)"
UNNAMED = "image repository unknown"
SHARED_DIGESTS = "has digests of several images beside it"

_NAMES_WHOLE = frozenset(("repository", "name", "repo"))
_OWNERS = ("org", "organization")
_ALIASES = {"stable": "https://charts.helm.sh/stable", "incubator": "https://charts.helm.sh/incubator"}


# ---------------------------------------------------------------- charts


def chart_dependency(
    file: SourceFile,
    *,
    manager: str,
    name: Scalar,
    repository: str | None,
    version: Scalar | None,
    dep_type: str | None = None,
    called: str | None = None,
    repository_at: Scalar | None = None,
) -> Extracted:
    """The chart that ``name`` names, of a ``repository``, at a version or range of versions.

    A chart in an OCI registry is looked up as images are: as ``host/path/name``. ``called`` is the chart's name where
    ``name`` says more than that. ``repository_at`` is where the repository is written, if in the same file.
    """
    chart = called or name.text
    package = chart_package(chart, repository or "")
    datasource = package.datasource if isinstance(package, Package) else None
    if version is None or not version.has_text:
        missing = LOCAL_CHART if package == LOCAL_CHART else "no version"
        return versionless(file, name, manager=manager, reason=missing, datasource=datasource, dep_type=dep_type)
    reason = _why_unmanageable(version, chart, repository or "")
    if isinstance(package, str) or reason is not None:
        return skipped(
            file,
            manager=manager,
            reason=reason or str(package),
            at=version.span or version.where,
            name=chart,
            datasource=datasource,
            dep_type=dep_type,
        )
    return dependency(
        file,
        manager=manager,
        name=chart,
        package=package,
        value=version.span,
        versioning="helm" if package.datasource == "docker" else None,
        dep_type=dep_type,
        name_at=_written(file, name, (chart,)) if package.datasource == "helm" else None,
        registry_at=_written(file, repository_at, package.registry_urls),
    )


def _written(file: SourceFile, at: Scalar | None, texts: tuple[str, ...]) -> Span | None:
    """The place of one of ``texts``, if it stands at the scalar as it is."""
    if at is None or at.span is None:
        return None
    return at.span if file.text[slice(*at.span)] in texts else None


def chart_package(name: str, repository: str) -> Package | str:
    """The lookup key of a chart, or why there is none.

    ``@name`` and ``alias:name`` are repositories that somebody has added to his Helm under that name; what they are,
    ``registryAliases`` may say.
    """
    for mark in ("@", "alias:"):
        if repository.startswith(mark):
            alias = repository.removeprefix(mark)
            address = _ALIASES.get(alias, f"@{alias}")
            return Package(datasource="helm", name=name, registry_urls=(address,))
    scheme, _, rest = repository.rpartition("://")
    if scheme in ("http", "https"):
        return Package(datasource="helm", name=name, registry_urls=(repository,))
    if scheme == "oci":
        return image_package(f"{rest.strip('/')}/{name}")
    if scheme == "file" or repository.startswith((".", "/")):
        return LOCAL_CHART
    return f"repositories of the kind {scheme}:// cannot be asked" if scheme else "no repository"


def is_alias(repository: str) -> bool:
    """Whether the address of a repository is a name that only its user knows."""
    return repository.startswith(("@", "alias:")) and repository.lstrip("@").removeprefix("alias:") not in _ALIASES


def locked_charts(file: SourceFile, root: Mapping, *, manager: str) -> Iterator[Extracted]:
    """The entries of a lock file of Helm or of Helmfile; charts that cannot be looked up get a row.

    They lock nothing by themselves: it takes the file beside to know what.
    """
    for chart in root.mappings("dependencies"):
        name, version = chart.scalar("name"), chart.scalar("version")
        if name is None or not name.has_text:
            continue
        package = chart_package(name.text, chart.text("repository") or "")
        if isinstance(package, Package) and version is not None and version.has_text and version.span:
            yield LockEntry(
                manager=manager,
                path=file.path,
                line=file.line_of(version.span.start),
                package=package,
                version=version.text,
                version_span=version.span,
                places=(),
            )
        else:
            reason = package if isinstance(package, str) else "no version"
            yield versionless(file, name, manager=manager, reason=reason, datasource=None, dep_type=None)


def _why_unmanageable(version: Scalar, *texts: str) -> str | None:
    if version.is_templated or any("{{" in text for text in texts):
        return TEMPLATED
    if any("$" in text for text in (version.text, *texts)):
        return "contains a variable"
    if version.span is None:
        return SCATTERED
    return None if any(character.isdigit() or character == "*" for character in version.text) else "not version-like"


# ---------------------------------------------------------------- images

_NAMES = ("repository", "name", "repo", "image", "imagerepository", "imagename")
_TAGS = ("tag", "imagetag", "version", "imageversion")
_DIGESTS = ("digest", "imagedigest", "sha")
_REGISTRIES = ("registry", "imageregistry", "hub")
_TELLING = frozenset(("repository", "name", "repo", "image", "tag", "version", "digest", "sha"))
"""One of these makes the map under ``…image`` one that describes an image."""

_WHOLE = ("image", "imageref", "imagereference", "imageurl", "imageuri", "imagepath")
_NAMED = ("imagerepository", "imagerepo", "imagename")
_NO_IMAGES = ("git", "chart", "helm", "source")
"""Whose ``…Repository`` and ``…Tag`` are those of something else."""
_BLOCKS = ("containers", "container", "sidecars", "deploy", "objects", "manifests", "resources", "jobs", "pods")
"""The ends of keys under which charts take literal blocks of Kubernetes YAML."""

_ENDS = (*_WHOLE, *_NAMED, *_BLOCKS, "repository")
"""The ends of all keys whose texts may be images, or speak of them."""

_PLUGINS = ("installplugins", "additionalplugins")
_PICTURES = (".png", ".jpg", ".jpeg", ".svg", ".gif", ".ico", ".webp", ".img", ".iso", ".qcow2", ".vhd")
_HOSTS_OF_OWNERS = ("ghcr.io", "quay.io", "gcr.io", "eu.gcr.io", "us.gcr.io", "nvcr.io", "public.ecr.aws")
"""Registries whose images all stand below an owner."""

_Scalars = Dict[str, Scalar]


def images_in_values(reader: ImageReader, values: Mapping) -> Iterator[Extracted]:
    """Every image that ``values`` set.

    That is: a map under a key that ends in ``image``, or any map with ``repository`` and ``tag`` (``registry`` and
    ``digest`` are read, too); a text under a key that ends in ``image``, with its tag in it or in a neighbour
    (``imageTag``, ``image_tag``, ``tag``, ``version``), or under one that begins so (``imageK8S``), with its tag in it;
    a pair like ``imageRepository`` and ``imageTag``; the texts in ``images``; the value of a variable with ``IMAGE`` in
    its name; any text that is a versioned image at a registry known to hold nothing else; Istio's ``hub`` and ``tag``;
    and the containers in literal blocks. The plugins that Jenkins' chart installs come along.
    ``global.imageRegistry`` stands in front of repositories that have no registry of their own.
    """
    return _images_below(reader, values, _shared(values))


class Shared(NamedTuple):
    """What stands in front of the images whose map does not name their registry, or not their owner."""

    registry: str | None = None
    owner: str | None = None


_NOTHING = Shared()


def _shared(values: Mapping) -> Shared:
    all_charts = values.mapping("global")
    registry = all_charts.text("imageRegistry") if all_charts else None
    if all_charts and not registry and (image := all_charts.mapping("image")):
        registry = None if _NAMES_WHOLE.intersection(image.keys()) else image.text("registry")
    return Shared(
        registry=registry or values.text("defaultImageRegistry") or None,
        owner=values.text("defaultImageRepository") or None,
    )


def _images_below(reader: ImageReader, values: Mapping, shared: Shared) -> Iterator[Extracted]:
    for key, mapping in values.walk():
        if is_image_map(key, mapping):
            yield from image_map(reader, mapping, shared)
        else:
            yield from _texts(reader, key, mapping)


def is_image_map(key: str, mapping: Mapping) -> bool:
    """Whether the map under ``key`` describes one image."""
    kind, names = _plain(key), mapping.keys()
    if kind.endswith("image"):
        return not _TELLING.isdisjoint(names)
    if "repository" in names:
        return "tag" in names or "digest" in names or ("image" in names and "version" in names)
    return kind.endswith("images") and "tag" in names and ("name" in names or "image" in names)


def image_map(reader: ImageReader, mapping: Mapping, shared: Shared = _NOTHING) -> Iterator[Extracted]:
    """The image that a map with ``repository`` (or ``name``, ``image``), ``tag`` and ``digest`` describes."""
    scalars = _scalars(mapping)
    tag, digest = _first(scalars, _TAGS), _first(scalars, _DIGESTS)
    named = _image_name(scalars, shared)
    if named is None:
        if tag is not None and tag.has_text:
            yield reader.unmanaged(tag, UNNAMED)
    elif tag is not None and tag.has_text and (others := _other_digests(scalars, digest)):
        yield from (reader.unmanaged(node, SHARED_DIGESTS, named[1]) for node in (tag, *others))
    else:
        yield _named(reader, *named, tag, digest)


def _other_digests(scalars: _Scalars, digest: Scalar | None) -> list[Scalar]:
    """The digests that the tag goes with (``genericDigest``, ``azureDigest``) where none is the image's own."""
    if digest is not None and digest.has_text:
        return []
    others = (node for key, node in scalars.items() if key.endswith("digest") and key not in _DIGESTS)
    return [node for node in others if node.text.startswith("sha256:")]


def image_name(values: Mapping, keys: Iterable[str]) -> str | None:
    """The name of the image that the map under ``keys`` describes in ``values``; None if it names none."""
    image = values.mapping(*keys)
    named = _image_name(_scalars(image), _shared(values)) if image else None
    return named[1] if named else None


def _image_name(scalars: _Scalars, shared: Shared) -> tuple[Scalar, str] | None:
    """An image's name, and where (the last part of) it stands."""
    name, registry = _first(scalars, _NAMES), _first(scalars, _REGISTRIES)
    if name is None or not name.has_text:
        return None
    at, text = _joined(scalars, name)
    owner = _first(scalars, _OWNERS)
    if owner is not None and owner.has_text and "/" not in text:
        text = f"{owner.text.strip('/')}/{text}"
    if "repository" in scalars and not scalars["repository"].has_text and "/" not in text:
        if shared.owner is None:
            return None
        text = f"{shared.owner.rstrip('/')}/{text}"
    if registry is not None and registry.has_text:
        prefix: str | None = registry.text
    else:
        prefix = None if _has_host(text) else shared.registry
    return at, f"{prefix.rstrip('/')}/{text}" if prefix else text


def _joined(scalars: _Scalars, name: Scalar) -> tuple[Scalar, str]:
    """An image's name and where it stands; some charts write ``repository: ghcr.io/acme`` beside ``image: web``."""
    image, own = scalars.get("image"), scalars.get("name")
    last = image if image is not None and image.has_text else own if _is_owner(name.text) else None
    if last is None or last is name or not last.has_text or f"/{name.text}".endswith(f"/{last.text}"):
        return name, name.text
    return last, f"{name.text.rstrip('/')}/{last.text}"


def named_image(
    reader: ImageReader, name: Scalar, registry: str | None, tag: Scalar | None, digest: Scalar | None
) -> Extracted:
    """The image ``name``, which may hold its tag or digest if they are not written elsewhere."""
    return _named(reader, name, f"{registry.rstrip('/')}/{name.text}" if registry else name.text, tag, digest)


def _named(reader: ImageReader, at: Scalar, name: str, tag: Scalar | None, digest: Scalar | None) -> Extracted:
    """The image ``name``, all or the last part of which is written at ``at``."""
    has_tag = tag is not None and tag.has_text
    reference = None if digest is not None and digest.has_text else parse_image(name)
    if reference is not None and reference.digest and tag is not None and has_tag and not reference.tag:
        return _tag_beside_digest(reader, at, reference.name, tag)
    if reference is not None and not has_tag and (reference.tag or reference.digest):
        whole = reader.whole(at)
        if isinstance(whole, Dependency):
            name_span = whole.name_span if whole.name == reference.name else None
            package = image_package(reference.name)
            return structs.replace(whole, name=reference.name, package=package, name_span=name_span)
        return whole
    item = reader.in_parts(name, at=at, tag=tag, digest=digest, pinnable=digest is None, untagged=UNTAGGED)
    return structs.replace(item, name=name) if isinstance(item, Skipped) else item


def _tag_beside_digest(reader: ImageReader, at: Scalar, name: str, tag: Scalar) -> Extracted:
    """``repository: web@sha256:…`` beside ``tag: 1.2``."""
    if at.span is None or tag.span is None or parse_image(f"x:{tag.text}") is None or "@" in tag.text:
        return reader.unmanaged(tag, "not an image tag", name)
    return dependency(
        reader.file,
        manager=reader.manager,
        name=name,
        package=image_package(name),
        value=tag.span,
        digest=Span(at.span.start + at.text.index("@") + 1, at.span.end),
        dep_type=reader.dep_type,
    )


# ---------------------------------------------------------------- images in texts


def _texts(reader: ImageReader, key: str, mapping: Mapping) -> Iterator[Extracted]:
    """The images among the texts and lists in the map under ``key``."""
    lists_images = _plain(key).endswith(("image", "images"))
    entries = [(_plain(name), node) for name, node in mapping.items()]
    scalars = {kind: node for kind, node in entries if isinstance(node, Scalar)}
    for kind, node in entries:
        if isinstance(node, Scalar):
            if lists_images or _is_telling(kind):
                yield from _text(reader, scalars, kind, node, lists_images=lists_images)
            elif is_image_at_registry(node.text):
                yield reader.whole(node)
        elif isinstance(node, Sequence) and kind in _PLUGINS:
            yield from _plugins(reader, node)
        elif isinstance(node, Sequence):
            is_wanted = is_versioned_image if kind.endswith("images") else is_image_at_registry
            for text in node.scalars():
                offset = text.text.find("=") + 1  # of an argument: --sidecar-image=…
                if is_wanted(text.text[offset:]):
                    yield reader.whole(text, offset)


@lru_cache(maxsize=4096)
def _is_telling(kind: str) -> bool:
    """Whether the key of a text may say that it has to do with images; most keys do not."""
    return kind in ("value", "hub") or kind.startswith("image") or kind.endswith(_ENDS)


def _plugins(reader: ImageReader, names: Sequence) -> Iterator[Extracted]:
    """Plugins of Jenkins (https://github.com/jenkinsci/helm-charts), as ``git:5.2.1``."""
    spans = (name.span for name in names.scalars() if not name.is_templated)
    found = (listed_plugin(reader.file, manager=reader.manager, at=span) for span in spans if span)
    return filter(None, found)


def _text(
    reader: ImageReader, scalars: _Scalars, kind: str, node: Scalar, *, lists_images: bool
) -> Iterator[Extracted]:
    """The image of the entry ``kind`` of a map, whose texts ``scalars`` are."""
    if kind.endswith(_WHOLE) or (kind.endswith(_NAMED) and node.has_text):
        yield from _image_text(reader, scalars, kind, node)
    elif lists_images or (kind == "value" and "name" in scalars and "IMAGE" in scalars["name"].text):
        yield from _versioned(reader, (node,))
    elif kind.endswith(_BLOCKS):
        for inner in _mappings(embedded(node)):
            yield from _images_below(reader, inner, _NOTHING)
    elif kind.endswith("repository"):
        yield from _pair(reader, scalars, kind.removesuffix("repository"), node)
    elif kind.startswith("image") and is_versioned_image(node.text) and any(map(str.isdigit, node.text)):
        yield reader.whole(node)
    elif kind == "hub" and not ("image" in scalars and scalars["image"].has_text):
        yield from _hub(reader, node, scalars.get("tag"))
    elif is_image_at_registry(node.text):
        yield reader.whole(node)


def _pair(reader: ImageReader, scalars: _Scalars, stem: str, name: Scalar) -> Iterator[Extracted]:
    """``workerRepository: acme/worker`` beside ``workerTag``."""
    tag = scalars.get(f"{stem}tag")
    if stem and not stem.endswith(_NO_IMAGES) and tag is not None and tag.has_text and parse_image(name.text):
        yield _named(reader, name, name.text, tag, scalars.get(f"{stem}digest"))


def _hub(reader: ImageReader, hub: Scalar, tag: Scalar | None) -> Iterator[Extracted]:
    """Istio's images, which have one version (https://istio.io/latest/docs/reference/config/istio.operator.v1alpha1/)."""
    if hub.text.endswith(("/istio", "/istio-release")) and tag is not None and tag.has_text:
        yield _named(reader, hub, f"{hub.text}/pilot", tag, None)


def _image_text(reader: ImageReader, scalars: _Scalars, kind: str, image: Scalar) -> Iterator[Extracted]:
    """``image: repo:tag``, or ``image: repo`` beside ``imageTag``, ``tag`` or ``version``."""
    stem = kind[: kind.rindex("image") + len("image")]
    prefix = stem[: -len("image")]
    tag, digest, registry = (
        _first(scalars, tuple(start + word for word in words for start in (stem, prefix)))
        for words in (("tag", "version"), ("digest",), ("registry", "hub"))
    )
    is_name = kind.endswith(_NAMED) or tag is not None
    if image.is_templated and kind == stem:
        yield reader.whole(image)
    elif is_versioned_image(image.text):
        yield _named(reader, image, _with_registry(image.text, registry), None, None)
    elif image.has_text and not image.text.lower().endswith(_PICTURES) and (is_name or _is_plausible(image.text)):
        name = _with_registry(image.text, registry)
        if kind.endswith("imagename") and "/" not in name:
            name = f"{_owner_beside(scalars)}{name}"
        if not _is_owner(name):
            yield _named(reader, image, name, tag, digest)


def _owner_beside(scalars: _Scalars) -> str:
    """What stands in front of an image that is called ``imageName`` beside a ``repository``."""
    owner = _first(scalars, ("imagerepository", "imagerepo", "repository", "repo"))
    return f"{owner.text.rstrip('/')}/" if owner is not None and owner.has_text and not owner.is_templated else ""


def _with_registry(name: str, registry: Scalar | None) -> str:
    if registry is None or not registry.has_text or _has_host(name):
        return name
    return f"{registry.text.rstrip('/')}/{name}"


def _is_plausible(text: str) -> bool:
    return "/" in text and parse_image(text) is not None


def _versioned(reader: ImageReader, texts: Iterable[Scalar]) -> Iterator[Extracted]:
    return (reader.whole(text) for text in texts if is_versioned_image(text.text))


def _mappings(node: Node | None) -> Iterator[Mapping]:
    for each in node if isinstance(node, Sequence) else (node,):
        if isinstance(each, Mapping):
            yield each


# ---------------------------------------------------------------- keys and names


@lru_cache(maxsize=4096)
def _plain(key: str) -> str:
    """A key without the differences between ``imageTag``, ``image_tag`` and ``image-tag``."""
    return key.lower().replace("_", "").replace("-", "")


def _scalars(mapping: Mapping) -> _Scalars:
    return {_plain(key): node for key, node in mapping.items() if isinstance(node, Scalar)}


def _first(scalars: _Scalars, keys: Iterable[str]) -> Scalar | None:
    """The scalar under the first of ``keys`` that holds a text; if none does, the first there is."""
    first = None
    for key in keys:
        scalar = scalars.get(key)
        if scalar is not None:
            if scalar.has_text:
                return scalar
            first = first or scalar
    return first


def _has_host(name: str) -> bool:
    """Whether an image's name begins with a registry."""
    host, slash, _ = name.partition("/")
    return bool(slash) and ("." in host or ":" in host or host == "localhost")


def _is_owner(name: str) -> bool:
    """Whether ``name`` is a registry, or an owner in one, and no image."""
    host, slash, path = name.rstrip("/").partition("/")
    return (host in _HOSTS_OF_OWNERS and "/" not in path) or (not slash and "." in host)
