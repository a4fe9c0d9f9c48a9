"""Pipelines of other projects that GitLab pipelines include.

Read are the same files as by `gitlabci`:

    include:
      - project: acme/pipelines            # a tag of that project on gitlab.com
        ref: v2.3.0
        file: [/build.yml, /deploy.yml]
      - remote: https://gitlab.com/acme/pipelines/-/raw/v2.3.0/scan.yml
    deploy:
      trigger:
        include:
          - project: acme/deployments
            ref: 1.4.0
            file: /child.yml

Which GitLab a project is on does not stand in the file: gitlab.com is asked, if `registryUrls` says nothing else. A
commit with its version in a comment (`ref: 5f1c… # v2.3.0`) moves together with it; branches are left alone.
"""

from collections.abc import Iterator

from managers import _gitlab
from managers._git import VARIABLE, git_file, revision
from managers._images import SCATTERED
from managers._manifests import extract_documents, versionless
from managers._yaml import Mapping, Scalar
from updater.api import Extracted, Package, SourceFile, Span

NAME = "gitlabci-include"
FILES: tuple[str, ...] = ("*.yml", "*.yaml")
MARKERS: tuple[str, ...] = ("project:", "remote:", "include:")
FOREIGN: tuple[str, ...] = ("\napiVersion:",)
NARROWABLE = False

_DEP_TYPE = "repository"


def extract(file: SourceFile) -> Iterator[Extracted]:
    """The projects and addresses that the pipeline in ``file`` includes."""
    return extract_documents(file, manager=NAME, wanted=_gitlab.wanted(file), read=_read)


def _read(file: SourceFile, root: Mapping) -> Iterator[Extracted]:
    if not _gitlab.is_pipeline(file, root):
        return
    for include in _gitlab.includes(root):
        remote = include.scalar("remote") if isinstance(include, Mapping) else include
        project = include.scalar("project") if isinstance(include, Mapping) else None
        if isinstance(include, Mapping) and project and project.has_text:
            yield _project(file, project, include.scalar("ref"))
        elif isinstance(remote, Scalar) and "://" in remote.text:
            yield _remote(file, remote)


def _project(file: SourceFile, project: Scalar, ref: Scalar | None) -> Extracted:
    package = Package(datasource="gitlab-tags", name=project.text.strip("/"))
    if ref is None or not ref.has_text:
        return _versionless(file, project, "no version")
    if ref.span is None or "$" in project.text:
        return _versionless(file, project, SCATTERED if ref.span is None else VARIABLE)
    return revision(file, manager=NAME, name=package.name, package=package, at=ref.span, dep_type=_DEP_TYPE)


def _remote(file: SourceFile, remote: Scalar) -> Extracted:
    """A file at an address of GitLab's or GitHub's that names the revision."""
    found = git_file(remote.text)
    if found is None or remote.span is None or "$" in found[0].name:
        return _versionless(file, remote, VARIABLE if "$" in remote.text else "no version in the address")
    package, (start, end) = found
    at = Span(remote.span.start + start, remote.span.start + end)
    return revision(file, manager=NAME, name=package.name, package=package, at=at, dep_type=_DEP_TYPE)


def _versionless(file: SourceFile, at: Scalar, reason: str) -> Extracted:
    return versionless(file, at, manager=NAME, reason=reason, datasource="gitlab-tags", dep_type=_DEP_TYPE)
