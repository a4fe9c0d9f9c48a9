"""What is kept for later runs in place of a large body, or of long work."""

import zlib
from collections.abc import AsyncIterator

import pytest

from tests.core.http.conftest import Connect
from tests.servers.faulty import FaultyServer, answer, compressed, tagged
from updater.cache import ResponseStore, open_cache
from updater.errors import InvalidAnswer, NotFound, Unavailable


@pytest.fixture
async def store() -> AsyncIterator[ResponseStore]:
    async with open_cache("memory:") as cache:
        yield cache.responses


class Length:
    """How long the body is, and how many pieces came in."""

    FORM = "length 1"

    def __init__(self) -> None:
        self._length, self._longest = 0, 0

    def feed(self, chunk: bytes) -> None:
        if b"bad" in chunk:
            raise ValueError("is bad")
        self._length += len(chunk)
        self._longest = max(self._longest, len(chunk))

    def finish(self) -> bytes:
        return f"{self._length} {self._longest}".encode()


class LengthInWords(Length):
    """The same in another form."""

    FORM = "length 2"

    def finish(self) -> bytes:
        return b"length: " + super().finish()


async def test_what_was_made_is_kept_in_place_of_the_body(
    server: FaultyServer, connect: Connect, store: ResponseStore
) -> None:
    """A 304 brings back what was made of the body; the body itself, and another form, are asked for anew."""
    server.on("/a", tagged(b"12345", '"1"'), tagged(b"", '"1"'), tagged(b"12345", '"1"'))
    async with connect(cache=store) as client:
        for _ in range(2):
            assert (await client.get(f"{server.url}/a", distil=Length)).content == b"5 5"
        assert (await client.get(f"{server.url}/a", distil=LengthInWords)).content == b"length: 5 5"
        assert (await client.get(f"{server.url}/a")).content == b"12345"
    assert [seen.headers.get("if-none-match") for seen in server.seen] == [None, '"1"', None, None]


async def test_a_body_comes_in_small_pieces(server: FaultyServer, connect: Connect) -> None:
    """However small a body was when compressed, no piece of it is larger than 256 KiB."""
    server.on("/a", compressed(bytes(10_000_000)))
    async with connect() as client:
        made = (await client.get(f"{server.url}/a", distil=Length)).content
    assert made == f"10000000 {256 * 1024}".encode()


async def test_limits_hold_for_what_is_distilled(server: FaultyServer, connect: Connect) -> None:
    """A body that is too large is refused, whatever little would be made of it."""
    server.on("/a", compressed(bytes(1_000_001)))
    async with connect() as client:
        with pytest.raises(InvalidAnswer, match="larger than 1,000,000 bytes"):
            await client.get(f"{server.url}/a", distil=Length, max_bytes=1_000_000)


async def test_nothing_is_made_of_half_a_body(server: FaultyServer, connect: Connect, store: ResponseStore) -> None:
    """A body that breaks off is an outage, one that cannot be used an InvalidAnswer; neither is kept."""
    half = compressed(b"12345").body[:-8]
    server.on("/half", answer(half, Content_Encoding="gzip", ETag='"1"'))
    server.on("/bad", tagged(b"bad", '"1"'))
    async with connect(cache=store) as client:
        with pytest.raises(Unavailable):
            await client.get(f"{server.url}/half", distil=Length)
        for _ in range(2):
            with pytest.raises(InvalidAnswer, match="/bad is bad"):
                await client.get(f"{server.url}/bad", distil=Length)
    assert not any("if-none-match" in seen.headers for seen in server.seen)


async def test_a_refusal_is_not_distilled(server: FaultyServer, connect: Connect) -> None:
    """Where a refusal is allowed, its body is what it says."""
    server.on("/a", answer(b"bad luck", status=404))
    async with connect() as client:
        refused = await client.get(f"{server.url}/a", distil=Length, allow=(404,))
        assert (refused.status, refused.content) == (404, b"bad luck")


async def test_long_work_is_done_once(connect: Connect, store: ResponseStore) -> None:
    """What was made under a key is there in the next run; without a store, once a run; a failure is not kept."""
    made: list[str] = []

    async def make() -> str:
        made.append("made")
        if len(made) == 1:
            raise NotFound("not yet", url="")
        return f"h1:ä {len(made)}"

    async with connect(cache=store) as client:
        with pytest.raises(NotFound):
            await client.kept("key", make)
    for _ in range(2):
        async with connect(cache=store) as client:
            assert await client.kept("key", make) == "h1:ä 2"
    async with connect() as client:
        assert [await client.kept("key", make) for _ in range(2)] == ["h1:ä 3"] * 2


async def test_inflating_in_pieces_loses_nothing(server: FaultyServer, connect: Connect) -> None:
    """Bodies around the size of a piece, of one compressed stream or two, come out as they went in."""
    for size in (0, 1, 256 * 1024 - 1, 256 * 1024, 256 * 1024 + 1, 600_000):
        body = (b"ab" * size)[:size]
        server.on("/a", answer(_gzip(body) + _gzip(body), Content_Encoding="gzip"))
        async with connect() as client:
            assert (await client.get(f"{server.url}/a")).content == body + body


def _gzip(content: bytes) -> bytes:
    compressor = zlib.compressobj(wbits=31)
    return compressor.compress(content) + compressor.flush()
