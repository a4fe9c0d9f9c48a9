"""What was found in files by an earlier scan, so that a file is read again only when it has changed.

Two files for each repository, in the user's cache directory: what stands in each file, and the last scan as a whole,
which is all that is read where nothing has changed. They are only an aid: one that is lost, broken or of another
version costs the time of a scan, and nothing in it is believed of a file whose content is not the same.
"""

import hashlib
import logging
import os
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import Any

import msgspec

from updater.model.scan import Clue, Dependency, Extracted, LockEntry, Scan, Skipped

logger = logging.getLogger(__name__)


class _StoredClue(msgspec.Struct, array_like=True):
    manager: str
    path: str
    kind: str
    data: dict[str, Any]
    dependency: Dependency | None
    skipped: Skipped | None


class _Found(msgspec.Struct, array_like=True):
    """What stands in one file, by kind because a union of dataclasses cannot be read back."""

    dependencies: list[Dependency]
    locks: list[LockEntry]
    skipped: list[Skipped]
    clues: list[_StoredClue]


class _Entry(msgspec.Struct, array_like=True):
    """A file's content, and the encoded findings; nothing where there are none."""

    content: str
    found: bytes


class _Snapshot(msgspec.Struct, array_like=True):
    """A scan of one repository; ``maker`` is what decides about the findings beside the contents."""

    maker: str
    files: dict[str, _Entry]


class _Whole(msgspec.Struct, array_like=True):
    """A scan of one repository, of files that ``content`` tells from any others, and ``state`` from later ones."""

    maker: str
    state: str | None
    content: str
    found: Scan


_FOUND = msgspec.msgpack.Decoder(_Found)


class Extractions:
    """The findings of the last scan of one repository, and those of the present one."""

    def __init__(self, directory: Path, repository: str, maker: str) -> None:
        """Open what is kept in ``directory`` about ``repository``, if the same ``maker`` wrote it."""
        self._path = directory / hashlib.sha256(os.fsencode(repository)).hexdigest()[:32]
        self._maker = maker
        self._present: dict[str, _Entry] = {}
        self._whole: _Whole | None = None

    def recall_scan(self, state: str | None, content: str | None = None) -> Scan | None:
        """The last scan, if it was one of a tree in this state, or of files with this content."""
        last = self._last
        if last is None:
            return None
        is_same = (state is not None and state == last.state) or (content is not None and content == last.content)
        return last.found if is_same else None

    def keep_scan(self, state: str | None, content: str, found: Scan) -> None:
        """Remember a scan of files with this content."""
        self._whole = _Whole(self._maker, state, content, found)

    def recall(self, path: str, content: str) -> Sequence[Extracted] | None:
        """What was found in the file at ``path`` when it had this content; None if that is not known."""
        entry = self._known.get(path)
        if entry is None or entry.content != content:
            return None
        self._present[path] = entry
        return _decoded(entry.found) if entry.found else ()

    def keep(self, path: str, content: str, found: Sequence[Extracted]) -> None:
        """Remember what was found; nothing that is no proper text (a path that is not UTF-8, say)."""
        try:
            path.encode()
            self._present[path] = _Entry(content, _encoded(found))
        except UnicodeEncodeError:  # ``suppress`` would take as long as the rest
            return

    def save(self) -> None:
        """Write the present findings, unless they are the known ones. That it fails is logged, and harmless."""
        try:
            if self._present and self._present != self._known:
                _write(self._path, msgspec.msgpack.encode(_Snapshot(self._maker, self._present)))
            if self._whole is not None:
                with suppress(UnicodeEncodeError):  # a path that is not UTF-8, say
                    _write(self._whole_path, msgspec.msgpack.encode(self._whole))
        except OSError as error:
            logger.warning("what was found could not be kept in %s: %s", self._path, error)

    @property
    def _whole_path(self) -> Path:
        return self._path.with_suffix(".scan")

    @cached_property
    def _last(self) -> _Whole | None:
        with suppress(OSError, msgspec.MsgspecError, UnicodeDecodeError):
            whole = msgspec.msgpack.decode(self._whole_path.read_bytes(), type=_Whole)
            return whole if whole.maker == self._maker else None
        return None

    @cached_property
    def _known(self) -> Mapping[str, _Entry]:
        with suppress(OSError, msgspec.MsgspecError, UnicodeDecodeError):
            snapshot = msgspec.msgpack.decode(self._path.read_bytes(), type=_Snapshot)
            if snapshot.maker == self._maker:
                return snapshot.files
        return {}


def content_id(data: bytes) -> str:
    """What git knows this content by (https://git-scm.com/book/en/v2/Git-Internals-Git-Objects), with its size."""
    digest = hashlib.sha1(b"blob %d\0" % len(data), usedforsecurity=False)
    digest.update(data)
    return f"{digest.hexdigest()}:{len(data)}"


def fingerprint(sources: Iterable[Path], *settings: object) -> str:
    """What tells one maker of findings from another: the sources in some directories, and settings."""
    digest = hashlib.sha256(repr(settings).encode("utf-8", "backslashreplace"))
    for directory in sorted(set(sources)):
        for path in sorted(directory.glob("*.py")):
            digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def _encoded(items: Sequence[Extracted]) -> bytes:
    if not items:
        return b""
    found = _Found([], [], [], [])
    for item in items:
        match item:
            case Dependency():
                found.dependencies.append(item)
            case LockEntry():
                found.locks.append(item)
            case Skipped():
                found.skipped.append(item)
            case Clue():
                found.clues.append(_stored(item))
    return msgspec.msgpack.encode(found)


def _decoded(data: bytes) -> Sequence[Extracted]:
    found = _FOUND.decode(data)
    return [*found.dependencies, *found.locks, *found.skipped, *map(_clue, found.clues)]


def _stored(clue: Clue) -> _StoredClue:
    dependency = clue.about if isinstance(clue.about, Dependency) else None
    skipped = clue.about if isinstance(clue.about, Skipped) else None
    return _StoredClue(clue.manager, clue.path, clue.kind, dict(clue.data), dependency, skipped)


def _clue(stored: _StoredClue) -> Clue:
    about = stored.dependency or stored.skipped
    return Clue(manager=stored.manager, path=stored.path, kind=stored.kind, data=stored.data, about=about)


def _write(path: Path, content: bytes) -> None:
    """Put a new file in the place of the old one, in one step: another process may read it at the same time."""
    from tempfile import NamedTemporaryFile  # here, because a scan that finds nothing new writes nothing

    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with NamedTemporaryFile(dir=path.parent, delete=False) as file:
        try:
            file.write(content)
            file.close()
            Path(file.name).replace(path)
        except OSError:
            Path(file.name).unlink(missing_ok=True)
            raise
