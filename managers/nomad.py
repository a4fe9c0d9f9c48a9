"""Images and downloads in jobs of Nomad (`*.nomad`, `*.nomad.hcl`, and `*.hcl` with a `job`).

    job "web" {
      group "web" {
        task "web" {
          driver = "docker"
          config {
            image = "traefik:v3.1.0"
          }
          artifact {
            source = "https://github.com/acme/web/releases/download/v1.4.0/assets.tgz"
          }
        }
      }
    }

Read are the `image` of every task, and artifacts as downloads in scripts are. Variables and locals are followed within
the file. `dep_type` is `image` or `download`.
"""

import re
from collections.abc import Iterator

from managers._composed import Piece
from managers._downloads import CHECKSUM_TEXT, Download
from managers._hcl import Block, read
from managers._manifests import settled
from managers._terraform import Configuration, problems
from updater.api import Extracted, SourceFile

NAME = "nomad"
FILES: tuple[str, ...] = ("*.nomad", "*.hcl")
MARKERS: tuple[str, ...] = ('job "', "job '")
FOREIGN: tuple[str, ...] = ()
NARROWABLE = False

_WANTED = re.compile(r"(?:job|variable|locals)\b")


def extract(file: SourceFile) -> Iterator[Extracted]:
    """The images and artifacts of the jobs in ``file``."""
    document = read(file.text, _WANTED)
    jobs = [block for block in document.blocks if block.type == "job"]
    if not jobs:
        return
    configuration = Configuration.alone(NAME, file, document)
    yield from settled(row for job in jobs for row in _rows(configuration, job))
    yield from problems(file, document, NAME)


def _rows(configuration: Configuration, within: Block) -> Iterator[Extracted]:
    """https://developer.hashicorp.com/nomad/docs/job-specification."""
    for block in within.blocks:
        image, source = block.attributes.get("image"), block.attributes.get("source")
        if block.type == "config" and within.type in ("task", "sidecar_task") and image:
            yield from configuration.image(image, "image")
        elif block.type == "artifact" and source and (address := configuration.pieces(source)):
            yield from Download(
                manager=NAME,
                address=address,
                at=Piece(file=configuration.file, span=source.span),
                dep_type="download",
                is_checked=CHECKSUM_TEXT.search(configuration.file.text, *block.span) is not None,
            ).known()
        yield from _rows(configuration, block)
