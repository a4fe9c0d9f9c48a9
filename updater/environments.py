"""The environments of a repository and their order: as declared, or as the layout shows. Pure."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise

from updater.config.entries import EnvironmentOptions
from updater.config.patterns import compile_list
from updater.model.scan import Dependency, Environment, in_usual_order
from updater.model.track import Tracked
from updater.tombstones import slot_of

_ANY_TYPE = "*"


class Environments:
    """What the configuration declares under ``environments``.

    An environment is offered an update only after another one has proven it where the configuration says so
    (``after``). A layout that looks like environments never does that by itself.
    """

    def __init__(self, declared: Sequence[EnvironmentOptions]) -> None:
        self._declared = {each.name: each for each in declared}
        self._tests = [(each.name, compile_list(each.paths)) for each in declared if each.paths]

    @property
    def are_ordered(self) -> bool:
        """Whether any environment comes after another one."""
        return any(each.after for each in self._declared.values())

    def of(self, path: str, evident: Environment | None) -> str | None:
        """The environment of a place in a file: the declared one of the path, else the evident one."""
        declared = next((name for name, test in self._tests if test(path)), None)
        return declared or (evident.name if evident is not None else None)

    def of_dependency(self, dependency: Dependency) -> str | None:
        """The environment that a dependency is deployed to."""
        return self.of(dependency.path, dependency.environment)

    def options(self, name: str | None) -> EnvironmentOptions | None:
        """What is declared about an environment; None where it is not."""
        return self._declared.get(name or "")

    def before(self, name: str | None) -> str | None:
        """The environment that has to prove an update before this one is offered it."""
        options = self.options(name)
        return options.after if options is not None else None

    def soak(self, name: str, step: str, default: timedelta) -> timedelta:
        """How long a step of this kind has to run healthily before the environment ``name`` is offered it."""
        options = self.options(name)
        times: Mapping[str, timedelta] = options.soak if options is not None else {}
        return times.get(step, times.get(_ANY_TYPE, default))

    def slot_of(self, dependency: Dependency) -> tuple[object, ...]:
        """What twins have in common: the same package at the same place of the same application."""
        return slot_of(dependency, self._declared.keys())


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairing:
    """Two environments whose places correspond, and how many of them do; ``declared`` ones are promoted between."""

    before: str
    after: str
    pairs: int
    declared: bool = False


def pairings(dependencies: Iterable[Tracked], environments: Environments) -> tuple[Pairing, ...]:
    """The environments that come after each other as declared or, where nothing is, as the layout shows.

    The layout shows environments in their usual order, as far as their places correspond.
    """
    by_slot: dict[tuple[object, ...], set[str]] = {}
    for tracked in dependencies:
        name = environments.of_dependency(tracked.dependency)
        if name is not None:
            by_slot.setdefault(environments.slot_of(tracked.dependency), set()).add(name)
    counts: Counter[tuple[str, str]] = Counter()
    for names in by_slot.values():
        counts.update(_declared(names, environments) if environments.are_ordered else pairwise(in_usual_order(names)))
    return tuple(
        Pairing(before=one, after=other, pairs=number, declared=environments.are_ordered)
        for (one, other), number in sorted(counts.items())
    )


def _declared(names: Collection[str], environments: Environments) -> Iterator[tuple[str, str]]:
    return ((before, name) for name in names if (before := environments.before(name)) in names and before is not None)
