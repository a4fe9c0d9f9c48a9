"""Reading an index, or a part of one, whose form is not Helm's: by PyYAML, or as JSON.

PyYAML needs nine seconds and 600 MB to make objects of 20 MB. Its events alone take three seconds and no memory; one
entry after the other is made of them, and what is not of interest in it is forgotten.
"""

import gc
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from io import BufferedIOBase
from typing import Any, TypeGuard

FIELDS = frozenset({"appVersion", "created", "deprecated", "digest", "home", "kubeVersion", "version"})
"""What is of interest in an entry, beside ``sources``."""

Entries = list[Mapping[str, object] | None]
"""The entries of a chart, less all that is of no interest. None stands for what is no entry."""


def from_yaml(stream: BufferedIOBase) -> Iterator[tuple[str, Entries]]:
    """The charts of an index, one after the other. Raises ``ValueError`` for what is none."""
    import yaml

    try:
        yield from _charts(_Events(stream))
    except _Alias:
        stream.seek(0)
        yield from from_document(load_yaml(stream))
    except (yaml.YAMLError, UnicodeError, RecursionError) as error:
        raise _no_index(error) from error


def from_json(content: bytes) -> Iterator[tuple[str, Entries]]:
    """The same of an index in JSON."""
    try:
        document = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise _no_index(error) from error
    return from_document(document)


def from_document(document: object) -> Iterator[tuple[str, Entries]]:
    """The same of an index that has been read already."""
    named = document.get("entries") if isinstance(document, dict) else None
    charts = named if isinstance(named, dict) else None
    if charts is None:
        raise _without_entries()
    return ((str(name), slim(entries)) for name, entries in charts.items())


def load_yaml(content: bytes | BufferedIOBase) -> object:
    """The document with every scalar as text, so that a version ``1.10`` stays one. Raises ``ValueError``."""
    import yaml

    try:
        with _without_garbage_collection():
            document: object = yaml.load(content, _loader())  # noqa: S506 - makes only text, lists and mappings
    except (yaml.YAMLError, UnicodeError, RecursionError) as error:
        raise _no_index(error) from error
    return document


def slim(entries: object) -> Entries:
    """A chart's entries, less all that is of no interest (which also keeps aliases from multiplying)."""
    return [_slim(entry) for entry in entries] if _is_list(entries) else [None]


def _slim(entry: object) -> Mapping[str, object] | None:
    if not isinstance(entry, dict):
        return None
    sources = entry.get("sources")
    scalars = {key: entry[key] for key in FIELDS & entry.keys() if isinstance(entry[key], str | bool)}
    links = [link for link in sources if isinstance(link, str)] if _is_list(sources) else []
    return scalars | {"sources": links}


def _is_list(value: object) -> TypeGuard[list[object]]:
    return isinstance(value, list)


def _no_index(error: Exception) -> ValueError:
    return ValueError(f"is not the index of a chart repository: {' '.join(str(error).split())}")


def _without_entries() -> ValueError:
    return ValueError("is not the index of a chart repository: it has no entries")


def _loader() -> Any:
    """PyYAML has no types for its loader in C, which may be missing."""
    import yaml

    return getattr(yaml, "CBaseLoader", yaml.BaseLoader)


@contextmanager
def _without_garbage_collection() -> Iterator[None]:
    """Parsing makes millions of objects and no garbage; looking for some takes two thirds of the time."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


# ---------------------------------------------------------------- by events


class _Alias(Exception):
    """It stands for something that has been forgotten."""


class _Events:
    """The events of a document, taken one by one, or with all that belongs to one as an object."""

    def __init__(self, stream: BufferedIOBase) -> None:
        import yaml

        self._yaml = yaml
        self._events = yaml.parse(stream, _loader())

    def start(self) -> bool:
        """Go to the top of the document; False if there is none."""
        self._next()
        return isinstance(self._next(), self._yaml.DocumentStartEvent)

    def keys(self) -> Iterator[str] | None:
        """The keys of the mapping that begins here, each to be followed by taking its value; None for another node."""
        event = self._next()
        if isinstance(event, self._yaml.MappingStartEvent):
            return self._keys()
        self._made_of(event)
        return None

    def items(self) -> Iterator[object]:
        """The items of the list that begins here; for another node None alone."""
        event = self._next()
        if not isinstance(event, self._yaml.SequenceStartEvent):
            self._made_of(event)
            yield None
            return
        while not isinstance(event := self._next(), self._yaml.SequenceEndEvent):
            yield self._made_of(event)

    def value(self) -> object:
        """The node that begins here."""
        return self._made_of(self._next())

    def _next(self) -> object:
        return next(self._events)

    def _keys(self) -> Iterator[str]:
        while not isinstance(event := self._next(), self._yaml.MappingEndEvent):
            key = self._made_of(event)
            if not isinstance(key, str):
                raise self._yaml.YAMLError("a key that is no text")
            yield key

    def _made_of(self, event: object) -> object:
        if isinstance(event, self._yaml.ScalarEvent):
            return event.value
        if isinstance(event, self._yaml.MappingStartEvent):
            return {key: self.value() for key in self._keys()}
        if isinstance(event, self._yaml.SequenceStartEvent):
            found = []
            while not isinstance(each := self._next(), self._yaml.SequenceEndEvent):
                found.append(self._made_of(each))
            return found
        raise _Alias


def _charts(events: _Events) -> Iterator[tuple[str, Entries]]:
    sections = events.keys() if events.start() else None
    has_entries = False
    for section in sections or ():
        if section != "entries":
            events.value()
            continue
        charts = events.keys()
        has_entries = charts is not None
        for chart in charts or ():
            yield chart, [_slim(entry) for entry in events.items()]
    if not has_entries:
        raise _without_entries()
