"""Versions of tools in the files of mise (`mise.toml`, `.mise.production.toml`, `.config/mise/config.toml`).

    [tools]
    node = "20.15.0"
    terraform = { version = "1.9.2" }
    python = ["3.12.4", "3.11.9"]
    "aqua:cli/cli" = "2.52.0"
    "npm:prettier" = "3.3.2"

    [tasks.lint]
    tools = { tflint = "0.52.0" }

Tools are those of mise's registry that are published on GitHub, what the backends `aqua`, `ubi`, `github`, `npm`,
`pipx`, `go` and `core` name, and what an `[alias]` in the file stands for. Of several versions of a tool the first
one, which is the one in use, is updated. Other tools and backends, and versions that are none (`latest`, `prefix:…`,
`ref:…`, `path:…`), are listed, not updated. `dep_type` is `tools`, or `task-NAME-tools`.
"""

import re
from collections.abc import Iterable, Iterator, Mapping

from msgspec import Struct

from managers._manifests import settled
from managers._tools import Tool, tool
from updater.api import Extracted, Package, SourceFile, Span

NAME = "mise"
FILES: tuple[str, ...] = (
    "mise.toml",
    "mise.*.toml",
    ".mise.toml",
    ".mise.*.toml",
    ".rtx.toml",
    "config.toml",
    "config.*.toml",
)
MARKERS: tuple[str, ...] = ("tools",)
FOREIGN: tuple[str, ...] = ()
NARROWABLE = False

_OURS = re.compile(
    r"(?:.*/)?(?:\.?mise(?:\.[\w.-]+)?\.toml|\.rtx\.toml|\.?(?:mise|rtx)/(?:conf\.d/)?config[\w.-]*\.toml)"
)
_LINE = re.compile(r"[^\n]++")
_KEY = r"""(?:"[^"\n]*+"|'[^'\n]*+'|[\w-]++)"""
_TABLE = re.compile(rf"[ \t\ufeff]*+\[\[?(?P<path>[ \t]*+{_KEY}(?:[ \t]*+\.[ \t]*+{_KEY})*+[ \t]*+)\]")
_ENTRY = re.compile(rf"[ \t]*+(?P<path>{_KEY}(?:[ \t]*+\.[ \t]*+{_KEY})*+)[ \t]*+=[ \t]*+")
_PART = re.compile(_KEY)
_STRING = re.compile(r"""(?P<quote>["'])(?P<value>[^"'\n]*+)(?P=quote)""")
_IN_TABLE = rf"\{{[^}}\n]*?\bversion[ \t]*+=[ \t]*+{_STRING.pattern}"
_SHAPES = tuple(
    re.compile(shape)
    for shape in (
        _STRING.pattern,
        _IN_TABLE,
        rf"\[(?:\s|#[^\n]*+\n)*+{_STRING.pattern}",
        rf"\[(?:\s|#[^\n]*+\n)*+{_IN_TABLE}",
    )
)
"""How a version is written: alone, in a table, or as the first one of a list."""

_PAIR = re.compile(rf"(?<=[{{,\s])(?P<key>{_KEY})[ \t]*+=[ \t]*+{_STRING.pattern}")
_PLAIN_BACKENDS = {"npm": "npm", "pipx": "pypi", "go": "go"}
_GITHUB_BACKENDS = ("aqua", "ubi", "github", "spm")
_OPTIONS = re.compile(r"\[[^\]]*+\]$")


def extract(file: SourceFile) -> Iterator[Extracted]:
    """The versions of the tools in ``file``."""
    if not _OURS.fullmatch(file.path):
        return iter(())
    entries = list(_entries(file.text))
    reading = _Reading(file=file, aliases=dict(_aliases(file.text, entries)))
    return settled(item for path, value in entries for item in reading.entry(path, value))


def _entries(text: str) -> Iterator[tuple[tuple[str, ...], Span]]:
    """Each key, with those of the table that it stands in, and the rest of its line."""
    table: tuple[str, ...] = ()
    for line in _LINE.finditer(text):
        if header := _TABLE.match(text, *line.span()):
            table = _parts(header["path"])
        elif entry := _ENTRY.match(text, *line.span()):
            yield (*table, *_parts(entry["path"])), Span(entry.end(), line.end())


def _parts(path: str) -> tuple[str, ...]:
    return tuple(part[0].strip("\"'") for part in _PART.finditer(path))


def _aliases(text: str, entries: Iterable[tuple[tuple[str, ...], Span]]) -> Iterator[tuple[str, str]]:
    """Names that stand for others, with a backend (https://mise.jdx.dev/dev-tools/aliases.html)."""
    for path, value in entries:
        match path:
            case ("alias" | "tool_alias", name) if (meant := _STRING.match(text, *value)) and ":" in meant["value"]:
                yield name, meant["value"]


class _Reading(Struct, frozen=True, kw_only=True):
    """One file while it is read."""

    file: SourceFile
    aliases: Mapping[str, str]

    def entry(self, path: tuple[str, ...], value: Span) -> Iterator[Extracted]:
        """What the key ``path`` with the text at ``value`` says of a tool, if anything."""
        match path:
            case ("tools", name) | ("tools", name, "version"):
                yield from self._tool(name, value.start, "tools")
            case ("tasks", task, "tools", name) | ("tasks", task, "tools", name, "version"):
                yield from self._tool(name, value.start, f"task-{task}-tools")
            case ("tools",) | ("tasks", _, "tools"):
                dep_type = "tools" if len(path) == 1 else f"task-{path[1]}-tools"
                for pair in _PAIR.finditer(self.file.text, *value):
                    yield self._version(pair["key"].strip("\"'"), Span(*pair.span("value")), dep_type)

    def _tool(self, name: str, start: int, dep_type: str) -> Iterator[Extracted]:
        match = next((match for shape in _SHAPES if (match := shape.match(self.file.text, start))), None)
        if match and match["value"]:
            yield self._version(name, Span(*match.span("value")), dep_type)

    def _version(self, name: str, value: Span, dep_type: str) -> Extracted:
        known = _known(self.aliases.get(name, name)).called(name)
        return known.at(self.file, manager=NAME, value=value, dep_type=dep_type)


def _known(name: str) -> Tool:
    """The tool of that name, which may begin with a backend (https://mise.jdx.dev/dev-tools/backends/)."""
    backend, colon, rest = _OPTIONS.sub("", name).partition(":")
    if not colon or backend == "core":
        return tool(rest or backend)
    package = None
    if "/" in rest and "://" not in rest and backend in (*_GITHUB_BACKENDS, "pipx"):
        datasource = "github-tags" if backend == "pipx" else "github-releases"
        package = Package(datasource=datasource, name="/".join(rest.split("/")[:2]))
    elif rest and backend in _PLAIN_BACKENDS and "://" not in rest:
        package = Package(datasource=_PLAIN_BACKENDS[backend], name=rest)
    return Tool(name=name, package=package)
