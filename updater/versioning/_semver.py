"""The precedence of Semantic Versioning (https://semver.org/#spec-item-11), as keys that Python can compare.

A key is ``(numbers, maturity)``. The maturity of a release is ``(1,)``; that of a prerelease is ``(0, …)`` with one
element per identifier, so that it sorts before the release, numbers sort before words, and fewer before more.
"""

from updater.versioning._scheme import Version

Identifier = tuple[int, int, str]
Maturity = tuple[int | Identifier, ...]
Key = tuple[tuple[int, ...], Maturity]

IDENTIFIERS = r"[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*"
"""The pattern of a prerelease or of build metadata."""

RELEASE: Maturity = (1,)
FIRST: Maturity = (0,)
"""Before every prerelease of the same numbers."""


def maturity_of(prerelease: str | None) -> Maturity:
    """The second half of a key: of the identifiers of a prerelease, or of a release."""
    return (0, *map(_identifier, prerelease.split("."))) if prerelease else RELEASE


def just_after(key: Key) -> Key:
    """The least key above ``key``: the end of a range that includes it."""
    numbers, maturity = key
    return numbers, (*maturity, (-1, 0, ""))


def padded(numbers: tuple[int, ...]) -> tuple[int, ...]:
    """At least major, minor and patch."""
    return numbers + (0,) * (3 - len(numbers))


def version(numbers: str, prerelease: str | None) -> Version:
    """The version with the dotted ``numbers``; parts that are missing are zero."""
    parts = tuple(map(int, numbers.split(".")))
    return Version((padded(parts), maturity_of(prerelease)), parts, stable=not prerelease)


def _identifier(text: str) -> Identifier:
    return (0, int(text), "") if text.isdecimal() else (1, 0, text)
