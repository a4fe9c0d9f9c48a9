"""Plans, dependencies and outcomes as JSON: a stable contract for other people's scripts (fields are only added)."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from updater.config import Problem
from updater.model.decide import Abandoned, Decision, Gone, Held, Update
from updater.model.lookup import Failed
from updater.model.plan import Action, Branch, Plan
from updater.model.scan import Dependency
from updater.model.track import Tracked
from updater.publish import Outcome
from updater.report.inventory import Json, readable, skip


def dump(value: object) -> str:
    """Readable JSON in a stable order."""
    return readable(value)


def plan(made: Plan, outcomes: Iterable[Outcome] = ()) -> Json:
    """A plan and, after applying it, what became of it."""
    branch_of = {id(update): branch.name for branch in made.branches for update in branch.updates}
    return {
        "repository": made.repository,
        "base": made.base.name,
        "base_commit": made.base.commit,
        "bases": {base.name: base.commit for base in made.bases},
        "updates": [_update(update, branch_of.get(id(update))) for update in made.updates],
        "held": [_held(each) for each in made.held],
        "gone": [_gone(each) for each in made.gone],
        "abandoned": [_abandoned(each) for each in made.abandoned],
        "failed": [_failed(each) for each in made.failed],
        "freezes": [
            {"environment": each.environment, "targets": list(each.targets), "cause": each.cause, "lifted": each.lifted}
            for each in made.freezes
        ],
        "skipped": [skip(each) for each in made.skipped],
        "branches": [_branch(branch) for branch in made.branches],
        "actions": [_action(action) for action in made.actions],
        "outcomes": [_outcome(outcome) for outcome in outcomes],
        "problems": [problem(each) for each in made.problems],
        "stats": {
            "dependencies": len(made.dependencies),
            "requests": dict(made.requests),
            "seconds": dict(made.seconds),
        },
    }


def outcomes(found: Iterable[Outcome], failed: Iterable[Failed] = ()) -> Json:
    """What became of actions, and what could not even be tried."""
    return {"outcomes": [_outcome(each) for each in found], "failed": [_failed(each) for each in failed]}


def problem(each: Problem) -> Json:
    """A problem of the configuration."""
    return {
        "path": each.path,
        "line": each.line,
        "column": each.column,
        "severity": each.severity,
        "message": each.message,
        "hint": each.hint,
    }


def decisions(
    chain: Mapping[Dependency, Iterable[Decision]], held: Iterable[Held] = (), gone: Iterable[Gone] = ()
) -> list[Json]:
    """The answer to "why", a dependency at a time: each release, what of those is held, and what is not there."""
    held, gone = list(held), list(gone)
    return [
        {
            "base": found.branch,
            "file": found.path,
            "line": found.line,
            "dep_name": found.name,
            "current_value": found.current_value,
            "decisions": [_decision(each) for each in made],
            "held": [_held(each) for each in held if each.tracked.dependency == found],
            "gone": [_gone(each) for each in gone if each.tracked.dependency == found],
        }
        for found, made in chain.items()
    ]


def _decision(each: Decision) -> Json:
    return {
        "subject": each.subject,
        "accepted": each.accepted,
        "rule": each.rule,
        "reason": each.reason,
        "origin": str(each.origin) if each.origin else None,
        "until": _time(each.until),
    }


def _update(update: Update, branch: str | None) -> Json:
    found, offer = update.tracked.dependency, update.offer
    return {
        "base": found.branch,
        "file": found.path,
        "line": found.line,
        "manager": found.manager,
        "dep_name": update.tracked.name,
        "package_name": update.tracked.package.name,
        "datasource": update.tracked.package.datasource,
        "environment": found.environment.name if found.environment else None,
        "current_value": found.current_value,
        "new_value": offer.new_value,
        "new_name": offer.replacement.name if offer.replacement is not None else None,
        "current_version": update.current_version,
        "new_version": offer.version,
        "current_digest": found.current_digest,
        "new_digest": update.new_digest,
        "update_type": str(update.update_type),
        "published": _time(offer.release.published),
        "branch": branch,
    }


def _dependency(tracked: Tracked) -> Json:
    """What is said of every dependency for which there is no update."""
    found = tracked.dependency
    return {
        "base": found.branch,
        "file": found.path,
        "line": found.line,
        "manager": found.manager,
        "dep_name": tracked.name,
        "package_name": tracked.package.name,
        "datasource": tracked.package.datasource,
        "current_value": found.current_value,
    }


def _held(each: Held) -> Json:
    return {
        **_dependency(each.tracked),
        "new_value": each.new_value,
        "new_version": each.new_version,
        "new_digest": each.new_digest,
        "update_type": str(each.update_type),
        "rule": each.rule,
        "reason": each.reason,
        "until": _time(each.until),
        "origin": str(each.origin) if each.origin else None,
    }


def _failed(each: Failed) -> Json:
    return {"subject": each.subject, "error": each.error, "until": _time(each.until)}


def _gone(each: Gone) -> Json:
    return {
        **_dependency(each.tracked),
        "current_digest": each.tracked.dependency.current_digest,
        "name": each.name,
        "reason": each.reason,
    }


def _abandoned(each: Abandoned) -> Json:
    return {
        **_dependency(each.tracked),
        "latest": _time(each.latest),
    }


def _branch(branch: Branch) -> Json:
    return {
        "name": branch.name,
        "base": branch.base.name,
        "title": branch.title,
        "body": branch.body,
        "labels": list(branch.labels),
        "draft": branch.draft,
        "automerge": all(update.offer.policy.automerge for update in branch.updates),
        "fingerprint": branch.fingerprint,
        "files": list(branch.files),
        "targets": [
            {"kind": str(each.kind), "namespace": each.namespace, "name": each.name, "why": each.why}
            | {"environment": each.environment.name if each.environment else None}
            for each in branch.targets
        ],
        "updates": [_update(update, branch.name) for update in branch.updates],
    }


def _action(action: Action) -> Json:
    return {
        "kind": str(action.kind),
        "branch": action.name,
        "push": action.push,
        "reason": action.reason,
        "pull_request": action.pull.number if action.pull else None,
        "statuses": [
            {"name": each.context, "state": str(each.state), "description": each.description}
            for each in action.statuses
        ],
    }


def _outcome(outcome: Outcome) -> Json:
    return {
        **_action(outcome.action),
        "pull_request": outcome.pull.number if outcome.pull else None,
        "url": outcome.pull.url if outcome.pull else None,
        "error": outcome.failed.error if outcome.failed else None,
    }


def _time(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
