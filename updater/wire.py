"""One connection to one server: HTTP/1.1 by h11, behind httpx's interface.

httpx's own client and transport spend more on looking after a pool, on cancel scopes and on what we do ourselves than
on the request: with this one a request costs half. It knows no proxies; where the environment names some, httpx's own
is used.
"""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Iterator, Mapping
from contextlib import contextmanager
from typing import TypeVar

import h11
import httpx

T = TypeVar("T")

_HEAD_BYTES = 100 * 1024
"""The longest head of an answer, as httpx has it."""
_MOST_WAITING = 256 * 1024
"""How much may have arrived before it is asked for."""
_SECOND_ADDRESS_AFTER = 0.25
"""In seconds: https://www.rfc-editor.org/rfc/rfc8305#section-8."""
_PORTS = {"http": 80, "https": 443}


class Connection(httpx.AsyncBaseTransport):
    """A transport for one request after the other to one server. It connects with the first, and anew where it must.

    Raises what httpx's own transport raises: ``ConnectError``, ``ConnectTimeout``, ``ReadError``, ``ReadTimeout``,
    ``RemoteProtocolError`` and ``LocalProtocolError``.
    """

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self._tls = tls
        self._socket: _Socket | None = None
        self._dialogue = h11.Connection(h11.CLIENT)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """The answer as soon as its head is there; its body comes with the stream, which must be closed."""
        timeout: Mapping[str, float | None] = request.extensions["timeout"]
        if self._socket is None or not self._socket.is_idle:
            self._hang_up()
            await self._dial(request.url, timeout.get("connect"))
        try:
            self._say(request)
            head = await self._next(timeout.get("read"))
        except BaseException:
            self._hang_up()
            raise
        assert isinstance(head, h11.Response)
        body = _Body(self, timeout.get("read"))
        return httpx.Response(head.status_code, headers=head.headers.raw_items(), stream=body)

    async def aclose(self) -> None:
        """Hang up."""
        self._hang_up()

    async def body(self, seconds: float | None) -> AsyncIterator[bytes]:
        """The pieces of the present answer's body."""
        while isinstance(event := await self._next(seconds), h11.Data):
            yield bytes(event.data)

    def finish(self) -> None:
        """Be ready for the next request; if the present answer has not ended, or more came behind it, hang up."""
        is_over = self._dialogue.our_state is h11.DONE and self._dialogue.their_state is h11.DONE
        if is_over and not self._dialogue.trailing_data[0]:
            self._dialogue.start_next_cycle()
        else:
            self._hang_up()

    async def _dial(self, url: httpx.URL, seconds: float | None) -> None:
        dialling = asyncio.get_running_loop().create_connection(
            _Socket,
            url.host,
            url.port or _PORTS[url.scheme],
            ssl=self._tls if url.scheme == "https" else None,
            happy_eyeballs_delay=_SECOND_ADDRESS_AFTER,
        )
        try:
            _, self._socket = await _within(seconds, dialling, httpx.ConnectTimeout)
        except OSError as error:  # what is wrong with a certificate is one, too
            raise httpx.ConnectError(str(error)) from error
        self._dialogue = h11.Connection(h11.CLIENT, max_incomplete_event_size=_HEAD_BYTES)

    def _say(self, request: httpx.Request) -> None:
        assert self._socket is not None
        with _as_httpx_says():
            head = h11.Request(method=request.method, target=request.url.raw_path, headers=request.headers.raw)
            said = [self._dialogue.send(event) for event in (head, h11.Data(request.content), h11.EndOfMessage())]
        self._socket.send(b"".join(filter(None, said)))

    async def _next(self, seconds: float | None) -> h11.Event:
        """The next that the server says, after what is said in advance."""
        assert self._socket is not None
        while True:
            with _as_httpx_says():
                event = self._dialogue.next_event()
                if isinstance(event, h11.Event) and not isinstance(event, h11.InformationalResponse):
                    return event
                if event is h11.NEED_DATA:
                    self._dialogue.receive_data(await self._socket.receive(seconds))
                elif event is h11.PAUSED:
                    raise httpx.RemoteProtocolError("more than one answer came")

    def _hang_up(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None


class ByProxy(httpx.AsyncBaseTransport):
    """httpx as it comes, which finds its way through the proxies that the environment names."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self._client = httpx.AsyncClient(verify=tls or False)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """The answer as soon as its head is there."""
        return await self._client.send(request, stream=True)

    async def aclose(self) -> None:
        """Hang up."""
        await self._client.aclose()


class _Body(httpx.AsyncByteStream):
    """The body of an answer, read as it comes."""

    def __init__(self, connection: Connection, seconds: float | None) -> None:
        self._connection, self._seconds = connection, seconds

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for piece in self._connection.body(self._seconds):
            yield piece

    async def aclose(self) -> None:
        self._connection.finish()


class _Socket(asyncio.Protocol):
    """What arrives, until it is asked for."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._arrived = bytearray()
        self._waiting: asyncio.Future[None] | None = None
        self._is_paused, self._is_over = False, False
        self._error: Exception | None = None

    @property
    def is_idle(self) -> bool:
        """Whether the server has said nothing since the last answer: neither more than that, nor goodbye."""
        return not self._is_over and not self._arrived

    def send(self, data: bytes) -> None:
        assert self._transport is not None
        self._transport.write(data)

    async def receive(self, seconds: float | None) -> bytes:
        """What has arrived; nothing at the end."""
        if not self._arrived and not self._is_over:
            self._waiting = asyncio.get_running_loop().create_future()
            await _within(seconds, self._waiting, httpx.ReadTimeout)
        if not self._arrived and self._error is not None:
            raise httpx.ReadError(str(self._error)) from self._error
        arrived, self._arrived = bytes(self._arrived), bytearray()
        if self._is_paused and self._transport is not None:
            self._is_paused = False
            self._transport.resume_reading()
        return arrived

    def close(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    # ------------------------------------------------------------ called by asyncio

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._arrived += data
        if len(self._arrived) > _MOST_WAITING and not self._is_paused and self._transport is not None:
            self._is_paused = True
            self._transport.pause_reading()
        self._wake()

    def eof_received(self) -> None:
        self._is_over = True
        self._wake()

    def connection_lost(self, exc: Exception | None) -> None:
        self._is_over, self._error = True, exc
        self._wake()

    def _wake(self) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(None)


async def _within(seconds: float | None, wait: Awaitable[T], late: type[httpx.TimeoutException]) -> T:
    """The result of waiting, if it comes in time; otherwise ``late`` is raised."""
    try:
        async with asyncio.timeout(seconds):
            return await wait
    except TimeoutError as error:
        raise late(f"nothing within {seconds} s") from error


@contextmanager
def _as_httpx_says() -> Iterator[None]:
    try:
        yield
    except h11.LocalProtocolError as error:
        raise httpx.LocalProtocolError(str(error)) from error
    except h11.RemoteProtocolError as error:
        raise httpx.RemoteProtocolError(str(error)) from error
