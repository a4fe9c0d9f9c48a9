"""The Kubernetes API, as far as reading needs it: a list as a table, objects one by one, errors as ours.

A list of 500 objects as ``Table`` is a hundredth of what the objects themselves are, so lists are read like that
(https://kubernetes.io/docs/reference/using-api/api-concepts/#receiving-resources-as-tables) and then only the objects
that matter.
"""

import asyncio
import json
import ssl
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Self

import httpx

from updater import __version__
from updater.api import AuthError, InvalidAnswer, NotFound, RateLimited, RequestError, Unavailable
from updater.fields import Object, at, number, objects, text
from updater.kubernetes.access import Access

PAGE = 1_000
"""How many objects are asked for at once."""

_TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"
_NAMES = "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io,application/json"
_EVENTS = "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io,application/json"
_ATTEMPTS = 3
_MAX_BYTES = 256 * 1024 * 1024
_TIMEOUT = httpx.Timeout(30.0, connect=10.0)
_PASSING = frozenset({429, 500, 502, 503, 504})

Sleep = Callable[[float], Awaitable[None]]
"""Waits for some seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One object of a list: what the server prints of it, by the (lower-case) name of the column.

    ``owners`` are the kinds and names of the objects that it belongs to.
    """

    name: str
    namespace: str
    cells: Mapping[str, str]
    owners: frozenset[tuple[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened to an object of a list, and the version of the list since then.

    A bookmark only tells the version; it is about no object (``name`` is empty).
    """

    name: str
    namespace: str
    version: str
    owners: frozenset[tuple[str, str]] = frozenset()


class Expired(Exception):
    """The rest of a list, or what has happened since a version of it, is not to be had any more (410)."""


class KubernetesReader:
    """Asks one API server; an asynchronous context manager. Only GET requests leave it.

    Raises ``NotFound``, ``AuthError`` (401 and 403), ``RateLimited``, ``Unavailable`` or ``InvalidAnswer``.
    ``requests`` counts what was sent.
    """

    def __init__(self, access: Access, *, sleep: Sleep = asyncio.sleep) -> None:
        self._access, self._sleep = access, sleep
        self._stack = AsyncExitStack()
        self.requests = 0

    async def __aenter__(self) -> Self:
        self._client = await self._stack.enter_async_context(
            httpx.AsyncClient(
                base_url=self._access.server,
                verify=_tls(self._access) if self._access.server.startswith("https:") else False,
                proxy=self._access.proxy,
                timeout=_TIMEOUT,
                headers={"User-Agent": f"gitops-updater/{__version__}"},
                trust_env=self._access.proxy is None,
            )
        )
        return self

    async def __aexit__(self, *error: object) -> None:
        await self._stack.aclose()

    async def get(self, path: str) -> Object:
        """One object."""
        return await self._asked(path, {}, "application/json")

    async def rows(self, path: str, *, selector: str | None = None) -> Sequence[Row]:
        """The list at ``path``, in as few bytes as it goes; ``selector`` chooses by labels."""
        return [row async for page in self._pages(path, selector, _TABLE) for row in _rows(page)]

    async def objects(self, path: str, *, selector: str | None = None) -> Sequence[Object]:
        """The objects of the list at ``path``, whole."""
        return [
            item async for page in self._pages(path, selector, "application/json") for item in objects(page, "items")
        ]

    # ------------------------------------------------------------ watching

    async def version(self, path: str) -> str:
        """The version of the list at ``path`` now, from which on it can be watched."""
        found = text(await self._asked(path, {"limit": "1"}, _NAMES), "metadata", "resourceVersion")
        if found is None:
            raise InvalidAnswer(f"{self._url(path)} tells no version", url=self._url(path))
        return found

    async def events(self, path: str, since: str, seconds: float, *, name: str | None = None) -> AsyncGenerator[Event]:
        """What happens to the list at ``path`` (or to one object of it) after a version, for so long at most.

        Ends when the server ends it, which it may do earlier. Raises :class:`Expired` if the version is too old, and
        what all requests raise.
        """
        query = {
            "watch": "1",
            "resourceVersion": since,
            "allowWatchBookmarks": "true",
            "timeoutSeconds": str(max(1, int(seconds))),
            **({"fieldSelector": f"metadata.name={name}"} if name else {}),
        }
        try:
            async with self._streamed(path, query, _EVENTS, httpx.Timeout(seconds + 10, connect=10.0)) as response:
                if response.status_code == 410:
                    raise Expired
                if response.status_code >= 400:
                    await response.aread()
                    raise _error(response, self._url(path))
                async for line in response.aiter_lines():
                    if line.strip():
                        yield _event(line, self._url(path))
        except httpx.TransportError as error:
            reason = str(error) or type(error).__name__
            raise Unavailable(f"{self._url(path)} was not heard any more: {reason}", url=self._url(path)) from error

    # ------------------------------------------------------------ requests

    async def _pages(self, path: str, selector: str | None, accept: str) -> AsyncIterator[Object]:
        """All pages; if the rest expires while it is read, all of them once more from the start."""
        for attempt in range(_ATTEMPTS):
            try:
                pages = [page async for page in self._pages_once(path, selector, accept)]
            except Expired:
                if attempt == _ATTEMPTS - 1:
                    raise Unavailable(f"{path} changes faster than it can be listed", url=self._url(path)) from None
            else:
                for page in pages:
                    yield page
                return

    async def _pages_once(self, path: str, selector: str | None, accept: str) -> AsyncIterator[Object]:
        query = {"limit": str(PAGE)} | ({"labelSelector": selector} if selector else {})
        while True:
            page = await self._asked(path, query, accept)
            yield page
            rest = text(page, "metadata", "continue")
            if rest is None:
                return
            query["continue"] = rest

    async def _asked(self, path: str, query: Mapping[str, str], accept: str) -> Object:
        response = await self._sent(path, query, accept)
        if response.status_code == 410 and "continue" in query:
            raise Expired
        if response.status_code >= 400:
            raise _error(response, self._url(path))
        try:
            body = json.loads(response.content)
        except (ValueError, RecursionError) as error:
            raise InvalidAnswer(f"{self._url(path)} did not answer with JSON: {error}", url=self._url(path)) from error
        if not isinstance(body, dict):
            raise InvalidAnswer(f"{self._url(path)} did not answer with an object", url=self._url(path))
        return body

    async def _sent(self, path: str, query: Mapping[str, str], accept: str) -> httpx.Response:
        """The answer, after a few attempts where the server is only busy."""
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                response = await self._get(path, query, accept)
            except httpx.TransportError as error:
                if attempt == _ATTEMPTS:
                    reason = str(error) or type(error).__name__
                    raise Unavailable(f"{self._url(path)} cannot be reached: {reason}", url=self._url(path)) from error
                await self._sleep(attempt)
                continue
            if response.status_code not in _PASSING or attempt == _ATTEMPTS:
                return response
            await self._sleep(min(_retry_after(response) or attempt, 30))
        raise AssertionError("the last attempt returns or raises")

    async def _get(self, path: str, query: Mapping[str, str], accept: str) -> httpx.Response:
        async with self._streamed(path, query, accept, _TIMEOUT) as response:
            content = bytearray()
            async for chunk in response.aiter_bytes():
                content += chunk
                if len(content) > _MAX_BYTES:
                    raise InvalidAnswer(f"{self._url(path)} answers with too much", url=self._url(path))
            return httpx.Response(response.status_code, headers=_plain(response.headers), content=bytes(content))

    def _streamed(
        self, path: str, query: Mapping[str, str], accept: str, timeout: httpx.Timeout
    ) -> AbstractAsyncContextManager[httpx.Response]:
        self.requests += 1
        headers = {"Accept": accept} | self._authorization()
        named = {"sni_hostname": self._access.server_name} if self._access.server_name else {}
        return self._client.stream("GET", path, params=query, headers=headers, extensions=named, timeout=timeout)

    def _authorization(self) -> dict[str, str]:
        token = self._access.token.reveal() if self._access.token is not None else None
        if self._access.token_file is not None and self._access.token_file.is_file():
            token = self._access.token_file.read_text().strip()
        return {"Authorization": f"Bearer {token}"} if token else {}

    def _url(self, path: str) -> str:
        return f"{self._access.server}{path}"


def _plain(headers: httpx.Headers) -> dict[str, str]:
    """The headers of a body that is decoded already."""
    return {name: value for name, value in headers.items() if name not in ("content-encoding", "content-length")}


def _tls(access: Access) -> ssl.SSLContext:
    context = ssl.create_default_context(cadata=access.authority)
    if access.is_insecure:
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    if access.certificate is not None and access.key is not None:
        with TemporaryDirectory() as directory:  # OpenSSL reads them from files only
            certificate, key = Path(directory) / "certificate.pem", Path(directory) / "key.pem"
            certificate.write_text(access.certificate)
            key.write_text(access.key.reveal())
            context.load_cert_chain(certificate, key)
    return context


def _retry_after(response: httpx.Response) -> float | None:
    value = response.headers.get("retry-after", "")
    return float(value) if value.isdigit() else None


def _error(response: httpx.Response, url: str) -> RequestError:
    """The server's own words: every error is an object of the kind ``Status``."""
    try:
        message = text(json.loads(response.content), "message")
    except (ValueError, RecursionError):
        message = None
    words = f"{url}: {message or f'the server answered with {response.status_code}'}"
    match response.status_code:
        case 404 | 410:
            return NotFound(words, url=url)
        case 401 | 403:
            return AuthError(words, url=url)
        case 429:
            return RateLimited(words, url=url)
        case status if status >= 500 or status == 409:
            return Unavailable(words, url=url)
    return InvalidAnswer(words, url=url)


def _rows(page: Object) -> Sequence[Row]:
    """The rows of a table; a server that knows no tables sends a plain list."""
    if text(page, "kind") != "Table":
        return [_row(item, {}) for item in objects(page, "items")]
    columns = [(text(column, "name") or "").lower() for column in objects(page, "columnDefinitions")]
    return [_row(at(row, "object"), _cells(columns, at(row, "cells"))) for row in objects(page, "rows")]


def _cells(columns: Sequence[str], values: object) -> Mapping[str, str]:
    cells = values if isinstance(values, list) else []
    return {name: str(value) for name, value in zip(columns, cells, strict=False) if value is not None}


def _event(line: str, url: str) -> Event:
    """An event of a watch; an error that the server sends in its place is raised."""
    try:
        found = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise InvalidAnswer(f"{url} did not send an event: {error}", url=url) from error
    item = at(found, "object")
    if text(found, "type") == "ERROR":
        if number(item, "code") == 410:
            raise Expired
        raise Unavailable(f"{url}: {text(item, 'message') or 'the watch has failed'}", url=url)
    row = _row(item, {})
    return Event(
        name=row.name,
        namespace=row.namespace,
        version=text(item, "metadata", "resourceVersion") or "",
        owners=row.owners,
    )


def _row(item: object, cells: Mapping[str, str]) -> Row:
    owners = objects(item, "metadata", "ownerReferences")
    return Row(
        name=text(item, "metadata", "name") or cells.get("name", ""),
        namespace=text(item, "metadata", "namespace") or "",
        cells=cells,
        owners=frozenset((text(owner, "kind") or "", text(owner, "name") or "") for owner in owners),
    )
