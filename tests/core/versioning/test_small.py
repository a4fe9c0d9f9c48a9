"""The small schemes: loose, kubernetes-api, exact, git, and those of a pattern."""

from itertools import pairwise

import pytest

from updater import versioning

LOOSE, API = versioning.get("loose"), versioning.get("kubernetes-api")
EXACT, GIT = versioning.get("exact"), versioning.get("git")


def test_loose_order() -> None:
    """Missing numbers sort lower, anything behind the numbers sorts before them, numbers in it count by value."""
    ascending = ["1.2", "1.2.0-b9", "1.2.0-b10", "1.2.0", "1.2.0.1", "v1.10"]
    assert all(LOOSE.key(lower) < LOOSE.key(higher) for lower, higher in pairwise(ascending))


@pytest.mark.parametrize("text", ["", "latest", "1a2b3c4d", "1.2.3.4.5.6.7", "1.0 beta", "release-1.0"])
def test_no_loose_versions(text: str) -> None:
    """A loose version begins with up to six numbers and has no spaces; commit ids have none."""
    assert not LOOSE.is_valid(text)


def test_loose_numbering_is_kept() -> None:
    """Dates do not follow versions; prereleases are known by their words."""
    assert not LOOSE.is_compatible("20240101", "1.2.3")
    assert LOOSE.is_compatible("2.0", "1.2.3")
    assert not LOOSE.is_stable("1.2.3-beta1")
    assert LOOSE.is_stable("1.2.3-b1x")


def test_kubernetes_api_order() -> None:
    """Alpha, beta and stable of one version come before the next."""
    ascending = ["v1alpha1", "v1alpha2", "v1beta1", "v1", "v2beta2", "v2", "v10"]
    assert all(API.key(lower) < API.key(higher) for lower, higher in pairwise(ascending))


@pytest.mark.parametrize(
    ("version", "current", "expected"),
    [
        ("apps/v1", "apps/v1beta1", True),
        ("v1", "v1beta1", True),
        ("policy/v1", "apps/v1beta1", False),
        ("apps/v1", "v1", False),
        ("cert-manager.io/v1", "cert-manager.io/v1alpha2", True),
        ("apps/1", "apps/v1", False),
    ],
)
def test_kubernetes_api_groups(version: str, current: str, *, expected: bool) -> None:
    """Only versions of the same group follow each other."""
    assert API.is_compatible(version, current) is expected


def test_kubernetes_api_versions_count_as_their_number() -> None:
    """From beta to stable is no major step, and only stable is stable."""
    assert API.components("apps/v1beta2") == API.components("apps/v1") == (1, 0, 0)
    assert API.is_stable("apps/v1")
    assert not API.is_stable("apps/v1beta2")


def test_exact_values_never_change() -> None:
    """Any text is a version, and nothing but itself follows it."""
    assert EXACT.is_valid("main")
    assert not EXACT.is_valid("two words")
    assert not EXACT.is_compatible("1.1", "1.0")
    assert EXACT.matches("1.0", "1.0")
    assert not EXACT.matches("1.0", "<2")


def test_commits_do_not_follow_each_other() -> None:
    """A commit id is a version without order; a branch is none."""
    one, other = "1234567", "89abcdef" * 5
    assert GIT.is_valid(one)
    assert GIT.is_valid(other)
    assert not GIT.is_valid("main")
    assert not GIT.is_compatible(other, one)
    assert GIT.matches(one, one)
    assert not GIT.matches(other, one)


def test_a_pattern_of_the_user() -> None:
    """Groups order versions, make prereleases and keep families apart."""
    scheme = versioning.get(
        r"regex:^(?<compatibility>[a-z]+)-v?(?<major>\d+)\.(?<minor>\d+)(?:\.(?<patch>\d+))?"
        r"(?:_(?<build>\d+))?(?:~(?<revision>\d+))?(?:-(?<prerelease>.+))?$"
    )
    ascending = ["x-1.9", "x-v1.10-rc9", "x-1.10-rc10", "x-1.10", "x-1.10_1", "x-1.10_1~2", "x-1.10.1"]

    assert all(scheme.key(lower) < scheme.key(higher) for lower, higher in pairwise(ascending))
    assert scheme.is_compatible("x-2.0", "x-1.0")
    assert not scheme.is_compatible("y-2.0", "x-1.0")
    assert not scheme.is_stable("x-1.10-rc9")
    assert scheme.components("x-1.10") == (1, 10, 0)
    assert not scheme.is_valid("1.0")


def test_groups_that_hold_no_numbers() -> None:
    """A pattern that takes a word for a number finds no version in it."""
    scheme = versioning.get(r"regex:^(?<major>\w+)$")
    assert scheme.is_valid("12")
    assert not scheme.is_valid("twelve")
    assert not scheme.is_valid("\udcff")
