"""Whatever registries do: faults may delay pull requests; they never change, close, lower or invent one."""

import asyncio
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from tests.flow.conftest import LATER
from tests.servers.faults import FAULTS, Demo, Unreliable
from tests.servers.faulty import StillClock
from updater import wiring
from updater.cache import Cache, open_cache
from updater.demo.run import make_sample
from updater.http import HttpClient
from updater.model.plan import ActionKind, Plan
from updater.pipeline import Bases, Network, Project, carry_out, make_plan
from updater.platforms.local import LocalPlatform

NO_LIMIT = {"UPDATER_CONFIG": '{"prConcurrentLimit": 0}'}
SILENT = {"empty lists", "half", "not found"}
"""Faults that can pass for an answer: a client that knows nothing yet cannot tell."""
LOUD = tuple(kind for kind in FAULTS if kind not in SILENT)


@dataclass(frozen=True)
class World:
    """A checkout, what is remembered between runs, and what time it is."""

    platform: LocalPlatform
    cache: Cache
    clock: StillClock

    async def plan(self, routes: Mapping[str, str]) -> Plan:
        base = self.platform.base_branch()
        tree = self.platform.tree(base)
        project = Project(repository="sample", tree=tree, base=base, platform=self.platform)
        settings = wiring.Settings(cache="memory:", environment=NO_LIMIT)
        config = wiring.configuration(tree, settings)
        rules, responses = config.repository.host_rules, self.cache.responses
        async with HttpClient(
            host_rules=rules, cache=responses, clock=self.clock, sleep=self.clock.sleep, routes=routes
        ) as client:
            network = Network(
                client=client,
                sparing_client=client.sparing(),
                releases=self.cache.releases,
                first_seen=self.cache.releases,
                requests=client.requests,
            )
            return await make_plan(
                project, Bases.only(project, config), wiring.workshop(lambda _text: None, settings, self.clock), network
            )

    def forgetful(self) -> "World":
        """The same world, in which nothing is remembered."""
        return replace(self, cache=open_cache("memory:", clock=self.clock))


@dataclass(frozen=True)
class Past:
    """A first run without faults: what it proposed, and what it remembered in a file."""

    registries: Demo
    platform: LocalPlatform
    plan: Plan
    file: Path


@pytest.fixture(scope="module")
def past(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Past]:
    place = tmp_path_factory.mktemp("faults")
    platform, file = LocalPlatform(make_sample(place)), place / "cache.sqlite"

    async def first_run(registries: Demo) -> Plan:
        clock = StillClock(LATER)
        async with open_cache(f"sqlite://{file}", clock=clock) as cache:
            return await World(platform, cache, clock).plan(registries.routes(registries))

    with Demo() as registries:
        plan = asyncio.run(first_run(registries))
        carry_out(plan, platform, lambda _text: None)
        yield Past(registries, platform, plan, file)


@pytest.fixture
def world(past: Past, tmp_path: Path) -> Iterator[World]:
    """The next run, with what the first one remembered."""
    clock = StillClock(LATER)
    cache = open_cache(f"sqlite://{shutil.copy(past.file, tmp_path)}", clock=clock)
    yield World(past.platform, cache, clock)
    asyncio.run(cache.backend.close())


def proposals(plan: Plan) -> set[tuple[str, str, str | None, str | None]]:
    """What each pull request would change to what."""
    return {
        (branch.name, update.tracked.name, update.offer.new_value, update.new_digest)
        for branch in plan.branches
        for update in branch.updates
    }


def touched(plan: Plan) -> list[tuple[str, str, str]]:
    """What would be written: pull requests opened, made anew, described anew or closed."""
    return [
        (str(action.kind), action.name, action.reason)
        for action in plan.actions
        if action.kind not in (ActionKind.LEAVE, ActionKind.HOLD)
    ]


@pytest.mark.parametrize("seed", range(5))
async def test_faults_invent_nothing(past: Past, world: World, seed: int) -> None:
    """Without anything remembered, what is proposed under faults is a part of what is proposed without."""
    with Unreliable(past.registries, seed=seed, share=0.3, kinds=LOUD) as server:
        plan = await world.forgetful().plan(past.registries.routes(server))
    assert server.faults
    assert plan.failed
    assert proposals(plan) <= proposals(past.plan)


@pytest.mark.parametrize("seed", range(3))
async def test_faults_touch_no_pull_request(past: Past, world: World, seed: int) -> None:
    """What is open stays as it is, run after run, also under faults that pass for answers."""
    for run in range(2):
        with Unreliable(past.registries, seed=100 * seed + run, share=0.4) as server:
            plan = await world.plan(past.registries.routes(server))
        assert server.faults
        assert touched(plan) == []


@pytest.mark.parametrize("seed", range(3))
async def test_a_lost_cache_makes_faults_no_worse(past: Past, world: World, seed: int) -> None:
    """What is open stays as it is although nothing of the earlier answers is known any more."""
    with Unreliable(past.registries, seed=seed + 50, share=0.4, kinds=LOUD) as server:
        plan = await world.forgetful().plan(past.registries.routes(server))
    assert server.faults
    assert touched(plan) == []


async def test_when_the_faults_are_over_all_is_as_before(past: Past, world: World) -> None:
    """A run under faults leaves nothing behind that the next one without would suffer from."""
    with Unreliable(past.registries, seed=1, share=1.0) as server:
        await world.plan(past.registries.routes(server))
    plan = await world.plan(past.registries.routes(past.registries))
    assert (plan.failed, proposals(plan), touched(plan)) == ((), proposals(past.plan), [])
