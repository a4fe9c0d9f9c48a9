"""Charts, images, repositories and manifests in packages of Zarf (`kind: ZarfPackageConfig`).

    kind: ZarfPackageConfig
    metadata: { name: shop, version: 1.0.0 }                     # its own version: left alone
    components:
      - name: shop
        charts:
          - { name: podinfo, version: 6.7.0, url: "https://stefanprodan.github.io/podinfo" }
          - { name: web, version: 0.4.0, url: "oci://ghcr.io/acme/charts/web" }
          - { name: api, version: 1.2.0, url: "https://github.com/acme/api.git", gitPath: chart }
        manifests:
          - { name: crds, files: ["https://github.com/acme/crds/releases/download/v1.0.0/crds.yaml"] }
        images: ["ghcr.io/stefanprodan/podinfo:6.7.0"]
        repos: ["https://github.com/acme/config.git@v2.0.0"]
        import: { url: "oci://ghcr.io/acme/packages/base:0.3.0" }

What a package is given at deployment (`###ZARF_VAR_…###`) is listed, not updated; charts in a directory (`localPath`)
are left alone. `dep_type` is `chart`, `image`, `git`, `manifest` or `package`.
"""

import re
from collections.abc import Iterator

from managers._git import git_file, git_package, revision
from managers._helm import chart_dependency
from managers._images import ImageReader
from managers._manifests import extract_documents
from managers._yaml import Document, Mapping, Scalar
from updater.api import Extracted, SourceFile, Span

NAME = "zarf"
FILES: tuple[str, ...] = ("*.yaml", "*.yml")
MARKERS: tuple[str, ...] = ("ZarfPackageConfig",)
FOREIGN: tuple[str, ...] = ()
NARROWABLE = False

_REPOSITORY = re.compile(
    r"(?P<address>(?:https?|ssh)://[^\s@]+(?:@[^\s@/]+/[^\s@]+)?|git@[^\s@]+)@(?P<version>[^\s@]+)"
)


def extract(file: SourceFile) -> Iterator[Extracted]:
    """What the package in ``file`` is made of."""
    return extract_documents(file, manager=NAME, wanted=_is_wanted, read=_read)


def _is_wanted(document: Document) -> bool:
    return document.field("kind") in MARKERS


def _read(file: SourceFile, root: Mapping) -> Iterator[Extracted]:
    """https://docs.zarf.dev/ref/components/."""
    for component in root.mappings("components"):
        for chart in component.mappings("charts"):
            yield from _chart(file, chart)
        reader = ImageReader(file=file, manager=NAME, dep_type="image")
        yield from (reader.whole(image) for image in _texts(component, "images"))
        for repo in _texts(component, "repos"):
            yield from _revision(file, repo, _REPOSITORY.fullmatch(repo.text))
        for manifest in component.mappings("manifests"):
            for address in _texts(manifest, "files"):
                yield from _file(file, address)
        imported = component.mapping("import")
        package = imported.scalar("url") if imported else None
        if package is not None and package.text.startswith("oci://"):
            yield ImageReader(file=file, manager=NAME, dep_type="package").whole(package)


def _texts(mapping: Mapping, key: str) -> Iterator[Scalar]:
    return (node for node in mapping.elements(key) if isinstance(node, Scalar) and node.has_text)


def _chart(file: SourceFile, chart: Mapping) -> Iterator[Extracted]:
    name, url = chart.scalar("name"), chart.scalar("url")
    version = chart.scalar("version")
    if name is None or url is None or not url.has_text:
        return
    if "gitPath" in chart or url.text.endswith(".git") or "@" in url.text:
        if version is not None and version.span is not None:
            package = git_package(url.text.partition("@")[0])
            yield revision(file, manager=NAME, name=package.name, package=package, at=version.span, dep_type="chart")
        return
    address, called = url.text.rstrip("/"), chart.text("repoName") or name.text
    if address.startswith("oci://"):  # the whole address of the chart
        address, _, called = address.rpartition("/")
    yield chart_dependency(
        file,
        manager=NAME,
        name=name,
        repository=address,
        repository_at=url,
        version=version,
        dep_type="chart",
        called=called,
    )


def _revision(file: SourceFile, repo: Scalar, match: re.Match[str] | None) -> Iterator[Extracted]:
    if match is not None and repo.span is not None:
        package = git_package(match["address"])
        at = Span(*(repo.span.start + offset for offset in match.span("version")))
        yield revision(file, manager=NAME, name=package.name, package=package, at=at, dep_type="git")


def _file(file: SourceFile, address: Scalar) -> Iterator[Extracted]:
    found = git_file(address.text)
    if found is not None and address.span is not None:
        package, version = found
        at = Span(address.span.start + version.start, address.span.start + version.end)
        yield revision(file, manager=NAME, name=package.name, package=package, at=at, dep_type="manifest")
