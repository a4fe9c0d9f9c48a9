"""Plugins of TFLint, and TFLint itself, in `.tflint.hcl`.

    tflint {
      required_version = ">= 0.50"
    }
    plugin "aws" {
      enabled = true
      version = "0.30.0"
      source  = "github.com/terraform-linters/tflint-ruleset-aws"
    }

A plugin follows the releases of its repository at github.com. One that comes with TFLint has neither source nor
version. Plugins from other hosts are reported and left alone.
"""

import re
from collections.abc import Iterator

from managers._hcl import Block, read
from managers._terraform import Configuration, Place, problems
from updater.api import Extracted, Package, SourceFile

NAME = "tflint-plugin"
FILES: tuple[str, ...] = (".tflint*.hcl", "tflint*.hcl", "*.tflint.hcl")
MARKERS: tuple[str, ...] = ("plugin", "required_version")
FOREIGN: tuple[str, ...] = ()
NARROWABLE = False

_WANTED = re.compile(r"(?:plugin|tflint|config)\b")
_SOURCE = re.compile(r"(?:https://)?github\.com/(?P<name>[\w.-]+/[\w.-]+?)(?:\.git)?/?")


def extract(file: SourceFile) -> Iterator[Extracted]:
    """The version of each plugin, and a reason for each that cannot be managed."""
    document = read(file.text, _WANTED)
    configuration = Configuration.alone(NAME, file, document)
    for block in document.blocks:
        if block.type == "plugin":
            yield from _plugin(configuration, block)
        elif version := block.attributes.get("required_version"):
            package = Package(datasource="github-releases", name="terraform-linters/tflint")
            place = Place(name=package.name, dep_type="required_version", within=block.span)
            yield configuration.constrained(version, package, place)
    yield from problems(file, document, NAME)


def _plugin(configuration: Configuration, block: Block) -> Iterator[Extracted]:
    """https://github.com/terraform-linters/tflint/blob/master/docs/user-guide/plugins.md."""
    source, version = block.attributes.get("source"), block.attributes.get("version")
    if source is None and version is None:
        return
    place = Place(name=" ".join(block.labels), dep_type="plugin", within=block.span)
    address = configuration.string(source)
    match = _SOURCE.fullmatch(address) if address else None
    if match is None:
        reason = "not a repository at github.com" if source else "no source"
        yield configuration.unmanaged(reason, place, at=version.span if version else None)
        return
    package = Package(datasource="github-releases", name=match["name"])
    place = Place(name=package.name, dep_type="plugin", within=block.span)
    yield configuration.constrained(version, package, place)
