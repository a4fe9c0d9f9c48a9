"""Vetting: an image must run wherever the one in use does."""

from datetime import timedelta

import pytest

from tests.core.made import DIGEST, NOW, choices, releases, tracked
from tests.core.vetting import Content, Ledger, Plain, Registry, vetted
from tests.servers.faulty import StillClock
from updater.cache import open_cache
from updater.config import Policy
from updater.http import HttpClient
from updater.model.lookup import Release
from updater.vet import Sources, Vetted, vet
from updater.vet.platforms import lacking

OTHER = "sha256:" + "cd" * 32
BOTH = ("linux/amd64", "linux/arm64")


async def test_a_platform_that_would_be_lost_holds() -> None:
    """The platform and the version that has it are named, and the newest that has all is taken."""
    registry = Registry(
        {
            "1.2.0": Content(platforms=("linux/amd64",)),
            "1.1.0": Content(platforms=(*BOTH, "linux/s390x")),
            "1.0.0": Content(platforms=BOTH),
        }
    )
    (result,) = await vetted(choices(tracked(), "1.2.0", "1.1.0"), registry)

    assert result.update is not None
    assert result.update.offer.version == "1.1.0"
    assert [(each.rule, each.reason) for each in result.held] == [("platforms", "has no linux/arm64, which 1.0.0 has")]


@pytest.mark.parametrize(
    ("new", "current"),
    [((), BOTH), (BOTH, ()), (BOTH, None)],
    ids=["new unknown", "current unknown", "current gone"],
)
async def test_unknown_platforms_never_hold(new: tuple[str, ...], current: tuple[str, ...] | None) -> None:
    """What does not say where it runs, and what is not there any more, is no reason to stay."""
    in_use = {} if current is None else {"1.0.0": Content(platforms=current)}
    (result,) = await vetted(choices(tracked(), "1.1.0"), Registry({"1.1.0": Content(platforms=new), **in_use}))

    assert result.update is not None


async def test_a_datasource_without_platforms_is_not_asked() -> None:
    """Charts and providers run where they run."""
    (result,) = await vetted(choices(tracked(), "1.1.0"), Plain())
    assert result.update is not None


async def test_a_pinned_image_is_compared_by_its_digest() -> None:
    """The tag may have moved; what runs is the digest. A moved digest is vetted like a version."""
    registry = Registry(
        {
            "1.0.0": Content(digest=OTHER, platforms=("linux/amd64",)),
            DIGEST: Content(digest=DIGEST, platforms=BOTH),
        }
    )
    (result,) = await vetted(choices(tracked(digest=DIGEST), "1.0.0"), registry)

    assert [each.reason for each in result.held] == ["has no linux/arm64, which 1.0.0 has"]
    assert registry.questions("platforms") == ["1.0.0", DIGEST]


async def test_a_listed_digest_is_asked_about_in_place_of_its_tag() -> None:
    """What is named by its digest never changes, so that the answer stays in the cache."""
    listed = Release(version="1.1.0", digest=OTHER)
    registry = Registry({OTHER: Content(platforms=BOTH), "1.0.0": Content(platforms=BOTH)})
    (result,) = await vetted(choices(tracked(), listed), registry, known=releases(listed))

    assert result.update is not None
    assert registry.questions("platforms") == [OTHER, "1.0.0"]


async def test_the_digest_in_use_may_be_listed() -> None:
    """A registry that lists digests tells that of the version in use, too: what it stands for stays in the cache."""
    listed = releases(Release(version="1.1.0", digest=OTHER), Release(version="1.0.0", digest=DIGEST))
    registry = Registry({OTHER: Content(platforms=BOTH), DIGEST: Content(platforms=BOTH)})
    (result,) = await vetted(choices(tracked(), *listed.releases), registry, known=listed)

    assert result.update is not None
    assert registry.questions("platforms") == [OTHER, DIGEST]


async def test_a_digest_that_its_tag_still_has_is_not_asked_about() -> None:
    """What the tag stands for is asked to compare digests; where these are the same, that is what is in use."""
    registry = Registry(
        {"1.0.0": Content(digest=DIGEST, platforms=BOTH), "1.1.0": Content(digest=OTHER, platforms=BOTH)}
    )
    results = await vetted(choices(tracked(digest=DIGEST), "1.0.0", "1.1.0"), registry)

    assert [each.update.offer.version for each in results if each.update] == ["1.1.0"]
    assert sorted(registry.questions("platforms")) == ["1.0.0", "1.1.0"]


async def test_an_image_for_all_declared_platforms_needs_no_comparison() -> None:
    """``platforms`` names those of the clusters: what runs there is proposed, whatever else the one in use ran on."""
    found = tracked(policy=Policy(platforms=BOTH))
    registry = Registry({"1.1.0": Content(platforms=BOTH), "1.0.0": Content(platforms=(*BOTH, "linux/s390x"))})
    (result,) = await vetted(choices(found, "1.1.0"), registry)

    assert result.update is not None
    assert registry.questions("platforms") == ["1.1.0"]


@pytest.mark.parametrize(
    ("current", "reasons"),
    [(BOTH, ["has no linux/arm64, which 1.0.0 has"]), (("linux/amd64", "linux/s390x"), []), ((), [])],
    ids=["has it", "never had it", "unknown"],
)
async def test_a_declared_platform_that_the_image_in_use_has_is_not_lost(
    current: tuple[str, ...], reasons: list[str]
) -> None:
    """Only where the new one lacks a declared platform, it matters whether the one in use has that."""
    found = tracked(policy=Policy(platforms=BOTH))
    registry = Registry({"1.1.0": Content(platforms=("linux/amd64",)), "1.0.0": Content(platforms=current)})
    (result,) = await vetted(choices(found, "1.1.0"), registry)

    assert [each.reason for each in result.held] == reasons


@pytest.mark.parametrize(
    ("age", "asked"),
    [
        (timedelta(hours=23), []),
        (timedelta(days=6), ["1.1.0"]),
        (timedelta(days=8), ["1.1.0", "1.0.0"]),
    ],
)
async def test_what_tags_stand_for_is_known_for_some_time(age: timedelta, asked: list[str]) -> None:
    """A proposed tag for a day, a tag in use for a week."""
    registry, clock = Registry({"1.1.0": Content(platforms=BOTH), "1.0.0": Content(platforms=BOTH)}), StillClock()
    cache = open_cache("memory:", clock=clock)

    async def run() -> list[Vetted]:
        client = HttpClient(cache=cache.responses, clock=clock, fresh_for=timedelta(minutes=10))
        return await vet(choices(tracked(), "1.1.0"), Sources({"docker": registry}, client), {}, Ledger(), NOW)

    await run()
    registry.asked.clear()
    clock.now += age
    (result,) = await run()
    assert result.update is not None
    assert registry.questions("platforms") == asked


async def test_what_a_tag_with_a_digest_stands_for_is_known_for_half_an_hour() -> None:
    """The digest that is written down is to be the newest, and its platforms are those of that very content."""
    registry, clock = Registry({"1.1.0": Content(digest=OTHER), "1.0.0": Content(digest=DIGEST)}), StillClock()
    cache = open_cache("memory:", clock=clock)
    asked = list[list[str]]()
    for _ in range(3):
        client = HttpClient(cache=cache.responses, clock=clock, fresh_for=timedelta(minutes=10))
        sources = Sources({"docker": registry}, client)
        await vet(choices(tracked(digest=DIGEST), "1.1.0"), sources, {}, Ledger(), NOW)
        asked.append(registry.questions("platforms"))
        registry.asked.clear()
        clock.now += timedelta(minutes=20)
    assert asked == [["1.1.0", "1.0.0"], [], ["1.1.0", "1.0.0"]]


@pytest.mark.parametrize(
    ("new", "current", "lost"),
    [
        ({"linux/arm/v6"}, {"linux/arm/v7"}, []),
        ({"linux/arm/v7"}, {"linux/arm/v6"}, ["linux/arm/v6"]),
        ({"linux/amd64"}, {"linux/amd64/v3"}, []),
        ({"linux/amd64/v3"}, {"linux/amd64"}, ["linux/amd64"]),
        ({"linux/arm64"}, {"linux/arm/v7"}, ["linux/arm/v7"]),
        ({"windows/amd64"}, {"linux/amd64"}, ["linux/amd64"]),
        ({"linux/amd64"}, {"linux/riscv64/rva23"}, ["linux/riscv64/rva23"]),
        (set(), {"linux/amd64"}, []),
    ],
)
def test_a_later_variant_runs_what_is_for_an_earlier_one(new: set[str], current: set[str], lost: list[str]) -> None:
    """And not the other way round; other systems and architectures are nothing alike."""
    assert lacking(frozenset(new), frozenset(current)) == lost
