"""Terraform and OpenTofu configurations (`*.tf`, `*.tofu`).

| what | `dep_type` | looked up as |
|---|---|---|
| `required_version` in `terraform` | `required_version` | `github-releases` |
| entries of `required_providers` | `required_provider` | `terraform-provider` |
| `version` in `provider` (before 0.13) | `provider` | `terraform-provider` |
| `module` from a registry | `module` | `terraform-module` |
| `module` from Git, with `?ref=` | `module` | `github-tags` or `git-tags` |
| `module` from `oci://`, with `?tag=` or `?digest=` | `module` | `docker` |
| `helm_release` | `helm_release` | `helm`, or `docker` for OCI |
| images in `docker_*` and `kubernetes_*` | the resource's type | `docker` |
| `terraform_version` in `tfe_workspace` | `tfe_workspace` | `github-releases` |

Files named `*.tofu` and files that mention OpenTofu follow the releases and the registry of OpenTofu. A host in an
address selects a private registry. Modules and charts at a local path have no version and are passed over.

`local.x` and `var.x` are followed to a plain string in `locals` or in the variable's `default`, if that stands
in the same file; an update changes it there. Values in other files of the module, `*.tfvars` and every other
expression are not evaluated. A block with a syntax error is reported with its line; the others count.
A comment `# renovate: ignore` or `# updater: ignore` behind a value keeps it as it is.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from managers._git import why_not_a_tag
from managers._hcl import Block, Expression, List, Object, read
from managers._manifests import settled
from managers._terraform import EXPRESSION, Configuration, Place, problems, provider_package, registry_urls
from managers._terraform_source import GitSource, OciSource, RegistrySource, is_local, parse_source
from updater.api import (
    Extracted,
    Package,
    SourceFile,
    Span,
    dependency,
    image_dependency,
    image_package,
    parse_image,
)

NAME = "terraform"
FILES: tuple[str, ...] = ("*.tf", "*.tofu")
MARKERS: tuple[str, ...] = (
    "required_version",
    "required_providers",
    "provider",
    "module",
    "helm_release",
    "docker_",
    "kubernetes_",
    "tfe_workspace",
)
NARROWABLE = False

_WANTED = re.compile(
    r"(?:terraform|provider|module|locals|variable)\b"
    r'|resource\s*+"?(?:helm_release|docker_|kubernetes_|tfe_workspace)|data\s*+"?docker_'
)
_CONTAINERS = ("container", "init_container", "container_spec", "containers", "initContainers")
_TAG_ELSEWHERE = re.compile(r"([^$]+):\$\{\s*+((?:local|var)\.[\w-]++)\s*+\}")


def extract(file: SourceFile) -> Iterator[Extracted]:
    """Everything in ``file`` that has a version, and a reason for what cannot be managed."""
    document = read(file.text, _WANTED)
    yield from settled(file, _found(Configuration(manager=NAME, file=file, document=document)))
    yield from problems(file, document, NAME)


def _found(configuration: Configuration) -> Iterator[Extracted]:
    for name, requirement in configuration.required_providers.items():
        yield _required_provider(configuration, name, requirement)
    for block in configuration.document.blocks:
        if reader := _READERS.get(block.type):
            yield from reader(configuration, block)


# ---------------------------------------------------------------- terraform itself, and providers


def _terraform(configuration: Configuration, block: Block) -> Iterator[Extracted]:
    yield from _engine(configuration, block, "required_version", "required_version")


def _engine(configuration: Configuration, block: Block, argument: str, dep_type: str) -> Iterator[Extracted]:
    if version := block.attributes.get(argument):
        repository = "opentofu/opentofu" if configuration.is_opentofu else "hashicorp/terraform"
        place = Place(name=repository, dep_type=dep_type, within=block.span)
        yield configuration.constrained(version, Package(datasource="github-releases", name=repository), place)


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
        reason = "not a provider's address" if address else "its source is an expression"
        return configuration.unmanaged(reason, place, at=_span(version))
    return configuration.constrained(version, package, place)


# ---------------------------------------------------------------- modules


def _module(configuration: Configuration, block: Block) -> Iterator[Extracted]:
    source = block.attributes.get("source")
    literal = configuration.literal(source)
    text = configuration.text(literal.span if literal else source.span) if source else ""
    place = Place(name=" ".join(block.labels), dep_type="module", within=block.span)
    if is_local(text):
        return
    if literal is None:
        reason = "its source is an expression" if source else "no source"
        yield configuration.unmanaged(reason, place, at=_span(block.attributes.get("version")))
        return
    yield _sourced(configuration, block, literal.span, place)


def _sourced(configuration: Configuration, block: Block, source: Span, place: Place) -> Extracted:
    match parse_source(configuration.text(source)):
        case RegistrySource(name=name, host=host):
            urls = registry_urls(host, opentofu=configuration.is_opentofu)
            package = Package(datasource="terraform-module", name=name, registry_urls=urls)
            place = replace(place, name=f"{host}/{name}" if host else name)
            return configuration.constrained(block.attributes.get("version"), package, place)
        case GitSource() as git:
            return _git(configuration, git, source, replace(place, name=_name_of(git)))
        case OciSource() as oci:
            place = replace(place, name=oci.package.name)
            return _located(configuration, oci.package, place, _in(source, oci.tag), _in(source, oci.digest))
        case None:
            return configuration.unmanaged("neither a registry's module nor one in Git", place, at=source)


def _git(configuration: Configuration, git: GitSource, source: Span, place: Place) -> Extracted:
    ref = _in(source, git.ref)
    reason = why_not_a_tag(configuration.text(ref)) if ref else None
    if reason is not None:
        return configuration.unmanaged(reason, place, at=ref, datasource=git.package.datasource)
    return _located(configuration, git.package, place, ref, None)


def _located(
    configuration: Configuration, package: Package, place: Place, value: Span | None, digest: Span | None
) -> Extracted:
    """The dependency whose version is a part of its address."""
    if value is None and digest is None:
        return configuration.unmanaged("no version in the address", place, datasource=package.datasource)
    return dependency(
        configuration.file,
        manager=NAME,
        name=place.name,
        package=package,
        value=value,
        digest=digest,
        dep_type=place.dep_type,
    )


def _name_of(source: GitSource) -> str:
    package = source.package
    return f"github.com/{package.name}" if package.datasource == "github-tags" else package.name


def _span(expression: Expression | None) -> Span | None:
    return expression.span if expression else None


def _in(outer: Span, inner: Span | None) -> Span | None:
    return Span(outer.start + inner.start, outer.start + inner.end) if inner else None


# ---------------------------------------------------------------- resources


def _resource(configuration: Configuration, block: Block) -> Iterator[Extracted]:
    type_ = block.labels[0] if block.labels else ""
    if type_ == "helm_release":
        yield from _helm_release(configuration, block)
    elif type_ == "tfe_workspace":
        yield from _engine(configuration, block, "terraform_version", type_)
    elif type_ == "docker_image":
        yield from _docker_image(configuration, block)
    elif type_ == "docker_container" and "image" in block.attributes:
        yield from _image(configuration, block.attributes["image"], type_)
    else:
        for image in _container_images(block):
            yield from _image(configuration, image, type_)


def _data(configuration: Configuration, block: Block) -> Iterator[Extracted]:
    type_ = block.labels[0] if block.labels else ""
    if type_ in ("docker_image", "docker_registry_image") and (name := block.attributes.get("name")):
        yield from _image(configuration, name, type_)


_READERS: Mapping[str, Callable[[Configuration, Block], Iterator[Extracted]]] = {
    "terraform": _terraform,
    "provider": _provider,
    "module": _module,
    "resource": _resource,
    "data": _data,
}


def _helm_release(configuration: Configuration, block: Block) -> Iterator[Extracted]:
    chart, repository = block.attributes.get("chart"), block.attributes.get("repository")
    name = configuration.string(chart) or (configuration.text(chart.span) if chart else "")
    if is_local(name):
        return
    place = Place(name=name.removeprefix("oci://"), dep_type="helm_release", within=block.span)
    version = block.attributes.get("version")
    package = _chart_package(name, configuration.string(repository))
    if any(each and configuration.literal(each) is None for each in (chart, repository)):
        yield configuration.unmanaged("its source is an expression", place, at=_span(version), datasource="helm")
    elif package is None:
        reason = "its repository is no URL" if repository else "no repository"
        yield configuration.unmanaged(reason, place, at=_span(version), datasource="helm")
    else:
        yield configuration.constrained(version, package, place, versioning=None)


def _chart_package(chart: str, repository: str | None) -> Package | None:
    if chart.startswith("oci://"):
        return image_package(chart.removeprefix("oci://"))
    if repository is None or "://" not in repository:
        return None
    if repository.startswith("oci://"):
        return image_package(f"{repository.removeprefix('oci://').rstrip('/')}/{chart}")
    return Package(datasource="helm", name=chart, registry_urls=(repository,))


def _docker_image(configuration: Configuration, block: Block) -> Iterator[Extracted]:
    """The image that is pulled; one with a ``build`` block gets its tag here."""
    if name := block.attributes.get("name"):
        if all(nested.type != "build" for nested in block.blocks):
            yield from _image(configuration, name, "docker_image")
            return
        place = Place(name=configuration.text(name.span), dep_type="docker_image", within=name.span)
        yield configuration.unmanaged("built here, not pulled", place, at=name.span, datasource="docker")


def _container_images(block: Block, name: str = "") -> Iterator[Expression]:
    """The ``image`` of every container at any depth, in blocks and in the objects of a ``kubernetes_manifest``.

    ``name`` is what the block is, which in ``dynamic "container" { content { … } }`` its type does not say.
    """
    if name in _CONTAINERS and "image" in block.attributes:
        yield block.attributes["image"]
    for key, value in block.attributes.items():
        yield from _listed_images(key, value)
    for nested in block.blocks:
        inherited = name if nested.type == "content" else nested.type
        yield from _container_images(nested, " ".join(nested.labels) if nested.type == "dynamic" else inherited)


def _listed_images(key: str, value: Expression) -> Iterator[Expression]:
    if isinstance(value, Object):
        for nested_key, nested in value.entries.items():
            yield from _listed_images(nested_key, nested)
    elif isinstance(value, List):
        for item in value.items:
            if key in _CONTAINERS and isinstance(item, Object) and "image" in item.entries:
                yield item.entries["image"]
            yield from _listed_images(key, item)


def _image(configuration: Configuration, image: Expression, dep_type: str) -> Iterator[Extracted]:
    literal, text = configuration.literal(image), configuration.text(image.span)
    if literal is not None:
        yield image_dependency(configuration.file, manager=NAME, span=literal.span, dep_type=dep_type)
    elif not text.startswith(("docker_image.", "data.docker_")):  # that image is read where it is declared
        yield _image_with_tag_elsewhere(configuration, image, Place(name=text, dep_type=dep_type, within=image.span))


def _image_with_tag_elsewhere(configuration: Configuration, image: Expression, place: Place) -> Extracted:
    """``"redis:${local.redis_tag}"``."""
    match = _TAG_ELSEWHERE.fullmatch(place.name)
    tag = configuration.referents.get(match[2]) if match else None
    reference = parse_image(f"{match[1]}:{configuration.text(tag.span)}") if match and tag else None
    if match is None or tag is None or reference is None:
        return configuration.unmanaged(EXPRESSION, place, at=image.span, datasource="docker")
    whole = Span(tag.span.start - len(match[1]) - 1, tag.span.end)
    place = replace(place, name=reference.name)
    package = image_package(reference.name)
    return _located(configuration, package, place, _in(whole, reference.tag_span), _in(whole, reference.digest_span))
