"""What resources and data sources of Terraform deploy: charts, images, manifests and tools with a version."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import cast

from managers._git import git_package, github_package, github_repository
from managers._hcl import Block, Call, Computed, Expression, Heredoc, List, Literal, Object
from managers._helm import chart_dependency, image_map, images_in_values, is_image_map
from managers._images import SCATTERED, ImageReader, is_versioned_image
from managers._terraform import EXPRESSION, UNKNOWN_SOURCE, Configuration, Place, engine_package
from managers._terraform_scope import (
    Rendered,
    Term,
    Tree,
    is_known,
    known_text,
    pieces,
    rendered,
    rendered_tree,
    settled,
)
from managers._terraform_source import is_local
from managers._yaml import Document, Scalar
from managers._yaml import Mapping as YamlMapping
from updater.api import Dependency, Extracted, Package, Skipped, SourceFile, Span, image_package

_CONTAINERS = ("container", "init_container", "container_spec", "containers", "initContainers", "ephemeralContainers")
_DOCUMENT_START = re.compile(r"^[ \t]*+---[ \t]*+(?:#[^\n]*+)?$", re.MULTILINE)
_IMAGE_SETTING = re.compile(
    r"(?:[\w-]++\.)*?[\w-]*(?:image|tag|repository|repo|registry|digest|sha|version|name)", re.IGNORECASE
)
_LISTED_NOWHERE: Mapping[str, tuple[str, ...]] = {
    "aws_eks_addon": ("addon_version",),
    "aws_eks_cluster": ("version",),
    "aws_eks_node_group": ("version", "release_version"),
    "google_container_cluster": ("min_master_version",),
    "google_container_node_pool": ("version",),
    "azurerm_kubernetes_cluster": ("kubernetes_version",),
    "digitalocean_kubernetes_cluster": ("version",),
}
"""Versions of managed services, by resource; no registry without an account lists them."""

_WITH_CONTAINERS = ("kubernetes_", "docker_service", "google_cloud_run_", "azurerm_container_")

Reader = Callable[[Configuration, Block], Iterator[Extracted]]


def read_resource(configuration: Configuration, block: Block) -> Iterator[Extracted]:
    """The versions in a ``resource`` block."""
    type_ = block.labels[0] if block.labels else ""
    reader = _RESOURCES.get(type_)
    if reader:
        yield from reader(configuration, block)
    elif type_ in _LISTED_NOWHERE:
        yield from _listed_nowhere(configuration, block)
    elif type_.startswith(_WITH_CONTAINERS):
        yield from _containers(configuration, block)


def read_data(configuration: Configuration, block: Block) -> Iterator[Extracted]:
    """The versions in a ``data`` block."""
    type_ = block.labels[0] if block.labels else ""
    if type_ == "helm_template":
        yield from _helm_release(configuration, block)
    elif type_ in ("docker_image", "docker_registry_image") and (name := block.attributes.get("name")):
        yield from _image(configuration, name, type_)


def _listed_nowhere(configuration: Configuration, block: Block) -> Iterator[Extracted]:
    type_, *_ = block.labels
    for argument in _LISTED_NOWHERE[type_]:
        version = block.attributes.get(argument)
        found = configuration.settled(version)
        if version and found and isinstance(found.expression, Literal) and not found.expression.interpolated:
            name = configuration.string(block.attributes.get("addon_name")) or type_
            place = Place(name=name, dep_type=type_, within=block.span)
            yield configuration.unmanaged("no registry lists these versions", place, at=version.span)


# ---------------------------------------------------------------- single images


def _docker_image(configuration: Configuration, block: Block) -> Iterator[Extracted]:
    """The image that is pulled; one with a ``build`` block gets its tag here."""
    if name := block.attributes.get("name"):
        if all(nested.type != "build" for nested in block.blocks):
            yield from _image(configuration, name, "docker_image")
            return
        place = Place(name=configuration.text(name.span), dep_type="docker_image", within=name.span)
        yield configuration.unmanaged("built here, not pulled", place, at=name.span, datasource="docker")


def _docker_container(configuration: Configuration, block: Block) -> Iterator[Extracted]:
    if image := block.attributes.get("image"):
        yield from _image(configuration, image, "docker_container")


def _image(configuration: Configuration, image: Expression, dep_type: str) -> Iterator[Extracted]:
    """An image, unless the expression says that it is read or built elsewhere in the configuration."""
    if not _ELSEWHERE.match(configuration.text(image.span)):
        yield from configuration.image(image, dep_type)


_ELSEWHERE = re.compile(r"\"?(?:\$\{)?(?:data\.|docker_|module\.|[a-z]+_ecr_|aws_)[\w.-]")


def _containers(configuration: Configuration, block: Block) -> Iterator[Extracted]:
    type_, *_ = block.labels
    for image in _container_images(block):
        yield from _image(configuration, image, type_)
    if manifest := block.attributes.get("manifest"):
        found = configuration.settled(manifest)
        if found and not isinstance(found.expression, Object):
            yield from _manifest(configuration, block, manifest)
        elif isinstance(manifest, Object):
            yield from _charts(configuration, block, manifest)


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


# ---------------------------------------------------------------- manifests


def _manifest(configuration: Configuration, block: Block, manifest: Expression) -> Iterator[Extracted]:
    """The images and charts in Kubernetes objects that are written as YAML."""
    found = rendered(configuration.term(manifest))
    for root in _documents(found) if found else ():
        images = _reader(configuration, found, block)
        rows = (*_manifest_images(images, root), *_manifest_charts(images, root))
        yield from _relocated(configuration, found, rows, block)


def _charts(configuration: Configuration, block: Block, manifest: Object) -> Iterator[Extracted]:
    """The charts in a Kubernetes object that is written as an object."""
    if any(word in configuration.text(manifest.span) for word in ("repoURL", "targetRevision", "chart")):
        found = rendered(configuration.term(manifest))
        for root in _documents(found) if found else ():
            charts = _manifest_charts(_reader(configuration, found, block), root)
            yield from _relocated(configuration, found, charts, block)


def _manifest_yaml(*arguments: str) -> Reader:
    """A reader of a resource with YAML in one of these arguments."""

    def read(configuration: Configuration, block: Block) -> Iterator[Extracted]:
        for argument in arguments:
            if argument in block.attributes:
                yield from _manifest(configuration, block, block.attributes[argument])

    return read


def _documents(found: Rendered) -> Iterator[YamlMapping]:
    """The mappings in the documents of some YAML; one without a mapping, or that is none, has nothing to say."""
    starts = [0, *(match.end() for match in _DOCUMENT_START.finditer(found.text))]
    ends = [*(match.start() for match in _DOCUMENT_START.finditer(found.text)), len(found.text)]
    for start, end in zip(starts, ends, strict=True):
        root = Document(found.text, start, end).root
        if root is not None:
            yield root


def _manifest_images(images: ImageReader, root: YamlMapping) -> Iterator[Extracted]:
    for place, _, key, node in root.find(("image", "imageName")):
        match node:
            case YamlMapping() if is_image_map(key, node):
                yield from image_map(images, node)
            case Scalar() if node.has_text and (place in _CONTAINERS or is_versioned_image(node.text)):
                yield images.whole(node)


def _manifest_charts(images: ImageReader, root: YamlMapping) -> Iterator[Extracted]:
    """The charts of Argo CD's applications, of k3s' ``HelmChart`` and of whatever else names one in that way."""
    for _, mapping, _, chart in root.find(("chart",)):
        repository = next((text for key in ("repoURL", "repo", "repository") if (text := mapping.text(key))), None)
        version = mapping.scalar("targetRevision") or mapping.scalar("version")
        if isinstance(chart, Scalar) and chart.has_text and repository and version:
            if "://" not in repository:
                repository = f"oci://{repository}"
            yield chart_dependency(
                images.file,
                manager=images.manager,
                name=chart,
                repository=repository,
                version=version,
                dep_type=images.dep_type,
            )


def _reader(configuration: Configuration, found: Rendered, block: Block) -> ImageReader:
    """A reader of the rendered YAML as if it were a file."""
    file = SourceFile(path=configuration.file.path, text=found.text)
    return ImageReader(file=file, manager=configuration.manager, dep_type=block.labels[0])


def _relocated(
    configuration: Configuration, found: Rendered, rows: Iterable[Extracted], block: Block
) -> Iterator[Extracted]:
    """Rows about rendered YAML as rows about what it is made of."""
    for row in rows:
        if isinstance(row, Dependency):
            yield _relocated_dependency(configuration, found, row, block)
        elif isinstance(row, Skipped):
            own = [piece.span for piece in found.pieces(row.span)] if row.span else []
            yield _unmanaged(configuration, row.reason, row, own[0] if len(own) == 1 else None, block)


def _relocated_dependency(configuration: Configuration, found: Rendered, row: Dependency, block: Block) -> Extracted:
    value = found.pieces(row.span) if row.span else ()
    digest = found.pieces(row.digest_span) if row.digest_span else ()
    place = Place(name=row.name, dep_type=row.dep_type or "", within=block.span)
    moved = None
    if len(digest) <= 1 and "".join(piece.text for piece in value) == (row.current_value or ""):
        moved = configuration.moving(
            value, row.package, place, digest=digest[0] if digest else None, versioning=row.versioning
        )
    if moved is None:
        return _unmanaged(configuration, SCATTERED, row, None, block)
    return replace(moved, pinnable=row.pinnable and len(value) == 1 and _is_whole_image(found, row))


def _is_whole_image(found: Rendered, row: Dependency) -> bool:
    """Whether an image's tag stands where nothing else is written, or directly behind its name."""
    if row.span is None or found.text[row.span.start - 1] != ":":
        return row.span is not None
    return len(found.pieces(Span(row.span.start - 2, row.span.end))) == 1


def _unmanaged(
    configuration: Configuration, reason: str, row: Dependency | Skipped, at: Span | None, block: Block
) -> Skipped:
    datasource = row.package.datasource if isinstance(row, Dependency) else row.datasource
    place = Place(name=row.name or "", dep_type=row.dep_type or "", within=block.span)
    return configuration.unmanaged(reason, place, at=at, datasource=datasource)


# ---------------------------------------------------------------- charts


def _helm_release(configuration: Configuration, block: Block) -> Iterator[Extracted]:
    chart, repository = block.attributes.get("chart"), block.attributes.get("repository")
    version = block.attributes.get("version")
    yield from chart_row(configuration, chart, repository, version, block.span, block.labels[0])
    for values in _flattened(block.attributes.get("values")):
        yield from _values(configuration, block, configuration.term(values))
    yield from _settings(configuration, block, _set_blocks(configuration, block))


def chart_row(
    configuration: Configuration,
    chart: Expression | None,
    repository: Expression | None,
    version: Expression | None,
    within: Span,
    dep_type: str,
) -> Iterator[Extracted]:
    """The chart of that name, in a repository of its own or in one that its name brings along."""
    name = configuration.written(chart)
    if is_local(name) or chart is None:
        return
    place = Place(name=name.removeprefix("oci://")[:200], dep_type=dep_type, within=within)
    known_repository = configuration.string(repository)
    has_repository = not configuration.is_absent(repository)
    if configuration.string(chart) is None or (has_repository and known_repository is None):
        unknown = chart if configuration.string(chart) is None else cast("Expression", repository)
        why = configuration.why_unknown(unknown)
        reason = UNKNOWN_SOURCE if why == EXPRESSION else f"its source is unknown: {why}"
        yield configuration.unmanaged(reason, place, at=version.span if version else None, datasource="helm")
        return
    package = _stable_package(name) if not has_repository else chart_package(name, known_repository)
    if package is None:
        reason = "its repository is no URL" if has_repository else "no repository"
        yield configuration.unmanaged(reason, place, at=version.span if version else None, datasource="helm")
    else:
        versioning = "helm" if package.datasource == "docker" else None
        yield configuration.constrained(version, package, place, versioning=versioning)


def _stable_package(chart: str) -> Package | None:
    """A chart without a repository: one in an OCI registry, or in the archive of Helm 2's well-known repositories."""
    repository, _, name = chart.partition("/")
    if repository in ("stable", "incubator") and name:
        return Package(datasource="helm", name=name, registry_urls=(f"https://charts.helm.sh/{repository}",))
    return chart_package(chart, None)


def chart_package(chart: str, repository: str | None) -> Package | None:
    """The lookup key of a chart; None if its repository has no address."""
    if chart.startswith("oci://"):
        return image_package(chart.removeprefix("oci://"))
    if repository is None or not repository.startswith(("http://", "https://", "oci://")):
        return None
    if repository.startswith("oci://"):
        return image_package(f"{repository.removeprefix('oci://').rstrip('/')}/{chart}")
    return Package(datasource="helm", name=chart, registry_urls=(repository,))


def _flattened(values: Expression | None) -> Iterator[Expression]:
    """The elements of a list that may be put together by functions."""
    match values:
        case List(items=items):
            for item in items:
                yield from _flattened(item)
        case Call(name="concat" | "compact" | "tolist" | "flatten", arguments=arguments):
            for argument in arguments:
                yield from _flattened(argument)
        case None:
            return
        case _:
            yield values


def _values(configuration: Configuration, block: Block, values: Term) -> Iterator[Extracted]:
    """The images in a chart's values that are written as YAML or as an object."""
    target = settled(values)
    if target is None or not isinstance(target.expression, Heredoc | Call | Object | List):
        return
    if isinstance(target.expression, List):
        for item in target.expression.items:
            yield from _values(configuration, block, target.beside(item))
        return
    found = rendered(target)
    if found and ("mage" in found.text or "tag" in found.text):
        for root in _documents(found):
            yield from _images_in_values(configuration, block, found, root)


def _images_in_values(
    configuration: Configuration, block: Block, found: Rendered, root: YamlMapping
) -> Iterator[Extracted]:
    images = _reader(configuration, found, block)
    yield from _relocated(configuration, found, images_in_values(images, root), block)


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
    tree: dict[str, object] = {}
    for name, value in settings:
        if _IMAGE_SETTING.fullmatch(name):
            _plant(tree, name.split("."), value)
    if tree:
        found = rendered_tree(cast("Tree", tree))
        for root in _documents(found):
            yield from _images_in_values(configuration, block, found, root)


def _plant(tree: dict[str, object], path: list[str], value: Term) -> None:
    for step in path[:-1]:
        nested = tree.setdefault(step, {})
        if not isinstance(nested, dict):
            return
        tree = nested
    tree.setdefault(path[-1], value)


# ---------------------------------------------------------------- deployment tools


def _argocd_application(configuration: Configuration, block: Block) -> Iterator[Extracted]:
    """https://registry.terraform.io/providers/argoproj-labs/argocd/latest/docs/resources/application."""
    for source in _nested(block, ("spec", "template", "source")):
        attributes = source.attributes
        repository, version = attributes.get("repo_url"), attributes.get("target_revision")
        if "chart" in attributes:
            type_, *_ = block.labels
            chart = attributes["chart"]
            text = configuration.string(repository)
            if text and "://" not in text and not text.startswith("git@"):
                yield from _oci_chart(configuration, f"{text}/{configuration.written(chart)}", version, source)
            else:
                yield from chart_row(configuration, chart, repository, version, source.span, type_)
        elif version:
            yield from _argocd_git(configuration, block, repository, version)
        for helm in _nested(source, ("helm",)):
            for values in _flattened(helm.attributes.get("values")):
                yield from _values(configuration, block, configuration.term(values))
            yield from _settings(configuration, block, _parameters(configuration, helm))


def _nested(block: Block, types: tuple[str, ...]) -> Iterator[Block]:
    """The innermost blocks on a path of which ``types`` are the parts."""
    for nested in block.blocks:
        if nested.type == types[-1]:
            yield nested
        elif nested.type in types:
            yield from _nested(nested, types)


def _oci_chart(
    configuration: Configuration, address: str, version: Expression | None, source: Block
) -> Iterator[Extracted]:
    place = Place(name=address, dep_type="argocd_application", within=source.span)
    yield configuration.constrained(version, image_package(address), place, versioning="helm")


def _argocd_git(
    configuration: Configuration, block: Block, repository: Expression | None, version: Expression
) -> Iterator[Extracted]:
    url, revision = configuration.string(repository), configuration.pieces(version)
    place = Place(name=configuration.written(repository), dep_type=block.labels[0], within=block.span)
    if url is None:
        yield configuration.unmanaged(UNKNOWN_SOURCE, place, at=version.span)
        return
    github = github_repository(url)
    package = github_package(github) if github else git_package(url)
    place = replace(place, name=package.name)
    if revision is None or not is_known(revision):
        reason = configuration.why_unknown(version)
        yield configuration.unmanaged(reason, place, at=version.span, datasource=package.datasource)
    else:
        whole = Span(0, sum(len(piece.text) for piece in revision))
        yield configuration.tagged(revision, whole, package, place)


def _parameters(configuration: Configuration, helm: Block) -> Iterator[tuple[str, Term]]:
    for parameter in helm.blocks:
        name, value = configuration.string(parameter.attributes.get("name")), parameter.attributes.get("value")
        if parameter.type == "parameter" and name and value:
            yield name, configuration.term(value)


def _flux(configuration: Configuration, block: Block) -> Iterator[Extracted]:
    """https://registry.terraform.io/providers/fluxcd/flux/latest/docs/resources/bootstrap_git."""
    if version := block.attributes.get("version"):
        place = Place(name="fluxcd/flux2", dep_type=block.labels[0], within=block.span)
        package = Package(datasource="github-releases", name="fluxcd/flux2")
        yield configuration.constrained(version, package, place, versioning=None)


def _workspace(configuration: Configuration, block: Block) -> Iterator[Extracted]:
    if version := block.attributes.get("terraform_version"):
        package = engine_package(opentofu=configuration.is_opentofu)
        place = Place(name=package.name, dep_type=block.labels[0], within=block.span)
        yield configuration.constrained(version, package, place)


def _ecs(configuration: Configuration, block: Block) -> Iterator[Extracted]:
    """The images in ``container_definitions``, which are JSON."""
    definitions = block.attributes.get("container_definitions")
    found = rendered(configuration.term(definitions)) if definitions else None
    if found is None:
        return
    wrapped = Rendered(f'{{"containers": {found.text}}}', tuple((at + 15, piece) for at, piece in found.sources))
    images = _reader(configuration, wrapped, block)
    for root in _documents(wrapped):
        yield from _relocated(configuration, wrapped, _manifest_images(images, root), block)


_RESOURCES: Mapping[str, Reader] = {
    "helm_release": _helm_release,
    "tfe_workspace": _workspace,
    "docker_image": _docker_image,
    "docker_container": _docker_container,
    "kubectl_manifest": _manifest_yaml("yaml_body"),
    "kubectl_server_version": _manifest_yaml(),
    "k8sconnect_object": _manifest_yaml("yaml_body"),
    "argocd_application": _argocd_application,
    "argocd_application_set": _argocd_application,
    "flux_bootstrap_git": _flux,
    "aws_ecs_task_definition": _ecs,
}
