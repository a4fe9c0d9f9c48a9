"""The connections of a run: how one request gets to its server, and its answer back. The home of httpx.

Requests go through pyreqwest, a client in Rust behind the interface of httpx, at half the CPU. Where it gets no
connection, httpx's own transport tries once more, and goes on for that server if it has one: it trusts, by OpenSSL, a
server's own certificate that stands in ``SSL_CERT_FILE``, where Rust's TLS insists on an authority, and its errors say
what the matter is. Proxies (``HTTPS_PROXY``, ``NO_PROXY``) and ``SSL_CERT_FILE`` hold for both.
"""

import socket
import ssl
import sys
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from importlib.util import find_spec
from typing import TypeVar

# Two modules that httpx tries to import and does without: its own command line, which takes as long to load as all
# the rest, and sniffio, which httpcore looks for on the whole path again and again, with each request.
for _module in ("httpx._main", "sniffio"):
    if _module not in sys.modules and (_module == "httpx._main" or find_spec(_module) is None):
        sys.modules[_module] = None  # type: ignore[assignment]
import httpx  # noqa: E402 - after the lines above
from httpx import Response as Answer  # noqa: E402

__all__ = ["Answer", "Connections", "Lost", "Outgoing", "Unsendable", "outgoing"]

T = TypeVar("T")
Receive = Callable[[Answer], Awaitable[T]]
"""Reads an answer whose body has not been read; it may be called again if the connection is lost meanwhile."""

_Send = Callable[[httpx.Request], Awaitable[Answer]]

_CONNECT_TIMEOUT = 10.0
_NOT_CONNECTED = "client error (Connect)"
"""What pyreqwest says, among other things, if nothing was sent yet."""
_TOO_LONG = "takes longer than {seconds:g} s to answer"


class Unsendable(Exception):
    """The request has characters that HTTP has no place for."""


class Lost(Exception):
    """There is no whole answer. The message goes on after the server's name; it may hold nothing of the request.

    ``is_final`` means that no other request to the server can do better.
    """

    def __init__(self, message: str, *, is_final: bool = False) -> None:
        super().__init__(message)
        self.is_final = is_final


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """A request as it is sent. ``seconds`` is the longest silence."""

    request: httpx.Request
    seconds: float

    @property
    def origin(self) -> str:
        """The server: scheme, host and port."""
        return f"{self.request.url.scheme}://{self.request.url.netloc.decode()}"


def outgoing(method: str, url: str, headers: Mapping[str, str], body: bytes | None, seconds: float) -> Outgoing:
    """The request in the form of httpx. Raises ``Unsendable``."""
    if not all(value.isascii() and value.isprintable() for value in headers.values()):
        raise Unsendable
    try:
        return Outgoing(request=httpx.Request(method, url, headers=headers, content=body), seconds=seconds)
    except (httpx.InvalidURL, ValueError):
        raise Unsendable from None


class Connections:
    """Open connections, kept for the next request to the same server. ``quick=False`` leaves pyreqwest aside."""

    def __init__(self, *, quick: bool = True) -> None:
        self._quick = quick
        self._transports: dict[float, httpx.AsyncBaseTransport] = {}
        self._slow = _OneConnectionEach()
        self._only_slow = set[str]()

    async def exchange(self, outgoing: Outgoing, receive: Receive[T]) -> T:
        """What ``receive`` makes of the answer. Raises ``Lost`` and ``Unsendable``, and what ``receive`` raises."""
        if self._quick and outgoing.origin not in self._only_slow:
            try:
                return await self._quickly(outgoing, receive)
            except _NotConnected:
                self._only_slow.add(outgoing.origin)
        outgoing.request.extensions = {"timeout": _timeout(outgoing.seconds).as_dict()}
        try:
            with self._slow.client(outgoing.origin) as client:
                return await _exchanged(partial(client.send, stream=True), outgoing.request, receive)
        except httpx.HTTPError as error:
            raise _lost(error, outgoing.seconds) from error

    async def _quickly(self, outgoing: Outgoing, receive: Receive[T]) -> T:
        from pyreqwest.exceptions import PyreqwestError  # here, because a scan asks nobody

        try:
            return await _exchanged(self._transport(outgoing.seconds).handle_async_request, outgoing.request, receive)
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            raise _before_the_answer(error, outgoing.seconds) from None
        except (httpx.HTTPError, PyreqwestError) as error:
            raise _lost(error, outgoing.seconds) from None  # its words hold the URL with its query

    def _transport(self, seconds: float) -> httpx.AsyncBaseTransport:
        """One for each limit of silence, with connections to all servers.

        It is used without a client of httpx, which would look for cookies, logins and redirects: a fifth of the work.
        """
        if seconds not in self._transports:
            self._transports[seconds] = _quick_transport(seconds)
        return self._transports[seconds]

    async def aclose(self) -> None:
        """Close them all."""
        for transport in self._transports.values():
            await transport.aclose()
        await self._slow.aclose()


class _NotConnected(Exception):
    """Nothing was sent."""


class _OneConnectionEach:
    """Clients of httpx with one connection each, to one server.

    A client with all connections of a host, or of all hosts, searches them several times for each request, and gives
    one idle connection to all who wait: two to four times the work of the request itself.
    """

    def __init__(self) -> None:
        self._clients: list[httpx.AsyncClient] = []
        self._idle: dict[str, list[httpx.AsyncClient]] = {}
        self._tls: list[ssl.SSLContext] = []

    @contextmanager
    def client(self, origin: str) -> Iterator[httpx.AsyncClient]:
        """One for us alone, that stays open for the next who asks the same server."""
        idle = self._idle.setdefault(origin, [])
        client = idle.pop() if idle else self._new(tls=origin.startswith("https:"))
        try:
            yield client
        finally:
            idle.append(client)

    def _new(self, *, tls: bool) -> httpx.AsyncClient:
        # Reading the trusted certificates takes longer than dozens of requests, and plain http needs none.
        client = httpx.AsyncClient(verify=self._shared_tls() if tls else False)
        self._clients.append(client)
        return client

    def _shared_tls(self) -> ssl.SSLContext:
        if not self._tls:
            self._tls.append(httpx.create_ssl_context())
        return self._tls[0]

    async def aclose(self) -> None:
        for client in self._clients:
            await client.aclose()


def _quick_transport(seconds: float) -> httpx.AsyncBaseTransport:
    from pyreqwest.client import ClientBuilder  # here, because a scan asks nobody
    from pyreqwest.compatibility.httpx import HttpxTransport

    builder = ClientBuilder().follow_redirects(False).referer(False)
    builder = builder.gzip(False).brotli(False).zstd(False).deflate(False)
    builder = builder.connect_timeout(timedelta(seconds=min(seconds, _CONNECT_TIMEOUT)))
    return HttpxTransport(builder.read_timeout(timedelta(seconds=seconds)).build())


def _timeout(seconds: float) -> httpx.Timeout:
    return httpx.Timeout(seconds, connect=min(seconds, _CONNECT_TIMEOUT), pool=None)


async def _exchanged(send: _Send, request: httpx.Request, receive: Receive[T]) -> T:
    try:
        answer = await send(request)
    except (httpx.LocalProtocolError, ValueError):
        raise Unsendable from None
    try:
        return await receive(answer)
    finally:
        await answer.aclose()


# ---------------------------------------------------------------- failures

_NOBODY = "cannot be reached: nobody answers there"
_BREAKS_OFF = "breaks off its answer, or does not speak HTTP"
_MEANINGS: tuple[tuple[type[BaseException], str], ...] = (
    (ssl.SSLCertVerificationError, "shows a certificate that is not trusted: set SSL_CERT_FILE to a file with its CA"),
    (socket.gaierror, "cannot be found: its name does not resolve"),
    (httpx.ProxyError, "cannot be reached through the proxy"),
    (httpx.ConnectTimeout, _NOBODY),
    (httpx.TimeoutException, _TOO_LONG),
    (httpx.ConnectError, "cannot be reached: the connection fails"),
    (httpx.RemoteProtocolError, _BREAKS_OFF),
    (httpx.NetworkError, "breaks off the connection"),
    (TimeoutError, _TOO_LONG),
)


def _before_the_answer(error: httpx.TransportError, seconds: float) -> Exception:
    """Pyreqwest speaks of connecting, whatever happens before the answer begins."""
    is_late = isinstance(error, httpx.ConnectTimeout)
    if _NOT_CONNECTED in str(error.__cause__):
        return Lost(_NOBODY) if is_late else _NotConnected()
    return Lost(_TOO_LONG.format(seconds=seconds) if is_late else _BREAKS_OFF)


def _lost(error: BaseException, seconds: float) -> Lost:
    causes = list(_causes(error))
    for kind, meaning in _MEANINGS:
        if any(isinstance(cause, kind) for cause in causes):
            return Lost(meaning.format(seconds=seconds), is_final=kind is ssl.SSLCertVerificationError)
    return Lost(_BREAKS_OFF)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
