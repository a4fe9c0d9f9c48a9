"""Tags of actions: floating ones beside full versions."""

import pytest

from updater import versioning

SCHEME = versioning.get("github-actions")


def best(current: str, tags: list[str]) -> str | None:
    """The highest of the tags that may follow, as the core chooses it."""
    newer = [tag for tag in tags if SCHEME.is_compatible(tag, current) and SCHEME.key(tag) > SCHEME.key(current)]
    return max(newer, key=SCHEME.key, default=None)


@pytest.mark.parametrize(
    ("current", "tags", "expected"),
    [
        ("v4", ["v4", "v4.1.2", "v4.2", "v5", "v5.0.1"], "v5"),
        ("v4", ["v4", "v4.1.2", "v4.2.0"], None),
        ("v4", ["v5.0", "v5.0.1"], "v5.0"),
        ("v4", ["v5.0.0", "v5.0.1"], "v5.0.1"),
        ("v4.1", ["v4", "v4.1.9", "v4.2", "v4.2.1", "v5"], "v4.2"),
        ("v4.1.2", ["v4", "v4.1", "v4.2.0", "v5"], "v4.2.0"),
        ("v4.1.2", ["v5", "v5.1"], None),
        ("4", ["v5"], "v5"),
        ("setup/v1", ["v3", "setup/v2", "build/v4"], "setup/v2"),
        ("v2", ["20240131", "release-v9"], None),
    ],
)
def test_what_follows(current: str, tags: list[str], expected: str | None) -> None:
    """A floating tag follows a floating one, a longer tag where there is none, and only full ones follow full ones."""
    assert best(current, tags) == expected


def test_prereleases() -> None:
    """A hyphen makes a prerelease, of floating tags as well, and it comes before the release."""
    assert SCHEME.is_stable("v6")
    assert not SCHEME.is_stable("v6-beta")
    assert SCHEME.key("v6-beta") < SCHEME.key("v6")


@pytest.mark.parametrize(
    "text", ["main", "release/v1.x", "v1.2.3.4", "", "v", "11bd71901bbe5b1630ceea73d27597364c9af683"]
)
def test_no_versions(text: str) -> None:
    """Branches and commits are no versions."""
    assert not SCHEME.is_valid(text)


def test_numbers_left_out_are_zero() -> None:
    """How far an update goes is told by the numbers that are written."""
    assert SCHEME.components("v4") == (4, 0, 0)
    assert SCHEME.components("v4.1") == (4, 1, 0)
    assert SCHEME.new_value("v4", "v4", "v5", "replace") == "v5"
