"""Custom managers: versions at places of yours in YAML and JSON files, named by paths instead of patterns.

An entry of `customManagers` in the configuration:

    {
      "customType": "yaml",
      "managerFilePatterns": ["platform/**/*.yaml"],
      "paths": ["components[*].version", "defaults.**.chartVersion"],
      "depNameTemplate": "{{{name}}}",
      "registryUrlTemplate": "{{{repository}}}",
      "datasourceTemplate": "helm"
    }

What stands at the end of a path is a version. In every document of the files, each path is followed from the top:

    path     = ( name | choice ) { "." name | choice }
    name     = key | "*" | "**"
    choice   = "[" ( "*" | number | key "=" value ) "]"
    key      = characters but space . [ ] = * " ' | anything in quotes ("a.b" or 'a.b')
    value    = characters but ] " '               | anything in quotes

- `spec.version` is the value under `version` in what stands under `spec`; `labels."app.kubernetes.io/version"` has a
  key with dots.
- `versions.*` are the values under all keys of `versions`; `**.imageTag` are those under `imageTag` at any depth.
- `images[*]` are all elements of a list and `images[0]` is its first; `apps[name=web].tag` is the tag in each element
  whose `name` is `web`. Of an object, `[kind=Widget].spec.version` chooses the object itself, and so the document.

`datasourceTemplate` is needed, and so is `depNameTemplate` or `packageNameTemplate`. `versioningTemplate`,
`registryUrlTemplate`, `extractVersionTemplate` and `depTypeTemplate` are optional. All of them may use the values that
stand beside the version, by keys of letters, digits and `_` (`{{{name}}}` above), as well as `currentValue`,
`currentKey` (the key of the version), `parentKey` (the key of the object in which it stands), `packageFile`, and
[what templates can do](config.md#templates).

With `docker`, the value is a tag, a digest, or a tag with a digest; or a whole image reference, and then no name is
needed. Anchors, aliases and merged keys work: an update changes the definition. What a path leads to and cannot be
updated is listed with the reason. TOML and other formats are not read; use `regex` there.
"""

from collections.abc import Iterator, Mapping
from typing import TypeGuard

from msgspec import Struct, structs

from managers._images import SCATTERED, TEMPLATED, ImageReader, is_versioned_image
from managers._manifests import invalid, settled
from managers._yaml import Document, Scalar, documents_in
from managers._yaml import Mapping as YamlMapping
from managers._yaml_paths import Path, Place, follow, read_path
from updater.api import (
    Dependency,
    Extracted,
    Manager,
    Package,
    Skipped,
    SourceFile,
    Template,
    dependency,
    image_package,
    parse_image,
    read_template,
)

NAME = "yaml"

_FIELDS = ("depName", "packageName", "datasource", "versioning", "extractVersion", "registryUrl", "depType")
_DIGESTS = ("sha256:", "sha512:")
_NAMELESS = "nothing that stands beside it says what it is a version of"


def build(options: Mapping[str, object]) -> Manager:
    """The manager that an entry of ``customManagers`` describes. Raises ``ValueError`` if it makes no sense."""
    templates = {name: _template(options, f"{name}Template") for name in _FIELDS}
    given = {name: template for name, template in templates.items() if template is not None}
    _check_complete(given)
    return _YamlManager(_Recipe(paths=_paths(options), templates=given))


# ---------------------------------------------------------------- reading the options


class _Recipe(Struct, frozen=True, kw_only=True):
    """An entry of ``customManagers``, checked."""

    paths: tuple[Path, ...]
    templates: Mapping[str, Template]


def _paths(options: Mapping[str, object]) -> tuple[Path, ...]:
    value = options.get("paths")
    texts = [value] if isinstance(value, str) else value
    if not _are_texts(texts) or not texts:
        raise ValueError('paths must be a list of paths, such as ["spec.version"]')
    return tuple(map(read_path, texts))


def _are_texts(value: object) -> TypeGuard[list[str] | tuple[str, ...]]:
    return isinstance(value, list | tuple) and all(isinstance(text, str) for text in value)


def _template(options: Mapping[str, object], name: str) -> Template | None:
    text = options.get(name)
    if text is None:
        return None
    if not isinstance(text, str):
        raise ValueError(f"{name} must be a text")  # noqa: TRY004 - the one error that is promised
    try:
        return read_template(text)
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from error


def _check_complete(given: Mapping[str, Template]) -> None:
    if "datasource" not in given:
        raise ValueError("nothing says what datasource is: there is no datasourceTemplate")
    may_be_docker = given["datasource"].names or given["datasource"].render({}) == "docker"
    if not may_be_docker and given.keys().isdisjoint(("depName", "packageName")):
        raise ValueError("nothing says what depName is: there is no depNameTemplate and no packageNameTemplate")


# ---------------------------------------------------------------- making dependencies


class _YamlManager:
    """The manager that a recipe describes."""

    NAME: str = "custom.yaml"
    FILES: tuple[str, ...] = ("*",)
    FOREIGN: tuple[str, ...] = ()
    NARROWABLE: bool = True

    def __init__(self, recipe: _Recipe) -> None:
        markers = [path.marker for path in recipe.paths]
        self.MARKERS: tuple[str, ...] = () if None in markers else tuple(marker for marker in markers if marker)
        self._recipe = recipe

    def extract(self, file: SourceFile) -> Iterator[Extracted]:
        """What stands at the ends of the paths."""
        return settled(item for document in documents_in(file) for item in self._found(file, document))

    def _found(self, file: SourceFile, document: Document) -> Iterator[Extracted]:
        if document.problem is not None:
            yield invalid(file, self.NAME, document.problem)
        elif (root := document.collection) is not None:
            for path in self._recipe.paths:
                yield from (_reading(self._recipe, file, place).result() for place in follow(path, root))


class _UnusableError(Exception):
    """The value at a place is no dependency; the message says why."""


class _Reading(Struct, frozen=True, kw_only=True):
    """One place in one file; ``values`` is what the templates make there, empty where they make nothing."""

    file: SourceFile
    place: Place
    values: Mapping[str, str]
    problem: str | None = None

    def result(self) -> Extracted:
        """The dependency, or why it is none."""
        try:
            scalar = self._checked(self.place.node)
            found = self._image(scalar) if self.values["datasource"] == "docker" else self._plain(scalar)
        except _UnusableError as reason:
            return self._skipped(str(reason))
        return self._finished(found) if isinstance(found, Dependency) else found

    def _checked(self, node: object) -> Scalar:
        """The value, if there is one and if it is known what it is a version of."""
        if self.problem is not None:
            raise _UnusableError(self.problem)
        if not isinstance(node, Scalar):
            raise _UnusableError("not a single value")
        if not node.has_text:
            raise _UnusableError("no version")
        if not self.values["datasource"]:
            raise _UnusableError("nothing that stands beside it says what its datasource is")
        registry = self.values["registryUrl"]
        if registry and "://" not in registry:
            raise _UnusableError(f"the registryUrl {registry!r} is no URL")
        return node

    def _plain(self, scalar: Scalar) -> Dependency:
        name = self._name
        if not name:
            raise _UnusableError(_NAMELESS)
        if scalar.is_templated or "{{" in name:
            raise _UnusableError(TEMPLATED)
        if "$" in scalar.text or "$" in name:
            raise _UnusableError("contains a variable")
        if scalar.span is None:
            raise _UnusableError(SCATTERED)
        package = Package(datasource=self.values["datasource"], name=name)
        return dependency(self.file, manager=_YamlManager.NAME, name=name, package=package, value=scalar.span)

    def _image(self, scalar: Scalar) -> Extracted:
        reader = ImageReader(file=self.file, manager=_YamlManager.NAME, dep_type=self.values["depType"] or None)
        is_digest = scalar.text.startswith(_DIGESTS)
        is_whole = is_versioned_image(scalar.text) and not (is_digest or _is_tag(scalar.text))
        if is_whole or not (self._name or is_digest):
            return reader.whole(scalar)
        if not self._name:
            raise _UnusableError(_NAMELESS)
        tag, digest = (None, scalar) if is_digest else (scalar, None)
        return reader.in_parts(self._name, at=scalar, tag=tag, digest=digest, pinnable=True)

    def _finished(self, found: Dependency) -> Dependency:
        package = found.package
        if package.datasource == "docker" and self.values["packageName"]:
            package = image_package(self.values["packageName"])
        return structs.replace(
            found,
            name=self.values["depName"] or found.name,
            package=structs.replace(package, registry_urls=tuple(filter(None, (self.values["registryUrl"],)))),
            versioning=self.values["versioning"] or None,
            extract_version=self.values["extractVersion"] or None,
            dep_type=self.values["depType"] or None,
        )

    @property
    def _name(self) -> str:
        """What is looked up."""
        return self.values["packageName"] or self.values["depName"]

    def _skipped(self, reason: str) -> Skipped:
        node = self.place.node
        span = node.span if isinstance(node, Scalar) and node.has_text else None
        return Skipped(
            manager=_YamlManager.NAME,
            path=self.file.path,
            reason=reason,
            line=self.file.line_of(span.start if span else node.where.start),
            name=self.values["depName"] or self._name or self.place.key or None,
            current_value=self.file.text[span.start : span.end] if span else None,
            span=span,
            datasource=self.values["datasource"] or None,
            dep_type=self.values["depType"] or None,
            environment=self.file.environment,
        )


def _is_tag(text: str) -> bool:
    """Whether ``text`` is a tag, with a digest or without."""
    return parse_image(f"x:{text}") is not None


def _reading(recipe: _Recipe, file: SourceFile, place: Place) -> _Reading:
    names = {name for template in recipe.templates.values() for name in template.names}
    beside = place.parent.node if place.parent else None
    texts = {name: beside.text(name) or "" for name in names} if isinstance(beside, YamlMapping) else {}
    inputs = {
        **texts,
        "currentValue": place.node.text if isinstance(place.node, Scalar) else "",
        "currentKey": place.key,
        "parentKey": place.parent.key if place.parent else "",
        "packageFile": file.path,
    }
    nothing = dict.fromkeys(_FIELDS, "")
    try:
        rendered = {name: template.render(inputs) for name, template in recipe.templates.items()}
    except ValueError as error:
        return _Reading(file=file, place=place, values=nothing, problem=f"a template cannot be filled in: {error}")
    return _Reading(file=file, place=place, values={**nothing, **rendered})
