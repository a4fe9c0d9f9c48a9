"""Images, remote resources and Helm charts in kustomizations.

Read are `kustomization.yaml`, `kustomization.yml` and `Kustomization`, of kind `Kustomization` or
`Component`:

    resources:
      - https://github.com/acme/bases//web?ref=v2.1.0                            # acme/bases, v2.1.0
      - https://raw.githubusercontent.com/argoproj/argo-cd/v2.9.3/manifests/install.yaml
      - https://github.com/cert-manager/cert-manager/releases/download/v1.13.0/cert-manager.yaml
    images:
      - name: oauth2-proxy
        newName: quay.io/oauth2-proxy/oauth2-proxy
        newTag: v7.6.0                                                           # also with, or only, a digest
    helmCharts:
      - name: traefik
        repo: https://traefik.github.io/charts
        version: 30.0.2                                                          # and images in valuesInline

Remote `bases` and `components` are read as `resources` are. `dep_type` is the kind of the file, or
`HelmChart`. Local paths, branches and commits are left alone; patches and generators are not read.
"""

import re
from collections.abc import Iterator

from managers._git import git_package, github_package, github_repository, why_not_a_tag
from managers._helm import chart_dependency, images_in_values
from managers._images import SCATTERED, TEMPLATED, ImageReader
from managers._manifests import extract_documents
from managers._yaml import Document, Mapping, Scalar
from updater.api import Extracted, Package, SourceFile, Span, dependency, skipped

NAME = "kustomize"
FILES: tuple[str, ...] = ("kustomization.yaml", "kustomization.yml", "Kustomization")
MARKERS: tuple[str, ...] = ("resources", "bases", "components", "images", "helmCharts")
NARROWABLE = False

_GROUP = "kustomize.config.k8s.io/"
_REMOTE = re.compile(r"git::|\w[\w+.-]*://|[\w.-]+@[\w.-]+:|github\.com/|[^?]*\?(?:.*&)?(?:ref|version)=")
_REVISION = re.compile(r"[?&](?:ref|version)=(?P<version>[^&#]*)")
_DIRECTORY_IN_REPOSITORY = re.compile(r"([^?]*?(?:\.git|/_git/[^/]+))/")
_FILES = (
    (
        "github-releases",
        re.compile(r"https://github\.com/(?P<name>[^/]+/[^/]+)/releases/download/(?P<version>[^/]+)/"),
    ),
    (
        "github-tags",
        re.compile(
            r"https://(?:raw\.githubusercontent\.com/(?P<name>[^/]+/[^/]+)|github\.com/(?P<long_name>[^/]+/[^/]+)/raw)"
            r"/(?:refs/(?:tags|heads)/)?(?P<version>[^/]+)/"
        ),
    ),
)


def extract(file: SourceFile) -> Iterator[Extracted]:
    """The images, remote resources and charts of the kustomization in ``file``."""
    return extract_documents(file, manager=NAME, wanted=_is_wanted, read=_read)


def _is_wanted(document: Document) -> bool:
    return (document.field("apiVersion") or _GROUP).startswith(_GROUP)


def _read(file: SourceFile, root: Mapping) -> Iterator[Extracted]:
    kind = root.text("kind") or "Kustomization"
    images = ImageReader(file=file, manager=NAME, dep_type=kind)
    for key in ("resources", "bases", "components"):
        for node in root.elements(key):
            if isinstance(node, Scalar) and _REMOTE.match(node.text):
                yield _remote(file, node, kind)
    for image in root.mappings("images"):
        yield from _image(images, image)
    for chart in root.mappings("helmCharts"):
        yield from _chart(file, chart)
        values = chart.mapping("valuesInline")
        yield from images_in_values(images, values) if values else ()


def _image(images: ImageReader, image: Mapping) -> Iterator[Extracted]:
    names = (image.scalar("newName"), image.scalar("name"))
    name = next((name for name in names if name and name.has_text), None)
    if name is not None:
        digest = image.scalar("digest")
        yield images.in_parts(name.text, at=name, tag=image.scalar("newTag"), digest=digest, pinnable=digest is None)


def _chart(file: SourceFile, chart: Mapping) -> Iterator[Extracted]:
    if name := chart.scalar("name"):
        yield chart_dependency(
            file,
            manager=NAME,
            name=name,
            repository=chart.text("repo"),
            version=chart.scalar("version"),
            dep_type="HelmChart",
        )


# ---------------------------------------------------------------- remote resources


def _remote(file: SourceFile, resource: Scalar, dep_type: str) -> Extracted:
    """A resource elsewhere (https://github.com/kubernetes-sigs/kustomize/blob/master/examples/remoteBuild.md)."""
    found = _locate(resource.text)
    package, version = found or (None, None)
    span = resource.span
    at = Span(span.start + version.start, span.start + version.end) if span and version else None
    reason = _why_unmanageable(resource, found)
    if package is None or at is None or reason is not None:
        return skipped(
            file,
            manager=NAME,
            reason=reason or SCATTERED,
            at=at or span or resource.where,
            name=package.name if package else resource.text,
            datasource=package.datasource if package else None,
            dep_type=dep_type,
        )
    return dependency(file, manager=NAME, name=package.name, package=package, value=at, dep_type=dep_type)


def _why_unmanageable(resource: Scalar, found: tuple[Package, Span] | None) -> str | None:
    if resource.is_templated:
        return TEMPLATED
    if found is None:
        return "no version in the address"
    package, span = found
    version, behind = resource.text[span.start : span.end], resource.text[span.end :]
    if package.datasource == "github-releases" and version.lstrip("v") in behind:
        return "the address holds the version twice"
    return why_not_a_tag(version)


def _locate(address: str) -> tuple[Package, Span] | None:
    """What an address leads to, and where in it the version stands."""
    for datasource, pattern in _FILES:
        if match := pattern.match(address):
            name = match["name"] or match["long_name"]
            return Package(datasource=datasource, name=name), Span(*match.span("version"))
    if match := _REVISION.search(address):
        repository = address.partition("?")[0].removeprefix("git::")
        github = github_repository(repository)
        package = github_package(github) if github else git_package(_repository(repository))
        return package, Span(*match.span("version"))
    return None


def _repository(address: str) -> str:
    """The repository in an address that may go on with a directory in it."""
    scheme, separator, rest = address.rpartition("://")
    if not separator:
        return address.partition("//")[0] if "@" in address else f"https://{_repository_path(address)}"
    return f"{scheme}://{_repository_path(rest)}"


def _repository_path(path: str) -> str:
    """``host/path`` of a repository: up to ``//``, ``.git`` or the name behind Azure's ``_git``."""
    root, inside, _ = path.partition("//")
    match = None if inside else _DIRECTORY_IN_REPOSITORY.match(root)
    return match[1] if match else root
