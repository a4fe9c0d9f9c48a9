"""After the merge: what is found out about a merged pull request, written on it, and left alone from then on."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.flow.team import IMAGE, PRODUCTION, STAGING, Team, counted, deployment, states
from updater.api import CheckState, Commit, MergeStrategy, RolloutState, Status
from updater.demo.kubernetes import KubernetesApi
from updater.demo.serving import Reply
from updater.model.forge import MERGED_ALONE
from updater.observe.notes import CONTEXT, read_note

ENVIRONMENTS: list[dict[str, Any]] = [
    {"name": "staging", "paths": ["apps/staging/**"], "soak": {"minor": "2h"}},
    {"name": "production", "paths": ["apps/production/**"], "after": "staging"},
]


@pytest.fixture
def team(tmp_path: Path) -> Iterator[Team]:
    with KubernetesApi() as api:
        yield a_team(tmp_path, api)


def a_team(place: Path, api: KubernetesApi) -> Team:
    files = {STAGING: deployment("1.0.0"), PRODUCTION: deployment("1.0.0")}
    return Team(place, api, environments=ENVIRONMENTS, files=files)


async def test_from_the_merge_to_the_proof(team: Team) -> None:
    """The comment and the status of a merged pull request follow it until it is proven, with exact times."""
    pull = team.merge_files({STAGING: deployment("1.1.0")})
    assert states(await team.verify()) == {"staging": RolloutState.WAITING_SYNC}
    team.world.advance(minutes=10)
    found = await team.verify()
    assert states(found) == {"staging": RolloutState.LIVE}
    (rollout,) = found.rollouts
    truth = team.staging.truth[pull.merge_commit or ""]
    times = rollout.verdict.times
    assert times.review == timedelta(minutes=7)
    assert (times.started, times.deployed, times.healthy) == (truth.started, truth.deployed, truth.healthy)
    (comment,) = team.forge.comments(pull)
    assert "| staging | `Application argocd/web-staging` | ✅ live |" in comment.text
    team.world.advance(hours=2)
    proven = await team.verify()
    assert states(proven) == {"staging": RolloutState.PROVEN}
    assert [(proof.package.name, proof.value, proof.environment) for proof in proven.proofs] == [
        (IMAGE, "1.1.0", "staging")
    ]


async def test_a_second_run_writes_nothing(team: Team) -> None:
    """As long as nothing happens, nothing is written."""
    team.merge_files({STAGING: deployment("1.1.0"), PRODUCTION: deployment("1.1.0")})
    for minutes in (0, 10, 60):
        team.world.advance(minutes=minutes)
        await team.verify()
        before = team.written()
        await team.verify()
        assert team.written() == before


async def test_what_is_done_is_not_asked_about_again(team: Team) -> None:
    """Once all targets are proven, the cluster is left alone."""
    team.merge_files({STAGING: deployment("1.1.0")})
    team.world.advance(hours=3)
    await team.verify()
    team.api.reset()
    assert (await team.verify()).rollouts == ()
    assert team.api.requests == []


async def test_several_environments(team: Team) -> None:
    """Each environment has its own row, in the order in which updates pass through them."""
    pull = team.merge_files({STAGING: deployment("1.1.0"), PRODUCTION: deployment("1.1.0", "broken")})
    team.world.advance(minutes=30)
    found = await team.verify()
    assert states(found) == {"staging": RolloutState.LIVE, "production": RolloutState.FAILED_HEALTH}
    assert found.has_failures
    (comment,) = team.forge.comments(pull)
    assert comment.text.index("| staging |") < comment.text.index("| production |")
    (status,) = team.forge.statuses([pull.merge_commit or ""])[pull.merge_commit or ""]
    assert (status.context, status.state) == (CONTEXT, CheckState.FAILURE)
    assert "production: unhealthy; staging: live" in status.description


async def test_a_soak_time_by_the_type_of_update(team: Team) -> None:
    """The minor update has to soak two hours, the patch a day."""
    team.merge_files({STAGING: deployment("1.0.1")})
    team.world.advance(hours=3)
    assert states(await team.verify()) == {"staging": RolloutState.LIVE}
    team.world.advance(hours=22)
    assert states(await team.verify()) == {"staging": RolloutState.PROVEN}


async def test_an_update_that_the_next_one_replaced(team: Team) -> None:
    """Where a later commit has moved the version on, the earlier update is over."""
    team.merge_files({STAGING: deployment("1.1.0")})
    team.merge_files({STAGING: deployment("1.2.0")}, branch="updater/web-1.2")
    team.world.advance(minutes=30)
    found = {rollout.pull: rollout.verdict.state for rollout in (await team.verify()).rollouts}
    assert found == {1: RolloutState.SUPERSEDED, 2: RolloutState.LIVE}


async def test_the_first_moment_of_health_is_remembered(team: Team) -> None:
    """A flap after the first look does not make the time of the rollout longer."""
    pull = team.merge_files({STAGING: deployment("1.1.0")})
    team.world.advance(minutes=10)
    await team.verify()
    first = team.staging.truth[pull.merge_commit or ""].healthy
    team.staging.flap(team.world.clock.now)
    team.world.advance(minutes=10)
    (rollout,) = (await team.verify()).rollouts
    assert (rollout.verdict.times.healthy, rollout.verdict.since) == (first, team.staging.health_since)


async def test_what_was_unhealthy_before_is_remembered(team: Team) -> None:
    """An environment that was seen unwell before the update got there is not held against the update afterwards."""
    team.merge_files({STAGING: deployment("1.0.1", "broken")}, branch="feature/broken")
    team.world.advance(minutes=30)
    team.merge_files({STAGING: deployment("1.1.0", "still broken")})
    assert states(await team.verify()) == {"staging": RolloutState.WAITING_SYNC}
    team.world.advance(minutes=30)
    assert states(await team.verify()) == {"staging": RolloutState.PRE_EXISTING}


async def test_what_was_healthy_before_is_remembered(team: Team) -> None:
    """An environment that was seen well before has been broken by the update."""
    team.merge_files({STAGING: deployment("1.1.0", "broken")})
    await team.verify()
    team.world.advance(minutes=30)
    (rollout,) = (await team.verify()).rollouts
    assert (rollout.verdict.state, rollout.expectation.was_healthy) == (RolloutState.FAILED_HEALTH, True)


async def test_pull_requests_of_others_are_not_followed(team: Team) -> None:
    """Only branches of ours are."""
    team.merge_files({STAGING: deployment("1.1.0")}, branch="feature/web")
    assert (await team.verify()).rollouts == ()


async def test_without_reconcilers_nothing_is_written(team: Team) -> None:
    """Where nobody can be asked, the pull request is left as it is."""
    team.world.repository.commit({"renovate.json": "{}"})
    pull = team.merge_files({STAGING: deployment("1.1.0")})
    assert states(await team.verify()) == {"staging": RolloutState.UNKNOWN}
    assert team.forge.comments(pull) == []
    assert team.forge.statuses([pull.merge_commit or ""]) == {pull.merge_commit: []}


@pytest.mark.parametrize(("horizon", "followed"), [("5d", 1), ("1d", 0)])
async def test_merged_updates_are_followed_so_long(team: Team, horizon: str, followed: int) -> None:
    """``horizon``, as the configuration has it."""
    team.configure(horizon=horizon)
    team.merge_files({STAGING: deployment("1.1.0")})
    team.world.advance(days=2)

    assert len((await team.verify()).pulls) == followed


async def test_after_the_horizon_nothing_is_followed(team: Team) -> None:
    """A merge of a month ago is no longer followed."""
    team.merge_files({STAGING: deployment("1.1.0", "paused")})
    team.world.advance(days=15)
    assert (await team.verify()).rollouts == ()


async def test_a_status_that_somebody_changed(team: Team) -> None:
    """A note that cannot be read is as if there were none: it is written anew."""
    pull = team.merge_files({STAGING: deployment("1.1.0")})
    team.world.advance(minutes=10)
    await team.verify()
    commit = pull.merge_commit or ""
    team.forge.set_status(commit, Status(context=CONTEXT, state=CheckState.SUCCESS, description="done: trust me"))
    await team.verify()
    note = read_note(team.forge.statuses([commit])[commit], commit)
    assert note is not None
    assert (note.words, note.is_final) == ("staging: live", False)


async def test_waiting_until_all_is_settled(team: Team) -> None:
    """With a time to wait, it is looked again until nothing changes by itself any more."""
    team.merge_files({STAGING: deployment("1.1.0")})
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        team.world.advance(seconds=seconds)

    found = await team.verify(wait=timedelta(minutes=10), sleep=sleep)
    assert states(found) == {"staging": RolloutState.LIVE}
    assert 60 <= sum(slept) < 600


async def test_while_waiting_only_what_happened_is_read(team: Team) -> None:
    """The cluster tells when something has changed; the applications are not read again and again."""
    team.merge_files({STAGING: deployment("1.1.0", "paused")})

    async def sleep(seconds: float) -> None:
        team.world.advance(seconds=seconds)

    await team.verify(wait=timedelta(minutes=30), sleep=sleep)
    read = [each for each in team.api.requests if each.path.endswith("/applications/web-staging")]
    assert 5 <= len(read) <= 25, "once for each change, not every fifteen seconds"


async def test_a_cluster_that_lets_nobody_watch(team: Team) -> None:
    """Then it is asked every now and then."""
    team.merge_files({STAGING: deployment("1.1.0")})
    team.api.fault = lambda request: Reply(status=403, body=b"{}") if "watch" in request.query else None
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        team.world.advance(seconds=seconds)

    found = await team.verify(wait=timedelta(minutes=10), sleep=sleep)
    assert states(found) == {"staging": RolloutState.LIVE}
    assert set(slept) == {15.0}
    assert len([each for each in team.api.requests if "watch=1" in each.path]) == 1


async def test_waiting_in_vain(team: Team) -> None:
    """What does not settle in time is reported as it is then."""
    team.merge_files({STAGING: deployment("1.1.0", "paused")})

    async def sleep(seconds: float) -> None:
        team.world.advance(seconds=seconds)

    start = team.world.clock.now
    found = await team.verify(wait=timedelta(minutes=10), sleep=sleep)
    assert not found.is_settled
    assert team.world.clock.now - start <= timedelta(minutes=10)


async def test_a_cluster_that_cannot_be_reached(team: Team) -> None:
    """Without the cluster everything is unknown, which is said and is no failure."""
    pull = team.merge_files({STAGING: deployment("1.1.0")})
    team.api.forbid("/")
    found = await team.verify()
    assert states(found) == {"staging": RolloutState.UNKNOWN}
    assert not found.has_failures
    assert "rule argocd 1" in team.forge.comments(pull)[0].text


async def test_the_forge_is_asked_little_when_nothing_changes(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing to be followed: the merged pull requests and their commits, and the cluster not at all."""
    team.merge_files({STAGING: deployment("1.1.0")})
    team.world.advance(hours=3)
    await team.verify()
    calls: list[str] = []
    for name in ("merged_since", "statuses", "commits", "comment", "comments", "set_status", "pull_requests"):
        monkeypatch.setattr(team.forge, name, counted(name, getattr(team.forge, name), calls))
    await team.verify()
    assert calls == ["merged_since", "commits"]


ROOT = 'terraform {\n  required_version = "1.9.0"\n  backend "s3" {}\n}\n'


def infrastructure(place: Path, api: KubernetesApi) -> Team:
    """A team with a Terraform root that Atlantis plans and applies."""
    reconcilers = [{"type": "atlantis", "creators": ["gitops-updater"]}]
    return Team(place, api, options={"reconcilers": reconcilers}, environments=[], files={"infra/main.tf": ROOT})


def say(team: Team, commit: str, command: str, state: CheckState, description: str) -> None:
    status = Status(context=f"atlantis/{command}: infra/default", state=state, description=description)
    team.forge.set_status(commit, status)


async def test_terraform_that_was_merged_and_never_applied(tmp_path: Path) -> None:
    """The plan's numbers and the missing apply are on the merged pull request."""
    with KubernetesApi() as api:
        team = infrastructure(tmp_path, api)
        pull = team.propose({"infra/main.tf": ROOT.replace("1.9.0", "1.10.0")})
        assert pull.head is not None
        say(team, pull.head, "plan", CheckState.SUCCESS, "Plan: 1 to add, 0 to change, 2 to destroy.")
        team.forge.merge_pull_request(pull)
        team.world.repository.look()
        (rollout,) = (await team.verify()).rollouts
        assert rollout.verdict.state is RolloutState.NEEDS_APPLY
        (comment,) = team.forge.comments(team.forge.pull_request(pull.number))
        assert "| 1 to add, 2 to destroy |" in comment.text


async def test_terraform_that_was_applied_and_not_merged(tmp_path: Path) -> None:
    """An open pull request whose plan was applied is a finding; one that only waits is none, and nothing is written."""
    with KubernetesApi() as api:
        team = infrastructure(tmp_path, api)
        pull = team.propose({"infra/main.tf": ROOT.replace("1.9.0", "1.10.0")})
        assert pull.head is not None
        say(team, pull.head, "plan", CheckState.SUCCESS, "Plan: 1 to add, 0 to change, 0 to destroy.")
        (waiting,) = (await team.verify()).rollouts
        assert waiting.verdict.state is RolloutState.WAITING_SYNC
        say(team, pull.head, "apply", CheckState.SUCCESS, "1/1 projects applied successfully.")
        (applied,) = (await team.verify()).rollouts
        assert applied.verdict.state is RolloutState.APPLIED_UNMERGED
        assert team.forge.comments(pull) == []


async def test_what_was_merged_without_a_pull_request_is_followed(team: Team) -> None:
    """Its commit tells since when it is there, and what became of it; the time of the commit itself does not count."""
    team.configure(automerge=True, automergeType="branch")
    branch, text = "updater/web-1.x", deployment("1.5.0")
    base = team.world.repository.look()
    commit = Commit(branch=branch, message="Update web\n\nUpdater-Fingerprint: f\n", files={STAGING: text})
    team.forge.push(base, [commit], {branch: None})
    (remote,) = team.forge.branches("updater/", "main")
    team.world.advance(hours=5)
    merged = team.forge.merge_branch(remote, commit, "main", base, MergeStrategy.AUTO).commits["main"]
    assert (await team.verify()).rollouts == ()
    team.forge.set_status(merged, Status(context=MERGED_ALONE, state=CheckState.SUCCESS))
    team.world.repository.look()
    team.world.advance(minutes=30)

    (rollout,) = (await team.verify()).rollouts
    assert (rollout.environment, rollout.pull, rollout.verdict.state.is_live) == ("staging", 0, True)
    took = rollout.verdict.times.merge_to_running
    assert took is not None
    assert took < timedelta(minutes=30)
    note = read_note(team.forge.statuses([merged])[merged], merged)
    assert note is not None
    assert note.words == "staging: live"

    before = team.written()
    await team.verify()
    assert team.written() == before
