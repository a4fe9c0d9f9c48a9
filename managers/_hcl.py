"""Reads the structure of HCL native syntax and knows where everything stands.

It finds blocks, arguments, string literals, heredocs, objects, lists and calls with their exact spans, and evaluates
nothing: every other expression is a ``Computed`` stretch of text. A block that cannot be read becomes a ``Problem``
and reading goes on with the next one. Time is linear in the length of the text, and nesting is limited to
``MAX_DEPTH``, so walking the result recursively is safe.

Grammar: https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md
"""

import re
import sys
from collections.abc import Iterator, Mapping
from enum import Enum, auto
from typing import NamedTuple

from msgspec import Struct, field

from updater.api import Span

MAX_DEPTH = 100
MAX_PROBLEMS = 100


class Literal(
    NamedTuple
):  # a tuple, like Computed, because these are frequent and a dataclass takes four times as long
    """A quoted string. ``span`` is the text between the quotes, as written (escapes are not decoded)."""

    span: Span
    interpolated: bool
    """Whether it contains ``${…}`` or ``%{…}``."""


class Computed(NamedTuple):
    """An expression that is nothing of the others: a reference, a number, an operation and so on."""

    span: Span


class Heredoc(NamedTuple):
    """A heredoc. ``content`` is the text from behind the line of its marker to the line of the closing one."""

    span: Span
    content: Span


class Object(Struct, frozen=True, kw_only=True):
    """An object constructor.

    ``keys`` says where each key stands, without its quotes; a computed key, such as ``(local.name)``, has no place, and
    its entry is called as it is written.
    """

    span: Span
    entries: Mapping[str, "Expression"]
    keys: Mapping[str, Span] = field(default_factory=dict)


class List(Struct, frozen=True, kw_only=True):
    """A tuple constructor."""

    span: Span
    items: tuple["Expression", ...]


class Call(Struct, frozen=True, kw_only=True):
    """A call of a function, ``name(…)``. ``path`` are the attributes of its result that are asked for: ``.a.b``."""

    span: Span
    name: str
    arguments: tuple["Expression", ...]
    path: str = ""


Expression = Literal | Heredoc | Object | List | Call | Computed


class Block(Struct, frozen=True, kw_only=True):
    """A block; ``span`` reaches from its type to behind its closing brace."""

    type: str
    labels: tuple[str, ...]
    attributes: Mapping[str, Expression]
    blocks: tuple["Block", ...]
    span: Span


class Problem(Struct, frozen=True, kw_only=True):
    """A stretch of the file that could not be read. ``header`` is its first line, shortened."""

    span: Span
    offset: int
    """Where the reader got stuck, within ``span``."""
    message: str
    header: str


class Document(Struct, frozen=True, kw_only=True):
    """The wanted top-level blocks of a file, its top-level arguments, and what could not be read."""

    blocks: tuple[Block, ...]
    attributes: Mapping[str, Expression] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()


def read(text: str, wanted: re.Pattern[str], within: Span | None = None) -> Document:
    """Read the top-level blocks at whose beginning ``wanted`` matches. Never raises.

    ``within`` is the part of the text to read, by default all of it.

    The others are stepped over: only what keeps their end from being found is a problem.

    After an error reading resumes at the next line that starts like a block in the first column. If the error
    shows only behind such a line, something was not closed before it: then the rest of the file is read with these
    lines as hard boundaries, so that one missing brace costs one block. After ``MAX_PROBLEMS`` problems the rest is
    one problem.
    """
    blocks: list[Block] = []
    problems: list[Problem] = []
    attributes: dict[str, Expression] = {}
    start, stop = within or Span(0, len(text))
    boundary = _Boundary(text, stop)
    position = _end(_TRIVIA, text, start, stop)
    while position < stop:
        try:
            root, end = _statement(text, position, boundary.after(position), wanted)
        except _Broken as broken:
            end = boundary.resume(position, broken) if len(problems) < MAX_PROBLEMS else stop
            problems.append(_problem(text, Span(position, end), broken))
        else:
            blocks += root.blocks
            attributes |= root.named
        position = _end(_TRIVIA, text, end, stop)
    return Document(blocks=tuple(blocks), attributes=attributes, problems=tuple(problems))


def _statement(text: str, start: int, end: int, wanted: re.Pattern[str]) -> "tuple[_Open, int]":
    """What the statement at ``start`` adds (an unwanted block: nothing), and where it ends. Raises ``_Broken``."""
    header = None if wanted.match(text, start, end) else _HEADER.match(text, start, end)
    if header and text.startswith("{", header.end(), end):
        return _Open(frame=_Frame.BODY, start=start, closer="", member=start), _after_brace(text, header.end(), end)
    return _Reader(text, start, end).read()


def _end(pattern: re.Pattern[str], text: str, position: int, end: int = sys.maxsize) -> int:
    """Where the match of ``pattern`` at ``position`` ends; ``position`` itself if there is none."""
    match = pattern.match(text, position, end)
    return match.end() if match else position


# ---------------------------------------------------------------- recovery


class _Broken(Exception):
    """``unfinished``: something was never closed, so ``offset`` says little about where the mistake is."""

    def __init__(self, offset: int, message: str, *, unfinished: bool = False) -> None:
        self.offset, self.message, self.unfinished = offset, message, unfinished
        super().__init__(message)


_NAME = r"[^\W\d][\w-]*+"
_COMMENT = r"/\*[^*]*+(?:\*(?!/)[^*]*+)*+\*/"
_TRIVIA = re.compile(rf"(?:[ \t\r\n\ufeff]++|\#[^\n]*+|//[^\n]*+|{_COMMENT})*+")
_HEADER_LINE = re.compile(rf'^{_NAME}(?:[ \t]++(?:"[^"\n]*+"|{_NAME}))*+[ \t]*+\{{', re.MULTILINE)


class _Boundary:
    """Where a statement must end at the latest: at the end of the text until something was found unclosed."""

    def __init__(self, text: str, end: int) -> None:
        self._text, self._end = text, end
        self._confined = False
        self._next_header = 0

    def after(self, position: int) -> int:
        return self._header_after(position + 1) if self._confined else self._end

    def resume(self, position: int, broken: _Broken) -> int:
        following = self._header_after(position + 1)
        if broken.unfinished or following < broken.offset:
            self._confined = True
            return following
        return self._header_after(max(broken.offset, position + 1))

    def _header_after(self, position: int) -> int:
        # Remembered, because a search per statement would be quadratic where headers are far apart.
        if self._next_header < position:
            match = _HEADER_LINE.search(self._text, position, self._end)
            self._next_header = match.start() if match else self._end
        return self._next_header


def _problem(text: str, span: Span, broken: _Broken) -> Problem:
    header = text[span.start : min(span.end, span.start + 80)].partition("\n")[0].rstrip(" \t\r{")
    if broken.offset >= span.end:
        return Problem(span=span, offset=span.start, message="something in it is not closed", header=header)
    return Problem(span=span, offset=broken.offset, message=broken.message, header=header)


# ---------------------------------------------------------------- strings, comments, heredocs, brackets

_QUOTED = re.compile(r'(?:[^"\\\n$%]++|\\[^\n]|\$\$\{|%%\{|[$%](?!\{))*+')
_TEMPLATE = re.compile(r"\$\$\{|%%\{|[$%]\{")
_UNTIL_QUOTE_OR_BRACE = re.compile(r'[^"{}]*+')
_LINE = re.compile(r"[^\n]*+")
_HEREDOC = re.compile(rf"<<-?({_NAME})\r?\n")
_CLOSERS = {"{": "}", "[": "]", "(": ")"}
_BRACKET_OR_OPAQUE = r"""
    (?P<open>[{\[(]) | (?P<close>[}\])])
  | (?P<quote>") | (?P<line_comment>\#|//) | (?P<comment>/\*) | (?P<heredoc><<) | (?P<plain>[/<])
"""
_NEXT_BRACKET = re.compile(rf'(?:[^"{{}}\[\]()\#/<]++|"[^"\\\n$%]*+")*+(?:{_BRACKET_OR_OPAQUE})', re.VERBOSE)


def _literal(text: str, start: int, end: int) -> Literal:
    """The string whose opening quote stands at ``start``.

    ``closers`` holds what must still be closed inside it, innermost last: templates and their strings may nest.
    """
    position = _end(_QUOTED, text, start + 1, end)
    if text.startswith('"', position, end):
        return Literal(Span(start + 1, position), interpolated=False)
    closers, interpolated = ['"'], False
    while closers:
        position = _end(_QUOTED if closers[-1] == '"' else _UNTIL_QUOTE_OR_BRACE, text, position, end)
        interpolated = interpolated or text[position : position + 1] in ("$", "%")
        try:
            position = _step(text, position, end, closers) + 1
        except _Broken as broken:
            raise _Broken(start, str(broken), unfinished=interpolated) from None
    return Literal(Span(start + 1, position - 1), interpolated)


def _step(text: str, position: int, end: int, closers: list[str]) -> int:
    """Take note of the quote or brace at ``position``; the position of its last character. Raises ``_Broken``."""
    character = text[position : min(position + 1, end)]
    if character in ("", "\n", "\\"):
        raise _Broken(position, "the string is not closed")
    if character == closers[-1]:
        closers.pop()
    elif character in "$%":
        closers.append("}")
        return position + 1
    else:
        closers.append('"' if character == '"' else "}")
    return position


def _after_opaque(text: str, kind: str, start: int, end: int) -> int:
    """Where the string, comment or heredoc that begins at ``start`` has ended."""
    if kind == "quote":
        return _literal(text, start, end).span.end + 1
    if kind == "line_comment":
        return _end(_LINE, text, start, end)
    if kind == "comment":
        return _after_comment(text, start, end)
    heredoc = _HEREDOC.match(text, start, end)
    return _after_heredoc(text, heredoc, end) if heredoc else start + 1


def _after_comment(text: str, start: int, end: int) -> int:
    close = text.find("*/", start + 2, end)
    if close < 0:
        raise _Broken(start, "the comment is not closed", unfinished=True)
    return close + 2


def _after_heredoc(text: str, start: re.Match[str], end: int) -> int:
    """The end of the line that holds nothing but the marker, before its line break."""
    closing = re.compile(rf"^[ \t]*+{re.escape(start[1])}[ \t]*+(?=\r?$)", re.MULTILINE)
    match = closing.search(text, start.end(), end)
    if match is None:
        raise _Broken(start.start(), f"the heredoc {start[1]} is not closed", unfinished=True)
    return match.end()


def _after_brace(text: str, start: int, end: int) -> int:
    """Where the brace at ``start`` has been closed."""
    closers, position = ["}"], start + 1
    while closers and (match := _NEXT_BRACKET.match(text, position, end)):
        position, kind = match.end(), str(match.lastgroup)
        bracket = text[position - 1]
        if kind == "open":
            closers.append(_CLOSERS[bracket])
        elif kind != "close":
            position = _after_opaque(text, kind, match.start(kind), end)
        elif bracket != closers.pop():
            raise _Broken(position - 1, f"unexpected “{bracket}”")
    if closers:
        raise _Broken(start, "“{” is not closed", unfinished=True)
    return position


def templates(text: str, span: Span) -> Iterator[Span]:
    """The places of ``${…}`` and ``%{…}`` in a part of a string or a heredoc; the rest if one is not closed."""
    position = span.start
    while match := _TEMPLATE.search(text, position, span.end):
        position = match.end()
        if match[0][1] == match[0][0]:
            continue
        try:
            position = _after_template(text, match.end(), span.end)
        except _Broken:
            position = span.end
        yield Span(match.start(), position)


def _after_template(text: str, position: int, end: int) -> int:
    """Where the template has ended inside whose ``{`` the ``position`` is."""
    closers = ["}"]
    while closers:
        position = _end(_QUOTED if closers[-1] == '"' else _UNTIL_QUOTE_OR_BRACE, text, position, end)
        position = _step(text, position, end, closers) + 1
    return position


def expression(text: str, span: Span) -> Expression:
    """The expression at ``span``, as one in ``${…}`` is; ``Computed`` if it is none of the others. Never raises."""
    member = _stretch(text, span)
    return member.element()[0] if member else Computed(span)


def branches(text: str, span: Span) -> tuple[Expression, ...]:
    """The two values of the conditional (``condition ? this : that``) at ``span``; none if there is no such thing."""
    member = _stretch(text, span)
    question = member.find(_QUESTION, span.start) if member else None
    colon = member.find(_COLON, question) if member and question else None
    if question is None or colon is None:
        return ()
    return expression(text, Span(question + 1, colon)), expression(text, Span(colon + 1, span.end))


def _stretch(text: str, span: Span) -> "_Member | None":
    """What one expression is made of; None if it cannot be read, or is none or several."""
    try:
        return _Reader(text, *span, frame=_Frame.PARENTHESES).member()
    except _Broken:
        return None


# ---------------------------------------------------------------- structure

_BLANK = rf"(?:[ \t\r\ufeff]++|{_COMMENT})*+"
_ARGUMENT = re.compile(rf"{_BLANK}({_NAME}){_BLANK}=(?![=>]){_BLANK}")
_PLAIN_ARGUMENT = re.compile(
    rf'\s*+({_NAME})[ \t]*+=[ \t]*+(?:"(?P<literal>[^"\\\n$%]*+)"|(?P<computed>[\w.-]++))[ \t\r]*+(?:\#[^\n]*+)?\n'
)
_ENTRY = re.compile(rf'{_BLANK}(?:({_NAME})|"([^"\n]*+)"){_BLANK}(?:=(?![=>])|:(?!:)){_BLANK}')
_HEADER = re.compile(rf'{_BLANK}{_NAME}(?:{_BLANK}(?:"[^"\n]*+"|{_NAME}))*+{_BLANK}')
_FUNCTION = re.compile(rf"({_NAME}(?:::{_NAME})*+)[ \t]*+")
_ATTRIBUTES = re.compile(r"(?:\.[\w-]++)*+")
_HEADER_WORD = re.compile(rf'{_COMMENT}|"(?P<label>[^"\n]*+)"|(?P<name>{_NAME})')
_FOR = re.compile(rf"{_TRIVIA.pattern}for[ \t\r\n]++{_NAME}")
_IS_BLANK = re.compile(_BLANK)
_ASSIGNMENT = re.compile(rf"{_COMMENT}|(?P<found>(?<![=!<>])=(?![=>]))")
_SEPARATOR = re.compile(rf"{_COMMENT}|(?P<found>(?<![=!<>])=(?![=>])|(?<!:):(?!:))")
_QUESTION = re.compile(rf"{_COMMENT}|(?P<found>\?)")
_COLON = re.compile(rf"{_COMMENT}|(?P<found>(?<!:):(?!:))")
_NEXT = re.compile(
    rf"""
    [^"{{}}\[\](),\n\#/<]*+
    (?:(?P<newline>\n) | (?P<comma>,) | (?P<literal>"[^"\\\n$%]*+") | {_BRACKET_OR_OPAQUE})
    """,
    re.VERBOSE,
)


class _Frame(Enum):
    BODY = auto()
    OBJECT = auto()
    LIST = auto()
    PARENTHESES = auto()
    OTHER = auto()
    """``{ for … }``: nothing inside is kept."""


_FRAMES = {"[": _Frame.LIST, "(": _Frame.PARENTHESES}


class _Body(Struct, frozen=True, kw_only=True):
    span: Span
    attributes: Mapping[str, Expression]
    blocks: tuple[Block, ...]


class _Parentheses(Struct, frozen=True, kw_only=True):
    span: Span
    items: tuple[Expression, ...]


_Node = Literal | Heredoc | Object | List | Computed | _Parentheses | _Body


class _Open(Struct, kw_only=True):
    """A bracket that is not closed yet: its complete members, and the beginning of the current one."""

    frame: _Frame
    start: int
    closer: str
    member: int
    """Where the current member (a statement, an entry, an element) begins."""
    comment: int | None = None
    """Where a line comment ends the current statement or entry."""
    braces: int = 0
    """How many braces the current member has; only the first can be that of a block."""
    nodes: list[_Node] = field(default_factory=list)
    """What was read of the current member: its literals, heredocs and closed brackets."""
    named: dict[str, Expression] = field(default_factory=dict)
    keys: dict[str, Span] = field(default_factory=dict)
    blocks: list[Block] = field(default_factory=list)
    items: list[Expression] = field(default_factory=list)


class _Reader:
    """Reads one statement of the top level, or one expression, with a stack in place of recursion.

    It jumps from one structural character to the next; the text between them is looked at once, when a member is
    complete.
    """

    def __init__(self, text: str, start: int, end: int, frame: _Frame = _Frame.BODY) -> None:
        self._text, self._position, self._end = text, start, end
        self._root = _Open(frame=frame, start=start, closer="", member=start)
        self._stack = [self._root]

    def read(self) -> tuple[_Open, int]:
        """The statement, as the only member of its frame, and where it ends. Raises ``_Broken``."""
        while match := _NEXT.match(self._text, self._position, self._end):
            self._position = match.end()
            kind = str(match.lastgroup)
            self._take(kind, match.start(kind))
            if self._root.blocks or self._root.named:
                return self._root, self._position
        self._check_closed()
        self._finish_member(self._end)
        return self._root, self._end

    def member(self) -> "_Member | None":
        """The only member of the frame; None if there are none or several. Raises ``_Broken``."""
        while match := _NEXT.match(self._text, self._position, self._end):
            self._position = match.end()
            kind = str(match.lastgroup)
            self._take(kind, match.start(kind))
        self._check_closed()
        member = _Member(self._text, self._root.member, self._end, self._root.nodes)
        return None if self._root.items or member.is_blank() else member

    def _check_closed(self) -> None:
        if len(self._stack) > 1:
            start = self._stack[-1].start
            raise _Broken(start, f"“{self._text[start]}” is not closed", unfinished=True)

    def _take(self, kind: str, start: int) -> None:
        match kind:
            case "newline":
                self._newline(start)
            case "comma":
                self._comma(start)
            case "literal":
                self._keep(Literal(Span(start + 1, self._position - 1), interpolated=False), self._position)
            case "quote":
                literal = _literal(self._text, start, self._end)
                self._keep(literal, literal.span.end + 1)
            case "open":
                self._push(start)
            case "close":
                self._pop(start)
            case _:
                self._pass(kind, start)

    def _newline(self, start: int) -> None:
        frame = self._stack[-1].frame
        if frame in (_Frame.BODY, _Frame.OBJECT):
            self._finish_member(start)
        if frame is _Frame.BODY and len(self._stack) > 1:
            self._take_plain_arguments()

    def _take_plain_arguments(self) -> None:
        """A short cut for most lines of most files: arguments on one line without brackets and templates."""
        current = self._stack[-1]
        while match := _PLAIN_ARGUMENT.match(self._text, self._position, self._end):
            kind = str(match.lastgroup)
            span = Span(*match.span(kind))
            _set_argument(current, match, Literal(span, interpolated=False) if kind == "literal" else Computed(span))
            self._position = current.member = match.end()

    def _comma(self, start: int) -> None:
        frame = self._stack[-1].frame
        if frame is _Frame.BODY:
            raise _Broken(start, "unexpected “,”")
        if frame is not _Frame.OTHER:
            self._finish_member(start)

    def _pass(self, kind: str, start: int) -> None:
        current = self._stack[-1]
        self._position = _after_opaque(self._text, kind, start, self._end)
        if kind == "heredoc" and self._position > start + 1:
            self._keep(_heredoc(self._text, start, self._position), self._position)
        elif kind == "line_comment" and current.comment is None and current.frame in (_Frame.BODY, _Frame.OBJECT):
            current.comment = start

    def _keep(self, node: _Node, end: int) -> None:
        self._position = end
        if self._stack[-1].frame is not _Frame.OTHER:
            self._stack[-1].nodes.append(node)

    def _push(self, start: int) -> None:
        if len(self._stack) > MAX_DEPTH:
            raise _Broken(start, f"nested deeper than {MAX_DEPTH} levels")
        bracket = self._text[start]
        frame = _FRAMES.get(bracket) or self._frame_of_brace(start)
        self._stack.append(_Open(frame=frame, start=start, closer=_CLOSERS[bracket], member=start + 1))

    def _frame_of_brace(self, start: int) -> _Frame:
        parent = self._stack[-1]
        parent.braces += 1
        is_first = parent.frame is _Frame.BODY and parent.braces == 1
        if is_first and _HEADER.fullmatch(self._text, parent.member, start):
            return _Frame.BODY
        return _Frame.OTHER if _FOR.match(self._text, start + 1, self._end) else _Frame.OBJECT

    def _pop(self, start: int) -> None:
        current = self._stack[-1]
        if self._text[start] != current.closer:
            raise _Broken(start, f"unexpected “{self._text[start]}”")
        self._finish_member(start)
        self._stack.pop()
        node = _node(current, Span(current.start, start + 1))
        self._keep(node, start + 1)
        if isinstance(node, _Body):
            self._finish_member(start + 1)

    def _finish_member(self, end: int) -> None:
        current = self._stack[-1]
        end = end if current.comment is None else current.comment
        member = _Member(self._text, current.member, end, current.nodes)
        current.member, current.comment, current.braces, current.nodes = self._position, None, 0, []
        if current.frame in (_Frame.LIST, _Frame.PARENTHESES):
            current.items += member.element()
        elif current.frame is _Frame.BODY and not member.is_blank():
            _add_statement(current, member)
        elif current.frame is _Frame.OBJECT and not member.is_blank():
            _add_entry(current, member)


def _node(closed: _Open, span: Span) -> _Node:
    if closed.frame is _Frame.BODY:
        return _Body(span=span, attributes=closed.named, blocks=tuple(closed.blocks))
    if closed.frame is _Frame.OBJECT:
        return Object(span=span, entries=closed.named, keys=closed.keys)
    if closed.frame is _Frame.PARENTHESES:
        return _Parentheses(span=span, items=tuple(closed.items))
    return List(span=span, items=tuple(closed.items)) if closed.frame is _Frame.LIST else Computed(span)


class _Member(NamedTuple):
    """The text of a whole statement, entry or element, and the nodes in it."""

    text: str
    start: int
    end: int
    nodes: list[_Node]

    def is_blank(self) -> bool:
        return not self.nodes and _IS_BLANK.fullmatch(self.text, self.start, self.end) is not None

    def broken(self, message: str) -> _Broken:
        return _Broken(_end(_IS_BLANK, self.text, self.start, self.end), message)

    def find(self, pattern: re.Pattern[str], start: int) -> int | None:
        """Where the group ``found`` of ``pattern`` first matches outside the nodes, from ``start`` on."""
        for node_start, node_end in (*(node.span for node in self.nodes), Span(self.end, self.end)):
            for match in pattern.finditer(self.text, start, max(start, node_start)):
                if match["found"]:
                    return match.start()
            start = max(start, node_end)
        return None

    def value(self, start: int) -> Expression:
        """The expression from ``start`` to the end."""
        if start >= self.end:
            raise self.broken("a value is missing")
        nodes = [node for node in self.nodes if node.span.start >= start]
        if len(nodes) == 1 and (only := self._only(nodes[0], start)):
            return only
        if (found := self.find(_ASSIGNMENT, start)) is not None:
            raise _Broken(found, "unexpected “=”")
        return Computed(Span(start, start + len(self.text[start : self.end].rstrip())))

    def element(self) -> list[Expression]:
        """The element of a list or an argument of a call; none behind the last comma."""
        start = _end(_TRIVIA, self.text, self.start, self.end)
        if len(self.nodes) == 1 and (only := self._only(self.nodes[0], start)):
            return [only]
        end = start + len(self.text[start : self.end].rstrip())
        return [Computed(Span(start, end))] if start < end else []

    def _only(self, node: _Node, start: int) -> Expression | None:
        """What stands from ``start`` to the end if there is nothing but ``node``, or a call with its arguments."""
        if isinstance(node, _Parentheses):
            return self._call(node, start)
        quote = 1 if isinstance(node, Literal) else 0
        if isinstance(node, _Body) or not self._is_trivia(node.span.end + quote, self.end):
            return None
        return node if self._is_trivia(start, node.span.start - quote) else None

    def _call(self, arguments: _Parentheses, start: int) -> Call | None:
        name = _FUNCTION.fullmatch(self.text, start, arguments.span.start)
        path = _ATTRIBUTES.match(self.text, arguments.span.end, self.end)
        end = path.end() if path else arguments.span.end
        if name is None or not self._is_trivia(end, self.end):
            return None
        return Call(span=Span(start, end), name=name[1], arguments=arguments.items, path=path[0] if path else "")

    def _is_trivia(self, start: int, end: int) -> bool:
        return start == end or _TRIVIA.fullmatch(self.text, start, end) is not None


def _heredoc(text: str, start: int, end: int) -> Heredoc:
    content = text.index("\n", start, end) + 1
    return Heredoc(Span(start, end), Span(content, text.rfind("\n", start, end) + 1))


def _add_statement(current: _Open, member: _Member) -> None:
    if member.nodes and isinstance(body := member.nodes[-1], _Body):
        current.blocks.append(_block(member, body))
    elif match := _ARGUMENT.match(member.text, member.start, member.end):
        _set_argument(current, match, member.value(match.end()))
    else:
        raise member.broken("neither a block nor an argument")


def _set_argument(current: _Open, name: re.Match[str], value: Expression) -> None:
    if name[1] in current.named:
        raise _Broken(name.start(1), f"“{name[1]}” is set twice")
    current.named[name[1]] = value


def _block(member: _Member, body: _Body) -> Block:
    words = [word for word in _HEADER_WORD.finditer(member.text, member.start, body.span.start) if word.lastgroup]
    type_, *labels = (word[str(word.lastgroup)] for word in words)
    return Block(
        type=type_,
        labels=tuple(labels),
        attributes=body.attributes,
        blocks=body.blocks,
        span=Span(words[0].start(), body.span.end),
    )


def _add_entry(current: _Open, member: _Member) -> None:
    if match := _ENTRY.match(member.text, member.start, member.end):
        key = match[1] or match[2]
        current.named[key] = member.value(match.end())
        current.keys[key] = Span(*match.span(1 if match[1] else 2))
        return
    start = _end(_IS_BLANK, member.text, member.start, member.end)
    separator = member.find(_SEPARATOR, start)
    if separator is None or separator == start or member.text[start] in "<=>":
        raise member.broken("not an entry of an object")
    key = member.text[start:separator].rstrip()
    current.named[key] = member.value(_end(_IS_BLANK, member.text, separator + 1, member.end))
