"""Deciding: which releases are offered, in which steps, and why the others are not."""

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from tests.core.made import DIGEST, choices, decided, offered, releases, tracked
from updater.config import Policy
from updater.decide import Decided, Decisions, decide, decide_all
from updater.model.lookup import Release
from updater.model.scan import LockEntry, Package, Span
from updater.model.track import Origin, Tracked, UpdateType

TAGS = ("1.0.1", "1.1.0", "2.0.0", "v3.0.0", "1.1", "1", "latest", "20240101", "deadbeef", "2.1.0-rc.1")


CHARTS = ("6.0.0", "6.5.0", "7.1.0")


@pytest.mark.parametrize(
    ("value", "tags", "wanted"),
    [
        # What users of Renovate know, and where it goes wrong.
        ("1.0.0", TAGS, [("major", "2.0.0"), ("minor", "1.1.0")]),
        ("v1.0.0", (*TAGS, "v1.2.0"), [("major", "v3.0.0"), ("minor", "v1.2.0")]),
        (
            "1.0.0-alpine",
            ("1.5.0", "1.5.0-alpine", "2.0.0-alpine"),
            [("major", "2.0.0-alpine"), ("minor", "1.5.0-alpine")],
        ),
        ("1", TAGS, []),
        ("1.1", TAGS, []),
        ("latest", TAGS, []),
        ("2.1.0-rc0", ("2.1.0-rc1", "2.2.0-rc1"), [("patch", "2.1.0-rc1")]),
        ("2.1.0rc0", ("2.1.0rc1", "v3.0.0"), [("patch", "2.1.0rc1")]),
        ("1.2.0-debian-12-r1", ("1.2.0-debian-12-r3",), [("patch", "1.2.0-debian-12-r3")]),
        ("20230101", ("20240101",), [("major", "20240101")]),
        ("5.2.3", ("20.04.1", "5.2.4"), [("patch", "5.2.4")]),
    ],
)
def test_images(value: str, tags: tuple[str, ...], wanted: list[tuple[str, str]]) -> None:
    """An image goes to the newest stable tag of its own family, majors in a step of their own."""
    assert offered(tracked(value), *tags) == wanted


@pytest.mark.parametrize(
    ("value", "versions", "wanted"),
    [
        ("6.0.0", CHARTS, [("major", "7.1.0"), ("minor", "6.5.0")]),
        ("6.*", CHARTS, [("major", "7.*")]),
        ("^6.0.0", CHARTS, [("major", "^7.0.0")]),
        ("~6.0.0", CHARTS, [("major", "~7.1.0"), ("minor", "~6.5.0")]),
        (">=6.0.0 <7.0.0", CHARTS, [("major", ">=6.0.0 <8.0.0")]),
        ("v6.0.0", CHARTS, [("major", "7.1.0"), ("minor", "6.5.0")]),
        ("*", CHARTS, []),
    ],
)
def test_charts(value: str, versions: tuple[str, ...], wanted: list[tuple[str, str]]) -> None:
    """A range changes only when the new version is outside it, and keeps its style and its other bounds."""
    assert offered(tracked(value, datasource="helm", versioning="helm"), *versions) == wanted


def test_another_way_of_writing_is_said() -> None:
    """Where the repository has no ``v``, none is written, and the decision tells."""
    _, decisions = decided(tracked("v6.0.0", datasource="helm", versioning="helm"), *CHARTS)
    assert [each.reason for each in decisions] == [
        "major; written 7.1.0, as it is published",
        "minor; written 6.5.0, as it is published",
    ]


def test_a_moving_tag_is_answered_with_a_hint() -> None:
    """``latest`` is no version; who wants to follow it is told how."""
    (decision,) = decided(tracked("latest"), "1.0.0", "latest")[1]
    assert decision.reason == "'latest' is not a version; pinDigests would pin what it points at, and follow it"
    assert decided(tracked("latest", pinnable=False), "1.0.0")[1][0].reason == "'latest' is not a version"


def test_another_numbering_is_explained() -> None:
    """A tag of a scheme that the publisher left is not offered, and each one has a decision of its own."""
    _, decisions = decided(tracked("5.2.3"), "20.04.1", "2024.01.5", "5.2.4", "5.2.2", "4.01.1", "24.04")
    assert [(each.subject, each.accepted, each.rule) for each in decisions] == [
        ("1 releases", False, "family"),
        ("2024.01.5", False, "implausible"),
        ("20.04.1", False, "implausible"),
        ("5.2.4", True, None),
    ]
    assert decisions[2].reason == "numbered in another way than 5.2.3: a date, or a scheme that was left or tried once"


def test_an_older_base_is_explained() -> None:
    """A newer version on an older distribution is not offered, and says why."""
    _, decisions = decided(tracked("1.0-alpine3.19"), "1.1-alpine3.18", "1.1-alpine3.20")
    assert [(each.subject, each.rule) for each in decisions] == [("1.1-alpine3.20", None), ("1.1-alpine3.18", "family")]


@pytest.mark.parametrize("version", ["1932.v75cb_b_f1b_698d", "2107.v848422169819"])
def test_counted_versions_may_leap(version: str) -> None:
    """Jenkins' versions made of commits follow any version, however far the number is from the last one."""
    found = tracked("1.24", datasource="jenkins-plugins", versioning="maven")
    assert offered(found, version) == [("major", version)]
    assert offered(found, "1932.0") == []


def test_equal_versions_are_ordered_by_date() -> None:
    """Of tags that differ in the commit alone, the one pushed last is taken, in whichever order they are listed."""
    early = Release(version="1.1.0-gffffff1", published=datetime(2026, 1, 1, tzinfo=UTC))
    late = Release(version="1.1.0-g1111111", published=datetime(2026, 1, 2, tzinfo=UTC))
    for listed in ((early, late), (late, early)):
        assert offered(tracked("1.0.0-gabcdef1"), *listed) == [("minor", "1.1.0-g1111111")]


def test_nothing_newer_is_nothing() -> None:
    """The version in use, older ones and equal ones are not offered, and never a downgrade."""
    assert offered(tracked("2.0.0"), "1.9.9", "2.0.0") == []


def test_the_order_of_releases_does_not_matter() -> None:
    """A registry that answers in another order gets the same decision."""
    assert choices(tracked(), *TAGS) == choices(tracked(), *reversed(TAGS))


def test_steps_can_be_separated_or_joined() -> None:
    """separateMinorPatch, separateMultipleMajor and separateMajorMinor decide what competes for one update."""
    tags = ("1.0.1", "1.1.0", "2.0.0", "3.0.0")
    split = Policy(separate_minor_patch=True, separate_multiple_major=True)

    assert offered(tracked(policy=split), *tags) == [
        ("major", "3.0.0"),
        ("major", "2.0.0"),
        ("minor", "1.1.0"),
        ("patch", "1.0.1"),
    ]
    assert offered(tracked(policy=Policy(separate_major_minor=False)), *tags) == [("major", "3.0.0")]


def test_rules_stop_releases_and_say_so() -> None:
    """Each release that a rule stops leaves a decision with the rule, the reason and the place that set it."""
    origin = Origin(path="renovate.json", line=7)
    policy = Policy(allowed_versions="/^1\\./", origins={"allowed_versions": origin})
    deprecated = Release(version="1.2.0", deprecated=True)
    _, decisions = decided(tracked(policy=policy), "1.1.0", deprecated, "1.3.0-rc.1", "2.0.0", "1.1.0-alpine")
    chain = {each.subject: (each.accepted, each.rule) for each in decisions}

    assert chain == {
        "1 releases": (False, "family"),
        "2.0.0": (False, "allowedVersions"),
        "1.3.0-rc.1": (False, "ignoreUnstable"),
        "1.2.0": (False, "ignoreDeprecated"),
        "1.1.0": (True, None),
    }
    assert next(each.origin for each in decisions if each.subject == "2.0.0") == origin


def test_deprecated_releases_count_if_they_are_wanted() -> None:
    """``ignoreDeprecated``: they are passed over, or offered like any other."""
    releases = ("1.1.0", Release(version="1.2.0", deprecated=True))

    assert offered(tracked(), *releases) == [("minor", "1.1.0")]
    assert offered(tracked(policy=Policy(ignore_deprecated=False)), *releases) == [("minor", "1.2.0")]


def test_a_type_of_update_can_be_switched_off() -> None:
    """``major: {enabled: false}`` stops majors alone."""
    off = {"major": Policy(enabled=False)}
    assert offered(tracked(), "1.1.0", "2.0.0", policies=off) == [("minor", "1.1.0")]


def test_the_registry_can_call_a_version_unstable() -> None:
    """What the registry marks as a prerelease is one, whatever its number looks like."""
    assert offered(tracked(), Release(version="1.1.0", stable=False), "1.0.1") == [("patch", "1.0.1")]


def test_a_digest_may_move_beside_the_version() -> None:
    """A pinned image is offered its newer versions, and its present tag's newer digest."""
    assert offered(tracked(digest=DIGEST), "1.0.0", "1.1.0") == [("minor", "1.1.0"), ("digest", "1.0.0")]


def test_pinning_asks_for_a_digest_where_one_may_be_written() -> None:
    """``pinDigests`` is for tags that have none, in places that can hold one."""
    policy = Policy(pin_digests=True)
    assert offered(tracked(policy=policy), "1.0.0") == [("pinDigest", "1.0.0")]
    assert offered(tracked(policy=policy, pinnable=False), "1.0.0") == []


def test_a_moving_tag_can_be_pinned() -> None:
    """``latest`` is no version, and its digest can be followed all the same."""
    assert offered(tracked("latest", digest=DIGEST), "1.0.0", "latest") == [("digest", "latest")]


def locked(version: str, constraint: str) -> LockEntry:
    return LockEntry(
        manager="terraform-lock",
        path="terraform/.terraform.lock.hcl",
        line=3,
        package=Package(datasource="terraform-provider", name="hashicorp/aws"),
        version=version,
        version_span=Span(0, 1),
        constraints=constraint,
    )


def test_a_locked_version_is_the_one_in_use() -> None:
    """Within the range only the lock file moves; beyond it the range moves, too."""
    found = tracked(
        "~> 5.31",
        datasource="terraform-provider",
        versioning="hashicorp",
        lock=locked("5.31.0", "~> 5.31"),
    )
    made = choices(found, "5.31.0", "5.40.0", "6.2.0")

    assert [(str(each.offers[0].update_type), each.offers[0].version, each.offers[0].new_value) for each in made] == [
        ("major", "6.2.0", "~> 6.2"),
        ("minor", "5.40.0", "~> 5.31"),
    ]


def test_pinning_a_range() -> None:
    """``rangeStrategy: pin`` writes the version that the range admits now."""
    found = tracked("^6.0.0", datasource="helm", versioning="helm", policy=Policy(range_strategy="pin"))
    assert offered(found, "6.0.0", "6.5.0") == [("pin", "6.5.0")]


def test_part_of_a_release_name_can_be_the_version() -> None:
    """``extractVersion`` reads the version out of what the registry offers; what it does not match is left out."""
    found = tracked("1.0.0", versioning="semver", policy=Policy(extract_version="^chart-(?<version>.+)$"))
    assert offered(found, "chart-1.1.0", "other-1.2.0", "1.3.0") == [("minor", "1.1.0")]


def test_a_pattern_that_cannot_be_used_is_a_decision() -> None:
    """What RE2 refuses ends this dependency with a reason, not the run."""
    found = tracked("1.0.0", policy=Policy(extract_version="(?=x)"))
    made, decisions = decided(found, "1.1.0")

    assert made == ()
    assert [each.rule for each in decisions] == ["extractVersion"]


# ---------------------------------------------------------------- many at once, and no more than is looked at


class Counting:
    """Policies, counting how often one was asked for."""

    def __init__(self) -> None:
        self.asked = 0

    def __call__(self, found: Tracked, _kind: UpdateType, _version: str, _value: str | None) -> Policy:
        self.asked += 1
        return found.policy


def decided_together(*dependencies: Tracked, by_version: bool = False) -> Sequence[Decided | None]:
    answers = {tracked().package: releases(*TAGS)}
    return decide_all(dependencies, answers, Counting(), by_version=by_version)


def test_many_are_decided_as_each_alone() -> None:
    """What is shared between dependencies of a package changes nothing; their order stays."""
    dependencies = [
        tracked("1.0.0"),
        tracked("1.0.0", path="apps/staging/api.yaml"),
        tracked("1.0.0", name="unknown"),
        tracked("v1.0.0"),
    ]
    made = decided_together(*dependencies)

    assert [each is None for each in made] == [False, False, True, False]
    for found, one in zip(dependencies, made, strict=True):
        alone = decide(found, releases(*TAGS), Counting())
        assert one is None or (one.choices, one.decisions) == (alone.choices, alone.decisions)
        assert one is None or all(choice.tracked is found for choice in one.choices)


def test_offers_are_made_when_looked_at() -> None:
    """The first offer of a choice costs no more than itself; the others are there all the same."""
    count = Counting()
    (choice,) = decide(tracked("1.0.0", policy=SLOW), releases(*(f"1.{n}.0" for n in range(1, 50))), count).choices
    asked = count.asked
    assert (choice.offers[0].version, count.asked) == ("1.49.0", asked)
    assert choice.offers[1].version == "1.48.0"
    assert (len(choice.offers), choice.offers[-1].version) == (49, "1.1.0")
    assert count.asked == asked + 48


SLOW = Policy(separate_minor_patch=True)


def test_policies_of_a_type_are_asked_for_once() -> None:
    """Where policies cannot depend on the version, the number of releases makes no difference to them."""
    count, found = Counting(), tracked("1.0.0")
    many = {found.package: releases(*(f"1.{n}.0" for n in range(1, 50)))}
    (made,) = decide_all([found], many, count, by_version=False)
    assert made is not None
    assert len(made.choices[0].offers) == 49
    assert count.asked == len(UpdateType)


def test_decisions_are_made_when_read() -> None:
    """A run that nobody asks for reasons makes none."""
    read: list[str] = []
    found = tracked("1.0.0")

    def explain() -> tuple[()]:
        read.append("once")
        return ()

    decisions = Decisions({found.dependency: explain})
    assert (list(decisions), len(decisions), read) == ([found.dependency], 1, [])
    assert (decisions[found.dependency], read) == ((), ["once"])
