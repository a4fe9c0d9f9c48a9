"""Talos Linux and Kubernetes in machine configurations of Talos, in patches of them, and in the files of talhelper.

    version: v1alpha1
    machine:
      install:
        image: factory.talos.dev/installer/376567988ad370138ad8b2698212367b8edcb69b5fd68c80be1f2ec7d603b4ba:v1.8.3
      kubelet:
        image: ghcr.io/siderolabs/kubelet:v1.31.2
    cluster:
      apiServer:
        image: registry.k8s.io/kube-apiserver:v1.31.2
      extraManifests:
        - https://github.com/kubernetes-sigs/gateway-api/releases/download/v1.2.0/standard-install.yaml

and, in `talconfig.yaml`, whose `patches` are read as well, and in `talenv.yaml`:

    talosVersion: v1.8.3                         # ghcr.io/siderolabs/installer
    kubernetesVersion: v1.31.2                   # ghcr.io/siderolabs/kubelet

What an image factory builds is looked up as `ghcr.io/siderolabs/installer`, which has the same versions; the factory
lists none. The id of its schematic may be a template or a variable, and files called `….yaml.j2` may have statements
of Jinja between their lines. `dep_type` is `image`, `manifest` or `version`.
"""

import re
from collections.abc import Iterator

from managers._git import git_file, why_not_a_tag
from managers._images import is_versioned_image
from managers._manifests import settled
from managers._yaml import Document, documents_in
from updater.api import Extracted, SourceFile, Span, dependency, image_dependency, image_package, skipped

NAME = "talos"
FILES: tuple[str, ...] = ("*.yaml", "*.yml", "*.yaml.j2", "*.yml.j2")
MARKERS: tuple[str, ...] = ("machine:", "cluster:", "talosVersion:", "/machine/")
FOREIGN: tuple[str, ...] = ()
NARROWABLE = True

_INSTALLER = "ghcr.io/siderolabs/installer"
_VERSIONS = {"talosVersion": _INSTALLER, "kubernetesVersion": "ghcr.io/siderolabs/kubelet"}

_CONFIGURATION = re.compile(
    r"""
    (?:^|(?<=\ufeff)) version:[ ]v1alpha1\b
    | (?:^|(?<=\ufeff)) [ -]*+path:[ ]/machine/install/image\b
    | (?:^|(?<=\ufeff)) [ ]*+(?:machine|cluster):[ \r]*+(?:\#.*)?\n
      (?: [ ]*+ (?:[\#{].*|\r?) \n )*+                       # comments, statements of Jinja
      [ ]++(?:install|kubelet|features|sysctls|registries|kernel|nodeLabels|udev|systemDiskEncryption
        |apiServer|controllerManager|scheduler|proxy|etcd|coreDNS|discovery|extraManifests|inlineManifests
        |externalCloudProvider|allowSchedulingOnControlPlanes|allowSchedulingOnMasters|aggregatorCA):
    """,
    re.MULTILINE | re.VERBOSE,
)
"""How a machine configuration, or a part of one, shows (https://www.talos.dev/latest/reference/configuration)."""

_FROM_FACTORY = re.compile(
    r"factory\.[\w.-]++/[\w-]*installer[\w-]*+/(?:[0-9a-f]{64}|\{\{[^{}\n]*+\}\}|\$\{[^{}\n]*+\}):(?P<version>v?\d[\w.+-]*+)"
)
_IMAGE = re.compile(r"""^[ ]*+image:[ ]*+["']?(?P<image>[^\s"'\#{}]++)["']?[ \r]*+(?:\#.*)?$""", re.MULTILINE)
_ADDRESS = re.compile(r"""^[ ]*+-[ ]++["']?(?P<address>https://[^\s"'\#]++)""", re.MULTILINE)
_VERSION = re.compile(
    r"""(?:^|(?<=\ufeff))[ ]*+(?P<key>talosVersion|kubernetesVersion):[ ]*+"""
    r"""["']?(?P<version>v?\d++(?:\.\d++)++[\w.+-]*+)["']?[ \r]*+(?:\#.*)?$""",
    re.MULTILINE,
)


def extract(file: SourceFile) -> Iterator[Extracted]:
    """The versions in the documents of ``file`` that belong to Talos and are no Kubernetes objects."""
    chosen = (each for each in documents_in(file) if not (each.field("apiVersion") and each.field("kind")))
    return settled(item for document in chosen for item in _found(file, document))


def _found(file: SourceFile, document: Document) -> Iterator[Extracted]:
    within = document.start, document.end
    if document.mentions("talosVersion:"):
        for version in _VERSION.finditer(file.text, *within):
            yield _of_image(file, _VERSIONS[version["key"]], Span(*version.span("version")), "version")
    if not document.mentions("talosVersion:") and _CONFIGURATION.search(file.text, *within) is None:
        return
    for image in _FROM_FACTORY.finditer(file.text, *within):
        yield _of_image(file, _INSTALLER, Span(*image.span("version")), "image")
    for image in _IMAGE.finditer(file.text, *within):
        if is_versioned_image(image["image"]) and not _FROM_FACTORY.match(image["image"]):
            yield image_dependency(file, manager=NAME, span=Span(*image.span("image")), dep_type="image")
    for address in _ADDRESS.finditer(file.text, *within):
        yield from _manifest(file, Span(*address.span("address")))


def _of_image(file: SourceFile, name: str, version: Span, dep_type: str) -> Extracted:
    """The ``version`` of an image whose name does not stand beside it, or not as it is looked up."""
    is_bare = not file.text.startswith("v", version.start)
    return dependency(
        file,
        manager=NAME,
        name=name,
        package=image_package(name),
        value=version,
        extract_version="^v(?P<version>.+)$" if is_bare else None,
        dep_type=dep_type,
    )


def _manifest(file: SourceFile, address: Span) -> Iterator[Extracted]:
    """Manifests at a forge; of an address elsewhere nothing is known."""
    text = file.text[address.start : address.end]
    found = git_file(text)
    if found is None:
        return
    package, (start, end) = found
    at = Span(address.start + start, address.start + end)
    is_repeated = package.datasource == "github-releases" and text[start:end].lstrip("v") in text[end:]
    reason = "the address holds the version twice" if is_repeated else why_not_a_tag(text[start:end])
    if reason is None:
        yield dependency(file, manager=NAME, name=package.name, package=package, value=at, dep_type="manifest")
    else:
        yield skipped(
            file,
            manager=NAME,
            reason=reason,
            at=at,
            name=package.name,
            datasource=package.datasource,
            dep_type="manifest",
        )
