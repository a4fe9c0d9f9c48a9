"""The dashboard: one issue that lists what is open, waiting, held back or failed, with boxes to tick. Pure.

The same facts make the same text, so that an issue is written only when something changed. Boxes have the form that
:mod:`updater.orders` reads.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from updater.failures import Freeze
from updater.model.decide import Abandoned, Held
from updater.model.history import Tombstone
from updater.model.lookup import Failed
from updater.model.plan import Action, ActionKind, Cause, Plan
from updater.model.scan import Dependency
from updater.orders import ALL_BRANCHES, box, forgiven_block, forgiveness_box, forgiveness_of
from updater.publish import Outcome
from updater.report.inventory import file, value
from updater.report.pull_request import code
from updater.rollout import Trial

_SHOWN = 50
"""How many rows a table has at the most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """What the configuration says of the text; ``limit`` is in characters.

    Whether it tells what could not be looked up (``tells_failures``), and what is abandoned.
    """

    header: str | None
    footer: str | None
    limit: int
    tells_failures: bool = True
    tells_abandoned: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class _Section:
    """Branches in the same situation. ``kind`` is that of their boxes; there are none where nothing can be done."""

    title: str
    text: str
    kind: str | None


_SECTIONS: Mapping[Cause, _Section] = {
    Cause.APPROVAL: _Section(
        title="Waiting for approval", text="These are made once their boxes are ticked.", kind="approve"
    ),
    Cause.REQUEST_APPROVAL: _Section(
        title="Waiting for a pull request", text="Their branches are there; a tick opens the request.", kind="approvePr"
    ),
    Cause.CHECKS: _Section(
        title="Waiting for checks", text="The pull requests follow the checks; a tick opens them now.", kind="approvePr"
    ),
    Cause.AUTOMERGE: _Section(
        title="To be merged without a pull request",
        text="As soon as their checks have passed; a tick opens a pull request instead.", kind="approvePr",
    ),
    Cause.SCHEDULE: _Section(
        title="Outside their schedule", text="A tick opens them now.", kind="unschedule"
    ),
    Cause.LIMIT: _Section(
        title="Held back by limits", text="They follow as soon as there is room; a tick opens them now.", kind="unlimit"
    ),
    Cause.GROUP_SIZE: _Section(
        title="Groups that are too small", text="They wait for company; a tick opens them as they are.", kind="approve"
    ),
    Cause.FOREIGN: _Section(
        title="With commits of people",
        text="These are left alone. A tick makes the branch anew, **without those commits**.",
        kind="rebase",
    ),
    Cause.FROZEN: _Section(
        title="Frozen by a failure", text="An update failed where these would go; a tick opens them all the same.",
        kind="approve",
    ),
    Cause.LOCKED: _Section(
        title="Waiting for a Terraform root", text="One pull request at a time can be planned; a tick opens them now.",
        kind="approve",
    ),
    Cause.STOPPED: _Section(title="Stopped by a label", text="These are left as they are.", kind=None),
    Cause.DECLINED: _Section(
        title="Declined", text="Closed unmerged, and not offered again; a tick proposes them anew.", kind="recreate"
    ),
}  # fmt: skip


def dashboard(
    plan: Plan,
    outcomes: Iterable[Outcome],
    *,
    style: Style,
    kept: Mapping[str, frozenset[str]],
    forgiven: frozenset[str],
) -> str:
    """The body of the issue. ``kept`` are ticks that nobody has acted on yet: branch → kinds of boxes."""
    done = {outcome.action.name: outcome for outcome in outcomes}
    sections = [
        *_text_of(style.header or "What this tool has done here, and what it waits for. Boxes may be ticked."),
        *_problems(plan),
        *_failed_branches(done, kept),
        *_waiting(plan, kept),
        *_open(plan, done, kept),
        *_declined(plan, kept),
        *_after_the_merge(plan),
        *_held(plan.held),
        *_gone(plan),
        *(_abandoned(plan.abandoned) if style.tells_abandoned else ()),
        *_rolled_back(plan.tombstones, forgiven),
        *(_lookups(plan.failed) if style.tells_failures else ()),
    ]
    tail = [*_text_of(style.footer), *([forgiven_block(forgiven)] if forgiven else [])]
    return _within(style.limit, sections, list(_dependencies(plan)), tail)


def is_idle(plan: Plan) -> bool:
    """Whether there is nothing that anybody could do something about."""
    return not plan.branches and not plan.failed and not plan.problems and not plan.gone


def _text_of(text: str | None) -> Iterator[str]:
    if text:
        yield text


def _within(limit: int, sections: Sequence[str], dependencies: Sequence[str], tail: Sequence[str]) -> str:
    """All of it; where that is too long, less of the list of dependencies, which is the least news."""
    for shown in range(len(dependencies), -1, -1):
        rest = [f"and {len(dependencies) - shown} more files"] if shown < len(dependencies) else []
        listed = _folded("Detected dependencies", [*dependencies[:shown], *rest]) if dependencies else []
        text = "\n\n".join((*sections, *listed, *tail)) + "\n"
        if len(text) <= limit:
            return text
    return text[: limit - 1] + "\n"


def _folded(title: str, lines: Iterable[str]) -> list[str]:
    return [f"<details><summary>{title}</summary>", "\n".join(lines), "</details>"]


# ---------------------------------------------------------------- branches


def _waiting(plan: Plan, kept: Mapping[str, frozenset[str]]) -> Iterator[str]:
    for cause, section in _SECTIONS.items():
        if cause is not Cause.DECLINED:
            yield from _section(section, [action for action in plan.actions if action.cause is cause], kept)


def _declined(plan: Plan, kept: Mapping[str, frozenset[str]]) -> Iterator[str]:
    declined = [action for action in plan.actions if action.cause is Cause.DECLINED]
    yield from _section(_SECTIONS[Cause.DECLINED], declined, kept)


def _section(section: _Section, actions: Sequence[Action], kept: Mapping[str, frozenset[str]]) -> Iterator[str]:
    if not actions:
        return
    lines = [(action, _line(action, section.kind, kept, f": {action.reason}")) for action in actions]
    listed = "\n".join((*_by_category(lines), *_for_all(section.kind, len(actions))))
    yield f"## {section.title}\n\n{section.text}\n\n{listed}"


def _by_category(lines: Sequence[tuple[Action, str]]) -> Iterator[str]:
    """The lines below the headings that ``dependencyDashboardCategory`` gives them; the rest comes last."""
    categories = [(_category(action), line) for action, line in lines]
    names = sorted({name for name, _ in categories if name})
    for name in (*names, ""):
        chosen = [line for category, line in categories if category == name]
        if names and chosen:
            yield f"### {' '.join(name.split()) or 'Others'}\n"
        yield from chosen
        if name and chosen:
            yield ""


def _category(action: Action) -> str:
    updates = action.branch.updates if action.branch is not None else ()
    found = (update.offer.policy.dependency_dashboard_category for update in updates)
    return next(filter(None, found), "")


def _line(action: Action, kind: str | None, kept: Mapping[str, frozenset[str]], rest: str = "") -> str:
    title = code(action.branch.title if action.branch is not None else action.name)
    number = f"#{action.pull.number} " if action.pull is not None else ""
    tick = box(kind, action.name, ticked=kind in kept.get(action.name, ())) if kind is not None else "- "
    return f"{tick}{number}{title}{rest}"


def _for_all(kind: str | None, count: int) -> Iterator[str]:
    name = next((name for name, each in ALL_BRANCHES.items() if each == kind), None)
    if name is not None and count > 1:
        yield f"- [ ] <!-- {name} -->**All of them**"


def _failed_branches(done: Mapping[str, Outcome], kept: Mapping[str, frozenset[str]]) -> Iterator[str]:
    failed = [outcome for outcome in done.values() if outcome.failed is not None]
    if not failed:
        return
    lines = [_line(each.action, "retry", kept, f": {code(each.failed.error)}") for each in failed if each.failed]
    yield "## Failed\n\nThe next run tries again; a tick makes the branch anew.\n\n" + "\n".join(lines)


def _open(plan: Plan, done: Mapping[str, Outcome], kept: Mapping[str, frozenset[str]]) -> Iterator[str]:
    lines = []
    for action in plan.actions:
        outcome = done.get(action.name)
        pull = outcome.pull if outcome is not None and outcome.pull is not None else action.pull
        is_apart = action.cause in _SECTIONS or action.kind in (ActionKind.CLOSE, ActionKind.MERGE)
        if pull is not None and action.branch is not None and not is_apart:
            title = code(action.branch.title)
            tick = box("rebase", action.name, ticked="rebase" in kept.get(action.name, ()))
            lines.append((action, f"{tick}#{pull.number} {title}{_why_open(action)}"))
    if lines:
        text = "## Open\n\nA tick makes the branch anew from its base.\n\n"
        yield text + "\n".join((*_by_category(lines), *_for_all("rebase", len(lines))))


def _why_open(action: Action) -> str:
    return f": {action.reason}" if action.cause in (Cause.NOT_MERGED, Cause.DOUBT) else ""


def _after_the_merge(plan: Plan) -> Iterator[str]:
    """What became of merged pull requests where they are deployed: what is still on its way, and what has failed."""
    found = [trial for trial in plan.trials if not trial.state.is_final]
    frozen = [f"- **Frozen**: {_frozen(each)}: {code(each.cause)}. {code(each.lifted)}" for each in plan.freezes]
    rows = [_trial(trial) for trial in sorted(found, key=lambda trial: trial.merged, reverse=True)[:_SHOWN]]
    if rows or frozen:
        table = ["| What | Where | State | Why |", "|---|---|---|---|", *rows] if rows else []
        yield "## After the merge\n\n" + "\n\n".join("\n".join(part) for part in (frozen, table) if part)


def _frozen(freeze: Freeze) -> str:
    return ", ".join(map(code, freeze.targets)) or code(freeze.environment)


def _trial(trial: Trial) -> str:
    what = f"{trial.pull.reference} {code(trial.pull.title)}"
    return f"| {what} | {code(trial.environment)} | {_state(trial)} | {code(trial.reason)} |"


def _state(trial: Trial) -> str:
    since = f" since {trial.since:%Y-%m-%d %H:%M} UTC" if trial.since is not None else ""
    return f"**{trial.state}**" if trial.state.is_failure else f"{trial.state}{since}"


# ---------------------------------------------------------------- the rest


def _problems(plan: Plan) -> Iterator[str]:
    if plan.problems:
        lines = [f"- {code(str(problem))}" for problem in plan.problems[:_SHOWN]]
        yield "## Configuration\n\n" + "\n".join(lines)


def _held(held: Sequence[Held]) -> Iterator[str]:
    rows = sorted({(each.tracked.name, each.new_version, _reason(each)) for each in held})
    if rows:
        cells = [f"| {code(name)} | {code(version)} | {reason} |" for name, version, reason in rows[:_SHOWN]]
        rest = [f"| and {len(rows) - _SHOWN} more | | |"] if len(rows) > _SHOWN else []
        yield "## Held\n\n" + "\n".join(("| What | Version | Why |", "|---|---|---|", *cells, *rest))


def _reason(held: Held) -> str:
    until = f" (until {held.until:%Y-%m-%d %H:%M} UTC)" if held.until is not None else ""
    return f"{code(held.reason)}{until}"


def _gone(plan: Plan) -> Iterator[str]:
    if plan.gone:
        lines = sorted({f"- {code(each.tracked.name)} {code(each.name)}: {code(each.reason)}" for each in plan.gone})
        text = "## Gone\n\nThese are in use, and their registries do not have them any more.\n\n"
        yield text + "\n".join(lines[:_SHOWN])


def _abandoned(abandoned: Sequence[Abandoned]) -> Iterator[str]:
    if abandoned:
        rows = sorted({f"| {code(each.tracked.name)} | {each.latest:%Y-%m-%d} |" for each in abandoned})
        text = (
            "## Abandoned\n\nThese are in use, and their latest release is longer ago than `abandonmentThreshold`.\n\n"
        )
        yield text + "\n".join(("| What | Latest release |", "|---|---|", *rows[:_SHOWN]))


def _rolled_back(tombstones: Mapping[Dependency, Sequence[Tombstone]], forgiven: frozenset[str]) -> Iterator[str]:
    stones = {
        forgiveness_of(found.package, stone.version): (found, stone)
        for found, decided in tombstones.items()
        for stone in decided
    }
    lines = [
        f"{forgiveness_box(key)}{code(found.name)} {code(stone.version)}, by {code(stone.author)} on "
        f"{stone.when:%Y-%m-%d} ({stone.commit[:10]} in {code(stone.path)})"
        for key, (found, stone) in sorted(stones.items())
        if key not in forgiven
    ]
    if lines:
        text = "## Rolled back\n\nSomebody went back from these; they are not offered again. A tick forgives them.\n\n"
        yield text + "\n".join(lines[:_SHOWN])


def _lookups(failed: Sequence[Failed]) -> Iterator[str]:
    if failed:
        lines = [f"- {code(each.subject)}: {code(each.error)}" for each in failed[:_SHOWN]]
        rest = [f"- and {len(failed) - _SHOWN} more"] if len(failed) > _SHOWN else []
        yield "## Could not be asked\n\nNothing is closed or changed for it.\n\n" + "\n".join((*lines, *rest))


def _dependencies(plan: Plan) -> Iterator[str]:
    """One entry a file, with what stands in it."""
    found = sorted({(each.dependency.manager, file(each.dependency)) for each in plan.dependencies})
    by_place: dict[tuple[str, str], list[Dependency]] = {}
    for tracked in plan.dependencies:
        by_place.setdefault((tracked.dependency.manager, file(tracked.dependency)), []).append(tracked.dependency)
    for manager, places in groupby(found, key=lambda place: place[0]):
        for place in places:
            names = dict.fromkeys(f"{code(each.name)} {code(value(each))}" for each in by_place[place])
            yield f"- {manager} {code(place[1])}: {', '.join(names)}"
