"""What a small request costs: CPU of this process for 1,000 GETs of 1.2 KB on loopback, all asked for at once.

Run with ``python -m benchmarks.http``. The server is another process, so that its work does not count.
"""

import asyncio
import multiprocessing
import statistics
import time
from collections.abc import Awaitable, Callable
from multiprocessing.queues import Queue

import httpx

from updater.cache import open_cache
from updater.connections import Connections
from updater.hosts import HostRule
from updater.http import HttpClient

REQUESTS, ROUNDS = 1_000, 5
BODY = b"x" * 1_200
FRESH = b'HTTP/1.1 200 OK\r\nETag: "1"\r\nContent-Length: %d\r\n\r\n%s' % (len(BODY), BODY)
UNCHANGED = b'HTTP/1.1 304 Not Modified\r\nETag: "1"\r\n\r\n'


async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while True:
            asked = await reader.readuntil(b"\r\n\r\n")
            writer.write(UNCHANGED if b"if-none-match" in asked.lower() else FRESH)
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        writer.close()


def serve(ports: "Queue[int]") -> None:
    async def run() -> None:
        server = await asyncio.start_server(answer, "127.0.0.1", 0)
        ports.put(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(run())


async def cost(get: Callable[[str], Awaitable[object]], base: str) -> float:
    """Milliseconds of CPU per request, once the connections are open."""
    await asyncio.gather(*(get(f"{base}/warm/{number}") for number in range(50)))
    start = time.process_time()
    await asyncio.gather(*(get(f"{base}/{number}") for number in range(REQUESTS)))
    return (time.process_time() - start) / REQUESTS * 1_000


async def bare_httpx(base: str) -> float:
    """The comparison: one httpx client as its documentation shows it, eight requests at once."""
    slots = asyncio.Semaphore(8)
    async with httpx.AsyncClient(verify=False) as client:

        async def get(url: str) -> object:
            async with slots:
                return await client.get(url)

        return await cost(get, base)


async def plain(base: str) -> float:
    async with HttpClient() as client:
        return await cost(client.get, base)


async def by_httpx(base: str) -> float:
    async with HttpClient(connections=Connections(quick=False)) as client:
        return await cost(client.get, base)


async def with_credentials(base: str) -> float:
    rules = [HostRule(match_host=f"host{number}.example", timeout=9) for number in range(20)]
    async with HttpClient(host_rules=[*rules, HostRule(match_host="127.0.0.1", timeout=9)]) as client:
        return await cost(client.get, base)


async def first_run(base: str) -> float:
    async with open_cache("memory:") as cache, HttpClient(cache=cache.responses) as client:
        return await cost(client.get, base)


async def unchanged(base: str) -> float:
    async with open_cache("memory:") as cache, HttpClient(cache=cache.responses) as client:
        await cost(client.get, base)
        return await cost(client.get, base)


CASES = {
    "bare httpx": bare_httpx,
    "HttpClient": plain,
    "without pyreqwest": by_httpx,
    "with 21 host rules": with_credentials,
    "stored for the next run": first_run,
    "unchanged since (304)": unchanged,
}


def main() -> None:
    ports: Queue[int] = multiprocessing.Queue()
    server = multiprocessing.Process(target=serve, args=(ports,), daemon=True)
    server.start()
    base = f"http://127.0.0.1:{ports.get()}"
    for name, case in CASES.items():
        rounds = [asyncio.run(case(base)) for _ in range(ROUNDS)]
        print(f"{name:<26} {statistics.median(rounds):.2f} ms (least {min(rounds):.2f})")
    server.terminate()


if __name__ == "__main__":
    main()
