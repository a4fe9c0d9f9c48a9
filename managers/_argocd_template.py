"""Templates of application sets, filled in without forgetting where each character comes from.

Both dialects are read: Go templates (``{{ .values.version }}``, ``{{ index .labels "version" }}``, ``{{ default "1.2.3"
.version }}``) and the older one (``{{values.version}}``), also inside the back quotes that hide them from Helm
(``{{`{{name}}`}}``). What cannot be filled in stays as it is written. Functions that change a text are not known,
because what they make of it cannot be edited.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from msgspec import Struct, field
from msgspec.structs import replace

from managers._argocd_parameters import Element, Keys, Value, lookup
from updater.api import Environment, SourceFile, Span

_TOKEN = re.compile(r"\{\{`(?P<escaped>[^`]*+)`\s*+\}\}|\{\{(?P<inner>(?:[^{}]|\{(?!\{)|\}(?!\}))*+)\}\}", re.DOTALL)
_WORD = re.compile(r"""(?P<text>"[^"\\\n]*+"|`[^`]*+`)|(?P<sign>[()|]|:=)|(?P<word>(?:[^\s()"`|:]|:(?!=))++)""")
_STEERING = re.compile(r"-?\s*+(?P<word>if|else|end|range|with|define|block|template|break|continue)\b|-?\s*+/\*")
_ASSIGNMENT = re.compile(r"-?\s*+(?P<names>\$\w*+(?:\s*+,\s*+\$\w++)?+)\s*+:?=(?P<expression>.*)", re.DOTALL)
_SEGMENT = re.compile(r"\[(\d+)\]")
_FUNCTIONS = frozenset(("default", "coalesce", "required", "quote", "squote", "toString", "trim", "toJson", "toYaml"))
"""Those that are known, beside ``index``, ``get`` and ``dig``; the last six leave a text as it is."""
_HARMFUL = frozenset("\n\r'\"\\")
_MAX_DEPTH = 4
_MAX_BLANKS = 200
_MAX_EXPRESSION = 1_000
_MAX_PIECES = 20_000


class Piece(NamedTuple):
    """A part of a filled text: where it is written, if it is, and what of the template it stands for."""

    text: str
    file: SourceFile
    start: int | None
    place: Span
    environment: Environment | None = None
    is_filled: bool = False


class Scope(Struct, frozen=True, kw_only=True):
    """What names in a template mean: ``$`` and the variables, ``.`` (None: nobody knows), and which branch counts."""

    element: Element
    dot: Element | None
    variables: Mapping[str, Value] = field(default_factory=dict)
    branch: int = 0
    depth: int = 0

    def within(self, value: Value | None) -> "Scope":
        """The scope of the body of a ``range`` or ``with``."""
        return replace(self, dot=None if value is None else (value,))


def scope_of(element: Element, branch: int = 0) -> Scope:
    """The scope of a whole template."""
    return Scope(element=element, dot=element, branch=branch)


def read_template(file: SourceFile, span: Span, *, steered: bool = False) -> "Template":
    """The template at ``span``. Where it is ``steered``, conditions and loops are followed."""
    return _tree(_parts(file, span, is_steered=steered))[0]


def fill(template: "Template", scope: Scope) -> list[Piece]:
    """The text that becomes of a template."""
    return list(_filled(template, scope))


def names_in(text: str) -> frozenset[Keys]:
    """The parameters that the placeholders in ``text`` may stand for."""
    names: set[Keys] = set()
    for token in _TOKEN.finditer(text):
        if token["inner"] is None:
            names |= names_in(token["escaped"])
        else:
            names.update(_keys(word["word"]) for word in _WORD.finditer(token["inner"]) if word["word"])
    return frozenset(names - {()})


def branches_in(text: str) -> int:
    """How many ways there are to go through the conditions of a template."""
    return 1 + min(text.count("else"), 3) if "if" in text or "with" in text else 1


# ---------------------------------------------------------------- reading


class _Part(NamedTuple):
    """``kind`` is ``text``, ``value``, ``set`` or the word that steers; ``start`` is the place of ``text``."""

    kind: str
    text: str
    start: int
    place: Span
    file: SourceFile


class _Block(NamedTuple):
    """``if``, ``range`` or ``with``, its expression, and its bodies: more than one where there is an ``else``."""

    kind: str
    part: _Part
    bodies: "list[Template]"


Template = Sequence[_Part | _Block]


def _parts(file: SourceFile, span: Span, *, is_steered: bool) -> Iterator[_Part]:
    done = span.start
    for token in _TOKEN.finditer(file.text, *span):
        yield _text(file, Span(done, token.start()))
        done = token.end()
        if token["escaped"] is not None:
            yield from _parts(file, Span(*token.span("escaped")), is_steered=is_steered)
        else:
            kind = _kind(token["inner"])
            known = kind in ("value", "set") or is_steered
            place = Span(*token.span())
            yield _Part(kind, token["inner"], token.start("inner"), place, file) if known else _text(file, place)
    yield _text(file, Span(done, span.end))


def _text(file: SourceFile, span: Span) -> _Part:
    return _Part("text", file.text[span.start : span.end], span.start, span, file)


def _kind(inner: str) -> str:
    if match := _STEERING.match(inner):
        return match["word"] or "comment"
    return "set" if _ASSIGNMENT.match(inner) else "value"


def _tree(parts: Iterator[_Part], depth: int = 0) -> tuple[Template, _Part | None]:
    """The parts up to the ``else`` or ``end`` that closes them, which comes along."""
    nodes: list[_Part | _Block] = []
    for part in parts:
        if part.kind in ("else", "end") and depth:
            return nodes, part
        if part.kind in ("if", "range", "with", "define", "block") and depth < 20:
            nodes.append(_block(part, parts, depth + 1))
        else:
            nodes.append(part)
    return nodes, None


def _block(opening: _Part, parts: Iterator[_Part], depth: int) -> _Block:
    bodies = []
    while True:
        body, closing = _tree(parts, depth)
        bodies.append(body)
        if closing is None or closing.kind == "end":
            return _Block(opening.kind, opening, bodies)


# ---------------------------------------------------------------- filling


def _filled(nodes: Template, scope: Scope) -> Iterator[Piece]:
    for node in nodes:
        if isinstance(node, _Block):
            yield from _filled_block(node, scope)
        elif node.kind == "set":
            scope = _assigned(node, scope)
        elif node.kind == "value":
            yield from _filled_value(node, scope)
        elif node.kind == "text":
            yield Piece(node.text, node.file, node.start, node.place)


def _filled_block(block: _Block, scope: Scope) -> Iterator[Piece]:
    if block.kind == "if":
        chosen = min(scope.branch, len(block.bodies) - 1)
        yield from _filled(block.bodies[chosen], scope)
        return
    _, _, expression = block.part.text.strip(" -\n").partition(" ")
    assignment = _ASSIGNMENT.match(expression)
    value = _evaluated(block.part, assignment["expression"] if assignment else expression, scope)
    if block.kind != "range":
        yield from _filled(block.bodies[0], scope.within(value))
        return
    count = 0
    for item in value.items() if value else (None,):
        inner = scope.within(item)
        if assignment and item:
            name = assignment["names"].rpartition("$")[2]
            inner = replace(inner, variables={**scope.variables, name: item})
        for piece in _filled(block.bodies[0], inner):
            count += 1
            if count > _MAX_PIECES:
                return
            yield piece


def _assigned(part: _Part, scope: Scope) -> Scope:
    match = _ASSIGNMENT.match(part.text)
    value = _evaluated(part, match["expression"], scope) if match else None
    if match is None or value is None:
        return scope
    return replace(scope, variables={**scope.variables, match["names"].removeprefix("$"): value})


def _filled_value(part: _Part, scope: Scope) -> Iterator[Piece]:
    value = _evaluated(part, part.text, scope)
    pieces = () if value is None else tuple(_pieces(value, scope))
    if not pieces or any(_HARMFUL & set(piece.text) for piece in pieces):
        yield Piece(f"{part.file.text[slice(*part.place)]}", part.file, part.place.start, part.place)
        return
    quote = Piece("'", part.file, None, part.place) if _stands_alone(part) else None
    yield from (quote,) if quote else ()
    yield from (piece._replace(place=part.place, is_filled=True) for piece in pieces)
    yield from (quote,) if quote else ()


def _stands_alone(part: _Part) -> bool:
    """Whether the placeholder is a plain value of its own, which has to be quoted (``>=1.2``, ``*``)."""
    text, place = part.file.text, part.place
    before = text[max(place.start - _MAX_BLANKS, 0) : place.start].rstrip(" ")
    behind = text[place.end : place.end + _MAX_BLANKS].partition("\n")[0]
    return before.endswith((":", "-")) and not behind.partition(" #")[0].strip()


def _pieces(value: Value, scope: Scope) -> Iterator[Piece]:
    """The text of a single value, which may be a template itself."""
    text, span = value.text, value.span
    if text is None:
        return
    if span is None or "{{" not in text:
        start = None if span is None else span.start
        yield Piece(text, value.file, start, Span(0, 0), value.environment)
    elif scope.depth < _MAX_DEPTH:
        inner = replace(scope_of(scope.element), depth=scope.depth + 1)
        for piece in fill(read_template(value.file, span), inner):
            yield piece._replace(environment=piece.environment or value.environment)


# ---------------------------------------------------------------- expressions


def _evaluated(part: _Part, expression: str, scope: Scope) -> Value | None:
    """The value of an expression that stands somewhere in ``part``; None if it cannot be told."""
    if len(expression) > _MAX_EXPRESSION:
        return None
    offset = part.start + part.text.index(expression)
    words = [word for word in _WORD.finditer(expression.rstrip().removesuffix("-")) if word[0] != "-"]
    return _Pipeline(part.file, offset, words, scope).value()


class _Pipeline:
    """Reads an expression from left to right."""

    def __init__(self, file: SourceFile, offset: int, words: list[re.Match[str]], scope: Scope) -> None:
        self._file, self._offset, self._words, self._scope = file, offset, words, scope
        self._next = 0

    def value(self, depth: int = 0) -> Value | None:
        """What the words up to the end, or to the closing parenthesis, amount to."""
        result = self._command(None, depth)
        while self._peek() == "|":
            self._next += 1
            result = self._command(result, depth)
        return result

    def _peek(self) -> str | None:
        return self._words[self._next][0] if self._next < len(self._words) else None

    def _command(self, piped: Value | None, depth: int) -> Value | None:
        name = self._peek()
        if name in ("index", "get"):
            self._next += 1
            return self._indexed(depth)
        if name == "dig":
            self._next += 1
            return self._dug(depth)
        is_function = name in _FUNCTIONS
        self._next += is_function
        operands = list(self._operands(depth))
        if name is None or not is_function:
            return operands[0] if len(operands) == 1 else None
        return _applied(name, [*operands, piped] if piped is not None else operands)

    def _indexed(self, depth: int) -> Value | None:
        """``index .labels "version"`` as if it were ``.labels.version``."""
        first = self._words[self._next] if self._next < len(self._words) else None
        holder, *keys = list(self._operands(depth)) or [None]
        path = tuple(key.text or "" for key in keys if key is not None)
        if len(path) < len(keys):
            return None
        if first is not None and first["word"]:
            return self._name(".".join((first["word"].rstrip("."), *path)))
        return holder.at(path) if holder is not None else None

    def _dug(self, depth: int) -> Value | None:
        """``dig "a" "b" "default" .map``: the value at the end of the path, or the default."""
        operands: list[Value | None] = [None, None, *self._operands(depth)]
        *keys, default, holder = operands
        path = tuple(key.text or "" for key in keys if key is not None)
        last = self._words[self._next - 1]["word"]
        if last:
            found = self._name(".".join((last.rstrip("."), *path)))
        else:
            found = holder.at(path) if holder is not None else None
        return found or default

    def _operands(self, depth: int) -> Iterator[Value | None]:
        while (word := self._peek()) not in (None, "|", ")"):
            match = self._words[self._next]
            self._next += 1
            if word == "(":
                yield self.value(depth + 1) if depth < _MAX_DEPTH else None
                self._next += self._peek() == ")"
            elif match["text"] is not None:
                yield self._literal(match)
            else:
                yield self._number(word) if word.isdigit() else self._name(word)

    def _number(self, word: str) -> Value:
        return Value((), word, self._file)

    def _literal(self, match: re.Match[str]) -> Value:
        start = self._offset + match.start() + 1
        return Value((), match[0][1:-1], self._file, start=start)

    def _name(self, word: str) -> Value | None:
        scope = self._scope
        if word.startswith("$"):
            name, _, path = word.removeprefix("$").partition(".")
            keys = tuple(path.split(".")) if path else ()
            if not name:
                return lookup(scope.element, keys)
            variable = scope.variables.get(name)
            return variable.at(keys) if variable else None
        if word == ".":
            return scope.dot[-1] if scope.dot else None
        element = scope.dot if word.startswith(".") else scope.element
        return lookup(element, _keys(word)) if element else None


def _applied(name: str, operands: list[Value | None]) -> Value | None:
    if name in ("default", "coalesce"):
        order = reversed(operands) if name == "default" else iter(operands)
        return next((operand for operand in order if operand is not None and operand.text != ""), None)
    if name == "required":
        return operands[-1] if operands else None
    return operands[0] if len(operands) == 1 else None


def _keys(word: str) -> Keys:
    """``.values.version``, ``values.version`` and ``path[0]`` as paths."""
    path = _SEGMENT.sub(r".segments.\1", word.removeprefix("$").removeprefix("."))
    return tuple(key for key in path.split(".") if key)
