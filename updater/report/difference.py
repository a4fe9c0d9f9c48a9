"""How two plans differ, for people, for scripts, and as a comment on the pull request that edits the configuration."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime

from updater.record.difference import Change, Difference
from updater.report.inventory import Json, table
from updater.report.pull_request import code

_MINUS = "\N{MINUS SIGN}"
_SIGNS: tuple[tuple[str, str, str, str], ...] = (
    ("added", "+{}", "New pull requests", "+"),
    ("removed", f"{_MINUS}{{}}", "No longer proposed", _MINUS),
    ("regrouped", "{} regrouped", "Regrouped", "⇄"),
    ("retargeted", "{} to another version", "To another version", "→"),
    ("automerged", "{} now automerge", "Merged automatically now", "»"),
    ("not_automerged", "{} no longer automerge", "No longer merged automatically", "«"),
    ("waiting", "{} now wait", "Waiting now", "·"),
    ("not_waiting", "{} no longer wait", "No longer waiting", "▸"),
    ("reworded", "{} reworded", "Reworded", "~"),
)
"""Field, in the headline, as a heading, in front of a line."""
_NOTHING = "no pull request changes"
_SHOWN = 50
_MOST_CHARACTERS = 60_000
"""What every forge takes as a comment."""


def headline(found: Difference) -> str:
    """All in one line: ``+3, 2 regrouped, 4 now automerge``."""
    counts = (text.format(len(changes)) for text, changes in _parts(found, column=1))
    undecided = [f"{len(found.undecided)} packages undecided"] if found.undecided else []
    return ", ".join([*counts, *undecided]) or _NOTHING


def as_text(found: Difference, unread: Sequence[str] = ()) -> Iterator[str]:
    """For a terminal."""
    yield headline(found)
    for sign, changes in _parts(found, column=3):
        yield from table(((sign, each.title, each.branch, each.detail) for each in changes), indent="  ")
    yield from table((("?", subject, reason) for subject, reason in found.undecided), indent="  ")
    yield from (f"  ?  {each} is not on record" for each in unread)


def as_json(found: Difference, unread: Sequence[str] = ()) -> Json:
    """For scripts; fields are only added."""
    changes = {field: [asdict(each) for each in getattr(found, field)] for field, *_ in _SIGNS}
    undecided = [{"subject": subject, "reason": reason} for subject, reason in found.undecided]
    return {"headline": headline(found), **changes, "undecided": undecided, "unread": list(unread)}


def as_markdown(found: Difference, unread: Sequence[str] = (), shown: int = _SHOWN) -> Iterator[str]:
    """For a comment, with ``shown`` items of each kind. What comes from a repository or a registry is shown as code."""
    yield f"**What this configuration changes:** {headline(found)}"
    for heading, changes in _parts(found, column=2):
        yield from _section(heading, changes, _item, shown)
    yield from _section("Undecided, because the record does not tell enough", found.undecided, _doubt, shown)
    yield from _section("Not on record", unread, code, shown)


def comment(found: Difference, unread: Sequence[str], run: datetime) -> str:
    """For the pull request that edits the configuration, as long as comments may be; ``run`` is that of the record."""
    texts = ("\n".join(as_markdown(found, unread, shown)) for shown in (_SHOWN, 20, 5, 0))
    text = next((text for text in texts if len(text) <= _MOST_CHARACTERS), headline(found))
    return f"{text}\n\n<sub>Decided again with what registries said at {run:%Y-%m-%d %H:%M} UTC.</sub>\n"


def parts(found: Difference) -> Iterable[tuple[str, Sequence[Change]]]:
    """The changes by how they change, each kind with its heading."""
    return _parts(found, column=2)


def _section(heading: str, items: Sequence[object], item: Callable[..., str], shown: int) -> Iterator[str]:
    if not items:
        return
    yield from ("", f"<details><summary>{heading} ({len(items)})</summary>", "")
    yield from (f"- {item(each)}" for each in items[:shown])
    if len(items) > shown:
        yield f"- … and {len(items) - shown} more"
    yield from ("", "</details>")


def _item(each: Change) -> str:
    return f"{code(each.title)} ({code(each.branch)})" + (f": {code(each.detail)}" if each.detail else "")


def _doubt(each: tuple[str, str]) -> str:
    return f"{code(each[0])}: {code(each[1])}"


def _parts(found: Difference, *, column: int) -> Iterable[tuple[str, Sequence[Change]]]:
    rows: Iterable[tuple[str, Sequence[Change]]] = ((row[column], getattr(found, row[0])) for row in _SIGNS)
    return ((word, changes) for word, changes in rows if changes)


RENDERINGS: Mapping[str, Callable[[Difference, Sequence[str]], Iterable[str]]] = {
    "text": as_text,
    "markdown": as_markdown,
}
