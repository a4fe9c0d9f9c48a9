"""From one environment to the next: only what has run healthily for long enough, and exactly that."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from tests.servers.kubernetes import KubernetesApi
from tests.servers.simulator import Application, World
from updater import wiring
from updater.api import PullRequest, PullRequestState
from updater.demo.registries import Registries
from updater.model import Plan
from updater.pipeline import Target, carry_out, make_plan
from updater.platforms.local import LocalPlatform
from updater.publish import Outcome

STAGING, PRODUCTION = "apps/staging/web/web.yaml", "apps/production/web/web.yaml"
IMAGE = "ghcr.io/acme/api"
ENVIRONMENTS: list[dict[str, Any]] = [
    {"name": "staging", "paths": ["apps/staging/**"]},
    {"name": "production", "paths": ["apps/production/**"], "after": "staging", "soak": {"minor": "2h", "*": "1h"}},
]


def deployment(version: str, note: str = "") -> str:
    return f"""\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  labels: {{note: "{note}"}}
spec:
  template:
    spec:
      containers:
        - name: web
          image: {IMAGE}:{version}
"""


def application(environment: str) -> str:
    return f"""\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata:
  name: web-{environment}
  namespace: argocd
spec:
  source:
    repoURL: https://git.example.com/acme/gitops.git
    path: apps/{environment}/web
    targetRevision: main
"""


@dataclass
class Team:
    """A repository, its forge, its registries and its cluster, and the bot that runs every now and then."""

    directory: Path
    api: KubernetesApi
    routes: Mapping[str, str]
    environments: list[dict[str, Any]] = field(default_factory=lambda: ENVIRONMENTS)
    options: Mapping[str, Any] = field(default_factory=dict)
    files: Mapping[str, str] = field(
        default_factory=lambda: {STAGING: deployment("1.4.3"), PRODUCTION: deployment("1.4.3")}
    )

    def __post_init__(self) -> None:
        self.world = World(self.directory / "gitops.git")
        self.api.live.append(self.world.objects)
        config = {
            "reconcilers": [{"type": "argocd", "via": "kubernetes", "url": self.api.url}],
            "environments": self.environments,
            "prHourlyLimit": 0,
            **self.options,
        }
        self.world.repository.commit(
            {
                "renovate.json": json.dumps(config),
                "argo/staging.yaml": application("staging"),
                "argo/production.yaml": application("production"),
                **self.files,
            }
        )
        self.staging: Application = self.world.application("web-staging", "apps/staging/web")
        self.production: Application = self.world.application("web-production", "apps/production/web")
        self.forge = LocalPlatform(self.directory / "gitops.git", clock=self.world.clock)
        self.world.advance(hours=1)

    async def plan(self, *, writes: bool = False) -> Plan:
        settings = wiring.Settings(cache="memory:", environment={}, routes=self.routes)
        target = Target(repository="gitops", tree=self.forge.tree("main"), base="main", platform=self.forge)
        config = wiring.configuration(target.tree, settings)
        shop = wiring.workshop(lambda _text: None, settings, self.world.clock)
        trials, unseen = await wiring.observed(target, config, settings, shop, writes=writes)
        async with wiring.network(config, settings, self.world.clock) as network:
            made = await make_plan(target, config, shop, replace(network, trials=trials))
        return replace(made, failed=(*made.failed, *unseen))

    async def run(self) -> list[Outcome]:
        made = await self.plan(writes=True)
        outcomes = carry_out(made, self.forge, lambda _text: None)
        self.world.repository.look()
        return outcomes

    def open_pulls(self) -> list[PullRequest]:
        found = self.forge.pull_requests("updater/")
        return [pull for pull in found if pull.state is PullRequestState.OPEN]

    def the_pull(self, part: str) -> PullRequest:
        (pull,) = (each for each in self.open_pulls() if part in each.branch)
        return pull

    def merge(self, part: str) -> PullRequest:
        pull = self.the_pull(part)
        self.forge.merge_pull_request(pull)
        self.world.repository.look()
        return self.forge.pull_request(pull.number)

    def text(self, path: str) -> str:
        ((_, data),) = self.forge.tree("main").read([path])
        return data.decode()


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
    assert reasons(plan) == ["it has to run healthily in staging first, where no merged pull request has brought it"]


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
    before = team.forge.pull_request(pull.number)
    outcomes = await team.run()
    assert outcomes == []
    assert team.forge.pull_request(pull.number) == before
    team.merge("production")
    assert f"{IMAGE}:1.6.0" in team.text(PRODUCTION)
