"""The audit: what Git says and the cluster does not run, found on the first run, however long ago it began."""

import json
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from updater import follow, wiring
from updater.api import Rollout, RolloutState
from updater.demo.kubernetes import KubernetesApi
from updater.demo.simulator import START, World, stamp
from updater.platforms.local import LocalPlatform
from updater.report.rollout import audited

LONGHORN = """\
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: longhorn, namespace: longhorn-system}
spec:
  interval: 1h
  chart:
    spec:
      chart: longhorn
      version: VERSION
      sourceRef: {kind: HelmRepository, name: longhorn}
"""
WEB = """\
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: web, namespace: flux-system}
spec: {path: ./apps/web, wait: true, sourceRef: {kind: GitRepository, name: flux-system}}
"""


class Home:
    """A repository of a home cluster that Flux deploys."""

    def __init__(self, directory: Path, api: KubernetesApi) -> None:
        self.world, self.api = World(directory / "home.git"), api
        api.live.append(self.world.objects)
        config = {
            "reconcilers": [
                {"type": "flux", "via": "kubernetes", "url": api.url},
                {"type": "argocd", "via": "kubernetes", "url": api.url},
            ]
        }
        self.world.repository.commit(
            {
                "renovate.json": json.dumps(config),
                "infra/longhorn.yaml": LONGHORN.replace("VERSION", "1.8.1"),
                "clusters/home/web.yaml": WEB,
                "apps/web/web.yaml": "image: ghcr.io/acme/web:1.0.0\n",
            }
        )
        self.web = self.world.kustomization("web", "apps/web")

    async def audit(self) -> Sequence[Rollout]:
        settings = wiring.Settings(cache="memory:", environment={})
        target = wiring.running_project(str(self.world.directory), settings)
        forge = LocalPlatform(self.world.directory, clock=self.world.clock)
        deployed = follow.Deployed(platform=forge, base=target.base, tree=target.tree)
        config = wiring.configuration(target.tree, settings)
        async with wiring.assignments(deployed, config, settings, self.world.clock) as assignments:
            workshop = wiring.workshop(lambda _text: None, settings, self.world.clock)
            return await follow.audit(deployed, config, workshop, assignments)


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    with KubernetesApi() as api:
        yield Home(tmp_path, api)


def longhorn(wanted: str, running: str) -> dict[str, Any]:
    """A release that Flux failed to upgrade, again and again, and gave up on."""
    return {
        "apiVersion": "helm.toolkit.fluxcd.io/v2",
        "kind": "HelmRelease",
        "metadata": {"name": "longhorn", "namespace": "longhorn-system", "generation": 4},
        "spec": {"chart": {"spec": {"chart": "longhorn", "version": wanted}}},
        "status": {
            "observedGeneration": 4,
            "lastAttemptedRevision": wanted,
            "upgradeFailures": 4,
            "conditions": [
                {
                    "type": "Ready",
                    "status": "False",
                    "reason": "UpgradeFailed",
                    "message": "Helm upgrade failed: upgrading from 1.8 to 1.10 is not supported",
                    "lastTransitionTime": stamp(START + timedelta(days=2)),
                }
            ],
            "history": [
                {"chartName": "longhorn", "chartVersion": wanted, "status": "failed"},
                {"chartName": "longhorn", "chartVersion": running, "status": "deployed"},
            ],
        },
    }


async def test_git_is_far_ahead_of_the_cluster_for_months(home: Home) -> None:
    """Merged in November, never running: the first audit says so, with its age and the reason."""
    home.world.advance(days=1)
    home.world.repository.commit({"infra/longhorn.yaml": LONGHORN.replace("VERSION", "1.12.0")})
    home.api.put("helm.toolkit.fluxcd.io/v2", "helmreleases", longhorn("1.12.0", "1.8.1"))
    home.world.advance(days=270)
    found = await home.audit()
    by_name = {rollout.expectation.target.name: rollout for rollout in found}
    assert by_name["longhorn"].verdict.state is RolloutState.FAILED_SYNC
    lines = list(audited(found, home.world.clock.now))
    assert lines[0] == "In Git, and not running:"
    assert "270 d" in lines[1]
    assert "Git says longhorn 1.12.0" in lines[1]
    assert "upgrading from 1.8 to 1.10 is not supported" in lines[1]
    assert lines[-1] == "1 of 2 run what Git says."


async def test_the_object_in_the_cluster_is_older_than_git(home: Home) -> None:
    """Nobody applied the object with the new version at all."""
    home.world.repository.commit({"infra/longhorn.yaml": LONGHORN.replace("VERSION", "1.12.0")})
    item = longhorn("1.8.1", "1.8.1")
    item["status"]["conditions"] = []
    home.api.put("helm.toolkit.fluxcd.io/v2", "helmreleases", item)
    home.world.advance(days=100)
    (rollout,) = [each for each in await home.audit() if each.expectation.target.name == "longhorn"]
    assert (rollout.verdict.state, rollout.verdict.rule) == (RolloutState.WAITING_SYNC, "helm 3")


async def test_a_commit_that_was_never_applied(home: Home) -> None:
    """A directory whose newest commit cannot be built is late since that commit."""
    home.world.advance(hours=1)
    home.world.repository.commit({"apps/web/web.yaml": "image: ghcr.io/acme/web:1.1.0\nunrenderable\n"})
    since = home.world.clock.now
    home.world.advance(days=30)
    (rollout,) = [each for each in await home.audit() if each.expectation.target.name == "web"]
    assert (rollout.verdict.state, rollout.expectation.since) == (RolloutState.FAILED_RENDER, since)


async def test_what_is_not_there_is_not_known(home: Home) -> None:
    """An object that the cluster does not have is told apart from what is late."""
    home.world.advance(hours=1)
    found = await home.audit()
    lines = list(audited(found, home.world.clock.now))
    assert lines[0] == "Not known:"
    assert "longhorn" in lines[1]


async def test_applications_that_are_well_cost_one_request(home: Home) -> None:
    """Applications that the list shows to be well are not read one by one."""
    home.world.repository.commit(
        {
            f"argo/{number}.yaml": (
                "apiVersion: argoproj.io/v1alpha1\nkind: Application\n"
                f"metadata: {{name: app-{number}, namespace: argocd}}\nspec: {{source: {{path: apps/web, "
                "repoURL: 'https://git.example.com/acme/gitops.git', targetRevision: main}}\n"
            )
            for number in range(20)
        }
    )
    for number in range(20):
        home.world.application(f"app-{number}", "apps/web")
    home.world.advance(hours=1)
    found = await home.audit()
    assert sum(rollout.verdict.state is RolloutState.LIVE for rollout in found) >= 20
    assert len(home.api.paths("/apis/argoproj.io")) == 1
