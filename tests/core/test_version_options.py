"""The options that decide which version is proposed, and in which pull request: one table each.

They mean what https://docs.renovatebot.com/configuration-options/ says, for what can be asked here.
"""

from collections.abc import Mapping
from datetime import timedelta

import pytest

from tests.core.made import decided, offered, releases, tracked
from tests.core.vetting import Content, Plain, Registry, days_ago, vetted
from updater.config import Policy
from updater.decide import decide
from updater.errors import Unavailable
from updater.model.lookup import Release, Releases
from updater.model.scan import LockEntry, Package, Span
from updater.model.track import Tracked, UpdateType
from updater.naming import branch_name, title

NAMED = {"latest": "2.1.0", "next": "3.0.0-rc.1", "legacy": "1.4.0", "odd": "nonsense"}
PUBLISHED = ("1.0.0", "1.4.0", "1.4.1", "2.0.0", "2.1.0", "2.2.0", "3.0.0-rc.1")


def offered_with_tags(found: Tracked, tags: Mapping[str, str]) -> list[tuple[str, str | None]]:
    """What is offered where the registry names versions."""
    listed = Releases(releases=releases(*PUBLISHED).releases, tags=tags)
    made = decide(found, listed, lambda each, *_: each.policy).choices
    return [(str(choice.offers[0].update_type), choice.offers[0].new_value) for choice in made]


def package(value: str, policy: Policy) -> Tracked:
    return tracked(value, datasource="npm", versioning="npm", policy=policy)


@pytest.mark.parametrize(
    ("value", "tag", "wanted"),
    [
        ("1.0.0", "latest", [("major", "2.1.0")]),
        ("1.0.0", "legacy", [("minor", "1.4.0")]),
        ("1.4.0", "legacy", []),
        ("2.0.0", "legacy", []),
        ("1.0.0", "unknown", []),
        ("1.0.0", "odd", []),
    ],
)
def test_follow_tag(value: str, tag: str, wanted: list[tuple[str, str]]) -> None:
    """Only the version that has the name is offered; nobody is led back by it, nor past it."""
    assert offered_with_tags(package(value, Policy(follow_tag=tag)), NAMED) == wanted


@pytest.mark.parametrize(
    ("value", "policy", "tags", "wanted"),
    [
        ("1.0.0", Policy(), NAMED, [("major", "2.1.0"), ("minor", "1.4.1")]),
        ("1.0.0", Policy(respect_latest=False), NAMED, [("major", "2.2.0"), ("minor", "1.4.1")]),
        ("1.0.0", Policy(), {}, [("major", "2.2.0"), ("minor", "1.4.1")]),
        ("2.1.0", Policy(), NAMED, []),
        ("2.0.0", Policy(), {"latest": "1.4.1"}, [("minor", "2.2.0")]),
    ],
)
def test_respect_latest(value: str, policy: Policy, tags: Mapping[str, str], wanted: list[tuple[str, str]]) -> None:
    """Nothing above what the registry calls latest, unless that is exceeded already."""
    assert offered_with_tags(package(value, policy), tags) == wanted


BEFORE = "^(?<compatibility>[a-z]+)-v?(?<version>.+)$"
BEHIND = "^(?<version>[^-]+)(?<compatibility>-.+)?$"


@pytest.mark.parametrize(
    ("value", "pattern", "tags", "wanted"),
    [
        ("pg-v1.0.0", BEFORE, ("pg-v1.1.0", "my-v1.2.0", "1.3.0"), [("minor", "pg-v1.1.0")]),
        ("1.0.0-slim", BEHIND, ("1.1.0-slim", "1.2.0", "1.3.0-fat"), [("minor", "1.1.0-slim")]),
        ("1.0.0", BEHIND, ("1.1.0-slim", "1.2.0", "1.3.0-fat"), [("minor", "1.2.0")]),
        ("^1.0.0", BEHIND, ("1.0.0", "2.0.0"), [("major", "^2.0.0")]),
        ("weird", BEFORE, ("pg-v1.1.0",), []),
    ],
)
def test_version_compatibility(value: str, pattern: str, tags: tuple[str, ...], wanted: list[tuple[str, str]]) -> None:
    """Versions are compared within what the pattern calls compatible, and written back with it."""
    found = tracked(value, versioning="npm", policy=Policy(version_compatibility=pattern))
    assert offered(found, *tags) == wanted


def test_version_compatibility_follows_extract_version() -> None:
    """The pattern is applied to what ``extractVersion`` leaves."""
    policy = Policy(version_compatibility=BEHIND, extract_version="^chart-(?<version>.+)$")
    found = tracked("1.0.0-slim", versioning="npm", policy=policy)
    assert offered(found, "chart-1.1.0-slim", "1.2.0-slim", "chart-1.3.0") == [("minor", "1.1.0-slim")]


def test_the_name_in_the_registry_is_kept() -> None:
    """What is asked for its digest is what the registry calls the release."""
    found = tracked("pg-v1.0.0", versioning="npm", policy=Policy(version_compatibility=BEFORE))
    (choice,) = decide(found, releases("pg-v1.1.0"), lambda each, *_: each.policy).choices
    assert (choice.offers[0].version, choice.offers[0].release.version) == ("1.1.0", "pg-v1.1.0")


STEPS = ("1.0.1", "1.1.0", "1.1.2", "1.2.0", "2.0.0", "2.3.0", "3.0.0")


@pytest.mark.parametrize(
    ("policy", "wanted"),
    [
        (Policy(), [("major", "3.0.0"), ("minor", "1.2.0")]),
        (Policy(separate_major_minor=False), [("major", "3.0.0")]),
        (Policy(separate_minor_patch=True), [("major", "3.0.0"), ("minor", "1.2.0"), ("patch", "1.0.1")]),
        (Policy(separate_multiple_major=True), [("major", "3.0.0"), ("major", "2.3.0"), ("minor", "1.2.0")]),
        (
            Policy(separate_multiple_minor=True),
            [("major", "3.0.0"), ("minor", "1.2.0"), ("minor", "1.1.2"), ("patch", "1.0.1")],
        ),
        (
            Policy(separate_multiple_major=True, separate_multiple_minor=True, separate_minor_patch=True),
            [("major", "3.0.0"), ("major", "2.3.0"), ("minor", "1.2.0"), ("minor", "1.1.2"), ("patch", "1.0.1")],
        ),
    ],
)
def test_separate(policy: Policy, wanted: list[tuple[str, str]]) -> None:
    """One update for each bucket: the newest in it."""
    assert offered(tracked("1.0.0", policy=policy), *STEPS) == wanted


@pytest.mark.parametrize(
    ("value", "limit", "versions", "wanted"),
    [
        ("1.0.0", 500, ("2024.1.0", "2.0.0"), [("major", "2.0.0")]),
        ("1.0.0", 0, ("700.1.0", "2.0.0"), [("major", "700.1.0")]),
        ("1.0.0", 1, ("3.0.0", "2.0.0"), [("major", "2.0.0")]),
        ("2023.1.0", 1, ("2025.1.0",), [("major", "2025.1.0")]),
    ],
)
def test_max_major_increment(value: str, limit: int, versions: tuple[str, ...], wanted: list[tuple[str, str]]) -> None:
    """Whatever is further ahead is another numbering; what counts days or builds moves freely."""
    assert offered(tracked(value, versioning="semver", policy=Policy(max_major_increment=limit)), *versions) == wanted


def locked(value: str, policy: Policy) -> Tracked:
    package_ = Package(datasource="terraform-provider", name="hashicorp/aws")
    lock = LockEntry(manager="terraform", path="l", line=1, package=package_, version="5.31.0", version_span=Span(0, 6))
    return tracked(
        value, name="hashicorp/aws", datasource="terraform-provider", versioning="hashicorp", policy=policy, lock=lock
    )


PROVIDER = ("5.31.0", "5.40.0", "6.2.0")


@pytest.mark.parametrize(
    ("strategy", "is_locked", "value", "wanted"),
    [
        ("in-range-only", True, "~> 5.0", [("minor", "~> 5.0")]),
        ("in-range-only", False, "~> 5.0", []),
        ("update-lockfile", True, "~> 5.0", [("major", "~> 6.0"), ("minor", "~> 5.0")]),
        ("update-lockfile", False, "~> 5.0", [("major", "~> 6.0")]),
        ("auto", True, "~> 5.0", [("major", "~> 6.0"), ("minor", "~> 5.0")]),
        ("auto", False, "~> 5.0", [("major", "~> 6.0")]),
        ("replace", False, "~> 5.0", [("major", "~> 6.0")]),
        ("replace", False, ">= 5.0, < 6.0, != 5.2.1", [("major", ">= 5.0, < 7.0, != 5.2.1")]),
        ("widen", False, "~> 5.0", [("major", ">= 5.0, < 7.0")]),
        ("bump", True, "~> 5.0", [("major", "~> 6.2"), ("minor", "~> 5.40")]),
        ("bump", False, ">= 5.0, < 7.0", [("major", ">= 6.2, < 7.0"), ("minor", ">= 5.40, < 7.0")]),
        ("pin", False, "~> 5.0", [("pin", "5.40.0"), ("major", "6.2.0")]),
    ],
)
def test_range_strategies(strategy: str, is_locked: bool, value: str, wanted: list[tuple[str, str]]) -> None:  # noqa: FBT001  # a column of the table
    """What is written for a new version: of the range, or of its lock file's entry alone (the range stays)."""
    policy = Policy(range_strategy=strategy)  # type: ignore[arg-type]  # one of them
    found = locked(value, policy)
    if not is_locked:
        found = tracked(value, datasource="terraform-provider", versioning="hashicorp", policy=policy)
    assert offered(found, *PROVIDER) == wanted


@pytest.mark.parametrize(("value", "wanted"), [("6.0.0", []), ("^6.0.0", [("major", "^7.0.0")])])
def test_update_pinned_dependencies(value: str, wanted: list[tuple[str, str]]) -> None:
    """Switched off, exact versions stay and ranges move."""
    found = tracked(value, datasource="helm", versioning="helm", policy=Policy(update_pinned_dependencies=False))
    made, decisions = decided(found, "6.0.0", "6.5.0", "7.1.0")
    assert [(str(each.offers[0].update_type), each.offers[0].new_value) for each in made] == wanted
    assert wanted or [each.rule for each in decisions] == ["updatePinnedDependencies"]


@pytest.mark.parametrize(
    ("checks", "ages", "wanted", "held"),
    [
        ("strict", (1, 5), "1.1.0", ["1.2.0"]),
        ("strict", (1, 2), None, ["1.2.0", "1.1.0"]),
        ("flexible", (1, 5), "1.1.0", ["1.2.0"]),
        ("flexible", (1, 2), "1.2.0", []),
        ("none", (1, 5), "1.2.0", []),
    ],
)
async def test_internal_checks_filter(checks: str, ages: tuple[int, int], wanted: str | None, held: list[str]) -> None:
    """What becomes of releases that are younger than ``minimumReleaseAge`` asks for."""
    policy = Policy(minimum_release_age=timedelta(days=3), internal_checks_filter=checks)  # type: ignore[arg-type]
    listed = [
        Release(version=version, published=days_ago(age)) for version, age in zip(("1.2.0", "1.1.0"), ages, strict=True)
    ]
    made = decide(tracked(policy=policy), releases(*listed), lambda each, *_: each.policy).choices
    (result,) = await vetted(made)
    assert result.update is None if wanted is None else result.update and result.update.offer.version == wanted
    assert [each.new_version for each in result.held] == held


# ---------------------------------------------------------------- versions that vanished

ROLLBACK = Policy(rollback_prs=True)


@pytest.mark.parametrize(
    ("value", "policy", "versions", "wanted"),
    [
        ("1.2.3", ROLLBACK, ("1.2.2", "1.2.1"), [("rollback", "1.2.2")]),
        ("1.2.3", Policy(), ("1.2.2", "1.2.1"), []),
        ("1.2.3", ROLLBACK, ("1.2.3", "1.2.2"), []),
        ("1.2.3", ROLLBACK, ("1.2.4", "1.2.2"), [("rollback", "1.2.2"), ("patch", "1.2.4")]),
        ("1.2.3", ROLLBACK, ("1.2.2-rc.1", "1.2.1"), [("rollback", "1.2.1")]),
        ("1.2.3", ROLLBACK, (Release(version="1.2.2", deprecated=True), "1.2.1"), [("rollback", "1.2.1")]),
        ("1.2.3-alpine", ROLLBACK, ("1.2.2", "1.1.0-alpine"), [("rollback", "1.1.0-alpine")]),
        ("1.2.3", ROLLBACK, (), []),
        ("latest", ROLLBACK, ("1.2.2",), []),
    ],
)
def test_rollback_prs(
    value: str, policy: Policy, versions: tuple[str | Release, ...], wanted: list[tuple[str, str]]
) -> None:
    """Switched on, a version that is not listed any more is replaced by the newest fit one below it."""
    assert offered(tracked(value, policy=policy), *versions) == wanted


def test_part_of_a_list_shows_no_rollback() -> None:
    """Nothing follows from what a list that is not complete leaves out."""
    listed = Releases(releases=releases("1.2.2").releases, complete=False)
    assert decide(tracked("1.2.3", policy=ROLLBACK), listed, lambda each, *_: each.policy).choices == ()


@pytest.mark.parametrize(
    ("registry", "wanted"),
    [
        (Registry({"1.2.2": Content(digest="sha256:1")}), "1.2.2"),
        (Registry({"1.2.3": Content(digest="sha256:2")}), None),
        (Registry({"1.2.3": Unavailable("x", url="x")}), None),
        (Plain(), "1.2.2"),
    ],
)
async def test_what_can_still_be_had_is_not_rolled_back(registry: Registry | Plain, wanted: str | None) -> None:
    """The registry is asked for the version itself, where it can be; its failure is no proof."""
    made = decide(tracked("1.2.3", policy=ROLLBACK), releases("1.2.2"), lambda each, *_: each.policy).choices
    (result,) = await vetted(made, registry)
    assert (result.update.offer.new_value if result.update is not None else None) == wanted


async def test_names_of_a_rollback() -> None:
    """Branch and title say that it goes back."""
    made = decide(tracked("1.2.3", policy=ROLLBACK), releases("1.2.2"), lambda each, *_: each.policy).choices
    (result,) = await vetted(made)
    assert result.update is not None
    assert result.update.update_type is UpdateType.ROLLBACK
    assert branch_name(result.update) == "updater/ghcr.io-acme-api-rollback"
    assert title([result.update], semantic=False) == "Roll back ghcr.io/acme/api Docker tag to v1.2.2"
