"""Does a number belong to the same numbering, or did the publisher (once) change from versions to dates?

Registries keep tags of abandoned numberings: ``20.04.1`` beside ``5.2.3``, ``2021.12`` beside ``1.4``. They would win
every comparison, for ever.
"""

import re
from collections.abc import Sequence

_MONTH, _DAY = "(?:0[1-9]|1[0-2])", "(?:0[1-9]|[12][0-9]|3[01])"
_DATE = re.compile(rf"(?:19|20)[0-9]{{2}}(?:{_MONTH}(?:{_DAY}[0-9]*)?)?")


def is_date(digits: str) -> bool:
    """Whether the digits can be a year, a month (``202401``), a day, or a moment of a day (``20240131`` and longer)."""
    return _DATE.fullmatch(digits) is not None


def same_numbering(new: Sequence[str], old: Sequence[str]) -> bool:
    """Whether version numbers, as written, plausibly continue the old ones: same kind of date, same zero padding."""
    return not (new and old) or (_same_calendar(new[0], old[0]) and _same_padding(new, old))


def _same_calendar(new: str, old: str) -> bool:
    if is_date(new):
        return len(new) == len(old)
    return not (is_date(old) and len(old) >= len("20240131"))


def _same_padding(new: Sequence[str], old: Sequence[str]) -> bool:
    """Parts padded to a width keep that width; padding that begins newly needs a first number that looks alike."""
    widths_differ = (len(a) != len(b) for a, b in zip(new, old, strict=False) if _is_padded(a) or _is_padded(b))
    begins_newly = any(map(_is_padded, new)) and not any(map(_is_padded, old))
    return not any(widths_differ) and not (begins_newly and len(new[0]) != len(old[0]))


def _is_padded(digits: str) -> bool:
    return len(digits) > 1 and digits.startswith("0")
