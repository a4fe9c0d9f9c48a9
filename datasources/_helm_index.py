"""Reading the ``index.yaml`` of a chart repository: up to 20 MB, of which a few kilobytes are wanted.

PyYAML needs seconds and hundreds of megabytes for such a file. Helm writes it in a canonical form
(https://helm.sh/docs/topics/chart_repository/#the-index-file), and that form can be read by the line. So the text is
cut into one piece per chart, each kept compressed, and the piece of a wanted chart is read by the line. Whatever
departs from the form is a surprise, and a surprise is PyYAML's: first on the piece, then on all of them, then on the
whole file. Nothing is guessed.
"""

import gc
import json
import re
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from urllib.parse import urlsplit

from datasources._answers import items, mapping, moment, text
from updater.api import InvalidAnswer, Release, Releases

_Entry = Mapping[str, object]

_FIELDS = frozenset({"appVersion", "created", "deprecated", "digest", "home", "version"})
_LINE = re.compile(rb"\n(?:  [^ \n#-]|[^ \n#])[^\n]*")
_CHART = re.compile(rb"\n  (?:([A-Za-z0-9][A-Za-z0-9._-]*)|\"([^\"\\]+)\"|'([^']+)'):[ ]*")
_FIRST_ITEM = re.compile(rb"\n[^\n]*\n( +)- ")
_PLAIN = re.compile(rb"[A-Za-z0-9/+.][^\n]*")
_MAPPING_OR_COMMENT = re.compile(rb":(?:[ ]|$)|[ ]#")
_HEX = re.compile(r"[0-9a-f]{64}")
_FORGES = frozenset({"github", "gitlab", "gitea", "forgejo", "codeberg", "bitbucket"})


class _Surprise(Exception):
    """The text is not in canonical form."""


@dataclass(frozen=True, slots=True)
class Index:
    """The charts of a repository: name → its entries, compressed, as cut out of the text or as a list in JSON."""

    url: str
    charts: Mapping[str, bytes]

    def releases(self, chart: str) -> Releases:
        """The versions of ``chart``. Raises ``KeyError`` where there is none, ``InvalidAnswer`` for garbage."""
        entries = self._entries(chart)
        found = {release.version: release for release in (_release(entry, self.url) for entry in entries)}
        return Releases(
            releases=tuple(found.values()),
            source_url=_source_url(entries),
            registry_url=self.url.removesuffix("/index.yaml"),
        )

    def _entries(self, chart: str) -> Sequence[_Entry]:
        piece = zlib.decompress(self.charts[chart])
        if piece.startswith(b"["):
            entries: Sequence[_Entry] = json.loads(piece)
            return entries
        try:
            return _scan(piece)
        except _Surprise:
            pass
        try:
            return _entries_of(_load_yaml(piece, self.url), chart, self.url)
        except InvalidAnswer:  # an alias, perhaps, to what another chart defines
            everything = b"".join(zlib.decompress(compressed) for compressed in self.charts.values())
            return _entries_of(_load_yaml(everything, self.url), chart, self.url)


def read(content: bytes, url: str) -> Index:
    """The index in ``content``, which came from ``url``. Raises ``InvalidAnswer`` if it is none."""
    if content.lstrip()[:1] == b"{":
        return Index(url, _packed(_load_json(content, url), url))
    if b"\r" in content:
        content = content.replace(b"\r\n", b"\n")
    if content[content.rfind(b"\n") + 1 :].startswith(b" "):
        raise InvalidAnswer(f"{url} ends in the middle of a line: it seems to be truncated", url=url)
    try:
        return Index(url, _cut(content))
    except _Surprise:
        return Index(url, _packed(_load_yaml(content, url), url))


# ---------------------------------------------------------------- by the line


def _cut(content: bytes) -> Mapping[str, bytes]:
    """Each chart's text, from the newline before its name to that before the next one, compressed."""
    charts = dict[str, bytes]()
    name, position = None, _end_of_heading(content)
    for line in chain(_LINE.finditer(content, position), (None,)):
        end = len(content) if line is None else line.start()
        _keep(charts, name, content[position:end])
        if line is None or not line[0].startswith(b"\n "):  # the next section: there are no more charts
            break
        name, position = _chart_name(line[0]), end
    if not charts:
        raise _Surprise
    return charts


def _end_of_heading(content: bytes) -> int:
    """Where the line ``entries:`` ends."""
    start = 0 if content.startswith(b"entries:") else content.find(b"\nentries:")
    end = content.find(b"\n", start + 1)
    if start < 0 or end < 0 or content[start:end].strip() != b"entries:":
        raise _Surprise
    return end


def _keep(charts: dict[str, bytes], name: str | None, piece: bytes) -> None:
    if name in charts or (name is None and piece.strip()):
        raise _Surprise
    if name is not None:
        charts[name] = zlib.compress(piece, 1)


def _chart_name(line: bytes) -> str:
    match = _CHART.fullmatch(line)
    if match is None:
        raise _Surprise
    return _decoded(match[1] or match[2] or match[3])


def _scan(piece: bytes) -> Sequence[_Entry]:
    """The entries of one chart, as far as they are of interest."""
    first = _FIRST_ITEM.match(piece)
    if first is None or b"\r" in piece:
        raise _Surprise
    indent = len(first[1])
    keys = re.compile(rb"\n {%d}(- |  )([A-Za-z]+):(?![^ \n])([^\n]*)" % indent)
    entries: list[dict[str, object]] = []
    for line in keys.finditer(piece):
        if line[1] == b"- ":
            entries.append({})
        key = line[2].decode()
        if key in _FIELDS:
            if not entries or key in entries[-1] or _goes_on(piece, line.end(), indent):
                raise _Surprise
            entries[-1][key] = _scalar(line[3].strip())
    if len(entries) != piece.count(b"\n" + b" " * indent + b"-") or not all(entry.get("version") for entry in entries):
        raise _Surprise
    entries[0]["sources"] = _sources(piece, indent)
    return entries


def _goes_on(piece: bytes, end: int, indent: int) -> bool:
    """Whether the value that seems to end at ``end`` has a second line."""
    return piece.startswith((b"\n" + b" " * (indent + 3), b"\n\n"), end)


def _scalar(value: bytes) -> str | None:
    """The text of a plain or simply quoted scalar; None for null."""
    if value in (b"", b"~", b"null"):
        return None
    quote = value[:1]
    if quote in (b'"', b"'"):
        inner = value[1:-1]
        if len(value) < 2 or value[-1:] != quote or quote in inner or b"\\" in inner:
            raise _Surprise
        value = inner
    elif not _PLAIN.fullmatch(value) or _MAPPING_OR_COMMENT.search(value):
        raise _Surprise
    return _decoded(value)


def _decoded(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        raise _Surprise from None


def _sources(piece: bytes, indent: int) -> list[str]:
    """The list ``sources`` of the first entry that has one; it only serves to find a link."""
    block = re.compile(rb"\n {%d}sources:[ ]*((?:\n {%d} *- [^\n]+)+)" % (indent + 2, indent + 2)).search(piece)
    lines = block[1].decode("utf-8", "replace").split("\n") if block else []
    return [line.strip().removeprefix("- ").strip("'\"") for line in lines]


# ---------------------------------------------------------------- by a parser


def _load_json(content: bytes, url: str) -> object:
    try:
        document: object = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise _no_index(url, error) from error
    return document


def _load_yaml(content: bytes, url: str) -> object:
    """The document with every scalar as text, so that a version ``1.10`` stays one."""
    import yaml

    try:
        with _without_garbage_collection():
            document: object = yaml.load(content, getattr(yaml, "CBaseLoader", yaml.BaseLoader))  # noqa: S506 - makes only text, lists and mappings
    except (yaml.YAMLError, UnicodeError, RecursionError) as error:
        raise _no_index(url, error) from error
    return document


def _no_index(url: str, error: Exception) -> InvalidAnswer:
    return InvalidAnswer(f"{url} is not the index of a chart repository: {' '.join(str(error).split())}", url=url)


@contextmanager
def _without_garbage_collection() -> Iterator[None]:
    """Parsing makes millions of objects and no garbage; looking for some takes two thirds of the time."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _packed(document: object, url: str) -> Mapping[str, bytes]:
    index = mapping(document, url=url, what="the index of a chart repository")
    charts = mapping(index.get("entries"), url=url, what="a chart repository's entries")
    return {str(name): zlib.compress(json.dumps(_entries_of(charts, name, url)).encode(), 1) for name in charts}


def _entries_of(charts: object, chart: str, url: str) -> Sequence[_Entry]:
    """The entries of ``chart``, less all that is of no interest (which also keeps aliases from multiplying)."""
    named = mapping(charts, url=url, what="charts").get(chart)
    return [_slim(mapping(entry, url=url, what="an entry")) for entry in items(named, url=url, what="entries")]


def _slim(entry: _Entry) -> _Entry:
    sources = entry.get("sources")
    scalars = {key: entry[key] for key in _FIELDS & entry.keys() if isinstance(entry[key], str | bool)}
    links = [link for link in sources if isinstance(link, str)] if isinstance(sources, list) else []
    return scalars | {"sources": links}


# ---------------------------------------------------------------- entry → release


def _release(entry: _Entry, url: str) -> Release:
    app_version, digest = entry.get("appVersion"), str(entry.get("digest") or "").removeprefix("sha256:")
    return Release(
        version=text(entry.get("version"), url=url, what="a version in every entry"),
        published=moment(entry.get("created")),
        digest=f"sha256:{digest}" if _HEX.fullmatch(digest) else None,
        deprecated=entry.get("deprecated") in (True, "true"),
        app_version=app_version if isinstance(app_version, str) and app_version else None,
    )


def _source_url(entries: Sequence[_Entry]) -> str | None:
    """The repository on a forge that ``sources`` or ``home`` name; one that speaks of charts before any other."""
    links = [link for entry in entries for link in (*_texts(entry.get("sources")), *_texts(entry.get("home")))]
    repositories = [repository for repository in map(_repository, links) if repository]
    of_charts = (repository for repository in repositories if "chart" in repository or "helm" in repository)
    return next(of_charts, repositories[0] if repositories else None)


def _repository(link: str) -> str | None:
    """The repository that a link into a forge leads to; a forge is known by its host's name."""
    try:
        parts = urlsplit(link)
    except ValueError:
        return None
    labels, path = set(parts.netloc.split(".")), parts.path.partition("/-/")[0].strip("/").split("/")
    if parts.scheme not in ("https", "http") or not labels & _FORGES or len(path) < 2:
        return None
    name = "/".join(path if "gitlab" in labels else path[:2])
    return f"{parts.scheme}://{parts.netloc}/{name.removesuffix('.git')}"


def _texts(value: object) -> Sequence[str]:
    if isinstance(value, str):
        return (value,)
    return [str(item) for item in value] if isinstance(value, list) else ()
