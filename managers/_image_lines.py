"""Images in ordinary manifests, read line by line, because that takes a tenth of the time of a parser.

In most manifests every word about images is in a line like ``image: acme/web:1.2`` or ``imagePullPolicy: Always``, and
it does not matter where the line stands. ``image_lines`` reads just those, and declines as soon as there is anything
else: another way to name an image, or a construct of YAML by which a line may be something else than it looks like.

``salvaged`` reads the same lines where there is no choice: in a document that is no YAML, because something else in it
is wrong, or because it is a template for YAML.
"""

import re
from collections.abc import Iterator

from managers._focus import REACHING_OUT
from managers._images import is_versioned_image
from managers._manifests import owner
from managers._yaml import Document
from updater.api import Extracted, SourceFile, Span, image_dependency

NOT_PLAIN = (*REACHING_OUT, "MAGE", "DockerImage", "repository", "\nstatus:")
"""Where one of these stands, it takes a parser."""
_BLOCK = re.compile(r"[|>][-+0-9]*+[ ]*+(?:#[^\n]*+)?\r?\n")
_IMAGE = re.compile(
    r"""[ ]*+(?:-[ ]++)?image:[ ]++(?P<quote>["']?)(?P<image>[^\s"'#{}\[\]&*!|>%`,]++)(?P=quote)"""
    r"""[ ]*+(?:(?<=[ ])\#.*+)?\r?"""
)
_VERSIONED = re.compile(r"[:@][^/]+\Z")
_OTHER = re.compile(r"[ ]*+(?:-[ ]++)?(?P<key>[\w./-]++):(?:[ ]++(?P<value>[^\s\[{].*+)|[ ]*+)?\r?")
_POLICIES = frozenset(("imagePullPolicy", "imagePullSecrets"))
_NAMING = frozenset(("name", "value", "default", "args", "command"))


def image_lines(text: str, absent: frozenset[str] = frozenset()) -> list[Span] | None:
    """The places of all images in a document, in order, each with a tag or a digest; None if it takes a parser to tell.

    What stands there may still be no image reference. ``absent`` are words that are known not to stand in ``text``.
    """
    for construct in NOT_PLAIN:
        if construct not in absent and construct in text:
            return None
    if ("|" in text or ">" in text) and _BLOCK.search(text):
        return None
    found: list[Span] = []
    at = text.find("mage")
    while at >= 0:
        start = text.rfind("\n", 0, at) + 1
        end = text.find("\n", at)
        line = text[start : end if end >= 0 else len(text)]
        image = _IMAGE.fullmatch(line)
        if image is not None and _VERSIONED.search(image["image"]):
            found.append(Span(start + image.start("image"), start + image.end("image")))
        elif not _is_about_nothing(line):
            return None
        at = text.find("mage", end) if end >= 0 else -1
    return found


def _is_about_nothing(line: str) -> bool:
    """Whether a line in which an image is spoken of names none."""
    if line.lstrip(" ").startswith("#") or "mage" not in line.partition(" #")[0]:
        return True
    other = _OTHER.fullmatch(line)
    return other is not None and (
        other["key"] in _POLICIES or ("mage" not in other["key"] and other["key"] not in _NAMING)
    )


# ---------------------------------------------------------------- documents that cannot be read


def salvaged(file: SourceFile, document: Document, manager: str) -> Iterator[Extracted]:
    """The images in lines of their own in an object of Kubernetes that is no YAML."""
    version, kind = document.field("apiVersion"), document.field("kind")
    if version is None or kind is None or owner(version, kind) != manager:
        return
    start = document.start
    for line in document.text[document.start : document.end].replace("\t", " ").split("\n"):
        image = _IMAGE.fullmatch(line) if "image:" in line else None
        if image is not None and is_versioned_image(image["image"]):
            place = Span(start + image.start("image"), start + image.end("image"))
            yield image_dependency(file, manager=manager, span=place, dep_type=kind)
        start += len(line) + 1
