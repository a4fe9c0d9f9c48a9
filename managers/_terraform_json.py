"""JSON and YAML read into the same structure as HCL: Terraform's JSON syntax (`*.tf.json`), and data files.

Which keys are labels and which are arguments only a schema tells
(https://developer.hashicorp.com/terraform/language/syntax/json): an object, and each object in a list, counts as both
an argument and a nested block.
"""

from collections.abc import Callable, Iterator, Mapping

from managers._hcl import Block, Computed, Document, Expression, List, Literal, Object, Problem
from managers._yaml import Mapping as YamlMapping
from managers._yaml import Node, Scalar, documents
from updater.api import Span

_LABELS: Mapping[str, int] = {
    "terraform": 0, "locals": 0, "provider": 1, "module": 1, "variable": 1, "resource": 2, "data": 2,
}  # fmt: skip
_SHORTENED = 80


def read_json(text: str) -> Document:
    """Read a file in JSON syntax. Never raises; a file that is no JSON is one problem."""
    first = documents(text)[0]
    if first.problem is not None:
        reason, offset = first.problem
        whole = Span(0, len(text))
        header = text[:_SHORTENED].partition("\n")[0].strip()
        return Document(blocks=(), problems=(Problem(span=whole, offset=offset, message=reason, header=header),))
    return Document(blocks=tuple(_top_level(first.root)) if first.root else ())


def _top_level(root: YamlMapping) -> Iterator[Block]:
    for type_, node in root.items():
        if type_ in _LABELS:
            yield from _blocks(type_, (), node, _LABELS[type_])


def _blocks(type_: str, labels: tuple[str, ...], node: Node, missing: int) -> Iterator[Block]:
    """The blocks below ``node``, whose keys are labels as long as some are missing."""
    if isinstance(node, Scalar):
        return
    if not isinstance(node, YamlMapping):
        for item in node:
            yield from _blocks(type_, labels, item, missing)
    elif missing:
        for label, inner in node.items():
            if label != "//":
                yield from _blocks(type_, (*labels, label), inner, missing - 1)
    else:
        yield _block(type_, labels, node)


def _block(type_: str, labels: tuple[str, ...], node: YamlMapping) -> Block:
    entries = [(key, value) for key, value in node.items() if key != "//"]
    return Block(
        type=type_,
        labels=labels,
        attributes={key: _expression(value, _in_json) for key, value in entries},
        blocks=tuple(block for key, value in entries for block in _blocks(key, (), value, 0)),
        span=node.where,
    )


def read_data(text: str) -> Expression | None:
    """The object that a data file in YAML or JSON holds, without any expressions in it."""
    root = documents(text)[0].root
    return _expression(root, _in_data) if root else None


def _expression(node: Node, scalar: Callable[[Scalar], Expression]) -> Expression:
    if isinstance(node, YamlMapping):
        return Object(span=node.where, entries={key: _expression(value, scalar) for key, value in node.items()})
    if not isinstance(node, Scalar):
        return List(span=node.where, items=tuple(_expression(item, scalar) for item in node))
    return scalar(node)


def _in_json(node: Scalar) -> Expression:
    """Only a text in quotes is a text, and it may hold templates."""
    if node.span is None or node.span.start == node.where.start:
        return Computed(node.where)
    return Literal(node.span, interpolated="${" in node.text or "%{" in node.text)


def _in_data(node: Scalar) -> Expression:
    if node.span is None or node.is_null or node.text in ("true", "false"):
        return Computed(node.where)
    return Literal(node.span, interpolated=False)
