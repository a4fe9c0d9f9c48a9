"""Planning what to publish."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.core.made import tracked, update
from updater.config import Policy
from updater.model.decide import Update
from updater.model.forge import (
    MERGED_ALONE,
    Base,
    CheckState,
    MergeStrategy,
    PullRequest,
    PullRequestState,
    RemoteBranch,
    Status,
)
from updater.model.plan import Action, ActionKind, Branch
from updater.model.scan import LockEntry, Package, Span
from updater.orders import Orders
from updater.publish import Doubts, Forge, OwnChecks, Situation, blob_id, plan, refusal, watched
from updater.publish.planning import body_for
from updater.report.marker import marker_of

NOW = datetime(2026, 11, 23, 12, 30, tzinfo=UTC)
BASE = Base("main", "b" * 40)
NAME = "updater/x-1.x"


def branch(name: str = NAME, title: str = "Update x", new_value: str = "1.1.0", policy: Policy | None = None) -> Branch:
    updates = (update(new_value, policy=policy),)
    return Branch(
        name=name,
        base=BASE,
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
    return RemoteBranch(
        name=name, commit=commit, parent=BASE.commit, ours=ours, fingerprint="f", files=files, merges=merges
    )


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
    base: str | None = None,
    prunes: bool = True,
    own_checks: OwnChecks | None = None,
) -> list[Action]:
    """What is planned where all updates have this policy, and the base is at some commit by now.

    ``statuses`` are by the name of the branch.
    """
    if base is not None:
        branches = [replace(each, base=Base("main", base)) for each in branches]
    if policy is not None:
        branches = [replace(each, updates=tuple(_under(policy, each))) for each in branches]
    commits = {each.name: each.commit for each in remotes}
    said = {commits[name]: each for name, each in (statuses or {}).items()}
    situation = Situation(now=NOW, orders=orders or Orders(), prunes=prunes, own_checks=own_checks or OwnChecks())
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
    forge, situation = Forge(branches=[remote(made)], pulls=[]), Situation(now=NOW)
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


# ---------------------------------------------------------------- merging without a pull request

ALONE = Policy(automerge=True, automerge_type="branch", pr_hourly_limit=0)


def alone(
    policy: Policy = ALONE,
    statuses: Sequence[Status] = (),
    *,
    pulls: Sequence[PullRequest] = (),
    orders: Orders | None = None,
    **of_remote: object,
) -> Action:
    """What is planned for a branch that is there, and is to be merged without a pull request."""
    made = branch()
    there = replace(remote(made), **of_remote)  # type: ignore[arg-type]
    (action,) = planned([made], [there], pulls, policy=policy, statuses={NAME: statuses}, orders=orders)
    return action


def test_a_branch_is_pushed_without_a_pull_request() -> None:
    """It waits for its checks; only if all updates in it want that."""
    made = branch()
    mixed = replace(made, updates=(*_under(ALONE, made), *_under(AUTOMERGE, made)))
    assert kinds(planned([made], policy=ALONE)) == [("prepare", True)]
    assert kinds(planned([mixed])) == [("create", True)]


@pytest.mark.parametrize(
    ("statuses", "kind"),
    [
        (said(PASSED), "merge"),
        (said(PASSED, GOES_ON), "hold"),
        (said(PASSED, GOES_ON, since=timedelta(hours=26)), "create"),
        (said(PASSED, FAILED), "create"),
        ([], "hold"),
    ],
)
def test_its_checks_decide_about_a_branch_without_a_pull_request(statuses: list[Status], kind: str) -> None:
    """It is merged, waits, or asks for people: when checks fail, or do not end within ``prNotPendingHours``."""
    assert alone(statuses=statuses).kind == kind


def test_people_are_asked_where_nothing_ever_checks() -> None:
    """Silence is waited for as long as for checks that do not end, from the push on, of which a status tells."""
    old, recent = NOW - timedelta(hours=26), NOW - timedelta(hours=1)
    pushed = [Status(context=MERGED_ALONE, state=CheckState.PENDING, created=recent)]
    assert alone(dated=recent).kind == "hold"
    assert alone(dated=old).kind == "create"
    assert alone(statuses=pushed, dated=old).kind == "hold"
    assert alone(ALONE_UNTESTED, dated=old).kind == "merge"


ALONE_UNTESTED = Policy(automerge=True, automerge_type="branch", ignore_tests=True)


def test_a_branch_without_a_pull_request_tells_what_it_is() -> None:
    """From the first push on; once it has got a pull request, nothing seems to go on any more."""
    made = branch()
    (new,) = planned([made], policy=ALONE)
    there = [*said(FAILED), Status(context=MERGED_ALONE, state=CheckState.PENDING)]
    assert about_age(new) == [(MERGED_ALONE, "pending")]
    assert about_age(alone(statuses=there)) == [(MERGED_ALONE, "success")]
    assert alone(statuses=[*said(GOES_ON), there[-1]]).statuses == ()


def test_what_people_said_holds_for_branches_without_a_pull_request() -> None:
    """Schedules, declined and undone proposals, failures, and the box on the dashboard."""
    made, passed = branch(), said(PASSED)
    at_night = Policy(automerge=True, automerge_type="branch", automerge_schedule=("before 1am",))
    closed = Policy(automerge=True, automerge_type="branch", schedule=("before 1am",))
    assert alone(at_night, passed).kind == "hold"
    assert kinds(planned([made], policy=closed)) == [("hold", False)]
    assert alone(statuses=passed, pulls=[pull(made, PullRequestState.CLOSED)]).kind == "hold"
    assert alone(statuses=passed, pulls=[pull(made, PullRequestState.MERGED)]).kind == "create"
    assert alone(orders=Orders(opened=frozenset({NAME}))).kind == "create"


def test_a_conflict_is_solved_by_making_the_branch_anew() -> None:
    """Where that may not be, people are asked."""
    never = Policy(automerge=True, automerge_type="branch", rebase_when="never")
    assert (alone(merges=False, files={}).kind, alone(merges=False, files={}).push) == ("prepare", True)
    assert alone(never, said(PASSED), merges=False, files={}).kind == "create"


def test_a_fast_forward_needs_the_newest_base() -> None:
    """A branch that is behind is made anew; every other strategy puts the same change on top of the base."""
    forward = Policy(automerge=True, automerge_type="branch", automerge_strategy="fast-forward")
    behind = {"statuses": said(PASSED), "parent": "e" * 40, "merges": True}
    assert alone(forward, **behind).push  # type: ignore[arg-type]
    assert alone(**behind).kind == "merge"  # type: ignore[arg-type]


def test_limits_hold_branches_without_a_pull_request() -> None:
    """They count as branches; what would need a pull request after all waits for room among those."""
    made = [branch(f"updater/{name}", f"Update {name}") for name in "abc"]
    hourly = Policy(automerge=True, automerge_type="branch", pr_hourly_limit=2, pr_concurrent_limit=0)
    few = Policy(automerge=True, automerge_type="branch", pr_hourly_limit=0, pr_concurrent_limit=1)
    assert [kind for kind, _ in kinds(planned(made, policy=hourly))] == ["prepare", "prepare", "hold"]
    assert [kind for kind, _ in kinds(planned(made, policy=few))] == ["prepare", "hold", "hold"]
    other = branch("updater/z", "Update z")
    actions = planned(
        [made[0], other], [remote(made[0]), remote(other)], [pull(other)], policy=few,
        statuses={"updater/a": said(FAILED)},
    )  # fmt: skip
    assert (actions[0].kind, actions[0].cause) == ("hold", "limit")


# ---------------------------------------------------------------- this tool's own checks

AGED = "updater/release-age"


def aging(days: int, policy: Policy | None = None) -> Branch:
    """A branch whose release is old enough in so many days."""
    made = branch(policy=policy)
    return replace(made, updates=(replace(made.updates[0], old_enough=NOW + timedelta(days=days)), *made.updates))


def about_age(action: Action) -> list[tuple[str, str]]:
    return [(status.context, str(status.state)) for status in action.statuses]


def test_the_age_of_releases_is_a_check() -> None:
    """Pending until the youngest is old enough, then passed; nothing where no age is asked for."""
    assert [about_age(planned([aging(days)])[0]) for days in (1, -1)] == [[(AGED, "pending")], [(AGED, "success")]]
    assert planned([branch()])[0].statuses == ()


@pytest.mark.parametrize(("present", "wanted"), [("pending", [(AGED, "success")]), ("success", [])])
def test_nothing_is_said_twice(present: str, wanted: list[tuple[str, str]]) -> None:
    """What stands there is left; what has changed is said, and that alone is worth a write."""
    made = aging(-1)
    there = {NAME: [Status(context=AGED, state=CheckState(present))]}
    (action,) = planned([made], [remote(made)], [pull(made)], statuses=there)
    assert (str(action.kind), about_age(action), action.writes) == ("leave", wanted, bool(wanted))


def test_what_is_remembered_is_not_asked_for() -> None:
    """A commit of which all is said already costs no request."""
    made = aging(-1)
    there = remote(made)
    said_before = {there.commit: [Status(context=AGED, state=CheckState.SUCCESS)]}
    situation = Situation(now=NOW)
    assert watched([made], Forge(branches=[there], pulls=[], said=said_before), situation) == ()
    assert watched([made], Forge(branches=[there], pulls=[]), situation) == (there.commit,)


@pytest.mark.parametrize(
    ("names", "when", "days", "wanted"),
    [
        ({"minimumReleaseAge": "renovate/stability-days"}, {}, 1, [("renovate/stability-days", "pending")]),
        ({"minimumReleaseAge": None}, {}, 1, []),
        ({}, {"minimumReleaseAge": "never"}, 1, []),
        ({}, {"minimumReleaseAge": "failed"}, 1, [(AGED, "pending")]),
        ({}, {"minimumReleaseAge": "failed"}, -1, []),
    ],
)
def test_names_of_own_checks_and_when_they_are_set(
    names: Mapping[str, str | None], when: Mapping[str, str], days: int, wanted: list[tuple[str, str]]
) -> None:
    """``statusCheckNames`` and ``statusCheckWhen``."""
    (action,) = planned([aging(days)], own_checks=OwnChecks(names=names, when=when))
    assert about_age(action) == wanted


def test_a_check_that_is_set_on_failure_is_set_right_afterwards() -> None:
    """What was pending does not stay so."""
    made, there = aging(-1), {NAME: [Status(context=AGED, state=CheckState.PENDING)]}
    checks = OwnChecks(when={"minimumReleaseAge": "failed"})
    (action,) = planned([made], [remote(made)], [pull(made)], statuses=there, own_checks=checks)
    assert about_age(action) == [(AGED, "success")]


@pytest.mark.parametrize("policy", [AUTOMERGE, ALONE])
def test_what_is_too_young_is_not_merged(policy: Policy) -> None:
    """Whoever says what of it, and whether or not the check is set; the forge is not asked to merge it either."""
    made, passed = aging(1), {NAME: said(PASSED)}
    pulls = [pull(made)] if policy is AUTOMERGE else []
    (waiting,) = planned([made], [remote(made)], pulls, policy=policy, statuses=passed)
    (new,) = planned([made], policy=policy, own_checks=OwnChecks(names={"minimumReleaseAge": None}))
    assert waiting.kind in ("leave", "hold")
    assert "too young until 2026-11-24 12:30 UTC" in waiting.reason
    assert new.merge is None


def test_a_request_waits_for_the_age_of_its_releases() -> None:
    """``prCreation: not-pending``: this tool's own check goes on, too."""
    made, policy = aging(1), Policy(pr_creation="not-pending")
    (action,) = planned([made], [remote(made)], policy=policy, statuses={NAME: said(PASSED)})
    assert (action.kind, action.cause) == ("hold", "checks")


def test_a_lock_file_that_stays_behind_is_a_failed_check() -> None:
    """It is said, and nobody merges it without a person."""
    lock = LockEntry(
        manager="terraform",
        path=".terraform.lock.hcl",
        line=1,
        package=Package(datasource="terraform-provider", name="x"),
        version="1.0.0",
        version_span=Span(0, 5),
    )
    made = replace(branch(), updates=(update("1.1.0", found=tracked(lock=lock)),))
    (action,) = planned([made], [remote(made)], [pull(made)], policy=AUTOMERGE, statuses={NAME: said(PASSED)})
    assert about_age(action) == [("updater/lock-files", "failure")]
    assert action.reason.endswith(".terraform.lock.hcl could not be brought along")
