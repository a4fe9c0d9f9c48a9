"""What a configuration would have produced, as a page of its own."""

from collections.abc import Iterator, Sequence

from updater.forecast import Forecast
from updater.report.forecast import remarks
from updater.report.html.elements import Markup, code, joined, moment, table, tag, void
from updater.report.html.page import Section, Tile, page


def forecast_page(made: Forecast, repository: str) -> str:
    """The page of a forecast for ``repository``."""
    days = made.period.merge_after.total_seconds() / 86_400
    lead = joined(
        (
            *("From ", moment(made.period.start), " to ", moment(made.period.end), " UTC, with pull requests merged "),
            f"after {days:g} days. ",
            " ".join(remarks(made)),
        )
    )
    tiles = [
        Tile(label="pull requests", number=str(len(made.pulls)), anchor="pulls"),
        Tile(label="open at once", number=str(made.most_open)),
        Tile(
            label="never opened",
            number=str(len(made.waiting)),
            anchor="waiting",
            kind="warning" if made.waiting else None,
        ),
    ]
    return page(f"Forecast for {repository}", lead, tiles, list(_sections(made)))


def _sections(made: Forecast) -> Iterator[Section]:
    weeks = [(f"{start:%Y-%m-%d}", number) for start, number in made.weeks]
    yield Section(anchor="weeks", title="Pull requests a week", content=_chart("Week", weeks))
    if made.groups:
        yield Section(anchor="groups", title="By group", content=_chart("Group", made.groups))
    if made.pulls:
        rows = [
            (each.title, code(each.name), moment(each.opened), moment(each.merged), str(each.changes))
            for each in made.pulls
        ]
        content = table("Pull requests", ("Title", "Branch", "Opened", "Merged", "Made anew"), rows)
        yield Section(anchor="pulls", title="Pull requests", count=len(rows), content=content)
    if made.waiting:
        waiting = [(code(name), reason) for name, reason in made.waiting.items()]
        content = table("Never opened", ("Branch", "Why"), waiting)
        yield Section(anchor="waiting", title="Never opened", count=len(waiting), content=content)


def _chart(what: str, bars: Sequence[tuple[str, int]]) -> Markup:
    most = max((number for _, number in bars), default=0) or 1
    rows = [(name, str(number), _bar(number / most)) for name, number in bars]
    return table("Pull requests", (what, "Pull requests", "Share"), rows)


def _bar(share: float) -> Markup:
    rect = void("rect", width=f"{share:.1%}", height="100%", rx="3").replace(">", "/>")
    return tag("svg", Markup(rect), class_="bar", aria_hidden="true")
