"""Kubernetes objects as plain data, out of any text that claims to be YAML. Never raises.

Every scalar is a text. Documents are split before they are parsed, so that a broken one does not hide its neighbours.
Template expressions (``{{ … }}``) stay what they are in the texts; lines that hold nothing else are left out. The data
is built from the parser's events, without recursion: what nests too deep or grows too large is not read.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from updater.fields import text

Data = Any
"""A mapping, a list, a text or None, as the parser builds them."""

_SEPARATOR = re.compile(r"^---(?=\s|$)", re.MULTILINE)
_EXPRESSION = re.compile(r"\{\{([^{}\n]*)\}\}")
_LONE_EXPRESSION = re.compile(r"^[ \t]*\{\{.*\}\}[ \t]*$", re.MULTILINE)
_OPENING, _CLOSING = "\ue000", "\ue001"
"""Characters for private use in place of the braces, which would begin a mapping."""

_MAX_DEPTH = 100
_MAX_NODES = 200_000
_NULLS = frozenset(("", "~", "null", "Null", "NULL"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """An object that a file declares."""

    path: str
    data: Mapping[str, Data]

    @property
    def kind(self) -> str:
        """Its kind."""
        return text(self.data, "kind") or ""

    @property
    def group(self) -> str:
        """The group of its API, without the version."""
        return (text(self.data, "apiVersion") or "").rpartition("/")[0]

    @property
    def name(self) -> str:
        """Its name; empty if it has none."""
        return text(self.data, "metadata", "name") or ""

    @property
    def namespace(self) -> str | None:
        """Its namespace, if the file says it."""
        return text(self.data, "metadata", "namespace")


def manifests(path: str, content: str) -> Iterator[Manifest]:
    """The objects in a file, those in lists one by one."""
    for data in documents(content):
        for item in _items(data):
            yield Manifest(path=path, data=item)


def documents(content: str) -> Iterator[Data]:
    """The documents of a text that can be read."""
    for part in _SEPARATOR.split(content):
        if part.strip():
            found = _parsed(part)
            if found is not None:
                yield found


def _items(data: Data) -> Iterator[Mapping[str, Data]]:
    if not isinstance(data, dict):
        return
    if str(data.get("kind", "")).endswith("List") and isinstance(data.get("items"), list):
        yield from (item for item in data["items"] if isinstance(item, dict))
    else:
        yield data


def _parsed(content: str) -> Data:
    import yaml  # a repository without objects does not load it

    masked = _LONE_EXPRESSION.sub("", content) if "{{" in content else content
    masked = _EXPRESSION.sub(rf"{_OPENING}\1{_CLOSING}", masked)
    try:
        return _built(yaml.parse(masked, Loader=getattr(yaml, "CBaseLoader", yaml.BaseLoader)))
    except (yaml.YAMLError, _TooMuch, ValueError):
        return None


class _TooMuch(Exception):
    """A document that nests too deep, or is too large."""


class _Builder:
    """Puts the values of a document together. An alias leads to what its anchor held when that was complete."""

    def __init__(self) -> None:
        self.anchors: dict[str, Data] = {}
        self.open: list[tuple[Data, str | None, list[Data]]] = []
        self.result: Data = None
        self.nodes = 0

    def add(self, value: Data) -> None:
        self.nodes += 1
        if self.nodes > _MAX_NODES:
            raise _TooMuch
        if self.open:
            self.open[-1][2].append(value)
        else:
            self.result = value

    def start(self, container: Data, anchor: str | None) -> None:
        if len(self.open) >= _MAX_DEPTH:
            raise _TooMuch
        self.open.append((container, anchor, []))

    def end(self) -> None:
        container, anchor, parts = self.open.pop()
        if isinstance(container, list):
            container.extend(parts)
        else:
            _fill(container, parts)
        if anchor is not None:
            self.anchors[anchor] = container
        self.add(container)


def _fill(mapping: dict[str, Data], parts: list[Data]) -> None:
    pairs = list(zip(parts[::2], parts[1::2], strict=True))
    for key, value in pairs:
        if key == "<<" and isinstance(value, dict):
            mapping.update({inherited: kept for inherited, kept in value.items() if inherited not in mapping})
    mapping.update({key: value for key, value in pairs if isinstance(key, str) and key != "<<"})


def _built(events: Iterable[Any]) -> Data:
    builder = _Builder()
    for event in events:
        match type(event).__name__:
            case "ScalarEvent":
                value = _scalar(event)
                if event.anchor is not None:
                    builder.anchors[event.anchor] = value
                builder.add(value)
            case "MappingStartEvent":
                builder.start({}, event.anchor)
            case "SequenceStartEvent":
                builder.start([], event.anchor)
            case "MappingEndEvent" | "SequenceEndEvent":
                builder.end()
            case "AliasEvent":
                builder.add(builder.anchors.get(event.anchor))
    return builder.result


def _scalar(event: Any) -> str | None:
    value: str = event.value.replace(_OPENING, "{{").replace(_CLOSING, "}}")
    return None if not event.style and value in _NULLS else value
