"""Files that hold one version of one tool, as version managers (tenv, tfenv, tgenv, …) read them."""

import re
from collections.abc import Iterator

from updater.api import Extracted, Package, SourceFile, Span, dependency, skipped

_LINE = re.compile(r"^[ \t\ufeff]*+(?P<version>[^\s#]++)[^\n]*+$", re.MULTILINE)
_VERSION = re.compile(r"[vV]?\d[\w.+-]*+")
_FOLLOWS = re.compile(r"(?:latest|min-required|min-allowed|latest-allowed|latest-stable|latest-pre)\b")


def version_file(file: SourceFile, *, manager: str, package: Package) -> Iterator[Extracted]:
    """The version in the first line that is neither empty nor a comment."""
    match = _LINE.search(file.text)
    if match is None:
        return
    span = Span(*match.span("version"))
    version = match["version"]
    if _VERSION.fullmatch(version):
        name = package.name
        yield dependency(file, manager=manager, name=name, package=package, value=span, versioning="hashicorp")
        return
    reason = "follows the newest release" if _FOLLOWS.match(version) else "not version-like"
    yield skipped(file, manager=manager, reason=reason, at=span, name=package.name, datasource=package.datasource)
