"""Every row of the table for Argo CD applications, in its order."""

from datetime import timedelta

import pytest

from tests.reconcilers.made import LATER, MERGED, NEXT, NOW, OLD, OURS, app, at, expecting, image, judged
from updater.api import RolloutState
from updater.fields import Unreadable
from updater.reconcilers.argocd_verdict import Ours, verdict

SYNC_ERROR = {"type": "SyncError", "message": "Failed last sync attempt to 1111111", "lastTransitionTime": at(2)}


def test_1_what_is_not_there_is_unknown() -> None:
    """An application that does not exist, or may not be seen, says nothing."""
    found = verdict(
        Unreadable(reason='applications.argoproj.io "shop" not found'),
        expecting(),
        history=None,  # type: ignore[arg-type]  # nothing to be compared
        ours=Ours(),
        now=NOW,
    )
    assert (found.state, found.rule) == (RolloutState.UNKNOWN, "argocd 1")
    assert "not found" in found.reason


def test_1_what_nobody_looked_at_is_unknown() -> None:
    """An application that Argo CD has not reconciled for hours says nothing, however well it looks."""
    found = judged(app(reconciledAt=at(-240)))
    assert (found.state, found.rule) == (RolloutState.UNKNOWN, "argocd 1")


def test_1_what_follows_another_repository_is_unknown() -> None:
    """An application none of whose sources is our branch can never contain our commit."""
    data = app()
    data["spec"]["source"]["targetRevision"] = "release-1.0"
    assert judged(data).state is RolloutState.UNKNOWN


@pytest.mark.parametrize("kind", ["ComparisonError", "InvalidSpecError"])
def test_2_rendering_failed_after_the_merge(kind: str) -> None:
    """An error of rendering that appeared after the merge is a failure of the update."""
    error = {"type": kind, "message": "helm template: missing key", "lastTransitionTime": at(2)}
    found = judged(app(conditions=[error], sync={"status": "Unknown", "revision": ""}))
    assert (found.state, found.rule) == (RolloutState.FAILED_RENDER, "argocd 2")
    assert found.reason == "helm template: missing key"


def test_2_rendering_failed_before_the_merge() -> None:
    """An error of rendering that was there before the merge is not held against the update."""
    error = {"type": "ComparisonError", "message": "timeout", "lastTransitionTime": at(-30)}
    found = judged(app(conditions=[error], sync={"status": "Unknown", "revision": ""}))
    assert found.state is RolloutState.WAITING_SYNC


def test_2_hydrating_failed() -> None:
    """A hydrator that could not hydrate our commit is a failure of rendering."""
    data = app(
        sourceHydrator={
            "lastSuccessfulOperation": {"drySHA": OLD, "hydratedSHA": "a" * 40},
            "currentOperation": {"phase": "Failed", "drySHA": OURS, "message": "invalid chart"},
        }
    )
    data["spec"] = {"sourceHydrator": {"drySource": data["spec"]["source"]}}
    found = judged(data)
    assert (found.state, found.rule) == (RolloutState.FAILED_RENDER, "argocd 2")


@pytest.mark.parametrize("phase", ["Running", "Terminating"])
def test_3_a_sync_is_running(phase: str) -> None:
    """While a sync runs, nothing else is said."""
    found = judged(app(operationState={"phase": phase, "startedAt": at(50)}))
    assert (found.state, found.rule) == (RolloutState.SYNCING, "argocd 3")


def test_3_a_sync_is_asked_for() -> None:
    """A sync that is requested counts as running."""
    assert judged({**app(), "operation": {"sync": {"revision": OURS}}}).state is RolloutState.SYNCING


@pytest.mark.parametrize("phase", ["Failed", "Error"])
@pytest.mark.parametrize("attempted", [OURS, NEXT])
def test_4_the_sync_of_our_commit_failed(phase: str, attempted: str) -> None:
    """A sync that failed at our commit, or at a later one that contains it, is a failure of the update."""
    operation = {
        "phase": phase,
        "message": "one or more objects failed to apply",
        "finishedAt": at(2),
        "syncResult": {
            "revision": attempted,
            "resources": [{"kind": "Deployment", "name": "web", "status": "SyncFailed", "message": "denied"}],
        },
    }
    found = judged(app(operationState=operation, sync={"status": "OutOfSync", "revision": attempted}))
    assert (found.state, found.rule) == (RolloutState.FAILED_SYNC, "argocd 4")
    assert "Deployment/web: denied" in found.reason


def test_4_a_sync_error_without_a_failed_operation() -> None:
    """The condition that auto-sync leaves behind is enough, if the sync was for our commit."""
    operation = {"phase": "Succeeded", "finishedAt": at(2), "syncResult": {"revision": OURS}}
    found = judged(
        app(operationState=operation, conditions=[SYNC_ERROR], sync={"status": "OutOfSync", "revision": OURS})
    )
    assert (found.state, found.reason) == (RolloutState.FAILED_SYNC, SYNC_ERROR["message"])


def test_4_a_sync_of_an_older_commit_failed() -> None:
    """A failure of a commit before ours says nothing about ours."""
    operation = {"phase": "Failed", "finishedAt": at(-5), "syncResult": {"revision": OLD}}
    found = judged(app(operationState=operation, sync={"status": "OutOfSync", "revision": OLD}))
    assert found.state is RolloutState.WAITING_SYNC


def test_5_an_older_commit_is_compared() -> None:
    """Before our commit has been noticed, the application waits for it."""
    found = judged(app(sync={"status": "Synced", "revision": OLD}))
    assert (found.state, found.rule) == (RolloutState.WAITING_SYNC, "argocd 5")


def test_5_nothing_syncs_it() -> None:
    """Without auto-sync somebody has to do it."""
    data = app(sync={"status": "Synced", "revision": OLD})
    data["spec"]["syncPolicy"] = {}
    assert judged(data).state is RolloutState.NEEDS_MANUAL_SYNC


def test_5_auto_sync_that_is_disabled() -> None:
    """``automated.enabled: false`` switches auto-sync off."""
    data = app(sync={"status": "Synced", "revision": OLD})
    data["spec"]["syncPolicy"] = {"automated": {"enabled": False}}
    assert judged(data).state is RolloutState.NEEDS_MANUAL_SYNC


def test_5_a_window_is_closed() -> None:
    """While a sync window forbids it, the application is blocked, not late."""
    found = judged(
        app(sync={"status": "Synced", "revision": OLD}), window="the sync window deny '* * * * *' forbids it"
    )
    assert (found.state, found.rule) == (RolloutState.BLOCKED_WINDOW, "argocd 5")


def test_5_a_revision_that_is_not_known_here_is_unknown() -> None:
    """A commit that our clone lacks may contain ours or not."""
    found = judged(app(sync={"status": "Synced", "revision": "f" * 40}))
    assert found.state is RolloutState.UNKNOWN


def test_6_out_of_sync_at_our_commit() -> None:
    """Compared is not synced."""
    found = judged(app(sync={"status": "OutOfSync", "revision": OURS}))
    assert (found.state, found.rule) == (RolloutState.WAITING_SYNC, "argocd 6")


def test_6_only_prunes_are_left() -> None:
    """Where nothing but deletions remains, that is said."""
    resources = [{"status": "OutOfSync", "requiresPruning": True}, {"status": "Synced"}]
    found = judged(app(sync={"status": "OutOfSync", "revision": OURS}, resources=resources))
    assert (found.state, found.rule) == (RolloutState.NEEDS_PRUNE, "argocd 6")


def test_7_health_is_older_than_the_sync() -> None:
    """Health counts only if the application was reconciled after the sync had ended."""
    found = judged(app(reconciledAt=at(1.5)), now=MERGED + timedelta(minutes=2, seconds=1))
    assert (found.state, found.rule) == (RolloutState.VERIFYING, "argocd 7")


@pytest.mark.parametrize("health", ["Progressing", "Suspended"])
def test_8_it_is_rolled_out(health: str) -> None:
    """Progressing and Suspended mean: wait, however long it takes."""
    found = judged(app(health={"status": health, "lastTransitionTime": at(3)}))
    assert (found.state, found.rule) == (RolloutState.ROLLING, "argocd 8")


def test_8_missing_just_after_the_sync() -> None:
    """Objects that are not there yet right after the sync are on their way."""
    data = app(health={"status": "Missing", "lastTransitionTime": at(2)}, reconciledAt=at(5))
    found = judged(data, now=MERGED + timedelta(minutes=6))
    assert (found.state, found.rule) == (RolloutState.ROLLING, "argocd 8")


def test_8_missing_for_long_is_unknown() -> None:
    """Objects that stay away are no proof of anything: somebody may have deleted them."""
    assert judged(app(health={"status": "Missing", "lastTransitionTime": at(2)})).state is RolloutState.UNKNOWN


@pytest.mark.parametrize("health", ["Degraded", "Unknown"])
def test_9_unhealthy_for_longer_than_the_grace_time(health: str) -> None:
    """What has been unhealthy since after the merge, for longer than the grace time, has failed."""
    found = judged(app(health={"status": health, "lastTransitionTime": at(4), "message": "ImagePullBackOff"}))
    assert (found.state, found.rule) == (RolloutState.FAILED_HEALTH, "argocd 9")
    assert "ImagePullBackOff" in found.reason


def test_9_unhealthy_within_the_grace_time() -> None:
    """Within the grace time it is still being rolled out, and it is said until when."""
    data = app(health={"status": "Degraded", "lastTransitionTime": at(4)}, reconciledAt=at(5))
    found = judged(data, now=MERGED + timedelta(minutes=8))
    assert (found.state, found.rule) == (RolloutState.ROLLING, "argocd 9")
    assert found.until == MERGED + timedelta(minutes=14)


def test_9_unhealthy_since_before_the_merge() -> None:
    """What was unhealthy before the merge and did not change is not held against the update."""
    found = judged(app(health={"status": "Degraded", "lastTransitionTime": at(-300)}))
    assert (found.state, found.rule) == (RolloutState.PRE_EXISTING, "argocd 9")


def test_9_unhealthy_before_by_an_earlier_look() -> None:
    """What an earlier look saw decides, even if health has changed back and forth since."""
    data = app(health={"status": "Degraded", "lastTransitionTime": at(4)})
    assert judged(data, expecting(was_healthy=False)).state is RolloutState.PRE_EXISTING
    assert judged(data, expecting(was_healthy=True)).state is RolloutState.FAILED_HEALTH


def test_10_live_since_the_later_of_deployment_and_health() -> None:
    """Synced and healthy is live, since both were true."""
    found = judged(app())
    assert (found.state, found.rule) == (RolloutState.LIVE, "argocd 10")
    assert found.since == MERGED + timedelta(minutes=3)
    assert found.until == MERGED + timedelta(minutes=3, hours=24)


def test_10_the_new_image_runs() -> None:
    """The list of running images is the proof that a new tag is live."""
    data = app(summary={"images": ["ghcr.io/acme/shop:1.1.0", "busybox:1.36"]})
    assert judged(data, expecting(changes=(image(),))).state is RolloutState.LIVE


@pytest.mark.parametrize(
    "images", [["ghcr.io/acme/shop:1.0.0"], ["ghcr.io/acme/shop:1.0.0", "ghcr.io/acme/shop:1.1.0"]]
)
def test_10_the_old_image_still_runs(images: list[str]) -> None:
    """While the old image runs, alone or beside the new one, the rollout is not over."""
    found = judged(app(summary={"images": images}), expecting(changes=(image(),)))
    assert (found.state, found.rule) == (RolloutState.ROLLING, "argocd 10")


def test_10_an_image_that_is_not_listed_says_nothing() -> None:
    """An image of a job that does not run now is in no list, and keeps nothing from being live."""
    data = app(summary={"images": ["busybox:1.36"]})
    assert judged(data, expecting(changes=(image(),))).state is RolloutState.LIVE


def test_11_proven_after_the_soak_time() -> None:
    """Healthy without a break for the soak time is a proof, from the moment at which it was over."""
    found = judged(app(), expecting(soak=timedelta(minutes=30)))
    assert (found.state, found.rule) == (RolloutState.PROVEN, "argocd 11")
    assert found.until == found.times.proven == MERGED + timedelta(minutes=33)


def test_11_a_break_starts_the_soak_time_anew() -> None:
    """After a spell of bad health, the soak time begins again."""
    data = app(health={"status": "Healthy", "lastTransitionTime": at(50)})
    found = judged(data, expecting(soak=timedelta(minutes=30)))
    assert (found.state, found.since) == (RolloutState.LIVE, MERGED + timedelta(minutes=50))


def test_a_descendant_is_as_good_as_the_commit() -> None:
    """Ancestry counts, not equality: several commits are folded into one sync."""
    history = [{"revision": LATER, "deployStartedAt": at(1), "deployedAt": at(2)}]
    found = judged(app(sync={"status": "Synced", "revision": LATER}, history=history))
    assert found.state is RolloutState.LIVE


def test_times() -> None:
    """Detection, sync and rollout come from what Argo CD has kept."""
    times = judged(app()).times
    assert (times.started, times.deployed, times.healthy) == (
        MERGED + timedelta(minutes=1),
        MERGED + timedelta(minutes=2),
        MERGED + timedelta(minutes=3),
    )
    assert times.healthy_after is None


def test_times_of_an_application_that_stayed_healthy() -> None:
    """Where health did not change, all was well when the sync ended."""
    times = judged(app(health={"status": "Healthy", "lastTransitionTime": at(-900)})).times
    assert times.healthy == times.deployed


def test_times_after_another_sync_are_an_interval() -> None:
    """If a later sync may have changed health, the first moment of health is known only to lie in between."""
    history = [
        {"revision": OURS, "deployStartedAt": at(1), "deployedAt": at(2)},
        {"revision": NEXT, "deployStartedAt": at(30), "deployedAt": at(31)},
    ]
    data = app(
        sync={"status": "Synced", "revision": NEXT},
        history=history,
        health={"status": "Healthy", "lastTransitionTime": at(33)},
    )
    times = judged(data).times
    assert (times.healthy_after, times.healthy) == (MERGED + timedelta(minutes=2), MERGED + timedelta(minutes=33))
    seen = judged(data, expecting(first_healthy=MERGED + timedelta(minutes=3))).times
    assert (seen.healthy_after, seen.healthy) == (None, MERGED + timedelta(minutes=3))
