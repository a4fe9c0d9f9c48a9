"""What is known and wanted of one base branch, step by step: each step is complete when it is made."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from updater import failures, group, lookup, promote, vet
from updater.api import Datasource
from updater.config import Config
from updater.environments import Environments, Pairing, pairings
from updater.inventory import Inventory
from updater.model.decide import Decision, Gone, Held, Update
from updater.model.lookup import Failed
from updater.model.scan import Dependency
from updater.pipeline.project import Project
from updater.pipeline.publishing import proposals, unproven
from updater.pipeline.reaching import Surveyed
from updater.pipeline.world import Tombstones
from updater.report.pull_request import Circumstances
from updater.rollout import Trial


@dataclass(frozen=True, slots=True, kw_only=True)
class Scanned:
    """What stands in a base branch. ``here`` is the repository at that branch, ``surveyed`` what deploys it."""

    here: Project
    surveyed: Surveyed
    config: Config
    inventory: Inventory
    datasources: Mapping[str, Datasource]

    @property
    def environments(self) -> Environments:
        """The environments that are declared."""
        return Environments(self.config.repository.environments)

    @property
    def pairings(self) -> Sequence[Pairing]:
        """Which environment comes after which, or could."""
        return pairings(self.inventory.tracked, self.environments)


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What there is to know about it. ``trials`` are those of what was merged into the branch."""

    scanned: Scanned
    answers: lookup.Answers
    sources: vet.Sources
    tombstones: Tombstones
    trials: Sequence[Trial]


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """What may be chosen, what waits until something else has moved, and the reasons for everything."""

    narrowed: promote.Narrowed
    promotions: promote.Promotions
    waiting: tuple[Held, ...]
    decisions: Mapping[Dependency, tuple[Decision, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Vetted:
    """The updates, and what came to light with them; ``too_early`` is what may be offered another day."""

    updates: tuple[Update, ...]
    too_early: tuple[Held, ...]
    held: tuple[Held, ...]
    failed: tuple[Failed, ...]
    gone: tuple[Gone, ...]
    aftermath: failures.Aftermath


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """All that is wanted of a base branch, and what its pull requests tell beside their updates."""

    known: Known
    decided: Decided
    vetted: Vetted
    grouped: group.Grouped
    circumstances: Circumstances

    @property
    def scanned(self) -> Scanned:
        """What stands in it."""
        return self.known.scanned

    @property
    def failed(self) -> tuple[Failed, ...]:
        """All that failed."""
        return (*self.known.answers.failed.values(), *self.vetted.failed, *self.grouped.failed)

    @property
    def held(self) -> Iterable[tuple[str, str]]:
        """What exists and is not offered at the moment, in the words of the pull requests that may propose it."""
        return (*proposals(self.vetted.too_early), *unproven(self.decided.narrowed.waiting))

    @property
    def frozen(self) -> Mapping[str, str]:
        """The branches that wait because something failed, and what."""
        return failures.frozen(self.grouped.branches, self.vetted.aftermath.freezes, self.scanned.environments)
