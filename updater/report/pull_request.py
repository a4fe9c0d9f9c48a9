"""The body of a pull request: what changes and where, why this version, what happens next. Markdown, for people.

Text that comes from the repository or a registry is shown as code, so that it can neither mention anybody nor bring
markup of its own; release notes are made harmless (:mod:`updater.report.markdown`). What does not fit into the forge's
limit is left out, the least important first.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from updater import naming
from updater.api import Secret
from updater.config import Policy
from updater.material import Material
from updater.model.decide import Gone, Held, Update
from updater.model.track import UpdateType
from updater.orders import REBASE_BOX
from updater.report.fitting import Part, fitted
from updater.report.marker import marker_of
from updater.report.sections import chart_diffs, code, count, is_link, release_notes, warnings
from updater.templates import render

__all__ = ["Circumstances", "body_maker", "code"]

_TYPE_WORDS = {
    UpdateType.MAJOR: "**major**",
    UpdateType.MINOR: "minor",
    UpdateType.PATCH: "patch",
    UpdateType.PIN: "pin",
    UpdateType.DIGEST: "digest",
    UpdateType.PIN_DIGEST: "pin digest",
    UpdateType.REPLACEMENT: "replacement",
    UpdateType.ROLLBACK: "**rollback**",
}
_COLUMNS = ("What", "Where", "From", "To", "Step", "Released")
_OTHER_NAMES = {
    "Package": "What",
    "Package file": "Where",
    "Current value": "From",
    "New value": "To",
    "Update": "Step",
    "Age": "Released",
}
"""What Renovate calls the same columns."""
_MOST_HELD = 20

Body = Callable[[str, Sequence[Update], str], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """What a body tells beside its updates. ``limit`` is in characters; a ``key`` signs the block for machines.

    ``about`` is what is known of an update; ``gone`` what is in use and does not resolve; ``reached`` says in Markdown
    what the updates will be deployed by, if that is known.
    """

    limit: int
    held: Sequence[Held] = ()
    gone: Sequence[Gone] = ()
    about: Callable[[Update], Material] = field(default=lambda _update: Material())
    reached: Callable[[Sequence[Update]], str | None] = field(default=lambda _updates: None)
    key: Secret | None = None


def body_maker(circumstances: Circumstances) -> Body:
    """A function that writes bodies."""
    held_of: dict[tuple[str, str], list[Held]] = {}
    for each in circumstances.held:
        package = each.tracked.package
        held_of.setdefault((package.datasource, package.name), []).append(each)

    def body(title: str, updates: Sequence[Update], fingerprint: str) -> str:
        newer = {
            (each.new_version, each.reason): each
            for update in updates
            for each in held_of.get((update.tracked.package.datasource, update.tracked.package.name), ())
        }
        marker = marker_of(fingerprint, updates).signed(circumstances.key)
        return _Text(title, updates, list(newer.values()), circumstances).written(marker)

    return body


@dataclass(frozen=True, slots=True)
class _Text:
    """One body."""

    title: str
    updates: Sequence[Update]
    held: Sequence[Held]
    circumstances: Circumstances

    def written(self, marker: str) -> str:
        """The whole, cut to the limit; the marker is always there."""
        parts = self._parts()
        templates = _unique(update.offer.policy.pr_body_template for update in self.updates)
        if templates:
            parts = self._arranged(templates[-1], parts)
        fixed = [Part(weight=99, lengths=[marker])]
        text = fitted([*parts.values(), *fixed], self.circumstances.limit)
        if len(text) <= self.circumstances.limit:
            return text
        return f"{_lead(self.updates)}\n\n{marker}\n"[: self.circumstances.limit]

    def _parts(self) -> dict[str, Part]:
        """The parts by the names that ``prBodyTemplate`` has for them, in our order."""
        about = [(update, self.circumstances.about(update)) for update in self.updates]
        policies = [update.offer.policy for update in self.updates]
        first = _listed("Look at this first", warnings(about, self.circumstances.gone))
        told = _listed("To do by hand", _remarks(self.updates))
        return {
            "header": Part(weight=80, lengths=[*_unique(policy.pr_header for policy in policies)[:1], ""]),
            "lead": Part(weight=90, lengths=[_lead(self.updates)]),
            "warnings": Part(weight=85, lengths=[first, ""]),
            "table": Part(weight=40, lengths=_tables(about, self.held)),
            "remarks": Part(weight=82, lengths=[told, ""]),
            "notes": Part(weight=70, lengths=["\n\n".join(_notes(policies)), ""]),
            "reached": Part(weight=45, lengths=[self.circumstances.reached(self.updates) or "", ""]),
            "charts": Part(weight=30, lengths=chart_diffs(about)),
            "changelogs": Part(weight=20, lengths=_changelogs(about)),
            "held": Part(weight=35, lengths=[_held_section(self.held[:_MOST_HELD]), _held_section(self.held[:3]), ""]),
            "controls": Part(weight=60, lengths=[_next_steps(self.updates), ""]),
            "footer": Part(weight=50, lengths=[*_unique(policy.pr_footer for policy in policies)[:1], ""]),
        }

    def _arranged(self, template: str, parts: Mapping[str, Part]) -> dict[str, Part]:
        """``prBodyTemplate``: the parts that it names, in its order, with its text between them."""
        named = {**parts, "configDescription": parts["controls"]}
        places = {name: f"\0{name}\0" for name in named}
        values = {**naming.template_values_of(self.updates[0]), **places, "prTitle": self.title}
        try:
            pieces = re.split("\0(\\w+)\0", render(template, values))
        except ValueError:
            return dict(parts)
        found: dict[str, Part] = {}
        for number, piece in enumerate(pieces):
            if number % 2:
                found.setdefault(piece, named[piece])
            elif piece.strip():
                found[f"text {number}"] = Part(weight=75, lengths=[piece.strip(), ""])
        return found


def _unique(texts: Iterable[str | None]) -> list[str]:
    return list(dict.fromkeys(text.strip() for text in texts if text and text.strip()))


def _listed(title: str, lines: Sequence[str]) -> str:
    return f"**{title}**\n\n" + "\n".join(f"- {line}" for line in lines) if lines else ""


def _lead(updates: Sequence[Update]) -> str:
    packages = list(dict.fromkeys(update.tracked.name for update in updates))
    found = (update.tracked.dependency.environment for update in updates)
    environments = sorted({environment.name for environment in found if environment})
    files = len({edit.path for update in updates for edit in update.edits})
    where = f" in {' and '.join(environments)}" if environments else ""
    what = code(packages[0]) if len(packages) == 1 else f"{len(packages)} dependencies"
    return f"Updates {what}{where}: {count(len(updates), 'place')} in {count(files, 'file')}."


# ---------------------------------------------------------------- the table


def _tables(about: Sequence[tuple[Update, Material]], held: Sequence[Held]) -> list[str]:
    """The table with all rows, and with ever fewer."""
    columns = about[-1][0].offer.policy.pr_body_columns or _COLUMNS
    found = (_row(update, material.source_url, columns, held) for update, material in about)
    rows = list({tuple(row.items()): row for row in found}.values())
    steps = (len(rows), 200, 100, 50, 20, 10, 5, 2, 1, 0)
    return [_table(rows, columns, shown) for shown in dict.fromkeys(step for step in steps if step <= len(rows))]


def _table(rows: Sequence[Mapping[str, str]], columns: Sequence[str], shown: int) -> str:
    """The first rows, without the columns that are empty in all of them."""
    filled = [column for column in columns if any(row[column] for row in rows)]
    titles = [" ".join(column.split()).replace("|", "\\|") for column in filled]
    lines = [titles, ["---"] * len(filled), *([row[column] for column in filled] for row in rows[:shown])]
    left_out = len(rows) - shown
    note = f"\n\n… and {count(left_out, 'more place')}; the diff shows all of them." if left_out else ""
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines) + note


def _row(update: Update, home: str | None, columns: Sequence[str], held: Sequence[Held]) -> Mapping[str, str]:
    """The cells of an update: those of the user's own definitions, ours, and the ones that Renovate's users know."""
    own = {name: _own_cell(template, update) for name, template in update.offer.policy.pr_body_definitions.items()}
    cells = {
        "What": _package(update, home),
        "Where": _place(update),
        "From": _from(update),
        "To": _to(update),
        "Step": _TYPE_WORDS[update.update_type],
        "Released": _released(update),
        "Change": " → ".join(filter(None, (_from(update), _to(update)))),
        "Type": update.tracked.dependency.dep_type or "",
        "Pending": _pending(update, held),
    }
    known = {**cells, **{theirs: cells[ours] for theirs, ours in _OTHER_NAMES.items()}, **own}
    return {column: known.get(column, "") for column in columns}


def _own_cell(template: str, update: Update) -> str:
    """A cell of ``prBodyDefinitions``: the team's own words, in one line."""
    try:
        text = render(template, naming.template_values_of(update))
    except ValueError:
        text = template
    return " ".join(text.split())


def _package(update: Update, home: str | None) -> str:
    name, url = code(update.tracked.name), update.offer.policy.source_url or update.source_url or home
    return f"[{name}]({url})" if is_link(url) else name


def _place(update: Update) -> str:
    dependency = update.tracked.dependency
    return code(f"{dependency.path}:{dependency.line}") + _lock_note(update)


def _pending(update: Update, held: Sequence[Held]) -> str:
    return next((code(each.new_version) for each in held if each.tracked.package == update.tracked.package), "")


def _from(update: Update) -> str:
    dependency = update.tracked.dependency
    return _value(dependency.current_value, dependency.current_digest, update.current_version)


def _to(update: Update) -> str:
    return _new_name(update) + _value(update.offer.new_value, update.new_digest, update.offer.version)


def _new_name(update: Update) -> str:
    """The package that takes the place of the one before."""
    replacement = update.offer.replacement
    return "" if replacement is None else f"{code(str(replacement))} "


def _value(value: str | None, digest: str | None, version: str | None) -> str:
    """The value as it stands in the file; a range also says which version it means."""
    parts = [code(value)] if value else []
    if version is not None and value is not None and version not in value:
        parts.append(f"({code(version)})")
    if digest:
        parts.append(code(digest.removeprefix("sha256:")[:12]))
    return " ".join(parts)


def _lock_note(update: Update) -> str:
    lock = update.tracked.lock
    moved = lock is not None and any(edit.path == lock.path for edit in update.edits)
    return f"<br>{code(lock.path)}" if lock is not None and moved else ""


def _released(update: Update) -> str:
    """A date and whose word it is; no number of days, which would change every day."""
    published = update.offer.release.published
    return update.age_evidence or (f"published {published:%Y-%m-%d}" if published is not None else "")


# ---------------------------------------------------------------- the other parts


def _remarks(updates: Sequence[Update]) -> list[str]:
    """What the files around the updates give cause to say."""
    found = dict.fromkeys(update.tracked.remark for update in updates if update.tracked.remark is not None)
    return [f"{code(remark.path)}: {remark.text}" for remark in found]


def _notes(policies: Iterable[Policy]) -> list[str]:
    """``prBodyNotes``: the team's own words, as they are."""
    return _unique(note for policy in policies for note in policy.pr_body_notes)


def _changelogs(about: Sequence[tuple[Update, Material]]) -> list[str]:
    """``changelogUrl``, and what the developers say."""
    links = _unique(update.offer.policy.changelog_url for update, _ in about)
    shown = " · ".join(f"[Changes]({link})" for link in links if is_link(link))
    return [f"{shown}\n\n{notes}".strip() for notes in release_notes(about)]


def _held_section(held: Sequence[Held]) -> str:
    return _listed(
        "Newer, but not offered yet", [f"{code(each.new_version)}: {each.reason}{_until(each)}" for each in held]
    )


def _until(held: Held) -> str:
    return f" (offered from {held.until:%Y-%m-%d %H:%M} UTC)" if held.until else ""


def _next_steps(updates: Sequence[Update]) -> str:
    policies = [update.offer.policy for update in updates]
    lines = [
        _merging(policies),
        "**Close** it and exactly this is not offered again; the next higher release is.",
        "**Push** a commit of your own and it is yours: it will not be rebuilt.",
    ]
    if any(update.update_type is UpdateType.MAJOR for update in updates):
        lines.insert(0, "A **major** step: read the release notes before merging.")
    box = f"- [ ] <!-- {REBASE_BOX} -->Tick this to have the branch made anew from its base."
    return f"{_listed('What happens next', lines)}\n\n{box}"


def _merging(policies: Sequence[Policy]) -> str:
    """Who merges it, and when."""
    if not all(policy.automerge for policy in policies):
        return "**Merge** it and the reconciler deploys it."
    when = _unique(", ".join(policy.automerge_schedule) for policy in policies)
    within = [code(each) for each in when if each != "at any time"]
    return f"**It is merged by itself** once its checks have passed{', ' if within else ''}{' and '.join(within)}."
