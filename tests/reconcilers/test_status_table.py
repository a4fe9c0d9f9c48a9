"""Every row of the table for commit statuses that notifications leave on the forge."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from tests.reconcilers.made import HISTORY, LATER, MERGED, NEXT, NOW, OLD, OURS, SHOP, expecting
from tests.reconcilers.test_terraform_table import Forge
from updater.api import CheckState, Expectation, RolloutState, Status, Target, TargetKind, Verdict
from updater.reconcilers.statuses import CommitStatuses
from updater.reconcilers.trust import Trust

APPS = Target(kind=TargetKind.KUSTOMIZATION, name="apps", namespace="flux-system")


def said(state: str, minutes: float, context: str = "continuous-delivery/shop", creator: str = "argocd[bot]") -> Status:
    return Status(
        context=context,
        state=CheckState(state),
        description="Application shop is healthy",
        created=MERGED + timedelta(minutes=minutes),
        creator=creator,
    )


async def judged(
    statuses: Mapping[str, Sequence[Status]],
    expected: Expectation | None = None,
    now: datetime = NOW,
    creators: Sequence[str] = ("argocd[bot]",),
) -> Verdict:
    kinds = (TargetKind.APPLICATION, TargetKind.KUSTOMIZATION)
    reconciler = CommitStatuses(
        "argocd", kinds, Forge(statuses), Trust.of(creators), lambda: now, "continuous-delivery"
    )
    return (await reconciler.observe([expected or expecting(SHOP)], HISTORY))[0]


async def test_1_nothing_said_yet() -> None:
    """Right after the merge, silence means nothing."""
    found = await judged({}, now=MERGED + timedelta(minutes=5))
    assert (found.state, found.rule) == (RolloutState.WAITING_SYNC, "status 1")
    assert found.until == MERGED + timedelta(minutes=30)


async def test_2_no_news() -> None:
    """Half an hour of silence is a verdict of its own: it neither promotes nor reverts."""
    found = await judged({})
    assert (found.state, found.rule) == (RolloutState.NO_NEWS, "status 2")
    assert not found.state.is_failure
    assert not found.state.is_live


async def test_3_pending() -> None:
    """A pending status is a sync under way."""
    found = await judged({OURS: [said("pending", 2)]})
    assert (found.state, found.rule) == (RolloutState.SYNCING, "status 3")


async def test_4_a_failure_after_the_grace_time() -> None:
    """A failure counts once it has lasted."""
    statuses = {OURS: [said("failure", 2)]}
    assert (await judged(statuses, now=MERGED + timedelta(minutes=5))).state is RolloutState.ROLLING
    found = await judged(statuses)
    assert (found.state, found.rule) == (RolloutState.FAILED_HEALTH, "status 4")


async def test_4_a_failure_that_was_there_before() -> None:
    """If the commit before ours failed as well, ours is not to blame."""
    found = await judged({OLD: [said("failure", -50)], OURS: [said("failure", 2)]})
    assert (found.state, found.rule) == (RolloutState.PRE_EXISTING, "status 4")


async def test_5_flux_says_applied() -> None:
    """A success of Flux means "applied"."""
    statuses = {OURS: [said("success", 2, context="kustomization/apps/1a2b3c4d")]}
    found = await judged(statuses, expecting(APPS))
    assert (found.state, found.rule) == (RolloutState.LIVE_UNVERIFIED, "status 5")


async def test_6_live() -> None:
    """A success of Argo CD's notifications means synced and healthy."""
    found = await judged({OURS: [said("success", 3)]})
    assert (found.state, found.rule, found.times.healthy) == (
        RolloutState.LIVE,
        "status 6",
        MERGED + timedelta(minutes=3),
    )


async def test_7_proven() -> None:
    """Nothing else was said for the soak time."""
    found = await judged({OURS: [said("success", 3)]}, expecting(SHOP, soak=timedelta(minutes=30)))
    assert (found.state, found.rule) == (RolloutState.PROVEN, "status 7")


async def test_commits_that_were_folded_into_ours() -> None:
    """A status of a later commit counts for ours (argo-cd#16601); the latest word is the one that holds."""
    found = await judged({NEXT: [said("success", 3)]})
    assert found.state is RolloutState.LIVE
    found = await judged({OURS: [said("success", 3)], LATER: [said("failure", 20)]})
    assert found.state is RolloutState.FAILED_HEALTH


async def test_statuses_of_others() -> None:
    """Other applications, other kinds and accounts that are not trusted say nothing."""
    for status in (
        said("success", 3, context="continuous-delivery/shop-staging"),
        said("success", 3, context="kustomization/shop/1a2b3c4d"),
        said("success", 3, creator="mallory"),
    ):
        assert (await judged({OURS: [status]})).state is RolloutState.NO_NEWS


async def test_without_trusted_accounts_nobody_is_believed() -> None:
    """Trust is given by name only."""
    assert (await judged({OURS: [said("success", 3)]}, creators=())).state is RolloutState.NO_NEWS
