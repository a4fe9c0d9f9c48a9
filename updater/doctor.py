"""Whether everything is in order for a run: git, configuration, cache, forge, registries. Nothing is written there.

Each examination gives findings and never raises what a user can act on: that is a finding, too.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from urllib.parse import urlsplit

from updater import git
from updater.config import Config
from updater.errors import RepositoryError, UpdaterError
from updater.inventory import Workshop, datasources_for, take_inventory
from updater.model.forge import Finding, FindingLevel
from updater.model.lookup import Failed
from updater.model.scan import Package
from updater.pipeline import Project, World

_MERGE_VERSION = (2, 38)


def fine(subject: str, text: str) -> Finding:
    """Nothing to be done."""
    return Finding(subject=subject, level=FindingLevel.FINE, text=text)


def failed(subject: str, text: str) -> Finding:
    """Something that has to be mended."""
    return Finding(subject=subject, level=FindingLevel.FAILED, text=text)


def attempted(subject: str, examine: Callable[[], Iterable[Finding]]) -> list[Finding]:
    """The findings of ``examine``; an error that a user can act on becomes one about ``subject``."""
    try:
        return list(examine())
    except UpdaterError as error:
        problems = [str(problem) for problem in getattr(error, "problems", ())] or [str(error)]
        return [failed(subject, problem) for problem in problems]


def of_git() -> Iterator[Finding]:
    """Whether git is there and new enough."""
    git.check_version()
    try:
        git.check_version(_MERGE_VERSION)
    except RepositoryError as error:
        text = f"{error} to merge pull requests of a checkout; everything else works"
        yield Finding(subject="git", level=FindingLevel.WARNING, text=text)
    else:
        yield fine("git", "it is there, and new enough")


def of_cache(directory: Path) -> Iterator[Finding]:
    """Whether the cache can be kept: without it each run asks for everything again."""
    existing = next(place for place in (directory, *directory.parents) if place.exists())
    if os.access(existing, os.W_OK | os.X_OK):
        yield fine("cache", f"it can be kept in {directory}")
    else:
        text = f"{directory} cannot be written to: each run will ask for everything again"
        yield Finding(subject="cache", level=FindingLevel.WARNING, text=text)


def of_configuration(config: Config, *, on_forge: bool) -> Iterator[Finding]:
    """The configuration's own problems, and what happens where there is none."""
    if config.path is None and on_forge and not config.problems:
        yield fine("configuration", "there is none: the first run opens a pull request that adds one, and nothing else")
        return
    levels = {"error": FindingLevel.FAILED}
    for problem in config.problems:
        level = levels.get(problem.severity, FindingLevel.WARNING)
        yield Finding(subject="configuration", level=level, text=str(problem))
    if not config.problems:
        yield fine("configuration", "it is understood as a whole")


def of_rollouts(project: Project, config: Config) -> Iterator[Finding]:
    """Whether what becomes of updates can be believed and written down as the configuration wants it."""
    options = config.repository
    for entry in options.reconcilers:
        reads_forge = entry.type is not None and (entry.type == "atlantis" or entry.via == "status")
        if reads_forge and not (entry.creators or options.trusted_creators):
            text = f"{entry.type}: nobody is named whose statuses are believed (creators), so all of it is unknown"
            yield failed("reconcilers", text)
    if project.platform is not None and options.rollout_records in ("deployments", "both"):
        yield from project.platform.examine_deployments()


async def of_registries(project: Project, config: Config, workshop: Workshop, world: World) -> list[Finding]:
    """Whether each registry answers: one package of each is looked up."""
    inventory = take_inventory(project.tree, config, workshop)
    samples = _samples(tracked.package for tracked in inventory.tracked)
    answers = await world.look_up(
        {package: set() for package in samples.values()},
        datasources_for(project.tree, config, workshop),
        workshop.clock,
    )
    return [_of_registry(name, package, answers.failed.get(package)) for name, package in sorted(samples.items())]


def _samples(packages: Iterable[Package]) -> dict[str, Package]:
    """One package for each registry, by the registry's name for people."""
    found: dict[str, Package] = {}
    for package in packages:
        found.setdefault(f"{package.datasource} {_host(package)}".strip(), package)
    return found


def _host(package: Package) -> str:
    """Where a package is, as far as its name tells: a registry, an image's host, a URL's."""
    if package.registry_urls:
        return urlsplit(package.registry_urls[0]).netloc or package.registry_urls[0]
    if "://" in package.name:
        return urlsplit(package.name).netloc
    first = package.name.partition("/")[0]
    return first if package.datasource == "docker" and ("." in first or ":" in first) else ""


def _of_registry(name: str, package: Package, failure: Failed | None) -> Finding:
    if failure is None:
        return fine("registry", f"{name} answers")
    return failed("registry", f"{name}, asked for {package.name}: {failure.error}")


def in_order(findings: Sequence[Finding]) -> bool:
    """Whether nothing has to be mended."""
    return not any(finding.level is FindingLevel.FAILED for finding in findings)
