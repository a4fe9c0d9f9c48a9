"""The parameters that generators of an application set give to its template, and where each is written."""

from collections.abc import Iterator
from typing import NamedTuple

from managers._environments import environment_of
from managers._yaml import Document, Mapping, Node, Scalar, Sequence, documents
from updater.api import Environment, SourceFile, Span

Keys = tuple[str, ...]
"""The path to a parameter: ``.values.version`` and ``{{values.version}}`` are ``("values", "version")``."""

_KEY = "_: "


class Value(NamedTuple):
    """What stands in ``file`` for the parameters below ``prefix``: a node, or a text that is no node of its own.

    The places of a node are ``shift`` characters too small. A text stands from ``start`` on, if it is written at all.
    ``environment`` is the one that all this is for.
    """

    prefix: Keys
    node: Node | str
    file: SourceFile
    shift: int = 0
    environment: Environment | None = None
    start: int | None = None

    @property
    def text(self) -> str | None:
        """The text of a single value; None for a null or for more than one value."""
        if isinstance(self.node, Scalar):
            return None if self.node.is_null else self.node.text
        return self.node if isinstance(self.node, str) else None

    @property
    def span(self) -> Span | None:
        """Where the text of a single value stands, if it does so in one piece."""
        if isinstance(self.node, str):
            return None if self.start is None else Span(self.start, self.start + len(self.node))
        span = self.node.span if isinstance(self.node, Scalar) else None
        return None if span is None else Span(span.start + self.shift, span.end + self.shift)

    @property
    def identity(self) -> object:
        """Equal for what stands in one place."""
        return (self.node, self.start) if isinstance(self.node, str) else (self.file.path, self.node.where, self.shift)

    def at(self, keys: Keys) -> "Value | None":
        """What stands at the end of the path ``keys`` that begins here."""
        node = _walk(self.node, keys)
        if node is None:
            return None
        named = (Environment.named(key, f"it stands under {key}") for key in keys)
        environment = next(filter(None, named), self.environment)
        return self._replace(prefix=(), node=node, environment=environment)

    def items(self) -> Iterator["Value"]:
        """The items of a list, or the values of a map."""
        if isinstance(self.node, Sequence):
            nodes = iter(self.node)
        else:
            nodes = (node for _, node in self.node.items()) if isinstance(self.node, Mapping) else iter(())
        return (
            self._replace(prefix=(), node=node, environment=environment_of(node) or self.environment) for node in nodes
        )


Element = tuple[Value, ...]
"""One set of parameters. Later values override earlier ones."""


def lookup(element: Element, keys: Keys) -> Value | None:
    """The parameter ``keys``, if ``element`` has it."""
    for value in reversed(element):
        count = len(value.prefix)
        if keys[:count] == value.prefix and (found := value.at(keys[count:])):
            return found
    return None


def _walk(node: Node | str, keys: Keys) -> Node | str | None:
    """Down the path. A key may have dots in it, as in ``metadata.labels.app.kubernetes.io/name``."""
    if not keys:
        return node
    if isinstance(node, Sequence):
        item = next((item for index, item in enumerate(node) if keys[0] == str(index)), None)
        return None if item is None else _walk(item, keys[1:])
    if not isinstance(node, Mapping):
        return None
    for count in range(1, len(keys) + 1):
        child = node.get(".".join(keys[:count]))
        if child is not None:
            return _walk(child, keys[count:])
    return None


# ---------------------------------------------------------------- lists and files of parameters


def values_in_file(file: SourceFile) -> Iterator[Value]:
    """The sets of parameters in a JSON or YAML file: one in each document, or each item of a list."""
    text = file.text.replace("\t", " ") if file.path.endswith(".json") else file.text
    for document in documents(text):
        values: Iterator[Value]
        if document.root is not None:
            values = iter((Value((), document.root, file),))
        else:
            values = values_in_text(file, Span(document.start, document.end))
        for value in values:
            if isinstance(value.node, Mapping):
                yield value._replace(environment=environment_of(value.node) or file.environment)


def values_in_text(file: SourceFile, span: Span) -> Iterator[Value]:
    """The items of the YAML or JSON list that stands at ``span``."""
    written = file.text[span.start : span.end].replace("\t", " ")
    written = "   " + written[3:] if written.startswith("---") else written
    is_flow = written.lstrip().startswith("[")  # which may not go on in column 0 of the next line
    written = written.replace("\n", " ").replace("\r", " ") if is_flow else "\n" + written
    text = _KEY + written
    root = Document(text, 0, len(text)).root
    shift = span.start - (len(text) - (span.end - span.start))
    node = root.get(_KEY[0]) if root is not None else None
    return (
        Value((), item, file, shift, environment_of(item))
        for item in (node if isinstance(node, Sequence) else ())
        if isinstance(item, Mapping)
    )
