"""Expressions of GitHub Actions, as far as what they stand for is written in the same file."""

import re
from collections.abc import Iterator
from itertools import chain, islice

from msgspec import Struct
from msgspec.structs import replace

from managers._yaml import Mapping, Node, Scalar

EXPRESSION = re.compile(r"\$\{\{\s*+(?P<context>matrix|env|inputs)\.(?P<path>[\w.-]++)\s*+\}\}")

_INPUTS = (("inputs",), ("on", "workflow_call", "inputs"), ("on", "workflow_dispatch", "inputs"))


class Scope(Struct, frozen=True, kw_only=True):
    """What expressions may speak of at some place of a workflow or action; inner ``environments`` come first."""

    environments: tuple[Mapping, ...] = ()
    inputs: tuple[Mapping, ...] = ()
    matrix: Mapping | None = None

    @classmethod
    def of(cls, root: Mapping) -> "Scope":
        """What holds everywhere in a workflow or action."""
        inputs = tuple(found for keys in _INPUTS if (found := root.mapping(*keys)))
        return cls(inputs=inputs).within(root)

    def within(self, place: Mapping) -> "Scope":
        """What holds in a job or step."""
        environment, matrix = place.mapping("env"), place.mapping("strategy", "matrix")
        environments = (environment, *self.environments) if environment else self.environments
        return replace(self, environments=environments, matrix=matrix or self.matrix)

    def resolve(self, match: re.Match[str]) -> Iterator[Scalar]:
        """What an expression stands for: all values of a matrix, one of an environment, the default of an input."""
        context, (name, *path) = match["context"], match["path"].split(".")
        if context == "matrix":
            yield from self._of_matrix(name, path)
        elif context == "env":
            values = (value for place in self.environments if (value := place.scalar(name)))
            yield from islice(values, 0 if path else 1)
        elif not path:
            declared = (found for inputs in self.inputs if (found := inputs.mapping(name)))
            yield from (default for each in declared if (default := each.scalar("default")))

    def _of_matrix(self, name: str, path: list[str]) -> Iterator[Scalar]:
        """The values of a dimension: its list, and those of what is included and excluded, which must stay the same."""
        if self.matrix is None:
            return
        rows = chain(self.matrix.mappings("include"), self.matrix.mappings("exclude"))
        values = chain(self.matrix.elements(name), (row.get(name) for row in rows))
        yield from (found for value in values if isinstance(found := _within(value, path), Scalar))


def _within(node: Node | None, path: list[str]) -> Node | None:
    for key in path:
        node = node.get(key) if isinstance(node, Mapping) else None
    return node
