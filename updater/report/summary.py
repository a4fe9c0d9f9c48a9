"""A plan or a run as a page in Markdown: what the summary of a job shows. What comes from outside is shown as code."""

from collections.abc import Iterator, Sequence

from updater.model.plan import ActionKind, Plan
from updater.publish import Outcome
from updater.report.inventory import count
from updater.report.pull_request import code

_SHOWN = 100
"""The most rows of a table: the page of a job holds a megabyte."""


def as_markdown(made: Plan, outcomes: Sequence[Outcome] | None = None) -> Iterator[str]:
    """The pull requests, what is held, and what failed."""
    yield f"## Updates of {code(made.repository)}"
    yield ""
    yield (
        f"{count(len(made.dependencies), 'dependency')}, {count(len(made.updates), 'update')} "
        f"in {count(len(made.branches), 'branch')}, {len(made.held)} held, {len(made.failed)} failed"
    )
    planned = [
        (str(action.kind), action.branch.title if action.branch else action.name, action.reason)
        for action in made.actions
        if action.kind is not ActionKind.LEAVE
    ]
    rows = planned if outcomes is None else [_outcome(each) for each in outcomes]
    yield from _table("Pull requests", ("", "Title", "Why"), rows)
    held = [(each.tracked.name, each.new_version, each.reason) for each in made.held]
    yield from _table("Held", ("Dependency", "Version", "Why"), list(dict.fromkeys(held)))
    yield from _table("Failed", ("What", "Why"), [(each.subject, each.error) for each in made.failed])


def _outcome(each: Outcome) -> tuple[str, str, str]:
    title = each.action.branch.title if each.action.branch else each.action.name
    if each.failed is not None:
        return ("failed", title, each.failed.error)
    return (
        f"{each.action.kind} #{each.pull.number}" if each.pull else str(each.action.kind),
        title,
        each.action.reason,
    )


def _table(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    if not rows:
        return
    yield from ("", f"### {title}", "", f"| {' | '.join(columns)} |", "|" + " --- |" * len(columns))
    yield from (f"| {' | '.join(code(cell) if cell else '' for cell in row)} |" for row in rows[:_SHOWN])
    if len(rows) > _SHOWN:
        yield from ("", f"… and {len(rows) - _SHOWN} more")
