"""Charts, Git repositories, GitHub releases and images that vendir copies into a repository.

Files are recognised by their `apiVersion`, whatever they are called:

    apiVersion: vendir.k14s.io/v1alpha1
    kind: Config
    directories:
      - path: vendor
        contents:
          - path: redis
            helmChart:
              name: redis
              version: 19.6.4
              repository:
                url: https://charts.bitnami.com/bitnami        # or oci://
          - path: manifests
            git:
              url: https://github.com/acme/manifests
              ref: v1.4.0
          - path: cert-manager
            githubRelease:
              slug: cert-manager/cert-manager
              tag: v1.15.1
          - path: bundle
            imgpkgBundle:
              image: ghcr.io/acme/bundle:2.0.1

`dep_type` is `HelmChart`, `GitSource`, `GithubRelease`, `Image` or `ImgpkgBundle`. Branches, commits, ranges
that vendir resolves itself and plain downloads are listed, not updated. `vendir.lock.yml` is left to `vendir sync`.
"""

from collections.abc import Callable, Iterator
from collections.abc import Mapping as ReadOnly

from managers._git import repository
from managers._helm import chart_dependency
from managers._images import ImageReader
from managers._manifests import extract_documents
from managers._yaml import Document, Mapping, Scalar
from updater.api import Extracted, Package, SourceFile, skipped

NAME = "vendir"
FILES: tuple[str, ...] = ("*.yml", "*.yaml")
MARKERS: tuple[str, ...] = ("vendir.k14s.io/",)
FOREIGN: tuple[str, ...] = ()
NARROWABLE = False

_SELECTIONS = ("refSelection", "tagSelection", "verSelection")


def extract(file: SourceFile) -> Iterator[Extracted]:
    """What the configuration of vendir in ``file`` fetches."""
    return extract_documents(file, manager=NAME, wanted=_is_wanted, read=_read)


def _is_wanted(document: Document) -> bool:
    version, kind = document.field("apiVersion"), document.field("kind")
    return (version is None or version.startswith(MARKERS)) and kind in (None, "Config")


def _read(file: SourceFile, root: Mapping) -> Iterator[Extracted]:
    if not (root.text("apiVersion") or "").startswith(MARKERS) or root.text("kind") != "Config":
        return
    for directory in root.mappings("directories"):
        for contents in directory.mappings("contents"):
            for key, read in _SOURCES.items():
                source = contents.mapping(key)
                yield from read(file, source) if source else ()


def _chart(file: SourceFile, source: Mapping) -> Iterator[Extracted]:
    if name := source.scalar("name"):
        repository = source.mapping("repository")
        yield chart_dependency(
            file,
            manager=NAME,
            name=name,
            repository=repository.text("url") if repository else None,
            version=source.scalar("version"),
            dep_type="HelmChart",
        )


def _git(file: SourceFile, source: Mapping) -> Iterator[Extracted]:
    url, ref = source.scalar("url"), source.scalar("ref")
    if url is not None and url.has_text:
        yield from _selected(file, source, url, "GitSource") or (
            repository(file, manager=NAME, url=url, at=ref, dep_type="GitSource"),
        )


def _github_release(file: SourceFile, source: Mapping) -> Iterator[Extracted]:
    slug, tag = source.scalar("slug"), source.scalar("tag")
    if slug is not None and slug.has_text:
        package = Package(datasource="github-releases", name=slug.text)
        yield from _selected(file, source, slug, "GithubRelease") or (
            repository(file, manager=NAME, url=slug, at=tag, package=package, dep_type="GithubRelease"),
        )


def _image(file: SourceFile, source: Mapping, key: str, dep_type: str) -> Iterator[Extracted]:
    image = source.scalar(key)
    if image is not None and image.has_text:
        yield from _selected(file, source, image, dep_type) or (
            ImageReader(file=file, manager=NAME, dep_type=dep_type).whole(image),
        )


def _selected(file: SourceFile, source: Mapping, name: Scalar, dep_type: str) -> tuple[Extracted, ...]:
    """The range of versions that vendir itself chooses from, if there is one."""
    for key in _SELECTIONS:
        selection = source.mapping(key, "semver")
        if selection and (constraints := selection.scalar("constraints")) and constraints.has_text:
            at = constraints.span or constraints.where
            reason = "a range that vendir resolves"
            return (skipped(file, manager=NAME, reason=reason, at=at, name=name.text, dep_type=dep_type),)
    return ()


def _download(file: SourceFile, source: Mapping) -> Iterator[Extracted]:
    url = source.scalar("url")
    if url is not None and url.has_text:
        at = url.span or url.where
        yield skipped(
            file, manager=NAME, reason="downloads cannot be looked up", at=at, name=url.text, dep_type="HttpSource"
        )


_SOURCES: ReadOnly[str, Callable[[SourceFile, Mapping], Iterator[Extracted]]] = {
    "helmChart": _chart,
    "git": _git,
    "githubRelease": _github_release,
    "image": lambda file, source: _image(file, source, "url", "Image"),
    "imgpkgBundle": lambda file, source: _image(file, source, "image", "ImgpkgBundle"),
    "http": _download,
}
