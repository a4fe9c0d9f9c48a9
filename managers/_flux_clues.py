"""What one file of a Flux repository says that means something only together with others."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from msgspec import structs

from managers._images import SCATTERED, TEMPLATED
from managers._yaml import Mapping, Scalar
from updater.api import Clue, Dependency, Json, Package, SourceFile, Span, dependency

NAME = "flux"

SOURCE = "source"
"""An object that says where charts or manifests come from: kind, name, namespace, url, type."""
CHART = "chart"
"""A chart: kind and release (the object's name), namespace, chart, source_kind, source, source_namespace, variable.
``about`` is its version."""
REVISION = "revision"
"""``about`` is a revision of the source kind, name, namespace, whose address stands in another object."""
IMAGE = "image"
"""The values of a release, in a namespace, have the image name at a place."""
TAG = "tag"
"""``about`` is the tag of the image that the values of the patched release, in its namespace, have at a place."""
VALUES = "values"
"""A release takes values from the config map name, key."""
CONFIG_MAPS = "config maps"
"""The file makes config maps; theirs are some of the names."""
VARIABLE = "variable"
"""``about`` is what the variable stands for in the directories scopes."""
VARIABLES = "variables"
"""The config map name assigns variables in the directories scopes."""
USE = "use"
"""The version of name (datasource, package, versioning) is the variable."""

VARIABLE_REASON = "contains a variable"

_VARIABLE = re.compile(r"\$\{([A-Za-z_]\w*)(?::[=-][^{}]*)?\}")
_MAX_LENGTH = 128


class Object(NamedTuple):
    """One Flux object. Its name or namespace is empty where it is not written."""

    file: SourceFile
    kind: str
    name: str
    namespace: str
    spec: Mapping

    @classmethod
    def of(cls, file: SourceFile, kind: str, item: Mapping) -> "Object | None":
        """The object that ``item`` is; None if it has no ``spec``."""
        spec, metadata = item.mapping("spec"), item.mapping("metadata")
        if spec is None:
            return None
        name, namespace = ((metadata and metadata.text(key)) or "" for key in ("name", "namespace"))
        return cls(file, kind, name, namespace, spec)

    def clue(self, kind: str, about: Dependency | None = None, /, **data: Json) -> Clue:
        """A clue that the object gives."""
        return Clue(manager=NAME, path=self.file.path, kind=kind, data=data, about=about)


class Target(NamedTuple):
    """What a version belongs to."""

    name: str
    package: Package
    versioning: str | None

    def at(self, about: Dependency) -> Dependency:
        """The version ``about`` as one of this."""
        return structs.replace(about, name=self.name, package=self.package, versioning=self.versioning)


def pending(file: SourceFile, span: Span | None, name: str, dep_type: str, *, digest: Span | None = None) -> Dependency:
    """The version at ``span`` of something that other files tell: its target is yet to be filled in."""
    package = Package(datasource="helm", name=name)
    return dependency(file, manager=NAME, name=name, package=package, value=span, digest=digest, dep_type=dep_type)


def present(mapping: Mapping, key: str) -> Scalar | None:
    """The scalar under ``key`` that has text."""
    scalar = mapping.scalar(key)
    return scalar if scalar is not None and scalar.has_text else None


def why_not_plain(*values: Scalar | str | None) -> str | None:
    """Why what is written cannot be taken as it is: a template, a variable, or text in several pieces."""
    scalars = [value for value in values if isinstance(value, Scalar)]
    texts = [value.text if isinstance(value, Scalar) else value or "" for value in values]
    if any(scalar.is_templated for scalar in scalars) or any("{{" in text or "<<" in text for text in texts):
        return TEMPLATED
    if any("$" in text for text in texts):
        return VARIABLE_REASON
    return SCATTERED if any(scalar.span is None for scalar in scalars) else None


def variable_in(text: str) -> str | None:
    """The name of the variable that ``text`` is (``${name}`` or ``${name:=default}``, and nothing else)."""
    match = _VARIABLE.fullmatch(text)
    return match[1] if match else None


def is_version_like(text: str) -> bool:
    """Whether ``text`` could be a version or a range: one line, not too long, with a digit or a ``*``."""
    is_short = len(text) <= _MAX_LENGTH and "\n" not in text
    return is_short and any(character.isdigit() or character == "*" for character in text)


def word(clue: Clue, key: str) -> str:
    """The text under ``key`` of the clue's data; empty if there is none."""
    value = clue.data.get(key)
    return value if isinstance(value, str) else ""


def words(clue: Clue, key: str) -> Sequence[str]:
    """The texts in the list under ``key`` of the clue's data."""
    value = clue.data.get(key)
    return [each for each in value if isinstance(each, str)] if isinstance(value, list | tuple) else []
