"""Images, services and components in GitLab pipelines.

Read are `.gitlab-ci.yml`, `*.gitlab-ci.yml`, everything below `.gitlab` and `.gitlab-ci`, the local files that
these include, and what looks like a pipeline elsewhere:

    variables:
      ALPINE_VERSION: "3.19"
    include:
      - component: gitlab.com/components/sast/sast@2.1      # 2.1 moves to 2.2 or 3.0
    default:
      image: ${CI_DEPENDENCY_PROXY_GROUP_IMAGE_PREFIX}/node:20.11.0
    test:
      image: alpine:$ALPINE_VERSION                         # the variable is updated
      services:
        - name: postgres:16.1
          alias: db

A variable is followed to its value in the same file: in the job, among the global ones, or the default of an input.
Images whose registry is a variable are listed, not updated; the prefixes of the dependency proxy are known. The host
of a component may be `$CI_SERVER_FQDN`: gitlab.com is asked, if `registryUrls` says nothing else.

What is included from other projects is the business of `gitlabci-include`.
"""

import re
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import islice

from msgspec import Struct

from managers import _gitlab
from managers._ci import Images, image_of
from managers._git import VARIABLE, git_package, revision
from managers._images import SCATTERED, ImageReader
from managers._manifests import extract_documents, versionless
from managers._yaml import Mapping, Node, Scalar, documents_in
from managers._yaml import Sequence as List
from updater.api import Clue, Extracted, Files, SourceFile, Span, skipped

NAME = "gitlabci"
FILES: tuple[str, ...] = ("*.yml", "*.yaml")
MARKERS: tuple[str, ...] = ("image:", "services:", "component:", "local:", "include:")
FOREIGN: tuple[str, ...] = ("\napiVersion:",)
NARROWABLE = False
WORDS: tuple[str, ...] = _gitlab.WORDS

_VARIABLE = re.compile(r"\$(?:(?P<name>\w++)|\{(?P<braced>\w++)\}|\[\[\s*+inputs\.(?P<input>[\w-]++)\s*+\]\])")
_PROXY = re.compile(r"\$\{?CI_DEPENDENCY_PROXY_(?:DIRECT_)?GROUP_IMAGE_PREFIX\}?/")
_COMPONENT = re.compile(
    r"(?P<host>\$\{?CI_SERVER_(?:FQDN|HOST)\}?|[\w.-]++(?::\d+)?)/(?P<project>[^@\s]+)/[^/@\s]+@(?P<version>\S++)"
)
_NOT_A_JOB = ("variables", "include", "spec", "stages", "workflow", "cache")


def extract(file: SourceFile) -> Iterator[Extracted]:
    """The images, services and components of the pipeline in ``file``, and the local files that it includes."""
    return extract_documents(file, manager=NAME, wanted=_gitlab.wanted(file), read=_read)


def link(clues: Sequence[Clue], files: Files) -> Iterator[Extracted]:
    """What stands in the local files that pipelines include, however they are called."""
    waiting = [str(clue.data["path"]) for clue in clues]
    seen: set[str] = set()
    while waiting:
        for path in files.matching(waiting.pop()):
            file = None if path in seen or _gitlab.PATH.search(path) else files.read(path)
            seen.add(path)
            for item in extract_documents(file, manager=NAME, wanted=lambda _: True, read=_included) if file else ():
                if isinstance(item, Clue):
                    waiting.append(str(item.data["path"]))
                else:
                    yield item


def _read(file: SourceFile, root: Mapping) -> Iterator[Extracted]:
    return _included(file, root) if _gitlab.is_pipeline(file, root) else iter(())


def _included(file: SourceFile, root: Mapping) -> Iterator[Extracted]:
    pipeline = _Pipeline(file=file, variables=root.mapping("variables"), defaults=_inputs(file))
    for include in _gitlab.includes(root):
        component = include.scalar("component") if isinstance(include, Mapping) else None
        if component and component.has_text:
            yield _component(file, component)
    yield from pipeline.images(root)
    for key, job in root.items():
        if isinstance(job, Mapping) and key not in _NOT_A_JOB:
            yield from pipeline.images(job)
    for path in _gitlab.local_paths(root):
        yield Clue(manager=NAME, path=file.path, kind="include", data={"path": path})


# ---------------------------------------------------------------- images


class _Pipeline(Struct, frozen=True, kw_only=True):
    """One document of a pipeline."""

    file: SourceFile
    variables: Mapping | None
    defaults: Mapping | None
    """The inputs of a component, which are declared in the document before its jobs."""

    def images(self, job: Mapping) -> Iterator[Extracted]:
        """The image and the services of a job, or of the defaults of all jobs."""
        node = job.get("image")
        yield from self._image(job, node, "image" if isinstance(node, Scalar) else "image-name")
        services = job.get("services")
        for service in services if isinstance(services, List) else (services,):
            yield from self._image(job, service, "service-image")

    def _image(self, job: Mapping, node: Node | None, dep_type: str) -> Iterator[Extracted]:
        image = image_of(node, "name")
        if image is None:
            return
        reader = ImageReader(file=self.file, manager=NAME, dep_type=dep_type)
        resolve = partial(self._defined, job=job)
        yield from Images(reader=reader, variable=_VARIABLE, resolve=resolve, mirror=_PROXY).read(image)

    def _defined(self, match: re.Match[str], job: Mapping) -> Iterator[Scalar]:
        """What a variable stands for: what the job says, else the whole pipeline; for an input its default."""
        if match["input"]:
            declared = self.defaults.mapping(match["input"]) if self.defaults else None
            values = [declared.scalar("default") if declared else None]
        else:
            name = match["name"] or match["braced"]
            rows = job.mapping("parallel")
            if matrix := [value for row in rows.mappings("matrix") for value in _texts(row, name)] if rows else []:
                yield from matrix
                return
            places = (job.mapping("variables"), self.variables)
            values = [image_of(place.get(name), "value") for place in places if place]
        yield from islice((value for value in values if value), 1)


def _texts(row: Mapping, name: str) -> Iterator[Scalar]:
    """The values that a matrix gives a variable: one, or a list."""
    node = row.get(name)
    yield from (each for each in (node if isinstance(node, List) else (node,)) if isinstance(each, Scalar))


def _inputs(file: SourceFile) -> Mapping | None:
    for document in documents_in(file):
        header = document.root if document.mentions("spec:") and document.mentions("inputs:") else None
        if header and (inputs := header.mapping("spec", "inputs")):
            return inputs
    return None


# ---------------------------------------------------------------- components


def _component(file: SourceFile, component: Scalar) -> Extracted:
    """A component at a tag, a part of a version or a branch (https://docs.gitlab.com/ci/components/)."""
    match, span = _COMPONENT.fullmatch(component.text), component.span
    if match is None or span is None or "$" in match["project"]:
        reason = SCATTERED if span is None else VARIABLE if "$" in component.text else "no version"
        return versionless(
            file, component, manager=NAME, reason=reason, datasource="gitlab-tags", dep_type="repository"
        )
    host, project = match["host"], match["project"]
    package = git_package(f"https://{'gitlab.com' if '$' in host else host}/{project}", "gitlab")
    start, end = match.span("version")
    at = Span(span.start + start, span.start + end)
    if match["version"].startswith("~"):
        return skipped(
            file,
            manager=NAME,
            reason="follows the latest release",
            at=at,
            name=project,
            datasource=package.datasource,
            dep_type="repository",
        )
    return revision(
        file,
        manager=NAME,
        name=project,
        package=package,
        at=at,
        dep_type="repository",
        versioning="semver-partial",
    )
