"""Every row of the table for what notifications leave on the forge: commit statuses and records of deployments."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import pytest

from tests.reconcilers.made import HISTORY, LATER, MERGED, NEXT, NOW, OLD, OURS, SHOP, expecting
from tests.reconcilers.test_terraform_table import Forge
from updater.api import (
    CheckState,
    Deployment,
    DeploymentState,
    Expectation,
    PlatformError,
    RolloutState,
    Status,
    Target,
    TargetKind,
    Verdict,
)
from updater.reconcilers.statuses import CommitStatuses
from updater.reconcilers.trust import Trust
from updater.reconcilers.words import meaning

APPS = Target(kind=TargetKind.KUSTOMIZATION, name="apps", namespace="flux-system")
FLUX = "kustomization/apps/1a2b3c4d"
HEALTHY, DEGRADED = "sync=Succeeded health=Healthy", "sync=Succeeded health=Degraded"
WORDS = {"success": HEALTHY, "failure": DEGRADED, "pending": "sync=Running health=Healthy"}


class Records(Forge):
    """A forge that has records of deployments, too; ``problem`` is why they cannot be read."""

    def __init__(
        self,
        found: Mapping[str, Sequence[Status]],
        deployments: Sequence[Deployment] = (),
        problem: PlatformError | None = None,
    ) -> None:
        super().__init__(found)
        self._deployments, self._problem = deployments, problem

    def deployments(self, _moment: datetime) -> Sequence[Deployment]:
        if self._problem is not None:
            raise self._problem
        return self._deployments


def said(
    state: str,
    minutes: float,
    words: str | None = None,
    context: str = "continuous-delivery/shop",
    creator: str = "argocd[bot]",
) -> Status:
    return Status(
        context=context,
        state=CheckState(state),
        description=WORDS[state] if words is None else words,
        created=MERGED + timedelta(minutes=minutes),
        creator=creator,
    )


def deployed(state: str, minutes: float, **options: str) -> Deployment:
    fields = {"environment": "shop", "creator": "argocd[bot]", "description": WORDS.get(state, ""), **options}
    return Deployment(commit=OURS, state=DeploymentState(state), created=MERGED + timedelta(minutes=minutes), **fields)


async def judged(
    statuses: Mapping[str, Sequence[Status]],
    expected: Expectation | None = None,
    now: datetime = NOW,
    creators: Sequence[str] = ("argocd[bot]",),
    forge: Records | None = None,
) -> Verdict:
    kinds = (TargetKind.APPLICATION, TargetKind.KUSTOMIZATION)
    reconciler = CommitStatuses(
        "argocd", kinds, forge or Records(statuses), Trust.of(creators), lambda: now, "continuous-delivery"
    )
    return (await reconciler.observe([expected or expecting(SHOP)], HISTORY))[0]


async def of_deployments(*found: Deployment) -> Verdict:
    return await judged({}, forge=Records({}, found))


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


@pytest.mark.parametrize(
    ("words", "state"),
    [
        ("The sync operation of application shop has failed at 12:00 with the following error: health check failed",
         RolloutState.FAILED_SYNC),
        (":exclamation: Application shop has degraded.", RolloutState.FAILED_HEALTH),
        ("sync=Error health=Healthy", RolloutState.FAILED_SYNC),
        ("sync=<no value> health=Degraded", RolloutState.FAILED_HEALTH),
        ("Something is wrong with shop", RolloutState.UNKNOWN),
        ("", RolloutState.UNKNOWN),
        ("Application shop is now running new version of deployments manifests.", RolloutState.UNKNOWN),
    ],
)  # fmt: skip
async def test_4_what_argocd_says_has_failed(words: str, state: RolloutState) -> None:
    """The sync or health, by the words of the notification; words that do not tell are no failure of the update."""
    found = await judged({OURS: [said("failure", 2, words)]})
    assert (found.state, found.rule) == (state, "status 4")


@pytest.mark.parametrize(
    ("words", "state"),
    [
        ("build failed", RolloutState.FAILED_RENDER),
        ("artifact failed", RolloutState.FAILED_RENDER),
        ("reconciliation failed", RolloutState.FAILED_SYNC),
        ("upgrade failed", RolloutState.FAILED_SYNC),
        ("health check failed", RolloutState.FAILED_HEALTH),
        ("test failed", RolloutState.FAILED_HEALTH),
        ("dependency not ready", RolloutState.WAITING_SYNC),
        ("error", RolloutState.UNKNOWN),
    ],
)
async def test_4_what_flux_says_has_failed(words: str, state: RolloutState) -> None:
    """The reason of Flux's event says what failed."""
    found = await judged({OURS: [said("failure", 2, words, FLUX)]}, expecting(APPS))
    assert (found.state, found.rule) == (state, "status 4")


async def test_4_a_sync_that_failed_needs_no_time() -> None:
    """The grace time is for health; what could not be applied will not be by itself."""
    found = await judged({OURS: [said("failure", 2, "sync=Failed health=Healthy")]}, now=MERGED + timedelta(minutes=3))
    assert found.state is RolloutState.FAILED_SYNC


async def test_4_rolled_back() -> None:
    """Flux writes a success when it has gone back: Git still says what failed."""
    found = await judged({OURS: [said("success", 2, "rollback succeeded", FLUX)]}, expecting(APPS))
    assert (found.state, found.rule) == (RolloutState.FAILED_REMEDIATED, "status 4")


@pytest.mark.parametrize(
    ("words", "context", "target"),
    [
        ("reconciliation succeeded", FLUX, APPS),
        ("Application shop has been successfully synced at 12:00.", "continuous-delivery/shop", SHOP),
        ("Well done", "continuous-delivery/shop", SHOP),
    ],
)
async def test_5_applied(words: str, context: str, target: Target) -> None:
    """A success of Flux, and one of Argo CD that does not speak of health, mean "applied"."""
    found = await judged({OURS: [said("success", 2, words, context)]}, expecting(target))
    assert (found.state, found.rule) == (RolloutState.LIVE_UNVERIFIED, "status 5")


async def test_5_a_success_that_speaks_of_a_failure() -> None:
    """What contradicts itself is not known."""
    found = await judged({OURS: [said("success", 2, DEGRADED)]})
    assert found.state is RolloutState.UNKNOWN


async def test_6_live() -> None:
    """A success that says so means synced and healthy: that of the template here, and of Argo CD's catalogue."""
    found = await judged({OURS: [said("success", 3)]})
    catalogue = "Application shop is now running new version of deployments manifests."
    assert (await judged({OURS: [said("success", 3, catalogue)]})).state is found.state
    assert (found.state, found.rule, found.times.healthy) == (
        RolloutState.LIVE,
        "status 6",
        MERGED + timedelta(minutes=3),
    )


async def test_7_proven() -> None:
    """Nothing else was said for the soak time."""
    found = await judged({OURS: [said("success", 3)]}, expecting(SHOP, soak=timedelta(minutes=30)))
    assert (found.state, found.rule) == (RolloutState.PROVEN, "status 7")


async def test_7_each_commit_is_said_to_be_healthy() -> None:
    """In a busy repository every later commit has a status of its own; health lasts since the first of them."""
    statuses = {OURS: [said("success", 3)], NEXT: [said("success", 20)], LATER: [said("success", 50)]}
    found = await judged(statuses, expecting(SHOP, soak=timedelta(minutes=30)))
    assert (found.state, found.since) == (RolloutState.PROVEN, MERGED + timedelta(minutes=3))
    statuses[NEXT] = [said("failure", 20)]
    found = await judged(statuses, expecting(SHOP, soak=timedelta(minutes=30)))
    assert (found.state, found.since) == (RolloutState.LIVE, MERGED + timedelta(minutes=50))


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


async def test_the_name_of_an_app_only() -> None:
    """A name with ``[bot]`` is an app's alone; one without is an account's or an app's."""
    for creators, believed in ((["argocd"], True), (["argocd[bot]"], True), (["argocd-bot"], False)):
        assert ((await judged({OURS: [said("success", 3)]}, creators=creators)).state is RolloutState.LIVE) is believed
    by_a_person = {OURS: [said("success", 3, creator="argocd")]}
    assert (await judged(by_a_person)).state is RolloutState.NO_NEWS


# ---------------------------------------------------------------- records of deployments


@pytest.mark.parametrize(
    ("found", "state"),
    [
        (deployed("success", 3), RolloutState.LIVE),
        (deployed("success", 3, environment="production/shop"), RolloutState.LIVE),
        (deployed("success", 3, description=""), RolloutState.LIVE_UNVERIFIED),
        (deployed("failure", 3), RolloutState.FAILED_HEALTH),
        (deployed("pending", 3), RolloutState.SYNCING),
        (deployed("inactive", 3), RolloutState.NO_NEWS),
        (deployed("success", 3, environment="production"), RolloutState.NO_NEWS),
        (deployed("success", 3, creator="mallory"), RolloutState.NO_NEWS),
        (deployed("success", 3, task="updater/rollout"), RolloutState.NO_NEWS),
    ],
)
async def test_records_of_deployments_count_like_statuses(found: Deployment, state: RolloutState) -> None:
    """Those of trusted accounts, about an environment that is called like the target; our own are no evidence."""
    assert (await of_deployments(found)).state is state


async def test_records_of_deployments_that_may_not_be_read(caplog: pytest.LogCaptureFixture) -> None:
    """Statuses need no right to them; that they are not read is said."""
    forge = Records({OURS: [said("success", 3)]}, problem=PlatformError("no right to read deployments"))
    assert (await judged({}, forge=forge)).state is RolloutState.LIVE
    assert "no right to read deployments" in caplog.text


def test_words_inside_of_other_words() -> None:
    """What a cluster says behind the catalogue's words is not taken for them."""
    assert meaning("Application a b has degraded") is None
    assert meaning("reconciliation failed: health check failed") is None
