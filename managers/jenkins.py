"""Plugins of Jenkins, and the images that its pipelines run in.

Read are lists of plugins (`plugins.txt`, `plugins.yaml`):

    git:5.2.1
    kubernetes:4203.v1dd44f5b_1cf9      # the newest release is proposed

and pipelines (`Jenkinsfile`, `*.jenkinsfile`, `*.groovy`):

    agent { docker { image 'maven:3.9.6' } }
    docker.image("node:20.11.0").inside { … }
    containerTemplate(name: 'go', image: 'golang:1.22.1')
    agent { kubernetes { yaml '''… image: alpine:3.19 …''' } }

Plugins at `latest`, from an address or from an incremental build are listed, not updated, as are shared libraries
with a version (`@Library('acme@1.2.0')`), whose repository only Jenkins knows. Images that a pipeline builds itself
(`docker.build`) are left alone. The plugins that the values of Jenkins' chart list are read with the images in them.
"""

import re
from collections.abc import Iterator

from managers._git import why_not_a_tag
from managers._images import SCATTERED, is_versioned_image
from managers._jenkins import DATASOURCE, plugin
from managers._manifests import extract_documents, settled, versionless
from managers._yaml import Document, Mapping
from updater.api import Extracted, SourceFile, Span, image_dependency, skipped

NAME = "jenkins"
FILES: tuple[str, ...] = (
    "plugins.txt",
    "plugins.yaml",
    "plugins.yml",
    "Jenkinsfile",
    "Jenkinsfile*",
    "*.Jenkinsfile",
    "*.jenkinsfile",
    "*.groovy",
)
MARKERS: tuple[str, ...] = ()
FOREIGN: tuple[str, ...] = ()
NARROWABLE = False

_LINE = re.compile(
    r"""
    ^[ \t\ufeff]*+ (?P<name>[A-Za-z0-9][\w.-]*+) [ \t]*+
    (?: : (?P<version>[^\s:#]*+) (?P<address>:\S++)? )? [ \t]*+ (?:\#.*)? \r?$
    """,
    re.MULTILINE | re.VERBOSE,
)
_STRING = re.compile(  # what is never closed goes on to the end of the line, or of the text
    r"""
    (?P<comment> //[^\n]*+ | /\*(?:[^*]|\*(?!/))*+ )
    | (?P<block>'{3}(?:[^'\\]|\\.|'(?!''))*+(?:'{3})? | "{3}(?:[^"\\]|\\.|"(?!""))*+(?:"{3})?)
    | '(?P<single>(?:[^'\\\n]|\\[^\n])*+)'? | "(?P<double>(?:[^"\\\n]|\\[^\n])*+)"?
    """,
    re.VERBOSE | re.DOTALL,
)
_CALL = re.compile(
    r"\b(?:docker\.image|withDockerContainer|insideDocker|dockerNode)\s*\(\s*(?:image\s*:\s*)?$|\bdocker\s*$"
)
_FIELD = re.compile(r"\bimage\s*(?::\s*|\(\s*)?$")
_LIBRARY = re.compile(r"@Library\s*\(\s*(?:value\s*=\s*)?\[?\s*$|\blibrary\s*\(?\s*(?:identifier\s*:\s*)?$")
_POD_IMAGE = re.compile(
    r"(?:^[ \t]*+(?:-[ \t]++)?|[{,][ \t]*+)image:[ \t]++[\"']?(?P<image>[^\s\"'#,}]++)", re.MULTILINE
)
_WINDOW = 60
"""How far before a text the call stands that takes it."""


def extract(file: SourceFile) -> Iterator[Extracted]:
    """The plugins in a list of plugins, the images in a pipeline."""
    name = file.path.rsplit("/", 1)[-1].lower()
    if name.endswith(".txt"):
        return _plugins(file)
    if name.endswith((".yaml", ".yml")):
        return extract_documents(file, manager=NAME, wanted=_is_list_of_plugins, read=_read)
    return settled(_pipeline(file))


# ---------------------------------------------------------------- plugins


def _plugins(file: SourceFile) -> Iterator[Extracted]:
    """A list of lines (https://github.com/jenkinsci/plugin-installation-manager-tool#plugin-input-format)."""
    lines = list(_LINE.finditer(file.text))
    if not any(line["version"] for line in lines):
        return
    for line in lines:
        version = Span(*line.span("version")) if line["version"] else Span(*line.span("name"))
        reason = "installed from an address" if line["address"] else None if line["version"] else "no version"
        yield plugin(file, manager=NAME, name=line["name"], version=version, reason=reason)


def _is_list_of_plugins(document: Document) -> bool:
    return document.mentions("artifactId")


def _read(file: SourceFile, root: Mapping) -> Iterator[Extracted]:
    for entry in root.mappings("plugins"):
        name, source = entry.scalar("artifactId"), entry.mapping("source")
        if name is None or not name.has_text:
            continue
        version = source.scalar("version") if source else None
        reason = _why_unmanageable(entry, source)
        if version is None or not version.has_text or version.span is None:
            reason = reason or ("no version" if version is None or not version.has_text else SCATTERED)
            yield versionless(file, name, manager=NAME, reason=reason, datasource=DATASOURCE, dep_type="plugin")
        else:
            yield plugin(file, manager=NAME, name=name.text, version=version.span, reason=reason)


def _why_unmanageable(entry: Mapping, source: Mapping | None) -> str | None:
    remark = entry.mapping("renovate")
    if remark and remark.text("ignore") == "true":
        return "ignored in the file"
    if source and "url" in source:
        return "installed from an address"
    return "an incremental build" if "groupId" in entry else None


# ---------------------------------------------------------------- pipelines


def _pipeline(file: SourceFile) -> Iterator[Extracted]:
    """What the texts of a Groovy program say, judged by what stands before them."""
    for match in _STRING.finditer(file.text):
        kind = match.lastgroup
        if kind == "block":
            yield from _pods(file, Span(*match.span()))
        elif kind in ("single", "double") and match[kind]:
            span = Span(*match.span(kind))
            yield from _string(file, span, file.text[max(0, match.start() - _WINDOW) : match.start()])


def _pods(file: SourceFile, block: Span) -> Iterator[Extracted]:
    """The images of the pods that a text describes in YAML."""
    if file.text.find("containers:", *block) < 0:
        return
    for match in _POD_IMAGE.finditer(file.text, *block):
        yield image_dependency(file, manager=NAME, span=Span(*match.span("image")), dep_type="docker")


def _string(file: SourceFile, span: Span, before: str) -> Iterator[Extracted]:
    text = file.text[span.start : span.end]
    if _CALL.search(before) or (_FIELD.search(before) and (is_versioned_image(text) or "$" in text)):
        yield image_dependency(file, manager=NAME, span=span, dep_type="docker")
    elif _LIBRARY.search(before):
        yield from _library(file, span, text)


def _library(file: SourceFile, span: Span, text: str) -> Iterator[Extracted]:
    name, _, version = text.partition("@")
    if version and why_not_a_tag(version) is None:
        at = Span(span.end - len(version), span.end)
        yield skipped(file, manager=NAME, reason="no repository", at=at, name=name, dep_type="library")
