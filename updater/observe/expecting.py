"""From merged pull requests to what should be running where, and for how long it has to."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from updater.api import Change, Expectation, Target
from updater.config.entries import EnvironmentOptions
from updater.config.patterns import compile_list
from updater.model.forge import PullRequest
from updater.model.scan import Environment
from updater.targets import Reach, Touched

DEFAULT_SOAK = timedelta(hours=24)

_ANY_TYPE = "*"


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged:
    """A pull request that was merged, by which commit, and what that changed.

    ``first_healthy`` and ``was_healthy`` are what earlier looks found, by environment (empty name: none).
    """

    pull: PullRequest
    commit: str
    changes: tuple[Change, ...]
    first_healthy: Mapping[str, datetime] = field(default_factory=dict)
    was_healthy: Mapping[str, bool] = field(default_factory=dict)

    @property
    def since(self) -> datetime:
        """When it was merged."""
        assert self.pull.merged is not None
        return self.pull.merged


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What the configuration says about proofs and failures."""

    environments: tuple[EnvironmentOptions, ...] = ()
    grace: timedelta = timedelta(minutes=10)

    def environment_of(self, target: Target, paths: Iterable[str]) -> Environment | None:
        """The declared environment that the files belong to, else the evident one."""
        places = [*paths, *([target.path] if target.path is not None else [])]
        for declared in self.environments:
            if declared.paths and any(map(compile_list(declared.paths), places)):
                return Environment(name=declared.name, reason="its paths are declared")
        return target.environment

    def soak(self, environment: Environment | None, changes: Iterable[Change]) -> timedelta:
        """How long changes have to run healthily in an environment: the longest time that any of them needs.

        An environment that comes ``after`` this one says so; where none does, this one may.
        """
        name = environment.name if environment is not None else ""
        followers = [each.soak for each in self.environments if each.after == name and each.soak]
        own = [each.soak for each in self.environments if each.name == name]
        declared = followers or own or [{}]
        steps = {change.step for change in changes} or {_ANY_TYPE}
        found = [times.get(step, times.get(_ANY_TYPE, DEFAULT_SOAK)) for times in declared for step in steps]
        return max(found)


def expectations(merged: Merged, reach: Reach, terms: Terms) -> list[Expectation]:
    """One for each target that the changes reach, with those changes."""
    found: dict[tuple[object, ...], tuple[Target, list[Change]]] = {}
    for change in merged.changes:
        for target in reach.of([_touched(change)]):
            key = (target.kind, target.namespace, target.name)
            known, changes = found.setdefault(key, (target, []))
            if target.declared_by and not known.declared_by:
                found[key] = (target, [change])
            elif target.declared_by == known.declared_by:
                changes.append(change)
    return [_expectation(merged, target, changes, terms) for target, changes in found.values()]


def _expectation(merged: Merged, target: Target, changes: Sequence[Change], terms: Terms) -> Expectation:
    environment = terms.environment_of(target, [change.path for change in changes])
    return Expectation(
        target=replace(target, environment=environment),
        commit=merged.commit,
        branch=merged.pull.base,
        since=merged.since,
        head=merged.pull.head,
        changes=tuple(changes),
        grace=terms.grace,
        soak=terms.soak(environment, changes),
        was_healthy=merged.was_healthy.get(environment.name if environment else ""),
        first_healthy=merged.first_healthy.get(environment.name if environment else ""),
    )


def _touched(change: Change) -> Touched:
    versions = (change.new, change.new_digest, change.old, change.old_digest)
    return Touched(change.path, tuple(version for version in versions if version))
