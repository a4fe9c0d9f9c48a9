"""What lookups cost, and what they stand.

::

    python -m benchmarks.lookup requests   # requests per package, by datasource: cold, a minute and an hour later
    python -m benchmarks.lookup speed      # 2,000 packages at 30 ms: wall time against the limit, CPU, memory
    python -m benchmarks.lookup budget     # 1,305 images and 100 requests an hour: runs until all are proposed
    python -m benchmarks.lookup fuzz       # 10,000 lookups under faults: is an offer ever lower than the last one?
    python -m benchmarks.lookup renovate DIRECTORY   # the same lookups by Renovate, installed there with npm
"""

import argparse
import asyncio
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import datasources
from benchmarks.registries import CHARTS, Registries, registries
from tests.core.made import offered, tracked
from tests.flow.test_budget import metered
from tests.servers import Server
from tests.servers.faults import FAULTS, Unreliable
from tests.servers.faulty import StillClock
from tests.servers.forge_api import TOKEN, Forge
from tests.servers.helm import HelmRepository, index_of
from tests.servers.pages import PagedRegistry, many_tags
from tests.servers.terraform import Contents, Provider, TerraformRegistry
from updater.api import Datasource, Secret
from updater.cache import Cache, open_cache
from updater.hosts import HostRule
from updater.http import HttpClient
from updater.lookup import Answers, lookup
from updater.model import Package, Release

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


# ---------------------------------------------------------------- requests


def count_requests() -> None:
    """Twenty packages of each datasource; `later` is an hour after the first run, `fresh` a minute."""
    print(f"{'datasource':<20} {'cold':>6} {'fresh':>6} {'later':>6}   of them unchanged (304)")
    for name, (server, packages, hosts, rules) in _cases().items():
        with server:
            counts = asyncio.run(_counted(server, packages, dict.fromkeys(hosts, server.url), rules))
        print(f"{name:<20} " + " ".join(f"{count / 20:6.2f}" for count in counts[:3]) + f"   {counts[3] / 20:.2f}")


async def _counted(
    server: Server, packages: list[Package], routes: Mapping[str, str], rules: tuple[HostRule, ...]
) -> list[int]:
    clock, counts = StillClock(), list[int]()
    cache = open_cache("memory:", clock=clock)
    for age in (timedelta(0), timedelta(minutes=1), HOUR):
        clock.now = StillClock().now + age
        server.requests.clear()
        answers = await ask(packages, cache, clock, routes=routes, rules=rules, fresh_for=timedelta(minutes=10))
        assert not answers.failed, answers.failed
        counts.append(len(server.requests))
    return [*counts, sum(asked.status == 304 for asked in server.requests)]


def _cases() -> dict[str, tuple[Server, list[Package], tuple[str, ...], tuple[HostRule, ...]]]:
    names = [f"team/app{number}" for number in range(20)]
    dates = dict.fromkeys(("1.0.0", "1.1.0"), "2024-01-01T00:00:00Z")
    token = (HostRule(match_host="api.github.com", token=Secret(TOKEN)),)
    contents = Contents(
        providers={name: Provider(versions=dates) for name in names}, modules={f"{name}/aws": dates for name in names}
    )
    image = [Package(datasource="docker", name=f"registry.example.com/{name}") for name in names]
    charts = index_of({f"app{number}": list(dates) for number in range(20)})
    here = ("https://charts.example.com",)
    git = [Package(datasource="git-tags", name=f"https://github.com/{name}") for name in names]
    github = ("github.com", "api.github.com")
    terraform = ("registry.terraform.io",)

    def named(datasource: str, suffix: str = "") -> list[Package]:
        return [Package(datasource=datasource, name=f"{name}{suffix}") for name in names]

    return {
        "docker": (PagedRegistry({name: many_tags(50) for name in names}), image, ("registry.example.com",), ()),
        "helm (one repository)": (
            HelmRepository(charts),
            [Package(datasource="helm", name=f"app{number}", registry_urls=here) for number in range(20)],
            ("charts.example.com",),
            (),
        ),
        "github-tags": (_forge(names, dates), named("github-tags"), github, token),
        "github-releases": (_forge(names, dates), named("github-releases"), github, token),
        "git-tags": (_forge(names, dates), git, github, ()),
        "terraform-provider": (TerraformRegistry(contents), named("terraform-provider"), terraform, ()),
        "terraform-module": (TerraformRegistry(contents), named("terraform-module", "/aws"), terraform, ()),
    }


def _forge(names: list[str], versions: Mapping[str, str]) -> Forge:
    forge = Forge()
    for name in names:
        forge.repository(name, tags=list(versions), releases=list(versions))
    return forge


# ---------------------------------------------------------------- speed


def measure_speed() -> None:
    """Each case is a process of its own, so that memory counts for it alone."""
    print(f"{'packages':>8} {'hosts':>6} {'wall s':>7} {'limit s':>8} {'ratio':>6} {'CPU s':>6} {'MB':>5}")
    with registries(LATENCY) as served:
        for hosts in (1, 4, 16):
            command = [sys.executable, "-m", "benchmarks.lookup", "one-speed", served.url, str(hosts)]
            print(subprocess.run(command, check=True, capture_output=True, text=True).stdout.rstrip())


def measure_one_speed(url: str, hosts: int) -> None:
    """2,000 images of so many registries."""
    names = [f"r{number}.example.com" for number in range(hosts)]
    packages = [Package(datasource="docker", name=f"{names[n % hosts]}/team/app-{n}") for n in range(2_000)]
    with tempfile.TemporaryDirectory() as directory:
        wall, cpu = time.perf_counter(), time.process_time()
        answers = asyncio.run(_timed(packages, dict.fromkeys(names, url), Path(directory)))
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    assert len(answers.releases) == 2_000
    limit = 2_000 * LATENCY / (8 * hosts)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{2_000:>8} {hosts:>6} {wall:7.2f} {limit:8.2f} {wall / limit:6.2f} {cpu:6.2f} {memory:5.0f}")


async def _timed(packages: list[Package], routes: Mapping[str, str], place: Path) -> Answers:
    clock = StillClock()
    async with open_cache(f"sqlite://{place}/cache.sqlite", clock=clock) as cache:
        return await ask(packages, cache, clock, routes=routes)


# ---------------------------------------------------------------- budget


def measure_budget() -> None:
    with tempfile.TemporaryDirectory() as place, metered(Path(place), images=1_305, allowed=100) as world:
        proposed, run = 0, 0
        while proposed < 1_305:
            plan = asyncio.run(world.plan())
            run, proposed = run + 1, len(plan.branches)
            listed, refused = world.registry.listed, world.registry.refused
            print(f"run {run:2}: {listed:5} looked up, {proposed:5} proposed, {refused} requests refused")


# ---------------------------------------------------------------- fuzz


def fuzz(lookups: int, seed: int = 0) -> None:
    """Images that get new tags now and then, and a registry with a fault in every third answer.

    After each run the best offer of each image must not be lower than after the one before, nor higher than the truth.
    """
    found = asyncio.run(fuzzed(lookups, seed))
    print(f"{lookups} lookups, {found['faults']} faults, {found['failed']} of them reported")
    print(f"offers: {found['raised']} higher than before, {found['lowered']} lower, {found['invented']} invented")


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


# ---------------------------------------------------------------- the comparison

IMAGES, REPOSITORIES, REFERENCES = 120, 12, 1_000


def compare(installation: Path, rounds: int) -> None:
    """One repository, cold: 1,000 references to 120 images and 60 to the charts of 12 repositories."""
    with registries(LATENCY) as served, tempfile.TemporaryDirectory() as directory, ExitStack():
        place = Path(directory)
        _write(place, served)
        ours = [sys.executable, "-m", "updater", "plan", "--format", "json", "--cache", "memory:", "."]
        theirs = [
            str(installation.resolve() / "node_modules" / ".bin" / "renovate"), "--platform=local", "--dry-run=lookup",
        ]  # fmt: skip
        for name, command in (("updater", ours), ("renovate", theirs)) * rounds:
            _measure(name, command, place, served, installation)


def _measure(name: str, command: list[str], place: Path, served: Registries, installation: Path) -> None:
    with tempfile.TemporaryDirectory() as home:
        path = f"{installation.resolve() / 'node_modules' / '.bin'}:{os.environ['PATH']}"
        environment = {"HOME": home, "PATH": path, "PYTHONPATH": str(Path.cwd()), "LOG_LEVEL": "debug"}
        environment |= {"RENOVATE_BASE_DIR": f"{home}/renovate", "LOG_FORMAT": "json"}
        before, wall = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        done = subprocess.run(command, cwd=place, env=environment, capture_output=True, text=True, check=False)
        wall, after = time.perf_counter() - wall, resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    counts = served.counts()
    updates = _updates_of(done.stdout) if name == "renovate" else len(json.loads(done.stdout)["updates"])
    print(f"{name:<9} {wall:6.2f} s wall {cpu:6.2f} s CPU {sum(counts.values()):5} requests {updates:5} updates")
    print("          " + ", ".join(f"{count} {kind}" for kind, count in sorted(counts.items())))


def _updates_of(log: str) -> int:
    """How many updates Renovate's log tells of."""
    for line in log.splitlines():
        message = json.loads(line) if line.startswith("{") else {}
        if message.get("msg") == "packageFiles with updates":
            files = [file for found in message["config"].values() for file in found]
            return sum(len(each.get("updates", [])) for file in files for each in file["deps"])
    return 0


def _write(place: Path, served: Registries) -> None:
    for number in range(REFERENCES // 10):
        images = [f"{served.host}/team/app-{(number * 10 + each) % IMAGES}:1.0.0" for each in range(10)]
        containers = "".join(f"        - name: c{n}\n          image: {image}\n" for n, image in enumerate(images))
        (place / f"deployment-{number}.yaml").write_text(
            f"apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: d{number}\nspec:\n"
            f"  template:\n    spec:\n      containers:\n{containers}"
        )
    for number in range(REPOSITORIES):
        for chart in range(CHARTS):
            (place / f"application-{number}-{chart}.yaml").write_text(
                "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata:\n  name: a\nspec:\n  source:\n"
                f"    repoURL: {served.url}/charts-{number}\n    chart: chart-{chart}\n    targetRevision: 1.0.0\n"
            )
    config = {
        "extends": ["config:recommended"],
        "kubernetes": {"managerFilePatterns": ["/deployment.*\\.yaml$/"]},
        "argocd": {"managerFilePatterns": ["/application.*\\.yaml$/"]},
        "hostRules": [{"matchHost": served.host, "insecureRegistry": True}],
        "prConcurrentLimit": 0,
    }
    (place / "renovate.json").write_text(json.dumps(config))
    for command in (["init", "-q"], ["add", "-A"], ["-c", "user.name=b", "-c", "user.email=b@b", "commit", "-qm", "x"]):
        subprocess.run(["git", *command], cwd=place, check=True)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("what", choices=["requests", "speed", "one-speed", "budget", "fuzz", "renovate"])
    parser.add_argument("arguments", nargs="*")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--lookups", type=int, default=10_000)
    options = parser.parse_args()
    actions: Mapping[str, Callable[[], None]] = {
        "requests": count_requests,
        "speed": measure_speed,
        "one-speed": lambda: measure_one_speed(options.arguments[0], int(options.arguments[1])),
        "budget": measure_budget,
        "fuzz": lambda: fuzz(options.lookups),
        "renovate": lambda: compare(Path(options.arguments[0]), options.rounds),
    }
    actions[options.what]()


if __name__ == "__main__":
    main()
