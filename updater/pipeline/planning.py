"""From a repository to its plan: the stages in their order. Nothing is written."""

import time
from collections.abc import Awaitable, Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cache

from updater import bump, dashboard, failures, group, lookup, naming, owners, promote, publish, vet
from updater.api import Datasource, HistoricTree, Sealer, Tree
from updater.config import Config
from updater.dashboard import Dashboard
from updater.environments import Environments, pairings
from updater.forecast import Forecast, Period, forecast
from updater.inventory import Inventory, Workshop, datasources_for, take_inventory
from updater.material import Library, Material
from updater.model import (
    Action,
    Branch,
    Decision,
    Dependency,
    Failed,
    Gone,
    Held,
    Plan,
    PullRequest,
    Tracked,
    Update,
    UpdateType,
)
from updater.pipeline.deciding import decide_all, in_use, policies_of, unforgiven
from updater.pipeline.publishing import Standing, failure_terms, identity_of, proposals, publishing, unproven
from updater.pipeline.reaching import around, environments_reached, reach_of, surveyed
from updater.pipeline.target import Target, reader
from updater.pipeline.world import Tombstones, World
from updater.report.pull_request import Circumstances, body_maker
from updater.tracing import span


async def make_plan(target: Target, config: Config, workshop: Workshop, world: World) -> Plan:
    """Everything up to the writing. Failures of single items are in the plan; only what ends the run is raised."""
    planning = _Planning(target, config, workshop, world)
    known = await planning.known()
    decided = planning.decided(known)
    vetted = await planning.vetted(known, decided)
    circumstances = planning.circumstances(vetted)
    grouped = planning.grouped(vetted, circumstances)
    branches, actions = await planning.published(known, decided, vetted, grouped, circumstances)
    return planning.plan(known, decided, vetted, replace(grouped, branches=branches), actions)


async def make_lookup(target: Target, config: Config, workshop: Workshop, world: World) -> Plan:
    """A plan that ends with the lookups: the updates that lists tell of, which nobody has proven, and no branches."""
    planning = _Planning(target, config, workshop, world)
    known = await planning.known()
    decided = planning.decided(known)
    return planning.plan(known, decided, planning.listed(known, decided), group.Grouped(branches=(), failed=()), ())


async def make_forecast(
    target: Target, config: Config, workshop: Workshop, world: World, length: timedelta, merge_after: timedelta
) -> Forecast:
    """What the configuration would have produced in the time up to now, if people had merged after ``merge_after``."""
    now = workshop.clock()
    inventory = take_inventory(target.tree, config, workshop)
    datasources = datasources_for(target.tree, config, workshop)
    workshop.progress("lookup")
    answers = await world.look_up(in_use(inventory.tracked), datasources, workshop.clock)
    workshop.progress("forecast")
    return forecast(
        inventory.tracked,
        answers.releases,
        policies_of(config, answers, now),
        Period(start=now - length, end=now, merge_after=merge_after),
        by_version=config.depends_on_new_version,
        semantic=_speaks_semantic(target.tree, config),
    )


# ---------------------------------------------------------------- the steps


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """What stands in the repository, and what there is to know about it."""

    inventory: Inventory
    datasources: Mapping[str, Datasource]
    answers: lookup.Answers
    tombstones: Tombstones
    board: Dashboard | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Decided:
    """What may be chosen, what waits until something else has moved, and the reasons for everything."""

    narrowed: promote.Narrowed
    promotions: promote.Promotions
    waiting: tuple[Held, ...]
    decisions: Mapping[Dependency, tuple[Decision, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Vetted:
    """The updates, and what came to light with them; ``too_early`` is what may be offered another day."""

    updates: tuple[Update, ...]
    too_early: tuple[Held, ...]
    held: tuple[Held, ...]
    failed: tuple[Failed, ...]
    gone: tuple[Gone, ...]
    aftermath: failures.Aftermath
    pulls: Sequence[PullRequest]


class _Planning:
    """One run up to the writing, step by step; ``seconds`` is how long each stage took so far."""

    def __init__(self, target: Target, config: Config, workshop: Workshop, world: World) -> None:
        self._target, self._config, self._workshop, self._world = target, config, workshop, world
        self._now = workshop.clock()
        self.environments = Environments(config.repository.environments)
        self.seconds: dict[str, float] = {}
        self._surveyed = surveyed(target, config)
        self._reach = reach_of(self._surveyed)

    async def known(self) -> _Known:
        """Scan the files, look up what they hold, and remember what was decided before."""
        with self._timed("scan"):
            inventory = take_inventory(self._target.tree, self._config, self._workshop)
            datasources = datasources_for(self._target.tree, self._config, self._workshop)
        with self._timed("lookup"):
            answers = await self._world.look_up(in_use(inventory.tracked), datasources, self._workshop.clock)
        with self._timed("remember"):
            stones = self._world.tombstones(self._target.tree, inventory.tracked, self._now)
            board = _dashboard(self._target, self._config, inventory.tracked)
        return _Known(inventory=inventory, datasources=datasources, answers=answers, tombstones=stones, board=board)

    def decided(self, known: _Known) -> _Decided:
        """Decide each dependency, and leave to each environment what it may have."""
        tracked = known.inventory.tracked
        with self._timed("decide"):
            stones = unforgiven(known.tombstones, known.board)
            choices, waiting, decisions = decide_all(tracked, known.answers, self._config, stones, self._now)
            reached_by = environments_reached(self._surveyed, self.environments)
            promotions = promote.Promotions(self.environments, self._world.trials, tracked, self._now, reached_by)
            narrowed = promote.narrow(choices, promotions)
        return _Decided(narrowed=narrowed, promotions=promotions, waiting=tuple(waiting), decisions=decisions)

    async def vetted(self, known: _Known, decided: _Decided) -> _Vetted:
        """Make sure of the best release of each choice; promote what is proven, take back what has failed."""
        tracked, releases = known.inventory.tracked, known.answers.releases
        with self._timed("vet"):
            sources = self._world.sources(known.datasources)
            found = await vet.vet(decided.narrowed.choices, sources, releases, self._world.first_seen, self._now)
            updates = [each.update for each in found if each.update is not None]
            gone = await vet.gone(tracked, updates, sources, releases)
        promoted = promote.promote(updates, decided.narrowed.proven, decided.promotions)
        pulls = self._pulls()
        after = failures.aftermath(self._world.trials, tracked, pulls, failure_terms(self._config), self._now)
        too_early = (*decided.narrowed.held, *(each for one in found for each in one.held), *promoted.held)
        return _Vetted(
            updates=(*promoted.updates, *after.reverts),
            too_early=too_early,
            held=(*too_early, *decided.waiting),
            failed=tuple(each.failed for each in found if each.failed is not None),
            gone=tuple(gone),
            aftermath=after,
            pulls=pulls,
        )

    def listed(self, known: _Known, decided: _Decided) -> _Vetted:
        """In the place of :meth:`vetted`: what is offered, without asking about it."""
        found = vet.unproven(decided.narrowed.choices, known.answers.releases, self._now)
        too_early = (*decided.narrowed.held, *(each for one in found for each in one.held))
        return _Vetted(
            updates=tuple(each.update for each in found if each.update is not None),
            too_early=too_early,
            held=(*too_early, *decided.waiting),
            failed=(),
            gone=(),
            aftermath=failures.Aftermath(),
            pulls=(),
        )

    def circumstances(self, vetted: _Vetted) -> Circumstances:
        """What pull requests tell beside their updates."""
        platform = self._target.platform
        return Circumstances(
            limit=platform.BODY_LIMIT if platform is not None else 60_000,
            held=vetted.held,
            gone=vetted.gone,
            reached=lambda chosen: around(chosen, self._reach(chosen)),
            key=self._target.signing_key,
        )

    def grouped(self, vetted: _Vetted, circumstances: Circumstances) -> group.Grouped:
        """Put the updates into branches."""
        tree, managers = self._target.tree, self._workshop.managers
        with self._timed("group"):
            bumps = bump.Bumps(tree.files())
            return group.group(
                vetted.updates,
                _texts(tree, vetted.updates, bumps),
                body_maker(circumstances),
                {name: manager for name, manager in managers.items() if isinstance(manager, Sealer)},
                semantic=_speaks_semantic(tree, self._config),
                reach=self._reach,
                owners_of=_owners(self._target),
                bumps=bumps.edits,
            )

    async def published(
        self, known: _Known, decided: _Decided, vetted: _Vetted, grouped: group.Grouped, circumstances: Circumstances
    ) -> tuple[tuple[Branch, ...], tuple[Action, ...]]:
        """Compare with the forge, find out what the pull requests that are shown will tell, and compare again."""
        proposed = {*proposals(vetted.too_early), *unproven(decided.narrowed.waiting)}
        failed = {each.subject for each in _failed(known, vetted, grouped)}
        with self._timed("publish"):
            doubts = publish.Doubts(failed=failed, held=proposed)
            act = publishing(
                self._target, self._config, grouped.branches, doubts, self._standing(known, vetted, grouped)
            )
            shown = {action.name for action in act(grouped.branches) if publish.shows(action)}
        with self._timed("material"):
            read = reader(self._target.tree)
            library = Library(datasources=known.datasources, known=known.answers.releases, read=read, now=self._now)
            branches = await _described(
                grouped.branches, shown, lambda updates: self._world.about(updates, library), circumstances
            )
        with self._timed("publish"):
            return branches, tuple(act(branches))

    def plan(
        self, known: _Known, decided: _Decided, vetted: _Vetted, grouped: group.Grouped, actions: tuple[Action, ...]
    ) -> Plan:
        """All of it in one value."""
        return Plan(
            repository=self._target.repository,
            base=self._target.base,
            base_commit=self._target.tree.commit,
            dependencies=known.inventory.tracked,
            updates=vetted.updates,
            held=vetted.held,
            failed=_failed(known, vetted, grouped),
            skipped=known.inventory.skipped,
            branches=grouped.branches,
            actions=actions,
            decisions=decided.decisions,
            problems=self._config.problems,
            change_limit=self._config.repository.change_limit,
            requests=dict(self._world.requests),
            seconds=self.seconds,
            gone=vetted.gone,
            freezes=vetted.aftermath.freezes,
            pairings=pairings(known.inventory.tracked, self.environments),
            tombstones=known.tombstones,
            trials=tuple(self._world.trials),
            identity=identity_of(self._config),
            dashboard=known.board,
        )

    def _standing(self, known: _Known, vetted: _Vetted, grouped: group.Grouped) -> Standing:
        return Standing(
            now=self._now,
            pulls=vetted.pulls,
            board=known.board,
            frozen=failures.frozen(grouped.branches, vetted.aftermath.freezes, self.environments),
            on_trial=failures.why_on_trial(self._world.trials),
        )

    def _pulls(self) -> Sequence[PullRequest]:
        platform = self._target.platform
        return platform.pull_requests(self._config.repository.branch_prefix) if platform is not None else ()

    @contextmanager
    def _timed(self, stage: str) -> Iterator[None]:
        self._workshop.progress(stage)
        start = time.perf_counter()
        try:
            with span(stage):
                yield
        finally:
            self.seconds[stage] = round(self.seconds.get(stage, 0.0) + time.perf_counter() - start, 4)


def _failed(known: _Known, vetted: _Vetted, grouped: group.Grouped) -> tuple[Failed, ...]:
    """All that failed, each once."""
    return tuple(dict.fromkeys((*known.answers.failed.values(), *vetted.failed, *grouped.failed)))


# ---------------------------------------------------------------- what the steps need of the repository


def _owners(target: Target) -> group.OwnersOf:
    """Who owns the files of the repository, by the file in which its forge looks; that is read when it is needed."""

    @cache
    def known() -> owners.Owners | None:
        found = owners.find(target.tree.files(), target.platform.NAME if target.platform is not None else "local")
        texts = (reader(target.tree)(found[0]), found[1]) if found is not None else None
        return owners.Owners.read(texts[0], texts[1]) if texts is not None and texts[0] is not None else None

    def owners_of(paths: Iterable[str]) -> tuple[str, ...]:
        return read.of(paths) if (read := known()) is not None else ()

    return owners_of


def _speaks_semantic(tree: Tree, config: Config) -> bool:
    """What ``semanticCommits: auto`` means here."""
    if config.repository.semantic_commits != "auto" or not isinstance(tree, HistoricTree):
        return False
    return naming.speaks_semantic(tree.subjects(100))


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


def _dashboard(target: Target, config: Config, dependencies: Iterable[Tracked]) -> Dashboard | None:
    if target.platform is None:
        return None
    return dashboard.read(target.platform, config, (tracked.policy for tracked in dependencies))
