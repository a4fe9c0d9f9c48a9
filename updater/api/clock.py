"""What tells the time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from datetime import datetime


class Clock(Protocol):
    """Tells the time, in UTC; tests hand in one that stands still."""

    def __call__(self) -> datetime:
        """The time."""
        ...
