"""Images of the steps in builds of Google Cloud Build (`cloudbuild.yaml`, `cloudbuild-release.yaml`).

    steps:
      - name: gcr.io/cloud-builders/docker:24.0.9
        args: [build, .]
      - name: 'golang:1.22.5'

A variable is followed to `substitutions`; one that is only given to the build, and an image without a tag, are listed,
not updated.
"""

from collections.abc import Iterator
from collections.abc import Mapping as Dict

from managers._composed import Piece, Pieces, composed, composed_image
from managers._images import SCATTERED, ImageReader
from managers._manifests import extract_documents
from managers._yaml import Document, Mapping, Scalar
from updater.api import Extracted, SourceFile

NAME = "cloudbuild"
FILES: tuple[str, ...] = ("*cloudbuild*.yaml", "*cloudbuild*.yml", "*cloudbuild*.json")
MARKERS: tuple[str, ...] = ("steps",)
FOREIGN: tuple[str, ...] = ("\napiVersion:",)
NARROWABLE = False

_DEP_TYPE = "step"


def extract(file: SourceFile) -> Iterator[Extracted]:
    """The images of the build's steps."""
    return extract_documents(file, manager=NAME, wanted=_is_build, read=_read)


def _is_build(document: Document) -> bool:
    return document.mentions("steps:", '"steps"')


def _read(file: SourceFile, root: Mapping) -> Iterator[Extracted]:
    """The images of the steps: https://cloud.google.com/build/docs/build-config-file-schema."""
    substitutions = root.mapping("substitutions")
    given = substitutions.items() if substitutions else ()
    values = {
        key: (Piece(file=file, span=value.span),) for key, value in given if isinstance(value, Scalar) and value.span
    }
    for step in root.mappings("steps"):
        image = step.scalar("name")
        if image is not None and image.has_text:
            yield from _image(file, image, values)


def _image(file: SourceFile, image: Scalar, values: Dict[str, Pieces]) -> Iterator[Extracted]:
    pieces = composed(file, image.span, values) if image.span else None
    if image.span is None or pieces is None:
        yield ImageReader(file=file, manager=NAME, dep_type=_DEP_TYPE).unmanaged(image, SCATTERED)
    else:
        at = Piece(file=file, span=image.span)
        yield from composed_image(pieces, manager=NAME, at=at, dep_type=_DEP_TYPE)
