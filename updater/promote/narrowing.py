"""Before vetting: the choices of an environment that comes after another one, less all that is not proven there."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice

from updater.model.decide import Choice, Held, Offer
from updater.model.scan import Dependency, Package
from updater.model.track import Tracked, UpdateType
from updater.promote.situation import Promotions, went_back
from updater.rollout import Change, Trial

RULE = "environments"
"""What holds an update that has to be proven first."""

_DIGESTS = (UpdateType.DIGEST, UpdateType.PIN_DIGEST)
_LOOKED_AT = 200
"""So many of the releases of a choice are compared with what was tried."""

Key = tuple[Dependency, UpdateType, str | None]
"""What tells an update from the others of a run: the dependency, how far it goes and where to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Narrowed:
    """The choices as they are left, and what is held.

    ``proven`` tells by which trial each update was proven. ``waiting`` is what may have been proposed before, as long
    as nobody can say whether it is proven: unknown is not gone.
    """

    choices: tuple[Choice, ...]
    held: tuple[Held, ...]
    proven: Mapping[Key, tuple[Trial, Change]]
    waiting: frozenset[tuple[Package, str]]


def narrow(choices: Iterable[Choice], promotions: Promotions) -> Narrowed:
    """Leave to each environment what it may have: all that there is, or what another one has proven."""
    left: list[Choice] = []
    held: list[Held] = []
    proven: dict[Key, tuple[Trial, Change]] = {}
    waiting: set[tuple[Package, str]] = set()
    for choice in choices:
        gate = _gate_of(choice, promotions)
        if gate is None:
            shared = promotions.shared_by(choice.tracked)
            left += [choice] if shared is None else []
            held += [_held(choice, choice.offers[0], _why_shared(*shared))] if shared is not None else []
            waiting |= _proposed(choice) if shared is not None else set()
            continue
        held += gate.held()
        found = gate.passing
        if found is None:
            waiting |= _proposed(choice)
        else:
            offer, trial, change = found
            left.append(replace(choice, offers=(offer,)))
            proven[choice.tracked.dependency, offer.update_type, offer.new_value] = (trial, change)
    return Narrowed(choices=tuple(left), held=tuple(held), proven=proven, waiting=frozenset(waiting))


def _proposed(choice: Choice) -> set[tuple[Package, str]]:
    """What an open pull request may propose."""
    return {(choice.tracked.package, each.new_value) for each in islice(choice.offers, _LOOKED_AT) if each.new_value}


def _held(
    choice: Choice, offer: Offer, reason: str, *, digest: str | None = None, until: datetime | None = None
) -> Held:
    return Held(
        tracked=choice.tracked,
        update_type=offer.update_type,
        new_version=offer.version,
        rule=RULE,
        reason=reason,
        new_value=offer.new_value,
        new_digest=digest,
        until=until,
    )


def _why_shared(before: str, after: str) -> str:
    return (
        f"{before} and {after} share this place, so neither can have a version before the other; a version of its own "
        "in each (kustomize: an entry under `images` with `newTag`) makes promotion possible"
    )


def _gate_of(choice: Choice, promotions: Promotions) -> "_Gate | None":
    """What a choice has to pass; None for one that may take what registries offer."""
    tracked = choice.tracked
    environment = promotions.environment_of(tracked)
    before = promotions.environments.before(environment)
    if environment is None or before is None or choice.offers[0].update_type is UpdateType.PIN:
        return None
    twins, options = promotions.twins_before(tracked), promotions.environments.options(environment)
    is_direct = options is not None and options.unpaired == "direct" and promotions.is_inhabited(before)
    return None if is_direct and not twins else _Gate(choice, environment, before, twins, promotions)


class _Gate:
    """Looks through the releases of one choice for what has been proven in the environment before."""

    def __init__(
        self, choice: Choice, environment: str, before: str, twins: Sequence[Tracked], promotions: Promotions
    ) -> None:
        self._choice, self._environment, self._before = choice, environment, before
        self._twins, self._promotions = twins, promotions
        self._tried = list(promotions.tried(twins, before))
        self.offers: Sequence[Offer] = tuple(islice(choice.offers, _LOOKED_AT))
        self.passing = next(self._passing(), None)

    def held(self) -> Iterator[Held]:
        """The newest release and all that have been tried, if they do not pass."""
        for place, offer in enumerate(self.offers):
            if self.passing is not None and offer is self.passing[0]:
                return
            found = self._trial_of(offer)
            if place == 0 or found is not None:
                reason, until = self._why_not(found)
                digest = found[1].new_digest if found is not None else None
                yield _held(self._choice, offer, reason, digest=digest, until=until)

    def _passing(self) -> Iterator[tuple[Offer, Trial, Change]]:
        for offer in self.offers:
            found = self._trial_of(offer)
            if found is not None and self._objection(*found) is None:
                yield (offer, *found)

    def _trial_of(self, offer: Offer) -> tuple[Trial, Change] | None:
        """The latest trial of a release."""
        return next((each for each in self._tried if self._brings(each[1], offer)), None)

    def _brings(self, change: Change, offer: Offer) -> bool:
        if offer.replacement is not None or change.new != offer.new_value:
            return False
        current = self._choice.tracked.dependency.current_digest
        return offer.update_type not in _DIGESTS or change.new_digest not in (None, current)

    def _why_not(self, found: tuple[Trial, Change] | None) -> tuple[str, datetime | None]:
        if found is not None:
            return self._objection(*found) or ("an older one is chosen", None)
        if not self._promotions.is_inhabited(self._before):
            return f"it comes after {self._before}, and nothing is deployed there", None
        if not self._twins:
            return f"{self._before} does not have it (unpaired: hold)", None
        return f"no merged pull request has brought it to {self._before} yet", None

    def _objection(self, trial: Trial, change: Change) -> tuple[str, datetime | None] | None:
        """Why what was tried is not offered, and until when."""
        later = [each for each in self._tried if each[0].merged > trial.merged]
        failed = next((each for each in later if each[0].state.is_failure), None)
        if failed is not None:
            return f"{failed[1].new} has failed in {self._before} since ({failed[0].pull.reference})", None
        moved = [each for _, each in later]
        if any(went_back(twin, change, moved) for twin in self._places_of(change)):
            return f"{self._before} has gone back from it", None
        return self._unwritable(change) or self._promotions.why_unproven(trial, change, self._environment)

    def _places_of(self, change: Change) -> Iterator[Tracked]:
        return (each for each in self._twins if each.dependency.path == change.path)

    def _unwritable(self, change: Change) -> tuple[str, None] | None:
        """Exactly what was proven has to be written: with its digest, if it has one."""
        dependency = self._choice.tracked.dependency
        if dependency.current_digest is not None and change.new_digest is None:
            return f"{self._before} pins no digest, so the one that has to be written here is not proven", None
        if dependency.current_digest is None and change.new_digest is not None and not dependency.pinnable:
            return f"{self._before} pins a digest, and none can be written here", None
        return None
