"""Maven's order of versions, and what Jenkins makes of it."""

from itertools import combinations

import pytest

from updater import versioning

SCHEME = versioning.get("maven")

ASCENDING = [
    "1-alpha", "1-alpha-1", "1a2", "1-alpha10", "1-beta", "1-M1", "1-rc", "1-rc2", "1-SNAPSHOT",
    "1", "1-sp", "1-sp-1", "1-foo2", "1-foo10", "1-1", "1.1", "1.1.1", "10",
    "1932.v75cb_b_f1b_698d", "1940.v1fc7fb_2b_47cd",
]  # fmt: skip


@pytest.mark.parametrize(("lower", "higher"), list(combinations(ASCENDING, 2)))
def test_order(lower: str, higher: str) -> None:
    """Each of these comes before all that stand behind it."""
    assert SCHEME.key(lower) < SCHEME.key(higher)


@pytest.mark.parametrize(
    "versions",
    [
        ["1", "1.0", "1-0", "1.ga", "1-ga", "1.0.0", "1.Final", "1.0.RELEASE"],
        ["1.foo", "1-foo", "1-FOO"],
        ["1-a1", "1-alpha-1", "1alpha1"],
        ["1.0-alpha", "1-alpha", "1.0.alpha"],
        ["1-rc1", "1-cr1"],
        ["1-x.0-1", "1-x-1"],
    ],
)
def test_equal_versions(versions: list[str]) -> None:
    """Zeros at the end, words for "the release itself" and ways of writing make no difference."""
    assert len({SCHEME.key(version) for version in versions}) == 1


@pytest.mark.parametrize(
    ("version", "stable"),
    [
        ("1.0", True),
        ("1932.v75cb_b_f1b_698d", True),
        ("511.v0a_a_1a_334f41b_", True),
        ("1.0.Final", True),
        ("1.0-sp2", True),
        ("1.0-SNAPSHOT", False),
        ("3.0.0-M1", False),
        ("1.0-preview-2", False),
        ("latest", False),
    ],
)
def test_stability(version: str, *, stable: bool) -> None:
    """Prereleases are known by their words; a commit id holds none."""
    assert SCHEME.is_stable(version) is stable


@pytest.mark.parametrize(
    ("version", "current", "expected"),
    [
        ("32.0-jre", "31.1-jre", True),
        ("32.0-android", "31.1-jre", False),
        ("32.0", "31.1-jre", False),
        ("1932.v75cb_b_f1b_698d", "1.47", True),
        ("4.5.14-208.v438351942757", "4.5.13-1.0", True),
        ("2.0-rc1", "1.0", True),
        ("2.0.Final", "1.0", True),
    ],
)
def test_families(version: str, current: str, *, expected: bool) -> None:
    """Words that tell builds apart stay; those of a stage or of a commit may come and go."""
    assert SCHEME.is_compatible(version, current) is expected


@pytest.mark.parametrize("text", ["", "latest", "[1.0,2.0)", "1.0 beta", "incrementals;org.example;1.0"])
def test_no_versions(text: str) -> None:
    """Ranges and words alone are not understood."""
    assert not SCHEME.is_valid(text)
