"""Sync windows of a project: whether one forbids a sync at a moment."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.reconcilers.made import HISTORY, NOW, OLD, URL, app, expecting
from updater.api import RolloutState, Target, TargetKind
from updater.demo.kubernetes import KubernetesApi
from updater.kubernetes.access import Access
from updater.kubernetes.reader import KubernetesReader
from updater.reconcilers.argocd import GROUP, application
from updater.reconcilers.argocd_kubernetes import ArgoCDKubernetes
from updater.reconcilers.argocd_observing import ArgoCD
from updater.reconcilers.argocd_verdict import Ours
from updater.reconcilers.windows import closed_by

MONDAY_NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def window(kind: str, schedule: str, duration: str, **fields: Any) -> dict[str, Any]:
    return {"kind": kind, "schedule": schedule, "duration": duration, "applications": ["*"]} | fields


@pytest.mark.parametrize(
    ("windows", "is_closed"),
    [
        ([], False),
        ([window("deny", "0 11 * * *", "2h")], True),
        ([window("deny", "0 9 * * *", "2h")], False),
        ([window("deny", "0 22 * * *", "15h")], True),
        ([window("allow", "0 11 * * 1", "2h")], False),
        ([window("allow", "0 22 * * *", "2h")], True),
        ([window("allow", "0 11 * * *", "2h"), window("deny", "30 11 * * *", "1h")], True),
        ([window("deny", "0 11 * * *", "2h", applications=["other-*"])], False),
        ([window("deny", "0 11 * * *", "2h", applications=[], namespaces=["web"])], True),
        ([window("deny", "0 6 * * *", "2h", timeZone="America/New_York")], True),
        ([window("deny", "not a schedule", "2h")], False),
        ([window("deny", "0 11 * * *", "")], False),
    ],
)
def test_windows(windows: list[dict[str, Any]], *, is_closed: bool) -> None:
    """Deny windows forbid while they are open; where there are allow windows, one has to be open."""
    data = app()
    data["spec"]["destination"] = {"namespace": "web", "server": "https://kubernetes.default.svc"}
    found = closed_by({"spec": {"syncWindows": windows}}, application(data), MONDAY_NOON)
    assert (found is not None) == is_closed


async def test_the_project_of_an_application_in_any_namespace() -> None:
    """Applications may live in namespaces of their own; projects stay where Argo CD is."""
    with KubernetesApi() as api:
        waiting = app(sync={"status": "Synced", "revision": OLD})
        waiting["metadata"] = {"name": "late", "namespace": "team-a"}
        api.put(GROUP, "applications", waiting)
        project = {"syncWindows": [window("deny", "* * * * *", "1h")]}
        api.put(GROUP, "appprojects", {"metadata": {"name": "default", "namespace": "argocd"}, "spec": project})
        async with KubernetesReader(Access(server=api.url)) as reader:
            argo = ArgoCD(ArgoCDKubernetes(reader), Ours.called([URL]), lambda: NOW)
            late = Target(kind=TargetKind.APPLICATION, name="late", namespace="team-a")
            (found,) = await argo.observe([expecting(late)], HISTORY)
        assert found.state is RolloutState.BLOCKED_WINDOW


async def test_the_project_is_read_only_where_something_waits() -> None:
    """A project is looked at for an application that waits, once, and not for one that is well."""
    with KubernetesApi() as api:
        api.put(GROUP, "applications", app())
        waiting = app(sync={"status": "Synced", "revision": OLD})
        waiting["metadata"] = {"name": "late", "namespace": "argocd"}
        api.put(GROUP, "applications", waiting)
        project = {"syncWindows": [window("deny", "* * * * *", "1h")]}
        api.put(GROUP, "appprojects", {"metadata": {"name": "default", "namespace": "argocd"}, "spec": project})
        async with KubernetesReader(Access(server=api.url)) as reader:
            argo = ArgoCD(ArgoCDKubernetes(reader), Ours.called([URL]), lambda: NOW)
            shop = expecting()
            late = expecting(type(shop.target)(kind=shop.target.kind, name="late", namespace="argocd"))
            found = await argo.observe([shop, late, late], HISTORY)
        assert [each.state for each in found] == [
            RolloutState.LIVE,
            RolloutState.BLOCKED_WINDOW,
            RolloutState.BLOCKED_WINDOW,
        ]
        assert len(api.paths(f"/apis/{GROUP}/namespaces/argocd/appprojects")) == 1
