"""How a repository without a configuration begins."""

import pytest

from updater.model import ActionKind, Base, Branch, PullRequest, PullRequestState, RemoteBranch
from updater.onboarding import Stage, Start, action_for, branch_of, stage_of

BRANCH = Branch(
    name="updater/configure",
    base=Base("main", "b" * 40),
    title="Configure",
    body="Hello",
    updates=(),
    files={"a": "1"},
    fingerprint="f",
)


def pull(state: PullRequestState) -> PullRequest:
    return PullRequest(number=1, branch=BRANCH.name, base="main", title="Configure", body="Hello", state=state)


@pytest.mark.parametrize(
    ("states", "stage"),
    [
        ((), Stage.OPEN),
        ((PullRequestState.OPEN,), Stage.OPEN),
        ((PullRequestState.CLOSED,), Stage.DECLINED),
        ((PullRequestState.OPEN, PullRequestState.CLOSED), Stage.OPEN),
        ((PullRequestState.CLOSED, PullRequestState.MERGED), Stage.ACTIVE),
    ],
)
def test_people_decide(states: tuple[PullRequestState, ...], stage: Stage) -> None:
    """Merged once, it is active, also when the file is gone again; reopened, it is open."""
    assert stage_of([pull(state) for state in states]) is stage


def test_a_branch_of_others_is_left_alone() -> None:
    """Whoever edits the file on the branch keeps what he wrote."""
    remote = RemoteBranch(
        name=BRANCH.name, commit="c" * 40, parent=None, ours=False, fingerprint=None, files={"a": "x"}
    )
    action = action_for(BRANCH, Start(stage=Stage.OPEN, pull=pull(PullRequestState.OPEN), remote=remote))

    assert (action.kind, action.push) == (ActionKind.LEAVE, False)


def test_the_prefix_is_that_of_all_branches() -> None:
    """Whoever keeps Renovate's names keeps this one, too."""
    assert branch_of("renovate/") == "renovate/configure"
