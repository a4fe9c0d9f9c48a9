"""What a pull request tells beyond its table: warnings, what a chart changes, release notes. Markdown, for people."""

import re
from collections.abc import Iterable, Iterator, Sequence

from updater.material import Material
from updater.material.comparison import ChartDiff, Moved
from updater.material.contract import Fate, Finding
from updater.material.notes import Notes
from updater.model.decide import Gone, Update
from updater.model.lookup import Note
from updater.report.markdown import defused

_BACKTICKS = re.compile(r"`+")
_MOST_WARNINGS = 20
_MOST_LINES = 15
"""How many lines of one kind are shown of what a chart changes."""

Described = tuple[Update, Material]
"""An update and what is known about it."""


def code(text: str) -> str:
    """Foreign text as Markdown code that stays within a table cell: nothing in it is markup or a mention."""
    flat = " ".join(text.split()).replace("|", "\\|")
    fence = "`" * (max((len(run) for run in _BACKTICKS.findall(flat)), default=0) + 1)
    pad = " " if flat.startswith("`") or flat.endswith("`") else ""
    return f"{fence}{pad}{flat}{pad}{fence}"


def is_link(url: str | None) -> bool:
    """Whether ``url`` may stand as the target of a link."""
    return url is not None and re.fullmatch(r"https://[\w.~/%+@:-]+", url) is not None


def count(number: int, noun: str) -> str:
    """``1 place``, ``2 places``."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


# ---------------------------------------------------------------- warnings


def warnings(described: Sequence[Described], gone: Iterable[Gone]) -> list[str]:
    """What is to be looked at before anything else: lines of a list."""
    dependencies = {update.tracked.dependency for update, _ in described}
    lines = [
        f"{code(each.name)} of {code(each.tracked.name)}, which is in use, does not resolve: {each.reason}."
        for each in gone
        if each.tracked.dependency in dependencies
    ]
    lines += [line for _, material in described for line in _of_chart(material)]
    unique = list(dict.fromkeys(lines))
    left_out = len(unique) - _MOST_WARNINGS
    return [*unique[:_MOST_WARNINGS], *([f"… and {count(left_out, 'more warning')}."] if left_out > 0 else [])]


def _of_chart(material: Material) -> Iterator[str]:
    yield from map(_finding, material.findings)
    diff = material.chart
    if diff is None:
        return
    if diff.kube_version and diff.kube_version.new:
        yield f"It wants Kubernetes {code(diff.kube_version.new)}{_before(diff.kube_version.old)}."
    if diff.crds:
        names = ", ".join(code(each.name) for each in diff.crds[:3])
        more = f" and {len(diff.crds) - 3} more" if len(diff.crds) > 3 else ""
        yield f"Custom resource definitions change: {names}{more}. Helm never updates those in `crds/` by itself."


def _before(old: str | None) -> str:
    return f" (before: {code(old)})" if old else ""


def _finding(finding: Finding) -> str:
    key = code(".".join(finding.override.path))
    what = f"{key} ({code(f'{finding.override.place}:{finding.override.line}')})"
    instead = f"; probably {code('.'.join(finding.instead))} has taken its place" if finding.instead else ""
    if finding.fate is Fate.LOST:
        return f"{what} **is lost**: the new chart does not read it any more{instead}."
    if finding.fate is Fate.UNCERTAIN:
        return f"{what} may be lost: it cannot be told whether the new chart still reads it{instead}."
    return f"{what} does nothing: neither chart reads it."


# ---------------------------------------------------------------- what a chart changes


def chart_diffs(described: Sequence[Described]) -> list[str]:
    """The comparisons of the charts, each folded, in three lengths: with all, without defaults, as numbers only."""
    diffs = {
        (update.tracked.name, update.current_version, update.offer.version): material.chart
        for update, material in described
        if material.chart is not None and not material.chart.is_empty
    }
    if not diffs:
        return [""]
    return ["\n\n".join(_chart_diff(*key, diff, most) for key, diff in diffs.items()) for most in (_MOST_LINES, 5, 0)]


def _chart_diff(name: str, old: str | None, new: str, diff: ChartDiff, most: int) -> str:
    facts = [each for each in (diff.app_version, diff.kube_version) if each is not None]
    parts = [
        *(f"- {each.name}: {_move(each)}" for each in facts),
        *_list("Images", diff.images, most),
        *_list("Dependencies", diff.dependencies, most),
        *_list("Custom resource definitions", diff.crds, most, shows_values=False),
        *_list("Values removed", diff.removed, most),
        *_list("Values of another type", diff.retyped, most),
        *_list("Defaults changed", diff.defaults, most),
        *_list("Values added", diff.added, most),
    ]
    summary = f"Chart {_plain(name)}: {_plain(old or '?')} → {_plain(new)}"
    return folded(summary, "\n".join(parts))


def _list(title: str, moves: Sequence[Moved], most: int, *, shows_values: bool = True) -> Iterator[str]:
    if not moves:
        return
    yield f"- {title}: {len(moves)}"
    for each in moves[:most]:
        what = _move(each) if shows_values else _kind(each)
        yield f"  - {code(each.name)}: {what}"
    if 0 < most < len(moves):
        yield f"  - … and {len(moves) - most} more"


def _kind(move: Moved) -> str:
    return "added" if move.old is None else "removed" if move.new is None else "changed"


def _move(move: Moved) -> str:
    if move.old is None or move.new is None:
        return _value(move.new if move.old is None else move.old)
    return f"{_value(move.old)} → {_value(move.new)}"


def _value(value: str | None) -> str:
    """A value as it is written; a long one is not worth its place."""
    if value is None or value.startswith("#") or len(value) > 80:
        return "…"
    return code(value)


# ---------------------------------------------------------------- release notes


def release_notes(described: Sequence[Described]) -> list[str]:
    """The notes of all that is updated, each folded, in ever shorter versions: fewer releases, links, nothing."""
    found = {
        (material.notes.home, update.offer.version): (update.tracked.name, material.notes)
        for update, material in described
        if material.notes is not None and (material.notes.notes or material.notes.comparison)
    }
    if not found:
        return [""]
    most = max(len(notes.notes) for _, notes in found.values())
    steps = [number for number in (most, 10, 5, 2, 1, 0) if number <= most]
    versions = ["\n\n".join(_notes(name, notes, shown) for name, notes in found.values()) for shown in steps]
    return [*dict.fromkeys(versions), ""]


def _notes(name: str, notes: Notes, shown: int) -> str:
    entries = [_note(note, notes.home) for note in notes.notes[:shown] if note.text]
    hidden = len(notes.notes) - shown + notes.left_out if shown < len(notes.notes) else notes.left_out
    link = f"[All changes]({notes.comparison})" if is_link(notes.comparison) else ""
    more = f"… and {count(hidden, 'more release')}." if hidden > 0 and entries else ""
    body = "\n\n".join(part for part in (link, *entries, more) if part)
    if not entries:
        return f"{code(name)}: {link}" if link else ""
    return folded(f"Release notes of {_plain(name)}", body)


def _note(note: Note, home: str) -> str:
    title = code(note.tag) if not is_link(note.url) else f"[{code(note.tag)}]({note.url})"
    date = f" ({note.published:%Y-%m-%d})" if note.published is not None else ""
    return f"### {title}{date}\n\n{defused(note.text, home)}"


# ---------------------------------------------------------------- folding


def folded(summary: str, body: str) -> str:
    """Text that shows when its summary is clicked; the empty lines make what is inside Markdown."""
    return f"<details>\n<summary>{summary}</summary>\n\n{body}\n\n</details>"


def _plain(text: str) -> str:
    """Foreign text within HTML, where Markdown's code is none; what could be a mention or a reference is broken up."""
    flat = " ".join(text.split()).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return f"<code>{flat}</code>"
