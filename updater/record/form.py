"""The form of a record, and its file."""

import gzip
import zlib
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import msgspec

from updater.api import Published
from updater.config import File, Place
from updater.errors import UsageError
from updater.material import Material
from updater.model.forge import Issue, PullRequest, RemoteBranch, Status
from updater.model.history import Tombstone
from updater.model.lookup import Failed, Releases
from updater.model.scan import Dependency, Package
from updater.model.track import UpdateType
from updater.rollout import Health, Trial

FORMAT = 1
"""The number of the format: another one is refused, because nothing in it could be relied on."""
_MAX_BYTES = 1 << 30
_GZIP = 31


class FileOnRecord(msgspec.Struct, omit_defaults=True):
    """A file of the repository, as managers see it. One that the run did not read has nothing beyond its size.

    Of one that was read there is the ``text``, the ``data`` if that is not UTF-8, or why it is ``hidden``.
    """

    path: str
    size: int
    text: str | None = None
    data: bytes | None = None
    hidden: Literal["encrypted", "binary"] | None = None


class PresetOnRecord(msgspec.Struct):
    """A file with presets from elsewhere; without a text if there is none."""

    file: File
    text: str | None


class ConfigOnRecord(msgspec.Struct, omit_defaults=True):
    """What the configuration was made of, beside the file in the repository.

    ``file`` and ``text`` are those of ``--config``; ``variables`` the ones that hold a configuration; ``presets`` were
    fetched from elsewhere.
    """

    file: str | None = None
    text: str | None = None
    variables: dict[str, str] = {}
    presets: list[PresetOnRecord] = []


class BaseOnRecord(msgspec.Struct, omit_defaults=True):
    """Another base branch than that with which the run began: its files, its links, and the subjects of its commits."""

    name: str
    commit: str | None
    files: list[FileOnRecord]
    links: dict[str, str] = {}
    subjects: list[str] = []


class AnswerOnRecord(msgspec.Struct, omit_defaults=True):
    """What was known of a package: both an (older) answer and a failure are possible."""

    package: Package
    releases: Releases | None = None
    failed: Failed | None = None


class FailureOnRecord(msgspec.Struct, omit_defaults=True):
    """A question that was not answered; ``kind`` is a class of :mod:`updater.errors`."""

    kind: str
    message: str
    until: datetime | None = None


Subject = Literal["date", "digest", "platforms", "hashes"]
Question = tuple[str, Package, str, tuple[str, ...]]
"""What is asked about, the package, the version, and the hashes beside it."""


class ToldOnRecord(msgspec.Struct, omit_defaults=True):
    """What a registry told about one version. Of ``about`` stands the answer, if there was one, in the field so named.

    ``beside`` are the hashes that were there, whose kinds those of the answer are of.
    """

    about: Subject
    package: Package
    version: str
    beside: list[str] = []
    date: Published | None = None
    digest: str | None = None
    platforms: list[str] = []
    hashes: list[str] | None = None
    failure: FailureOnRecord | None = None

    @property
    def question(self) -> Question:
        """What was asked."""
        return (self.about, self.package, self.version, tuple(self.beside))


class SightOnRecord(msgspec.Struct):
    """Since when a version, or with no version the package itself, is known to us."""

    package: Package
    version: str
    since: datetime


class StonesOnRecord(msgspec.Struct):
    """What somebody went back from, and for which dependency that counts."""

    dependency: Dependency
    stones: list[Tombstone]


class MaterialOnRecord(msgspec.Struct):
    """What was found out about an update for those who review it."""

    dependency: Dependency
    version: str
    update_type: UpdateType
    material: Material


class BranchesOnRecord(msgspec.Struct):
    """The branches below a prefix, compared with a base."""

    prefix: str
    base: str
    branches: list[RemoteBranch]


class ForgeOnRecord(msgspec.Struct, omit_defaults=True):
    """The forge as it was: the branches and pull requests below ``prefix``, and what was said of commits.

    ``names`` are those of all branches, if the run asked for them. ``compared`` is what ``branches`` are for the other
    base branches.
    """

    name: str
    body_limit: int
    prefix: str = ""
    branches: list[RemoteBranch] = []
    compared: list[BranchesOnRecord] = []
    names: list[str] | None = None
    pulls: list[PullRequest] = []
    statuses: dict[str, list[Status]] = {}
    said: dict[str, list[Status]] = {}
    issues: dict[str, Issue | None] = {}


class Record(msgspec.Struct, kw_only=True, omit_defaults=True):
    """A run. ``now`` is what its clock said, ``program`` its version, ``plan`` what it printed as JSON.

    ``subjects`` are those of the latest commits, if the run read them. ``bases`` are the other base branches.

    The chains of decisions are not held: they follow from the answers, and are made again when somebody asks.
    """

    updater_record: int
    program: str
    now: datetime
    repository: str
    base: str
    commit: str | None
    place: Place | None = None
    forced: list[str] = []
    config: ConfigOnRecord
    files: list[FileOnRecord]
    links: dict[str, str] = {}
    subjects: list[str] = []
    bases: list[BaseOnRecord] = []
    answers: list[AnswerOnRecord]
    told: list[ToldOnRecord]
    sights: list[SightOnRecord]
    tombstones: list[StonesOnRecord] = []
    materials: list[MaterialOnRecord] = []
    trials: list[Trial] = []
    healths: list[Health] = []
    forge: ForgeOnRecord | None = None
    requests: dict[str, int]
    seconds: dict[str, float]
    plan: dict[str, Any]


class _Head(msgspec.Struct):
    updater_record: int


def write_record(record: Record, path: Path) -> None:
    """Write the file. Raises ``UsageError`` if that is not possible."""
    try:
        path.write_bytes(gzip.compress(msgspec.json.encode(record), 6, mtime=0))
    except OSError as error:
        raise UsageError(f"the record cannot be written to {path}: {error.strerror}") from error


def read_record(path: Path) -> Record:
    """Read a file. Raises ``UsageError`` for what is no record, or is one of another version."""
    content = _unpacked(path)
    try:
        head = msgspec.json.decode(content, type=_Head)
        if head.updater_record != FORMAT:
            raise UsageError(f"{path} is a record of format {head.updater_record}; this version reads {FORMAT}")
        return msgspec.json.decode(content, type=Record)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} is no record: {error}") from error


def _unpacked(path: Path) -> bytes:
    unpacker = zlib.decompressobj(wbits=_GZIP)
    try:
        content = unpacker.decompress(path.read_bytes(), _MAX_BYTES)
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}") from error
    except zlib.error as error:
        raise UsageError(f"{path} is no record: it is not compressed with gzip") from error
    if not unpacker.eof:
        raise UsageError(f"{path} is no record: it is cut off, or larger than {_MAX_BYTES:,} bytes")
    return content
