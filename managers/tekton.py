"""Images, bundles and remote tasks of Tekton pipelines.

Read is every object of the group `tekton.dev` (tasks, pipelines and their runs, trigger templates with what they
make, lists of them):

    apiVersion: tekton.dev/v1
    kind: PipelineRun
    metadata:
      annotations:                                                # github.com/acme/catalog, v1.4.0
        pipelinesascode.tekton.dev/task: "https://raw.githubusercontent.com/acme/catalog/v1.4.0/lint.yaml"
    spec:
      pipelineSpec:
        tasks:
          - name: clone
            taskRef:
              resolver: bundles
              params:
                - {name: bundle, value: "ghcr.io/acme/tasks/clone:0.9@sha256:…"}
          - name: build
            taskSpec:
              steps:
                - image: golang:1.23.2

`dep_type` is `tekton-step-image` (steps, step templates and sidecars), `tekton-bundle` (`bundle` and the resolver
`bundles`), `tekton-git` (the resolver `git` with its `revision`), `tekton-http` (the resolver `http`),
`tekton-annotation` (addresses for Pipelines as Code), and the kind for every other image, such as a default of a
parameter with `image` in its name. Tasks of a hub (`git-clone:0.9`, the resolver `hub`) are listed.
"""

import re
from collections.abc import Iterator

from managers._git import git_file, repository, why_not_a_tag
from managers._image_lines import salvaged
from managers._images import SCATTERED, TEMPLATED, ImageReader
from managers._kubernetes_images import fields, images
from managers._manifests import extract_documents, objects, owner
from managers._yaml import Document, Mapping, Node, Scalar, Sequence
from updater.api import Extracted, SourceFile, Span, dependency, skipped

NAME = "tekton"
FILES: tuple[str, ...] = ("*.yaml", "*.yml")
MARKERS: tuple[str, ...] = ("tekton.dev",)
FOREIGN: tuple[str, ...] = ()
NARROWABLE = True

_PLACES = frozenset(("steps", "sidecars", "stepTemplate", "bundle", "resolver"))
_ANNOTATION = re.compile(r"pipelinesascode\.tekton\.dev/(?:task|pipeline)(?:-\d+)?")
_ADDRESS = re.compile(r"""https?://[^\s,\[\]"'<>]+""")
_FROM_HUB = re.compile(r"(?<![\w./:-])(?P<name>[a-z][\w-]*+):(?P<version>\d+(?:\.\d+)*+)(?![\w./:-])")
_HUB = "versions in a Tekton hub are not looked up"


def extract(file: SourceFile) -> Iterator[Extracted]:
    """All that the Tekton objects in ``file`` fetch."""
    return extract_documents(file, manager=NAME, wanted=_is_wanted, read=_read, salvage=_salvage)


def _is_wanted(document: Document) -> bool:
    return document.mentions(*MARKERS)


def _salvage(file: SourceFile, document: Document) -> Iterator[Extracted]:
    return salvaged(file, document, NAME)


def _read(file: SourceFile, root: Mapping) -> Iterator[Extracted]:
    for version, kind, item in objects(root):
        if owner(version, kind) == NAME:
            yield from _annotated(file, item)
            for _, mapping, key, node in item.find(_PLACES):
                yield from _found(file, mapping, key, node)
            yield from images(ImageReader(file=file, manager=NAME, dep_type=kind), item, fields(file.text))


def _found(file: SourceFile, mapping: Mapping, key: str, node: Node) -> Iterator[Extracted]:
    steps = ImageReader(file=file, manager=NAME, dep_type="tekton-step-image")
    match node:
        case Sequence() if key in ("steps", "sidecars"):
            for step in node:
                if isinstance(step, Mapping):
                    yield from _image(steps, step)
        case Mapping() if key == "stepTemplate":
            yield from _image(steps, node)
        case Scalar() if key == "bundle" and node.has_text:
            yield ImageReader(file=file, manager=NAME, dep_type="tekton-bundle").whole(node)
        case Scalar() if key == "resolver":
            yield from _resolved(file, node.text, _parameters(mapping))


def _image(images: ImageReader, step: Mapping) -> Iterator[Extracted]:
    image = step.scalar("image")
    if image and image.has_text:
        yield images.whole(image)


# ---------------------------------------------------------------- resolvers


def _parameters(reference: Mapping) -> dict[str, Scalar]:
    """The parameters of a reference that are set, by their names."""
    pairs = ((each.text("name"), each.scalar("value")) for each in reference.mappings("params"))
    return {name: value for name, value in pairs if name and value and value.has_text}


def _resolved(file: SourceFile, resolver: str, parameters: dict[str, Scalar]) -> Iterator[Extracted]:
    """https://tekton.dev/docs/pipelines/resolution-getting-started/ and the pages of the built-in resolvers there."""
    match resolver, parameters:
        case "bundles", {"bundle": bundle}:
            yield ImageReader(file=file, manager=NAME, dep_type="tekton-bundle").whole(bundle)
        case "git", {"url": url}:
            yield repository(file, manager=NAME, url=url, at=parameters.get("revision"), dep_type="tekton-git")
        case "git", {"repo": name, "revision": revision}:
            reason = why_not_a_tag(revision.text) or "the cluster decides at which host the repository is"
            yield _unmanaged(file, revision, reason, "tekton-git", name.text)
        case "hub", {"name": name, "version": version}:
            yield _unmanaged(file, version, _HUB, "tekton-hub", name.text)
        case "http", {"url": url}:
            yield from _addresses(file, url, "tekton-http")


# ---------------------------------------------------------------- Pipelines as Code


def _annotated(file: SourceFile, item: Mapping) -> Iterator[Extracted]:
    """https://pipelinesascode.com/docs/guide/resolver/."""
    annotations = item.mapping("metadata", "annotations")
    for key, node in annotations.items() if annotations else ():
        if isinstance(node, Scalar) and _ANNOTATION.fullmatch(key):
            yield from _addresses(file, node, "tekton-annotation")
            for task in _FROM_HUB.finditer(file.text, *node.where):
                at = Span(*task.span("version"))
                yield skipped(file, manager=NAME, reason=_HUB, at=at, name=task["name"], dep_type="tekton-annotation")


def _addresses(file: SourceFile, scalar: Scalar, dep_type: str) -> Iterator[Extracted]:
    """The addresses that ``scalar`` holds, be it written over several lines."""
    for match in _ADDRESS.finditer(file.text, *scalar.where):
        yield _address(file, Span(*match.span()), dep_type)


def _address(file: SourceFile, span: Span, dep_type: str) -> Extracted:
    address = file.text[span.start : span.end]
    found = git_file(address)
    package, version = found or (None, None)
    at = Span(span.start + version.start, span.start + version.end) if version else span
    reason = _why_unmanageable(address, file.text[at.start : at.end] if version else None)
    if package is None or reason is not None:
        name = package.name if package else address
        datasource = package.datasource if package else None
        return skipped(
            file,
            manager=NAME,
            reason=reason or SCATTERED,
            at=at,
            name=name,
            datasource=datasource,
            dep_type=dep_type,
        )
    return dependency(file, manager=NAME, name=package.name, package=package, value=at, dep_type=dep_type)


def _why_unmanageable(address: str, version: str | None) -> str | None:
    if "{{" in address:
        return TEMPLATED
    if "$" in address:
        return "contains a variable"
    return "no version in the address" if version is None else why_not_a_tag(version)


def _unmanaged(file: SourceFile, at: Scalar, reason: str, dep_type: str, name: str) -> Extracted:
    return skipped(file, manager=NAME, reason=reason, at=at.span or at.where, name=name, dep_type=dep_type)
