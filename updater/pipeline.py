"""Calls the stages in their order; the only module that does.

::

    scan → track → lookup → decide → promote.narrow → vet → promote → group → material
                                     → publish.plan   (a Plan: nothing is written)
                                     → publish.apply  (the writing)
"""

import time
from collections.abc import Awaitable, Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from email.utils import parseaddr
from functools import cache, partial
from typing import Protocol
from urllib.parse import urlsplit

from updater import (
    bump,
    dashboard,
    decide,
    failures,
    group,
    lookup,
    naming,
    orders,
    owners,
    promote,
    publish,
    track,
    vet,
)
from updater.api import Client, Clock, Datasource, HistoricTree, Platform, Sealer, Secret, Tree
from updater.config import Config, Place, Policy
from updater.dashboard import Dashboard
from updater.environments import Environments, pairings
from updater.errors import PlatformError
from updater.forecast import Forecast, Period, forecast
from updater.inventory import Progress, Workshop, datasources_for, take_inventory
from updater.material import Library, Material, gather
from updater.model import (
    Action,
    ActionKind,
    Branch,
    Choice,
    Decision,
    Dependency,
    Failed,
    Held,
    Identity,
    Package,
    Plan,
    PullRequest,
    Tombstone,
    Tracked,
    Update,
    UpdateType,
)
from updater.report.marker import package_key
from updater.report.promotion import evidence
from updater.report.pull_request import Circumstances, body_maker
from updater.report.rollout import reached
from updater.rollout import Target as DeployTarget
from updater.rollout import Trial
from updater.targets import Touched, survey
from updater.targets.terraform import ATLANTIS
from updater.tombstones import tombstones
from updater.tracing import span

_REMEMBERED = timedelta(days=365)
"""How far back the history of managed values is read."""

Tombstones = Mapping[Dependency, tuple[Tombstone, ...]]
"""The decisions against versions, by what they are for."""


class World(Protocol):
    """All that a plan is told beyond the files and the forge: by those who know, or by the record of an earlier run."""

    @property
    def first_seen(self) -> vet.FirstSeen:
        """Since when each version is known to us."""
        ...

    @property
    def requests(self) -> Mapping[str, int]:
        """How many requests were sent to each host so far."""
        ...

    async def look_up(
        self, wanted: lookup.Wanted, datasources: Mapping[str, Datasource], clock: Clock
    ) -> lookup.Answers:
        """What there is of each package."""
        ...

    def sources(self, datasources: Mapping[str, Datasource]) -> vet.Sources:
        """What tells more about single versions."""
        ...

    @property
    def trials(self) -> Sequence[Trial]:
        """What became of the pull requests that were merged."""
        ...

    def tombstones(self, tree: Tree, dependencies: Sequence[Tracked], now: datetime) -> Tombstones:
        """What was decided against in the last year."""
        ...

    async def about(self, updates: Sequence[Update], library: Library) -> Sequence[Material]:
        """What there is to know about each update for those who review it."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """The live :class:`World`. ``requests`` counts by host while the stages work.

    Lookups use the ``sparing_client``, which leaves a part of each host's budget to the vetting of what they find.
    """

    client: Client
    sparing_client: Client
    releases: lookup.ReleaseStore
    first_seen: vet.FirstSeen
    requests: Mapping[str, int]
    fresh_for: timedelta = timedelta(0)
    trials: Sequence[Trial] = ()

    async def look_up(
        self, wanted: lookup.Wanted, datasources: Mapping[str, Datasource], clock: Clock
    ) -> lookup.Answers:
        """Ask about each package once."""
        return await lookup.lookup(wanted, datasources, self.sparing_client, self.releases, clock, self.fresh_for)

    def sources(self, datasources: Mapping[str, Datasource]) -> vet.Sources:
        """The datasources, with the client that may use up the budgets."""
        return vet.Sources(datasources, self.client)

    def tombstones(self, tree: Tree, dependencies: Sequence[Tracked], now: datetime) -> Tombstones:
        """What was decided against, as far as the history is there."""
        if not isinstance(tree, HistoricTree):
            return {}
        history = tree.history({tracked.dependency.path for tracked in dependencies}, now - _REMEMBERED)
        texts = {path: data.decode("utf-8", "surrogateescape") for path, data in tree.read(sorted(history))}
        return tombstones(dependencies, history, texts)

    async def about(self, updates: Sequence[Update], library: Library) -> Sequence[Material]:
        """Ask about the updates; no failure is raised."""
        return await gather(updates, library, self.client)


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """The repository that a plan is for. ``platform`` is None for a directory that is no Git repository.

    ``place`` is where it lives, as far as its configuration needs to know; ``addresses`` are how reconcilers name it.
    With a ``signing_key`` only blocks for machines in pull requests that are signed with it are believed.
    """

    repository: str
    tree: Tree
    base: str
    platform: Platform | None
    forced: Collection[str] = ()
    place: Place | None = None
    signing_key: Secret | None = None

    @property
    def addresses(self) -> tuple[str, ...]:
        """The addresses of the repository that follow from its place; none where its forge is not known."""
        host = urlsplit(self.place.home.endpoint).hostname if self.place and self.place.home else None
        return (f"https://{host.removeprefix('api.')}/{self.place.repository}",) if host and self.place else ()


async def make_plan(target: Target, config: Config, workshop: Workshop, world: World) -> Plan:
    """Everything up to the writing. Failures of single items are in the plan; only what ends the run is raised."""
    seconds: dict[str, float] = {}
    now = workshop.clock()
    with _timed(seconds, "scan", workshop.progress):
        inventory = take_inventory(target.tree, config, workshop)
        datasources = datasources_for(target.tree, config, workshop)
    with _timed(seconds, "lookup", workshop.progress):
        answers = await world.look_up(_in_use(inventory.tracked), datasources, workshop.clock)
    with _timed(seconds, "remember", workshop.progress):
        stones = world.tombstones(target.tree, inventory.tracked, now)
        board = _dashboard(target, config, inventory.tracked)
    with _timed(seconds, "decide", workshop.progress):
        choices, waiting, decisions = _decide_all(inventory.tracked, answers, config, _unforgiven(stones, board), now)
        environments = Environments(config.repository.environments)
        reached_by = _environments_reached(target, config, environments)
        promotions = promote.Promotions(environments, world.trials, inventory.tracked, now, reached_by)
        narrowed = promote.narrow(choices, promotions)
    with _timed(seconds, "vet", workshop.progress):
        sources = world.sources(datasources)
        vetted = await vet.vet(narrowed.choices, sources, answers.releases, world.first_seen, now)
        updates = [each.update for each in vetted if each.update is not None]
        gone = await vet.gone(inventory.tracked, updates, sources, answers.releases)
    promoted = promote.promote(updates, narrowed.proven, promotions)
    pulls = target.platform.pull_requests(config.repository.branch_prefix) if target.platform is not None else ()
    after = failures.aftermath(world.trials, inventory.tracked, pulls, _failure_terms(config), now)
    updates = [*promoted.updates, *after.reverts]
    too_early = [*narrowed.held, *(each for one in vetted for each in one.held), *promoted.held]
    held = [*too_early, *waiting]
    reach = _reach(target, config) if updates else _nothing
    circumstances = Circumstances(
        limit=target.platform.BODY_LIMIT if target.platform is not None else 60_000,
        held=held,
        gone=gone,
        reached=lambda chosen: _around(chosen, reach(chosen)),
        key=target.signing_key,
    )
    with _timed(seconds, "group", workshop.progress):
        bumps = bump.Bumps(target.tree.files())
        grouped = group.group(
            updates,
            _texts(target.tree, updates, bumps),
            body_maker(circumstances),
            {name: manager for name, manager in workshop.managers.items() if isinstance(manager, Sealer)},
            semantic=_speaks_semantic(target.tree, config),
            reach=reach,
            owners_of=_owners(target),
            bumps=bumps.edits,
        )
    failed = [*answers.failed.values(), *_failures(each.failed for each in vetted), *grouped.failed]
    with _timed(seconds, "publish", workshop.progress):
        proposed = {*_proposals(too_early), *_unproven(narrowed.waiting)}
        doubts = publish.Doubts(failed={each.subject for each in failed}, held=proposed)
        standing = _Standing(
            now=now,
            pulls=pulls,
            board=board,
            frozen=failures.frozen(grouped.branches, after.freezes, environments),
            on_trial=failures.why_on_trial(world.trials),
        )
        publishing = _publishing(target, config, grouped.branches, doubts, standing)
        shown = {action.name for action in publishing(grouped.branches) if publish.shows(action)}
    with _timed(seconds, "material", workshop.progress):
        library = Library(datasources=datasources, known=answers.releases, read=_reader(target.tree), now=now)
        branches = await _described(
            grouped.branches, shown, lambda updates: world.about(updates, library), circumstances
        )
    with _timed(seconds, "publish", workshop.progress):
        actions = publishing(branches)
    return Plan(
        repository=target.repository,
        base=target.base,
        base_commit=target.tree.commit,
        dependencies=inventory.tracked,
        updates=tuple(updates),
        held=tuple(held),
        failed=tuple(dict.fromkeys(failed)),
        skipped=inventory.skipped,
        branches=branches,
        actions=tuple(actions),
        decisions=decisions,
        problems=config.problems,
        change_limit=config.repository.change_limit,
        requests=dict(world.requests),
        seconds=seconds,
        gone=tuple(gone),
        freezes=after.freezes,
        pairings=pairings(inventory.tracked, environments),
        tombstones=stones,
        identity=identity_of(config),
        dashboard=board,
    )


async def make_forecast(
    target: Target, config: Config, workshop: Workshop, world: World, length: timedelta, merge_after: timedelta
) -> Forecast:
    """What the configuration would have produced in the time up to now, if people had merged after ``merge_after``."""
    now = workshop.clock()
    inventory = take_inventory(target.tree, config, workshop)
    datasources = datasources_for(target.tree, config, workshop)
    workshop.progress("lookup")
    answers = await world.look_up(_in_use(inventory.tracked), datasources, workshop.clock)
    workshop.progress("forecast")
    return forecast(
        inventory.tracked,
        answers.releases,
        _policy_for(config, answers, now),
        Period(start=now - length, end=now, merge_after=merge_after),
        by_version=config.depends_on_new_version,
        semantic=_speaks_semantic(target.tree, config),
    )


def carry_out(plan: Plan, platform: Platform, progress: Progress) -> list[publish.Outcome]:
    """Write what the plan says. Failures of single branches are outcomes; the others go on."""
    progress("publishing")
    assert plan.base_commit is not None
    acting = platform.acting_as(plan.identity)
    outcomes = publish.apply(plan.actions, acting, plan.base, plan.base_commit)
    if plan.dashboard is not None:
        outcomes += _write_dashboard(plan.dashboard, plan, outcomes, acting)
    return outcomes


def _write_dashboard(
    board: Dashboard, plan: Plan, outcomes: Sequence[publish.Outcome], platform: Platform
) -> Iterator[publish.Outcome]:
    try:
        dashboard.write(board, plan, outcomes, platform)
    except PlatformError as error:
        action = Action(kind=ActionKind.LEAVE, name=board.title, reason="")
        yield publish.Outcome(action=action, failed=Failed(subject=board.title, error=str(error)))


# ---------------------------------------------------------------- the joints between stages


def _reach(target: Target, config: Config) -> group.Reaches:
    """What deploys the files of the repository, for whoever asks about updates of it."""
    found = survey(target.tree, config, target.addresses)

    def reach(updates: Sequence[Update]) -> tuple[DeployTarget, ...]:
        return found.of(Touched(edit.path, _versions(update)) for update in updates for edit in update.edits)

    return reach


def _environments_reached(
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


def _around(updates: Sequence[Update], targets: Sequence[DeployTarget]) -> str | None:
    """What is to be said of updates beside themselves: what they rest on, and what they reach."""
    return "\n\n".join(filter(None, (evidence(updates), reached(targets)))) or None


def _unproven(waiting: Iterable[tuple[Package, str]]) -> Iterator[tuple[str, str]]:
    """What nobody can say is proven, in the words of the pull requests that may propose it already."""
    return ((package_key(package.datasource, package.name), value) for package, value in waiting)


def _owners(target: Target) -> group.OwnersOf:
    """Who owns the files of the repository, by the file in which its forge looks; that is read when it is needed."""

    @cache
    def known() -> owners.Owners | None:
        found = owners.find(target.tree.files(), target.platform.NAME if target.platform is not None else "local")
        texts = (_reader(target.tree)(found[0]), found[1]) if found is not None else None
        return owners.Owners.read(texts[0], texts[1]) if texts is not None and texts[0] is not None else None

    def owners_of(paths: Iterable[str]) -> tuple[str, ...]:
        return read.of(paths) if (read := known()) is not None else ()

    return owners_of


def _nothing(_updates: Sequence[Update]) -> tuple[DeployTarget, ...]:
    return ()


def _versions(update: Update) -> tuple[str, ...]:
    """What stands at the place of an update as long as it is not merged."""
    dependency = update.tracked.dependency
    return tuple(value for value in (dependency.current_value, dependency.current_digest) if value is not None)


def _speaks_semantic(tree: Tree, config: Config) -> bool:
    """What ``semanticCommits: auto`` means here."""
    if config.repository.semantic_commits != "auto" or not isinstance(tree, HistoricTree):
        return False
    return naming.speaks_semantic(tree.subjects(100))


def _in_use(dependencies: Iterable[Tracked]) -> lookup.Wanted:
    """Each package to be looked up, and the versions of it that the repository holds."""
    found: dict[Package, set[str]] = {}
    for tracked in dependencies:
        values = found.setdefault(tracked.package, set())
        if tracked.dependency.current_value is not None:
            values.add(tracked.dependency.current_value)
    return found


def _decide_all(
    dependencies: Sequence[Tracked],
    answers: lookup.Answers,
    config: Config,
    stones: Tombstones,
    now: datetime,
) -> tuple[list[Choice], list[Held], Mapping[Dependency, tuple[Decision, ...]]]:
    """The choices, what has to wait until something else has moved, and the reasons for everything."""
    policy_for, by_version = _policy_for(config, answers, now), config.depends_on_new_version
    made = decide.decide_all(dependencies, answers.releases, policy_for, by_version=by_version, tombstones=stones)
    explain = {
        tracked.dependency: partial(_explained, tracked, decided, answers.failed.get(tracked.package))
        for tracked, decided in zip(dependencies, made, strict=True)
    }
    choices = [choice for decided in made if decided is not None for choice in decided.choices]
    waiting = [decided.held for decided in made if decided is not None and decided.held is not None]
    return choices, waiting, decide.Decisions(explain)


def _explained(tracked: Tracked, decided: decide.Decided | None, failure: Failed | None) -> tuple[Decision, ...]:
    """What became of each release, after the failure of the lookup, if it failed."""
    chain = decided.explain() if decided is not None else ()
    if decided is not None and failure is None:
        return chain
    reason, until = (failure.error, failure.until) if failure is not None else ("not looked up", None)
    return (Decision(subject=tracked.name, accepted=False, rule="lookup", reason=reason, until=until), *chain)


def _policy_for(config: Config, answers: lookup.Answers, now: datetime) -> decide.PolicyFor:
    age_of = _ages(answers, now)

    def policy_for(tracked: Tracked, update_type: UpdateType, new_version: str, new_value: str | None) -> Policy:
        releases = answers.releases.get(tracked.package)
        subject = track.subject_of(
            tracked.dependency,
            update_type=update_type,
            new_version=new_version,
            new_value=new_value,
            source_url=releases.source_url if releases else None,
            current_age=age_of(tracked.package, track.version_in_use(tracked)),
            is_breaking=track.is_breaking(tracked, update_type),
        )
        return config.policy(subject)

    return policy_for


def _ages(answers: lookup.Answers, now: datetime) -> Callable[[Package, str | None], timedelta | None]:
    """How long ago versions were published; None for what is not exactly one, and where the registry does not say."""

    @cache
    def age_of(package: Package, version: str | None) -> timedelta | None:
        releases = answers.releases.get(package)
        if releases is None or version is None:
            return None
        plain = version.removeprefix("v")
        found = (each.published for each in releases.releases if each.version.removeprefix("v") == plain)
        published = next(found, None)
        return now - published if published is not None else None

    return age_of


def _failures(found: Iterable[Failed | None]) -> Iterator[Failed]:
    return (each for each in found if each is not None)


def _texts(tree: Tree, updates: Iterable[Update], bumps: bump.Bumps) -> dict[str, str]:
    paths = sorted({path for update in updates for path in group.files_of(update) | bumps.files_of(update)})
    return {path: data.decode("utf-8", "surrogateescape") for path, data in tree.read(paths)}


async def _described(
    branches: Sequence[Branch],
    shown: Collection[str],
    ask: Callable[[Sequence[Update]], Awaitable[Sequence[Material]]],
    circumstances: Circumstances,
) -> tuple[Branch, ...]:
    """The branches; those that are shown with all in their bodies that can be found out about their updates."""
    updates = [update for branch in branches if branch.name in shown for update in branch.updates]
    about = {_key(update): each for update, each in zip(updates, await ask(updates), strict=True)}
    body = body_maker(replace(circumstances, about=lambda update: about[_key(update)]))
    return tuple(
        replace(
            branch,
            body=body(branch.title, branch.updates, branch.fingerprint),
            is_partial=any(about[_key(update)].is_partial for update in branch.updates),
        )
        if branch.name in shown
        else branch
        for branch in branches
    )


def _key(update: Update) -> tuple[Dependency, str, UpdateType]:
    return (update.tracked.dependency, update.offer.version, update.update_type)


def _reader(tree: Tree) -> Callable[[str], str | None]:
    """The texts of the repository's files, each read once; None for what is no file of it."""
    paths = frozenset(tree.files())

    @cache
    def read(path: str) -> str | None:
        found = (data for _, data in tree.read([path])) if path in paths else iter(())
        return next((data.decode("utf-8", "surrogateescape") for data in found), None)

    return read


def _dashboard(target: Target, config: Config, dependencies: Iterable[Tracked]) -> Dashboard | None:
    if target.platform is None:
        return None
    return dashboard.read(target.platform, config, (tracked.policy for tracked in dependencies))


def _unforgiven(stones: Tombstones, board: Dashboard | None) -> Tombstones:
    """What was decided against, less what somebody forgave on the dashboard."""
    forgiven = board.forgiven if board is not None else frozenset()
    if not forgiven:
        return stones
    return {
        dependency: tuple(
            stone for stone in found if orders.forgiveness_of(dependency.package, stone.version) not in forgiven
        )
        for dependency, found in stones.items()
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class _Standing:
    """How things stand apart from the updates: on the forge, on the dashboard, and where it is deployed."""

    now: datetime
    pulls: Sequence[PullRequest]
    board: Dashboard | None
    frozen: Mapping[str, str]
    on_trial: Mapping[str, str]


def _failure_terms(config: Config) -> failures.FailureTerms:
    options = config.repository
    return failures.FailureTerms(actions=options.on_failure, grace=options.grace, never=options.never_revert)


def _locks_roots(target: Target, config: Config) -> bool:
    """Whether a plan locks its Terraform root, as Atlantis has it."""
    is_configured = any(each.type == "atlantis" for each in config.repository.reconcilers)
    return is_configured or any(path in ATLANTIS for path in target.tree.files())


def _publishing(
    target: Target,
    config: Config,
    branches: Sequence[Branch],
    doubts: publish.Doubts,
    standing: _Standing,
) -> Callable[[Sequence[Branch]], list[Action]]:
    """What plans the publishing of branches like these, with what the forge has by now."""
    if target.platform is None:
        return lambda _branches: []
    options, platform = config.repository, target.platform.acting_as(identity_of(config))
    existing = platform.branches(options.branch_prefix, target.base)
    forge = publish.Forge(branches=existing, pulls=standing.pulls, key=target.signing_key)
    situation = publish.Situation(
        now=standing.now,
        base_commit=target.tree.commit,
        orders=_orders(target, standing.pulls, standing.board),
        prunes=options.prune_stale_branches,
        frozen=standing.frozen,
        on_trial=standing.on_trial,
        locks_roots=_locks_roots(target, config),
    )
    watched = publish.watched(branches, forge, situation)
    known = replace(forge, statuses=platform.statuses(watched) if watched else {})
    return lambda described: publish.plan(described, known, situation, doubts)


def identity_of(config: Config) -> Identity:
    """In whose name the configuration wants commits to be made."""
    repository = config.repository
    name, email = parseaddr(repository.git_author or "")
    return Identity(
        name=name or None,
        email=email or None,
        signing=repository.platform_commit,
        ignored=repository.git_ignored_authors,
    )


def _orders(target: Target, pulls: Sequence[PullRequest], board: Dashboard | None) -> orders.Orders:
    """What people asked for: on the command line, in pull requests, on the dashboard."""
    asked = orders.Orders(forced=frozenset(target.forced)) | orders.of_pulls(pulls)
    return asked if board is None else asked | board.orders


def _proposals(held: Iterable[Held]) -> Iterator[tuple[str, str]]:
    """What is held, in the words of the pull requests that may propose it already."""
    for each in held:
        package = each.tracked.package
        for proposed in (each.new_value, each.new_digest, each.new_version):
            if proposed is not None:
                yield (package_key(package.datasource, package.name), proposed)


def something_failed(plan: Plan, outcomes: Iterable[publish.Outcome]) -> bool:
    """Whether the exit code must say so."""
    return bool(plan.failed) or any(outcome.failed is not None for outcome in outcomes)


@contextmanager
def _timed(seconds: dict[str, float], stage: str, progress: Progress) -> Iterator[None]:
    progress(stage)
    start = time.perf_counter()
    try:
        with span(stage):
            yield
    finally:
        seconds[stage] = round(seconds.get(stage, 0.0) + time.perf_counter() - start, 4)
