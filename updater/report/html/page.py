"""The page around the sections: head, summary, contents, style and script."""

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files

from updater.report.html.elements import Markup, joined, tag, void


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A part of the page. ``anchor`` is a word of ours; ``count`` stands beside the title."""

    anchor: str
    title: str
    content: Markup
    count: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """A number of the summary, and the section that it is about. ``kind`` is ``good``, ``warning`` or ``bad``."""

    label: str
    number: str
    anchor: str | None = None
    kind: str | None = None


def page(title: str, lead: str, tiles: Sequence[Tile], sections: Sequence[Section]) -> str:
    """The whole page. Its size grows with that of its sections and nothing else."""
    style, script = _own("page.css"), _own("page.js")
    anchors = {section.anchor for section in sections}
    head = (
        void("meta", charset="utf-8"),
        void("meta", http_equiv="Content-Security-Policy", content=_policy(style, script)),
        void("meta", name="viewport", content="width=device-width, initial-scale=1"),
        void("meta", name="color-scheme", content="light dark"),
        void("meta", name="referrer", content="no-referrer"),
        tag("title", title),
        void("link", rel="icon", href="data:,"),
        tag("style", style),
    )
    body = (
        tag("a", "Skip to the content", href="#content", class_="skip"),
        tag("header", tag("h1", title), tag("p", lead, class_="lead")),
        _contents(sections),
        tag("main", _summary(tiles, anchors), *map(_section, sections), id="content"),
        tag("footer", tag("p", "Written by gitops-updater. Times are in UTC.")),
        tag("script", script),
    )
    document = tag("html", tag("head", *head), "\n", tag("body", *body), lang="en")
    return f"<!doctype html>\n{document}\n"


def _own(name: str) -> Markup:
    return Markup((files("updater.report.html") / name).read_text(encoding="utf-8"))


def _policy(style: str, script: str) -> str:
    """Nothing is loaded and nothing is sent; only the style and the script of the page itself count."""
    return (
        f"default-src 'none'; style-src {_hash(style)}; script-src {_hash(script)}; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _contents(sections: Sequence[Section]) -> Markup:
    links = (tag("li", tag("a", each.title, href=f"#{each.anchor}")) for each in sections)
    box = void("input", type="search", id="filter", placeholder="name, file, version …", autocomplete="off")
    parts = (tag("label", "Filter", for_="filter"), box, tag("output", for_="filter"))
    search = tag("div", *parts, class_="filter", hidden=True)
    return tag("nav", tag("ul", *links), search, aria_label="Contents")


def _summary(tiles: Sequence[Tile], anchors: set[str]) -> Markup:
    return tag("ul", *(_tile(tile, linked=tile.anchor in anchors) for tile in tiles), class_="tiles")


def _tile(tile: Tile, *, linked: bool) -> Markup:
    content = joined((tag("strong", tile.number), " ", tag("span", tile.label)))
    inner = tag("a", content, href=f"#{tile.anchor}") if linked else tag("div", content)
    return tag("li", inner, class_=tile.kind)


def _section(section: Section) -> Markup:
    number = (" ", tag("span", str(section.count), class_="count")) if section.count is not None else ()
    heading = tag("h2", section.title, *number, id=f"{section.anchor}-title")
    return tag("section", heading, section.content, id=section.anchor, aria_labelledby=f"{section.anchor}-title")
