"""The hashes of lock files: computed as Terraform computes them, from archives that nobody has tampered with."""

import base64
import hashlib
import json
import os
import subprocess
import sys
import threading
import zipfile
from pathlib import Path

import pytest
from msgspec import structs

from datasources import _terraform_hashes, terraform_provider
from tests.datasources.conftest import Connect
from tests.servers import Reply, Request, as_json
from tests.servers.pages import DOWN
from tests.servers.terraform import PLATFORMS, Contents, Provider, TerraformRegistry, archive, files_of, h1
from updater.api import InvalidAnswer, NotFound, Package, Unavailable
from updater.cache import open_cache

REGISTRY = "registry.example.com"
AWS = Package(datasource="terraform-provider", name=f"{REGISTRY}/hashicorp/aws")
PATH, VERSION = "hashicorp/aws", "5.1.0"
LINUX = f"terraform-provider-aws_{VERSION}_linux_amd64.zip"
OLD_ZH, OLD_H1 = f"zh:{'0' * 64}", "h1:AAAA="


def served() -> TerraformRegistry:
    return TerraformRegistry(Contents(providers={PATH: Provider(versions={VERSION: "2024-01-01T00:00:00Z"})}))


def expected_zh(server: TerraformRegistry) -> list[str]:
    return sorted(f"zh:{line.split()[0]}" for line in server.sums(PATH, VERSION).splitlines())


def expected_h1() -> list[str]:
    return sorted(h1(files_of(PATH, VERSION, platform)) for platform in PLATFORMS)


async def test_zip_hashes_need_no_archive(connect: Connect) -> None:
    """All ``zh:`` come from the list of checksums, the manifest's among them, after asking about one platform."""
    with served() as server:
        async with connect({REGISTRY: server.url}) as client:
            found = await terraform_provider.hashes(AWS, VERSION, (OLD_ZH,), client)
        assert list(found) == expected_zh(server)
    assert len(found) == len(PLATFORMS) + 1
    assert server.paths() == [
        "/.well-known/terraform.json",
        "/v1/providers/hashicorp/aws/versions",
        "/v1/providers/hashicorp/aws/5.1.0/download/linux/amd64",
        "/files/hashicorp/aws/5.1.0/SHA256SUMS",
    ]


async def test_hashes_of_the_contents(connect: Connect) -> None:
    """``h1:`` come in front of ``zh:``, one for each platform; nothing is asked for twice."""
    with served() as server:
        async with connect({REGISTRY: server.url}) as client:
            found = await terraform_provider.hashes(AWS, VERSION, (OLD_H1, OLD_ZH), client)
        assert list(found) == expected_h1() + expected_zh(server)
    assert len(server.paths()) == len(set(server.paths()))


async def test_no_archive_is_downloaded_twice(connect: Connect) -> None:
    """What was computed from the archives is kept for later runs, until there are other checksums."""
    store = open_cache("memory:").responses
    with served() as server:
        for expected in (len(PLATFORMS), 0):
            server.requests.clear()
            async with connect({REGISTRY: server.url}, cache=store) as client:
                found = await terraform_provider.hashes(AWS, VERSION, (OLD_H1, OLD_ZH), client)
            assert list(found) == expected_h1() + expected_zh(server)
            assert sum(path.endswith(".zip") for path in server.paths()) == expected
        assert len(server.requests) == 4
        server.archives[LINUX] = archive({"other": b"content"})
        async with connect({REGISTRY: server.url}, cache=store) as client:
            found = await terraform_provider.hashes(AWS, VERSION, (OLD_H1, OLD_ZH), client)
        assert h1({"other": b"content"}) in found


async def test_a_registry_that_tells_the_hashes(connect: Connect) -> None:
    """OpenTofu's registry tells the ``h1:`` of every platform, beside the one that it is asked about: no downloads."""
    provider = Provider(versions={VERSION: "2024-01-01T00:00:00Z"}, tells_hashes=True)
    with TerraformRegistry(Contents(providers={PATH: provider})) as server:
        async with connect({"registry.opentofu.org": server.url}) as client:
            package = structs.replace(AWS, name=PATH, registry_urls=("https://registry.opentofu.org",))
            found = await terraform_provider.hashes(package, VERSION, (OLD_H1, OLD_ZH), client)
        assert list(found) == expected_h1() + expected_zh(server)
    assert server.paths() == [
        "/.well-known/terraform.json",
        "/v1/providers/hashicorp/aws/versions",
        "/v1/providers/hashicorp/aws/5.1.0/download/linux/amd64",
        "/files/hashicorp/aws/5.1.0/SHA256SUMS",
    ]


@pytest.mark.parametrize(
    "told",
    [
        {},
        {"linux_amd64": {"hashes": [h1({})]}},
        [],
        {name: {"hashes": "h1"} for name in PLATFORMS},
        {name: {"hashes": ['h1:"\n']} for name in PLATFORMS},
        {name: {"hashes": [h1({}), h1({"a": b""})]} for name in PLATFORMS},
    ],
)
async def test_hashes_that_are_told_in_part(connect: Connect, told: object) -> None:
    """Where the registry does not tell exactly one ``h1:`` of each platform, all are computed."""

    def tell(request: Request) -> Reply | None:
        reply = server.handle(request) if "/download/" in request.path else None
        return as_json(json.loads(reply.body) | {"packages": told}) if reply is not None else None

    with served() as server:
        server.fault = tell
        async with connect({REGISTRY: server.url}) as client:
            found = await terraform_provider.hashes(AWS, VERSION, (OLD_H1,), client)
    assert list(found) == expected_h1()


async def test_only_the_kinds_that_are_there(connect: Connect) -> None:
    """A lock file with ``h1:`` alone gets ``h1:`` alone; one without hashes gets none, and nothing is asked."""
    with served() as server:
        async with connect({REGISTRY: server.url}) as client:
            assert list(await terraform_provider.hashes(AWS, VERSION, (OLD_H1,), client)) == expected_h1()
            server.requests.clear()
            assert await terraform_provider.hashes(AWS, VERSION, (), client) == ()
    assert server.requests == []


@pytest.mark.parametrize(
    ("module", "expected"),
    [
        ("github.com/davecgh/go-spew", "h1:J7Y8YcW2NihsgmVo/mv3lAwl/skON4iLHjSsI+c5H38="),
        ("github.com/pmezard/go-difflib", "h1:iKH77koFhYxTK1pcRnkKkqfTogsbg7gZNVY4sRDYZ/4="),
    ],
)
def test_the_hash_is_the_one_of_go(tmp_path: Path, module: str, expected: str) -> None:
    """Terraform's ``h1:`` is that of Go's checksum database; these two are in thousands of go.sum files."""
    assert hashed(tmp_path, archive({"go.mod": f"module {module}\n".encode()})) == expected


def hashed(directory: Path, content: bytes) -> str:
    path = directory / "archive.zip"
    path.write_bytes(content)
    return _terraform_hashes._h1_of_archive(path, hashlib.sha256(content).hexdigest(), "https://example.com/a.zip")


def test_directories_do_not_count(tmp_path: Path) -> None:
    """Terraform compares with the unpacked package, of which it hashes the files only."""
    assert hashed(tmp_path, archive({"docs/": b"", "docs/a": b"a"})) == hashed(tmp_path, archive({"docs/a": b"a"}))


@pytest.mark.parametrize("name", ["../escape", "/etc/passwd", "a/../b", "a\\b", "a//b", "./a", "line\nbreak", "é"])
def test_names_that_no_archive_may_hold(tmp_path: Path, name: str) -> None:
    """Names that lead out of the package, or that tools read differently, are refused."""
    with pytest.raises(InvalidAnswer, match="impossible names"):
        hashed(tmp_path, archive({"terraform-provider-aws": b"x", name: b"y"}))


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_name_that_is_there_twice(tmp_path: Path) -> None:
    """Of two files with one name nobody knows which is meant."""
    import io
    import zipfile

    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as zipped:
        zipped.writestr("a", b"1")
        zipped.writestr("a", b"2")
    with pytest.raises(InvalidAnswer, match="impossible names"):
        hashed(tmp_path, buffer.getvalue())


@pytest.mark.parametrize(
    "content", [b"", b"not an archive", archive({"a": b"x" * 1_000})[:-30], archive({"a": b"x" * 9})[:40]]
)
def test_what_is_no_archive(tmp_path: Path, content: bytes) -> None:
    """Something that cannot be unpacked raises InvalidAnswer, even if its checksum is right."""
    with pytest.raises(InvalidAnswer):
        hashed(tmp_path, content)


def test_damaged_contents(tmp_path: Path) -> None:
    """A file inside that does not match the archive's own checksum raises InvalidAnswer."""
    content = bytearray(archive({"a": b"x" * 10_000}))
    content[35] ^= 0xFF
    with pytest.raises(InvalidAnswer):
        hashed(tmp_path, bytes(content))


def test_an_archive_that_unpacks_to_too_much(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An archive says how large it becomes; beyond a limit it is not read."""
    monkeypatch.setattr(_terraform_hashes, "_MOST_BYTES", 1_000)
    with pytest.raises(InvalidAnswer, match="unpacks"):
        hashed(tmp_path, archive({"a": b"x" * 1_001}))


_HASH_UNDER_A_CAP = """
import resource, sys
from pathlib import Path
from datasources import _terraform_hashes

used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used + 16_000_000, used + 16_000_000))
print(_terraform_hashes._h1_of_archive(Path(sys.argv[1]), sys.argv[2], "https://example.com/a.zip"))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the memory in use is read from /proc")
def test_memory_stays_small(tmp_path: Path) -> None:
    """An archive of 64 MB that unpacks to 576 is hashed by a process that may take 16 MB more than it has."""
    path = tmp_path / "archive.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as written:
        written.writestr("stored", bytes(64_000_000), zipfile.ZIP_STORED)
        with written.open("terraform-provider-aws", "w") as packed:
            for _ in range(512):
                packed.write(bytes(1_000_000))
    command = [sys.executable, "-c", _HASH_UNDER_A_CAP, str(path), hashlib.sha256(path.read_bytes()).hexdigest()]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.stdout.startswith("h1:"), done.stderr


async def test_a_swapped_archive(connect: Connect) -> None:
    """An archive that is not what its checksum says raises InvalidAnswer: nobody's hash gets into a lock file."""
    with served() as server:
        right = server.sums(PATH, VERSION)
        server.archives[LINUX] = archive({"terraform-provider-aws": b"evil"})
        server.checksums[VERSION] = right
        async with connect({REGISTRY: server.url}) as client:
            with pytest.raises(InvalidAnswer, match="checksum"):
                await terraform_provider.hashes(AWS, VERSION, (OLD_H1,), client)


@pytest.mark.parametrize("lines", [[], ["garbage"], ["<html>"], [f"{'0' * 64}  {LINUX}"]])
async def test_a_list_of_checksums_that_is_not_whole(connect: Connect, lines: list[str]) -> None:
    """A list that lacks a platform, or is no list, raises InvalidAnswer: fewer hashes would lock people out."""
    with served() as server:
        server.checksums[VERSION] = "\n".join([*lines, ""])
        async with connect({REGISTRY: server.url}) as client:
            with pytest.raises(InvalidAnswer):
                await terraform_provider.hashes(AWS, VERSION, (OLD_ZH,), client)


async def test_a_version_that_is_not_there(connect: Connect) -> None:
    """A version that the registry does not list is NotFound."""
    with served() as server:
        async with connect({REGISTRY: server.url}) as client:
            with pytest.raises(NotFound, match=r"9\.9\.9"):
                await terraform_provider.hashes(AWS, "9.9.9", (OLD_ZH,), client)


async def test_an_archive_without_a_checksum(connect: Connect) -> None:
    """An archive whose name is not in the list of checksums is not hashed: nobody vouches for it."""

    def rename(request: Request) -> Reply | None:
        if not request.path.endswith("/download/linux/amd64"):
            return None
        offer = {"filename": "other.zip", "download_url": "/other.zip"}
        return as_json(offer | {"shasums_url": f"/files/{PATH}/{VERSION}/SHA256SUMS"})

    with served() as server:
        server.fault = rename
        async with connect({REGISTRY: server.url}) as client:
            with pytest.raises(InvalidAnswer, match=r"no checksum of other\.zip"):
                await terraform_provider.hashes(AWS, VERSION, (OLD_H1,), client)


async def test_a_failed_archive_fails_the_whole(
    connect: Connect, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If one platform's archive cannot be had there are no hashes at all, and no files are left behind."""
    directory = str(tmp_path)
    monkeypatch.setattr("tempfile.tempdir", directory)
    with served() as server:
        server.fault = lambda request: DOWN if request.path.endswith("windows_amd64.zip") else None
        async with connect({REGISTRY: server.url}) as client:
            with pytest.raises(Unavailable):
                await terraform_provider.hashes(AWS, VERSION, (OLD_H1,), client)
    assert os.listdir(directory) == []  # noqa: PTH208 - no pathlib in an async function


async def test_two_archives_at_a_time(connect: Connect) -> None:
    """Two archives are under way at once, and never more, for each takes its size on the disk."""
    under_way, most, pair = set[str](), 0, threading.Barrier(2)

    def watch(request: Request) -> None:
        nonlocal most
        if request.path.endswith(".zip"):
            under_way.add(request.path)
            most = max(most, len(under_way))
            pair.wait(10)  # for the other one: alone there is no answer

    with served() as server:
        server.fault = watch
        async with connect({REGISTRY: server.url}) as client:
            real = _terraform_hashes._h1_of_archive

            def done(path: Path, checksum: str, url: str) -> str:
                result = real(path, checksum, url)
                under_way.discard(url.removeprefix(f"https://{REGISTRY}"))
                return result

            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(_terraform_hashes, "_h1_of_archive", done)
                await terraform_provider.hashes(AWS, VERSION, (OLD_H1,), client)
    assert most == 2


def test_what_the_tests_compare_with() -> None:
    """The second implementation of the hash, in the servers of the tests, has the right shape."""
    assert len(base64.b64decode(h1({"a": b""}).removeprefix("h1:"))) == 32
