"""The second half of ``updater demo``: from a merge to production, and what becomes of a bad version.

The pipeline, the forge in Git and the reader of Argo CD are the real ones. Argo CD itself is simulated behind a
Kubernetes API on loopback, and so is the time.
"""

import asyncio
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from textwrap import fill

from updater import wiring
from updater.demo.kubernetes import KubernetesApi
from updater.demo.screen import WIDTH, Cell, Look, screen
from updater.demo.simulator import START, Application, World
from updater.failures import REVERTED_LABEL
from updater.model.forge import PullRequestState
from updater.model.plan import ActionKind, Plan
from updater.pipeline import Project, carry_out
from updater.platforms.local import LocalPlatform
from updater.publish import Outcome

Say = Callable[[str], None]

APPS = {"web": "2.3.1", "api": "1.5.1"}
"""What runs at the beginning."""
BAD = "acme/api:1.6.0"
"""The version that never becomes healthy."""
_INDENT = " " * 9
_VERBS = {ActionKind.CREATE: "opens", ActionKind.REFRESH: "refreshes", ActionKind.MERGE: "merges"}


@dataclass
class Story:
    """A small shop with two applications in two environments, and the bot that comes by every now and then."""

    directory: Path
    api: KubernetesApi
    routes: Mapping[str, str]
    say: Say
    colours: bool = False
    looks: list[Look] = field(default_factory=list)
    by_hand: list[int] = field(default_factory=list)
    told: frozenset[str] = frozenset()

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
        self.say(f"\n{self.now:>7}  {words}")

    @property
    def now(self) -> str:
        """For how long it has been going on."""
        return _length(self.world.clock.now - START - timedelta(hours=1))

    def run(self) -> Plan:
        """``updater run``: what it did, and why it does not do more."""
        plan, outcomes = asyncio.run(self._run())
        self.world.repository.look()
        lines = [*_done(outcomes), *_frozen(plan), *_waiting(plan)]
        for line in lines:
            if line not in self.told:  # what goes on as before is no news
                self.say(fill(line, WIDTH, initial_indent=_INDENT, subsequent_indent=f"{_INDENT}  "))
        self.told = frozenset(lines)
        self.looks.append(Look(when=self.now, cells={key: _cell(app) for key, app in self.apps.items()}))
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
        self.by_hand.append(pull.number)
        self.say(f"{_INDENT}a person merges #{pull.number}")

    async def _run(self) -> tuple[Plan, list[Outcome]]:
        tree = self.forge.tree("main")
        project = Project(repository="shop", tree=tree, base="main", platform=self.forge)
        settings = wiring.Settings(cache="memory:", routes=self.routes, environment={})
        config = wiring.configuration(tree, settings)
        plan = await wiring.plan(project, config, settings, _quietly, writes=True, clock=self.world.clock)
        return plan, carry_out(plan, self.forge, _quietly)


def tell(directory: Path, routes: Mapping[str, str], say: Say, *, colours: bool = False) -> None:
    """Tell it from the first pull request to the last screen, which may have ``colours``."""
    with KubernetesApi() as api:
        story = Story(directory, api, routes, say, colours=colours)
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
        story.run()
        say("")
        for line in screen(story.looks, _said(story, evidence), colours=colours):
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
    return trial.rule.partition(": ")[2]


def _cell(app: Application) -> Cell:
    return Cell(version=app.images[0].rpartition(":")[2], health=app.health)


def _said(story: Story, evidence: str) -> Iterator[str]:
    """What became of both versions, and what it took, by the pull requests and the requests that there were."""
    pulls = story.forge.pull_requests("updater/")
    promoted = next(pull for pull in pulls if "in production" in pull.title)
    revert = next(pull for pull in pulls if REVERTED_LABEL in pull.labels)
    reads = all(asked.method == "GET" for asked in story.api.requests)
    yield f"web  {evidence} in staging, then exactly that in production (#{promoted.number})"
    yield f"api  broke staging, was taken back (#{revert.number}), and never got to production"
    yield f"     {len(pulls)} pull requests, {len(story.by_hand)} of them merged by a person"
    yield f"     {len(story.api.requests)} requests to the cluster{', all of them reads' if reads else ''}"


def _length(length: timedelta) -> str:
    """The two largest units, short; nothing of what is zero."""
    minutes = int(length.total_seconds()) // 60
    units = {"d": minutes // 1_440, "h": minutes // 60 % 24, "m": minutes % 60}
    return " ".join([f"{number}{unit}" for unit, number in units.items() if number][:2]) or "start"
