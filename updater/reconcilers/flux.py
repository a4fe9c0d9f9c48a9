"""Flux: the fields of its objects that a verdict needs, out of what the Kubernetes API gives. Pure.

They are those of ``kustomize.toolkit.fluxcd.io/v1`` and ``helm.toolkit.fluxcd.io/v2``
(https://fluxcd.io/flux/components/kustomize/kustomizations/, https://fluxcd.io/flux/components/helm/helmreleases/).
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from updater.fields import Object, at, duration, is_true, moment, number, objects, text

KUSTOMIZATIONS = "kustomize.toolkit.fluxcd.io/v1"
HELM_RELEASES = "helm.toolkit.fluxcd.io/v2"

_COMMIT = re.compile(r"(?:^|[@:/])(?:sha\d+:)?([0-9a-f]{40}(?:[0-9a-f]{24})?)$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """An entry of ``status.conditions``; ``status`` is True, False or Unknown."""

    status: str
    reason: str
    message: str
    since: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciled:
    """What all objects of Flux have. ``is_current`` says that the status is about the present spec."""

    name: str
    namespace: str
    spec: object
    is_current: bool
    is_suspended: bool
    conditions: dict[str, Condition]


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """An entry of a Kustomization's history, newest first: all reconciliations, in number ``total``, of one digest.

    ``first`` and ``last`` are the ends of the first and the last of them, ``took`` is how long the last one took.
    """

    digest: str
    first: datetime | None
    last: datetime | None
    took: timedelta | None
    total: int
    status: str
    revision: str | None

    @property
    def succeeded(self) -> bool:
        """Whether the last of them did."""
        return self.status == "ReconciliationSucceeded"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kustomization(Reconciled):
    """A Kustomization. Revisions are commits; ``checks_health`` says that Ready stands for more than "applied".

    What comes out of an artifact (an OCIRepository) is ``of_artifact``: its commit is known if the artifact names it.
    """

    applied: str | None
    attempted: str | None
    of_artifact: bool
    checks_health: bool
    history: tuple[Snapshot, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """An entry of a HelmRelease's history, newest first; ``last_deployed`` is when its latest action began."""

    chart: str
    version: str
    status: str
    first_deployed: datetime | None
    last_deployed: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class HelmRelease(Reconciled):
    """A HelmRelease. ``attempted`` is a version of the chart, ``took`` how long the latest action on it took.

    ``checks_health`` says that Helm waits until all is ready.
    """

    attempted: str | None
    took: timedelta | None
    checks_health: bool
    history: tuple[Release, ...]


def commit_of(revision: str | None) -> str | None:
    """The commit of a revision such as ``main@sha1:<commit>`` or ``main/<commit>``; None if it names none."""
    match = _COMMIT.search(revision or "")
    return match[1] if match else None


def chart_version(version: str | None) -> str | None:
    """The version of a chart without the digest that Flux adds to it (``1.2.3+<digest>``, 12 characters)."""
    return re.sub(r"\+[0-9a-f]{12}$", "", version) if version else None


def kustomization(data: object) -> Kustomization:
    """A Kustomization as the API gives it."""
    spec, status = at(data, "spec"), at(data, "status")
    of_artifact = text(spec, "sourceRef", "kind") not in ("GitRepository", None)
    origins = {
        text(each, "metadata", "revision"): text(each, "metadata", "originRevision")
        for each in reversed(objects(status, "history"))
    }

    def commit(revision: str | None, origin: str | None = None) -> str | None:
        named = origin or origins.get(revision)
        return commit_of(named or (None if of_artifact else revision))

    applied = text(status, "lastAppliedRevision")
    return Kustomization(
        **_common(data),
        applied=commit(applied, text(status, "lastAppliedOriginRevision")),
        attempted=commit(text(status, "lastAttemptedRevision")),
        of_artifact=of_artifact,
        checks_health=is_true(spec, "wait") or bool(objects(spec, "healthChecks")),
        history=tuple(_snapshot(each, commit) for each in objects(status, "history")),
    )


def helm_release(data: object) -> HelmRelease:
    """A HelmRelease as the API gives it."""
    spec, status = at(data, "spec"), at(data, "status")
    return HelmRelease(
        **_common(data),
        attempted=chart_version(text(status, "lastAttemptedRevision")),
        took=duration(status, "lastAttemptedReleaseActionDuration"),
        checks_health=not is_true(spec, "upgrade", "disableWait"),
        history=tuple(map(_release, objects(status, "history"))),
    )


def _common(data: object) -> dict[str, Any]:
    generation, observed = number(data, "metadata", "generation"), number(data, "status", "observedGeneration")
    return {
        "name": text(data, "metadata", "name") or "",
        "namespace": text(data, "metadata", "namespace") or "",
        "spec": at(data, "spec"),
        "is_current": generation is None or generation == observed,
        "is_suspended": is_true(data, "spec", "suspend"),
        "conditions": {text(each, "type") or "": _condition(each) for each in objects(data, "status", "conditions")},
    }


def _condition(data: Object) -> Condition:
    return Condition(
        status=text(data, "status") or "Unknown",
        reason=text(data, "reason") or "",
        message=text(data, "message") or "",
        since=moment(data, "lastTransitionTime"),
    )


def _snapshot(data: Object, commit: Callable[[str | None, str | None], str | None]) -> Snapshot:
    return Snapshot(
        digest=text(data, "digest") or "",
        first=moment(data, "firstReconciled"),
        last=moment(data, "lastReconciled"),
        took=duration(data, "lastReconciledDuration"),
        total=number(data, "totalReconciliations") or 1,
        status=text(data, "lastReconciledStatus") or "",
        revision=commit(text(data, "metadata", "revision"), text(data, "metadata", "originRevision")),
    )


def _release(data: Object) -> Release:
    return Release(
        chart=text(data, "chartName") or "",
        version=text(data, "chartVersion") or "",
        status=text(data, "status") or "",
        first_deployed=moment(data, "firstDeployed"),
        last_deployed=moment(data, "lastDeployed"),
    )
