"""The gate in front of one host: how many requests at once, how fast, how often again, and when no more.

Everything that is sent to a host, by HTTP or by git, passes its gate. What one request learns there (the host is
gone, the host wants to be left alone until noon) holds for all that come after it, so that a dead or throttling
host costs a run seconds, not seconds for each package.
"""

import asyncio
import logging
import random
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import TypeVar

import stamina

from updater.api import Clock
from updater.errors import RateLimited, RequestError, Unavailable
from updater.hosts import HostRule, shown

logger = logging.getLogger(__name__)

T = TypeVar("T")
Sleep = Callable[[float], Awaitable[None]]

ATTEMPTS = 3
FAILURES_UNTIL_CLOSED = 3
PARALLEL_REQUESTS = 8
MAX_RETRY_AFTER = 60.0
_BACKOFF = 0.5


class Unusable(Unavailable):
    """No request to the host can succeed in this run, whatever it asks for: its certificate is wrong, say."""


class Gate:
    """How one host is treated during a run, by the rule that holds for it.

    ``requests`` counts what is sent, by host, retries included.
    """

    def __init__(self, host: str, rule: HostRule, requests: Counter[str], *, clock: Clock, sleep: Sleep) -> None:
        self.host = host
        self._requests, self._clock, self._sleep = requests, clock, sleep
        self._slots = asyncio.Semaphore(rule.concurrent_request_limit or PARALLEL_REQUESTS)
        self._interval = timedelta(seconds=1 / rule.max_requests_per_second if rule.max_requests_per_second else 0)
        self._patience = MAX_RETRY_AFTER if rule.max_retry_after is None else rule.max_retry_after
        self._enabled = rule.enabled is not False
        self._next_turn: datetime | None = None
        self._not_before: datetime | None = None
        self._failures = 0
        self._first_failure: Unavailable | RateLimited | None = None

    async def ask(self, url: str, attempt: Callable[[], Awaitable[T]]) -> T:
        """The result of ``attempt``, made up to three times if its failure may pass.

        ``Unavailable`` may; ``RateLimited`` may if the wait is no longer than the rule's ``max_retry_after``. After
        three requests in a row that failed for good the gate is closed: whatever comes then fails at once with the
        first of these failures, until a request that was still under way succeeds.
        """
        async with self._slots:  # kept between attempts: a host in trouble is not asked for something else meanwhile
            try:
                result = await self._attempts(url, attempt)
            except (Unavailable, RateLimited) as error:
                self._note_failure(error)
                raise
            except RequestError:
                self._note_answer()
                raise
        self._note_answer()
        return result

    async def _attempts(self, url: str, attempt: Callable[[], Awaitable[T]]) -> T:
        # stamina decides whether there is another attempt; the waiting is ours, so that the clock may be a test's.
        async for tried in stamina.retry_context(
            on=self._may_pass, attempts=ATTEMPTS, timeout=None, wait_initial=0, wait_max=0, wait_jitter=0
        ):
            with tried:
                if tried.num > 1:
                    logger.info("asking %s again, attempt %d", shown(url), tried.num)
                    await self._sleep(_backoff(tried.num - 1))
                return await self._one_attempt(url, attempt)
        raise AssertionError("the last attempt returns or raises")

    def _may_pass(self, error: Exception) -> bool:
        if self._is_closed() or isinstance(error, Unusable):
            return False
        if isinstance(error, RateLimited):
            return error.until is None or self._seconds_until(error.until) <= self._patience
        return isinstance(error, Unavailable)

    async def _one_attempt(self, url: str, attempt: Callable[[], Awaitable[T]]) -> T:
        self._check(url)
        await self._wait_for_turn()
        self._requests[self.host] += 1
        try:
            return await attempt()
        except RateLimited as error:
            if error.until is not None:
                self._not_before = max(error.until, self._not_before or error.until)
            raise

    def _check(self, url: str) -> None:
        """Raise what there is to say at once, without sending anything."""
        if not self._enabled:
            raise RequestError(f"{self.host} is not asked: a host rule says enabled: false", url=shown(url))
        if self._not_before is not None and self._seconds_until(self._not_before) > self._patience:
            raise RateLimited(
                f"{self.host} wants no requests before {self._not_before:%Y-%m-%d %H:%M:%S} UTC",
                url=shown(url),
                until=self._not_before,
            )
        if self._is_closed() and self._first_failure is not None:
            kind = RateLimited if isinstance(self._first_failure, RateLimited) else Unavailable
            raise kind(f"{self.host} is not asked again in this run, since {self._first_failure}", url=shown(url))

    async def _wait_for_turn(self) -> None:
        now = self._clock()
        start = max(now, self._next_turn or now, self._not_before or now)
        self._next_turn = start + self._interval
        if start > now:
            await self._sleep((start - now).total_seconds())

    def _seconds_until(self, moment: datetime) -> float:
        return (moment - self._clock()).total_seconds()

    def _is_closed(self) -> bool:
        return self._failures >= FAILURES_UNTIL_CLOSED

    def _note_answer(self) -> None:
        self._failures, self._first_failure = 0, None

    def _note_failure(self, error: Unavailable | RateLimited) -> None:
        if isinstance(error, RateLimited) and error.until is not None:
            return
        self._failures += FAILURES_UNTIL_CLOSED if isinstance(error, Unusable) else 1
        self._first_failure = self._first_failure or error


def _backoff(failures: int) -> float:
    """Half a second, doubled with each failure, and up to as much again, so that waiters do not return in step."""
    shortest: float = _BACKOFF * 2 ** (failures - 1)
    return shortest * (1 + random.random())  # noqa: S311 - spreads retries, protects nothing
