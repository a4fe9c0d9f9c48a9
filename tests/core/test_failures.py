"""What follows from updates that failed: freezes, and what is taken back."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from msgspec import structs

from tests.core.made import NOW, tracked, update
from updater.config.entries import FailureAction
from updater.environments import Environments
from updater.failures import (
    REVERTED_LABEL,
    Aftermath,
    FailureTerms,
    aftermath,
    frozen,
    why_on_trial,
)
from updater.model.forge import Base, PullRequest, PullRequestState
from updater.model.plan import Branch
from updater.model.scan import Package
from updater.model.track import Tracked, UpdateType
from updater.orders import NO_REVERT_LABEL
from updater.rollout import Change, RolloutState, Target, TargetKind, Trial

PATH = "apps/staging/api.yaml"
TERMS = FailureTerms(actions={"staging": "revert-pr"}, grace=timedelta(minutes=10), never=())
NEW = tracked("1.1.0", path=PATH)


def pull(number: int = 7, branch: str = "updater/api-1.x", **facts: Any) -> PullRequest:
    given: dict[str, Any] = {"state": PullRequestState.MERGED, "merged": NOW - timedelta(hours=1)} | facts
    return PullRequest(number=number, branch=branch, base="main", title="", body="", **given)


def change(name: str = "ghcr.io/acme/api", old: str = "1.0.0", new: str = "1.1.0", **facts: Any) -> Change:
    return Change(path=PATH, package=Package(datasource="docker", name=name), old=old, new=new, **facts)


def trial(state: RolloutState = RolloutState.FAILED_HEALTH, **facts: Any) -> Trial:
    given: dict[str, Any] = {
        "pull": pull(),
        "commit": "c" * 40,
        "environment": "staging",
        "changes": (change(),),
        "targets": ("Application argocd/api",),
        "rule": "argocd 9",
        "reason": "its health is Degraded",
        "failing": NOW - timedelta(minutes=30),
        "was_healthy": True,
        "is_alone": True,
    }
    return Trial(state=state, **given | facts)


def after(
    *trials: Trial,
    dependencies: Sequence[Tracked] = (NEW,),
    pulls: Sequence[PullRequest] = (),
    terms: FailureTerms = TERMS,
) -> Aftermath:
    return aftermath(trials, dependencies, pulls, terms, NOW)


def told(action: FailureAction) -> FailureTerms:
    return replace(TERMS, actions={"staging": action})


def test_the_places_as_they_are_now() -> None:
    """What is put back is the old value, where the new one stands now."""
    moved = structs.replace(NEW, dependency=structs.replace(NEW.dependency, line=40))
    (made,) = after(trial(), dependencies=[moved]).reverts
    assert (made.update_type, made.offer.new_value) == (UpdateType.ROLLBACK, "1.0.0")
    assert [(edit.path, edit.text) for edit in made.edits] == [(PATH, "1.0.0")]
    assert made.offer.policy.labels == (REVERTED_LABEL,)
    assert made.offer.policy.commit_trailers == ("Updater-Reverts: #7",)
    assert not made.offer.policy.automerge


def test_merged_by_itself_only_where_that_is_wanted() -> None:
    """``revert-automerge`` is the only one that needs no person."""
    (made,) = after(trial(), terms=told("revert-automerge")).reverts
    assert made.offer.policy.automerge


@pytest.mark.parametrize("state", [each for each in RolloutState if not each.is_failure])
def test_nothing_follows_from_anything_else(state: RolloutState) -> None:
    """What is unknown, was unwell before, or goes on, neither freezes nor takes anything back."""
    assert after(trial(state)) == Aftermath()


def test_grace() -> None:
    """A failure counts once it has lasted for the grace time."""
    assert after(trial(failing=NOW - timedelta(minutes=9))) == Aftermath()


@pytest.mark.parametrize(("action", "frozen_then"), [("report", False), ("freeze", True)])
def test_what_is_configured(action: FailureAction, *, frozen_then: bool) -> None:
    """Without an order to revert nothing is taken back; ``report`` does not even freeze."""
    found = after(trial(), terms=told(action))
    assert (bool(found.freezes), found.reverts) == (frozen_then, ())


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        ({"pull": pull(labels=(NO_REVERT_LABEL,))}, "#7 has the label updater/no-revert"),
        ({"pull": pull(labels=(REVERTED_LABEL,))}, "it takes something back itself"),
        ({"was_healthy": None}, "nobody knows that all was well before"),
        ({"was_healthy": False}, "nobody knows that all was well before"),
        ({"is_alone": False}, "there were other commits since"),
        ({"changes": (change(new="2.0.0"),)}, "is never taken back (update:major)"),
        ({"changes": (change("quay.io/acme/postgres"),)}, "is never taken back (kind:database)"),
        ({"changes": (change("redis-operator"),)}, "is never taken back (kind:operator, kind:database)"),
        ({"changes": (change("cert-manager"),)}, "is never taken back (kind:crd-chart)"),
        ({"changes": (change(new_digest="sha256:aa"),)}, "had no digest before"),
        ({"changes": (change(new="1.2.0"),)}, "says something else by now"),
    ],
)
def test_why_it_stays(facts: Mapping[str, Any], why: str) -> None:
    """Each guard keeps an update where it is, and says so; the application is frozen all the same."""
    found = after(trial(**facts))
    assert found.reverts == ()
    assert why in found.freezes[0].lifted


def test_never_by_configuration() -> None:
    """Packages may be named that are never taken back."""
    found = after(trial(), terms=replace(TERMS, never=("ghcr.io/acme/*",)))
    assert "never taken back (neverRevert)" in found.freezes[0].lifted


@pytest.mark.parametrize(
    ("other", "reverts"),
    [
        (pull(8, "updater/revert-7-staging", labels=(REVERTED_LABEL,), state=PullRequestState.OPEN), 1),
        (pull(8, "updater/revert-7-staging", labels=(REVERTED_LABEL,), state=PullRequestState.CLOSED), 0),
        (pull(8, "updater/revert-7-staging", labels=(REVERTED_LABEL,)), 0),
        (pull(8, "updater/revert-6-staging", labels=(REVERTED_LABEL,), created=NOW - timedelta(hours=23)), 0),
        (pull(8, "updater/revert-6-staging", labels=(REVERTED_LABEL,), created=NOW - timedelta(hours=25)), 1),
    ],
)
def test_once(other: PullRequest, reverts: int) -> None:
    """Each cause is answered once, and an application is taken back once a day at most."""
    earlier = trial(RolloutState.SUPERSEDED, pull=pull(6), commit="b" * 40)
    assert len(after(trial(), earlier, pulls=[other]).reverts) == reverts


def test_many_at_once() -> None:
    """When three updates fail at once, it is the environment that is frozen."""
    failing = [trial(pull=pull(number), commit=f"{number:040}", changes=()) for number in (1, 2, 3)]
    freezes = after(*failing, terms=told("freeze")).freezes
    assert [freeze.targets for freeze in freezes][-1] == ()
    assert "(#1, #2, #3)" in freezes[-1].cause


def test_what_is_frozen() -> None:
    """A freeze reaches the branches that would change the application, but not the one that takes back."""
    found = after(trial())
    target = Target(kind=TargetKind.APPLICATION, name="api", namespace="argocd")
    other = replace(target, name="other")
    branches = [
        branch("hit", target, update("1.2.0", found=NEW)),
        branch("other", other, update("1.2.0", found=NEW)),
        branch("back", target, *found.reverts),
    ]
    assert list(frozen(branches, found.freezes, Environments(()))) == ["hit"]


def branch(name: str, target: Target, *updates: Any) -> Branch:
    return Branch(
        name=name,
        base=Base("main", None),
        title="",
        body="",
        updates=updates,
        files={},
        fingerprint="",
        targets=(target,),
    )


def test_what_is_on_trial() -> None:
    """Whatever is neither proven nor done keeps its targets from getting more; what nobody watches does not."""
    assert set(why_on_trial([trial(RolloutState.LIVE)])) == {"Application argocd/api"}
    assert why_on_trial([trial(RolloutState.PROVEN), trial(RolloutState.UNKNOWN, rule="config 1")]) == {}
