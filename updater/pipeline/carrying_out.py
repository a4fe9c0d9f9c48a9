"""Writing what a plan says."""

from collections.abc import Iterable, Iterator, Sequence

from updater import dashboard, publish
from updater.api import Platform
from updater.dashboard import Dashboard
from updater.errors import PlatformError
from updater.inventory import Progress
from updater.model.lookup import Failed
from updater.model.plan import Action, ActionKind, Plan


def carry_out(plan: Plan, platform: Platform, progress: Progress) -> list[publish.Outcome]:
    """Write what the plan says. Failures of single branches are outcomes; the others go on."""
    progress("publishing")
    acting = platform.acting_as(plan.identity)
    outcomes = publish.apply(plan.actions, acting)
    if plan.dashboard is not None:
        outcomes += _write_dashboard(plan.dashboard, plan, outcomes, acting)
    return outcomes


def _write_dashboard(
    board: Dashboard, plan: Plan, outcomes: Sequence[publish.Outcome], platform: Platform
) -> Iterator[publish.Outcome]:
    try:
        dashboard.write(board, plan, outcomes, platform)
    except PlatformError as error:
        action = Action(kind=ActionKind.LEAVE, name=board.title, reason="")
        yield publish.Outcome(action=action, failed=Failed(subject=board.title, error=str(error)))


def something_failed(plan: Plan, outcomes: Iterable[publish.Outcome]) -> bool:
    """Whether the exit code must say so."""
    return bool(plan.failed) or any(outcome.failed is not None for outcome in outcomes)
