"""What the ``index.yaml`` of a chart repository says about a chart.

PyYAML needs a second for what is said about a chart of many versions. Helm writes it in a canonical form, which is read
by the line; whatever departs from it is a surprise, and a surprise is PyYAML's: first the part about the chart, then
that about all of them. Nothing is guessed.
"""

import json
import re
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from datasources._answers import items, mapping, moment, text, text_or_none
from datasources._helm_charts import Surprise
from datasources._helm_yaml import FIELDS, load_yaml, slim
from updater.api import InvalidAnswer, Release, Releases, Requirement

_Entry = Mapping[str, object]

_FIRST_ITEM = re.compile(rb"\n[^\n]*\n( +)- ")
_PLAIN = re.compile(rb"[A-Za-z0-9/+.^~<=][^\n]*")
_MAPPING_OR_COMMENT = re.compile(rb":(?:[ \t]|$)|[ \t]#")
_HEX = re.compile(r"[0-9a-f]{64}")
_FORGES = frozenset({"github", "gitlab", "gitea", "forgejo", "codeberg", "bitbucket"})


@dataclass(frozen=True, slots=True)
class Index:
    """The charts of a repository, as :func:`datasources._helm_charts.unpacked` has them."""

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
            return self._checked(json.loads(piece))
        try:
            return scan(piece)
        except Surprise:
            pass
        try:
            return self._parsed([piece], chart)
        except InvalidAnswer:  # an alias, perhaps, to what another chart defines
            return self._parsed(map(zlib.decompress, self.charts.values()), chart)

    def _parsed(self, pieces: Iterable[bytes], chart: str) -> Sequence[_Entry]:
        try:
            document = load_yaml(b"".join(pieces))
        except ValueError as error:
            raise InvalidAnswer(f"{self.url} {error}", url=self.url) from error
        named = mapping(document, url=self.url, what="charts").get(chart)
        return self._checked(slim(items(named, url=self.url, what="entries")))

    def _checked(self, entries: Iterable[object]) -> Sequence[_Entry]:
        return [mapping(entry, url=self.url, what="an entry") for entry in entries]


# ---------------------------------------------------------------- by the line


def scan(piece: bytes) -> Sequence[_Entry]:
    """The entries of one chart, as far as they are of interest. Raises ``Surprise``."""
    first = _FIRST_ITEM.match(piece)
    if first is None or b"\r" in piece:
        raise Surprise
    indent = len(first[1])
    keys = re.compile(rb"\n {%d}(- |  )([A-Za-z]+):(?![^ \n])([^\n]*)" % indent)
    entries: list[dict[str, object]] = []
    for line in keys.finditer(piece):
        if line[1] == b"- ":
            entries.append({})
        key = line[2].decode()
        if key in FIELDS:
            if not entries or key in entries[-1] or _goes_on(piece, line.end(), indent):
                raise Surprise
            entries[-1][key] = _scalar(line[3].strip())
    if len(entries) != piece.count(b"\n" + b" " * indent + b"-") or not all(entry.get("version") for entry in entries):
        raise Surprise
    entries[0]["sources"] = _sources(piece, indent)
    return entries


def cut_out(piece: bytes, version: str) -> bytes | None:
    """The one entry of that version, as an item of a list in YAML; None where it is not plain which that is."""
    first = _FIRST_ITEM.match(piece)
    if first is None or b"\r" in piece:
        return None
    indent = len(first[1])
    wanted = re.compile(
        rb"\n {%d}(?:- |  )version:[ ]*([\"']?)%s\1[ ]*(?:\n|$)" % (indent, re.escape(version.encode()))
    )
    starts = [each.start() for each in re.finditer(rb"\n {%d}- " % indent, piece)]
    ends = [*starts[1:], len(piece)]
    found = [piece[start:end] for start, end in zip(starts, ends, strict=True) if wanted.search(piece, start, end)]
    return found[0] if len(found) == 1 else None


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
            raise Surprise
        value = inner
    elif not _PLAIN.fullmatch(value) or _MAPPING_OR_COMMENT.search(value):
        raise Surprise
    try:
        return value.decode()
    except UnicodeDecodeError:
        raise Surprise from None


def _sources(piece: bytes, indent: int) -> list[str]:
    """The list ``sources`` of the first entry that has one; it only serves to find a link."""
    block = re.compile(
        rb"\n {%d}sources:[ ]*(?:(?P<lines>(?:\n {%d} *- [^\n]+)+)|\[(?P<flow>[^\]]*+)\])" % (indent + 2, indent + 2)
    ).search(piece)
    if block is None:
        return []
    lines, flow = (block[name].decode("utf-8", "replace") if block[name] else "" for name in ("lines", "flow"))
    links = (line.strip().removeprefix("- ") for line in (lines.split("\n") if lines else flow.split(",")))
    return [link.strip(" \n'\"") for link in links]


# ---------------------------------------------------------------- entry → release


def _release(entry: _Entry, url: str) -> Release:
    digest = str(entry.get("digest") or "").removeprefix("sha256:")
    return Release(
        version=text(entry.get("version"), url=url, what="a version in every entry"),
        published=moment(entry.get("created")),
        digest=f"sha256:{digest}" if _HEX.fullmatch(digest) else None,
        deprecated=is_deprecated(entry),
        app_version=text_or_none(entry.get("appVersion")),
        requires=requirements(entry),
    )


def is_deprecated(chart: _Entry) -> bool:
    """Whether its metadata say so."""
    return chart.get("deprecated") in (True, "true")


def requirements(chart: _Entry) -> tuple[Requirement, ...]:
    """The versions of Kubernetes that it can do with: https://helm.sh/docs/topics/charts/#the-kubeversion-field."""
    kubernetes = text_or_none(chart.get("kubeVersion"))
    return (Requirement("kubernetes", kubernetes),) if kubernetes else ()


def _source_url(entries: Sequence[_Entry]) -> str | None:
    """The repository on a forge that ``sources`` or ``home`` name; one that speaks of charts before any other."""
    return source_url(link for entry in entries for link in (*_texts(entry.get("sources")), *_texts(entry.get("home"))))


def source_url(links: Iterable[str]) -> str | None:
    """The repository on a forge that ``links`` lead to; one that speaks of charts before any other."""
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
