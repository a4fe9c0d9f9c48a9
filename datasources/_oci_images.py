"""What manifests and configurations say about an image: when it was built, and for which platforms.

Formats: https://github.com/opencontainers/image-spec (image-index.md, manifest.md, config.md, annotations.md).
"""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from datasources import _oci
from datasources._answers import moment, text_or_none
from updater.api import Client, Published

_CREATED = "org.opencontainers.image.created"
_SOURCE = "org.opencontainers.image.source"
_IMAGE_CONFIGS = ("application/vnd.oci.image.config.v1+json", "application/vnd.docker.container.image.v1+json")
_FIRST_IMAGES = datetime(2013, 3, 1, tzinfo=UTC)
"""What claims to be older has no date: reproducible builds write 1970 or 1980."""
_WORD = re.compile(r"[a-z0-9][a-z0-9._-]{0,31}")
_SAME_ARCHITECTURE = {"aarch64": "arm64", "x86_64": "amd64", "x86-64": "amd64", "armhf": "arm", "i386": "386"}
_IMPLIED_VARIANT = {"arm64": "v8", "amd64": "v1"}

Json = Mapping[str, object]


async def published(repository: _oci.Repository, reference: str, client: Client) -> Published | None:
    """When the image was built; None if it does not say. One to three requests, the cheapest evidence first.

    An index is as old as the image for linux/amd64 in it, or the first one.
    """
    top = await _oci.manifest(repository, reference, client)
    if evidence := _annotated(top):
        return evidence
    child = _main_child(top)
    if evidence := _annotated(child):
        return evidence
    manifest = top if not child else await _child_manifest(repository, child, client)
    if evidence := _annotated(manifest):
        return evidence
    when = believable(moment((await _configuration(repository, manifest, client)).get("created")))
    return Published(when=when, evidence="built", by_registry=False) if when else None


async def origin(repository: _oci.Repository, reference: str, client: Client) -> str | None:
    """Where the image is developed: an annotation, or a label in its configuration; None if it does not say."""
    top = await _oci.manifest(repository, reference, client)
    child = _main_child(top)
    for described in (top, child):
        if address := text_or_none(_part(described, "annotations").get(_SOURCE)):
            return address
    manifest = top if not child else await _child_manifest(repository, child, client)
    if address := text_or_none(_part(manifest, "annotations").get(_SOURCE)):
        return address
    labels = _part(_part(await _configuration(repository, manifest, client), "config"), "Labels")
    return text_or_none(labels.get(_SOURCE))


async def platforms(repository: _oci.Repository, reference: str, client: Client) -> frozenset[str]:
    """The platforms of an image, as ``linux/arm64``; empty for what has none (a chart) or does not say.

    One request for an index, two for a single image.
    """
    top = await _oci.manifest(repository, reference, client)
    if "manifests" in top:
        return frozenset(filter(None, (platform(_part(child, "platform")) for child in _children(top))))
    name = platform(await _configuration(repository, top, client))
    return frozenset([name]) if name else frozenset()


def platform(description: Json) -> str | None:
    """``os/architecture[/variant]``, normalised as containerd does; None where it is unknown, as for attestations."""
    system, written = _word(description.get("os")), _word(description.get("architecture"))
    architecture = _SAME_ARCHITECTURE.get(written, written)
    if not system or not architecture or "unknown" in (system, architecture):
        return None
    variant = _word(description.get("variant")) or ("v7" if architecture == "arm" else "")
    variant = f"v{variant}" if variant.isdecimal() else variant
    parts = [system, architecture]
    return "/".join(parts if variant in ("", _IMPLIED_VARIANT.get(architecture)) else [*parts, variant])


def _word(value: object) -> str:
    """``value`` in lower case if it is one word, as all of these are; empty for anything else."""
    word = value.lower() if isinstance(value, str) else ""
    return word if _WORD.fullmatch(word) else ""


def believable(when: datetime | None) -> datetime | None:
    """``when``, unless there were no images then."""
    return when if when is not None and when >= _FIRST_IMAGES else None


def _annotated(described: Json) -> Published | None:
    when = believable(moment(_part(described, "annotations").get(_CREATED)))
    return Published(when=when, evidence="built", by_registry=False) if when else None


def _main_child(index: Json) -> Json:
    """The description of the image in an index that stands for all; empty if there is none."""
    known = [child for child in _children(index) if platform(_part(child, "platform"))]
    main = (child for child in known if platform(_part(child, "platform")) == "linux/amd64")
    return next(main, known[0] if known else {})


def _children(index: Json) -> Iterator[Json]:
    children = index.get("manifests")
    return (child for child in children if isinstance(child, dict)) if isinstance(children, list) else iter(())


async def _child_manifest(repository: _oci.Repository, child: Json, client: Client) -> Json:
    digest = text_or_none(child.get("digest"))
    return {} if digest is None else await _oci.manifest(repository, digest, client)


async def _configuration(repository: _oci.Repository, manifest: Json, client: Client) -> Json:
    """The configuration of an image; empty where the manifest is that of something else."""
    config = _part(manifest, "config")
    digest = text_or_none(config.get("digest"))
    if digest is None or config.get("mediaType") not in _IMAGE_CONFIGS:
        return {}
    url = repository.url(f"blobs/{digest}")
    return await client.once(f"oci configuration {url}", lambda: _oci.blob(repository, digest, client))


def _part(whole: Json, name: str) -> Json:
    part = whole.get(name)
    return part if isinstance(part, dict) else {}
