"""Images, remote resources and Helm charts in kustomizations.

    apiVersion: kustomize.config.k8s.io/v1beta1
    kind: Kustomization
    resources:
      - https://github.com/acme/bases//web?ref=v2.1.0                            # acme/bases, v2.1.0
      - https://raw.githubusercontent.com/argoproj/argo-cd/v2.9.3/manifests/install.yaml
      - https://github.com/cert-manager/cert-manager/releases/download/v1.13.0/cert-manager.yaml
    images:
      - name: oauth2-proxy
        newName: quay.io/oauth2-proxy/oauth2-proxy
        newTag: v7.6.0                                                           # also with, or only, a digest
    helmCharts:
      - name: traefik
        repo: https://traefik.github.io/charts
        version: 30.0.2                                                          # and images in valuesInline
    patches:
      - patch: |
          - op: replace
            path: /spec/template/spec/containers/0/image
            value: envoyproxy/envoy:v1.31.0
    configMapGenerator:
      - name: jobs
        literals: [IMAGE=busybox:1.36.1]

Read are `kustomization.yaml`, `kustomization.yml` and `Kustomization`, whatever they contain, and any YAML file of
`kustomize.config.k8s.io` with kind `Kustomization` or `Component`; also the generators and transformers
`HelmChartInflationGenerator` and `ImageTagTransformer`. Everything that may be remote is read as `resources` are:
`bases`, `components`, `crds`, `generators`, `transformers`, paths of patches. Inline patches may be objects or
operations. `dep_type` is the kind of the file, or `HelmChart`.

Local paths, branches and commits are left alone, and so is an address that holds its version twice. Values files that
a chart names are read by `helm-values`.
"""

import posixpath
from collections.abc import Iterator

from managers._helm import chart_dependency, images_in_values
from managers._images import ImageReader, is_versioned_image
from managers._kustomize_patches import patched_images
from managers._kustomize_remote import remote_resources
from managers._manifests import extract_documents
from managers._yaml import Document, Mapping, Scalar
from updater.api import Extracted, SourceFile

NAME = "kustomize"
FILES: tuple[str, ...] = ("*.yaml", "*.yml", "Kustomization")
MARKERS: tuple[str, ...] = (
    *("kustomize.config.k8s.io/", "\nresources", "\nbases", "\ncomponents", "\nimages", "\nhelmChart", "\npatches"),
    *("\ncrds", "\ngenerators", "\ntransformers", "Generator", "Transformer", '"images"', '"resources"'),
)
FOREIGN: tuple[str, ...] = ()
NARROWABLE = False

_NAMES = ("kustomization.yaml", "kustomization.yml", "Kustomization")
_GROUP = "kustomize.config.k8s.io/"
_PLUGINS = "builtin"
_KINDS = ("Kustomization", "Component")


def extract(file: SourceFile) -> Iterator[Extracted]:
    """The images, remote resources and charts of the kustomization in ``file``."""
    wanted = _is_wanted if posixpath.basename(file.path) in _NAMES else _says_so
    return extract_documents(file, manager=NAME, wanted=wanted, read=_read)


def _is_wanted(document: Document) -> bool:
    """Whether a document in a file with the right name is a kustomization: it need not say so, or of which group."""
    version = document.field("apiVersion") or ""
    return "/" not in version or version.startswith(_GROUP)


def _says_so(document: Document) -> bool:
    version = document.field("apiVersion") or ""
    return version.startswith(_GROUP) or version == _PLUGINS


def _read(file: SourceFile, root: Mapping) -> Iterator[Extracted]:
    kind = root.text("kind") or "Kustomization"
    images = ImageReader(file=file, manager=NAME, dep_type=kind)
    if kind == "HelmChartInflationGenerator":
        yield from _chart(file, root)
    elif kind == "ImageTagTransformer":
        image = root.mapping("imageTag")
        yield from _image(images, image) if image else ()
    elif kind in _KINDS:
        yield from remote_resources(file, root, manager=NAME, dep_type=kind)
        yield from _images(images, root)
        yield from _charts(file, root)


def _images(images: ImageReader, root: Mapping) -> Iterator[Extracted]:
    for image in (*root.mappings("images"), *root.mappings("imageTags")):
        yield from _image(images, image)
    yield from patched_images(images, root)
    for generator in root.mappings("configMapGenerator"):
        yield from _literals(images, generator)


def _image(images: ImageReader, image: Mapping) -> Iterator[Extracted]:
    names = (image.scalar("newName"), image.scalar("name"))
    name = next((name for name in names if name and name.has_text), None)
    if name is None:
        return
    tag, digest = image.scalar("newTag"), image.scalar("digest")
    if tag is None and digest is None and name is names[0] and is_versioned_image(name.text):
        yield images.whole(name)
    else:
        yield images.in_parts(name.text, at=name, tag=tag, digest=digest, pinnable=digest is None)


def _literals(images: ImageReader, generator: Mapping) -> Iterator[Extracted]:
    """``WEB_IMAGE=repo:tag``."""
    for node in generator.elements("literals"):
        if isinstance(node, Scalar):
            key, _, image = node.text.partition("=")
            if key.lower().endswith("image") and is_versioned_image(image):
                yield images.whole(node, len(key) + 1)


# ---------------------------------------------------------------- charts


def _charts(file: SourceFile, root: Mapping) -> Iterator[Extracted]:
    for chart in (*root.mappings("helmCharts"), *root.mappings("helmChartInflationGenerator")):
        yield from _chart(file, chart)


def _chart(file: SourceFile, chart: Mapping) -> Iterator[Extracted]:
    """A chart, in the names of today or in those of the first version."""
    name = chart.scalar("name") or chart.scalar("chartName")
    if name is not None and name.has_text:
        yield chart_dependency(
            file,
            manager=NAME,
            name=name,
            repository=chart.text("repo") or chart.text("chartRepoUrl"),
            repository_at=chart.scalar("repo") or chart.scalar("chartRepoUrl"),
            version=chart.scalar("version") or chart.scalar("chartVersion"),
            dep_type="HelmChart",
        )
    values = chart.mapping("valuesInline")
    if values is not None:
        images = ImageReader(file=file, manager=NAME, dep_type="HelmChart")
        yield from images_in_values(images, values)
