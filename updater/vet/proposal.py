"""A release while it is being vetted, and what follows for it from the configuration. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from updater import versioning
from updater.model.decide import Choice, Held, Offer
from updater.model.scan import Package
from updater.model.track import Tracked, UpdateType

PINS = (UpdateType.PIN, UpdateType.PIN_DIGEST)
"""What brings nothing new: what is written down is in use already."""
FORCED = (UpdateType.REPLACEMENT, UpdateType.ROLLBACK)
"""What is done because of what became of the one in use, not because of what the new one has to offer."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """One release of a choice, with the digest as soon as it is known."""

    choice: Choice
    offer: Offer
    digest: str | None = None

    @property
    def tracked(self) -> Tracked:
        """The dependency."""
        return self.choice.tracked

    @property
    def package(self) -> Package:
        """What the registry is asked about: the package itself, or the one that takes its place."""
        replacement = self.offer.replacement
        return self.tracked.package if replacement is None else replacement.package

    @property
    def minimum_age(self) -> timedelta | None:
        """How old the release has to be. What brings nothing new, or has to be done anyway, needs no age."""
        is_free = self.offer.update_type in (*PINS, *FORCED)
        return None if is_free else self.offer.policy.minimum_release_age or None

    @property
    def gate(self) -> timedelta | None:
        """How old it has to be in order to be proposed at all."""
        return None if self.offer.policy.internal_checks_filter == "none" else self.minimum_age

    @property
    def wants_digest(self) -> bool:
        """Whether a digest is written down beside its version."""
        dependency, offer = self.tracked.dependency, self.offer
        if dependency.current_digest is not None or offer.update_type is UpdateType.PIN_DIGEST:
            return True
        return offer.policy.pin_digests and dependency.pinnable and offer.replacement is None

    @property
    def is_step(self) -> bool:
        """Whether it goes to a higher version."""
        return self.offer.update_type in (UpdateType.MAJOR, UpdateType.MINOR, UpdateType.PATCH)

    @property
    def is_jump(self) -> bool:
        """Whether it leaves out a major version, as a change of numbering does; worth asking for its date."""
        current = self.choice.current_version
        if self.offer.update_type is not UpdateType.MAJOR or current is None or self.offer.policy.allowed_versions:
            return False
        scheme = versioning.get(self.tracked.versioning)
        return scheme.components(self.offer.version)[0] - scheme.components(current)[0] > 1

    @property
    def name_in_use(self) -> str | None:
        """What the registry calls the version in use; None if that is not known."""
        policy = self.offer.policy
        is_extracted = policy.extract_version or policy.version_compatibility or self.tracked.dependency.extract_version
        return None if is_extracted else self.choice.current_version

    def held(self, rule: str, reason: str, *, until: datetime | None = None) -> Held:
        """It is not offered now, by this rule, for this reason."""
        return Held(
            tracked=self.tracked,
            update_type=self.offer.update_type,
            new_version=self.offer.version,
            new_value=self.offer.new_value,
            new_digest=self.digest,
            rule=rule,
            reason=reason,
            until=until,
            origin=self.offer.policy.origins.get("minimum_release_age") if rule == "minimumReleaseAge" else None,
        )
