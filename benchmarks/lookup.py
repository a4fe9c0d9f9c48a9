"""How fast lookups are, and what they stand. (How many requests they take: ``benchmarks.requests``.)

::

    python -m benchmarks.lookup speed      # 2,000 packages at 30 ms: wall time against the limit, CPU, memory
    python -m benchmarks.lookup budget     # 1,305 images and 100 requests an hour: runs until all are proposed
    python -m benchmarks.lookup long-list  # a million tags, read in portions
    python -m benchmarks.lookup fuzz       # 10,000 lookups under faults: is an offer ever lower than the last one?
"""

import argparse
import asyncio
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path

import datasources
from benchmarks.registries import registries
from tests.core.made import offered, tracked
from tests.flow.test_budget import metered
from tests.servers.faults import FAULTS, Unreliable
from tests.servers.faulty import StillClock
from tests.servers.pages import PagedRegistry
from updater.api import Datasource
from updater.cache import Cache, open_cache
from updater.hosts import HostRule
from updater.http import MOST_UNDER_WAY, HttpClient
from updater.lookup import Answers, lookup
from updater.model.lookup import Release
from updater.model.scan import Package

PLUGINS: Mapping[str, Datasource] = {each.NAME: each for each in datasources.BUILTIN}
HOUR = timedelta(hours=1)
LATENCY = 0.03


async def ask(
    packages: list[Package],
    cache: Cache,
    clock: StillClock,
    *,
    routes: Mapping[str, str],
    rules: tuple[HostRule, ...] = (),
    fresh_for: timedelta = timedelta(0),
) -> Answers:
    """One run of the stage, on a clock that only the caller moves."""
    client = HttpClient(
        host_rules=rules, cache=cache.responses, clock=clock, sleep=clock.sleep, routes=routes, fresh_for=fresh_for
    )
    async with client:
        wanted = {package: {"1.0.0"} for package in packages}
        return await lookup(wanted, PLUGINS, client, cache.releases, clock, fresh_for)


# ---------------------------------------------------------------- speed


def measure_speed() -> str:
    """A table; each row is a process of its own, so that memory counts for it alone."""
    rows = [
        "| Packages | Hosts | wall s | limit s | ratio | CPU s | MB |",
        "| --: | --: | --: | --: | --: | --: | --: |",
    ]
    with registries(LATENCY) as served:
        for hosts in (1, 4, 16):
            command = [sys.executable, "-m", "benchmarks.lookup", "one-speed", served.url, str(hosts)]
            rows.append(subprocess.run(command, check=True, capture_output=True, text=True).stdout.rstrip())
    return "\n".join([*rows, ""])


def measure_one_speed(url: str, hosts: int) -> str:
    """A row of it: 2,000 images of so many registries."""
    names = [f"r{number}.example.com" for number in range(hosts)]
    packages = [Package(datasource="docker", name=f"{names[n % hosts]}/team/app-{n}") for n in range(2_000)]
    found: list[int] = []

    async def look_up(place: Path) -> None:
        found.append(len((await _timed(packages, dict.fromkeys(names, url), place)).releases))

    with tempfile.TemporaryDirectory() as directory:
        wall, cpu = time.perf_counter(), time.process_time()
        asyncio.run(look_up(Path(directory)))
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    assert found == [2_000]
    limit = 2_000 * LATENCY / min(8 * hosts, MOST_UNDER_WAY)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return f"| 2,000 | {hosts} | {wall:.1f} | {limit:.1f} | {wall / limit:.1f} | {cpu:.1f} | {memory:.0f} |"


async def _timed(packages: list[Package], routes: Mapping[str, str], place: Path) -> Answers:
    clock = StillClock()
    async with open_cache(f"sqlite://{place}/cache.sqlite", clock=clock) as cache:
        return await ask(packages, cache, clock, routes=routes)


# ---------------------------------------------------------------- budget


def measure_budget() -> str:
    """What each run has, as a table."""
    rows = ["| Run | looked up | proposed | refused |", "| --: | --: | --: | --: |"]
    with tempfile.TemporaryDirectory() as place, metered(Path(place), images=1_305, allowed=100) as world:
        proposed, run = 0, 0
        while proposed < 1_305:
            plan = asyncio.run(world.plan())
            run, proposed = run + 1, len(plan.branches)
            rows.append(f"| {run} | {world.registry.listed} | {proposed} | {world.registry.refused} |")
    return "\n".join([*rows, ""])


# ---------------------------------------------------------------- a long list


def measure_a_long_list() -> str:
    """An image with a million tags, at the first of them: what each run reads, and when the newest is known."""
    rows = ["| Run | requests | tags known | CPU s | MB |", "| --: | --: | --: | --: | --: |"]
    tags = [f"{number // 10_000}.{number // 100 % 100}.{number % 100}" for number in range(1_000_000)]
    with PagedRegistry({"app": tags}) as server, tempfile.TemporaryDirectory() as place:
        clock, known = StillClock(), 0
        while known < len(tags):
            server.requests.clear()
            before = time.process_time()
            known = asyncio.run(_read_on(server.url, Path(place), clock))
            seconds, memory = time.process_time() - before, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            rows.append(f"| {len(rows) - 1} | {len(server.requests)} | {known:,} | {seconds:.1f} | {memory:.0f} |")
            clock.now += HOUR
    return "\n".join([*rows, ""])


async def _read_on(url: str, place: Path, clock: StillClock) -> int:
    image = Package(datasource="docker", name="registry.example.com/app")
    async with open_cache(f"sqlite://{place}/cache.sqlite", clock=clock) as cache:
        answers = await ask([image], cache, clock, routes={"registry.example.com": url})
    return len(answers.releases[image].releases)


# ---------------------------------------------------------------- fuzz


def measure_fuzz(lookups: int, seed: int = 0) -> str:
    """Images that get new tags now and then, and a registry with a fault in every third answer.

    After each run the best offer of each image must not be lower than after the one before, nor higher than the truth.
    """
    found = asyncio.run(fuzzed(lookups, seed))
    return (
        f"{lookups:,} lookups, {found['faults']:,} faults, {found['failed']:,} of them reported. Offers: "
        f"{found['raised']:,} higher than before, {found['lowered']} lower, {found['invented']} invented."
    )


async def fuzzed(lookups: int, seed: int, images: int = 100) -> Counter[str]:
    """The counts of a number of lookups."""
    chance, clock, counts = random.Random(seed), StillClock(), Counter[str]()
    truth = {f"app{number}": [f"1.{minor}.0" for minor in range(chance.randint(5, 40))] for number in range(images)}
    packages = {name: Package(datasource="docker", name=f"registry.example.com/{name}") for name in truth}
    cache, best = open_cache("memory:", clock=clock), dict.fromkeys(truth, 0)
    upstream = PagedRegistry(truth, most=10)
    for run in range(-(-lookups // images)):
        for tags in chance.sample(list(truth.values()), images // 10):
            tags.append(f"1.{len(tags)}.0")
        with Unreliable(upstream, seed=seed + run, share=0.33, kinds=tuple(FAULTS)) as server:
            answers = await ask(list(packages.values()), cache, clock, routes={"registry.example.com": server.url})
            counts["faults"] += server.faults.total()
        counts["failed"] += len(answers.failed)
        for name, package in packages.items():
            offer = _offer(answers.releases[package].releases) if package in answers.releases else best[name]
            counts["raised"] += offer > best[name]
            counts["lowered"] += offer < best[name]
            counts["invented"] += offer >= len(truth[name])
            best[name] = offer
        clock.now += timedelta(minutes=10)
    return counts


def _offer(releases: tuple[Release, ...]) -> int:
    """The minor version that the image at 1.0.0 is offered."""
    offers = offered(tracked("1.0.0"), *releases)
    return int((offers[0][1] or "1.0.0").split(".")[1]) if offers else 0


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("what", choices=["speed", "one-speed", "budget", "long-list", "fuzz"])
    parser.add_argument("arguments", nargs="*")
    parser.add_argument("--lookups", type=int, default=10_000)
    options = parser.parse_args()
    actions: Mapping[str, Callable[[], str]] = {
        "speed": measure_speed,
        "one-speed": lambda: measure_one_speed(options.arguments[0], int(options.arguments[1])),
        "budget": measure_budget,
        "long-list": measure_a_long_list,
        "fuzz": lambda: measure_fuzz(options.lookups),
    }
    print(actions[options.what]())


if __name__ == "__main__":
    main()
