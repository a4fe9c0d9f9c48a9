"""Charts, images and Git revisions of Rancher Fleet.

In `fleet.yaml`:

    helm:
      repo: https://charts.longhorn.io
      chart: longhorn
      version: 1.7.2                                   # or a range: ~1.7
      values:
        image: {repository: longhornio/manager, tag: v1.7.2}
    targetCustomizations:
      - name: production
        clusterSelector: {matchLabels: {env: prod}}
        helm:
          version: 1.6.4                               # of the same chart, environment production

and in objects of `fleet.cattle.io`, whatever the file is called:

    kind: GitRepo                                      # also HelmOp and Bundle, with helm as above
    spec:
      repo: https://github.com/acme/platform
      revision: v2.3.0

A chart may also be an address: `oci://…` with a version beside it, or `git::…?ref=v1.2.0`. Charts within the
repository, charts that are files on a server (`….tgz`), branches and commits are left alone. `dep_type` is `fleet`,
`git_repo` or `image`.
"""

import re
from collections.abc import Iterator

from managers._environments import environment_of, selected, within
from managers._git import git_package, why_not_a_tag
from managers._helm import chart_dependency, images_in_values
from managers._images import SCATTERED, TEMPLATED, ImageReader
from managers._manifests import extract_documents, objects, versionless
from managers._yaml import Document, Mapping, Scalar
from updater.api import Environment, Extracted, Package, SourceFile, Span, dependency, skipped

NAME = "fleet"
FILES: tuple[str, ...] = ("*.yaml", "*.yml")
MARKERS: tuple[str, ...] = ("fleet.cattle.io/", "helm:", "targetCustomizations:")
FOREIGN: tuple[str, ...] = ()
NARROWABLE = False

_GROUP = "fleet.cattle.io/"
_BUNDLES = ("HelmOp", "HelmApp", "Bundle")
_FILE_NAME = re.compile(r"(?:[\w.-]+[._-])?fleet(?:[._-][\w.-]+)?\.ya?ml")
_REVISION = re.compile(r"[?&]ref=(?P<tag>[^&\s]+)")


def extract(file: SourceFile) -> Iterator[Extracted]:
    """The charts, images and revisions in ``file``."""
    if _GROUP not in file.text and not _is_bundle_file(file):
        return iter(())
    return extract_documents(file, manager=NAME, wanted=_is_wanted, read=_read)


def _is_bundle_file(file: SourceFile) -> bool:
    return _FILE_NAME.fullmatch(file.path.rpartition("/")[2]) is not None


def _is_wanted(document: Document) -> bool:
    if document.field("apiVersion") is None:
        return document.mentions("helm", _GROUP)
    return document.mentions(_GROUP) and document.field("kind") != "CustomResourceDefinition"


def _read(file: SourceFile, root: Mapping) -> Iterator[Extracted]:
    if "apiVersion" not in root and _is_bundle_file(file):
        yield from _bundle(file, root)
    for version, kind, item in objects(root):
        spec = item.mapping("spec") if version.startswith(_GROUP) else None
        if spec is not None and kind == "GitRepo":
            yield from _repository(file, spec)
        elif spec is not None and kind in _BUNDLES:
            yield from _bundle(file, spec)


# ---------------------------------------------------------------- charts


def _bundle(file: SourceFile, bundle: Mapping) -> Iterator[Extracted]:
    """The chart of a bundle, and of each of its targets what it does otherwise."""
    base = bundle.mapping("helm")
    if base is not None:
        yield from _chart(file, base, None)
        yield from _images(file, base)
    for key in ("targetCustomizations", "targets"):
        for target in bundle.mappings(key):
            helm = target.mapping("helm")
            environment = _environment(target)
            found = (*_chart(file, helm, base), *_images(file, helm)) if helm is not None else ()
            yield from (within(item, environment) for item in found)


def _environment(target: Mapping) -> Environment | None:
    return environment_of(target) or selected(target.get("clusterSelector"))


def _images(file: SourceFile, helm: Mapping) -> Iterator[Extracted]:
    values = helm.mapping("values")
    return images_in_values(ImageReader(file=file, manager=NAME, dep_type="image"), values) if values else iter(())


def _chart(file: SourceFile, helm: Mapping, base: Mapping | None) -> Iterator[Extracted]:
    """The chart of ``helm``, which says only in part what it does otherwise than ``base``."""
    if base is not None and not any(key in helm for key in ("chart", "repo", "version")):
        return
    chart, repo, version = (
        helm.scalar(key) or (base.scalar(key) if base else None) for key in ("chart", "repo", "version")
    )
    repository = repo.text if repo is not None and repo.has_text else ""
    if chart is None or not chart.has_text:
        chart = repo if repository.startswith("oci://") else None
    if chart is None:
        return
    address = chart.text
    if address.startswith("oci://"):
        holder, _, name = address.rstrip("/").rpartition("/")
        yield _helm_chart(file, chart, holder, version, called=name)
    elif "://" in address or address.startswith("git@"):
        yield _chart_at(file, chart)
    elif not repository and version is not None and version.has_text and not address.startswith((".", "/")):
        yield skipped(
            file,
            manager=NAME,
            reason="no repository",
            at=version.span or version.where,
            name=address,
            datasource="helm",
            dep_type="fleet",
        )
    else:
        yield _helm_chart(file, chart, repository or ".", version)


def _helm_chart(
    file: SourceFile, chart: Scalar, repository: str, version: Scalar | None, called: str | None = None
) -> Extracted:
    return chart_dependency(
        file,
        manager=NAME,
        name=chart,
        repository=repository,
        version=version,
        dep_type="fleet",
        called=called,
    )


def _chart_at(file: SourceFile, chart: Scalar) -> Extracted:
    """A chart in a Git repository, or one that is downloaded (https://fleet.rancher.io/ref-fleet-yaml)."""
    match = _REVISION.search(chart.text)
    at = chart.span
    if match is None or at is None:
        reason = "no version in the address" if match is None else SCATTERED
        if chart.text.endswith(".tgz"):
            reason = "the version is a part of a file's name"
        return skipped(file, manager=NAME, reason=reason, at=at or chart.where, name=chart.text, dep_type="fleet")
    repository = chart.text.removeprefix("git::").partition("?")[0]
    scheme, _, path = repository.rpartition("://")
    address = f"{scheme}://{path.partition('//')[0]}" if scheme else path.partition("//")[0]
    place = Span(at.start + match.start("tag"), at.start + match.end("tag"))
    return _tag(file, git_package(address), place, match["tag"], is_templated=chart.is_templated, dep_type="fleet")


# ---------------------------------------------------------------- repositories


def _repository(file: SourceFile, spec: Mapping) -> Iterator[Extracted]:
    address, revision = spec.scalar("repo"), spec.scalar("revision")
    if address is None or not address.has_text:
        return
    package = git_package(address.text)
    if revision is None or not revision.has_text:
        yield versionless(
            file,
            address,
            manager=NAME,
            reason="follows a branch",
            datasource=package.datasource,
            dep_type="git_repo",
        )
        return
    is_templated = address.is_templated or revision.is_templated
    place = revision.span or revision.where
    yield _tag(file, package, place, revision.text, is_templated=is_templated, dep_type="git_repo")


def _tag(file: SourceFile, package: Package, at: Span, tag: str, *, is_templated: bool, dep_type: str) -> Extracted:
    reason = TEMPLATED if is_templated else why_not_a_tag(tag)
    if reason is None and file.text[at.start : at.end] != tag:
        reason = SCATTERED
    if reason is not None:
        return skipped(
            file,
            manager=NAME,
            reason=reason,
            at=at,
            name=package.name,
            datasource=package.datasource,
            dep_type=dep_type,
        )
    return dependency(file, manager=NAME, name=package.name, package=package, value=at, dep_type=dep_type)
