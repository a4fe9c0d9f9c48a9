"""YAML as managers read it: never changed, with the exact place of every scalar in the file.

Nothing is typed: ``1.10`` stays ``1.10``. A scalar's ``span`` covers the value alone, inside its quotes and behind
its anchor or tag. An alias leads to the anchored node, so that an edit lands on the definition. Go templates
(``{{ … }}``) are hidden from the parser behind fillers of the same length. Documents are split before they are
parsed: a broken one does not hide its neighbours, and one that nobody asks for costs nothing.
"""

import re
from collections.abc import Callable, Container, Iterator
from functools import cache, cached_property, lru_cache
from typing import Any, NamedTuple, Protocol

from managers._focus import focused
from updater.api import Span

MAX_DEPTH = 200
"""Deeper documents are not read: libyaml's composer recurses on the C stack and would crash the process."""

_HARMLESS = 3_000
"""No text of so few characters can nest deep enough to do harm; it is read faster without counting."""

_MERGE = "<<"
_MAX_MERGED = 20
_MAX_INHERITED = 100_000
_BLOCK_STYLES = ("|", ">")
_QUOTES = ("'", '"')
_QUOTED = re.compile(r'\\"([^\\"\n]*+)\\"')
_NULLS = frozenset(("", "~", "null", "Null", "NULL"))
_CONTROL = re.compile(r"\{\{-?\s*(?:/\*|(?:if|else|end|range|with|define|block|break|continue)\b|\$\w*\s*:?=)")
_SURROGATES = re.compile("[\ud800-\udfff]")


class _Mark(Protocol):
    index: int


class _Raw(Protocol):
    """What is used of PyYAML's nodes. ``value`` is a text, a list of nodes or a list of pairs of them."""

    id: str
    value: Any
    style: str | None
    start_mark: _Mark
    end_mark: _Mark


# ---------------------------------------------------------------- nodes


class _View:
    """A node of a document."""

    __slots__ = ("_document", "_node")

    def __init__(self, document: "Document", node: _Raw) -> None:
        self._document, self._node = document, node

    @property
    def where(self) -> Span:
        """The whole node in the file, with its anchor, tag and quotes."""
        start = self._document.start
        return Span(self._node.start_mark.index + start, self._node.end_mark.index + start)


class Scalar(_View):
    """A single value."""

    __slots__ = ()

    @property
    def text(self) -> str:
        """The value as it is written; where it is not written in one piece, what it amounts to."""
        node = self._node
        if node.style not in _BLOCK_STYLES and not self._document.has_templates:
            return node.value  # type: ignore[no-any-return]  # a scalar's value is a text
        span = self.span
        return node.value if span is None else self._document.text[span.start : span.end]

    @property
    def span(self) -> Span | None:
        """Exactly the value, or None if it does not stand in the file in one piece (escapes, line breaks)."""
        node, document = self._node, self._document
        if node.style in _BLOCK_STYLES:
            return self._span_in_block()
        end = node.end_mark.index + document.start - bool(node.style)
        start = end - len(node.value)
        written = document.text[start:end]
        is_usual = written == node.value or (self.is_templated and "\n" not in written)
        return Span(start, end) if is_usual else None

    def _span_in_block(self) -> Span | None:
        value: str = self._node.value.strip()
        if not value or any(map(str.isspace, value)):
            return None
        start = self._document.text.find(value, self._content_start, self.where.end)
        return None if start < 0 else Span(start, start + len(value))

    @property
    def _content_start(self) -> int:
        """Where the text of a block scalar begins: behind the line of its ``|`` or ``>``."""
        start, end = self.where
        line_end = self._document.text.find("\n", start, end)
        return end if line_end < 0 else line_end + 1

    @property
    def is_literal(self) -> bool:
        """Whether it is a literal block (``|``)."""
        return self._node.style == "|"

    @property
    def is_quoted(self) -> bool:
        """Whether it is a text whatever stands in it: in quotes, or in a block."""
        return bool(self._node.style)

    @property
    def is_null(self) -> bool:
        """Whether nothing, ``~`` or ``null`` is written."""
        return not self._node.style and self._node.value in _NULLS

    @property
    def has_text(self) -> bool:
        """Whether there is anything but null and the empty text."""
        return bool(self._node.value) and not self.is_null

    @property
    def is_templated(self) -> bool:
        """Whether the value holds ``{{``."""
        if not self._document.has_templates:
            return False
        start, end = self.where
        return self._document.text.find("{{", start, end) >= 0

    def embedded(self) -> "Document | None":
        """The YAML inside a literal block (``|``) or quotes, whose spans are places in the outer file.

        None for others, and for quoted YAML that is not on one line.
        """
        if self._node.style in _QUOTES:
            return self._in_quotes()
        if not self.is_literal:
            return None
        text, start, end = self._document.text, self._content_start, self.where.end
        if text[start:end].lstrip().startswith("---"):  # a marker only in column 0, where the block has its text
            start = text.index("---", start) + len("---")
        return Document(text, start, end)

    def _in_quotes(self) -> "Document | None":
        """Line breaks and quotes are written as two characters, the first of which becomes a blank outside them."""
        text, start, end = self._document.text, self.where.start, self.where.end
        start, end = text.index(str(self._node.style), start) + 1, end - 1
        written = text[start:end]
        if ":" not in written or "\n" in written or "''" in written:
            return None
        lines = _QUOTED.sub(r' "\1" ', written).replace("\\n", " \n") if self._node.style == '"' else written
        if "\\" in lines:
            return None
        return Document(f"{text[:start]}{lines}{text[end:]}", start, end)


class Sequence(_View):
    """A list of nodes."""

    __slots__ = ()

    def __iter__(self) -> Iterator["Node"]:
        return (_view(self._document, node) for node in self._node.value)

    def scalars(self) -> Iterator[Scalar]:
        """The scalars among the nodes."""
        return (node for node in self if isinstance(node, Scalar))


class Mapping(_View):
    """Keys with nodes, those that merge keys (``<<``) bring among them. Of double keys the last counts."""

    __slots__ = ()

    def __contains__(self, key: str) -> bool:
        return self._document.entry(self._node, key) is not None

    def get(self, key: str) -> "Node | None":
        """The node under ``key``."""
        node = self._document.entry(self._node, key)
        return None if node is None else _view(self._document, node)

    def scalar(self, key: str) -> Scalar | None:
        """The scalar under ``key``, be it null; None if there is no scalar."""
        node = self.get(key)
        return node if isinstance(node, Scalar) else None

    def text(self, key: str) -> str | None:
        """The text of the scalar under ``key``; None if it is null or there is none."""
        scalar = self.scalar(key)
        return None if scalar is None or scalar.is_null else scalar.text

    def mapping(self, *keys: str) -> "Mapping | None":
        """The mapping at the end of the path ``keys``."""
        here: Node | None = self
        for key in keys:
            here = here.get(key) if isinstance(here, Mapping) else None
        return here if isinstance(here, Mapping) else None

    def elements(self, key: str) -> Iterator["Node"]:
        """The nodes of the sequence under ``key``; none if there is no sequence."""
        document = self._document
        node = document.entry(self._node, key)
        if node is None or node.id != "sequence":
            return iter(())
        return (_view(document, child) for child in node.value)

    def mappings(self, key: str) -> Iterator["Mapping"]:
        """The mappings in the sequence under ``key``."""
        return (node for node in self.elements(key) if isinstance(node, Mapping))

    def items(self) -> Iterator[tuple[str, "Node"]]:
        """Each key with its node, double keys each time."""
        return ((key, _view(self._document, node)) for key, node in self._document.entries(self._node))

    def walk(self, keys: Container[str] | None = None) -> Iterator[tuple[str, "Mapping"]]:
        """This mapping (under the key ``""``) and all below it, in the order of the file, each with its key.

        A mapping in a list comes with the key of the list. One that stands in several places by way of aliases
        comes once for each key. With ``keys`` only those under them come.
        """
        document = self._document
        for key, node in document.collections(self._node):
            if node.id == "mapping" and (keys is None or key in keys):
                yield key, Mapping(document, node)

    def find(self, keys: Container[str]) -> Iterator[tuple[str, "Mapping", str, "Node"]]:
        """Every entry here and below whose key is one of ``keys``, as (key of its mapping, mapping, key, node).

        Merged entries are found where they are written, double ones each time.
        """
        document = self._document
        for place, node in document.collections(self._node):
            pairs = node.value if node.id == "mapping" else ()
            for key, value in pairs:
                if key.id == "scalar" and key.value in keys:
                    yield place, Mapping(document, node), key.value, _view(document, value)


Node = Scalar | Sequence | Mapping


def _view(document: "Document", node: _Raw) -> Node:
    if node.id == "scalar":
        return Scalar(document, node)
    if node.id == "mapping":
        return Mapping(document, node)
    return Sequence(document, node)


def _merged(node: _Raw, merging: Callable[[_Raw], bool]) -> Iterator[_Raw]:
    """The mappings that ``node`` merges, directly or not, the strongest first; ``merging`` says which merge any."""
    stack, seen = [node], set[int]()
    while stack and len(seen) < _MAX_MERGED:
        source = stack.pop()
        if source.id == "sequence":
            stack.extend(reversed(source.value))
        elif source.id == "mapping" and id(source) not in seen:
            seen.add(id(source))
            yield source
            if merging(source):
                stack.extend(value for key, value in source.value if key.id == "scalar" and key.value == _MERGE)


# ---------------------------------------------------------------- documents


class Problem(NamedTuple):
    """Why a document cannot be read, and where in the file."""

    reason: str
    offset: int


class _Index(NamedTuple):
    """A mapping's own entries by key, and whether it merges others."""

    node: _Raw
    entries: dict[str, _Raw]
    merges: bool


class Document:
    """The part of a text from one document marker to the next. It is parsed when ``root`` is first asked for."""

    def __init__(self, text: str, start: int, end: int) -> None:
        self.text, self.start, self.end = text, start, end
        self._fields: dict[str, str | None] = {}
        # By identity, and with the node itself, which must not go while it is known by that.
        self._indexes: dict[int, _Index] = {}
        self._sources: dict[int, tuple[_Raw, ...]] = {}
        self._inherited = 0

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

    @cached_property
    def has_templates(self) -> bool:
        """Whether there is ``{{`` in it."""
        return self.text.find("{{", self.start, self.end) >= 0

    @property
    def root(self) -> Mapping | None:
        """The mapping that the document is; None if it is something else, empty or cannot be read."""
        parsed = self._parsed
        if parsed is None or isinstance(parsed, Problem) or parsed.id != "mapping":
            return None
        return Mapping(self, parsed)

    def root_around(self, *words: str) -> Mapping | None:
        """As ``root``, but of a document in plain style only what stands around ``words`` is sure to be there.

        None if that cannot be had: ``root`` and ``problem`` tell.
        """
        excerpt = focused(self.text[self.start : self.end], words)
        parsed = None if excerpt is None else _compose(excerpt)
        if parsed is None or isinstance(parsed, Problem) or parsed.id != "mapping":
            return None
        return Mapping(self, parsed)

    def entry(self, node: _Raw, key: str) -> _Raw | None:
        """What stands under ``key`` in the mapping ``node``: its own, else the strongest that it merges."""
        known = self._indexes.get(id(node)) or self._index(node)
        if not known.merges:
            return known.entries.get(key)
        indexes = (self._index(source).entries for source in self._merged(node))
        return next((index[key] for index in indexes if key in index), None) if key != _MERGE else None

    def entries(self, node: _Raw) -> list[tuple[str, _Raw]]:
        """The entries with scalar keys: what the mapping merges and does not override, then its own.

        Where many mappings merge many entries, which makes more of them than anybody could have meant, those inherited
        are left out.
        """
        own = [(key.value, value) for key, value in node.value if key.id == "scalar"]
        if not self._index(node).merges:
            return own
        inherited: dict[str, _Raw] = {}
        for source in self._merged(node):
            self._inherited += len(source.value)
            if self._inherited <= _MAX_INHERITED:
                for key, value in self._index(source).entries.items():
                    inherited.setdefault(key, value)
        names = {key for key, _ in own}
        return [
            *((key, value) for key, value in inherited.items() if key not in names and key != _MERGE),
            *(entry for entry in own if entry[0] != _MERGE),
        ]

    def collections(self, root: _Raw) -> Iterator[tuple[str, _Raw]]:
        """The mappings and sequences from ``root`` down, in the order of the file, each with the key it stands under.

        Each comes once; a mapping with several aliases once for each key. So a file of aliases to aliases costs no
        more than it has lines.
        """
        stack = [("", root)]
        seen: set[object] | None = set() if self._has_aliases else None
        while stack:
            key, node = stack.pop()
            is_mapping = node.id == "mapping"
            if seen is not None:
                identity = (key, id(node)) if is_mapping else id(node)
                if identity in seen:
                    continue
                seen.add(identity)
            yield key, node
            if is_mapping:
                children = [(str(name.value), child) for name, child in node.value if child.id != "scalar"]
            else:
                children = [(key, child) for child in node.value if child.id != "scalar"]
            children.reverse()
            stack += children

    @cached_property
    def _has_aliases(self) -> bool:
        """Whether a node may stand in several places."""
        return self.text.find("*", self.start, self.end) >= 0

    def _index(self, node: _Raw) -> "_Index":
        """The mapping's own entries by key."""
        known = self._indexes.get(id(node))
        if known is None:
            entries = {key.value: value for key, value in node.value if key.id == "scalar"}
            known = self._indexes[id(node)] = _Index(node, entries, _MERGE in entries)
        return known

    def _merges(self, node: _Raw) -> bool:
        return self._index(node).merges

    def _merged(self, node: _Raw) -> tuple[_Raw, ...]:
        sources = self._sources.get(id(node))
        if sources is None:
            sources = self._sources[id(node)] = tuple(_merged(node, self._merges))
        return sources

    @property
    def problem(self) -> Problem | None:
        """Why it cannot be read, if so."""
        return self._parsed if isinstance(self._parsed, Problem) else None

    # The node is kept, not a view of it: a document and its view would hold each other until the collector runs.
    @cached_property
    def _parsed(self) -> _Raw | Problem | None:
        parsed = _compose(_masked(self.text[self.start : self.end]))
        return parsed._replace(offset=parsed.offset + self.start) if isinstance(parsed, Problem) else parsed


@lru_cache(maxsize=1)
def documents(text: str) -> tuple[Document, ...]:
    """The documents of ``text``. Those of the last text are kept, so that several managers share one parse."""
    start = int(text.startswith("\ufeff"))
    if "\n---" not in text and "\n..." not in text:
        return (Document(text, start, len(text)),)
    result = []
    for marker, position in _markers(text):
        result.append(Document(text, start, position))
        start = position if marker == "---" else position + len(marker)
    return (*result, Document(text, start, len(text)))


def _markers(text: str) -> Iterator[tuple[str, int]]:
    """The document markers with their positions: ``---`` and ``...`` alone or before a space in column 0."""
    found = ((marker, position) for marker in ("---", "...") for position in _line_starts(text, marker))
    return iter(sorted(found, key=lambda item: item[1]))


def _line_starts(text: str, marker: str) -> Iterator[int]:
    position = text.find(f"\n{marker}")
    while position >= 0:
        behind = position + 1 + len(marker)
        if text[behind : behind + 1] in ("", " ", "\t", "\r", "\n"):
            yield position + 1
        position = text.find(f"\n{marker}", behind)


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


def _compose(text: str) -> _Raw | Problem | None:
    import yaml  # a run without YAML files does not load it

    try:
        root: _Raw | None = _loader(is_guarded=len(text) > _HARMLESS)(text).get_single_node()
    except UnicodeEncodeError:
        return _compose(_SURROGATES.sub("?", text))
    except yaml.reader.ReaderError as error:
        return Problem(error.reason, len(text.encode()[: error.position].decode(errors="ignore")))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        return Problem(error.problem or error.context or "", mark.index if mark else 0)
    except RecursionError:
        return Problem("nested too deeply", 0)
    return root


@cache
def _loader(*, is_guarded: bool) -> Callable[[str], Any]:
    """A composer that does not resolve tags, which halves the time; a guarded one minds the depth."""
    import yaml  # a run without YAML files does not load it

    class Loader(yaml.CBaseLoader):
        def resolve(self, _kind: object, _value: object, _implicit: object) -> str:
            return ""

        def descend_resolver(self, _parent: object, _index: object) -> None:
            pass

        def ascend_resolver(self) -> None:
            pass

    class GuardedLoader(Loader):
        depth = 0

        def descend_resolver(self, _parent: object, _index: object) -> None:
            self.depth += 1
            if self.depth > MAX_DEPTH:
                raise RecursionError

        def ascend_resolver(self) -> None:
            self.depth -= 1

    return GuardedLoader if is_guarded else Loader
