"""Foreign JSON, taken apart without trust: what has the wrong shape raises ``InvalidAnswer``."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from updater.api import InvalidAnswer


def mapping(value: object, *, url: str, what: str) -> Mapping[str, object]:
    """``value`` as an object of JSON."""
    if not isinstance(value, dict):
        raise InvalidAnswer(f"{url} answered without {what}", url=url)
    return value


def items(value: object, *, url: str, what: str) -> Sequence[object]:
    """``value`` as an array of JSON."""
    if not isinstance(value, list):
        raise InvalidAnswer(f"{url} answered without {what}", url=url)
    return value


def text(value: object, *, url: str, what: str) -> str:
    """``value`` as a string that is not empty."""
    if not isinstance(value, str) or not value:
        raise InvalidAnswer(f"{url} answered without {what}", url=url)
    return value


def text_or_none(value: object) -> str | None:
    """``value`` as a string that is not empty; None for anything else, where nothing depends on it."""
    return value if isinstance(value, str) and value else None


def moment(value: object) -> datetime | None:
    """A time in ISO 8601, or milliseconds since 1970, in UTC; None if it is missing, unreadable or before 1970.

    A date is evidence for a release's age and never worth failing for. Tools in Go write the year 1 for "unknown".
    """
    if not isinstance(value, str):
        return None
    try:
        when = datetime.fromtimestamp(int(value) / 1_000, UTC) if value.isdecimal() else datetime.fromisoformat(value)
    except (ValueError, OverflowError, OSError):
        return None
    if when.year < 1970:  # also keeps astimezone away from the edge of the calendar
        return None
    return when.replace(tzinfo=when.tzinfo or UTC).astimezone(UTC)
