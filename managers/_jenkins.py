"""Plugins of Jenkins, as its tools, its chart and its operator list them."""

import re

from updater.api import Extracted, Package, SourceFile, Span, dependency, skipped

DATASOURCE = "jenkins-plugins"

_LISTED = re.compile(r"(?P<name>[A-Za-z0-9][\w.-]*+):(?P<version>[^\s:]++)(?P<address>:\S++)?")


def plugin(file: SourceFile, *, manager: str, name: str, version: Span, reason: str | None = None) -> Extracted:
    """The plugin ``name`` at ``version``; ``reason`` says why it cannot be managed, if the version itself does not."""
    text = file.text[version.start : version.end]
    if text.startswith("incrementals;"):
        reason = "an incremental build"
    elif reason is None and "$" in text:
        reason = "contains a variable"
    elif reason is None and not any(map(str.isdigit, text)):
        reason = "not version-like"
    if reason is not None:
        return skipped(
            file, manager=manager, reason=reason, at=version, name=name, datasource=DATASOURCE, dep_type="plugin"
        )
    return dependency(
        file,
        manager=manager,
        name=name,
        package=Package(datasource=DATASOURCE, name=name),
        value=version,
        versioning="maven",
        dep_type="plugin",
    )


def listed_plugin(file: SourceFile, *, manager: str, at: Span) -> Extracted | None:
    """The plugin that ``git:5.2.1`` at ``at`` names; None if there is no version."""
    match = _LISTED.fullmatch(file.text, *at)
    if match is None:
        return None
    reason = "installed from an address" if match["address"] else None
    return plugin(file, manager=manager, name=match["name"], version=Span(*match.span("version")), reason=reason)
