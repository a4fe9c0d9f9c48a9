"""Vetting: an image must run wherever the one in use does."""

import pytest

from tests.core.made import DIGEST, choices, releases, tracked
from tests.core.vetting import Content, Plain, Registry, vetted
from updater.model import Release
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
