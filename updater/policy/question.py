"""What every rule is asked about."""

from collections.abc import Callable
from dataclasses import dataclass

from updater.config import Policy
from updater.model.history import Tombstone
from updater.model.lookup import Release
from updater.policy.rungs import Rungs
from updater.policy.surroundings import Surroundings
from updater.versioning._scheme import Version
from updater.versioning.listing import Listed


@dataclass(frozen=True, slots=True, kw_only=True)
class RolledBack:
    """A tombstone with its versions as read."""

    tombstone: Tombstone
    version: Version
    lowered_to: Version


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What may follow ``current``, under this policy; rules are asked about one release after the other.

    ``version`` is ``current`` as read. ``current_release`` is what the registry says about the version in use, None
    where it does not list it. ``is_allowed`` is the test that ``allowedVersions`` stands for, None where it is not set.
    ``rungs`` is the upgrade path to be kept to, if there is one.
    ``rolled_back`` are the decisions against versions of its family. ``latest`` is the version that the registry calls
    so, ``followed`` the one that it gives the name in ``followTag``. ``surroundings`` are what it has to go with.
    """

    current: str
    version: Version
    current_release: Release | None
    policy: Policy
    is_allowed: Callable[[Listed], bool] | None = None
    rungs: Rungs | None = None
    rolled_back: tuple[RolledBack, ...] = ()
    latest: tuple[str, Version] | None = None
    followed: tuple[str, Version] | None = None
    surroundings: Surroundings | None = None

    @property
    def is_bounded(self) -> bool:
        """Whether there is anything that what is newest may have to wait for."""
        return self.rungs is not None or self.surroundings is not None or bool(self.policy.constraints)
