"""Where the objects of Kubernetes name container images, in built-in kinds and in any custom resource."""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import zip_longest

from managers._helm import image_map, named_image
from managers._images import REGISTRY, ImageReader, is_versioned_image
from managers._yaml import Mapping, Node, Scalar, Sequence
from updater.api import Extracted, Span, image_dependency, parse_image

AROUND = ("mage", "MAGE")
"""One of these stands beside or above every image, but for those that :func:`elsewhere` finds."""

_REGISTRY_URLS = ("docker://", "oci://")
_AT_HOST = re.compile(REGISTRY)
_AT_HOST_ELSEWHERE = (re.compile(rf"=(?:{REGISTRY})"), re.compile(rf"value[\"']?[ \t]*+:[ \t]*+[\"']?(?:{REGISTRY})"))
_BEHIND_FLAG = re.compile(r"image[\"']?[ \t]*+\r?\n[ \t]*+-[ \t]++[\"']?(?P<argument>[\w./-]++:[\w.-]++)")
_LISTED_BELOW = re.compile(r"IMAGES?[\"']?[ \t]*+\r?\n[ \t]*+value[\"']?:[ \t]*+[|>]")

_CONTAINERS = frozenset(("containers", "initContainers", "ephemeralContainers", "container"))
_ALWAYS = frozenset(("image", "images", "repository", "args", "command", "url"))
_NAMED = frozenset(("value", "default"))
_IMAGE_STREAM = "DockerImage"
_ENDINGS = ("image", "images", "imagename", "image_name", "image-name")
_UNUSUAL_END = re.compile(r"image(?!:|Pull)")
_KEY = re.compile(r"(?:[Ii]mage(?:s|Name|_name|-name)?|IMAGE)(?=[\"']?[ \t]*+:)")
_KEY_UP_TO = re.compile(r"[\w./-]*+\Z")
_OUTPUT = re.compile(
    r"(?:(?:output|target|dest|destination|result|app)[-_.]?)?images?(?:[-_.]?(?:name|url|uri|ref|full|tag))?",
    re.IGNORECASE,
)
"""The names of parameters of Tekton for the image that is built, not used."""

_WORDS = re.compile(r"[\s,]++")
_FLAG = re.compile(r"-{0,2}[A-Za-z][\w.-]*+(?:=|\Z)")


@lru_cache(maxsize=1)
def elsewhere(text: str) -> tuple[str, ...]:
    """Texts in the images that no word of ``AROUND`` announces.

    These are values and arguments that begin with the host of a registry, arguments behind a flag for an image, maps
    with a ``repository``, and addresses that begin with ``docker://`` or ``oci://``.
    """
    found = {match[0] for pattern in _AT_HOST_ELSEWHERE for match in pattern.finditer(text)}
    found |= {match["argument"] for match in _BEHIND_FLAG.finditer(text)}
    return (*found, *(word for word in ("repository", *_REGISTRY_URLS) if word in text))


def has_lists(text: str) -> bool:
    """Whether there are images in texts of several lines, far from any word about images."""
    return _LISTED_BELOW.search(text) is not None


@lru_cache(maxsize=1)
def fields(text: str) -> frozenset[str]:
    """The keys in ``text`` that may lead to an image."""
    if _UNUSUAL_END.search(text) or "Image" in text or "IMAGE" in text or "_image" in text or "-image" in text:
        names = {"name"} if _IMAGE_STREAM in text else set()
        return _ALWAYS | _NAMED | names | {_key(text, match) for match in _KEY.finditer(text)}
    return _ALWAYS | _NAMED if elsewhere(text) else _ALWAYS


def _key(text: str, match: re.Match[str]) -> str:
    """The whole key that ends with the match."""
    start = max(0, match.start() - 80)
    before = _KEY_UP_TO.search(text[start : match.start()])
    return (before[0] if before else "") + match[0]


def images(reader: ImageReader, item: Mapping, keys: frozenset[str]) -> Iterator[Extracted]:
    """The images under ``keys`` in an object, but for what its status reports."""
    found = item.find(keys)
    status = item.get("status")
    if status is not None:
        start, end = status.where
        found = (entry for entry in found if not start <= entry[3].where.start < end)
    return (image for place, mapping, key, node in found for image in _images(reader, place, mapping, key, node))


def _images(reader: ImageReader, place: str, mapping: Mapping, key: str, node: Node) -> Iterable[Extracted]:
    """The images of one field of a ``mapping`` that stands under the key ``place``."""
    match node:
        case Scalar():
            return _map(reader, mapping) if key == "repository" else _text(reader, place, mapping, key, node)
        case Sequence() if key in ("args", "command"):
            return _arguments(reader, node)
        case Sequence():
            return _texts(reader, node) if key.lower().endswith("images") else ()
        case Mapping() if key.lower().endswith("images"):
            return _texts(reader, (child for _, child in node.items()))
        case Mapping():
            return () if key in _NAMED else _map(reader, node)


def _texts(reader: ImageReader, nodes: Iterable[Node]) -> Iterator[Extracted]:
    """Images in a list: as texts, or as maps in the style of kustomizations."""
    for node in nodes:
        if isinstance(node, Scalar) and is_versioned_image(node.text):
            yield reader.whole(node)
        elif isinstance(node, Mapping) and "newTag" in node:
            name = node.scalar("newName") or node.scalar("name")
            if name and name.has_text:
                tag, digest = node.scalar("newTag"), node.scalar("digest")
                yield reader.in_parts(name.text, at=name, tag=tag, digest=digest, pinnable=digest is None)
        elif isinstance(node, Mapping):
            yield from _map(reader, node)


def _map(reader: ImageReader, mapping: Mapping) -> Iterator[Extracted]:
    """An image as a map: an image volume, or a name with a tag or digest.

    Images of machines have names and versions, too, but no paths.
    """
    reference = mapping.scalar("reference")
    if reference and is_versioned_image(reference.text):
        yield reader.whole(reference)
    name = next(filter(None, map(mapping.scalar, ("repository", "name", "repo", "image"))), None)
    if _has_text(mapping, "tag") if name is None else _is_name_of_image(mapping, name):
        yield from image_map(reader, mapping)


def _is_name_of_image(mapping: Mapping, name: Scalar) -> bool:
    if not name.is_templated and not parse_image(name.text):
        return False
    has_tag = any(_has_text(mapping, key) for key in ("tag", "digest", "sha"))
    return has_tag or ("/" in name.text and _has_text(mapping, "version")) or is_versioned_image(name.text)


def _has_text(mapping: Mapping, key: str) -> bool:
    scalar = mapping.scalar(key)
    return scalar is not None and scalar.has_text


def _text(reader: ImageReader, place: str, mapping: Mapping, key: str, scalar: Scalar) -> Iterator[Extracted]:
    if _is_in_container(place, key, scalar) or (
        _is_meant(place, mapping, key, scalar) and is_versioned_image(scalar.text)
    ):
        yield reader.whole(scalar)
    elif key == "url":
        scheme = next(filter(scalar.text.startswith, _REGISTRY_URLS), None)
        if scheme and is_versioned_image(scalar.text.removeprefix(scheme)):
            yield reader.whole(scalar, len(scheme))
    elif scalar.span is None:
        yield from _several(reader, scalar) if _is_meant(place, mapping, key, scalar) else ()
    elif key == "image" and parse_image(scalar.text):
        tag = next((tag for tag in map(mapping.scalar, ("tag", "imageTag")) if tag and tag.has_text), None)
        if tag:
            yield named_image(reader, scalar, None, tag, mapping.scalar("digest"))


def _several(reader: ImageReader, scalar: Scalar) -> Iterator[Extracted]:
    """The images in a text that holds nothing else but images, as in ``3.9.0=acme/kafka:1.2 4.0.0=acme/kafka:1.3``."""
    words = _WORDS.split(scalar.text.strip())
    offset = scalar.where.start
    images = [word.rpartition("=")[2] for word in words]
    for word, image in zip(words, images, strict=True) if all(map(is_versioned_image, images)) else ():
        start = reader.file.text.find(word, offset, scalar.where.end)
        if start >= 0:
            offset = start + len(word)
            place = Span(offset - len(image), offset)
            yield image_dependency(reader.file, manager=reader.manager, span=place, dep_type=reader.dep_type)


def _is_in_container(place: str, key: str, scalar: Scalar) -> bool:
    """Whether the field is the image of a container, and no pattern of a policy for such."""
    is_image = key == "image" and (place in _CONTAINERS or scalar.is_templated)
    return is_image and scalar.has_text and "*" not in scalar.text


def _is_meant(place: str, mapping: Mapping, key: str, scalar: Scalar) -> bool:
    """Whether the field is there to name an image."""
    if key == "name":
        return mapping.text("kind") == _IMAGE_STREAM
    if key not in _NAMED:
        return key.lower().endswith(_ENDINGS)
    name = mapping.text("name") or ""
    if place == "params" and _OUTPUT.fullmatch(name):
        return False
    return "image" in name.lower() or _AT_HOST.match(scalar.text) is not None


def _arguments(reader: ImageReader, arguments: Sequence) -> Iterator[Extracted]:
    """``--some-image=repo:tag``, ``--some-image`` before ``repo:tag``, and images at well-known hosts."""
    texts = list(arguments.scalars())
    for argument, following in zip_longest(texts, texts[1:]):
        flag = _FLAG.match(argument.text)
        if flag is None:
            continue
        value = argument.text[flag.end() :]
        names_image = "image" in flag[0].lower()
        if value and (names_image or _AT_HOST.match(value)) and is_versioned_image(value):
            yield reader.whole(argument, flag.end())
        elif not value and names_image and flag[0][0] == "-" and following and is_versioned_image(following.text):
            yield reader.whole(following)
