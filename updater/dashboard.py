"""The dashboard as an issue: what people ticked on it is read before a run plans, its text is written afterwards."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from updater.api import Platform
from updater.config import Config, Policy
from updater.model.forge import Issue
from updater.model.plan import Plan
from updater.orders import Orders, forgiven_of, of_dashboard, ticked_boxes
from updater.publish import Outcome
from updater.report.dashboard import Style, dashboard, is_idle


@dataclass(frozen=True, slots=True, kw_only=True)
class Dashboard:
    """The issue as it was when the run began (None: there was none), and how it is to look."""

    title: str
    labels: tuple[str, ...]
    style: Style
    closes_when_idle: bool
    issue: Issue | None

    @property
    def orders(self) -> Orders:
        """What people asked for."""
        return of_dashboard(self.issue.body if self.issue is not None else "")

    @property
    def forgiven(self) -> frozenset[str]:
        """Which rollbacks were forgiven."""
        return forgiven_of(self.issue.body if self.issue is not None else "")


def read(platform: Platform, config: Config, policies: Iterable[Policy]) -> Dashboard | None:
    """The dashboard, if the configuration wants one: in so many words, or because something awaits approval there."""
    options = config.repository
    needs_one = (each.dependency_dashboard_approval or each.pr_creation == "approval" for each in policies)
    if not options.dependency_dashboard and not any(needs_one):
        return None
    return Dashboard(
        title=options.dependency_dashboard_title,
        labels=options.dependency_dashboard_labels,
        style=Style(
            header=options.dependency_dashboard_header,
            footer=options.dependency_dashboard_footer,
            limit=platform.BODY_LIMIT,
            tells_failures="dependencyLookupWarnings" not in options.suppress_notifications,
            tells_abandoned=options.dependency_dashboard_report_abandonment,
        ),
        closes_when_idle=options.dependency_dashboard_autoclose,
        issue=platform.find_issue(options.dependency_dashboard_title),
    )


def rendered(board: Dashboard, plan: Plan) -> str | None:
    """What the issue says before anything of the plan is carried out; None where it is to be closed, or not opened."""
    return None if board.closes_when_idle and is_idle(plan) else _body(board, board, plan, ())


def write_rendered(platform: Platform, config: Config, body: str | None) -> None:
    """Bring the issue to a text that was rendered before. Raises ``PlatformError``."""
    options = config.repository
    issue = platform.find_issue(options.dependency_dashboard_title)
    if body is not None:
        labels = options.dependency_dashboard_labels
        platform.write_issue(issue, title=options.dependency_dashboard_title, body=body, labels=labels)
    elif issue is not None:
        platform.close_issue(issue)


def write(board: Dashboard, plan: Plan, outcomes: Iterable[Outcome], platform: Platform) -> Issue | None:
    """Bring the issue up to date; nothing is written if it is. Raises ``PlatformError``.

    Whatever is ticked while the run goes on stays ticked, for the next one.
    """
    outcomes = list(outcomes)
    if board.closes_when_idle and is_idle(plan):
        if board.issue is not None:
            platform.close_issue(board.issue)
        return None
    if board.issue is not None and _body(board, board, plan, outcomes) == board.issue.body:
        return board.issue
    latest = replace(board, issue=platform.find_issue(board.title))
    body = _body(board, latest, plan, outcomes)
    if latest.issue is not None and latest.issue.body == body:
        return latest.issue
    return platform.write_issue(latest.issue, title=board.title, body=body, labels=board.labels)


def _body(before: Dashboard, latest: Dashboard, plan: Plan, outcomes: Iterable[Outcome]) -> str:
    known = ticked_boxes(before.issue.body) if before.issue is not None else {}
    ticked = ticked_boxes(latest.issue.body) if latest.issue is not None else {}
    kept = {branch: kinds - known.get(branch, frozenset()) for branch, kinds in ticked.items()}
    return dashboard(plan, outcomes, style=before.style, kept=kept, forgiven=latest.forgiven)
