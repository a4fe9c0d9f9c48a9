"""Orbs and images in CircleCI configurations.

Read are the files in `.circleci`, and what looks like such a configuration elsewhere:

    version: 2.1
    orbs:
      node: circleci/node@5.1.0             # also 5.1 and 5, which keep their precision; and the orbs of inline orbs
    executors:
      go:
        parameters: { tag: { type: string, default: "1.22" } }
        docker:
          - image: cimg/go:<< parameters.tag >>     # the default is updated
          - image: postgres:16.1

The images of virtual machines (`machine`) and versions of Xcode are listed, not updated.
"""

import re
from collections.abc import Iterator
from functools import partial

from msgspec import Struct

from managers._ci import Images, image_of
from managers._git import VARIABLE
from managers._images import SCATTERED, TEMPLATED, ImageReader
from managers._manifests import extract_documents
from managers._yaml import Document, Mapping, Scalar, Sequence
from updater.api import Extracted, Package, SourceFile, Span, dependency, skipped

NAME = "circleci"
FILES: tuple[str, ...] = ("*.yml", "*.yaml")
MARKERS: tuple[str, ...] = ("docker:", "orbs:", "machine:", "xcode:")
FOREIGN: tuple[str, ...] = ("\napiVersion:",)
NARROWABLE = False

_PATH = re.compile(r"(?:^|/)\.circleci/")
_PARAMETER = re.compile(r"<<\s*+(?P<pipeline>pipeline\.)?parameters\.(?P<name>[\w-]++)\s*+>>")
_ORB = re.compile(r"(?P<name>[\w.-]++/[\w.-]++)@(?P<version>\S.*)")
_ORB_VERSION = re.compile(r"\d+(?:\.\d+){0,3}")


def extract(file: SourceFile) -> Iterator[Extracted]:
    """The orbs and images of the configuration in ``file``."""
    is_known = _PATH.search(file.path) is not None

    def is_wanted(document: Document) -> bool:
        return is_known or _looks_like_one(document)

    return extract_documents(file, manager=NAME, wanted=is_wanted, read=_read)


def _looks_like_one(document: Document) -> bool:
    is_version_2 = (document.field("version") or "").startswith("2")
    return is_version_2 and document.mentions("jobs:", "orbs:", "executors:") and not document.mentions("services:")


def _read(file: SourceFile, root: Mapping) -> Iterator[Extracted]:
    reader = _Configuration(file=file, parameters=root.mapping("parameters"))
    for place, mapping, key, node in root.find(("orbs", "docker", "machine", "xcode")):
        if key == "orbs" and isinstance(node, Mapping):
            yield from _orbs(file, node)
        elif key == "docker" and isinstance(node, Sequence):
            yield from reader.images(mapping, node)
        elif key == "machine" and isinstance(node, Mapping):
            yield from _listed(file, node.scalar("image"), "no datasource for images of machines")
        elif key == "xcode" and place == "macos" and isinstance(node, Scalar):
            yield from _listed(file, node, "no datasource for xcode")


def _orbs(file: SourceFile, orbs: Mapping) -> Iterator[Extracted]:
    for alias, orb in orbs.items():
        match = _ORB.fullmatch(orb.text) if isinstance(orb, Scalar) else None
        if isinstance(orb, Scalar) and match:
            yield _orb(file, alias, orb, match)


def _orb(file: SourceFile, alias: str, orb: Scalar, match: re.Match[str]) -> Extracted:
    """An orb at a version or at a part of one (https://circleci.com/docs/orb-concepts/#semantic-versioning)."""
    reason = _why_unmanageable(orb, match["version"])
    start, end = match.span("version")
    at = Span(orb.span.start + start, orb.span.start + end) if orb.span else orb.where
    if reason is not None:
        return skipped(file, manager=NAME, reason=reason, at=at, name=match["name"], datasource="orb", dep_type="orb")
    return dependency(
        file,
        manager=NAME,
        name=alias,
        package=Package(datasource="orb", name=match["name"]),
        value=at,
        versioning="npm",
        dep_type="orb",
    )


def _why_unmanageable(orb: Scalar, version: str) -> str | None:
    if orb.is_templated:
        return TEMPLATED
    if "<<" in version or "$" in version:
        return VARIABLE
    if orb.span is None:
        return SCATTERED
    return None if _ORB_VERSION.fullmatch(version) else "not version-like"


def _listed(file: SourceFile, scalar: Scalar | None, reason: str) -> Iterator[Extracted]:
    if scalar and scalar.span and any(map(str.isdigit, scalar.text)) and "<<" not in scalar.text:
        yield skipped(file, manager=NAME, reason=reason, at=scalar.span, name=scalar.text)


class _Configuration(Struct, frozen=True, kw_only=True):
    """One document of a configuration."""

    file: SourceFile
    parameters: Mapping | None
    """Those of the whole pipeline."""

    def images(self, job: Mapping, node: Sequence) -> Iterator[Extracted]:
        """The images that a job, or what it is made of, runs in."""
        reader = ImageReader(file=self.file, manager=NAME, dep_type="docker")
        resolve = partial(self._defaults, own=job.mapping("parameters"))
        read = Images(reader=reader, variable=_PARAMETER, resolve=resolve).read
        for entry in node:
            if isinstance(entry, Mapping) and (image := image_of(entry, "image")):
                yield from read(image)

    def _defaults(self, match: re.Match[str], own: Mapping | None) -> Iterator[Scalar]:
        """The default of a parameter, of the pipeline or of what is parametrised."""
        parameters = self.parameters if match["pipeline"] else own
        parameter = parameters.mapping(match["name"]) if parameters else None
        if parameter and (default := parameter.scalar("default")):
            yield default
