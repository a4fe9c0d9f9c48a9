"""YAML in the literal blocks of other YAML, where the outermost thing may also be a list."""

from managers._yaml import Document, Mapping, Node, Problem, Scalar, Sequence


class _Embedded(Document):
    """The text of a literal block."""

    @property
    def node(self) -> Mapping | Sequence | None:
        """The mapping or list that the text is; None if it is something else, empty or cannot be read."""
        parsed = self._parsed
        if parsed is None or isinstance(parsed, Problem) or parsed.id == "scalar":
            return None
        return Mapping(self, parsed) if parsed.id == "mapping" else Sequence(self, parsed)


def embedded(node: Node | None) -> Mapping | Sequence | None:
    """The mapping or list in the literal block that ``node`` is; None for everything else."""
    document = node.embedded() if isinstance(node, Scalar) else None
    return None if document is None else _Embedded(document.text, document.start, document.end).node
