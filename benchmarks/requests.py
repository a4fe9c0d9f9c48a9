"""What it costs to ask registries, by datasource and on a whole repository, beside Renovate: docs/requests.md.

    python -m benchmarks.requests [--renovate DIRECTORY]

Renovate is the one that npm installs into the given directory (``npm install node@24 renovate@44``); without it the
columns about it stay empty, and the page is printed instead of written.
"""

import argparse
import asyncio
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from statistics import median

from benchmarks.lookup import ask, measure_fuzz
from benchmarks.registries import CHARTS, Registries, registries
from tests.servers import Server
from tests.servers.faulty import StillClock
from tests.servers.forge_api import TOKEN, Forge
from tests.servers.helm import HelmRepository, index_of
from tests.servers.pages import PagedRegistry, many_tags
from tests.servers.terraform import Contents, Provider, TerraformRegistry
from updater.api import Secret
from updater.cache import open_cache
from updater.hosts import HostRule
from updater.model.scan import Package

PAGE = Path(__file__).parents[1] / "docs" / "requests.md"
PACKAGES = 20
DATES = dict.fromkeys(("1.0.0", "1.1.0"), "2024-01-01T00:00:00Z")
NAMES = [f"team/app{number}" for number in range(PACKAGES)]
IMAGES, REPOSITORIES, REFERENCES = 120, 12, 1_000
ROUNDS = 3
LATENCY = 0.03

TEXT = """\
# What asking costs

Made by `python -m benchmarks.requests --renovate DIRECTORY`, against stand-ins on this machine that count. Requests
are exact; times are of a machine with two processors and other work to do: look at the ratios.

## Requests for a package, by datasource

Twenty packages of each datasource, each with an update. *cold*: nothing is known. *a minute*, *an hour*: the same
lookups that much later, and how many of the last were answered by "unchanged" (304). *Renovate*: the same work,
`--platform=local --dry-run=lookup`, cold and again at once. *plan*: all that `updater plan` asks, what proves a
proposal (its digest, its platforms, that it is there at all) and what is told about it (release notes, what changes in
a chart) included, cold and once more with `--refresh`, which asks about everything anew.

{by_datasource}
- Charts of a repository share its index, which is sent again only if it has changed.
- With a token, 25 lists of tags or releases share a query to GitHub.
- Images that need a token share one with up to twenty others; each has a list of its own, which no registry lets
  anybody ask about together with others. Where nothing has changed, it is not sent again.
- `git ls-remote` is two requests of version 2 of Git's protocol; version 0 would be one, with everything in it that
  ever was a pull request.

## A repository

1,000 references to 120 images of a registry that wants tokens, and 60 to the charts of 12 repositories, with 30 ms
for each answer. *lookup*: `--dry-run=lookup`, the same work for both; times of cold ones are medians of three, taken in
turns on a machine that was busy. *plan*: with all that proves a proposal and tells about it. A manifest is asked for at
both ends of each step, because the proposed image must run where the present one does, and an archive at both ends for
what changes in a chart. *platforms*: the same where `platforms` says what the clusters are made of.

{repository}
Renovate asks for manifests to find links to sources.

## Speed

Images of so many registries, each of which takes 30 ms and answers eight requests at a time; 64 are under way to all of
them. *limit*: requests times latency through requests at a time, below which nobody can be. (At raised priority.)

{speed}
## A budget

1,305 images of a registry that allows 100 requests an hour; a run each hour. What was never asked for comes first,
and a third is kept for what becomes a pull request.

{budget}
## A list without end

An image with a million tags, 1,000 to a page, of which the repository has 1.0.0. Each run reads 100 pages, and on the
way looks for the next versions by name, so that there is a proposal from the first run on.

{long_list}
## Faults

A third of all answers are wrong, broken, cut off, refused or late, in every way that `tests/servers/faults.py` knows.
A registry that fails three times in a row is left alone for the rest of the run.

{fuzz}
"""


def table(head: str, rows: Iterable[Sequence[object]]) -> str:
    """Markdown; the first column is text, all others are numbers."""
    titles = [title.strip() for title in head.split("|")]
    lines = [titles, ["---", *["--:"] * (len(titles) - 1)], *([str(cell) for cell in row] for row in rows)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


# ---------------------------------------------------------------- the tools


@dataclass(frozen=True, kw_only=True)
class Run:
    """What one run of a tool took."""

    wall: float
    cpu: float
    updates: int


LOOKUP = "--dry-run=lookup"


def run_updater(place: Path, home: Path, *arguments: str) -> Run:
    """``updater plan``, which looks up, decides and vets; with ``LOOKUP`` it vets nothing."""
    command = [sys.executable, "-m", "updater", "plan", "--format", "json", *arguments, "."]
    run, output = _run(command, place, {"HOME": str(home), "PYTHONPATH": str(Path.cwd())})
    return Run(wall=run.wall, cpu=run.cpu, updates=len(json.loads(output)["updates"]))


def run_renovate(place: Path, home: Path, installation: Path) -> Run:
    """Its lookups alone."""
    binaries = installation.resolve() / "node_modules" / ".bin"
    command = [str(binaries / "renovate"), "--platform=local", LOOKUP]
    environment = {"HOME": str(home), "RENOVATE_BASE_DIR": f"{home}/renovate"}
    environment |= {
        "GITHUB_COM_TOKEN": TOKEN,
        "LOG_FORMAT": "json",
        "LOG_LEVEL": "debug",
        "PATH": f"{binaries}:{os.environ['PATH']}",
    }
    run, output = _run(command, place, environment)
    return Run(wall=run.wall, cpu=run.cpu, updates=_updates_in(output))


def _run(command: list[str], place: Path, environment: Mapping[str, str]) -> tuple[Run, str]:
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(
        command, cwd=place, env={"PATH": os.environ["PATH"], **environment}, capture_output=True, text=True, check=False
    )
    wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    if not done.stdout:
        raise SystemExit(done.stderr)
    return Run(wall=wall, cpu=cpu, updates=0), done.stdout


def _updates_in(log: str) -> int:
    """How many updates Renovate's log tells of."""
    for line in log.splitlines():
        message = json.loads(line) if line.startswith("{") else {}
        if message.get("msg") == "packageFiles with updates":
            files = [file for found in message["config"].values() for file in found]
            return sum(len(each.get("updates", [])) for file in files for each in file["deps"])
    return 0


@contextmanager
def repository(files: Mapping[str, str], config: Mapping[str, object]) -> Iterator[tuple[Path, Path]]:
    """A Git repository, and a home without any cache."""
    with tempfile.TemporaryDirectory() as directory:
        place, home = Path(directory) / "repository", Path(directory) / "home"
        for path, text in {**files, "renovate.json": json.dumps(config)}.items():
            (place / path).parent.mkdir(parents=True, exist_ok=True)
            (place / path).write_text(text)
        home.mkdir()
        author = ["-c", "user.name=b", "-c", "user.email=b@b"]
        for command in (["init", "-q"], ["add", "-A"], [*author, "commit", "-qm", "x"]):
            subprocess.run(["git", *command], cwd=place, check=True)
        yield place, home


# ---------------------------------------------------------------- by datasource


@dataclass(frozen=True, kw_only=True)
class Case:
    """Twenty packages of one datasource, at a stand-in that counts."""

    datasource: str
    server: Server
    name: Callable[[str, str], str]
    """The name of a package, by its short name and the address of the server."""
    registry: bool = False
    """Whether the address is said beside the name."""
    token: bool = False

    def packages(self) -> list[Package]:
        urls = (self.server.url,) if self.registry else ()
        names = [self.name(each, self.server.url) for each in NAMES]
        return [Package(datasource=self.datasource, name=name, registry_urls=urls) for name in names]

    def rules(self) -> tuple[HostRule, ...]:
        return (HostRule(match_host=self.server.url, token=Secret(TOKEN)),) if self.token else ()

    def files(self) -> Mapping[str, str]:
        lines = (f"{each.datasource} {each.name} 1.0.0 {self.server.url}\n" for each in self.packages())
        return {"versions.txt": "".join(lines)}

    def config(self) -> Mapping[str, object]:
        registry = " (?<registryUrl>\\S+)" if self.registry else ""
        manager = {
            "customType": "regex",
            "managerFilePatterns": ["versions.txt"],
            "matchStrings": [f"(?<datasource>\\S+) (?<depName>\\S+) (?<currentValue>1\\S+){registry}"],
        }
        rule: dict[str, object] = {"matchHost": self.server.url, "token": TOKEN}
        if not self.token:
            rule = {"matchHost": self.server.url.removeprefix("http://"), "insecureRegistry": True}
        return {"customManagers": [manager], "hostRules": [rule], "prConcurrentLimit": 0}


def cases() -> Iterator[Case]:
    contents = Contents(
        providers={name: Provider(versions=DATES) for name in NAMES},
        modules={f"{name}/aws": DATES for name in NAMES},
    )
    charts = HelmRepository(index_of({name.partition("/")[2]: list(DATES) for name in NAMES}))

    def plain(name: str, _url: str) -> str:
        return name

    yield Case(
        datasource="docker",
        server=PagedRegistry({name: many_tags(50) for name in NAMES}),
        name=lambda name, url: f"{url.removeprefix('http://')}/{name}",
    )
    yield Case(datasource="helm", server=charts, name=lambda name, _url: name.partition("/")[2], registry=True)
    yield Case(datasource="github-tags", server=_forge(), name=plain, registry=True, token=True)
    yield Case(datasource="github-releases", server=_forge(), name=plain, registry=True, token=True)
    yield Case(datasource="git-tags", server=_forge(), name=lambda name, url: f"{url}/{name}")
    terraform = TerraformRegistry(contents)
    yield Case(datasource="terraform-provider", server=terraform, name=plain, registry=True)
    yield Case(
        datasource="terraform-module",
        server=TerraformRegistry(contents),
        name=lambda name, _url: f"{name}/aws",
        registry=True,
    )


def _forge() -> Forge:
    forge = Forge()
    for name in NAMES:
        forge.repository(name, tags=list(DATES), releases=list(DATES))
    return forge


async def count_lookups(case: Case) -> tuple[list[int], int]:
    """Requests of the lookups: cold, a minute later, an hour later; and how many of the last were answered 304."""
    clock, counts = StillClock(), list[int]()
    cache = open_cache("memory:", clock=clock)
    for age in (timedelta(0), timedelta(minutes=1), timedelta(hours=1)):
        clock.now = StillClock().now + age
        case.server.requests.clear()
        fresh = timedelta(minutes=10)
        answers = await ask(case.packages(), cache, clock, routes={}, rules=case.rules(), fresh_for=fresh)
        assert not answers.failed, answers.failed
        counts.append(len(case.server.requests))
    return counts, sum(asked.status == 304 for asked in case.server.requests)


def count_runs(case: Case, installation: Path | None) -> tuple[list[int], list[int]]:
    """Requests of whole runs, cold and once more: our plans, the second of which asks all anew, and its lookups."""
    ours, theirs = list[int](), list[int]()
    with repository(case.files(), case.config()) as (place, home):
        for arguments in ((), ("--refresh",)):
            case.server.requests.clear()
            assert run_updater(place, home, *arguments).updates == PACKAGES
            ours.append(len(case.server.requests))
        for _ in range(2 if installation else 0):
            assert installation is not None
            case.server.requests.clear()
            updates = run_renovate(place, home, installation).updates
            if updates != PACKAGES:
                print(f"{case.datasource}: Renovate has {updates} updates", file=sys.stderr)
            theirs.append(len(case.server.requests))
    return ours, theirs


def by_datasource(installation: Path | None) -> str:
    rows = []
    for case in cases():
        with case.server:
            counts, unchanged = asyncio.run(count_lookups(case))
            ours, theirs = count_runs(case, installation)
        looked_up, planned, beside = (_each(some) for some in ((*counts, unchanged), ours, theirs))
        ratio = f"{theirs[0] / counts[0]:.1f}" if theirs else ""
        rows.append([f"`{case.datasource}`", *looked_up, *(beside or ["", ""]), ratio, *planned])
        print(rows[-1], file=sys.stderr)
    return table("Datasource|cold|a minute|an hour|304|Renovate|again|ratio|plan|all anew", rows)


def _each(counts: Sequence[int]) -> list[str]:
    return [f"{count / PACKAGES:.2f}" for count in counts]


# ---------------------------------------------------------------- a repository


def on_a_repository(installation: Path | None) -> str:
    """Runs on 1,000 references to 120 images and 60 to the charts of 12 repositories, cold and once more."""
    with registries(LATENCY) as served:
        files, config = _references(served)
        table_of = _Runs(served)
        for number in range(ROUNDS):
            with repository(files, config) as (place, home):
                table_of.add("lookup: here, cold", run_updater(place, home, LOOKUP))
                if installation is not None:
                    table_of.add("lookup: Renovate, cold", run_renovate(place, home, installation))
                if number == ROUNDS - 1:
                    table_of.add("lookup: here, again at once", run_updater(place, home, LOOKUP))
                    if installation is not None:
                        table_of.add("lookup: Renovate, again at once", run_renovate(place, home, installation))
        with repository(files, config) as (place, home):
            table_of.add("plan, cold", run_updater(place, home))
            table_of.add("plan, again at once", run_updater(place, home))
            table_of.add("plan, all asked anew", run_updater(place, home, "--refresh"))
        with repository(files, {**config, "platforms": ["linux/amd64", "linux/arm64"]}) as (place, home):
            table_of.add("plan, cold, with `platforms`", run_updater(place, home))
    return table_of.rendered()


class _Runs:
    """Runs by name, with what the registries counted during each; of those that were repeated, the median counts."""

    def __init__(self, served: Registries) -> None:
        self._served = served
        self._runs: dict[str, list[Run]] = {}
        self._counts: dict[str, Mapping[str, int]] = {}

    def add(self, name: str, run: Run) -> None:
        counts = self._counts[name] = self._served.counts()
        self._runs.setdefault(name, []).append(run)
        print(f"{name}: {run} {counts}", file=sys.stderr)

    def rendered(self) -> str:
        head = "Run|wall s|CPU s|requests|tokens|lists|manifests|archives|updates"
        return table(head, (self._row(name) for name in self._runs))

    def _row(self, name: str) -> Sequence[object]:
        runs, counts = self._runs[name], self._counts[name]
        seconds = [f"{median(run.wall for run in runs):.1f}", f"{median(run.cpu for run in runs):.1f}"]
        groups = [sum(counts[kind] for kind in counts if any(part in kind for part in parts)) for parts in _GROUPS]
        return [name, *seconds, sum(counts.values()), *groups, runs[-1].updates]


_GROUPS = (("/token", "(refused)", "/v2/"), ("tags/list", "index.yaml"), ("manifests", "blobs"), ("archives",))
"""Kinds of requests: to be let in, lists, manifests with their configurations, archives."""


def _references(served: Registries) -> tuple[Mapping[str, str], Mapping[str, object]]:
    files = {}
    for number in range(REFERENCES // 10):
        images = [f"{served.host}/team/app-{(number * 10 + each) % IMAGES}:1.0.0" for each in range(10)]
        containers = "".join(f"        - name: c{n}\n          image: {image}\n" for n, image in enumerate(images))
        files[f"deployment-{number}.yaml"] = (
            f"apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: d{number}\nspec:\n"
            f"  template:\n    spec:\n      containers:\n{containers}"
        )
    for number, chart in ((number, chart) for number in range(REPOSITORIES) for chart in range(CHARTS)):
        files[f"application-{number}-{chart}.yaml"] = (
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
    return files, config


def _measured_apart(what: str) -> str:
    """A measure of ``benchmarks.lookup`` in a process of its own, whose memory is its own."""
    command = [sys.executable, "-m", "benchmarks.lookup", what]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.rstrip("\n") + "\n"


def _ends(rows: str) -> str:
    """The head of a table, its first three rows and its last two."""
    lines = rows.splitlines(keepends=True)
    return (
        "".join([*lines[:5], "| … |" + " |" * (lines[0].count("|") - 2) + "\n", *lines[-2:]])
        if len(lines) > 8
        else rows
    )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--renovate", type=Path)
    options = parser.parse_args()
    page = TEXT.format(
        by_datasource=by_datasource(options.renovate),
        repository=on_a_repository(options.renovate),
        speed=_measured_apart("speed"),
        budget=_ends(_measured_apart("budget")),
        long_list=_ends(_measured_apart("long-list")),
        fuzz=measure_fuzz(10_000),
    )
    if options.renovate is None:
        print(page)
    else:
        PAGE.write_text(page)


if __name__ == "__main__":
    main()
