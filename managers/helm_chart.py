"""The charts that a Helm chart depends on: `dependencies` in `Chart.yaml`.

    apiVersion: v2
    name: shop
    version: 1.4.0
    dependencies:
      - name: postgresql
        version: 15.5.38                             # a version or a range: ~15.5.0, ^15, 15.*
        repository: https://charts.bitnami.com/bitnami
      - name: redis
        version: 19.6.4
        repository: oci://registry-1.docker.io/bitnamicharts
    annotations:
      artifacthub.io/images: |
        - name: web
          image: ghcr.io/acme/web:2.4.1

A repository at `https://` is asked for its index, an `oci://` one as image registries are. `@stable` and `@incubator`
are the archives of the old charts; what `@acme` or `alias:acme` is, `registryAliases` says:
`{"acme": "https://charts.acme.example"}`. Charts beside this one (`file://`), and those of an alias that is not known,
are listed, but not updated. The chart's own `version` and its `kubeVersion` are its author's business; `appVersion` is
read together with the chart's `values.yaml`, see `helm-values`. `dep_type` is `annotation` for the images listed for
Artifact Hub, or under `images` as Bitnami does.

`Chart.lock` is read by `helm-lock`, `requirements.yaml` of charts for Helm 2 by `helm-requirements`.
"""

import re
from collections.abc import Iterator

from managers._helm import chart_dependency
from managers._manifests import extract_documents
from managers._yaml import Document, Mapping
from updater.api import Extracted, SourceFile, Span, image_dependency, parse_image

NAME = "helmv3"
FILES: tuple[str, ...] = ("Chart.yaml", "Chart.yml")
MARKERS: tuple[str, ...] = ("dependencies", "images: |", "artifacthub.io/images")
FOREIGN: tuple[str, ...] = ()
NARROWABLE = False

_LISTS = ("artifacthub.io/images", "images")
_LISTED_IMAGE = re.compile(r"""^[ \t-]*+image:[ \t]++["']?+(?P<image>(?:\{\{[^{}\n]*+\}\}|[^\s"'#])++)""", re.MULTILINE)


def extract(file: SourceFile) -> Iterator[Extracted]:
    """The dependencies of the chart that ``file`` describes, and the images that it lists."""
    return extract_documents(file, manager=NAME, wanted=_is_wanted, read=_read)


def _is_wanted(document: Document) -> bool:
    return document.mentions(*MARKERS)


def _read(file: SourceFile, root: Mapping) -> Iterator[Extracted]:
    for chart in root.mappings("dependencies"):
        name = chart.scalar("name")
        if name is not None and name.has_text:
            yield chart_dependency(
                file,
                manager=NAME,
                name=name,
                repository=chart.text("repository"),
                repository_at=chart.scalar("repository"),
                version=chart.scalar("version"),
            )
    annotations = root.mapping("annotations")
    if annotations is not None:
        yield from _listed_images(file, annotations)


def _listed_images(file: SourceFile, annotations: Mapping) -> Iterator[Extracted]:
    """The images in the text of an annotation (https://artifacthub.io/docs/topics/annotations/helm/)."""
    listed = [annotations.scalar(key) for key in _LISTS]
    for match in (match for text in listed if text for match in _LISTED_IMAGE.finditer(file.text, *text.where)):
        if "{{" in match["image"] or parse_image(match["image"]) is not None:
            span = Span(*match.span("image"))
            yield image_dependency(file, manager=NAME, span=span, dep_type="annotation")
