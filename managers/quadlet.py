"""Container images in Podman's systemd units (Quadlet).

Read are the `Image` of `*.container`, `*.image` and `*.volume`, the `Artifact` of `*.artifact`, and the
`--infra-image` of `*.pod`; also in drop-ins (`web.container.d/10-version.conf`):

    [Unit]
    Description=Web server

    [Container]
    Image=docker.io/library/nginx:1.27.0
    PublishPort=8080:80

References to other units (`Image=web.image`, `Image=web.build`) are no images. Images from archives and local storage,
and those with a specifier of systemd (`%i`) or a variable in them, are listed, not updated.
"""

import re
from collections.abc import Iterator

from updater.api import Extracted, SourceFile, Span, image_dependency, skipped

NAME = "quadlet"
FILES: tuple[str, ...] = ("*.container", "*.image", "*.volume", "*.pod", "*.artifact", "*.conf")
MARKERS: tuple[str, ...] = ("[Container]", "[Image]", "[Volume]", "[Pod]", "[Artifact]")
FOREIGN: tuple[str, ...] = ()
NARROWABLE = False

_KEYS = {"Container": "Image", "Image": "Image", "Volume": "Image", "Artifact": "Artifact", "Pod": "PodmanArgs"}
_LINE = re.compile(
    r"""
    ^[ \t\ufeff]*+
    (?: \[ (?P<section>[\w-]++) \] | (?P<key>[A-Z]\w*+) [ \t]*+ = [ \t]*+ ["']? (?P<value>[^\s"']*+) )
    """,
    re.MULTILINE | re.VERBOSE,
)
_INFRA = re.compile(r"[^\n]*?--infra-image[= ](?P<value>[^\s\"']++)")
_UNIT = re.compile(r"[^/:]+\.(?:image|build|volume|container|artifact)")
_LOCAL = re.compile(r"(?:docker-archive|docker-daemon|oci-archive|oci|dir|containers-storage|sif|ostree):(?!//)|/|\.")
_SPECIFIER = re.compile(r"%[A-Za-z]")


def extract(file: SourceFile) -> Iterator[Extracted]:
    """The images of the units in ``file``."""
    section = ""
    for line in _LINE.finditer(file.text):
        section = line["section"] or section
        if line["key"] is None or line["key"] != _KEYS.get(section):
            continue
        value = _INFRA.match(file.text, line.start("value")) if section == "Pod" else line
        if value:
            yield from _image(file, Span(*value.span("value")))


def _image(file: SourceFile, span: Span) -> Iterator[Extracted]:
    text = file.text[span.start : span.end]
    if not text or _UNIT.fullmatch(text):
        return
    reasons = ((_LOCAL.match(text), "not from a registry"), (_SPECIFIER.search(text), "contains a variable"))
    reason = next((reason for applies, reason in reasons if applies), None)
    if reason is None:
        yield image_dependency(file, manager=NAME, span=span)
    else:
        yield skipped(file, manager=NAME, reason=reason, at=span, name=text, datasource="docker")
