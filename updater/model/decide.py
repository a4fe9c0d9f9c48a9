"""What is decided about a dependency, and what vetting makes of it."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from updater.model.lookup import Release
from updater.model.scan import Edit, Package
from updater.model.track import Origin, Tracked, UpdateType

if TYPE_CHECKING:
    from updater.config import Policy
    from updater.rollout import Trial


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """One link of the answer to "why": a release (or the dependency as a whole) and what became of it.

    ``accepted`` releases name no rule. ``until`` is the moment at which the rule stops holding it back.
    """

    subject: str
    accepted: bool
    rule: str | None = None
    reason: str | None = None
    origin: Origin | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Replacement:
    """What takes the place of a package: its ``name`` as it is to be written, and what to ask a registry for.

    ``registry_url`` is the address to be written, None where the one that is there stays.
    """

    name: str
    package: Package
    registry_url: str | None = None

    def __str__(self) -> str:
        return self.name if self.registry_url is None else f"{self.name} of {self.registry_url}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A release that a dependency may move to, and what would then stand in the file.

    ``version`` is the release's version as the dependency's versioning reads it; ``policy`` is the one that holds
    for an update of this type. ``replacement`` is the package that it is a release of, if it is another one.
    """

    release: Release
    version: str
    new_value: str | None
    update_type: UpdateType
    policy: "Policy"
    replacement: Replacement | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """The releases that a dependency may move to in one step, best first; vetting takes the first that passes."""

    tracked: Tracked
    current_version: str | None
    offers: tuple[Offer, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """An update that exists but is not offered now. ``until`` is None where no time alone will clear it.

    ``new_value`` and ``new_digest`` are what would stand in the file, as far as that is known.
    """

    tracked: Tracked
    update_type: UpdateType
    new_version: str
    rule: str
    reason: str
    new_value: str | None = None
    new_digest: str | None = None
    until: datetime | None = None
    origin: Origin | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Gone:
    """A version or digest in use that its registry, which can be asked, does not have any more."""

    tracked: Tracked
    name: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Abandoned:
    """A dependency whose package had its latest release longer ago than ``abandonmentThreshold``."""

    tracked: Tracked
    latest: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Update:
    """A decided and vetted change of one dependency.

    ``edits`` are all the changes of text it needs, in every file (the value, the digest, the lock file): all of them
    are made or none. ``age_evidence`` says where the release's date comes from. ``old_enough`` is the moment at which
    the release is (or was) as old as it has to be, None where it may have any age. ``trial`` is what proved it in the
    environment before, where it is promoted.
    """

    tracked: Tracked
    offer: Offer
    current_version: str | None
    new_digest: str | None
    edits: tuple[Edit, ...]
    source_url: str | None = None
    age_evidence: str | None = None
    old_enough: datetime | None = None
    trial: "Trial | None" = None

    @property
    def leaves_lock(self) -> bool:
        """Whether a lock file goes on recording another version, because what it would need could not be had."""
        lock = self.tracked.lock
        if lock is None or lock.is_stale or lock.version == self.offer.version:
            return False
        return all(edit.path != lock.path for edit in self.edits)

    @property
    def update_type(self) -> UpdateType:
        """How far it goes."""
        return self.offer.update_type
