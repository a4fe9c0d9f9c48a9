"""Where the archive of a chart's version is, and fetching it: from a chart repository or from a registry."""

import hashlib
import json
import zlib
from collections.abc import Mapping
from urllib.parse import urljoin

from datasources import _oci
from datasources._answers import items, mapping, text_or_none
from datasources._helm_index import Index, cut_out
from datasources._helm_yaml import load_yaml
from datasources._oci_access import ask
from datasources._oci_names import digest_or_none
from updater.api import Client, InvalidAnswer, NotFound

MAX_BYTES = 16 * 1024 * 1024

_LAYER = "application/vnd.cncf.helm.chart.content.v1.tar+gzip"


async def from_repository(index: Index, chart: str, version: str, client: Client) -> bytes:
    """The archive that an index names, wherever it lies: https://helm.sh/docs/topics/chart_repository/."""
    entry = _entry(index, chart, version)
    url = _address(entry) or f"{chart}-{version}.tgz"
    if url.startswith("oci://"):
        repository, _, tag = url.removeprefix("oci://").rpartition(":")
        return await from_registry(_oci.locate(repository), tag, client)
    answer = await client.get(urljoin(index.url, url), max_bytes=MAX_BYTES, cacheable=False)
    digest = str(entry.get("digest") or "").removeprefix("sha256:")
    if len(digest) == 64:
        _check(answer.content, f"sha256:{digest}", answer.url)
    return answer.content


async def from_registry(repository: _oci.Repository, version: str, client: Client) -> bytes:
    """The layer of a chart: https://helm.sh/docs/topics/registries/."""
    manifest = await _oci.manifest(repository, version.replace("+", "_"), client)
    layers = items(manifest.get("layers"), url=repository.url(""), what="layers")
    content = [layer for layer in layers if isinstance(layer, dict) and layer.get("mediaType") == _LAYER]
    digest = digest_or_none(content[0].get("digest")) if content else None
    if digest is None:
        raise NotFound(f"{repository.name} {version} is no chart", url=repository.url(""))
    url = repository.url(f"blobs/{digest}")
    answer = await ask(
        repository,
        client,
        lambda words: client.get(url, headers=words, allow=(401,), max_bytes=MAX_BYTES, cacheable=False),
    )
    _check(answer.content, digest, url)
    return answer.content


def _address(entry: Mapping[str, object]) -> str | None:
    urls = entry.get("urls")
    return text_or_none(urls[0]) if isinstance(urls, list) and urls else None


def _entry(index: Index, chart: str, version: str) -> Mapping[str, object]:
    """All that the index says about one version. Raises ``NotFound`` where it has none."""
    if chart not in index.charts:
        raise NotFound(f"{index.url} has no chart {chart}", url=index.url)
    piece = zlib.decompress(index.charts[chart])
    alone = cut_out(piece, version)
    found = _of_version(_items(alone), version) if alone is not None else None
    found = found or _of_version(_entries(piece, chart, index.url), version)
    if found is None:
        raise NotFound(f"{index.url} has no {chart} {version}", url=index.url)
    return found


def _of_version(entries: list[object], version: str) -> Mapping[str, object] | None:
    named = (each for each in entries if isinstance(each, dict) and text_or_none(each.get("version")) == version)
    return next(named, None)


def _items(piece: bytes) -> list[object]:
    """The items of a list in YAML; none where a part of it stands elsewhere."""
    try:
        found = load_yaml(piece)
    except ValueError:
        return []
    return found if isinstance(found, list) else []


def _entries(piece: bytes, chart: str, url: str) -> list[object]:
    """The entries of a chart in the text that is kept of the index; a list in JSON has lost the addresses."""
    try:
        found = json.loads(piece) if piece.startswith(b"[") else load_yaml(piece)
    except ValueError as error:
        raise InvalidAnswer(f"{url} {error}", url=url) from error
    named = found if isinstance(found, list) else mapping(found, url=url, what="charts").get(chart)
    return list(items(named, url=url, what="entries"))


def _check(content: bytes, digest: str, url: str) -> None:
    if f"sha256:{hashlib.sha256(content).hexdigest()}" != digest:
        raise InvalidAnswer(f"{url} answered with content that does not fit its digest", url=url)
