"""Which of a repository's releases lie between two versions, and what its file of changes says about them. Pure.

A repository may release several things, and call a version ``v1.2.3``, ``1.2.3``, ``chart-1.2.3`` or ``chart/v1.2.3``.
What stands before the version is its prefix: the tags that count are those with the prefix of the new version's tag,
which is empty, a usual word, or has to do with the name of the package.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from updater.model.lookup import Note

MOST_NOTES = 30
MOST_CHARACTERS = 4_000
"""How long the notes of one release may be; what is longer is cut at the end of a line."""

_USUAL = re.compile(r"(?:v|version|release|releases|rel|chart|charts|helm|helm-chart|app)?", re.IGNORECASE)
_TAG = re.compile(r"(?P<prefix>(?:.*[-/_@])?v?)(?P<version>\d.*)", re.IGNORECASE)
_VARIANT = re.compile(r"(?<=\d)[-+_](?!rc|alpha|beta|pre|dev|m\d)[A-Za-z].*", re.IGNORECASE)
_HEADING = re.compile(
    r"^(?P<level>#{1,4}) .*?\bv?(?P<version>\d+\.\d+[\w.+-]*)|^\[?v?(?P<plain>\d+\.\d+[\w.+-]*)\]?.*$"
)
_UNDERLINE = re.compile(r"^(?:=+|-+)\s*$")

IsNewer = Callable[[str, str], bool]
"""Whether the first version comes after the second; False where they cannot be compared."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """The step from one version to another of a package, as its repository may call it."""

    name: str
    old: str
    new: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Notes:
    """What the developers say about an update, the newest release first.

    ``home`` is the page of the repository, ``comparison`` that of the difference, if both tags are known. ``left_out``
    counts the releases that are too many; ``url`` is where a file of changes stands that the notes come from.
    """

    home: str
    notes: tuple[Note, ...] = ()
    comparison: str | None = None
    left_out: int = 0


def between(notes: Sequence[Note], span: Span, is_newer: IsNewer) -> list[Note]:
    """The releases after the old version up to the new one, in their order; none if the new one has no release."""
    prefix = _prefix(notes, span)
    if prefix is None:
        return []
    new, old = _plain(span.new), _plain(span.old)
    found = []
    for note in notes:
        match = _TAG.fullmatch(note.tag)
        version = match["version"] if match is not None and match["prefix"] == prefix else None
        if version is not None and (version == new or (is_newer(version, old) and not is_newer(version, new))):
            found.append(replace(note, text=shortened(note.text)))
    return found


def tags(names: Iterable[str], span: Span) -> tuple[str, str] | None:
    """The names of the tags of the old and of the new version, if both are among ``names``."""
    by_version: dict[str, list[str]] = {}
    for name in names:
        match = _TAG.fullmatch(name)
        if match is not None:
            by_version.setdefault(match["version"], []).append(name)
    for new in sorted(by_version.get(_plain(span.new), ()), key=lambda tag: _rank(tag, span.name) or 0):
        old = new.removesuffix(_plain(span.new)) + _plain(span.old)
        if _rank(new, span.name) is not None and old in by_version.get(_plain(span.old), ()):
            return old, new
    return None


def in_changelog(text: str, span: Span, is_newer: IsNewer) -> list[Note]:
    """What a file of changes says about the versions after the old one up to the new one."""
    found = []
    for version, section in _sections(text):
        if version == _plain(span.new) or (
            is_newer(version, _plain(span.old)) and not is_newer(version, _plain(span.new))
        ):
            found.append(Note(tag=version, text=shortened(section)))
    return found


def shortened(text: str) -> str:
    """At most so much of a text, up to the end of a line."""
    text = text.strip()
    if len(text) <= MOST_CHARACTERS:
        return text
    cut = text[:MOST_CHARACTERS]
    return (cut[: cut.rfind("\n")] if "\n" in cut else cut).rstrip() + "\n\n…"


def _plain(version: str) -> str:
    """A version as tags have it: without the variant of an image (``-alpine3.21``) and a leading ``v``."""
    return _VARIANT.sub("", version).removeprefix("v")


def _prefix(notes: Iterable[Note], span: Span) -> str | None:
    """The most fitting prefix of the tags that end in the new version."""
    new = _plain(span.new)
    matches = [match for note in notes if (match := _TAG.fullmatch(note.tag)) and match["version"] == new]
    ranked = [(rank, match["prefix"]) for match in matches if (rank := _rank(match[0], span.name)) is not None]
    return min(ranked)[1] if ranked else None


def _rank(tag: str, name: str) -> int | None:
    """How well a tag's prefix fits a package: 0 for its own name, 1 for a usual word; None for another's name."""
    match = _TAG.fullmatch(tag)
    if match is None:
        return None
    prefix = re.sub(r"[-/_@]?v?$", "", match["prefix"], flags=re.IGNORECASE)
    own = name.rpartition("/")[2].lower()
    if prefix and prefix.lower().rpartition("/")[2] in (own, f"helm-chart-{own}", f"{own}-chart", f"{own}-helm"):
        return 0
    return 1 if _USUAL.fullmatch(prefix) else None


# ---------------------------------------------------------------- a file of changes


def _sections(text: str) -> Iterator[tuple[str, str]]:
    """The versions that have a heading, each with the text up to the next heading of the same level."""
    version, level, lines = "", 0, list[str]()
    for line, heading in _lines(text):
        if heading is not None and (not version or heading[1] <= level):
            if version:
                yield version, "\n".join(lines)
            (version, level), lines = heading, []
        elif version:
            lines.append(line)
    if version:
        yield version, "\n".join(lines)


def _lines(text: str) -> Iterator[tuple[str, tuple[str, int] | None]]:
    """Each line with the version and level of the heading that it is; an underlined line is a heading, too."""
    lines = text.splitlines()
    for line, below in zip(lines, [*lines[1:], ""], strict=True):
        match = _HEADING.match(line[:200])
        if match is None or (match["version"] is None and not _UNDERLINE.match(below)):
            yield line, None
        else:
            yield line, (match["version"] or match["plain"], len(match["level"] or "##"))
