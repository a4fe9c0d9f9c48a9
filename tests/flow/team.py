"""A team with two environments that Argo CD deploys: a real repository, its forge and its cluster, and the bot."""

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from updater import follow, git, wiring
from updater.api import Commit, Proposal, PullRequest, PullRequestState, RolloutState
from updater.demo.kubernetes import KubernetesApi
from updater.demo.simulator import Application, World
from updater.model.plan import Plan
from updater.pipeline import Bases, Project, carry_out, make_plan
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


def application(environment: str, name: str = "web") -> str:
    return f"""\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata:
  name: {name}-{environment}
  namespace: argocd
spec:
  source:
    repoURL: https://git.example.com/acme/gitops.git
    path: apps/{environment}/{name}
    targetRevision: main
"""


@dataclass
class Team:
    """What happens to it is said in words: ``merge``, ``advance``, ``run``. ``bad`` versions never become healthy."""

    directory: Path
    api: KubernetesApi
    routes: Mapping[str, str] = field(default_factory=dict)
    environments: list[dict[str, Any]] = field(default_factory=lambda: ENVIRONMENTS)
    options: Mapping[str, Any] = field(default_factory=dict)
    bad: tuple[str, ...] = ()
    files: Mapping[str, str] = field(
        default_factory=lambda: {STAGING: deployment("1.4.3"), PRODUCTION: deployment("1.4.3")}
    )

    def __post_init__(self) -> None:
        self.world = World(self.directory / "gitops.git")
        self.api.live.append(self.world.objects)
        self.config = {
            "reconcilers": [{"type": "argocd", "via": "kubernetes", "url": self.api.url}],
            "environments": self.environments,
            "prHourlyLimit": 0,
            **self.options,
        }
        self.world.repository.commit(
            {
                "renovate.json": json.dumps(self.config),
                "argo/staging.yaml": application("staging"),
                "argo/production.yaml": application("production"),
                **self.files,
            }
        )
        self.staging: Application = self.world.application("web-staging", "apps/staging/web", breaks_with=self.bad)
        self.production: Application = self.world.application("web-production", "apps/production/web")
        self.forge = LocalPlatform(self.directory / "gitops.git", clock=self.world.clock)
        self.world.advance(hours=1)

    # ------------------------------------------------------------ what people do

    def configure(self, **options: Any) -> None:
        """Change options of the configuration."""
        self.config |= options
        self.world.repository.look()
        self.world.repository.commit({"renovate.json": json.dumps(self.config)}, "Options\n")

    def propose(self, files: dict[str, str], branch: str = "updater/web-1.x") -> PullRequest:
        """A pull request with these files, as the bot would open it."""
        base = self.world.repository.look()
        commit = Commit(branch=branch, message="Update web\n", files=files)
        assert not self.forge.push(base, [commit], {branch: None}).refused
        return self.forge.create_pull_request(Proposal(branch=branch, base="main", title="Update web", body=""))

    def merge_files(self, files: dict[str, str], branch: str = "updater/web-1.x") -> PullRequest:
        """Seven minutes later somebody merges it."""
        pull = self.propose(files, branch)
        self.world.advance(minutes=7)
        return self._merged(pull)

    def merge(self, part: str) -> PullRequest:
        """Somebody merges the open pull request of the bot that has ``part`` in its branch."""
        return self._merged(self.the_pull(part))

    def _merged(self, pull: PullRequest) -> PullRequest:
        self.forge.merge_pull_request(pull)
        self.world.repository.look()
        return self.forge.pull_request(pull.number)

    # ------------------------------------------------------------ what the bot does

    async def verify(self, **options: Any) -> follow.Followed:
        deployed, project = self.deployed()
        settings = wiring.Settings(cache="memory:", environment={})
        config = wiring.configuration(project.tree, settings)
        sleep, clock = options.get("sleep", asyncio.sleep), self.world.clock
        async with wiring.assignments(deployed, config, settings, clock, sleep=sleep) as assignments:
            workshop = wiring.workshop(lambda _text: None, settings, clock)
            return await follow.verify(deployed, config, workshop, assignments, **options)

    def deployed(self) -> tuple[follow.Deployed, Project]:
        project = wiring.running_project(str(self.world.directory), wiring.Settings(cache="memory:", environment={}))
        return follow.Deployed(platform=self.forge, base=project.base, tree=project.tree), project

    async def plan(self, *, writes: bool = False) -> Plan:
        settings = wiring.Settings(cache="memory:", environment={}, routes=self.routes)
        project = Project(repository="gitops", tree=self.forge.tree("main"), base="main", platform=self.forge)
        config = wiring.configuration(project.tree, settings)
        shop = wiring.workshop(lambda _text: None, settings, self.world.clock)
        bases = Bases.only(project, config)
        seen = await wiring.observed(project, bases, settings, shop, writes=writes)
        async with wiring.network(config, settings, self.world.clock) as network:
            made = await make_plan(project, bases, shop, replace(network, trials=seen.trials, healths=seen.healths))
        return replace(made, failed=(*made.failed, *seen.failed))

    async def run(self) -> list[Outcome]:
        made = await self.plan(writes=True)
        outcomes = carry_out(made, self.forge, lambda _text: None)
        self.world.repository.look()
        return outcomes

    # ------------------------------------------------------------ what is there

    def open_pulls(self) -> list[PullRequest]:
        found = self.forge.pull_requests("updater/")
        return [pull for pull in found if pull.state is PullRequestState.OPEN]

    def the_pull(self, part: str) -> PullRequest:
        (pull,) = (each for each in self.open_pulls() if part in each.branch)
        return pull

    def text(self, path: str) -> str:
        ((_, data),) = self.forge.tree("main").read([path])
        return data.decode()

    def written(self) -> dict[str, str]:
        """All refs of the repository: whatever is written moves one."""
        return {ref.name: ref.commit for ref in git.refs(self.world.repository.git, "refs/")}


def states(followed: follow.Followed) -> dict[str | None, RolloutState]:
    return {rollout.environment: rollout.verdict.state for rollout in followed.rollouts}


def counted(name: str, function: Callable[..., Any], calls: list[str]) -> Callable[..., Any]:
    """A function that notes in ``calls`` that it was called."""

    def call(*arguments: Any, **options: Any) -> Any:
        calls.append(name)
        return function(*arguments, **options)

    return call
