"""Lengths of time."""

from datetime import timedelta

import pytest

from updater.config.durations import format_duration, parse_duration


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("3 days", timedelta(days=3)),
        ("1 day", timedelta(days=1)),
        ("2 weeks", timedelta(weeks=2)),
        ("12h", timedelta(hours=12)),
        ("1.5 hours", timedelta(minutes=90)),
        ("30 minutes", timedelta(minutes=30)),
        ("1 week 2 days", timedelta(days=9)),
        ("1 day, 2 hours and 3 minutes", timedelta(days=1, hours=2, minutes=3)),
        ("1 month", timedelta(days=30)),
        ("1y", timedelta(days=365)),
        (" 90 S ", timedelta(seconds=90)),
        ("0 days", timedelta()),
    ],
)
def test_lengths_of_time_are_read_as_people_write_them(text: str, expected: timedelta) -> None:
    """Units may be long or short, and several parts add up."""
    assert expected == parse_duration(text)


@pytest.mark.parametrize("text", ["", "three days", "3", "3 dayz", "-1 day", "3 days later", "9" * 9 + " years"])
def test_what_is_no_length_of_time_is_an_error(text: str) -> None:
    """Nothing is guessed."""
    with pytest.raises(ValueError, match=r"unit|length|long"):
        parse_duration(text)


@pytest.mark.parametrize("text", ["3 days", "1 day", "36 hours", "5 minutes", "90 seconds"])
def test_lengths_of_time_are_shown_in_their_largest_whole_unit(text: str) -> None:
    """What is shown reads back as the same."""
    assert text == format_duration(parse_duration(text))
