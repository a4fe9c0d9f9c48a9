"""Container images in Helm values files.

Files are recognised by name: `values.yaml`, `values-prod.yaml`, `values_prod.yaml`, `values.prod.yaml`,
`prod-values.yaml`, `prod.values.yaml`, and the same with `.yml`. In them, an image is written in one of these
ways, at any depth:

    image:
      registry: quay.io
      repository: acme/web        # also name, repo
      tag: "2.4.1"                # quay.io/acme/web, 2.4.1; also version
      digest: ""                  # moved together with the tag if there is one
    sidecar:
      image: envoyproxy/envoy:v1.31.0
    proxyImage: nginx
    proxyImageTag: "1.27.2"
    images:
      migrate: ghcr.io/acme/migrate:1.9.0

The text counts, not its YAML type: `tag: 1.10` is 1.10. A tag that is empty is the chart's decision, and one whose
repository stands in the chart cannot be looked up: both are listed, not updated.
"""

from collections.abc import Iterator

from managers._helm import images_in_values
from managers._images import ImageReader
from managers._manifests import extract_documents
from managers._yaml import Document, Mapping
from updater.api import Extracted, SourceFile

NAME = "helm-values"
FILES: tuple[str, ...] = tuple(
    f"{stem}.{extension}"
    for stem in ("values", "values-*", "values_*", "values.*", "*-values", "*_values", "*.values")
    for extension in ("yaml", "yml")
)
MARKERS: tuple[str, ...] = ("image", "Image", "repository")
NARROWABLE = False


def extract(file: SourceFile) -> Iterator[Extracted]:
    """The images that the values in ``file`` set."""
    return extract_documents(file, manager=NAME, wanted=_is_wanted, read=_read)


def _is_wanted(document: Document) -> bool:
    is_object = document.field("apiVersion") and document.field("kind")
    return document.mentions(*MARKERS) and not is_object


def _read(file: SourceFile, root: Mapping) -> Iterator[Extracted]:
    return images_in_values(ImageReader(file=file, manager=NAME), root)
