"""YAML in the literal blocks of other YAML, where the outermost thing may also be a list."""

from managers._yaml import Mapping, Node, Scalar, Sequence


def embedded(node: Node | None) -> Mapping | Sequence | None:
    """The mapping or list in the literal block that ``node`` is; None for everything else."""
    document = node.embedded() if isinstance(node, Scalar) else None
    return None if document is None else document.collection
