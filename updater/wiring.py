"""Picks the parts that a command works with: plugins, platform, network. Heavy parts load when needed."""

from __future__ import annotations

import os
import re
from collections.abc import AsyncIterator, Collection, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from msgspec import structs

from updater import library, plugins
from updater.api import Secret, Tree
from updater.config import Config, Place, load
from updater.config.remote import home_of, home_on
from updater.errors import RepositoryError, UpdaterError, UsageError
from updater.hosts import HostRule
from updater.inventory import Progress, Workshop

if TYPE_CHECKING:
    from updater.api import Clock, Platform
    from updater.cache import Cache
    from updater.config.options import DryRun
    from updater.follow import Deployed
    from updater.forecast import Forecast
    from updater.http import HttpClient
    from updater.model.forge import Finding
    from updater.model.lookup import Failed
    from updater.model.plan import Plan
    from updater.observe import Assignment
    from updater.pipeline import Bases, Network, Project
    from updater.platforms.discovery import Listing, Wanted
    from updater.platforms.forges import Forge
    from updater.platforms.github.app import App
    from updater.platforms.local import LocalPlatform
    from updater.reconcilers.assembly import Sleep
    from updater.record import Recorder
    from updater.rollout import Health, Trial

_PATIENCE = 60
"""How many seconds a plan waits for reconcilers at most."""
_GPG_KEY = re.compile(r"(?:0x)?[0-9A-Fa-f]{8,40}!?")
_REPOSITORY = re.compile(r"[\w.-]+(/[\w.-]+)+")
_REMOTE = re.compile(r"(?:://(?:[^/@]*@)?|^[^/@]*@)(?P<host>[\w.-]+)(?::\d+)?[:/]/?(?P<name>.+?)(?:\.git)?/?$")
_TOKENS = ("UPDATER_TOKEN", "RENOVATE_TOKEN")
_TOKENS_OF = {
    "github": ("GITHUB_TOKEN", "GH_TOKEN"),
    "gitlab": ("GITLAB_TOKEN",),
    "gitea": ("GITEA_TOKEN",),
    "forgejo": ("FORGEJO_TOKEN", "GITEA_TOKEN"),
}


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """What the command line and the environment say about a run.

    ``given`` is a configuration in the place of the repository's: what messages call it, and its text. ``routes`` send
    the requests for a host elsewhere (``ghcr.io`` → ``http://127.0.0.1:5000``).
    """

    platform: str = "local"
    endpoint: str | None = None
    config_file: Path | None = None
    given: tuple[str, str] | None = None
    cache: str | None = None
    fresh_for: timedelta = timedelta(minutes=10)
    dry_run: DryRun | None = None
    routes: Mapping[str, str] = msgspec.field(default_factory=dict)
    environment: Mapping[str, str] = msgspec.field(default_factory=lambda: dict(os.environ))


def now() -> datetime:
    """The time, in UTC."""
    return datetime.now(UTC)


def dry_run(config: Config, settings: Settings) -> DryRun | None:
    """How far the run goes, if it is not to write anything."""
    return settings.dry_run or config.repository.dry_run


def workshop(progress: Progress, settings: Settings, clock: Clock = now) -> Workshop:
    """All plugins, with the clock and the way to tell what is going on."""
    memory = None if _keeps_nothing(settings) else cache_directory(settings.environment) / "extractions"
    return Workshop(clock=clock, progress=progress, memory=memory)


def _keeps_nothing(settings: Settings) -> bool:
    return (settings.cache or settings.environment.get("UPDATER_CACHE")) == "memory:"


def work_tree(path: Path) -> Tree:
    """The files that lie in a directory. Raises ``UsageError`` if there is none."""
    from updater.repo import open_tree

    if not path.is_dir():
        raise UsageError(f"{path} is not a directory")
    return open_tree(path)


def configuration(tree: Tree, settings: Settings, place: Place | None = None) -> Config:
    """The configuration that holds for the files of ``tree``, with the presets that are at hand.

    Raises ``ConfigError``.
    """
    return library.understand_offline(_understanding(tree, settings, place), _shelf(settings))


async def whole_configuration(project: Project, settings: Settings) -> Config:
    """The configuration with the presets of other repositories, as they are now. Raises ``ConfigError``."""
    return await _fetched(_understanding(project.tree, settings, project.place), settings, project.place)


async def bases(project: Project, config: Config, settings: Settings) -> Bases:
    """The branches that are updated, by the configuration of the one that the project is at."""
    from updater.pipeline import find_bases

    async def understand(name: str, tree: Tree) -> Config:
        place = structs.replace(project.place or Place(), base=name)
        return await _fetched(_understanding(project.tree, settings, place, above=tree), settings, place)

    return await find_bases(project, config, understand)


async def _fetched(understand: library.Understand, settings: Settings, place: Place | None) -> Config:
    """A configuration with the presets that it is missing."""
    first = understand({})
    if not first.missing:
        return first
    async with _connected(_with_platform(first.repository.host_rules, settings, place), settings) as (client, _):
        return await library.understand_online(understand, client, _shelf(settings))


def _place(name: str, platform: Platform, settings: Settings, base: str | None = None) -> Place:
    """Where a repository lives: on the platform that was named, or where the remote of a checkout says."""
    if settings.platform != "local":
        return Place(repository=platform.repository, home=home_on(settings.platform, _api_of(settings)), base=base)
    found = place_of_checkout(Path(name))
    return structs.replace(found, base=base) if found else Place(repository=platform.repository, base=base)


def place_of_checkout(path: Path) -> Place | None:
    """Where the repository in a directory lives, as its remote says; None if that says nothing."""
    from updater import git

    match = _REMOTE.search(git.remote_url(path, "origin") or "")
    return Place(repository=match["name"], home=home_of(match["host"])) if match else None


def _api_of(settings: Settings) -> str | None:
    """The address of the forge's API; people may have given that of the forge."""
    root, own = settings.endpoint, {"gitlab": "/api/v4", "gitea": "/api/v1", "forgejo": "/api/v1"}
    suffix = own.get(settings.platform, "")
    return None if root is None else root.rstrip("/").removesuffix(suffix) + suffix


def _understanding(
    tree: Tree, settings: Settings, place: Place | None, above: Tree | None = None
) -> library.Understand:
    return partial(_understand, tree, settings, place, above, plugins.managers().keys())


def _understand(
    tree: Tree,
    settings: Settings,
    place: Place | None,
    above: Tree | None,
    managers: Collection[str],
    known: library.Library,
) -> Config:
    return load(
        tree,
        file=settings.config_file,
        given=settings.given,
        environment=settings.environment,
        managers=managers,
        library=known,
        place=place,
        above=above,
    )


def _shelf(settings: Settings) -> library.Shelf:
    return library.Shelf(None if _keeps_nothing(settings) else cache_directory(settings.environment) / "presets")


def _with_platform(rules: Sequence[HostRule], settings: Settings, place: Place | None) -> tuple[HostRule, ...]:
    """The host rules, and below them the platform's own token, for the platform's own host."""
    if place is None or place.home is None or settings.platform == "local":
        return tuple(rules)
    try:
        token = _token(settings)
    except UsageError:  # as an App, which has tokens for single repositories only
        return tuple(rules)
    return (HostRule(match_host=place.home.endpoint, token=token), *rules)


def planning_project(name: str, settings: Settings, forced: Sequence[str] = ()) -> Project:
    """What to plan for: a directory as it lies there, or the default branch of a repository on a forge."""
    if settings.platform == "local":
        return _directory(Path(name), settings, forced)
    return running_project(name, settings, forced)


def running_project(name: str, settings: Settings, forced: Sequence[str] = ()) -> Project:
    """What to write to: the base branch of a checkout or of a repository on a forge."""
    from updater.pipeline import Project

    platform = platform_of(name, settings)
    base = platform.base_branch()
    return Project(
        repository=platform.repository,
        tree=platform.tree(base),
        base=base,
        platform=platform,
        forced=tuple(forced),
        place=_place(name, platform, settings, base),
        signing_key=_signing_key(settings),
    )


def _signing_key(settings: Settings) -> Secret | None:
    """``UPDATER_SIGNING_KEY``: what the blocks for machines in pull requests are signed with."""
    key = settings.environment.get("UPDATER_SIGNING_KEY")
    return Secret(key) if key else None


def _directory(path: Path, settings: Settings, forced: Sequence[str]) -> Project:
    from updater.pipeline import Project

    tree = work_tree(path)
    if tree.commit is None:
        return Project(repository=str(path), tree=tree, base="", platform=None)
    from updater.platforms.local import LocalPlatform

    platform = LocalPlatform(path)
    place = _place(str(path), platform, settings)
    try:
        base = platform.base_branch()
    except RepositoryError:  # a commit of no branch, as CI checks it out: what it needs can be planned all the same
        return Project(repository=platform.repository, tree=tree, base="", platform=None, place=place)
    return Project(
        repository=platform.repository,
        tree=tree,
        base=base,
        platform=platform,
        forced=tuple(forced),
        place=structs.replace(place, base=base),
        signing_key=_signing_key(settings),
    )


def local_platform(path: Path) -> LocalPlatform:
    """The checkout at ``path`` as a forge."""
    from updater.platforms.local import LocalPlatform

    return LocalPlatform(path)


def platform_of(name: str, settings: Settings) -> Platform:
    """The checkout, or the repository on a forge, that a name means. Raises ``UsageError``."""
    from updater.model.forge import Identity

    key, platform = _git_key(settings), _unsigned_platform(name, settings)
    return platform if key is None else platform.acting_as(Identity(key=key))


def _unsigned_platform(name: str, settings: Settings) -> Platform:
    if settings.platform == "local":
        return local_platform(Path(name))
    if not _REPOSITORY.fullmatch(name):
        raise UsageError(f"{name!r} is not a repository's name; write owner/name")
    return forge(settings).platform(name)


def _git_key(settings: Settings) -> str | None:
    """``UPDATER_GIT_PRIVATE_KEY``, which commits are signed with: an SSH key, its file, or the id of one of gpg's."""
    names = ("UPDATER_GIT_PRIVATE_KEY", "RENOVATE_GIT_PRIVATE_KEY")
    key = next((settings.environment[name] for name in names if settings.environment.get(name)), None)
    if key is None or _GPG_KEY.fullmatch(key):
        return key
    if "BEGIN PGP" in key:
        raise UsageError(f"{names[0]}: import the key into gpg, and give its id")
    if "PRIVATE KEY" in key:
        return _kept_key(key.replace("\\n", "\n").strip() + "\n")
    path = Path(key).expanduser().absolute()
    if not path.is_file():
        raise UsageError(f"{names[0]} is neither a private key, nor the file of one, nor the id of one that gpg has")
    return str(path)


@cache
def _kept_key(text: str) -> str:
    """A file with the key that is there, for its owner alone, as long as the process is."""
    import atexit
    from tempfile import TemporaryDirectory

    directory = TemporaryDirectory(prefix="gitops-updater-")
    atexit.register(directory.cleanup)
    path = Path(directory.name) / "key"
    path.touch(mode=0o600)
    path.write_text(text)
    return str(path)


def forge(settings: Settings) -> Forge:
    """The forge that the settings name, with what opens it. Raises ``UsageError``."""
    from updater.platforms import forges

    places = cache_directory(settings.environment) / "repositories"
    if settings.platform == "github":
        endpoint = settings.endpoint or "https://api.github.com"
        return forges.GitHubForge(
            endpoint=endpoint, credential=_app(settings) or _token(settings), cache_directory=places
        )
    if settings.platform == "gitlab":
        endpoint = settings.endpoint or "https://gitlab.com"
        return forges.GitLabForge(endpoint=endpoint, credential=_token(settings), cache_directory=places)
    if settings.platform in {"gitea", "forgejo"}:
        if settings.endpoint is None:
            raise UsageError(f"{settings.platform} is at many places; say where with --endpoint")
        return forges.GiteaForge(endpoint=settings.endpoint, credential=_token(settings), cache_directory=places)
    raise UsageError(f"there is no forge {settings.platform!r}; known are: {', '.join(_TOKENS_OF)}")


def discovered(settings: Settings, wanted: Wanted) -> list[Listing]:
    """The forge's repositories that are to be looked after, in its order. Raises ``UsageError``."""
    from updater.config.patterns import PatternError
    from updater.platforms.discovery import chosen

    try:
        return list(chosen(forge(settings).repositories(), wanted))
    except PatternError as error:
        raise UsageError(f"--autodiscover-filter: {error}") from error


def _token(settings: Settings) -> Secret:
    names = (_TOKENS[0], *_TOKENS_OF[settings.platform], *_TOKENS[1:])
    token = next((settings.environment[name] for name in names if settings.environment.get(name)), None)
    if token is None:
        raise UsageError(f"a token is needed to write to {settings.platform}: set one of {', '.join(names)}")
    return Secret(token)


def _app(settings: Settings) -> App | None:
    """The GitHub App that the environment names; its key is there itself, or the path of its file."""
    from updater.platforms.github.app import App

    number, key = (settings.environment.get(name) for name in ("UPDATER_APP_ID", "UPDATER_APP_KEY"))
    if not number or not key:
        return None
    if "PRIVATE KEY" not in key:
        try:
            key = Path(key).read_text()
        except OSError as error:
            raise UsageError(
                f"UPDATER_APP_KEY is neither a private key nor a file that can be read: {error}"
            ) from error
    return App(id=number, key=Secret(key.replace("\\n", "\n")))


@contextmanager
def lease(platform: Platform) -> Iterator[None]:
    """Be the only run that writes to the repository. Raises ``PlatformError`` if another one is."""
    from updater.platforms import lease as leases

    with leases.held(platform, leases.new_holder(), now):
        yield


def cache_directory(environment: Mapping[str, str]) -> Path:
    """Where caches live: ``$XDG_CACHE_HOME/gitops-updater`` or ``~/.cache/gitops-updater``."""
    root = environment.get("XDG_CACHE_HOME")
    return (Path(root) if root else Path.home() / ".cache") / "gitops-updater"


@asynccontextmanager
async def network(config: Config, settings: Settings, clock: Clock = now) -> AsyncIterator[Network]:
    """The HTTP client with the host rules of the configuration, and the caches behind it."""
    from updater.pipeline import Network

    async with _connected(config.repository.host_rules, settings, clock) as (client, cache):
        yield Network(
            client=client,
            sparing_client=client.sparing(),
            releases=cache.releases,
            first_seen=cache.releases,
            requests=client.requests,
            fresh_for=settings.fresh_for,
        )


@asynccontextmanager
async def _connected(
    rules: Sequence[HostRule], settings: Settings, clock: Clock = now
) -> AsyncIterator[tuple[HttpClient, Cache]]:
    from updater.cache import open_cache
    from updater.http import HttpClient

    async with (
        open_cache(settings.cache, clock=clock, environment=settings.environment) as cache,
        HttpClient(
            host_rules=rules,
            cache=cache.responses,
            fresh_for=settings.fresh_for,
            clock=clock,
            routes=settings.routes,
        ) as client,
    ):
        yield client, cache


def deployed_from(project: Project, found: Bases) -> Iterator[tuple[Deployed, Config]]:
    """Each base branch as what is deployed from it, with its configuration; none of what is no repository."""
    from updater.follow import Deployed

    for each in found.found if project.platform is not None else ():
        assert project.platform is not None
        place = Deployed(
            platform=project.platform,
            base=each.name,
            tree=each.tree,
            addresses=project.addresses,
            signing_key=project.signing_key,
        )
        yield place, each.config


@asynccontextmanager
async def assignments(
    place: Deployed, config: Config, settings: Settings, clock: Clock = now, *, sleep: Sleep | None = None
) -> AsyncIterator[list[Assignment]]:
    """The reconcilers of the configuration, each with what it is responsible for; ``sleep`` lets time pass."""
    from updater.observe import Assignment
    from updater.reconcilers.assembly import Surroundings, assembled

    async with _connected(config.repository.host_rules, settings, clock) as (client, _):
        around = Surroundings(
            platform=place.platform,
            client=client,
            clock=clock,
            environment=settings.environment,
            addresses=place.addresses,
            creators=config.repository.trusted_creators,
            **({} if sleep is None else {"sleep": sleep}),
        )
        async with assembled(config.repository.reconcilers, around) as found:
            yield [Assignment(reconciler=one, environments=environments) for one, environments in found]


async def forecast(
    project: Project,
    config: Config,
    settings: Settings,
    progress: Progress,
    *,
    length: timedelta,
    merge_after: timedelta,
) -> Forecast:
    """What the configuration would have produced for ``project``, by what its registries say now."""
    from updater.pipeline import make_forecast

    found = await bases(project, config, settings)
    async with network(config, settings, now) as reached:
        return await make_forecast(project, found, workshop(progress, settings, now), reached, length, merge_after)


async def plan(
    project: Project,
    config: Config,
    settings: Settings,
    progress: Progress,
    recorder: Recorder | None = None,
    *,
    writes: bool = False,
    clock: Clock = now,
) -> Plan:
    """The plan for ``project``, by the live registries and by what has become of merged updates.

    What became of them is written on their pull requests, if ``writes``. A ``recorder`` hears all that is said, and
    tells the time.
    """
    from dataclasses import replace

    from updater.pipeline import make_plan

    clock = clock if recorder is None else recorder.clock
    shop = workshop(progress, settings, clock)
    found = await bases(project, config, settings)
    seen = await observed(project, found, settings, shop, writes=writes)
    async with network(config, settings, clock) as reached:
        live = replace(reached, trials=seen.trials, healths=seen.healths)
        if recorder is None:
            made = await make_plan(project, found, shop, live)
        else:
            made = await make_plan(project, found, structs.replace(shop, memory=None), recorder.world(live))
    return replace(made, failed=(*made.failed, *seen.failed))


async def listed(project: Project, config: Config, settings: Settings, progress: Progress) -> Plan:
    """What lists of versions offer ``project``: a plan that ends with the lookups."""
    from updater.pipeline import make_lookup

    found = await bases(project, config, settings)
    async with network(config, settings) as reached:
        return await make_lookup(project, found, workshop(progress, settings), reached)


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """What has become of merged pull requests, how everything is that is deployed, and what could not be seen."""

    trials: tuple[Trial, ...] = ()
    healths: tuple[Health, ...] = ()
    failed: tuple[Failed, ...] = ()

    def __add__(self, other: Seen) -> Seen:
        return Seen(
            trials=(*self.trials, *other.trials),
            healths=tuple(dict.fromkeys((*self.healths, *other.healths))),
            failed=(*self.failed, *other.failed),
        )


async def observed(project: Project, found: Bases, settings: Settings, shop: Workshop, *, writes: bool) -> Seen:
    """A look at what is deployed. Nothing that fails here ends a run.

    Nobody is asked where nothing is configured that deploys, or comes after something else.
    """
    seen = Seen()
    for place, config in deployed_from(project, found):
        options = config.repository
        if options.reconcilers or any(each.after for each in options.environments):
            speaks = writes and options.mode != "silent"
            seen += await _observed(place, config, settings, shop, writes=speaks)
    return seen


async def _observed(place: Deployed, config: Config, settings: Settings, shop: Workshop, *, writes: bool) -> Seen:
    import asyncio

    from updater import follow
    from updater.model.lookup import Failed

    try:
        async with asyncio.timeout(_PATIENCE), assignments(place, config, settings, shop.clock) as asked:
            found = await follow.verify(place, config, shop, asked, writes=writes)
            healths = await follow.healths(asked)
    except (UpdaterError, TimeoutError) as error:
        reason = str(error) or f"no answer within {_PATIENCE} seconds"
        return Seen(failed=(Failed(subject="what is deployed", error=reason),))
    return Seen(trials=found.trials, healths=healths, failed=found.failed)


async def examined_registries(
    project: Project, config: Config, settings: Settings, progress: Progress
) -> list[Finding]:
    """What the doctor says of the registries that the repository needs."""
    from updater.doctor import of_registries

    async with network(config, settings) as live:
        return await of_registries(project, config, workshop(progress, settings), live)
