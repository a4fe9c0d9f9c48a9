"""Images and pipes in Bitbucket Pipelines.

Read are `bitbucket-pipelines.yml` and what looks like one elsewhere:

    image: node:20.11.0
    definitions:
      services:
        db: { image: "postgres:16.1" }
    pipelines:
      default:
        - step:
            image: { name: maven:3.9.6 }
            script:
              - pipe: atlassian/aws-s3-deploy:1.1.0         # a tag at bitbucket.org
              - pipe: docker://acme/notify:2.0.1            # an image
"""

import re
from collections.abc import Iterator

from managers._ci import image_of
from managers._git import revision
from managers._images import SCATTERED, ImageReader
from managers._manifests import extract_documents, versionless
from managers._yaml import Document, Mapping, Node, Scalar
from updater.api import Extracted, Package, SourceFile, Span

NAME = "bitbucket-pipelines"
FILES: tuple[str, ...] = ("*.yml", "*.yaml")
MARKERS: tuple[str, ...] = ("pipelines:", "definitions:", "step:", "bitbucket-pipelines")
FOREIGN: tuple[str, ...] = ("\napiVersion:",)
NARROWABLE = False

_PATH = re.compile(r"(?:^|/)[^/]*bitbucket-pipelines[^/]*\.ya?ml$")
_PIPE = re.compile(r"(?P<name>[\w.-]++/[\w.-]++):(?P<version>\S++)")
_DOCKER = "docker://"


def extract(file: SourceFile) -> Iterator[Extracted]:
    """The images and pipes of the pipelines in ``file``."""
    is_known = _PATH.search(file.path) is not None

    def is_wanted(document: Document) -> bool:
        return is_known or (document.mentions("pipelines:", "definitions:") and document.mentions("step:"))

    return extract_documents(file, manager=NAME, wanted=is_wanted, read=_read)


def _read(file: SourceFile, root: Mapping) -> Iterator[Extracted]:
    if not _PATH.search(file.path) and not root.mapping("pipelines") and not root.mapping("definitions"):
        return
    reader = ImageReader(file=file, manager=NAME, dep_type="docker")
    for place, _, key, node in root.find(("image", "pipe")):
        if key == "image" and place != "variables":
            image = image_of(node, "name")
            yield from (reader.whole(image),) if image else ()
        elif key == "pipe":
            yield from _pipe(file, reader, node)


def _pipe(file: SourceFile, reader: ImageReader, node: Node) -> Iterator[Extracted]:
    """A tag of a repository at bitbucket.org, or an image.

    https://support.atlassian.com/bitbucket-cloud/docs/use-pipes-in-bitbucket-pipelines/
    """
    if not isinstance(node, Scalar) or not node.has_text:
        return
    if node.text.startswith(_DOCKER):
        yield reader.whole(node, len(_DOCKER))
        return
    match, span = _PIPE.fullmatch(node.text), node.span
    if match is None or span is None:
        reason = "no version" if span else SCATTERED
        yield versionless(
            file, node, manager=NAME, reason=reason, datasource="bitbucket-tags", dep_type="bitbucket-tags"
        )
        return
    start, end = match.span("version")
    yield revision(
        file,
        manager=NAME,
        name=match["name"],
        package=Package(datasource="bitbucket-tags", name=match["name"]),
        at=Span(span.start + start, span.start + end),
        dep_type="bitbucket-tags",
    )
