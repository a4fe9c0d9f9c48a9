"""After vetting: the updates of each environment as its rules want them, those that are promoted to the letter."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from msgspec.structs import replace as replaced

from updater.config import Policy
from updater.config.entries import EnvironmentOptions
from updater.config.windows import read_windows
from updater.editing import value_edits
from updater.model.decide import Held, Update
from updater.model.scan import Dependency
from updater.promote.narrowing import RULE, Key
from updater.promote.situation import Promotions
from updater.rollout import Change, Trial


@dataclass(frozen=True, slots=True, kw_only=True)
class Promoted:
    """The updates of all environments, and those that have to wait for others."""

    updates: tuple[Update, ...]
    held: tuple[Held, ...]


def promote(updates: Iterable[Update], proven: Mapping[Key, tuple[Trial, Change]], promotions: Promotions) -> Promoted:
    """Give each update what its environment demands.

    One that is promoted gets exactly what was proven, and belongs to a pull request of its own. What one pull request
    brought into an environment goes on together or not at all.
    """
    made = list(_as_wanted(updates, proven, promotions))
    promoted = {update.tracked.dependency for update in made if update.trial is not None}
    missing = [_missing(update, promoted, promotions) for update in made]
    pairs = list(zip(made, missing, strict=True))
    return Promoted(
        updates=tuple(update for update, lack in pairs if lack is None),
        held=tuple(_held(update, lack) for update, lack in pairs if lack is not None),
    )


def _as_wanted(
    updates: Iterable[Update], proven: Mapping[Key, tuple[Trial, Change]], promotions: Promotions
) -> Iterator[Update]:
    for update in updates:
        options = promotions.environments.options(promotions.environment_of(update.tracked))
        found = proven.get((update.tracked.dependency, update.update_type, update.offer.new_value))
        if options is None:
            yield update
        elif found is not None:
            trial, change = found
            rule = promotions.rule_of(trial, change, options.name)
            yield _promoted(update, replace(trial, rule=rule), change, options)
        else:
            yield _with_policy(update, _direct(update, options))


# ---------------------------------------------------------------- one update


def _promoted(update: Update, trial: Trial, change: Change, options: EnvironmentOptions) -> Update:
    """The update with the digest that was proven, whatever the tag points at by now."""
    dependency, lock = update.tracked.dependency, update.tracked.lock
    locked = [edit for edit in update.edits if lock is not None and edit.path == lock.path]
    edits = (*value_edits(dependency, update.offer, change.new_digest), *locked)
    exact = replace(update, new_digest=change.new_digest, edits=edits, trial=trial)
    policy = update.offer.policy
    several = len({(each.path, each.package) for each in trial.changes}) > 1
    group = {} if policy.group_name or not several else {"group_name": f"what {trial.pull.reference} brought",
                                                         "group_slug": f"pull-{trial.pull.key}"}  # fmt: skip
    own = replaced(
        policy,
        additional_branch_prefix=f"{options.name}-{policy.additional_branch_prefix}",
        commit_message_action="Promote",
        commit_message_suffix=f"in {options.name}",
        minimum_group_size=1,
        **group,
    )
    return _with_policy(exact, _in_environment(own, update, options))


def _direct(update: Update, options: EnvironmentOptions) -> Policy:
    """What the first environment gets, and a later one of what it has alone; that has pull requests of its own."""
    policy = _in_environment(update.offer.policy, update, options)
    if options.after is None:
        return policy
    return replaced(policy, additional_branch_prefix=f"{options.name}-direct-{policy.additional_branch_prefix}")


def _in_environment(policy: Policy, update: Update, options: EnvironmentOptions) -> Policy:
    """The windows of an environment, and what is merged there without a person.

    Where one environment comes after another, only its own ``automerge`` counts. The forge is never asked to merge by
    itself: it does not know what else is on trial.
    """
    is_named = str(update.update_type) in options.automerge
    automerge = is_named if options.after is not None else is_named or policy.automerge
    windows = read_windows(options.windows)
    timed = (
        {"schedule": windows.schedule, "automerge_schedule": windows.schedule, "timezone": windows.timezone}
        if options.windows
        else {}
    )
    return replaced(policy, automerge=automerge, platform_automerge=False, **timed)


def _with_policy(update: Update, policy: Policy) -> Update:
    return replace(update, offer=replace(update.offer, policy=policy))


# ---------------------------------------------------------------- all that a pull request brought


def _missing(update: Update, promoted: set[Dependency], promotions: Promotions) -> str | None:
    """The first of what has to come along and does not."""
    environment = promotions.environment_of(update.tracked)
    if update.trial is None or environment is None:
        return None
    behind = promotions.behind(update.trial, environment)
    return next((each.name for each in behind if each.dependency not in promoted), None)


def _held(update: Update, missing: str) -> Held:
    brought = update.trial.pull.reference if update.trial is not None else "nothing"
    return Held(
        tracked=update.tracked,
        update_type=update.update_type,
        new_version=update.offer.version,
        rule=RULE,
        reason=f"{brought} brought it together with {missing}, which cannot come along now",
        new_value=update.offer.new_value,
        new_digest=update.new_digest,
    )
