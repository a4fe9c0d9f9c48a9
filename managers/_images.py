"""Container images in YAML: written whole, or as a name, a tag and a digest in places of their own."""

from managers._yaml import Scalar
from updater.api import Dependency, Extracted, SourceFile, Span, image_dependency, image_package, parse_image, skipped

TEMPLATED = "contains a template"
SCATTERED = "not written in one piece"


def whole_image(
    file: SourceFile, scalar: Scalar, *, manager: str, dep_type: str | None = None, offset: int = 0
) -> Extracted:
    """The image that ``scalar`` names from its character ``offset`` on."""
    span = scalar.span
    reason = TEMPLATED if scalar.is_templated else SCATTERED
    if span is None or scalar.is_templated:
        return skipped(
            file, manager=manager, reason=reason, at=scalar.where, name=scalar.text[offset:], dep_type=dep_type
        )
    return image_dependency(file, manager=manager, span=Span(span.start + offset, span.end), dep_type=dep_type)


def is_versioned_image(text: str) -> bool:
    """Whether ``text`` is an image reference with a tag or a digest."""
    reference = parse_image(text)
    return reference is not None and (reference.tag is not None or reference.digest is not None)


def image_in_parts(
    file: SourceFile,
    *,
    manager: str,
    name: str,
    tag: Scalar | None,
    digest: Scalar | None,
    at: Scalar,
    pinnable: bool,
    dep_type: str | None = None,
) -> Extracted:
    """The image ``name`` whose tag and digest are scalars; ``at`` is where it stands if it has neither.

    The tag may carry a digest (``1.2@sha256:…``). ``pinnable`` says that one may be written behind it.
    """
    parts = _Parts.of(tag, digest)
    reason = _why_unmanageable(name, tag, digest)
