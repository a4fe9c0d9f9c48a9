"""Config maps that Flux reads: objects, and those that a kustomization generates from files and literals."""

import posixpath
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import NamedTuple

from managers import _yaml
from managers._flux_clues import CONFIG_MAPS, NAME, is_version_like, pending, words
from managers._helm import images_in_values
from managers._images import ImageReader
from managers._manifests import invalid, objects
from managers._yaml import Document, Scalar, documents, documents_in
from updater.api import Clue, Dependency, Extracted, Files, SourceFile, Span

MARKERS = ("kind: ConfigMap", "configMapGenerator:")

_KIND = "ConfigMap"
_NAME = re.compile(
    r"""name(?<!\wname)["']?:[ \t]*+["']?([\w.-]++)"""
)  # begins with a word, which is found ten times faster


class _Entry(NamedTuple):
    """One key of a config map: the scalar under it, the place of a literal, or a whole file."""

    config_map: str
    key: str
    file: SourceFile
    scalar: Scalar | None = None
    span: Span | None = None


def config_maps_clue(file: SourceFile) -> Iterator[Clue]:
    """The clue that ``file`` makes config maps; whether anybody wants them only other files tell."""
    if not file.mentions(*MARKERS):
        return
    texts = (document for document in documents_in(file) if document.mentions(*MARKERS))
    names = sorted({match[1] for text in texts for match in _NAME.finditer(file.text, text.start, text.end)})
    if names:
        yield Clue(manager=NAME, path=file.path, kind=CONFIG_MAPS, data={"names": names})


def images_in_config_maps(
    clues: Iterable[Clue], files: Files, wanted: Mapping[str, Collection[str]]
) -> Iterator[Extracted]:
    """The images in the Helm values that the ``wanted`` config maps (name → keys) hold."""
    for entry in _entries(clues, files, wanted):
        if entry.key in wanted[entry.config_map]:
            yield from _images(entry)


def assignments(clues: Iterable[Clue], files: Files, wanted: Collection[str]) -> Iterator[tuple[str, Dependency]]:
    """What the ``wanted`` config maps assign: the config map with a version that has the name of the variable."""
    for entry in _entries(clues, files, wanted):
        span = entry.scalar.span if entry.scalar else entry.span
        text = entry.file.text[span.start : span.end] if span else ""
        if is_version_like(text) and "$" not in text:
            yield entry.config_map, pending(entry.file, span, entry.key, _KIND)


# ---------------------------------------------------------------- entries


def _entries(clues: Iterable[Clue], files: Files, wanted: Collection[str]) -> Iterator[_Entry]:
    for clue in clues:
        file = files.read(clue.path) if any(name in wanted for name in words(clue, "names")) else None
        for document in documents_in(file) if file else ():
            if file and document.mentions(*MARKERS) and document.root is not None:
                yield from (entry for entry in _in_document(file, document.root, files) if entry.config_map in wanted)


def _in_document(file: SourceFile, root: _yaml.Mapping, files: Files) -> Iterator[_Entry]:
    for _, kind, item in objects(root):
        metadata, data = item.mapping("metadata"), item.mapping("data")
        if kind == _KIND and metadata is not None and data is not None:
            name = metadata.text("name") or ""
            yield from (_Entry(name, key, file, node) for key, node in data.items() if isinstance(node, Scalar))
    for generator in root.mappings("configMapGenerator"):
        yield from _generated(file, generator, files)


def _generated(file: SourceFile, generator: _yaml.Mapping, files: Files) -> Iterator[_Entry]:
    name = generator.text("name") or ""
    for node in generator.elements("files"):
        if isinstance(node, Scalar):
            key, _, path = node.text.rpartition("=")
            source = files.read(posixpath.normpath(posixpath.join(posixpath.dirname(file.path), path)))
            if source is not None:
                yield _Entry(name, key or posixpath.basename(path), source)
    for node in generator.elements("literals"):
        if isinstance(node, Scalar) and node.span is not None:
            key, _, value = node.text.partition("=")
            yield _Entry(name, key, file, None, Span(node.span.end - len(value), node.span.end))


# ---------------------------------------------------------------- images


def _images(entry: _Entry) -> Iterator[Extracted]:
    images = ImageReader(file=entry.file, manager=NAME, dep_type=_KIND)
    if entry.scalar is None:
        texts = documents(entry.file.text) if entry.span is None else ()
    else:
        embedded = entry.scalar.embedded()
        texts = (embedded,) if embedded else ()
        if embedded is None and "image" in entry.scalar.text:
            yield images.unmanaged(entry.scalar, "values are not written as a literal block (|) or on one line")
    for text in texts:
        yield from _images_in_text(images, text)


def _images_in_text(images: ImageReader, text: Document) -> Iterator[Extracted]:
    if text.problem is not None:
        yield invalid(images.file, NAME, text.problem)
    elif text.root is not None:
        yield from images_in_values(images, text.root)
