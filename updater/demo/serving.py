"""Servers in this process: loopback only, on a free port, started by ``with`` and gone afterwards.

A stand-in derives from :class:`Server` and answers in :meth:`Server.handle`. Every server has ``url``, ``requests``
(what was asked and how it was answered), ``reset()`` and ``fault``: a reply that is given instead of the real one.
"""

import json
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import NamedTuple, Self
from urllib.parse import parse_qs, unquote, urlsplit


class Asked(NamedTuple):
    """One line of the log: ``path`` is as sent, with its query."""

    method: str
    path: str
    status: int


@dataclass(frozen=True, kw_only=True)
class Request:
    """What a client sent; header names are in lower case."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes = b""

    @property
    def path(self) -> str:
        """The path without its query, decoded."""
        return unquote(urlsplit(self.target).path)

    @property
    def query(self) -> dict[str, str]:
        """The last value of each parameter."""
        return {name: values[-1] for name, values in parse_qs(urlsplit(self.target).query).items()}


@dataclass(frozen=True, kw_only=True)
class Reply:
    """What to answer; with ``cut`` the connection breaks after that many bytes of the announced body.

    A ``stream`` is sent piece by piece in place of the body, whose length nobody knows; then the connection ends.
    """

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: int | None = None
    stream: Iterable[bytes] | None = None


NOT_FOUND = Reply(status=404, body=b'{"errors":["not found"]}')


def as_json(value: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Reply:
    """A reply that holds a value."""
    return Reply(
        status=status,
        body=json.dumps(value).encode(),
        headers={"Content-Type": "application/json", **(headers or {})},
    )


class Server:
    """An HTTP server in a thread; keep-alive, any number of connections."""

    def __init__(self) -> None:
        self.requests: list[Asked] = []
        self.fault: Callable[[Request], Reply | None] | Reply | None = None
        self._http = _Http(("127.0.0.1", 0), _handler_for(self))
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.01,), daemon=True)

    @property
    def host(self) -> str:
        """Address and port."""
        return f"127.0.0.1:{self._http.server_address[1]}"

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://{self.host}"

    def paths(self, prefix: str = "") -> list[str]:
        """The paths asked for so far that begin with ``prefix``, in order."""
        return [asked.path for asked in self.requests if asked.path.startswith(prefix)]

    def reset(self) -> None:
        """Forget the log and mend the fault."""
        self.requests.clear()
        self.fault = None

    def handle(self, request: Request) -> Reply:
        """The real reply."""
        raise NotImplementedError

    def answer(self, request: Request) -> Reply:
        """The reply that goes out: the fault's if there is one, else the real one; both are logged."""
        reply = self.fault(request) if callable(self.fault) else self.fault
        if reply is None:
            reply = self.handle(request)
        self.requests.append(Asked(request.method, request.target, reply.status))
        return reply

    def start(self) -> Self:
        """Begin to answer."""
        self._thread.start()
        return self

    def stop(self) -> None:
        """Answer nothing more, and end."""
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


class _Http(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up in the middle is nothing to report."""


def _handler_for(server: Server) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def _respond(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            reply = server.answer(Request(method=self.command, target=self.path, headers=headers, body=body))
            self._send(reply)

        def _send(self, reply: Reply) -> None:
            self.send_response_only(reply.status)
            if reply.stream is not None:
                self._pour(reply.stream)
                return
            if not any(name.lower() == "content-length" for name in reply.headers):
                self.send_header("Content-Length", str(len(reply.body)))
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.end_headers()
            if self.command != "HEAD" and reply.status != 304:
                self.wfile.write(reply.body[: reply.cut])
            self.close_connection = self.close_connection or reply.cut is not None

        def _pour(self, pieces: Iterable[bytes]) -> None:
            self.close_connection = True
            self.end_headers()
            for piece in pieces:
                self.wfile.write(piece)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is http.server's
            """Silence; the server keeps its own log."""

        do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = _respond  # noqa: N815 - the names that http.server looks up

    return Handler
