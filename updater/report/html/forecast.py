"""What a configuration would have produced, as a page of its own."""

from collections.abc import Iterator

from updater.forecast import Forecast
from updater.report.forecast import remarks
from updater.report.html.elements import Markup, code, joined, moment, table, tag, void
from updater.report.html.page import Section, Tile, page
from updater.report.inventory import count


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


def forecast_section(made: Forecast) -> Section:
    """The charts as a part of another page: what the configuration would have opened lately."""
    days = (made.period.end - made.period.start).days
    words = f"{count(len(made.pulls), 'pull request')} in {days} days, at most {made.most_open} open at once."
    charts = [tag("p", joined((words, " ", *remarks(made)))), _weeks(made), *([_groups(made)] if made.groups else [])]
    return Section(anchor="forecast", title="Forecast", count=len(made.pulls), content=Markup("".join(charts)))


def _sections(made: Forecast) -> Iterator[Section]:
    yield Section(anchor="weeks", title="Pull requests a week", content=_weeks(made))
    if made.groups:
        yield Section(anchor="groups", title="By group", content=_groups(made))
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


def _weeks(made: Forecast) -> Markup:
    """What each week had opened, and how many were open at once."""
    weeks = made.weeks
    most = max((max(week.pulls, week.most_open) for week in weeks), default=0) or 1
    rows = [
        (
            f"{week.start:%Y-%m-%d}",
            str(week.pulls),
            _bar(week.pulls / most),
            str(week.most_open),
            _bar(week.most_open / most),
        )
        for week in weeks
    ]
    return table("Pull requests a week", ("Week", "Opened", "", "Open at once", ""), rows)


def _groups(made: Forecast) -> Markup:
    """What each group had opened, in all and week by week."""
    weeks, most = made.weeks, made.groups[0][1]
    rows = [
        (name, str(number), _bar(number / most), " ".join(str(week.opened.get(name, 0)) for week in weeks))
        for name, number in made.groups
    ]
    return table("Pull requests by group", ("Group", "Opened", "", "Week by week"), rows)


def _bar(share: float) -> Markup:
    rect = void("rect", width=f"{share:.1%}", height="100%", rx="3").replace(">", "/>")
    return tag("svg", Markup(rect), class_="bar", aria_hidden="true")
