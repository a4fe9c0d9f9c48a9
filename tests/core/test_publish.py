"""Planning what to publish."""

from collections.abc import Collection, Sequence
from dataclasses import replace

import pytest

from tests.core.made import update
from updater.model import Action, ActionKind, Branch, PullRequest, PullRequestState, RemoteBranch
from updater.publish import Doubts, Forge, Limits, Rebase, blob_id, plan, refusal
from updater.report.marker import marker_of

BASE = "b" * 40
NAME = "updater/x-1.x"


def branch(name: str = NAME, title: str = "Update x", new_value: str = "1.1.0") -> Branch:
    updates = (update(new_value),)
    return Branch(
        name=name,
        title=title,
        body=f"Hello\n{marker_of('f', updates)}\n",
        updates=updates,
        files={"a.yaml": new_value},
        fingerprint="f",
    )


def remote(of: Branch | None = None, *, ours: bool = True, name: str = NAME, text: str = "1.1.0") -> RemoteBranch:
    files = {path: blob_id(content) for path, content in of.files.items()} if of else {"a.yaml": blob_id(text)}
    return RemoteBranch(name=name, commit="c" * 40, parent=BASE, ours=ours, fingerprint="f", files=files)


def pull(of: Branch, state: PullRequestState = PullRequestState.OPEN, number: int = 1) -> PullRequest:
    return PullRequest(number=number, branch=of.name, base="main", title=of.title, body=of.body, state=state)


def planned(
    branches: Sequence[Branch] = (),
    remotes: Sequence[RemoteBranch] = (),
    pulls: Sequence[PullRequest] = (),
    *,
    limit: int = 10,
    forced: Collection[str] = (),
    waits: str | None = None,
    rebase: Rebase = Rebase.NEEDED,
    uncertain: Collection[str] = (),
    held: Collection[tuple[str, str]] = (),
    base: str = BASE,
) -> list[Action]:
    limits = Limits(open_pulls=limit, forced=forced, waits=lambda _: waits, rebases=lambda _: rebase)
    return plan(branches, Forge(branches=remotes, pulls=pulls), limits, base, Doubts(failed=uncertain, held=held))


def kinds(actions: Sequence[Action]) -> list[tuple[str, bool]]:
    return [(str(action.kind), action.push) for action in actions]


def test_a_new_branch_is_written_and_requested() -> None:
    """What is not there yet is created."""
    assert kinds(planned([branch()])) == [("create", True)]


def test_what_is_as_wanted_is_left_alone() -> None:
    """Equal files and an equal request: nothing is written, even if the base has moved on."""
    made = branch()
    assert kinds(planned([made], [remote(made)], [pull(made)], base="d" * 40)) == [("leave", False)]


def test_a_branch_whose_request_is_missing_gets_one() -> None:
    """A run that failed between pushing and requesting is completed without a push."""
    made = branch()
    assert kinds(planned([made], [remote(made)])) == [("create", False)]


def test_other_files_are_pushed() -> None:
    """When the wanted text differs the branch is rebuilt under the same pull request."""
    made = branch()
    assert kinds(planned([made], [remote(text="other")], [pull(made)])) == [("refresh", True)]


def test_only_the_description_may_change() -> None:
    """A changed body is edited without touching the branch."""
    made = branch()
    old = replace(pull(made), body="old")
    assert kinds(planned([made], [remote(made)], [old])) == [("refresh", False)]


def test_rebasing_always_is_opt_in() -> None:
    """With ``rebaseWhen: behind-base-branch`` a moved base is reason enough."""
    made = branch()
    args = ([made], [remote(made)], [pull(made)])
    assert kinds(planned(*args, rebase=Rebase.BEHIND, base="d" * 40)) == [("refresh", True)]
    assert kinds(planned(*args, rebase=Rebase.BEHIND)) == [("leave", False)]


def test_rebasing_can_be_switched_off() -> None:
    """With ``rebaseWhen: never`` a branch stays as it was made, and a new one is made all the same."""
    made = branch()
    assert kinds(planned([made], [remote(text="other")], [pull(made)], rebase=Rebase.NEVER)) == [("leave", False)]
    assert kinds(planned([made], rebase=Rebase.NEVER)) == [("create", True)]


def test_commits_of_others_are_never_overwritten() -> None:
    """Neither when the branch is wanted nor when it is not."""
    made = branch()
    assert kinds(planned([made], [remote(text="other", ours=False)], [pull(made)])) == [("leave", False)]
    assert kinds(planned([], [remote(ours=False)])) == [("leave", False)]


def test_limits_schedules_and_force() -> None:
    """A full house and a closed schedule hold new branches only; naming a branch opens it all the same."""
    made, other = branch(), branch("updater/y-1.x", "Update y")
    assert kinds(planned([made, other], limit=1)) == [("create", True), ("hold", False)]
    assert kinds(planned([made, other], limit=0)) == [("create", True), ("create", True)]
    assert kinds(planned([made], waits="outside its schedule")) == [("hold", False)]
    assert kinds(planned([made], [remote(made)], [pull(made)], limit=1, waits="x")) == [("leave", False)]
    assert kinds(planned([made], limit=1, waits="x", forced=[made.name])) == [("create", True)]


def test_a_closed_request_is_a_decision() -> None:
    """The same proposal is not made again; a higher one is, and so is one that was merged and undone."""
    made = branch()
    closed = pull(made, PullRequestState.CLOSED)
    assert kinds(planned([made], [], [closed])) == [("hold", False)]
    assert kinds(planned([branch(new_value="1.2.0")], [], [closed])) == [("create", True)]
    assert kinds(planned([made], [], [pull(made, PullRequestState.MERGED)])) == [("create", True)]


def test_a_closed_request_without_a_marker_counts_by_its_title() -> None:
    """So do those that another bot left behind."""
    made = branch()
    closed = replace(pull(made, PullRequestState.CLOSED), body="by hand")
    assert kinds(planned([made], [], [closed])) == [("hold", False)]
    assert kinds(planned([branch(title="Update x to v2")], [], [closed])) == [("create", True)]


def test_what_is_no_longer_wanted_is_closed() -> None:
    """A branch of ours without an update is closed and deleted."""
    made = branch()
    assert kinds(planned([], [remote(made)], [pull(made)])) == [("close", False)]
    assert kinds(planned([], [remote(made)])) == [("close", False)]


@pytest.mark.parametrize(
    ("uncertain", "kind"),
    [(["docker ghcr.io/acme/api"], "leave"), (["docker other"], "close"), ([f"branch {NAME}"], "leave"), ([], "close")],
)
def test_unknown_is_not_gone(uncertain: list[str], kind: str) -> None:
    """While a lookup that it depends on fails, nothing is closed; failures elsewhere do not matter."""
    made = branch()
    assert kinds(planned([], [remote(made)], [pull(made)], uncertain=uncertain)) == [(kind, False)]


def test_what_is_held_is_not_gone() -> None:
    """An open request for a release that counts as too young again (its date was forgotten, say) stays open."""
    made = branch()
    held = [("docker ghcr.io/acme/api", "1.1.0")]
    assert kinds(planned([], [remote(made)], [pull(made)], held=held)) == [("leave", False)]
    assert kinds(planned([], [remote(made)], [pull(made)], held=[("docker other", "1.1.0")])) == [("close", False)]


def test_a_request_that_lost_its_marker_is_not_closed_during_a_failure() -> None:
    """Nobody can tell what it depends on."""
    made = branch()
    odd = replace(pull(made), body="edited")
    assert kinds(planned([], [remote(made)], [odd], uncertain=["docker other"])) == [("leave", False)]


def test_a_plan_that_closes_most_is_refused() -> None:
    """Five or more, and more than the allowed share: that looks like an accident."""
    made = branch()
    closing = [Action(kind=ActionKind.CLOSE, name=f"b{n}", reason="", pull=pull(made)) for n in range(5)]
    staying = [Action(kind=ActionKind.LEAVE, name=f"s{n}", reason="", pull=pull(made)) for n in range(5)]

    assert refusal(closing, 0.5) is not None
    assert refusal(closing[:4], 0.5) is None
    assert refusal([*closing, *staying], 0.5) is None


def test_blob_ids_are_gits() -> None:
    """The id of a text is the one that ``git hash-object`` gives, for bytes that are no UTF-8 as well."""
    assert blob_id("") == "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391"
    assert blob_id("hello\n") == "ce013625030ba8dba906f756967f9e9ca394464a"
