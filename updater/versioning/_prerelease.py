"""What people write behind the numbers of a version: words for what comes before a release, and counts."""

import re

RANKS = {
    "canary": 0, "dev": 0, "edge": 0, "next": 0, "nightly": 0, "snapshot": 0,
    "a": 1, "alpha": 1,
    "b": 2, "beta": 2,
    "ea": 3, "eap": 3, "m": 3, "milestone": 3, "pre": 3, "preview": 3,
    "c": 4, "cr": 4, "rc": 4,
}  # fmt: skip
"""The words and letters that make a prerelease, from the earliest to the latest."""

WORDS = frozenset(word for word in RANKS if len(word) > 1)
"""Those that speak for themselves; a letter does only directly between numbers (``1.0b2``)."""

_TOKEN = re.compile(r"([0-9]+)|([A-Za-z]+)")


def natural(text: str) -> tuple[tuple[int, int, str], ...]:
    """A sort key for people: ``rc9`` before ``rc10``, whatever stands between words and numbers."""
    return tuple((0, int(number), "") if number else (1, 0, word.lower()) for number, word in _TOKEN.findall(text))


def words(text: str) -> frozenset[str]:
    """The words in ``text``, in lower case."""
    return frozenset(word.lower() for _, word in _TOKEN.findall(text) if word)
