"""The gate in front of one host: how many requests at once, how fast, how often again, and when no more.

Everything that is sent to a host, by HTTP or by git, passes its gate. What one request learns there (the host is
gone, the host wants to be left alone until noon, the host has twelve requests left) holds for all that come after it,
so that a dead or throttling host costs a run seconds, not seconds for each package.
"""

import asyncio
import logging
import random
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TypeVar

import stamina

from updater.answers import Quota
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
MOST_KEPT_BACK = 50
"""How many requests of a budget are kept back at most, for what becomes a pull request; of a small one, a third."""
_BACKOFF = 0.5
_SAME_WINDOW = timedelta(seconds=2)
"""So near lie the ends of a window that answers tell in whole seconds from now."""


class Unusable(Unavailable):
    """No request to the host can succeed in this run, whatever it asks for: its certificate is wrong, say."""


class Budget:
    """What a host says is left of one of its limits, less what is under way; unlimited as long as it says nothing.

    Answers overtake each other, and none tells which of those under way it has counted: what is left is what was, less
    what was sent since, as long as no answer contradicts that.
    """

    def __init__(self) -> None:
        self._quota: Quota | None = None
        self._most, self._left, self._under_way = 0, 0, 0

    @contextmanager
    def spent(self) -> Iterator[None]:
        """One request is under way meanwhile."""
        self._left, self._under_way = self._left - 1, self._under_way + 1
        try:
            yield
        finally:
            self._under_way -= 1

    def learn(self, quota: Quota, now: datetime, *, spends: bool = True) -> None:
        """Take what the answer to a request says that ``spends`` of this. The lowest counts until it is refilled."""
        known, others = self._quota, self._under_way - spends
        if known is not None and now < known.until and not _is_refilled(known, quota):
            quota = replace(quota, remaining=min(known.remaining, quota.remaining))
        if known is None or not quota.remaining - others <= self._left <= quota.remaining:
            self._left = quota.remaining - others
        self._quota, self._most = quota, max(self._most, quota.limit or quota.remaining)

    def is_spent(self) -> bool:
        """Whether the host has said that nothing is left."""
        return self._quota is not None and self._quota.remaining == 0

    def closed_until(self, now: datetime, *, sparing: bool) -> datetime | None:
        """When there is something to spend again; None while there is. ``sparing``: more than what is kept back."""
        quota = self._quota
        if quota is None or quota.until <= now:
            return None
        kept = min(MOST_KEPT_BACK, self._most // 3) if sparing else 0
        return quota.until if self._left <= kept else None

    def is_short(self, now: datetime) -> bool:
        """Whether more than half of what there was is spent."""
        quota = self._quota
        return quota is not None and now < quota.until and 2 * self._left <= self._most

    def close(self, until: datetime) -> None:
        """Nothing is left until then; the host says so."""
        self._quota, self._left = Quota(remaining=0, until=until), 0


def _is_refilled(known: Quota, said: Quota) -> bool:
    """Whether there is more of it again; within one window there never is, and a late answer may look like that."""
    is_same_window = abs(said.until - known.until) < _SAME_WINDOW
    return not is_same_window and said.remaining - known.remaining > PARALLEL_REQUESTS


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
        self._budgets: defaultdict[str, Budget] = defaultdict(Budget)

    async def ask(
        self, url: str, attempt: Callable[[], Awaitable[T]], *, spends: str | None = "", sparing: bool = False
    ) -> T:
        """The result of ``attempt``, made up to three times if its failure may pass.

        ``Unavailable`` may; ``RateLimited`` may if the wait is no longer than the rule's ``max_retry_after``. After
        three requests in a row that failed for good the gate is closed: whatever comes then fails at once with the
        first of these failures, until a request that was still under way succeeds.

        ``spends`` names the budget that the request draws on, None if on none. Who asks ``sparing`` leaves a part of it
        to the others. What is not sent for want of a budget raises ``RateLimited`` with the time of the next.
        """
        turn = _Turn(url=url, budget=self._budgets[spends] if spends is not None else Budget(), sparing=sparing)
        async with self._slots:  # kept between attempts: a host in trouble is not asked for something else meanwhile
            self._check(turn)
            try:
                result = await self._attempts(turn, attempt)
            except (Unavailable, RateLimited) as error:
                self._note_failure(error)
                raise
            except RequestError:
                self._note_answer()
                raise
        self._note_answer()
        return result

    def learn(self, budget: str, quota: Quota | None, *, spends: bool = True) -> None:
        """Take note of what an answer says about one of the host's budgets, whether or not it was spent from that."""
        if quota is not None:
            self._budgets[budget].learn(quota, self._clock(), spends=spends)

    def is_short_of(self, budget: str) -> bool:
        """Whether little is left of one of the host's budgets, so that it is to be spent on what is new."""
        return self._budgets[budget].is_short(self._clock())

    async def _attempts(self, turn: "_Turn", attempt: Callable[[], Awaitable[T]]) -> T:
        try:
            return await self._one_attempt(turn, attempt)
        except RequestError as error:
            if not self._may_pass(error):
                raise
        return await self._further_attempts(turn, attempt)

    async def _further_attempts(self, turn: "_Turn", attempt: Callable[[], Awaitable[T]]) -> T:
        # stamina decides whether there is another attempt; the waiting is ours, so that the clock may be a test's. The
        # first one goes without: most requests need no other, and stamina takes a fifth of what a request costs.
        async for tried in stamina.retry_context(
            on=self._may_pass, attempts=ATTEMPTS - 1, timeout=None, wait_initial=0, wait_max=0, wait_jitter=0
        ):
            with tried:
                logger.info("asking %s again, attempt %d", shown(turn.url), tried.num + 1)
                await self._sleep(_backoff(tried.num))
                return await self._one_attempt(turn, attempt)
        raise AssertionError("the last attempt returns or raises")

    def _may_pass(self, error: Exception) -> bool:
        if self._is_closed() or isinstance(error, Unusable):
            return False
        if isinstance(error, RateLimited):
            return error.until is None or self._seconds_until(error.until) <= self._patience
        return isinstance(error, Unavailable)

    async def _one_attempt(self, turn: "_Turn", attempt: Callable[[], Awaitable[T]]) -> T:
        self._check(turn)
        await self._wait_for_turn(turn)
        self._requests[self.host] += 1
        with turn.budget.spent():
            try:
                return await attempt()
            except RateLimited as error:
                self._park(turn.budget, error.until)
                raise

    def _park(self, budget: Budget, until: datetime | None) -> None:
        """A refusal for want of a budget closes that budget; any other closes the host."""
        if until is None:
            return
        if budget.is_spent():
            budget.close(until)
        else:
            self._not_before = max(until, self._not_before or until)

    def _check(self, turn: "_Turn") -> None:
        """Raise what there is to say at once, without sending anything."""
        if not self._enabled:
            raise RequestError(f"{self.host} is not asked: a host rule says enabled: false", url=shown(turn.url))
        opening = self._opening(turn)
        if opening is not None and self._seconds_until(opening) > self._patience:
            raise RateLimited(self._why_not_before(turn, opening), url=shown(turn.url), until=opening)
        if self._is_closed() and self._first_failure is not None:
            kind = RateLimited if isinstance(self._first_failure, RateLimited) else Unavailable
            words = f"{self.host} is not asked again in this run, since {self._first_failure}"
            raise kind(words, url=shown(turn.url))

    def _opening(self, turn: "_Turn") -> datetime | None:
        """The time until which the host wants nothing like this."""
        spent = turn.budget.closed_until(self._clock(), sparing=turn.sparing)
        return max((moment for moment in (self._not_before, spent) if moment is not None), default=None)

    def _why_not_before(self, turn: "_Turn", until: datetime) -> str:
        if until == self._not_before or turn.budget.is_spent():
            return f"{self.host} wants no requests before {until:%Y-%m-%d %H:%M:%S} UTC"
        return f"{self.host} allows few more requests before {until:%Y-%m-%d %H:%M:%S} UTC; they are kept back for now"

    async def _wait_for_turn(self, turn: "_Turn") -> None:
        now = self._clock()
        start = max(now, self._next_turn or now, self._opening(turn) or now)
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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Turn:
    """One request on its way through the gate."""

    url: str
    budget: Budget
    sparing: bool


def _backoff(failures: int) -> float:
    """Half a second, doubled with each failure, and up to as much again, so that waiters do not return in step."""
    shortest: float = _BACKOFF * 2 ** (failures - 1)
    return shortest * (1 + random.random())  # noqa: S311 - spreads retries, protects nothing
