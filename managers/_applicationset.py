"""Application sets: their templates, filled in with all that generators give, and read like applications.

A version that is found in a filled template stands elsewhere: in an element of a generator, in a file, or in the
template itself. Every character of the filled text knows where it comes from, and the dependency is reported there.
Where the template adds something to it (``targetRevision: v{{version}}``), the dependency says what to take off the
versions of the registry.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate
from typing import NamedTuple

from msgspec import structs

from managers._argocd_generators import ELSEWHERE, Library, Reading, elements
from managers._argocd_parameters import Element, Keys
from managers._argocd_source import NAME, application, git_revision, relevant_nodes
from managers._argocd_template import Piece, Template, branches_in, fill, names_in, read_template, scope_of
from managers._images import TEMPLATED
from managers._manifests import settled
from managers._yaml import Document, Mapping, Scalar, documents
from updater.api import Dependency, Environment, Extracted, Skipped, SourceFile, Span, skipped

_MAX_FILLED = 2_000
"""Templates filled for one set. Parameters that change no version do not count."""

_CLUSTER = frozenset(("name", "nameNormalized", "server", "metadata", "project"))
_RANGE = re.compile(r"[*^~<>=|\s]|\.[xX]\b")


class _Section(NamedTuple):
    """A template of an application, which stands at the end of ``path`` in it, or of a patch with ``branches``."""

    template: Template
    path: tuple[str, ...] = ()
    branches: int = 1


class _Found(NamedTuple):
    """Something that was found, and the part of the template that it was found in, which may be ``unresolved``."""

    item: Extracted
    place: Span | None
    is_unresolved: bool = False


class _Filled(SourceFile, frozen=True, kw_only=True):
    """A filled template as a file, all of whose positions can be traced."""

    pieces: tuple[Piece, ...]
    ends: tuple[int, ...]
    template: SourceFile

    def line_of(self, offset: int) -> int:
        """The line of the template that the character at ``offset`` comes from."""
        pieces = self.across(Span(offset, offset + 1))
        return self.template.line_of(_hull(pieces).start) if pieces else 1

    def across(self, span: Span) -> list[Piece]:
        """What stands at ``span``: the pieces, the first and the last one cut to what is in it."""
        found = []
        for index in range(bisect_right(self.ends, span.start), len(self.pieces)):
            piece, end = self.pieces[index], self.ends[index]
            start = end - len(piece.text)
            if start >= span.end:
                break
            found.append(_cut(piece, max(span.start - start, 0), min(span.end, end) - start))
        return [piece for piece in found if piece.text]


class SetItems(NamedTuple):
    """What an application set brings. It ``is_pending`` if there would be more if files could be looked at."""

    items: Sequence[Extracted]
    is_pending: bool


def read_set(file: SourceFile, item: Mapping, library: Library | None) -> SetItems:
    """What an application set in ``file`` brings, in order of place."""
    spec = item.mapping("spec")
    template = spec.mapping("template") if spec else None
    if spec is None or template is None:
        return SetItems((), is_pending=False)
    revisions = (row for _, mapping in spec.walk(("git",)) for row in git_revision(file, mapping, "revision"))
    reader = _Reader(file=file, spec=spec, template=template, library=library)
    rows = (*revisions, *_unreadable_patch(file, spec))
    found = [*(_Found(row, None) for row in rows), *reader.found()]
    return SetItems(_sorted(_settled(_agreed(_unresolved_dropped(found)))), is_pending=reader.is_pending)


def _unreadable_patch(file: SourceFile, spec: Mapping) -> Iterator[Extracted]:
    patch = spec.scalar("templatePatch")
    if patch is not None and patch.embedded() is None and any(word in patch.text for word in ("image", "targetRev")):
        reason = "templatePatch is not written as a literal block (|) or on one line"
        yield skipped(file, manager=NAME, reason=reason, at=patch.span or patch.where)


# ---------------------------------------------------------------- filling


class _Reader:
    """Reads one application set."""

    def __init__(self, *, file: SourceFile, spec: Mapping, template: Mapping, library: Library | None) -> None:
        self._file, self._spec, self._template, self._library = file, spec, template, library
        self._names = self._relevant_names()
        self._filled = 0
        self.is_pending = False

    def found(self) -> Iterator[_Found]:
        """Everything, by generator and element."""
        generators: list[Mapping | None] = [*self._spec.mappings("generators")]
        for generator in generators or [None]:
            reading = Reading(file=self._file, library=self._library, names=self._names)
            combinations = elements(reading, generator) if generator is not None else [()]
            is_pending = "files" in reading.notes
            self.is_pending |= is_pending
            sections = self._sections(generator)
            for element in combinations:
                found = (_explained(item, reading.notes) for item in self._read(sections, element))
                yield from (item for item in found if not (is_pending and item.is_unresolved))
            if self._filled > _MAX_FILLED:
                reason = f"more than {_MAX_FILLED:,} combinations of parameters"
                yield _Found(skipped(self._file, manager=NAME, reason=reason), None)
                return

    def _relevant_names(self) -> frozenset[Keys]:
        names: set[Keys] = set()
        text = self._file.text
        for key, mapping in self._spec.walk():
            if key == "template":
                names.update(*(names_in(text[slice(*node.where)]) for node in relevant_nodes(mapping)))
            elif key == "merge":
                texts = (node.text for node in mapping.elements("mergeKeys") if isinstance(node, Scalar))
                names.update(tuple(name.split(".")) for name in texts)
        for field in ("templatePatch", "generators"):
            node = self._spec.get(field)
            names |= names_in(text[slice(*node.where)]) if node is not None else frozenset()
        return frozenset(names)

    def _sections(self, generator: Mapping | None) -> list[_Section]:
        """The templates for what ``generator`` makes, in the order in which they override each other."""
        own = [mapping for _, mapping in generator.walk(("template",))] if generator is not None else []
        sections = [self._section(template) for template in (self._template, *own)]
        patch = self._spec.scalar("templatePatch")
        document = patch.embedded() if patch is not None else None
        if document is not None:
            text = self._file.text[document.start : document.end]
            patch_template = read_template(self._file, Span(document.start, document.end), steered=True)
            sections.append(_Section(patch_template, branches=branches_in(text)))
        return sections

    def _section(self, template: Mapping) -> _Section:
        """The text of a template; the whole document if there are aliases in it for what stands elsewhere."""
        text = self._file.text
        span = _whole_lines(text, template.where)
        if Document(text, *span).problem is not None:
            for document in documents(text):
                if document.start <= span.start < document.end:
                    whole = read_template(self._file, Span(document.start, document.end))
                    return _Section(whole, path=("spec", "template"))
        return _Section(read_template(self._file, span))

    def _read(self, sections: Sequence[_Section], element: Element) -> Iterator[_Found]:
        for branch in range(max(section.branches for section in sections)):
            self._filled += 1
            if self._filled > _MAX_FILLED:
                return
            yield from self._read_filled(sections, element, branch)

    def _read_filled(self, sections: Sequence[_Section], element: Element, branch: int) -> Iterator[_Found]:
        pieces: list[Piece] = []
        bounds: list[Span] = []
        scope = scope_of(element, branch)
        length = 0
        for section in sections:
            filled = fill(section.template, scope)
            start, length = length, length + sum(len(piece.text) for piece in filled)
            bounds.append(Span(start, length))
            pieces += filled
        file = _Filled(
            path=self._file.path,
            text="".join(piece.text for piece in pieces),
            pieces=tuple(pieces),
            ends=tuple(accumulate(len(piece.text) for piece in pieces)),
            template=self._file,
        )
        found = (_root(file, bound, section.path) for bound, section in zip(bounds, sections, strict=True))
        if roots := list(filter(None, found)):
            environment = _environment(element)
            yield from (_traced(file, item, environment) for item in application(file, roots))
        else:  # what was filled in, or an alias, makes it unreadable
            yield from (_Found(item, None) for item in application(self._file, (self._template,)))


def _root(file: _Filled, span: Span, path: tuple[str, ...]) -> Mapping | None:
    root = Document(file.text, *span).root
    return root.mapping(*path) if root is not None else None


def _whole_lines(text: str, span: Span) -> Span:
    """``span`` with the blanks before it, that its first line may be indented like the others."""
    start = text.rfind("\n", 0, span.start) + 1
    return span if text[start : span.start].strip() else Span(start, span.end)


def _environment(element: Element) -> Environment | None:
    """The environment of a combination, if its parts speak of one and the same."""
    known = {value.environment.name: value.environment for value in element if value.environment}
    return next(iter(known.values())) if len(known) == 1 else None


# ---------------------------------------------------------------- tracing


def _cut(piece: Piece, start: int, end: int) -> Piece:
    origin = None if piece.start is None else piece.start + start
    place = piece.place if piece.is_filled else Span(piece.place.start + start, piece.place.start + end)
    return piece._replace(text=piece.text[start:end], start=origin, place=place)


def _hull(pieces: Sequence[Piece]) -> Span:
    return Span(min(piece.place.start for piece in pieces), max(piece.place.end for piece in pieces))


def _traced(file: _Filled, item: Extracted, environment: Environment | None) -> _Found:
    """``item`` where it comes from."""
    match item:
        case Dependency():
            return _traced_dependency(file, item, environment)
        case Skipped(span=Span() as span) if pieces := file.across(span):
            return _Found(_traced_row(file, item, pieces), _hull(pieces))
    return _Found(item, None)


def _traced_row(file: _Filled, item: Skipped, pieces: Sequence[Piece]) -> Skipped:
    source, span = file.template, _hull(pieces)
    if len(pieces) == 1 and pieces[0].start is not None:
        source, span = pieces[0].file, Span(pieces[0].start, pieces[0].start + len(pieces[0].text))
    value = None if item.current_value is None else source.text[slice(*span)]
    line = source.line_of(span.start)
    environment = source.environment or item.environment
    return structs.replace(item, path=source.path, line=line, span=span, current_value=value, environment=environment)


def _traced_dependency(file: _Filled, item: Dependency, environment: Environment | None) -> _Found:
    values = file.across(item.span) if item.span else []
    digests = file.across(item.digest_span) if item.digest_span else []
    place = _hull([*values, *digests])
    value, digest = _origin(values), _origin(digests)
    pattern = _pattern(values, value) if value else None
    homes = {piece.file.path for piece in (value, digest) if piece}
    is_whole = (value is not None) == bool(values) and (digest is not None) == bool(digests)
    if not is_whole or len(homes) != 1 or len(digests) > 1 or pattern == "":
        row = item.unmanaged("put together from several values")
        return _Found(_traced_row(file, structs.replace(row, span=place, current_value=""), [*values, *digests]), place)
    home = value or digest
    assert home is not None
    span, digest_span = _span(value), _span(digest)
    is_filled = any(piece.is_filled for piece in (*values, *digests))
    moved = structs.replace(
        item,
        path=home.file.path,
        line=home.file.line_of((span or digest_span or place).start),
        span=span,
        current_value=home.file.text[slice(*span)] if span else None,
        digest_span=digest_span,
        pinnable=item.pinnable and not is_filled,
        extract_version=pattern,
        environment=_of_home(file, home) or environment or home.file.environment,
        name_span=None,
        registry_span=None,
    )
    return _Found(moved, place)


def _of_home(file: _Filled, home: Piece) -> Environment | None:
    """The environment that the place of a value speaks of; the template's own path says less than its parameters."""
    return home.environment or (home.file.environment if home.file.path != file.path else None)


def _span(piece: Piece | None) -> Span | None:
    return None if piece is None or piece.start is None else Span(piece.start, piece.start + len(piece.text))


def _origin(pieces: Sequence[Piece]) -> Piece | None:
    """The one piece that holds the version; None if there are several, or if it is written nowhere."""
    versions = [piece for piece in pieces if any(map(str.isdigit, piece.text))] if len(pieces) > 1 else pieces
    return versions[0] if len(versions) == 1 and versions[0].start is not None else None


def _pattern(pieces: Sequence[Piece], version: Piece) -> str | None:
    """What finds the part of a version that is written in one piece; empty if that makes no sense."""
    if len(pieces) == 1:
        return None
    index = pieces.index(version)
    before, behind = ("".join(piece.text for piece in part) for part in (pieces[:index], pieces[index + 1 :]))
    if _RANGE.search(before + version.text + behind):
        return ""
    return rf"^{re.escape(before)}(?P<version>.+){re.escape(behind)}$"


# ---------------------------------------------------------------- one result of many


def _explained(found: _Found, notes: set[str]) -> _Found:
    """``found``; if a placeholder could not be filled in, with the reason why, as far as it lies in the generators."""
    item = found.item
    if not isinstance(item, Skipped) or item.reason != TEMPLATED:
        return found
    names = names_in(f"{item.current_value} {item.name}")
    kinds = notes & ELSEWHERE - {"clusters"}
    if not kinds and any(name[0] in _CLUSTER for name in names):
        kinds = notes & {"clusters"}
    reason = TEMPLATED
    if kinds:
        reason = f"what the {min(kinds)} generator says is not in Git"
    elif "nothing" in notes:
        reason = "the generator's files are not in this repository"
    return found._replace(item=structs.replace(item, reason=reason), is_unresolved=True)


def _unresolved_dropped(found: Iterable[_Found]) -> Iterator[Extracted]:
    """All but the placeholders that some elements fill in and others do not."""
    kept = list(found)
    resolved = {row.place for row in kept if row.place is not None and not row.is_unresolved}
    for item, place, is_unresolved in kept:
        if not is_unresolved or place is None or not any(_overlap(place, other) for other in resolved):
            yield item


def _overlap(one: Span, other: Span) -> bool:
    return one.start < other.end and other.start < one.end


def _agreed(items: Iterable[Extracted]) -> Iterator[Extracted]:
    """The items, without an environment where one place serves several."""
    kept = list(items)
    environments: dict[object, set[str | None]] = {}
    for item in kept:
        if isinstance(item, Dependency):
            environments.setdefault(_place(item), set()).add(item.environment.name if item.environment else None)
    for item in kept:
        serves_many = isinstance(item, Dependency) and len(environments[_place(item)]) > 1
        yield structs.replace(item, environment=None) if isinstance(item, Dependency) and serves_many else item


def _place(item: Dependency) -> object:
    return item.path, item.span, item.digest_span


def _settled(items: Iterable[Extracted]) -> Iterator[Extracted]:
    by_path: dict[str, list[Extracted]] = {}
    for item in items:
        by_path.setdefault(item.path, []).append(item)
    return (item for path in by_path for item in settled(by_path[path]))


def _sorted(items: Iterable[Extracted]) -> list[Extracted]:
    return sorted(items, key=lambda item: (item.path, getattr(item, "line", None) or 0))
