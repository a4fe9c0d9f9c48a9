"""Container images, and replaced API versions, in Kubernetes manifests, whatever the file is called.

A document of YAML or JSON counts if it has `apiVersion` and `kind`; so does each item of a `List`:

    apiVersion: apps/v1
    kind: Deployment
    spec:
      template:
        spec:
          containers:
            - name: web
              image: ghcr.io/acme/web:2.4.1            # ghcr.io/acme/web, 2.4.1
              args: ["--sidecar-image=busybox:1.36.1"] # busybox, 1.36.1
              env:
                - name: RELATED_IMAGE_PROXY
                  value: envoyproxy/envoy:v1.31.0      # envoyproxy/envoy, v1.31.0

Read are: the `image` of every container; any field of any object whose name ends in `image`, `imageName` or `images`
and that has a tag or a digest, also as a map of `repository` and `tag`; image volumes; parameters and environment
variables with `image` in their name, and arguments; versions of custom resources that do not name their image
(`version` of a `Prometheus`, a `Kibana` or a Cluster API `MachineDeployment`; the table is in
`_kubernetes_catalogue.py`); charts of k3s, Crossplane and Cluster API; and in config maps, fields with `image` in their
name and what stands in manifests, Helm values (`values.yaml: |`) and other YAML or JSON that names images. In a
`Template` of OpenShift a parameter (`${IMAGE}:${TAG}`) is followed to its value, and updated there.
`dep_type` is the kind of the object.

An `apiVersion` that a newer one of its group has replaced (`policy/v1beta1`) is a dependency of the datasource
`kubernetes-api`. One that was removed, and whose successor has another schema, is listed.

Left alone are custom resource definitions, secrets of every kind, and what other managers read: Argo CD
applications, Flux, Tekton and Crossplane resources, kustomizations. What Keel updates is listed as its own.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from managers import _kubernetes_api, _kubernetes_catalogue
from managers._helm import images_in_values
from managers._image_lines import NOT_PLAIN, image_lines, salvaged
from managers._images import ImageReader, is_versioned_image
from managers._kubernetes_images import AROUND, elsewhere, fields, has_lists, images
from managers._manifests import extract_documents, flux_header, objects, owner
from managers._yaml import MARKERS as DOCUMENT_MARKERS
from managers._yaml import Document, Mapping, Scalar, documents_in
from updater.api import Dependency, Extracted, SourceFile, Span, image_dependency

_IMAGE_MARKERS = ("image", "Image", "IMAGE", "repository", "docker://", "oci://")

NAME = "kubernetes"
FILES: tuple[str, ...] = ("*.yaml", "*.yml", "*.json")
MARKERS: tuple[str, ...] = (
    *_IMAGE_MARKERS,
    *_kubernetes_api.MARKERS,
    *_kubernetes_catalogue.MARKERS,
)
FOREIGN: tuple[str, ...] = ()
NARROWABLE = True

_KEEL = "keel.sh/policy"
WORDS: tuple[str, ...] = (_KEEL, *NOT_PLAIN, *DOCUMENT_MARKERS)
_TEMPLATE = "Template"
_MANIFEST_IN_JSON = (re.compile(r'"apiVersion"\s*+:\s*+"'), re.compile(r'"kind"\s*+:\s*+"'))
_NAMES_IMAGE = re.compile(r"""(?:^|[\s{,"])image"?[ \t]*+:[ \t]""")
_SEPARATOR = re.compile(r"^[ \t]*+---[ \t\r]*+$", re.MULTILINE)


def extract(file: SourceFile) -> Iterator[Extracted]:
    """The images and versions of the objects in ``file``."""
    if flux_header(file):
        return iter(())
    is_json = file.path.endswith(".json") or file.text.startswith(("{\n", '{"'))
    if is_json and not all(pattern.search(file.text) for pattern in _MANIFEST_IN_JSON):
        return iter(())
    wholly = {document: needed for document in documents_in(file) if (needed := _is_needed_whole(document)) is not None}
    if not wholly:
        return iter(())
    hosts = elsewhere(file.text)
    is_parsed_whole = is_json or any(wholly.values()) or (file.mentions("IMAGE") and has_lists(file.text))
    if not is_parsed_whole and not hosts and (found := _simple(file, wholly)) is not None:
        return iter(found)
    around = () if is_parsed_whole else ("apiVersion:", "kind:", *AROUND, *hosts)
    return extract_documents(
        file, manager=NAME, wanted=wholly.__contains__, read=_read, around=around, salvage=_salvage
    )


def _simple(file: SourceFile, wanted: Iterable[Document]) -> Sequence[Extracted] | None:
    """All that stands in the documents, if images are all that matters in them and are written in the simplest way."""
    found: list[Extracted] = []
    for document in wanted:
        version, kind = document.field("apiVersion") or "", document.field("kind") or ""
        is_special = kind == "ConfigMap" or _kubernetes_api.is_replaced(version, kind)
        spans = None if is_special else image_lines(document.text[document.start : document.end], file.absent)
        if spans is None:
            return None
        places = (Span(start + document.start, end + document.start) for start, end in spans)
        found += (image_dependency(file, manager=NAME, span=place, dep_type=kind) for place in places)
    return found if all(isinstance(item, Dependency) for item in found) else None


def _is_needed_whole(document: Document) -> bool | None:
    """Whether more of a document may matter than what stands around images; None if nothing of it does."""
    version, kind = document.field("apiVersion"), document.field("kind")
    if version is None or kind is None:
        is_manifest = document.mentions("apiVersion") and document.mentions("kind")
        return True if is_manifest and document.mentions(*MARKERS) else None
    if kind.endswith("List"):
        return True if document.mentions(*MARKERS) else None
    if _kubernetes_catalogue.is_listed(version, kind):
        return True
    if owner(version, kind) == NAME and document.mentions(*_IMAGE_MARKERS):
        return _holds_yaml(document) if kind == "ConfigMap" else kind == _TEMPLATE or document.mentions(_KEEL)
    return False if _kubernetes_api.is_replaced(version, kind) else None


def _salvage(file: SourceFile, document: Document) -> Iterable[Extracted]:
    return salvaged(file, document, NAME)


def _read(file: SourceFile, root: Mapping) -> Iterator[Extracted]:
    has_policies = _KEEL in file.text
    for version, kind, item in objects(root):
        if _kubernetes_api.is_replaced(version, kind):
            yield from _kubernetes_api.replaced_version(file, item, manager=NAME, version=version, kind=kind)
        if owner(version, kind) == NAME:
            found = _in_object(file, version, kind, item)
            yield from _given_to_keel(found) if has_policies and _is_kept_by_keel(item) else found


def _in_object(file: SourceFile, version: str, kind: str, item: Mapping) -> Iterable[Extracted]:
    reader = ImageReader(file=file, manager=NAME, dep_type=kind)
    if kind == "ConfigMap":
        return _in_config_map(reader, item)
    found = images(reader, item, fields(file.text))
    if kind == _TEMPLATE:
        from managers import _openshift  # few repositories have such templates

        return _openshift.with_parameters(reader, item, found)
    if _kubernetes_catalogue.is_listed(version, kind):
        return chain(found, _kubernetes_catalogue.catalogued(reader, item, version, kind))
    return found


def _given_to_keel(found: Iterable[Extracted]) -> Iterator[Extracted]:
    return (item.unmanaged("owned by Keel") if isinstance(item, Dependency) else item for item in found)


def _is_kept_by_keel(item: Mapping) -> bool:
    """https://keel.sh/docs/#policies; both annotations and labels count."""
    places = (item.mapping("metadata", key) for key in ("annotations", "labels"))
    policies = (place.text(_KEEL) for place in places if place)
    return any(policy and policy != "never" for policy in policies)


# ---------------------------------------------------------------- config maps


def _in_config_map(reader: ImageReader, item: Mapping) -> Iterator[Extracted]:
    """Images in the data of a ``ConfigMap``: under keys that name them, and in YAML."""
    data = item.mapping("data")
    for key, node in data.items() if data else ():
        if not isinstance(node, Scalar):
            continue
        if "image" in key.lower() and is_versioned_image(node.text):
            yield reader.whole(node)
        elif key.endswith((".yaml", ".yml")) or (_is_data(key) and _NAMES_IMAGE.search(node.text)):
            yield from _embedded(reader, node)


def _holds_yaml(document: Document) -> bool:
    is_about_images = _NAMES_IMAGE.search(document.text, document.start, document.end)
    return document.mentions(".yaml", ".yml") or is_about_images is not None


def _is_data(key: str) -> bool:
    """Whether a file of that name may hold YAML or JSON."""
    return "." not in key or key.endswith(".json")


def _embedded(reader: ImageReader, block: Scalar) -> Iterator[Extracted]:
    """The images in manifests or Helm values in a literal block; what has no version there is of no interest."""
    for document in _documents(block):
        root = document.root if document.mentions(*_IMAGE_MARKERS) else None
        if root is not None:
            yield from (found for found in _in_embedded(reader, root) if isinstance(found, Dependency))


def _in_embedded(reader: ImageReader, root: Mapping) -> Iterator[Extracted]:
    manifests = list(objects(root))
    for version, kind, item in manifests:
        if owner(version, kind) == NAME:
            yield from images(reader, item, fields(reader.file.text))
    if not manifests:
        yield from images_in_values(reader, root)


def _documents(block: Scalar) -> Iterator[Document]:
    whole = block.embedded()
    if whole is None:
        return
    start = whole.start
    for separator in _SEPARATOR.finditer(whole.text, whole.start, whole.end):
        yield Document(whole.text, start, separator.start())
        start = separator.end()
    yield Document(whole.text, start, whole.end)
