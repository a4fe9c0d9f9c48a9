"""Semantic versions, strict and coerced."""

from itertools import pairwise

import pytest

from updater import versioning
from updater.versioning.semver import SCHEME

COERCED = versioning.get("semver-coerced")


@pytest.mark.parametrize("version", ["1.2.3", "v1.2.3", "0.0.0", "1.2.3-rc.1", "1.2.3-0a.b-c", "1.2.3+b.01", "1.2.3--"])
def test_semantic_versions(version: str) -> None:
    """Three numbers, with or without v, prerelease and build metadata."""
    assert SCHEME.is_valid(version)


@pytest.mark.parametrize(
    "version", ["", "1", "1.2", "1.2.3.4", "01.2.3", "1.2.3-01", "1.2.3-", "1.2.3-a..b", "V1.2.3", "=1.2.3", " 1.2.3"]
)
def test_no_semantic_versions(version: str) -> None:
    """Missing numbers, leading zeros and empty identifiers are not allowed."""
    assert not SCHEME.is_valid(version)


def test_precedence() -> None:
    """The order is that of https://semver.org/#spec-item-11; build metadata counts for nothing."""
    ascending = [
        "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2", "1.0.0-beta.11",
        "1.0.0-rc.1", "1.0.0", "2.0.0", "2.1.0", "2.1.1",
    ]  # fmt: skip
    assert all(SCHEME.key(lower) < SCHEME.key(higher) for lower, higher in pairwise(ascending))
    assert SCHEME.key("1.0.0+a") == SCHEME.key("v1.0.0+b")


@pytest.mark.parametrize(
    ("version", "components", "stable"),
    [
        ("v1", (1, 0, 0), True),
        ("1.2", (1, 2, 0), True),
        ("1.2.3.4", (1, 2, 3), True),
        ("release-1.2.3", (1, 2, 3), True),
        ("1.2.3rc1", (1, 2, 3), False),
        ("1.2.3.beta2", (1, 2, 3), False),
        ("v1.2-rc.1", (1, 2, 0), False),
        ("1.2.3+build-5", (1, 2, 3), True),
        ("5.0.1.Final", (5, 0, 1), True),
    ],
)
def test_coercion(version: str, components: tuple[int, int, int], *, stable: bool) -> None:
    """The first number begins the version; what is missing is zero."""
    assert COERCED.components(version) == components
    assert COERCED.is_stable(version) is stable


@pytest.mark.parametrize("version", ["", "latest", "1a2b3c4", "deadbeef"])
def test_nothing_to_coerce(version: str) -> None:
    """Words and commit ids contain no version."""
    assert not COERCED.is_valid(version)


@pytest.mark.parametrize(
    ("version", "current", "expected"),
    [
        ("v2.0.0", "1.0.0", True),
        ("2.0", "v1.0.0", True),
        ("chart-2.0.0", "chart-1.0.0", True),
        ("chart-2.0.0", "app-1.0.0", False),
        ("nightly-20240101", "1.0.0", False),
        ("20240101", "1.0.0", False),
        ("2024.01.01", "1.0.0", False),
    ],
)
def test_coerced_families(version: str, current: str, *, expected: bool) -> None:
    """Tags of other things, and dates among versions, do not follow; a v more or less does not matter."""
    assert COERCED.is_compatible(version, current) is expected


def test_coerced_prereleases_are_compared_naturally() -> None:
    """rc10 comes after rc9."""
    ascending = ["1.0.0-alpha", "1.0.0-rc9", "1.0.0-rc10", "1.0.0", "1.0.1rc1"]
    assert all(COERCED.key(lower) < COERCED.key(higher) for lower, higher in pairwise(ascending))


@pytest.mark.parametrize(
    ("version", "range_", "expected"),
    [
        ("1.25.3-alpine", "<2", True),
        ("v2.1", "<2", False),
        ("1.0.0-rc.1", "1.0.0-rc.1", True),
        ("1.0", "v1.0.0", True),
        ("1.0", "1.1", False),
    ],
)
def test_ranges_for_allowed_versions(version: str, range_: str, *, expected: bool) -> None:
    """Ranges apply to major, minor and patch; a version matches its equals."""
    assert COERCED.matches(version, range_) is expected
