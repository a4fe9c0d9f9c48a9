"""The part of Handlebars that entries of ``customManagers`` use: names, ``#if``, ``#unless`` and ``else``.

Nothing is escaped, and a name without a value is empty text.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

_TAG = re.compile(r"\{\{\{([^{}]*+)\}\}\}|\{\{([^{}]*+)\}\}")
_CONDITION = re.compile(r"#(if|unless)\s++(\w++)")


class _Part(NamedTuple):
    """``kind`` is ``text``, ``name``, ``if``, ``unless``, ``else`` or ``end``."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """A template that has been read. ``names`` are those of the values it looks at."""

    names: frozenset[str]
    parts: tuple[_Part, ...]

    def render(self, values: Mapping[str, str]) -> str:
        """The text that the template makes of ``values``."""
        written: list[str] = []
        conditions: list[bool] = []
        for kind, text in self.parts:
            if kind in ("if", "unless"):
                conditions.append(bool(values.get(text)) is (kind == "if"))
            elif kind == "else":
                conditions[-1] = not conditions[-1]
            elif kind == "end":
                conditions.pop()
            elif all(conditions):
                written.append(values.get(text, "") if kind == "name" else text)
        return "".join(written)


def read_template(text: str) -> Template:
    """Read a template. Raises ``ValueError`` with a sentence about the tag that is not supported or out of place."""
    parts = tuple(_parts(text))
    _check_nesting(parts)
    return Template(
        names=frozenset(part.text for part in parts if part.kind in ("name", "if", "unless")),
        parts=parts,
    )


def _parts(text: str) -> Iterator[_Part]:
    position = 0
    for tag in _TAG.finditer(text):
        yield _Part("text", text[position : tag.start()])
        yield _part((tag[1] or tag[2] or "").strip())
        position = tag.end()
    yield _Part("text", text[position:])


def _part(tag: str) -> _Part:
    if tag in ("else", "/if", "/unless"):
        return _Part("else" if tag == "else" else "end", tag)
    if match := _CONDITION.fullmatch(tag):
        return _Part(match[1], match[2])
    if not re.fullmatch(r"\w+", tag):
        raise ValueError(f"{{{{{tag}}}}} is not supported here: only names, #if, #unless and else are")
    return _Part("name", tag)


def _check_nesting(parts: tuple[_Part, ...]) -> None:
    open_: list[_Part] = []
    for part in parts:
        if part.kind in ("if", "unless"):
            open_.append(part)
        elif part.kind == "else" and (not open_ or open_[-1].kind == "else"):
            raise ValueError("{{else}} stands outside of a condition")
        elif part.kind == "else":
            open_[-1] = part
        elif part.kind == "end" and not open_:
            raise ValueError(f"{{{{{part.text}}}}} closes nothing")
        elif part.kind == "end":
            open_.pop()
    if open_:
        raise ValueError("a condition is not closed")
