"""Paths to places in YAML documents: how they are written, and where they lead.

``_Step`` says what each part of a path means; the grammar is on the user page in :mod:`managers.yaml_paths`. A
path is followed in time linear in the size of the document, whatever its aliases.
"""

import re
from collections.abc import Iterable, Iterator
from enum import Enum, auto
from itertools import islice
from typing import NamedTuple

from msgspec import Struct

from managers._yaml import Mapping, Node, Scalar, Sequence
from updater.api import Span

_QUOTED = r"\"[^\"]++\"|'[^']++'"
_BARE = r"[^\s.\[\]=\"'*]++"
_NAMED = re.compile(rf"(?P<deep>\*\*)|(?P<any>\*)|(?P<key>{_QUOTED}|{_BARE})")
_SELECTED = re.compile(
    rf"\[(?:(?P<all>\*)|(?P<index>\d{{1,9}})|(?P<key>{_QUOTED}|{_BARE})=(?P<value>{_QUOTED}|[^\]\"']++))\]"
)


class Kind(Enum):
    """What a step does with the places it is given."""

    KEY = auto()
    ANY_KEY = auto()
    ANY_DEPTH = auto()
    ELEMENTS = auto()
    INDEX = auto()
    HAVING = auto()


class _Step(Struct, frozen=True, kw_only=True):
    """One part of a path; ``key``, ``value`` and ``index`` are set as its kind needs them."""

    kind: Kind
    key: str = ""
    value: str = ""
    index: int = 0


class Path(Struct, frozen=True, kw_only=True):
    """A path that has been read."""

    text: str
    steps: tuple[_Step, ...]

    @property
    def marker(self) -> str | None:
        """A key that stands in every document in which the path leads anywhere, the longest; None if there is none."""
        keys = (step.key for step in self.steps if step.key)
        return max(keys, key=len, default=None)


class Place(NamedTuple):
    """A node and how it was reached: its key (or its list's), and the mapping in which that key stands."""

    node: Node
    key: str = ""
    parent: "Place | None" = None


# ---------------------------------------------------------------- reading


def read_path(text: str) -> Path:
    """Read a path. Raises ``ValueError`` with a sentence about what is wrong and where."""
    steps: list[_Step] = []
    position = 0
    while position < len(text) or not steps:
        pattern, position = _next(text, position, is_first=not steps)
        match = pattern.match(text, position)
        if match is None:
            raise ValueError(f"the path {text!r} is wrong at character {position + 1}: {_expected(pattern)}")
        steps.append(_step(match.groupdict()))
        position = match.end()
    if steps[-1].kind is Kind.ANY_DEPTH:
        raise ValueError(f"the path {text!r} ends with **: say what to look for, as in **.tag")
    if steps[-1].kind is Kind.HAVING:
        raise ValueError(f"the path {text!r} ends with a choice of objects: say which of their values is meant")
    return Path(text=text, steps=tuple(steps))


def _next(text: str, position: int, *, is_first: bool) -> tuple[re.Pattern[str], int]:
    """What must come next, and where it begins."""
    if text.startswith("[", position):
        return _SELECTED, position
    if is_first:
        return _NAMED, position
    if not text.startswith(".", position):
        raise ValueError(f"the path {text!r} is wrong at character {position + 1}: a dot or a bracket must come here")
    return _NAMED, position + 1


def _expected(pattern: re.Pattern[str]) -> str:
    if pattern is _NAMED:
        return 'a key must come here, one with special characters in quotes, or * or ** (as in a."b.c".*.d)'
    return "brackets hold *, a number or key=value"


def _step(found: dict[str, str | None]) -> _Step:
    match found:
        case {"deep": str()}:
            return _Step(kind=Kind.ANY_DEPTH)
        case {"any": str()}:
            return _Step(kind=Kind.ANY_KEY)
        case {"all": str()}:
            return _Step(kind=Kind.ELEMENTS)
        case {"index": str(digits)}:
            return _Step(kind=Kind.INDEX, index=int(digits))
        case {"key": str(key), "value": str(value)}:
            return _Step(kind=Kind.HAVING, key=_unquoted(key), value=_unquoted(value))
        case _:
            return _Step(kind=Kind.KEY, key=_unquoted(found["key"] or ""))


def _unquoted(text: str) -> str:
    return text[1:-1] if text[0] in "\"'" else text


# ---------------------------------------------------------------- following


def follow(path: Path, root: Node) -> Iterable[Place]:
    """The places to which ``path`` leads, in the order of the document.

    A mapping or list that aliases make part of several others is entered once, from the first of them.
    """
    places: Iterable[Place] = (Place(root),)
    for step in path.steps:
        places = _after(step, _entered(places))
    return places


def _after(step: _Step, places: Iterable[Place]) -> Iterator[Place]:
    if step.kind is Kind.ANY_DEPTH:
        yield from _below(places)
    else:
        for place in places:
            yield from _taken(step, place)


def _entered(places: Iterable[Place]) -> Iterator[Place]:
    """The mappings and lists among the places, each once."""
    seen: set[Span] = set()
    for place in places:
        if not isinstance(place.node, Scalar) and place.node.where not in seen:
            seen.add(place.node.where)
            yield place


def _below(places: Iterable[Place]) -> Iterator[Place]:
    """The places, and all mappings and lists below them."""
    seen: set[Span] = set()
    for outermost in places:
        waiting = [outermost]
        while waiting:
            place = waiting.pop()
            if not isinstance(place.node, Scalar) and place.node.where not in seen:
                seen.add(place.node.where)
                yield place
                waiting += reversed([*_children(place)])


def _taken(step: _Step, place: Place) -> Iterator[Place]:
    match step.kind, place.node:
        case Kind.KEY, Mapping() as mapping if (node := mapping.get(step.key)) is not None:
            yield Place(node, step.key, place)
        case Kind.ANY_KEY, Mapping():
            yield from _children(place)
        case Kind.ELEMENTS, Sequence():
            yield from _children(place)
        case Kind.INDEX, Sequence():
            yield from islice(_children(place), step.index, step.index + 1)
        case Kind.HAVING, node:
            candidates = (place,) if isinstance(node, Mapping) else _children(place)
            yield from (found for found in candidates if _has(found.node, step.key, step.value))


def _children(place: Place) -> Iterator[Place]:
    match place.node:
        case Mapping() as mapping:
            yield from (Place(node, key, place) for key, node in mapping.items())
        case Sequence() as sequence:
            yield from (place._replace(node=node) for node in sequence)


def _has(node: Node, key: str, value: str) -> bool:
    return isinstance(node, Mapping) and node.text(key) == value
