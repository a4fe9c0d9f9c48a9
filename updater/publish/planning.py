"""Wanted branches against what the forge has → one action for each. Pure."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from updater.model.forge import CheckState, MergeStrategy, PullRequest, PullRequestState, RemoteBranch, Status
from updater.model.plan import Action, ActionKind, Branch, Cause
from updater.publish.checks import OwnCheck, objection, on_merging, opinions_on
from updater.publish.likeness import alike
from updater.publish.merging import Merging, roots_of
from updater.publish.situation import Doubts, Forge, Situation, blob_id
from updater.publish.terms import Rebase, Terms, Why
from updater.report.marker import Marker, marker_of, read_marker

_UP_TO_DATE = "up to date"
_INVITED = "<!-- updater:people-asked -->"
"""Stands in a body whose pull request was to be merged without people, and had to ask them all the same."""


def shows(action: Action) -> bool:
    """Whether somebody will read the body of the action's branch: only then it is worth asking what it should tell."""
    if action.branch is None:
        return False
    is_kept = action.kind is ActionKind.MERGE or action.reason.startswith(_UP_TO_DATE)
    return is_kept or action.kind in (ActionKind.CREATE, ActionKind.REFRESH)


def watched(branches: Iterable[Branch], forge: Forge, situation: Situation) -> tuple[str, ...]:
    """The commits whose statuses planning needs.

    They are those of branches that wait for checks, to be merged or requested, of those that Atlantis plans, and of
    those of which this tool may have something to say that it does not remember to have said.
    """
    remotes = {remote.name: remote for remote in forge.branches}
    found = []
    for branch in branches:
        remote, terms = remotes.get(branch.name), Terms(branch, situation.now)
        if remote is None or not remote.ours:
            continue
        is_planned = situation.locks_roots and bool(roots_of(branch))
        waits = terms.automerges or terms.creation in ("not-pending", "status-success") or is_planned
        opinions = opinions_on(branch, situation.now)
        if waits or situation.own_checks.may_be_due(opinions, forge.said.get(remote.commit)):
            found.append(remote.commit)
    return tuple(found)


def plan(branches: Sequence[Branch], forge: Forge, situation: Situation, doubts: Doubts) -> list[Action]:
    """What to do about every branch, wanted or present; the branches are in the order of their importance."""
    planner = _Planner(forge, situation, doubts, branches)
    return [*(planner.wanted(branch) for branch in branches), *planner.unwanted({branch.name for branch in branches})]


def refusal(actions: Sequence[Action], share: float) -> str | None:
    """Why a plan looks like an accident: it would close most of what is open. None if it does not."""
    opened = [action for action in actions if action.pull is not None]
    closing = [action for action in opened if action.kind is ActionKind.CLOSE]
    if len(closing) < 5 or len(closing) <= share * len(opened):
        return None
    return f"it would close {len(closing)} of {len(opened)} open pull requests; use --force if that is meant"


class _Planner:
    """Decides about branch after branch; what one takes of a limit, the next ones do not have."""

    def __init__(self, forge: Forge, situation: Situation, doubts: Doubts, branches: Sequence[Branch] = ()) -> None:
        self._forge, self._situation, self._doubts = forge, situation, doubts
        self._orders = situation.orders
        self._remotes = {remote.name: remote for remote in forge.branches}
        self._opened = {pull.branch: pull for pull in forge.pulls if pull.state is PullRequestState.OPEN}
        hour = situation.now.replace(minute=0, second=0, microsecond=0)
        recent = [pull for pull in forge.pulls if pull.created is not None and pull.created >= hour]
        self._taken = Counter(pulls=len(self._opened), branches=len(self._remotes), hourly=len(recent))
        self._merging = Merging(forge, situation)
        self._roots = {root: each for each in branches if each.name in self._opened for root in roots_of(each)}

    def wanted(self, branch: Branch) -> Action:
        """What to do about a branch that should be there."""
        action = _unless_in_doubt(self._wanted(branch), branch, self._forge, self._doubts)
        self._count(action, branch)
        return replace(action, statuses=self._statuses(action, branch))

    def _count(self, action: Action, branch: Branch) -> None:
        creates, is_new = action.kind is ActionKind.CREATE, action.push and action.remote is None
        self._taken["pulls"] += creates
        self._taken["hourly"] += creates or (is_new and action.cause is Cause.AUTOMERGE)
        self._taken["branches"] += is_new
        self._taken["commits"] += action.push
        if creates:
            self._roots |= dict.fromkeys(roots_of(branch), branch)
        if action.kind is ActionKind.MERGE:
            self._merging.take(branch)

    def _statuses(self, action: Action, branch: Branch) -> tuple[Status, ...]:
        """What is to be said of the commit that proposes what the branch should."""
        own, opinions = self._situation.own_checks, dict(opinions_on(branch, self._situation.now))
        if Terms(branch, self._situation.now).merges_branch and action.pull is None:
            opinions[OwnCheck.MERGING] = on_merging(alone=action.cause is Cause.AUTOMERGE)
        if action.push:
            return own.due(opinions, ())
        remote = action.remote
        if remote is None or not remote.ours or remote.fingerprint != branch.fingerprint:
            return ()
        return own.due(
            opinions, (*self._forge.said.get(remote.commit, ()), *self._forge.statuses.get(remote.commit, ()))
        )

    def unwanted(self, wanted: set[str]) -> Iterator[Action]:
        """What to do about all other branches."""
        for name, remote in self._remotes.items():
            if name not in wanted:
                yield self._unwanted(remote, self._opened.get(name))

    # ------------------------------------------------------------ what should be there

    def _wanted(self, branch: Branch) -> Action:
        remote, pull = self._remotes.get(branch.name), self._opened.get(branch.name)
        terms, asked = Terms(branch, self._situation.now), self._is_rebased(branch, pull)
        action = Action(kind=ActionKind.LEAVE, name=branch.name, reason="", branch=branch, remote=remote, pull=pull)
        if remote is not None and not (remote.ours or remote.is_empty or asked):
            return replace(action, reason="it has commits of others", cause=Cause.FOREIGN)
        is_forced = pull is not None or branch.name in self._orders.forced
        if not is_forced and (why := self._why_wait(branch, terms, remote)) is not None:
            return replace(action, kind=ActionKind.HOLD, reason=why.reason, cause=why.cause)
        if pull is not None and not asked and terms.is_stopped(pull.labels):
            return replace(action, reason="its label asks for it to be left alone", cause=Cause.STOPPED)
        push = asked or remote is None or self._is_stale(branch, remote, terms, pull)
        if push and remote is not None and not asked and (why := self._why_not_pushed(terms)):
            return replace(action, reason=why.reason, cause=why.cause)
        if pull is None:
            unrequested = self._alone if self._goes_alone(branch, terms) else self._requested
            return unrequested(action, branch, terms, push=push)
        return self._kept(action, branch, pull, terms, push=push, asked=asked)

    def _goes_alone(self, branch: Branch, terms: Terms) -> bool:
        """Whether it is to be merged without a pull request; Atlantis plans only where there is one."""
        is_planned = self._situation.locks_roots and bool(roots_of(branch))
        return terms.merges_branch and not is_planned and branch.name not in self._orders.opened

    def _alone(self, action: Action, branch: Branch, terms: Terms, *, push: bool) -> Action:
        """A branch that is merged without a pull request, and gets one only where people are needed."""
        if push or action.remote is None:
            reason = "it is merged without a pull request once its checks have passed"
            return replace(action, kind=ActionKind.PREPARE, push=push, reason=reason, cause=Cause.AUTOMERGE)
        obstacle = self._merging.obstacle(branch, action.remote, None, terms)
        if obstacle is None:
            return _merging(action, terms)
        if not obstacle.needs_people:
            reason = f"not merged yet: {obstacle.reason}"
            return replace(action, kind=ActionKind.HOLD, reason=reason, cause=Cause.AUTOMERGE)
        if (full := self._full_limit(terms, is_new=False)) is not None:
            return replace(action, kind=ActionKind.HOLD, reason=full, cause=Cause.LIMIT)
        return replace(action, kind=ActionKind.CREATE, reason=f"not merged: {obstacle.reason}", invites=True)

    def _requested(self, action: Action, branch: Branch, terms: Terms, *, push: bool) -> Action:
        """A branch without a pull request: it gets one, now or when its checks or people have spoken."""
        why = self._why_not_requested(branch, action.remote, terms, push=push)
        if why is not None:
            kind = ActionKind.PREPARE if push else ActionKind.HOLD
            return replace(action, kind=kind, push=push, reason=why.reason, cause=why.cause)
        reason = "new" if push else "has no pull request yet"
        invites = not terms.automerges or terms.invites_anyway
        merge = self._asked_of_forge(branch, terms)
        return replace(action, kind=ActionKind.CREATE, push=push, reason=reason, merge=merge, invites=invites)

    def _kept(
        self, action: Action, branch: Branch, pull: PullRequest, terms: Terms, *, push: bool, asked: bool
    ) -> Action:
        """A branch with an open pull request: made anew, described anew, merged, or left as it is."""
        if push:
            labels = terms.rebase_labels(pull.labels) if asked else ()
            reason = "somebody asked for it" if asked else _why_push(branch, action.remote)
            return replace(action, kind=ActionKind.REFRESH, push=True, reason=reason, unlabel=labels)
        if request_differs(branch, pull):
            return replace(action, kind=ActionKind.REFRESH, reason="its description changed")
        if not terms.automerges:
            return replace(action, reason=f"{_UP_TO_DATE}{self._merging.planned(branch, action.remote)}")
        obstacle = self._merging.obstacle(branch, action.remote, pull, terms)
        if self._needs_people(branch, action.remote, pull, terms):
            return replace(action, kind=ActionKind.REFRESH, reason="its checks failed: people are asked", invites=True)
        if obstacle is not None:
            reason = f"{_UP_TO_DATE}{self._merging.planned(branch, action.remote)}; not merged: {obstacle.reason}"
            return replace(action, reason=reason, cause=Cause.NOT_MERGED)
        return _merging(action, terms)

    def _needs_people(self, branch: Branch, remote: RemoteBranch | None, pull: PullRequest, terms: Terms) -> bool:
        """Whether a branch that was to be merged without people needs them now, and they were not asked yet."""
        has_people = bool(branch.assignees or branch.reviewers)
        if not has_people or remote is None or terms.invites_anyway or _INVITED in pull.body:
            return False
        return self._merging.checks(branch, remote, terms).state is CheckState.FAILURE

    def _asked_of_forge(self, branch: Branch, terms: Terms) -> MergeStrategy | None:
        """How the forge is asked to merge by itself; not where it is too early: it knows no schedules and no ages."""
        if not terms.asks_forge or terms.why_not_merged_now() is not None:
            return None
        return terms.strategy if objection(opinions_on(branch, self._situation.now)) is None else None

    def _is_rebased(self, branch: Branch, pull: PullRequest | None) -> bool:
        if branch.name in self._orders.rebased:
            return True
        return pull is not None and bool(Terms(branch, self._situation.now).rebase_labels(pull.labels))

    # ------------------------------------------------------------ why not

    def _why_wait(self, branch: Branch, terms: Terms, remote: RemoteBranch | None) -> Why | None:
        """Why a branch is not proposed."""
        declined = _declined(branch, self._forge)
        if declined is not None and not terms.recreates:
            return Why(Cause.DECLINED, f"declined: #{declined.number} was closed without merging")
        if remote is None and (why := self._why_not_made(terms)) is not None:
            return why
        if branch.name in self._situation.frozen:
            return Why(Cause.FROZEN, self._situation.frozen[branch.name])
        if self._situation.locks_roots and (why := self._why_locked(branch)) is not None:
            return why
        if remote is not None and self._goes_alone(branch, terms):
            return None
        full = self._full_limit(terms, is_new=remote is None, alone=self._goes_alone(branch, terms))
        return None if full is None else Why(Cause.LIMIT, full)

    def _why_not_made(self, terms: Terms) -> Why | None:
        """Why a branch that does not exist is not made, apart from what else there is."""
        if self._situation.is_silent:
            return Why(Cause.APPROVAL, "nothing is opened that nobody asked for (mode: silent)")
        return terms.why_wait()

    def _why_locked(self, branch: Branch) -> Why | None:
        """A plan locks its root until its pull request is merged or closed, so a second one could not be planned."""
        root = next((root for root in roots_of(branch) if root in self._roots), None)
        if root is None:
            return None
        return Why(Cause.LOCKED, f"“{self._roots[root].title}” has {root}; one pull request at a time can be planned")

    def _full_limit(self, terms: Terms, *, is_new: bool, alone: bool = False) -> str | None:
        """The limit that is reached; of what opens no pull request, the branches count."""
        limits = {
            "prConcurrentLimit": ("branches" if alone else "pulls", terms.open_pulls),
            "branchConcurrentLimit": ("branches", terms.open_branches if is_new else None),
            "commitHourlyLimit": ("commits", terms.commits if is_new else None),
            "prHourlyLimit": ("hourly", terms.hourly_pulls),
        }
        full = (f"{name} is {limit}" for name, (what, limit) in limits.items() if self._is_full(what, limit))
        return next(full, None)

    def _is_full(self, what: str, limit: int | None) -> bool:
        return limit is not None and self._taken[what] >= limit

    def _why_not_pushed(self, terms: Terms) -> Why | None:
        """Why a branch that exists is not made anew now."""
        if (why := terms.why_not_now()) is not None:
            return why
        is_full = self._is_full("commits", terms.commits)
        return Why(Cause.LIMIT, f"commitHourlyLimit is {terms.commits}") if is_full else None

    def _why_not_requested(
        self, branch: Branch, remote: RemoteBranch | None, terms: Terms, *, push: bool
    ) -> Why | None:
        """``prCreation``: why a branch gets no pull request yet."""
        if terms.creation == "immediate" or branch.name in self._orders.opened:
            return None
        if terms.creation == "approval":
            reason = "its pull request awaits approval (prCreation): tick its box on the dashboard"
            return Why(Cause.REQUEST_APPROVAL, reason)
        if push or remote is None:
            return Why(Cause.CHECKS, "its pull request waits for checks (prCreation)")
        checks = self._merging.checks(branch, remote, terms)
        if terms.creation == "status-success":
            has_passed = checks.state is CheckState.SUCCESS
            return None if has_passed else Why(Cause.CHECKS, "its checks have not passed (prCreation)")
        goes_on = not checks.is_silent and self._merging.goes_on(checks, terms, checks.since)
        return Why(Cause.CHECKS, "its checks go on (prCreation)") if goes_on else None

    # ------------------------------------------------------------ what is there

    def _is_stale(self, branch: Branch, remote: RemoteBranch, terms: Terms, pull: PullRequest | None) -> bool:
        rebase = terms.rebase(pull.labels if pull is not None else ())
        if rebase is Rebase.NEVER:
            return False
        must_follow = terms.merges_branch and terms.strategy is MergeStrategy.FAST_FORWARD and pull is None
        if (rebase is Rebase.BEHIND or must_follow) and remote.parent != branch.base.commit:
            return True
        return _differs(branch, remote) and not (remote.merges and remote.fingerprint == branch.fingerprint)

    def _unwanted(self, remote: RemoteBranch, pull: PullRequest | None) -> Action:
        action = Action(kind=ActionKind.LEAVE, name=remote.name, reason="", remote=remote, pull=pull)
        if not remote.ours:
            return replace(action, reason="not made by this tool")
        reason = _why_left(pull, self._doubts) or _why_doubtful(remote, self._forge.marker_of(pull), self._doubts)
        if reason is not None:
            return replace(action, reason=reason)
        if not self._situation.prunes:
            return replace(action, reason="no longer needed; pruneStaleBranches is off")
        return replace(action, kind=ActionKind.CLOSE, reason="its updates are no longer needed or offered")


def _merging(action: Action, terms: Terms) -> Action:
    return replace(action, kind=ActionKind.MERGE, reason="automerge", merge=terms.strategy, prunes=terms.prunes_merged)


def _differs(branch: Branch, remote: RemoteBranch) -> bool:
    return {path: blob_id(text) for path, text in branch.files.items()} != dict(remote.files)


def _why_push(branch: Branch, remote: RemoteBranch | None) -> str:
    if remote is not None and remote.fingerprint != branch.fingerprint:
        return "it proposes something else now"
    return "it conflicts with the base" if remote is not None and remote.merges is False else "its base changed"


def request_differs(branch: Branch, pull: PullRequest) -> bool:
    """Whether a pull request says something else than it should."""
    missing = {label.casefold() for label in branch.labels} - {label.casefold() for label in pull.labels}
    return bool(missing) or pull.title != branch.title or pull.body.strip() != body_for(branch, pull).strip()


def body_for(branch: Branch, pull: PullRequest, *, invites: bool = False) -> str:
    """The new body; the one there is, while a part of the new one could not be had and it proposes the same.

    It remembers that people were asked after all.
    """
    marker = read_marker(pull.body) if branch.is_partial else None
    body = pull.body if marker is not None and marker.fingerprint == branch.fingerprint else branch.body
    remembers = (invites or _INVITED in pull.body) and _INVITED not in body
    return f"{body.rstrip()}\n\n{_INVITED}\n" if remembers else body


# ---------------------------------------------------------------- what people and failures say


def _declined(branch: Branch, forge: Forge) -> PullRequest | None:
    """The closed pull request that proposed the same: by its marker, or for one without it by its title."""
    return next(alike(branch, forge, PullRequestState.CLOSED), None)


def _unless_in_doubt(action: Action, branch: Branch, forge: Forge, doubts: Doubts) -> Action:
    """A pull request is not made anew without a part of what it proposes, while that part is unknown or held."""
    marker = forge.marker_of(action.pull)
    if action.kind is not ActionKind.REFRESH or marker is None or action.remote is None:
        return action
    lost = marker.proposals - marker_of(branch.fingerprint, branch.updates).proposals
    reason = None
    if {package for package, _ in lost} & set(doubts.failed):
        reason = "a lookup that it depends on failed; unknown is not gone"
    elif marker.packages & set(doubts.failed) and action.remote.files.keys() - branch.files.keys():
        reason = "what it needs for one of its places could not be had"
    elif lost & set(doubts.held):
        reason = "what it proposes is held now"
    if reason is None:
        return action
    return replace(action, kind=ActionKind.LEAVE, push=False, reason=reason, cause=Cause.DOUBT)


def _why_left(pull: PullRequest | None, doubts: Doubts) -> str | None:
    """Why a branch may be wanted by a base that could not be looked at."""
    if doubts.bases is None or (pull is not None and pull.base in doubts.bases):
        return None
    return "not all of the base branches that are configured could be looked at"


def _why_doubtful(remote: RemoteBranch, marker: Marker | None, doubts: Doubts) -> str | None:
    if f"branch {remote.name}" in doubts.failed:
        return "it could not be made anew"
    if doubts.failed and (marker is None or marker.packages & set(doubts.failed)):
        return "a lookup that it depends on failed; unknown is not gone"
    if marker is not None and marker.proposals & set(doubts.held):
        return "what it proposes is held now"
    return None
