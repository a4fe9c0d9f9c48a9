"""Presets with a version, and versions of tools, in the configuration of this bot or of Renovate.

    {
      "extends": [
        "config:recommended",
        "github>acme/renovate-presets#1.4.0",
        "gitlab>acme/platform/presets//teams/web#v2.1.0"
      ],
      "constraints": { "helm": "3.15.3" }
    }

Read are `extends`, at any depth, and `constraints`. A preset that names no version is left alone; one of the same forge
(`local>…`) is listed, not updated, and so is a constraint that is a range. `dep_type` is `preset` or `tool-constraint`.
"""

import re
from collections.abc import Iterator

from managers._git import why_not_a_tag
from managers._json import json_root
from managers._manifests import settled
from managers._tools import tool
from managers._yaml import Mapping, Scalar, Sequence
from updater.api import Extracted, Package, SourceFile, Span, dependency, skipped

NAME = "renovate-config"
FILES: tuple[str, ...] = (
    "renovate.json",
    "renovate.json5",
    ".renovaterc",
    ".renovaterc.json",
    ".renovaterc.json5",
    "updater.json",
    "updater.json5",
)
MARKERS: tuple[str, ...] = ("extends", "constraints")
FOREIGN: tuple[str, ...] = ()
NARROWABLE = False

_PRESET = re.compile(r"(?P<forge>\w+)>(?P<repository>[\w.~-]+(?:/[\w.~-]+)+)(?:(?::|//)[^#]*)?#(?P<version>.+)")
_FORGES = ("github", "gitlab", "gitea", "forgejo", "bitbucket")


def extract(file: SourceFile) -> Iterator[Extracted]:
    """The presets with a version and the constraints in ``file``."""
    root = json_root(file.text)
    return settled(_read(file, root)) if root else iter(())


def _read(file: SourceFile, root: Mapping) -> Iterator[Extracted]:
    for _, _, key, node in root.find(("extends", "constraints")):
        if key == "extends":
            presets = node.scalars() if isinstance(node, Sequence) else (node,)
            for preset in presets:
                if isinstance(preset, Scalar) and preset.span and (match := _PRESET.fullmatch(preset.text)):
                    yield _preset(file, match, preset.span.start)
        elif isinstance(node, Mapping):
            yield from _constraints(file, node)


def _preset(file: SourceFile, preset: re.Match[str], start: int) -> Extracted:
    span = Span(start + preset.start("version"), start + preset.end("version"))
    is_known = preset["forge"] in _FORGES
    reason = why_not_a_tag(preset["version"]) if is_known else f"the forge of {preset['forge']}> is not known"
    package = Package(datasource=f"{preset['forge']}-tags", name=preset["repository"])
    if reason is not None:
        name = package.name
        return skipped(file, manager=NAME, reason=reason, at=span, name=name, dep_type="preset")
    return dependency(file, manager=NAME, name=package.name, package=package, value=span, dep_type="preset")


def _constraints(file: SourceFile, constraints: Mapping) -> Iterator[Extracted]:
    for name, value in constraints.items():
        known = tool(name)
        if known.package and isinstance(value, Scalar) and value.span and value.has_text:
            yield known.at(file, manager=NAME, value=value.span, dep_type="tool-constraint")
