"""Helm charts in Terraform: releases, what their values set, and the applications of Argo CD."""

import re
from collections.abc import Iterator, Mapping

from msgspec import structs
from msgspec.structs import replace

from managers._git import git_package
from managers._hcl import Block, Call, Computed, Expression, Heredoc, List, Literal, Object
from managers._helm import images_in_values
from managers._terraform import EXPRESSION, UNKNOWN_SOURCE, Configuration, Place
from managers._terraform_scope import Term, Tree, is_known, known_text, pieces, rendered, rendered_tree, settled
from managers._terraform_source import ARCHIVE, is_archive, is_local
from managers._terraform_yaml import read_yaml
from updater.api import Dependency, Extracted, Package, Span, image_package

_MAX_SETTING_DEPTH = 20
_IMAGE_SETTING = re.compile(
    r"(?:[\w-]++\.)*+(?:[\w-]*(?:image|tag|repository|repo|registry|digest|sha|version|name))", re.IGNORECASE
)


def helm_release(configuration: Configuration, block: Block) -> Iterator[Extracted]:
    """The chart of a ``helm_release`` or ``helm_template``, and the images that its values set."""
    chart, repository = block.attributes.get("chart"), block.attributes.get("repository")
    version = block.attributes.get("version")
    yield from chart_row(configuration, chart, repository, version, block.span, block.labels[0])
    yield from release_values(configuration, block)


def release_values(configuration: Configuration, block: Block) -> Iterator[Extracted]:
    """The images in the ``values`` and the ``set`` of a release."""
    for values in flattened(block.attributes.get("values")):
        yield from values_row(configuration, block, configuration.term(values))
    yield from _settings(configuration, block, _set_blocks(configuration, block))


# ---------------------------------------------------------------- the chart


def chart_row(
    configuration: Configuration,
    chart: Expression | None,
    repository: Expression | None,
    version: Expression | None,
    within: Span,
    dep_type: str,
) -> Iterator[Extracted]:
    """The chart of that name, in a repository of its own or in one that its name brings along; none if it is local."""
    name = configuration.written(chart)
    if chart is None or is_local(name):
        return
    place = Place(name=name.removeprefix("oci://")[:200], dep_type=dep_type, within=within)
    at = version.span if version else None
    unknown = _unknown(configuration, chart, repository)
    package = chart_package(name, configuration.string(repository))
    if unknown:
        why = configuration.why_unknown(unknown)
        reason = UNKNOWN_SOURCE if why == EXPRESSION else f"its source is unknown: {why}"
        yield configuration.unmanaged(reason, place, at=at, datasource="helm")
    elif isinstance(package, str):
        at = at or (chart.span if package == ARCHIVE else None)
        yield configuration.unmanaged(package, place, at=at, datasource="helm")
    else:
        versioning = "helm" if package.datasource == "docker" else None
        row = configuration.constrained(version, package, place, versioning=versioning)
        yield _with_places(configuration, row, chart, repository) if isinstance(row, Dependency) else row


def _with_places(
    configuration: Configuration, row: Dependency, chart: Expression, repository: Expression | None
) -> Dependency:
    """With the places of the chart's name and its repository, if they are written where its version is."""
    if row.package.datasource != "helm" or row.path != configuration.file.path:
        return row
    return structs.replace(
        row,
        name_span=_written(configuration, chart, (row.name,)),
        registry_span=_written(configuration, repository, row.package.registry_urls),
    )


def _written(configuration: Configuration, at: Expression | None, texts: tuple[str, ...]) -> Span | None:
    """The place of one of ``texts``, if it stands there between quotes."""
    return at.span if isinstance(at, Literal) and configuration.text(at.span) in texts else None


def _unknown(configuration: Configuration, chart: Expression, repository: Expression | None) -> Expression | None:
    """Which of the two is not known."""
    if configuration.string(chart) is None:
        return chart
    is_given = not configuration.is_absent(repository)
    return repository if is_given and configuration.string(repository) is None else None


def chart_package(chart: str, repository: str | None) -> Package | str:
    """The lookup key of a chart, or why there is none."""
    if chart.startswith("oci://"):
        return image_package(chart.removeprefix("oci://"))
    if chart.startswith(("http://", "https://")):
        return ARCHIVE if is_archive(chart) else "not a chart's name"
    if not repository:
        first, _, name = chart.partition("/")
        archive = f"https://charts.helm.sh/{first}"  # what became of Helm 2's repositories of these names
        is_archived = first in ("stable", "incubator") and name
        return Package(datasource="helm", name=name, registry_urls=(archive,)) if is_archived else "no repository"
    if repository.startswith("oci://"):
        return image_package(f"{repository.removeprefix('oci://').rstrip('/')}/{chart}")
    if not repository.startswith(("http://", "https://")):
        return "its repository is no URL"
    return Package(datasource="helm", name=chart, registry_urls=(repository,))


# ---------------------------------------------------------------- values


def flattened(values: Expression | None) -> Iterator[Expression]:
    """The elements of a list that may be put together by functions."""
    match values:
        case List(items=items):
            for item in items:
                yield from flattened(item)
        case Call(name="concat" | "compact" | "tolist" | "flatten", arguments=arguments):
            for argument in arguments:
                yield from flattened(argument)
        case None:
            return
        case _:
            yield values


def values_row(configuration: Configuration, block: Block, values: Term) -> Iterator[Extracted]:
    """The images in a chart's values that are written as YAML or as an object."""
    target = settled(values)
    match target.expression if target else None:
        case List(items=items) if target:
            for item in items:
                yield from values_row(configuration, block, target.beside(item))
        case Heredoc() | Call() | Object() if target and (found := rendered(target)):
            if "mage" in found.text or "tag" in found.text:
                yield from read_yaml(configuration, block, found, images_in_values)


def _set_blocks(configuration: Configuration, block: Block) -> Iterator[tuple[str, Term]]:
    """The name and value of ``set { … }`` (Helm provider 2) and ``set = [{ … }]`` (3), as far as they are known."""
    for nested in block.blocks:
        if nested.type == "set":
            yield from _setting(configuration.term(Computed(nested.span)), nested.attributes)
    listed = configuration.settled(block.attributes.get("set"))
    for item in listed.expression.items if listed and isinstance(listed.expression, List) else ():
        found = settled(listed.beside(item)) if listed else None
        if found and isinstance(found.expression, Object):
            yield from _setting(found, found.expression.entries)


def _setting(here: Term, attributes: Mapping[str, Expression]) -> Iterator[tuple[str, Term]]:
    if "name" in attributes and "value" in attributes:
        name = known_text(pieces(here.beside(attributes["name"])))
        if name:
            yield name, here.beside(attributes["value"])


def _settings(configuration: Configuration, block: Block, settings: Iterator[tuple[str, Term]]) -> Iterator[Extracted]:
    """The images that single values (``controller.image.tag``) set together."""
    tree: dict[str, Tree | Term] = {}
    for name, value in settings:
        if name.count(".") < _MAX_SETTING_DEPTH and _IMAGE_SETTING.fullmatch(name):
            _plant(tree, name.split("."), value)
    if tree:
        yield from read_yaml(configuration, block, rendered_tree(tree), images_in_values)


def _plant(tree: dict[str, Tree | Term], path: list[str], value: Term) -> None:
    for step in path[:-1]:
        nested = tree.setdefault(step, {})
        if not isinstance(nested, dict):
            return
        tree = nested
    tree.setdefault(path[-1], value)


# ---------------------------------------------------------------- Argo CD


def argocd_application(configuration: Configuration, block: Block) -> Iterator[Extracted]:
    """https://registry.terraform.io/providers/argoproj-labs/argocd/latest/docs/resources/application."""
    for source in _nested(block, ("spec", "template", "source")):
        attributes = source.attributes
        repository, version = attributes.get("repo_url"), attributes.get("target_revision")
        if chart := attributes.get("chart"):
            yield from _application_chart(configuration, block, source, chart)
        elif version:
            yield from _application_directory(configuration, block, repository, version)
        for helm in _nested(source, ("helm",)):
            for values in flattened(helm.attributes.get("values")):
                yield from values_row(configuration, block, configuration.term(values))
            yield from _settings(configuration, block, _parameters(configuration, helm))


def _nested(block: Block, types: tuple[str, ...]) -> Iterator[Block]:
    """The innermost blocks on a path of which ``types`` are the parts."""
    for nested in block.blocks:
        if nested.type == types[-1]:
            yield nested
        elif nested.type in types:
            yield from _nested(nested, types)


def _application_chart(
    configuration: Configuration, block: Block, source: Block, chart: Expression
) -> Iterator[Extracted]:
    """A chart; an address without a scheme is that of an OCI registry."""
    repository, version = source.attributes.get("repo_url"), source.attributes.get("target_revision")
    address = configuration.string(repository)
    if address is None or "://" in address:
        yield from chart_row(configuration, chart, repository, version, source.span, block.labels[0])
        return
    package = image_package(f"{address}/{configuration.written(chart)}")
    place = Place(name=package.name, dep_type=block.labels[0], within=source.span)
    yield configuration.constrained(version, package, place, versioning="helm")


def _application_directory(
    configuration: Configuration, block: Block, repository: Expression | None, version: Expression
) -> Iterator[Extracted]:
    """A directory of a Git repository."""
    url, revision = configuration.string(repository), configuration.pieces(version)
    place = Place(name=configuration.written(repository), dep_type=block.labels[0], within=block.span)
    if url is None:
        yield configuration.unmanaged(UNKNOWN_SOURCE, place, at=version.span)
        return
    package = git_package(url)
    place = replace(place, name=package.name)
    if revision is None or not is_known(revision):
        reason = configuration.why_unknown(version)
        yield configuration.unmanaged(reason, place, at=version.span, datasource=package.datasource)
    else:
        whole = Span(0, sum(len(piece.text) for piece in revision))
        yield configuration.tagged(revision, whole, package, place)


def _parameters(configuration: Configuration, helm: Block) -> Iterator[tuple[str, Term]]:
    for parameter in helm.blocks:
        if parameter.type == "parameter":
            yield from _setting(configuration.term(Computed(parameter.span)), parameter.attributes)
