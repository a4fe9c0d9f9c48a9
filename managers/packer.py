"""Plugins, images and the version of Packer in its templates (`*.pkr.hcl`).

    packer {
      required_version = ">= 1.9.0"
      required_plugins {
        amazon = {
          version = ">= 1.2.8"
          source  = "github.com/hashicorp/amazon"    # the releases of hashicorp/packer-plugin-amazon
        }
      }
    }
    source "docker" "base" {
      image = "ubuntu:22.04"
    }

Variables and locals are followed within the file. Plugins from other hosts than github.com are listed, not updated.
`dep_type` is `required_version`, `plugin` or `image`.
"""

import re
from collections.abc import Iterator

from managers._hcl import Block, Expression, Object, read
from managers._manifests import settled
from managers._terraform import Configuration, Place, problems
from updater.api import Extracted, Package, SourceFile

NAME = "packer"
FILES: tuple[str, ...] = ("*.pkr.hcl",)
MARKERS: tuple[str, ...] = ("packer", "docker")
FOREIGN: tuple[str, ...] = ()
NARROWABLE = False

_WANTED = re.compile(r"(?:packer|source|variable|locals)\b")
_SOURCE = re.compile(r"github\.com/(?P<owner>[\w.-]+)/(?P<name>[\w.-]+)")


def extract(file: SourceFile) -> Iterator[Extracted]:
    """The version of each plugin and image, and a reason for each that cannot be managed."""
    document = read(file.text, _WANTED)
    configuration = Configuration.alone(NAME, file, document)
    yield from settled(row for block in document.blocks for row in _rows(configuration, block))
    yield from problems(file, document, NAME)


def _rows(configuration: Configuration, block: Block) -> Iterator[Extracted]:
    if block.type == "packer":
        if version := block.attributes.get("required_version"):
            package = Package(datasource="github-releases", name="hashicorp/packer")
            place = Place(name=package.name, dep_type="required_version", within=block.span)
            yield configuration.constrained(version, package, place)
        for plugins in block.blocks:
            if plugins.type == "required_plugins":
                yield from (_plugin(configuration, name, plugin) for name, plugin in plugins.attributes.items())
    elif block.type == "source" and block.labels[:1] == ("docker",) and (image := block.attributes.get("image")):
        yield from configuration.image(image, "image")


def _plugin(configuration: Configuration, name: str, plugin: Expression) -> Extracted:
    """https://developer.hashicorp.com/packer/docs/templates/hcl_templates/blocks/packer."""
    entries = plugin.entries if isinstance(plugin, Object) else {}
    source, version = entries.get("source"), entries.get("version")
    address = configuration.string(source) if source else None
    match = _SOURCE.fullmatch(address) if address else None
    if match is None:
        place = Place(name=name, dep_type="plugin", within=plugin.span)
        reason = "not a repository at github.com" if source else "no source"
        return configuration.unmanaged(reason, place, at=version.span if version else None)
    package = Package(datasource="github-releases", name=f"{match['owner']}/packer-plugin-{match['name']}")
    place = Place(name=package.name, dep_type="plugin", within=plugin.span)
    return configuration.constrained(version, package, place)
