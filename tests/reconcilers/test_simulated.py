"""Verdicts on simulated histories, read over HTTP: the right one at every moment, with exact times."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from updater.api import Change, Expectation, Package, Reconciler, RolloutState, Target, TargetKind, Verdict
from updater.demo.kubernetes import KubernetesApi
from updater.demo.simulator import Application, World
from updater.history import GitHistory
from updater.kubernetes.access import Access
from updater.kubernetes.reader import KubernetesReader
from updater.reconcilers.argocd_kubernetes import ArgoCDKubernetes
from updater.reconcilers.argocd_observing import ArgoCD
from updater.reconcilers.argocd_verdict import Ours
from updater.reconcilers.flux_kubernetes import FluxKubernetes

WEB = "apps/web/web.yaml"
SHOP = Target(kind=TargetKind.APPLICATION, name="shop", namespace="argocd")
APPS = Target(kind=TargetKind.KUSTOMIZATION, name="apps", namespace="flux-system")
RELEASE = Target(kind=TargetKind.HELM_RELEASE, name="web", namespace="web", declared_by=True)


def deployment(version: str, note: str = "") -> dict[str, str]:
    return {WEB: f"image: ghcr.io/acme/web:{version}\n{note}\n"}


def change(old: str, new: str) -> tuple[Change, ...]:
    return (Change(path=WEB, package=Package(datasource="docker", name="ghcr.io/acme/web"), old=old, new=new),)


class Watching:
    """A world with an API server before it, and the question what became of a commit."""

    def __init__(self, world: World, api: KubernetesApi) -> None:
        self.world, self.api = world, api
        self.since: dict[str, datetime] = {}

    def merge(self, files: dict[str, str]) -> str:
        commit = self.world.repository.commit(files)
        self.since[commit] = self.world.clock.now
        return commit

    async def verdict(self, commit: str, target: Target = SHOP, **options: object) -> Verdict:
        given: dict[str, object] = {"soak": timedelta(hours=1)} | options
        expected = Expectation(target=target, commit=commit, branch="main", since=self.since[commit], **given)  # type: ignore[arg-type]
        return (await self.verdicts([expected]))[0]

    async def verdicts(self, expectations: Sequence[Expectation]) -> Sequence[Verdict]:
        repository = self.world.repository
        assert repository.head is not None
        history = GitHistory(repository.git, repository.head)
        async with KubernetesReader(Access(server=self.api.url)) as reader:
            argo: Reconciler = ArgoCD(ArgoCDKubernetes(reader), Ours(), self.world.clock)
            flux: Reconciler = FluxKubernetes(reader, self.world.clock)
            by = argo if expectations[0].target.kind in argo.KINDS else flux
            return await by.observe(expectations, history)


@pytest.fixture
def watching(tmp_path: Path) -> Iterator[Watching]:
    world = World(tmp_path / "repository.git")
    with KubernetesApi() as api:
        api.live.append(world.objects)
        yield Watching(world, api)


@pytest.fixture
def shop(watching: Watching) -> Application:
    """An application that has run 1.0.0 for an hour."""
    app = watching.world.application("shop", "apps/web")
    watching.merge(deployment("1.0.0"))
    watching.world.advance(hours=1)
    return app


async def test_the_way_to_production(watching: Watching, shop: Application) -> None:
    """A commit waits, is synced, verified, rolled out, live, proven: in this order, and nothing else in between."""
    watching.world.advance(seconds=7)
    commit = watching.merge(deployment("1.1.0"))
    seen: list[RolloutState] = []
    for _ in range(2_000):
        state = (await watching.verdict(commit, changes=change("1.0.0", "1.1.0"))).state
        if not seen or seen[-1] is not state:
            seen.append(state)
        if state is RolloutState.PROVEN:
            break
        watching.world.advance(seconds=4 if len(seen) < 5 else 300)
    assert seen == [
        RolloutState.WAITING_SYNC,
        RolloutState.SYNCING,
        RolloutState.VERIFYING,
        RolloutState.ROLLING,
        RolloutState.LIVE,
        RolloutState.PROVEN,
    ]


@pytest.mark.parametrize("pause", [0, 1, 61, 149])
async def test_times_are_exact(watching: Watching, shop: Application, pause: int) -> None:
    """Whenever one looks, the times are those at which it happened."""
    watching.world.advance(seconds=pause)
    commit = watching.merge(deployment("1.1.0"))
    watching.world.advance(minutes=55, seconds=pause)
    times = (await watching.verdict(commit)).times
    truth = shop.truth[commit]
    assert (times.started, times.deployed, times.healthy) == (truth.started, truth.deployed, truth.healthy)
    assert times.healthy_after is None


async def test_several_commits_in_one_sync(watching: Watching, shop: Application) -> None:
    """Commits between two polls are folded into one sync: each of them has its times."""
    first = watching.merge(deployment("1.1.0"))
    watching.world.advance(seconds=1)
    second = watching.merge(deployment("1.2.0"))
    watching.world.advance(minutes=20)
    truth = shop.truth[second]
    for commit in (first, second):
        found = await watching.verdict(commit)
        assert (found.state, found.times.deployed) == (RolloutState.LIVE, truth.deployed)


async def test_a_sync_that_fails(watching: Watching, shop: Application) -> None:
    """Auto-sync tries once; what it tried has failed, and so it stays until a commit mends it."""
    bad = watching.merge(deployment("1.1.0", "refused"))
    watching.world.advance(minutes=30)
    found = await watching.verdict(bad)
    assert (found.state, "admission webhook" in found.reason) == (RolloutState.FAILED_SYNC, True)
    good = watching.merge(deployment("1.2.0"))
    watching.world.advance(minutes=30)
    assert (await watching.verdict(good)).state is RolloutState.LIVE


async def test_a_rendering_that_fails(watching: Watching, shop: Application) -> None:
    """What cannot be rendered never gets as far as a sync."""
    bad = watching.merge(deployment("1.1.0", "unrenderable"))
    watching.world.advance(minutes=30)
    assert (await watching.verdict(bad)).state is RolloutState.FAILED_RENDER


async def test_a_version_that_is_broken(watching: Watching, shop: Application) -> None:
    """Unhealthy for longer than the grace time: failed. The next update is not blamed for it."""
    bad = watching.merge(deployment("1.1.0", "broken"))
    watching.world.advance(minutes=5)
    assert (await watching.verdict(bad)).state is RolloutState.ROLLING
    watching.world.advance(minutes=30)
    assert (await watching.verdict(bad)).state is RolloutState.FAILED_HEALTH


async def test_a_paused_rollout(watching: Watching, shop: Application) -> None:
    """A canary that waits for somebody waits for days without having failed."""
    commit = watching.merge(deployment("1.1.0", "paused"))
    watching.world.advance(hours=60)
    assert (await watching.verdict(commit)).state is RolloutState.ROLLING


async def test_a_flap_delays_the_proof(watching: Watching, shop: Application) -> None:
    """A node that goes is no failure; the soak time begins again when all is back."""
    commit = watching.merge(deployment("1.1.0"))
    watching.world.advance(minutes=40)
    shop.flap(watching.world.clock.now)
    watching.world.advance(minutes=1)
    assert (await watching.verdict(commit)).state is RolloutState.ROLLING
    watching.world.advance(minutes=40)
    found = await watching.verdict(commit)
    assert (found.state, found.since) == (RolloutState.LIVE, shop.health_since)
    watching.world.advance(minutes=30)
    assert (await watching.verdict(commit)).state is RolloutState.PROVEN


async def test_a_hydrator_in_between(watching: Watching) -> None:
    """Behind a hydrator, the commits that are synced are others; the dry one is ours."""
    app = watching.world.application("shop", "apps/web", hydrated=True)
    watching.merge(deployment("1.0.0"))
    watching.world.advance(hours=1)
    commit = watching.merge(deployment("1.1.0"))
    assert (await watching.verdict(commit)).state is RolloutState.WAITING_SYNC
    watching.world.advance(minutes=30)
    found = await watching.verdict(commit)
    assert (found.state, found.times.healthy) == (RolloutState.LIVE, app.truth[commit].healthy)


async def test_nothing_syncs_it(watching: Watching) -> None:
    """Without auto-sync the verdict says that somebody has to do it."""
    watching.world.application("shop", "apps/web", automated=False)
    commit = watching.merge(deployment("1.0.0"))
    watching.world.advance(hours=1)
    assert (await watching.verdict(commit)).state is RolloutState.NEEDS_MANUAL_SYNC


async def test_the_kustomization_of_flux(watching: Watching) -> None:
    """The same story with Flux: waiting, syncing, live, proven, with the times of its history."""
    kustomization = watching.world.kustomization("apps", "apps/web")
    watching.merge(deployment("1.0.0"))
    watching.world.advance(hours=1)
    commit = watching.merge(deployment("1.1.0"))
    assert (await watching.verdict(commit, APPS)).state is RolloutState.WAITING_SYNC
    seen = set()
    for _ in range(40):
        watching.world.advance(seconds=5)
        found = await watching.verdict(commit, APPS)
        seen.add(found.state)
        if found.state is RolloutState.LIVE:
            break
    truth = kustomization.truth[commit]
    assert seen == {RolloutState.WAITING_SYNC, RolloutState.SYNCING, RolloutState.LIVE}
    assert (found.times.started, found.times.healthy) == (truth.started, truth.healthy)
    watching.world.advance(hours=2)
    assert (await watching.verdict(commit, APPS)).state is RolloutState.PROVEN


@pytest.mark.parametrize(
    ("note", "state"),
    [
        ("unrenderable", RolloutState.FAILED_RENDER),
        ("refused", RolloutState.FAILED_SYNC),
        ("broken", RolloutState.FAILED_HEALTH),
    ],
)
async def test_failures_of_a_kustomization(watching: Watching, note: str, state: RolloutState) -> None:
    """What cannot be built, applied or become healthy has failed by its own rule."""
    watching.world.kustomization("apps", "apps/web")
    watching.merge(deployment("1.0.0"))
    watching.world.advance(hours=1)
    commit = watching.merge(deployment("1.1.0", note))
    watching.world.advance(hours=1)
    assert (await watching.verdict(commit, APPS)).state is state


def chart_change(old: str, new: str) -> tuple[Change, ...]:
    return (Change(path=WEB, package=Package(datasource="helm", name="web"), old=old, new=new),)


async def test_the_helm_release_of_flux(watching: Watching) -> None:
    """A chart's upgrade: waiting for its object, syncing, live, with Helm's times."""
    release = watching.world.helm_release("web", "apps/web")
    watching.merge({WEB: "version: 1.0.0\n"})
    watching.world.advance(hours=1, seconds=1)
    commit = watching.merge({WEB: "version: 1.1.0\n"})
    assert (await watching.verdict(commit, RELEASE, changes=chart_change("1.0.0", "1.1.0"))).rule == "helm 3"
    watching.world.advance(minutes=10)
    found = await watching.verdict(commit, RELEASE, changes=chart_change("1.0.0", "1.1.0"))
    assert (found.state, found.times.healthy) == (RolloutState.LIVE, release.truth["1.1.0"].healthy)


async def test_a_helm_release_that_was_rolled_back(watching: Watching) -> None:
    """The cluster went back, Git did not."""
    watching.world.helm_release("web", "apps/web", remediate=True)
    watching.merge({WEB: "version: 1.0.0\n"})
    watching.world.advance(hours=1)
    commit = watching.merge({WEB: "version: 1.1.0\nbroken\n"})
    watching.world.advance(minutes=10)
    found = await watching.verdict(commit, RELEASE, changes=chart_change("1.0.0", "1.1.0"))
    assert (found.state, found.runs) == (RolloutState.FAILED_REMEDIATED, "web 1.0.0")


async def test_one_list_then_only_what_matters(watching: Watching, shop: Application) -> None:
    """Two expectations on one of many applications cost a list and one object."""
    for number in range(20):
        watching.world.application(f"other-{number}", "apps/web")
    watching.world.advance(minutes=30)
    watching.api.reset()
    head = watching.world.repository.commits[0]
    await watching.verdicts(
        [Expectation(target=SHOP, commit=head, branch="main", since=watching.since[head]) for _ in range(2)]
    )
    assert len(watching.api.requests) == 2


async def test_a_glance_costs_the_list_only(watching: Watching, shop: Application) -> None:
    """Where the list shows that all is well, no object is read."""
    head = watching.world.repository.commits[0]
    watching.api.reset()
    found = await watching.verdict(head, glance=True)
    assert (found.state, len(watching.api.requests)) == (RolloutState.LIVE, 1)


async def test_nothing_to_ask_asks_nothing(watching: Watching) -> None:
    """Without expectations there are no requests."""
    async with KubernetesReader(Access(server=watching.api.url)) as reader:
        history = GitHistory(watching.world.repository.git, "0" * 40)
        assert await ArgoCD(ArgoCDKubernetes(reader), Ours(), watching.world.clock).observe([], history) == []
        assert await FluxKubernetes(reader, watching.world.clock).observe([], history) == []
    assert watching.api.requests == []


async def test_no_permission_is_unknown(watching: Watching, shop: Application) -> None:
    """What may not be read is unknown, in the server's words; nothing is raised."""
    watching.api.forbid("/apis/argoproj.io")
    found = await watching.verdict(watching.world.repository.commits[0])
    assert (found.state, "forbidden" in found.reason) == (RolloutState.UNKNOWN, True)
