"""The body of a pull request: what changes and where, why this version, what happens next. Markdown, for people.

Text that comes from the repository or a registry is shown as code, so that it can neither mention anybody nor bring
markup of its own.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence

from updater.model import Held, Update, UpdateType
from updater.report.marker import marker_of

_BACKTICKS = re.compile(r"`+")

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


def body_maker(
    held: Iterable[Held], limit: int, reached: Callable[[Sequence[Update]], str | None] = lambda _updates: None
) -> Callable[[str, Sequence[Update], str], str]:
    """A function that writes bodies of at most ``limit`` characters, knowing what else is on its way.

    ``reached`` says in Markdown what the updates will be deployed by, if that is known.
    """
    held_of: dict[tuple[str, str], list[Held]] = {}
    for each in held:
        package = each.tracked.package
        held_of.setdefault((package.datasource, package.name), []).append(each)

    def body(_title: str, updates: Sequence[Update], fingerprint: str) -> str:
        newer = {
            (each.new_version, each.reason): each
            for update in updates
            for each in held_of.get((update.tracked.package.datasource, update.tracked.package.name), ())
        }
        return _body(updates, reached(updates), list(newer.values()), str(marker_of(fingerprint, updates)), limit)

    return body


def _body(updates: Sequence[Update], reached: str | None, held: Sequence[Held], marker: str, limit: int) -> str:
    before = (*_remarks(updates), *_notes(updates), reached or "")
    sections = (*before, *_held_section(held[:20]), _next_steps(updates), marker)
    tail = "\n\n".join(filter(None, sections)) + "\n"
    rows = [_row(update) for update in updates]
    for shown in range(len(rows), -1, -1):
        text = f"{_lead(updates)}\n\n{_table(rows, shown)}\n\n{tail}"
        if len(text) <= limit:
            return text
    return f"{_lead(updates)}\n\n{marker}\n"[:limit]


def _lead(updates: Sequence[Update]) -> str:
    packages = list(dict.fromkeys(update.tracked.name for update in updates))
    found = (update.tracked.dependency.environment for update in updates)
    environments = sorted({environment.name for environment in found if environment})
    files = len({edit.path for update in updates for edit in update.edits})
    where = f" in {' and '.join(environments)}" if environments else ""
    what = code(packages[0]) if len(packages) == 1 else f"{len(packages)} dependencies"
    return f"Updates {what}{where}: {_count(len(updates), 'place')} in {_count(files, 'file')}."


def _table(rows: Sequence[Mapping[str, str]], shown: int) -> str:
    """The first rows, without the columns that are empty in all of them."""
    columns = [column for column in rows[0] if any(row[column] for row in rows)]
    lines = [columns, ["---"] * len(columns), *([row[column] for column in columns] for row in rows[:shown])]
    left_out = len(rows) - shown
    note = f"\n\n… and {_count(left_out, 'more place')}; the diff shows all of them." if left_out else ""
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines) + note


def _row(update: Update) -> Mapping[str, str]:
    dependency = update.tracked.dependency
    name = code(update.tracked.name)
    return {
        "What": f"[{name}]({update.source_url})" if _is_link(update.source_url) else name,
        "Where": code(f"{dependency.path}:{dependency.line}") + _lock_note(update),
        "From": _value(dependency.current_value, dependency.current_digest, update.current_version),
        "To": _new_name(update) + _value(update.offer.new_value, update.new_digest, update.offer.version),
        "Step": _TYPE_WORDS[update.update_type],
        "Released": _released(update),
    }


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


def _remarks(updates: Sequence[Update]) -> list[str]:
    """What the files around the updates give cause to say."""
    found = dict.fromkeys(update.tracked.remark for update in updates if update.tracked.remark is not None)
    lines = [f"- {code(remark.path)}: {remark.text}" for remark in found]
    return ["**To do by hand**\n\n" + "\n".join(lines)] if lines else []


def _notes(updates: Sequence[Update]) -> list[str]:
    """``prBodyNotes``: the team's own words, as they are."""
    return list(dict.fromkeys(note.strip() for update in updates for note in update.offer.policy.pr_body_notes))


def _held_section(held: Sequence[Held]) -> list[str]:
    if not held:
        return []
    lines = [f"- {code(each.new_version)}: {each.reason}{_until(each)}" for each in held]
    return ["**Newer, but not offered yet**\n\n" + "\n".join(lines)]


def _until(held: Held) -> str:
    return f" (offered from {held.until:%Y-%m-%d %H:%M} UTC)" if held.until else ""


def _next_steps(updates: Sequence[Update]) -> str:
    lines = [
        "- **Merge** it and the reconciler deploys it.",
        "- **Close** it and exactly this is not offered again; the next higher release is.",
        "- **Push** a commit of your own and it is yours: it will not be rebuilt.",
    ]
    if any(update.update_type is UpdateType.MAJOR for update in updates):
        lines.insert(0, "- A **major** step: read the release notes before merging.")
    return "**What happens next**\n\n" + "\n".join(lines)


def _is_link(url: str | None) -> bool:
    return url is not None and re.fullmatch(r"https://[\w.~/%+@:-]+", url) is not None


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def code(text: str) -> str:
    """Foreign text as Markdown code that stays within a table cell: nothing in it is markup or a mention."""
    flat = " ".join(text.split()).replace("|", "\\|")
    fence = "`" * (max((len(run) for run in _BACKTICKS.findall(flat)), default=0) + 1)
    pad = " " if flat.startswith("`") or flat.endswith("`") else ""
    return f"{fence}{pad}{flat}{pad}{fence}"
