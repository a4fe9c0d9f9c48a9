"""Images and charts in arguments of Terraform that their names alone tell: of modules, locals, variables, resources.

Nobody knows what each module makes of its arguments. But one that ends in ``image`` and holds a name with a tag is the
image of a container, and an object with a ``chart``, its repository and its version is a chart, wherever they stand.
What is anything else, or not known, is passed over.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache

from managers._composed import Piece, contributions, text_of
from managers._downloads import ADDRESS, Download, is_given_elsewhere
from managers._downloads import MARKERS as DOWNLOADS
from managers._hcl import Block, Call, Computed, Expression, Heredoc, List, Literal, Object
from managers._images import is_versioned_image
from managers._terraform import Configuration, Place
from managers._terraform_charts import chart_row, flattened, values_row
from managers._terraform_scope import is_known
from managers._terraform_source import is_local
from updater.api import Dependency, Extracted, Package, Span

_IMAGE = re.compile(r"(?:.*[_a-z-])?image(?:[_-]?(?:uri|url|identifier|name|ref))?", re.IGNORECASE)
_IMAGES = re.compile(r"(?:.*[_a-z-])?images", re.IGNORECASE)
_OF_CODE_BUILD = ("aws/codebuild/", "amazon/aws-codebuild")
_VERSIONS = ("chart_version", "version", "target_revision")
_REPOSITORIES = ("repository", "chart_repository", "repo", "repo_url", "repository_url")
_OF_CHARTS = re.compile(r"(?P<stem>(?:.*_)?chart_)version")
_DISTRIBUTION = re.compile(r"v?\d+(?:\.\d+)+\+(?P<name>k3s|rke2r|k0s)\.?\d+")
_DISTRIBUTIONS = {"k3s": "k3s-io/k3s", "rke2r": "rancher/rke2", "k0s": "k0sproject/k0s"}
SERVICES = ("cluster_version", "kubernetes_version", "k8s_version", "engine_version", "addon_version")
"""Versions of managed services, as they are called where no resource says so."""
_SOURCES = ("source", "chart", "repository", "values")
"""Arguments whose addresses are read as what they are."""
_MAX_DEPTH = 20


def named_arguments(configuration: Configuration, block: Block) -> Iterator[Extracted]:
    """The images and charts that the arguments of a block, and of those in it, hold."""
    kind = block.labels[0] if block.type == "resource" else block.type
    yield from _in_block(configuration, block, kind)


def listed_nowhere(
    configuration: Configuration, values: Mapping[str, Expression], names: Iterable[str], place: Place
) -> Iterator[Extracted]:
    """Those of ``values`` with one of the ``names``: versions of a managed service, which only an account may list."""
    for version in (values[name] for name in names if name in values):
        found = configuration.settled(version)
        if found and isinstance(found.expression, Literal) and not found.expression.interpolated:
            yield configuration.unmanaged("no registry lists these versions", place, at=version.span)


def _in_block(configuration: Configuration, block: Block, kind: str) -> Iterator[Extracted]:
    yield from named_values(configuration, block.attributes, kind, " ".join(block.labels))
    for nested in block.blocks:
        yield from _in_block(configuration, nested, kind)


def named_values(
    configuration: Configuration, values: Mapping[str, Expression], kind: str, holder_name: str = ""
) -> Iterator[Extracted]:
    """The images and charts in values by name, which are all of one ``kind``, and versions of managed services."""
    for name in SERVICES:
        if name in values:
            place = Place(name=holder_name or name, dep_type=kind, within=values[name].span)
            yield from listed_nowhere(configuration, values, (name,), place)
    yield from _charts_in_parts(configuration, values, kind, holder_name)
    for name, value in values.items():
        if isinstance(value, Literal) and (match := _DISTRIBUTION.fullmatch(configuration.text(value.span))):
            package = Package(datasource="github-releases", name=_DISTRIBUTIONS[match["name"]])
            yield configuration.constrained(
                value, package, Place(name=package.name, dep_type=kind, within=value.span), versioning=None
            )
        holder = Block(type=kind, labels=(kind, name), attributes={}, blocks=(), span=value.span)
        yield from _value(configuration, holder, name, value)


def _value(
    configuration: Configuration, block: Block, name: str, value: Expression, depth: int = 0
) -> Iterator[Extracted]:
    match value:
        case _ if depth > _MAX_DEPTH:
            return
        case Object(entries=entries):
            yield from _chart(configuration, block, entries, value)
            for key, entry in entries.items():
                is_listed = _IMAGES.fullmatch(name) and isinstance(entry, Literal)
                yield from _value(configuration, block, name if is_listed else key, entry, depth + 1)
        case List(items=items):
            for item in items:
                yield from _value(configuration, block, name, item, depth + 1)
        case Literal() | Heredoc() if (
            name not in _SOURCES and _has_downloads(configuration.file.text) and "://" in configuration.text(value.span)
        ):
            yield from _downloads(configuration, value)
        case Literal() | Call() | Computed() if _IMAGE.fullmatch(name) or (depth and _IMAGES.fullmatch(name)):
            yield from _image(configuration, block, value)


def _image(configuration: Configuration, block: Block, value: Expression) -> Iterator[Extracted]:
    text = configuration.pieces(value)
    if text is None or not is_known(text):
        return
    image = text_of(text)
    if is_versioned_image(image) and not image.startswith(_OF_CODE_BUILD):
        found = configuration.image(value, block.labels[0])
        yield from (item for item in found if isinstance(item, Dependency))


# ---------------------------------------------------------------- downloads


@lru_cache(maxsize=1)
def _has_downloads(text: str) -> bool:
    return any(marker in text for marker in DOWNLOADS)


def _downloads(configuration: Configuration, value: Expression) -> Iterator[Extracted]:
    """What the addresses in a text lead to, in a command or a script, say."""
    file = configuration.file
    at = Piece(file=file, span=value.span)
    pieces = (Piece(file=file, span=value.content),) if isinstance(value, Heredoc) else configuration.pieces(value)
    for match in ADDRESS.finditer(text_of(pieces)) if pieces else ():
        address = contributions(pieces or (), Span(*match.span()))
        download = Download(manager=configuration.manager, address=address, at=at, dep_type="download")
        yield from (item for item in download.known() if not is_given_elsewhere(item, at))


# ---------------------------------------------------------------- charts


def _chart(
    configuration: Configuration, block: Block, entries: Mapping[str, Expression], whole: Object
) -> Iterator[Extracted]:
    """A chart, as the modules for add-ons of clusters take it: with its values, if it has any."""
    version = _first(entries, _VERSIONS)
    repository, chart = _first(entries, _REPOSITORIES), entries.get("chart")
    if chart and version and (repository or configuration.written(chart).startswith("oci://")):
        yield from chart_row(configuration, chart, repository, version, whole.span, block.labels[0])
    elif "chart_version" in entries and isinstance(given := entries["chart_version"], Literal):
        place = Place(name=" ".join(block.labels[1:]), dep_type=block.labels[0], within=whole.span)
        yield configuration.unmanaged("the module decides which chart this is", place, at=given.span, datasource="helm")
    elif "addon_version" in entries:
        place = Place(name=" ".join(block.labels[1:]), dep_type=block.labels[0], within=whole.span)
        yield from listed_nowhere(configuration, entries, ("addon_version",), place)
    if chart or "chart_version" in entries:
        for values in flattened(entries.get("values")):
            yield from values_row(configuration, block, configuration.term(values))


def _charts_in_parts(
    configuration: Configuration, values: Mapping[str, Expression], kind: str, holder_name: str
) -> Iterator[Extracted]:
    """Charts in arguments beside each other: ``helm_chart_name``, ``helm_chart_repo`` and ``helm_chart_version``."""
    for name, version in values.items():
        match = _OF_CHARTS.fullmatch(name)
        if match is None:
            continue
        stem = match["stem"]
        before = stem.removesuffix("chart_")
        chart = _first(values, (f"{stem}name", stem.rstrip("_")))
        repositories = (f"{part}{word}" for part in (stem, before) for word in _REPOSITORIES if part)
        repository = _first(values, (*repositories, *_REPOSITORIES))
        if chart and (repository or configuration.written(chart).startswith("oci://")):
            yield from chart_row(configuration, chart, repository, version, version.span, kind)
        elif (
            isinstance(version, Literal)
            and "source" in values
            and not is_local(configuration.written(values["source"]))
        ):
            place = Place(name=holder_name or name, dep_type=kind, within=version.span)
            reason = "the module decides which chart this is"
            yield configuration.unmanaged(reason, place, at=version.span, datasource="helm")


def _first(entries: Mapping[str, Expression], names: tuple[str, ...]) -> Expression | None:
    return next((entries[name] for name in names if name in entries), None)
