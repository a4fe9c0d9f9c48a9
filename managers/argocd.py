"""Charts, revisions and images in Argo CD applications and application sets, whatever the file is called.

    apiVersion: argoproj.io/v1alpha1
    kind: Application
    spec:
      sources:
        - repoURL: https://kubernetes.github.io/ingress-nginx
          chart: ingress-nginx
          targetRevision: 4.10.0                     # or a range: 4.*, ~4.10
          helm:
            parameters:
              - {name: image.repository, value: ghcr.io/acme/web}
              - {name: image.tag, value: "2.4.1"}
            valuesObject:                            # and values: |
              sidecar:
                image: envoyproxy/envoy:v1.31.0
        - repoURL: https://github.com/acme/manifests.git
          targetRevision: v0.8.0
          kustomize:
            images: [web=ghcr.io/acme/web:2.4.1]

Charts come from a Helm repository, or from an OCI registry where `repoURL` has no scheme or is `oci://`. Applications
are found as documents, in lists and within other objects. `dep_type` is `chart`, `git` or `image`.

The template of an application set is filled in with what its generators give, in both dialects (`{{ .version }}`,
`{{version}}`), and a version is reported where it is written, with the environment that its neighbours, the cluster
selector or the file speak of:

- in the `elements` or `elementsYaml` of a list: `{env: staging, version: 1.15.3}`;
- in the `values` of clusters: `selector: {matchLabels: {env: prod}}, values: {version: 1.14.7}`;
- in the files of this repository that a Git generator reads: `{"chart": {"version": "1.13.0"}}`;
- in the template itself, in that of a generator, or in `templatePatch`.

A placeholder may be a part of a text (`v{{version}}`, `ghcr.io/acme/web:{{tag}}`).
Generators may be combined by `matrix` and `merge`. What only a cluster, a pull request or a plugin knows is left alone.
So are branches, `HEAD` and commits, applications that Kargo promotes, and images that Argo CD Image Updater writes
(named in its `image-list`, or in a file `.argocd-source-….yaml`).
"""

from collections.abc import Iterator, Sequence
from itertools import chain

from managers._applicationset import read_set
from managers._argocd_generators import Library
from managers._argocd_source import application, images_in_source
from managers._argocd_values import MARKERS as SOURCE_MARKERS
from managers._argocd_values import WORDS as SOURCE_WORDS
from managers._argocd_values import linked, sources, told_by_values
from managers._manifests import extract_documents
from managers._yaml import Document, Mapping, Scalar, documents_in
from updater.api import Clue, Dependency, Extracted, Files, SourceFile

NAME = "argocd"
FILES: tuple[str, ...] = ("*.yaml", "*.yml")
MARKERS: tuple[str, ...] = ("argoproj.io/", "\nhelm:", "\nkustomize:", *SOURCE_MARKERS)
FOREIGN: tuple[str, ...] = ()
NARROWABLE = True
WORDS: tuple[str, ...] = SOURCE_WORDS

_GROUP = "argoproj.io/"
_KINDS = ("Application", "ApplicationSet")
_SET = "application set"
_OVERRIDES = ".argocd-source"
_WRITTEN = "written by Argo CD Image Updater"


def extract(file: SourceFile) -> Iterator[Extracted]:
    """The charts, revisions and images of the applications in ``file``."""
    if file.path.rpartition("/")[2].startswith(_OVERRIDES):
        return extract_documents(file, manager=NAME, wanted=_is_override, read=_read_override)
    found = extract_documents(file, manager=NAME, wanted=_is_wanted, read=_read) if file.mentions(_GROUP) else ()
    return chain((told_by_values(file, item) for item in found), sources(file))


def link(clues: Sequence[Clue], files: Files) -> Iterator[Extracted]:
    """What application sets find in the files that their Git generators read, and templates in a chart's values."""
    found = list(_in_sets(clues, files))
    yield from found
    yield from linked(clues, files, found)


def _in_sets(clues: Sequence[Clue], files: Files) -> Iterator[Extracted]:
    library = Library(files)
    for path in dict.fromkeys(clue.path for clue in clues if clue.kind == _SET):
        file = files.read(path)
        roots = [document.root for document in documents_in(file) if _is_wanted(document)] if file else []
        for item in chain.from_iterable(_applications(root) for root in roots if root is not None):
            if file is not None and item.text("kind") == "ApplicationSet":
                yield from _linked(file, item, library)


def _is_wanted(document: Document) -> bool:
    if not document.mentions(_GROUP) or document.field("kind") == "CustomResourceDefinition":
        return False
    kind = document.field("kind")
    is_candidate = kind is None or kind in _KINDS or kind.endswith("List")
    return document.mentions("Application") if is_candidate else document.mentions("kind: Application")


def _read(file: SourceFile, root: Mapping) -> Iterator[Extracted]:
    for item in _applications(root):
        if item.text("kind") == "Application":
            yield from application(file, (item,))
        else:
            yield from _read_set(file, item)


def _applications(root: Mapping) -> Iterator[Mapping]:
    """The applications and application sets in a document: itself, items of a list, or within other objects."""
    for _, item, _, kind in root.find(("kind",)):
        is_one = isinstance(kind, Scalar) and kind.text in _KINDS
        if is_one and (item.text("apiVersion") or "").startswith(_GROUP):
            yield item


def _read_set(file: SourceFile, item: Mapping) -> Iterator[Extracted]:
    found = read_set(file, item, None)
    yield from found.items
    if found.is_pending:
        yield Clue(manager=NAME, path=file.path, kind=_SET)


def _linked(file: SourceFile, item: Mapping, library: Library) -> Iterator[Extracted]:
    """What an application set brings in addition if all files can be looked at."""
    found = read_set(file, item, None)
    if found.is_pending:
        known = set(found.items)
        yield from (more for more in read_set(file, item, library).items if more not in known)


# ---------------------------------------------------------------- files with parameters


def _is_override(_document: Document) -> bool:
    return True


def _read_override(file: SourceFile, root: Mapping) -> Iterator[Extracted]:
    """The images in ``.argocd-source.yaml``; Image Updater writes those with the name of an application.

    https://argocd-image-updater.readthedocs.io/en/stable/basics/update-methods/
    """
    is_taken = not file.path.endswith((f"{_OVERRIDES}.yaml", f"{_OVERRIDES}.yml"))
    for item in images_in_source(file, root):
        yield item.unmanaged(_WRITTEN) if is_taken and isinstance(item, Dependency) else item
