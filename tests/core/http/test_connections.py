"""How requests get to their servers: through pyreqwest, and where that gets no connection, through httpx's own."""

import asyncio
import ssl
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import httpx
import pytest

from tests.servers.faulty import FaultyServer, answer, dropped, stuck
from updater.connections import Answer, Connections, Lost, Outgoing, outgoing


def get(url: str, seconds: float = 5) -> Outgoing:
    return outgoing("GET", url, {"x-a": "1"}, None, seconds)


async def content(received: Answer) -> bytes:
    return await received.aread()


async def transport(received: Answer) -> str:
    """Which of the two brought the answer."""
    await received.aread()
    return "pyreqwest" if "pyreqwest_response" in received.extensions else "httpx"


def serving(certificate: Path) -> FaultyServer:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server = FaultyServer(context)
    server.on("/a", answer(b"here"))
    return server


async def used(url: str) -> list[str]:
    """What brings the answers to two requests of a run."""
    connections = Connections()
    try:
        return [await connections.exchange(get(url), transport) for _ in range(2)]
    finally:
        await connections.aclose()


@pytest.fixture
def issued(tmp_path: Path) -> tuple[Path, Path]:
    """The certificate of an authority, and one for 127.0.0.1 that it has issued, with its key in one file."""
    (tmp_path / "names").write_text("subjectAltName=IP:127.0.0.1\n")
    for command in (
        "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=authority -keyout ca.key -out ca.pem",
        "req -newkey rsa:2048 -nodes -subj /CN=loopback -keyout leaf.pem -out leaf.csr",
        "x509 -req -in leaf.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile names -out leaf.crt",
    ):
        subprocess.run(["openssl", *command.split()], cwd=tmp_path, check=True, capture_output=True)
    leaf = tmp_path / "leaf.pem"
    leaf.write_text(leaf.read_text() + (tmp_path / "leaf.crt").read_text())
    return tmp_path / "ca.pem", leaf


async def test_requests_go_through_pyreqwest(server: FaultyServer) -> None:
    """What can be connected to is asked through pyreqwest."""
    server.on("/a", answer(b"here"))
    assert await used(f"{server.url}/a") == ["pyreqwest", "pyreqwest"]


async def test_an_authority_of_ones_own_is_trusted(issued: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    """The authority in SSL_CERT_FILE vouches for servers, as in a company's network, for pyreqwest, too."""
    authority, certificate = issued
    monkeypatch.setenv("SSL_CERT_FILE", str(authority))
    with serving(certificate) as server:
        assert await used(f"{server.url}/a") == ["pyreqwest", "pyreqwest"]


async def test_a_certificate_that_vouches_for_itself_is_trusted_by_openssl(
    certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server's own certificate in SSL_CERT_FILE is enough: httpx takes over, for all of the run."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with serving(certificate) as server:
        assert await used(f"{server.url}/a") == ["httpx", "httpx"]


async def test_what_was_sent_is_not_sent_again(server: FaultyServer) -> None:
    """A server that hangs up in place of an answer is asked once: trying again is for others to decide."""
    server.on("/a", dropped())
    connections = Connections()
    with pytest.raises(Lost, match="breaks off"):
        await connections.exchange(get(f"{server.url}/a"), content)
    await connections.aclose()
    assert len(server.seen) == 1


async def test_who_is_cancelled_waits_no_longer(server: FaultyServer) -> None:
    """A request whose asker goes away ends at once, in the middle of an answer that never ends."""
    server.on("/a", stuck(b"x"))
    connections = Connections()
    asking = asyncio.create_task(connections.exchange(get(f"{server.url}/a", seconds=600), content))
    while not server.seen:  # noqa: ASYNC110 - the server has no events, and is in another thread
        await asyncio.sleep(0)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    await connections.aclose()


async def test_the_answers_of_all_servers_are_one_pool(server: FaultyServer, other: FaultyServer) -> None:
    """Requests that come one after the other need one connection to each server."""
    connections = Connections()
    for each in (server, other, server, other):
        each.on("/a", answer(b"here"))
        assert await connections.exchange(get(f"{each.url}/a"), content) == b"here"
    await connections.aclose()
    assert (server.connections, other.connections) == (1, 1)


@pytest.mark.parametrize("quick", [True, False])
async def test_what_needs_no_proxy_is_asked_directly(
    server: FaultyServer, monkeypatch: pytest.MonkeyPatch, *, quick: bool
) -> None:
    """NO_PROXY names the hosts that are asked without the proxy of HTTP_PROXY."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    server.on("/a", answer(b"here"))
    connections = Connections(quick=quick)
    assert await connections.exchange(get(f"{server.url}/a"), content) == b"here"
    await connections.aclose()


@asynccontextmanager
async def tunnelling(heads: list[str]) -> AsyncIterator[int]:
    """A proxy for https on loopback; yields its port, and adds what it is told to ``heads``."""

    tunnels, ends = list[asyncio.Task[None] | None](), list[asyncio.StreamWriter]()

    async def pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while chunk := await reader.read(65_536):
                writer.write(chunk)
        writer.close()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        tunnels.append(asyncio.current_task())
        heads.append((await reader.readuntil(b"\r\n\r\n")).decode())
        host, port = heads[-1].split(" ")[1].split(":")
        far_reader, far_writer = await asyncio.open_connection(host, int(port))
        ends.extend((writer, far_writer))
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        await asyncio.gather(pipe(reader, far_writer), pipe(far_reader, writer))

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        yield server.sockets[0].getsockname()[1]
        for end in ends:
            end.close()
        await asyncio.gather(*filter(None, tunnels))


@pytest.mark.parametrize("quick", [True, False])
async def test_https_goes_through_the_tunnel_of_a_proxy(
    issued: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch, *, quick: bool
) -> None:
    """HTTPS_PROXY with name and password is asked to connect, and sees nothing of what is said."""
    authority, certificate = issued
    heads, connections = list[str](), Connections(quick=quick)
    with serving(certificate) as server:
        async with tunnelling(heads) as port:
            monkeypatch.setenv("SSL_CERT_FILE", str(authority))
            monkeypatch.setenv("HTTPS_PROXY", f"http://me:secret@127.0.0.1:{port}")
            monkeypatch.setenv("NO_PROXY", "")
            assert await connections.exchange(get(f"{server.url}/a"), transport) == ("pyreqwest" if quick else "httpx")
            await connections.aclose()
    (head,) = heads
    assert head.startswith(f"CONNECT {server.host} ")
    assert "proxy-authorization: basic bwu6c2vjcmv0" in head.lower()


@pytest.mark.parametrize("quick", [True, False])
async def test_a_proxy_that_is_not_there_is_told(monkeypatch: pytest.MonkeyPatch, *, quick: bool) -> None:
    """Whoever is behind a proxy that cannot be reached learns that there is no connection."""
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("NO_PROXY", "")
    connections = Connections(quick=quick)
    with pytest.raises(Lost, match="cannot be reached") as caught:
        await connections.exchange(get("https://far.example/a"), content)
    await connections.aclose()
    assert isinstance(caught.value.__cause__, httpx.HTTPError)


def test_both_are_loaded_when_they_are_used() -> None:
    """``import updater.http`` loads neither pyreqwest nor what httpx's own transport is made of."""
    code = "import updater.http, sys; print({'pyreqwest', 'httpcore', 'anyio', 'h11'} & set(sys.modules))"
    output = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout
    assert output == "set()\n"
