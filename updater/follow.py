"""Calls the stage after a merge, as the pipeline calls those before one: reads, has it judged, writes what changed.

::

    merged pull requests + their commits → changes → expectations → (reconcilers) → rollouts → comment and status
    every target of the branch                    → expectations → (reconcilers) → what does not run
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from msgspec import structs

from updater import observe
from updater.api import (
    BranchHistory,
    Change,
    ChangeSource,
    CheckState,
    Deployment,
    Expectation,
    Health,
    HealthSource,
    OwnCommit,
    Platform,
    PlatformError,
    Reconciler,
    RequestError,
    Rewrite,
    Rollout,
    RolloutState,
    Secret,
    Status,
    Target,
    TargetKind,
    Tree,
)
from updater.config import Config
from updater.environments import Environments
from updater.inventory import Workshop, take_inventory
from updater.model.forge import MERGED_ALONE, PullRequest, PullRequestState
from updater.model.lookup import Failed
from updater.model.scan import Package
from updater.model.track import Tracked
from updater.observe.verdicts import NOBODY, Present
from updater.reconcilers.trust import Trust
from updater.report.rollout import comment
from updater.rollout import Proof, Trial
from updater.targets import Reach, Touched, survey

_log = logging.getLogger(__name__)

TOPIC = "rollout"
"""The topic of our comment below a merged pull request."""

_MARGIN = timedelta(days=30)
_A_YEAR = timedelta(days=365)
_PAUSE = 15.0
_AT_LEAST = timedelta(minutes=5)
_OPEN_END = frozenset(
    {
        RolloutState.WAITING_SYNC,
        RolloutState.SYNCING,
        RolloutState.VERIFYING,
        RolloutState.ROLLING,
        RolloutState.UNKNOWN,
    }
)
"""The states that may become others by themselves within minutes."""

Sleep = Callable[[float], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployed:
    """A repository on its platform, at the tip of the branch that is deployed from; ``addresses`` are its own.

    With a ``signing_key`` only what an earlier run has signed with it is believed of it.
    """

    platform: Platform
    base: str
    tree: Tree
    addresses: tuple[str, ...] = ()
    signing_key: Secret | None = None

    @property
    def repository(self) -> str:
        """Its name for people."""
        return self.platform.repository


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """What became of the merged pull requests that were followed, and what could not be written down."""

    repository: str
    pulls: tuple[PullRequest, ...]
    rollouts: tuple[Rollout, ...]
    proofs: tuple[Proof, ...]
    trials: tuple[Trial, ...] = ()
    failed: tuple[Failed, ...] = ()

    @property
    def is_settled(self) -> bool:
        """Whether nothing is going to change by itself within minutes."""
        return not any(rollout.verdict.state in _OPEN_END for rollout in self.rollouts)

    @property
    def has_failures(self) -> bool:
        """Whether the exit code must say so."""
        return bool(self.failed) or any(rollout.verdict.state.is_failure for rollout in self.rollouts)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Inquiry:
    """What is known of merged pull requests before anybody is asked: by commit, with what each of them reaches.

    Those that are noted as done are held for what they have proven; nobody is asked about them again. ``proposed`` is
    what may be applied before the merge.
    """

    notes: Mapping[str, observe.Note] = field(default_factory=dict)
    reached: Mapping[str, tuple[observe.Merged, Sequence[Expectation]]] = field(default_factory=dict)
    proposed: tuple[tuple[observe.Merged, Expectation], ...] = ()
    history: BranchHistory | None = None
    reach: Reach | None = None
    present: Present = field(default_factory=dict)

    @property
    def merged(self) -> tuple[observe.Merged, ...]:
        """Those that are not done."""
        return tuple(each for commit, (each, _) in self.reached.items() if not self._is_done(commit))

    @property
    def expected(self) -> tuple[tuple[observe.Merged, Expectation], ...]:
        """What to ask about."""
        open_ones = (pair for commit, pair in self.reached.items() if not self._is_done(commit))
        return (*((merged, each) for merged, expected in open_ones for each in expected), *self.proposed)

    def _is_done(self, commit: str) -> bool:
        return commit in self.notes and self.notes[commit].is_final


async def verify(
    deployed: Deployed,
    config: Config,
    workshop: Workshop,
    assignments: Sequence[observe.Assignment],
    *,
    wait: timedelta = timedelta(),
    sleep: Sleep = asyncio.sleep,
    writes: bool = True,
) -> Followed:
    """Follow the pull requests of ours that were merged within the horizon; write what changed on them, if it may.

    Where Terraform is applied before the merge, open ones are looked at, too: one may be applied and not merged. With
    ``wait``, look again and again until all is settled, for so long at most.
    """
    workshop.progress("merged pull requests")
    inquiry = _inquiry(deployed, config, workshop)
    if any(TargetKind.TERRAFORM in each.reconciler.KINDS for each in assignments):
        inquiry = replace(inquiry, proposed=tuple(_proposed(deployed, config)))
    ends = workshop.clock() + wait
    while True:
        workshop.progress("asking reconcilers")
        found = await _asked(inquiry, assignments)
        followed = _followed(deployed, config, inquiry, found)
        now = workshop.clock()
        if followed.is_settled or now + timedelta(seconds=_PAUSE) > ends:
            break
        await _news(_waited_for(found, assignments), (min(ends, _next_change(found, now)) - now).total_seconds(), sleep)
    failed = tuple(_written(deployed, config, inquiry, found)) if writes else ()
    return replace(followed, failed=failed)


def together(repository: str, found: Sequence[Followed], failed: Iterable[Failed] = ()) -> Followed:
    """What was followed on several branches of a repository, and what ``failed`` beside."""
    return Followed(
        repository=repository,
        pulls=tuple(pull for each in found for pull in each.pulls),
        rollouts=tuple(rollout for each in found for rollout in each.rollouts),
        proofs=tuple(proof for each in found for proof in each.proofs),
        trials=tuple(trial for each in found for trial in each.trials),
        failed=(*failed, *(each for one in found for each in one.failed)),
    )


def _waited_for(
    found: Sequence[Rollout], assignments: Sequence[observe.Assignment]
) -> Mapping[int, tuple[Reconciler, list[Target]]]:
    """The reconcilers from which something is still to be heard, and about what."""
    waited: dict[int, tuple[Reconciler, list[Target]]] = {}
    for rollout in found:
        place = next((number for number, each in enumerate(assignments) if each.knows(rollout.expectation)), None)
        if rollout.verdict.state in _OPEN_END and place is not None:
            waited.setdefault(place, (assignments[place].reconciler, []))[1].append(rollout.expectation.target)
    return waited


def _next_change(found: Sequence[Rollout], now: datetime) -> datetime:
    """When time alone changes a verdict, or it is time to look again whatever anybody says."""
    moments = (rollout.verdict.until for rollout in found if rollout.verdict.state in _OPEN_END)
    return min((each for each in moments if each is not None and each > now), default=now + _AT_LEAST)


async def _news(waited: Mapping[int, tuple[Reconciler, list[Target]]], seconds: float, sleep: Sleep) -> None:
    """Wait until one of the reconcilers tells of something; one that tells nothing is asked again after a pause."""

    async def one(reconciler: Reconciler, targets: Sequence[Target]) -> None:
        if not isinstance(reconciler, ChangeSource) or not await reconciler.changed(targets, seconds):
            await sleep(_PAUSE)

    waits = [asyncio.ensure_future(one(*each)) for each in waited.values()]
    if not waits:
        await sleep(_PAUSE)
        return
    try:
        done, _ = await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for each in waits:
            each.cancel()
    for each in done:
        each.result()


async def healths(assignments: Sequence[observe.Assignment]) -> tuple[Health, ...]:
    """How everything is that reconcilers can list; of what cannot be read nothing is known, which the log says."""

    async def of(assignment: observe.Assignment) -> list[Health]:
        if not isinstance(assignment.reconciler, HealthSource):
            return []
        try:
            found = await assignment.reconciler.healths()
        except RequestError as error:
            _log.warning("nobody knows how things are in %s: %s", assignment.reconciler.NAME, error)
            return []
        return [replace(each, environments=assignment.environments) for each in found]

    return tuple(each for found in await asyncio.gather(*map(of, assignments)) for each in found)


async def audit(
    deployed: Deployed, config: Config, workshop: Workshop, assignments: Sequence[observe.Assignment]
) -> Sequence[Rollout]:
    """Whether every target of the branch runs what the branch says, the longest late first."""
    workshop.progress("what is deployed")
    reach = survey(deployed.tree, config, deployed.addresses)
    history = deployed.platform.commits(deployed.base, workshop.clock() - _A_YEAR)
    expected = observe.audited(reach, deployed.tree.files(), history, deployed.base, _terms(config))
    workshop.progress("asking reconcilers")
    found = await observe.rollouts([(None, each) for each in expected], assignments, history, {})
    return sorted(found, key=lambda rollout: rollout.expectation.since)


# ---------------------------------------------------------------- reading


def _inquiry(deployed: Deployed, config: Config, workshop: Workshop) -> _Inquiry:
    platform, since = deployed.platform, workshop.clock() - config.repository.horizon
    pulls, said = _merged(deployed, config, since)
    notes = _notes(deployed, config, said)
    is_done = {commit: commit in notes and notes[commit].is_final for commit in pulls}
    environments = Environments(config.repository.environments)
    if not pulls or (all(is_done.values()) and not environments.are_ordered):
        return _Inquiry(notes=notes)
    history = platform.commits(deployed.base, since - _MARGIN)
    rewrites = history.rewrites(pulls)
    found = {
        commit: observe.Merged(
            pull=pull,
            commit=commit,
            changes=_changes(rewrites.get(commit, ()), config, workshop),
            first_healthy=notes[commit].first_healthy if commit in notes else {},
            was_healthy=notes[commit].was_healthy if commit in notes else {},
        )
        for commit, pull in pulls.items()
        if environments.are_ordered or not is_done[commit]
    }
    reach, terms = survey(deployed.tree, config, deployed.addresses), _terms(config)
    return _Inquiry(
        notes=notes,
        reached={commit: (each, observe.expectations(each, reach, terms)) for commit, each in found.items()},
        history=history,
        reach=reach,
        present=_present(
            deployed.tree, {change.path for each in found.values() for change in each.changes}, config, workshop
        ),
    )


def _merged(
    deployed: Deployed, config: Config, since: datetime
) -> tuple[Mapping[str, PullRequest], Mapping[str, Sequence[Status]]]:
    """What of ours was merged since then, by its commit, with what is said of it."""
    platform = deployed.platform
    merged = platform.merged_since(since)
    pulls = {pull.merge_commit: pull for pull in merged if pull.merge_commit and _is_ours(pull, deployed, config)}
    if not config.says("automerge_type", "branch"):
        return pulls, _said(platform, pulls)
    brought = {commit for pull in merged for commit in (pull.merge_commit, pull.head)}
    own = {each.commit: each for each in platform.commits(deployed.base, since - _MARGIN).own_commits()}
    maybe = {commit: _without_request(each, deployed.base) for commit, each in own.items() if commit not in brought}
    said = _said(platform, {**pulls, **maybe})
    trust = _trust(deployed, config) if maybe else Trust.of(())
    alone = {commit: _timed(pull, trust.believed(said[commit])) for commit, pull in maybe.items()}
    pulls |= {commit: pull for commit, pull in alone.items() if pull is not None and (pull.merged or since) >= since}
    return pulls, {commit: said[commit] for commit in pulls}


def _without_request(own: OwnCommit, base: str) -> PullRequest:
    """A commit of ours as if a pull request had brought it, so that it can be followed like others."""
    return PullRequest(
        number=0,
        branch="",
        base=base,
        title=own.subject,
        body="",
        state=PullRequestState.MERGED,
        head=own.commit,
        merged=own.date,
        merge_commit=own.commit,
    )


def _said(platform: Platform, pulls: Mapping[str, PullRequest]) -> Mapping[str, Sequence[Status]]:
    """What is said of commits; those of which nothing more will be said are not asked about again."""
    if not pulls:
        return {}
    known = platform.said(list(pulls))
    is_over = {commit for commit, said in known.items() if observe.is_over(said) or _is_foreign(pulls[commit], said)}
    asked = [commit for commit in pulls if commit not in is_over]
    return {**{commit: known[commit] for commit in is_over}, **(platform.statuses(asked) if asked else {})}


def _is_foreign(pull: PullRequest, said: Iterable[Status]) -> bool:
    """Whether it is a commit of ours that came into the base in another way than by this tool."""
    return not pull.number and all(each.context != MERGED_ALONE for each in said)


def _timed(pull: PullRequest, said: Iterable[Status]) -> PullRequest | None:
    """What was merged without a pull request, at the time at which that was said of its commit; None if it was not."""
    if pull.number:
        return pull
    told = next((each for each in said if each.context == MERGED_ALONE), None)
    if told is None or told.state is not CheckState.SUCCESS:
        return None
    return replace(pull, merged=told.created or pull.merged)


def _notes(deployed: Deployed, config: Config, said: Mapping[str, Sequence[Status]]) -> Mapping[str, observe.Note]:
    """What earlier runs noted, if we wrote it, or somebody who is trusted: others may claim anything."""
    own = {commit: [each for each in found if each.context == observe.CONTEXT] for commit, found in said.items()}
    if not any(own.values()):
        return {}
    trust = _trust(deployed, config)
    read = {
        commit: observe.read_note(trust.believed(found), commit, deployed.signing_key) for commit, found in own.items()
    }
    return {commit: note for commit, note in read.items() if note is not None}


def _trust(deployed: Deployed, config: Config) -> Trust:
    """Trust in what we wrote, and in the accounts that the configuration names."""
    return Trust.of((*config.repository.trusted_creators, *_us(deployed.platform)))


def _us(platform: Platform) -> Iterator[str]:
    """Our account, where the forge tells."""
    try:
        name = platform.login()
    except PlatformError as error:
        _log.warning("what earlier runs noted is not believed: %s", error)
        return
    if name is not None:
        yield name


def _proposed(deployed: Deployed, config: Config) -> Iterator[tuple[observe.Merged, Expectation]]:
    """The Terraform roots that open pull requests of ours reach."""
    platform, prefixes = deployed.platform, config.repository.branch_prefixes
    pulls = (pull for prefix in prefixes for pull in platform.pull_requests(prefix))
    opened = [pull for pull in pulls if pull.state is PullRequestState.OPEN]
    if not opened:
        return
    branches = {each.name: each for prefix in prefixes for each in platform.branches(prefix, deployed.base)}
    reach = survey(deployed.tree, config, deployed.addresses)
    for pull in opened:
        branch = branches.get(pull.branch)
        targets = reach.of(Touched(path) for path in branch.files) if branch is not None else ()
        for target in targets:
            if branch is not None and target.kind is TargetKind.TERRAFORM:
                yield _proposal(pull, branch.commit, target)


def _proposal(pull: PullRequest, head: str, target: Target) -> tuple[observe.Merged, Expectation]:
    since = pull.created or datetime.min.replace(tzinfo=UTC)
    expected = Expectation(target=target, commit=head, branch=pull.base, since=since, head=head, is_merged=False)
    return observe.Merged(pull=pull, commit=head, changes=()), expected


def _is_ours(pull: PullRequest, deployed: Deployed, config: Config) -> bool:
    is_named = pull.branch.startswith(config.repository.branch_prefixes)
    return is_named and pull.base == deployed.base and pull.merged is not None


def _terms(config: Config) -> observe.Terms:
    return observe.Terms(environments=config.repository.environments, grace=config.repository.grace)


def _changes(rewrites: Iterable[Rewrite], config: Config, workshop: Workshop) -> tuple[Change, ...]:
    rewrites = tuple(rewrites)
    before = {each.path: each.before for each in rewrites if each.before is not None}
    after = {each.path: each.after for each in rewrites if each.after is not None}
    return observe.changes_between(_tracked(before, config, workshop), _tracked(after, config, workshop))


def _present(tree: Tree, paths: Iterable[str], config: Config, workshop: Workshop) -> Present:
    """The versions that stand now in the files that were changed."""
    texts = {path: data.decode("utf-8", "surrogateescape") for path, data in tree.read(sorted(paths))}
    found: dict[tuple[str, Package], set[str]] = {}
    for each in _tracked(texts, config, workshop):
        values = found.setdefault((each.dependency.path, each.package), set())
        values |= {value for value in (each.dependency.current_value, each.dependency.current_digest) if value}
    return {place: frozenset(values) for place, values in found.items()}


def _tracked(texts: Mapping[str, str], config: Config, workshop: Workshop) -> Sequence[Tracked]:
    return take_inventory(_Texts(texts), config, structs.replace(workshop, memory=None)).tracked if texts else ()


class _Texts:
    """A few files as a tree: those that a commit changed, as they were then."""

    home = ""
    commit = state = None

    def __init__(self, texts: Mapping[str, str]) -> None:
        self._data = {path: text.encode("utf-8", "surrogateescape") for path, text in texts.items()}

    def files(self) -> Sequence[str]:
        return sorted(self._data)

    def links(self) -> Mapping[str, str]:
        return {}

    def size(self, path: str) -> int:
        return len(self._data[path])

    def identity(self, _path: str) -> str | None:
        return None

    def read(self, paths: Sequence[str]) -> Iterator[tuple[str, bytes]]:
        return ((path, self._data[path]) for path in paths if path in self._data)


class _Nothing:
    """The history that is not needed: of proposals, statuses are said of the very commit."""

    def contains(self, _tip: str, _commit: str) -> bool | None:
        return None

    def since(self, commit: str, _limit: int) -> Sequence[str]:
        return (commit,)

    def before(self, _commit: str) -> str | None:
        return None


# ---------------------------------------------------------------- judging and writing


async def _asked(inquiry: _Inquiry, assignments: Sequence[observe.Assignment]) -> Sequence[Rollout]:
    if not inquiry.expected:
        return ()
    return await observe.rollouts(inquiry.expected, assignments, inquiry.history or _Nothing(), inquiry.present)


def _followed(deployed: Deployed, config: Config, inquiry: _Inquiry, found: Sequence[Rollout]) -> Followed:
    environments = Environments(config.repository.environments)

    def name_of(change: Change) -> str | None:
        return environments.of(change.path, change.environment)

    return Followed(
        repository=deployed.repository,
        pulls=tuple(dict.fromkeys(merged.pull for merged, _ in inquiry.expected)),
        rollouts=tuple(found),
        proofs=observe.proofs(found),
        trials=tuple(
            replace(each, is_alone=_is_alone(each, deployed, inquiry)) if each.state.is_failure else each
            for each in observe.trials(inquiry.reached, found, inquiry.notes, name_of)
        ),
    )


def _is_alone(trial: Trial, deployed: Deployed, inquiry: _Inquiry) -> bool:
    """Whether no later commit has changed anything that the targets of a trial are made from."""
    if inquiry.history is None or inquiry.reach is None:
        return False
    files = inquiry.reach.files_of(deployed.tree.files())
    groups = {target.full_name: paths for target, paths in files.items() if target.full_name in trial.targets}
    touches = inquiry.history.last_touches(groups)
    return all(name in touches and touches[name].commit == trial.commit for name in trial.targets)


def _written(deployed: Deployed, config: Config, inquiry: _Inquiry, found: Sequence[Rollout]) -> Iterator[Failed]:
    """What is written on each pull request about which there is something new to say.

    Nothing is said of what nobody was asked about. The status comes last: if it could not be written, the next run
    begins anew.
    """
    asked = [rollout for rollout in found if rollout.verdict.rule != NOBODY]
    for merged in inquiry.merged:
        own = [rollout for rollout in asked if rollout.expectation.commit == merged.commit]
        if not own:
            continue
        known, facts = inquiry.notes.get(merged.commit), _facts(deployed, config, merged, own)
        note = observe.note_of(own, str(facts), known)
        if known is not None and known == note:
            continue
        try:
            if known is None or known.digest != note.digest:
                facts.write(deployed.platform, merged.pull)
            deployed.platform.set_status(
                merged.commit, note.status(merged.commit, merged.pull.url, deployed.signing_key)
            )
        except PlatformError as error:
            yield Failed(subject=f"merged {merged.pull.reference}", error=str(error))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Facts:
    """What is told of a merged pull request: in a comment (None: there is to be none), in records of deployments."""

    comment: str | None
    deployments: tuple[Deployment, ...] = ()

    def __str__(self) -> str:
        return "\n".join([self.comment or "", *map(repr, self.deployments)])

    def write(self, platform: Platform, pull: PullRequest) -> None:
        if pull.number:
            platform.comment(pull, TOPIC, self.comment)
        for deployment in self.deployments:
            platform.record_deployment(deployment)


def _facts(deployed: Deployed, config: Config, merged: observe.Merged, rollouts: Sequence[Rollout]) -> _Facts:
    """As the configuration wants them; a comment, too, for what no record of a deployment could hold."""
    wanted = config.repository.rollout_records
    are_kept = wanted in ("deployments", "both") and deployed.platform.RECORDS_DEPLOYMENTS
    found = tuple(observe.records(rollouts, merged.pull, merged.commit)) if are_kept else ()
    is_lacking = wanted == "deployments" and (not found or any(each.environment is None for each in rollouts))
    is_told = TOPIC not in config.repository.suppress_notifications
    commented = is_told and (wanted in ("comment", "both") or is_lacking)
    return _Facts(comment=comment(rollouts) if commented else None, deployments=found)
