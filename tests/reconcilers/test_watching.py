"""Waiting for changes: what a watch hears, and that nothing is missed however it ends."""

import asyncio
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.servers import Reply, Request
from updater.demo.kubernetes import KubernetesApi
from updater.demo.simulator import Clock
from updater.kubernetes.access import Access
from updater.kubernetes.reader import KubernetesReader
from updater.kubernetes.watching import Watched, Watcher

API = "argoproj.io/v1alpha1"
APPS = f"/apis/{API}/applications"
SHOP = Watched(path=APPS, names=frozenset({("argocd", "shop")}))
A_WHILE = 20.0


def app(name: str, health: str = "Healthy", sets: tuple[str, ...] = ()) -> dict[str, Any]:
    owners = [{"kind": "ApplicationSet", "name": each} for each in sets]
    meta = {"name": name, "namespace": "argocd", "ownerReferences": owners}
    return {"metadata": meta, "spec": {"project": "default"}, "status": {"health": {"status": health}}}


class Cluster:
    """A cluster, a clock that only pauses move, and what happens in a pause (by its number)."""

    def __init__(self, api: KubernetesApi) -> None:
        self.api, self.clock = api, Clock()
        self.pauses: list[float] = []
        self.then: dict[int, Callable[[], None]] = {}
        for name in ("shop", "other"):
            self.change(name)

    def change(self, name: str, **options: Any) -> None:
        self.api.put(API, "applications", app(name, **options))

    async def sleep(self, seconds: float) -> None:
        self.clock.now += timedelta(seconds=seconds)
        self.pauses.append(seconds)
        self.then.pop(len(self.pauses), lambda: None)()

    async def waiting(self, watcher: Watcher, wanted: Watched = SHOP) -> tuple[bool, float]:
        """The answer, and for how long it was waited for."""
        start = self.clock.now
        answer = await watcher.changed(wanted, A_WHILE)
        return answer, (self.clock.now - start).total_seconds()

    def watches(self) -> list[str]:
        return [each.path for each in self.api.requests if "watch=1" in each.path]


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    with KubernetesApi() as api:
        yield Cluster(api)


async def begun(cluster: Cluster, reader: KubernetesReader, wanted: Watched = SHOP) -> Watcher:
    """A watcher that knows from which version on: the first wait ends at once."""
    watcher = Watcher(reader, cluster.clock, cluster.sleep)
    assert await cluster.waiting(watcher, wanted) == (True, 0)
    return watcher


def reading(cluster: Cluster) -> KubernetesReader:
    return KubernetesReader(Access(server=cluster.api.url), sleep=cluster.sleep)


async def test_an_open_watch_hears_at_once(cluster: Cluster) -> None:
    """The server holds the connection, and the change comes through it."""
    cluster.api.holds = True
    async with reading(cluster) as reader:
        watcher = await begun(cluster, reader)
        waiting = asyncio.ensure_future(watcher.changed(SHOP, A_WHILE))
        await asyncio.to_thread(cluster.api.is_watched.wait, 30)
        cluster.change("other")
        cluster.change("shop", health="Degraded")
        assert await asyncio.wait_for(waiting, 30)
    assert (cluster.pauses, len(cluster.watches())) == ([], 1)


async def test_a_change_between_two_waits_is_heard(cluster: Cluster) -> None:
    """A watch goes on where the last one ended."""
    async with reading(cluster) as reader:
        watcher = await begun(cluster, reader)
        cluster.change("shop", health="Degraded")
        assert await cluster.waiting(watcher) == (True, 0)
        assert (await cluster.waiting(watcher))[1] == A_WHILE


async def test_changes_of_others_are_not_waited_for(cluster: Cluster) -> None:
    """They move the version forward and end nothing; of one object the server sends nothing else."""
    both = Watched(path=APPS, names=frozenset({("argocd", "shop"), ("argocd", "more")}))
    async with reading(cluster) as reader:
        watcher = await begun(cluster, reader, both)
        cluster.change("other")
        assert (await cluster.waiting(watcher, both))[1] == A_WHILE
        assert (await cluster.waiting(await begun(cluster, reader)))[1] == A_WHILE
    first, last = cluster.watches()[0], cluster.watches()[-1]
    assert "fieldSelector" not in first
    assert "fieldSelector=metadata.name%3Dshop" in last


async def test_an_object_that_is_deleted(cluster: Cluster) -> None:
    """That is a change, too."""
    async with reading(cluster) as reader:
        watcher = await begun(cluster, reader)
        cluster.api.remove(API, "applications", "argocd", "shop")
        assert await cluster.waiting(watcher) == (True, 0)


async def test_an_application_that_a_set_makes(cluster: Cluster) -> None:
    """Of a set, whatever belongs to it is waited for, though nobody knew its name."""
    shops = Watched(path=APPS, names=frozenset(), owners=frozenset({("ApplicationSet", "shops")}))
    async with reading(cluster) as reader:
        watcher = await begun(cluster, reader, shops)
        cluster.change("shop-eu", sets=("shops",))
        assert await cluster.waiting(watcher, shops) == (True, 0)


async def test_a_server_that_ends_watches(cluster: Cluster) -> None:
    """It is begun again after a pause, until the time is over."""
    cluster.then[3] = lambda: cluster.change("shop", health="Degraded")
    async with reading(cluster) as reader:
        watcher = await begun(cluster, reader)
        assert await cluster.waiting(watcher) == (True, 6)
        assert await cluster.waiting(watcher) == (True, A_WHILE)


async def test_bookmarks_carry_the_version_forward(cluster: Cluster) -> None:
    """A server that has forgotten what was before the bookmark still lets the watch go on from it."""
    async with reading(cluster) as reader:
        watcher = await begun(cluster, reader)
        for _ in range(5):
            cluster.change("other")
        assert (await cluster.waiting(watcher))[1] == A_WHILE
        cluster.api.forget()
        cluster.api.requests.clear()
        assert (await cluster.waiting(watcher))[1] == A_WHILE
        assert all("watch=1" in each.path for each in cluster.api.requests), "no list is needed"


async def test_a_version_that_is_too_old(cluster: Cluster) -> None:
    """410: whatever may have happened has; then the list is begun anew."""
    async with reading(cluster) as reader:
        watcher = await begun(cluster, reader)
        cluster.change("shop", health="Degraded")
        cluster.api.forget()
        assert await cluster.waiting(watcher) == (True, 0)
        assert await cluster.waiting(watcher) == (True, 0), "what happened before the new version nobody knows"
        cluster.change("shop")
        assert await cluster.waiting(watcher) == (True, 0)


@pytest.mark.parametrize("status", [401, 403, 404, 405])
async def test_a_server_that_lets_nobody_watch(cluster: Cluster, status: int) -> None:
    """It is asked once, and then polled."""
    async with reading(cluster) as reader:
        watcher = await begun(cluster, reader)
        cluster.api.fault = lambda request: Reply(status=status, body=b"{}") if "watch" in request.query else None
        assert await cluster.waiting(watcher) == (False, 0)
        assert await cluster.waiting(watcher) == (False, 0)
    assert len(cluster.watches()) == 1


@pytest.mark.parametrize(
    "broken",
    [
        Reply(body=b'{"type": "MODIFIED", "object": {"metadata": {}}}\n', cut=10),
        Reply(status=503, body=b"{}"),
        Reply(body=b'{"type": "ERROR", "object": {"code": 500, "message": "etcd is away"}}\n'),
    ],
)
async def test_a_watch_that_breaks(cluster: Cluster, broken: Reply) -> None:
    """It is begun again from the same version: what happened meanwhile is heard."""

    def fault(request: Request) -> Reply | None:
        return broken if "watch" in request.query and len(cluster.pauses) < 1 else None

    cluster.api.fault = fault
    async with reading(cluster) as reader:
        watcher = await begun(cluster, reader)
        cluster.change("shop", health="Degraded")
        assert await cluster.waiting(watcher) == (True, 2)


async def test_a_server_that_is_gone(cluster: Cluster) -> None:
    """After three attempts nobody waits for it any more."""
    async with reading(cluster) as reader:
        watcher = await begun(cluster, reader)
        cluster.api.fault = Reply(status=503, body=b"{}")
        assert await cluster.waiting(watcher) == (False, 4)


async def test_several_lists(cluster: Cluster) -> None:
    """The first that tells something ends the wait; one that may not be watched means that somebody has to ask."""
    projects = Watched(path=f"/apis/{API}/appprojects", names=frozenset({("argocd", "default")}))
    async with reading(cluster) as reader:
        watcher = await begun(cluster, reader)
        cluster.change("shop", health="Degraded")
        assert await watcher.any_changed([SHOP], A_WHILE)
        assert not await watcher.any_changed([projects], A_WHILE)


STEPS = st.lists(st.sampled_from(("shop", "other", "forget", "break", "wait", "wait")), max_size=14)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=STEPS)
def test_no_change_is_missed(steps: list[str]) -> None:
    """Whatever happens in whatever order: after a change of the object, the next wait ends before its time."""
    asyncio.run(played(steps))


async def played(steps: list[str]) -> None:
    with KubernetesApi() as api:
        cluster = Cluster(api)
        async with reading(cluster) as reader:
            watcher = await begun(cluster, reader)
            is_due = False
            for step in [*steps, "wait"]:
                match step:
                    case "forget":
                        api.forget()
                    case "break":
                        broken = len(cluster.pauses) + 1
                        api.fault = lambda _, until=broken: Reply(status=500) if len(cluster.pauses) < until else None
                    case "wait":
                        answer, seconds = await cluster.waiting(watcher)
                        assert answer
                        assert seconds < A_WHILE or not is_due
                        is_due = False
                    case name:
                        cluster.change(name, health="Degraded")
                        is_due = is_due or name == "shop"
