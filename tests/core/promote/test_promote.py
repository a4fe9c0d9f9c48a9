"""What an environment is offered: by what was tried in the one before it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from msgspec import structs

from tests.core.made import DIGEST, NOW, choices, tracked, update
from updater import promote
from updater.config import Policy
from updater.config.entries import EnvironmentOptions
from updater.environments import Environments, pairings
from updater.model.forge import PullRequest, PullRequestState
from updater.model.scan import Environment, Package
from updater.model.track import Tracked, UpdateType
from updater.orders import HOLD_LABEL, NOW_LABEL
from updater.promote.situation import Promotions
from updater.rollout import Change, RolloutState, Trial

OTHER = "sha256:" + "cd" * 32
DECLARED = (
    EnvironmentOptions(name="staging", paths=("apps/staging/**",)),
    EnvironmentOptions(
        name="production",
        paths=("apps/production/**",),
        after="staging",
        soak={"patch": timedelta(hours=2), "*": timedelta(hours=24)},
    ),
)
STAGING = "apps/staging/api.yaml"


def declared(**options: Any) -> Environments:
    import msgspec

    return Environments((DECLARED[0], msgspec.structs.replace(DECLARED[1], **options)))


def trial(
    new: str = "1.1.0",
    *,
    state: RolloutState = RolloutState.PROVEN,
    since: datetime | None = NOW - timedelta(days=2),
    number: int = 7,
    merged: datetime = NOW - timedelta(days=3),
    labels: tuple[str, ...] = (),
    changes: Sequence[Change] | None = None,
    **digests: str,
) -> Trial:
    return Trial(
        pull=PullRequest(
            number=number,
            branch="updater/api-1.x",
            base="main",
            title="Update api",
            body="",
            state=PullRequestState.MERGED,
            labels=labels,
            merged=merged,
        ),
        commit=f"{number:040x}",
        environment="staging",
        changes=tuple(changes) if changes is not None else (change(new, **digests),),
        targets=("Application argocd/api",),
        state=state,
        rule="argocd 11",
        reason=f"it is {state}",
        since=since,
        healthy=since,
    )


def change(new: str, *, path: str = STAGING, name: str = "ghcr.io/acme/api", **digests: Any) -> Change:
    return Change(path=path, package=Package(datasource="docker", name=name), old="1.0.0", new=new, **digests)


def narrowed(
    trials: Sequence[Trial],
    *,
    releases: Sequence[str] = ("1.1.0", "1.2.0"),
    environments: Environments | None = None,
    production: Tracked | None = None,
    staging: Tracked | None = None,
    shared: Sequence[str] = (),
) -> promote.Narrowed:
    one, other = staging or tracked("1.1.0", path=STAGING), production or tracked("1.0.0")
    promotions = Promotions(environments or declared(), trials, [one, other], NOW, lambda _tracked: shared)
    return promote.narrow(choices(other, *releases), promotions)


def passing(found: promote.Narrowed) -> list[str | None]:
    return [choice.offers[0].new_value for choice in found.choices]


def reasons(found: promote.Narrowed) -> list[tuple[str, str]]:
    return [(held.new_version, held.reason) for held in found.held]


# ---------------------------------------------------------------- what passes


def test_what_is_proven() -> None:
    """Production gets what staging has proven, though there is something newer; that waits."""
    found = narrowed([trial("1.1.0")])
    assert passing(found) == ["1.1.0"]
    assert [version for version, _ in reasons(found)] == ["1.2.0"]


def test_the_highest_that_is_proven() -> None:
    """Of several proven versions the highest is promoted."""
    trials = [trial("1.2.0", number=8), trial("1.1.0")]
    assert passing(narrowed(trials, staging=tracked("1.2.0", path=STAGING))) == ["1.2.0"]


def test_what_staging_has_left_behind() -> None:
    """What was proven counts also when staging tries something newer since."""
    trials = [trial("1.2.0", number=8, state=RolloutState.LIVE, since=NOW, merged=NOW), trial("1.1.0")]
    assert passing(narrowed(trials, staging=tracked("1.2.0", path=STAGING))) == ["1.1.0"]


def test_its_own_soak_time() -> None:
    """What is live for as long as the environment demands is proven for it, by the size of the step."""
    live = replace(trial("1.0.1", state=RolloutState.LIVE, since=NOW - timedelta(hours=3)), changes=(change("1.0.1"),))
    assert passing(narrowed([live], releases=["1.0.1"], staging=tracked("1.0.1", path=STAGING))) == ["1.0.1"]


def test_promote_now() -> None:
    """The label on the merged pull request ends the soak time."""
    early = trial(state=RolloutState.LIVE, since=NOW, labels=(NOW_LABEL,))
    assert passing(narrowed([early])) == ["1.1.0"]


def test_the_first_environment_takes_what_there_is() -> None:
    """Staging comes after nothing: its choices stay as they are."""
    staging = tracked("1.0.0", path=STAGING)
    made = choices(staging, "1.1.0")
    found = promote.narrow(made, Promotions(declared(), (), [staging], NOW))
    assert found.choices == made


def test_without_an_order_nothing_is_held() -> None:
    """A layout with environments changes nothing as long as no order is declared."""
    found = narrowed([], environments=Environments(()))
    assert passing(found) == ["1.2.0"]


# ---------------------------------------------------------------- what does not


@pytest.mark.parametrize(
    ("tried", "reason"),
    [
        (trial(labels=(HOLD_LABEL,)), "#7 has the label updater/hold"),
        (trial(state=RolloutState.FAILED_HEALTH, since=None), "it is unhealthy in staging (#7): it is unhealthy"),
        (
            trial(state=RolloutState.FAILED_SYNC, since=None, labels=(NOW_LABEL,)),
            "it is sync failed in staging (#7): it is sync failed",
        ),
        (trial(state=RolloutState.UNKNOWN, since=None), "it is unknown in staging (#7): it is unknown"),
        (
            trial(state=RolloutState.LIVE, since=NOW - timedelta(hours=23)),
            "it runs healthily in staging (#7), but not for long enough yet",
        ),
    ],
)
def test_why_not(tried: Trial, reason: str) -> None:
    """What is not proven is held, with the reason."""
    found = narrowed([tried], releases=["1.1.0"])
    assert passing(found) == []
    assert reasons(found) == [("1.1.0", reason)]


def test_until_when() -> None:
    """What only lacks time says when that is over."""
    found = narrowed([trial(state=RolloutState.LIVE, since=NOW - timedelta(hours=23))], releases=["1.1.0"])
    assert [held.until for held in found.held] == [NOW + timedelta(hours=1)]


def test_after_a_failure_of_something_newer() -> None:
    """While a newer version of the package fails in staging, an older one is not promoted."""
    failed = trial("1.2.0", number=8, state=RolloutState.FAILED_HEALTH, since=None, merged=NOW)
    found = narrowed([failed, trial("1.1.0")], staging=tracked("1.2.0", path=STAGING))
    assert passing(found) == []
    assert ("1.1.0", "1.2.0 has failed in staging since (#8)") in reasons(found)


def test_what_staging_went_back_from() -> None:
    """What somebody took back in staging is not promoted, though it was proven."""
    found = narrowed([trial("1.1.0")], releases=["1.1.0"], staging=tracked("1.0.0", path=STAGING))
    assert reasons(found) == [("1.1.0", "staging has gone back from it")]


def test_a_digest_that_staging_went_back_from() -> None:
    """Digests have no order: one that no later pull request brought means that somebody went back."""
    staging = tracked("1.0.0", path=STAGING, digest=OTHER)
    production = tracked("1.0.0", digest=OTHER)
    found = narrowed([trial("1.0.0", new_digest=DIGEST)], releases=[], staging=staging, production=production)
    assert reasons(found) == [("1.0.0", "staging has gone back from it")]


def test_one_that_is_shared() -> None:
    """A place that reaches both environments is held, and it is said what would help."""
    base = tracked("1.0.0", path="apps/base/api.yaml")
    promotions = Promotions(declared(), (), [base], NOW, lambda _tracked: ("staging", "production"))
    found = promote.narrow(choices(base, "1.1.0"), promotions)
    ((version, reason),) = reasons(found)
    assert (passing(found), version) == ([], "1.1.0")
    assert "staging and production share this place" in reason
    assert "newTag" in reason


def test_unpaired() -> None:
    """What only production has is offered directly, or held if that is wanted."""
    other = tracked("3.0.0", path=STAGING, name="ghcr.io/acme/other")
    assert passing(narrowed([], staging=other)) == ["1.2.0"]
    held = narrowed([], staging=other, environments=declared(unpaired="hold"))
    assert reasons(held) == [("1.2.0", "staging does not have it (unpaired: hold)")]


def test_an_environment_that_does_not_exist() -> None:
    """After a name that nothing is deployed to, everything is held: it may be a slip of the pen."""
    found = narrowed([], environments=declared(after="stagin"))
    assert reasons(found) == [("1.2.0", "it comes after stagin, and nothing is deployed there")]


def test_what_was_proposed_is_not_given_up() -> None:
    """As long as nothing is proven, whatever may be in an open pull request counts as held."""
    waiting = narrowed([]).waiting
    assert {value for _, value in waiting} == {"1.1.0", "1.2.0"}


@pytest.mark.parametrize(
    ("ours", "theirs", "reason"),
    [
        (None, DIGEST, "staging pins no digest, so the one that has to be written here is not proven"),
        (DIGEST, None, None),
    ],
)
def test_digests_on_one_side(ours: str | None, theirs: str | None, reason: str | None) -> None:
    """A pinned place takes only a digest that was proven; a place that can be pinned takes one."""
    production = tracked("1.0.0", digest=theirs)
    found = narrowed([trial("1.1.0", new_digest=ours)] if ours else [trial()], releases=["1.1.0"],
                     production=production, staging=tracked("1.1.0", path=STAGING, digest=ours))  # fmt: skip
    assert [each for _, each in reasons(found) if each == reason] == ([reason] if reason else [])


# ---------------------------------------------------------------- what is made of it


def promoted(
    trials: Sequence[Trial], *, environments: Environments | None = None, others: Sequence[Tracked] = (), **options: Any
) -> promote.Promoted:
    production = options.pop("production", None) or tracked("1.0.0")
    staging = tracked("1.1.0", path=STAGING, digest=options.pop("digest", None))
    promotions = Promotions(environments or declared(), trials, [staging, production, *others], NOW)
    made = update("1.1.0", found=production, **options)
    key = (production.dependency, made.update_type, made.offer.new_value)
    proven = {key: (trials[0], trials[0].changes[0])}
    return promote.promote([made], proven, promotions)


def test_exactly_what_was_proven() -> None:
    """The digest is the one that was proven, whatever the registry says by now."""
    production = tracked("1.0.0", digest=OTHER)
    found = promoted([trial("1.1.0", new_digest=DIGEST)], production=production, digest=DIGEST, new_digest="sha256:ee")
    (made,) = found.updates
    assert made.new_digest == DIGEST
    assert [edit.text for edit in made.edits] == ["1.1.0", DIGEST]


def test_a_pull_request_of_its_own() -> None:
    """A promotion has its own branch and says what it does."""
    (made,) = promoted([trial()]).updates
    assert made.offer.policy.additional_branch_prefix == "production-"
    assert made.offer.policy.commit_message_action == "Promote"


def test_production_is_not_merged_automatically() -> None:
    """A general automerge does not reach an environment that comes after another; its own does."""
    policy = Policy(automerge=True)
    (made,) = promoted([trial()], policy=policy).updates
    assert not made.offer.policy.automerge
    (told,) = promoted([trial()], environments=declared(automerge=("minor",))).updates
    assert told.offer.policy.automerge
    assert not told.offer.policy.platform_automerge


def test_windows() -> None:
    """The windows of an environment are its schedule, for proposing and for merging."""
    (made,) = promoted([trial()], environments=declared(windows=("Mon-Thu 09:00-16:00 Europe/Berlin",))).updates
    policy = made.offer.policy
    assert policy.schedule == policy.automerge_schedule == ("* 9-15 * * 1,2,3,4",)
    assert policy.timezone == "Europe/Berlin"


def test_all_or_nothing() -> None:
    """What came in one pull request is promoted together: while a part cannot be, the rest is held."""
    other = tracked("3.0.0", path="apps/production/other.yaml", name="ghcr.io/acme/other")
    twin = tracked("3.1.0", path="apps/staging/other.yaml", name="ghcr.io/acme/other")
    both = trial(changes=[change("1.1.0"), change("3.1.0", path="apps/staging/other.yaml", name="ghcr.io/acme/other")])
    found = promoted([both], others=[other, twin])
    assert found.updates == ()
    assert [held.reason for held in found.held] == [
        "#7 brought it together with ghcr.io/acme/other, which cannot come along now"
    ]
    done = structs.replace(other, dependency=structs.replace(other.dependency, current_value="3.1.0"))
    assert len(promoted([both], others=[done, twin]).updates) == 1


def test_a_set_shares_a_branch() -> None:
    """What came in one pull request goes on in one."""
    both = trial(changes=[change("1.1.0"), change("3.1.0", path="apps/staging/other.yaml", name="ghcr.io/acme/other")])
    (made,) = promoted([both]).updates
    assert made.offer.policy.group_slug == "pull-7"


# ---------------------------------------------------------------- environments


def test_twins_of_an_application_set() -> None:
    """Values of a generator's elements are twins though they stand in one file."""
    path = "apps/set.yaml"
    staging, production = (
        structs.replace(
            each, dependency=structs.replace(each.dependency, environment=Environment(name=name, reason=""))
        )
        for each, name in ((tracked("1.1.0", path=path), "staging"), (tracked("1.0.0", path=path), "production"))
    )
    environments = Environments((EnvironmentOptions(name="production", after="staging"),))
    tried = trial(changes=[change("1.1.0", path=path)])
    promotions = Promotions(environments, [tried], [staging, production], NOW)
    assert passing(promote.narrow(choices(production, "1.1.0"), promotions)) == ["1.1.0"]


def test_names_of_ones_own() -> None:
    """Environments may be called anything; the twin is found by the path without the names."""
    environments = Environments(
        (
            EnvironmentOptions(name="bronze", paths=("clusters/bronze/**",)),
            EnvironmentOptions(name="gold", paths=("clusters/gold/**",), after="bronze"),
        )
    )
    bronze, gold = (tracked(version, path=f"clusters/{name}/api.yaml") for name, version in
                    (("bronze", "1.1.0"), ("gold", "1.0.0")))  # fmt: skip
    assert environments.slot_of(bronze.dependency) == environments.slot_of(gold.dependency)
    tried = replace(trial(changes=[change("1.1.0", path="clusters/bronze/api.yaml")]), environment="bronze")
    found = promote.narrow(choices(gold, "1.1.0"), Promotions(environments, [tried], [bronze, gold], NOW))
    assert passing(found) == ["1.1.0"]


def test_what_the_layout_shows() -> None:
    """Environments are evident where their places correspond."""
    found = [tracked(path=STAGING), tracked(), tracked(path="apps/production/only.yaml")]
    shown = [(each.before, each.after, each.pairs, each.declared) for each in pairings(found, Environments(()))]
    assert shown == [("staging", "production", 1, False)]
    ((written),) = pairings(found, declared())
    assert written == replace(written, before="staging", after="production", pairs=1, declared=True)


def test_a_pin_brings_nothing_new() -> None:
    """A range that becomes the version which it means already needs no proof."""
    production = tracked("~1.0", datasource="helm", versioning="helm", policy=Policy(range_strategy="pin"))
    found = narrowed([], releases=["1.0.0"], production=production)
    assert [choice.offers[0].update_type for choice in found.choices] == [UpdateType.PIN]
