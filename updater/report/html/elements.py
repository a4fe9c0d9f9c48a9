"""The pieces of a page. A string is text and is escaped; only what these functions made is markup."""

import html
import re
from collections.abc import Iterable, Sequence
from datetime import datetime

from updater.report.sections import is_link

_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
"""What may not stand in HTML, and bytes of files that are no UTF-8 (as surrogates)."""


class Markup(str):
    """HTML. Every other string that becomes a part of an element is escaped."""

    __slots__ = ()


def escaped(text: str) -> Markup:
    """``text`` as it is to be read; markup stays as it is."""
    return (
        text if isinstance(text, Markup) else Markup(html.escape(_UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", text)))
    )


def joined(parts: Iterable[str], separator: str = "") -> Markup:
    """All parts, one after the other."""
    return Markup(escaped(separator).join(map(escaped, parts)))


def tag(name: str, /, *content: str, **attributes: str | bool | None) -> Markup:
    """An element. An attribute that is None or False is left out; ``class_`` is ``class``, ``_`` stands for ``-``."""
    return Markup(f"<{name}{_attributes(attributes)}>{joined(content)}</{name}>")


def void(name: str, /, **attributes: str | bool | None) -> Markup:
    """An element without content."""
    return Markup(f"<{name}{_attributes(attributes)}>")


def _attributes(attributes: dict[str, str | bool | None]) -> str:
    written = []
    for name, value in attributes.items():
        if value is True:
            written.append(f" {name.strip('_').replace('_', '-')}")
        elif value is not None and value is not False:
            written.append(f' {name.strip("_").replace("_", "-")}="{escaped(value)}"')
    return "".join(written)


def code(text: str) -> Markup:
    """A name, a version or a path: foreign text, whatever direction it is written in. It is best broken at ``/``."""
    return tag("code", Markup(escaped(text).replace("/", "/<wbr>")))


def moment(when: datetime | None) -> Markup:
    """A time, to the minute; nothing where there is none."""
    return Markup() if when is None else tag("time", f"{when:%Y-%m-%d %H:%M}", datetime=when.isoformat())


def link(text: str, url: str | None) -> Markup:
    """``text``, as a link if the address is one that may be followed."""
    return tag("a", text, href=url, rel="noreferrer") if is_link(url) else escaped(text)


def chip(text: str, kind: str | None = None) -> Markup:
    """A word in a frame. ``kind`` is one of ours: it picks the colour."""
    return tag("span", text, class_=f"chip {kind}" if kind else "chip")


def table(caption: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> Markup:
    """A table with a heading for each column. On a narrow page each row is a card, and each cell names its column."""
    head = tag("tr", *(tag("th", column, scope="col") for column in columns))
    body = (tag("tr", *map(_cell, columns, row)) for row in rows)
    return tag("table", tag("caption", caption), tag("thead", head), tag("tbody", *body))


def _cell(column: str, content: str) -> Markup:
    return tag("td", content, data_label=column) if content else Markup("<td></td>")


def folded(summary: str, *content: str, class_: str | None = None) -> Markup:
    """Content below a line that opens it."""
    return tag("details", tag("summary", summary), *content, class_=class_)
