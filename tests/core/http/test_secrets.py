"""No secret gets out: not in errors and their tracebacks, not in logs, not in what is stored in the clear."""

import logging
import traceback
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from tests.core.http.conftest import Connect
from tests.servers.faulty import FaultyServer, answer, dropped, limited, redirect, tagged, truncated
from updater.api import Secret
from updater.cache import open_cache
from updater.errors import RequestError
from updater.hosts import HostRule
from updater.http import HttpClient

HIDDEN = "hush-hush"
Ask = Callable[[HttpClient, str], Awaitable[object]]


async def _get(client: HttpClient, host: str) -> object:
    return await client.get(f"http://bot:{HIDDEN}@{host}/a?token={HIDDEN}", headers={"Private-Token": HIDDEN})


async def _post(client: HttpClient, host: str) -> object:
    return await client.post(f"http://{host}/a?token={HIDDEN}", json={"password": HIDDEN})


async def _json(client: HttpClient, host: str) -> object:
    return (await client.get(f"http://bot:{HIDDEN}@{host}/a")).json()


async def _ls_remote(client: HttpClient, host: str) -> object:
    return await client.ls_remote(f"http://bot:{HIDDEN}@{host}/a?token={HIDDEN}")


FAULTS = [
    answer(b"not json", status=200),
    answer(status=302),
    answer(status=401, www_authenticate="Basic"),
    answer(status=404),
    answer(status=418),
    answer(status=500),
    limited(10_000),
    dropped(),
    truncated(b"x"),
    answer(b"x", content_encoding="br"),
    redirect(f"ftp://x:{HIDDEN}@h/"),
    redirect(f"/a?token={HIDDEN}"),
]


@pytest.mark.parametrize("ask", [_get, _post, _json, _ls_remote])
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: f"{fault.status} {fault.raw!r} {sorted(fault.headers)}")
async def test_no_failure_tells_a_secret(
    server: FaultyServer, connect: Connect, caplog: pytest.LogCaptureFixture, ask: Ask, fault: object
) -> None:
    """Whatever goes wrong, neither the error with all its causes nor the log at its finest holds a secret."""
    caplog.set_level(logging.DEBUG)
    server.on("/a", fault)  # type: ignore[arg-type]
    server.on("/a/info/refs", fault)  # type: ignore[arg-type]
    rule = HostRule(match_host=server.host, token=Secret(HIDDEN), headers={"X-Key": HIDDEN})
    shown = ""
    async with connect(rule) as client:
        try:
            await ask(client, server.host)
        except RequestError as error:
            shown = "".join(traceback.format_exception(error)) + error.url + repr(error)
    own_lines = [record.getMessage() for record in caplog.records if not record.name.startswith("asyncio")]
    assert HIDDEN not in shown + "\n".join(own_lines)
    assert server.seen


async def test_tokens_are_not_stored(server: FaultyServer, connect: Connect, tmp_path: Path) -> None:
    """The file of the cache holds private answers, but not the credentials that they were got with."""
    server.on("/a", tagged(b"private", '"1"'))
    rule = HostRule(match_host=server.host, token=Secret(HIDDEN), headers={"X-Key": HIDDEN})
    async with open_cache(f"sqlite://{tmp_path}/cache.sqlite") as cache, connect(rule, cache=cache.responses) as client:
        await client.get(f"{server.url}/a?token={HIDDEN}")
    content = b"".join(path.read_bytes() for path in tmp_path.iterdir())  # noqa: ASYNC240 - a test may wait
    assert b"etag" in content
    assert HIDDEN.encode() not in content


async def test_a_download_that_cannot_be_written_tells_no_secret(server: FaultyServer, connect: Connect) -> None:
    """A file that cannot be written is an error about the file, without the URL's query."""
    server.on("/a", answer(b"x"))
    async with connect() as client:
        with pytest.raises(RequestError, match="cannot be saved: Not a directory") as caught:
            await client.download(f"http://bot:{HIDDEN}@{server.host}/a?token={HIDDEN}", "/dev/null/impossible")
    assert HIDDEN not in "".join(traceback.format_exception(caught.value))
