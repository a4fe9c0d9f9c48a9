"""One connection: what a server may do with it, and what becomes of the next request."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest

from updater.wire import Connection

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


class Talk:
    """A server that says to each request what stands at its place in ``answers``; None hangs up without a word."""

    def __init__(self, *answers: bytes | None, then: bytes = b"", closes: bool = False) -> None:
        self.answers, self.then, self.closes = list(answers), then, closes
        self.connections, self.asked = 0, asyncio.Event()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[str]:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        async with server:
            yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while self.answers:
                await reader.readuntil(b"\r\n\r\n")
                self.asked.set()
                answer = self.answers.pop(0)
                if answer is None:
                    break
                writer.write(answer + self.then)
                await writer.drain()
                if self.closes:
                    break
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


async def ask(client: httpx.AsyncClient, url: str, seconds: float = 5.0) -> bytes:
    return (await client.get(url, timeout=httpx.Timeout(5.0, read=seconds))).content


async def settle() -> None:
    """Let everything arrive that has been sent; client and server share the event loop."""
    for _ in range(100):
        await asyncio.sleep(0)


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(transport=Connection(), trust_env=False) as opened:
        yield opened


@pytest.mark.parametrize(
    ("answer", "body"),
    [
        (OK, b"ok"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\no\r\n1\r\nk\r\n0\r\nX: y\r\n\r\n", b"ok"),
        (b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n" + OK, b"ok"),
        (b"HTTP/1.1 204 No Content\r\n\r\n", b""),
        (b"HTTP/1.1 304 Not Modified\r\nContent-Length: 2\r\n\r\n", b""),
    ],
    ids=["length", "chunks", "hints", "nothing", "unchanged"],
)
async def test_bodies_end_where_they_say(client: httpx.AsyncClient, answer: bytes, body: bytes) -> None:
    """Whatever form an answer has, the connection is good for the next request."""
    talk = Talk(answer, OK)
    async with talk.running() as url:
        assert [await ask(client, url), await ask(client, url)] == [body, b"ok"]
    assert talk.connections == 1


async def test_an_answer_without_a_length_ends_with_the_connection(client: httpx.AsyncClient) -> None:
    """As servers of HTTP/1.0 have it; the next request connects anew."""
    talk = Talk(b"HTTP/1.1 200 OK\r\n\r\nwhole", b"HTTP/1.0 200 OK\r\n\r\nwhole", closes=True)
    async with talk.running() as url:
        assert [await ask(client, url), await ask(client, url)] == [b"whole", b"whole"]
    assert talk.connections == 2


async def test_a_connection_that_was_closed_meanwhile(client: httpx.AsyncClient) -> None:
    """A server may hang up while nothing is asked; that is no failure of the next request."""
    talk = Talk(OK, OK, closes=True)
    async with talk.running() as url:
        assert await ask(client, url) == b"ok"
        await settle()
        assert await ask(client, url) == b"ok"
    assert talk.connections == 2


async def test_what_nobody_asked_for_is_no_answer(client: httpx.AsyncClient) -> None:
    """What a server says after its answer is never taken for the answer to the next request."""
    talk = Talk(OK, OK, then=b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil")
    async with talk.running() as url:
        assert await ask(client, url) == b"ok"
        await settle()
        assert await ask(client, url) == b"ok"
    assert talk.connections == 2


async def test_a_body_that_is_left_is_not_read_by_the_next(client: httpx.AsyncClient) -> None:
    """Who closes an answer in the middle gives the connection up."""
    talk = Talk(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\nbegin", OK)
    async with talk.running() as url:
        async with client.stream("GET", url) as answer:
            assert answer.status_code == 200
        assert await ask(client, url) == b"ok"
    assert talk.connections == 2


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (None, httpx.RemoteProtocolError),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhalf", httpx.RemoteProtocolError),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nha", httpx.RemoteProtocolError),
        (b"SSH-2.0-OpenSSH_9.2\r\n\r\n", httpx.RemoteProtocolError),
        (b"HTTP/1.1 200 OK\r\n" + b"X-Long: " + b"x" * 200_000 + b"\r\n\r\n", httpx.RemoteProtocolError),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", httpx.RemoteProtocolError),
    ],
    ids=["nothing", "half", "half a chunk", "another protocol", "a head without end", "two lengths"],
)
async def test_broken_answers(client: httpx.AsyncClient, answer: bytes | None, error: type[Exception]) -> None:
    """What is no whole answer is an error of the protocol, and the next request is not the worse for it."""
    talk = Talk(answer, OK, closes=True)
    async with talk.running() as url:
        with pytest.raises(error):
            await ask(client, url)
        assert await ask(client, url) == b"ok"


async def test_nobody_there(client: httpx.AsyncClient) -> None:
    """A port where nobody listens is a failure to connect."""
    async with Talk().running() as url:
        pass
    with pytest.raises(httpx.ConnectError):
        await ask(client, url)


async def test_silence(client: httpx.AsyncClient) -> None:
    """A server that takes too long is given up, with its connection: its late answer is nobody's."""
    talk = Talk(b"", OK)
    async with talk.running() as url:
        with pytest.raises(httpx.ReadTimeout):
            await ask(client, url, seconds=0.01)
        assert await ask(client, url) == b"ok"
    assert talk.connections == 2


async def test_a_request_that_is_cancelled(client: httpx.AsyncClient) -> None:
    """Whoever is cancelled while he waits leaves no answer behind for the next."""
    talk = Talk(b"", OK)
    async with talk.running() as url:
        task = asyncio.create_task(ask(client, url))
        await talk.asked.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await ask(client, url) == b"ok"
    assert talk.connections == 2


async def test_more_than_can_be_read_waits(client: httpx.AsyncClient) -> None:
    """A body of many megabytes comes whole, and does not pile up while it is not read."""
    talk = Talk(b"HTTP/1.1 200 OK\r\nContent-Length: 20000000\r\n\r\n" + bytes(20_000_000))
    async with talk.running() as url, client.stream("GET", url) as answer:
        size = 0
        async for piece in answer.aiter_raw():
            await asyncio.sleep(0)
            assert len(piece) < 1_000_000
            size += len(piece)
    assert size == 20_000_000
