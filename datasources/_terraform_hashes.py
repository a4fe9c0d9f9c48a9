"""The hashes that ``.terraform.lock.hcl`` records for a provider, computed as Terraform does.

``zh:`` is the SHA-256 of an archive as it stands in the list of checksums; Terraform records every line of that
list, the manifest's, too. ``h1:`` is a hash over the names and contents of the files in an archive
(https://developer.hashicorp.com/terraform/language/files/dependency-lock#new-provider-package-checksums,
https://pkg.go.dev/golang.org/x/mod/sumdb/dirhash#Hash1).

Archives of some hundred megabytes are streamed to disk and hashed from there; memory stays small, and what was computed
is kept. The registry of OpenTofu tells both kinds
(https://github.com/opentofu/opentofu/blob/main/rfc/20251027-provider-registry-hashes.md).
"""

import base64
import hashlib
import re
import tempfile
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from urllib.parse import quote, urljoin

from datasources import _terraform
from datasources._answers import items, mapping, text
from updater.api import Client, InvalidAnswer, NotFound

_AT_ONCE = 2
_CHUNK = 1 << 20
_MOST_BYTES = 4 << 30
_FILE_NAME = re.compile(r"[ -\[\]-~]+")
_H1 = re.compile(r"h1:[A-Za-z0-9+/]{43}=")
_LINE = re.compile(r"([0-9a-f]{64})\s+\*?(\S+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Offer:
    """Where one platform's archive is, what it is called, and where the checksums of all platforms are.

    ``h1`` are the hashes that the registry tells, by platform; most tell none.
    """

    url: str
    filename: str
    checksums_url: str
    h1: Mapping[str, str]


async def collect(address: _terraform.Address, version: str, kinds: frozenset[str], client: Client) -> tuple[str, ...]:
    """The hashes of ``version`` of the given kinds (``h1``, ``zh``), sorted."""
    providers = await _terraform.service(address.registry, "providers.v1", client)
    provider = f"{providers}{address.path}"
    platforms = await _platforms(provider, version, client)
    places = {platform: f"{provider}/{quote(version)}/download/{platform}" for platform in platforms}
    offer = await _offer(places[platforms[0]], client)
    checksums = await _checksums(offer.checksums_url, platforms, client)
    found = {f"zh:{checksum}" for checksum in checksums.values()} if "zh" in kinds else set[str]()
    if "h1" in kinds and offer.h1.keys() >= places.keys():
        found.update(offer.h1[platform] for platform in places)
    elif "h1" in kinds:
        found.update(await _h1_of_all(list(places.values()), checksums, client))
    return tuple(sorted(found))


async def _platforms(provider: str, version: str, client: Client) -> Sequence[str]:
    """The platforms of a version, as ``os/arch``; the most usual one first, for it is the one that is asked about."""
    url = f"{provider}/versions"
    answer = mapping((await _terraform.get(url, client)).json(), url=url, what="versions")
    for value in items(answer.get("versions"), url=url, what="versions"):
        said = mapping(value, url=url, what="versions")
        if said.get("version") == version:
            found = {_platform(item, url) for item in items(said.get("platforms"), url=url, what="platforms")}
            if found:
                return sorted(found, key=lambda platform: (platform != "linux/amd64", platform))
    raise NotFound(f"{url} does not list {version} for any platform", url=url)


def _platform(value: object, url: str) -> str:
    said = mapping(value, url=url, what="platforms")
    system, architecture = text(said.get("os"), url=url, what="an os"), text(said.get("arch"), url=url, what="an arch")
    return f"{quote(system, safe='')}/{quote(architecture, safe='')}"


async def _offer(place: str, client: Client) -> _Offer:
    """https://developer.hashicorp.com/terraform/internals/provider-registry-protocol#find-a-provider-package."""
    answer = await client.once(f"terraform offer {place}", lambda: _terraform.get(place, client))
    said = mapping(answer.json(), url=place, what="a package")
    return _Offer(
        url=urljoin(answer.url, text(said.get("download_url"), url=place, what="download_url")),
        filename=text(said.get("filename"), url=place, what="filename"),
        checksums_url=urljoin(answer.url, text(said.get("shasums_url"), url=place, what="shasums_url")),
        h1=dict(_told(said.get("packages"))),
    )


def _told(packages: object) -> Iterator[tuple[str, str]]:
    """``os/arch`` and ``h1:``, for every platform of which the registry tells exactly one."""
    for platform, package in packages.items() if isinstance(packages, dict) else ():
        hashes = package.get("hashes") if isinstance(package, dict) else None
        found = {each for each in hashes if _H1.fullmatch(str(each))} if isinstance(hashes, list) else set()
        if len(found) == 1:
            yield str(platform).replace("_", "/", 1), *found


async def _checksums(url: str, platforms: Sequence[str], client: Client) -> Mapping[str, str]:
    """File name → SHA-256, for every line of the list; each platform must be among them, or the list is truncated."""
    answer = await client.get(url)
    lines = [_LINE.fullmatch(line) for line in answer.text.splitlines()]
    found = {line[2]: line[1] for line in lines if line}
    missing = [name for name in platforms if not any(file.endswith(_ending(name)) for file in found)]
    if missing or not all(lines):
        raise InvalidAnswer(f"{url} is not a list of checksums for {', '.join(missing) or 'archives'}", url=url)
    return found


def _ending(platform: str) -> str:
    return f"_{platform.replace('/', '_')}.zip"


# ---------------------------------------------------------------- h1


async def _h1_of_all(places: Sequence[str], checksums: Mapping[str, str], client: Client) -> Sequence[str]:
    """The ``h1:`` of every platform; the first failure ends the others.

    With the same checksums, it is the same archives that they would be computed from again.
    """
    import asyncio  # here, because a scan loads datasources only for their names

    gate, basis = asyncio.Semaphore(_AT_ONCE), hashlib.sha256(repr(sorted(checksums.items())).encode()).hexdigest()

    async def one(place: str) -> str:
        async with gate:
            return await client.kept(f"terraform h1 {place} {basis}", lambda: computed(place))

    async def computed(place: str) -> str:
        return await _h1(await _offer(place, client), checksums, client)

    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(one(place)) for place in places]
    except ExceptionGroup as failures:
        raise failures.exceptions[0] from failures
    return [task.result() for task in tasks]


async def _h1(offer: _Offer, checksums: Mapping[str, str], client: Client) -> str:
    from asyncio import to_thread  # here, because a scan loads datasources only for their names

    checksum = checksums.get(offer.filename)
    if checksum is None:
        raise InvalidAnswer(f"{offer.checksums_url} has no checksum of {offer.filename}", url=offer.checksums_url)
    with tempfile.TemporaryDirectory(prefix="provider-") as directory:
        path = Path(directory, "archive.zip")
        await client.download(offer.url, str(path))
        return await to_thread(_h1_of_archive, path, checksum, offer.url)


def _h1_of_archive(path: Path, checksum: str, url: str) -> str:
    """The ``h1:`` of the zip file at ``path``, whose SHA-256 must be ``checksum``."""
    with path.open("rb") as file:
        if hashlib.file_digest(file, "sha256").hexdigest() != checksum:
            raise InvalidAnswer(f"{url} is not what its checksum says", url=url)
        try:
            with zipfile.ZipFile(file) as archive:
                return _hash_of_files(archive, url)
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
            raise InvalidAnswer(f"{url} is not a readable archive: {error}", url=url) from error


def _hash_of_files(archive: zipfile.ZipFile, url: str) -> str:
    """Directories do not count: Terraform compares with the unpacked package, of which it hashes the files."""
    files = sorted((info for info in archive.infolist() if not info.is_dir()), key=lambda info: info.orig_filename)
    names = [info.orig_filename for info in files]
    if len(set(names)) < len(names) or not all(map(_is_safe, names)):
        raise InvalidAnswer(f"{url} has files with impossible names", url=url)
    if sum(info.file_size for info in files) > _MOST_BYTES:
        raise InvalidAnswer(f"{url} unpacks to more than {_MOST_BYTES >> 30} GiB", url=url)
    total = hashlib.sha256()
    for info in files:
        with archive.open(info) as file:
            total.update(f"{_sha256(file)}  {info.orig_filename}\n".encode())
    return f"h1:{base64.b64encode(total.digest()).decode()}"


def _is_safe(name: str) -> bool:
    """Whether ``name`` stays inside the package and is written the same way by every tool."""
    return _FILE_NAME.fullmatch(name) is not None and not {"", ".", ".."} & set(name.split("/"))


def _sha256(file: IO[bytes]) -> str:
    digest = hashlib.sha256()
    while chunk := file.read(_CHUNK):
        digest.update(chunk)
    return digest.hexdigest()
