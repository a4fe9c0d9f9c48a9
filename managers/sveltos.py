"""Helm charts, and the images in their values, that Sveltos deploys.

Read are `ClusterProfile`, `Profile`, `ClusterPromotion` and `EventTrigger`, whatever the file is called:

    apiVersion: config.projectsveltos.io/v1beta1
    kind: ClusterProfile
    spec:
      clusterSelector:
        matchLabels: {env: prod}                       # environment production
      helmCharts:
        - repositoryURL: https://kyverno.github.io/kyverno/
          repositoryName: kyverno
          chartName: kyverno/kyverno                   # the chart kyverno
          chartVersion: v3.2.6
          values: |
            admissionController:
              image: {repository: kyverno/kyverno, tag: v1.12.5}

Charts may also lie in an OCI registry (`repositoryURL: oci://…`). Charts in sources of Flux are left alone.
`dep_type` is `chart` or `image`.
"""

from collections.abc import Iterator

from managers._environments import selected, within
from managers._helm import chart_dependency, images_in_values
from managers._images import ImageReader
from managers._manifests import extract_documents, invalid, objects
from managers._yaml import Document, Mapping, Scalar
from updater.api import Extracted, SourceFile

NAME = "sveltos"
FILES: tuple[str, ...] = ("*.yaml", "*.yml")
MARKERS: tuple[str, ...] = ("projectsveltos.io/",)
FOREIGN: tuple[str, ...] = ()
NARROWABLE = True

_KINDS = ("ClusterProfile", "Profile", "ClusterPromotion", "EventTrigger")
_SELECTORS = ("clusterSelector", "sourceClusterSelector", "destinationClusterSelector")


def extract(file: SourceFile) -> Iterator[Extracted]:
    """The charts and images of the profiles in ``file``."""
    return extract_documents(file, manager=NAME, wanted=_is_wanted, read=_read)


def _is_wanted(document: Document) -> bool:
    return document.mentions(*MARKERS) and document.mentions("helmCharts")


def _read(file: SourceFile, root: Mapping) -> Iterator[Extracted]:
    for version, kind, item in objects(root):
        spec = item.mapping("spec") if "projectsveltos.io/" in version and kind in _KINDS else None
        if spec is None:
            continue
        selectors = (spec.get(key) for key in _SELECTORS)
        environment = next(filter(None, map(selected, selectors)), None)
        for place, mapping in spec.walk():
            if place == "helmCharts":
                yield from (within(found, environment) for found in _chart(file, mapping))


def _chart(file: SourceFile, chart: Mapping) -> Iterator[Extracted]:
    name = chart.scalar("chartName")
    if name is None or not name.has_text:
        return
    repository, called = _located(chart, name.text)
    yield chart_dependency(
        file,
        manager=NAME,
        name=name,
        repository=repository,
        version=chart.scalar("chartVersion"),
        dep_type="chart",
        called=called,
    )
    if text := chart.scalar("values"):
        yield from _images(file, text)


def _located(chart: Mapping, name: str) -> tuple[str, str]:
    """The repository and the name of a chart, which is written with the repository's address or name in front.

    https://projectsveltos.io/main/addons/helm_charts/
    """
    address = (chart.text("repositoryURL") or "").rstrip("/")
    if name.startswith("oci://"):
        address, _, name = name.rpartition("/")
        return address, name
    prefix = chart.text("repositoryName") or ""
    if prefix and name.startswith(f"{prefix}/"):
        return address, name.removeprefix(f"{prefix}/")
    return address, name if address.startswith("oci://") else name.rpartition("/")[2]


def _images(file: SourceFile, values: Scalar) -> Iterator[Extracted]:
    reader = ImageReader(file=file, manager=NAME, dep_type="image")
    document = values.embedded()
    if document is None:
        if "image" in values.text:
            yield reader.unmanaged(values, "values are not written as a literal block (|) or on one line")
    elif document.problem is not None:
        yield invalid(file, NAME, document.problem)
    elif document.root is not None:
        yield from images_in_values(reader, document.root)
