"""What a plan says, or with its outcomes a run, section by section."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import groupby

from updater.model.decide import Held, Update
from updater.model.forge import PullRequest
from updater.model.history import Tombstone
from updater.model.lookup import Failed
from updater.model.plan import Action, ActionKind, Cause, Plan
from updater.model.scan import Dependency
from updater.model.track import Tracked, UpdateType
from updater.publish import Outcome
from updater.report.html.elements import Markup, chip, code, folded, joined, link, moment, table, tag
from updater.report.html.page import Section, Tile, page
from updater.report.inventory import count, file, value
from updater.rollout import Trial

_STEP_COLOURS = {
    UpdateType.MAJOR: "bad",
    UpdateType.MINOR: "link",
    UpdateType.PATCH: "good",
    UpdateType.ROLLBACK: "bad",
    UpdateType.REPLACEMENT: "warning",
}
_PLANNED = {
    ActionKind.MERGE: "To be merged",
    ActionKind.CREATE: "To be opened",
    ActionKind.PREPARE: "To be prepared, without a pull request yet",
    ActionKind.REFRESH: "To be refreshed",
    ActionKind.CLOSE: "To be closed",
}
_DONE = {
    ActionKind.MERGE: "Merged",
    ActionKind.CREATE: "Opened",
    ActionKind.PREPARE: "Prepared, without a pull request yet",
    ActionKind.REFRESH: "Refreshed",
    ActionKind.CLOSE: "Closed",
}
_FAILED = "Failed"
_WAITING = {
    Cause.APPROVAL: "Waiting for approval",
    Cause.REQUEST_APPROVAL: "Waiting for approval of the pull request",
    Cause.CHECKS: "Waiting for checks",
    Cause.SCHEDULE: "Outside their schedule",
    Cause.LIMIT: "Held back by limits",
    Cause.GROUP_SIZE: "Groups that are too small",
    Cause.FOREIGN: "With commits of people",
    Cause.STOPPED: "Stopped by a label",
    Cause.DOUBT: "Left alone, because something could not be looked up",
    Cause.NOT_MERGED: "Not merged yet",
    Cause.AUTOMERGE: "To be merged without a pull request",
    Cause.FROZEN: "Frozen by a failure",
    Cause.LOCKED: "Waiting for another one to let go of their root",
    Cause.DECLINED: "Declined",
}
_HELD, _LEFT = "Held back", "Open, and as they should be"
_SITUATIONS = (_FAILED, *_PLANNED.values(), *_DONE.values(), *_WAITING.values(), _HELD, _LEFT)
"""In the order of the page."""


def plan_page(
    made: Plan, when: datetime, outcomes: Sequence[Outcome] | None = None, more: Iterable[Section] = ()
) -> str:
    """The page of a plan that was made at ``when``, or with ``outcomes`` of a run; ``more`` comes first."""
    what = "Plan" if outcomes is None else "Run"
    bases = ", ".join(f"{base.name} at {base.commit[:10]}" if base.commit else base.name for base in made.bases)
    cost = f"{count(sum(made.requests.values()), 'request')} in {sum(made.seconds.values()):.1f} s"
    lead = joined((what, " of ", moment(when), f" UTC, for {bases or 'no branch'}; {cost}"))
    found = [*more, *(section for make in _SECTIONS for section in make(made)), *_rest(made)]
    return page(f"Updates of {made.repository}", lead, _tiles(made, outcomes), [*_pulls(made, outcomes), *found])


def _tiles(made: Plan, outcomes: Sequence[Outcome] | None) -> list[Tile]:
    broken = sum(outcome.failed is not None for outcome in outcomes or ())
    writes = sum(action.kind in _PLANNED for action in made.actions)
    failed = len(made.failed) + broken
    tiles = [
        ("dependencies", len(made.dependencies), "dependencies", None),
        ("updates", len(made.updates), "updates", None),
        ("pull requests", len(made.branches), "pulls", None),
        ("to write" if outcomes is None else "written", writes - broken, "pulls", "good"),
        ("held", len(made.held), "held", "warning"),
        ("gone", len(made.gone), "gone", "bad"),
        ("failed", failed, "failed" if made.failed else "pulls", "bad"),
        ("unmanaged", len(made.skipped), "skipped", None),
        ("requests", sum(made.requests.values()), "cost", None),
    ]
    return [
        Tile(label=label, number=str(number), anchor=anchor, kind=kind if number else None)
        for label, number, anchor, kind in tiles
    ]


# ---------------------------------------------------------------- pull requests


def _pulls(made: Plan, outcomes: Sequence[Outcome] | None) -> Iterator[Section]:
    if not made.actions:
        return
    done = {outcome.action.name: outcome for outcome in outcomes or ()}
    by_situation: dict[str, list[Action]] = {}
    for action in made.actions:
        situation = _situation(action, done.get(action.name), is_run=outcomes is not None)
        by_situation.setdefault(situation, []).append(action)
    groups = [_group(title, by_situation[title], done) for title in _SITUATIONS if title in by_situation]
    yield Section(anchor="pulls", title="Pull requests", count=len(made.actions), content=joined(groups))


def _situation(action: Action, outcome: Outcome | None, *, is_run: bool) -> str:
    if outcome is not None and outcome.failed is not None:
        return _FAILED
    if action.kind in (ActionKind.HOLD, ActionKind.LEAVE):
        otherwise = _HELD if action.kind is ActionKind.HOLD else _LEFT
        return _WAITING.get(action.cause, otherwise) if action.cause is not None else otherwise
    return (_DONE if is_run else _PLANNED)[action.kind]


def _group(title: str, actions: Sequence[Action], done: Mapping[str, Outcome]) -> Markup:
    heading = tag("h3", title, " ", tag("span", str(len(actions)), class_="count"))
    return tag("div", heading, *(_pull(action, done.get(action.name)) for action in actions), class_="group")


def _pull(action: Action, outcome: Outcome | None) -> Markup:
    pull = (outcome.pull if outcome is not None else None) or action.pull
    reason = outcome.failed.error if outcome is not None and outcome.failed is not None else action.reason
    updates = action.branch.updates if action.branch is not None else ()
    title = tag("span", action.branch.title if action.branch is not None else action.name, class_="title")
    summary = joined((*_number(pull), title, *_steps(updates)))
    return folded(summary, *_story(action, pull, reason), *_changes(updates), class_="pull")


def _number(pull: PullRequest | None) -> Iterator[str]:
    if pull is not None:
        yield from (link(f"#{pull.number}", pull.url), " ")


def _steps(updates: Iterable[Update]) -> Iterator[Markup]:
    for step, number in Counter(update.update_type for update in updates).items():
        yield chip(str(step) if number == 1 else f"{number} {step}", _STEP_COLOURS.get(step))


def _story(action: Action, pull: PullRequest | None, reason: str) -> Iterator[Markup]:
    opened = ("; open since ", moment(pull.created)) if pull is not None and pull.created is not None else ()
    yield tag("p", code(action.name), ": ", reason, *opened, class_="note")
    branch = action.branch
    if branch is not None and branch.labels:
        yield tag("p", "Labels: ", joined(map(chip, branch.labels), " "), class_="note")
    if branch is not None and branch.targets:
        names = joined((code(target.full_name) for target in branch.targets), ", ")
        yield tag("p", "Deployed by ", names, class_="note")


def _changes(updates: Sequence[Update]) -> Iterator[Markup]:
    if updates:
        rows = ((_name(each), _where(each.tracked), _change(each), _step(each), _age(each)) for each in updates)
        yield table("What it changes", ("Dependency", "Where", "Change", "Step", "Released"), rows)


# ---------------------------------------------------------------- updates


def _updates(made: Plan) -> Iterator[Section]:
    branch_of = {id(update): branch for branch in made.branches for update in branch.updates}
    rows = (
        (_name(each), _where(each.tracked), _change(each), _step(each), _age(each), code(branch.name) if branch else "")
        for each in made.updates
        for branch in (branch_of.get(id(each)),)
    )
    columns = ("Dependency", "Where", "Change", "Step", "Released", "Branch")
    yield from _table_section("updates", "Updates", columns, list(rows))


def _name(update: Update) -> Markup:
    tracked = update.tracked
    return link_code(tracked.name, update.offer.policy.source_url or update.source_url)


def link_code(name: str, url: str | None) -> Markup:
    """A name that leads to the project, if that has an address."""
    return link(code(name), url)


def _where(tracked: Tracked) -> Markup:
    found = tracked.dependency
    environment = (" ", chip(found.environment.name)) if found.environment is not None else ()
    return joined((code(f"{file(found)}:{found.line}"), *environment))


def _change(update: Update) -> Markup:
    arrow = tag("span", "→", class_="arrow")
    return joined((code(value(update.tracked.dependency) or "none"), arrow, code(_after(update))))


def _after(update: Update) -> str:
    """What stands in the file afterwards; where that stays, the version that the lock file moves to."""
    offer, found = update.offer, update.tracked.dependency
    digest = f"@{update.new_digest[:19]}…" if update.new_digest else ""
    name = f"{offer.replacement} " if offer.replacement is not None else ""
    locked = f" (locked {offer.version})" if offer.new_value == found.current_value and not digest else ""
    return f"{name}{offer.new_value or ''}{digest}{locked}"


def _step(update: Update) -> Markup:
    return chip(str(update.update_type), _STEP_COLOURS.get(update.update_type))


def _age(update: Update) -> str:
    published = update.offer.release.published
    return update.age_evidence or (f"published {published:%Y-%m-%d}" if published is not None else "")


# ---------------------------------------------------------------- what is not offered


def _held(made: Plan) -> Iterator[Section]:
    columns = ("Dependency", "Where", "Version", "Step", "Why", "Until", "Decided by")
    yield from _table_section("held", "Held", columns, [_held_row(each) for each in made.held])


def _held_row(each: Held) -> tuple[str, ...]:
    step = chip(str(each.update_type), _STEP_COLOURS.get(each.update_type))
    origin = joined((each.rule, " ", code(str(each.origin)))) if each.origin is not None else each.rule
    until = moment(each.until)
    return (code(each.tracked.name), _where(each.tracked), code(each.new_version), step, each.reason, until, origin)


def _frozen(made: Plan) -> Iterator[Section]:
    rows = [
        (each.environment, joined(map(code, each.targets), ", ") or "all of it", each.cause, each.lifted)
        for each in made.freezes
    ]
    note = "What failed after a merge gets nothing more until it is mended."
    yield from _table_section("frozen", "Frozen", ("Environment", "What", "Why", "Until"), rows, note)


def _gone(made: Plan) -> Iterator[Section]:
    rows = [(code(each.tracked.name), _where(each.tracked), code(each.name), each.reason) for each in made.gone]
    yield from _table_section("gone", "In use, and gone", ("Dependency", "Where", "What", "Why"), rows)


def _abandoned(made: Plan) -> Iterator[Section]:
    rows = [(code(each.tracked.name), _where(each.tracked), moment(each.latest)) for each in made.abandoned]
    note = "In use, and without a release for longer than `abandonmentThreshold`."
    yield from _table_section("abandoned", "Abandoned", ("Dependency", "Where", "Latest release"), rows, note)


def _failed(made: Plan) -> Iterator[Section]:
    rows = [(code(each.subject), each.error, _again(each)) for each in made.failed]
    title = "Could not be looked up"
    yield from _table_section("failed", title, ("What", "Why", "Try again"), rows, "Nothing of these was changed.")


def _again(each: Failed) -> str:
    return joined(("from ", moment(each.until))) if each.until is not None else ""


def _rolled_back(made: Plan) -> Iterator[Section]:
    rows = [_stone(found, stone) for found, stones in made.tombstones.items() for stone in stones]
    columns = ("Dependency", "From", "Back to", "By", "When", "Commit", "Where")
    note = "People went back from these; they are not offered again, the next higher ones are."
    yield from _table_section("rolled-back", "Rolled back", columns, list(dict.fromkeys(rows)), note)


def _stone(found: Dependency, stone: Tombstone) -> tuple[str, ...]:
    return (
        code(found.name),
        code(stone.version),
        code(stone.lowered_to),
        stone.author,
        moment(stone.when),
        joined((code(stone.commit[:10]), " ", stone.subject)),
        code(stone.path),
    )


def _after_the_merge(made: Plan) -> Iterator[Section]:
    """What became of merged pull requests where they are deployed."""
    rows = [
        (
            joined((f"{trial.pull.reference} ", trial.pull.title)),
            trial.environment,
            moment(trial.merged),
            str(trial.state),
            moment(trial.since),
            trial.reason,
        )
        for trial in sorted(made.trials, key=lambda trial: trial.merged, reverse=True)
    ]
    columns = ("Pull request", "Where", "Merged", "State", "Healthy since", "Why")
    yield from _table_section("after-the-merge", "After the merge", columns, rows)


def _promotions(made: Plan) -> Iterator[Section]:
    rows = [_promotion(each, each.trial) for each in made.updates if each.trial is not None]
    columns = ("Dependency", "Where", "Change", "Proven in", "Healthy since", "Rule", "By")
    yield from _table_section("promotions", "Promotions", columns, rows)


def _promotion(update: Update, trial: Trial) -> tuple[str, ...]:
    return (
        code(update.tracked.name),
        _where(update.tracked),
        _change(update),
        trial.environment,
        moment(trial.healthy),
        trial.rule,
        link(trial.pull.reference, trial.pull.url),
    )


def _environments(made: Plan) -> Iterator[Section]:
    rows = [
        (each.before, each.after, count(each.pairs, "place"), "declared" if each.declared else "as the layout shows")
        for each in made.pairings
    ]
    note = "An environment is offered what the one before it has proven, where that is declared."
    columns = ("Environment", "Followed by", "In both", "Order")
    yield from _table_section("environments", "Environments", columns, rows, note)


def _timeline(made: Plan) -> Iterator[Section]:
    """What happened and what is to come, by day."""
    moments = {(each.until, f"{each.tracked.name} {each.new_version}", "may be offered") for each in made.held}
    moments |= {(each.until, each.subject, "may be asked again") for each in made.failed}
    moments |= {(each.pull.created, each.pull.title, "opened") for each in made.actions if each.pull is not None}
    moments |= {
        (stone.when, f"{found.name} {stone.version}", "rolled back")
        for found, stones in made.tombstones.items()
        for stone in stones
    }
    dated = sorted((when, what, event) for when, what, event in moments if when is not None)
    rows = [(moment(when), what, event) for when, what, event in dated]
    yield from _table_section("timeline", "Timeline", ("When", "What", "Event"), rows)


# ---------------------------------------------------------------- what there is


def _dependencies(made: Plan) -> Iterator[Section]:
    found = sorted(made.dependencies, key=lambda each: (file(each.dependency), each.dependency.line))
    files = [_file(path, [*rows]) for path, rows in groupby(found, key=lambda each: file(each.dependency))]
    if files:
        yield Section(anchor="dependencies", title="Dependencies", count=len(found), content=joined(files))


def _file(path: str, found: Sequence[Tracked]) -> Markup:
    columns = ("Line", "Dependency", "Version", "Manager", "Datasource")
    return folded(joined((code(path), chip(str(len(found))))), table(path, columns, map(_dependency, found)))


def _dependency(tracked: Tracked) -> tuple[str, ...]:
    found = tracked.dependency
    return (str(found.line), code(tracked.name), code(value(found)), found.manager, tracked.package.datasource)


def _skipped(made: Plan) -> Iterator[Section]:
    rows = [
        (code(f"{file(each)}:{each.line}" if each.line else file(each)), code(name) if name else "", each.reason)
        for each in made.skipped
        for name in (each.name or each.current_value,)
    ]
    if rows:
        shown = folded(f"Show {count(len(rows), 'row')}", table("Not managed", ("Where", "What", "Why"), rows))
        yield Section(anchor="skipped", title="Not managed", count=len(rows), content=shown)


def _problems(made: Plan) -> Iterator[Section]:
    rows = [(each.severity, str(each)) for each in made.problems]
    yield from _table_section("problems", "Configuration", ("Severity", "Problem"), rows)


def _rest(made: Plan) -> Iterator[Section]:
    hosts = [(code(host), str(number)) for host, number in sorted(made.requests.items())]
    stages = [(stage, f"{seconds:.2f}") for stage, seconds in made.seconds.items()]
    tables = [
        *([table("Requests", ("Host", "Requests"), hosts)] if hosts else []),
        *([tag("h3", "Time"), table("Time", ("Stage", "Seconds"), stages)] if stages else []),
    ]
    if tables:
        yield Section(anchor="cost", title="Requests and time", content=joined(tables))


def _table_section(
    anchor: str, title: str, columns: Sequence[str], rows: Sequence[Sequence[str]], note: str | None = None
) -> Iterator[Section]:
    """A section that is a table; none if there is nothing to say."""
    if rows:
        content = joined((*([tag("p", note, class_="note")] if note else []), table(title, columns, rows)))
        yield Section(anchor=anchor, title=title, count=len(rows), content=content)


_SECTIONS: tuple[Callable[[Plan], Iterator[Section]], ...] = (
    _problems,
    _updates,
    _frozen,
    _held,
    _failed,
    _gone,
    _abandoned,
    _rolled_back,
    _after_the_merge,
    _promotions,
    _environments,
    _timeline,
    _dependencies,
    _skipped,
)
