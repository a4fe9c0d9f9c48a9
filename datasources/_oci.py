"""The protocol of container registries, as far as versions need it; used for images and for charts in OCI.

The API: https://github.com/opencontainers/distribution-spec/blob/main/spec.md, and before there was that,
https://distribution.github.io/distribution/spec/api/.
"""

import hashlib
import re
from collections.abc import Iterator, Mapping
from urllib.parse import quote

from datasources._answers import items, mapping, moment
from datasources._oci_access import ask
from datasources._oci_names import DOCKER_HUB, Repository, digest_or_none, locate
from datasources._pages import next_query
from updater.api import Client, InvalidAnswer, NotFound, Release, Releases, RequestError, Response

__all__ = ["DOCKER_HUB", "MAX_PAGES", "Repository", "blob", "digest", "locate", "manifest", "releases"]

MANIFESTS = (
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
)
MAX_PAGES = 100
"""How many pages of one list are read in a run."""
WORTH_KEEPING = 10
"""How many pages are a portion, even if the next one fails."""
PAGE_SIZE = 1_000
"""What distribution 3.1 and Amazon take at most; Azure gives no more, either."""
SMALLEST_PAGE_SIZE = 100
"""What every registry should take; more than that is too much for some versions of Quay."""

_PAGE_SIZES = {DOCKER_HUB: 10_000, "https://ghcr.io": 10_000, "https://quay.io": SMALLEST_PAGE_SIZE}
_MAX_PAGES = {DOCKER_HUB: 10}
_TOO_MUCH = (400, 405, 413)
"""What is said to too large a page: by distribution, Amazon and Quay."""
_MAX_BLOB_BYTES = 8 * 1024 * 1024
_BELONGING = re.compile(r"sha(?:256-[0-9a-f]{64}|512-[0-9a-f]{128})(?:\.[0-9A-Za-z_.-]*)?")
"""The tags under which signatures, attestations and other companions of an image are filed, no versions of it:
https://github.com/opencontainers/distribution-spec/blob/main/spec.md#referrers-tag-schema."""


# ---------------------------------------------------------------- tags


async def releases(repository: Repository, client: Client, cursor: str | None = None) -> Releases:
    """All tags of a repository; of a very long list the first portion, or the one that follows where another ended.

    A portion is as many pages as one run may read, or fewer if the registry fails when at least ten were read: the time
    they took is not lost. What is no whole list says so. Raises ``NotFound`` if there are no tags, and
    ``InvalidAnswer`` if the pages go in circles or ``cursor`` is of another registry.
    """
    found = dict[str, Release]()
    query: str | None = _query_in(cursor, repository)
    most, asked = _MAX_PAGES.get(repository.registry, MAX_PAGES), set[str]()
    while query is not None and len(asked) < most:
        try:
            page = await _page(repository, query, client)
        except RequestError:
            if len(asked) < WORTH_KEEPING:
                raise
            break
        found.update((release.version, release) for release in _tags(page))
        asked.add(query)
        query = next_query(page) or None
        if query in asked:
            raise InvalidAnswer(f"the pages of {page.url} go in circles", url=page.url)
    if not found and cursor is None:
        raise NotFound(f"{repository.name} has no tags at {repository.registry}", url=repository.url("tags/list"))
    return Releases(
        releases=tuple(found.values()),
        registry_url=repository.registry,
        complete=query is None,
        cursor=None if query is None else f"{repository.registry} {query}",
    )


def _query_in(cursor: str | None, repository: Repository) -> str:
    registry, _, query = (cursor or f"{repository.registry} ").partition(" ")
    if registry != repository.registry:
        raise InvalidAnswer(f"{registry} is not where {repository.name} is read any more", url=repository.url(""))
    return query


async def _page(repository: Repository, query: str, client: Client) -> Response:
    """The page that a query asks for, or the first one."""
    return await (_get(repository, f"tags/list?{query}", client) if query else _first_page(repository, client))


async def _first_page(repository: Repository, client: Client) -> Response:
    size = _PAGE_SIZES.get(repository.registry, PAGE_SIZE)
    page = await _get(repository, f"tags/list?n={size}", client, allow=_TOO_MUCH)
    if page.status not in _TOO_MUCH:
        return page
    return await _get(repository, f"tags/list?n={SMALLEST_PAGE_SIZE}", client)


def _tags(response: Response) -> Iterator[Release]:
    """One page. ``"tags": null`` is how a registry says "none"; Google's registries add digest and time of upload."""
    url = response.url
    page = mapping(response.json(), url=url, what="a list of tags")
    if "tags" not in page:
        raise InvalidAnswer(f"{url} answered without a list of tags", url=url)
    uploads = dict(_google_uploads(page.get("manifest")))
    for tag in items([] if page["tags"] is None else page["tags"], url=url, what="a list of tags"):
        if not isinstance(tag, str) or not tag:
            raise InvalidAnswer(f"{url} answered without tags that are text", url=url)
        if not (tag.startswith("sha") and _BELONGING.fullmatch(tag)):
            yield uploads.get(tag) or Release(version=tag)


def _google_uploads(manifests: object) -> Iterator[tuple[str, Release]]:
    """What gcr.io, registry.k8s.io and Artifact Registry tell beside the tags."""
    for digest, manifest in manifests.items() if isinstance(manifests, dict) else ():
        if not isinstance(manifest, dict) or digest_or_none(digest) is None:
            continue
        tags, published = manifest.get("tag"), moment(manifest.get("timeUploadedMs"))
        for tag in tags if isinstance(tags, list) else ():
            yield str(tag), Release(version=str(tag), digest=digest, published=published)


# ---------------------------------------------------------------- manifests and blobs


async def digest(repository: Repository, tag: str, client: Client) -> str:
    """What ``tag`` points at now: an index if there is one, else the only manifest.

    One HEAD, as a rule; nothing if the manifest itself has been asked for.
    """
    known = (await _known_digests(client)).get(repository.url(tag))
    if known is not None:
        return known
    path = _manifest_path(tag)
    url, accept = repository.url(path), {"Accept": ", ".join(MANIFESTS)}
    answer = await ask(  # 405 comes from registries that do not know the method
        repository, client, lambda words: client.head(url, headers={**accept, **words}, allow=(401, 405))
    )
    named = digest_or_none(answer.headers.get("docker-content-digest"))
    if answer.status == 200 and named is not None:
        return named
    found = await _get(repository, path, client, accept=accept["Accept"])
    _read_manifest(found)
    _check_digest(found, tag)
    return _digest_of(found.content)


async def manifest(repository: Repository, reference: str, client: Client) -> Mapping[str, object]:
    """The index or manifest that a tag or digest stands for; asked for once a run.

    Raises ``InvalidAnswer`` for content that does not fit the digest it was asked for by. Docker Hub counts this as
    a pull.
    """

    async def make() -> Mapping[str, object]:
        path = _manifest_path(reference)
        answer = await _get(repository, path, client, accept=", ".join(MANIFESTS))
        _check_digest(answer, reference)
        found = _read_manifest(answer)
        await note_digest(repository, reference, _digest_of(answer.content), client)
        return found

    return await client.once(f"oci manifest {repository.url(reference)}", make)


async def note_digest(repository: Repository, tag: str, digest: str, client: Client) -> None:
    """What has been heard of a tag is not asked again in this run."""
    (await _known_digests(client))[repository.url(tag)] = digest


async def _known_digests(client: Client) -> dict[str, str]:
    """What the tags whose manifests were asked for in this run point at."""

    async def make() -> dict[str, str]:
        return {}

    return await client.once("oci digests", make)


async def blob(repository: Repository, digest: str, client: Client) -> Mapping[str, object]:
    """A small blob of JSON, such as the configuration of an image. Raises ``InvalidAnswer`` as ``manifest`` does."""
    answer = await _get(repository, f"blobs/{digest}", client, max_bytes=_MAX_BLOB_BYTES)
    _check_digest(answer, digest)
    return mapping(answer.json(), url=answer.url, what="a configuration")


def _manifest_path(reference: str) -> str:
    return f"manifests/{quote(reference, safe=':')}"


def _read_manifest(response: Response) -> Mapping[str, object]:
    manifest = mapping(response.json(), url=response.url, what="a manifest")
    if not manifest.keys() & {"mediaType", "schemaVersion", "layers", "manifests"}:
        raise InvalidAnswer(f"{response.url} answered without a manifest", url=response.url)
    return manifest


def _check_digest(response: Response, reference: str) -> None:
    """What was asked for by its digest, or is sent together with one, must fit it."""
    digest = reference if reference.startswith("sha256:") else response.headers.get("docker-content-digest", "")
    if digest.startswith("sha256:") and _digest_of(response.content) != digest:
        raise InvalidAnswer(f"{response.url} answered with content that does not fit its digest", url=response.url)


def _digest_of(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


async def _get(
    repository: Repository,
    path: str,
    client: Client,
    *,
    accept: str = "application/json",
    allow: tuple[int, ...] = (),
    max_bytes: int | None = None,
) -> Response:
    url = repository.url(path)
    return await ask(
        repository,
        client,
        lambda words: client.get(url, headers={"Accept": accept, **words}, allow=(401, *allow), max_bytes=max_bytes),
    )
