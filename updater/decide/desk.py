"""All dependencies, package by package: a package's releases are read once, and what is alike is decided once."""

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from types import MappingProxyType

from updater.config.patterns import PatternError
from updater.decide.decider import Decider
from updater.decide.explaining import stopped
from updater.decide.policies import Policies, PolicyFor
from updater.decide.reading import listing_of, way_of_reading
from updater.decide.roots import Roots
from updater.model.decide import Choice, Decision, Held
from updater.model.history import Tombstone
from updater.model.lookup import Releases
from updater.model.scan import Dependency, Package
from updater.model.track import Tracked
from updater.policy.surroundings import Surroundings
from updater.versioning.listing import Listing

Tombstones = Mapping[Dependency, tuple[Tombstone, ...]]
"""What was decided against, for each dependency that it concerns."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """One dependency's outcome: a choice per bucket of updates, and ``explain``, which makes the chain of decisions.

    ``held`` is the newest release, if it has to wait until something else has moved.
    """

    choices: tuple[Choice, ...]
    explain: Callable[[], tuple[Decision, ...]] = field(repr=False, compare=False)
    held: Held | None = None

    @property
    def decisions(self) -> tuple[Decision, ...]:
        """The whole chain of decisions; all releases are read again for it."""
        return self.explain()


class Decisions(Mapping[Dependency, tuple[Decision, ...]]):
    """The chain of decisions of each dependency, made when it is asked for: most runs ask for none."""

    def __init__(self, explain: Mapping[Dependency, Callable[[], tuple[Decision, ...]]]) -> None:
        self._explain = explain

    def __getitem__(self, dependency: Dependency) -> tuple[Decision, ...]:
        return self._explain[dependency]()

    def __iter__(self) -> Iterator[Dependency]:
        return iter(self._explain)

    def __len__(self) -> int:
        return len(self._explain)


def decide(tracked: Tracked, releases: Releases, policy_for: PolicyFor) -> Decided:
    """Decide one dependency. Raises nothing: what cannot be decided leaves a decision that says why."""
    return Desk(releases, policy_for, by_version=True).decide(tracked)


def decide_all(
    dependencies: Sequence[Tracked],
    releases: Mapping[Package, Releases],
    policy_for: PolicyFor,
    *,
    by_version: bool,
    tombstones: Tombstones = MappingProxyType({}),
) -> list[Decided | None]:
    """Decide many, package by package; the result has their order, and None for packages without an answer.

    ``by_version`` says that policies may differ between updates of one type. Where they cannot, each is asked for once,
    with an empty version. ``tombstones`` holds what was decided against.
    """
    places: dict[Package, list[int]] = {}
    for place, tracked in enumerate(dependencies):
        places.setdefault(tracked.package, []).append(place)
    decided: list[Decided | None] = [None] * len(dependencies)
    roots = Roots(dependencies, releases)
    for package, found in places.items():
        if package in releases:
            desk = Desk(releases[package], policy_for, by_version=by_version, tombstones=tombstones)
            for place in found:
                decided[place] = desk.decide(dependencies[place], roots.around(dependencies[place]))
    return decided


class Desk:
    """Decides the dependencies of one package: its releases are read once, and those that are alike decided once."""

    def __init__(
        self,
        releases: Releases,
        policy_for: PolicyFor,
        *,
        by_version: bool,
        tombstones: Tombstones = MappingProxyType({}),
    ) -> None:
        self._releases, self._policy_for, self._by_version = releases, policy_for, by_version
        self._tombstones = tombstones
        self._listings: dict[Hashable, Listing] = {}
        self._made: dict[Hashable, tuple[tuple[Choice, ...], Held | None, Policies]] = {}

    def decide(self, tracked: Tracked, surroundings: Surroundings | None = None) -> Decided:
        """Decide one dependency of the package; ``surroundings`` are what it has to get along with."""
        policies = Policies(tracked, self._policy_for, by_version=self._by_version)
        stones = self._tombstones.get(tracked.dependency, ())
        key = (_alike(tracked, policies), stones, id(surroundings))
        if key not in self._made:
            # The policies are kept so that their ids, which are in the key, stay theirs.
            self._made[key] = (*self._outcome(tracked, policies, stones, surroundings), policies)
        choices, held, _ = self._made[key]
        return Decided(
            choices=tuple(replace(choice, tracked=tracked) for choice in choices),
            held=replace(held, tracked=tracked) if held is not None else None,
            explain=partial(_explained, tracked, self._releases, policies, stones, surroundings),
        )

    def _outcome(
        self,
        tracked: Tracked,
        policies: Policies,
        stones: Sequence[Tombstone],
        surroundings: Surroundings | None,
    ) -> tuple[tuple[Choice, ...], Held | None]:
        try:
            decider = Decider(tracked, self._listing(tracked), policies, stones, surroundings)
            return tuple(decider.choices()), decider.held()
        except PatternError:
            return (), None

    def _listing(self, tracked: Tracked) -> Listing:
        key = way_of_reading(tracked)
        if key not in self._listings:
            self._listings[key] = listing_of(tracked, self._releases)
        return self._listings[key]


def _explained(
    tracked: Tracked,
    releases: Releases,
    policies: Policies,
    stones: Sequence[Tombstone],
    surroundings: Surroundings | None,
) -> tuple[Decision, ...]:
    try:
        return tuple(Decider(tracked, listing_of(tracked, releases), policies, stones, surroundings).decisions())
    except PatternError as error:
        return (stopped(tracked.name, "extractVersion", str(error), tracked.policy),)


def _alike(tracked: Tracked, policies: Policies) -> Hashable:
    """All that the choices depend on; policies are made once each, so that the same one is the same object."""
    dependency = tracked.dependency
    if policies.by_type is None:
        return dependency
    return (
        tracked.versioning,
        tracked.lock.version if tracked.lock is not None else None,
        dependency.current_value,
        dependency.current_digest is None,
        dependency.pinnable,
        dependency.extract_version,
        id(tracked.policy),
        *map(id, policies.by_type.values()),
    )
