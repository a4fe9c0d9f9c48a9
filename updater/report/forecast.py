"""What a configuration would have produced: as a chart in a terminal and as JSON."""

from collections.abc import Iterator

from updater.forecast import Forecast
from updater.model.scan import Json
from updater.report.inventory import count, table

_WIDTH = 40
"""How many characters the longest bar has at the most."""


def as_text(made: Forecast) -> Iterator[str]:
    """A bar for each week, the groups, and what the numbers leave out."""
    weeks = made.weeks
    longest = max((week.pulls for week in weeks), default=0)
    scale = min(1.0, _WIDTH / longest) if longest else 1.0
    rows = (
        (f"{week.start:%Y-%m-%d}", str(week.pulls), f"{week.most_open} open", "█" * round(week.pulls * scale))
        for week in weeks
    )
    yield "Pull requests a week, and how many were open at once:"
    yield from table(rows, indent="  ")
    yield ""
    yield from table(((group, str(number)) for group, number in made.groups), indent="  ")
    yield f"{count(len(made.pulls), 'pull request')}, at most {made.most_open} open at once."
    yield from (f"never opened: {name}: {reason}" for name, reason in made.waiting.items())
    yield from remarks(made)


def remarks(made: Forecast) -> Iterator[str]:
    """What the numbers leave out."""
    if made.undated:
        yield f"{made.undated} of {count(made.releases, 'release')} have no date and could not be counted."


def as_json(made: Forecast) -> Json:
    """For scripts; fields are only added."""
    return {
        "start": made.period.start.isoformat(),
        "end": made.period.end.isoformat(),
        "merge_after_days": made.period.merge_after.total_seconds() / 86_400,
        "weeks": [
            {
                "start": week.start.isoformat(),
                "pull_requests": week.pulls,
                "most_open": week.most_open,
                "groups": dict(week.opened),
            }
            for week in made.weeks
        ],
        "groups": dict(made.groups),
        "most_open": made.most_open,
        "pull_requests": [
            {
                "branch": pull.name,
                "title": pull.title,
                "group": pull.group,
                "opened": pull.opened.isoformat(),
                "merged": pull.merged.isoformat() if pull.merged is not None else None,
                "changes": pull.changes,
            }
            for pull in made.pulls
        ],
        "waiting": dict(made.waiting),
        "releases": made.releases,
        "undated": made.undated,
    }
