"""The files in a chart's archive, read in bounded memory; nothing is ever written to a disk.

An archive comes from a stranger. What it unpacks to is counted while it is unpacked, so that a bomb stops the reading;
only regular files count, and only those whose path stays inside the chart.
"""

import gzip
import io
import tarfile
import zlib
from collections.abc import Iterator, Mapping

MAX_UNPACKED = 64 * 1024 * 1024
MAX_FILE = 4 * 1024 * 1024
MAX_FILES = 5_000


class UnreadableArchive(ValueError):
    """It is no archive of a chart, a damaged one, or one that unpacks to too much."""


def unpacked(content: bytes) -> Mapping[str, bytes]:
    """The files of a packaged chart by their paths within it, without the ones that are too large to be of interest.

    Raises ``UnreadableArchive``.
    """
    try:
        found = dict(_files(io.BytesIO(content)))
    except (tarfile.TarError, zlib.error, EOFError, OSError, ValueError, OverflowError) as error:
        raise UnreadableArchive(str(error) or type(error).__name__) from error
    if "Chart.yaml" not in found:
        raise UnreadableArchive("it has no Chart.yaml")
    return found


def _files(packed: io.BytesIO) -> Iterator[tuple[str, bytes]]:
    with gzip.GzipFile(fileobj=packed) as stream, tarfile.open(fileobj=_Counted(stream), mode="r|") as archive:
        for number, member in enumerate(archive):
            if number >= MAX_FILES:
                raise UnreadableArchive(f"it has more than {MAX_FILES} files")
            path = _path(member.name)
            if path is None or not member.isreg() or member.issparse() or member.size > MAX_FILE:
                continue
            file = archive.extractfile(member)
            if file is not None:
                yield path, file.read()


def _path(name: str) -> str | None:
    """The path within the chart, whose directory comes first; None for one that leads out of it."""
    parts = name.removeprefix("./").split("/")
    if len(parts) < 2 or {"", ".", ".."} & set(parts) or "\\" in name:
        return None
    return "/".join(parts[1:])


class _Counted(io.RawIOBase):
    """A stream that ends in an error before it has given too much."""

    def __init__(self, stream: gzip.GzipFile) -> None:
        self._stream, self._left = stream, MAX_UNPACKED

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1, /) -> bytes:
        piece = self._stream.read(min(size, 1 << 20) if size >= 0 else 1 << 20)
        self._left -= len(piece)
        if self._left < 0:
            raise UnreadableArchive(f"it unpacks to more than {MAX_UNPACKED >> 20} MiB")
        return piece
