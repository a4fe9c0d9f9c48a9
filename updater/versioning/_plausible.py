"""Whether a version belongs to the same numbering as another, or to one that the publisher has left or tried once.

Registries keep such tags for ever: ``20.04.1`` beside ``5.2.3``, ``20211201`` beside ``14``. They would win every
comparison.
"""

import re
from collections.abc import Sequence

_MONTH, _DAY = "(?:0[1-9]|1[0-2])", "(?:0[1-9]|[12][0-9]|3[01])"
_DATE = re.compile(rf"(?:19|20)[0-9]{{2}}(?:{_MONTH}(?:{_DAY}[0-9]*)?)?")
_NUMBER = re.compile(r"[0-9]+")
_PADDED = re.compile(r"(?<![0-9])0[0-9]")


def is_date(digits: str) -> bool:
    """Whether the digits can be a year, a month (``202401``), a day, or a moment of a day (``20240131`` and longer)."""
    return _DATE.fullmatch(digits) is not None


def same_numbering(new: str, old: str) -> bool:
    """Whether numbers, as written, plausibly continue the old ones: the same kind of date, the same zero padding."""
    if not (new and old):
        return True
    numbers, before = _NUMBER.findall(new), _NUMBER.findall(old)
    is_padded, was_padded = _PADDED.search(new) is not None, _PADDED.search(old) is not None
    if is_padded and not was_padded and len(numbers[0]) != len(before[0]):
        return False
    return _same_calendar(numbers[0], before[0]) and (not (is_padded or was_padded) or _same_widths(numbers, before))


def _same_calendar(new: str, old: str) -> bool:
    if is_date(new):
        return len(new) == len(old)
    return len(old) < len("20240131") or not is_date(old)


def _same_widths(numbers: Sequence[str], before: Sequence[str]) -> bool:
    """Whether each number keeps the width to which one of the two is padded."""
    pairs = zip(numbers, before, strict=False)
    return all(len(new) == len(old) for new, old in pairs if _PADDED.match(new) or _PADDED.match(old))
