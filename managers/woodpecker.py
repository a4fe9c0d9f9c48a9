"""Images in Woodpecker pipelines.

Read are `.woodpecker.yml` and the files in `.woodpecker`:

    matrix:
      GO_VERSION: ["1.21", "1.22"]
    steps:                                     # a list, or a mapping of names
      build:
        image: golang:${GO_VERSION}            # the list is updated
      publish:
        image: woodpeckerci/plugin-docker-buildx:2.2.1
    services:
      db:
        image: postgres:16.1
    clone:
      git:
        image: woodpeckerci/plugin-git:2.5.0
"""

import re
from collections.abc import Iterator

from managers._ci import step_images
from managers._manifests import extract_documents
from managers._yaml import Document, Mapping
from updater.api import Extracted, SourceFile

NAME = "woodpecker"
FILES: tuple[str, ...] = ("*.yml", "*.yaml")
MARKERS: tuple[str, ...] = ("steps:", "pipeline:", "services:", "clone:")
FOREIGN: tuple[str, ...] = ("\napiVersion:",)
NARROWABLE = False

_PATH = re.compile(r"(?:^|/)(?:[^/]*\.?woodpecker\.ya?ml|\.woodpecker/.*\.ya?ml)$")


def extract(file: SourceFile) -> Iterator[Extracted]:
    """The images of the pipeline in ``file``."""
    is_known = _PATH.search(file.path) is not None

    def is_wanted(document: Document) -> bool:
        return is_known and document.field("apiVersion") is None

    return extract_documents(file, manager=NAME, wanted=is_wanted, read=_read)


def _read(file: SourceFile, root: Mapping) -> Iterator[Extracted]:
    return step_images(file, NAME, root)
