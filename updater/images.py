"""The container image reference grammar, shared by everything that meets an image.

A reference is ``[host[:port]/]path[:tag][@digest]``; the part before the first ``/`` is a host if it contains a dot
or a colon or is ``localhost``
(https://github.com/distribution/reference/blob/main/reference.go, https://docs.docker.com/reference/cli/docker/image/tag/).
"""

import re
from functools import lru_cache

import msgspec

from updater.model.scan import Dependency, Extracted, Package, Skipped, SourceFile, Span

_HOST = r"(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::[0-9]+)?/)?"
_PATH = r"[a-z0-9]+(?:(?:[._/]|__|-+)[a-z0-9]+)*"
_REFERENCE = re.compile(
    rf"(?P<name>{_HOST}{_PATH})(?::(?P<tag>[A-Za-z0-9_][A-Za-z0-9_.-]{{0,127}}))?"
    r"(?:@(?P<digest>sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128}))?"
)
_PLACEHOLDER = re.compile(r"\$|\{\{|<[^>]*>|%[A-Za-z_]+%")
_SCHEME = re.compile("(?:oci|docker)://")
_MAX_LENGTH = 1_024
_OF_CODE_BUILD = "aws/codebuild/"
"""What the images begin with that AWS CodeBuild has for itself."""


class ImageReference(msgspec.Struct, frozen=True, kw_only=True):
    """A parsed reference; spans are relative to the start of the parsed text."""

    name: str
    name_span: Span
    tag: str | None
    tag_span: Span | None
    digest: str | None
    digest_span: Span | None


@lru_cache(maxsize=4096)
def parse_image(text: str) -> ImageReference | None:
    """Read an image reference, with or without ``oci://``; None if ``text`` is none."""
    if len(text) > _MAX_LENGTH:
        return None
    scheme = _SCHEME.match(text) if "://" in text else None
    match = _REFERENCE.fullmatch(text, scheme.end() if scheme else 0)
    if match is None:
        return None
    name, tag, digest = match.groups()
    return ImageReference(
        name=name,
        name_span=Span(*match.span("name")),
        tag=tag,
        tag_span=Span(*match.span("tag")) if tag else None,
        digest=digest,
        digest_span=Span(*match.span("digest")) if digest else None,
    )


@lru_cache(maxsize=4096)
def image_package(name: str) -> Package:
    """The lookup key of an image: its name as written, less what Docker Hub adds silently."""
    for prefix in ("docker.io/", "index.docker.io/", "registry-1.docker.io/"):
        name = name.removeprefix(prefix)
    return Package(datasource="docker", name=name.removeprefix("library/"))


def image_dependency(file: SourceFile, *, manager: str, span: Span, dep_type: str | None = None) -> Extracted:
    """The dependency that a whole image reference at ``span`` names, or why it cannot be managed."""
    text = file.text[span.start : span.end]
    reference = parse_image(text)
    is_versionless = reference is None or (reference.tag is None and reference.digest is None)
    if reference is None or is_versionless or reference.name.startswith(_OF_CODE_BUILD):
        return Skipped(
            manager=manager,
            path=file.path,
            reason=_why_unmanageable(text, reference),
            line=file.line_of(span.start),
            name=reference.name if reference else text[:200],
            span=span,
            datasource="docker",
            dep_type=dep_type,
            environment=file.environment,
        )
    return Dependency(
        manager=manager,
        path=file.path,
        line=file.line_of(span.start),
        name=reference.name,
        package=image_package(reference.name),
        current_value=reference.tag,
        span=_shifted(reference.tag_span, span.start),
        current_digest=reference.digest,
        digest_span=_shifted(reference.digest_span, span.start),
        pinnable=reference.tag is not None,
        dep_type=dep_type,
        environment=file.environment,
        name_span=_shifted(reference.name_span, span.start),
    )


def _why_unmanageable(text: str, reference: ImageReference | None) -> str:
    if reference is None:
        return "contains a variable" if _PLACEHOLDER.search(text) else "not an image reference"
    return "no registry lists these versions" if reference.name.startswith(_OF_CODE_BUILD) else "no tag"


def _shifted(span: Span | None, offset: int) -> Span | None:
    return None if span is None else Span(span.start + offset, span.end + offset)
