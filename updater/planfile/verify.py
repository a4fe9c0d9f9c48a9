"""A plan file against the repository as it is → actions that may be carried out, or a refusal.

Nothing that the file says is taken for granted:

- It must be for this repository and for base branches that the configuration names.
- A branch must lie below the configured prefix, be a proper name, and not be a base.
- A file must be a regular one of the base: no link, nothing outside, nothing new.
- An edit must cover exactly a value, digest, name or lock entry that a scan of the base finds there, hold what the file
  says it holds, and be of characters that such a thing is made of.
- Or it must raise a version of the repository's own, a chart's or one that ``bumpVersions`` finds, by one step.
- What comes out must be the declared content, and a scan of it must find the same dependencies in the same order, with
  the new values: an edit cannot become anything else than what it replaces.
- Lock files are sealed here, not taken from the file.
- A branch is merged only if the configuration lets anything be merged without people, it holds what such edits make of
  the base, and its checks have passed, which is asked here.
- Only this tool's own checks are spoken of, and only on commits of its own; the dashboard is the one of the
  configuration, and is not written over what somebody has ticked since.

A plan that breaks one of these was tampered with, and is refused as a whole. What has merely become old since it was
made (a file changed in the base, a branch moved) fails alone; the next plan will propose it again.
"""

import posixpath
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from updater import bump, git, group
from updater.api import Platform, Sealer, Tree
from updater.config import Config
from updater.config.entries import BumpVersionOptions
from updater.edit import RefusedEditError
from updater.errors import UpdaterError
from updater.inventory import Inventory
from updater.model.forge import (
    FINGERPRINT_TRAILER,
    Base,
    CheckState,
    MergeStrategy,
    PullRequestState,
    RemoteBranch,
    Status,
)
from updater.model.lookup import Failed
from updater.model.plan import Action, ActionKind, Branch
from updater.model.scan import Dependency, Edit, LockEntry, Span
from updater.planfile.form import (
    PlanFile,
    PlannedBranch,
    PlannedClosure,
    PlannedDashboard,
    PlannedEdit,
    PlannedStatement,
    PlannedStatus,
)
from updater.publish import OwnChecks, blob_id
from updater.publish.checks import Checks

_VALUE = re.compile(r"[\w.+~^<>=!|*,@:/()\[\] -]{1,512}", re.ASCII)
_COMMENT = re.compile(r" # [\w.+/-]{1,128}", re.ASCII)
_HASHES = re.compile(r"(?:\n {4}\"(?:h1|zh):[A-Za-z0-9+/=]{1,128}\",){0,200}\n {2}")
_TITLE = re.compile(r"[^\x00-\x1f\x7f]{1,1000}")
_FINGERPRINT = re.compile(r"[0-9a-f]{16}")
_MOST_MESSAGE = 20_000
_WORDS = re.compile(r"[^\x00-\x1f\x7f]{0,140}")
_MOVED = "the branch moved since the plan was made"

Scan = Callable[[Tree], Inventory]
"""Finds what is managed in a tree."""


class RefusedPlanError(UpdaterError):
    """A plan file asks for something that no plan of ours would ask for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """The actions that may be carried out, on top of the bases as they are now, and what has become old."""

    actions: tuple[Action, ...]
    stale: tuple[Failed, ...]
    dashboard: PlannedDashboard | None = None

    @property
    def writes(self) -> bool:
        """Whether anything is to be written."""
        return bool(self.actions) or self.dashboard is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Permits:
    """What the configuration lets happen, to anything at all: a plan does not tell which of its rules decided."""

    merging: bool = False
    merging_alone: bool = False
    merging_untested: bool = False

    @classmethod
    def of(cls, config: Config) -> "Permits":
        """What a configuration permits."""
        return cls(
            merging=config.says("automerge", True) or "revert-automerge" in config.repository.on_failure.values(),
            merging_alone=config.says("automerge_type", "branch"),
            merging_untested=config.says("ignore_tests", True),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """A base branch as it is now: its files, what finds what is managed in them, and what ``bumpVersions`` says."""

    tree: Tree
    scan: Scan
    bumped: Collection[BumpVersionOptions] = ()
    permits: Permits = Permits()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What holds for the repository as a whole. ``dashboard`` is the title of the issue, None where none is wanted."""

    prefixes: tuple[str, ...]
    own_checks: OwnChecks = field(default_factory=OwnChecks)
    dashboard: str | None = None

    @classmethod
    def of(cls, config: Config) -> "Rules":
        """What a configuration says of it."""
        options = config.repository
        needs_one = config.says("dependency_dashboard_approval", True) or config.says("pr_creation", "approval")
        return cls(
            prefixes=options.branch_prefixes,
            own_checks=OwnChecks(names=options.status_check_names, when=options.status_check_when),
            dashboard=options.dependency_dashboard_title if options.dependency_dashboard or needs_one else None,
        )


def verify(
    plan: PlanFile,
    platform: Platform,
    rules: Rules,
    grounds: Mapping[str, Ground],
    sealers: Mapping[str, Sealer],
) -> Verified:
    """Check everything. ``grounds`` are the base branches that plans may be for, by name.

    Raises ``RefusedPlanError`` for a plan that must not be applied, not even in parts.
    """
    if plan.repository != platform.repository or not _bases_of(plan) <= grounds.keys():
        raise RefusedPlanError(
            f"the plan is for {plan.repository} ({', '.join(sorted(_bases_of(plan)))}), "
            f"not for {platform.repository} ({', '.join(grounds)})"
        )
    named: tuple[Sequence[PlannedBranch | PlannedClosure | PlannedStatement], ...]
    named = (plan.branches, plan.closures, plan.statements)
    _check_names([each.name for entries in named for each in entries], rules.prefixes, grounds)
    _check_statuses([*plan.branches, *plan.statements], rules.own_checks)
    forge = _Forge(platform, rules, grounds)
    verifiers: dict[str, _Verifier] = {}
    found: list[Action | Failed] = []
    stale: list[Failed] = []
    for planned in plan.branches:
        verifier = verifiers.get(planned.base) or _Verifier(
            planned.base, grounds[planned.base], sealers, platform.BODY_LIMIT
        )
        verifiers[planned.base] = verifier
        reason = verifier.why_old(planned) or forge.why_moved(planned)
        if reason is not None:
            stale.append(Failed(subject=f"branch {planned.name}", error=reason))
            continue
        branch = verifier.branch(planned)
        found.append(forge.merging(planned, branch) if planned.does == "merge" else forge.action(planned, branch))
    found += [*map(forge.closing, plan.closures), *map(forge.saying, plan.statements)]
    board = forge.board(plan.dashboard)
    return Verified(
        actions=tuple(each for each in found if isinstance(each, Action)),
        stale=(*stale, *(each for each in (*found, board) if isinstance(each, Failed))),
        dashboard=board if isinstance(board, PlannedDashboard) else None,
    )


def _bases_of(plan: PlanFile) -> set[str]:
    return {*plan.bases, *(each.base for each in plan.branches)}


def _check_names(names: Sequence[str], prefixes: tuple[str, ...], bases: Collection[str]) -> None:
    """Refuse branches that are not ours to write."""
    for name in names:
        if not all(prefixes) or not name.startswith(prefixes) or name in bases:
            raise RefusedPlanError(f"{name!r} is no branch below {' or '.join(map(repr, prefixes))}")
        if not git.is_valid_branch(name):
            raise RefusedPlanError(f"{name!r} is no name for a branch")
    if len(set(names)) < len(names):
        raise RefusedPlanError("the plan has several entries for one branch")


def _check_statuses(planned: Iterable[PlannedBranch | PlannedStatement], own: OwnChecks) -> None:
    """Refuse to speak in the name of anybody else."""
    for entry in planned:
        for status in entry.statuses:
            if status.name not in own.all_names() or not _WORDS.fullmatch(status.description):
                raise RefusedPlanError(f"{entry.name}: {status.name!r} is no check of this tool, or says too much")


# ---------------------------------------------------------------- the forge


class _Forge:
    """What the forge has now."""

    def __init__(self, platform: Platform, rules: Rules, grounds: Mapping[str, Ground]) -> None:
        self._platform, self._rules, self._grounds = platform, rules, grounds
        listed = [each for prefix in rules.prefixes for base in grounds for each in platform.branches(prefix, base)]
        self._branches = {each.name: each for each in listed}
        pulls = (each for prefix in rules.prefixes for each in platform.pull_requests(prefix))
        opened = (each for each in pulls if each.state is PullRequestState.OPEN)
        self._open = {pull.branch: pull for pull in opened if pull.base in grounds}

    def why_moved(self, planned: PlannedBranch) -> str | None:
        """Why a branch may not be written any more."""
        remote = self._branches.get(planned.name)
        if (remote.commit if remote is not None else None) != planned.expected:
            return _MOVED
        is_foreign = remote is not None and not (remote.ours or remote.is_empty)
        return "it has commits of others" if is_foreign else None

    def action(self, planned: PlannedBranch, branch: Branch) -> Action:
        """What to do about a branch that was verified."""
        pull = self._open.get(planned.name)
        kind = ActionKind.CREATE if pull is None else ActionKind.REFRESH
        if planned.merge is not None:
            self._check_permit(planned, permitted=self._grounds[planned.base].permits.merging)
        return Action(
            kind=ActionKind.PREPARE if planned.does == "prepare" and pull is None else kind,
            name=planned.name,
            reason=planned.reason,
            push=planned.push,
            branch=branch,
            remote=self._branches.get(planned.name),
            pull=pull,
            invites=planned.invites,
            merge=MergeStrategy(planned.merge) if planned.merge is not None and pull is None else None,
            statuses=_statuses(planned.statuses),
        )

    def merging(self, planned: PlannedBranch, branch: Branch) -> Action | Failed:
        """How to merge a branch that was verified, or why that has to wait."""
        remote, pull, permits = self._branches.get(planned.name), self._open.get(planned.name), self._permits(planned)
        self._check_permit(planned, permitted=permits.merging and (pull is not None or permits.merging_alone))
        reason = self._why_not_merged(planned, remote, permits)
        if reason is not None:
            return Failed(subject=f"branch {planned.name}", error=reason)
        return Action(
            kind=ActionKind.MERGE,
            name=planned.name,
            reason=planned.reason,
            branch=branch,
            remote=remote,
            pull=pull,
            merge=MergeStrategy(planned.merge or "auto"),
            prunes=planned.prunes,
            statuses=_statuses(planned.statuses),
        )

    def _permits(self, planned: PlannedBranch) -> Permits:
        return self._grounds[planned.base].permits

    def _check_permit(self, planned: PlannedBranch, *, permitted: bool) -> None:
        if not permitted:
            raise RefusedPlanError(
                f"{planned.name}: nothing is merged like this by the configuration of {planned.base}"
            )

    def _why_not_merged(self, planned: PlannedBranch, remote: RemoteBranch | None, permits: Permits) -> str | None:
        if remote is None or not remote.ours or dict(remote.files) != planned.after:
            return "it does not hold what the plan says"
        said = self._platform.statuses([remote.commit]).get(remote.commit, ())
        checks = Checks.of(said, (), self._rules.own_checks.is_own, counts_own=False)
        has_passed = checks.state is CheckState.SUCCESS or (checks.is_silent and permits.merging_untested)
        return None if has_passed else f"its checks are in state {checks.state}"

    def saying(self, planned: PlannedStatement) -> Action | Failed:
        """What is to be said of a branch that stays as it is, or why not."""
        remote = self._branches.get(planned.name)
        if remote is None or remote.commit != planned.commit or not remote.ours:
            return Failed(subject=f"branch {planned.name}", error=_MOVED)
        statuses = _statuses(planned.statuses)
        return Action(kind=ActionKind.LEAVE, name=planned.name, reason=planned.reason, remote=remote, statuses=statuses)

    def board(self, planned: PlannedDashboard | None) -> PlannedDashboard | Failed | None:
        """The dashboard, if it is the one that the plan saw."""
        if planned is None:
            return None
        if self._rules.dashboard is None or len(planned.body or "") > self._platform.BODY_LIMIT:
            raise RefusedPlanError("the configuration wants no dashboard, or none of that size")
        issue = self._platform.find_issue(self._rules.dashboard)
        if (None if issue is None else blob_id(issue.body)) != planned.seen:
            return Failed(subject=self._rules.dashboard, error="the dashboard changed since the plan was made")
        return planned

    def closing(self, closure: PlannedClosure) -> Action | Failed:
        """How to close a branch, or why that has to wait."""
        remote, pull = self._branches.get(closure.name), self._open.get(closure.name)
        if remote is None or remote.commit != closure.commit or not remote.ours:
            return Failed(subject=f"branch {closure.name}", error=_MOVED)
        return Action(kind=ActionKind.CLOSE, name=closure.name, reason=closure.reason, remote=remote, pull=pull)


# ---------------------------------------------------------------- the repository


class _Verifier:
    """Checks branches against one base."""

    def __init__(
        self,
        base: str,
        ground: Ground,
        sealers: Mapping[str, Sealer],
        body_limit: int,
    ) -> None:
        self._tree, self._base, self._scan = ground.tree, Base(base, ground.tree.commit), ground.scan
        self._sealers, self._bumped, self._body_limit = sealers, ground.bumped, body_limit
        self._files = frozenset(self._tree.files())
        self._inventory = self._scan(self._tree)
        self._places = _places(self._inventory)

    def why_old(self, planned: PlannedBranch) -> str | None:
        """Why a branch cannot be built on this base."""
        self._check_paths(planned)
        texts = self._texts(planned.before)
        changed = [path for path, blob in planned.before.items() if path not in texts or blob_id(texts[path]) != blob]
        return f"{changed[0]} changed since the plan was made" if changed else None

    def branch(self, planned: PlannedBranch) -> Branch:
        """The branch, made from the base by the declared edits. Raises ``RefusedPlanError``."""
        self._check_words(planned)
        texts = self._texts(self._needed(planned))
        for each in planned.edits:
            self._check_edit(each, texts)
        self._check_seals(planned)
        try:
            files = group.rewritten(map(_edit, planned.edits), _seals(planned), texts, self._sealers)
        except RefusedEditError as error:
            raise RefusedPlanError(f"{planned.name}: {error}") from error
        if {path: blob_id(text) for path, text in files.items()} != planned.after:
            raise RefusedPlanError(f"{planned.name}: its edits do not make of the files what the plan says")
        self._check_meaning(planned, {path: texts[path] for path in files}, files)
        return Branch(
            name=planned.name,
            base=self._base,
            title=planned.title,
            body=planned.body,
            updates=(),
            files=files,
            fingerprint=planned.fingerprint,
            message=planned.message,
            labels=tuple(planned.labels),
            assignees=tuple(planned.assignees),
            reviewers=tuple(planned.reviewers),
            milestone=planned.milestone,
            draft=planned.draft,
        )

    def _needed(self, planned: PlannedBranch) -> list[str]:
        locked = (path for seal in planned.seals for path in (seal.path, *seal.locked))
        return sorted({*planned.before, *locked})

    def _texts(self, paths: Iterable[str]) -> dict[str, str]:
        return {path: data.decode("utf-8", "surrogateescape") for path, data in self._tree.read(sorted(paths))}

    def _check_paths(self, planned: PlannedBranch) -> None:
        edited = {each.path for each in planned.edits} | {seal.path for seal in planned.seals}
        for path in (*edited, *self._needed(planned), *planned.after):
            if path not in self._files:
                raise RefusedPlanError(f"{planned.name}: {path!r} is no file of {self._base.name}")
        if planned.before.keys() != planned.after.keys() or not planned.after.keys() <= edited:
            raise RefusedPlanError(f"{planned.name}: it names files that it does not edit")

    def _check_words(self, planned: PlannedBranch) -> None:
        trailer = f"{FINGERPRINT_TRAILER}: {planned.fingerprint}"
        last = planned.message.rstrip("\n").rpartition("\n")[2]
        is_fine = (
            _TITLE.fullmatch(planned.title)
            and _FINGERPRINT.fullmatch(planned.fingerprint)
            and planned.message.startswith(f"{planned.title}\n")
            and last == trailer
            and len(planned.message) <= _MOST_MESSAGE
            and len(planned.body) <= self._body_limit
        )
        if not is_fine:
            raise RefusedPlanError(f"{planned.name}: its title, message or body is not of the form that plans have")

    def _check_edit(self, each: PlannedEdit, texts: Mapping[str, str]) -> None:
        pattern = self._places.get((each.path, Span(each.start, each.end))) or self._bump(each, texts)
        if pattern is None:
            raise RefusedPlanError(f"{each.path}: characters {each.start} to {each.end} are no value that is managed")
        if texts.get(each.path, "")[each.start : each.end] != each.old:
            raise RefusedPlanError(f"{each.path}: characters {each.start} to {each.end} are not {each.old!r}")
        if not pattern.fullmatch(each.new):
            raise RefusedPlanError(f"{each.path}: {each.new!r} is nothing that may be written there")

    def _bump(self, each: PlannedEdit, texts: Mapping[str, str]) -> re.Pattern[str] | None:
        """What may be written at the place of a version that is raised; None for another place."""
        text = texts.get(each.path, "")
        found = set(bump.chart_version(text) if posixpath.basename(each.path) == "Chart.yaml" else ())
        found.update(span for entry in self._bumped for span in bump.matches(entry, text))
        steps = (bump.raised(text[each.start : each.end], part) for part in bump.PARTS)
        texts_then = "|".join(re.escape(step) for step in steps if step is not None)
        return re.compile(texts_then) if Span(each.start, each.end) in found and texts_then else None

    def _check_seals(self, planned: PlannedBranch) -> None:
        locks = {(lock.path, lock.manager) for lock in self._inventory.locks}
        for seal in planned.seals:
            if seal.manager not in self._sealers or (seal.path, seal.manager) not in locks:
                raise RefusedPlanError(f"{seal.path}: this is no lock file of {seal.manager!r}")

    def _check_meaning(self, planned: PlannedBranch, before: Mapping[str, str], after: Mapping[str, str]) -> None:
        """A scan finds the same as before, but for the new values."""
        old, new = self._scan(_Overlay(self._tree, before)), self._scan(_Overlay(self._tree, after))
        if _shape(old) != _shape(new):
            raise RefusedPlanError(f"{planned.name}: its edits change more than versions")
        read = set(_readings(new))
        old_places = _places(old)
        for each in planned.edits:
            pattern = old_places.get((each.path, Span(each.start, each.end)))
            if pattern is _VALUE and (each.path, each.new) not in read:
                raise RefusedPlanError(f"{each.path}: {each.new!r} would not be read as it is written")


def _statuses(planned: Iterable[PlannedStatus]) -> tuple[Status, ...]:
    return tuple(
        Status(context=each.name, state=CheckState(each.state), description=each.description) for each in planned
    )


def _edit(each: PlannedEdit) -> Edit:
    return Edit(path=each.path, span=Span(each.start, each.end), text=each.new)


def _seals(planned: PlannedBranch) -> group.Seals:
    return {(seal.path, seal.manager): seal.locked for seal in planned.seals}


def _places(inventory: Inventory) -> dict[tuple[str, Span], re.Pattern[str]]:
    """Where something may be edited, and what may be written there."""
    found: dict[tuple[str, Span], re.Pattern[str]] = {}
    for tracked in inventory.tracked:
        found |= {(tracked.dependency.path, span): _VALUE for span in _spans(tracked.dependency)}
        if tracked.dependency.comment_at is not None:
            behind = Span(tracked.dependency.comment_at, tracked.dependency.comment_at)
            found[tracked.dependency.path, behind] = _COMMENT
    for lock in inventory.locks:
        found |= {(lock.path, span): _VALUE for span in (lock.version_span, lock.constraints_span) if span is not None}
        if lock.hashes_span is not None:
            found[lock.path, lock.hashes_span] = _HASHES
    return found


def _spans(dependency: Dependency) -> Iterator[Span]:
    spans = (dependency.span, dependency.digest_span, dependency.name_span, dependency.registry_span)
    return (span for span in spans if span is not None)


def _shape(inventory: Inventory) -> list[tuple[object, ...]]:
    """What stands where, whatever its version; sorted by file and manager, because names may be replaced."""
    dependencies = ((each.dependency.path, each.dependency.manager) for each in inventory.tracked)
    others = ((each.path, str(each.manager)) for each in inventory.skipped)
    locks = ((each.path, f"{each.manager}: {each.package.name}") for each in inventory.locks)
    return sorted([*dependencies, *others, *locks])


def _readings(inventory: Inventory) -> Iterator[tuple[str, str]]:
    for tracked in inventory.tracked:
        found = tracked.dependency
        value, digest = found.current_value or "", found.current_digest or ""
        for text in (value, digest, f"{value}@{digest}", found.package.name, found.name, *found.package.registry_urls):
            yield (found.path, text)
    yield from (reading for lock in inventory.locks for reading in _lock_readings(lock))
    for each in inventory.skipped:
        yield (each.path, each.current_value or "")


def _lock_readings(lock: LockEntry) -> Iterator[tuple[str, str]]:
    yield (lock.path, lock.version)
    yield (lock.path, lock.constraints or "")


class _Overlay:
    """Some files of a tree, with these texts; meets ``updater.api.Tree``."""

    def __init__(self, tree: Tree, texts: Mapping[str, str]) -> None:
        self.home, self.commit, self.state = tree.home, tree.commit, None
        self._contents = {path: text.encode("utf-8", "surrogateescape") for path, text in texts.items()}

    def files(self) -> Sequence[str]:
        return sorted(self._contents)

    def links(self) -> Mapping[str, str]:
        return {}

    def size(self, path: str) -> int:
        return len(self._contents[path])

    def identity(self, _path: str) -> str | None:
        return None

    def read(self, paths: Sequence[str]) -> Iterator[tuple[str, bytes]]:
        return ((path, self._contents[path]) for path in paths if path in self._contents)
