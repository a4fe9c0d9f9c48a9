"""YAML as managers read it: never changed, with the exact place of every scalar in the file.

Nothing is typed: ``1.10`` stays ``1.10``. A scalar's ``span`` covers the value alone, inside its quotes and behind
its anchor or tag. An alias leads to the anchored node, so that an edit lands on the definition. Go templates
(``{{ … }}``) are hidden from the parser behind fillers of the same length. Documents are split before they are
parsed: a broken one does not hide its neighbours, and one that nobody asks for costs nothing.
"""

import re
from collections.abc import Callable, Container, Iterable, Iterator, KeysView
from functools import cached_property
from typing import Any, NamedTuple

import msgspec

from managers._focus import focused
from updater.api import SourceFile, Span

MAX_DEPTH = 200
"""Deeper documents are not read: nobody wrote them by hand, and libyaml's time grows with the square of the depth."""

_MERGE = "<<"
_MAX_MERGED = 20
_MAX_INHERITED = 100_000
_BLOCK_STYLES = ("|", ">")
_QUOTES = ("'", '"')
_QUOTED = re.compile(r'\\"([^\\"\n]*+)\\"')
_NULLS = frozenset(("", "~", "null", "Null", "NULL"))
_CONTROL = re.compile(r"\{\{-?\s*(?:/\*|(?:if|else|end|range|with|define|block|break|continue)\b|\$\w*\s*:?=)")
_SURROGATES = re.compile("[\ud800-\udfff]")


# ---------------------------------------------------------------- nodes


class _Source(msgspec.Struct, eq=False):
    """The text that nodes stand in: their places are counted from ``start`` on."""

    text: str
    start: int
    has_templates: bool
    has_aliases: bool
    inherited: int = 0
    """How many entries mappings have taken over from others that they merge."""


class Scalar(msgspec.Struct, eq=False):
    """A single value: ``value`` is what it amounts to, from ``begin`` to ``end`` it stands in the file."""

    _source: _Source
    value: str
    begin: int
    end: int
    style: str
    _span: Span | msgspec.UnsetType | None = msgspec.UNSET

    @property
    def where(self) -> Span:
        """The whole node in the file, with its anchor, tag and quotes."""
        return Span(self.begin, self.end)

    @property
    def text(self) -> str:
        """The value as it is written; where it is not written in one piece, what it amounts to."""
        if not self._source.has_templates and self.style not in _BLOCK_STYLES:
            return self.value
        span = self.span
        return self.value if span is None else self._source.text[span.start : span.end]

    @property
    def span(self) -> Span | None:
        """Exactly the value, or None if it does not stand in the file in one piece (escapes, line breaks)."""
        span = self._span
        if span is msgspec.UNSET:
            span = self._span = self._span_in_block() if self.style in _BLOCK_STYLES else self._span_in_line()
        return span

    def _span_in_line(self) -> Span | None:
        value = self.value
        end = self.end - bool(self.style)
        start = end - len(value)
        written = self._source.text[start:end]
        return Span(start, end) if written == value or (self.is_templated and "\n" not in written) else None

    def _span_in_block(self) -> Span | None:
        value = self.value.strip()
        if not value or any(map(str.isspace, value)):
            return None
        start = self._source.text.find(value, self._content_start, self.end)
        return None if start < 0 else Span(start, start + len(value))

    @property
    def _content_start(self) -> int:
        """Where the text of a block scalar begins: behind the line of its ``|`` or ``>``."""
        line_end = self._source.text.find("\n", self.begin, self.end)
        return self.end if line_end < 0 else line_end + 1

    @property
    def is_literal(self) -> bool:
        """Whether it is a literal block (``|``)."""
        return self.style == "|"

    @property
    def is_quoted(self) -> bool:
        """Whether it is a text whatever stands in it: in quotes, or in a block."""
        return bool(self.style)

    @property
    def is_null(self) -> bool:
        """Whether nothing, ``~`` or ``null`` is written."""
        return not self.style and self.value in _NULLS

    @property
    def has_text(self) -> bool:
        """Whether there is anything but null and the empty text."""
        return self.value not in _NULLS or bool(self.style and self.value)

    @property
    def is_templated(self) -> bool:
        """Whether the value holds ``{{``."""
        return self._source.has_templates and self._source.text.find("{{", self.begin, self.end) >= 0

    def embedded(self) -> "Document | None":
        """The YAML inside a literal block (``|``) or quotes, whose spans are places in the outer file.

        None for others, and for quoted YAML that is not on one line.
        """
        if self.style in _QUOTES:
            return self._in_quotes()
        if not self.is_literal:
            return None
        text, start, end = self._source.text, self._content_start, self.end
        if text[start:end].lstrip().startswith("---"):  # a marker only in column 0, where the block has its text
            start = text.index("---", start) + len("---")
        return Document(text, start, end)

    def _in_quotes(self) -> "Document | None":
        """Line breaks and quotes are written as two characters, the first of which becomes a blank outside them."""
        text = self._source.text
        start, end = text.index(self.style, self.begin) + 1, self.end - 1
        written = text[start:end]
        if ":" not in written or "\n" in written or "''" in written:
            return None
        lines = _QUOTED.sub(r' "\1" ', written).replace("\\n", " \n") if self.style == '"' else written
        if "\\" in lines:
            return None
        return Document(f"{text[:start]}{lines}{text[end:]}", start, end)


class Sequence(msgspec.Struct, eq=False):
    """A list of nodes, which stands in the file from ``begin`` to ``end``."""

    _source: _Source
    nodes: "list[Node]"
    begin: int
    end: int = 0

    @property
    def where(self) -> Span:
        """The whole node in the file, with its anchor and tag."""
        return Span(self.begin, self.end)

    def __iter__(self) -> Iterator["Node"]:
        return iter(self.nodes)

    def scalars(self) -> Iterator[Scalar]:
        """The scalars among the nodes."""
        return (node for node in self.nodes if isinstance(node, Scalar))


class Mapping(msgspec.Struct, eq=False):
    """Keys with nodes, those that merge keys (``<<``) bring among them. Of double keys the last counts."""

    _source: _Source
    pairs: "_Pairs"
    """The mapping's own entries; a key that is no scalar counts as an empty text."""
    begin: int
    end: int = 0
    _index: "dict[str, Node] | None" = None
    _merged: "tuple[Mapping, ...] | None" = None
    """This mapping and all that it merges, the strongest first."""

    @property
    def where(self) -> Span:
        """The whole node in the file, with its anchor and tag."""
        return Span(self.begin, self.end)

    @property
    def own(self) -> "dict[str, Node]":
        """The mapping's own entries."""
        index = self._index
        if index is None:
            index = self._index = dict(self.pairs)
        return index

    def __contains__(self, key: str) -> bool:
        return self.get(key) is not None

    def keys(self) -> KeysView[str]:
        """All keys, those among them that merged mappings bring."""
        own = self.own
        return own.keys() if _MERGE not in own else dict(self.items()).keys()

    def get(self, key: str) -> "Node | None":
        """The node under ``key``: the mapping's own, else that of the strongest that it merges."""
        index = self._index
        if index is None:
            index = self._index = dict(self.pairs)
        if _MERGE not in index:
            return index.get(key)
        return next((each.own[key] for each in self._sources if key in each.own), None) if key != _MERGE else None

    def scalar(self, key: str) -> Scalar | None:
        """The scalar under ``key``, be it null; None if there is no scalar."""
        node = self.get(key)
        return node if isinstance(node, Scalar) else None

    def text(self, key: str) -> str | None:
        """The text of the scalar under ``key``; None if it is null or there is none."""
        node = self.get(key)
        return None if not isinstance(node, Scalar) or node.is_null else node.text

    def mapping(self, *keys: str) -> "Mapping | None":
        """The mapping at the end of the path ``keys``."""
        here: Node | None = self
        for key in keys:
            here = here.get(key) if isinstance(here, Mapping) else None
        return here if isinstance(here, Mapping) else None

    def elements(self, key: str) -> "Iterable[Node]":
        """The nodes of the sequence under ``key``; none if there is no sequence."""
        node = self.get(key)
        return node.nodes if isinstance(node, Sequence) else ()

    def mappings(self, key: str) -> "Iterable[Mapping]":
        """The mappings in the sequence under ``key``."""
        node = self.get(key)
        return [each for each in node.nodes if isinstance(each, Mapping)] if isinstance(node, Sequence) else ()

    def items(self) -> "Iterable[tuple[str, Node]]":
        """Each key with its node, double keys each time: what the mapping merges and does not override, then its own.

        Where many mappings merge many entries, which makes more of them than anybody could have meant, those inherited
        are left out.
        """
        own = self.own
        if _MERGE not in own:
            return self.pairs
        inherited: dict[str, Node] = {}
        for each in self._sources:
            self._source.inherited += len(each.pairs)
            if self._source.inherited <= _MAX_INHERITED:
                for key, node in each.own.items():
                    inherited.setdefault(key, node)
        return [
            *((key, node) for key, node in inherited.items() if key not in own and key != _MERGE),
            *((key, node) for key, node in self.pairs if key != _MERGE),
        ]

    def walk(self, keys: Container[str] | None = None) -> Iterator[tuple[str, "Mapping"]]:
        """This mapping (under the key ``""``) and all below it, in the order of the file, each with its key.

        A mapping in a list comes with the key of the list. One that stands in several places by way of aliases
        comes once for each key. With ``keys`` only those under them come.
        """
        for key, node in self.collections():
            if isinstance(node, Mapping) and (keys is None or key in keys):
                yield key, node

    def find(self, keys: Container[str]) -> Iterator[tuple[str, "Mapping", str, "Node"]]:
        """Every entry here and below whose key is one of ``keys``, as (key of its mapping, mapping, key, node).

        Merged entries are found where they are written, double ones each time.
        """
        for place, mapping in self.collections():
            if isinstance(mapping, Mapping):
                for key, node in mapping.pairs:
                    if key in keys:
                        yield place, mapping, key, node

    def collections(self) -> "Iterator[tuple[str, Mapping | Sequence]]":
        """The mappings and sequences from here down, in the order of the file, each with the key it stands under.

        Each comes once; a mapping with several aliases once for each key. So a file of aliases to aliases costs no
        more than it has lines.
        """
        stack: list[tuple[str, Mapping | Sequence]] = [("", self)]
        seen: set[object] | None = set() if self._source.has_aliases else None
        while stack:
            key, node = stack.pop()
            is_mapping = isinstance(node, Mapping)
            if seen is not None:
                identity = (key, id(node)) if is_mapping else id(node)
                if identity in seen:
                    continue
                seen.add(identity)
            yield key, node
            if isinstance(node, Mapping):
                stack += [(name, child) for name, child in reversed(node.pairs) if not isinstance(child, Scalar)]
            else:
                stack += [(key, child) for child in reversed(node.nodes) if not isinstance(child, Scalar)]

    @property
    def _sources(self) -> "tuple[Mapping, ...]":
        if self._merged is None:
            self._merged = tuple(_merging(self))
        return self._merged


Node = Scalar | Sequence | Mapping
_Pairs = list[tuple[str, Node]]


def _merging(node: Mapping) -> Iterator[Mapping]:
    """``node`` and the mappings that it merges, directly or not, the strongest first."""
    stack: list[Node] = [node]
    seen = set[int]()
    while stack and len(seen) < _MAX_MERGED:
        source = stack.pop()
        if isinstance(source, Sequence):
            stack += reversed(source.nodes)
        elif isinstance(source, Mapping) and id(source) not in seen:
            seen.add(id(source))
            yield source
            stack += (value for key, value in source.pairs if key == _MERGE)


# ---------------------------------------------------------------- documents


class Problem(NamedTuple):
    """Why a document cannot be read, and where in the file."""

    reason: str
    offset: int


class Document:
    """The part of a text from one document marker to the next. It is parsed when ``root`` is first asked for."""

    def __init__(self, text: str, start: int, end: int) -> None:
        self.text, self.start, self.end = text, start, end
        self._fields: dict[str, str | None] = {}

    def mentions(self, *words: str) -> bool:
        """Whether one of ``words`` stands anywhere in the document."""
        for word in words:  # noqa: SIM110 - a generator takes twice as long, and this is asked of every file
            if self.text.find(word, self.start, self.end) >= 0:
                return True
        return False

    def field(self, key: str) -> str | None:
        """What stands behind ``key:`` at the beginning of a line, read without parsing.

        None does not say that the document has no such key: it may be written in another style.
        """
        if key not in self._fields:
            self._fields[key] = self._field(key)
        return self._fields[key]

    def _field(self, key: str) -> str | None:
        if self.text.startswith(f"{key}:", self.start):
            start = self.start
        else:
            start = self.text.find(f"\n{key}:", self.start, self.end) + 1
            if start == 0:
                return None
        line_end = self.text.find("\n", start, self.end)
        line = self.text[start + len(key) + 1 : self.end if line_end < 0 else line_end]
        return line.split(" #", 1)[0].strip(" \t\r\"'")

    @property
    def root(self) -> Mapping | None:
        """The mapping that the document is; None if it is something else, empty or cannot be read."""
        parsed = self._parsed
        return parsed if isinstance(parsed, Mapping) else None

    @property
    def collection(self) -> Mapping | Sequence | None:
        """The mapping or list that the document is; None if it is something else, empty or cannot be read."""
        parsed = self._parsed
        return parsed if isinstance(parsed, Mapping | Sequence) else None

    def root_around(self, *words: str, absent: frozenset[str] = frozenset()) -> Mapping | None:
        """As ``root``, but of a document in plain style only what stands around ``words`` is sure to be there.

        None if that cannot be had: ``root`` and ``problem`` tell. ``absent`` are words that the text does not hold.
        """
        excerpt = focused(self.text[self.start : self.end], words, absent)
        parsed = None if excerpt is None else _composed(excerpt, self._source())
        return parsed if isinstance(parsed, Mapping) else None

    def _source(self) -> _Source:
        text, start, end = self.text, self.start, self.end
        return _Source(text, start, text.find("{{", start, end) >= 0, text.find("*", start, end) >= 0)

    @property
    def problem(self) -> Problem | None:
        """Why it cannot be read, if so."""
        return self._parsed if isinstance(self._parsed, Problem) else None

    @cached_property
    def _parsed(self) -> Node | Problem | None:
        source = self._source()
        text = self.text[self.start : self.end]
        return _composed(_masked(text) if source.has_templates else text, source)


MARKERS = ("\n---", "\n...")
"""One of these stands in every text of several documents."""


def documents(text: str) -> tuple[Document, ...]:
    """The documents of ``text``."""
    return _documents(text, tuple(marker for marker in MARKERS if marker in text))


def documents_in(file: SourceFile) -> tuple[Document, ...]:
    """The documents of ``file``. Those of the last file are kept, so that several managers share one parse."""
    text, found = _latest[0]
    if text is not file.text:  # told apart by identity, because to hash a large text takes a while
        found = _documents(file.text, tuple(filter(file.mentions, MARKERS)))
        _latest[0] = (file.text, found)
    return found


_latest: list[tuple[str, tuple[Document, ...]]] = [("", ())]


def _documents(text: str, markers: tuple[str, ...]) -> tuple[Document, ...]:
    start = int(text.startswith("\ufeff"))
    result = []
    places = ((place, marker) for marker in markers for place in _line_starts(text, marker))
    for position, found in sorted(places):
        result.append(Document(text, start, position))
        start = position if found == "\n---" else position + len(found) - 1
    return (*result, Document(text, start, len(text)))


def _line_starts(text: str, marker: str) -> Iterator[int]:
    """Where a marker stands alone or before a space in column 0."""
    position = text.find(marker)
    while position >= 0:
        behind = position + len(marker)
        if text[behind : behind + 1] in ("", " ", "\t", "\r", "\n"):
            yield position + 1
        position = text.find(marker, behind)


def _masked(text: str) -> str:
    """``text`` with each Go template replaced by a filler of the same length.

    A template that has its lines to itself becomes a comment, one inside a value a word, and one that only steers
    (``{{ end }}``) behind a value becomes space. A line that begins with a steering one is lost to a comment.
    """
    pieces: list[str] = []
    done = 0
    start = text.find("{{")
    while start >= 0:
        end = text.find("}}", start)
        if end < 0:
            break
        end += 2
        pieces += text[done:start], _filler(text, start, end)
        done, start = end, text.find("{{", end)
    return "".join((*pieces, text[done:]))


def _filler(text: str, start: int, end: int) -> str:
    before = text[text.rfind("\n", 0, start) + 1 : start]
    behind = text[end : end + 100].partition("\n")[0].strip()
    is_control = _CONTROL.match(text, start) is not None
    if not before.strip() and (is_control or not behind or behind.startswith(("{{", "#"))):
        filler = "#"
    else:
        filler = " " if is_control and (before[-1:].isspace() or not behind) else "x"
    lines = text[start:end].split("\n")
    return "\n".join(" " * (len(line) - len(line.lstrip())) + filler * len(line.lstrip()) for line in lines)


# ---------------------------------------------------------------- parsing


def _composed(text: str, source: _Source) -> Node | Problem | None:
    """What stands in ``text``, which is as long as what it stands for in ``source``; None where nothing does."""
    import yaml  # a run without YAML files does not load it
    from yaml.cyaml import CParser  # type: ignore[attr-defined]  # its loaders are made of it, and start slower

    try:
        return _tree(CParser(text).get_event, source)
    except UnicodeEncodeError:
        return _composed(_SURROGATES.sub("?", text), source)
    except yaml.reader.ReaderError as error:
        place = len(text.encode()[: error.position].decode(errors="ignore"))
        return Problem(error.reason, source.start + place)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        return Problem(error.problem or error.context or "", source.start + (mark.index if mark else 0))


def _tree(  # noqa: C901, PLR0912, PLR0915 - one loop, because calls would take longer than what they do
    next_event: Callable[[], Any], source: _Source
) -> Node | Problem | None:
    """The nodes that libyaml's events amount to; it is not asked for nodes, because it recurses on the C stack."""
    from yaml import events

    scalar, mapping, sequence = events.ScalarEvent, events.MappingStartEvent, events.SequenceStartEvent
    ends = (events.MappingEndEvent, events.SequenceEndEvent)
    start = source.start
    anchors: dict[str, Node] = {}
    root: Node | None = None
    around: list[tuple[Mapping | Sequence, _Pairs | None, list[Node], str | None]] = []
    pairs: _Pairs | None = None  # of the innermost mapping, unless a list is further in
    nodes: list[Node] = []
    key: str | None = None  # the last one in pairs, while its node is waited for
    next_event()  # the stream begins
    if type(next_event()) is events.StreamEndEvent:
        return None
    while True:
        event = next_event()
        kind = type(event)
        node: Node
        if kind is scalar:
            if key is None and pairs is not None and event.anchor is None:
                key = event.value
                continue
            begin, end = event.start_mark.index + start, event.end_mark.index + start
            node = Scalar(source, event.value, begin, end, event.style)
        elif kind is mapping:
            node = Mapping(source, [], event.start_mark.index + start)
        elif kind is sequence:
            node = Sequence(source, [], event.start_mark.index + start)
        elif kind in ends:
            done, pairs, nodes, key = around.pop()
            done.end = event.end_mark.index + start
            continue
        elif kind is events.AliasEvent:
            if event.anchor not in anchors:
                return Problem("found undefined alias", event.start_mark.index + start)
            node = anchors[event.anchor]
        else:  # the document ends
            break
        if event.anchor is not None:
            anchors[event.anchor] = node
        if not around:
            root = node
        elif pairs is None:
            nodes.append(node)
        elif key is None:
            key = node.value if isinstance(node, Scalar) else ""
        else:
            pairs.append((key, node))
            key = None
        if (kind is mapping or kind is sequence) and not isinstance(node, Scalar):
            if len(around) == MAX_DEPTH:
                return Problem("nested too deeply", start)
            around.append((node, pairs, nodes, key))
            pairs, nodes = (node.pairs, []) if isinstance(node, Mapping) else (None, node.nodes)
            key = None
    behind = next_event()
    another = type(behind) is not events.StreamEndEvent
    return Problem("found another document", behind.start_mark.index + start) if another else root
