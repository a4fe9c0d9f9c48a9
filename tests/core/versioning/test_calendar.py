"""Versions that are dates, and releases of distributions."""

import pytest

from updater import versioning

CALVER, DEBIAN, UBUNTU = versioning.get("calver"), versioning.get("debian"), versioning.get("ubuntu")


@pytest.mark.parametrize(
    ("version", "components"),
    [
        ("2024.10.1", (2024, 10, 1)),
        ("2024-10-01", (2024, 10, 1)),
        ("20241001", (2024, 10, 1)),
        ("20241001.3", (2024, 10, 1)),
        ("24.10", (24, 10, 0)),
        ("v24.10.2", (24, 10, 2)),
        ("2024.1.0-alpine", (2024, 1, 0)),
        ("2024.10.0b3", (2024, 10, 0)),
    ],
)
def test_dates(version: str, components: tuple[int, int, int]) -> None:
    """Year, month and the next number are major, minor and patch, however they are written."""
    assert CALVER.components(version) == components


@pytest.mark.parametrize(
    "text", ["5.2.3", "2024.13", "2024", "202410", "1.2", "24.0", "2024.10.1-1a2b3c4", "20241301", ""]
)
def test_no_dates(text: str) -> None:
    """What could not be a date is no version: a month over 12, one digit for a year."""
    assert not CALVER.is_valid(text)


@pytest.mark.parametrize(
    ("current", "version", "expected"),
    [
        ("2024.9.1", "2024.10.0", True),
        ("24.3", "24.3.1", True),
        ("24.3.1", "25.0.1", False),
        ("2024.10", "2025.01", True),
        ("20240930", "20241001", True),
        ("2024.9", "2024.09", False),
        ("20240930", "2024.10.1", False),
        ("24.10", "2024.10", False),
        ("v24.9", "24.10", False),
        ("2024.9.0-alpine", "2024.10.0", False),
    ],
)
def test_the_form_stays(current: str, version: str, *, expected: bool) -> None:
    """Digits of the year, padding, separators, prefix and suffix are those of the version in use."""
    assert CALVER.is_compatible(version, current) is expected


def test_a_beta_comes_before_its_release() -> None:
    """Prereleases are known by their words and sort before the release."""
    assert not CALVER.is_stable("2024.10.0b3")
    assert CALVER.key("2024.10.0b3") < CALVER.key("2024.10.0b10") < CALVER.key("2024.10.0") < CALVER.key("2024.10.1")


@pytest.mark.parametrize(
    ("name", "current", "version", "expected"),
    [
        ("ubuntu", "jammy", "noble", True),
        ("ubuntu", "22.04", "24.04", True),
        ("ubuntu", "22.04", "noble", False),
        ("ubuntu", "22.04", "noble-20241011", False),
        ("ubuntu", "jammy-20240101", "noble-20241011", True),
        ("ubuntu", "22.04", "24.04.1", False),
        ("debian", "bullseye", "bookworm", True),
        ("debian", "bullseye-slim", "bookworm-slim", True),
        ("debian", "bullseye-slim", "bookworm", False),
        ("debian", "11", "12", True),
        ("debian", "11.9", "12.5", True),
        ("debian", "11", "12.5", False),
        ("debian", "bookworm-20240101-slim", "bookworm-20240201-slim", True),
    ],
)
def test_names_follow_names(name: str, current: str, version: str, *, expected: bool) -> None:
    """Whoever writes a name, a number, a date or a variant goes on doing so; what follows is newer."""
    scheme = versioning.get(name)
    assert scheme.is_compatible(version, current) is expected
    assert scheme.key(version) > scheme.key(current)


@pytest.mark.parametrize(
    ("name", "version", "stable"),
    [
        ("ubuntu", "24.04", True),
        ("ubuntu", "noble", True),
        ("ubuntu", "24.10", False),
        ("ubuntu", "oracular", False),
        ("ubuntu", "25.04", False),
        ("debian", "trixie", True),
        ("debian", "13", True),
        ("debian", "forky", False),
    ],
)
def test_what_is_for_production(name: str, version: str, *, stable: bool) -> None:
    """Ubuntu's releases with long-term support are stable, and Debian's that were made."""
    assert versioning.get(name).is_stable(version) is stable


@pytest.mark.parametrize(
    "text", ["latest", "rolling", "devel", "stable", "testing", "sid", "oldstable", "bookworms", "24", ""]
)
def test_names_that_move_are_no_versions(text: str) -> None:
    """What means another release next year cannot be followed by one."""
    assert not UBUNTU.is_valid(text)
    assert text == "24" or not DEBIAN.is_valid(text)
