"""Registries that allow so many requests an hour: pull requests from the first run on, and all of them in time."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

from tests.servers import Reply, Request
from tests.servers.faulty import StillClock
from tests.servers.pages import PagedRegistry
from updater import wiring
from updater.cache import Cache, open_cache
from updater.http import HttpClient
from updater.model.plan import Plan
from updater.pipeline import Bases, Network, Project, make_plan
from updater.report import terminal

HOST = "registry.example.com"
HOUR = timedelta(hours=1)
WORKLOAD = """\
apiVersion: v1
kind: Pod
metadata:
  name: {name}
spec:
  containers:
    - name: app
      image: {host}/{name}:1.0.0
---
"""


class Metered(PagedRegistry):
    """Answers ``allowed`` requests in each hour of the clock, says how many are left, and counts whom it refuses."""

    def __init__(self, clock: StillClock, names: Sequence[str], allowed: int) -> None:
        super().__init__({name: ["1.0.0", "1.1.0"] for name in names})
        self.allowed = allowed
        self._clock, self._end, self._used = clock, clock.now, 0
        self.refused = 0

    def answer(self, request: Request) -> Reply:
        if self._clock.now >= self._end:
            self._end, self._used = self._clock.now + HOUR, 0
        self._used += 1
        self.refused += self._used > self.allowed
        reply = Reply(status=429) if self._used > self.allowed else super().answer(request)
        said = {
            "x-ratelimit-limit": str(self.allowed),
            "x-ratelimit-remaining": str(max(0, self.allowed - self._used)),
            "x-ratelimit-reset": str(int(self._end.timestamp())),
        }
        return Reply(status=reply.status, body=reply.body, headers={**reply.headers, **said})

    @property
    def listed(self) -> int:
        """How many repositories have been asked for their tags so far."""
        return len({path.partition("?")[0] for path in self.paths() if "/tags/list" in path})


@dataclass(frozen=True)
class World:
    """A directory with one workload for each image, and what is remembered of the registry that has them."""

    place: Path
    registry: Metered
    cache: Cache
    clock: StillClock

    async def plan(self) -> Plan:
        """One run; the next one is an hour later."""
        settings = wiring.Settings(cache="memory:", environment={})
        tree = wiring.work_tree(self.place)
        config = wiring.configuration(tree, settings)
        project = Project(repository="metered", tree=tree, base="", platform=None)
        responses, routes = self.cache.responses, {HOST: self.registry.url}
        async with HttpClient(cache=responses, clock=self.clock, sleep=self.clock.sleep, routes=routes) as client:
            network = Network(
                client=client,
                sparing_client=client.sparing(),
                releases=self.cache.releases,
                first_seen=self.cache.releases,
                requests=client.requests,
            )
            workshop = wiring.workshop(lambda _text: None, settings, self.clock)
            plan = await make_plan(project, Bases.only(project, config), workshop, network)
        self.clock.now += HOUR
        return plan


@contextmanager
def metered(place: Path, *, images: int, allowed: int) -> Iterator[World]:
    clock = StillClock()
    names = [f"app-{number:04}" for number in range(images)]
    (place / "apps.yaml").write_text("".join(WORKLOAD.format(name=name, host=HOST) for name in names))
    with Metered(clock, names, allowed) as registry:
        yield World(place, registry, open_cache("memory:", clock=clock), clock)


async def test_the_first_run_has_pull_requests(tmp_path: Path) -> None:
    """Of 1,305 images with 100 requests allowed, 67 are looked up and 33 proposed; the others say when it goes on."""
    with metered(tmp_path, images=1_305, allowed=100) as world:
        end = world.clock.now + HOUR
        plan = await world.plan()
    assert (len(plan.branches), world.registry.listed, world.registry.refused) == (33, 67, 0)
    assert {failed.until for failed in plan.failed} == {end}
    assert len(plan.branches) + len(plan.failed) == 1_305


async def test_the_runs_together_reach_everything(tmp_path: Path) -> None:
    """Each run goes on where the last one ended, none loses anything, and no request is sent to be refused."""
    with metered(tmp_path, images=60, allowed=10) as world:
        proposed = list[set[str]]()
        while len(proposed) < 20:
            plan = await world.plan()
            proposed.append({branch.name for branch in plan.branches})
            assert len(world.registry.requests) <= 10 * len(proposed)
            assert world.registry.listed == min(60, 7 * len(proposed))
    assert all(before < after for before, after in pairwise(proposed))
    assert (len(proposed[-1]), world.registry.refused) == (60, 0)


def explained(plan: Plan, name: str) -> list[str]:
    """What `updater why` says of an image, without the padding of its columns."""
    chain = {found: each for found, each in plan.decisions.items() if found.name == f"{HOST}/{name}"}
    return [" ".join(line.split()) for line in terminal.why(chain, plan.held) if line.startswith("  ")]


async def test_why_says_until_when_an_image_waits(tmp_path: Path) -> None:
    """What was not asked for says which host keeps it waiting, and until when; what was, says what became of it."""
    with metered(tmp_path, images=20, allowed=6) as world:
        end = world.clock.now + HOUR
        plan = await world.plan()
    assert explained(plan, "app-0000") == ["✓ 1.1.0 minor"]
    words = f"allows few more requests before {end:%Y-%m-%d %H:%M:%S} UTC; they are kept back for now"
    until = f"(until {end:%Y-%m-%d %H:%M} UTC)"
    assert explained(plan, "app-0019") == [f"✗ {HOST}/app-0019 lookup: {HOST} {words} {until}"]


async def test_why_says_that_an_earlier_answer_serves(tmp_path: Path) -> None:
    """While a registry is down, the failure stands above the releases that were known before, with their time."""
    with metered(tmp_path, images=1, allowed=100) as world:
        then = world.clock.now
        before = await world.plan()
        world.registry.allowed = 0
        plan = await world.plan()
    first, *rest = explained(plan, "app-0000")
    assert first.startswith(f"✗ {HOST}/app-0000 lookup: {HOST} ")
    assert f"; meanwhile its answer of {then:%Y-%m-%d %H:%M} UTC serves (until " in first
    assert rest == explained(before, "app-0000") == ["✓ 1.1.0 minor"]
