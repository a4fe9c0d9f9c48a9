"""The blocks of a Terraform configuration: Terraform itself, providers, modules; resources are read elsewhere."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from msgspec.structs import replace

from managers._composed import VARIABLE, Pieces, contributions, text_of
from managers._git import git_file
from managers._hcl import Block, Expression, Object
from managers._terraform import (
    EXPRESSION,
    NO_DEFAULT,
    UNKNOWN_SOURCE,
    Configuration,
    Place,
    engine_package,
    provider_package,
    registry_urls,
)
from managers._terraform_arguments import named_arguments, named_values
from managers._terraform_charts import chart_row, release_values
from managers._terraform_directories import expanded
from managers._terraform_resources import read_data, read_resource
from managers._terraform_scope import is_known
from managers._terraform_source import ARCHIVE, GitSource, OciSource, RegistrySource, is_archive, is_local, parse_source
from updater.api import Dependency, Extracted, Package, Skipped, Span

_UNKNOWN = (EXPRESSION, VARIABLE, NO_DEFAULT, UNKNOWN_SOURCE)


def block_rows(configuration: Configuration, block: Block) -> Iterator[Extracted]:
    """What one block holds, for each element of its ``for_each``."""
    if reader := _READERS.get(block.type):
        for scope in expanded(block, configuration.file, configuration.scope):
            yield from reader(replace(configuration, scope=scope), block)


def is_unknown(row: Extracted) -> bool:
    """Whether the row says that something could not be evaluated, which more files might change."""
    return isinstance(row, Skipped) and any(reason in row.reason for reason in _UNKNOWN)


def best_known(together: Sequence[Sequence[Extracted]]) -> Iterator[Dependency | Skipped]:
    """The rows of one block in several scopes. What is not known in one but is in another is left out."""
    for rows in together:
        for index, row in enumerate(rows):
            others = (each[index] for each in together if index < len(each))
            if isinstance(row, Dependency) or (isinstance(row, Skipped) and _is_said(row, others)):
                yield row


def _is_said(row: Skipped, others: Iterable[Extracted]) -> bool:
    return not is_unknown(row) or all(is_unknown(other) for other in others)


# ---------------------------------------------------------------- terraform itself, and providers


def _terraform(configuration: Configuration, block: Block) -> Iterator[Extracted]:
    if version := block.attributes.get("required_version"):
        package = engine_package(opentofu=configuration.is_opentofu)
        place = Place(name=package.name, dep_type="required_version", within=block.span)
        yield configuration.constrained(version, package, place)


def required_providers(configuration: Configuration) -> Iterator[Extracted]:
    """The entries of ``required_providers``."""
    for name, requirement in configuration.required_providers.items():
        yield _required_provider(configuration, name, requirement)


def _required_provider(configuration: Configuration, name: str, requirement: Expression) -> Extracted:
    """``aws = { source = "hashicorp/aws", version = "~> 5.0" }``, or before 0.13 ``aws = "~> 2.0"``."""
    version = requirement.entries.get("version") if isinstance(requirement, Object) else requirement
    return _provider_version(configuration, name, version, "required_provider", requirement.span)


def _provider(configuration: Configuration, block: Block) -> Iterator[Extracted]:
    version = block.attributes.get("version")
    if version is not None and block.labels:
        yield _provider_version(configuration, block.labels[0], version, "provider", block.span)


def _provider_version(
    configuration: Configuration, name: str, version: Expression | None, dep_type: str, within: Span
) -> Extracted:
    requirement = configuration.required_providers.get(name)
    source = requirement.entries.get("source") if isinstance(requirement, Object) else None
    address = configuration.string(source) if source else f"hashicorp/{name}"
    package = provider_package(address, opentofu=configuration.is_opentofu) if address else None
    place = Place(name=name, dep_type=dep_type, within=within)
    if package is None:
        reason = "not a provider's address" if address else UNKNOWN_SOURCE
        return configuration.unmanaged(reason, place, at=version.span if version else None)
    return configuration.constrained(version, package, place)


# ---------------------------------------------------------------- modules


def _module(configuration: Configuration, block: Block) -> Iterator[Extracted]:
    """Where the module comes from, and what it is handed."""
    yield from _called(configuration, block)
    yield from named_arguments(configuration, block)


def _called(configuration: Configuration, block: Block) -> Iterator[Extracted]:
    source, version = block.attributes.get("source"), block.attributes.get("version")
    address = configuration.pieces(source)
    text = configuration.written(source)
    place = Place(name=" ".join(block.labels), dep_type="module", within=block.span)
    if is_local(text):
        return
    if address is None:
        reason = UNKNOWN_SOURCE if source else "no source"
        yield configuration.unmanaged(reason, place, at=version.span if version else None)
        return
    yield source_row(configuration, address, version, place)
    arguments = block.attributes
    if "chart_version" in arguments and "chart" in arguments:
        chart, repository = arguments["chart"], arguments.get("repository")
        yield from chart_row(configuration, chart, repository, arguments["chart_version"], block.span, "module")
        yield from release_values(configuration, replace(block, labels=("module", *block.labels)))


def source_row(configuration: Configuration, address: Pieces, version: Expression | None, place: Place) -> Extracted:
    """The module at ``address``; ``version`` says which one of a registry's."""
    text = text_of(address)
    at = configuration.at(address, place)
    match parse_source(text):
        case RegistrySource(name=name, host=host) if is_known(address):
            urls = registry_urls(host, opentofu=configuration.is_opentofu)
            package = Package(datasource="terraform-module", name=name, registry_urls=urls)
            place = replace(place, name=f"{host}/{name}" if host else name)
            return configuration.constrained(version, package, place)
        case GitSource(package=package, ref=ref) if "${" not in package.name:
            name = f"github.com/{package.name}" if package.datasource == "github-tags" else package.name
            return configuration.tagged(address, ref, package, replace(place, name=name))
        case OciSource() as oci if is_known(address):
            return _oci(configuration, address, oci, replace(place, name=oci.package.name))
    if not is_known(address):
        return configuration.unmanaged(UNKNOWN_SOURCE, place, at=at)
    archive = git_file(text)
    if archive is not None and archive[0].datasource == "github-tags":
        package, version_at = archive
        return configuration.tagged(address, version_at, package, replace(place, name=f"github.com/{package.name}"))
    reason = ARCHIVE if is_archive(text) else "neither a registry's module nor one in Git"
    return configuration.unmanaged(reason, place, at=at)


def _oci(configuration: Configuration, address: Pieces, oci: OciSource, place: Place) -> Extracted:
    value = contributions(address, oci.tag) if oci.tag else None
    digest = contributions(address, oci.digest) if oci.digest else ()
    if value is None and not digest:
        return configuration.unmanaged("no version in the address", place, datasource="docker")
    row = configuration.moving(value, oci.package, place, digest=digest[0] if len(digest) == 1 else None)
    return row or configuration.unmanaged(EXPRESSION, place, at=configuration.at(address, place))


# ---------------------------------------------------------------- values


def _variable(configuration: Configuration, block: Block) -> Iterator[Extracted]:
    """A default, which the variable's name says to be an image, or which holds images and charts."""
    if block.labels and (default := block.attributes.get("default")):
        yield from named_values(configuration, {block.labels[0]: default}, "variable")


_READERS: Mapping[str, Callable[[Configuration, Block], Iterator[Extracted]]] = {
    "locals": named_arguments,
    "variable": _variable,
    "terraform": _terraform,
    "provider": _provider,
    "module": _module,
    "resource": read_resource,
    "data": read_data,
}
