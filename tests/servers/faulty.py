"""An HTTP server on loopback that goes wrong on demand, and a clock that moves only when somebody sleeps.

::

    with FaultyServer() as server:
        server.on("/tags", limited(5), answer(b"[]"))  # 429 first, then 200 for good
        ...
        assert [request.path for request in server.seen] == ["/tags", "/tags"]
"""

import asyncio
import gzip
import ssl
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A request as it arrived; ``path`` includes the query, ``headers`` have lower-case names."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What to do with a request.

    ``length`` is the Content-Length to claim, if not the true one. ``raw`` is sent instead of an answer. ``hang``
    keeps the connection open and silent, after the body, until the server ends. With ``etag`` a request that
    already has it is answered 304.
    """

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    length: int | None = None
    raw: bytes | None = None
    hang: bool = False
    etag: str | None = None


def answer(body: bytes = b"", *, status: int = 200, **headers: str) -> Answer:
    """A plain answer; ``retry_after="5"`` becomes the header ``retry-after: 5``."""
    return Answer(status=status, body=body, headers={name.replace("_", "-"): value for name, value in headers.items()})


def tagged(body: bytes, etag: str, **headers: str) -> Answer:
    """An answer that need not be sent again to who has it."""
    return Answer(body=body, etag=etag, headers={name.replace("_", "-"): value for name, value in headers.items()})


def limited(retry_after: int | str | None = None) -> Answer:
    """Too many requests."""
    return Answer(status=429, headers={} if retry_after is None else {"retry-after": str(retry_after)})


def redirect(location: str, status: int = 302) -> Answer:
    """Somewhere else."""
    return answer(status=status, location=location)


def garbage() -> Answer:
    """Bytes that are no HTTP."""
    return Answer(raw=b"\x00\x01\xfe\xff this is not HTTP\r\n\r\n")


def dropped() -> Answer:
    """The connection is closed without a word."""
    return Answer(raw=b"")


def truncated(body: bytes) -> Answer:
    """The connection is closed ten bytes before the promised end."""
    return Answer(body=body, length=len(body) + 10)


def never() -> Answer:
    """No answer at all."""
    return Answer(raw=b"", hang=True)


def stuck(body: bytes) -> Answer:
    """The beginning of an answer, and then silence."""
    return Answer(body=body, length=len(body) + 10, hang=True)


def compressed(body: bytes) -> Answer:
    """A body compressed with gzip."""
    return answer(gzip.compress(body, mtime=0), content_encoding="gzip")


def gzip_bomb(size: int) -> Answer:
    """Zeros that take a thousandth of ``size`` on the wire."""
    return compressed(bytes(size))


class FaultyServer:
    """Answers each path with what :meth:`on` said, in turn, the last answer for good; other paths with 404."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.seen: list[Seen] = []
        self.connections = 0
        self.ended = threading.Event()
        self._answers: dict[str, list[Answer]] = {}
        self._lock = threading.Lock()
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.faulty = self
        if tls is not None:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True, do_handshake_on_connect=False)
        self.host = f"127.0.0.1:{self._server.server_port}"
        self.url = f"{'http' if tls is None else 'https'}://{self.host}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)

    def on(self, path: str, *answers: Answer) -> None:
        """Answer requests for ``path``, whatever their query, so."""
        self._answers[path] = list(answers)

    def next(self, path: str) -> Answer:
        """The answer for the next request for ``path``."""
        with self._lock:
            answers = self._answers.get(path.partition("?")[0], [answer(status=404)])
            return answers.pop(0) if len(answers) > 1 else answers[0]

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.ended.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Server(ThreadingHTTPServer):
    request_queue_size = 128  # of connections that do not fit, TCP tries again after a second
    daemon_threads = True
    faulty: FaultyServer


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def handle(self) -> None:
        self.server.faulty.connections += 1
        try:
            super().handle()
        except OSError:
            self.close_connection = True  # the client left, or did not like our certificate

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.faulty.seen.append(Seen(method=self.command, path=self.path, headers=headers, body=body))
        self._send(self.server.faulty.next(self.path), headers)

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_POST(self) -> None:
        self.do_GET()

    def _send(self, what: Answer, asked: Mapping[str, str]) -> None:
        if what.raw is not None:
            self.wfile.write(what.raw)
            self.close_connection = True
        elif what.etag is not None and asked.get("if-none-match") == what.etag:
            self._send_head(304, {**what.headers, "etag": what.etag})
        else:
            self._send_whole(what)
        if what.hang:
            self.server.faulty.ended.wait(30)

    def _send_whole(self, what: Answer) -> None:
        length = len(what.body) if what.length is None else what.length
        headers = {"content-length": str(length), **what.headers}
        self._send_head(what.status, headers | ({"etag": what.etag} if what.etag else {}))
        if self.command != "HEAD":
            self.wfile.write(what.body)
        self.close_connection = what.length is not None

    def _send_head(self, status: int, headers: Mapping[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.flush()

    def log_message(self, *_arguments: object) -> None:
        pass


class StillClock:
    """The time of a test. It moves only in ``sleep``, which takes no time and notes what was asked for."""

    def __init__(self, now: datetime = datetime(2026, 1, 1, 12, tzinfo=UTC)) -> None:
        self.now = now
        self.slept: list[float] = []

    def __call__(self) -> datetime:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += timedelta(seconds=seconds)
        await asyncio.sleep(0)
