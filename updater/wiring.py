"""Picks the parts that a command works with: plugins, platform, network. Heavy parts load when needed."""

from __future__ import annotations

import os
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from updater import plugins
from updater.api import Clock, Platform, Secret, Tree
from updater.config import Config, load
from updater.errors import RepositoryError, UsageError
from updater.inventory import Progress, Workshop

if TYPE_CHECKING:
    from updater.pipeline import Network, Target
    from updater.platforms.local import LocalPlatform

_REPOSITORY = re.compile(r"[\w.-]+(/[\w.-]+)+")
_TOKENS = ("UPDATER_TOKEN", "GITHUB_TOKEN", "GH_TOKEN", "RENOVATE_TOKEN")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the command line and the environment say about a run.

    ``routes`` send the requests for a host elsewhere (``ghcr.io`` → ``http://127.0.0.1:5000``).
    """

    platform: str = "local"
    endpoint: str | None = None
    config_file: Path | None = None
    cache: str | None = None
    fresh_for: timedelta = timedelta(minutes=10)
    routes: Mapping[str, str] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))


def now() -> datetime:
    """The time, in UTC."""
    return datetime.now(UTC)


def workshop(progress: Progress, settings: Settings, clock: Clock = now) -> Workshop:
    """All plugins, with the clock and the way to tell what is going on."""
    keeps_nothing = (settings.cache or settings.environment.get("UPDATER_CACHE")) == "memory:"
    memory = None if keeps_nothing else cache_directory(settings.environment) / "extractions"
    return Workshop(clock=clock, progress=progress, memory=memory)


def work_tree(path: Path) -> Tree:
    """The files that lie in a directory. Raises ``UsageError`` if there is none."""
    from updater.repo import open_tree

    if not path.is_dir():
        raise UsageError(f"{path} is not a directory")
    return open_tree(path)


def configuration(tree: Tree, settings: Settings) -> Config:
    """The configuration that holds for the files of ``tree``. Raises ``ConfigError``."""
    managers = plugins.managers()
    return load(tree, file=settings.config_file, environment=settings.environment, managers=managers.keys())


def planning_target(name: str, settings: Settings, forced: Sequence[str] = ()) -> Target:
    """What to plan for: a directory as it lies there, or the default branch of a repository on a forge."""
    if settings.platform == "local":
        return _directory(Path(name), forced)
    return running_target(name, settings, forced)


def running_target(name: str, settings: Settings, forced: Sequence[str] = ()) -> Target:
    """What to write to: the base branch of a checkout or of a repository on a forge."""
    from updater.pipeline import Target

    platform = _platform(name, settings)
    base = platform.base_branch()
    return Target(
        repository=platform.repository, tree=platform.tree(base), base=base, platform=platform, forced=tuple(forced)
    )


def _directory(path: Path, forced: Sequence[str]) -> Target:
    from updater.pipeline import Target

    tree = work_tree(path)
    if tree.commit is None:
        return Target(repository=str(path), tree=tree, base="", platform=None)
    from updater.platforms.local import LocalPlatform

    platform = LocalPlatform(path)
    try:
        base = platform.base_branch()
    except RepositoryError:  # a commit of no branch, as CI checks it out: what it needs can be planned all the same
        return Target(repository=platform.repository, tree=tree, base="", platform=None)
    return Target(repository=platform.repository, tree=tree, base=base, platform=platform, forced=tuple(forced))


def local_platform(path: Path) -> LocalPlatform:
    """The checkout at ``path`` as a forge."""
    from updater.platforms.local import LocalPlatform

    return LocalPlatform(path)


def _platform(name: str, settings: Settings) -> Platform:
    if settings.platform == "local":
        return local_platform(Path(name))
    if settings.platform == "github":
        return _github(name, settings)
    raise UsageError(f"there is no platform {settings.platform!r}; known are: local, github")


def _github(name: str, settings: Settings) -> Platform:
    from updater.platforms.github import GitHubPlatform

    if not _REPOSITORY.fullmatch(name):
        raise UsageError(f"{name!r} is not a repository's name; write owner/name")
    token = next((settings.environment[key] for key in _TOKENS if settings.environment.get(key)), None)
    if token is None:
        raise UsageError(f"a token is needed to write to GitHub: set one of {', '.join(_TOKENS)}")
    return GitHubPlatform(
        name,
        token=Secret(token),
        endpoint=settings.endpoint or "https://api.github.com",
        cache_directory=cache_directory(settings.environment) / "repositories",
    )


def cache_directory(environment: Mapping[str, str]) -> Path:
    """Where caches live: ``$XDG_CACHE_HOME/gitops-updater`` or ``~/.cache/gitops-updater``."""
    root = environment.get("XDG_CACHE_HOME")
    return (Path(root) if root else Path.home() / ".cache") / "gitops-updater"


@asynccontextmanager
async def network(config: Config, settings: Settings, clock: Clock = now) -> AsyncIterator[Network]:
    """The HTTP client with the host rules of the configuration, and the caches behind it."""
    from updater.cache import open_cache
    from updater.http import HttpClient
    from updater.pipeline import Network

    async with (
        open_cache(settings.cache, clock=clock, environment=settings.environment) as cache,
        HttpClient(
            host_rules=config.repository.host_rules,
            cache=cache.responses,
            fresh_for=settings.fresh_for,
            clock=clock,
            routes=settings.routes,
        ) as client,
    ):
        yield Network(
            client=client,
            sparing_client=client.sparing(),
            releases=cache.releases,
            first_seen=cache.releases,
            requests=client.requests,
            fresh_for=settings.fresh_for,
        )
