"""Atlantis, through the commit statuses that it leaves on the forge: no token for it is needed, and it is not asked.

A plan is applied before the merge, so what counts is said of the commit that the pull request proposed. The contexts
are ``<name>/plan`` and ``<name>/apply``, and with a project behind them ``<name>/plan: <project>``; the description of
a project's plan is Terraform's own summary (https://www.runatlantis.io/docs/). Anything else that writes such statuses
(tfcmt, HCP Terraform, a pipeline) is read alike. The rules are those of ``docs/close-the-loop.md``.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple, Protocol

from updater.api import (
    CheckState,
    Expectation,
    History,
    PlanSummary,
    PlatformError,
    RolloutState,
    Status,
    TargetKind,
    Times,
    Verdict,
)
from updater.reconcilers.trust import Trust

_COUNTS = re.compile(r"(\d+) to (add|change|destroy|import|forget)\b")
_NO_CHANGES = re.compile(r"\bno changes\b", re.IGNORECASE)
_SOME_OF_ALL = re.compile(r"\b(\d+)/(\d+) projects\b")


class Statuses(Protocol):
    """Whoever knows what is said of commits: a platform."""

    def statuses(self, commits: Sequence[str], /) -> Mapping[str, Sequence[Status]]:
        """What is said of each."""
        ...


class _Said(NamedTuple):
    """What is said of one root: by a project's own statuses or, without them, by those of all projects together."""

    plan: Status | None
    apply: Status | None


def plan_summary(description: str) -> PlanSummary | None:
    """The numbers in a plan's summary; all zero for one without changes, None for what is no summary."""
    counts = {word: int(number) for number, word in _COUNTS.findall(description)}
    if not counts:
        return PlanSummary() if _NO_CHANGES.search(description) else None
    return PlanSummary(
        add=counts.get("add", 0),
        change=counts.get("change", 0),
        destroy=counts.get("destroy", 0),
        imported=counts.get("import", 0),
        forget=counts.get("forget", 0),
    )


def verdict(statuses: Iterable[Status], expected: Expectation, name: str = "atlantis") -> Verdict:
    """What trusted statuses of the proposed commit say about one root."""
    said = _said(list(statuses), name, expected.target.name)
    plan = plan_summary(said.plan.description) if said.plan is not None else None
    state, rule, reason = _judged(said, plan, is_merged=expected.is_merged)
    deciding = said.apply or said.plan
    done = said.apply.created if said.apply is not None and said.apply.state is CheckState.SUCCESS else None
    return Verdict(
        state=state,
        rule=f"terraform {rule}",
        reason=reason,
        evidence=tuple((each.context, f"{each.state}: {each.description}") for each in said if each is not None),
        link=deciding.url if deciding is not None else None,
        since=deciding.created if deciding is not None else None,
        times=Times(started=said.plan.created if said.plan is not None else None, deployed=done),
        plan=plan,
    )


def _judged(said: _Said, plan: PlanSummary | None, *, is_merged: bool) -> tuple[RolloutState, int, str]:  # noqa: PLR0911 - the rows of a table
    if said.plan is None and said.apply is None:
        return RolloutState.UNKNOWN, 1, "nobody who is trusted has said anything about a plan"
    if said.apply is not None and said.apply.state is CheckState.FAILURE:
        return RolloutState.FAILED_SYNC, 2, f"applying failed: {said.apply.description}"
    if said.apply is not None and said.apply.state is CheckState.SUCCESS:
        if is_merged:
            return RolloutState.LIVE_UNVERIFIED, 3, "applied; nobody looks at the health of what Terraform made"
        return RolloutState.APPLIED_UNMERGED, 4, "it was applied, but is not merged"
    if said.plan is not None and said.plan.state is CheckState.FAILURE:
        return RolloutState.FAILED_RENDER, 5, f"planning failed: {said.plan.description}"
    if plan is not None and plan.is_empty:
        return RolloutState.LIVE_UNVERIFIED, 6, "there is nothing to apply"
    if said.plan is not None and said.plan.state is CheckState.PENDING:
        return RolloutState.SYNCING, 7, "it is being planned"
    if is_merged:
        return RolloutState.NEEDS_APPLY, 8, f"it was merged, but never applied ({plan or 'no summary'})"
    return RolloutState.WAITING_SYNC, 9, f"it is planned, and waits for somebody to apply it ({plan or 'no summary'})"


def _said(statuses: Sequence[Status], name: str, project: str) -> _Said:
    return _Said(*(_latest(statuses, name, command, project) for command in ("plan", "apply")))


def _latest(statuses: Sequence[Status], name: str, command: str, project: str) -> Status | None:
    """The project's own status, else the one for all projects, which counts for one only if it holds for all."""
    own = next((each for each in statuses if each.context == f"{name}/{command}: {project}"), None)
    if own is not None:
        return own
    together = next((each for each in statuses if each.context == f"{name}/{command}"), None)
    return together if together is not None and _is_about_all(together) else None


def _is_about_all(status: Status) -> bool:
    counts = _SOME_OF_ALL.search(status.description)
    return counts is None or status.state is not CheckState.SUCCESS or counts[1] == counts[2] != "0"


class Atlantis:
    """Atlantis as the forge knows it. ``name`` is the first part of its contexts."""

    NAME = "atlantis"
    KINDS = frozenset({TargetKind.TERRAFORM})

    def __init__(self, forge: Statuses, trust: Trust, name: str = "atlantis") -> None:
        self._forge, self._trust, self._name = forge, trust, name

    async def observe(self, expectations: Sequence[Expectation], _history: History, /) -> Sequence[Verdict]:
        """A verdict on each expectation, by one look at all proposed commits."""
        heads = list(dict.fromkeys(each.head for each in expectations if each.head is not None))
        try:
            said = self._forge.statuses(heads) if heads else {}
        except PlatformError as error:
            unseen = Verdict(state=RolloutState.UNKNOWN, rule="terraform 1", reason=f"no statuses: {error}")
            return [unseen] * len(expectations)
        return [verdict(self._trust.believed(said.get(each.head or "", ())), each, self._name) for each in expectations]
