"""A chart repository over HTTP: index.yaml with ETag, Last-Modified and 304, as static hosting gives it."""

import hashlib
from base64 import b64encode
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from tests.servers import NOT_FOUND, Reply, Request, Server

_FIRST_DAY = datetime(2020, 1, 1, 12, tzinfo=UTC)


class HelmRepository(Server):
    """Serves ``files`` (path → content); ``/index.yaml`` is the one that matters. ``private`` = (name, password)."""

    def __init__(self, index: bytes | str = b"", *, private: tuple[str, str] | None = None) -> None:
        super().__init__()
        self.files: dict[str, bytes] = {}
        self.private = private
        self.index(index)

    def index(self, content: bytes | str) -> None:
        self.files["/index.yaml"] = content.encode() if isinstance(content, str) else content

    def handle(self, request: Request) -> Reply:
        content = self.files.get(request.path)
        if self.private and not _knows(request, self.private):
            return Reply(status=401, headers={"WWW-Authenticate": 'Basic realm="charts"'})
        if content is None:
            return NOT_FOUND
        etag = f'"{hashlib.sha256(content).hexdigest()[:16]}"'
        if request.headers.get("if-none-match") == etag:
            return Reply(status=304, headers={"ETag": etag})
        return Reply(body=content, headers={"ETag": etag, "Content-Type": "text/yaml"})


def _knows(request: Request, private: tuple[str, str]) -> bool:
    return request.headers.get("authorization") == "Basic " + b64encode(":".join(private).encode()).decode()


def entry(name: str, version: str, *, app_version: str = "1.0", day: int = 0, extra: Sequence[str] = ()) -> list[str]:
    """The lines of one entry in Helm's canonical form; ``extra`` lines are whole, without indentation."""
    created = (_FIRST_DAY + timedelta(days=day)).strftime("%Y-%m-%dT%H:%M:%S.123456789Z")
    fields = [
        "apiVersion: v2",
        f'appVersion: "{app_version}"',
        f'created: "{created}"',
        f"description: A chart for {name}, made for tests.",
        f"digest: {_digest(name, version)}",
        "home: https://example.com/apps",
        "keywords:",
        "- test",
        "maintainers:",
        "- name: Someone",
        "  url: https://github.com/someone",
        f"name: {name}",
        "sources:",
        f"- https://github.com/example/charts/tree/main/charts/{name}",
        *extra,
        "type: application",
        "urls:",
        f"- https://charts.example.com/{name}-{version}.tgz",
        f"version: {version}",
    ]
    return [f"  - {fields[0]}", *(f"    {line}" for line in fields[1:])]


def index_of(charts: Mapping[str, Sequence[str]]) -> str:
    """An index.yaml in canonical form: chart → versions, newest first."""
    lines = ["apiVersion: v1", "entries:"]
    for name, versions in sorted(charts.items()):
        lines.append(f"  {name}:")
        for age, version in enumerate(versions):
            lines += entry(name, version, day=len(versions) - age)
    return "\n".join([*lines, 'generated: "2024-01-01T12:00:00Z"', ""])


def large_index(charts: int = 110, versions: int = 220) -> bytes:
    """An index like Bitnami's in size and shape: 110 charts of 220 versions make 20 MB."""
    template = "\n".join(entry("NAME", "VERSION", extra=_BULK)).replace(_digest("NAME", "VERSION"), "DIGEST") + "\n"
    parts = ["apiVersion: v1\nentries:\n"]
    for chart in range(charts):
        name = f"chart-{chart:03}"
        block = template.replace("NAME", name)
        parts.append(f"  {name}:\n")
        for number in range(versions):
            version = f"{20 - number // 20}.{19 - number % 20}.0"
            parts.append(block.replace("VERSION", version).replace("DIGEST", _digest(name, version)))
    return "".join([*parts, 'generated: "2024-01-01T12:00:00Z"\n']).encode()


def _digest(name: str, version: str) -> str:
    return hashlib.sha256(f"{name}-{version}".encode()).hexdigest()


_BULK = (
    "annotations:",
    "  category: Database",
    "  licenses: Apache-2.0",
    "  images: |",
    "    - name: image",
    "      image: registry.example.com/example/image:1.2.3-debian-12-r4",
    "dependencies:",
    "- name: common",
    "  repository: oci://registry.example.com/charts",
    "  tags:",
    "  - common",
    "  version: 2.x.x",
)
