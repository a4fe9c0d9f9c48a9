r"""Custom managers: versions that expressions of yours find in YAML, JSON and TOML files.

An entry of `customManagers` in the configuration:

    {
      "customType": "jsonata",
      "fileFormat": "yaml",
      "managerFilePatterns": ["platform/**/*.yaml"],
      "matchStrings": ["components.{\"depName\": name, \"currentValue\": version, \"registryUrl\": repository}"],
      "datasourceTemplate": "helm"
    }

Each of `matchStrings` is a [JSONata](https://docs.jsonata.org) expression over the file: what YAML documents hold, one
after the other, or the object that a JSON or TOML file is. It makes an object, or a list of them, with `depName`,
`packageName`, `currentValue`, `currentDigest`, `datasource`, `versioning`, `extractVersion`, `registryUrl` and
`depType`; `…Template` options of the same names take precedence and may use all of its members, `packageFile` and
`packageFileDir`. A name, a datasource and a value or digest are needed. Regular expressions run on RE2, and an
expression may take 100,000 steps.

A version that an expression takes from YAML or JSON as it stands there is changed at that place, whatever it is equal
to elsewhere. One that it cuts out of a longer text, and all that is in TOML, has to stand in the file exactly once;
else it is listed with the reason. Numbers count as they are written: `1.10` is no `1.1`.
"""

import tomllib
from collections.abc import Iterable, Iterator, Mapping

from msgspec import Struct, structs
from msgspec.structs import replace

from managers._custom import FIELDS, Templates, read_templates, reading, texts_in
from managers._json import without_comments
from managers._matching import Match
from managers._yaml import Document, Node, Scalar, Sequence, documents
from managers._yaml import Mapping as YamlMapping
from updater.api import Extracted, Manager, Skipped, SourceFile, Span, check_jsonata, evaluate_jsonata

NAME = "jsonata"

_FORMATS = ("json", "yaml", "toml")
_MAX_STEPS = 100_000
_MAX_NODES = 100_000
_MAX_DEPTH = 100


def build(options: Mapping[str, object]) -> Manager:
    """The manager that an entry of ``customManagers`` describes. Raises ``ValueError`` if it makes no sense."""
    form = options.get("fileFormat")
    if form not in _FORMATS:
        raise ValueError(f"fileFormat must be one of {', '.join(_FORMATS)}")
    expressions = texts_in(options, "matchStrings", "expressions")
    for expression in expressions:
        check_jsonata(expression)
    templates = replace(read_templates(options), replacement=None)
    return _JsonataManager(_Recipe(form=str(form), expressions=expressions, templates=templates))


class _Recipe(Struct, frozen=True, kw_only=True):
    """An entry of ``customManagers``, checked."""

    form: str
    expressions: tuple[str, ...]
    templates: Templates


class _JsonataManager:
    """The manager that a recipe describes."""

    NAME: str = "custom.jsonata"
    FILES: tuple[str, ...] = ("*",)
    MARKERS: tuple[str, ...] = ()
    FOREIGN: tuple[str, ...] = ()
    NARROWABLE: bool = True

    def __init__(self, recipe: _Recipe) -> None:
        self._recipe = recipe

    def extract(self, file: SourceFile) -> Iterator[Extracted]:
        """A dependency for each object that the expressions make, or why it is none."""
        try:
            content = _content(file.text, self._recipe.form)
        except ValueError as error:
            yield self._unread(file, f"cannot be read as {self._recipe.form.upper()}: {error}")
            return
        for expression in self._recipe.expressions:
            try:
                found = list(_objects(evaluate_jsonata(content, [expression], max_steps=_MAX_STEPS)))
            except ValueError as error:
                yield self._unread(file, f"the expression {error}")
            else:
                yield from (self._read(file, each) for each in found)

    def _read(self, file: SourceFile, found: Mapping[str, object]) -> Extracted:
        texts = {name: _text(value) for name, value in found.items() if value is not None}
        spans = {name: span for name in FIELDS if (span := getattr(found.get(name), "span", None)) is not None}
        where = _around(spans) or Span(0, len(file.text))
        result = reading(self.NAME, self._recipe.templates, file, Match(whole=where, groups=spans), texts).result()
        if isinstance(result, Skipped) and result.span == (0, len(file.text)):
            return structs.replace(result, span=None, line=None)
        return result

    def _unread(self, file: SourceFile, reason: str) -> Skipped:
        return Skipped(manager=self.NAME, path=file.path, reason=reason, environment=file.environment)


def _around(spans: Mapping[str, Span]) -> Span | None:
    """From the first to the last of the places, if those of all that is to be changed are known."""
    if spans.keys().isdisjoint(("currentValue", "currentDigest")):
        return None
    return Span(min(span.start for span in spans.values()), max(span.end for span in spans.values()))


def _objects(result: object) -> Iterator[Mapping[str, object]]:
    """The objects that an expression made. Raises ``ValueError`` for anything else."""
    for each in result if isinstance(result, list) else [] if result is None else [result]:
        if not isinstance(each, Mapping):
            raise ValueError("makes something that is neither an object nor a list of objects")  # noqa: TRY004
        yield each


# ---------------------------------------------------------------- what an expression sees


class _Text(str):
    """A text that knows where it stands."""

    __slots__ = ("span",)

    span: Span | None


class _Number(float):
    """A number that knows how it is written, and where."""

    __slots__ = ("span", "written")

    span: Span | None
    written: str


def _text(value: object) -> str:
    return value.written if isinstance(value, _Number) else str(value)


def _content(text: str, form: str) -> object:
    """What a file holds. Raises ``ValueError``."""
    if form == "toml":
        return tomllib.loads(text)
    if form == "json":
        parts = [Document(without_comments(text), int(text.startswith("\ufeff")), len(text))]
    else:
        parts = [*documents(text)]
    limits = _Limits()
    found = [_value(node, limits, 0) for node in _nodes(parts)]
    return found[0] if len(found) == 1 else found


def _nodes(parts: Iterable[Document]) -> Iterator[Node]:
    for part in parts:
        if part.problem is not None:
            raise ValueError(part.problem.reason)
        if part.collection is not None:
            yield part.collection


class _Limits(Struct):
    """How much has been read: aliases can make much of little."""

    nodes: int = 0

    def count(self, depth: int) -> None:
        self.nodes += 1
        if self.nodes > _MAX_NODES or depth > _MAX_DEPTH:
            raise ValueError("it is too large or nested too deeply")


def _value(node: Node, limits: _Limits, depth: int) -> object:
    limits.count(depth)
    if isinstance(node, YamlMapping):
        return {key: _value(member, limits, depth + 1) for key, member in node.items()}
    if isinstance(node, Sequence):
        return [_value(element, limits, depth + 1) for element in node]
    return _scalar(node)


def _scalar(scalar: Scalar) -> object:
    if scalar.is_null:
        return None
    if not scalar.is_quoted and scalar.text in ("true", "false"):
        return scalar.text == "true"
    number = None if scalar.is_quoted else _number(scalar.text)
    found = _Text(scalar.text) if number is None else number
    found.span = scalar.span
    return found


def _number(text: str) -> _Number | None:
    """The number that a text is, if it is one in JSON as well."""
    if not text[-1:].isdigit() or not set(text) <= set("0123456789.-+eE"):
        return None
    try:
        number = _Number(text)
    except ValueError:
        return None
    number.written = text
    return number
