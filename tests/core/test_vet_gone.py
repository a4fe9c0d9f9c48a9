"""Vetting: pins that do not resolve any more are reported, when that is sure."""

from dataclasses import replace

import pytest

from tests.core.made import DIGEST, offered, releases, tracked, update
from tests.core.vetting import Content, Plain, Registry, missed
from updater.config import Policy
from updater.errors import AuthError, Unavailable
from updater.model.decide import Gone
from updater.model.lookup import Release
from updater.model.track import Tracked


def names(found: list[Gone]) -> list[str]:
    return [each.name for each in found]


async def test_a_tag_that_was_deleted_is_reported() -> None:
    """It is not listed, and denied when asked for by name; each place that has it is a row."""
    places = [tracked(path="a.yaml"), tracked(path="b.yaml"), tracked("1.1.0")]
    registry = Registry({"1.1.0": Content()})
    found = await missed(places, registry, releases("1.1.0"))

    assert [(each.tracked.dependency.path, each.name) for each in found] == [("a.yaml", "1.0.0"), ("b.yaml", "1.0.0")]
    assert registry.asked == [("digest", "1.0.0")]


async def test_what_is_only_not_listed_is_there() -> None:
    """A registry that leaves a tag out of its list, and delivers it, has it."""
    assert await missed([tracked()], Registry({"1.0.0": Content()}), releases("1.1.0")) == []


async def test_an_index_is_believed() -> None:
    """A list that tells the digest of each version is what they are fetched by: what it does not hold is gone."""
    index = releases(Release(version="1.1.0", digest="ab"), Release(version="1.2.0", digest="cd"))
    charts = [tracked(versioning="helm"), tracked("v1.1.0", versioning="helm"), tracked("^1.0.0", versioning="helm")]

    assert names(await missed(charts, Plain(), index)) == ["1.0.0"]
    assert await missed(charts, Plain(), releases("1.1.0")) == []


async def test_nothing_follows_from_a_part_of_a_list() -> None:
    """A list that is not complete is no reason to ask, nor is a lookup that failed."""
    registry = Registry()
    part = replace(releases("1.1.0"), complete=False)

    assert await missed([tracked(), tracked(name="ghcr.io/acme/never-answered")], registry, part) == []
    assert registry.asked == []


@pytest.mark.parametrize("error", [Unavailable("down", url="x"), AuthError("who are you?", url="x")])
async def test_a_failure_denies_nothing(error: Unavailable | AuthError) -> None:
    """Unknown is not gone."""
    assert await missed([tracked()], Registry({"1.0.0": error}), releases("1.1.0")) == []


@pytest.mark.parametrize(
    "found",
    [
        tracked("^1.0.0", versioning="npm"),
        tracked("v6.0.0", versioning="helm"),
        tracked("1.2.0", versioning="semver-coerced"),
        tracked(policy=Policy(extract_version="^v(?<version>.+)$")),
    ],
    ids=lambda each: f"{each.versioning} {each.dependency.current_value}",
)
async def test_what_the_list_calls_otherwise_is_not_missed(found: Tracked) -> None:
    """A range, a version that is listed with another ``v``, one that is extracted: nothing is asked."""
    registry = Registry()
    assert await missed([found], registry, releases("6.0.0", "v1.2.0")) == []
    assert registry.asked == []


@pytest.mark.parametrize(("source", "asked"), [(Registry(), ["edge"]), (Plain(), [])])
async def test_a_tag_that_is_no_version(source: Registry | Plain, asked: list[str]) -> None:
    """The list of an image's tags holds all names, other lists do not: a branch is not on a list of tags."""
    assert names(await missed([tracked("edge")], source, releases("1.0.0"))) == asked


async def test_a_digest_without_a_tag_is_asked_for() -> None:
    """Nothing else would ever tell."""
    alone = tracked(None, digest=DIGEST)

    assert names(await missed([alone], Registry(), releases("1.0.0"))) == [DIGEST]
    assert await missed([alone], Registry({DIGEST: Content()}), releases("1.0.0")) == []


async def test_a_digest_beside_a_tag_is_asked_for_with_its_update() -> None:
    """Vetting has asked about it already; without an update, the tag still points at it."""
    found, registry = tracked(digest=DIGEST), Registry()
    assert await missed([found], registry, releases("1.0.0")) == []
    assert registry.asked == []

    gone = await missed([found], registry, releases("1.0.0"), [update(found=found)])
    assert names(gone) == [DIGEST]
    assert gone[0].reason == "its registry does not have it any more"


def test_what_is_gone_is_still_updated() -> None:
    """A version that is not listed is followed by the listed ones: to leave it is the way out."""
    assert offered(tracked(), "1.1.0") == [("minor", "1.1.0")]
