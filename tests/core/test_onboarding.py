"""How a repository without a configuration begins."""

from dataclasses import replace

import pytest

from updater.model.forge import Base, PullRequest, PullRequestState, RemoteBranch
from updater.model.plan import ActionKind, Branch
from updater.onboarding import Stage, Start, action_for, branch_of, draft, stage_of

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


def test_the_text_of_an_edited_file_is_kept_up_to_date() -> None:
    """The pull request tells what people's file would do; the branch stays theirs."""
    remote = RemoteBranch(name=BRANCH.name, commit="c" * 40, parent=None, ours=False, files={"a": "x"})
    told = replace(pull(PullRequestState.OPEN), body="old")
    action = action_for(BRANCH, Start(stage=Stage.OPEN, pull=told, remote=remote))

    assert (action.kind, action.push) == (ActionKind.REFRESH, False)


def test_only_what_is_there_can_be_chosen() -> None:
    """A box that somebody made up, or that is not ticked, narrows nothing."""
    body = "- [x] <!-- start=apps/a%20b --> a\n- [ ] <!-- start=apps/c -->\n- [x] <!-- start=../etc -->\n"
    start = Start(stage=Stage.OPEN, pull=replace(pull(PullRequestState.OPEN), body=body), remote=None)
    assert start.chosen(["apps/a b", "apps/c"]) == ("apps/a b",)
    assert '"apps/a b/**"' in draft("updater/", start.chosen(["apps/a b", "apps/c"])).text


def test_the_prefix_is_that_of_all_branches() -> None:
    """Whoever keeps Renovate's names keeps this one, too."""
    assert branch_of("renovate/") == "renovate/configure"
