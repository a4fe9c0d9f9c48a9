"""Requests to a forge: what may succeed later is tried again, and every failure is a ``PlatformError``."""

import time
from collections.abc import Callable
from typing import TypeVar

from updater.api import PlatformError

T = TypeVar("T")

HINTS = {
    401: "the token was rejected; is it still valid?",
    403: "the token lacks a permission; it needs write access to contents and pull requests",
    404: "there is no such repository, or the token may not see it",
}
"""What an HTTP status of a forge usually means."""

_ATTEMPTS = 3
# Longer than this, the next run is better.
_MAX_PAUSE = 120.0


class Refused(PlatformError):
    """The forge answered with an error; ``words`` is all it said."""

    def __init__(self, message: str, *, status: int, words: str) -> None:
        self.status, self.words = status, words
        super().__init__(message)


class Setback(Exception):
    """An attempt that failed with ``problem``. ``pause`` is when to try again, in seconds: None for never."""

    def __init__(self, problem: PlatformError, pause: float | None) -> None:
        self.problem, self.pause = problem, pause
        super().__init__(str(problem))


def patiently(attempt: Callable[[int], T], sleep: Callable[[float], None] = time.sleep) -> T:
    """The result of ``attempt``, which is told how often it was made before and raises :class:`Setback`.

    Raises the setback's problem if no more attempt is worth it.
    """
    for number in range(_ATTEMPTS):
        try:
            return attempt(number)
        except Setback as setback:
            if setback.pause is None or setback.pause > _MAX_PAUSE or number + 1 == _ATTEMPTS:
                raise setback.problem from setback.__cause__
            sleep(setback.pause)
    raise AssertionError


def growing(number: int) -> float:
    """The pause after an attempt at something that is out of order: 2, 4, 8 … seconds."""
    return 2.0 ** (number + 1)
