"""Fields of foreign JSON: what is missing, or of another type than promised, is absent, and never an error."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

Object = Mapping[str, object]
"""A decoded JSON object."""

_DURATION = re.compile(r"(?:(\d+(?:\.\d+)?)(h|ms|m|s|us|µs|ns))")
_SECONDS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "ns": 1e-9}


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreadable:
    """There is no state, and why: the object is not there, or may not be seen."""

    reason: str


def at(value: object, *keys: str) -> object:
    """What stands under the keys, one inside the other; None if one of them is missing."""
    for key in keys:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value


def text(value: object, *keys: str) -> str | None:
    """The text there, if it is one and not empty."""
    found = at(value, *keys)
    return found if isinstance(found, str) and found else None


def number(value: object, *keys: str) -> int | None:
    """The whole number there."""
    found = at(value, *keys)
    return found if isinstance(found, int) and not isinstance(found, bool) else None


def is_true(value: object, *keys: str) -> bool:
    """Whether ``true`` stands there."""
    return at(value, *keys) is True


def objects(value: object, *keys: str) -> tuple[Object, ...]:
    """The objects in the list there."""
    found = at(value, *keys)
    return tuple(item for item in found if isinstance(item, Mapping)) if isinstance(found, list) else ()


def texts(value: object, *keys: str) -> tuple[str, ...]:
    """The texts in the list there."""
    found = at(value, *keys)
    return tuple(item for item in found if isinstance(item, str)) if isinstance(found, list) else ()


def moment(value: object, *keys: str) -> datetime | None:
    """The time there, in UTC; None for what is no time with a zone."""
    found = text(value, *keys)
    try:
        parsed = datetime.fromisoformat(found) if found else None
    except ValueError:
        return None
    return parsed.astimezone(UTC) if parsed is not None and parsed.tzinfo is not None else None


def duration(value: object, *keys: str) -> timedelta | None:
    """The length of time there, as Go writes it (``1m3.5s``)."""
    parts = _DURATION.findall(text(value, *keys) or "")
    return timedelta(seconds=sum(float(count) * _SECONDS[unit] for count, unit in parts)) if parts else None


def scalars(value: object) -> Iterator[str]:
    """All texts and numbers in a value, at any depth."""
    pending = [value]
    while pending:
        item = pending.pop()
        if isinstance(item, Mapping):
            pending.extend(item.values())
        elif isinstance(item, list):
            pending.extend(item)
        elif isinstance(item, str | int | float) and not isinstance(item, bool):
            yield str(item)
