"""When an environment may be changed: ``Mon-Thu 09:00-16:00 Europe/Berlin``, as the schedules that say the same."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from updater.config.schedule import is_known_timezone

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_TIMES = re.compile(r"(\d{1,2}):(\d\d)-(\d{1,2}):(\d\d)")
_DAY = 24 * 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Windows:
    """Cron expressions, one of which is open whenever a window is, and the time zone in which they are meant."""

    schedule: tuple[str, ...]
    timezone: str | None


def read_windows(written: Sequence[str]) -> Windows:
    """What the windows mean. Each part (days, hours, time zone) may be missing. Raises ``ValueError``."""
    entries: list[str] = []
    zones: set[str | None] = set()
    for text in written:
        days, start, end, zone = _parts(text)
        entries += _entries(days, start, end)
        zones.add(zone)
    if len(zones) > 1:
        raise ValueError("all windows of an environment have to be in the same time zone")
    return Windows(schedule=tuple(dict.fromkeys(entries)), timezone=next(iter(zones), None))


def _parts(text: str) -> tuple[list[int], int, int, str | None]:
    days, start, end, zone = list(range(7)), 0, _DAY, None
    for word in text.split():
        if (times := _TIMES.fullmatch(word)) is not None:
            start, end = _minute(times[1], times[2], text), _minute(times[3], times[4], text)
        elif word[:3].lower() in _DAYS:
            days = [day for part in word.split(",") for day in _days(part, text)]
        elif is_known_timezone(word):
            zone = word
        else:
            raise ValueError(f"{text!r} is no window such as “Mon-Thu 09:00-16:00 Europe/Berlin”: {word!r}")
    if start == end:
        raise ValueError(f"{text!r} is a window without length")
    return days, start, end, zone


def _days(part: str, text: str) -> list[int]:
    names = [name[:3].lower() for name in part.split("-")]
    if not 1 <= len(names) <= 2 or not set(names) <= set(_DAYS):
        raise ValueError(f"{text!r} names days that there are not: {part!r}")
    first, last = _DAYS.index(names[0]), _DAYS.index(names[-1])
    return [(first + step) % 7 for step in range((last - first) % 7 + 1)]


def _minute(hour: str, minute: str, text: str) -> int:
    found = int(hour) * 60 + int(minute)
    if int(minute) > 59 or found > _DAY:
        raise ValueError(f"{text!r} names a time that no clock shows: {hour}:{minute}")
    return found


def _entries(days: Sequence[int], start: int, end: int) -> Iterator[str]:
    """Cron expressions for the minutes from ``start`` to before ``end``; a window over midnight is two."""
    if start > end:
        yield from _entries(days, start, _DAY)
        if end:
            yield from _entries([(day + 1) % 7 for day in days], 0, end)
        return
    on = ",".join(str((day + 1) % 7) for day in sorted(days))
    for hours, minutes in _hours(start, end):
        yield f"{minutes} {hours} * * {on}"


def _hours(start: int, end: int) -> Iterator[tuple[str, str]]:
    """The beginning of an hour, whole hours, and the end of one."""
    first, last = -(-start // 60), end // 60
    if first > last:
        yield str(last), f"{start % 60}-{end % 60 - 1}"
        return
    if start % 60:
        yield str(first - 1), f"{start % 60}-59"
    if first < last:
        yield f"{first}-{last - 1}", "*"
    if end % 60:
        yield str(last), f"0-{end % 60 - 1}"
