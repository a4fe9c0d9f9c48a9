"""What following deployments costs: reading 500 applications, and the reach of updates in a large repository.

::

    python -m benchmarks.rollouts read     # 500 applications of 200 resources each: seconds, peak memory, requests
    python -m benchmarks.rollouts reach    # 500 applications over 10,000 files: seconds
    python -m benchmarks.rollouts times    # simulated histories: how many verdicts, how many wrong moments
"""

import argparse
import asyncio
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.servers import Reply, Request, Server
from updater.demo.kubernetes import KubernetesApi
from updater.demo.simulator import START, World, stamp

OURS = "1" * 40
API = "argoproj.io/v1alpha1"
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


class Known:
    """A history in which everything contains everything."""

    def contains(self, _tip: str, _commit: str) -> bool | None:
        return True

    def since(self, commit: str, _limit: int) -> list[str]:
        return [commit]

    def before(self, _commit: str) -> str | None:
        return None


def application(number: int) -> dict[str, Any]:
    resources = [
        {
            "group": "apps",
            "version": "v1",
            "kind": "Deployment",
            "namespace": "x",
            "name": f"d-{index}",
            "status": "Synced",
        }
        for index in range(200)
    ]
    source = {"repoURL": "https://git.example.com/acme/gitops.git", "path": f"apps/{number}", "targetRevision": "main"}
    deployed = {"revision": OURS, "deployStartedAt": stamp(START), "deployedAt": stamp(START)}
    return {
        "metadata": {"name": f"app-{number}", "namespace": "argocd"},
        "spec": {"project": "default", "source": source, "syncPolicy": {"automated": {}}},
        "status": {
            "sync": {"status": "Synced", "revision": OURS},
            "health": {"status": "Healthy", "lastTransitionTime": stamp(START)},
            "reconciledAt": stamp(NOW),
            "history": [deployed],
            "resources": resources,
        },
    }


class Canned(Server):
    """Gives a server's answers again without computing them, so that the client alone is measured."""

    def __init__(self, answers: Mapping[str, bytes]) -> None:
        super().__init__()
        self._answers = answers

    def handle(self, request: Request) -> Reply:
        return Reply(body=self._answers[request.path], headers={"Content-Type": "application/json"})


def measure_read() -> str:
    """A process of its own for each row, so that memory counts for it alone."""
    with KubernetesApi() as api:
        for number in range(500):
            api.put(API, "applications", application(number))
        headers = {"accept": "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"}
        listed = api.handle(Request(method="GET", target=f"/apis/{API}/applications?limit=1000", headers=headers)).body
        answers = {f"/apis/{API}/applications": listed}
        for number in range(500):
            path = f"/apis/{API}/namespaces/argocd/applications/app-{number}"
            answers[path] = api.handle(Request(method="GET", target=path, headers={})).body
    rows = [
        "| Applications | affected | seconds | CPU s | peak MB | requests |",
        "| --: | --: | --: | --: | --: | --: |",
    ]
    with Canned(answers) as served:
        for affected in (0, 5, 50):
            command = [sys.executable, "-m", "benchmarks.rollouts", "one-read", served.url, str(affected)]
            rows.append(subprocess.run(command, check=True, capture_output=True, text=True).stdout.rstrip())
    return "\n".join(rows)


def measure_one_read(url: str, affected: int) -> str:
    """All applications at a glance, and some of them in full."""
    from updater.api import Expectation, Target, TargetKind
    from updater.kubernetes.access import Access
    from updater.kubernetes.reader import KubernetesReader
    from updater.reconcilers.argocd_kubernetes import ArgoCDKubernetes
    from updater.reconcilers.argocd_observing import ArgoCD
    from updater.reconcilers.argocd_verdict import Ours

    expectations = [
        Expectation(
            target=Target(kind=TargetKind.APPLICATION, name=f"app-{number}", namespace="argocd"),
            commit=OURS,
            branch="main",
            since=START - timedelta(hours=1),
            glance=number >= affected,
        )
        for number in range(500)
    ]

    async def read() -> int:
        async with KubernetesReader(Access(server=url)) as reader:
            await ArgoCD(ArgoCDKubernetes(reader), Ours(), lambda: NOW).observe(expectations, Known())
            return reader.requests

    start, cpu = time.perf_counter(), time.process_time()
    requests = asyncio.run(read())
    seconds, used = time.perf_counter() - start, time.process_time() - cpu
    return f"| 500 | {affected} | {seconds:.2f} | {used:.2f} | {peak():.0f} | {requests} |"


def peak() -> float:
    """The most memory that this program has held, in MB (``ru_maxrss`` would count that of whoever started it)."""
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


def measure_reach() -> str:
    """A large repository: reading it, and asking about edits."""
    from updater.config import load
    from updater.repo import open_tree
    from updater.targets import Touched, survey

    with tempfile.TemporaryDirectory() as directory:
        root = Path(directory)
        for number in range(500):
            place = root / "apps" / f"team-{number % 25}" / f"app-{number}"
            (place / "base").mkdir(parents=True)
            for index in range(18):
                (place / "base" / f"{index}.yaml").write_text(
                    f"apiVersion: v1\nkind: ConfigMap\ndata: {{a: '{index}'}}\n"
                )
            (place / "base" / "kustomization.yaml").write_text(
                f"resources: [{', '.join(f'{i}.yaml' for i in range(18))}]\n"
            )
            (place / "kustomization.yaml").write_text("resources: [base]\n")
            (root / "argo").mkdir(exist_ok=True)
            path = place.relative_to(root)
            (root / "argo" / f"{number}.yaml").write_text(
                f"apiVersion: {API}\nkind: Application\nmetadata: {{name: app-{number}}}\nspec:\n"
                f"  source: {{repoURL: 'https://git.example.com/a/b', path: {path}, targetRevision: main}}\n"
            )
        tree = open_tree(root)
        config, paths = load(tree), tree.files()
        start = time.perf_counter()
        reach = survey(tree, config)
        surveyed = time.perf_counter()
        found = sum(len(reach.of([Touched(path)])) for path in paths)
        asked = time.perf_counter()
    return (
        f"{len(paths):,} files, {len(reach.targets)} applications: read in {surveyed - start:.2f} s; "
        f"{len(paths):,} edits, which reach {found:,} targets, asked about in {asked - surveyed:.2f} s"
    )


def measure_times() -> str:
    """Random histories of one application: every exact moment against what really happened."""
    from updater.api import Expectation, Target, TargetKind
    from updater.history import GitHistory
    from updater.reconcilers.argocd import application as read
    from updater.reconcilers.argocd_verdict import Ours, verdict

    chance, live, wrong, intervals = random.Random(7), 0, 0, 0
    target = Target(kind=TargetKind.APPLICATION, name="shop", namespace="argocd")
    for _ in range(60):
        with tempfile.TemporaryDirectory() as directory:
            world = World(Path(directory) / "repository.git")
            app = world.application("shop", "apps/web")
            for number in range(5):
                world.advance(seconds=chance.randint(30, 2_000))
                since = world.clock.now
                commit = world.repository.commit({"apps/web/web.yaml": f"image: ghcr.io/acme/web:1.{number}.0\n"})
                world.advance(seconds=chance.randint(30, 2_000))
                history = GitHistory(world.repository.git, commit)
                expected = Expectation(target=target, commit=commit, branch="main", since=since)
                found = verdict(read(app.manifest()), expected, history, Ours(), world.clock.now)
                truth = app.truth.get(commit)
                if not found.state.is_live or truth is None:
                    continue
                live += 1
                intervals += found.times.healthy_after is not None
                exact = (found.times.started, found.times.deployed, found.times.healthy)
                wrong += exact != (truth.started, truth.deployed, truth.healthy)
    return f"{live} live verdicts in 60 histories: {wrong} with a wrong moment, {intervals} with an interval"


MEASURES: Mapping[str, Callable[..., str]] = {
    "read": measure_read,
    "reach": measure_reach,
    "times": measure_times,
    "one-read": lambda url, affected: measure_one_read(url, int(affected)),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("measure", choices=MEASURES)
    parser.add_argument("arguments", nargs="*")
    chosen = parser.parse_args()
    print(MEASURES[chosen.measure](*chosen.arguments))


if __name__ == "__main__":
    main()
