"""The joint between updates and what deploys them: which applications, in which environments."""

from collections.abc import Callable, Sequence
from functools import cache

from updater import group
from updater.config import Config
from updater.environments import Environments
from updater.model.decide import Update
from updater.model.track import Tracked
from updater.pipeline.project import Project
from updater.report.promotion import evidence
from updater.report.rollout import reached
from updater.rollout import Target
from updater.targets import Reach, Touched, survey

Surveyed = Callable[[], Reach]
"""What deploys the repository; it is surveyed when somebody asks for the first time."""


def surveyed(project: Project, config: Config) -> Surveyed:
    """The survey of a repository, which is made at most once."""
    return cache(lambda: survey(project.tree, config, project.addresses))


def reach_of(found: Surveyed) -> group.Reaches:
    """What deploys updates; nobody asks where there are none."""

    def reach(updates: Sequence[Update]) -> tuple[Target, ...]:
        return found().of(Touched(edit.path, _versions(update)) for update in updates for edit in update.edits)

    return reach


def environments_deployed(found: Surveyed, project: Project, environments: Environments) -> dict[Target, str]:
    """The environment of each thing that is deployed, where it is known: that of its files, else its own."""
    placed = {}
    for deployed, files in found().files_of(project.tree.files()).items():
        declared = (environments.of(path, None) for path in sorted(files))
        name = next(filter(None, declared), None) or environments.of(deployed.path or "", deployed.environment)
        if name is not None:
            placed[deployed] = name
    return placed


def environments_reached(found: Surveyed, environments: Environments) -> Callable[[Tracked], frozenset[str]]:
    """In which environments a dependency is deployed."""

    def reached_by(tracked: Tracked) -> frozenset[str]:
        dependency = tracked.dependency
        versions = tuple(value for value in (dependency.current_value, dependency.current_digest) if value)
        targets = found().of([Touched(dependency.path, versions)])
        names = (environments.of(each.path or "", each.environment) for each in targets)
        return frozenset(name for name in names if name is not None)

    return reached_by


def around(updates: Sequence[Update], targets: Sequence[Target]) -> str | None:
    """What is to be said of updates beside themselves: what they rest on, and what they reach."""
    return "\n\n".join(filter(None, (evidence(updates), reached(targets)))) or None


def _versions(update: Update) -> tuple[str, ...]:
    """What stands at the place of an update as long as it is not merged."""
    dependency = update.tracked.dependency
    return tuple(value for value in (dependency.current_value, dependency.current_digest) if value is not None)
