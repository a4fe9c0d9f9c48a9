"""A dependency together with what the configuration says about it."""

from enum import StrEnum
from typing import TYPE_CHECKING

import msgspec

from updater.model.scan import Dependency, LockEntry, Package, Remark

if TYPE_CHECKING:
    from updater.config import Policy


class UpdateType(StrEnum):
    """How far an update goes; the values are the ones of ``matchUpdateTypes``."""

    MAJOR = "major"
    MINOR = "minor"
    PATCH = "patch"
    PIN = "pin"
    DIGEST = "digest"
    PIN_DIGEST = "pinDigest"
    REPLACEMENT = "replacement"
    ROLLBACK = "rollback"


class Origin(msgspec.Struct, frozen=True, kw_only=True):
    """Where a configured value comes from: a file with line, and the chain of presets that led to it."""

    path: str
    line: int | None = None
    presets: tuple[str, ...] = ()

    def __str__(self) -> str:
        place = f"{self.path}:{self.line}" if self.line else self.path
        return " → ".join((place, *self.presets))


class Tracked(msgspec.Struct, frozen=True, kw_only=True):
    """A dependency together with all that the configuration says about it.

    ``package``, ``name`` and ``versioning`` are those of the dependency after aliases and overrides. ``lock`` is the
    lock file's entry that must move with it, ``remark`` what its lock file gives cause to say.
    """

    dependency: Dependency
    package: Package
    name: str
    versioning: str
    policy: "Policy"
    lock: LockEntry | None = None
    remark: Remark | None = None
