"""A configuration in today's words, as an edit of its text: old names are replaced where they stand, the rest stays.

Reading a configuration translates old names in memory (:mod:`updater.config.migrate`). Here the same translation is
written back: what it leaves at a place is compared with what stands there. Comments, order, quotes and indentation
are kept, except within a value that has to be written anew.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from updater.config.json5 import Array, Object, read, value_span
from updater.config.migrate import migrate, migrate_host_rule, migrate_rule
from updater.config.presets import current_name
from updater.config.vocabulary import MANAGERS, UPDATE_BLOCKS

_MAX_PASSES = 20
"""Old names may hide behind old names; each pass uncovers one layer."""

_KEY = re.compile(r"\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'|[\w$]+")
_Migration = Callable[[Object], Object]
_LISTS: Mapping[str, _Migration] = {
    "packageRules": migrate_rule,
    "customManagers": migrate,
    "hostRules": migrate_host_rule,
}


class _Edit(NamedTuple):
    start: int
    end: int
    text: str


def modernised(text: str, *, path: str) -> str:
    """``text`` in today's words. Raises ``ConfigError`` if it cannot be read."""
    for _ in range(_MAX_PASSES):
        root = read(text, path=path).value
        edits = list(_object(text, root, migrate)) if isinstance(root, Object) else []
        if not edits:
            return text
        text = _applied(text, edits)
    return text


def _applied(text: str, edits: list[_Edit]) -> str:
    """The text with those edits that do not overlap an earlier one; the others come in the next pass."""
    pieces, end = [], 0
    for edit in sorted(edits):
        if edit.start >= end:
            pieces += [text[end : edit.start], edit.text]
            end = edit.end
    return "".join([*pieces, text[end:]])


def _object(text: str, found: Object, migration: _Migration) -> Iterator[_Edit]:
    """The edits of an object that ``migration`` is for, and of the objects in it."""
    wanted = _by_offset(migration(_copy(found)))
    for key, value in found.items():
        offset = found.offsets[key]
        members = wanted.get(offset, [])
        if members == [(key, value)]:
            yield from _inside(text, key, value)
        else:
            yield from _member(text, offset, value, members)


def _copy(found: Object) -> Object:
    """A copy that a migration may join lists and objects in."""
    result = Object()
    for key, value in found.items():
        result.put(key, _copied(value), found.offsets[key])
    return result


def _copied(value: object) -> object:
    if isinstance(value, Object):
        return _copy(value)
    if isinstance(value, Array):
        result = Array()
        result.extend(map(_copied, value))
        result.offsets.extend(value.offsets)
        return result
    return value


def _by_offset(migrated: Object) -> dict[int, list[tuple[str, object]]]:
    result: dict[int, list[tuple[str, object]]] = {}
    for key, value in migrated.items():
        result.setdefault(migrated.offsets[key], []).append((key, value))
    return result


def _inside(text: str, key: str, value: object) -> Iterator[_Edit]:
    """The edits within a member that keeps its name."""
    if key == "extends":
        yield from _extends(text, value)
    elif isinstance(value, Array) and key in _LISTS:
        for element in value:
            if isinstance(element, Object):
                yield from _object(text, element, _LISTS[key])
    elif isinstance(value, Object) and (key in UPDATE_BLOCKS or key in MANAGERS):
        yield from _object(text, value, migrate)


def _extends(text: str, value: object) -> Iterator[_Edit]:
    if not isinstance(value, Array):
        return
    for written, offset in zip(value, value.offsets, strict=True):
        if isinstance(written, str) and (name := current_name(written)) != written:
            yield _string(text, offset, name)


def _member(text: str, offset: int, value: object, members: list[tuple[str, object]]) -> Iterator[_Edit]:
    """The edits that make ``members`` of what stands at ``offset``."""
    if not members:
        yield _removal(text, offset)
    elif len(members) > 1:
        written = ", ".join(f"{json.dumps(key)}: {_dumped(member, text, offset)}" for key, member in members)
        yield _Edit(offset, value_span(text, offset)[1], written)
    else:
        ((key, member),) = members
        yield from _key(text, offset, key)
        yield from _value(text, offset, value, member)


def _key(text: str, offset: int, name: str) -> Iterator[_Edit]:
    edit = _string(text, offset, name)
    if text[edit.start : edit.end] != edit.text:
        yield edit


def _string(text: str, offset: int, content: str) -> _Edit:
    """A key or string in other words, in the quotes that it has."""
    match = _KEY.match(text, offset)
    assert match is not None
    quote = match[0][0]
    if quote == "'":
        written = "'" + json.dumps(content, ensure_ascii=False)[1:-1].replace('\\"', '"').replace("'", "\\'") + "'"
    elif quote == '"' or not content.isidentifier():
        written = json.dumps(content, ensure_ascii=False)
    else:
        written = content
    return _Edit(match.start(), match.end(), written)


def _value(text: str, offset: int, old: object, new: object) -> Iterator[_Edit]:
    if isinstance(old, Array) and isinstance(new, Array) and old.offsets == new.offsets:
        for before, after, place in zip(old, new, old.offsets, strict=True):
            if before != after and isinstance(after, str):
                yield _string(text, place, after)
    elif old != new:
        start, end = value_span(text, offset)
        yield _Edit(start, end, _dumped(new, text, offset))


def _dumped(value: object, text: str, offset: int) -> str:
    """A value as the file would have it: in one line if that is short, else indented as the member is."""
    short = json.dumps(value, ensure_ascii=False)
    if len(short) <= 80:
        return short
    line = text[text.rfind("\n", 0, offset) + 1 : offset]
    indent = line[: len(line) - len(line.lstrip())]
    return json.dumps(value, ensure_ascii=False, indent=2).replace("\n", f"\n{indent}")


def _removal(text: str, offset: int) -> _Edit:
    """Nothing in place of a member: its comma goes as well, and its line if nothing else is on it."""
    end = value_span(text, offset)[1]
    comma = re.compile(r"\s*,").match(text, end)
    if comma is None:
        before = re.search(r",\s*$", text[:offset])
        return _Edit(before.start() if before else offset, end, "")
    start, end = offset, comma.end()
    end += len(text[end:]) - len(text[end:].lstrip(" \t"))
    rest = re.compile(r"[ \t]*\r?\n").match(text, end)
    line = text.rfind("\n", 0, start) + 1
    return _Edit(line, rest.end(), "") if rest and not text[line:start].strip() else _Edit(start, end, "")
