"""Versions of GitLab's components: partial ones are ranges."""

import pytest

from updater import versioning

SCHEME = versioning.get("semver-partial")


@pytest.mark.parametrize(
    ("value", "version", "expected"),
    [
        ("1", "1.9.0", None),
        ("1", "2.3.4", "2"),
        ("1.2", "1.3.5", "1.3"),
        ("v1.2", "2.0.1", "v2.0"),
        ("1.2.3", "1.2.4", "1.2.4"),
        ("1.2.3", "v1.2.4", "v1.2.4"),
        ("~latest", "9.9.9", None),
        ("main", "1.0.0", None),
    ],
)
def test_the_precision_stays(value: str, version: str, expected: str | None) -> None:
    """A partial version moves as far as it is written; ``~latest`` never does."""
    assert SCHEME.new_value(value, None, version, "replace") == expected


@pytest.mark.parametrize(
    ("value", "version", "expected"),
    [
        ("1", "1.9.0", True),
        ("1", "2.0.0", False),
        ("1", "1.9.0-rc.1", False),
        ("1.2", "1.2.7", True),
        ("~latest", "3.0.0", True),
        ("1.2.3", "1.2.3", True),
        ("1.2.3-rc.1", "1.2.3-rc.1", True),
    ],
)
def test_what_a_value_admits(value: str, version: str, *, expected: bool) -> None:
    """A partial version is the newest that begins like it; prereleases are only meant where one is written."""
    assert SCHEME.matches(version, value) is expected


@pytest.mark.parametrize("value", ["1", "1.2", "~latest"])
def test_partial_values_are_no_single_versions(value: str) -> None:
    """They are valid, and what they stand for is found among the releases."""
    assert SCHEME.is_valid(value)
    assert not SCHEME.is_single(value)


@pytest.mark.parametrize("value", ["", "1.", "01", "1.2.x", "~1", "latest", "1.2.3.4", "1-rc.1"])
def test_what_is_no_value(value: str) -> None:
    """There are no other ranges."""
    assert not SCHEME.is_valid(value)
