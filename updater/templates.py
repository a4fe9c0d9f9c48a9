"""The part of Handlebars that configurations use, for plain text: nothing is escaped.

``{{name}}``, ``{{{name}}}``, paths (``a.b``, ``../a``, ``@index``), ``#if``, ``#unless``, ``#each`` and ``#with`` with
``else`` and ``else if``, comments, ``~``, literals and calls ``(helper argument …)``. Only the given values can be
reached, what a template makes is limited, and unknown names are empty text. The helpers are those of
https://docs.renovatebot.com/templates/.
"""

import base64
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple, NoReturn, TypeGuard
from urllib.parse import quote, unquote

MAX_OUTPUT = 1_000_000
MAX_DEPTH = 32
_STEP = 10
"""What a step counts beside the characters it makes, so that loops that make none end as well."""

_STRING = r"\"(?:[^\"\\]|\\.)*+\"|'(?:[^'\\]|\\.)*+'"
_TAG = re.compile(
    r"\\(?P<escaped>\{\{)"
    r"|\{\{~?!(?:--[\s\S]*?--|[^}]*+)~?\}\}"
    rf"|\{{\{{\{{(?P<triple>(?:{_STRING}|[^\"'{{}}])*+)\}}\}}\}}"
    rf"|\{{\{{(?P<before>~)?(?P<sign>[#/^&])?(?P<body>(?:{_STRING}|[^\"'{{}}~])*+)(?P<after>~)?\}}\}}",
    re.DOTALL,
)
_ITEM = re.compile(
    rf"(?P<string>{_STRING})"
    r"|(?P<number>-?[0-9]+(?:\.[0-9]+)?(?![\w.]))"
    r"|(?P<path>(?:\.\./)*(?:@?[\w$-]+|\[[^\]]*\])(?:[./](?:[\w$-]+|\[[^\]]*\]))*+|\.\.|\.)"
    r"|(?P<bracket>[()])",
    re.DOTALL,
)
_SEGMENT = re.compile(r"\.\.|\[[^\]]*\]|@?[\w$-]+")
_REFERENCE = re.compile(r"\$(?:\$|&|[0-9]{1,2}|<\w+>)")
_CONSTANTS: Mapping[str, object] = {"true": True, "false": False, "null": None, "undefined": None}


def render(template: str, values: Mapping[str, object]) -> str:
    """``template`` filled with ``values``. Raises ``ValueError``, with a position where the template is wrong."""
    return _compiled(template)(_Scope(here=values))


def check_template(template: str) -> None:
    """Raise ``ValueError`` if ``template`` cannot be read."""
    _compiled(template)


@dataclass(frozen=True, slots=True)
class Template:
    """A template that can be read."""

    text: str

    @property
    def names(self) -> frozenset[str]:
        """The values that it looks at, in any of its branches."""
        tags = (token for token in _tokens(self.text) if isinstance(token, _Tag) and token.sign != "/")
        items = (item for tag in tags for item in _items(tag.body, tag.position))
        paths = (text for kind, text in items if kind == "path" and text not in _WORDS)
        return frozenset(segments[0] for path in paths if (segments := _SEGMENT.findall(path)))

    def render(self, values: Mapping[str, object]) -> str:
        """As :func:`render`."""
        return render(self.text, values)


def read_template(text: str) -> Template:
    """The template that ``text`` is. Raises ``ValueError``, with the position where it is wrong."""
    check_template(text)
    return Template(text)


@dataclass(frozen=True, slots=True)
class _Scope:
    """What names mean at one place of a template; ``spent`` is shared by all scopes of one rendering."""

    here: object
    outer: "_Scope | None" = None
    specials: Mapping[str, object] = field(default_factory=dict)
    spent: list[int] = field(default_factory=lambda: [0])

    def inner(self, here: object, **specials: object) -> "_Scope":
        return _Scope(here, self, specials, self.spent)

    def spend(self, text: str) -> str:
        self.spent[0] += len(text) + _STEP
        if self.spent[0] > MAX_OUTPUT:
            raise ValueError(f"the template makes more than {MAX_OUTPUT} characters, or takes too many steps")
        return text


_Text = Callable[[_Scope], str]
_Expression = Callable[[_Scope], object]


# ---------------------------------------------------------------- reading


class _Tag(NamedTuple):
    """One ``{{…}}``: its sign (``#``, ``/``, ``^`` or nothing), what it says, and where it begins."""

    sign: str
    body: str
    position: int


def _tokens(template: str) -> Iterator[str | _Tag]:
    position, trim = 0, False
    while (start := template.find("{{", position)) >= 0:
        start -= template.startswith("\\", start - 1) and start > position
        match = _TAG.match(template, start)
        if match is None:
            _fail(start, "this tag is never closed")
        text = template[position:start]
        yield _trimmed(text, left=trim, right=match["before"] is not None)
        trim, position = match["after"] is not None, match.end()
        yield from _tag(match)
    yield _trimmed(template[position:], left=trim, right=False)


def _tag(match: re.Match[str]) -> Iterator[str | _Tag]:
    if match["escaped"]:
        yield match["escaped"]
    elif match["triple"] is not None:
        yield _Tag("", match["triple"].strip(), match.start())
    elif match["body"] is not None:
        sign = (match["sign"] or "").replace("&", "")
        yield _Tag(sign, match["body"].strip(), match.start())


def _trimmed(text: str, *, left: bool, right: bool) -> str:
    text = text.lstrip() if left else text
    return text.rstrip() if right else text


def _fail(position: int, message: str) -> NoReturn:
    raise ValueError(f"character {position + 1}: {message}")


@lru_cache(maxsize=512)
def _compiled(template: str) -> _Text:
    parser = _Parser(_tokens(template))
    body, closing = parser.body(0)
    if closing is not None:
        _fail(closing.position, f"{{{{{closing.sign}{closing.body}}}}} closes nothing")
    return body


class _Parser:
    """Recursive descent over the tokens; what is read becomes closures that render it."""

    def __init__(self, tokens: Iterator[str | _Tag]) -> None:
        self._tokens = tokens

    def body(self, depth: int) -> tuple[_Text, _Tag | None]:
        """Everything up to the tag that ends this body (``/…``, ``else …``), and that tag."""
        parts: list[_Text] = []
        for token in self._tokens:
            if isinstance(token, str):
                parts.append(_literal(token))
            elif token.sign == "#":
                parts.append(self._block(token, depth + 1))
            elif token.sign or token.body.split()[:1] == ["else"]:
                return _joined(parts), token
            else:
                parts.append(_output(_expression(token.body, token.position)))
        return _joined(parts), None

    def _block(self, tag: _Tag, depth: int) -> _Text:
        block, closing = self._branches(tag, tag.body, depth)
        name = tag.body.split()[0]
        if closing is None or closing.body != name:
            _fail(tag.position, f"{{{{#{name}}}}} needs {{{{/{name}}}}}")
        return block

    def _branches(self, tag: _Tag, condition: str, depth: int) -> tuple[_Text, _Tag | None]:
        """A block from its condition on, with all its ``else`` branches, and the tag that closes it."""
        if depth > MAX_DEPTH:
            _fail(tag.position, f"blocks are nested more than {MAX_DEPTH} deep")
        name, *argument = condition.split(maxsplit=1)
        if name not in _BLOCKS or not argument:
            _fail(tag.position, f"{name!r} is no block with a value; there are {', '.join(_BLOCKS)}")
        subject = _expression(argument[0], tag.position)
        then, closing = self.body(depth)
        otherwise = _literal("")
        if closing is not None and closing.sign in ("", "^"):
            otherwise, closing = self._else(closing, depth)
        return _BLOCKS[name](subject, then, otherwise), closing

    def _else(self, tag: _Tag, depth: int) -> tuple[_Text, _Tag | None]:
        """What follows ``{{else}}``; ``{{else if x}}`` is a block that shares the closing tag of the outer one."""
        condition = tag.body.removeprefix("else").strip()
        return self._branches(tag, condition, depth + 1) if condition else self.body(depth)


def _expression(text: str, position: int) -> _Expression:
    items = list(_items(text, position))
    expression, rest = _call(items, position, 0)
    if rest:
        _fail(position, f"{text!r} has a bracket too many")
    return expression


def _items(text: str, position: int) -> Iterator[tuple[str, str]]:
    index = 0
    while index < len(text):
        match = _ITEM.match(text, index)
        if match is None or match.lastgroup is None:
            _fail(position, f"{text!r} is not understood from {text[index : index + 20]!r} on")
        yield match.lastgroup, match[0]
        index = match.end() + len(text[match.end() :]) - len(text[match.end() :].lstrip())


def _call(items: list[tuple[str, str]], position: int, depth: int) -> tuple[_Expression, list[tuple[str, str]]]:
    """A value, or a helper with its arguments, up to the bracket that closes it; and the items that are left."""
    if depth > MAX_DEPTH:
        _fail(position, f"brackets are nested more than {MAX_DEPTH} deep")
    arguments: list[_Expression] = []
    names: list[str] = []
    while items and items[0] != ("bracket", ")"):
        (kind, text), items = items[0], items[1:]
        if kind == "bracket":
            argument, items = _call(items, position, depth + 1)
            if not items:
                _fail(position, "a bracket is never closed")
            items = items[1:]
        else:
            argument = _atom(kind, text)
        names.append(text if kind == "path" else "")
        arguments.append(argument)
    if not arguments:
        _fail(position, "a tag or a pair of brackets is empty")
    if len(arguments) == 1 and names[0] not in _HELPERS:
        return arguments[0], items
    return _applied(names[0], arguments[1:], position), items


def _applied(name: str, arguments: list[_Expression], position: int) -> _Expression:
    helper = _HELPERS.get(name)
    if helper is None:
        _fail(position, f"there is no helper {name!r}; there are {', '.join(_HELPERS)}")

    def call(scope: _Scope) -> object:
        try:
            return helper(*(argument(scope) for argument in arguments))
        except (TypeError, RecursionError) as error:
            raise ValueError(f"character {position + 1}: {name} does not take these arguments") from error

    return call


def _atom(kind: str, text: str) -> _Expression:
    if kind == "string":
        content = text[1:-1].replace(f"\\{text[0]}", text[0])
        return lambda _: content
    if kind == "number":
        number = float(text) if "." in text else int(text)
        return lambda _: number
    if text in _CONSTANTS:
        return lambda _: _CONSTANTS[text]
    segments = [segment.strip("[]") for segment in _SEGMENT.findall(text)]
    return lambda scope: _found(scope, segments)


def _found(scope: _Scope, segments: Sequence[str]) -> object:
    while segments and segments[0] == "..":
        scope, segments = scope.outer or scope, segments[1:]
    if segments and segments[0].startswith("@"):
        return scope.specials.get(segments[0][1:])
    value = scope.here
    for segment in segments:
        if segment != "this":
            value = _member(value, segment)
    return value


def _member(value: object, name: str) -> object:
    if isinstance(value, Mapping):
        return value.get(name)
    if _is_list(value):
        if name == "length":
            return len(value)
        return value[int(name)] if name.isdecimal() and int(name) < len(value) else None
    return None


# ---------------------------------------------------------------- writing


def _literal(text: str) -> _Text:
    return lambda scope: scope.spend(text)


def _output(expression: _Expression) -> _Text:
    return lambda scope: scope.spend(_text(expression(scope)))


def _joined(parts: list[_Text]) -> _Text:
    return lambda scope: "".join(part(scope) for part in parts)


def _if(subject: _Expression, then: _Text, otherwise: _Text) -> _Text:
    return lambda scope: (then if _is_true(subject(scope)) else otherwise)(scope)


def _unless(subject: _Expression, then: _Text, otherwise: _Text) -> _Text:
    return _if(subject, otherwise, then)


def _with(subject: _Expression, then: _Text, otherwise: _Text) -> _Text:
    def block(scope: _Scope) -> str:
        value = subject(scope)
        return then(scope.inner(value)) if _is_true(value) else otherwise(scope)

    return block


def _each(subject: _Expression, then: _Text, otherwise: _Text) -> _Text:
    def block(scope: _Scope) -> str:
        pairs = _pairs(subject(scope))
        last = len(pairs) - 1
        inner = (
            scope.inner(value, index=index, key=key, first=index == 0, last=index == last)
            for index, (key, value) in enumerate(pairs)
        )
        return "".join(map(then, inner)) if pairs else otherwise(scope)

    return block


def _pairs(value: object) -> list[tuple[object, object]]:
    if isinstance(value, Mapping):
        return list(value.items())
    return list(enumerate(value)) if _is_list(value) else []


_BLOCKS: Mapping[str, Callable[[_Expression, _Text, _Text], _Text]] = {
    "if": _if,
    "unless": _unless,
    "each": _each,
    "with": _with,
}


def _is_list(value: object) -> TypeGuard[Sequence[object]]:
    return isinstance(value, Sequence) and not isinstance(value, str)


def _is_true(value: object) -> bool:
    """As Handlebars has it: an empty list is false, an empty object is true."""
    return True if isinstance(value, Mapping) else bool(value)


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Mapping):
        return json.dumps(value, default=str)
    if _is_list(value):
        return ",".join(map(_text, value))
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


# ---------------------------------------------------------------- helpers


def _replace(pattern: object, replacement: object, text: object) -> str:
    """Every match of an RE2 pattern; the replacement may speak of ``$1``, ``$<name>`` and ``$&``."""
    from updater.config.patterns import compile_regex  # here, because few templates need it

    def written(match: re.Match[str]) -> str:
        return _REFERENCE.sub(lambda reference: _referenced(match, reference[0]), _text(replacement))

    return str(compile_regex(_text(pattern)).sub(written, _text(text)))


def _referenced(match: re.Match[str], reference: str) -> str:
    name = reference[1:].strip("<>")
    if name == "$":
        return "$"
    try:
        return match[0 if name == "&" else int(name) if name.isdecimal() else name] or ""
    except IndexError:
        return reference


def _lookup(container: object, name: object) -> object:
    return _member(container, _text(name))


def _lookup_array(items: object, name: object) -> list[object]:
    found = [_member(item, _text(name)) for _, item in _pairs(items)]
    return [value for value in found if value is not None]


def _split(text: object, separator: object) -> list[str]:
    return _text(text).split(_text(separator)) if separator else list(_text(text))


def _distinct(items: object) -> list[object]:
    found: list[object] = []
    for _, item in _pairs(items):
        if item not in found:
            found.append(item)
    return found


def _add(left: object, right: object) -> float:
    return float(_text(left)) + float(_text(right))


def _to_object(*pairs: object) -> dict[str, object]:
    return {_text(key): value for key, value in zip(pairs[::2], pairs[1::2], strict=True)}


def _json(value: object) -> str:
    return json.dumps(value, separators=(",", ":"), default=str)


def _pretty(text: object) -> str:
    return json.dumps(json.loads(_text(text)), indent=2)


def _base64(text: object) -> str:
    return base64.b64encode(_text(text).encode()).decode()


def _from_base64(text: object) -> str:
    return base64.b64decode(_text(text)).decode("utf-8", "replace")


_HELPERS: Mapping[str, Callable[..., object]] = {
    "add": _add,
    "and": lambda *values: all(map(_is_true, values)),
    "containsString": lambda text, part: _text(part) in _text(text),
    "decodeBase64": _from_base64,
    "decodeURIComponent": lambda text: unquote(_text(text)),
    "distinct": _distinct,
    "encodeBase64": _base64,
    "encodeURIComponent": lambda text: quote(_text(text), safe="!'()*~"),
    "equals": lambda left, right: left == right,
    "includes": lambda items, value: _is_list(items) and value in items,
    "lookup": _lookup,
    "lookupArray": _lookup_array,
    "lowercase": lambda text: _text(text).lower(),
    "or": lambda *values: any(map(_is_true, values)),
    "replace": _replace,
    "split": _split,
    "stringToPrettyJSON": _pretty,
    "toArray": lambda *values: list(values),
    "toJSON": _json,
    "toObject": _to_object,
}

_WORDS = frozenset((*_HELPERS, *_BLOCKS, *_CONSTANTS, "else"))
"""What stands in tags like a name and is none."""
