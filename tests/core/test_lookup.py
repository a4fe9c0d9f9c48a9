"""What is asked, in which order, and what is believed of the answers."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from msgspec import structs

from tests.servers.faulty import StillClock
from updater.api import (
    Client,
    InvalidAnswer,
    NotFound,
    Package,
    RateLimited,
    Release,
    Releases,
    RequestError,
    Unavailable,
)
from updater.cache import Cache, open_cache
from updater.http import HttpClient
from updater.lookup import BELIEVED_AFTER, KEPT_FOR, Answers, lookup
from updater.model.lookup import Failed

HOUR = timedelta(hours=1)
UNTIL = datetime(2026, 1, 1, 18, tzinfo=UTC)
APP = Package(datasource="shelf", name="app")

Reply = Releases | RequestError


def these(*versions: str, cursor: str | None = None, complete: bool = True) -> Releases:
    releases = tuple(Release(version=version) for version in versions)
    return Releases(releases=releases, cursor=cursor, complete=complete and cursor is None)


def down() -> Unavailable:
    return Unavailable("it is down", url="https://shelf.example")


class Shelf:
    """A datasource that answers for each package with what ``replies`` holds, in turn, the last reply for good."""

    NAME, VERSIONING = "shelf", "semver"

    def __init__(self, replies: Mapping[str, list[Reply]], *, allowed: int | None = None) -> None:
        self.replies, self.allowed = replies, allowed
        self.asked: list[str] = []

    async def releases(self, package: Package, client: Client, /) -> Releases:
        if self.allowed is not None and len(self.asked) >= self.allowed:
            raise RateLimited("later", url="https://shelf.example", until=UNTIL)
        self.asked.append(package.name)
        replies = self.replies[package.name]
        reply = replies.pop(0) if len(replies) > 1 else replies[0]
        if isinstance(reply, Releases):
            return reply
        raise reply


class LongShelf(Shelf):
    """One that can go on where it stopped, and look ahead."""

    async def resume(self, package: Package, cursor: str, client: Client, /) -> Releases:
        self.asked.append(f"{package.name} from {cursor}")
        reply = self.replies[cursor][0]
        if isinstance(reply, Releases):
            return reply
        raise reply

    async def newer(self, package: Package, version: str, client: Client, /) -> Releases:
        self.asked.append(f"{package.name} after {version}")
        return these(f"{version}.1")


@pytest.fixture
def clock() -> StillClock:
    return StillClock()


@pytest.fixture
async def cache(clock: StillClock) -> AsyncIterator[Cache]:
    async with open_cache("memory:", clock=clock) as opened:
        yield opened


async def ask(
    shelf: Shelf, cache: Cache, clock: StillClock, *names: str, fresh_for: timedelta = timedelta(0)
) -> Answers:
    wanted = {Package(datasource="shelf", name=name): {"1"} for name in names or ("app",)}
    async with HttpClient(clock=clock, sleep=clock.sleep) as client:
        return await lookup(wanted, {"shelf": shelf}, client, cache.releases, clock, fresh_for)


def versions(answers: Answers, package: Package = APP) -> list[str] | None:
    found = answers.releases.get(package)
    return None if found is None else sorted(release.version for release in found.releases)


# ---------------------------------------------------------------- the store


async def test_a_fresh_answer_is_not_asked_for(cache: Cache, clock: StillClock) -> None:
    """Within ``fresh_for`` the store's answer counts; afterwards the registry's."""
    shelf = Shelf({"app": [these("1"), these("1", "2")]})
    for hours, expected in ((0, ["1"]), (0.9, ["1"]), (1, ["1", "2"])):
        clock.now = StillClock().now + hours * HOUR
        assert versions(await ask(shelf, cache, clock, fresh_for=HOUR)) == expected
    assert len(shelf.asked) == 2


@pytest.mark.parametrize(
    "error",
    [
        down(),
        NotFound("gone", url=""),
        InvalidAnswer("garbage", url=""),
        RateLimited("later", url="", until=UNTIL),
    ],
    ids=lambda error: type(error).__name__,
)
async def test_the_last_answer_serves_in_place_of_a_lost_one(
    cache: Cache, clock: StillClock, error: RequestError
) -> None:
    """It is marked as what it is; the failure stands beside it, with the time to come back and that of the answer."""
    shelf = Shelf({"app": [these("1", "2"), error]})
    await ask(shelf, cache, clock)
    answers = await ask(shelf, cache, clock)
    until = UNTIL if isinstance(error, RateLimited) else None
    assert answers.releases == {APP: replace(these("1", "2"), complete=False)}
    words = f"{error}; meanwhile its answer of 2026-01-01 12:00 UTC serves"
    assert answers.failed == {APP: Failed(subject="shelf app", error=words, until=until)}


async def test_an_answer_does_not_serve_for_ever(cache: Cache, clock: StillClock) -> None:
    """After thirty days of failures there is no answer any more; what was asked in between changes nothing."""
    shelf = Shelf({"app": [these("1"), down()]})
    await ask(shelf, cache, clock)
    for age, expected in ((KEPT_FOR / 2, ["1"]), (KEPT_FOR - HOUR, ["1"]), (KEPT_FOR, None)):
        clock.now = StillClock().now + age
        answers = await ask(shelf, cache, clock)
        assert (versions(answers), list(answers.failed)) == (expected, [APP])


async def test_a_failure_stays_with_its_package(cache: Cache, clock: StillClock) -> None:
    """One dead package hides no other."""
    shelf = Shelf({"app": [down()], "other": [these("1")]})
    answers = await ask(shelf, cache, clock, "app", "other")
    assert (list(answers.failed), list(answers.releases)) == ([APP], [structs.replace(APP, name="other")])


# ---------------------------------------------------------------- the order


async def test_who_waited_longest_is_asked_first(cache: Cache, clock: StillClock) -> None:
    """First those that nobody ever asked for, then those asked longest ago, whatever came of it."""
    replies: dict[str, list[Reply]] = {"a": [these("1")], "b": [down()], "c": [these("1")], "d": [these("1")]}
    shelf = Shelf(replies)
    for name in ("b", "a", "c"):
        await ask(shelf, cache, clock, name)
        clock.now += HOUR
    shelf.asked.clear()
    await ask(shelf, cache, clock, "a", "b", "c", "d")
    assert shelf.asked == ["d", "b", "a", "c"]


async def test_every_package_has_its_turn(cache: Cache, clock: StillClock) -> None:
    """Where ten calls are allowed in a run, 35 packages, 7 of them dead, are all asked within four runs."""
    names = [f"p{number:02}" for number in range(35)]
    asked: list[str] = []
    for _ in range(4):
        shelf = Shelf({name: [these("1")] if number % 5 else [down()] for number, name in enumerate(names)}, allowed=10)
        answers = await ask(shelf, cache, clock, *names)
        assert len(shelf.asked) == 10
        assert len([failed for failed in answers.failed.values() if failed.until == UNTIL]) == 25
        asked += shelf.asked
        clock.now += HOUR
    assert asked[:35] == names


# ---------------------------------------------------------------- what is believed


async def test_a_poor_answer_is_not_believed_at_once(cache: Cache, clock: StillClock) -> None:
    """What has lost most of its versions keeps them, and that is reported, until it has lasted for six hours."""
    shelf = Shelf({"app": [these("1", "2", "3", "4", "5"), these("1", "2")]})
    start = clock.now
    await ask(shelf, cache, clock)
    for hours in (0, 1, 5):
        clock.now = start + hours * HOUR
        answers = await ask(shelf, cache, clock)
        assert (versions(answers), answers.releases[APP].complete) == (["1", "2", "3", "4", "5"], False)
        assert answers.failed[APP].until == start + BELIEVED_AFTER
        assert "names 2 versions of 5 that it had before" in answers.failed[APP].error
    clock.now = start + BELIEVED_AFTER
    answers = await ask(shelf, cache, clock)
    assert (versions(answers), answers.failed, answers.releases[APP].complete) == (["1", "2"], {}, True)


@pytest.mark.parametrize("poor", [these(), these("9")])
async def test_a_good_answer_ends_the_doubt(cache: Cache, clock: StillClock, poor: Releases) -> None:
    """The time that a loss must last begins anew after each whole answer."""
    whole = these("1", "2", "3", "4")
    shelf = Shelf({"app": [whole, poor, whole, poor]})
    for hours in (0, 1, 6, 8):
        clock.now = StillClock().now + hours * HOUR
        answers = await ask(shelf, cache, clock)
        assert versions(answers) == ["1", "2", "3", "4"]
    assert answers.failed[APP].until == clock.now + BELIEVED_AFTER


async def test_a_version_that_vanishes_counts_for_a_while(cache: Cache, clock: StillClock) -> None:
    """A lost page and a withdrawn version look alike: what is new counts at once, what is missing after six hours."""
    shelf = Shelf({"app": [these("1", "2", "3"), these("1", "2", "4")]})
    await ask(shelf, cache, clock)
    answers = await ask(shelf, cache, clock, fresh_for=timedelta(0))
    assert (versions(answers), answers.releases[APP].complete, answers.failed) == (["1", "2", "3", "4"], False, {})
    clock.now += BELIEVED_AFTER
    answers = await ask(shelf, cache, clock)
    assert (versions(answers), answers.releases[APP].complete) == (["1", "2", "4"], True)


async def test_order_has_no_meaning(cache: Cache, clock: StillClock) -> None:
    """The same versions in another order are the same answer."""
    shelf = Shelf({"app": [these("1", "2", "3"), these("3", "1", "2")]})
    await ask(shelf, cache, clock)
    answers = await ask(shelf, cache, clock)
    assert (answers.releases, answers.failed) == ({APP: these("3", "1", "2")}, {})


# ---------------------------------------------------------------- long lists


async def test_a_long_list_is_read_on(cache: Cache, clock: StillClock) -> None:
    """Each run reads one portion and knows all those before; only the last one makes the list complete."""
    shelf = LongShelf({"app": [these("1", cursor="c1")], "c1": [these("2", cursor="c2")], "c2": [these("3")]})
    seen = []
    for _ in range(3):
        answers = await ask(shelf, cache, clock)
        seen.append((versions(answers), answers.releases[APP].complete))
    assert seen == [(["1", "1.1"], False), (["1", "1.1", "2"], False), (["1", "1.1", "2", "3"], True)]
    assert [asked for asked in shelf.asked if "after" not in asked] == ["app", "app from c1", "app from c2"]


async def test_an_incomplete_list_is_looked_ahead_of(cache: Cache, clock: StillClock) -> None:
    """What follows each version in use is asked for by name; a complete list needs none of that."""
    shelf = LongShelf({"app": [these("1", complete=False)], "other": [these("1")]})
    await ask(shelf, cache, clock, "app", "other")
    assert sorted(shelf.asked) == ["app", "app after 1", "other"]


async def test_reading_anew_loses_nothing(cache: Cache, clock: StillClock) -> None:
    """When a list that was read to its end is read again, the first portion stands beside what was known."""
    first = these("1", cursor="c1")
    shelf = LongShelf({"app": [first], "c1": [these("2", "3", "4", "5")]})
    await ask(shelf, cache, clock)
    assert versions(await ask(shelf, cache, clock)) == ["1", "1.1", "2", "3", "4", "5"]
    answers = await ask(shelf, cache, clock)
    assert (versions(answers), answers.releases[APP].complete) == (["1", "1.1", "2", "3", "4", "5"], False)


@pytest.mark.parametrize(
    ("error", "goes_on"), [(down(), True), (RateLimited("", url=""), True), (InvalidAnswer("", url=""), False)]
)
async def test_a_cursor_survives_an_outage(
    cache: Cache,
    clock: StillClock,
    error: RequestError,
    goes_on: bool,  # noqa: FBT001 - a column of the table
) -> None:
    """After an outage the reading goes on; a cursor that means nothing any more is given up."""
    shelf = LongShelf({"app": [these("1", cursor="c1")], "c1": [error]})
    for _ in range(3):
        answers = await ask(shelf, cache, clock)
        assert versions(answers) == ["1", "1.1"]
    assert shelf.asked[-1] == ("app from c1" if goes_on else "app after 1")
