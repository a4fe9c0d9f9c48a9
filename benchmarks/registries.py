"""Registries for the benchmarks, in a process of their own: images and charts made from names, after a fixed delay.

Whatever host it is reached as, it has every image and every chart repository that is asked for, and counts. As the
large registries do, it shows images only to who brings a token for them, which it gives to anybody.
"""

import asyncio
import gzip
import hashlib
import io
import json
import multiprocessing
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from multiprocessing.queues import Queue
from urllib.request import urlopen

TAGS = [f"1.{minor}.{patch}" for minor in range(20) for patch in range(3)]
CHARTS, VERSIONS = 5, 60
_INDEX = "application/vnd.oci.image.index.v1+json"
_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
_CONFIG = json.dumps({"architecture": "amd64", "os": "linux", "created": "2024-01-01T00:00:00Z", "config": {}}).encode()

Reply = tuple[int, dict[str, str], bytes]


@dataclass(frozen=True)
class Registries:
    """Where they listen."""

    url: str

    @property
    def host(self) -> str:
        return self.url.removeprefix("http://")

    def counts(self) -> dict[str, int]:
        """How many requests of which kind there were since the last question."""
        with urlopen(f"{self.url}/counts") as answer:
            counted: dict[str, int] = json.load(answer)
        return counted


@contextmanager
def registries(latency: float) -> Iterator[Registries]:
    """Run them for a while; ``latency`` is in seconds."""
    ports: Queue[int] = multiprocessing.Queue()
    process = multiprocessing.Process(target=_serve, args=(ports, latency), daemon=True)
    process.start()
    try:
        yield Registries(f"http://localhost:{ports.get(timeout=10)}")
    finally:
        process.terminate()
        process.join()


def _serve(ports: "Queue[int]", latency: float) -> None:
    counts: dict[str, int] = {}

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                method, target, _ = head.partition("\r\n")[0].split(" ")
                if target == "/counts":
                    status, headers, body = _counts(counts)
                elif target.startswith("/v2/") and "authorization: bearer " not in head.lower():
                    status, headers, body = _unauthorized(target, head)
                else:
                    status, headers, body = _reply(target)
                if target != "/counts":
                    known = f"if-none-match: {headers.get('ETag', 'none')}".lower() in head.lower()
                    status, body = (304, b"") if known else (status, body)
                    kind = f"{method} {_kind(target)}" + (" (unchanged)" if known else "")
                    kind += " (refused)" if status == 401 else ""
                    counts[kind] = counts.get(kind, 0) + 1
                    await asyncio.sleep(latency)
                lines = [f"HTTP/1.1 {status} X", *(f"{name}: {value}" for name, value in headers.items())]
                lines += ["" if status == 304 else f"Content-Length: {len(body)}"]
                sent = b"" if method == "HEAD" else body
                writer.write("\r\n".join(filter(None, lines)).encode() + b"\r\n\r\n" + sent)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    async def run() -> None:
        server = await asyncio.start_server(answer, "localhost", 0, backlog=512)
        ports.put(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(run())


def _counts(counts: dict[str, int]) -> Reply:
    body = json.dumps(counts).encode()
    counts.clear()
    return 200, {"Content-Type": "application/json"}, body


def _unauthorized(target: str, head: str) -> Reply:
    host = head.lower().partition("\r\nhost: ")[2].partition("\r\n")[0]
    name = (
        target.removeprefix("/v2/").rpartition("/tags/")[0] or target.removeprefix("/v2/").rpartition("/manifests/")[0]
    )
    scope = f',scope="repository:{name}:pull"' if name else ""
    challenge = f'Bearer realm="http://{host}/token",service="{host}"{scope}'
    return (
        401,
        {"WWW-Authenticate": challenge, "Content-Type": "application/json"},
        b'{"errors":[{"code":"UNAUTHORIZED"}]}',
    )


def _kind(target: str) -> str:
    path = target.partition("?")[0]
    for kind in ("tags/list", "manifests", "blobs", "index.yaml", "archives"):
        if f"/{kind}" in path:
            return kind
    return path


def _reply(target: str) -> Reply:  # noqa: PLR0911 - one for each kind
    path = target.partition("?")[0]
    if path == "/token":
        return 200, {"Content-Type": "application/json"}, b'{"token":"anonymous","expires_in":300}'
    if path.endswith("/tags/list"):
        name = path.removeprefix("/v2/").removesuffix("/tags/list")
        return _of(json.dumps({"name": name, "tags": TAGS}).encode(), "application/json")
    if "/manifests/" in path:
        name, _, reference = path.removeprefix("/v2/").partition("/manifests/")
        return _of(*_manifest(name, reference), digest=True)
    if "/blobs/" in path:
        return _of(_CONFIG, "application/octet-stream")
    if "/archives/" in path:
        return _of(_archive(path.rpartition("/")[2].removesuffix(".tgz")), "application/gzip")
    if path.endswith("/index.yaml"):
        return _of(_index(), "text/yaml")
    return 404, {}, b"{}"


def _of(body: bytes, media_type: str, *, digest: bool = False) -> Reply:
    value = hashlib.sha256(body).hexdigest()
    headers = {"Content-Type": media_type, "ETag": f'"{value}"'}
    return 200, {**headers, **({"Docker-Content-Digest": f"sha256:{value}"} if digest else {})}, body


def _manifest(name: str, reference: str) -> tuple[bytes, str]:
    """A tag is an index of two platforms; what is asked for by digest is one of them."""
    config = {"mediaType": "application/json", "digest": f"sha256:{hashlib.sha256(_CONFIG).hexdigest()}", "size": 1}
    image = {"schemaVersion": 2, "mediaType": _MANIFEST, "config": config, "layers": []}
    body = json.dumps(image).encode()
    if reference.startswith("sha256:"):
        return body, _MANIFEST
    described = {"mediaType": _MANIFEST, "digest": f"sha256:{hashlib.sha256(body).hexdigest()}", "size": len(body)}
    platforms = [{"os": "linux", "architecture": each} for each in ("amd64", "arm64")]
    manifests = [{**described, "platform": platform} for platform in platforms]
    annotations = {"org.opencontainers.image.ref.name": f"{name}:{reference}"}
    index = {"schemaVersion": 2, "mediaType": _INDEX, "manifests": manifests, "annotations": annotations}
    return json.dumps(index).encode(), _INDEX


@cache
def _archive(chart: str) -> bytes:
    """A chart with one image, always the same."""
    name, _, version = chart.rpartition("-")
    files = {
        "Chart.yaml": f"apiVersion: v2\nname: {name}\nversion: {version}\n",
        "values.yaml": f"image:\n  repository: example.com/{name}\n  tag: {version}\nreplicas: 1\n",
    }
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for path, text in files.items():
            entry = tarfile.TarInfo(f"{name}/{path}")
            entry.size = len(text)
            archive.addfile(entry, io.BytesIO(text.encode()))
    return gzip.compress(packed.getvalue(), mtime=0)


@cache
def _index() -> bytes:
    lines = ["apiVersion: v1", "entries:"]
    for chart in range(CHARTS):
        lines.append(f"  chart-{chart}:")
        for number in range(VERSIONS):
            digest = hashlib.sha256(_archive(f"chart-{chart}-1.{number}.0")).hexdigest()
            lines += [
                "  - apiVersion: v2",
                '    created: "2024-01-01T00:00:00Z"',
                f"    digest: {digest}",
                f"    name: chart-{chart}",
                "    urls:",
                f"    - archives/chart-{chart}-1.{number}.0.tgz",
                f"    version: 1.{number}.0",
            ]
    return "\n".join([*lines, 'generated: "2024-01-01T00:00:00Z"', ""]).encode()
