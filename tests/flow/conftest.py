"""The whole pipeline, against the registries of the demo and real Git repositories."""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from updater import wiring
from updater.api import Platform, Secret
from updater.demo.registries import Registries, serve
from updater.demo.run import make_sample
from updater.inventory import Workshop
from updater.model.plan import Plan
from updater.pipeline import Bases, Project, World, carry_out, make_lookup, make_plan
from updater.publish import Outcome

LATER = datetime(2026, 11, 25, tzinfo=UTC)
"""A day on which everything in the demo's catalogue is out."""


@dataclass(frozen=True)
class Bot:
    """Runs the pipeline on a platform, as ``updater run`` does."""

    routes: Mapping[str, str]
    cache: str = "memory:"
    clock: datetime = LATER
    environment: Mapping[str, str] = field(default_factory=lambda: {"UPDATER_CONFIG": '{"prHourlyLimit": 0}'})

    async def plan(self, platform: Platform, *, forced: tuple[str, ...] = (), signing_key: str | None = None) -> Plan:
        project = replace(_project(platform, forced), signing_key=Secret(signing_key) if signing_key else None)
        return await self._made(make_plan, project)

    async def lookup(self, platform: Platform) -> Plan:
        return await self._made(make_lookup, _project(platform))

    async def _made(self, make: Callable[[Project, Bases, Workshop, World], Awaitable[Plan]], project: Project) -> Plan:
        settings = wiring.Settings(cache=self.cache, routes=self.routes, environment=self.environment)
        config = wiring.configuration(project.tree, settings)
        bases = await wiring.bases(project, config, settings)
        async with wiring.network(config, settings, self.now) as network:
            return await make(project, bases, wiring.workshop(lambda _text: None, settings, self.now), network)

    async def run(self, platform: Platform, *, forced: tuple[str, ...] = ()) -> tuple[Plan, list[Outcome]]:
        plan = await self.plan(platform, forced=forced)
        return plan, carry_out(plan, platform, lambda _text: None)

    def now(self) -> datetime:
        return self.clock


def _project(platform: Platform, forced: tuple[str, ...] = ()) -> Project:
    base = platform.base_branch()
    return Project(
        repository=platform.repository, tree=platform.tree(base), base=base, platform=platform, forced=forced
    )


@pytest.fixture(scope="session")
def registries() -> Iterator[Registries]:
    with serve() as running:
        yield running


@pytest.fixture
def bot(registries: Registries) -> Bot:
    return Bot(routes=registries.routes)


@pytest.fixture
def sample(tmp_path: Path) -> Path:
    return make_sample(tmp_path)
