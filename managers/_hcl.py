"""Reads the structure of HCL native syntax and knows where everything stands.

It finds blocks, arguments, string literals, objects and lists with their exact spans, and evaluates nothing: every
other expression is a ``Computed`` stretch of text. A block that cannot be read becomes a ``Problem`` and reading
goes on with the next one. Time is linear in the length of the text, and nesting is limited to ``MAX_DEPTH``, so
walking the result recursively is safe.

Grammar: https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import NamedTuple

from updater.api import Span

MAX_DEPTH = 100
MAX_PROBLEMS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Literal:
    """A quoted string. ``span`` is the text between the quotes, as written (escapes are not decoded)."""

    span: Span
    interpolated: bool
    """Whether it contains ``${…}`` or ``%{…}``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Object:
    """An object constructor. Only entries with a plain name or a literal string as key are kept."""

    span: Span
    entries: Mapping[str, "Expression"]


@dataclass(frozen=True, slots=True, kw_only=True)
class List:
    """A tuple constructor. ``items`` holds the literals, objects and lists among its elements, in order."""

    span: Span
    items: tuple["Literal | Object | List", ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Computed:
    """Any other expression: a reference, a call, a number, a heredoc and so on."""

    span: Span


Expression = Literal | Object | List | Computed


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A block; ``span`` reaches from its type to its closing brace."""

    type: str
    labels: tuple[str, ...]
    attributes: Mapping[str, Expression]
    blocks: tuple["Block", ...]
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """A stretch of the file that could not be read. ``header`` is its first line, shortened."""

    span: Span
    offset: int
    """Where the reader got stuck, at or after the start of ``span``."""
    message: str
    header: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """The top-level blocks of a file, and what could not be read."""

    blocks: tuple[Block, ...]
    problems: tuple[Problem, ...]


def read(text: str) -> Document:
    """Read a whole file. Never raises.

    After an error reading resumes at the next line that starts like a block in the first column. If the error
    shows only behind such a line, something was not closed before it: then the rest of the file is read with these
    lines as hard boundaries, so that one missing brace costs one block. After ``MAX_PROBLEMS`` problems the rest is
    one problem.
    """
    blocks: list[Block] = []
    problems: list[Problem] = []
    boundary = _Boundary(text)
    position = _after_trivia(text, 0)
    while position < len(text):
        try:
            statement, end = _read_statement(text, position, boundary.after(position))
        except _Broken as broken:
            end = boundary.resume(position, broken) if len(problems) < MAX_PROBLEMS else len(text)
            problems.append(_problem(text, Span(position, end), broken))
        else:
            if isinstance(statement, Block):
                blocks.append(statement)
        position = _after_trivia(text, end)
    return Document(blocks=tuple(blocks), problems=tuple(problems))


# ---------------------------------------------------------------- recovery


class _Broken(Exception):
    """``unfinished``: something was never closed, so ``offset`` says little about where the mistake is."""

    def __init__(self, offset: int, message: str, *, unfinished: bool = False) -> None:
        self.offset, self.message, self.unfinished = offset, message, unfinished
        super().__init__(message)


_HEADER = re.compile(r'^[^\W\d][\w-]*+(?:[ \t]++(?:"[^"\n]*+"|[^\W\d][\w-]*+))*+[ \t]*+\{', re.MULTILINE)
_TRIVIA = re.compile(r"(?:[ \t\r\n\ufeff]++|\#[^\n]*+|//[^\n]*+|/\*[^*]*+(?:\*(?!/)[^*]*+)*+\*/)*+")


class _Boundary:
    """Where a statement must end at the latest: at the end of the text until something was found unclosed."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._confined = False
        self._next_header = 0

    def after(self, position: int) -> int:
        return self._header_after(position + 1) if self._confined else len(self._text)

    def resume(self, position: int, broken: _Broken) -> int:
        following = self._header_after(position + 1)
        if broken.unfinished or following < broken.offset:
            self._confined = True
            return following
        return self._header_after(max(broken.offset, position + 1))

    def _header_after(self, position: int) -> int:
        # Remembered, because a search per statement would be quadratic where headers are far apart.
        if self._next_header < position:
            match = _HEADER.search(self._text, position)
            self._next_header = match.start() if match else len(self._text)
        return self._next_header


def _after_trivia(text: str, position: int) -> int:
    match = _TRIVIA.match(text, position)
    return match.end() if match else position


def _problem(text: str, span: Span, broken: _Broken) -> Problem:
    line = text[span.start : min(span.end, span.start + 80)].partition("\n")[0]
    return Problem(span=span, offset=broken.offset, message=broken.message, header=line.rstrip(" \t\r{"))


# ---------------------------------------------------------------- tokens


class _Token(NamedTuple):
    """``kind`` is the name of a group of ``_TOKEN``."""

    kind: str
    span: Span


_TOKEN = re.compile(
    r"""
    (?: [ \t\r\ufeff]++ | \#[^\n]*+ | //[^\n]*+ )*+
    (?:
      (?P<newline> \n )
    | (?P<name> [^\W\d][\w-]*+ )
    | (?P<quote> " )
    | (?P<heredoc> <<-?(?P<marker>[^\W\d][\w-]*+)\r?\n )
    | (?P<comment> /\* )
    | (?P<open> [{\[(] )
    | (?P<close> [}\])] )
    | (?P<other> == | => | [!<>]= | :: | [^\W_][\w.]*+ | [^=:,] )
    | (?P<assign> = )
    | (?P<colon> : )
    | (?P<comma> , )
    )
    """,
    re.VERBOSE,
)
_QUOTED = re.compile(r'(?:[^"\\\n$%]++|\\[^\n]|\$\$\{|%%\{|[$%](?!\{))*+')
_UNTIL_QUOTE_OR_BRACE = re.compile(r'[^"{}]*+')


def _tokens(text: str, position: int, end: int) -> Iterator[_Token | Literal]:
    """The tokens of ``text[position:end]`` without blanks and comments; heredocs count as ``other``."""
    while match := _TOKEN.match(text, position, end):
        kind, position = str(match.lastgroup), match.end()
        if kind == "quote":
            literal = _literal(text, position, end)
            position = literal.span.end + 1
            yield literal
        elif kind == "comment":
            position = _comment_end(text, match.start(kind), end)
        elif kind == "heredoc":
            position = _heredoc_end(text, match, end)
            yield _Token("other", Span(match.start(kind), position))
        else:
            yield _Token(kind, Span(match.start(kind), position))


def _literal(text: str, start: int, end: int) -> Literal:
    """The string whose opening quote stands before ``start``.

    ``closers`` holds what must still be closed inside it, innermost last: templates and their strings may nest.
    """
    position, closers, interpolated = start, ['"'], False
    while closers:
        skip = _QUOTED if closers[-1] == '"' else _UNTIL_QUOTE_OR_BRACE
        match = skip.match(text, position, end)
        position = match.end() if match else position
        character = text[position : min(position + 1, end)]
        if character in ("", "\n", "\\"):
            raise _Broken(start - 1, "the string is not closed", unfinished=interpolated)
        if character == closers[-1]:
            closers.pop()
        elif character in "$%":
            interpolated = True
            closers.append("}")
            position += 1
        else:
            closers.append('"' if character == '"' else "}")
        position += 1
    return Literal(span=Span(start, position - 1), interpolated=interpolated)


def _comment_end(text: str, start: int, end: int) -> int:
    close = text.find("*/", start + 2, end)
    if close < 0:
        raise _Broken(start, "the comment is not closed", unfinished=True)
    return close + 2


def _heredoc_end(text: str, start: re.Match[str], end: int) -> int:
    """The end of the line that holds nothing but the marker, before its line break."""
    closing = re.compile(rf"^[ \t]*+{re.escape(start['marker'])}[ \t]*+(?=\r?$)", re.MULTILINE)
    match = closing.search(text, start.end(), end)
    if match is None:
        raise _Broken(start.start("heredoc"), f"the heredoc {start['marker']} is not closed", unfinished=True)
    return match.end()


# ---------------------------------------------------------------- structure


@dataclass(frozen=True, slots=True, kw_only=True)
class _Body:
    span: Span
    attributes: Mapping[str, Expression]
    blocks: tuple[Block, ...]


_Part = _Token | Literal | Object | List | Computed | _Body


class _Frame(Enum):
    BODY = auto()
    OBJECT = auto()
    LIST = auto()


@dataclass(slots=True, kw_only=True)
class _Open:
    """A bracket that is not closed yet: the parts of its current member and the members that are complete."""

    frame: _Frame
    start: int
    closer: str
    parts: list[_Part] = field(default_factory=list)
    named: dict[str, Expression] = field(default_factory=dict)
    blocks: list[Block] = field(default_factory=list)
    items: list[Literal | Object | List] = field(default_factory=list)


_CLOSERS = {"{": "}", "[": "]", "(": ")"}


def _read_statement(text: str, start: int, end: int) -> tuple[Block | None, int]:
    """The block (None for an argument) that begins at ``start``, and where it ends. Raises ``_Broken``."""
    root = _Open(frame=_Frame.BODY, start=start, closer="")
    stack = [root]
    for token in _tokens(text, start, end):
        _take(text, stack, token)
        if root.blocks:
            return root.blocks[0], root.blocks[0].span.end
        if root.named:
            return None, token.span.end
    if len(stack) > 1:
        raise _Broken(stack[-1].start, f"“{text[stack[-1].start]}” is not closed", unfinished=True)
    _finish_member(text, root)
    return None, end


def _take(text: str, stack: list[_Open], token: _Token | Literal) -> None:
    current = stack[-1]
    if isinstance(token, Literal):
        current.parts.append(token)
    elif token.kind == "open":
        stack.append(_opened(text, current, token.span.start, len(stack)))
    elif token.kind == "close":
        _close(text, stack, token)
    elif token.kind == "newline" and (current.frame is _Frame.LIST or _is_for(text, current.parts)):
        pass
    elif token.kind == "newline" or (token.kind == "comma" and not _is_for(text, current.parts)):
        _finish_member(text, current)
    else:
        current.parts.append(token)


def _opened(text: str, parent: _Open, start: int, depth: int) -> _Open:
    if depth > MAX_DEPTH:
        raise _Broken(start, f"nested deeper than {MAX_DEPTH} levels")
    frame = _Frame.LIST
    if text[start] == "{":
        frame = _Frame.BODY if parent.frame is _Frame.BODY and _is_header(parent.parts) else _Frame.OBJECT
    return _Open(frame=frame, start=start, closer=_CLOSERS[text[start]])


def _is_header(parts: list[_Part]) -> bool:
    return bool(parts) and _is_name(parts[0]) and all(_is_name(part) or isinstance(part, Literal) for part in parts)


def _is_name(part: _Part) -> bool:
    return isinstance(part, _Token) and part.kind == "name"


def _is_for(text: str, parts: list[_Part]) -> bool:
    """Whether this is the inside of ``{ for … }``, which has neither entries nor significant line breaks."""
    return len(parts) > 1 and _is_name(parts[0]) and _is_name(parts[1]) and _text(text, parts[0]) == "for"


def _close(text: str, stack: list[_Open], token: _Token) -> None:
    current = stack[-1]
    if text[token.span.start] != current.closer:
        raise _Broken(token.span.start, f"unexpected “{text[token.span.start]}”")
    _finish_member(text, current)
    stack.pop()
    parent = stack[-1]
    node = _node(current, Span(current.start, token.span.end))
    parent.parts.append(node)
    if isinstance(node, _Body):
        _finish_member(text, parent)


def _node(current: _Open, span: Span) -> _Part:
    if current.frame is _Frame.BODY:
        return _Body(span=span, attributes=current.named, blocks=tuple(current.blocks))
    if current.frame is _Frame.OBJECT:
        return Object(span=span, entries=current.named)
    return List(span=span, items=tuple(current.items)) if current.closer == "]" else Computed(span=span)


def _finish_member(text: str, current: _Open) -> None:
    parts, current.parts = current.parts, []
    if not parts:
        return
    if current.frame is _Frame.BODY:
        _add_statement(text, current, parts)
    elif current.frame is _Frame.OBJECT:
        _add_entry(text, current, parts)
    elif len(parts) == 1 and isinstance(parts[0], Literal | Object | List):
        current.items.append(parts[0])


def _add_statement(text: str, current: _Open, parts: list[_Part]) -> None:
    head, last = parts[0], parts[-1]
    if isinstance(last, _Body):
        current.blocks.append(_block(text, parts[:-1], last))
    elif len(parts) > 2 and _is_name(head) and _kind(parts[1]) == "assign":
        name = _text(text, head)
        if name in current.named:
            raise _Broken(head.span.start, f"“{name}” is set twice")
        current.named[name] = _expression(parts[2:])
    else:
        raise _Broken(head.span.start, "neither a block nor an argument")


def _block(text: str, header: list[_Part], body: _Body) -> Block:
    type_, *labels = (_text(text, part) for part in header)
    return Block(
        type=type_,
        labels=tuple(labels),
        attributes=body.attributes,
        blocks=body.blocks,
        span=Span(header[0].span.start, body.span.end),
    )


def _add_entry(text: str, current: _Open, parts: list[_Part]) -> None:
    if _is_for(text, parts):
        return
    head = parts[0]
    separators = (i for i, part in enumerate(parts) if _kind(part) in ("assign", "colon"))
    separator = next(separators, 0)
    if separator in (0, len(parts) - 1) or text[head.span.start] in "<=>":
        raise _Broken(head.span.start, "not an entry of an object")
    value = _expression(parts[separator + 1 :])
    if separator == 1:
        current.named[_text(text, head)] = value


def _kind(part: _Part) -> str | None:
    return part.kind if isinstance(part, _Token) else None


def _text(text: str, part: _Part) -> str:
    return text[part.span.start : part.span.end]


def _expression(parts: list[_Part]) -> Expression:
    for part in parts:
        if _kind(part) == "assign":
            raise _Broken(part.span.start, "unexpected “=”")
    if len(parts) == 1 and isinstance(parts[0], Literal | Object | List):
        return parts[0]
    return Computed(span=Span(parts[0].span.start, parts[-1].span.end))
