"""Whether a version belongs to the same numbering as another, or to one that the publisher has left or tried once.

Registries keep such tags for ever: ``20.04.1`` beside ``5.2.3``, ``20211201`` beside ``14``. They would win every
comparison.
"""

import re
from collections.abc import Iterable, Sequence

_MONTH, _DAY = "(?:0[1-9]|1[0-2])", "(?:0[1-9]|[12][0-9]|3[01])"
_DATE = re.compile(rf"(?:19|20)[0-9]{{2}}(?:{_MONTH}(?:{_DAY}[0-9]*)?)?")


def is_date(digits: str) -> bool:
    """Whether the digits can be a year, a month (``202401``), a day, or a moment of a day (``20240131`` and longer)."""
    return _DATE.fullmatch(digits) is not None


def same_numbering(new: Sequence[str], old: Sequence[str]) -> bool:
    """Whether version numbers, as written, plausibly continue the old ones: same kind of date, same zero padding."""
    if not (new and old):
        return True
    return _same_calendar(new[0], old[0]) and (not (_padded(new) or _padded(old)) or _same_padding(new, old))


def _same_calendar(new: str, old: str) -> bool:
    if is_date(new):
        return len(new) == len(old)
    return len(old) < len("20240131") or not is_date(old)


def _same_padding(new: Sequence[str], old: Sequence[str]) -> bool:
    """Padded parts keep their width; where padding begins newly, the first number must look alike."""
    if not _padded(old) and len(new[0]) != len(old[0]):
        return False
    return all(len(a) == len(b) for a, b in zip(new, old, strict=False) if _padded((a, b)))


def _padded(digits: Iterable[str]) -> bool:
    return any(len(part) > 1 and part[0] == "0" for part in digits)
