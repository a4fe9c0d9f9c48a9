"""Every row of the table for Terraform, from commit statuses as Atlantis writes them."""

from collections.abc import Mapping, Sequence

import pytest

from tests.reconcilers.made import HISTORY, MERGED, expecting
from updater.api import (
    CheckState,
    PlanSummary,
    PlatformError,
    RolloutState,
    Status,
    Target,
    TargetKind,
)
from updater.reconcilers.atlantis import Atlantis, plan_summary, verdict
from updater.reconcilers.trust import Trust

NETWORK = Target(kind=TargetKind.TERRAFORM, name="network")
TWO_TO_ADD = "Plan: 2 to add, 1 to change, 0 to destroy."


def said(context: str, state: str, description: str = "", creator: str = "atlantis-bot") -> Status:
    return Status(
        context=context,
        state=CheckState(state),
        description=description,
        created=MERGED,
        creator=creator,
        url="https://a/1",
    )


def judged(*statuses: Status, merged: bool = True) -> tuple[RolloutState, str]:
    found = verdict(statuses, expecting(NETWORK, is_merged=merged))
    return found.state, found.rule


def test_1_nothing_said() -> None:
    """Without a word from anybody, nothing is known."""
    assert judged() == (RolloutState.UNKNOWN, "terraform 1")
    assert judged(said("ci/test", "success")) == (RolloutState.UNKNOWN, "terraform 1")


def test_2_applying_failed() -> None:
    """A failed apply is a failure, whatever the plan said."""
    found = judged(said("atlantis/plan: network", "success", TWO_TO_ADD), said("atlantis/apply: network", "failure"))
    assert found == (RolloutState.FAILED_SYNC, "terraform 2")


def test_3_applied_and_merged() -> None:
    """Applied is all one can know."""
    found = verdict(
        [said("atlantis/plan: network", "success", TWO_TO_ADD), said("atlantis/apply: network", "success")],
        expecting(NETWORK),
    )
    assert (found.state, found.rule) == (RolloutState.LIVE_UNVERIFIED, "terraform 3")
    assert found.plan == PlanSummary(add=2, change=1)
    assert found.link == "https://a/1"


def test_4_applied_and_not_merged() -> None:
    """What was applied and is not in Git is a finding of its own."""
    found = judged(said("atlantis/apply: network", "success"), merged=False)
    assert found == (RolloutState.APPLIED_UNMERGED, "terraform 4")


def test_5_planning_failed() -> None:
    """A failed plan is a failure of rendering."""
    assert judged(said("atlantis/plan: network", "failure", "Plan failed.")) == (
        RolloutState.FAILED_RENDER,
        "terraform 5",
    )


def test_6_nothing_to_apply() -> None:
    """A plan without changes needs no apply."""
    text = "No changes. Your infrastructure matches the configuration."
    assert judged(said("atlantis/plan: network", "success", text)) == (RolloutState.LIVE_UNVERIFIED, "terraform 6")


def test_7_being_planned() -> None:
    """A pending plan is not there yet."""
    assert judged(said("atlantis/plan: network", "pending", "Plan in progress...")) == (
        RolloutState.SYNCING,
        "terraform 7",
    )


def test_8_merged_and_never_applied() -> None:
    """A merge without an apply changes nothing, and nobody is told."""
    found = verdict([said("atlantis/plan: network", "success", TWO_TO_ADD)], expecting(NETWORK))
    assert (found.state, found.rule) == (RolloutState.NEEDS_APPLY, "terraform 8")
    assert "2 to add, 1 to change" in found.reason


def test_9_planned_and_not_merged() -> None:
    """Before the merge, a plan waits."""
    found = judged(said("atlantis/plan: network", "success", TWO_TO_ADD), merged=False)
    assert found == (RolloutState.WAITING_SYNC, "terraform 9")


def test_a_status_of_all_projects() -> None:
    """The combined status counts for one project if it holds for all of them."""
    assert judged(said("atlantis/apply", "success", "2/2 projects applied successfully."))[1] == "terraform 3"
    assert judged(said("atlantis/apply", "success", "1/2 projects applied successfully."))[1] == "terraform 1"
    assert judged(said("atlantis/apply", "success", "0/0 projects applied successfully."))[1] == "terraform 1"


def test_the_status_of_another_project() -> None:
    """What is said of another project says nothing of this one."""
    assert judged(said("atlantis/apply: dns", "success"))[1] == "terraform 1"


@pytest.mark.parametrize(
    ("description", "summary"),
    [
        ("Plan: 0 to add, 1 to change, 2 to destroy.", PlanSummary(change=1, destroy=2)),
        ("Plan: 1 to import, 3 to add, 0 to change, 0 to destroy.", PlanSummary(add=3, imported=1)),
        ("Plan: 0 to add, 0 to change, 0 to destroy, 2 to forget.", PlanSummary(forget=2)),
        ("No changes. Infrastructure is up-to-date.", PlanSummary()),
        ("1/1 projects planned successfully.", None),
        ("", None),
    ],
)
def test_summaries(description: str, summary: PlanSummary | None) -> None:
    """Every form of Terraform's summary; what is none gives no numbers."""
    assert plan_summary(description) == summary


def test_summaries_in_words() -> None:
    """Numbers of several roots add up; zeros are left out."""
    assert str(PlanSummary(add=1) + PlanSummary(destroy=2)) == "1 to add, 2 to destroy"
    assert str(PlanSummary()) == "no changes"


class Forge:
    def __init__(self, found: Mapping[str, Sequence[Status]]) -> None:
        self.found, self.asked = found, list[Sequence[str]]()

    def statuses(self, commits: Sequence[str]) -> Mapping[str, Sequence[Status]]:
        self.asked.append(commits)
        return {commit: self.found.get(commit, ()) for commit in commits}


async def test_only_trusted_accounts_are_believed() -> None:
    """A status of an account that is not named claims nothing."""
    statuses = [said("atlantis/apply: network", "success", creator="somebody")]
    expected = expecting(NETWORK, head="b" * 40)
    for creators, state in (
        (["atlantis-bot"], RolloutState.UNKNOWN),
        (["Somebody"], RolloutState.LIVE_UNVERIFIED),
        ([], RolloutState.UNKNOWN),
    ):
        reconciler = Atlantis(Forge({"b" * 40: statuses}), Trust.of(creators))
        (found,) = await reconciler.observe([expected], HISTORY)
        assert found.state is state, creators


async def test_one_look_for_all() -> None:
    """All proposed commits are asked about at once, and no commit that is not known."""
    forge = Forge({})
    expectations = [expecting(NETWORK, head=head) for head in ("a" * 40, "b" * 40, "a" * 40, None)]
    await Atlantis(forge, Trust.of(["x"])).observe(expectations, HISTORY)
    assert forge.asked == [["a" * 40, "b" * 40]]


async def test_a_forge_that_fails() -> None:
    """Without an answer nothing is known, and nothing is raised."""

    class Broken(Forge):
        def statuses(self, commits: Sequence[str]) -> Mapping[str, Sequence[Status]]:
            raise PlatformError("the forge is down")

    (found,) = await Atlantis(Broken({}), Trust.of(["x"])).observe([expecting(NETWORK, head="a" * 40)], HISTORY)
    assert (found.state, found.rule) == (RolloutState.UNKNOWN, "terraform 1")
