"""Argo CD through its own API: what is asked, with which right, and what comes of it."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.reconcilers.made import HISTORY, NOW, OLD, SHOP, URL, app, at, expecting, image
from tests.servers import NOT_FOUND, Reply, Request, Server, as_json
from updater.api import RolloutState, Secret, Target, TargetKind, Verdict
from updater.http import HttpClient
from updater.reconcilers.argocd_observing import ArgoCD as Reconciler
from updater.reconcilers.argocd_rest import ArgoCDRest
from updater.reconcilers.argocd_verdict import Ours

ALLOWED = {
    "items.metadata.name",
    "items.metadata.namespace",
    "items.metadata.ownerReferences",
    "items.status.sync.status",
    "items.status.sync.revision",
    "items.status.health",
}


class ArgoCD(Server):
    """Its applications, for a token that may get them and nothing else."""

    def __init__(self) -> None:
        super().__init__()
        self.apps = {"shop": app()}
        self.windows: dict[str, object] = {"canSync": True}

    def handle(self, request: Request) -> Reply:
        if request.headers.get("authorization") != "Bearer argo":
            return as_json({"error": "no session information", "code": 16}, 401)
        if request.method != "GET":
            return as_json({"error": "permission denied", "code": 7}, 403)
        match request.path.strip("/").split("/"):
            case ["api", "v1", "applications"]:
                assert set(request.query["fields"].split(",")) <= ALLOWED, "the list allows certain fields only"
                items = [{"metadata": each["metadata"], "status": each["status"]} for each in self.apps.values()]
                return as_json({"items": items})
            case ["api", "v1", "applications", name] if name in self.apps:
                return as_json(self.apps[name])
            case ["api", "v1", "applications", name, "syncwindows"] if name in self.apps:
                return as_json(self.windows)
        return NOT_FOUND


@pytest.fixture
def argo() -> Iterator[ArgoCD]:
    with ArgoCD() as server:
        yield server


async def judged(
    argo: ArgoCD, target: Target = SHOP, *, token: str = "argo", nudge: bool = False, **expected: Any
) -> Verdict:
    async with HttpClient(clock=lambda: NOW) as client:
        reconciler = Reconciler(
            ArgoCDRest(client, argo.url, Secret(token), nudge=nudge), Ours.called([URL]), lambda: NOW
        )
        return (await reconciler.observe([expecting(target, **expected)], HISTORY))[0]


async def test_a_list_of_few_fields_and_the_one_application(argo: ArgoCD) -> None:
    """Two GET requests, and a link to the application's page."""
    found = await judged(argo)
    assert (found.state, found.link) == (RolloutState.LIVE, f"{argo.url}/applications/argocd/shop")
    assert [asked.method for asked in argo.requests] == ["GET", "GET"]


async def test_a_nudge(argo: ArgoCD) -> None:
    """Argo CD is told to look at Git before it answers, which the right to get allows."""
    await judged(argo, nudge=True)
    assert "refresh=normal" in argo.requests[-1].path
    argo.reset()
    await judged(argo)
    assert "refresh" not in argo.requests[-1].path


async def test_a_window_that_forbids_a_sync(argo: ArgoCD) -> None:
    """The server says itself whether a sync is allowed now."""
    argo.apps["shop"] = app(sync={"status": "Synced", "revision": OLD})
    argo.windows = {"canSync": False, "activeWindows": [{"kind": "deny", "schedule": "0 22 * * *", "duration": "8h"}]}
    found = await judged(argo)
    assert (found.state, "deny '0 22 * * *'" in found.reason) == (RolloutState.BLOCKED_WINDOW, True)


async def test_a_token_that_is_refused(argo: ArgoCD) -> None:
    """Without a right nothing is known, and the token is in no message."""
    found = await judged(argo, token="s3cret-token")
    assert found.state is RolloutState.UNKNOWN
    assert "s3cret-token" not in found.reason


async def test_an_application_that_is_not_there(argo: ArgoCD) -> None:
    """What the list does not hold is not asked for."""
    found = await judged(argo, Target(kind=TargetKind.APPLICATION, name="gone"))
    assert (found.state, found.rule, len(argo.requests)) == (RolloutState.UNKNOWN, "argocd 1", 1)


async def test_the_applications_of_a_set(argo: ArgoCD) -> None:
    """A set is as far as the last of its applications, which is named."""
    owner = [{"kind": "ApplicationSet", "name": "shops"}]
    for name, status in (("eu", {}), ("us", {"health": {"status": "Degraded", "lastTransitionTime": at(5)}})):
        data = app(**status)
        data["metadata"] = {"name": name, "namespace": "argocd", "ownerReferences": owner}
        argo.apps[name] = data
    found = await judged(argo, Target(kind=TargetKind.APPLICATION_SET, name="shops", namespace="argocd"))
    assert found.state is RolloutState.FAILED_HEALTH
    assert found.reason.startswith("us: ")


async def test_garbage(argo: ArgoCD) -> None:
    """A proxy's page instead of an answer is no answer."""
    argo.fault = Reply(body=b"<html>Please log in</html>")
    assert (await judged(argo)).state is RolloutState.UNKNOWN


async def test_the_applications_of_a_set_that_a_change_is_about(argo: ArgoCD) -> None:
    """A version in the set's own object concerns the applications that say it, or said it before."""
    owner = [{"kind": "ApplicationSet", "name": "shops"}]
    for name, version in (("eu", "1.1.0"), ("us", "0.9.0")):
        data = app()
        data["metadata"] = {"name": name, "namespace": "argocd", "ownerReferences": owner}
        data["spec"]["source"]["helm"] = {"parameters": [{"name": "image.tag", "value": version}]}
        argo.apps[name] = data
    target = Target(kind=TargetKind.APPLICATION_SET, name="shops", namespace="argocd", declared_by=True)
    assert (await judged(argo, target, changes=(image(),))).state is RolloutState.LIVE
    argo.apps["eu"]["spec"]["source"]["helm"]["parameters"][0]["value"] = "1.0.0"
    found = await judged(argo, target, changes=(image(),))
    assert (found.state, found.reason.startswith("its object does not say")) == (RolloutState.WAITING_SYNC, True)
