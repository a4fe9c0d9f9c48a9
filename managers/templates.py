"""Images in templates for manifests, Compose files and the like, of Jinja, Go, Terraform, shells and others.

Read are files called `*.j2`, `*.jinja`, `*.jinja2`, `*.tpl`, `*.tmpl`, `*.tftpl`, `*.mustache`, `*.erb` and `*.ejs`,
and shell scripts (`*.sh`, `*.bash`), for the manifests in their here-documents:

    services:
    {% if proxy %}
      proxy:
        image: traefik:v3.1.0
    {% endif %}
      app:
        image: {{ app_image | default("ghcr.io/acme/app:2.4.1") }}

A template is no YAML before it is filled in, so it is read line by line: keys that end in `image`, with a name and a
tag in plain text or as the default of a variable, also in a helper of a Helm chart
(`{{ .Values.image | default "nginx:1.27.2" }}`). A version behind a name that only the variables know is listed, not
updated.
"""

import re
from collections.abc import Iterator

from managers._images import TEMPLATED, default_images, is_versioned_image
from updater.api import Extracted, SourceFile, Span, image_dependency, skipped

NAME = "templates"
FILES: tuple[str, ...] = (
    "*.j2",
    "*.jinja",
    "*.jinja2",
    "*.tpl",
    "*.tmpl",
    "*.tftpl",
    "*.mustache",
    "*.erb",
    "*.ejs",
    "*.sh",
    "*.bash",
)
MARKERS: tuple[str, ...] = ("mage:", 'mage"', "default ", "default(")
FOREIGN: tuple[str, ...] = ()
NARROWABLE = False

_OTHER_LANGUAGE = re.compile(
    r"(?:^|/)[^/]*(?:docker|container)file[^/]*$|\.(?:md|html?|sh|ps1|py|go|ts|js)\.\w+$", re.IGNORECASE
)
_IMAGE = re.compile(
    r"""
    ^[ \t\ufeff]*+(?:-[ \t]++)?["']?[\w.-]*[iI]mage["']?[ \t]*+:[ \t]++
    (?P<quote>["']?)(?P<image>(?:\{\{[^{}\n]*+\}\}|\$\{[^{}\n]*+\}|<%[^%\n]*+%>|[^\s"'#,])++)(?P=quote)
    [ \t]*+,?[ \t]*+(?:\#[^\n]*+)?\r?$
    """,
    re.MULTILINE | re.VERBOSE,
)
_TEMPLATE = re.compile(r"\{\{|\$\{|<%|\{%|\$\w|%\{")
_VERSION = re.compile(r":v?\d[\w.-]*(?:@sha256:[0-9a-f]+)?$")


def extract(file: SourceFile) -> Iterator[Extracted]:
    """The images in the template ``file``."""
    if _OTHER_LANGUAGE.search(file.path):
        return
    for image in _IMAGE.finditer(file.text):
        yield from _image(file, Span(*image.span("image")))
    for fallback in default_images(file.text, Span(0, len(file.text))):
        line = file.text[file.text.rfind("\n", 0, fallback.start) + 1 : fallback.end]
        if "/" in file.text[slice(*fallback)] or "mage" in line:
            yield image_dependency(file, manager=NAME, span=fallback)


def _image(file: SourceFile, at: Span) -> Iterator[Extracted]:
    text = file.text[slice(*at)]
    if not _TEMPLATE.search(text):
        if is_versioned_image(text):
            yield image_dependency(file, manager=NAME, span=at)
    elif _VERSION.search(text):
        yield skipped(file, manager=NAME, reason=TEMPLATED, at=at, name=text[:200], datasource="docker")
