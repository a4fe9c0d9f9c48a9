"""The joint between what is wanted and what the forge has: how things stand there, and what people asked for."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from email.utils import parseaddr
from functools import cached_property

from updater import failures, orders, publish
from updater.config import Config
from updater.dashboard import Dashboard
from updater.model.decide import Held
from updater.model.forge import Identity, PullRequest, RemoteBranch
from updater.model.plan import Action, Branch
from updater.model.scan import Package
from updater.pipeline.bases import Bases
from updater.pipeline.project import Project
from updater.reconcilers.trust import Trust
from updater.report.marker import package_key
from updater.targets.terraform import ATLANTIS


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How things stand apart from the updates: on the forge, on the dashboard, and where it is deployed."""

    now: datetime
    board: Dashboard | None
    frozen: Mapping[str, str]
    on_trial: Mapping[str, str]


def failure_terms(config: Config) -> failures.FailureTerms:
    """What the configuration wants to follow a failure."""
    options = config.repository
    return failures.FailureTerms(
        actions=options.on_failure, grace=options.grace, never=options.never_revert, limit=options.unhealthy_limit
    )


def _planners(config: Config) -> Trust | None:
    """Who tells of Terraform's plans: the accounts that are named for it; None where no reconciler is."""
    found = [each.creators for each in config.repository.reconcilers if each.type == "atlantis"]
    if not found:
        return None
    named = [creator for creators in found for creator in creators]
    return Trust.of(named or config.repository.trusted_creators)


def _locks_roots(project: Project, config: Config) -> bool:
    """Whether a plan locks its Terraform root, as Atlantis has it."""
    is_configured = any(each.type == "atlantis" for each in config.repository.reconcilers)
    return is_configured or any(path in ATLANTIS for path in project.tree.files())


class Ours:
    """What the forge has of ours: branches and pull requests, below the prefix and below an earlier one."""

    def __init__(self, project: Project, bases: Bases) -> None:
        self._platform, self._options = project.platform, bases.config.repository
        self._acting = project.platform.acting_as(identity_of(bases.config)) if project.platform is not None else None
        self._bases = [each.name for each in bases.found]

    @cached_property
    def pulls(self) -> Sequence[PullRequest]:
        """The pull requests, in every state."""
        if self._platform is None:
            return ()
        return [pull for prefix in self._options.branch_prefixes for pull in self._platform.pull_requests(prefix)]

    def name_of(self, branch: str) -> str:
        """The name that a branch has: one that began with the earlier prefix keeps it."""
        new, *earlier = self._options.branch_prefixes
        names = (old + branch.removeprefix(new) for old in earlier if branch.startswith(new))
        is_there = {remote.name for remotes in self._listed.values() for remote in remotes} if earlier else set()
        return branch if branch in is_there else next((name for name in names if name in is_there), branch)

    def branches(self, wanted: Iterable[Branch]) -> Sequence[RemoteBranch]:
        """The branches; whether one can be merged is told of the base that it is wanted for."""
        base_of = {branch.name: branch.base.name for branch in wanted}
        found: dict[str, RemoteBranch] = {}
        for base, remotes in self._listed.items():
            for remote in remotes:
                if remote.name not in found or base_of.get(remote.name) == base:
                    found[remote.name] = remote
        return [remote for name, remote in found.items() if name not in self._bases]

    @cached_property
    def _listed(self) -> Mapping[str, Sequence[RemoteBranch]]:
        """The branches, compared with each base."""
        if self._acting is None:
            return {}
        prefixes, listed = self._options.branch_prefixes, self._acting.branches
        return {base: [each for prefix in prefixes for each in listed(prefix, base)] for base in self._bases}


def publishing(
    project: Project,
    bases: Bases,
    ours: Ours,
    branches: Sequence[Branch],
    doubts: publish.Doubts,
    standing: Standing,
) -> Callable[[Sequence[Branch]], list[Action]]:
    """What plans the publishing of branches like these, with what the forge has by now."""
    if project.platform is None or not bases.found:
        return lambda _branches: []
    options, platform = bases.config.repository, project.platform.acting_as(identity_of(bases.config))
    existing = ours.branches(branches)
    forge = publish.Forge(
        branches=existing, pulls=ours.pulls, key=project.signing_key, prefixes=options.branch_prefixes
    )
    situation = publish.Situation(
        now=standing.now,
        orders=_orders(project, ours.pulls, standing.board),
        prunes=options.prune_stale_branches,
        frozen=standing.frozen,
        on_trial=standing.on_trial,
        locks_roots=_locks_roots(project, bases.config),
        planners=_planners(bases.config),
        own_checks=publish.OwnChecks(names=options.status_check_names, when=options.status_check_when),
        is_silent=options.mode == "silent",
    )
    forge = replace(forge, said=platform.said([remote.commit for remote in existing]))
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


def _orders(project: Project, pulls: Sequence[PullRequest], board: Dashboard | None) -> orders.Orders:
    """What people asked for: on the command line, in pull requests, on the dashboard."""
    asked = orders.Orders(forced=frozenset(project.forced)) | orders.of_pulls(pulls)
    return asked if board is None else asked | board.orders


def proposals(held: Iterable[Held]) -> Iterator[tuple[str, str]]:
    """What is held, in the words of the pull requests that may propose it already."""
    for each in held:
        package = each.tracked.package
        for proposed in (each.new_value, each.new_digest, each.new_version):
            if proposed is not None:
                yield (package_key(package.datasource, package.name), proposed)


def unproven(waiting: Iterable[tuple[Package, str]]) -> Iterator[tuple[str, str]]:
    """What nobody can say is proven, in the words of the pull requests that may propose it already."""
    return ((package_key(package.datasource, package.name), value) for package, value in waiting)
