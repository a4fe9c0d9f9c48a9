"""Values put together out of variables: ``ARG TAG=1.2`` with ``FROM repo:${TAG}``, ``image: repo:${TAG:-1.2}``.

A composed text knows where each of its pieces stands, so that a version is edited where it is written and nowhere
else. The variables are those of the shell (``$NAME``, ``${NAME}``, ``${NAME:-default}``, ``${NAME-default}``) and of
Make (``$(NAME)``).
"""

import re
from collections.abc import Iterable, Iterator, Mapping

from msgspec import Struct

from managers._images import SCATTERED, TEMPLATED
from updater.api import (
    Dependency,
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

VARIABLE = "contains a variable"

_MAX_PIECES = 40
_MAX_LENGTH = 1_024
_MAX_DEPTH = 8
_NAME = re.compile(r"[A-Za-z_]\w*+")
_NAME_OR_NUMBER = re.compile(r"[A-Za-z_]\w*+|\d")
_OF_MAKE = re.compile(r"\$\([A-Za-z_]\w*+\)")
_OPERATOR = re.compile(r":?[-?]")
_QUOTES = re.compile(r"[\"']++")
_VERSION = re.compile(r"[vV]?\d")
_PLACEHOLDER = re.compile(r"\$|\{\{|\{%|@@|<[^>]*+>|%%?[A-Za-z_]++%")
_JOINS = re.compile(r"[\d.]")


class Piece(Struct, frozen=True, kw_only=True):
    """A part of a text, and where it stands."""

    file: SourceFile
    span: Span

    @property
    def text(self) -> str:
        """What stands there."""
        return self.file.text[self.span.start : self.span.end]


Pieces = tuple[Piece, ...]


# ---------------------------------------------------------------- putting together


def composed(file: SourceFile, span: Span, values: Mapping[str, Pieces], *, is_quoted: bool = False) -> Pieces | None:
    """The text at ``span`` with its variables replaced, without shell quotes if ``is_quoted``.

    A variable without a value and without a default stays in the text as it is written. None if the result would be
    beyond all measure.
    """
    pieces = tuple(_expanded(file, span, values, 0)) if span.end - span.start <= _MAX_LENGTH else ()
    if is_quoted:
        pieces = tuple(part for piece in pieces for part in _unquoted(piece))
    return pieces if 0 < len(pieces) <= _MAX_PIECES else None


def _expanded(file: SourceFile, span: Span, values: Mapping[str, Pieces], depth: int) -> Iterator[Piece]:
    start, end = span
    while start < end:
        dollar = file.text.find("$", start, end)
        literal_end = end if dollar < 0 else dollar
        if literal_end > start:
            yield Piece(file=file, span=Span(start, literal_end))
        start = literal_end
        if dollar >= 0:
            start = _variable_end(file.text, dollar, end)
            yield from _value(file, Span(dollar, start), values, depth)


def _variable_end(text: str, dollar: int, end: int) -> int:
    """Where the variable that begins at ``dollar`` ends; of one without a name or an end, behind the ``$``."""
    if of_make := _OF_MAKE.match(text, dollar, end):
        return of_make.end()
    if not text.startswith("${", dollar):
        name = _NAME_OR_NUMBER.match(text, dollar + 1, end)
        return name.end() if name else dollar + 1
    depth = 0
    for position in range(dollar + 1, end):
        depth += {"{": 1, "}": -1}.get(text[position], 0)
        if depth == 0:
            return position + 1
    return dollar + 1


def _value(file: SourceFile, variable: Span, values: Mapping[str, Pieces], depth: int) -> Iterable[Piece]:
    text = file.text
    itself = (Piece(file=file, span=variable),)
    is_braced = text.startswith(("${", "$("), variable.start) and text[variable.end - 1] in "})"
    name = _NAME.match(text, variable.start + 1 + is_braced, variable.end)
    if name is None:
        return itself
    value = values.get(name[0])
    operator = _OPERATOR.match(text, name.end(), variable.end)
    if operator is None:
        is_plain = name.end() == variable.end - is_braced
        return itself if value is None or not is_plain else value
    if value or (value is not None and not operator[0].startswith(":")):
        return value
    if operator[0].endswith("?") or depth >= _MAX_DEPTH:
        return itself
    return _expanded(file, Span(operator.end(), variable.end - 1), values, depth + 1)


def _unquoted(piece: Piece) -> Iterator[Piece]:
    start, end = piece.span
    for quotes in _QUOTES.finditer(piece.file.text, start, end):
        if quotes.start() > start:
            yield Piece(file=piece.file, span=Span(start, quotes.start()))
        start = quotes.end()
    if start < end:
        yield Piece(file=piece.file, span=Span(start, end))


def text_of(pieces: Pieces) -> str:
    """What the pieces amount to."""
    return "".join(piece.text for piece in pieces)


def contributions(text: Pieces, span: Span) -> Pieces:
    """What the pieces of a text contribute to a part of it."""
    found: list[Piece] = []
    start = 0
    for piece in text:
        end = start + piece.span.end - piece.span.start
        first, last = max(start, span.start), min(end, span.end)
        if first < last:
            offset = piece.span.start - start
            found.append(Piece(file=piece.file, span=Span(first + offset, last + offset)))
        start = end
    return tuple(found)


# ---------------------------------------------------------------- reading images


def composed_image(pieces: Pieces, *, manager: str, at: Piece, dep_type: str | None = None) -> Iterator[Extracted]:
    """The image that ``pieces`` name in the text at ``at``, or why it cannot be managed.

    Of a tag with fixed parts (``${VERSION}-alpine``) the version moves while the rest stays.
    """
    if len(pieces) == 1 and not _PLACEHOLDER.search(pieces[0].text):
        yield image_dependency(pieces[0].file, manager=manager, span=pieces[0].span, dep_type=dep_type)
    else:
        yield from _Composition(pieces=pieces, manager=manager, at=at, dep_type=dep_type).items()


class _Composition(Struct, frozen=True, kw_only=True):
    """An image made of several pieces, on behalf of a manager."""

    pieces: Pieces
    manager: str
    at: Piece
    dep_type: str | None

    def items(self) -> Iterator[Extracted]:
        text = text_of(self.pieces)
        reference = parse_image(text)
        if reference is None:
            yield self._unmanaged(_why_no_reference(text), text)
        elif reference.tag is None and reference.digest is None:
            yield self._unmanaged("no tag", reference.name)
        else:
            yield from self._image(reference)

    def _image(self, reference: ImageReference) -> Iterator[Extracted]:
        parts = self._parts(reference.tag_span)
        digest = self._parts(reference.digest_span)
        version, extract_version = moving(parts)
        places = [piece for piece in (version, *digest) if piece]
        if len(digest) > 1 or (parts and version is None) or len({piece.file.path for piece in places}) != 1:
            yield self._unmanaged(SCATTERED, reference.name)
            return
        yield self._dependency(reference, version, digest, extract_version)
        for part in parts:
            is_moved = version is not None and part.span.start == version.span.start
            if not is_moved and part.file.path == places[0].file.path and _VERSION.match(part.text):
                yield self._fixed(part, reference.name)

    def _dependency(
        self, reference: ImageReference, version: Piece | None, digest: Pieces, extract_version: str | None
    ) -> Dependency:
        return dependency(
            (version or digest[0]).file,
            manager=self.manager,
            name=reference.name,
            package=image_package(reference.name),
            value=version.span if version else None,
            digest=digest[0].span if digest else None,
            pinnable=bool(version and self._is_in_one_piece(reference)),
            extract_version=extract_version,
            dep_type=self.dep_type,
        )

    def _is_in_one_piece(self, reference: ImageReference) -> bool:
        assert reference.tag_span is not None
        return len(self._parts(Span(0, reference.tag_span.end))) == 1

    def _parts(self, span: Span | None) -> Pieces:
        """What the pieces contribute to ``span`` of the whole text."""
        return contributions(self.pieces, span) if span else ()

    def _unmanaged(self, reason: str, name: str) -> Skipped:
        return skipped(
            self.at.file,
            manager=self.manager,
            reason=reason,
            at=self.at.span,
            name=name[:200],
            datasource="docker",
            dep_type=self.dep_type,
        )

    def _fixed(self, part: Piece, name: str) -> Skipped:
        return skipped(
            part.file,
            manager=self.manager,
            reason="a part of a tag whose version stands elsewhere",
            at=part.span,
            name=name,
            datasource="docker",
            dep_type=self.dep_type,
        )


def _why_no_reference(text: str) -> str:
    if "{{" in text:
        return TEMPLATED
    return VARIABLE if _PLACEHOLDER.search(text) else "not an image reference"


def moving(parts: Pieces) -> tuple[Piece | None, str | None]:
    """The part of a tag that is its version, and the pattern that finds it in other tags with the same fixed parts.

    None if no part is the whole of the version (``${MAJOR}.${MINOR}``).
    """
    if len(parts) == 1:
        return parts[0], None
    for number, part in enumerate(parts):
        if _VERSION.match(part.text):
            before, behind = text_of(parts[:number]), text_of(parts[number + 1 :])
            length = 0 if before and _JOINS.match(before[-1]) else _version_length(part.text, behind)
            if not length:
                return None, None
            pattern = f"^{re.escape(before)}(?<version>.+){re.escape(part.text[length:] + behind)}$"
            start = part.span.start
            return Piece(file=part.file, span=Span(start, start + length)), pattern
    return None, None


def _version_length(text: str, behind: str) -> int:
    """How much of ``text`` is a version by itself, whatever is ``behind`` it: of ``1.21-alpine${V}`` it is ``1.21``."""
    if not behind or not _JOINS.match(behind[0]):
        return len(text.rstrip("-_+") if behind else text)
    separator = max(map(text.rfind, "-_+"))
    return len(text[:separator].rstrip("-_+")) if separator > 0 else 0
