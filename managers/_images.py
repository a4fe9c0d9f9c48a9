"""Container images in YAML: written whole, or as a name, a tag and a digest in places of their own."""

import re
from collections.abc import Iterator

from msgspec import Struct

from managers._manifests import versionless
from managers._yaml import Scalar
from updater.api import (
    Extracted,
    ImageReference,
    Skipped,
    SourceFile,
    Span,
    dependency,
    image_dependency,
    image_package,
    parse_image,
    skipped,
)

TEMPLATED = "contains a template"
SCATTERED = "not written in one piece"

REGISTRY = (
    r"(?:[a-z0-9-]{1,40}\.)?(?:gcr|quay|ghcr|docker)\.io/|registry\.k8s\.io/|mcr\.microsoft\.com/|public\.ecr\.aws/"
    r"|[a-z0-9-]{1,40}-docker\.pkg\.dev/|docker\.elastic\.co/|registry\.redhat\.io/|registry\.gitlab\.com/|nvcr\.io/"
)
"""A pattern for what images begin with, and little else: the hosts of registries that everybody uses."""

_AT_REGISTRY = re.compile(rf"(?:{REGISTRY})[\w./-]++:v?\d[\w.-]*+(?:@sha256:[0-9a-f]++)?+")
_TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}")
_MAX_NAME = 200

_DEFAULT = re.compile(r"""\bdefault[ (]\s*+(?P<quote>["'])(?P<image>[^"'\s{}]++)(?P=quote)""")
_ALONE = re.compile(r"\{\{[^{}]*+\}\}")


def is_versioned_image(text: str) -> bool:
    """Whether ``text`` is an image reference with a tag or a digest."""
    reference = parse_image(text)
    return reference is not None and (reference.tag or reference.digest) is not None


def is_image_at_registry(text: str) -> bool:
    """Whether ``text`` can hardly be anything but an image with a version, wherever it stands."""
    return ":" in text and _AT_REGISTRY.fullmatch(text) is not None


def default_images(text: str, span: Span) -> Iterator[Span]:
    """The versioned images that templates at ``span`` fall back on: ``{{ .Values.image | default "nginx:1.27" }}``."""
    for match in _DEFAULT.finditer(text, *span):
        if is_versioned_image(match["image"]):
            yield Span(*match.span("image"))


class ImageReader(Struct, frozen=True, kw_only=True):
    """Makes dependencies of the images in one file, on behalf of one manager."""

    file: SourceFile
    manager: str
    dep_type: str | None = None

    def whole(self, scalar: Scalar, offset: int = 0) -> Extracted:
        """The image that ``scalar`` names from its character ``offset`` on, or that its template falls back on."""
        if scalar.span is not None and _ALONE.fullmatch(scalar.text) and not offset:
            fallback = next(default_images(self.file.text, scalar.span), None)
            if fallback is not None:
                return image_dependency(self.file, manager=self.manager, span=fallback, dep_type=self.dep_type)
        if scalar.is_templated or scalar.span is None:
            reason = TEMPLATED if scalar.is_templated else SCATTERED
            return self.unmanaged(scalar, reason, scalar.text[offset : offset + _MAX_NAME])
        span = Span(scalar.span.start + offset, scalar.span.end)
        return image_dependency(self.file, manager=self.manager, span=span, dep_type=self.dep_type)

    def in_parts(
        self,
        name: str,
        *,
        at: Scalar,
        tag: Scalar | None,
        digest: Scalar | None,
        pinnable: bool,
        untagged: str = "no tag",
    ) -> Extracted:
        """The image ``name``, written at ``at``, whose tag and digest are scalars that may be null or empty.

        The tag may carry a digest (``1.2@sha256:…``). ``pinnable`` says whether one may be written behind it.
        ``untagged`` is the reason given where there is neither.
        """
        tag, digest = _present(tag), _present(digest)
        reference = parse_image(name)
        place = tag or digest
        if place is None:
            return self.versionless(at, untagged)
        reason = _why_unmanageable(name, reference, tag, digest)
        if reference is None or reason is not None:
            return self.unmanaged(place, reason or "not an image reference", name)
        value, inline_digest = _tag_spans(tag)
        return dependency(
            self.file,
            manager=self.manager,
            name=reference.name,
            package=image_package(reference.name),
            value=value,
            digest=digest.span if digest else inline_digest,
            pinnable=pinnable and value is not None,
            dep_type=self.dep_type,
            name_at=at.span if at.span and self.file.text[slice(*at.span)] == reference.name else None,
        )

    def versionless(self, at: Scalar, reason: str) -> Skipped:
        """The image that ``at`` names has neither tag nor digest."""
        return versionless(
            self.file, at, manager=self.manager, reason=reason, datasource="docker", dep_type=self.dep_type
        )

    def unmanaged(self, at: Scalar, reason: str, name: str | None = None) -> Skipped:
        """The image version at ``at`` cannot be managed."""
        return skipped(
            self.file,
            manager=self.manager,
            reason=reason,
            at=at.span or at.where,
            name=name,
            datasource="docker",
            dep_type=self.dep_type,
        )


def _present(scalar: Scalar | None) -> Scalar | None:
    return scalar if scalar is not None and scalar.has_text else None


def _why_unmanageable(
    name: str, reference: ImageReference | None, tag: Scalar | None, digest: Scalar | None
) -> str | None:
    is_name = reference is not None and not reference.tag and not reference.digest
    if is_name and tag and digest is None and tag.span and _TAG.fullmatch(tag.text):  # so it is nearly always
        return None
    texts = f"{name}\0{tag.text if tag else ''}\0{digest.text if digest else ''}"
    if "{{" in texts:
        return TEMPLATED
    if "$" in texts:
        return "contains a variable"
    if (tag and tag.span is None) or (digest and digest.span is None):
        return SCATTERED
    return _why_no_version(tag, digest) if is_name else "not an image reference"


def _why_no_version(tag: Scalar | None, digest: Scalar | None) -> str | None:
    tagged = parse_image(f"x:{tag.text}") if tag else None
    if tag and tagged is None:
        return "not an image tag"
    if digest and parse_image(f"x@{digest.text}") is None:
        return "not a digest (sha256:…)"
    return "two digests" if digest and tagged and tagged.digest else None


def _tag_spans(tag: Scalar | None) -> tuple[Span | None, Span | None]:
    """The places of a tag and of the digest behind it."""
    if tag is None or tag.span is None:
        return None, None
    start, end = tag.span
    at = tag.text.find("@")
    return (tag.span, None) if at < 0 else (Span(start, start + at), Span(start + at + 1, end))
