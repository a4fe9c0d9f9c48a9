"""The page in a real browser: Debian's Chromium, which ``./dev test`` installs."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, Locator, Page, sync_playwright

from tests.core.made import NOW
from tests.report.hostile import ATTACK, LONG, hostile_run
from updater.forecast import Forecast, Opened, Period
from updater.report.html import forecast_page, forecast_section, plan_page

OFFLINE = ("--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync")

FAINT = """() => {
  const channels = (text) => text.match(/[\\d.]+/g).map(Number);
  const luminance = ([red, green, blue]) => [red, green, blue]
    .map((each) => each / 255)
    .map((each) => each <= 0.04045 ? each / 12.92 : ((each + 0.055) / 1.055) ** 2.4)
    .reduce((sum, each, index) => sum + each * [0.2126, 0.7152, 0.0722][index], 0);
  const ground = (element) => {
    for (let each = element; each; each = each.parentElement) {
      const colour = channels(getComputedStyle(each).backgroundColor);
      if (colour.length < 4 || colour[3] > 0) return colour;
    }
    return [255, 255, 255];
  };
  const faint = [];
  for (const element of document.querySelectorAll("body *:not(script)")) {
    if (![...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim())) continue;
    const colours = [channels(getComputedStyle(element).color), ground(element)];
    const [dark, light] = colours.map(luminance).sort((one, other) => one - other);
    const contrast = (light + 0.05) / (dark + 0.05);
    if (contrast < 4.5) faint.push(`${element.tagName}.${element.className}: ${contrast.toFixed(2)}`);
  }
  return [...new Set(faint)];
}"""


@dataclass
class Seen:
    """What a page did beyond showing itself."""

    requests: list[str] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    program = shutil.which("chromium")
    assert program is not None, "./dev test installs it"
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=program, args=OFFLINE)
        yield running
        running.close()


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("report") / "report.html"
    plan, outcomes = hostile_run()
    file.write_text(plan_page(plan, NOW, outcomes), encoding="utf-8")
    return file


@contextmanager
def shown(
    browser: Browser,
    file: Path,
    *,
    width: int = 1280,
    scheme: Literal["light", "dark"] = "light",
    script: bool = True,
) -> Iterator[tuple[Page, Seen]]:
    """The page, with what it asks for and complains about."""
    seen = Seen()
    viewport = {"width": width, "height": 900}
    context = browser.new_context(viewport=viewport, color_scheme=scheme, java_script_enabled=script)  # type: ignore[arg-type]
    page = context.new_page()
    page.on("request", lambda request: seen.requests.append(request.url))
    page.on("console", lambda message: seen.messages.append(message.text))
    page.on("pageerror", lambda error: seen.messages.append(str(error)))
    page.on("dialog", lambda dialog: seen.messages.append(dialog.message))
    page.goto(file.as_uri())
    yield page, seen
    context.close()


def visible_rows(page: Page) -> int:
    """How many rows the page does not hide, folded or not."""
    return page.locator("main tbody tr:not([hidden])").count()


def test_nothing_leaves_the_page_and_nothing_is_wrong(browser: Browser, report: Path) -> None:
    """Hostile content opens no dialog, breaks no policy and asks for nothing, also when everything is unfolded."""
    with shown(browser, report) as (page, seen):
        page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
        page.mouse.wheel(0, 100_000)

        assert [url for url in seen.requests if not url.startswith("data:")] == [report.as_uri()]
        assert seen.messages == []
        assert page.locator("main section").count() == 14


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_fits_a_narrow_screen(browser: Browser, report: Path, scheme: Literal["light", "dark"]) -> None:
    """At 390 pixels nothing sticks out, however long the names."""
    with shown(browser, report, width=390, scheme=scheme) as (page, _):
        page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")

        assert page.evaluate("document.documentElement.scrollWidth") == 390


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_all_text_stands_out(browser: Browser, report: Path, scheme: Literal["light", "dark"]) -> None:
    """The contrast of every text is 4.5 at least (WCAG 2 AA), on its own ground, in both colour schemes."""
    with shown(browser, report, scheme=scheme) as (page, _):
        assert page.evaluate(FAINT) == []


def test_the_colour_schemes_differ(browser: Browser, report: Path) -> None:
    """The page follows what the reader's system prefers."""
    colours = []
    for scheme in ("light", "dark"):
        with shown(browser, report, scheme=scheme) as (page, _):
            colours.append(page.evaluate("getComputedStyle(document.body).backgroundColor"))

    assert colours[0] != colours[1]


def test_the_filter_shows_what_matches(browser: Browser, report: Path) -> None:
    """All words have to be in a row or in the title above it; what has none is hidden; clearing shows all again."""
    with shown(browser, report) as (page, _):
        everything, box = visible_rows(page), page.get_by_label("Filter")
        box.fill("apps/production 2.0.0 MINOR")
        some = visible_rows(page)

        assert 0 < some < everything
        assert page.locator(".filter output").inner_text() == f"{some} of {everything} rows"
        assert page.locator("#updates").is_visible()
        assert not page.locator("#cost").is_visible()
        assert page.locator("#pulls details[open] tbody tr").first.is_visible()

        box.fill("schedule-")
        assert page.locator("#pulls details:not([hidden])").count() == 1

        box.fill("nothing has this")
        assert (visible_rows(page), page.locator("main section:visible").count()) == (0, 0)

        box.fill("")
        assert visible_rows(page) == everything
        assert page.locator("main section:visible").count() == 14


def test_it_is_readable_without_javascript(browser: Browser, report: Path) -> None:
    """Everything but the filter is there, and what is folded opens."""
    with shown(browser, report, script=False) as (page, _):
        assert not page.get_by_label("Filter").is_visible()
        assert page.locator("#held tbody tr").first.is_visible()

        page.locator("#skipped summary").click()
        assert page.locator("#skipped tbody tr").first.is_visible()


def test_print_shows_what_is_folded(browser: Browser, report: Path) -> None:
    """Paper cannot be clicked: everything is unfolded, and the contents and the filter are left out."""
    with shown(browser, report, script=False) as (page, _):
        assert not page.locator("#skipped tbody tr").first.is_visible()
        page.emulate_media(media="print")

        assert page.locator("#skipped tbody tr").first.bounding_box()
        assert not page.locator("nav").is_visible()


def test_a_forecast_is_such_a_page(browser: Browser, tmp_path: Path) -> None:
    """It fits a narrow screen, its bars are drawn, and hostile names do nothing."""
    file = tmp_path / "forecast.html"
    period = Period(start=NOW - timedelta(days=28), end=NOW, merge_after=timedelta(days=3))
    pull = Opened(name=ATTACK, title=f"{ATTACK} {LONG}", group=ATTACK, opened=NOW - timedelta(days=1))
    made = Forecast(period=period, pulls=(pull,), most_open=1, waiting={ATTACK: LONG}, releases=2, undated=1)
    file.write_text(forecast_page(made, ATTACK), encoding="utf-8")

    with shown(browser, file, width=390) as (page, seen):
        assert seen.messages == []
        assert page.evaluate("document.documentElement.scrollWidth") == 390
        assert page.evaluate(FAINT) == []
        box = page.locator("#weeks tr:last-child rect").first.bounding_box()
        assert box is not None
        assert box["width"] > 50


def test_a_forecast_may_be_a_part_of_a_plan(browser: Browser, tmp_path: Path) -> None:
    """With its charts: what each week and each group had opened, and how many were open at once."""
    file = tmp_path / "plan.html"
    period = Period(start=NOW - timedelta(days=14), end=NOW, merge_after=timedelta(days=3))
    first, second = NOW - timedelta(days=12), NOW - timedelta(days=11)
    pulls = (
        Opened(name="a", title="A", group="charts", opened=first, merged=NOW - timedelta(days=9)),
        Opened(name="b", title="B", group="charts", opened=second, merged=NOW - timedelta(days=8)),
        Opened(name="c", title="C", group=ATTACK, opened=NOW - timedelta(days=1)),
    )
    made = Forecast(period=period, pulls=pulls, most_open=2, waiting={}, releases=9, undated=4)
    file.write_text(plan_page(hostile_run()[0], NOW, more=[forecast_section(made)]), encoding="utf-8")

    with shown(browser, file, width=390) as (page, seen):
        assert seen.messages == []
        assert page.evaluate("document.documentElement.scrollWidth") == 390
        part = page.locator("#forecast")
        assert "3 pull requests in 14 days, at most 2 open at once. 4 of 9 releases have no date" in part.inner_text()
        weeks, groups = part.locator("table").all()
        assert [(row[1], row[3]) for row in _cells(weeks)] == [("2", "2"), ("1", "1")]
        assert [(row[1], row[3]) for row in _cells(groups)] == [("2", "2 0"), ("1", "0 1")]
        widths = [bar.bounding_box() for bar in weeks.locator("rect").all()]
        assert [box is not None and box["width"] > 0 for box in widths] == [True] * 4


def _cells(table: Locator) -> list[list[str]]:
    return [row.locator("td, th").all_text_contents() for row in table.locator("tbody tr").all()]
