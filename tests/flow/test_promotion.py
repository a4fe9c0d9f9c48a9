"""From one environment to the next: only what has run healthily for long enough, and exactly that."""

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

import pytest

from tests.flow.team import IMAGE, PRODUCTION, STAGING, Team, counted, deployment
from updater.api import PlatformError, PullRequest
from updater.demo.kubernetes import KubernetesApi
from updater.demo.registries import Registries
from updater.model.plan import Plan
from updater.report import terminal
from updater.report.html import plan_page


@pytest.fixture
def team(tmp_path: Path, registries: Registries) -> Iterator[Team]:
    with KubernetesApi() as api:
        yield Team(tmp_path, api, registries.routes)


def versions(team: Team) -> list[tuple[str, str]]:
    return sorted((pull.branch, pull.title) for pull in team.open_pulls())


def reasons(plan: Plan) -> list[str]:
    return [held.reason for held in plan.held if held.rule == "environments"]


async def test_registries_are_offered_to_the_first_environment_only(team: Team) -> None:
    """The pull request changes staging; production waits, and it is said for what."""
    plan = await team.plan()
    assert [list(branch.files) for branch in plan.branches] == [[STAGING]]
    assert reasons(plan) == ["no merged pull request has brought it to staging yet"]


async def test_from_staging_to_production(team: Team) -> None:
    """What has run in staging for the soak time is proposed for production, with the evidence, and stays proposed."""
    await team.run()
    merged = team.merge("updater/")
    await team.run()
    assert team.open_pulls() == []
    team.world.advance(minutes=30)
    assert "it runs healthily in staging (#1), but not for long enough yet" in reasons(await team.plan())
    team.world.advance(hours=2)
    await team.run()
    pull = team.the_pull("production")
    assert pull.title == f"Promote {IMAGE} Docker tag to v1.6.0 in production"
    assert f"by #{merged.number}" in pull.body
    assert "- staging: `Application argocd/web-staging`, healthy since 2026-11-23" in pull.body
    assert "(minor: 2 hours without a break)" in pull.body
    assert "proven in staging since 2026-11-23" in why(await team.plan())
    before = team.forge.pull_request(pull.number)
    outcomes = await team.run()
    assert outcomes == []
    assert team.forge.pull_request(pull.number) == before
    team.merge("production")
    assert f"{IMAGE}:1.6.0" in team.text(PRODUCTION)


# ---------------------------------------------------------------- failures


@pytest.fixture
def failing(tmp_path: Path, registries: Registries) -> Iterator[Team]:
    """A team that gets a version which does not run."""
    with KubernetesApi() as api:
        yield Team(
            tmp_path, api, registries.routes, bad=("api:1.6.0",), options={"onFailure": {"staging": "revert-pr"}}
        )


async def failed(team: Team) -> PullRequest:
    """The update is merged, and has been unhealthy for longer than the grace time."""
    await team.run()
    pull = team.merge("updater/")
    await team.run()
    team.world.advance(minutes=30)
    return pull


async def test_a_failed_update_is_taken_back(failing: Team) -> None:
    """The application is frozen, and a pull request puts back what was there; after that the version stays away."""
    pull = await failed(failing)
    (freeze,) = (await failing.plan()).freezes
    assert freeze.targets == ("Application argocd/web-staging",)
    assert freeze.cause.startswith(f"{IMAGE} 1.6.0 of #1 is unhealthy")
    await failing.run()
    (revert,) = failing.open_pulls()
    assert (revert.branch, revert.labels) == (f"updater/revert-{pull.number}-staging", ("updater/reverted",))
    assert revert.title == f"Revert {IMAGE} Docker tag to v1.4.3"
    assert "**Why it is taken back**" in revert.body
    assert await failing.run() == []
    failing.merge("revert")
    assert f"{IMAGE}:1.4.3" in failing.text(STAGING)
    failing.world.advance(hours=1)
    await failing.run()
    plan = await failing.plan()
    assert plan.freezes == ()
    assert all(update.offer.new_value != "1.6.0" for update in plan.updates)
    assert any("1.6.0" in decision.subject and "rolled" in (decision.reason or "") + (decision.rule or "")
               for chain in plan.decisions.values() for decision in chain)  # fmt: skip


@pytest.mark.parametrize(("never", "opened"), [([], 1), (["update:minor"], 0), ([IMAGE], 0), (["update:major"], 1)])
async def test_some_things_are_never_taken_back(
    never: list[str], opened: int, tmp_path: Path, registries: Registries
) -> None:
    """``neverRevert``, by the type of update or the name of the package; it is frozen all the same."""
    options = {"onFailure": {"staging": "revert-pr"}, "neverRevert": never}
    with KubernetesApi() as api:
        team = Team(tmp_path, api, registries.routes, bad=("api:1.6.0",), options=options)
        await failed(team)
        await team.run()

        assert len(team.open_pulls()) == opened
        assert (await team.plan()).freezes


@pytest.mark.parametrize(("grace", "counts"), [("10m", True), ("45m", False)])
async def test_a_failure_counts_after_the_grace_time(
    grace: str, *, counts: bool, tmp_path: Path, registries: Registries
) -> None:
    """``grace``: what has been unhealthy for half an hour has failed, or may still become healthy."""
    with KubernetesApi() as api:
        team = Team(tmp_path, api, registries.routes, bad=("api:1.6.0",), options={"grace": grace})
        await failed(team)

        assert bool((await team.plan()).freezes) == counts


async def test_the_dashboard_tells_what_became_of_it(tmp_path: Path, registries: Registries) -> None:
    """What is on its way, and what failed and is frozen, with the reason; what is proven is no news."""
    with KubernetesApi() as api:
        team = Team(tmp_path, api, registries.routes, bad=("api:1.6.0",), options={"dependencyDashboard": True})
        await failed(team)
        await team.run()
    issue = team.forge.find_issue("Dependency Dashboard")
    assert issue is not None
    told = issue.body.partition("## After the merge\n\n")[2].partition("\n## ")[0]
    assert told.startswith("- **Frozen**: `Application argocd/web-staging`: ")
    assert "| `staging` | **unhealthy** | " in told
    assert "After the merge" in plan_page(await team.plan(), team.world.clock())


async def test_why_nothing_newer_comes(tmp_path: Path, registries: Registries) -> None:
    """An application that a version broke gets no other one, and ``why`` says what is in the way."""
    files = {STAGING: deployment("1.4.0"), PRODUCTION: deployment("1.4.0")}
    options = {"allowedVersions": "<=1.4.2"}
    with KubernetesApi() as api:
        team = Team(tmp_path, api, registries.routes, bad=("api:1.4.2",), options=options, files=files)
        await failed(team)
        tree = team.forge.tree("main")
        config = json.loads(next(iter(tree.read(["renovate.json"])))[1])
        team.world.repository.commit({"renovate.json": json.dumps({**config, "allowedVersions": "<2"})}, "Allow\n")
        assert await team.run() == []
        assert "frozen: ghcr.io/acme/api 1.4.2 of #1 is unhealthy" in why(await team.plan())


def why(plan: Plan) -> str:
    lines = terminal.why(plan.decisions, plan.held, plan.gone, plan.updates, plan.actions)
    return "\n".join(" ".join(line.split()) for line in lines)


async def test_a_revert_that_people_decline(failing: Team) -> None:
    """A revert that was closed is not opened again; the application stays frozen."""
    await failed(failing)
    await failing.run()
    (revert,) = failing.open_pulls()
    failing.forge.close_pull_request(revert, comment="No.")
    await failing.run()
    assert failing.open_pulls() == []
    assert len((await failing.plan()).freezes) == 1


async def test_what_a_person_took_back_is_not_taken_back_again(failing: Team) -> None:
    """Once something else stands there, there is nothing to take back, and the version is not proposed again."""
    await failed(failing)
    failing.world.repository.commit({STAGING: deployment("1.4.3")}, "Back\n")
    await failing.run()
    assert [pull.branch for pull in failing.open_pulls() if "revert" in pull.branch] == []
    assert all(update.offer.new_value != "1.6.0" for update in (await failing.plan()).updates)


async def test_other_commits_in_between(failing: Team) -> None:
    """Where somebody else has changed the application since, people decide."""
    await failed(failing)
    failing.world.repository.commit({"apps/staging/web/service.yaml": "kind: Service\n"}, "Service\n")
    await failing.run()
    assert failing.open_pulls() == []
    assert "there were other commits since" in (await failing.plan()).freezes[0].lifted


async def test_without_an_order_nothing_is_taken_back(tmp_path: Path, registries: Registries) -> None:
    """By default a failure freezes, and writes nothing to Git."""
    with KubernetesApi() as api:
        team = Team(tmp_path, api, registries.routes, bad=("api:1.6.0",))
        await failed(team)
        await team.run()
        assert team.open_pulls() == []
        assert "nothing is taken back here" in (await team.plan()).freezes[0].lifted


async def test_a_cluster_that_cannot_be_reached(failing: Team) -> None:
    """What is unknown neither freezes nor takes anything back."""
    await failed(failing)
    failing.api.forbid("/")
    await failing.run()
    assert failing.open_pulls() == []
    assert (await failing.plan()).freezes == ()


# ---------------------------------------------------------------- what it costs


async def test_an_idle_run_asks_little(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    """Following what was merged takes three questions to the forge and one to the cluster, and writes nothing."""
    await team.run()
    team.merge("updater/")
    team.world.advance(minutes=30)
    await team.run()
    calls: list[str] = []
    for name in ("merged_since", "statuses", "commits", "comment", "comments", "set_status"):
        monkeypatch.setattr(team.forge, name, counted(name, getattr(team.forge, name), calls))
    team.api.reset()
    assert await team.run() == []
    assert calls == ["merged_since", "statuses", "commits"]
    assert len(team.api.requests) <= 2


async def test_a_forge_that_does_not_tell_what_was_merged(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    """What cannot be seen holds promotions, closes nothing, and does not keep anything else from being proposed."""
    await team.run()
    team.merge("updater/")
    await team.run()
    team.world.advance(hours=3)
    await team.run()
    (pull,) = team.open_pulls()

    def fail(_moment: datetime) -> Sequence[PullRequest]:
        raise PlatformError("the forge is tired")

    monkeypatch.setattr(team.forge, "merged_since", fail)
    plan = await team.plan()
    assert [each.subject for each in plan.failed] == ["what is deployed"]
    await team.run()
    assert team.open_pulls() == [pull]
    monkeypatch.undo()
    assert await team.run() == []
    assert team.open_pulls() == [pull]
