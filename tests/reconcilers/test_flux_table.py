"""Every row of the tables for Flux: Kustomizations, then HelmReleases."""

from datetime import timedelta
from typing import Any

import pytest

from tests.reconcilers.made import (
    INGRESS,
    MERGED,
    NEXT,
    NOW,
    OLD,
    OURS,
    chart,
    condition,
    expecting,
    flux,
    flux_judged,
    helm,
    helm_judged,
    image,
    release,
    snapshot,
)
from updater.api import RolloutState, Target, TargetKind
from updater.fields import Unreadable
from updater.reconcilers.flux import chart_version, commit_of
from updater.reconcilers.flux_verdict import helm_release_verdict, kustomization_verdict

# ---------------------------------------------------------------- Kustomization


def test_1_what_cannot_be_read_is_unknown() -> None:
    """An object that is not there, or may not be seen, says nothing."""
    found = kustomization_verdict(Unreadable(reason="forbidden"), expecting(), None, NOW)  # type: ignore[arg-type]
    assert (found.state, found.rule, found.reason) == (RolloutState.UNKNOWN, "flux 1", "forbidden")


def test_2_a_status_of_an_older_generation_says_nothing() -> None:
    """What Flux said of an older spec is not taken for an answer."""
    found = flux_judged(flux(observedGeneration=0))
    assert (found.state, found.rule) == (RolloutState.VERIFYING, "flux 2")


@pytest.mark.parametrize(
    ("reason", "state"),
    [
        ("BuildFailed", RolloutState.FAILED_RENDER),
        ("ArtifactFailed", RolloutState.FAILED_RENDER),
        ("ReconciliationFailed", RolloutState.FAILED_SYNC),
        ("PruneFailed", RolloutState.FAILED_SYNC),
        ("HealthCheckFailed", RolloutState.FAILED_HEALTH),
        ("DependencyNotReady", RolloutState.WAITING_SYNC),
    ],
)
def test_3_not_ready_with_a_reason(reason: str, state: RolloutState) -> None:
    """A reason for not being ready, at our commit or a later one, says what failed."""
    for attempted in (OURS, NEXT):
        data = flux(
            lastAppliedRevision=f"main@sha1:{OLD}",
            lastAttemptedRevision=f"main@sha1:{attempted}",
            conditions=[condition("Ready", "False", reason, 3, "it says why")],
        )
        found = flux_judged(data)
        assert (found.state, found.rule) == (state, "flux 3")
        assert "it says why" in found.reason


def test_3_a_failure_of_an_older_commit_says_nothing() -> None:
    """A failure at a commit before ours is not ours."""
    data = flux(
        lastAppliedRevision=f"main@sha1:{OLD}",
        lastAttemptedRevision=f"main@sha1:{OLD}",
        conditions=[condition("Ready", "False", "BuildFailed", -3)],
    )
    assert flux_judged(data).state is RolloutState.WAITING_SYNC


def test_3_health_checks_get_the_grace_time() -> None:
    """A failed health check counts once it has lasted, since its digest was tried first."""
    history = [snapshot("sha256:new", OURS, first=3, last=4.5, total=2, status="HealthCheckFailed")]
    data = flux(conditions=[condition("Ready", "False", "HealthCheckFailed", 4.5)], history=history)
    found = flux_judged(data, now=MERGED + timedelta(minutes=5))
    assert (found.state, found.until) == (RolloutState.ROLLING, MERGED + timedelta(minutes=13))


def test_3_health_that_was_bad_before() -> None:
    """What failed its health checks with the commit before ours as well is not held against ours."""
    history = [
        snapshot("sha256:new", OURS, first=3, last=50, status="HealthCheckFailed"),
        snapshot("sha256:old", OLD, first=-600, last=-1, status="HealthCheckFailed"),
    ]
    data = flux(conditions=[condition("Ready", "False", "HealthCheckFailed", 3)], history=history)
    assert flux_judged(data).state is RolloutState.PRE_EXISTING


def test_4_stalled() -> None:
    """What is stalled at our commit is not going to get on by itself."""
    data = flux(
        lastAppliedRevision=f"main@sha1:{OLD}",
        conditions=[condition("Stalled", "True", "InvalidCELExpression", 3)],
    )
    found = flux_judged(data)
    assert (found.state, found.rule) == (RolloutState.FAILED_SYNC, "flux 4")


def test_5_an_older_commit_is_applied() -> None:
    """Before our commit has been noticed, the object waits for it."""
    old = f"main@sha1:{OLD}"
    found = flux_judged(flux(lastAppliedRevision=old, lastAttemptedRevision=old))
    assert (found.state, found.rule) == (RolloutState.WAITING_SYNC, "flux 5")


def test_5_it_is_being_applied() -> None:
    """While our commit is being applied, that is said."""
    data = flux(
        lastAppliedRevision=f"main@sha1:{OLD}",
        conditions=[
            condition("Reconciling", "True", "Progressing", 3),
            condition("Ready", "Unknown", "Progressing", 3),
        ],
    )
    assert flux_judged(data).state is RolloutState.SYNCING


def test_5_suspended() -> None:
    """A suspended object waits for somebody."""
    data = flux(lastAppliedRevision=f"main@sha1:{OLD}", lastAttemptedRevision=f"main@sha1:{OLD}")
    data["spec"]["suspend"] = True
    assert flux_judged(data).state is RolloutState.NEEDS_MANUAL_SYNC


def test_5_a_revision_that_is_not_known_here_is_unknown() -> None:
    """A commit that our clone lacks may contain ours or not."""
    data = flux(lastAppliedRevision=f"main@sha1:{'f' * 40}", lastAttemptedRevision=f"main@sha1:{OURS}")
    assert flux_judged(data).state is RolloutState.UNKNOWN


def test_6_ready_is_not_said_yet() -> None:
    """Applied, but with no word on health: it is being rolled out."""
    data = flux(conditions=[condition("Ready", "Unknown", "Progressing", 3)], history=[])
    found = flux_judged(data)
    assert (found.state, found.rule) == (RolloutState.ROLLING, "flux 6")


def test_6_every_reconciliation_begins_with_unknown() -> None:
    """A reconciliation that has just begun takes nothing back of what its digest's history says."""
    assert flux_judged(flux(conditions=[condition("Ready", "Unknown", "Progressing", 59)])).state is RolloutState.LIVE


def test_7_without_health_checks_applied_is_all_one_knows() -> None:
    """Ready without wait or healthChecks means "applied"."""
    data = flux()
    data["spec"]["wait"] = False
    found = flux_judged(data, expecting(soak=timedelta(minutes=1)))
    assert (found.state, found.rule) == (RolloutState.LIVE_UNVERIFIED, "flux 7")
    assert found.times.healthy is None


def test_7_health_checks_instead_of_wait() -> None:
    """A list of health checks is as good as wait."""
    data = flux()
    data["spec"] |= {"wait": False, "healthChecks": [{"kind": "Deployment", "name": "web"}]}
    assert flux_judged(data).state is RolloutState.LIVE


def test_8_live_since_the_first_use_of_the_digest() -> None:
    """The soak time counts from the first reconciliation of the present digest, not from a condition."""
    found = flux_judged(flux(conditions=[condition("Ready", "True", "ReconciliationSucceeded", 59)]))
    assert (found.state, found.rule, found.since) == (RolloutState.LIVE, "flux 8", MERGED + timedelta(minutes=3))


def test_8_a_revert_in_between_starts_the_soak_time_anew() -> None:
    """A digest that comes back after another one soaks since the other was last seen."""
    history = [
        snapshot("sha256:new", OURS, first=3, last=58, total=30),
        snapshot("sha256:reverted", NEXT, first=20, last=30, total=10),
    ]
    assert flux_judged(flux(history=history)).since == MERGED + timedelta(minutes=30)


def test_9_proven_after_the_soak_time() -> None:
    """The digest has been well for the soak time."""
    found = flux_judged(flux(), expecting(soak=timedelta(minutes=30)))
    assert (found.state, found.rule, found.times.proven) == (
        RolloutState.PROVEN,
        "flux 9",
        MERGED + timedelta(minutes=33),
    )


def test_times_of_a_single_reconciliation_are_exact() -> None:
    """Of one reconciliation Flux keeps the end and the length."""
    data = flux(history=[snapshot("sha256:new", OURS, first=3, last=3)])
    times = flux_judged(data).times
    assert (times.started, times.healthy, times.healthy_after) == (
        MERGED + timedelta(minutes=2, seconds=30),
        MERGED + timedelta(minutes=3),
        None,
    )


def test_times_of_several_reconciliations_are_an_interval() -> None:
    """Of several with one digest only the last is known to have succeeded."""
    times = flux_judged(flux()).times
    assert (times.healthy_after, times.healthy) == (MERGED + timedelta(minutes=3), MERGED + timedelta(minutes=58))


@pytest.mark.parametrize(
    ("revision", "commit"),
    [
        (f"main@sha1:{OURS}", OURS),
        (f"main/{OURS}", OURS),
        (f"refs/heads/main@sha1:{OURS}", OURS),
        (OURS, OURS),
        (f"v1.2@sha1:{OURS}", OURS),
        (f"refs/tags/v1.2.3@sha1:{OURS}", OURS),
        (f"refs/pull/7/head@sha1:{OURS}", OURS),
        (f"sha1:{OURS}", OURS),
        ("main@sha256:" + "a" * 64, "a" * 64),
        ("v1.2@sha256:" + "a" * 12, None),
        ("main", None),
        (None, None),
    ],
)
def test_revisions(revision: str | None, commit: str | None) -> None:
    """Every form in which Flux writes a revision."""
    assert commit_of(revision) == commit


# ---------------------------------------------------------------- a Kustomization of an artifact


def of_artifact(origin: str | None, attempted: str = "new", *, failed: bool = False) -> dict[str, Any]:
    """One whose source is an OCIRepository: revisions are digests, and the artifact may say what commit it is of."""
    digests = {name: f"latest@sha256:{letter * 64}" for name, letter in (("old", "a"), ("new", "b"))}
    named = {} if origin is None else {"originRevision": f"main@sha1:{origin}"}
    entry = snapshot("sha256:new", OURS, first=3, last=58) | {"metadata": {"revision": digests["new"], **named}}
    data = flux(
        lastAppliedRevision=digests["new"],
        lastAttemptedRevision=digests[attempted],
        history=[entry],
        **({} if origin is None else {"lastAppliedOriginRevision": f"main@sha1:{origin}"}),
    )
    data["spec"]["sourceRef"] = {"kind": "OCIRepository", "name": "apps"}
    if failed:
        data["status"]["conditions"] = [condition("Ready", "False", "HealthCheckFailed", 20)]
        entry["lastReconciledStatus"] = "HealthCheckFailed"
    return data


def test_an_artifact_that_names_its_commit() -> None:
    """The commit that it was made from is compared with ours, never its digest."""
    assert flux_judged(of_artifact(OURS)).state is RolloutState.LIVE
    assert flux_judged(of_artifact(OLD)).state is RolloutState.WAITING_SYNC


def test_an_artifact_of_which_nobody_knows_the_commit() -> None:
    """A digest is no commit: nothing is known, and it is said what would help."""
    found = flux_judged(of_artifact(None))
    assert (found.state, found.rule) == (RolloutState.UNKNOWN, "flux 5")
    assert "--revision" in found.reason


def test_a_failure_of_an_artifact() -> None:
    """Only the history says what commit an attempt was of."""
    assert flux_judged(of_artifact(OURS, failed=True)).state is RolloutState.FAILED_HEALTH
    assert not flux_judged(of_artifact(OURS, attempted="old", failed=True)).state.is_failure


# ---------------------------------------------------------------- HelmRelease


def test_helm_1_what_cannot_be_read_is_unknown() -> None:
    """An object that is not there, or may not be seen, says nothing."""
    found = helm_release_verdict(Unreadable(reason="not found"), expecting(INGRESS), NOW)
    assert (found.state, found.rule) == (RolloutState.UNKNOWN, "helm 1")


def test_helm_2_a_status_of_an_older_generation_says_nothing() -> None:
    """The object says the new version, but Flux has not looked at it yet."""
    found = helm_judged(helm(observedGeneration=1))
    assert (found.state, found.rule) == (RolloutState.VERIFYING, "helm 2")


def test_helm_3_the_object_is_an_older_one() -> None:
    """Nobody has applied the object with the new version yet."""
    data = helm(observedGeneration=2)
    data["spec"]["chart"]["spec"]["version"] = "4.10.0"
    found = helm_judged(data)
    assert (found.state, found.rule) == (RolloutState.WAITING_SYNC, "helm 3")


def test_helm_4_rolled_back() -> None:
    """After a remediation the cluster runs the old release while Git says the new one."""
    data = helm(
        conditions=[
            condition("Ready", "False", "UpgradeFailed", 5),
            condition("Remediated", "True", "RollbackSucceeded", 6, "Helm rollback to 4.10.0 succeeded"),
        ],
        history=[release("4.10.0", "deployed", 6), release("4.11.0", "failed", 2)],
    )
    found = helm_judged(data)
    assert (found.state, found.rule) == (RolloutState.FAILED_REMEDIATED, "helm 4")
    assert found.runs == "ingress-nginx 4.10.0"


@pytest.mark.parametrize(
    ("reason", "state"),
    [
        ("UpgradeFailed", RolloutState.FAILED_SYNC),
        ("InstallFailed", RolloutState.FAILED_SYNC),
        ("ArtifactFailed", RolloutState.FAILED_RENDER),
        ("TestFailed", RolloutState.FAILED_HEALTH),
        ("DependencyNotReady", RolloutState.WAITING_SYNC),
    ],
)
def test_helm_5_not_ready_with_a_reason(reason: str, state: RolloutState) -> None:
    """The reason says what failed."""
    found = helm_judged(helm(conditions=[condition("Ready", "False", reason, 3)]))
    assert (found.state, found.rule) == (state, "helm 5")


def test_helm_5_a_failure_of_another_version_says_nothing() -> None:
    """A failure to go to another version of the chart is not ours."""
    data = helm(lastAttemptedRevision="4.10.0", conditions=[condition("Ready", "False", "UpgradeFailed", 3)])
    assert helm_judged(data).state is not RolloutState.FAILED_SYNC


def test_helm_6_stalled() -> None:
    """Flux has given up retrying."""
    found = helm_judged(helm(conditions=[condition("Stalled", "True", "RetriesExceeded", 9)]))
    assert (found.state, found.rule) == (RolloutState.FAILED_SYNC, "helm 6")


@pytest.mark.parametrize(
    ("conditions", "state"),
    [
        ([], RolloutState.WAITING_SYNC),
        ([condition("Reconciling", "True", "Progressing", 2)], RolloutState.SYNCING),
    ],
)
def test_helm_7_another_version_is_released(conditions: list[dict[str, object]], state: RolloutState) -> None:
    """Until the newest release is of the wanted version, it is not there."""
    found = helm_judged(helm(conditions=conditions, history=[release("4.10.0", "deployed", -600)]))
    assert (found.state, found.rule) == (state, "helm 7")


def test_helm_7_suspended() -> None:
    """A suspended release waits for somebody."""
    data = helm(history=[release("4.10.0", "deployed", -600)], conditions=[])
    data["spec"]["suspend"] = True
    assert helm_judged(data).state is RolloutState.NEEDS_MANUAL_SYNC


def test_helm_8_not_ready_yet() -> None:
    """The release of the wanted version is there, and Helm still waits."""
    data = helm(conditions=[condition("Ready", "Unknown", "Progressing", 3)], history=[release("4.11.0", "pending", 2)])
    found = helm_judged(data)
    assert (found.state, found.rule) == (RolloutState.ROLLING, "helm 8")


def test_helm_9_helm_did_not_wait() -> None:
    """With disableWait nobody looked at health."""
    data = helm()
    data["spec"]["upgrade"] = {"disableWait": True}
    found = helm_judged(data)
    assert (found.state, found.rule) == (RolloutState.LIVE_UNVERIFIED, "helm 9")


def test_helm_10_live() -> None:
    """Released, deployed and ready; Helm's own times say how long it took."""
    found = helm_judged(helm())
    assert (found.state, found.rule) == (RolloutState.LIVE, "helm 10")
    assert found.times.healthy == MERGED + timedelta(minutes=3)


def test_helm_11_proven() -> None:
    """Ready for the soak time."""
    found = helm_judged(helm(), expecting(INGRESS, changes=(chart(),), soak=timedelta(minutes=30)))
    assert (found.state, found.rule) == (RolloutState.PROVEN, "helm 11")


def test_helm_an_image_in_its_values() -> None:
    """An image changed in the values of a release is expected in its object, the chart's version says nothing."""
    data = helm()
    data["spec"]["values"] = {"controller": {"image": {"repository": "ghcr.io/acme/shop", "tag": "1.1.0"}}}
    assert helm_judged(data, expecting(INGRESS, changes=(image(),))).state is RolloutState.LIVE
    data["spec"]["values"]["controller"]["image"]["tag"] = "1.0.0"
    assert helm_judged(data, expecting(INGRESS, changes=(image(),))).rule == "helm 3"


def test_a_digest_behind_the_version_is_not_part_of_it() -> None:
    """Flux adds twelve characters of a digest to the version of a chart from an OCI registry; build metadata stays."""
    assert chart_version("1.2.3+0123456789ab") == "1.2.3"
    assert chart_version("1.2.3+build.5") == "1.2.3+build.5"


def test_helm_7_nothing_was_released_since_the_merge() -> None:
    """Where something outside the object changed (its values, its source), only a release after the merge counts."""
    values = Target(kind=TargetKind.HELM_RELEASE, name="ingress", namespace="web")
    before = helm(history=[release("4.10.0", "deployed", -600)])
    found = helm_judged(before, expecting(values, changes=(image(),)))
    assert (found.state, found.rule) == (RolloutState.WAITING_SYNC, "helm 7")
    assert helm_judged(helm(), expecting(values, changes=(image(),))).state is RolloutState.LIVE


def test_helm_7_a_chart_from_an_oci_registry() -> None:
    """A chart whose version stands in an OCIRepository is expected in the release, not in the object."""
    source = Target(kind=TargetKind.HELM_RELEASE, name="ingress", namespace="web")
    moved = image("4.10.0", "4.12.0", name="ghcr.io/acme/charts/ingress-nginx")
    found = helm_judged(helm(), expecting(source, changes=(moved,)))
    assert (found.state, found.rule) == (RolloutState.WAITING_SYNC, "helm 7")
