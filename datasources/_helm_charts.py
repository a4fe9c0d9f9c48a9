"""Taking an ``index.yaml`` apart as it comes in: up to 60 MB, of which a few kilobytes are wanted.

Helm writes the file in a canonical form (https://helm.sh/docs/topics/chart_repository/#the-index-file) in which each
chart begins with a line of its own. So the text is cut there, and each piece is compressed at once; what is in a piece
is read when its chart is asked for (:mod:`datasources._helm_index`). Whatever departs from the form is a surprise, and
then the whole file is a parser's, which takes seconds. Nothing is guessed.
"""

import gzip
import io
import json
import re
import zlib
from collections.abc import Iterable, Iterator, Mapping

from datasources._helm_yaml import Entries, from_json, from_yaml

_LONGEST_HEADING = 1 << 20
_ENTRIES = b"\nentries:"
_LINE = re.compile(rb"\n(?:  [^ \n#-]|[^ \n#])[^\n]*")
_CHART = re.compile(rb"\n  (?:([A-Za-z0-9][A-Za-z0-9._-]*)|\"([^\"\\]+)\"|'([^']+)'):[ ]*(?:\[\][ ]*)?")


class Surprise(Exception):
    """The text is not in canonical form."""


class Charts:
    """A :class:`updater.api.Distiller`: the charts of an index, each compressed; :func:`unpacked` reads what it makes.

    A chart is its part of the text, from the newline before its name on, or a list of entries in JSON.
    """

    FORM = "charts 1"

    def __init__(self) -> None:
        self._cutter = _Cutter()
        self._whole: _Compressed | None = None
        self._return, self._last_line = b"", b""

    def feed(self, chunk: bytes) -> None:
        """Take the next piece of the text."""
        chunk = self._return + chunk
        self._return = b"\r" if chunk.endswith(b"\r") else b""
        if b"\r" in chunk:
            chunk = chunk.removesuffix(b"\r").replace(b"\r\n", b"\n")
        self._take(chunk)

    def finish(self) -> bytes:
        """All charts. Raises ``ValueError`` for what is no index, or not all of it."""
        self._take(self._return)
        charts = self._cut() if self._whole is None else None
        return _packed(charts if charts is not None else dict(self._parsed()))

    def _take(self, chunk: bytes) -> None:
        if self._whole is not None:
            self._whole.add(chunk)
        else:
            try:
                self._cutter.feed(chunk)
            except Surprise:
                self._give_up()
        line = chunk.rfind(b"\n")
        self._last_line = (self._last_line + chunk if line < 0 else chunk[line + 1 :])[:1]

    def _cut(self) -> Mapping[str, bytes] | None:
        """The charts as they were cut out; None for a surprise."""
        try:
            charts = self._cutter.finish()
        except Surprise:
            self._give_up()
            return None
        self._look_at_the_end()
        return charts

    def _give_up(self) -> None:
        self._whole = _Compressed(zlib.MAX_WBITS | 16)
        for text in self._cutter.texts():
            self._whole.add(text)

    def _parsed(self) -> Iterator[tuple[str, bytes]]:
        """The charts as a parser finds them."""
        assert self._whole is not None
        with gzip.open(io.BytesIO(self._whole.finish())) as stream:
            is_json = stream.read(1_024).lstrip()[:1] == b"{"
            stream.seek(0)
            if not is_json:
                self._look_at_the_end()
            charts: Iterable[tuple[str, Entries]] = from_json(stream.read()) if is_json else from_yaml(stream)
            for name, entries in charts:
                yield name, zlib.compress(json.dumps(entries).encode(), 1)

    def _look_at_the_end(self) -> None:
        """The file ends with a section, or a line at least; each line of an entry is indented."""
        if self._last_line == b" ":
            raise ValueError("ends in the middle of a line: it seems to be truncated")


def unpacked(content: bytes) -> Mapping[str, bytes]:
    """Name → chart, compressed: what :class:`Charts` made of an index."""
    heading, _, pieces = content.partition(b"\n")
    charts, place = dict[str, bytes](), 0
    for name, length in json.loads(heading).items():
        charts[name] = pieces[place : place + length]
        place += length
    return charts


def _packed(charts: Mapping[str, bytes]) -> bytes:
    heading = json.dumps({name: len(piece) for name, piece in charts.items()})
    return b"".join([heading.encode(), b"\n", *charts.values()])


class _Compressed:
    """Text that is compressed while it comes in; ``wbits`` as for :mod:`zlib`."""

    def __init__(self, wbits: int = zlib.MAX_WBITS) -> None:
        self._compressor, self._parts = zlib.compressobj(1, wbits=wbits), list[bytes]()

    def add(self, text: bytes) -> None:
        self._parts.append(self._compressor.compress(text))

    def finish(self) -> bytes:
        return b"".join([*self._parts, self._compressor.flush()])


class _Cutter:
    """Cuts the text of an index before each chart; raises ``Surprise`` and still has all that it was fed."""

    def __init__(self) -> None:
        self._charts: dict[str, bytes] = {}
        self._heading: bytes | None = None
        self._name: str | None = None
        self._chart = _Compressed()
        self._rest, self._done, self._searched = b"", 0, 0
        self._is_over = False

    def feed(self, chunk: bytes) -> None:
        self._rest += chunk
        if self._heading is None:
            self._find_heading()
        if self._heading is not None:
            self._cut(self._rest.rfind(b"\n"))

    def finish(self) -> Mapping[str, bytes]:
        """The charts, each compressed."""
        if self._heading is None:
            raise Surprise
        self._cut(len(self._rest))
        self._close()
        if not self._charts:
            raise Surprise
        return self._charts

    def texts(self) -> Iterator[bytes]:
        """All that was fed, but for what follows the charts; it ends the cutting."""
        yield self._heading or b""
        self._close()
        yield from map(zlib.decompress, self._charts.values())
        yield self._rest[self._done :]

    def _find_heading(self) -> None:
        """The heading ends where the line ``entries:`` does."""
        start = 0 if self._rest.startswith(_ENTRIES[1:]) else self._rest.find(_ENTRIES, self._searched)
        end = self._rest.find(b"\n", start + 1) if start >= 0 else -1
        if end >= 0 and self._rest[start:end].strip() == _ENTRIES.strip():
            self._heading, self._rest = self._rest[:end], self._rest[end:]
        elif end >= 0 or len(self._rest) > _LONGEST_HEADING:
            raise Surprise
        self._searched = max(0, len(self._rest) - len(_ENTRIES)) if start < 0 else start

    def _cut(self, end: int) -> None:
        """Put away the text before ``end``, where a line ends."""
        if end <= 0:
            return
        if not self._is_over:
            self._cut_before_charts(end)
        self._put_away(end)
        self._rest, self._done = self._rest[end:], 0

    def _cut_before_charts(self, end: int) -> None:
        for line in _LINE.finditer(self._rest, 0, end):
            self._put_away(line.start())
            if not line[0].startswith(b"\n "):  # the next section: there are no more charts
                self._close()
                self._is_over = True
                return
            self._open(_chart_name(line[0]))

    def _put_away(self, end: int) -> None:
        piece = self._rest[self._done : end]
        if self._name is not None:
            self._chart.add(piece)
        elif piece.strip() and not self._is_over:
            raise Surprise
        self._done = end

    def _open(self, name: str) -> None:
        if name in self._charts or name == self._name:
            raise Surprise
        self._close()
        self._name, self._chart = name, _Compressed()

    def _close(self) -> None:
        if self._name is not None:
            self._charts[self._name] = self._chart.finish()
            self._name = None


def _chart_name(line: bytes) -> str:
    match = _CHART.fullmatch(line)
    if match is None:
        raise Surprise
    try:
        return (match[1] or match[2] or match[3]).decode()
    except UnicodeDecodeError:
        raise Surprise from None
