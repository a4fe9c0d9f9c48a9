"""Lengths of time as people write them: ``3 days``, ``12h``, ``1 week 2 days``."""

import re
from datetime import timedelta

_PART = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,9})?)\s*([a-z]+)(?:\s*,?\s*(?:and\s+)?|\Z)")
_UNITS = (
    (("ms", "msec", "msecs", "millisecond", "milliseconds"), timedelta(milliseconds=1)),
    (("s", "sec", "secs", "second", "seconds"), timedelta(seconds=1)),
    (("m", "min", "mins", "minute", "minutes"), timedelta(minutes=1)),
    (("h", "hr", "hrs", "hour", "hours"), timedelta(hours=1)),
    (("d", "day", "days"), timedelta(days=1)),
    (("w", "week", "weeks"), timedelta(weeks=1)),
    (("month", "months"), timedelta(days=30)),
    (("y", "yr", "yrs", "year", "years"), timedelta(days=365)),
)
_LENGTHS = {name: length for names, length in _UNITS for name in names}


def parse_duration(text: str) -> timedelta:
    """The length of time that ``text`` names; a month has 30 days, a year 365. Raises ``ValueError``."""
    rest, total = text.strip().lower(), timedelta()
    while match := _PART.match(rest):
        if match[2] not in _LENGTHS:
            raise ValueError(f"{match[2]!r} is no unit of time")
        try:
            total += float(match[1]) * _LENGTHS[match[2]]
        except OverflowError as error:
            raise ValueError(f"{text!r} is too long a time") from error
        rest = rest[match.end() :]
    if rest or not text.strip():
        raise ValueError(f'{text!r} is no length of time such as "3 days" or "12 hours"')
    return total


def format_duration(length: timedelta) -> str:
    """``length`` in the largest unit that fits a whole number of times: ``3 days``, ``36 hours``."""
    for name, unit in (("day", timedelta(days=1)), ("hour", timedelta(hours=1)), ("minute", timedelta(minutes=1))):
        count, rest = divmod(length, unit)
        if count and not rest:
            return f"{count} {name}" + ("s" if count != 1 else "")
    return f"{length.total_seconds():g} seconds"
