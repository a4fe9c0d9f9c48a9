"""The joint between updates and what deploys them: which applications, in which environments."""

from collections.abc import Callable, Sequence
from functools import cache

from updater import group
from updater.config import Config
from updater.environments import Environments
from updater.model import Tracked, Update
from updater.pipeline.target import Target
from updater.report.promotion import evidence
from updater.report.rollout import reached
from updater.rollout import Target as DeployTarget
from updater.targets import Touched, survey


def reach_of(target: Target, config: Config) -> group.Reaches:
    """What deploys the files of the repository, for whoever asks about updates of it."""
    found = survey(target.tree, config, target.addresses)

    def reach(updates: Sequence[Update]) -> tuple[DeployTarget, ...]:
        return found.of(Touched(edit.path, _versions(update)) for update in updates for edit in update.edits)

    return reach


def environments_reached(
    target: Target, config: Config, environments: Environments
) -> Callable[[Tracked], frozenset[str]]:
    """In which environments a dependency is deployed; the repository is surveyed when somebody asks."""
    surveyed = cache(lambda: survey(target.tree, config, target.addresses))

    def reached_by(tracked: Tracked) -> frozenset[str]:
        dependency = tracked.dependency
        versions = tuple(value for value in (dependency.current_value, dependency.current_digest) if value)
        targets = surveyed().of([Touched(dependency.path, versions)])
        names = (environments.of(each.path or "", each.environment) for each in targets)
        return frozenset(name for name in names if name is not None)

    return reached_by


def around(updates: Sequence[Update], targets: Sequence[DeployTarget]) -> str | None:
    """What is to be said of updates beside themselves: what they rest on, and what they reach."""
    return "\n\n".join(filter(None, (evidence(updates), reached(targets)))) or None


def nothing(_updates: Sequence[Update]) -> tuple[DeployTarget, ...]:
    """What deploys no updates at all."""
    return ()


def _versions(update: Update) -> tuple[str, ...]:
    """What stands at the place of an update as long as it is not merged."""
    dependency = update.tracked.dependency
    return tuple(value for value in (dependency.current_value, dependency.current_digest) if value is not None)
