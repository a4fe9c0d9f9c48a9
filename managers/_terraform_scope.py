"""What the expressions of a Terraform module stand for, and where each piece of that is written.

References to locals, variables and ``each`` are followed through any number of files; functions are evaluated only as
far as they hand on what they are given (``try``, ``lookup``, ``merge``, …). Nothing here knows a resource.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping
from operator import itemgetter
from typing import NamedTuple

from msgspec import Struct, field
from msgspec.structs import replace

from managers._composed import Piece, Pieces, text_of
from managers._hcl import Call, Computed, Expression, Heredoc, List, Literal, Object, branches, expression, templates
from updater.api import SourceFile, Span

MAX_HOPS = 24
"""How far evaluation goes. A step costs as much as it has branches, so no chain of doublings becomes expensive."""

_MAX_PIECES = 20_000

_STEP = r'\.[\w-]++|\["[^"\n\\]*+"\]|\[\d++\]|\[(?:local|var|each)\.[\w.-]++\]'
_REFERENCE = re.compile(rf"(?P<root>(?:local|var|each|values|include)\.[\w-]++)(?P<steps>(?:{_STEP})*+)")
_STEPS = re.compile(_STEP)
_INTERPOLATION = re.compile(r"\$\{~?\s*+(?P<inner>[^{}]*[^{}\s~])\s*+~?\}")
_NUMBER = re.compile(r"\d++(?:\.\d++)?+")
_PLAIN = re.compile(r"[^\w.-]++")
_ALTERNATIVES = frozenset(("try", "coalesce"))
_TRANSPARENT = frozenset(
    ("tostring", "tomap", "tolist", "toset", "nonsensitive", "sensitive", "trimspace", "flatten", "one", "chomp")
)


class Term(NamedTuple):
    """An expression, the file it stands in and the scope it is evaluated in."""

    expression: Expression
    file: SourceFile
    scope: "Scope"

    @property
    def text(self) -> str:
        """The expression as it is written."""
        return self.file.text[self.expression.span.start : self.expression.span.end]

    def beside(self, expression: Expression) -> "Term":
        """Another expression in the same file and scope."""
        return Term(expression, self.file, self.scope)


Definition = tuple[Expression, SourceFile]


class Scope(Struct, frozen=True, kw_only=True, eq=False):
    """What ``local.x``, ``var.x`` and ``each.value`` are.

    ``definitions`` hold what the module itself says, by full name; ``types`` the types of its variables; ``given``
    is what others hand in (callers, ``*.tfvars``, ``for_each``), which counts more. ``asked`` collects the names
    whose answer may depend on another file than those in ``definitions``. ``functions`` evaluate calls that look
    into other files.
    """

    definitions: Mapping[str, Definition]
    types: Mapping[str, Definition] = field(default_factory=dict)
    given: Mapping[str, Term] = field(default_factory=dict)
    asked: set[str] = field(default_factory=set)
    functions: "Mapping[str, Function]" = field(default_factory=dict)

    def with_given(self, given: Mapping[str, Term]) -> "Scope":
        """This scope with more handed in."""
        return replace(self, given={**self.given, **given})

    def term(self, name: str) -> Term | None:
        """What ``name`` stands for; None if that is not known."""
        found = self.given.get(name)
        definition = self.definitions.get(name)
        if name.startswith("var.") or (found is None and definition is None and name.startswith("local.")):
            self.asked.add(name)
        if found is None and definition is not None:
            found = Term(*definition, self)
        return found

    def default_in_type(self, name: str, steps: list[str]) -> Term | None:
        """The default of an attribute that the type of the variable ``name`` declares: ``optional(string, "1.0")``."""
        if name not in self.types:
            return None
        here = Term(*self.types[name], self)
        default: Term | None = None
        for step in steps:
            inner = _member_of_type(here, step)
            if inner is None:
                return None
            default = None
            if isinstance(call := inner.expression, Call) and call.name == "optional" and call.arguments:
                default = inner.beside(call.arguments[1]) if len(call.arguments) > 1 else None
                inner = inner.beside(call.arguments[0])
            here = inner
        return default


Function = Callable[[Term, Call], Term | None]


def _member_of_type(type_: Term, step: str) -> Term | None:
    call = type_.expression
    if not isinstance(call, Call) or len(call.arguments) != 1:
        return None
    if call.name == "object" and isinstance(members := call.arguments[0], Object):
        member = members.entries.get(step)
        return type_.beside(member) if member else None
    return type_.beside(call.arguments[0]) if call.name in ("map", "list", "set") else None


# ---------------------------------------------------------------- references


def settled(term: Term, hops: int = 0) -> Term | None:
    """What ``term`` refers to, at the end of the chain: no reference any more. None if that is not known."""
    if hops > MAX_HOPS:
        return None
    match term.expression:
        case Literal(interpolated=True):
            whole = _INTERPOLATION.fullmatch(term.text)
            inner = _inner(term, whole, term.expression.span.start) if whole else None
            return settled(inner, hops + 1) if inner else term
        case Computed():
            reference = _REFERENCE.fullmatch(term.text)
            return _followed(term, reference, hops + 1) if reference else _chosen(term, hops + 2)
        case Call(path=path) as call if path:
            result = settled(term.beside(replace(call, path="")), hops + 1)
            return _reached(result, path[1:].split("."), hops + 1)
        case Call() as call:
            return _called(term, call, hops + max(1, len(call.arguments)))
    return term


def _inner(term: Term, interpolation: re.Match[str], start: int) -> Term | None:
    """The expression in ``${…}``, if it is a reference, a call or a conditional; ``start`` is where the text begins."""
    first, last = interpolation.span("inner")
    span = Span(start + first, start + last)
    if _REFERENCE.fullmatch(interpolation["inner"]):
        return term.beside(Computed(span))
    inner = expression(term.file.text, span)
    return term.beside(inner) if isinstance(inner, Call) or "?" in interpolation["inner"] else None


def _chosen(term: Term, hops: int) -> Term:
    """The one value of a conditional that is known (``var.a != "" ? var.a : "1.2"``); ``term`` if there are more."""
    if "?" not in term.text:
        return term
    found = [settled(term.beside(branch), hops) for branch in branches(term.file.text, term.expression.span)]
    told = [each for each in found if each and not _is_nothing(each)]
    return told[0] if len(told) == 1 and _says_something(told[0]) else term


def _followed(term: Term, reference: re.Match[str], hops: int) -> Term | None:
    name = reference["root"]
    steps = [_step(term, step, hops) for step in _STEPS.findall(reference["steps"])]
    here = term.scope.term(name)
    here = _reached(settled(here, hops) if here else None, steps, hops)
    if (here is None or is_null(here)) and steps and name.startswith("var."):
        default = term.scope.default_in_type(name, [step or "" for step in steps])
        return settled(default, hops) if default else here
    return here


def _reached(here: Term | None, steps: Iterable[str | None], hops: int) -> Term | None:
    """What lies at the end of ``steps`` into an object or a list."""
    for step in steps:
        inner = member(here, step) if here and step is not None else None
        here = settled(inner, hops) if inner else None
    return here


def _step(term: Term, step: str, hops: int) -> str | None:
    """The key or number that an attribute or an index names."""
    if step.startswith("."):
        return step[1:]
    if step.startswith('["'):
        return step[2:-2]
    if step[1:-1].isdigit():
        return step[1:-1]
    reference = _REFERENCE.fullmatch(step[1:-1])
    key = _followed(term, reference, hops) if reference else None
    return key.text if key and isinstance(key.expression, Literal) and not key.expression.interpolated else None


def member(term: Term, key: str) -> Term | None:
    """The entry or element of a settled object or list."""
    match term.expression:
        case Object(entries=entries) if key in entries:
            return term.beside(entries[key])
        case List(items=items) if key.isdigit() and int(key) < len(items):
            return term.beside(items[int(key)])
    return None


def is_null(term: Term) -> bool:
    """Whether ``null`` is written there."""
    return isinstance(term.expression, Computed) and term.text == "null"


# ---------------------------------------------------------------- functions


def _called(term: Term, call: Call, hops: int) -> Term | None:
    arguments = [term.beside(argument) for argument in call.arguments]
    if function := term.scope.functions.get(call.name):
        return function(term, call)
    if call.name in _TRANSPARENT and len(arguments) == 1:
        return settled(arguments[0], hops)
    if call.name in _ALTERNATIVES:
        found = (settled(argument, hops) for argument in arguments)
        return next((each for each in found if each and _says_something(each)), None)
    if call.name == "lookup" and len(arguments) in (2, 3):
        return _looked_up(arguments, hops)
    if call.name == "merge":
        return _merged(term, arguments, hops) or term
    return term


def _says_something(term: Term) -> bool:
    is_number = _NUMBER.fullmatch(term.text) is not None
    return not _is_nothing(term) and (is_number or not isinstance(term.expression, Computed))


def _is_nothing(term: Term) -> bool:
    return is_null(term) or (isinstance(term.expression, Literal) and not term.text)


def _looked_up(arguments: list[Term], hops: int) -> Term | None:
    map_, key = settled(arguments[0], hops), settled(arguments[1], hops)
    found = member(map_, key.text) if map_ and key and isinstance(key.expression, Literal) else None
    if found is None and len(arguments) == 3:
        found = arguments[2]
    return settled(found, hops) if found else None


def _merged(term: Term, arguments: list[Term], hops: int) -> Term | None:
    """The object that several objects of one file and scope amount to; those that are not known are left out."""
    found = [each for argument in arguments if (each := settled(argument, hops))]
    objects = [each.expression for each in found if isinstance(each.expression, Object)]
    if not objects or any((each.file, each.scope) != (found[0].file, found[0].scope) for each in found):
        return None
    entries = {key: value for each in objects for key, value in each.entries.items()}
    keys = {key: span for each in objects for key, span in each.keys.items()}
    return found[0].beside(Object(span=term.expression.span, entries=entries, keys=keys))


# ---------------------------------------------------------------- texts


def pieces(term: Term, hops: int = 0) -> Pieces | None:
    """The text that ``term`` stands for. What is not known of it stays as it is written; None if nothing is."""
    found = settled(term, hops)
    if found is None:
        return None
    match found.expression:
        case Literal(span=span, interpolated=False):
            return (Piece(file=found.file, span=span),)
        case Literal(span=span):
            return tuple(_template(found, span, hops, cost=1))
        case Computed(span=span) if _NUMBER.fullmatch(found.text):
            return (Piece(file=found.file, span=span),)
        case Call(name="format", arguments=(Literal(interpolated=False) as pattern, *arguments)):
            return _formatted(found, pattern.span, arguments, hops + len(arguments))
    return None


def _template(term: Term, span: Span, hops: int, *, cost: int) -> Iterator[Piece]:
    position = span.start
    found = tuple(templates(term.file.text, span))
    hops += cost * len(found)
    for template in found:
        if position < template.start:
            yield Piece(file=term.file, span=Span(position, template.start))
        inner = _interpolated(term, template)
        known = pieces(inner, hops) if inner and hops <= MAX_HOPS else None
        yield from known or (Piece(file=term.file, span=template),)
        position = template.end
    if position < span.end:
        yield Piece(file=term.file, span=Span(position, span.end))


def _interpolated(term: Term, template: Span) -> Term | None:
    whole = _INTERPOLATION.fullmatch(term.file.text, *template)
    return _inner(term, whole, 0) if whole else None


def _formatted(term: Term, pattern: Span, arguments: list[Expression], hops: int) -> Pieces | None:
    """``format("%s/app:%s", local.registry, var.tag)``."""
    text = term.file.text
    waiting = iter(arguments)
    found: list[Piece] = []
    position = pattern.start
    while (percent := text.find("%", position, pattern.end)) >= 0:
        argument = next(waiting, None)
        known = pieces(term.beside(argument), hops) if argument and text[percent + 1] in "sv" else None
        if known is None:
            return None
        found += [Piece(file=term.file, span=Span(position, percent))] if position < percent else []
        found += known
        position = percent + 2
    found += [Piece(file=term.file, span=Span(position, pattern.end))] if position < pattern.end else []
    return tuple(found)


def is_known(text: Pieces) -> bool:
    """Whether there is no expression left in it."""
    return not any(piece.text.startswith(("${", "%{")) for piece in text)


# ---------------------------------------------------------------- YAML


class Rendered(NamedTuple):
    """YAML that a configuration makes, and which of it stands where: ``sources`` are (offset in ``text``, piece)."""

    text: str
    sources: tuple[tuple[int, Piece], ...]

    def pieces(self, span: Span) -> Pieces:
        """What stands at ``span`` of the text, as far as it is written anywhere."""
        found: list[Piece] = []
        index = max(0, bisect_right(self.sources, span.start, key=itemgetter(0)) - 1)
        for start, piece in self.sources[index : bisect_left(self.sources, span.end, key=itemgetter(0))]:
            first, last = max(start, span.start), min(start + piece.span.end - piece.span.start, span.end)
            if first < last:
                offset = piece.span.start - start
                found.append(Piece(file=piece.file, span=Span(first + offset, last + offset)))
        return tuple(found)


class _Writer:
    """Collects the text of a ``Rendered``."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._length = 0
        self._sources: list[tuple[int, Piece]] = []

    def add(self, text: str) -> None:
        self._parts.append(text)
        self._length += len(text)

    def add_pieces(self, text: Pieces) -> None:
        """Text that is written somewhere; an expression in it becomes a word with a dollar sign."""
        for piece in text:
            if is_known((piece,)):
                self._sources.append((self._length, piece))
                self.add(piece.text)
            else:
                self.add(_word(piece.text))

    @property
    def is_full(self) -> bool:
        return len(self._parts) > _MAX_PIECES

    def rendered(self) -> Rendered:
        return Rendered("".join(self._parts), tuple(self._sources))


def _word(expression: str) -> str:
    return "$" + (_PLAIN.sub("_", expression.strip("${}%~ \t\n"))[:80] or "_")


def rendered(term: Term) -> Rendered | None:
    """The YAML (or JSON, which is YAML) that ``term`` stands for; None if it is no such thing, or not known."""
    found = settled(term)
    match found.expression if found else None:
        case Heredoc(content=content) if found:
            writer = _Writer()
            _write_heredoc(writer, found, content)
            return writer.rendered()
        case Call(name="yamlencode" | "jsonencode" | "yamldecode" | "jsondecode", arguments=(argument, *_)) if found:
            return rendered(found.beside(argument))
        case Object() | List() if found:
            writer = _Writer()
            _write_value(writer, found, 0)
            return writer.rendered()
    return None


def _write_heredoc(writer: _Writer, term: Term, content: Span) -> None:
    text = term.file.text
    for piece in _template(term, content, 0, cost=0):
        if is_known((piece,)):
            writer.add_pieces((piece,))
        else:
            is_alone = _is_alone(text, piece.span, content)
            writer.add("#" if is_alone else "" if piece.text.startswith("%{") else _word(piece.text))


def _is_alone(text: str, span: Span, content: Span) -> bool:
    """Whether a template has its line to itself, so that it may stand for any number of lines."""
    before = text[max(text.rfind("\n", 0, span.start) + 1, content.start) : span.start]
    newline = text.find("\n", span.end)
    return not before.strip() and not text[span.end : newline if newline >= 0 else None].strip()


def _write_value(writer: _Writer, term: Term, hops: int) -> None:
    found = settled(term, hops) if hops <= MAX_HOPS and not writer.is_full else None
    match found.expression if found else None:
        case Object(entries=entries) if found:
            write_flow(writer, {key: found.beside(value) for key, value in entries.items()}, hops)
        case List(items=items) if found:
            writer.add("[")
            for item in items:
                _write_value(writer, found.beside(item), hops + 1)
                writer.add(", ")
            writer.add("]")
        case Literal() | Call() if found and (text := pieces(found, hops)):
            writer.add('"')
            writer.add_pieces(text)
            writer.add('"')
        case Literal():
            writer.add('""')
        case Computed() if found and _NUMBER.fullmatch(found.text):
            writer.add_pieces((Piece(file=found.file, span=found.expression.span),))
        case Computed() if found and found.text in ("null", "true", "false"):
            writer.add(found.text)
        case _:
            writer.add(f'"{_word(term.text if isinstance(term.expression, Computed) else "_")}"')


Tree = Mapping[str, "Term | Tree"]


def write_flow(writer: _Writer, tree: Tree, hops: int = 0) -> None:
    """A mapping in flow style."""
    writer.add("{")
    for key, value in tree.items():
        writer.add(f'"{key}": ')
        if isinstance(value, Term):
            _write_value(writer, value, hops + 1)
        else:
            write_flow(writer, value, hops + 1)
        writer.add(", ")
    writer.add("}")


def rendered_tree(tree: Tree) -> Rendered:
    """Nested mappings of terms as YAML."""
    writer = _Writer()
    write_flow(writer, tree)
    return writer.rendered()


def known_text(text: Pieces | None) -> str | None:
    """What a text amounts to, if it is known."""
    return text_of(text) if text is not None and is_known(text) else None
