"""Versions that stand for their major version."""

import pytest

from updater import versioning

SCHEME = versioning.get("same-major")


@pytest.mark.parametrize(
    ("version", "expected"), [("6.0.300", True), ("6.1.0", True), ("6.0.299", False), ("7.0.0", False), ("x", False)]
)
def test_what_is_meant(version: str, *, expected: bool) -> None:
    """A version means itself and what comes later in its major version."""
    assert SCHEME.matches(version, "6.0.300") is expected


@pytest.mark.parametrize(
    ("version", "strategy", "written"),
    [
        ("6.0.400", "replace", None),
        ("8.0.100", "replace", "8.0.100"),
        ("6.0.400", "bump", "6.0.400"),
        ("6.0.400", "widen", None),
        ("junk", "replace", None),
    ],
)
def test_only_a_major_version_is_written(version: str, strategy: str, written: str | None) -> None:
    """What rolls forward by itself needs no update, unless each is asked for."""
    assert SCHEME.new_value("6.0.300", None, version, strategy) == written


def test_ranges_of_npm_can_be_allowed() -> None:
    """``allowedVersions`` may hold a range."""
    assert SCHEME.matches("6.1.0", "<7")
    assert not SCHEME.matches("8.0.0", "<7")
