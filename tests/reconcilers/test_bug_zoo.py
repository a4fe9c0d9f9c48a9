"""Cases that tools which came before got wrong, each with the issue that shows it."""

import pytest

from tests.reconcilers.made import (
    HISTORY,
    LATER,
    NEXT,
    NOW,
    OLD,
    OURS,
    SHOP,
    URL,
    app,
    at,
    chart,
    expecting,
    image,
    judged,
)
from updater.api import RolloutState, Target, TargetKind
from updater.reconcilers.argocd import application
from updater.reconcilers.argocd_verdict import Ours, verdict
from updater.reconcilers.repositories import normalised


def test_health_read_before_the_reconciliation() -> None:
    """Health from before the sync is not taken for health after it (akuity/kargo#1411)."""
    found = judged(app(reconciledAt=at(1.9), health={"status": "Healthy", "lastTransitionTime": at(-900)}))
    assert found.state is RolloutState.VERIFYING


def test_a_suspended_rollout_waits() -> None:
    """A paused canary is no failure, after hours either (akuity/kargo#2216)."""
    assert judged(app(health={"status": "Suspended", "lastTransitionTime": at(-600)})).state is RolloutState.ROLLING


def test_an_autoscaler_flap_is_no_failure() -> None:
    """An application that leaves Healthy and comes back has not failed; its soak time begins again (kargo#5108)."""
    while_out = judged(app(health={"status": "Progressing", "lastTransitionTime": at(59)}))
    back = judged(app(health={"status": "Healthy", "lastTransitionTime": at(59.5)}))
    assert (while_out.state, back.state) == (RolloutState.ROLLING, RolloutState.LIVE)


@pytest.mark.parametrize("revision", ["", "main"])
def test_an_empty_revision_after_a_failed_rendering(revision: str) -> None:
    """A sync that failed before rendering leaves no revision, or a branch's name: nobody's failure (argo-cd#29575)."""
    operation = {"phase": "Error", "message": "rpc error", "finishedAt": at(2), "syncResult": {"revision": revision}}
    found = judged(app(operationState=operation, sync={"status": "Unknown", "revision": revision}))
    assert not found.state.is_failure


def test_commits_folded_into_one_sync() -> None:
    """Our commit never had a sync of its own; the one after it did (argo-cd#16601)."""
    history = [
        {"revision": OLD, "deployStartedAt": at(-60), "deployedAt": at(-59)},
        {"revision": NEXT, "deployStartedAt": at(1), "deployedAt": at(2)},
    ]
    found = judged(app(sync={"status": "Synced", "revision": NEXT}, history=history))
    assert (found.state, found.times.started is not None) == (RolloutState.LIVE, True)


def test_unrelated_commits_move_the_revision_without_a_sync() -> None:
    """With manifest-generate-paths, the compared revision is newer than any sync: still ours is the one deployed."""
    found = judged(app(sync={"status": "Synced", "revision": LATER}))
    assert (found.state, found.times.deployed is not None) == (RolloutState.LIVE, True)


def test_revisions_of_several_sources() -> None:
    """Each revision belongs to the source at its place: charts have versions, Git has commits (argo-cd#15617)."""
    data = app(sync={"status": "Synced", "revisions": ["4.11.0", OURS]}, history=[])
    data["spec"] = {
        "sources": [
            {"repoURL": "https://charts.example.com", "chart": "ingress-nginx", "targetRevision": "4.11.0"},
            {"repoURL": URL, "targetRevision": "main", "ref": "values"},
        ],
        "syncPolicy": {"automated": {}},
    }
    assert judged(data).state is RolloutState.LIVE
    data["status"]["sync"]["revisions"] = ["4.11.0", OLD]
    assert judged(data).state is RolloutState.WAITING_SYNC


def test_a_source_of_another_repository_is_not_asked() -> None:
    """A commit of another repository in the list says nothing about ours."""
    data = app(sync={"status": "Synced", "revisions": [OURS, OLD]})
    data["spec"] = {
        "sources": [
            {"repoURL": "https://git.example.com/acme/other.git", "path": "x", "targetRevision": "main"},
            {"repoURL": URL, "path": "apps/shop", "targetRevision": "main"},
        ],
        "syncPolicy": {"automated": {}},
    }
    assert judged(data).state is RolloutState.WAITING_SYNC


def test_a_hydrated_commit_is_not_ours() -> None:
    """Behind a hydrator the revision is of another branch; the dry commit is what is compared with ours."""
    hydrated = "a" * 40
    data = app(
        sync={"status": "Synced", "revision": hydrated},
        operationState={"phase": "Succeeded", "finishedAt": at(2), "syncResult": {"revision": hydrated}},
        history=[{"revision": hydrated, "deployStartedAt": at(1), "deployedAt": at(2)}],
        sourceHydrator={"lastSuccessfulOperation": {"drySHA": OURS, "hydratedSHA": hydrated}},
    )
    data["spec"] = {"sourceHydrator": {"drySource": data["spec"]["source"]}, "syncPolicy": {"automated": {}}}
    assert judged(data).state is RolloutState.LIVE
    data["status"]["sourceHydrator"]["lastSuccessfulOperation"]["drySHA"] = OLD
    assert judged(data).state is RolloutState.WAITING_SYNC


CHART_APP = Target(kind=TargetKind.APPLICATION, name="shop", namespace="argocd", declared_by=True)


def of_chart(version: str, compared: str) -> dict[str, object]:
    source = {"repoURL": "https://charts.example.com", "chart": "ingress-nginx"}
    data = app(
        sync={
            "status": "Synced",
            "revision": compared,
            "comparedTo": {"source": source | {"targetRevision": compared}},
        },
        operationState={"phase": "Succeeded", "finishedAt": at(2), "syncResult": {"revision": compared}},
        history=[
            {
                "revision": compared,
                "deployStartedAt": at(1),
                "deployedAt": at(2),
                "source": source | {"targetRevision": compared},
            }
        ],
    )
    data["spec"]["source"] = source | {"targetRevision": version}
    return data


def test_a_chart_shows_in_the_child_application() -> None:
    """An app-of-apps says nothing about its children: the child's own revision is the chart's version."""
    expected = expecting(CHART_APP, changes=(chart(),))
    assert judged(of_chart("4.11.0", "4.11.0"), expected).state is RolloutState.LIVE


def test_the_child_application_that_the_parent_has_not_changed_yet() -> None:
    """As long as the child's object says the old version, its health is that of the old version."""
    found = judged(of_chart("4.10.0", "4.10.0"), expecting(CHART_APP, changes=(chart(),)))
    assert (found.state, found.rule) == (RolloutState.WAITING_SYNC, "argocd 5")


def test_the_child_application_that_was_not_compared_yet() -> None:
    """The object says the new version, but what was compared and found healthy is the old one."""
    found = judged(of_chart("4.11.0", "4.10.0"), expecting(CHART_APP, changes=(chart(),)))
    assert found.state is RolloutState.WAITING_SYNC


def test_an_image_in_the_parameters_of_an_application() -> None:
    """An image in helm.parameters is expected in the object and in what was compared."""
    source = {"repoURL": URL, "path": "charts/shop", "targetRevision": "main"}
    new = source | {"helm": {"parameters": [{"name": "image.tag", "value": "1.1.0"}]}}
    old = source | {"helm": {"parameters": [{"name": "image.tag", "value": "1.0.0"}]}}
    expected = expecting(CHART_APP, changes=(image(),))
    data = app(sync={"status": "Synced", "revision": OLD, "comparedTo": {"source": new}})
    data["spec"]["source"] = new
    assert judged(data, expected).state is RolloutState.LIVE
    data["status"]["sync"]["comparedTo"]["source"] = old
    assert judged(data, expected).state is RolloutState.WAITING_SYNC


def test_a_version_is_not_found_inside_a_longer_one() -> None:
    """1.1.0 is not said by 11.1.0 or 1.1.0-rc1."""
    source = {"repoURL": URL, "path": "x", "targetRevision": "main"}
    for value in ("11.1.0", "1.1.0-rc1"):
        data = app()
        data["spec"]["source"] = source | {"helm": {"values": f"image:\n  tag: {value}\n"}}
        assert judged(data, expecting(CHART_APP, changes=(image(),))).rule == "argocd 5"


def test_digests_are_compared_before_tags() -> None:
    """Where only the digest moved, equal tags do not make an old image a new one."""
    old, new = "sha256:" + "a" * 64, "sha256:" + "b" * 64
    change = image("1.0.0", "1.0.0", old_digest=old, new_digest=new)
    running = app(summary={"images": [f"ghcr.io/acme/shop:1.0.0@{old}"]})
    assert judged(running, expecting(changes=(change,))).state is RolloutState.ROLLING
    running = app(summary={"images": [f"ghcr.io/acme/shop:1.0.0@{new}"]})
    assert judged(running, expecting(changes=(change,))).state is RolloutState.LIVE


def test_an_image_of_docker_hub_by_any_name() -> None:
    """nginx and docker.io/library/nginx are one image."""
    data = app(summary={"images": ["docker.io/library/nginx:1.27"]})
    found = judged(data, expecting(changes=(image("1.27", "1.28", name="nginx"),)))
    assert found.state is RolloutState.ROLLING


@pytest.mark.parametrize(
    "written",
    [
        "https://git.example.com/Acme/GitOps.git",
        "https://user:token@git.example.com/acme/gitops",
        "git@git.example.com:acme/gitops.git",
        "ssh://git@git.example.com:22/acme/gitops.git/",
    ],
)
def test_one_repository_by_any_address(written: str) -> None:
    """Upper case, .git, credentials and the ssh forms make no difference."""
    data = app()
    data["spec"]["source"]["repoURL"] = written
    assert judged(data).state is RolloutState.LIVE
    assert normalised(written) == normalised(URL)


def test_whatever_holds_the_commits_where_the_address_is_not_known() -> None:
    """A checkout without an address is matched by its commits."""
    assert judged(app(), ours=Ours()).state is RolloutState.LIVE


def test_a_flap_after_the_failure_of_another_update_is_not_ours() -> None:
    """Bad health that began before our merge stays somebody else's, even once our commit is synced."""
    found = judged(app(health={"status": "Degraded", "lastTransitionTime": at(-1)}), expecting(SHOP))
    assert found.state is RolloutState.PRE_EXISTING
    assert not found.state.is_failure


def test_an_answer_of_another_shape_is_absent_not_an_error() -> None:
    """Fields of another type than promised are as if they were not there."""
    odd = {"metadata": [], "spec": "x", "status": {"history": {}, "health": 7, "conditions": [None, "x"]}}
    assert verdict(application(odd), expecting(), HISTORY, Ours(), NOW).state is RolloutState.UNKNOWN
    assert HISTORY.contains(OURS, OLD)
