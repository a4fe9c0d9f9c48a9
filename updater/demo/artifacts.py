"""What the registries of the demo hand out: manifests, chart indexes, provider packages, Git references.

All is made from the names and dates of :mod:`updater.demo.catalog`, so it is the same on every machine and in every
run: digests and hashes may be written into files.
"""

import base64
import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from functools import cache
from typing import NamedTuple

from updater.demo.catalog import IMAGES, NOW, PLATFORMS, PROVIDERS, REPOSITORIES, Chart, Image, instant


def encoded(value: object) -> bytes:
    """``value`` as compact JSON."""
    return json.dumps(value, separators=(",", ":")).encode()


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


# ---------------------------------------------------------------- container images, and charts in their registries

INDEX = "application/vnd.oci.image.index.v1+json"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
_CONFIG = "application/vnd.oci.image.config.v1+json"
_LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"
_CHART_CONFIG = "application/vnd.cncf.helm.config.v1+json"
_CHART_LAYER = "application/vnd.cncf.helm.chart.content.v1.tar+gzip"


class Blob(NamedTuple):
    """A manifest, a configuration or a layer."""

    media_type: str
    content: bytes

    @property
    def digest(self) -> str:
        """The name under which a registry keeps it."""
        return f"sha256:{_sha256(self.content)}"

    @property
    def descriptor(self) -> dict[str, object]:
        """How a manifest refers to it."""
        return {"mediaType": self.media_type, "digest": self.digest, "size": len(self.content)}


class Store(NamedTuple):
    """The contents of one repository: tag → digest, and digest → blob."""

    tags: Mapping[str, str]
    blobs: Mapping[str, Blob]


@cache
def store(host: str, repository: str) -> Store:
    """All that a container registry has of a repository. Raises ``KeyError`` for what the catalogue lacks."""
    image = IMAGES[host][repository]
    make = _chart_blobs if image.chart else _image_blobs
    made = {tag: make(f"{host}/{repository}", image, tag) for tag in image.tags}
    digests = {tag: blobs[-1].digest for tag, blobs in made.items()}
    return Store(
        tags=digests | {moving: digests[tag] for moving, tag in image.moving.items()},
        blobs={blob.digest: blob for blobs in made.values() for blob in blobs},
    )


def _image_blobs(name: str, image: Image, tag: str) -> list[Blob]:
    """All blobs of an image for two platforms, its index last."""
    blobs: list[Blob] = []
    manifests: list[dict[str, object]] = []
    for architecture in ("amd64", "arm64"):
        layer = Blob(_LAYER, f"layer of {name}:{tag} for linux/{architecture}".encode())
        config = Blob(_CONFIG, encoded(_image_config(image, tag, architecture, layer)))
        manifest = _manifest(config, layer)
        blobs += [layer, config, manifest]
        manifests.append({**manifest.descriptor, "platform": {"architecture": architecture, "os": "linux"}})
    index = encoded({"schemaVersion": 2, "mediaType": INDEX, "manifests": manifests})
    return [*blobs, Blob(INDEX, index)]


def _image_config(image: Image, tag: str, architecture: str, layer: Blob) -> dict[str, object]:
    return {
        "created": instant(image.tags[tag]),
        "architecture": architecture,
        "os": "linux",
        "config": {"Labels": _annotations(image, tag)},
        "rootfs": {"type": "layers", "diff_ids": [layer.digest]},
    }


def _chart_blobs(name: str, image: Image, tag: str) -> list[Blob]:
    """All blobs of a Helm chart in a registry, its manifest last (https://helm.sh/docs/topics/registries/)."""
    layer = Blob(_CHART_LAYER, f"chart {name} {tag}".encode())
    metadata = {"name": image.chart, "version": tag, "apiVersion": "v2", "appVersion": f"v{tag}", "home": image.source}
    config = Blob(_CHART_CONFIG, encoded(metadata))
    return [layer, config, _manifest(config, layer, annotations=_annotations(image, tag))]


def _annotations(image: Image, tag: str) -> dict[str, str]:
    """What images say of themselves (https://github.com/opencontainers/image-spec/blob/main/annotations.md)."""
    return {
        "org.opencontainers.image.created": instant(image.tags[tag]),
        "org.opencontainers.image.source": image.source,
        "org.opencontainers.image.version": tag,
    }


def _manifest(config: Blob, layer: Blob, **extra: object) -> Blob:
    document = {
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "config": config.descriptor,
        "layers": [layer.descriptor],
        **extra,
    }
    return Blob(MANIFEST, encoded(document))


# ---------------------------------------------------------------- Helm repositories


def helm_index(charts: Mapping[str, Chart]) -> str:
    """The index as ``helm repo index`` writes it: keys sorted, latest version first."""
    entries = "".join(f"  {name}:\n{_entries(name, charts[name])}" for name in sorted(charts))
    return f'apiVersion: v1\nentries:\n{entries}generated: "{NOW.isoformat()}"\n'


def _entries(name: str, chart: Chart) -> str:
    return "".join(_entry(name, chart, version) for version in reversed([*chart.versions]))


def _entry(name: str, chart: Chart, version: str) -> str:
    published, app_version = chart.versions[version]
    return f"""\
  - apiVersion: v2
    appVersion: {app_version}
    created: "{instant(published)}"
    description: {chart.description}
    digest: {_sha256(f"{name}-{version}".encode())}
    home: {chart.home}
    name: {name}
    sources:
    - {chart.home}
    type: application
    urls:
    - charts/{name}-{version}.tgz
    version: {version}
"""


# ---------------------------------------------------------------- Terraform providers


@cache
def provider_files(name: str, version: str) -> Mapping[str, bytes]:
    """What SHA256SUMS of one version lists: file name → content."""
    program = program_name(name)
    zips = {f"{program}_{version}_{platform}.zip": _zip(program, version, platform) for platform in PLATFORMS}
    return {**zips, f"{program}_{version}_manifest.json": b'{"version":1,"metadata":{"protocol_versions":["5.0"]}}\n'}


def program_name(name: str) -> str:
    """What the files of the provider ``hashicorp/aws`` are called by: ``terraform-provider-aws``."""
    return f"terraform-provider-{name.rpartition('/')[2]}"


def _zip(program: str, version: str, platform: str) -> bytes:
    """A provider's package; the same bytes everywhere: nothing compressed, no clock, no system."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in (
            ("LICENSE.txt", "Made for a demo; does nothing.\n"),
            (f"{program}_v{version}_x5", f"{program} {version} for {platform}\n"),
        ):
            entry = zipfile.ZipInfo(name)
            entry.create_system = 3
            archive.writestr(entry, content)
    return buffer.getvalue()


def _sums(files: Mapping[str, bytes]) -> bytes:
    return "".join(f"{_sha256(files[name])}  {name}\n" for name in sorted(files)).encode()


@cache
def provider_downloads() -> Mapping[str, bytes]:
    """URL → content of each file of each provider."""
    downloads: dict[str, bytes] = {}
    for name, provider in PROVIDERS.items():
        for version in provider.versions:
            files = provider_files(name, version)
            base = provider.files.format(version=version)
            downloads |= {base + filename: content for filename, content in files.items()}
            downloads[f"{base}{program_name(name)}_{version}_SHA256SUMS"] = _sums(files)
    return downloads


def provider_hashes(name: str, version: str) -> tuple[str, ...]:
    """All ``h1:`` and ``zh:`` hashes that a lock file records of a provider, sorted.

    ``zh:`` is the SHA-256 of each file in SHA256SUMS, ``h1:`` that of a zip's contents
    (https://developer.hashicorp.com/terraform/language/files/dependency-lock#new-provider-package-checksums).
    """
    files = provider_files(name, version)
    h1 = (_h1(content) for filename, content in files.items() if filename.endswith(".zip"))
    zh = (f"zh:{_sha256(content)}" for content in files.values())
    return tuple(sorted((*h1, *zh)))


def _h1(archive: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(archive)) as contents:
        lines = (f"{_sha256(contents.read(name))}  {name}\n" for name in sorted(contents.namelist()))
        return f"h1:{base64.b64encode(hashlib.sha256(''.join(lines).encode()).digest()).decode()}"


# ---------------------------------------------------------------- Git


def git_references(name: str) -> Mapping[str, str]:
    """The references of a repository on GitHub: full name → object id.

    An annotated tag is followed by the commit it stands on, as ``git ls-remote`` shows it (``refs/tags/v1^{}``).
    """
    repository = REPOSITORIES[name]
    references = {"refs/heads/main": _object("commit", name, "main")}
    for tag in sorted(repository.tags):
        if repository.annotated:
            references[f"refs/tags/{tag}"] = _object("tag", name, tag)
        references[f"refs/tags/{tag}{'^{}' if repository.annotated else ''}"] = git_commit(name, tag)
    return references


def git_commit(name: str, tag: str) -> str:
    """The id of the commit that a tag stands on."""
    return _object("commit", name, tag)


def _object(kind: str, name: str, reference: str) -> str:
    return hashlib.sha1(f"{kind} {name} {reference}".encode()).hexdigest()  # noqa: S324 (ids in Git are SHA-1)
