"""From a repository to its plan: the stages in their order. Nothing is written."""

import time
from collections.abc import Awaitable, Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from functools import cache, partial
from itertools import chain, groupby
from typing import TypeVar

from updater import bump, dashboard, decide, failures, group, lookup, naming, owners, promote, publish, vet
from updater.abandoned import abandoned
from updater.api import HistoricTree, Sealer, Tree
from updater.config import Config
from updater.dashboard import Dashboard
from updater.forecast import Forecast, Period, forecast
from updater.inventory import Workshop, datasources_for, take_inventory
from updater.material import Library, Material
from updater.model.decide import Update
from updater.model.forge import Base
from updater.model.lookup import Failed
from updater.model.plan import Action, Branch, Plan
from updater.model.scan import Dependency
from updater.model.track import Tracked, UpdateType
from updater.pipeline.bases import Bases, BaseTree
from updater.pipeline.deciding import decide_all, in_use, policies_of, unforgiven
from updater.pipeline.drafts import Decided, Draft, Known, Scanned, Vetted
from updater.pipeline.project import Project, reader
from updater.pipeline.publishing import Ours, Standing, failure_terms, identity_of, publishing
from updater.pipeline.reaching import around, environments_deployed, environments_reached, reach_of, surveyed
from updater.pipeline.world import World
from updater.report.pull_request import Circumstances, body_maker
from updater.tracing import span

K = TypeVar("K")
T = TypeVar("T")


async def make_plan(project: Project, bases: Bases, workshop: Workshop, world: World) -> Plan:
    """Everything up to the writing. Failures of single items are in the plan; only what ends the run is raised.

    Each base branch is scanned and decided for itself; registries are asked about all of them at once, and what is to
    be written is planned for all together.
    """
    planning = _Planning(project, bases, workshop, world)
    known = await planning.known()
    drafts = [await planning.draft(each) for each in known]
    branches, actions = await planning.published(drafts)
    return planning.plan(drafts, branches, actions)


async def make_lookup(project: Project, bases: Bases, workshop: Workshop, world: World) -> Plan:
    """A plan that ends with the lookups: the updates that lists tell of, which nobody has proven, and no branches."""
    planning = _Planning(project, bases, workshop, world)
    return planning.plan([planning.listed(each) for each in await planning.known()], (), ())


async def make_forecast(
    project: Project, bases: Bases, workshop: Workshop, world: World, length: timedelta, merge_after: timedelta
) -> Forecast:
    """What the configuration would have produced in the time up to now, if people had merged after ``merge_after``."""
    planning = _Planning(project, bases, workshop, world)
    known = await planning.known()
    workshop.progress("forecast")
    policies = {
        each.scanned.config.branch: policies_of(each.scanned.config, each.answers, planning.now) for each in known
    }
    return forecast(
        _all(each.scanned.inventory.tracked for each in known),
        _joined(each.answers.releases for each in known),
        lambda tracked, *about: policies[tracked.dependency.branch](tracked, *about),
        Period(start=planning.now - length, end=planning.now, merge_after=merge_after),
        by_version=any(each.config.depends_on_new_version for each in bases.found),
        semantic=_speaks_semantic(project.tree, bases.config),
    )


# ---------------------------------------------------------------- the steps


class _Planning:
    """One run up to the writing, step by step; ``seconds`` is how long each stage took so far."""

    def __init__(self, project: Project, bases: Bases, workshop: Workshop, world: World) -> None:
        self._project, self._bases, self._workshop, self._world = project, bases, workshop, world
        self._ours = Ours(project, bases)
        self.now = workshop.clock()
        self.seconds: dict[str, float] = {}
        self.board: Dashboard | None = None
        self._healths = failures.Healths(world.healths)

    async def known(self) -> list[Known]:
        """Scan the files, look up what they hold, and remember what was decided before."""
        with self._timed("scan"):
            scanned = [self._scanned(each) for each in self._bases.found]
        with self._timed("lookup"):
            answers = [each for alike in _alike(scanned) for each in await self._answers(alike)]
        with self._timed("remember"):
            self.board = _dashboard(self._project, self._bases.config, _all(each.inventory.tracked for each in scanned))
            return [self._known(each, *found) for each, found in zip(scanned, answers, strict=True)]

    async def draft(self, known: Known) -> Draft:
        """Decide about a base branch, make sure of what was decided, and put it into branches."""
        decided = self._decided(known)
        vetted = await self._vetted(known, decided)
        reach = reach_of(known.scanned.surveyed)
        circumstances = self._circumstances(vetted, reach)
        grouped = self._grouped(known, vetted, circumstances, reach)
        return Draft(known=known, decided=decided, vetted=vetted, grouped=grouped, circumstances=circumstances)

    def listed(self, known: Known) -> Draft:
        """In the place of :meth:`draft`: what lists of versions offer, in no branches."""
        decided = self._decided(known)
        vetted = self._listed(known, decided)
        circumstances = self._circumstances(vetted, reach_of(known.scanned.surveyed))
        nothing = group.Grouped(branches=(), failed=())
        return Draft(known=known, decided=decided, vetted=vetted, grouped=nothing, circumstances=circumstances)

    async def published(self, drafts: Sequence[Draft]) -> tuple[tuple[Branch, ...], tuple[Action, ...]]:
        """Compare with the forge, find out what the pull requests that are shown will tell, and compare again."""
        wanted = group.in_order(_all(each.grouped.branches for each in drafts))
        with self._timed("publish"):
            act = publishing(
                self._project, self._bases, self._ours, wanted, self._doubts(drafts), self._standing(drafts)
            )
            shown = {action.name for action in act(wanted) if publish.shows(action)}
        with self._timed("material"):
            branches = group.in_order(_all([await self._described(each, shown) for each in drafts]))
        with self._timed("publish"):
            return branches, tuple(act(branches))

    # ------------------------------------------------------------ what there is

    def _scanned(self, base: BaseTree) -> Scanned:
        here = replace(self._project, tree=base.tree, base=base.name)
        return Scanned(
            here=here,
            surveyed=surveyed(here, base.config),
            config=base.config,
            inventory=take_inventory(base.tree, base.config, self._workshop),
            datasources=datasources_for(base.tree, base.config, self._workshop),
        )

    async def _answers(self, alike: Sequence[Scanned]) -> list[tuple[lookup.Answers, vet.Sources]]:
        """What registries tell base branches that have the same datasources: each thing is asked once."""
        datasources = alike[0].datasources
        wanted = in_use(_all(each.inventory.tracked for each in alike))
        answers = await self._world.look_up(wanted, datasources, self._workshop.clock)
        return [(answers, self._world.sources(datasources))] * len(alike)

    def _known(self, scanned: Scanned, answers: lookup.Answers, sources: vet.Sources) -> Known:
        here, tracked = scanned.here, scanned.inventory.tracked
        return Known(
            scanned=scanned,
            answers=answers,
            sources=sources,
            tombstones=self._world.tombstones(here.tree, tracked, self.now),
            trials=[each for each in self._world.trials if scanned.config.branch in (None, each.pull.base)],
        )

    # ------------------------------------------------------------ what is wanted

    def _decided(self, known: Known) -> Decided:
        """Decide each dependency, and leave to each environment what it may have."""
        scanned, tracked = known.scanned, known.scanned.inventory.tracked
        with self._timed("decide"):
            stones = unforgiven(known.tombstones, self.board)
            choices, waiting, decisions = decide_all(tracked, known.answers, scanned.config, stones, self.now)
            reached_by = environments_reached(scanned.surveyed, scanned.environments)
            promotions = promote.Promotions(scanned.environments, known.trials, tracked, self.now, reached_by)
            narrowed = promote.narrow(choices, promotions)
        return Decided(narrowed=narrowed, promotions=promotions, waiting=tuple(waiting), decisions=decisions)

    async def _vetted(self, known: Known, decided: Decided) -> Vetted:
        """Make sure of the best release of each choice; promote what is proven, take back what has failed."""
        tracked, releases, sources = known.scanned.inventory.tracked, known.answers.releases, known.sources
        with self._timed("vet"):
            found = await vet.vet(decided.narrowed.choices, sources, releases, self._world.first_seen, self.now)
            updates = [each.update for each in found if each.update is not None]
            gone = await vet.gone(tracked, updates, sources, releases)
        promoted = promote.promote(updates, decided.narrowed.proven, decided.promotions)
        terms = failure_terms(known.scanned.config)
        after = failures.aftermath(known.trials, tracked, self._ours.pulls, terms, self.now)
        freezes = (*after.freezes, *self._frozen_by_health(known.scanned, terms))
        too_early = (*decided.narrowed.held, *(each for one in found for each in one.held), *promoted.held)
        return Vetted(
            updates=(*promoted.updates, *after.reverts),
            too_early=too_early,
            held=(*too_early, *decided.waiting),
            failed=tuple(each.failed for each in found if each.failed is not None),
            gone=tuple(gone),
            aftermath=replace(after, freezes=freezes),
        )

    def _frozen_by_health(self, scanned: Scanned, terms: failures.FailureTerms) -> Iterator[failures.Freeze]:
        """The repository is surveyed only if there is something to be alarmed about."""
        if self._healths.are_alarming:
            placed = environments_deployed(scanned.surveyed, scanned.here, scanned.environments)
            yield from failures.of_health(placed, self._healths, terms)

    def _listed(self, known: Known, decided: Decided) -> Vetted:
        """In the place of :meth:`_vetted`: what is offered, without asking about it."""
        found = vet.unproven(decided.narrowed.choices, known.answers.releases, self.now)
        too_early = (*decided.narrowed.held, *(each for one in found for each in one.held))
        return Vetted(
            updates=tuple(each.update for each in found if each.update is not None),
            too_early=too_early,
            held=(*too_early, *decided.waiting),
            failed=(),
            gone=(),
            aftermath=failures.Aftermath(),
        )

    def _circumstances(self, vetted: Vetted, reach: group.Reaches) -> Circumstances:
        """What pull requests tell beside their updates."""
        platform = self._project.platform
        return Circumstances(
            limit=platform.BODY_LIMIT if platform is not None else 60_000,
            held=vetted.held,
            gone=vetted.gone,
            reached=lambda chosen: around(chosen, reach(chosen)),
            key=self._project.signing_key,
        )

    def _grouped(
        self, known: Known, vetted: Vetted, circumstances: Circumstances, reach: group.Reaches
    ) -> group.Grouped:
        """Put the updates into branches."""
        here, managers = known.scanned.here, self._workshop.managers
        with self._timed("group"):
            bumps = bump.Bumps(here.tree.files())
            return group.group(
                vetted.updates,
                _texts(here.tree, vetted.updates, bumps),
                body_maker(circumstances),
                {name: manager for name, manager in managers.items() if isinstance(manager, Sealer)},
                base=Base(here.base, here.tree.commit),
                semantic=_speaks_semantic(here.tree, known.scanned.config),
                reach=reach,
                owners_of=_owners(here),
                bumps=bumps.edits,
                name_of=self._ours.name_of,
            )

    # ------------------------------------------------------------ what is written

    def plan(self, drafts: Sequence[Draft], branches: tuple[Branch, ...], actions: tuple[Action, ...]) -> Plan:
        """All of it in one value."""
        bases = self._bases
        return Plan(
            repository=self._project.repository,
            base=Base(self._project.base, self._project.tree.commit),
            bases=tuple(each.base for each in bases.found),
            dependencies=_all(each.scanned.inventory.tracked for each in drafts),
            updates=_all(each.vetted.updates for each in drafts),
            held=_all(each.vetted.held for each in drafts),
            failed=_failed(bases, drafts),
            skipped=_all(each.scanned.inventory.skipped for each in drafts),
            branches=branches,
            actions=actions,
            decisions=_decisions(drafts),
            problems=_once(bases.config.problems, *(each.config.problems for each in bases.found)),
            change_limit=bases.config.repository.change_limit,
            requests=dict(self._world.requests),
            seconds=self.seconds,
            gone=_all(each.vetted.gone for each in drafts),
            abandoned=_all(
                abandoned(each.scanned.inventory.tracked, each.known.answers.releases, self.now) for each in drafts
            ),
            freezes=_once(*(each.vetted.aftermath.freezes for each in drafts)),
            pairings=_once(*(each.scanned.pairings for each in drafts)),
            tombstones=_joined(each.known.tombstones for each in drafts),
            trials=tuple(self._world.trials),
            identity=identity_of(bases.config),
            dashboard=self.board,
        )

    def _doubts(self, drafts: Sequence[Draft]) -> publish.Doubts:
        return publish.Doubts(
            failed={each.subject for each in _failed(self._bases, drafts)},
            held={each for draft in drafts for each in draft.held},
            bases=frozenset(each.name for each in self._bases.found) if self._bases.failed else None,
        )

    def _standing(self, drafts: Sequence[Draft]) -> Standing:
        return Standing(
            now=self.now,
            board=self.board,
            frozen=_joined(each.frozen for each in drafts),
            on_trial={
                **failures.why_unwell(_all(each.grouped.branches for each in drafts), self._healths),
                **failures.why_on_trial(self._world.trials),
            },
        )

    async def _described(self, draft: Draft, shown: Collection[str]) -> tuple[Branch, ...]:
        """The branches of a draft, those that are shown with all that there is to tell."""
        library = Library(
            datasources=draft.scanned.datasources,
            known=draft.known.answers.releases,
            read=reader(draft.scanned.here.tree),
            now=self.now,
        )
        return await _described(
            draft.grouped.branches, shown, lambda updates: self._world.about(updates, library), draft.circumstances
        )

    @contextmanager
    def _timed(self, stage: str) -> Iterator[None]:
        self._workshop.progress(stage)
        start = time.perf_counter()
        try:
            with span(stage):
                yield
        finally:
            self.seconds[stage] = round(self.seconds.get(stage, 0.0) + time.perf_counter() - start, 4)


def _alike(scanned: Sequence[Scanned]) -> Iterator[Sequence[Scanned]]:
    """The base branches, those together that have the same datasources."""
    grouped = groupby(scanned, key=lambda each: each.config.repository.custom_datasources)
    return (list(members) for _, members in grouped)


def _failed(bases: Bases, drafts: Iterable[Draft]) -> tuple[Failed, ...]:
    """All that failed, each once."""
    return _once(bases.failed, *(each.failed for each in drafts))


def _decisions(drafts: Iterable[Draft]) -> decide.Decisions:
    """The reasons for everything, each chain made when it is asked for."""
    found = (each.decided.decisions for each in drafts)
    return decide.Decisions({key: partial(each.__getitem__, key) for each in found for key in each})


def _all(parts: Iterable[Iterable[T]]) -> tuple[T, ...]:
    return tuple(chain.from_iterable(parts))


def _once(*parts: Iterable[T]) -> tuple[T, ...]:
    return tuple(dict.fromkeys(chain.from_iterable(parts)))


def _joined(parts: Iterable[Mapping[K, T]]) -> dict[K, T]:
    return {key: value for part in parts for key, value in part.items()}


# ---------------------------------------------------------------- what the steps need of the repository


def _owners(project: Project) -> group.OwnersOf:
    """Who owns the files of the repository, by the file in which its forge looks; that is read when it is needed."""

    @cache
    def known() -> owners.Owners | None:
        found = owners.find(project.tree.files(), project.platform.NAME if project.platform is not None else "local")
        texts = (reader(project.tree)(found[0]), found[1]) if found is not None else None
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


def _dashboard(project: Project, config: Config, dependencies: Iterable[Tracked]) -> Dashboard | None:
    if project.platform is None or config.repository.mode == "silent":
        return None
    return dashboard.read(project.platform, config, (tracked.policy for tracked in dependencies))
