"""Planning what to publish."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.core.made import update
from updater.config import Policy
from updater.model import (
    Action,
    ActionKind,
    Branch,
    CheckState,
    MergeStrategy,
    PullRequest,
    PullRequestState,
    RemoteBranch,
    Status,
    Update,
)
from updater.orders import Orders
from updater.publish import Doubts, Forge, Situation, blob_id, plan, refusal, watched
from updater.publish.planning import body_for
from updater.report.marker import marker_of

NOW = datetime(2026, 11, 23, 12, 30, tzinfo=UTC)
BASE = "b" * 40
NAME = "updater/x-1.x"


def branch(name: str = NAME, title: str = "Update x", new_value: str = "1.1.0", policy: Policy | None = None) -> Branch:
    updates = (update(new_value, policy=policy),)
    return Branch(
        name=name,
        title=title,
        body=f"Hello\n{marker_of('f', updates)}\n",
        updates=updates,
        files={"a.yaml": new_value},
        fingerprint="f",
    )


def remote(
    of: Branch | None = None, *, ours: bool = True, name: str = NAME, text: str = "1.1.0", merges: bool | None = None
) -> RemoteBranch:
    files = {path: blob_id(content) for path, content in of.files.items()} if of else {"a.yaml": blob_id(text)}
    name = of.name if of is not None else name
    commit = (name.encode().hex() * 40)[:40]
    return RemoteBranch(name=name, commit=commit, parent=BASE, ours=ours, fingerprint="f", files=files, merges=merges)


def pull(of: Branch, state: PullRequestState = PullRequestState.OPEN, number: int = 1) -> PullRequest:
    return PullRequest(number=number, branch=of.name, base="main", title=of.title, body=of.body, state=state)


def planned(
    branches: Sequence[Branch] = (),
    remotes: Sequence[RemoteBranch] = (),
    pulls: Sequence[PullRequest] = (),
    *,
    policy: Policy | None = None,
    orders: Orders | None = None,
    statuses: Mapping[str, Sequence[Status]] | None = None,
    uncertain: Collection[str] = (),
    held: Collection[tuple[str, str]] = (),
    base: str = BASE,
    prunes: bool = True,
) -> list[Action]:
    """What is planned where all updates have this policy; ``statuses`` are by the name of the branch."""
    if policy is not None:
        branches = [replace(each, updates=tuple(_under(policy, each))) for each in branches]
    commits = {each.name: each.commit for each in remotes}
    said = {commits[name]: each for name, each in (statuses or {}).items()}
    situation = Situation(now=NOW, base_commit=base, orders=orders or Orders(), prunes=prunes)
    forge = Forge(branches=remotes, pulls=pulls)
    asked = watched(branches, forge, situation)
    forge = replace(forge, statuses={commit: said.get(commit, ()) for commit in asked})
    return plan(branches, forge, situation, Doubts(failed=uncertain, held=held))


def _under(policy: Policy, made: Branch) -> list[Update]:
    return [replace(each, offer=replace(each.offer, policy=policy)) for each in made.updates]


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
    """With ``rebaseWhen: behind-base-branch``, or the label for it, a moved base is reason enough."""
    made = branch()
    behind = Policy(rebase_when="behind-base-branch")
    args = ([made], [remote(made)], [pull(made)])
    assert kinds(planned(*args, policy=behind, base="d" * 40)) == [("refresh", True)]
    assert kinds(planned(*args, policy=behind)) == [("leave", False)]

    kept = Policy(keep_updated_label="fresh")
    labelled = [replace(pull(made), labels=("Fresh",))]
    assert kinds(planned([made], [remote(made)], labelled, policy=kept, base="d" * 40)) == [("refresh", True)]
    assert kinds(planned(*args, policy=kept, base="d" * 40)) == [("leave", False)]


def test_rebasing_can_be_switched_off() -> None:
    """With ``rebaseWhen: never`` a branch stays as it was made, and a new one is made all the same."""
    made, never = branch(), Policy(rebase_when="never")
    assert kinds(planned([made], [remote(text="other")], [pull(made)], policy=never)) == [("leave", False)]
    assert kinds(planned([made], policy=never)) == [("create", True)]


def test_only_conflicts_are_a_reason() -> None:
    """A branch that merges as it is stays, though its base has other lines by now; a new proposal does not."""
    made = branch()
    assert kinds(planned([made], [remote(text="older", merges=True)], [pull(made)])) == [("leave", False)]
    assert kinds(planned([made], [remote(text="older", merges=False)], [pull(made)])) == [("refresh", True)]
    other = replace(remote(text="older", merges=True), fingerprint="g")
    assert kinds(planned([made], [other], [pull(made)])) == [("refresh", True)]


def test_people_ask_for_a_rebase() -> None:
    """By a tick, or a label, which is taken away; then commits of others do not stand in the way either."""
    made = branch()
    asked = Orders(rebased=frozenset({made.name}))
    assert kinds(planned([made], [remote(made)], [pull(made)], orders=asked)) == [("refresh", True)]
    assert kinds(planned([made], [remote(made, ours=False)], [pull(made)], orders=asked)) == [("refresh", True)]

    labelled = replace(pull(made), labels=("bug", "Rebase"))
    (action,) = planned([made], [remote(made)], [labelled])
    assert (action.kind, action.push, action.unlabel) == (ActionKind.REFRESH, True, ("Rebase",))


def test_people_ask_for_a_branch_to_be_left_alone() -> None:
    """The label stops every change."""
    made = branch()
    labelled = replace(pull(made), labels=("stop-updating",))
    assert kinds(planned([made], [remote(text="other")], [labelled])) == [("leave", False)]


def test_commits_of_others_are_never_overwritten() -> None:
    """Neither when the branch is wanted nor when it is not."""
    made = branch()
    assert kinds(planned([made], [remote(text="other", ours=False)], [pull(made)])) == [("leave", False)]
    assert kinds(planned([], [remote(ours=False)])) == [("leave", False)]


CLOSED = Policy(schedule=("before 1am",))


def test_limits_schedules_and_force() -> None:
    """A full house and a closed schedule hold new branches only; naming a branch opens it all the same."""
    made, other = branch(), branch("updater/y-1.x", "Update y")
    one, none = Policy(pr_concurrent_limit=1), Policy(pr_concurrent_limit=0, pr_hourly_limit=0)
    assert kinds(planned([made, other], policy=one)) == [("create", True), ("hold", False)]
    assert kinds(planned([made, other], policy=none)) == [("create", True), ("create", True)]
    assert kinds(planned([made], policy=CLOSED)) == [("hold", False)]
    assert kinds(planned([made], [remote(made)], [pull(made)], policy=CLOSED)) == [("leave", False)]
    forced = Orders(forced=frozenset({made.name}))
    assert kinds(planned([made], policy=CLOSED, orders=forced)) == [("create", True)]


@pytest.mark.parametrize(
    ("policy", "opened"),
    [
        (Policy(), 2),  # prHourlyLimit is 2
        (Policy(pr_hourly_limit=0), 4),
        (Policy(pr_hourly_limit=3, branch_concurrent_limit=2), 2),
        (Policy(pr_hourly_limit=0, commit_hourly_limit=1), 1),
        (Policy(pr_hourly_limit=0, pr_concurrent_limit=3), 3),
    ],
)
def test_the_lowest_limit_counts(policy: Policy, opened: int) -> None:
    """Of four branches, as many are made as each of the limits admits."""
    made = [branch(f"updater/{name}", f"Update {name}") for name in "abcd"]
    assert [kind for kind, _ in kinds(planned(made, policy=policy))] == ["create"] * opened + ["hold"] * (4 - opened)


def test_an_hour_is_one_of_the_clock() -> None:
    """What was opened since the clock struck counts, closed or not; what is older does not."""
    made, older = branch("updater/new", "Update new"), branch("updater/old", "Update old")
    recent = replace(pull(older, PullRequestState.CLOSED), created=NOW - timedelta(minutes=10))
    one = Policy(pr_hourly_limit=1)
    assert kinds(planned([made], pulls=[recent], policy=one)) == [("hold", False)]
    assert kinds(planned([made], pulls=[replace(recent, created=NOW - timedelta(minutes=40))], policy=one)) == [
        ("create", True)
    ]


def test_a_schedule_may_hold_what_is_open_as_well() -> None:
    """``updateNotScheduled: false`` leaves branches as they are until their time comes."""
    made = branch()
    args = ([made], [remote(text="other")], [pull(made)])
    closed = Policy(schedule=("before 1am",), update_not_scheduled=False)
    assert kinds(planned(*args, policy=closed)) == [("leave", False)]
    assert kinds(planned(*args, policy=CLOSED)) == [("refresh", True)]


# ---------------------------------------------------------------- checks and merging


def said(*states: CheckState, since: timedelta = timedelta(hours=1), context: str = "ci") -> list[Status]:
    return [Status(context=f"{context}/{state}", state=state, created=NOW - since) for state in states]


PASSED, FAILED, GOES_ON = CheckState.SUCCESS, CheckState.FAILURE, CheckState.PENDING


@pytest.mark.parametrize(
    ("creation", "statuses", "kind"),
    [
        ("not-pending", said(GOES_ON), "hold"),
        ("not-pending", said(GOES_ON, since=timedelta(hours=26)), "create"),
        ("not-pending", said(FAILED), "create"),
        ("not-pending", [], "create"),
        ("status-success", said(FAILED), "hold"),
        ("status-success", said(PASSED, GOES_ON), "hold"),
        ("status-success", said(PASSED), "create"),
        ("approval", said(PASSED), "hold"),
    ],
)
def test_a_request_may_come_later_than_its_branch(creation: str, statuses: list[Status], kind: str) -> None:
    """``prCreation``: the branch is written first; its checks, or a person, decide about the request."""
    made = branch()
    policy = Policy(pr_creation=creation)  # type: ignore[arg-type]
    assert kinds(planned([made], policy=policy)) == [("prepare", True)]
    assert kinds(planned([made], [remote(made)], policy=policy, statuses={NAME: statuses})) == [(kind, False)]
    asked = Orders(opened=frozenset({NAME}))
    assert kinds(planned([made], [remote(made)], policy=policy, orders=asked)) == [("create", False)]


AUTOMERGE = Policy(automerge=True, pr_hourly_limit=0)


@pytest.mark.parametrize(
    ("policy", "statuses", "kind"),
    [
        (AUTOMERGE, said(PASSED), "merge"),
        (AUTOMERGE, said(PASSED, FAILED), "leave"),
        (AUTOMERGE, said(PASSED, GOES_ON), "leave"),
        (AUTOMERGE, [], "leave"),
        (AUTOMERGE, said(PASSED, context="updater"), "leave"),
        (Policy(automerge=True, internal_checks_as_success=True), said(PASSED, context="updater"), "merge"),
        (Policy(automerge=True, ignore_tests=True), [], "merge"),
        (Policy(automerge=True, automerge_schedule=("before 1am",)), said(PASSED), "leave"),
        (Policy(), said(PASSED), "leave"),
    ],
)
def test_what_is_merged_without_a_person(policy: Policy, statuses: list[Status], kind: str) -> None:
    """Only what is up to date, in its time, and has passed checks of others."""
    made = branch()
    actions = planned([made], [remote(made)], [pull(made)], policy=policy, statuses={NAME: statuses})
    assert [str(action.kind) for action in actions] == [kind]


def test_how_it_is_merged() -> None:
    """``automergeStrategy`` says so, in the words of Renovate."""
    made = branch()
    policy = Policy(automerge=True, automerge_strategy="rebase-merge")
    (action,) = planned([made], [remote(made)], [pull(made)], policy=policy, statuses={NAME: said(PASSED)})
    assert action.merge is MergeStrategy.REBASE


def test_the_forge_is_asked_to_merge_by_itself() -> None:
    """With the request, where it may and the time is right."""
    made = branch()
    assert [action.merge for action in planned([made], policy=AUTOMERGE)] == [MergeStrategy.AUTO]
    for policy in (
        Policy(automerge=True, platform_automerge=False),
        Policy(automerge=True, automerge_schedule=("before 1am",)),
        Policy(),
    ):
        assert [action.merge for action in planned([made], policy=policy)] == [None]


def test_what_conflicts_drafts_and_what_was_undone_are_not_merged() -> None:
    """Nobody merges these for people."""
    made, passed = branch(), {NAME: said(PASSED)}
    merged = replace(pull(made, PullRequestState.MERGED), number=7)
    draft = replace(pull(made), draft=True)
    for remotes, pulls in (
        ([remote(made, merges=False)], [pull(made)]),
        ([remote(made)], [draft]),
        ([remote(made)], [pull(made), merged]),
    ):
        assert kinds(planned([made], remotes, pulls, policy=AUTOMERGE, statuses=passed)) == [("leave", False)]


def test_the_same_files_are_merged_one_after_the_other() -> None:
    """Of two branches that change a file, the second one waits for the next run."""
    made, other = branch(), branch("updater/y-1.x", "Update y")
    apart = replace(branch("updater/z-1.x", "Update z"), files={"b.yaml": "1.1.0"})
    all_of = [made, other, apart]
    remotes = [remote(each) for each in all_of]
    pulls = [pull(each, number=number) for number, each in enumerate(all_of, start=1)]
    statuses = {each.name: said(PASSED) for each in all_of}
    actions = planned(all_of, remotes, pulls, policy=AUTOMERGE, statuses=statuses)

    assert [str(action.kind) for action in actions] == ["merge", "leave", "merge"]


def test_checks_are_asked_for_only_where_they_matter() -> None:
    """No request is spent on branches that nothing waits for."""
    made = branch()
    forge, situation = Forge(branches=[remote(made)], pulls=[]), Situation(now=NOW, base_commit=BASE)
    assert watched([made], forge, situation) == ()
    assert watched([branch(policy=AUTOMERGE)], forge, situation) == (remote(made).commit,)


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
    assert kinds(planned([], [remote(made)], [pull(made)], prunes=False)) == [("leave", False)]


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


def test_people_are_spared_what_is_merged_without_them() -> None:
    """They are asked at once where nothing is automerged, or where the configuration wants it all the same."""
    wanted = replace(branch(), assignees=("ann",))
    asked = {
        name: planned([wanted], policy=policy)[0].invites
        for name, policy in {
            "by hand": Policy(),
            "automerge": Policy(automerge=True),
            "both": Policy(automerge=True, assign_automerge=True),
        }.items()
    }

    assert asked == {"by hand": True, "automerge": False, "both": True}


def test_people_are_asked_once_when_checks_fail() -> None:
    """What was to be merged without them needs them now; the body remembers that they know."""
    wanted = replace(branch(), assignees=("ann",))
    policy, failed = Policy(automerge=True), {NAME: [Status(context="ci", state=CheckState.FAILURE)]}
    [action] = planned([wanted], [remote(wanted)], [pull(wanted)], policy=policy, statuses=failed)
    body = body_for(wanted, pull(wanted), invites=True)
    [again] = planned([wanted], [remote(wanted)], [replace(pull(wanted), body=body)], policy=policy, statuses=failed)
    [nobody] = planned([branch()], [remote(wanted)], [pull(wanted)], policy=policy, statuses=failed)

    assert (action.kind, action.invites, action.push) == (ActionKind.REFRESH, True, False)
    assert again.kind is ActionKind.LEAVE
    assert nobody.kind is ActionKind.LEAVE
