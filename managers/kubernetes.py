"""Container images in Kubernetes manifests, whatever the file is called.

A document counts if it has `apiVersion` and `kind`; so does each item of a `List`:

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

Read are: the `image` of every container; any other `image` that has a tag or a digest, in built-in and custom
resources alike, also as a map of `repository` and `tag`; image volumes; environment variables with `IMAGE` in
their name; arguments with `image` in theirs; and fields with other names in some custom resources (`imageName`
of a CloudNativePG `Cluster`, `package` of a Crossplane `Provider`). `dep_type` is the kind of the object.

Left alone are custom resource definitions, secrets of every kind, and what other managers read: Argo CD
applications, Flux resources, kustomizations. A comment `# renovate: ignore` or `# updater: ignore` behind a
value keeps it as it is.
"""

import re
from collections.abc import Iterator

from managers._helm import image_map, is_image_map
from managers._images import ImageReader, is_versioned_image
from managers._manifests import extract_documents, objects
from managers._yaml import Document, Mapping, Node, Scalar, Sequence
from updater.api import Extracted, SourceFile

NAME = "kubernetes"
FILES: tuple[str, ...] = ("*.yaml", "*.yml")
MARKERS: tuple[str, ...] = ("image", "Image", "package:")
NARROWABLE = True

_NEVER = frozenset(
    (
        "CustomResourceDefinition",
        "Secret",
        "SealedSecret",
        "ExternalSecret",
        "ClusterExternalSecret",
        "PushSecret",
        "ClusterPushSecret",
        "SecretStore",
        "ClusterSecretStore",
    )
)
_CONTAINERS = frozenset(("containers", "initContainers", "ephemeralContainers"))
_OTHER_NAMES = {
    "Cluster": "imageName",  # https://cloudnative-pg.io/documentation/current/cloudnative-pg.v1/#clusterspec
    "postgresql": "dockerImage",  # https://postgres-operator.readthedocs.io/en/latest/reference/cluster_manifest/
    "Provider": "package",  # https://docs.crossplane.io/latest/packages/providers/
    "Configuration": "package",
    "Function": "package",
}
_AROUND = ("mage", "IMAGE", "package:", "apiVersion:", "kind:")
_FIELDS = frozenset(("image", "reference", "value", "args", "command", *_OTHER_NAMES.values()))
_IMAGE_ARGUMENT = re.compile(r"--?[\w.-]*?image[\w.-]*=", re.IGNORECASE)


def extract(file: SourceFile) -> Iterator[Extracted]:
    """The images of the workloads and custom resources in ``file``."""
    return extract_documents(file, manager=NAME, wanted=_is_wanted, read=_read, around=_AROUND)


def _is_wanted(document: Document) -> bool:
    if not document.mentions(*MARKERS):
        return False
    version, kind = document.field("apiVersion"), document.field("kind")
    if version is None or kind is None:
        return document.mentions("apiVersion") and document.mentions("kind")
    return not _is_foreign(version, kind)


def _is_foreign(version: str, kind: str) -> bool:
    group = version.partition("/")[0]
    is_application = group == "argoproj.io" and kind in ("Application", "ApplicationSet")
    return kind in _NEVER or is_application or group.endswith((".toolkit.fluxcd.io", "kustomize.config.k8s.io"))


def _read(file: SourceFile, root: Mapping) -> Iterator[Extracted]:
    fields = _FIELDS if "IMAGE" in file.text else _FIELDS - {"value"}
    for version, kind, item in objects(root):
        if _is_foreign(version, kind):
            continue
        reader = ImageReader(file=file, manager=NAME, dep_type=kind)
        for place, mapping, key, node in item.find(fields):
            yield from _images(reader, kind, place, mapping, key, node)


def _images(reader: ImageReader, kind: str, place: str, mapping: Mapping, key: str, node: Node) -> Iterator[Extracted]:
    """The images of one field of a ``mapping`` that stands under the key ``place``."""
    match node:
        case Mapping() if is_image_map(key, node):
            yield from image_map(reader, node)
        case Sequence() if key in ("args", "command"):
            yield from _arguments(reader, node)
        case Scalar() if _names_image(kind, place, mapping, key, node):
            yield reader.whole(node)


def _names_image(kind: str, place: str, mapping: Mapping, key: str, scalar: Scalar) -> bool:
    if key == "image" and (place in _CONTAINERS or scalar.is_templated):
        return scalar.has_text
    if key == "value":
        is_meant = place == "env" and "IMAGE" in (mapping.text("name") or "")
    elif key == "reference":
        is_meant = place == "image"
    else:
        is_meant = key == "image" or (place == "spec" and key == _OTHER_NAMES.get(kind))
    return is_meant and is_versioned_image(scalar.text)


def _arguments(reader: ImageReader, arguments: Sequence) -> Iterator[Extracted]:
    """``--some-image=repo:tag``."""
    for argument in arguments.scalars():
        flag = _IMAGE_ARGUMENT.match(argument.text)
        if flag and is_versioned_image(argument.text[flag.end() :]):
            yield reader.whole(argument, flag.end())
