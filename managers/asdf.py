"""Versions of tools in `.tool-versions`, the file of asdf.

    terraform 1.9.2
    kubectl   1.30.2    # hashicorp/terraform, kubernetes/kubernetes: both from GitHub
    nodejs    20.15.0 18.20.3

Of several versions of a tool the first one, which is the one in use, is updated. A tool whose releases are known to be
nowhere, and a version that is none (`latest`, `system`, `ref:…`, `path:…`), is listed, not updated.
"""

import re
from collections.abc import Iterator

from managers._tools import tool
from updater.api import Extracted, SourceFile, Span

NAME = "asdf"
FILES: tuple[str, ...] = (".tool-versions",)
MARKERS: tuple[str, ...] = ()
FOREIGN: tuple[str, ...] = ()
NARROWABLE = False

_LINE = re.compile(r"^[ \t\ufeff]*+(?P<name>[A-Za-z0-9][\w.-]*+)[ \t]++(?P<version>[^\s#]++)", re.MULTILINE)


def extract(file: SourceFile) -> Iterator[Extracted]:
    """The version of each tool in ``file``."""
    if file.path.rpartition("/")[2] != ".tool-versions":
        return
    for line in _LINE.finditer(file.text):
        yield tool(line["name"]).at(file, manager=NAME, value=Span(*line.span("version")))
