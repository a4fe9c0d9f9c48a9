"""Objects and expectations for the tables, well unless a test says otherwise."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.servers import crds
from updater.api import Change, Expectation, Package, Target, TargetKind, Verdict
from updater.reconcilers.argocd import application
from updater.reconcilers.argocd_verdict import Ours, verdict
from updater.reconcilers.flux import helm_release, kustomization
from updater.reconcilers.flux_verdict import helm_release_verdict, kustomization_verdict

Json = dict[str, Any]

MERGED = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
NOW = MERGED + timedelta(hours=1)
OLD, OURS, NEXT, LATER = ("0" * 40, "1" * 40, "2" * 40, "3" * 40)
SHOP = Target(kind=TargetKind.APPLICATION, name="shop", namespace="argocd")
URL = "https://git.example.com/acme/gitops.git"


class Line:
    """A history without branches, oldest commit first."""

    def __init__(self, *commits: str) -> None:
        self._commits = commits

    def contains(self, tip: str, commit: str) -> bool | None:
        if tip not in self._commits or commit not in self._commits:
            return None
        return self._commits.index(tip) >= self._commits.index(commit)

    def since(self, commit: str, limit: int) -> Sequence[str]:
        place = self._commits.index(commit)
        return self._commits[place : place + limit]

    def before(self, commit: str) -> str | None:
        place = self._commits.index(commit)
        return self._commits[place - 1] if place else None


HISTORY = Line(OLD, OURS, NEXT, LATER)


def at(minutes: float) -> str:
    """A moment so many minutes after the merge, as the API writes it."""
    return (MERGED + timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%SZ")


def image(old: str = "1.0.0", new: str = "1.1.0", name: str = "ghcr.io/acme/shop", **digests: Any) -> Change:
    return Change(
        path="apps/shop/web.yaml", package=Package(datasource="docker", name=name), old=old, new=new, **digests
    )


def chart(old: str = "4.10.0", new: str = "4.11.0", name: str = "ingress-nginx") -> Change:
    return Change(path="apps/ingress.yaml", package=Package(datasource="helm", name=name), old=old, new=new)


def expecting(target: Target = SHOP, **options: Any) -> Expectation:
    given: Json = {"commit": OURS, "branch": "main", "since": MERGED} | options
    return Expectation(target=target, **given)


def app(**status: Any) -> Json:
    """An application that synced our commit a quarter of an hour ago and is well; ``status`` replaces parts."""
    usual: Json = {
        "sync": {"status": "Synced", "revision": OURS},
        "health": {"status": "Healthy", "lastTransitionTime": at(3)},
        "operationState": {
            "phase": "Succeeded",
            "startedAt": at(1),
            "finishedAt": at(2),
            "syncResult": {"revision": OURS},
        },
        "history": [
            {"revision": OLD, "deployStartedAt": at(-600), "deployedAt": at(-599)},
            {"revision": OURS, "deployStartedAt": at(1), "deployedAt": at(2)},
        ],
        "reconciledAt": at(58),
        "summary": {"images": []},
    }
    return {
        "metadata": {"name": "shop", "namespace": "argocd"},
        "spec": {
            "source": {"repoURL": URL, "path": "apps/shop", "targetRevision": "main"},
            "syncPolicy": {"automated": {}},
        },
        "status": usual | status,
    }


def judged(data: Mapping[str, Any], expected: Expectation | None = None, **options: Any) -> Verdict:
    """The verdict on an application, an hour after the merge."""
    given: Json = {"history": HISTORY, "ours": Ours.called([URL]), "now": NOW} | options
    return verdict(application(possible(data, "Application")), expected or expecting(), **given)


def possible(data: Mapping[str, Any], kind: str) -> Mapping[str, Any]:
    """The same object, which an API server could hold as far as it goes."""
    assert crds.problems(crds.completed(dict(data), kind)) == []
    return data


def flux(**status: Any) -> Json:
    """A Kustomization that applied our commit and waits for health; ``status`` replaces parts."""
    usual: Json = {
        "observedGeneration": 1,
        "lastAppliedRevision": f"main@sha1:{OURS}",
        "lastAttemptedRevision": f"main@sha1:{OURS}",
        "conditions": [condition("Ready", "True", "ReconciliationSucceeded", 3)],
        "history": [
            snapshot("sha256:new", OURS, first=3, last=58, total=50),
            snapshot("sha256:old", OLD, first=-600, last=-1, total=500),
        ],
    }
    return {
        "metadata": {"name": "apps", "namespace": "flux-system", "generation": 1},
        "spec": {"path": "./apps/shop", "wait": True},
        "status": usual | status,
    }


def condition(kind: str, status: str, reason: str, minutes: float, message: str = "") -> Json:
    return {
        "type": kind,
        "status": status,
        "reason": reason,
        "message": message,
        "lastTransitionTime": at(minutes),
    }


def snapshot(
    digest: str, revision: str, *, first: float, last: float, total: int = 1, status: str = "ReconciliationSucceeded"
) -> Json:
    return {
        "digest": digest,
        "firstReconciled": at(first),
        "lastReconciled": at(last),
        "lastReconciledDuration": "30s",
        "lastReconciledStatus": status,
        "totalReconciliations": total,
        "metadata": {"revision": f"main@sha1:{revision}"},
    }


def flux_judged(data: Mapping[str, Any], expected: Expectation | None = None, now: datetime = NOW) -> Verdict:
    target = Target(kind=TargetKind.KUSTOMIZATION, name="apps", namespace="flux-system")
    return kustomization_verdict(
        kustomization(possible(data, "Kustomization")), expected or expecting(target), HISTORY, now
    )


INGRESS = Target(kind=TargetKind.HELM_RELEASE, name="ingress", namespace="web", declared_by=True)


def helm(**status: Any) -> Json:
    """A HelmRelease that was upgraded to 4.11.0 and is ready; ``status`` replaces parts."""
    usual: Json = {
        "observedGeneration": 2,
        "lastAttemptedRevision": "4.11.0",
        "lastAttemptedReleaseActionDuration": "1m30s",
        "conditions": [condition("Ready", "True", "UpgradeSucceeded", 3)],
        "history": [release("4.11.0", "deployed", 1.5), release("4.10.0", "superseded", -600)],
    }
    return {
        "metadata": {"name": "ingress", "namespace": "web", "generation": 2},
        "spec": {"chart": {"spec": {"chart": "ingress-nginx", "version": "4.11.0"}}},
        "status": usual | status,
    }


def release(version: str, status: str, minutes: float) -> Json:
    return {
        "chartName": "ingress-nginx",
        "chartVersion": version,
        "status": status,
        "firstDeployed": at(-900),
        "lastDeployed": at(minutes),
    }


def helm_judged(data: Mapping[str, Any], expected: Expectation | None = None, now: datetime = NOW) -> Verdict:
    return helm_release_verdict(
        helm_release(possible(data, "HelmRelease")), expected or expecting(INGRESS, changes=(chart(),)), now
    )
