"""The second half of ``updater demo``: from a merge to production, and what becomes of a bad version.

The pipeline, the forge in Git and the reader of Argo CD are the real ones. Argo CD itself is simulated behind a
Kubernetes API on loopback, and so is the time.
"""

import asyncio
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from updater import wiring
from updater.demo.kubernetes import KubernetesApi
from updater.demo.simulator import START, Application, World
from updater.model import ActionKind, Plan, PullRequestState
from updater.pipeline import Target, carry_out
from updater.platforms.local import LocalPlatform
from updater.publish import Outcome
from updater.report.inventory import table

Say = Callable[[str], None]

APPS = {"web": "2.3.1", "api": "1.5.1"}
"""What runs at the beginning."""
BAD = "acme/api:1.6.0"
"""The version that never becomes healthy."""
_VERBS = {ActionKind.CREATE: "opens", ActionKind.REFRESH: "refreshes", ActionKind.MERGE: "merges"}


@dataclass
class Story:
    """A small shop with two applications in two environments, and the bot that comes by every now and then."""

    directory: Path
    api: KubernetesApi
    routes: Mapping[str, str]
    say: Say
    merged: dict[str, datetime] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.world = World(self.directory)
        self.api.live.append(self.world.objects)
        self.world.repository.commit(dict(_files(self.api.url)), "The shop as it is\n")
        self.apps: dict[tuple[str, str], Application] = {
            (name, place): self.world.application(f"{name}-{place}", f"apps/{place}/{name}", breaks_with=(BAD,))
            for name in APPS
            for place in ("staging", "production")
        }
        self.forge = LocalPlatform(self.directory, clock=self.world.clock)
        self.world.advance(hours=1)

    def pass_time(self, words: str, **length: float) -> None:
        """Let time pass, and say so."""
        self.world.advance(**length)
        self.say(f"\n{_length(self.world.clock.now - START - timedelta(hours=1)):>6}  {words}")

    def run(self) -> Plan:
        """``updater run``: what it did, and why it does not do more."""
        plan, outcomes = asyncio.run(self._run())
        self.world.repository.look()
        for line in (*_done(outcomes), *_frozen(plan), *_waiting(plan)):
            self.say(f"          {line}")
        return plan

    def merge(self, words: str) -> None:
        """What a person does with the open pull request that has these words in its title."""
        (pull,) = (
            each
            for each in self.forge.pull_requests("updater/")
            if each.state is PullRequestState.OPEN and words in each.title
        )
        self.forge.merge_pull_request(pull)
        self.world.repository.look()
        self.say(f"          a person merges #{pull.number}")

    async def _run(self) -> tuple[Plan, list[Outcome]]:
        tree = self.forge.tree("main")
        target = Target(repository="shop", tree=tree, base="main", platform=self.forge)
        settings = wiring.Settings(cache="memory:", routes=self.routes, environment={})
        config = wiring.configuration(tree, settings)
        plan = await wiring.plan(target, config, settings, _quietly, writes=True, clock=self.world.clock)
        return plan, carry_out(plan, self.forge, _quietly)


def tell(directory: Path, routes: Mapping[str, str], say: Say) -> None:
    """Tell it from the first pull request to the last screen."""
    with KubernetesApi() as api:
        story = Story(directory, api, routes, say)
        story.pass_time("updater run")
        story.run()
        story.pass_time("updater run: the checks have passed", minutes=30)
        story.run()
        story.pass_time("updater run: Argo CD has synced both", minutes=30)
        story.run()
        story.pass_time("updater run", minutes=30)
        story.run()
        story.pass_time("updater run: a day later", hours=24)
        plan = story.run()
        evidence = _evidence(plan)
        story.merge("in production")
        story.pass_time("updater run", minutes=30)
        last = story.run()
        say("")
        for line in _last_screen(story, last, evidence):
            say(line)


# ---------------------------------------------------------------- the repository


def _files(cluster: str) -> Iterator[tuple[str, str]]:
    config = {
        "environments": [
            {"name": "staging", "paths": ["apps/staging/**"], "automerge": ["patch", "minor"]},
            {"name": "production", "paths": ["apps/production/**"], "after": "staging", "soak": "24h"},
        ],
        "onFailure": {"staging": "revert-automerge"},
        "reconcilers": [{"type": "argocd", "via": "kubernetes", "url": cluster}],
        "ignoreTests": True,
        "major": {"enabled": False},
        "prHourlyLimit": 0,
    }
    yield "renovate.json", json.dumps(config, indent=2) + "\n"
    for name, version in APPS.items():
        for place in ("staging", "production"):
            yield f"apps/{place}/{name}/deployment.yaml", _DEPLOYMENT.format(name=name, version=version)
            yield f"argocd/{place}-{name}.yaml", _APPLICATION.format(name=name, place=place)


_DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {name}
spec:
  template:
    spec:
      containers:
        - name: {name}
          image: ghcr.io/acme/{name}:{version}
"""
_APPLICATION = """\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata:
  name: {name}-{place}
  namespace: argocd
spec:
  source:
    repoURL: https://git.example.com/acme/gitops.git
    path: apps/{place}/{name}
    targetRevision: main
"""


# ---------------------------------------------------------------- what is said


def _quietly(_text: str) -> None:
    pass


def _done(outcomes: Iterable[Outcome]) -> Iterator[str]:
    for outcome in outcomes:
        if outcome.pull is not None:  # else only a branch that has been merged is tidied away
            verb = _VERBS.get(outcome.action.kind, outcome.action.kind)
            yield f"{verb} #{outcome.pull.number} {outcome.pull.title}"


def _frozen(plan: Plan) -> Iterator[str]:
    for freeze in plan.freezes:
        yield f"freezes {', '.join(freeze.targets)}: {freeze.cause}"


def _waiting(plan: Plan) -> Iterator[str]:
    for held in plan.held:
        until = f", until {held.until:%A %H:%M}" if held.until is not None else ""
        name = held.tracked.name.rpartition("/")[2]
        yield f"keeps production from {name} {held.new_version}: {held.reason}{until}"


def _evidence(plan: Plan) -> str:
    trial = next(update.trial for update in plan.updates if update.trial is not None)
    return f"after {trial.rule} in {trial.environment}"


def _last_screen(story: Story, plan: Plan, evidence: str) -> Iterator[str]:
    rule = "─" * 98
    yield rule
    yield from table(
        [
            ("", "staging", "production"),
            ("web 2.4.0", f"✔ {_took(story.apps['web', 'staging'])}", f"✔ {_took(story.apps['web', 'production'])}"),
            ("", "", f"  {evidence}"),
            ("api 1.6.0", "✘ unhealthy: frozen and taken back", f"✔ never got there: {_state(story, 'api')}"),
        ],
        indent="  ",
    )
    yield rule
    frozen = len(plan.freezes) or "nothing"
    yield "  A person merged one pull request. The bad version was out again before anybody looked, and is not"
    yield f"  offered again; {frozen} is frozen now. No server, no database, nothing written to a cluster."
    yield rule


def _took(app: Application) -> str:
    """How long it took from the beginning of the sync until all was healthy."""
    truth = list(app.truth.values())[-1]
    return f"running {_length(truth.healthy - truth.started)} after the sync began" if truth.healthy else "on its way"


def _state(story: Story, name: str) -> str:
    app = story.apps[name, "production"]
    return f"{app.images[0].rpartition(':')[2]} stayed {app.health.lower()}"


def _length(length: timedelta) -> str:
    """The two largest units, short."""
    seconds = int(length.total_seconds())
    days, hours, minutes = seconds // 86_400, seconds // 3_600 % 24, seconds // 60 % 60
    if days:
        return f"{days}d {hours:02}h"
    return f"{hours}h {minutes:02}m" if hours else f"{minutes}m {seconds % 60:02}s"
