"""The values that somebody has written for a chart, near the place where its version stands. Pure but for ``read``.

Known are: an Argo CD source with ``helm`` (``valuesObject``, ``values``, ``parameters``, ``valueFiles``), a Flux
``HelmRelease``, ``helmCharts`` of a kustomization, a release of a helmfile, and a dependency in ``Chart.yaml`` with the
``values.yaml`` beside it. Later values of a key take the place of earlier ones only in Helm; here all of them count.
"""

import posixpath
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from updater.material.contract import Override
from updater.material.reads import Path

if TYPE_CHECKING:
    from yaml.nodes import MappingNode, Node

Read = Callable[[str], str | None]
"""The text of a file of the repository; None if there is none."""

_MOST = 2_000
_MOST_BYTES = 512 * 1024
_MOST_DEPTH = 40


def overrides_at(path: str, offset: int, read: Read) -> Sequence[Override]:
    """What is overridden of the chart whose version stands at ``offset`` of the file at ``path``."""
    text = read(path)
    if text is None or len(text) > _MOST_BYTES:
        return ()
    found: dict[Override, None] = {}
    for override in _near(path, text, offset, read):
        found[override] = None
        if len(found) >= _MOST:
            break
    return tuple(found)


def _near(path: str, text: str, offset: int, read: Read) -> Iterator[Override]:
    around = _around(text, offset)
    if not around:
        return
    innermost = around[-1]
    if posixpath.basename(path) == "Chart.yaml":
        yield from _of_dependency(path, innermost, read)
        return
    helm = _child(innermost, "helm")
    if helm is not None:
        yield from _of_argocd(path, helm, text, read)
    if _scalar(around[0], "kind") == "HelmRelease" and (spec := _child(around[0], "spec")) is not None:
        yield from _of_node(path, _node(spec, "values"))
    inline = _node(innermost, "valuesInline")
    yield from _of_node(path, inline)
    yield from _of_files(path, [_scalar(innermost, "valuesFile")], read)
    yield from _of_helmfile(path, innermost, read)


# ---------------------------------------------------------------- by kind of file


def _of_argocd(path: str, helm: "MappingNode", text: str, read: Read) -> Iterator[Override]:
    """https://argo-cd.readthedocs.io/en/stable/user-guide/helm/; ``$name`` stands for another source's repository."""
    yield from _of_node(path, _node(helm, "valuesObject"))
    block = _node(helm, "values")
    if block is not None and isinstance(block.value, str):
        yield from _of_text(path, block.value, line=_first_line(block, text))
    for parameter in _items(_node(helm, "parameters")):
        name = _scalar(parameter, "name")
        if name:
            yield Override(path=_parameter(name), place=path, line=parameter.start_mark.line + 1)
    names = [each.value for each in _sequence(_node(helm, "valueFiles")) if isinstance(each.value, str)]
    yield from _of_files(path, [name.partition("/")[2] for name in names if name.startswith("$")], read, root=True)


def _of_helmfile(path: str, release: "MappingNode", read: Read) -> Iterator[Override]:
    """https://helmfile.readthedocs.io/en/latest/#configuration: maps, and the names of files."""
    for each in _sequence(_node(release, "values")):
        yield from _of_node(path, each)
        if isinstance(each.value, str) and not each.value.endswith(".gotmpl"):
            yield from _of_files(path, [each.value], read)
    for each in _items(_node(release, "set")):
        name = _scalar(each, "name")
        if name:
            yield Override(path=_parameter(name), place=path, line=each.start_mark.line + 1)


def _of_dependency(path: str, dependency: "MappingNode", read: Read) -> Iterator[Override]:
    """The part of ``values.yaml`` that stands under the name of the dependency."""
    key = _scalar(dependency, "alias") or _scalar(dependency, "name")
    place = posixpath.join(posixpath.dirname(path), "values.yaml")
    for override in _of_files(path, ["values.yaml"], read):
        if override.path[:1] == (key,) and len(override.path) > 1:
            yield Override(path=override.path[1:], place=place, line=override.line)


def _of_files(path: str, names: Sequence[str | None], read: Read, *, root: bool = False) -> Iterator[Override]:
    """What stands in files, whose names are relative to the one at ``path``, or to the repository's root."""
    for name in names:
        if not name or "://" in name or "{{" in name:
            continue
        place = posixpath.normpath(name if root else posixpath.join(posixpath.dirname(path), name))
        text = None if place.startswith(("../", "/")) else read(place)
        if text is not None and len(text) <= _MOST_BYTES:
            yield from _of_text(place, text)


def _parameter(name: str) -> Path:
    r"""``a.b\.c[0]`` as Helm's ``--set`` reads it: a list counts as a whole."""
    keys = name.partition("[")[0].replace("\\.", "\0").split(".")
    return tuple(key.replace("\0", ".") for key in keys)


# ---------------------------------------------------------------- YAML with its places


def _of_text(place: str, text: str, *, line: int = 1) -> Iterator[Override]:
    for document in _composed(text)[:1]:
        for override in _of_node(place, document):
            yield Override(path=override.path, place=place, line=override.line + line - 1)


def _of_node(place: str, node: "Node | None", path: Path = (), above: "tuple[Node, ...]" = ()) -> Iterator[Override]:
    """Each key that holds a scalar, a list or an empty map; a list takes the place of a default as a whole."""
    from yaml.nodes import MappingNode

    if not isinstance(node, MappingNode) or len(path) > _MOST_DEPTH or node in above:
        return
    for key, value in node.value:
        if not isinstance(key.value, str) or key.value == "<<":
            continue
        if isinstance(value, MappingNode) and value.value:
            yield from _of_node(place, value, (*path, key.value), (*above, node))
        else:
            yield Override(path=(*path, key.value), place=place, line=key.start_mark.line + 1)


def _composed(text: str) -> "list[Node]":
    """The documents of a text; none if it is no YAML."""
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        return [node for node in yaml.compose_all(text, loader) if node is not None]
    except (yaml.YAMLError, ValueError, RecursionError):
        return []


def _around(text: str, offset: int) -> "list[MappingNode]":
    """The maps around a place, the outermost first."""
    from yaml.nodes import MappingNode

    found: list[MappingNode] = []
    nodes: list[Node] = _composed(text)
    while nodes:
        here = next((each for each in nodes if each.start_mark.index <= offset < each.end_mark.index), None)
        if here is None or not isinstance(here.value, list):
            break
        if isinstance(here, MappingNode):
            found.append(here)
            nodes = [value for _, value in here.value]
        else:
            nodes = list(here.value)
    return found


def _first_line(block: "Node", text: str) -> int:
    """The line, counted from 1, on which the content of a block scalar begins."""
    is_block = text[block.start_mark.index : block.start_mark.index + 1] in ("|", ">")
    return block.start_mark.line + (2 if is_block else 1)


def _node(mapping: "MappingNode", key: str) -> "Node | None":
    return next((value for name, value in mapping.value if name.value == key), None)


def _child(mapping: "MappingNode", key: str) -> "MappingNode | None":
    from yaml.nodes import MappingNode

    node = _node(mapping, key)
    return node if isinstance(node, MappingNode) else None


def _scalar(mapping: "MappingNode", key: str) -> str | None:
    node = _node(mapping, key)
    return node.value if node is not None and isinstance(node.value, str) else None


def _sequence(node: "Node | None") -> "list[Node]":
    from yaml.nodes import SequenceNode

    return list(node.value) if isinstance(node, SequenceNode) else []


def _items(node: "Node | None") -> "list[MappingNode]":
    from yaml.nodes import MappingNode

    return [each for each in _sequence(node) if isinstance(each, MappingNode)]
