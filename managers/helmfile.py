"""Charts and images in helmfiles, whatever the file is called.

    repositories:
      - name: ingress-nginx
        url: https://kubernetes.github.io/ingress-nginx
      - name: acme
        url: registry.example.com/charts
        oci: true
    releases:
      - name: ingress
        chart: ingress-nginx/ingress-nginx
        version: 4.11.3                              # or a range: ~4.11, 4.*
        values:
          - controller:
              image: {repository: registry.k8s.io/ingress-nginx/controller, tag: v1.11.3}
      - name: podinfo
        chart: oci://ghcr.io/stefanprodan/charts/podinfo
        version: 6.7.0
      - name: shop
        chart: acme/shop
        version: {{ .Values.versions.shop }}

A file counts if it has `releases` or `templates` with a `chart`. Go templates may stand anywhere; a version that is
just one value (`{{ .Values.shop.version }}`) is followed to the `environments` of the helmfile, or to the values files
that they name, and updated there, in each environment that holds it. A repository that the file does not define is
the one of that name in the other helmfiles (`bases`, say), if they agree on its address; `stable` and `incubator` are
the archives of the old charts. What nobody defines, `registryAliases` may: `{"acme": "https://charts.acme.example"}`.
Charts in a directory, and in repositories that nobody knows, are listed, but not updated.

Charts, helmfiles and bases in Git repositories (`git::https://github.com/acme/stack.git@charts/web?ref=v1.2.0`) follow
the tags there. Images in `values` and those set with `set` are read; values files are read by `helm-values`. An entry
in `helmfile.lock` is what is installed now, not an update of its own. `dep_type` is `release`, `template`, `helmfile`
or `image`.
"""

import posixpath
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from msgspec import structs

from managers._git import git_package, revision
from managers._helm import (
    LOCAL_CHART,
    chart_dependency,
    chart_package,
    images_in_values,
    is_alias,
    locked_charts,
    named_image,
)
from managers._helmfile_values import Place, places
from managers._images import ImageReader
from managers._manifests import invalid, settled
from managers._yaml import Document, Mapping, Scalar, documents_in
from updater.api import Clue, Dependency, Extracted, Files, Package, Skipped, SourceFile, Span, dependency

NAME = "helmfile"
FILES: tuple[str, ...] = ("*.yaml", "*.yml", "*.gotmpl", "helmfile*.lock", "*helmfile.lock")
MARKERS: tuple[str, ...] = ("releases:", "templates:", "repositories:", "helmfiles:", "digest:")
FOREIGN: tuple[str, ...] = ()
NARROWABLE = False

_REPOSITORIES, _RELEASE = "repositories", "release"
"""The kinds of clues: repositories by name, and releases that lack a repository or a version."""

_VALUE = re.compile(
    r"\{\{-?\s*+\.(?:Values|StateValues|Environment\.Values)\.(?P<key>[\w.]++)\s*+(?:\|\s*+quote\s*+)?-?\}\}"
)
_REMOTE = re.compile(r"git::(?P<address>\S+)@[^@?\s]*\?(?:[^?\s]*&)?ref=(?P<ref>[^&\s]+)")
"""A file or a chart in a Git repository (https://helmfile.readthedocs.io/en/latest/advanced-features/)."""

_MERGED_ALIAS = re.compile(r"<<:[ \t]*+\*[\w.-]++")
_PARTS = ("releases", "templates", "repositories", "helmfiles")
_TAG = re.compile(r"(?P<prefix>(?:.*\.)?(?:\w*[iI]mage)?)(?P<tag>\.?[tT]ag)")


class _Chart(NamedTuple):
    """What a release, or a template for releases, says about its chart."""

    chart: Scalar
    version: Scalar | None
    dep_type: str


def extract(file: SourceFile) -> Iterator[Extracted]:
    """The charts and images of the helmfile in ``file``, or the entries of its lock file."""
    if file.path.endswith(".lock"):
        found = [item for document in documents_in(file) for item in _locked(file, document)]
    else:
        found = list(_helmfile(file))
    yield from settled(item for item in found if not isinstance(item, Clue))
    yield from (item for item in found if isinstance(item, Clue))


def _locked(file: SourceFile, document: Document) -> Iterator[Extracted]:
    is_lock = document.field("digest") is not None and document.field("version") is not None
    if is_lock and document.field("dependencies") is not None and document.root is not None:
        yield from locked_charts(file, document.root, manager=NAME)


def _helmfile(file: SourceFile) -> Iterator[Extracted]:
    wanted = [_with_known_anchors(document) for document in documents_in(file) if _is_wanted(document)]
    roots = [document.root for document in wanted if document.root and _is_helmfile(document.root)]
    repositories = dict(item for root in roots for item in _repositories(root))
    if repositories:
        yield Clue(manager=NAME, path=file.path, kind=_REPOSITORIES, data=repositories)
    for root in roots:
        for chart in _charts(root):
            remote = _remote(file, chart.chart, chart.dep_type)
            yield remote or _release(file, chart, repositories)
        for node in _included(root):
            if remote := _remote(file, node, "helmfile"):
                yield remote
        yield from _images(file, root)
    for document in wanted:
        if document.problem is not None and document.mentions("chart:"):
            yield invalid(file, NAME, document.problem)


def _is_wanted(document: Document) -> bool:
    is_object = document.field("apiVersion") and document.field("kind")
    return not is_object and any(document.field(key) is not None for key in _PARTS)


def _with_known_anchors(document: Document) -> Document:
    """``document``; if it merges anchors that a template brings in (``{{ readFile … }}``), without these merges."""
    if document.problem is None or "undefined alias" not in document.problem.reason:
        return document
    text = _MERGED_ALIAS.sub(lambda match: " " * len(match[0]), document.text)
    return Document(text, document.start, document.end)


def _is_helmfile(root: Mapping) -> bool:
    has_repositories = any("url" in repository and "name" in repository for repository in root.mappings("repositories"))
    return has_repositories or any(True for _ in _charts(root)) or any(True for _ in _included(root))


# ---------------------------------------------------------------- from Git


def _included(root: Mapping) -> Iterator[Scalar]:
    """What the helmfile includes: helmfiles of their own, bases, and files with values."""
    for key in ("helmfiles", "bases", "values"):
        for node in root.elements(key):
            path = node.scalar("path") if isinstance(node, Mapping) else node
            if isinstance(path, Scalar) and path.text.startswith("git::"):
                yield path


def _remote(file: SourceFile, address: Scalar, dep_type: str) -> Extracted | None:
    """The revision of what lies at an ``address`` in a Git repository; None for all other addresses."""
    match = None if address.is_templated else _REMOTE.fullmatch(address.text)
    if match is None or address.span is None:
        return None
    start, end = match.span("ref")
    at = Span(address.span.start + start, address.span.start + end)
    package = git_package(match["address"])
    return revision(file, manager=NAME, name=package.name, package=package, at=at, dep_type=dep_type)


# ---------------------------------------------------------------- charts


def _repositories(root: Mapping) -> Iterator[tuple[str, str]]:
    """The repositories of a part of a helmfile: name and address."""
    for repository in root.mappings("repositories"):
        name, url = repository.text("name"), repository.text("url")
        if name and url:
            is_oci = repository.text("oci") == "true" and "://" not in url
            yield name, f"oci://{url}" if is_oci else url


def _charts(root: Mapping) -> Iterator[_Chart]:
    templates = root.mapping("templates")
    for template in (node for _, node in templates.items()) if templates else ():
        chart = template.scalar("chart") if isinstance(template, Mapping) else None
        if isinstance(template, Mapping) and chart is not None and "version" in template:
            yield _Chart(chart, template.scalar("version"), "template")
    for release in root.mappings("releases"):
        sources = (release, *_inherited(release, templates))
        chart, version = (_first(sources, key) for key in ("chart", "version"))
        if chart is not None and chart.has_text:
            yield _Chart(chart, version, "release")


def _inherited(release: Mapping, templates: Mapping | None) -> Iterator[Mapping]:
    for inherited in release.mappings("inherit"):
        template = templates.get(inherited.text("template") or "") if templates else None
        if isinstance(template, Mapping):
            yield template


def _first(sources: Iterable[Mapping], key: str) -> Scalar | None:
    return next((scalar for source in sources if (scalar := source.scalar(key))), None)


def _release(file: SourceFile, chart: _Chart, repositories: dict[str, str]) -> Extracted:
    alias, name, repository = _located(chart.chart.text, repositories)
    is_missing = is_alias(repository) and "{{" not in chart.chart.text
    item = chart_dependency(
        file,
        manager=NAME,
        name=chart.chart,
        called=name,
        repository=None if is_missing else repository,
        version=chart.version,
        dep_type=chart.dep_type,
    )
    key = _VALUE.fullmatch(item.current_value or "") if isinstance(item, Skipped) else None
    if isinstance(item, Skipped) and item.current_value and (key or is_missing):
        data = {"alias": alias, "name": name, "repository": "" if is_missing else repository}
        return Clue(
            manager=NAME, path=file.path, kind=_RELEASE, data={**data, "key": key["key"] if key else ""}, about=item
        )
    return item


def _located(chart: str, repositories: dict[str, str]) -> tuple[str, str, str]:
    """The name of a chart's repository (if it has one), the chart's name, and the repository's address."""
    if "://" in chart:
        repository, _, name = chart.rpartition("/")
        return "", name, repository if repository.startswith("oci://") else f"{chart.partition('://')[0]}+chart://"
    alias, slash, name = chart.partition("/")
    if not slash or chart.startswith((".", "/")):
        return "", posixpath.basename(chart.rstrip("/")) or chart, "."
    return alias, name, repositories.get(alias, f"@{alias}")


# ---------------------------------------------------------------- images


def _images(file: SourceFile, root: Mapping) -> Iterator[Extracted]:
    images = ImageReader(file=file, manager=NAME, dep_type="image")
    templates = root.mapping("templates")
    for release in (*root.mappings("releases"), *((node for _, node in templates.items()) if templates else ())):
        if isinstance(release, Mapping):
            for values in release.mappings("values"):
                yield from images_in_values(images, values)
            for key in ("set", "setString"):
                yield from _set_images(images, release.mappings(key))


def _set_images(images: ImageReader, parameters: Iterable[Mapping]) -> Iterator[Extracted]:
    """Images set one value at a time: ``image.tag`` beside ``image.repository``."""
    values = {name: value for each in parameters if (name := each.text("name")) and (value := each.scalar("value"))}
    for name, tag in values.items():
        match = _TAG.fullmatch(name)
        if match and tag.has_text:
            start = match["prefix"] + ("." if match["tag"].startswith(".") else "")
            words = ("repository", "Repository", "name", "image")
            repository = next((values[start + word] for word in words if start + word in values), None)
            registry = values.get(start + "registry")
            if repository is None:
                yield images.unmanaged(tag, "image repository unknown")
            else:
                yield named_image(images, repository, registry.text if registry else None, tag, None)


# ---------------------------------------------------------------- several files


def link(clues: Sequence[Clue], files: Files) -> Iterator[Extracted]:
    """The charts whose repository or version stands in another file."""
    known: dict[str, set[str]] = {}
    for clue in clues:
        if clue.kind == _REPOSITORIES:
            for name, url in clue.data.items():
                known.setdefault(name, set()).add(str(url))
    found: dict[str, list[Extracted]] = {}
    for clue in clues:
        if clue.kind == _RELEASE and isinstance(clue.about, Skipped):
            for item in _resolved(clue, clue.about, known, files):
                found.setdefault(item.path, []).append(item)
    for items in found.values():
        yield from settled(items)


def _resolved(clue: Clue, row: Skipped, known: dict[str, set[str]], files: Files) -> Iterator[Dependency | Skipped]:
    alias, name, key = (str(clue.data[word]) for word in ("alias", "name", "key"))
    package = _package(alias, name, str(clue.data["repository"]), known)
    chart = posixpath.normpath(posixpath.join(posixpath.dirname(clue.path), alias, name, "Chart.yaml"))
    is_unknown = isinstance(package, str) or any(map(is_alias, package.registry_urls))
    if is_unknown and files.read(chart):
        package = LOCAL_CHART
    if isinstance(package, str):
        yield structs.replace(row, reason=package)
        return
    holders: Sequence[Place | None] = list(places(clue.path, key, files)) if key else [None]
    yield from (_dependency(row, name, package, holder) for holder in holders)
    if not holders:
        yield row


def _package(alias: str, name: str, repository: str, known: dict[str, set[str]]) -> Package | str:
    """What to look up; where the helmfile itself does not say, all others that know the repository have to agree."""
    if not repository:
        addresses = {url.rstrip("/"): url for url in known.get(alias, ())}
        if len(addresses) > 1:
            return f"repository {alias} has several addresses"
        repository = next(iter(addresses.values()), f"@{alias}")
    return chart_package(name, repository)


def _dependency(row: Skipped, name: str, package: Package, place: Place | None) -> Dependency:
    """The chart that ``row`` is about, its version at ``place`` or where the row is."""
    versioning = "helm" if package.datasource == "docker" else None
    if place is not None:
        return dependency(
            place.file,
            manager=NAME,
            name=name,
            package=package,
            value=place.span,
            versioning=versioning,
            dep_type=row.dep_type,
            environment=place.environment,
        )
    return Dependency(
        manager=NAME,
        path=row.path,
        line=row.line or 1,
        name=name,
        package=package,
        current_value=row.current_value,
        span=row.span,
        versioning=versioning,
        dep_type=row.dep_type,
        environment=row.environment,
    )
