"""Planning with an eye on where it would be deployed: failures, trials, and Terraform's plans and locks."""

from dataclasses import replace

import pytest

from tests.core.test_publish import NAME, NOW, branch, pull, remote
from updater.config import Policy
from updater.model.forge import CheckState, MergeStrategy, PullRequestState, Status
from updater.model.plan import Action, ActionKind, Branch, Cause
from updater.orders import HOLD_LABEL, Orders
from updater.publish import Doubts, Forge, Situation, plan, watched
from updater.reconcilers.trust import Trust
from updater.rollout import Target, TargetKind

AUTOMERGE = Policy(automerge=True, ignore_tests=True)
APP = Target(kind=TargetKind.APPLICATION, name="shop", namespace="argocd")
ROOT = Target(kind=TargetKind.TERRAFORM, name="network/default")
HERE = Situation(now=NOW)


def going_to(target: Target, name: str = NAME, policy: Policy = AUTOMERGE) -> Branch:
    return replace(branch(name, policy=policy), targets=(target,))


def opened(*branches: Branch, statuses: tuple[Status, ...] = (), labels: tuple[str, ...] = ()) -> Forge:
    remotes = [remote(each) for each in branches]
    return Forge(
        branches=remotes,
        pulls=[replace(pull(each), labels=labels) for each in branches],
        statuses={each.commit: statuses for each in remotes},
    )


def acted(branches: list[Branch], forge: Forge, situation: Situation = HERE) -> list[Action]:
    return plan(branches, forge, situation, Doubts())


def status(context: str, description: str, state: CheckState = CheckState.SUCCESS) -> Status:
    return Status(context=context, state=state, description=description)


def test_nothing_is_in_the_way() -> None:
    """Without anything known of the application, it is merged as ever."""
    (action,) = acted([going_to(APP)], opened(going_to(APP)))
    assert (action.kind, action.merge) == (ActionKind.MERGE, MergeStrategy.AUTO)


def test_frozen() -> None:
    """What is frozen is not made and not merged, with the cause; people can order it all the same."""
    made, here = going_to(APP), replace(HERE, frozen={NAME: "frozen: shop 2 failed"})
    (new,) = acted([made], Forge(branches=[], pulls=[]), here)
    assert (new.kind, new.cause, new.reason) == (ActionKind.HOLD, Cause.FROZEN, "frozen: shop 2 failed")
    (kept,) = acted([made], opened(made), here)
    assert kept.reason == "up to date; not merged: frozen: shop 2 failed"
    (forced,) = acted([made], Forge(branches=[], pulls=[]), replace(here, orders=Orders(forced=frozenset({NAME}))))
    assert forced.kind is ActionKind.CREATE


def test_one_unproven_update_at_a_time() -> None:
    """Into an application with something on trial nothing is merged; of two, one is."""
    made, other = going_to(APP), going_to(APP, "updater/y-1.x")
    (waits,) = acted([made], opened(made), replace(HERE, on_trial={APP.full_name: "#3 is live, and not proven yet"}))
    assert waits.reason == "up to date; not merged: #3 is live, and not proven yet"
    first, second = acted([made, replace(other, files={"b.yaml": "1"})], _both(made, other))
    assert first.kind is ActionKind.MERGE
    assert "is merged into it now" in second.reason


def _both(made: Branch, other: Branch) -> Forge:
    return opened(made, replace(other, files={"b.yaml": "1"}))


def test_the_label_that_holds() -> None:
    """A person can keep a pull request from being merged by a label."""
    (action,) = acted([going_to(APP)], opened(going_to(APP), labels=(HOLD_LABEL,)))
    assert action.reason == "up to date; not merged: it has the label updater/hold"


@pytest.mark.parametrize(
    ("description", "reason"),
    [
        ("Plan: 1 to add, 0 to change, 2 to destroy.", "its plan destroys something (1 to add, 2 to destroy)"),
        ("Plan: 1 to add, 0 to change, 0 to destroy.", "its plan has not been applied"),
    ],
)
def test_plans(description: str, reason: str) -> None:
    """A plan that destroys is never merged automatically, nor one that has not been applied where that comes first."""
    made = going_to(ROOT)
    said = (status("atlantis/plan: network/default", description),)
    (action,) = acted([made], opened(made, statuses=said), replace(HERE, locks_roots=True))
    assert action.kind is ActionKind.LEAVE
    assert action.reason.endswith(f"; not merged: {reason}")
    assert "; plan: 1 to add" in action.reason


def test_an_applied_plan() -> None:
    """What has been applied is merged."""
    made = going_to(ROOT)
    said = (status("atlantis/plan: x", "Plan: 1 to add, 0 to change, 0 to destroy."), status("atlantis/apply: x", ""))
    (action,) = acted([made], opened(made, statuses=said), replace(HERE, locks_roots=True))
    assert action.kind is ActionKind.MERGE


def test_an_apply_that_somebody_else_claims() -> None:
    """Where it is named who applies, nobody else's word counts: neither that it is done, nor what it would do."""
    made = going_to(ROOT)
    said = (status("atlantis/plan: x", "Plan: 1 to add, 0 to change, 0 to destroy."), status("atlantis/apply: x", ""))
    for name, kind in (("atlantis-bot", ActionKind.MERGE), ("another", ActionKind.LEAVE)):
        claimed = tuple(replace(each, creator="atlantis-bot") for each in said)
        here = replace(HERE, locks_roots=True, planners=Trust.of([name]))
        (action,) = acted([made], opened(made, statuses=claimed), here)
        assert action.kind is kind


def test_the_plan_is_on_the_row() -> None:
    """Whoever reads the report sees what the plan says, without automerge, too; nobody is asked where nobody plans."""
    made = going_to(ROOT, policy=Policy())
    forge = opened(made, statuses=(status("atlantis/plan: x", "Plan: 0 to add, 3 to change, 0 to destroy."),))
    (action,) = acted([made], forge)
    assert action.reason == "up to date; plan: 3 to change"
    assert watched([made], forge, replace(HERE, locks_roots=True)) == (forge.branches[0].commit,)
    assert watched([made], forge, HERE) == ()


def test_one_pull_request_for_each_root() -> None:
    """A plan locks its root: the second pull request waits for the first, whether that is open or is opened now."""
    one, two = going_to(ROOT, policy=Policy()), going_to(ROOT, "updater/y-1.x", Policy())
    here = replace(HERE, locks_roots=True)
    first, second = acted([one, two], Forge(branches=[], pulls=[]), here)
    assert (first.kind, second.kind, second.cause) == (ActionKind.CREATE, ActionKind.HOLD, Cause.LOCKED)
    held, _ = acted([two, one], opened(one), here)
    assert held.cause is Cause.LOCKED
    assert [each.kind for each in acted([one, two], Forge(branches=[], pulls=[]))] == [ActionKind.CREATE] * 2
    merged = Forge(branches=[], pulls=[pull(one, PullRequestState.MERGED)])
    assert acted([two], merged, here)[0].kind is ActionKind.CREATE
