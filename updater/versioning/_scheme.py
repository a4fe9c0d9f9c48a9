"""What the schemes have in common: a version that was read, and a scheme without ranges made of a reading function."""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

from updater import versioning
from updater.versioning._plausible import same_numbering

MAX_LENGTH = 256
"""Nothing longer is a version; it also bounds the work that hostile text can cause."""
_REMEMBERED = 2_048
"""How many texts a scheme remembers; whoever reads a whole list keeps what it needs (:meth:`Scheme.single`)."""
_ONLY_IN_RANGES = re.compile(r"[<>=^~*|]|\.[xX](?![0-9A-Za-z])")


class Version(NamedTuple):
    """What a scheme reads out of the text of a version; a named tuple, because registries list thousands.

    ``key`` orders it, ``numbers`` are its numeric parts. Versions of different ``family`` do not follow each other,
    nor may ``floor`` go down. ``written`` are the numbers as written, where their form (dates, zero padding) tells one
    numbering from another; empty where it does not. ``counted`` says that the first number counts commits or the like,
    so that it may be any number higher than the one before.
    """

    key: tuple[object, ...]
    numbers: tuple[int, ...]
    stable: bool = True
    family: tuple[object, ...] = ()
    floor: tuple[object, ...] = ()
    written: str = ""
    counted: bool = False

    @property
    def components(self) -> tuple[int, int, int]:
        """Major, minor and patch, zero where absent."""
        major, minor, patch, *_ = (*self.numbers, 0, 0, 0)
        return major, minor, patch


class Scheme:
    """A versioning in which each value is one version; ``read`` returns None for what is none.

    It has no ranges of its own. For ``allowedVersions``, :meth:`matches` understands those of npm, applied to major,
    minor and patch.
    """

    def __init__(self, name: str, read: Callable[[str], Version | None]) -> None:
        self.NAME = name
        self._read_anew = read
        self._remembered = lru_cache(maxsize=_REMEMBERED)(read)

    def is_valid(self, value: str, /) -> bool:
        """Whether ``value`` is a version."""
        return self._read(value) is not None

    def is_single(self, value: str, /) -> bool:
        """Whether ``value`` is a version."""
        return self._read(value) is not None

    def is_stable(self, version: str, /) -> bool:
        """Whether ``version`` is a version, and not a prerelease."""
        found = self._read(version)
        return found is not None and found.stable

    def is_compatible(self, version: str, current: str, /) -> bool:
        """Whether ``version`` is of the family and numbering of ``current``."""
        found, before = self._read(version), self._read(current)
        return found is not None and before is not None and _may_follow(found, before)

    def key(self, version: str, /) -> tuple[object, ...]:
        """A sort key, comparable among compatible versions. Raises ``ValueError`` for what is no version."""
        return self._require(version).key

    def components(self, version: str, /) -> tuple[int, int, int]:
        """Major, minor and patch, zero where absent. Raises ``ValueError`` for what is no version."""
        return self._require(version).components

    def matches(self, version: str, range_: str, /) -> bool:
        """Whether ``version`` equals ``range_`` or lies in it."""
        found = self._read(version)
        return found is not None and self.admits(range_, found)

    def new_value(
        self, current_value: str, _current_version: str | None, new_version: str, _range_strategy: str, /
    ) -> str | None:
        """``new_version`` as the registry writes it: only that exists."""
        changes = self.is_valid(current_value) and self.is_valid(new_version) and new_version != current_value
        return new_version if changes else None

    # ------------------------------------------------------------ what was read, for the core

    def read(self, text: str, /) -> Version | None:
        """The version that ``text`` names, or None."""
        return self._read(text)

    def single(self, text: str, /) -> Version | None:
        """The version that ``text`` names if it is exactly one (:meth:`is_single`); not remembered."""
        return self._read_anew(text) if len(text) <= MAX_LENGTH else None

    def admits(self, range_: str, version: Version, /) -> bool:
        """Whether a version that was read equals ``range_`` or lies in it."""
        other = self._read(range_)
        if other is not None and (version.family, version.key) == (other.family, other.key):
            return True
        is_range = bool(version.numbers) and _ONLY_IN_RANGES.search(range_) is not None
        return is_range and versioning.get("npm").matches("{}.{}.{}".format(*version.components), range_)

    def _read(self, version: str) -> Version | None:
        return self._remembered(version) if len(version) <= MAX_LENGTH else None

    def _require(self, version: str) -> Version:
        found = self._read(version)
        if found is None:
            raise ValueError(f"{version[:MAX_LENGTH]!r} is no {self.NAME} version")
        return found


def _may_follow(found: Version, before: Version) -> bool:
    if found.family != before.family or found.floor < before.floor:
        return False
    return same_numbering(found.written, before.written)
