"""Following merged pull requests on the forges: the same verdicts, and few requests."""

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.flow.team import STAGING, application, deployment
from tests.servers import gitea, github, gitlab
from tests.servers.code_host import CodeHost
from tests.servers.gitea import Gitea
from tests.servers.githttp import Bare
from tests.servers.github import GitHub
from tests.servers.gitlab import GitLab
from updater import follow, wiring
from updater.api import Commit, Platform, Proposal, RolloutState, Secret
from updater.demo.kubernetes import KubernetesApi
from updater.demo.simulator import stamp
from updater.platforms.gitea import GiteaPlatform
from updater.platforms.github import GitHubPlatform
from updater.platforms.gitlab import GitLabPlatform

FORGES: Mapping[str, tuple[Callable[[Path], CodeHost], Callable[..., Platform], str]] = {
    "github": (GitHub, GitHubPlatform, github.TOKEN),
    "gitlab": (GitLab, GitLabPlatform, gitlab.TOKEN),
    "gitea": (Gitea, GiteaPlatform, gitea.TOKEN),
}


def healthy(commit: str, since: datetime) -> dict[str, Any]:
    """The application that deploys the staging directory, which synced a commit and has been well since."""
    source = {
        "repoURL": "https://git.example.com/acme/gitops.git",
        "path": "apps/staging/web",
        "targetRevision": "main",
    }
    deployed = {"revision": commit, "deployStartedAt": stamp(since), "deployedAt": stamp(since)}
    return {
        "metadata": {"name": "web-staging", "namespace": "argocd"},
        "spec": {"source": source, "syncPolicy": {"automated": {}}},
        "status": {
            "sync": {"status": "Synced", "revision": commit},
            "health": {"status": "Healthy", "lastTransitionTime": stamp(since)},
            "reconciledAt": stamp(since + timedelta(days=3)),
            "history": [deployed],
        },
    }


class Scene:
    """A pull request of ours that was merged, and deployed a day later; ``options`` are the configuration's."""

    def __init__(
        self, name: str, place: Path, server: CodeHost, api: KubernetesApi, options: Mapping[str, Any]
    ) -> None:
        _, self._make, self._token = FORGES[name]
        self._place, self.server, self.api = place, server, api
        config = {"reconcilers": [{"type": "argocd", "via": "kubernetes", "url": api.url}], **options}
        files = {
            "renovate.json": json.dumps(config),
            "argo/staging.yaml": application("staging"),
            STAGING: deployment("1.0.0"),
        }
        server.repository("octo/app", Bare.make(place / "app.git", files))
        forge = self.platform()
        base = forge.tree("main").commit
        assert base is not None
        change = Commit(branch="updater/web", message="Update web\n", files={STAGING: deployment("1.1.0")})
        assert forge.push(base, [change], {"updater/web": None}).refused == {}
        pull = forge.create_pull_request(Proposal(branch="updater/web", base="main", title="Update web", body="Why"))
        self.commit = forge.merge_pull_request(pull)
        (self.pull,) = self.platform().merged_since(datetime(2020, 1, 1, tzinfo=UTC))
        assert self.pull.merged is not None
        self.merged = self.pull.merged
        api.put("argoproj.io/v1alpha1", "applications", healthy(self.commit, self.merged + timedelta(hours=1)))

    def platform(self) -> Platform:
        return self._make(
            "octo/app",
            token=Secret(self._token),
            endpoint=self.server.endpoint,
            clone_url=f"{self.server.root}/octo/app.git",
            cache_directory=self._place / "cache",
            sleep=lambda _: None,
        )

    async def verify(self, **length: float) -> follow.Followed:
        """Look so long after the merge."""
        now, forge = self.merged + timedelta(**length), self.platform()
        place = follow.Deployed(platform=forge, base="main", tree=forge.tree("main"))
        settings = wiring.Settings(cache="memory:", environment={})
        options = wiring.configuration(place.tree, settings)
        async with wiring.assignments(place, options, settings, lambda: now) as assignments:
            workshop = wiring.workshop(lambda _text: None, settings, lambda: now)
            return await follow.verify(place, options, workshop, assignments)

    def deployments(self) -> list[tuple[str, str, str]]:
        found = self.platform().deployments(datetime(2020, 1, 1, tzinfo=UTC))
        return [(one.environment, one.commit, one.state) for one in found]

    def comments(self) -> list[str]:
        return [comment.text for comment in self.platform().comments(self.pull)]

    def writes(self) -> int:
        return sum(exchange.writes for exchange in self.server.log)


Begin = Callable[..., Scene]


@pytest.fixture(params=FORGES)
def begin(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Begin]:
    """Sets the scene on each forge, with options of the configuration."""
    name = request.param
    with FORGES[name][0](tmp_path / "forge") as server, KubernetesApi() as api:
        yield lambda **options: Scene(name, tmp_path, server, api, options)


async def test_a_proof_and_then_an_idle_run(begin: Begin) -> None:
    """A merged pull request is proven; from then on a run takes at most four requests of the forge and no others."""
    scene = begin()
    (rollout,) = (await scene.verify(days=3)).rollouts
    assert (rollout.verdict.state, rollout.environment) == (RolloutState.PROVEN, "staging")
    assert any("**Deployment**" in text for text in scene.comments())
    assert scene.deployments() == []

    scene.api.reset()
    before = len(scene.server.asked())
    assert (await scene.verify(days=3)).rollouts == ()
    asked = [f"{each.method} {each.path}" for each in scene.server.asked()[before:]]
    calls = [each for each in asked if "git-upload-pack" not in each and "info/refs" not in each]
    assert len(calls) <= 4, calls
    assert not scene.api.requests


async def test_records_of_deployments_in_place_of_the_comment(begin: Begin) -> None:
    """One record for the environment follows the pull request; where a forge has none, there is the comment."""
    scene = begin(rolloutRecords="deployments")
    await scene.verify(minutes=1)
    is_kept = scene.platform().RECORDS_DEPLOYMENTS
    assert scene.deployments() == ([("staging", scene.commit, "success")] if is_kept else [])
    assert bool(scene.comments()) is not is_kept
    before = scene.writes()
    await scene.verify(minutes=1)
    assert scene.writes() == before


async def test_a_record_of_a_deployment_follows_what_happens(begin: Begin) -> None:
    """What has failed is a failure there, and is well again on the same record."""
    scene = begin(rolloutRecords="both")
    if not scene.platform().RECORDS_DEPLOYMENTS:
        pytest.skip("it keeps no records of deployments")
    for health, state in (("Progressing", "pending"), ("Degraded", "failure"), ("Healthy", "success")):
        app = healthy(scene.commit, scene.merged + timedelta(minutes=1))
        app["status"]["health"]["status"] = health
        scene.api.put("argoproj.io/v1alpha1", "applications", app)
        await scene.verify(hours=1)
        assert scene.deployments() == [("staging", scene.commit, state)]
    assert len(scene.comments()) == 1


async def test_an_interrupted_run_is_taken_up_again(begin: Begin) -> None:
    """If the last thing could not be written, the next run writes it, and nothing twice."""
    scene = begin(rolloutRecords="both")
    scene.server.fail_next("POST", r".*/statuses/[0-9a-f]{40}", 403)
    assert (await scene.verify(hours=2)).failed
    assert not (await scene.verify(hours=2)).failed
    assert len(scene.deployments()) == (1 if scene.platform().RECORDS_DEPLOYMENTS else 0)
    assert len(scene.comments()) == 1


async def test_nothing_is_to_be_told(begin: Begin) -> None:
    """Then there is only the status that the next run needs."""
    scene = begin(rolloutRecords="none")
    await scene.verify(hours=2)
    assert (scene.comments(), scene.deployments()) == ([], [])
    assert [one.context for one in scene.platform().statuses([scene.commit])[scene.commit]] == ["updater/rollout"]
