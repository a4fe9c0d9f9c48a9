"""What a person reads in a terminal. Pure: every function returns lines; colour is left to the command line."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from updater.environments import Pairing
from updater.failures import Freeze
from updater.model.decide import Abandoned, Decision, Gone, Held, Update
from updater.model.forge import PullRequest
from updater.model.lookup import Failed
from updater.model.plan import Action, ActionKind, Branch, Cause, Plan
from updater.model.scan import Dependency
from updater.publish import Outcome
from updater.report.inventory import count, file, table, value
from updater.rollout import Trial

_VERBS = {
    ActionKind.CREATE: "open",
    ActionKind.PREPARE: "prepare",
    ActionKind.REFRESH: "refresh",
    ActionKind.MERGE: "merge",
    ActionKind.LEAVE: "leave",
    ActionKind.HOLD: "hold",
    ActionKind.CLOSE: "close",
}
_DONE = {
    ActionKind.CREATE: "opened",
    ActionKind.PREPARE: "prepared",
    ActionKind.REFRESH: "refreshed",
    ActionKind.MERGE: "merged",
    ActionKind.CLOSE: "closed",
}


def plan(made: Plan, outcomes: Sequence[Outcome] | None = None) -> Iterator[str]:
    """The whole report of a plan, or with ``outcomes`` of a run."""
    if outcomes is None:
        yield from _actions(made)
    else:
        yield from _outcomes(outcomes, made.actions)
    yield from _held(made.held)
    yield from _gone(made.gone)
    yield from _abandoned(made.abandoned)
    yield from _failed(made)
    yield from _frozen(made.freezes)
    yield from _environments(made.pairings)
    yield from _summary(made, outcomes)


def why(
    chain: Mapping[Dependency, Sequence[Decision]],
    held: Sequence[Held],
    gone: Sequence[Gone] = (),
    updates: Sequence[Update] = (),
    actions: Sequence[Action] = (),
) -> Iterator[str]:
    """Per dependency: whether what is in use is there, what keeps its branch back, each release and its fate."""
    kept_back = _kept_back(actions)
    for found, decisions in chain.items():
        yield f"{found.name} {value(found)}  ({file(found)}:{found.line}, {found.manager})"
        waiting = {each.new_version: each for each in held if each.tracked.dependency == found}
        yield from (f"  !  {each.name}: {each.reason}" for each in gone if each.tracked.dependency == found)
        yield from (f"  !  {reason}" for reason in kept_back.get(found, ()))
        proven = {each.offer.version: each.trial for each in updates if each.tracked.dependency == found}
        behind = _behind(decisions, proven)
        yield from table((_decision(each, waiting, proven, behind) for each in decisions), indent="  ")
        if not decisions:
            yield "  nothing newer is known"
        yield ""


def _kept_back(actions: Iterable[Action]) -> Mapping[Dependency, Sequence[str]]:
    """Why the branches of dependencies are not made or merged, where that is because of what is deployed."""
    found: dict[Dependency, list[str]] = {}
    for action in actions:
        if action.branch is not None and action.cause in (Cause.FROZEN, Cause.LOCKED, Cause.NOT_MERGED):
            for update in action.branch.updates:
                found.setdefault(update.tracked.dependency, []).append(f"{action.branch.name}: {action.reason}")
    return found


def outcomes(found: Iterable[Outcome], failed: Iterable[Failed] = ()) -> Iterator[str]:
    """What became of actions, and what could not even be tried."""
    for outcome in found:
        yield from _outcome(outcome)
    yield from (f"failed    {each.subject}: {each.error}" for each in failed)


def pulls(found: Iterable[PullRequest]) -> Iterator[str]:
    """One line a pull request."""
    yield from table((f"#{pull.number}", pull.state, pull.branch, pull.title) for pull in found)


def _actions(made: Plan) -> Iterator[str]:
    planned = {action.name: action for action in made.actions}
    for branch in made.branches:
        yield from _branch(branch, planned.get(branch.name))
    for action in made.actions:
        if action.branch is None:
            yield f"{_VERBS[action.kind]:8}{action.name}: {action.reason}"
    if made.updates and not made.branches:  # a dry run that stopped at the lookups
        yield from (*table(map(_named, made.updates)), "")


def _branch(branch: Branch, action: Action | None) -> Iterator[str]:
    verb = _VERBS[action.kind] if action else "open"
    reason = f"  ({action.reason})" if action and action.kind is not ActionKind.CREATE else ""
    yield f"{verb:8}{branch.title}{reason}"
    yield f"        {branch.name}"
    yield from table((_update(update) for update in branch.updates), indent="        ")
    yield ""


def _update(update: Update) -> tuple[str, str, str]:
    found = update.tracked.dependency
    digest = f"@{update.new_digest[:19]}…" if update.new_digest else ""
    after = f"{update.offer.new_value or ''}{digest}"
    if update.offer.new_value == found.current_value and not digest:
        after = f"{after} (locked {update.current_version} → {update.offer.version})"
    return (f"{file(found)}:{found.line}", str(update.update_type), f"{value(found)} → {after}")


def _named(update: Update) -> tuple[str, str, str]:
    place, kind, step = _update(update)
    return (place, kind, f"{update.tracked.name} {step}")


def _outcomes(outcomes: Sequence[Outcome], actions: Sequence[Action]) -> Iterator[str]:
    for outcome in outcomes:
        yield from _outcome(outcome)
    yield from _left_alone([action for action in actions if action.kind in (ActionKind.HOLD, ActionKind.LEAVE)])


def _left_alone(actions: Sequence[Action]) -> Iterator[str]:
    """What was not touched, by reason."""
    by_reason: dict[str, list[str]] = {}
    for action in actions:
        title = action.branch.title if action.branch else action.name
        by_reason.setdefault(f"{_VERBS[action.kind]:10}{action.reason}", []).append(title)
    for reason, titles in by_reason.items():
        yield f"{reason}: {_some(titles)}"
    if actions:
        yield ""


def _some(titles: Sequence[str], shown: int = 3) -> str:
    rest = f" and {len(titles) - shown} more" if len(titles) > shown else ""
    return ", ".join(titles[:shown]) + rest


def _outcome(outcome: Outcome) -> Iterator[str]:
    title = outcome.action.branch.title if outcome.action.branch else outcome.action.name
    if outcome.failed is not None:
        yield f"failed    {title}"
        yield f"          {outcome.failed.error}"
        return
    number = f"#{outcome.pull.number} " if outcome.pull else ""
    url = f"  {outcome.pull.url}" if outcome.pull and outcome.pull.url else ""
    yield f"{_DONE[outcome.action.kind]:10}{number}{title}{url}"


def _held(held: Sequence[Held]) -> Iterator[str]:
    if not held:
        return
    yield "Held:"
    rows = {(each.tracked.name, each.new_version, each.reason + _until(each.until)) for each in held}
    yield from table(sorted(rows), indent="  ")
    yield ""


def _gone(gone: Sequence[Gone]) -> Iterator[str]:
    if not gone:
        return
    yield "In use, and gone:"
    found = [each.tracked.dependency for each in gone]
    places = [f"{file(dependency)}:{dependency.line}" for dependency in found]
    yield from table(
        ((place, each.tracked.name, each.name, each.reason) for place, each in zip(places, gone, strict=True)),
        indent="  ",
    )
    yield ""


def _abandoned(abandoned: Sequence[Abandoned]) -> Iterator[str]:
    if not abandoned:
        return
    yield "Abandoned (no release for longer than abandonmentThreshold):"
    rows = {(each.tracked.name, f"{each.latest:%Y-%m-%d}") for each in abandoned}
    yield from table(sorted(rows), indent="  ")
    yield ""


def _frozen(freezes: Sequence[Freeze]) -> Iterator[str]:
    if not freezes:
        return
    yield "Frozen:"
    for freeze in freezes:
        yield f"  {', '.join(freeze.targets) or f'all of {freeze.environment}'}: {freeze.cause}"
        yield f"    {freeze.lifted}"
    yield ""


def _environments(found: Sequence[Pairing]) -> Iterator[str]:
    """Which environment comes after which, or could."""
    for each in found:
        places = count(each.pairs, "place")
        if each.declared:
            yield f"{each.after} is offered what {each.before} has proven ({places} in both)."
        else:
            yield (
                f"The layout shows {each.before} before {each.after} ({places} in both). Nothing follows from that "
                "until `environments` says so."
            )


def _failed(made: Plan) -> Iterator[str]:
    if not made.failed:
        return
    yield "Failed (nothing of these was changed or closed):"
    yield from table(((each.subject, each.error + _until(each.until)) for each in made.failed), indent="  ")
    yield ""


def _summary(made: Plan, outcomes: Sequence[Outcome] | None) -> Iterator[str]:
    requests, seconds = sum(made.requests.values()), sum(made.seconds.values())
    yield (
        f"{count(len(made.dependencies), 'dependency')}, {count(len(made.updates), 'update')} "
        f"in {count(len(made.branches), 'branch')}; {count(requests, 'request')} in {seconds:.1f} s"
    )
    if made.skipped:
        reasons = Counter(each.reason for each in made.skipped).most_common(3)
        common = ", ".join(f"{reason} ({number})" for reason, number in reasons)
        yield f"{len(made.skipped)} not managed: {common}{', …' if len(made.skipped) > 3 else ''} (see: updater scan)"
    if outcomes is None and any(action.kind is ActionKind.CREATE for action in made.actions):
        yield "Nothing was written. `updater run` does it."


def _behind(decisions: Iterable[Decision], proposed: Collection[str]) -> Mapping[str, str]:
    """For each release that could be proposed, and is not: the next one above it, which is."""
    behind, above = {}, None
    for each in decisions:  # the newest first
        if each.subject in proposed:
            above = each.subject
        elif above is not None:
            behind[each.subject] = above
    return behind


def _decision(
    each: Decision, waiting: Mapping[str, Held], proven: Mapping[str, Trial | None], behind: Mapping[str, str]
) -> tuple[str, str, str]:
    held, trial = waiting.get(each.subject), proven.get(each.subject)
    if each.accepted and trial is not None:
        since = f" since {trial.healthy:%Y-%m-%d %H:%M} UTC" if trial.healthy is not None else ""
        reason = f"proven in {trial.environment}{since} ({trial.rule}), by {trial.pull.reference}: promoted"
        return ("✓", each.subject, f"{each.reason}, {reason}")
    if each.accepted and held is not None:
        return ("·", each.subject, f"{each.reason}, held: {held.reason}{_until(held.until)}{_origin(held.origin)}")
    if each.accepted:
        over = f", passed over: {behind[each.subject]} is proposed" if each.subject in behind else ""
        return ("✓", each.subject, f"{each.reason or ''}{over}")
    return ("✗", each.subject, f"{each.rule}: {each.reason}{_until(each.until)}{_origin(each.origin)}")


def _origin(origin: object) -> str:
    return f"  [{origin}]" if origin else ""


def _until(until: datetime | None) -> str:
    return f" (until {until:%Y-%m-%d %H:%M} UTC)" if until else ""
