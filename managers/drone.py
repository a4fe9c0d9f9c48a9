"""Images in Drone pipelines.

Read are `.drone.yml`, the files in `.drone`, and documents of `kind: pipeline` elsewhere:

    kind: pipeline
    type: docker
    name: default
    steps:
      - name: test
        image: golang:1.22.1
      - name: publish
        image: plugins/docker:20.14
    services:
      - name: db
        image: postgres:16.1

Pipelines of Drone 0.8 (`pipeline:`, with a mapping of steps) are read, too, and a tag that is a variable of their
`matrix` is updated there.
"""

import re
from collections.abc import Iterator

from managers._ci import step_images
from managers._manifests import extract_documents
from managers._yaml import Document, Mapping
from updater.api import Extracted, SourceFile

NAME = "droneci"
FILES: tuple[str, ...] = ("*.yml", "*.yaml")
MARKERS: tuple[str, ...] = ("steps:", "pipeline:", "services:", "clone:")
FOREIGN: tuple[str, ...] = ("\napiVersion:",)
NARROWABLE = False

_PATH = re.compile(r"(?:^|/)(?:[^/]*\.?drone(?:[._-][^/]*)?\.ya?ml|\.drone/.*\.ya?ml)$")


def extract(file: SourceFile) -> Iterator[Extracted]:
    """The images of the pipelines in ``file``."""
    is_known = _PATH.search(file.path) is not None

    def is_wanted(document: Document) -> bool:
        has_api_version = document.field("apiVersion") is not None
        return not has_api_version and (is_known or document.field("kind") == "pipeline")

    return extract_documents(file, manager=NAME, wanted=is_wanted, read=_read)


def _read(file: SourceFile, root: Mapping) -> Iterator[Extracted]:
    return step_images(file, NAME, root)
