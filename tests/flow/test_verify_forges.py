"""Following merged pull requests on the forges: the same verdicts, and few requests."""

import json
from collections.abc import Callable, Mapping
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


@pytest.mark.parametrize("name", FORGES)
async def test_a_proof_and_then_an_idle_run(name: str, tmp_path: Path) -> None:
    """A merged pull request is proven; from then on a run takes at most four requests of the forge and no others."""
    host, made, token = FORGES[name]
    with host(tmp_path / "forge") as server, KubernetesApi() as api:
        config = {"reconcilers": [{"type": "argocd", "via": "kubernetes", "url": api.url}]}
        files = {
            "renovate.json": json.dumps(config),
            "argo/staging.yaml": application("staging"),
            STAGING: deployment("1.0.0"),
        }
        server.repository("octo/app", Bare.make(tmp_path / "app.git", files))

        def platform() -> Platform:
            return made(
                "octo/app",
                token=Secret(token),
                endpoint=server.endpoint,
                clone_url=f"{server.root}/octo/app.git",
                cache_directory=tmp_path / "cache",
                sleep=lambda _: None,
            )

        async def verify(now: datetime) -> follow.Followed:
            forge = platform()
            place = follow.Deployed(platform=forge, base="main", tree=forge.tree("main"))
            settings = wiring.Settings(cache="memory:", environment={})
            options = wiring.configuration(place.tree, settings)
            async with wiring.assignments(place, options, settings, lambda: now) as assignments:
                workshop = wiring.workshop(lambda _text: None, settings, lambda: now)
                return await follow.verify(place, options, workshop, assignments)

        forge = platform()
        base = forge.tree("main").commit
        assert base is not None
        change = Commit(branch="updater/web", message="Update web\n", files={STAGING: deployment("1.1.0")})
        assert forge.push(base, [change], {"updater/web": None}).refused == {}
        pull = forge.create_pull_request(Proposal(branch="updater/web", base="main", title="Update web", body="Why"))
        commit = forge.merge_pull_request(pull)
        (merged,) = platform().merged_since(datetime(2020, 1, 1, tzinfo=UTC))
        assert merged.merged is not None
        api.put("argoproj.io/v1alpha1", "applications", healthy(commit, merged.merged + timedelta(minutes=2)))
        later = merged.merged + timedelta(days=3)

        (rollout,) = (await verify(later)).rollouts
        assert (rollout.verdict.state, rollout.environment) == (RolloutState.PROVEN, "staging")
        assert any("**Deployment**" in comment.text for comment in platform().comments(merged))

        api.reset()
        before = len(server.asked())
        assert (await verify(later)).rollouts == ()
        asked = [f"{each.method} {each.path}" for each in server.asked()[before:]]
        calls = [each for each in asked if "git-upload-pack" not in each and "info/refs" not in each]
        assert len(calls) <= 4, calls
        assert not api.requests
