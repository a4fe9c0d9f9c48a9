"""Asking reconcilers, each about what it knows, and putting their verdicts to the pull requests."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from updater.api import Change, Expectation, History, Reconciler, Rollout, RolloutState, Verdict
from updater.model.scan import Package
from updater.observe.expecting import Merged


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """A reconciler and the environments that it is responsible for; none named: all."""

    reconciler: Reconciler
    environments: frozenset[str] = frozenset()

    def knows(self, expected: Expectation) -> bool:
        """Whether it is the one to ask about an expectation."""
        if expected.target.kind not in self.reconciler.KINDS:
            return False
        environment = expected.target.environment
        return not self.environments or (environment is not None and environment.name in self.environments)


NOBODY = "config 1"
"""The rule of a verdict on what nobody was asked about."""

Present = Mapping[tuple[str, Package], frozenset[str]]
"""The versions (and digests) of a package that stand in a file now."""


async def rollouts(
    expected: Sequence[tuple[Merged | None, Expectation]],
    assignments: Sequence[Assignment],
    history: History,
    present: Present,
) -> list[Rollout]:
    """What became of each expectation, in order; reconcilers are asked at the same time, each once."""
    verdicts: dict[int, Verdict] = {}
    asked: dict[int, list[int]] = {}
    for index, (merged, each) in enumerate(expected):
        if merged is not None and is_superseded(each.changes, present):
            verdicts[index] = _SUPERSEDED
            continue
        responsible = next((place for place, one in enumerate(assignments) if one.knows(each)), None)
        if responsible is None:
            verdicts[index] = _nobody(each)
        else:
            asked.setdefault(responsible, []).append(index)
    answers = await asyncio.gather(
        *(
            assignments[place].reconciler.observe([expected[index][1] for index in indexes], history)
            for place, indexes in asked.items()
        )
    )
    for indexes, found in zip(asked.values(), answers, strict=True):
        verdicts |= dict(zip(indexes, found, strict=True))
    return [_rollout(merged, each, verdicts[index]) for index, (merged, each) in enumerate(expected)]


def _rollout(merged: Merged | None, expected: Expectation, verdict: Verdict) -> Rollout:
    number, opened = (merged.pull.number, merged.pull.created) if merged is not None else (None, None)
    return Rollout(expectation=expected, verdict=verdict, pull=number).with_times(opened=opened)


def is_superseded(changes: Iterable[Change], present: Present) -> bool:
    """Whether a later commit has moved all of it on: then what runs says nothing about this one."""
    moved = [_wanted(change) not in present.get((change.path, change.package), frozenset()) for change in changes]
    return bool(moved) and all(moved)


def _wanted(change: Change) -> str:
    return change.new_digest or change.new or ""


_SUPERSEDED = Verdict(
    state=RolloutState.SUPERSEDED, rule="git 1", reason="a later commit has changed all that it brought"
)


def _nobody(expected: Expectation) -> Verdict:
    reason = f"no reconciler is configured for targets of the kind {expected.target.kind}"
    return Verdict(state=RolloutState.UNKNOWN, rule=NOBODY, reason=reason)


def latest_health(found: Iterable[Rollout]) -> Mapping[str, datetime]:
    """By environment (empty name: none), when the last of its targets was healthy; only where all of them were."""
    times: dict[str, list[datetime | None]] = {}
    for rollout in found:
        exact = rollout.verdict.times.healthy if rollout.verdict.times.healthy_after is None else None
        times.setdefault(rollout.environment or "", []).append(exact)
    return {name: max(filter(None, each)) for name, each in times.items() if None not in each}
