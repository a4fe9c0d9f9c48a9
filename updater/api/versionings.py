"""What a versioning is."""

from __future__ import annotations

from typing import Protocol, runtime_checkable


@runtime_checkable
class Versioning(Protocol):
    """One way to write, order and constrain versions. Pure; never raises on any text but where it says so."""

    NAME: str

    def is_valid(self, value: str, /) -> bool:
        """Whether ``value`` is a version or a range of this scheme."""
        ...

    def is_single(self, value: str, /) -> bool:
        """Whether ``value`` names exactly one version."""
        ...

    def is_stable(self, version: str, /) -> bool:
        """Whether ``version`` is a version, and not a prerelease."""
        ...

    def is_compatible(self, version: str, current: str, /) -> bool:
        """Whether going from ``current`` to ``version`` keeps the family (prefix, suffix, precision, scheme)."""
        ...

    def key(self, version: str, /) -> tuple[object, ...]:
        """A sort key, comparable among compatible versions. Raises ``ValueError`` for what is no version."""
        ...

    def components(self, version: str, /) -> tuple[int, int, int]:
        """Major, minor and patch, zero where absent. Raises ``ValueError`` for what is no version."""
        ...

    def matches(self, version: str, range_: str, /) -> bool:
        """Whether ``version`` lies in the range (or equals the single version) ``range_``."""
        ...

    def new_value(
        self, current_value: str, current_version: str | None, new_version: str, range_strategy: str, /
    ) -> str | None:
        """What to write in place of ``current_value`` so that it admits ``new_version``, in the user's style.

        ``range_strategy`` is one of ``pin``, ``bump``, ``replace``, ``widen``. None if nothing needs to change or
        no such text can be made.
        """
        ...
