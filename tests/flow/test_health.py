"""Applications that are unwell, for whatever reason: nothing is merged into them, and a sick environment waits."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.flow.team import PRODUCTION, STAGING, Team, application, deployment
from updater.api import PullRequestState
from updater.demo.kubernetes import KubernetesApi
from updater.demo.registries import Registries
from updater.model.plan import ActionKind
from updater.report import terminal

NAMES = ("one", "two", "three", "four")
AUTOMATIC = [
    {"name": "staging", "paths": ["apps/staging/**"], "automerge": ["patch", "minor"]},
    {"name": "production", "paths": ["apps/production/**"], "after": "staging", "soak": "1h"},
]


class Crowd(Team):
    """A team that has four more applications in staging."""

    def __post_init__(self) -> None:
        others: Mapping[str, str] = {
            **{f"argo/staging-{name}.yaml": application("staging", name) for name in NAMES},
            **{f"apps/staging/{name}/deployment.yaml": "kind: Deployment\n" for name in NAMES},
        }
        self.files = {**self.files, **others}
        super().__post_init__()
        self.others = {name: self.world.application(f"{name}-staging", f"apps/staging/{name}") for name in NAMES}
        self.world.advance(hours=1)

    def break_down(self, *names: str) -> None:
        """What nobody has changed becomes unhealthy, and stays so."""
        for name in names:
            self.world.repository.look()
            self.world.repository.commit({f"apps/staging/{name}/deployment.yaml": "broken\n"}, f"Break {name}\n")
        self.world.advance(hours=1)


@pytest.fixture
def crowd(tmp_path: Path, registries: Registries) -> Iterator[Crowd]:
    with KubernetesApi() as api:
        yield Crowd(tmp_path, api, registries.routes, environments=AUTOMATIC, options={"ignoreTests": True})


def why_waiting(plan: Any) -> str:
    (action,) = (each for each in plan.actions if each.branch is not None)
    assert action.kind is not ActionKind.MERGE
    return str(action.reason)


async def test_nothing_is_merged_into_an_application_that_was_degraded_before(crowd: Crowd) -> None:
    """The pull request is there, and waits, with the reason and what lifts it; then it is merged."""
    await crowd.run()
    crowd.staging.flap(crowd.world.clock.now)
    why = why_waiting(await crowd.plan())
    assert "Application argocd/web-staging is Degraded: until it is healthy and synced" in why
    crowd.world.advance(hours=1)
    await crowd.run()
    assert [pull.state for pull in crowd.forge.pull_requests("updater/")] == [PullRequestState.MERGED]


async def test_nothing_is_merged_into_an_application_that_is_not_as_git_says(crowd: Crowd) -> None:
    """Something else is on its way there."""
    await crowd.run()
    crowd.world.repository.look()
    crowd.world.repository.commit({"apps/staging/web/more.yaml": "kind: Service\n"}, "More\n")
    crowd.staging.automated = False
    crowd.world.advance(minutes=10)
    assert "Application argocd/web-staging is Healthy, OutOfSync" in why_waiting(await crowd.plan())


async def test_other_applications_do_not_matter(crowd: Crowd) -> None:
    """Two that are broken elsewhere in staging keep nothing from being merged."""
    await crowd.run()
    crowd.break_down("one", "two")
    await crowd.run()
    assert [pull.state for pull in crowd.forge.pull_requests("updater/")] == [PullRequestState.MERGED]


async def test_an_environment_much_of_which_is_unhealthy_is_frozen(crowd: Crowd) -> None:
    """Three of five are more than a half: nothing is proposed there, cause and lift condition are told."""
    crowd.break_down("one", "two", "three")
    plan = await crowd.plan()
    (freeze,) = plan.freezes
    assert (freeze.environment, freeze.targets) == ("staging", ())
    assert freeze.cause.startswith("3 of 5 are unhealthy in staging (Application argocd/one-staging, ")
    assert freeze.lifted == "until no more than 50% of them are (unhealthyLimit)"
    assert await crowd.run() == []
    shown = "\n".join(terminal.why(plan.decisions, plan.held, plan.gone, plan.updates, plan.actions))
    assert "frozen: 3 of 5 are unhealthy in staging" in " ".join(shown.split())


async def test_the_freeze_ends_by_itself(crowd: Crowd) -> None:
    """Once one of them is mended, the pull request is opened."""
    crowd.break_down("one", "two", "three")
    await crowd.run()
    crowd.world.repository.commit({"apps/staging/one/deployment.yaml": "kind: Deployment\n"}, "Mend\n")
    crowd.world.advance(hours=1)
    await crowd.run()
    assert len(crowd.open_pulls()) == 1


@pytest.mark.parametrize(
    "options", [{"unhealthyLimit": 1}, {"unhealthyLimit": 0.6}, {"onFailure": {"staging": "report"}}]
)
async def test_who_wants_no_such_freeze(crowd: Crowd, options: dict[str, Any]) -> None:
    """A higher limit, or a report in place of freezes."""
    crowd.break_down("one", "two", "three")
    crowd.configure(**options)
    assert (await crowd.plan()).freezes == ()


async def test_another_environment_goes_on(tmp_path: Path, registries: Registries) -> None:
    """Staging is sick; what it had proven before still goes to production."""
    files = {STAGING: deployment("1.4.0"), PRODUCTION: deployment("1.4.0")}
    with KubernetesApi() as api:
        crowd = Crowd(tmp_path, api, registries.routes, environments=AUTOMATIC, files=files)
        await crowd.run()
        crowd.merge("updater/")
        crowd.world.advance(hours=2)
        crowd.break_down("one", "two", "three")
        await crowd.run()
        assert ["production" in pull.branch for pull in crowd.open_pulls()] == [True]


async def test_a_look_at_everything_costs_one_request(crowd: Crowd) -> None:
    """All applications are in one list, which also serves the verdicts where there are any to find."""
    await crowd.run()
    crowd.api.reset()
    await crowd.plan()
    assert len(crowd.api.requests) == 1


async def test_what_cannot_be_read_freezes_nothing(crowd: Crowd, caplog: pytest.LogCaptureFixture) -> None:
    """Unknown is not unhealthy; that nobody knows is said."""
    crowd.break_down("one", "two", "three")
    crowd.api.forbid("/")
    plan = await crowd.plan()
    assert plan.freezes == ()
    assert "nobody knows how things are in argocd" in caplog.text
