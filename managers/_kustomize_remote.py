"""What kustomizations fetch from elsewhere: directories of Git repositories, files behind addresses, artifacts.

https://github.com/kubernetes-sigs/kustomize/blob/master/examples/remoteBuild.md
"""

import re
from collections.abc import Iterator

from managers._git import COMMIT, git_file, git_package, revision, why_not_a_tag
from managers._images import SCATTERED, TEMPLATED, ImageReader
from managers._yaml import Mapping, Scalar
from updater.api import Extracted, Package, SourceFile, Span, dependency, image_package, skipped

_LISTS = ("resources", "bases", "components", "crds", "generators", "transformers", "validators", "configurations")
_LISTS_OF_PATCHES = ("patches", "patchesJson6902", "replacements")

_REMOTE = re.compile(r"git::|\w[\w+.-]*://|[\w.-]+@[\w.-]+:|github\.com/|[^?]*\?(?:.*&)?(?:ref|version)=")
_REVISION = re.compile(r"[?&](?:ref|version)=(?P<version>[^&#]*)")
_DIRECTORY_IN_REPOSITORY = re.compile(r"([^?]*?(?:\.git|/_git/[^/]+))/")
_VERSION = re.compile(r"\d\.\d")


def remote_resources(file: SourceFile, root: Mapping, *, manager: str, dep_type: str) -> Iterator[Extracted]:
    """Everything that the kustomization ``root`` fetches from elsewhere."""
    for node in _addresses(root):
        if node.text.startswith("oci://") and not _REVISION.search(node.text):
            yield ImageReader(file=file, manager=manager, dep_type=dep_type).whole(node)
        elif _REMOTE.match(node.text):
            yield _remote(file, node, manager, dep_type)


def _addresses(root: Mapping) -> Iterator[Scalar]:
    for key in (*_LISTS, "patchesStrategicMerge"):
        for node in root.elements(key):
            if isinstance(node, Scalar) and "\n" not in node.text:
                yield node
    for key in _LISTS_OF_PATCHES:
        for patch in root.mappings(key):
            path = patch.scalar("path")
            if path is not None:
                yield path


def _remote(file: SourceFile, resource: Scalar, manager: str, dep_type: str) -> Extracted:
    found = located(resource.text)
    package, version = found or (None, None)
    span = resource.span
    at = Span(span.start + version.start, span.start + version.end) if span and version else None
    reason = _why_unmanageable(resource, found)
    if package is not None and at is not None and reason == COMMIT:
        return revision(file, manager=manager, name=package.name, package=package, at=at, dep_type=dep_type)
    if package is None or at is None or reason is not None:
        return skipped(
            file,
            manager=manager,
            reason=reason or SCATTERED,
            at=at or span or resource.where,
            name=package.name if package else resource.text,
            datasource=package.datasource if package else None,
            dep_type=dep_type,
        )
    return dependency(file, manager=manager, name=package.name, package=package, value=at, dep_type=dep_type)


def _why_unmanageable(resource: Scalar, found: tuple[Package, Span] | None) -> str | None:
    if resource.is_templated:
        return TEMPLATED
    if found is None:
        has_version = _VERSION.search(resource.text)
        return "no repository that could be asked" if has_version else "no version in the address"
    package, span = found
    version, behind = resource.text[span.start : span.end], resource.text[span.end :]
    if "$" in version or "$" in package.name:
        return "contains a variable"
    if package.datasource == "github-releases" and version.lstrip("v") in behind:
        return "the address holds the version twice"
    return None if package.datasource == "docker" else why_not_a_tag(version)


def located(address: str) -> tuple[Package, Span] | None:
    """What an address leads to, and where in it the version stands."""
    if found := git_file(address):
        return found
    match = _REVISION.search(address)
    return (_package(address.partition("?")[0]), Span(*match.span("version"))) if match else None


def _package(address: str) -> Package:
    if address.startswith("oci://"):
        return image_package(address.removeprefix("oci://").partition("//")[0])
    return git_package(_repository(address.removeprefix("git::")))


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
