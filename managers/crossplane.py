"""Packages of Crossplane: providers, configurations and functions; the Terraform that its workspaces run.

Read is the `package` of each object of the group `pkg.crossplane.io` that has one:

    apiVersion: pkg.crossplane.io/v1
    kind: Provider
    metadata:
      name: provider-aws-s3
    spec:
      package: xpkg.crossplane.io/crossplane-contrib/provider-aws-s3:v2.0.0   # …/provider-aws-s3, v2.0.0

and, in the `crossplane.yaml` of a package of your own, the packages it depends on, by version or by range:

    apiVersion: meta.pkg.crossplane.io/v1
    kind: Configuration
    spec:
      dependsOn:
        - provider: xpkg.upbound.io/upbound/provider-aws-ec2                  # …/provider-aws-ec2, >=v1.2.0
          version: ">=v1.2.0"

`dep_type` is the kind in small letters, or `dependsOn`. A package without a registry is looked up where Crossplane
finds it: at `xpkg.crossplane.io` if it is of `crossplane-contrib`, else at `xpkg.upbound.io`. Images in the other
kinds of the group are read as those of custom resources are.

A `Workspace` of the providers for Terraform and OpenTofu takes its module from a Git repository, which is moved along
its tags, or holds it (`source: Inline`), which is read as `*.tf` files are. `dep_type` is `module` there, or what it is
in Terraform.
"""

from collections.abc import Iterator

from msgspec import structs

from managers._git import revision
from managers._hcl import read
from managers._images import SCATTERED, TEMPLATED, ImageReader
from managers._kubernetes_images import fields, images
from managers._manifests import extract_documents, objects, owner, versionless
from managers._terraform import Configuration
from managers._terraform_blocks import block_rows, required_providers
from managers._terraform_directories import WANTED
from managers._terraform_source import GitSource, parse_source
from managers._yaml import Document, Mapping, Scalar
from updater.api import (
    Dependency,
    Extracted,
    Package,
    SourceFile,
    Span,
    dependency,
    image_package,
    parse_image,
    skipped,
)

NAME = "crossplane"
FILES: tuple[str, ...] = ("*.yaml", "*.yml")
_PACKAGE_GROUP = "pkg.crossplane.io"
_WORKSPACES = ("tf.upbound.io", "tf.m.upbound.io", "tf.crossplane.io", "opentofu.upbound.io", "opentofu.m.upbound.io")
MARKERS: tuple[str, ...] = (_PACKAGE_GROUP, *_WORKSPACES)
FOREIGN: tuple[str, ...] = ()
NARROWABLE = True

_PACKAGES = ("Provider", "Configuration", "Function")


def extract(file: SourceFile) -> Iterator[Extracted]:
    """The packages that the objects in ``file`` install or depend on."""
    return extract_documents(file, manager=NAME, wanted=_is_wanted, read=_read)


def _is_wanted(document: Document) -> bool:
    return document.mentions(*MARKERS)


def _read(file: SourceFile, root: Mapping) -> Iterator[Extracted]:
    for version, kind, item in objects(root):
        if kind == "Workspace" and version.partition("/")[0] in _WORKSPACES:
            yield from _workspace(file, item)
        if owner(version, kind) != NAME:
            continue
        spec = item.mapping("spec")
        if spec and version.startswith("meta."):
            for needed in spec.mappings("dependsOn"):
                yield from _needed(file, needed)
        elif spec and kind in _PACKAGES:
            yield from _package(file, kind, spec)
        yield from images(ImageReader(file=file, manager=NAME, dep_type=kind.lower()), item, fields(file.text))


def _workspace(file: SourceFile, item: Mapping) -> Iterator[Extracted]:
    """https://github.com/upbound/provider-terraform/blob/main/README.md."""
    parameters = item.mapping("spec", "forProvider")
    module = parameters.scalar("module") if parameters else None
    if parameters is None or module is None or not module.has_text:
        return
    if parameters.text("source") == "Inline":
        if module.is_literal:
            start, end = module.where
            document = read(file.text, WANTED, within=Span(file.text.index("\n", start), end))
            configuration = Configuration.alone(NAME, file, document)
            yield from required_providers(configuration)
            for block in document.blocks:
                yield from block_rows(configuration, block)
        return
    source = parse_source(module.text)
    ref = source.ref if isinstance(source, GitSource) else None
    if module.span is None or not isinstance(source, GitSource) or ref is None:
        reason = SCATTERED if module.span is None else "no version"
        package = source.package if isinstance(source, GitSource) else None
        yield skipped(
            file,
            manager=NAME,
            reason=reason,
            at=module.span or module.where,
            name=package.name if package else module.text[:200],
            datasource=package.datasource if package else None,
            dep_type="module",
        )
        return
    at = Span(module.span.start + ref.start, module.span.start + ref.end)
    yield revision(file, manager=NAME, name=source.package.name, package=source.package, at=at, dep_type="module")


def _package(file: SourceFile, kind: str, spec: Mapping) -> Iterator[Extracted]:
    package = spec.scalar("package")
    if package and package.has_text:
        found = ImageReader(file=file, manager=NAME, dep_type=kind.lower()).whole(package)
        yield structs.replace(found, package=_located(found.name)) if isinstance(found, Dependency) else found


def _needed(file: SourceFile, needed: Mapping) -> Iterator[Extracted]:
    """One of ``dependsOn``, with constraints as Helm has them (https://docs.crossplane.io/latest/packages/configurations/)."""
    keys = ("package", *(kind.lower() for kind in _PACKAGES))
    name = next((scalar for key in keys if (scalar := needed.scalar(key)) and scalar.has_text), None)
    version = needed.scalar("version")
    if name is None:
        return
    if version is None or not version.has_text:
        yield versionless(file, name, manager=NAME, reason="no version", datasource="docker", dep_type="dependsOn")
        return
    reason = _why_unmanageable(name, version)
    if reason is None and version.span is not None:
        yield dependency(
            file,
            manager=NAME,
            name=name.text,
            package=_located(name.text),
            value=version.span,
            versioning="helm",
            dep_type="dependsOn",
        )
    else:
        yield skipped(
            file,
            manager=NAME,
            reason=reason or SCATTERED,
            at=version.span or version.where,
            name=name.text,
            datasource="docker",
            dep_type="dependsOn",
        )


def _why_unmanageable(name: Scalar, version: Scalar) -> str | None:
    if name.is_templated or version.is_templated:
        return TEMPLATED
    if parse_image(name.text) is None:
        return "not an image reference"
    return None if any(map(str.isdigit, version.text)) else "not version-like"


def _located(name: str) -> Package:
    """The lookup key of a package whose name may lack the registry.

    Crossplane's default was Docker Hub up to 1.14, ``xpkg.upbound.io`` up to 1.19 and ``xpkg.crossplane.io`` in 1.20;
    since 2.0 there is none (https://docs.crossplane.io/latest/packages/providers/). The one of 1.20 has the packages of
    ``crossplane-contrib`` only, the one before has all.
    """
    first, _, rest = name.partition("/")
    if "." in first or ":" in first or first == "localhost" or not rest:
        return image_package(name)
    registry = "xpkg.crossplane.io" if first == "crossplane-contrib" else "xpkg.upbound.io"
    return image_package(f"{registry}/{name}")
