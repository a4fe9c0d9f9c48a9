"""Which resources and data sources of Terraform hold versions, and what they deploy."""

from collections.abc import Callable, Iterator, Mapping

from msgspec import structs

from managers._composed import text_of
from managers._git import git_file
from managers._hcl import Block, Expression, List, Object
from managers._terraform import Configuration, Place, engine_package
from managers._terraform_arguments import listed_nowhere, named_arguments
from managers._terraform_charts import argocd_application, helm_release
from managers._terraform_scope import Rendered, is_known, rendered
from managers._terraform_yaml import CONTAINERS, charts, images_of_containers, read_manifest, read_yaml
from updater.api import Dependency, Extracted, Package

_WITH_CONTAINERS = ("kubernetes_", "docker_service", "google_cloud_run_", "azurerm_container_")
_LISTED_NOWHERE: Mapping[str, tuple[str, ...]] = {
    "aws_eks_addon": ("addon_version",),
    "aws_eks_cluster": ("version",),
    "aws_eks_node_group": ("version", "release_version"),
    "google_container_cluster": ("min_master_version",),
    "google_container_node_pool": ("version",),
    "azurerm_kubernetes_cluster": ("kubernetes_version",),
    "digitalocean_kubernetes_cluster": ("version",),
    "aws_db_instance": ("engine_version",),
    "aws_docdb_cluster": ("engine_version",),
    "aws_elasticache_cluster": ("engine_version",),
    "aws_elasticache_replication_group": ("engine_version",),
    "aws_elasticsearch_domain": ("elasticsearch_version",),
    "aws_memorydb_cluster": ("engine_version",),
    "aws_mq_broker": ("engine_version",),
    "aws_msk_cluster": ("kafka_version",),
    "aws_opensearch_domain": ("engine_version",),
    "aws_rds_cluster": ("engine_version",),
    "aws_rds_cluster_instance": ("engine_version",),
    "azurerm_kubernetes_cluster_node_pool": ("orchestrator_version",),
    "azurerm_mysql_flexible_server": ("version",),
    "azurerm_postgresql_flexible_server": ("version",),
    "digitalocean_database_cluster": ("version",),
    "google_redis_instance": ("redis_version",),
    "google_sql_database_instance": ("database_version",),
}
"""Versions of managed services, by resource; no registry without an account lists them."""

_TALOS: Mapping[str, str] = {"talos_version": "siderolabs/talos", "kubernetes_version": "kubernetes/kubernetes"}

Reader = Callable[[Configuration, Block], Iterator[Extracted]]


def read_resource(configuration: Configuration, block: Block) -> Iterator[Extracted]:
    """The versions in a ``resource`` block."""
    type_ = block.labels[0] if block.labels else ""
    if reader := _RESOURCES.get(type_):
        yield from reader(configuration, block)
    elif type_ in _LISTED_NOWHERE:
        yield from _listed_nowhere(configuration, block)
    elif type_.startswith(_WITH_CONTAINERS):
        yield from _containers(configuration, block)
    elif type_.startswith("talos_"):
        yield from _talos(configuration, block)
    else:
        yield from named_arguments(configuration, block)


def read_data(configuration: Configuration, block: Block) -> Iterator[Extracted]:
    """The versions in a ``data`` block."""
    type_ = block.labels[0] if block.labels else ""
    if type_ == "helm_template":
        yield from helm_release(configuration, block)
    elif type_.startswith("talos_"):
        yield from _talos(configuration, block)
    elif type_ in ("docker_image", "docker_registry_image") and (name := block.attributes.get("name")):
        yield from _image(configuration, name, type_)
    elif type_ == "http" and (url := block.attributes.get("url")):
        yield from _downloaded(configuration, url)


def _downloaded(configuration: Configuration, url: Expression) -> Iterator[Extracted]:
    """A file at a forge, such as manifests to apply."""
    address = configuration.pieces(url)
    found = git_file(text_of(address)) if address and is_known(address) else None
    if address and found:
        package, version = found
        place = Place(name=package.name, dep_type="http", within=url.span)
        yield configuration.tagged(address, version, package, place)


def _listed_nowhere(configuration: Configuration, block: Block) -> Iterator[Extracted]:
    type_, *_ = block.labels
    name = configuration.string(block.attributes.get("addon_name")) or type_
    place = Place(name=name, dep_type=type_, within=block.span)
    yield from listed_nowhere(configuration, block.attributes, _LISTED_NOWHERE[type_], place)


# ---------------------------------------------------------------- images


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
    """An image, unless the expression says that it is read elsewhere in the configuration."""
    text = configuration.text(image.span).removeprefix("${")
    if not text.startswith(("docker_image.", "data.docker_")):
        yield from configuration.image(image, dep_type)


def _containers(configuration: Configuration, block: Block) -> Iterator[Extracted]:
    """The images of containers, and the charts in an object of Argo CD."""
    for image in _container_images(block):
        yield from _image(configuration, image, block.labels[0])
    manifest = block.attributes.get("manifest")
    if isinstance(manifest, Object):
        found = rendered(configuration.term(manifest)) if "chart" in configuration.text(manifest.span) else None
        yield from read_yaml(configuration, block, found, charts) if found else ()
    elif manifest:
        yield from read_manifest(configuration, block, manifest)


def _container_images(block: Block, name: str = "") -> Iterator[Expression]:
    """The ``image`` of every container at any depth, in blocks and in the objects of a ``kubernetes_manifest``.

    ``name`` is what the block is, which in ``dynamic "container" { content { … } }`` its type does not say.
    """
    if name in CONTAINERS and "image" in block.attributes:
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
            if key in CONTAINERS and isinstance(item, Object) and "image" in item.entries:
                yield item.entries["image"]
            yield from _listed_images(key, item)


def _containers_in(argument: str, head: str) -> Reader:
    """A reader of a resource that has containers as JSON in one argument, in which they stand behind ``head``."""

    def read(configuration: Configuration, block: Block) -> Iterator[Extracted]:
        definitions = block.attributes.get(argument)
        found = rendered(configuration.term(definitions)) if definitions else None
        if found:
            sources = tuple((start + len(head), piece) for start, piece in found.sources)
            yield from read_yaml(configuration, block, Rendered(f"{head}{found.text}}}", sources), images_of_containers)

    return read


# ---------------------------------------------------------------- manifests and tools


def _manifest_in(argument: str) -> Reader:
    """A reader of a resource that has Kubernetes objects as YAML in one argument."""

    def read(configuration: Configuration, block: Block) -> Iterator[Extracted]:
        manifest = block.attributes.get(argument)
        return read_manifest(configuration, block, manifest) if manifest else iter(())

    return read


def _flux(configuration: Configuration, block: Block) -> Iterator[Extracted]:
    """https://registry.terraform.io/providers/fluxcd/flux/latest/docs/resources/bootstrap_git."""
    if version := block.attributes.get("version"):
        place = Place(name="fluxcd/flux2", dep_type=block.labels[0], within=block.span)
        package = Package(datasource="github-releases", name="fluxcd/flux2")
        yield configuration.constrained(version, package, place, versioning=None)


def _talos(configuration: Configuration, block: Block) -> Iterator[Extracted]:
    """https://registry.terraform.io/providers/siderolabs/talos/latest/docs/data-sources/machine_configuration."""
    for argument, name in _TALOS.items():
        if version := block.attributes.get(argument):
            place = Place(name=name, dep_type=block.labels[0], within=version.span)
            package = Package(datasource="github-releases", name=name)
            row = configuration.constrained(version, package, place, versioning=None)
            is_bare = isinstance(row, Dependency) and not (row.current_value or "").startswith("v")
            yield (
                structs.replace(row, extract_version="^v(?P<version>.+)$")
                if isinstance(row, Dependency) and is_bare
                else row
            )


def _workspace(configuration: Configuration, block: Block) -> Iterator[Extracted]:
    if version := block.attributes.get("terraform_version"):
        package = engine_package(opentofu=configuration.is_opentofu)
        place = Place(name=package.name, dep_type=block.labels[0], within=block.span)
        yield configuration.constrained(version, package, place)


_RESOURCES: Mapping[str, Reader] = {
    "helm_release": helm_release,
    "tfe_workspace": _workspace,
    "docker_image": _docker_image,
    "docker_container": _docker_container,
    "kubectl_manifest": _manifest_in("yaml_body"),
    "k8sconnect_object": _manifest_in("yaml_body"),
    "argocd_application": argocd_application,
    "argocd_application_set": argocd_application,
    "flux_bootstrap_git": _flux,
    "aws_ecs_task_definition": _containers_in("container_definitions", '{"containers": '),
    "aws_batch_job_definition": _containers_in("container_properties", '{"container": '),
}
