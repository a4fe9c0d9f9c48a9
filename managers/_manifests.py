"""What the managers of YAML files do alike: choose documents, and settle what was found in them."""

import re
from collections.abc import Callable, Iterable, Iterator

from managers._yaml import Document, Mapping, Problem, Scalar, documents
from updater.api import Dependency, Extracted, Skipped, SourceFile, Span

Reader = Callable[[SourceFile, Mapping], Iterable[Extracted]]

_IGNORE = re.compile(r"(?:renovate|updater):[ \t]*ignore\b")
_FLUX_MARKER = '{"$imagepolicy"'


def extract_documents(
    file: SourceFile,
    *,
    manager: str,
    wanted: Callable[[Document], bool],
    read: Reader,
    around: tuple[str, ...] = (),
) -> Iterator[Extracted]:
    """What ``read`` finds in the documents of ``file`` that are ``wanted``, settled.

    A wanted document that is no YAML, or that SOPS encrypted, becomes one ``Skipped``. With ``around``, ``read`` looks
    at nothing but what stands around these words; see :mod:`managers._focus`.
    """
    chosen = (document for document in documents(file.text) if wanted(document))
    return settled(file, (item for document in chosen for item in _read(file, manager, document, read, around)))


def _read(
    file: SourceFile, manager: str, document: Document, read: Reader, around: tuple[str, ...]
) -> Iterable[Extracted]:
    if document.field("sops") is not None:
        return (_unreadable(file, manager, document.start, "encrypted with SOPS"),)
    excerpt = document.root_around(*around) if around else None
    if excerpt is not None:
        return read(file, excerpt)
    if document.problem is not None:
        return (invalid(file, manager, document.problem),)
    return () if document.root is None else read(file, document.root)


def invalid(file: SourceFile, manager: str, problem: Problem) -> Skipped:
    """A document that is no YAML."""
    line = file.line_of(problem.offset)
    return _unreadable(file, manager, problem.offset, f"not valid YAML: {problem.reason} at line {line}")


def _unreadable(file: SourceFile, manager: str, offset: int, reason: str) -> Skipped:
    line = file.line_of(offset)
    return Skipped(manager=manager, path=file.path, reason=reason, line=line, environment=file.environment)


def versionless(
    file: SourceFile, at: Scalar, *, manager: str, reason: str, datasource: str | None, dep_type: str | None
) -> Skipped:
    """What ``at`` names has no version that could be moved."""
    return Skipped(
        manager=manager,
        path=file.path,
        reason=reason,
        line=file.line_of(at.where.start),
        name=at.text,
        datasource=datasource,
        dep_type=dep_type,
        environment=file.environment,
    )


def objects(root: Mapping) -> Iterator[tuple[str, str, Mapping]]:
    """The Kubernetes objects of a document with their ``apiVersion`` and ``kind``: itself, or a ``List``'s items."""
    kind = root.text("kind")
    is_list = kind is not None and kind.endswith("List") and "items" in root
    for item in root.mappings("items") if is_list else (root,):
        version, kind = item.text("apiVersion"), item.text("kind")
        if version and kind:
            yield version, kind, item


# ---------------------------------------------------------------- settling


def settled(file: SourceFile, found: Iterable[Extracted]) -> Iterator[Extracted]:
    """``found``, but each place once, and without what a comment on its line gives to somebody else.

    Aliases lead to one place from several. Where they do so for different packages, the first one owns the
    version, the others become ``Skipped``.
    """
    seen: set[object] = set()
    owners: dict[Span, Dependency] = {}
    for item in found:
        identity = (item.package, item.span, item.digest_span) if isinstance(item, Dependency) else item
        if identity not in seen:
            seen.add(identity)
            yield _settled(file, item, owners) if isinstance(item, Dependency) else item


def _settled(file: SourceFile, item: Dependency, owners: dict[Span, Dependency]) -> Dependency | Skipped:
    for span in filter(None, (item.span, item.digest_span)):
        owner = owners.setdefault(span, item)
        reason = f"shares its version with {owner.name}" if owner is not item else _given_away(file, span)
        if reason:
            return item.unmanaged(reason)
    return item


def _given_away(file: SourceFile, span: Span) -> str | None:
    line_end = file.text.find("\n", span.end)
    _, _, comment = file.text[span.end : None if line_end < 0 else line_end].partition("#")
    if _IGNORE.search(comment):
        return "ignored by comment"
    return "owned by Flux image automation" if _FLUX_MARKER in comment else None
