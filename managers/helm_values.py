"""Container images in Helm values, whatever the file is called.

    image:
      registry: quay.io
      repository: acme/web        # also name, repo
      tag: "2.4.1"                # quay.io/acme/web, 2.4.1; also version
      digest: ""                  # moved together with the tag if there is one
    sidecar:
      image: envoyproxy/envoy:v1.31.0
    proxyImage: nginx
    proxyImageTag: "1.27.2"       # also proxy_image and proxy_image_tag
    images:
      migrate: ghcr.io/acme/migrate:1.9.0
    extraContainers: |
      - name: exporter
        image: prom/statsd-exporter:v0.27.1
    controller:
      installPlugins: ["git:5.2.1"] # Jenkins' chart; also additionalPlugins

The text counts, not its YAML type: `tag: 1.10` is 1.10. `global.imageRegistry` stands in front of repositories that
name no registry. A tag alone takes its repository from the same place in the `values.yaml` that the file overrides, in
its directory or one above; if the repository stands in the chart only, the tag is listed, not updated.

**Which files are values.** Never one with `apiVersion` and `kind`, nor a file of another tool (pipelines, Compose,
OpenAPI, tests of charts, and so on). Of the others:

- files with `values` in their name (`values.yaml`, `values-prod.yaml`, `prod.values.yml`, `values.yaml.gotmpl`,
  `values.json`) or in a directory called `values`: everything above is read;
- any other YAML file in which an image has a map of its own, with repository and tag under a key like `image`: the
  same. Nobody but Helm writes images so;
- any other YAML file with images in other forms (`image: nginx:1.27`): the same, if it lies where values are, beside
  or below a `Chart.yaml`, or if another file takes it for values: `valueFiles` of Argo CD, `valuesFiles` of Flux and
  Fleet, `values` of a helmfile, `valuesFile` and generators of a kustomization, a `helm_release` of Terraform.

**Empty tags.** In a chart's own `values.yaml` an image without a tag takes the chart's `appVersion`, if the chart's
templates or the comments in the file say so. If there is just one such image, its version is updated where it stands:
in `appVersion` of `Chart.yaml`, with the `dep_type` `appVersion`. Other empty tags are the chart's decision.
"""

import posixpath
import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from functools import cache, lru_cache

from managers import _values_link
from managers._helm import UNNAMED, UNTAGGED, images_in_values
from managers._images import ImageReader
from managers._manifests import invalid, settled
from managers._values_files import (
    MENTIONS,
    is_doubtful,
    is_other_dialect,
    is_template,
    looks_like_values,
    may_hold_values,
    mentioned_files,
    named_like_values,
)
from managers._yaml import MAX_DEPTH, Document, Mapping, documents_in
from updater.api import Clue, Dependency, Extracted, Files, Json, Skipped, SourceFile, Span

NAME = "helm-values"
FILES: tuple[str, ...] = ("*.yaml", "*.yml", "*.gotmpl", "*.tpl", "*.tf", "*values*.json")
MARKERS: tuple[str, ...] = (
    "image",
    "Image",
    "IMAGE",
    "repository",
    "Plugins",
    "alue",
    "helm_release",
    "releases:",
    ".Chart.AppVersion",
)
FOREIGN: tuple[str, ...] = ()
NARROWABLE = False
WORDS: tuple[str, ...] = MENTIONS

_WANTED = ("image", "Image", "IMAGE", "repository", "installPlugins", "additionalPlugins")
_TAG = re.compile("tag|image", re.IGNORECASE)
_PREFIXED = re.compile(r"""v(?:%s"\s*+|\{\{-?\s*+|"\s++)\.Chart\.AppVersion""")


def extract(file: SourceFile) -> Iterator[Extracted]:
    """The images that the values in ``file`` set, and clues about what other files are."""
    if mentions := mentioned_files(file):
        yield Clue(manager=NAME, path=file.path, kind=_values_link.MENTIONS, data={"paths": mentions})
    if is_template(file.path):
        yield from _app_version(file)
    else:
        others = [document for document in documents_in(file) if not _is_object(document)]
        for document in others if others and may_hold_values(file.path) else ():
            if document.mentions(*_WANTED):
                yield from _values(file, document)


def _is_object(document: Document) -> bool:
    return bool(document.field("apiVersion") and document.field("kind"))


def _values(file: SourceFile, document: Document) -> Iterator[Extracted]:
    is_named, root = named_like_values(file.path), document.root
    if root is None:
        if is_named and document.problem is not None:
            yield invalid(file, NAME, document.problem)
    elif not is_other_dialect(root):
        images = _images(file, root)
        if is_named or looks_like_values(root):
            yield from _with_clues(file, root, images)
        else:
            yield from _perhaps(file, images, is_doubtful=is_doubtful(root))


def _images(file: SourceFile, root: Mapping) -> Iterator[Extracted]:
    return settled(images_in_values(ImageReader(file=file, manager=NAME), root))


# ---------------------------------------------------------------- clues


def _perhaps(file: SourceFile, images: Iterable[Extracted], *, is_doubtful: bool) -> Iterator[Clue]:
    """Images that count if the file turns out to hold values."""
    for item in images:
        if isinstance(item, Dependency | Skipped):
            yield Clue(
                manager=NAME, path=file.path, kind=_values_link.PERHAPS, data={"doubtful": is_doubtful}, about=item
            )


def _with_clues(file: SourceFile, root: Mapping, images: Iterable[Extracted]) -> Iterator[Extracted]:
    """The images in values; those that lack a tag in a chart's own, or a repository in others, wait for other files."""
    is_default = posixpath.basename(file.path) in ("values.yaml", "values.yml")
    nesting = cache(lambda: _Nesting(root))
    for item in images:
        if isinstance(item, Skipped) and item.reason == UNTAGGED and is_default:
            data: dict[str, Json] = {"commented": _speaks_of_app_version(file.text)}
            yield Clue(manager=NAME, path=file.path, kind=_values_link.UNTAGGED, data=data, about=item)
        elif (
            isinstance(item, Skipped)
            and item.reason == UNNAMED
            and item.span
            and (keys := nesting().keys(item.span[0]))
        ):
            yield Clue(manager=NAME, path=file.path, kind=_values_link.UNNAMED, data={"keys": keys}, about=item)
        else:
            yield item


class _Nesting:
    """The maps in values that no list holds, to find the keys that lead to a place."""

    def __init__(self, root: Mapping) -> None:
        found: list[tuple[Span, tuple[str, ...]]] = []
        pending: list[tuple[Mapping, tuple[str, ...]]] = [(root, ())]
        while pending:
            here, keys = pending.pop()
            found.append((here.where, keys))
            children = ((key, node) for key, node in here.items() if isinstance(node, Mapping))
            pending += ((node, (*keys, key)) for key, node in children if len(keys) < MAX_DEPTH)
        found.sort(key=lambda place: (place[0].start, -place[0].end))
        self._places = found
        self._starts = [span.start for span, _ in found]
        self._around = list(self._parents())

    def _parents(self) -> Iterator[int]:
        """For each map the place in the list of the one around it."""
        open_: list[int] = []
        for index, (span, _) in enumerate(self._places):
            while open_ and self._places[open_[-1]][0].end <= span.start:
                open_.pop()
            yield open_[-1] if open_ else -1
            open_.append(index)

    def keys(self, offset: int) -> list[str]:
        """The keys that lead from the root to the innermost map around ``offset``."""
        index = bisect_right(self._starts, offset) - 1
        while index >= 0 and self._places[index][0].end <= offset:
            index = self._around[index]
        return list(self._places[index][1]) if index >= 0 else []


@lru_cache(maxsize=1)
def _speaks_of_app_version(text: str) -> bool:
    comments = (line.partition("#")[2].lower() for line in text.split("\n") if "ersion" in line)
    return any("appversion" in comment or "app version" in comment for comment in comments)


def _app_version(file: SourceFile) -> Iterator[Clue]:
    """The clue that a template fills a tag from the chart's version of the application."""
    lines = [line for line in file.text.split("\n") if ".Chart.AppVersion" in line and _TAG.search(line)]
    if lines:
        data = {"prefixed": any(map(_PREFIXED.search, lines))}
        yield Clue(manager=NAME, path=file.path, kind=_values_link.APP_VERSION, data=data)


# ---------------------------------------------------------------- several files


def link(clues: Sequence[Clue], files: Files) -> Iterator[Extracted]:
    """The images in files that hold values because of others, and those that other files complete."""
    return _values_link.linked(clues, files)
