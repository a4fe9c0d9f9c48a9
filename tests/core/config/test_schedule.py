"""Schedules: cron expressions and phrases, in time zones with daylight saving."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from cronsim import CronSim
from hypothesis import given
from hypothesis import strategies as st

from updater.config.schedule import is_open, is_valid, next_opening

_BERLIN = ZoneInfo("Europe/Berlin")


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


_TUESDAY_NOON, _SATURDAY, _FIRST = _at("2026-11-24T12:00"), _at("2026-11-28T09:30"), _at("2026-12-01T02:00")


@pytest.mark.parametrize(
    ("entry", "open_at", "closed_at"),
    [
        ("before 5am", "2026-11-24T04:59", "2026-11-24T05:00"),
        ("after 10pm", "2026-11-24T22:00", "2026-11-24T21:59"),
        ("after 10:30 pm", "2026-11-24T22:30", "2026-11-24T22:29"),
        ("after 10pm and before 5am", "2026-11-24T23:00", "2026-11-24T12:00"),
        ("after 9am and before 5pm", "2026-11-24T16:59", "2026-11-24T17:00"),
        ("between 1am and 5am on sunday", "2026-11-29T01:00", "2026-11-28T01:00"),
        ("after 10pm every weekday", "2026-11-27T22:00", "2026-11-28T22:00"),
        ("every weekend", "2026-11-28T00:00", "2026-11-27T23:59"),
        ("on monday", "2026-11-23T12:00", "2026-11-24T12:00"),
        ("on monday and wednesday", "2026-11-25T12:00", "2026-11-24T12:00"),
        ("on friday through monday", "2026-11-29T12:00", "2026-11-24T12:00"),
        ("Before 4am on Monday", "2026-11-23T03:00", "2026-11-23T04:00"),
        ("on the first day of the month", "2026-12-01T12:00", "2026-12-02T12:00"),
        ("on the last day of the month", "2026-11-30T12:00", "2026-11-29T12:00"),
        ("on the 1st through 7th day of the month", "2026-12-07T12:00", "2026-12-08T12:00"),
        ("before 3am on the first day of the month", "2026-12-01T02:59", "2026-12-01T03:00"),
        ("every 3 months on the first day of the month", "2026-10-01T12:00", "2026-11-01T12:00"),
        ("every 2 weeks on monday", "2026-11-16T12:00", "2026-11-23T12:00"),
        ("in january and july", "2026-07-04T12:00", "2026-11-24T12:00"),
        ("on the first day instance on sunday", "2026-12-06T12:00", "2026-12-13T12:00"),
        ("on the 1st and 3rd day instance on mon", "2026-11-16T12:00", "2026-11-09T12:00"),
        ("on Mon and Wed", "2026-11-23T12:00", "2026-11-24T12:00"),
        ("in jan and nov", "2026-11-24T12:00", "2026-12-24T12:00"),
        ("monthly", "2026-12-01T04:59", "2026-12-01T05:00"),
        ("every month", "2026-12-01T04:59", "2026-12-02T04:00"),
        ("* 0-3 * * *", "2026-11-24T03:59", "2026-11-24T04:00"),
        ("* 22-4 * * *", "2026-11-24T23:00", "2026-11-24T05:00"),
        ("* * * * 1-5", "2026-11-24T12:00", "2026-11-28T12:00"),
        ("* * * * 0,6", "2026-11-29T12:00", "2026-11-24T12:00"),
        ("* * * * 7", "2026-11-29T12:00", "2026-11-28T12:00"),
        ("* * * * mon-fri", "2026-11-24T12:00", "2026-11-28T12:00"),
        ("* * * jan,nov *", "2026-11-24T12:00", "2026-12-24T12:00"),
        ("* * 13 * 5", "2026-11-13T12:00", "2026-12-13T12:00"),
        ("* * L * *", "2026-11-30T12:00", "2026-11-29T12:00"),
        ("* * * * 1#1", "2026-12-07T12:00", "2026-12-14T12:00"),
        ("* * * * 5L", "2026-11-27T12:00", "2026-11-20T12:00"),
        ("30-59/10 */6 * * *", "2026-11-24T18:40", "2026-11-24T18:41"),
    ],
)
def test_entries_open_and_close(entry: str, open_at: str, closed_at: str) -> None:
    """Each entry is open at the first moment and closed at the second."""
    assert is_valid(entry)
    assert is_open([entry], None, _at(open_at))
    assert not is_open([entry], None, _at(closed_at))


def test_day_of_month_and_day_of_week_both_count() -> None:
    """Unlike in cron, Friday the 13th is one day: what is only a Friday or only a 13th stays closed."""
    assert not is_open(["* * 13 * 5"], None, _at("2026-11-20T12:00"))


@pytest.mark.parametrize("entries", [[], ["at any time"], ["before 5am", "on tuesday"], ["every day"]])
def test_one_open_entry_suffices(entries: list[str]) -> None:
    """No entry at all is always open."""
    assert is_open(entries, None, _TUESDAY_NOON)


@pytest.mark.parametrize(
    "entry",
    [
        *("", "now and then", "5am", "after 25pm", "before 5:99", "on the 32nd day of the month", "every 13 months"),
        *("* * * *", "60 * * * *", "* * * * 8", "* * 0 * *", "* */0 * * *", "* a-b * * *", "* * * * 1#x"),
    ],
)
def test_what_is_not_understood_counts_as_open(entry: str) -> None:
    """A schedule that cannot be understood holds nothing back, and validation names it."""
    assert not is_valid(entry)
    assert is_open([entry], None, _TUESDAY_NOON)


@given(
    st.lists(st.sampled_from(["*", "0-3", "5", "*/4", "8,20-22"]), min_size=1, max_size=1),
    st.sampled_from([("*", "*"), ("1", "*"), ("*", "1-5"), ("1-7", "*"), ("*", "0,6")]),
    st.sampled_from(["*", "1", "*/3"]),
    st.integers(0, 60 * 24 * 400),
)
def test_cron_expressions_mean_what_they_mean_to_cron(
    hours: list[str], days: tuple[str, str], months: str, minutes: int
) -> None:
    """Where only one of the day fields is set, the expression matches just when cron would start a job."""
    expression = f"* {hours[0]} {days[0]} {months} {days[1]}"
    moment = _at("2026-01-01T00:00") + timedelta(minutes=minutes)
    cron = next(CronSim(expression, moment - timedelta(minutes=1)))

    assert (cron == moment) is is_open([expression], None, moment)
    assert (None if cron == moment else cron) == next_opening([expression], None, moment)


def test_time_zones_shift_schedules() -> None:
    """A schedule is read in its time zone; an unknown one is UTC."""
    half_past_four_in_berlin = _at("2026-11-24T03:30")

    assert is_open(["before 5am"], "Europe/Berlin", half_past_four_in_berlin)
    assert not is_open(["before 5am"], "Asia/Tokyo", half_past_four_in_berlin)
    assert is_open(["before 5am"], "Mars/Olympus", half_past_four_in_berlin)


def test_a_schedule_opens_at_its_next_moment() -> None:
    """The next opening is the earliest of all entries, in UTC."""
    entries = ["every weekend", "before 5am on thursday"]

    assert _at("2026-11-25T23:00") == next_opening(entries, "Europe/Berlin", _TUESDAY_NOON)


@pytest.mark.parametrize("entries", [[], ["at any time"], ["on tuesday"], ["* * 31 2 *"]])
def test_what_is_open_or_never_opens_has_no_next_opening(entries: list[str]) -> None:
    """30 and 31 February do not come."""
    assert next_opening(entries, None, _TUESDAY_NOON) is None


def test_leap_days_are_found_years_ahead() -> None:
    """29 February is looked for through the years."""
    assert _at("2028-02-29T00:00") == next_opening(["* * 29 2 *"], None, _TUESDAY_NOON)


def test_the_hour_that_spring_skips_opens_at_its_next_day() -> None:
    """At 2:30 on 29 March 2026 there is no 2:30 in Berlin."""
    now = datetime(2026, 3, 29, 0, 0, tzinfo=_BERLIN)

    assert datetime(2026, 3, 30, 2, 30, tzinfo=_BERLIN) == next_opening(["30 2 * * *"], "Europe/Berlin", now)


def test_a_window_cut_by_spring_opens_at_its_first_minute_that_exists() -> None:
    """A window from 2 to 4 opens at 3 on the day that has no hour from 2 to 3."""
    now = datetime(2026, 3, 29, 0, 0, tzinfo=_BERLIN)

    assert datetime(2026, 3, 29, 3, 0, tzinfo=_BERLIN) == next_opening(["* 2-3 * * *"], "Europe/Berlin", now)


def test_the_hour_that_autumn_repeats_is_open_twice() -> None:
    """Both times that clocks in Berlin show 2:30 on 25 October 2026 are within the window."""
    first, second = _at("2026-10-25T00:30"), _at("2026-10-25T01:30")

    assert is_open(["* 2 * * *"], "Europe/Berlin", first)
    assert is_open(["* 2 * * *"], "Europe/Berlin", second)
    assert second == next_opening(["30 2 * * *"], "Europe/Berlin", first + timedelta(minutes=1))


@given(
    st.sampled_from(
        ["before 5am", "* 2 * * *", "30 2 * * 0", "every weekend", "after 10pm on the last day of the month"]
    ),
    st.sampled_from(["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", None]),
    st.integers(0, 366 * 24 * 60),
)
def test_what_opens_next_is_open_and_was_closed(entry: str, timezone: str | None, minutes: int) -> None:
    """The next opening lies ahead, is open, and the minute before it is not."""
    now = _at("2026-01-01T00:00") + timedelta(minutes=minutes)
    opening = next_opening([entry], timezone, now)

    if opening is None:
        assert is_open([entry], timezone, now)
    else:
        assert opening > now
        assert is_open([entry], timezone, opening)
        assert not is_open([entry], timezone, opening - timedelta(minutes=1))
