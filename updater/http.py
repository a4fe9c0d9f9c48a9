"""The one way to the network: HTTP with credentials, limits, retries and conditional requests; and ``git ls-remote``.

A request passes, in this order: the host rules (what to say to the host), the store of earlier answers (what to ask
conditionally), the host's gate (when to send, how often, when no more), the routes (where it really goes). What comes
back is an answer or one of the errors of :mod:`updater.errors`, whose message names the host and what can be done,
and never a secret.
"""

import asyncio
import copy
import hashlib
import json as json_format
import logging
import os
import re
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any, Self, TypeVar
from urllib.parse import unquote, urljoin, urlsplit

from updater import __version__
from updater.answers import REDIRECTS, Body, counted_as, quota, refusal
from updater.api import Clock, Credentials, Distiller, Response, Secret
from updater.cache import ResponseStore, StoredResponse
from updater.connections import Answer, Connections, Lost, Outgoing, Unsendable, outgoing
from updater.credentials import DockerConfig, authorization, credentials_of
from updater.errors import AuthError, InvalidAnswer, RequestError, Unavailable
from updater.gate import Gate, Sleep, Unusable
from updater.hosts import HostRule, HostRules, host_of, is_loopback, shown
from updater.ls_remote import ls_remote, over_https, parse_address
from updater.tracing import span

logger = logging.getLogger(__name__)

T = TypeVar("T")
Error = TypeVar("Error", bound=RequestError)

MAX_BYTES = 64 * 1024 * 1024
MAX_DOWNLOAD_BYTES = 2 * 1024 * 1024 * 1024
MAX_REDIRECTS = 5
MOST_UNDER_WAY = 64
"""How many requests are under way at once, to all hosts: with more than 48 the processor is the limit, not the wait."""
TIMEOUT = 30.0
"""The longest silence, in seconds. A whole answer may take four times as long, a download sixty times."""

_EXCERPT_BYTES = 64 * 1024
_UNSENDABLE = "cannot be asked for: it, or one of the headers, has characters that cannot be sent"
_SAFE_ABROAD = frozenset({"accept", "accept-encoding", "user-agent"})
_NOT_LASTING = frozenset({"connection", "content-encoding", "content-length", "set-cookie", "transfer-encoding"})
_LIMITS = ("ratelimit", "x-ratelimit", "retry-after", "x-retry-after")
_VALIDATORS = frozenset({"etag", "last-modified", "docker-content-digest"})
_FRESH_IN_NEED = timedelta(days=7)
_NEVER = datetime.min.replace(tzinfo=UTC)
_BY_DIGEST = re.compile(r"/v2/.+/(?:manifests|blobs)/sha256:(?P<digest>[0-9a-f]{64})")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Request:
    """What to ask. ``headers`` have lower-case names; ``url`` has neither user name nor fragment.

    ``at_home`` is False once a redirect has led to another host: from there on, nothing secret is said.
    """

    method: str
    url: str
    headers: Mapping[str, str]
    allow: frozenset[int] = frozenset()
    max_bytes: int = MAX_BYTES
    cacheable: bool = False
    distil: type[Distiller] | None = None
    body: bytes | None = None
    file: Path | None = None
    at_home: bool = True


class HttpClient:
    """The :class:`updater.api.Client` of a run; an asynchronous context manager.

    ``routes`` says for a host (``ghcr.io``, ``registry.local:5000``) which base URL really serves it: a mirror, or a
    stand-in on loopback. It is sent the original ``Host`` header, and its links and redirects to the original host
    come back to it. ``docker_config`` is the ``config.json`` of the container tools, by default the user's.
    ``git_environment`` are the variables for git, by default this process's; only with ``local_git`` may a
    repository be a directory of this machine (``file://``). ``clock`` and ``sleep`` are the only ways in which time
    passes here.

    A stored answer younger than ``fresh_for`` is taken without asking, one that is asked for by its digest always, and
    while a host has few requests left, one that is younger than a week.
    """

    def __init__(
        self,
        *,
        host_rules: Sequence[HostRule] = (),
        cache: ResponseStore | None = None,
        fresh_for: timedelta = timedelta(0),
        clock: Clock = lambda: datetime.now(UTC),
        routes: Mapping[str, str] | None = None,
        docker_config: Path | None = None,
        user_agent: str | None = None,
        git_environment: Mapping[str, str] | None = None,
        local_git: bool = False,
        sleep: Sleep = asyncio.sleep,
        connections: Connections | None = None,
    ) -> None:
        self._rules, self._store, self._clock, self._sleep = HostRules(host_rules), cache, clock, sleep
        self._routes = {host.lower(): base.rstrip("/") for host, base in (routes or {}).items()}
        self._docker = DockerConfig(docker_config)
        self._user_agent = user_agent or f"gitops-updater/{__version__}"
        self._git_environment, self._local_git = git_environment, local_git
        self._requests: Counter[str] = Counter()
        self._gates: dict[str, Gate] = {}
        self._connections, self._slots = connections or Connections(), asyncio.Semaphore(MOST_UNDER_WAY)
        self._fresh_for, self._is_sparing = fresh_for, False
        self._once: dict[str, asyncio.Task[Any]] = {}
        self._warned: set[str] = set()
        _quiet_libraries()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_exception: object) -> None:
        tasks = [task for task in self._once.values() if not task.done()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._connections.aclose()

    @property
    def requests(self) -> Mapping[str, int]:
        """How many requests were sent to each host (before routing), retries included; it counts on."""
        return MappingProxyType(self._requests)

    def sparing(self) -> Self:
        """This client, for requests that leave a part of each host's budget to the others; it lives as long."""
        view = copy.copy(self)  # all that changes is shared
        view._is_sparing = True  # noqa: SLF001 - the new object is of this class
        return view

    # ------------------------------------------------------------ the protocol

    async def get(
        self,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        allow: Iterable[int] = (),
        max_bytes: int | None = None,
        cacheable: bool = True,
        distil: type[Distiller] | None = None,
    ) -> Response:
        """GET; see :meth:`updater.api.Client.get`. An empty ``Authorization`` keeps the host rules' back."""
        request = replace(_request("GET", url, headers), allow=frozenset(allow), max_bytes=max_bytes or MAX_BYTES)
        return await self._follow(replace(request, cacheable=cacheable, distil=distil))

    async def head(self, url: str, *, headers: Mapping[str, str] | None = None, allow: Iterable[int] = ()) -> Response:
        """HEAD, sent once a run; see :meth:`updater.api.Client.head`."""
        request = _request("HEAD", url, headers)
        request = replace(request, allow=frozenset(allow), cacheable=self._fresh_for > timedelta(0))
        said = sorted(request.headers.items())
        return await self.once(f"HEAD {url} {said} {sorted(request.allow)}", lambda: self._follow(request))

    async def post(
        self, url: str, *, json: object, headers: Mapping[str, str] | None = None, allow: Iterable[int] = ()
    ) -> Response:
        """POST of a question (it may be sent more than once); see :meth:`updater.api.Client.post`."""
        request = _request("POST", url, {"content-type": "application/json", **(headers or {})})
        return await self._follow(replace(request, allow=frozenset(allow), body=json_format.dumps(json).encode()))

    async def download(self, url: str, path: str) -> None:
        """Stream the body, as it is stored at ``url``, into the file ``path``; nothing is left there on failure.

        Raises ``InvalidAnswer`` above 2 GiB.
        """
        request = _request("GET", url, {"accept-encoding": "identity"})
        try:
            with _removed_on_failure(Path(path)):
                await self._follow(replace(request, file=Path(path), max_bytes=MAX_DOWNLOAD_BYTES))
        except OSError as error:
            raise _error(RequestError, request, f"cannot be saved: {error.strerror}") from error

    def credentials(self, url: str) -> Credentials | None:
        """What the host rules hold for ``url``, or else the container configuration of the user."""
        try:
            rule, host = self._rules.for_url(url), host_of(url)
        except ValueError:
            return None
        return credentials_of(rule) or self._docker.credentials(host)

    async def once(self, key: str, make: Callable[[], Awaitable[T]]) -> T:
        """The result of ``make``, run once however many ask; see :meth:`updater.api.Client.once`.

        It runs on although one who waits, or everyone, is cancelled.
        """

        async def run() -> T:
            return await make()

        task = self._once.get(key)
        if task is None:
            task = self._once[key] = asyncio.create_task(run())
            task.add_done_callback(_look_at_result)
        result: T = await asyncio.shield(task)
        return result

    async def kept(self, key: str, make: Callable[[], Awaitable[str]], *, within: timedelta | None = None) -> str:
        """The text that ``make`` makes; see :meth:`updater.api.Client.kept`."""
        return await self.once(f"kept {key} {within}", lambda: self._kept(f"kept {key}", make, within))

    async def _kept(self, key: str, make: Callable[[], Awaitable[str]], within: timedelta | None) -> str:
        name = hashlib.sha256(key.encode()).hexdigest()
        stored = await self._store.get(name) if self._store is not None else None
        if stored is not None and (within is None or self._is_within(stored, within)):
            return stored.content.decode()
        made = await make()
        if self._store is not None:
            kept = StoredResponse(headers={}, content=made.encode(), fetched_at=self._clock())
            await self._store.set(name, kept)
        return made

    def _is_within(self, stored: StoredResponse, time: timedelta) -> bool:
        return self._fresh_for > timedelta(0) and self._clock() - (stored.fetched_at or _NEVER) < time

    async def ls_remote(self, url: str) -> Mapping[str, str]:
        """The branches and tags of a Git repository; asked once a run. See :meth:`updater.api.Client.ls_remote`.

        An address for ssh is asked by HTTPS if there are credentials, or a route, for the host.
        """
        return await self.once(f"git ls-remote {url}", lambda: self._ls_remote(url))

    # ------------------------------------------------------------ git

    async def _ls_remote(self, url: str) -> Mapping[str, str]:
        address = parse_address(url, local=self._local_git)
        by_https = over_https(address)
        rule, route = self._rules.for_url(by_https.url), self._routes.get(by_https.host)
        credentials = _credentials_in(url) or credentials_of(rule)
        if credentials is not None or route is not None:
            address = by_https
        if credentials is not None and not self._is_private(address.url, rule):
            self._warn_once(address.host)
            credentials = None
        environment = os.environ if self._git_environment is None else self._git_environment

        async def attempt() -> Mapping[str, str]:
            return await ls_remote(
                address, credentials=credentials, route=route, environment=environment, local=self._local_git
            )

        return await self._gate(address.host or "localhost", rule).ask(address.url, attempt, spends="git")

    # ------------------------------------------------------------ HTTP

    async def _follow(self, request: _Request) -> Response:
        for _ in range(MAX_REDIRECTS + 1):
            response = await self._ask(request)
            if response.status not in REDIRECTS or response.status in request.allow:
                return response
            request = self._redirected(request, response)
        raise _error(InvalidAnswer, request, f"is redirected more than {MAX_REDIRECTS} times")

    def _redirected(self, request: _Request, response: Response) -> _Request:
        """Where the answer sends us. Another host hears neither credentials nor any other words of the caller."""
        location = response.headers.get("location")
        if location is None or request.method == "POST":
            raise _error(InvalidAnswer, request, f"is redirected ({response.status}) in a way that cannot be followed")
        try:
            target = _request(request.method, urljoin(request.url, location), None).url
        except (ValueError, RequestError) as error:
            raise _error(InvalidAnswer, request, "is redirected to what is no address") from error
        if request.url.startswith("https:") and not self._is_private(target, self._rules.for_url(target)):
            raise _error(InvalidAnswer, request, f"is redirected from https to {shown(target)}")
        if _is_same_host(request.url, target):
            return replace(request, url=target)
        words = {name: value for name, value in request.headers.items() if name in _SAFE_ABROAD}
        return replace(request, url=target, headers=words, at_home=False)

    async def _ask(self, request: _Request) -> Response:
        rule = self._rules.for_url(request.url)
        key = self._store_key(request, rule)
        request = replace(request, headers=self._headers(request, rule))
        stored = await self._store.get(key) if self._store is not None and key is not None else None
        if stored is not None and self._will_do(stored, request, rule):
            return Response(status=200, headers=stored.headers, content=stored.content, url=shown(request.url))
        response = await self._asked(request, rule, stored if request.method == "GET" else None)
        if self._store is not None and key is not None and _is_worth_keeping(request, response, stored):
            headers = _lasting(response.headers)
            kept = StoredResponse(headers=headers, content=response.content, fetched_at=self._clock())
            await self._store.set(key, kept)
        return response

    async def _asked(self, request: _Request, rule: HostRule, stored: StoredResponse | None) -> Response:
        ready = self._outgoing(request, rule, stored)
        gate, budget = self._gate(host_of(request.url), rule), counted_as(request.url)

        # https://docs.docker.com/docker-hub/usage/pulls/: a HEAD is no pull, and is answered when no pulls are left.
        spends = None if budget == "manifests" and request.method == "HEAD" else budget

        async def attempt() -> Response:
            response = await self._exchange(request, ready, stored)
            gate.learn(budget, quota(response.headers, self._clock()), spends=spends is not None)
            error = refusal(response, said=request.headers, at_home=request.at_home, now=self._clock())
            if error is not None and response.status not in request.allow:
                raise error
            return response

        return await gate.ask(request.url, attempt, spends=spends, sparing=self._is_sparing)

    def _will_do(self, stored: StoredResponse, request: _Request, rule: HostRule) -> bool:
        """Whether there is no need to ask. What has a digest for a name never changes.

        Where requests are short, they are for what is not known at all; but whoever spares them wants to hear news.
        """
        if request.method == "GET" and _digest_in(request.url) is not None:
            return True
        age = self._clock() - (stored.fetched_at or _NEVER)
        is_short = self._gate(host_of(request.url), rule).is_short_of(counted_as(request.url))
        return age < (_FRESH_IN_NEED if is_short and not self._is_sparing else self._fresh_for)

    def _headers(self, request: _Request, rule: HostRule) -> dict[str, str]:
        headers = {"accept": "*/*", "accept-encoding": "gzip", "user-agent": self._user_agent}
        if request.at_home:
            headers |= self._secrets(request, rule)
        headers |= request.headers
        if not headers.get("authorization", "none"):
            del headers["authorization"]
        return headers

    def _secrets(self, request: _Request, rule: HostRule) -> dict[str, str]:
        """The headers and the credentials of the host rules, if the way to the host is private."""
        credentials = credentials_of(rule)
        if credentials is None and not rule.headers:
            return {}
        if not self._is_private(request.url, rule):
            self._warn_once(host_of(request.url))
            return {}
        headers = {name.lower(): value for name, value in rule.headers.items()}
        if credentials is None or "authorization" in request.headers:
            return headers
        try:
            return headers | {"authorization": authorization(credentials)}
        except ValueError as error:
            raise _error(AuthError, request, f"cannot be asked for: in the host rule, {error}") from None

    def _is_private(self, url: str, rule: HostRule) -> bool:
        """Whether nobody between us and the host can listen, or the user has said that this does not matter."""
        return (
            url.startswith("https:")
            or host_of(url) in self._routes
            or is_loopback(url)
            or rule.insecure_registry is True
            or (rule.match_host or "").startswith("http://")
        )

    def _warn_once(self, host: str) -> None:
        if host not in self._warned:
            self._warned.add(host)
            logger.warning("%s is asked without credentials: http is not encrypted (see insecureRegistry)", host)

    def _outgoing(self, request: _Request, rule: HostRule, stored: StoredResponse | None) -> Outgoing:
        headers = {**request.headers, **(stored.validators if stored is not None else {})}
        host = host_of(request.url)
        if host in self._routes:
            headers |= {"host": host, "x-forwarded-proto": urlsplit(request.url).scheme}
        try:
            return outgoing(
                request.method, self._target(request.url, rule), headers, request.body, rule.timeout or TIMEOUT
            )
        except Unsendable:
            raise _error(RequestError, request, _UNSENDABLE) from None

    def _target(self, url: str, rule: HostRule) -> str:
        """Where a request to ``url`` really goes."""
        parts = urlsplit(url)
        base = self._routes.get(host_of(url))
        if base is not None:
            return f"{base}{parts.path or '/'}" + (f"?{parts.query}" if parts.query else "")
        return parts._replace(scheme="http").geturl() if rule.insecure_registry else url

    async def _exchange(self, request: _Request, ready: Outgoing, stored: StoredResponse | None) -> Response:
        """Send, and read the whole answer. Raises ``Unavailable`` where there is none."""

        async def receive(answer: Answer) -> Response:
            return await _received(request, answer, stored)

        try:
            async with self._slots, asyncio.timeout(ready.seconds * (60 if request.file is not None else 4)):
                with span(request.method, http_request_method=request.method, url_full=shown(request.url)):
                    response = await self._connections.exchange(ready, receive)
        except Unsendable:
            raise _error(RequestError, request, _UNSENDABLE) from None
        except Lost as loss:
            raise _unavailable(request, str(loss), is_final=loss.is_final) from loss.__cause__
        except TimeoutError as error:
            raise _unavailable(request, f"takes longer than {ready.seconds:g} s to answer") from error
        logger.debug("%s %s → %d", request.method, shown(request.url), response.status)
        return response

    def _gate(self, host: str, rule: HostRule) -> Gate:
        if host not in self._gates:
            self._gates[host] = Gate(host, rule, self._requests, clock=self._clock, sleep=self._sleep)
        return self._gates[host]

    def _store_key(self, request: _Request, rule: HostRule) -> str | None:
        """A key per URL and everything said beside it: nobody sees what others may; None if not to be stored.

        A token that the caller brings is made anew in each run; the credentials that it is made with count instead.
        Behind a redirect to another host, a query is a signature that will not be seen again.
        """
        if self._store is None or not request.cacheable or (not request.at_home and urlsplit(request.url).query):
            return None
        headers = self._headers(request, rule)
        if request.headers.get("authorization"):
            credentials = self.credentials(request.url)
            headers["authorization"] = "a token " + (authorization(credentials) if credentials else "for anybody")
        said = sorted((name, value) for name, value in headers.items() if name != "user-agent")
        asked = [request.url, said] if request.method == "GET" else [request.method, request.url, said]
        if request.distil is not None:
            asked.append(request.distil.FORM)
        return hashlib.sha256(json_format.dumps(asked).encode()).hexdigest()


def _quiet_libraries() -> None:
    """Httpx would tell queries, httpcore headers, stamina that something is retried; what matters is told here."""
    for name in ("httpx", "httpcore", "stamina"):
        logging.getLogger(name).setLevel(logging.ERROR)


def _look_at_result(task: asyncio.Task[Any]) -> None:
    """Take note of a failure that everyone who waited for it has been cancelled before; asyncio would complain."""
    if not task.cancelled():
        task.exception()


# ---------------------------------------------------------------- requests


def _request(method: str, url: str, headers: Mapping[str, str] | None) -> _Request:
    """The request as a value. Credentials in the URL become a header. Raises ``RequestError`` for no web address."""
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and bool(host_of(url)) and url.isprintable()
    except ValueError:
        usable = False
    if not usable:
        raise RequestError(f"{shown(url)!r} is not the address of anything on the web", url=shown(url))
    words = {name.lower(): value.strip() for name, value in (headers or {}).items()}
    credentials = _credentials_in(url)
    if credentials is not None:
        words.setdefault("authorization", authorization(credentials))
    clean = parts._replace(netloc=parts.netloc.rpartition("@")[2], fragment="").geturl()
    return _Request(method=method, url=clean, headers=words)


def _credentials_in(url: str) -> Credentials | None:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.password:
        return None
    return Credentials(username=unquote(parts.username or ""), password=Secret(unquote(parts.password)))


def _error(kind: type[Error], request: _Request, words: str) -> Error:
    """An error about what was asked for; ``words`` follow its name."""
    return kind(f"{shown(request.url)} {words}", url=shown(request.url))


def _is_same_host(origin: str, target: str) -> bool:
    """Whether both address one server; the step from http to https on the usual ports is no move."""
    if host_of(origin) == host_of(target):
        return urlsplit(origin).scheme == urlsplit(target).scheme or ":" not in host_of(target)
    return False


# ---------------------------------------------------------------- answers


async def _received(request: _Request, answer: Answer, stored: StoredResponse | None) -> Response:
    status, headers = answer.status_code, dict(answer.headers.items())
    url = request.url if request.at_home else shown(request.url)
    if status == 304 and stored is not None:
        await _excerpt(answer)
        fresh = {name: value for name, value in headers.items() if name not in _NOT_LASTING}
        return Response(status=200, headers={**stored.headers, **fresh}, content=stored.content, url=url)
    if request.method == "HEAD" or (status >= 300 and status not in request.allow):
        content = await _excerpt(answer)
    elif request.file is not None:
        content = await _save(request, answer, request.file)
    else:
        content = await _read(request, answer)
    return Response(status=status, headers=headers, content=content, url=url)


async def _excerpt(answer: Answer) -> bytes:
    """The body of an answer that should have none, or of a refusal, if it is short.

    A refusal may say why; and only to the end of an answer can the connection be used again.
    """
    body = Body(answer.headers, _EXCERPT_BYTES)
    with suppress(ValueError, EOFError):
        async for chunk in answer.aiter_raw():
            body.feed(chunk)
        return body.finish()
    return b""


async def _read(request: _Request, answer: Answer) -> bytes:
    distil = request.distil if answer.status_code < 300 else None
    body = Body(answer.headers, request.max_bytes, distil() if distil is not None else None)
    try:
        async for chunk in answer.aiter_raw():
            body.feed(chunk)
        return body.finish()
    except ValueError as error:
        raise _error(InvalidAnswer, request, str(error)) from error
    except EOFError as error:
        raise _error(Unavailable, request, "breaks off in the middle") from error


@contextmanager
def _removed_on_failure(path: Path) -> Iterator[None]:
    try:
        yield
    except BaseException:
        with suppress(OSError):
            path.unlink()
        raise


async def _save(request: _Request, answer: Answer, path: Path) -> bytes:
    size = 0
    with path.open("wb") as file:  # in this thread: a write takes less time than handing it to another
        async for chunk in answer.aiter_raw():
            size += len(chunk)
            if size > request.max_bytes:
                raise _error(InvalidAnswer, request, f"is larger than {request.max_bytes:,} bytes")
            file.write(chunk)
    return b""


def _is_worth_keeping(request: _Request, response: Response, stored: StoredResponse | None) -> bool:
    """Whether it is new, and can be asked about again or need not be; a HEAD's answer is taken while it is fresh.

    What a tag points at is worth keeping even where it has no ETag, for days when requests are short.
    """
    if response.status != 200 or (stored is not None and response.content is stored.content):
        return False
    digest = _digest_in(request.url)
    if digest is not None and request.method == "GET":
        return hashlib.sha256(response.content).hexdigest() == digest
    return request.method == "HEAD" or not _VALIDATORS.isdisjoint(response.headers)


def _digest_in(url: str) -> str | None:
    """The digest by which something is asked for; nothing else can ever be there."""
    match = _BY_DIGEST.fullmatch(urlsplit(url).path)
    return match["digest"] if match is not None else None


def _lasting(headers: Mapping[str, str]) -> dict[str, str]:
    """What is still true of an answer when it is stored: nothing about the connection, the body's form or limits."""
    return {name: value for name, value in headers.items() if name not in _NOT_LASTING and not name.startswith(_LIMITS)}


# ---------------------------------------------------------------- failures


def _unavailable(request: _Request, meaning: str, *, is_final: bool = False) -> Unavailable:
    kind = Unusable if is_final else Unavailable
    return kind(f"{host_of(request.url)} {meaning}", url=shown(request.url))
