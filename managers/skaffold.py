"""Charts, builders, base images and other configurations in Skaffold's configuration, whatever the file is called.

    apiVersion: skaffold/v4beta11
    kind: Config
    requires:
      - git: { repo: https://github.com/acme/platform, ref: v1.2.0 }
    build:
      artifacts:
        - image: ghcr.io/acme/web                          # what is built here: left alone
          docker: { buildArgs: { BASE: "alpine:3.20" } }
        - image: ghcr.io/acme/api
          buildpacks: { builder: "paketobuildpacks/builder:0.3.2" }
    deploy:
      helm:
        releases:
          - name: redis
            remoteChart: redis                             # or oci://…
            repo: https://charts.bitnami.com/bitnami
            version: 19.6.4

Read in profiles as well. The versions of charts in a directory are their own. `dep_type` is `chart`, `image` or `git`.
"""

from collections.abc import Iterator

from managers._git import repository
from managers._helm import chart_dependency
from managers._images import ImageReader, is_versioned_image
from managers._manifests import extract_documents
from managers._yaml import Document, Mapping, Scalar
from updater.api import Extracted, SourceFile

NAME = "skaffold"
FILES: tuple[str, ...] = ("*.yaml", "*.yml")
MARKERS: tuple[str, ...] = ("skaffold/v",)
FOREIGN: tuple[str, ...] = ()
NARROWABLE = False

_IMAGES = ("builder", "runImage", "fromImage")
_CONTAINERS = ("containers", "container")


def extract(file: SourceFile) -> Iterator[Extracted]:
    """What the configuration in ``file`` takes from elsewhere."""
    return extract_documents(file, manager=NAME, wanted=_is_wanted, read=_read)


def _is_wanted(document: Document) -> bool:
    return (document.field("apiVersion") or "").startswith(MARKERS)


def _read(file: SourceFile, root: Mapping) -> Iterator[Extracted]:
    """https://skaffold.dev/docs/references/yaml/."""
    reader = ImageReader(file=file, manager=NAME, dep_type="image")
    for key, mapping in root.walk():
        name = mapping.scalar("remoteChart")
        if name is not None and name.has_text:
            yield _chart(file, name, mapping)
        url = mapping.scalar("repo") if key == "git" else None
        if url is not None and url.has_text:
            yield repository(file, manager=NAME, url=url, at=mapping.scalar("ref"), dep_type="git")
        images = [mapping.scalar(name) for name in _IMAGES]
        if key in _CONTAINERS:
            images.append(mapping.scalar("image"))
        elif key == "buildArgs":
            images += [node for _, node in mapping.items() if isinstance(node, Scalar)]
        yield from (reader.whole(image) for image in images if image and is_versioned_image(image.text))


def _chart(file: SourceFile, name: Scalar, release: Mapping) -> Extracted:
    url, called = release.text("repo"), name.text
    if not url:
        before, _, called = called.rpartition("/")
        url = before if "/" in before else f"@{before}" if before else None
    return chart_dependency(
        file,
        manager=NAME,
        name=name,
        repository=url,
        repository_at=release.scalar("repo"),
        version=release.scalar("version"),
        dep_type="chart",
        called=called,
    )
