"""Asking whether an earlier answer is still right."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from tests.core.http.conftest import Connect
from tests.servers.faulty import FaultyServer, StillClock, answer, compressed, redirect, tagged
from updater.api import Secret
from updater.cache import ResponseStore, StoredResponse, open_cache
from updater.hosts import HostRule


@pytest.fixture
async def store() -> AsyncIterator[ResponseStore]:
    async with open_cache("memory:") as cache:
        yield cache.responses


async def test_an_unchanged_answer_is_not_sent_again(
    server: FaultyServer, connect: Connect, store: ResponseStore
) -> None:
    """The next run asks with the ETag; a 304 brings back body and headers, with those that are new."""
    server.on("/a", tagged(b"body", '"1"', Link="</a?n=2>", X_Limit="9"), tagged(b"", '"1"', X_Limit="8"))
    for _ in range(2):
        async with connect(cache=store) as client:
            response = await client.get(f"{server.url}/a")
    assert (response.status, response.content) == (200, b"body")
    assert (response.headers["link"], response.headers["x-limit"]) == ("</a?n=2>", "8")
    assert "content-length" not in response.headers
    assert [seen.headers.get("if-none-match") for seen in server.seen] == [None, '"1"']


async def test_a_changed_answer_replaces_the_stored_one(
    server: FaultyServer, connect: Connect, store: ResponseStore
) -> None:
    """A 200 to a conditional request is the new answer, and its ETag is asked with next."""
    server.on("/a", tagged(b"old", '"1"'), tagged(b"new", '"2"'))
    async with connect(cache=store) as client:
        bodies = [(await client.get(f"{server.url}/a")).content for _ in range(3)]
    assert bodies == [b"old", b"new", b"new"]
    assert [seen.headers.get("if-none-match") for seen in server.seen] == [None, '"1"', '"2"']


async def test_last_modified_will_do(server: FaultyServer, connect: Connect, store: ResponseStore) -> None:
    """Without an ETag the date of the last change is asked with; compressed bodies are stored decoded."""
    date = "Thu, 01 Jan 2026 12:00:00 GMT"
    server.on("/a", answer(compressed(b"body").body, Content_Encoding="gzip", Last_Modified=date), answer(status=304))
    async with connect(cache=store) as client:
        bodies = [(await client.get(f"{server.url}/a")).content for _ in range(2)]
    assert bodies == [b"body", b"body"]
    assert server.seen[1].headers["if-modified-since"] == date


async def test_each_representation_is_stored_apart(
    server: FaultyServer, connect: Connect, store: ResponseStore
) -> None:
    """Another ``Accept`` is another question."""
    server.on("/a", tagged(b"list", '"1"'), tagged(b"index", '"1"'))
    async with connect(cache=store) as client:
        await client.get(f"{server.url}/a", headers={"Accept": "list"})
        assert (await client.get(f"{server.url}/a", headers={"Accept": "index"})).content == b"index"


async def test_other_credentials_see_nothing(server: FaultyServer, connect: Connect, store: ResponseStore) -> None:
    """What was seen with one token is not there for another one, or for none; the first one finds it again."""
    server.on("/a", tagged(b"private", '"1"'))
    for token in ("one", "two", None, "one"):
        rules = [HostRule(match_host=server.host, token=Secret(token))] if token else []
        async with connect(*rules, cache=store) as client:
            await client.get(f"{server.url}/a")
    async with connect(cache=store) as client:
        await client.get(f"{server.url}/a", headers={"Authorization": "Bearer three"})
    asked = [(seen.headers.get("authorization"), seen.headers.get("if-none-match")) for seen in server.seen]
    assert asked == [
        ("Bearer one", None),
        ("Bearer two", None),
        (None, None),
        ("Bearer one", '"1"'),
        ("Bearer three", None),
    ]


async def test_a_new_token_asks_conditionally(server: FaultyServer, connect: Connect, store: ResponseStore) -> None:
    """A token is made anew in each run; what was seen with the last one is asked for conditionally with the next."""
    server.on("/a", tagged(b"tags", '"1"'))
    for token in ("one", "two"):
        async with connect(cache=store) as client:
            answer = await client.get(f"{server.url}/a", headers={"Authorization": f"Bearer {token}"})
            assert answer.content == b"tags"
    asked = [(seen.headers.get("authorization"), seen.headers.get("if-none-match")) for seen in server.seen]
    assert asked == [("Bearer one", None), ("Bearer two", '"1"')]


async def test_what_must_not_be_kept_is_not(server: FaultyServer, connect: Connect, store: ResponseStore) -> None:
    """``cacheable=False``, HEAD, POST, refusals and answers without a validator leave nothing."""
    for path, what in {
        "/a": tagged(b"token", '"1"'),
        "/b": answer(b"", status=404, ETag='"1"'),
        "/c": answer(b"body"),
    }.items():
        server.on(path, what)
    async with connect(cache=store) as client:
        for _ in range(2):
            await client.get(f"{server.url}/a", cacheable=False)
            await client.head(f"{server.url}/a")
            await client.post(f"{server.url}/a", json={})
            await client.get(f"{server.url}/b", allow=(404,))
            await client.get(f"{server.url}/c")
    assert not any("if-none-match" in seen.headers for seen in server.seen)


async def test_behind_a_redirect_only_lasting_addresses_are_kept(
    server: FaultyServer, other: FaultyServer, connect: Connect, store: ResponseStore
) -> None:
    """A signed URL on another host is not stored; one without a query is."""
    server.on("/a", redirect(f"{other.url}/signed?signature=1"))
    server.on("/b", redirect(f"{other.url}/plain"))
    other.on("/signed", tagged(b"x", '"1"'))
    other.on("/plain", tagged(b"x", '"2"'))
    async with connect(cache=store) as client:
        for path in ("a", "b", "a", "b"):
            assert (await client.get(f"{server.url}/{path}")).content == b"x"
    assert [seen.headers.get("if-none-match") for seen in other.seen] == [None, None, None, '"2"']


async def test_a_changed_limit_holds_for_new_bodies_only(
    server: FaultyServer, connect: Connect, store: ResponseStore
) -> None:
    """A stored body that is still right is given again whatever its size."""
    server.on("/a", tagged(b"12345", '"1"'))
    async with connect(cache=store) as client:
        await client.get(f"{server.url}/a")
        assert (await client.get(f"{server.url}/a", max_bytes=3)).content == b"12345"


async def test_an_answer_without_validators_cannot_be_asked_about() -> None:
    """Only an ETag or a date makes a question."""
    assert StoredResponse(headers={}, content=b"").validators == {}
    assert StoredResponse(headers={"etag": "1", "last-modified": "d"}, content=b"").validators == {
        "if-none-match": "1",
        "if-modified-since": "d",
    }


# ---------------------------------------------------------------- what need not be asked


START = StillClock().now
MINUTES = timedelta(minutes=10)


async def test_a_fresh_answer_is_not_asked_for(
    server: FaultyServer, connect: Connect, store: ResponseStore, clock: StillClock
) -> None:
    """Within ``fresh_for`` a stored answer is taken as it is, also that of a HEAD; afterwards both are asked for."""
    server.on("/a", tagged(b"body", '"1"', digest="x"))
    for age, requests in ((0, 2), (599, 2), (600, 4)):
        clock.now = START + timedelta(seconds=age)
        async with connect(cache=store, fresh_for=MINUTES) as client:
            assert (await client.get(f"{server.url}/a")).content == b"body"
            assert (await client.head(f"{server.url}/a")).headers["digest"] == "x"
        assert len(server.seen) == requests
    assert [(seen.method, seen.headers.get("if-none-match")) for seen in server.seen] == [
        ("GET", None), ("HEAD", None), ("GET", '"1"'), ("HEAD", None),
    ]  # fmt: skip


async def test_a_digest_is_never_asked_for_twice(server: FaultyServer, connect: Connect, store: ResponseStore) -> None:
    """What is named by its digest cannot change; what does not fit its digest is not kept."""
    digest = hashlib.sha256(b"blob").hexdigest()
    good, bad = f"/v2/app/blobs/sha256:{digest}", f"/v2/app/blobs/sha256:{'0' * 64}"
    server.on(good, answer(b"blob"))
    server.on(bad, answer(b"<html>"))
    for _ in range(2):
        async with connect(cache=store) as client:
            assert (await client.get(server.url + good)).content == b"blob"
            await client.get(server.url + bad)
    assert [seen.path for seen in server.seen] == [good, bad, bad]


async def test_limits_are_not_remembered(server: FaultyServer, connect: Connect, store: ResponseStore) -> None:
    """What an answer said about the requests that were left then says nothing about those that are left now."""
    spent = answer(b"x", etag='"1"', x_ratelimit_remaining="0", x_ratelimit_reset=str(int(START.timestamp()) + 9_000))
    server.on("/a", spent, answer(status=304))
    server.on("/b", answer(b"y"))
    async with connect(cache=store) as client:
        await client.get(f"{server.url}/a")
    async with connect(cache=store) as client:
        assert (await client.get(f"{server.url}/a")).content == b"x"
        assert (await client.get(f"{server.url}/b")).content == b"y"


async def test_in_need_older_answers_will_do(
    server: FaultyServer, connect: Connect, store: ResponseStore, clock: StillClock
) -> None:
    """When most of a budget is spent, what was stored within a week is not asked for, but by who asks sparingly."""
    left = {"x-ratelimit-limit": "100", "x-ratelimit-remaining": "50"}
    for path in ("/a", "/b"):
        server.on(path, tagged(b"old", '"1"', **left), tagged(b"new", '"2"', **left))
    async with connect(cache=store) as client:
        await client.get(f"{server.url}/a")
    clock.now += timedelta(days=6)
    left["x-ratelimit-reset"] = str(int(clock.now.timestamp()) + 9_000)
    server.on("/b", tagged(b"b", '"1"', **left))
    async with connect(cache=store) as client:
        await client.get(f"{server.url}/b")
        assert (await client.get(f"{server.url}/a")).content == b"old"
        assert (await client.sparing().get(f"{server.url}/a")).content == b"new"


async def test_a_head_is_sent_once(server: FaultyServer, connect: Connect) -> None:
    """However many ask for the same with the same words, at once or later, a run asks once."""
    server.on("/a", answer(digest="x"), answer(digest="y"))
    async with connect() as client:
        answers = await asyncio.gather(*(client.head(f"{server.url}/a") for _ in range(5)))
        answers.append(await client.head(f"{server.url}/a"))
        other = await client.head(f"{server.url}/a", headers={"Accept": "text/plain"})
    assert ({each.headers["digest"] for each in answers}, other.headers["digest"]) == ({"x"}, "y")
