"""When new updates may be proposed: cron expressions and the common English phrases of ``schedule``.

A cron expression has the usual five fields and is open in every minute it matches; day of month and day of week must
both match. Phrases say a part of the day (``before 5am``, ``after 10pm and before 6am``), days (``every weekday``,
``on monday and tuesday``, ``every weekend``), dates (``on the first day of the month``), months (``in january``,
``every 3 months``) and weeks (``every 2 weeks``), in any combination. An entry that is neither is always open.
``monthly`` alone is before 5 on the first day of the month, as in https://docs.renovatebot.com/key-concepts/scheduling/.
"""

import calendar
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache, lru_cache
from zoneinfo import ZoneInfo

_DAY = 24 * 60
_HORIZON = 1_500
"""How many days ahead an opening is looked for: enough for 29 February."""
_LAST = -1

_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MONTHS = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class _Window:
    """The minutes that one entry leaves open; ``minutes`` has one byte for each minute of a day.

    ``weekdays`` (Monday is 0) are pairs with the week of the month: 0 for every week, -1 for the last.
    """

    minutes: bytes = b"\1" * _DAY
    dates: frozenset[int] = frozenset(range(1, 32))
    months: frozenset[int] = frozenset(range(1, 13))
    weekdays: frozenset[tuple[int, int]] = frozenset((day, 0) for day in range(7))
    weeks: int = 1

    def opens_on(self, day: date) -> bool:
        return (
            day.month in self.months
            and self._has_date(day)
            and self._has_weekday(day)
            and (day.isocalendar().week - 1) % self.weeks == 0
        )

    def _has_date(self, day: date) -> bool:
        return day.day in self.dates or (_LAST in self.dates and day.day == _days_in_month(day))

    def _has_weekday(self, day: date) -> bool:
        weekday, week = day.weekday(), (day.day - 1) // 7 + 1
        is_last = day.day + 7 > _days_in_month(day)
        return any((weekday, which) in self.weekdays for which in (0, week, *([_LAST] if is_last else [])))


def _days_in_month(day: date) -> int:
    return calendar.monthrange(day.year, day.month)[1]


def is_valid(entry: str) -> bool:
    """Whether ``entry`` is a cron expression or a phrase that is understood."""
    return _window(entry) is not None


def is_known_timezone(name: str) -> bool:
    """Whether ``name`` is in the time zone database."""
    return _zone(name) is not None


def is_open(entries: Sequence[str], timezone: str | None, now: datetime) -> bool:
    """Whether any entry is open at ``now``, in ``timezone`` (UTC if None or unknown). No entries: always open."""
    if not entries:
        return True
    local = now.astimezone(_zone(timezone or "UTC") or UTC)
    windows = [_window(entry) for entry in entries]
    return any(window is None or _contains(window, local) for window in windows)


def next_opening(entries: Sequence[str], timezone: str | None, now: datetime) -> datetime | None:
    """When a schedule that is closed at ``now`` opens, in UTC; None if it is open now or does not open for years."""
    if is_open(entries, timezone, now):
        return None
    zone = _zone(timezone or "UTC")
    found = (_opening(window, zone, now) for window in map(_window, entries) if window is not None)
    return min((moment for moment in found if moment is not None), default=None)


def _contains(window: _Window, local: datetime) -> bool:
    return bool(window.minutes[local.hour * 60 + local.minute]) and window.opens_on(local.date())


def _opening(window: _Window, zone: ZoneInfo | None, now: datetime) -> datetime | None:
    today = now.astimezone(zone or UTC).date()
    for ahead in range(_HORIZON):
        day = today + timedelta(days=ahead)
        if window.opens_on(day) and (moment := _opening_on(day, window, zone, now)):
            return moment
    return None


def _opening_on(day: date, window: _Window, zone: ZoneInfo | None, now: datetime) -> datetime | None:
    minute = window.minutes.find(1)
    while minute >= 0:
        if moment := _moment(day, minute, zone, now):
            return moment
        minute = window.minutes.find(1, minute + 1)
    return None


def _moment(day: date, minute: int, zone: ZoneInfo | None, now: datetime) -> datetime | None:
    """The first moment after ``now`` at which clocks show this; none in the hour that daylight saving skips."""
    for fold in (0, 1):
        local = datetime(day.year, day.month, day.day, minute // 60, minute % 60, tzinfo=zone or UTC, fold=fold)
        moment = local.astimezone(UTC)
        if moment > now and moment.astimezone(zone or UTC).replace(tzinfo=None) == local.replace(tzinfo=None):
            return moment
    return None


@cache
def _zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name)
    except (KeyError, OSError, ValueError):
        return None


_WHOLE = dict.fromkeys(("monthly", "every month"), "before 5am on the first day of the month")
"""What entries mean that consist of nothing else."""


def is_rarely_open(entry: str) -> bool:
    """Whether ``entry`` is a cron expression for single minutes, which a run that comes now and then will miss."""
    fields = entry.split()
    return len(fields) == 5 and re.fullmatch(r"[0-9,]+", fields[0]) is not None


@lru_cache(maxsize=512)
def _window(entry: str) -> _Window | None:
    text = " ".join(entry.lower().split())
    text = _WHOLE.get(text, text)
    try:
        return _cron(text.split(" ")) if text[:1] in "*0123456789" and text.count(" ") == 4 else _phrase(text)
    except ValueError:
        return None


# ---------------------------------------------------------------- cron


def _cron(fields: list[str]) -> _Window:
    minutes, hours = _numbers(fields[0], range(60)), _numbers(fields[1], range(24))
    return _Window(
        minutes=bytes(minute % 60 in minutes and minute // 60 in hours for minute in range(_DAY)),
        dates=frozenset().union(*map(_cron_dates, fields[2].split(","))),
        months=_numbers(fields[3], range(1, 13), _MONTHS),
        weekdays=frozenset().union(*map(_cron_weekdays, fields[4].split(","))),
    )


def _cron_dates(term: str) -> frozenset[int]:
    return frozenset({_LAST}) if term == "l" else _numbers(term, range(1, 32))


def _cron_weekdays(term: str) -> frozenset[tuple[int, int]]:
    """Cron counts from Sunday, which is both 0 and 7; ``1#2`` is the second Monday, ``1l`` the last."""
    term, _, nth = term.partition("#")
    week = int(nth) if nth else 0
    if term.endswith("l") and not nth:
        term, week = term[:-1], _LAST
    days = _numbers(term, range(8), ("sunday", *_DAYS), first=0)
    return frozenset(((day - 1) % 7, week) for day in days)


def _numbers(field: str, bounds: range, names: tuple[str, ...] = (), *, first: int = 1) -> frozenset[int]:
    return frozenset().union(*(_term(term, bounds, names, first) for term in field.split(",")))


def _term(term: str, bounds: range, names: tuple[str, ...], first: int) -> set[int]:
    span, slash, step = term.partition("/")
    start, dash, end = span.partition("-")
    if span == "*":
        low, high = bounds[0], bounds[-1]
    else:
        low = _number(start, bounds, names, first)
        high = _number(end, bounds, names, first) if dash else (bounds[-1] if slash else low)
    numbers = list(range(low, high + 1)) if low <= high else [*range(low, bounds[-1] + 1), *range(bounds[0], high + 1)]
    return set(numbers[:: int(step)] if slash else numbers)


def _number(text: str, bounds: range, names: tuple[str, ...], first: int) -> int:
    for index, name in enumerate(names, first):
        if text in (name, name[:3]):
            return index
    if not text.isdecimal() or int(text) not in bounds:
        raise ValueError(text)
    return int(text)


# ---------------------------------------------------------------- phrases


_TIME = r"[0-9]{1,2}(?::[0-9]{2})? ?(?:am|pm)?"
_AND = r"(?:, and |, | and | or | through |-)"
_WEEKDAY = rf"(?:{'|'.join(_DAYS)}|{'|'.join(day[:3] for day in _DAYS)})s?"
_MONTH = rf"(?:{'|'.join(_MONTHS)}|{'|'.join(month[:3] for month in _MONTHS)})"
_ORDINAL = r"(?:first|last|[0-9]{1,2}(?:st|nd|rd|th))"
_PHRASE = (
    r"(?:(?P<any>(?:at )?any ?time|every day|daily|every month|every week)"
    rf"|between (?P<from>{_TIME}) and (?P<until>{_TIME})"
    rf"|after (?P<after>{_TIME})"
    rf"|before (?P<before>{_TIME})"
    r"|(?:every|on) (?P<weekdays>weekday)s?"
    r"|(?:every|on)(?: the)? (?P<weekends>weekend)s?"
    rf"|(?:every |on )(?P<days>{_WEEKDAY}(?:{_AND}{_WEEKDAY})*)"
    rf"|on the (?P<dates>{_ORDINAL}(?:{_AND}{_ORDINAL})*) days? of (?:the|every|each) month"
    rf"|on the (?P<instances>{_ORDINAL}(?:{_AND}{_ORDINAL})*) day instances?"
    r"|every (?P<months>[0-9]{1,2}) months?"
    r"|every (?P<quarter>quarter)"
    r"|every (?P<weeks>[0-9]{1,2}) weeks?"
    rf"|(?:in|of|every) (?P<named_months>{_MONTH}(?:{_AND}{_MONTH})*))(?![a-z0-9])"
)


def _phrase(text: str) -> _Window:
    said: dict[str, str] = {}
    while text:
        match = re.match(_PHRASE, text)  # compiled when the first phrase comes: it costs more than all cron entries
        if match is None:
            raise ValueError(text)
        said |= {name: value for name, value in match.groupdict().items() if value is not None}
        text = re.sub(r"^(?: and |, |,| )", "", text[match.end() :])
    if not said:
        raise ValueError("says nothing")
    return _Window(
        minutes=_minutes(said.get("after") or said.get("from"), said.get("before") or said.get("until")),
        dates=_dates(said.get("dates")),
        months=_months(said),
        weekdays=_weekdays(said),
        weeks=max(1, int(said.get("weeks", 1))),
    )


def _minutes(after: str | None, before: str | None) -> bytes:
    start, end = _minute(after, 0), _minute(before, _DAY)
    overnight = start >= end
    return bytes((minute >= start or minute < end) if overnight else start <= minute < end for minute in range(_DAY))


def _minute(text: str | None, default: int) -> int:
    if text is None:
        return default
    match = re.fullmatch(r"([0-9]+)(?::([0-9]+))? ?(am|pm)?", text)
    if match is None:
        raise ValueError(text)
    hour, minute = int(match[1]), int(match[2] or 0)
    if hour > (12 if match[3] else 24) or minute > 59:
        raise ValueError(text)
    if match[3]:
        hour = hour % 12 + (12 if match[3] == "pm" else 0)
    return hour * 60 + minute


def _weekdays(said: dict[str, str]) -> frozenset[tuple[int, int]]:
    if "weekdays" in said:
        days = set(range(5))
    elif "weekends" in said:
        days = {5, 6}
    elif "days" in said:
        days = _listed(re.sub(rf"\b({_WEEKDAY})\b", lambda match: _day(match[1]), said["days"]), _DAYS, 0)
    else:
        days = set(range(7))
    weeks = _ordinals(said["instances"]) if "instances" in said else {0}
    return frozenset((day, week) for day in days for week in weeks)


def _day(text: str) -> str:
    """A day of the week in full: ``mon``, ``mondays``."""
    return next(day for day in _DAYS if day.startswith(text[:3]))


def _months(said: dict[str, str]) -> frozenset[int]:
    every = 3 if "quarter" in said else int(said.get("months", 1))
    if not 1 <= every <= 12:
        raise ValueError("months")
    in_full = re.sub(_MONTH, lambda match: _month(match[0]), said.get("named_months", ""))
    named = _listed(in_full, _MONTHS, 1) if in_full else set(range(1, 13))
    return frozenset(month for month in named if (month - 1) % every == 0)


def _month(text: str) -> str:
    """A month in full: ``jan``."""
    return next(month for month in _MONTHS if month.startswith(text[:3]))


def _dates(text: str | None) -> frozenset[int]:
    return frozenset(range(1, 32) if text is None else _ordinals(text))


def _ordinals(text: str) -> set[int]:
    """The numbers in ``first``, ``1st through 7th``, ``last``."""
    numbers = re.sub(r"(?<=[0-9])(?:st|nd|rd|th)", "", text).replace("first", "1").replace("last", str(_LAST))
    return _listed(numbers, tuple(str(number) for number in range(_LAST, 32)), _LAST)


def _listed(text: str, names: tuple[str, ...], first: int) -> set[int]:
    """The numbers of the names in a list such as ``monday, wednesday through friday``."""
    numbers: set[int] = set()
    for part in re.split(r"(?:, and |, | and | or )", text):
        start, *rest = (names.index(name) + first for name in re.split(r" through |(?<=[a-z0-9])-", part))
        end = rest[0] if rest else start
        count = (end - start) % len(names) + 1
        numbers |= {(start - first + step) % len(names) + first for step in range(count)}
    return numbers
