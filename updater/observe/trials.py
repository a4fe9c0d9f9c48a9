"""What became of an environment of a merged pull request: the verdicts on all that it reached there, in one."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from updater.api import Change, Expectation, Rollout, RolloutState
from updater.observe.expecting import Merged
from updater.observe.notes import Note
from updater.observe.verdicts import latest_health
from updater.rollout import Trial

NameOf = Callable[[Change], str | None]
"""The environment of a change."""

_DECISIVE = (
    RolloutState.SUPERSEDED,
    RolloutState.FAILED_RENDER,
    RolloutState.FAILED_SYNC,
    RolloutState.FAILED_HEALTH,
    RolloutState.FAILED_REMEDIATED,
    RolloutState.PRE_EXISTING,
)
"""The states of one target that decide about the whole, the strongest first; after them those of a rollout."""
_RANKS = {state: rank for rank, state in enumerate(dict.fromkeys((*_DECISIVE, *RolloutState)))}
_LIVE = (RolloutState.LIVE, RolloutState.PROVEN)


def trials(
    expected: Mapping[str, tuple[Merged, Sequence[Expectation]]],
    rollouts: Sequence[Rollout],
    notes: Mapping[str, Note],
    name_of: NameOf,
) -> tuple[Trial, ...]:
    """One for each environment (empty: none) that a pull request changed, by verdicts or by what is noted for good.

    ``expected`` holds the merged pull requests and what they reach, by commit.
    """
    found = []
    for commit, (merged, reached) in expected.items():
        own = [rollout for rollout in rollouts if rollout.expectation.commit == merged.commit]
        note = notes.get(commit)
        for name, changes in _by_environment(merged.changes, name_of).items():
            trial = _untold(merged, name, changes, reached)
            if trial.targets:
                trial = _noted(trial, note) if note is not None and note.is_final else _observed(trial, merged, own)
            found.append(trial)
    return tuple(found)


def _by_environment(changes: Iterable[Change], name_of: NameOf) -> Mapping[str, tuple[Change, ...]]:
    found: dict[str, tuple[Change, ...]] = {}
    for change in changes:
        name = name_of(change) or ""
        found[name] = (*found.get(name, ()), change)
    return found


def _untold(merged: Merged, name: str, changes: tuple[Change, ...], expected: Iterable[Expectation]) -> Trial:
    """A trial of which nothing is known yet; it has no targets if one of its changes has none."""
    reached = [each for each in expected if set(changes) & set(each.changes)]
    is_reached = set(changes) <= {change for each in reached for change in each.changes}
    return Trial(
        pull=merged.pull,
        commit=merged.commit,
        environment=name,
        changes=changes,
        targets=tuple(dict.fromkeys(each.target.full_name for each in reached)) if is_reached else (),
        state=RolloutState.UNKNOWN,
        rule="git 2",
        reason="nothing is known to deploy it",
    )


def _observed(trial: Trial, merged: Merged, own: Iterable[Rollout]) -> Trial:
    rollouts = [each for each in own if set(trial.changes) & set(each.expectation.changes)]
    if not rollouts:
        return trial
    worst = min(rollouts, key=lambda rollout: _RANKS[rollout.verdict.state]).verdict
    since = [each.verdict.since for each in rollouts]
    is_live = all(each.verdict.state in _LIVE for each in rollouts) and None not in since
    unbroken = max(filter(None, since)) if is_live else None
    first = merged.first_healthy.get(trial.environment) or latest_health(rollouts).get(trial.environment) or unbroken
    return replace(
        trial,
        state=worst.state,
        rule=worst.rule,
        reason=worst.reason,
        since=unbroken,
        healthy=first if is_live else None,
        failing=worst.since if worst.state.is_failure else None,
        was_healthy=merged.was_healthy.get(trial.environment, worst.state is RolloutState.FAILED_HEALTH or None),
    )


def _noted(trial: Trial, note: Note) -> Trial:
    """By what an earlier run wrote down for good: either it was proven, or it never will be."""
    if note.states_of(trial.environment) != {RolloutState.PROVEN}:
        return replace(trial, state=RolloutState.SUPERSEDED, rule="noted", reason="a later commit has changed it")
    first = note.first_healthy.get(trial.environment, trial.merged)
    made = replace(trial, state=RolloutState.PROVEN, rule="noted", reason="healthy without a break")
    return replace(made, since=first, healthy=first)
