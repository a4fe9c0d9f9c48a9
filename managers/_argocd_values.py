"""Sources of Argo CD applications that stand in the values of a chart, or in other YAML for a template to fill in."""

import posixpath
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Mapping as Dict

from managers._argocd_source import Source, source_revision
from managers._images import TEMPLATED
from managers._values_files import is_template, may_hold_values
from managers._yaml import Mapping, Scalar, documents_in
from updater.api import Clue, Dependency, Extracted, Files, Skipped, SourceFile, Span

TEMPLATE = "template"
"""``about`` is a revision in a chart's template, which the chart's values may tell."""
SOURCE = "source"
"""``about`` is the revision of a source in a file that is no application."""

MARKERS: tuple[str, ...] = ("targetRevision", "chart:", "Chart:", "chartName:")
WORDS: tuple[str, ...] = ("repo", "Repo", "url:")

_CHARTS = ("chart", "chartName", "helmChart")
_ADDRESSES = (
    "repoURL",
    "repoUrl",
    "repo",
    "repository",
    "chartRepository",
    "chartRepo",
    "chartRepoURL",
    "repositoryURL",
    "helmRepo",
    "helmRepository",
    "url",
)
_REVISIONS = ("targetRevision", "version", "chartVersion", "defaultVersion")
_VALUE = re.compile(
    r"""\{\{-?\s*+\$?\.Values\.(?P<keys>[\w.]++)\s*+(?:\|\s*+(?:quote|squote|toString|trim|default\s++"[^"]*+")\s*+)*+-?\}\}"""
)
_OF_CHARTS = re.compile(r"^(?:https?|oci)://|^[\w-]++(?:\.[\w-]++)++/")
_OF_GIT = re.compile(r"\.git/?$|^git@|^ssh://|^oci://|github\.com|gitlab|bitbucket\.org|codeberg\.org|dev\.azure\.com")
_FILES = ("values*.yaml", "values*.yml")

_Place = tuple[str, Span]


# ---------------------------------------------------------------- one file


def sources(file: SourceFile) -> Iterator[Clue]:
    """The sources in the documents of ``file`` that are no Kubernetes objects."""
    if not file.mentions(*WORDS) or is_template(file.path) or not may_hold_values(file.path):
        return
    for document in documents_in(file):
        is_object = document.field("apiVersion") and document.field("kind")
        root = document.root if not is_object and document.mentions(*MARKERS) else None
        for key, mapping in root.walk() if root else ():
            item = _source(file, key, mapping)
            if isinstance(item, Dependency):
                yield Clue(manager=item.manager, path=file.path, kind=SOURCE, about=item)


def _source(file: SourceFile, key: str, mapping: Mapping) -> Extracted | None:
    """The revision in ``{repoURL, chart, targetRevision}``, under these names or those that people give them."""
    chart = _first(mapping, ("name", *_CHARTS) if key.lower().endswith("chart") else _CHARTS)
    if chart is not None:
        address, revision = (_first(mapping, keys) for keys in (_ADDRESSES, _REVISIONS))
        form = _OF_CHARTS
    else:
        chart, address, revision = None, mapping.scalar("repoURL"), mapping.scalar("targetRevision")
        form = _OF_GIT
    if address is None or revision is None or not form.search(address.text):
        return None
    return source_revision(file, Source(address, chart, revision))


def _first(mapping: Mapping, keys: Iterable[str]) -> Scalar | None:
    return next((scalar for key in keys if (scalar := mapping.scalar(key)) and scalar.has_text), None)


def told_by_values(file: SourceFile, item: Extracted) -> Extracted:
    """``item``, or the clue that the values of the chart may tell what it lacks."""
    is_open = isinstance(item, Skipped) and item.reason == TEMPLATED and ".Values." in (item.current_value or "")
    if isinstance(item, Skipped) and is_open and is_template(file.path):
        return Clue(manager=item.manager or "", path=file.path, kind=TEMPLATE, about=item)
    return item


# ---------------------------------------------------------------- several files


def linked(clues: Sequence[Clue], files: Files, found: Iterable[Extracted]) -> Iterator[Extracted]:
    """What ``clues`` amount to where application sets have not ``found`` it already, each thing once."""
    templates = dict.fromkeys(clue.path for clue in clues if clue.kind == TEMPLATE)
    told = {path: _told(path, files) for path in templates}
    items = dict.fromkeys(item for clue in clues if clue.kind == TEMPLATE for item in _meant(clue, told[clue.path]))
    yield from items
    taken = {_place(item) for item in (*found, *items)}
    yield from (clue.about for clue in clues if clue.kind == SOURCE and clue.about and _place(clue.about) not in taken)


def _meant(clue: Clue, told: Dict[Span, Sequence[Extracted]]) -> Sequence[Extracted]:
    """The versions behind what the clue is about, or else that."""
    about = clue.about
    return () if about is None else (about.span and told.get(about.span)) or (about,)


def _place(item: Extracted) -> _Place | None:
    return (item.path, item.span) if isinstance(item, Dependency) and item.span else None


def _told(path: str, files: Files) -> Dict[Span, list[Extracted]]:
    """The revisions in the template at ``path``, by their places, as each file of values in the chart tells them."""
    chart = path[: path.rindex("templates/")].rstrip("/")
    paths = dict.fromkeys(each for name in _FILES for each in files.matching(posixpath.join(chart, name)))
    values = [(file, root) for file in map(files.read, paths) if file for root in _roots(file)]
    defaults = [root for file, root in values if posixpath.basename(file.path) in ("values.yaml", "values.yml")]
    template = files.read(path)
    told: defaultdict[Span, list[Extracted]] = defaultdict(list)
    for source in _templated(template) if template else ():
        for file, root in values:
            if (filled := _filled(source, root, defaults)) and source.revision:
                told[source.revision.span or source.revision.where].append(source_revision(file, filled))
    return told


def _templated(template: SourceFile) -> Iterator[Source]:
    """The sources in a template whose revision is not written there."""
    for root in _roots(template):
        for _, mapping in root.walk():
            address, chart, revision = (mapping.scalar(key) for key in ("repoURL", "chart", "targetRevision"))
            if address is not None and revision is not None and revision.is_templated:
                yield Source(address, chart, revision)


def _filled(source: Source, root: Mapping, defaults: Sequence[Mapping]) -> Source | None:
    """A source with what the values say, those in ``root`` the version; None if they do not say all of it."""
    revision = _value(source.revision, (root,))
    address, chart = (_value(scalar, (root, *defaults)) for scalar in (source.address, source.chart))
    is_whole = revision is not None and address is not None and (chart is None) == (source.chart is None)
    return Source(address, chart, revision) if is_whole and address is not None else None


def _value(scalar: Scalar | None, holders: Iterable[Mapping]) -> Scalar | None:
    """What ``scalar`` is, or what the first of ``holders`` has under the keys that it names."""
    if scalar is None or not scalar.is_templated:
        return scalar
    match = _VALUE.fullmatch(scalar.text)
    *keys, last = match["keys"].split(".") if match else ("",)
    places = filter(None, (holder.mapping(*keys) for holder in holders))
    return next((value for place in places if (value := place.scalar(last)) and value.has_text), None)


def _roots(file: SourceFile) -> Iterator[Mapping]:
    return (document.root for document in documents_in(file) if document.root)
