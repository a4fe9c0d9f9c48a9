"""Vetting: how old a release is, who says so, and what is implausible."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from tests.core.made import DIGEST, NOW, choices, decided, offered, releases, tracked
from tests.core.vetting import Content, Ledger, Registry, built, days_ago, pushed, vetted
from updater.api import Published
from updater.config import Policy
from updater.errors import Unavailable
from updater.model.lookup import Release
from updater.model.track import Origin, UpdateType

AGE = Policy(
    minimum_release_age=timedelta(days=3), origins={"minimum_release_age": Origin(path="renovate.json", line=4)}
)
OTHER = "sha256:" + "cd" * 32


def image(published: Published | None = None) -> Registry:
    """A registry whose list has no dates, with one newer version."""
    return Registry({"1.1.0": Content(digest=OTHER, published=published)})


async def test_the_newest_release_that_is_old_enough_is_taken() -> None:
    """Younger ones are held, with the moment that clears them and the rule's place."""
    young = Release(version="1.2.0", published=days_ago(1))
    old = Release(version="1.1.0", published=days_ago(30))
    (result,) = await vetted(choices(tracked(policy=AGE), young, old))

    assert result.update is not None
    assert result.update.offer.new_value == "1.1.0"
    assert result.update.age_evidence == "published 2026-10-24"
    (held,) = result.held
    assert (held.new_version, held.until, str(held.origin)) == ("1.2.0", NOW + timedelta(days=2), "renovate.json:4")


async def test_the_gate_opens_without_a_date() -> None:
    """Where the registry gives no date, the first sight counts, so that the gate always ends."""
    ledger = Ledger()
    made = choices(tracked(policy=AGE), "1.1.0")
    (first,) = await vetted(made, ledger=ledger)
    (later,) = await vetted(made, ledger=ledger, now=NOW + timedelta(days=3))

    assert (first.update, len(first.held)) == (None, 1)
    assert later.update is not None
    assert later.update.age_evidence == "first seen 2026-11-23 (the registry gives no date)"


@pytest.mark.parametrize(
    "changes",
    [{"internal_checks_filter": "none"}, {"internal_checks_filter": "flexible"}],
    ids=str,
)
async def test_the_age_can_be_a_wish(changes: dict[str, str]) -> None:
    """Without a strict filter a release that is too young is taken where no older one is there."""
    policy = msgspec.structs.replace(AGE, **changes)
    (result,) = await vetted(choices(tracked(policy=policy), Release(version="1.1.0", published=days_ago(1))))

    assert result.update is not None
    assert result.held == ()


async def test_an_unknown_age_can_be_old_enough() -> None:
    """``timestamp-optional``: what has no date is not held; what has one is."""
    policy = msgspec.structs.replace(AGE, minimum_release_age_behaviour="timestamp-optional")
    (undated,) = await vetted(choices(tracked(policy=policy), "1.1.0"), image())
    (dated,) = await vetted(choices(tracked(policy=policy), "1.1.0"), image(built(1)))

    assert undated.update is not None
    assert [each.rule for each in dated.held] == ["minimumReleaseAge"]


# ---------------------------------------------------------------- dates that are asked for


@pytest.mark.parametrize(
    ("published", "evidence"),
    [
        (pushed(30), "pushed 2026-10-24"),
        (built(30), "built 2026-10-24, says its publisher"),
    ],
)
async def test_the_pull_request_says_which_evidence_counted(published: Published, evidence: str) -> None:
    """A date that the list did not bring is asked for, and named with whose word it is."""
    (result,) = await vetted(choices(tracked(policy=AGE), "1.1.0"), image(published))

    assert result.update is not None
    assert result.update.age_evidence == evidence
    assert (result.update.offer.release.published == published.when) is published.by_registry


@pytest.mark.parametrize("published", [pushed(1), built(1)])
async def test_a_date_that_was_asked_for_holds(published: Published) -> None:
    """A release that is too young by any evidence is held, until it is old enough by the same."""
    (result,) = await vetted(choices(tracked(policy=AGE), "1.1.0"), image(published))

    (held,) = result.held
    assert held.until == published.when + timedelta(days=3)


async def test_only_what_is_about_to_be_chosen_is_asked_about() -> None:
    """One release passes, so the older ones cost nothing; without a gate, no date is asked for at all."""
    registry = Registry({version: Content(published=pushed(30)) for version in ("1.2.0", "1.1.0")})
    await vetted(choices(tracked(policy=AGE), "1.2.0", "1.1.0"), registry)
    assert registry.questions("published") == ["1.2.0"]

    await vetted(choices(tracked(), "1.2.0", "1.1.0"), registry)
    assert registry.questions("published") == ["1.2.0"]


async def test_a_listed_date_is_shown_without_being_needed() -> None:
    """Without a gate, the pull request says what the list told for free."""
    (result,) = await vetted(choices(tracked(), Release(version="1.1.0", published=days_ago(1))))

    assert result.update is not None
    assert result.update.age_evidence == "published 2026-11-22"


@pytest.mark.parametrize("when", [datetime(1970, 1, 1, tzinfo=UTC), datetime(1980, 1, 1, tzinfo=UTC), days_ago(-99)])
async def test_a_date_that_cannot_be_is_none(when: datetime) -> None:
    """What claims to be older than such software, or comes from the future, is no evidence, listed or asked for."""
    registry = image(Published(when=when, evidence="pushed", by_registry=True))
    for listed in ("1.1.0", Release(version="1.1.0", published=when)):
        (result,) = await vetted(choices(tracked(policy=AGE), listed), registry)
        (held,) = result.held
        assert held.until == NOW + timedelta(days=3)
        assert held.reason == "first seen 2026-11-23 (the registry gives no date); minimumReleaseAge is 3 days"


async def test_a_publisher_cannot_shorten_the_gate() -> None:
    """A date of the publisher's does not count for what turned up while we watched; the first sight does."""
    ledger = Ledger()
    await vetted(choices(tracked(policy=AGE), "1.0.5"), Registry({"1.0.5": Content()}), ledger, now=days_ago(10))
    made, registry = choices(tracked(policy=AGE), "1.1.0"), image(built(900))
    (fresh,) = await vetted(made, registry, ledger)
    (later,) = await vetted(made, registry, ledger, now=NOW + timedelta(days=3))

    assert [each.until for each in fresh.held] == [NOW + timedelta(days=3)]
    assert later.update is not None
    assert later.update.age_evidence == "first seen 2026-11-23 (built 2024-06-06, says its publisher)"


async def test_a_package_is_watched_although_nothing_is_newer() -> None:
    """The first look at a package is remembered in every run, gate or not."""
    ledger = Ledger()
    same = choices(tracked(digest=DIGEST), "1.0.0")
    await vetted(same, Registry({"1.0.0": Content(digest=DIGEST)}), ledger, now=days_ago(10))
    (result,) = await vetted(choices(tracked(policy=AGE), "1.1.0"), image(built(900)), ledger)

    assert result.update is None


async def test_a_failure_to_tell_the_date_holds_back() -> None:
    """A registry that fails while a gate needs the date is a failure: it may delay, and not open the gate."""
    registry = Registry({"1.2.0": Unavailable("down", url="x"), "1.1.0": Content(published=pushed(30))})
    (result,) = await vetted(choices(tracked(policy=AGE), "1.2.0", "1.1.0"), registry)

    assert result.update is None
    assert result.failed is not None


async def test_many_young_releases_are_not_asked_one_by_one() -> None:
    """Of a version a day, the newest that is old enough is found with few questions."""
    policy = msgspec.structs.replace(AGE, minimum_release_age=timedelta(days=60))
    versions = [f"1.{300 - days}.0" for days in range(300)]
    held = {version: Content(published=pushed(days)) for days, version in enumerate(versions)}
    registry = Registry(held)
    (result,) = await vetted(choices(tracked(policy=policy), *versions), registry)

    assert result.update is not None
    assert result.update.offer.version == "1.240.0"
    assert len(registry.questions("published")) < 20


# ---------------------------------------------------------------- digests


async def test_a_digest_has_an_age_of_its_own() -> None:
    """A tag that is moved points at something new: its gate begins with that, however old the tag is."""
    ledger = Ledger({"": days_ago(90), "1.0.0": days_ago(90)})
    made = choices(tracked(policy=AGE, digest=DIGEST), "1.0.0")
    (first,) = await vetted(made, Registry({"1.0.0": Content(digest=OTHER)}), ledger)
    (later,) = await vetted(made, Registry({"1.0.0": Content(digest=OTHER)}), ledger, now=NOW + timedelta(days=3))

    assert [(each.rule, each.new_digest) for each in first.held] == [("minimumReleaseAge", OTHER)]
    assert later.update is not None
    assert (later.update.update_type, later.update.new_digest) == (UpdateType.DIGEST, OTHER)


@pytest.mark.parametrize(("published", "passes"), [(pushed(30), True), (pushed(1), False), (built(900), False)])
async def test_the_registry_knows_when_a_digest_came(published: Published, *, passes: bool) -> None:
    """Its clock counts; the word of who moved the tag does not."""
    ledger = Ledger({"": days_ago(90)})
    registry = Registry({"1.0.0": Content(digest=OTHER, published=published)})
    (result,) = await vetted(choices(tracked(policy=AGE, digest=DIGEST), "1.0.0"), registry, ledger)

    assert (result.update is not None) is passes


async def test_the_date_of_a_commit_is_the_publishers_word() -> None:
    """A date in the list does not open the gate for a tag that was moved while we watched."""
    listed = Release(version="1.0.0", published=days_ago(900), digest=OTHER)
    (result,) = await vetted(choices(tracked(policy=AGE, digest=DIGEST), listed), image(), Ledger({"": days_ago(9)}))

    (held,) = result.held
    assert held.reason.startswith("first seen 2026-11-23 (published 2024-06-06, says its publisher)")


async def test_pinning_needs_no_age() -> None:
    """What is pinned is in use already; to wait would leave the tag free to move."""
    policy = msgspec.structs.replace(AGE, pin_digests=True)
    registry = Registry({"1.0.0": Content(digest=DIGEST, published=pushed(0))})
    (result,) = await vetted(choices(tracked(policy=policy), "1.0.0"), registry)

    assert result.update is not None
    assert registry.asked == [("digest", "1.0.0")]


# ---------------------------------------------------------------- implausible dates


async def test_a_left_numbering_is_held() -> None:
    """``3.0.8`` of years ago does not follow ``0.3.20`` of last month: its date is asked for, because it is a jump."""
    registry = Registry({"3.0.8": Content(published=built(2000)), "0.3.20": Content(published=built(30))})
    (result,) = await vetted(choices(tracked("0.3.20"), "3.0.8", "0.3.20"), registry)

    assert result.update is None
    (held,) = result.held
    assert (held.rule, held.reason) == (
        "implausible",
        "of 2021-06-02, which is long before 0.3.20 (2026-10-24)",
    )


async def test_a_jump_to_something_later_is_none_of_that() -> None:
    """A new date needs no second question, and the step is proposed."""
    registry = Registry({"3.0.8": Content(published=built(90)), "0.3.20": Content(published=built(30))})
    (result,) = await vetted(choices(tracked("0.3.20"), "3.0.8"), registry)

    assert result.update is not None
    assert registry.questions("published") == ["3.0.8"]


async def test_who_allows_a_version_has_it() -> None:
    """``allowedVersions`` says what is wanted; no date is asked for."""
    registry = Registry({"3.0.8": Content(published=built(2000)), "0.3.20": Content(published=built(30))})
    found = tracked("0.3.20", policy=Policy(allowed_versions="<4"))
    (result,) = await vetted(choices(found, "3.0.8"), registry)

    assert result.update is not None
    assert registry.questions("published") == []


async def test_an_unknown_date_holds_nothing() -> None:
    """Where one of the dates is missing, or the version in use is gone, a jump is a major update like any other."""
    for registry in (
        Registry({"3.0.8": Content(), "0.3.20": Content(published=built(30))}),
        Registry({"3.0.8": Content(published=built(2000))}),
    ):
        (result,) = await vetted(choices(tracked("0.3.20"), "3.0.8"), registry)
        assert result.update is not None


async def test_a_listed_date_of_the_version_in_use_counts() -> None:
    """It is not asked for again."""
    known = releases(Release(version="0.3.20", published=days_ago(30)), "3.0.8")
    registry = Registry({"3.0.8": Content(published=built(2000)), "0.3.20": Content()})
    (result,) = await vetted(choices(tracked("0.3.20"), "3.0.8"), registry, known=known)

    assert [each.rule for each in result.held] == ["implausible"]
    assert registry.questions("published") == ["3.0.8"]


def test_listed_dates_are_judged_without_asking() -> None:
    """Where the list tells both dates, a version of long before is no offer, and the next one is."""
    listed = [
        Release(version="3.0.8", published=days_ago(2000)),
        Release(version="0.3.21", published=days_ago(20)),
        Release(version="0.3.20", published=days_ago(30)),
    ]
    made, decisions = decided(tracked("0.3.20"), *listed)

    assert [choice.offers[0].version for choice in made] == ["0.3.21"]
    assert (decisions[0].subject, decisions[0].rule) == ("3.0.8", "implausible")
    assert decisions[0].reason == "of 2021-06-02, which is long before 0.3.20 (2026-10-24)"
    assert offered(tracked("0.3.20", policy=Policy(allowed_versions="<4")), *listed)[0] == ("major", "3.0.8")


def test_an_old_line_is_fixed_for_a_while() -> None:
    """A fix of the line in use that came some months after the next line's last version holds nothing."""
    listed = [Release(version="2.0.0", published=days_ago(300)), Release(version="1.9.9", published=days_ago(1))]
    assert offered(tracked("1.9.9"), *listed) == [("major", "2.0.0")]


def test_a_date_before_all_software_is_no_date() -> None:
    """Indexes that know no date write the year 1."""
    listed = [
        Release(version="2.0.0", published=datetime(1, 1, 1, tzinfo=UTC)),
        Release(version="1.9.9", published=days_ago(1)),
    ]
    assert offered(tracked("1.9.9"), *listed) == [("major", "2.0.0")]
