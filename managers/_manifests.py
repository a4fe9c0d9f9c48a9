"""What the managers of YAML files do alike: choose documents, and settle what was found in them."""

import re
from collections.abc import Callable, Iterable, Iterator

from managers._yaml import Document, Mapping, Problem, Scalar, documents_in
from updater.api import Clue, Dependency, Extracted, Skipped, SourceFile, Span

Reader = Callable[[SourceFile, Mapping], Iterable[Extracted]]
Salvager = Callable[[SourceFile, Document], Iterable[Extracted]]


def _nothing(_file: SourceFile, _document: Document) -> Iterable[Extracted]:
    return ()


def extract_documents(
    file: SourceFile,
    *,
    manager: str,
    wanted: Callable[[Document], bool],
    read: Reader,
    around: tuple[str, ...] = (),
    salvage: Salvager = _nothing,
) -> Iterator[Extracted]:
    """What ``read`` finds in the documents of ``file`` that are ``wanted``, settled; nothing in what Flux generates.

    A wanted document that is no YAML becomes one ``Skipped``, beside what ``salvage`` still finds in it. With
    ``around``, ``read`` looks at nothing but what stands around these words; see :mod:`managers._focus`.
    """
    if flux_header(file):
        return iter(())
    chosen = (document for document in documents_in(file) if wanted(document))

    def found(document: Document) -> Iterable[Extracted]:
        excerpt = document.root_around(*around, absent=file.absent) if around else None
        if excerpt is not None:
            return read(file, excerpt)
        if document.problem is not None:
            return (*salvage(file, document), invalid(file, manager, document.problem))
        return () if document.root is None else read(file, document.root)

    return settled(item for document in chosen for item in found(document))


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
    """The Kubernetes objects of a document with their ``apiVersion`` and ``kind``.

    That is the document itself, or the items of a ``List``, those that are lists again likewise.
    """
    waiting, lists = [root], set[Span]()
    while waiting:
        item = waiting.pop()
        version, kind = item.text("apiVersion"), item.text("kind")
        if kind and kind.endswith("List") and "items" in item:
            if item.where not in lists:  # an alias may lead to a list from within itself
                lists.add(item.where)
                waiting.extend(reversed([*item.mappings("items")]))
        elif version and kind:
            yield version, kind, item


_OWNERS = (
    ("argoproj.io", ("Application", "ApplicationSet", "AppProject"), "argocd"),
    ("toolkit.fluxcd.io", (), "flux"),
    ("kustomize.config.k8s.io", (), "kustomize"),
    ("pkg.crossplane.io", (), "crossplane"),
    ("tekton.dev", (), "tekton"),
    ("fleet.cattle.io", (), "fleet"),
    ("projectsveltos.io", (), "sveltos"),
    ("skaffold", (), "skaffold"),
    ("zarf.dev", (), "zarf"),
    ("apiextensions.k8s.io", ("CustomResourceDefinition",), "nobody"),
)
"""Group (or its end), kinds (none: all), and the name of the manager that reads them."""


def owner(api_version: str, kind: str) -> str:
    """The name of the manager that reads objects of this kind; the others leave them alone."""
    group = api_version.partition("/")[0]
    for ending, kinds, manager in _OWNERS:
        if (group == ending or group.endswith(f".{ending}")) and (not kinds or kind in kinds):
            return manager
    return "kubernetes"


_FLUX_HEADER = re.compile(r"^#[ \t]*+Flux[ \t]++[Vv]ersion:[ \t]*+(\S++)[ \t\r]*+\n#[ \t]*+Components:", re.MULTILINE)
_HEADER_LENGTH = 1_000
FLUX_MARK = "Components:"


def flux_header(file: SourceFile) -> Span | None:
    """The place of the version in the header of what ``flux install`` and ``flux bootstrap`` write; None elsewhere.

    All of such a file (``gotk-components.yaml``) belongs to Flux and is written anew as a whole.
    """
    match = _FLUX_HEADER.search(file.text, 0, _HEADER_LENGTH) if file.mentions(FLUX_MARK) else None
    return Span(*match.span(1)) if match else None


# ---------------------------------------------------------------- settling


def settled(found: Iterable[Extracted]) -> Iterator[Extracted]:
    """``found``, but each place once.

    Aliases lead to one place from several. Where they do so for different packages, the first one owns the
    version, the others become ``Skipped``.
    """
    seen: set[object] = set()
    owners: dict[Span, Dependency] = {}
    for item in found:
        if isinstance(item, Clue):
            yield item
            continue
        identity = (item.package, item.span, item.digest_span) if isinstance(item, Dependency) else item
        if identity not in seen:
            seen.add(identity)
            yield _settled(item, owners) if isinstance(item, Dependency) else item


def _settled(item: Dependency, owners: dict[Span, Dependency]) -> Dependency | Skipped:
    for span in filter(None, (item.span, item.digest_span)):
        owner = owners.setdefault(span, item)
        if owner is not item:
            return item.unmanaged(f"shares its version with {owner.name}")
    return item
