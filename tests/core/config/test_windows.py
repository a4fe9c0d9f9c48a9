"""Windows of environments, as the schedules that say the same."""

from datetime import UTC, datetime

import pytest

from updater.config.schedule import is_open, is_valid
from updater.config.windows import read_windows

MONDAY = datetime(2026, 11, 23, tzinfo=UTC)


def is_in(windows: str, moment: datetime) -> bool:
    read = read_windows([windows])
    assert all(is_valid(entry) for entry in read.schedule)
    return is_open(read.schedule, read.timezone, moment)


@pytest.mark.parametrize(
    ("window", "day", "clock", "open_then"),
    [
        ("Mon-Thu 09:00-16:00", 23, (9, 0), True),
        ("Mon-Thu 09:00-16:00", 23, (8, 59), False),
        ("Mon-Thu 09:00-16:00", 23, (15, 59), True),
        ("Mon-Thu 09:00-16:00", 23, (16, 0), False),
        ("Mon-Thu 09:00-16:00", 27, (10, 0), False),
        ("Mon,Fri 09:30-16:15", 27, (9, 29), False),
        ("Mon,Fri 09:30-16:15", 27, (9, 30), True),
        ("Mon,Fri 09:30-16:15", 27, (12, 0), True),
        ("Mon,Fri 09:30-16:15", 27, (16, 14), True),
        ("Mon,Fri 09:30-16:15", 27, (16, 15), False),
        ("Fri-Mon", 28, (3, 0), True),
        ("Fri-Mon", 25, (3, 0), False),
        ("22:00-24:00", 23, (23, 59), True),
        ("09:10-09:20", 23, (9, 15), True),
        ("09:10-09:20", 23, (9, 20), False),
        ("09:10-09:20", 23, (8, 15), False),
    ],
)
def test_what_a_window_leaves_open(window: str, day: int, clock: tuple[int, int], *, open_then: bool) -> None:
    """A window is open from its first minute until before its last, on its days."""
    assert is_in(window, MONDAY.replace(day=day, hour=clock[0], minute=clock[1])) is open_then


def test_over_midnight() -> None:
    """A window over midnight ends on the next day, also where that is none of its days."""
    assert is_in("Fri 22:00-02:00", MONDAY.replace(day=27, hour=23))
    assert is_in("Fri 22:00-02:00", MONDAY.replace(day=28, hour=1))
    assert not is_in("Fri 22:00-02:00", MONDAY.replace(day=27, hour=1))


def test_in_its_time_zone() -> None:
    """Nine in the morning in Berlin is eight in UTC, in winter."""
    assert is_in("Mon-Thu 09:00-16:00 Europe/Berlin", MONDAY.replace(hour=8))
    assert not is_in("Mon-Thu 09:00-16:00 Europe/Berlin", MONDAY.replace(hour=15))


@pytest.mark.parametrize("window", ["sometimes", "Mon-Foo", "25:00-26:00", "09:60-10:00", "09:00-09:00"])
def test_what_cannot_be_read(window: str) -> None:
    """What is no window is refused, with the text that is not."""
    with pytest.raises(ValueError, match=window.split("-", maxsplit=1)[0]):
        read_windows([window])


def test_one_time_zone() -> None:
    """A schedule has one time zone."""
    with pytest.raises(ValueError, match="same time zone"):
        read_windows(["Mon Europe/Berlin", "Tue Asia/Tokyo"])
