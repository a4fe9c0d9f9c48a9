"""Registries that fail by a plan: which request is answered how badly depends on a seed and on what is asked for.

::

    with Unreliable(Demo(), seed=7, share=0.3) as server:
        ...  # three of ten addresses answer badly, each in its own way, some for good and some only once
"""

import json
import random
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from urllib.parse import parse_qsl, urlsplit

from tests.servers import Reply, Request, Server
from updater.demo import registries

Fault = Callable[[Reply], Reply]

_HTML = {"Content-Type": "text/html"}
_PREFIX = "/_host/"


class Demo(Server):
    """The registries of the demo, each below ``/_host/NAME``."""

    def handle(self, request: Request) -> Reply:
        host, _, target = request.target.removeprefix(_PREFIX).partition("/")
        parts = urlsplit(f"/{target}")
        query = dict(parse_qsl(parts.query))
        reply = registries.answer(registries.Request(host=host, path=parts.path, query=query, headers=request.headers))
        return Reply(status=reply.status, body=reply.content, headers=reply.headers)

    def routes(self, server: Server) -> Mapping[str, str]:
        """Each host of the demo at ``server``."""
        return {host: f"{server.url}{_PREFIX}{host}" for host in registries._HOSTS}


class Unreliable(Server):
    """``upstream``, whose answers go wrong for a ``share`` of the addresses. Half of those mend at the second request.

    ``kinds`` names the faults to choose from. ``faults`` counts what was done. That one tag is not there is an answer,
    which no registry gives by mistake.
    """

    def __init__(self, upstream: Server, *, seed: int, share: float, kinds: tuple[str, ...] | None = None) -> None:
        super().__init__()
        self.upstream, self.seed, self.share, self.kinds = upstream, seed, share, kinds or tuple(FAULTS)
        self.faults: Counter[str] = Counter()
        self._times: Counter[str] = Counter()
        self._lock = threading.Lock()

    def handle(self, request: Request) -> Reply:
        reply = self.upstream.handle(request)
        with self._lock:
            address = f"{request.method} {request.target}"
            self._times[address] += 1
            plan = random.Random(f"{self.seed} {address}")
            kind, is_passing = plan.choice(self.kinds), plan.random() < 0.5
            is_due = plan.random() < self.share and not (is_passing and self._times[address] > 1)
            if kind == "not found" and "/manifests/" in request.target:
                kind = "down"
            if is_due and reply.status < 300:
                self.faults[kind] += 1
                return FAULTS[kind](reply)
        return reply


# ---------------------------------------------------------------- what goes wrong


def _status(status: int, **headers: str) -> Fault:
    words = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda _reply: Reply(status=status, body=b"<h1>no</h1>", headers={**_HTML, **words})


def _other_lists(change: Callable[[list[object]], list[object]]) -> Fault:
    """The same document with its lists changed; what is no JSON stays as it is."""

    def changed(value: object) -> object:
        if isinstance(value, list):
            return change([changed(each) for each in value])
        return {key: changed(each) for key, each in value.items()} if isinstance(value, dict) else value

    def fault(reply: Reply) -> Reply:
        try:
            body = json.dumps(changed(json.loads(reply.body))).encode()
        except ValueError:
            return reply
        return Reply(body=body, headers=_without(reply, "link", "etag") if change is _none else _without(reply, "etag"))

    return fault


def _none(_values: list[object]) -> list[object]:
    return []


def _reversed(values: list[object]) -> list[object]:
    return values[::-1]


def _without(reply: Reply, *names: str) -> dict[str, str]:
    return {name: value for name, value in reply.headers.items() if name.lower() not in names}


FAULTS: Mapping[str, Fault] = {
    "unauthorized": _status(401),
    "forbidden": _status(403),
    "not found": _status(404),
    "limited": _status(429),
    "limited for an hour": _status(429, retry_after="3600"),
    "limited by GitHub": _status(403, x_ratelimit_remaining="0", x_ratelimit_reset="3600"),
    "broken": _status(500),
    "down": _status(503, retry_after="5"),
    "page to log in": lambda _reply: Reply(body=b"<!doctype html><title>Sign in</title>", headers=_HTML),
    "nothing": lambda _reply: Reply(),
    "garbage": lambda _reply: Reply(body=b"\x00\xff\xfe garbage", headers={"Content-Type": "application/json"}),
    "empty lists": _other_lists(_none),
    "another order": _other_lists(_reversed),
    "half": lambda reply: Reply(body=reply.body[: len(reply.body) // 2], headers=_without(reply, "etag")),
    "cut": lambda reply: Reply(body=reply.body + b"more", headers=reply.headers, cut=len(reply.body) // 2),
    "silence": lambda reply: Reply(body=reply.body + b"more", cut=0),
    "redirect to nowhere": _status(302, location="http://127.0.0.1:1/"),
    "compressed, but not": lambda reply: Reply(body=reply.body, headers={"Content-Encoding": "gzip"}),
}
