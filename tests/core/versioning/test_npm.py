"""Ranges of npm."""

import pytest

from updater.versioning.npm import SCHEME


@pytest.mark.parametrize(
    ("range_", "inside", "outside"),
    [
        ("1.2.3", "1.2.3", "1.2.4"),
        ("=1.2.3", "v1.2.3", "1.2.2"),
        ("1.2", "1.2.9", "1.3.0"),
        ("1.x", "1.9.9", "2.0.0"),
        ("*", "0.0.0", "1.0.0-rc.1"),
        ("^1.2.3", "1.9.0", "2.0.0"),
        ("^0.2.3", "0.2.9", "0.3.0"),
        ("^0.0.3", "0.0.3", "0.0.4"),
        ("^0.0", "0.0.9", "0.1.0"),
        ("^0.x", "0.9.0", "1.0.0"),
        ("~1.2.3", "1.2.9", "1.3.0"),
        ("~1", "1.9.0", "2.0.0"),
        ("~>1.2", "1.2.9", "1.3.0"),
        (">1.2", "1.3.0", "1.2.9"),
        (">=1.2", "1.2.0", "1.1.9"),
        ("<1.2", "1.1.9", "1.2.0"),
        ("<=1.2", "1.2.9", "1.3.0"),
        ("<=1.2.3", "1.2.3", "1.2.4"),
        ("> 1.2.3 < 2", "1.2.4", "1.2.3"),
        ("1.2.3 - 2.3", "2.3.9", "2.4.0"),
        ("1.2 - 2.0.0", "1.2.0", "2.0.1"),
        ("1 || 3", "3.1.0", "2.0.0"),
        ("^1.0.0-rc.1", "1.0.0-rc.2", "1.1.0-rc.1"),
        (">=1.0.0-rc.1 <2", "1.0.0-rc.1", "1.0.0-beta"),
        ("^1.0.0-rc.1", "1.5.0", "2.0.0-alpha"),
        ("<2.0.0-0", "1.9.0", "2.0.0-alpha"),
    ],
)
def test_what_a_range_admits(range_: str, inside: str, outside: str) -> None:
    """The ranges mean what https://github.com/npm/node-semver#ranges says."""
    assert SCHEME.is_valid(range_)
    assert SCHEME.matches(inside, range_)
    assert not SCHEME.matches(outside, range_)


@pytest.mark.parametrize("range_", [">*", "<*", "<0.0.0"])
def test_ranges_that_admit_nothing(range_: str) -> None:
    """Beyond everything, and below the first version, there is nothing."""
    assert not any(SCHEME.matches(version, range_) for version in ("0.0.0", "1.0.0", "99.0.0"))


@pytest.mark.parametrize(
    "text",
    ["", "latest", "^", "1.2.3,2", "!=1.2.3", "=>1.2", "^01.2.3", "1.2-beta", "^^1", "1 ||", "1 - 2 - 3", "1-2", "~=1"],
)
def test_no_ranges(text: str) -> None:
    """Tags, foreign operators, commas and empty alternatives are not ranges of npm."""
    assert not SCHEME.is_valid(text)
    assert not SCHEME.matches("1.2.3", text)


@pytest.mark.parametrize(("text", "single"), [("1.2.3", True), ("= 1.2.3", True), ("1.2", False), ("^1.2.3", False)])
def test_single_versions(text: str, *, single: bool) -> None:
    """A whole version is one version, with or without an equals sign."""
    assert SCHEME.is_single(text) is single


def test_a_value_that_is_one_version_is_read_as_it() -> None:
    """What reads versions also reads ``= 1.2.3``, which names one, but no range."""
    assert SCHEME.key("= 1.2.3") == SCHEME.key("1.2.3")
    with pytest.raises(ValueError, match="no npm version"):
        SCHEME.key("^1.2.3")


@pytest.mark.parametrize(
    ("current", "new", "strategy", "written"),
    [
        ("^1.0.0", "1.2.0", "replace", None),
        ("^1.4.0", "2.1.3", "replace", "^2.0.0"),
        ("^0.2.3", "0.3.1", "replace", "^0.3.0"),
        ("^0.0.3", "0.0.5", "replace", "^0.0.5"),
        ("^1", "2.1.3", "replace", "^2"),
        ("^v1.0.0", "v2.3.4", "replace", "^v2.0.0"),
        ("^1.0.0", "2.0.0-rc.2", "replace", "^2.0.0-rc.2"),
        ("~1.2.3", "1.4.5", "replace", "~1.4.0"),
        ("~1.2", "2.4.5", "replace", "~2.4"),
        ("1.2.x", "2.3.4", "replace", "2.3.x"),
        ("1.X.X", "2.3.4", "replace", "2.X.X"),
        (">=1.0.0 <2.0.0", "2.5.0", "replace", ">=1.0.0 <3.0.0"),
        (">=1.0.0  < 2.0.0", "2.5.0", "replace", ">=1.0.0  < 3.0.0"),
        (">=1.0.0 <1.2.0", "2.5.1", "replace", ">=1.0.0 <2.6.0"),
        ("<=1.2.3", "2.5.1", "replace", "<=2.5.1"),
        ("<=1", "2.5.1", "replace", "<=2"),
        ("<2.0.0-0", "2.5.1", "replace", "<3.0.0-0"),
        ("1.2.3 - 2.0.0", "2.3.4", "replace", "1.2.3 - 2.3.4"),
        ("1 || 2", "3.1.0", "replace", "1 || 2 || 3"),
        ("1||2", "3.1.0", "replace", "1||2||3"),
        (">=1 <2 || >=3 <4", "4.2.0", "replace", ">=1 <2 || >=3 <5"),
        (">=2.0.0", "1.0.0", "replace", None),
        ("*", "9.0.0", "replace", None),
        ("^1.0.0", "1.5.0-rc.1", "replace", None),
        ("^1.0.0", "2.1.0", "widen", "^1.0.0 || ^2.0.0"),
        ("~1.2.0", "1.3.4", "widen", "~1.2.0 || ~1.3.0"),
        (">=1.0.0 <2.0.0", "2.5.0", "widen", ">=1.0.0 <3.0.0"),
        ("^1.0.0", "1.2.0", "widen", None),
        ("^1.0.0", "1.2.0", "bump", "^1.2.0"),
        ("^1.0.0", "2.3.1", "bump", "^2.3.1"),
        ("~1.2.0", "1.2.5", "bump", "~1.2.5"),
        (">=1.0.0 <2.0.0", "1.5.0", "bump", ">=1.5.0 <2.0.0"),
        (">=1 <2", "2.5.0", "bump", ">=2 <3"),
        ("^1.0.0 || ^2.0.0", "2.5.0", "bump", "^1.0.0 || ^2.5.0"),
        ("1.2.3 - 2.0.0", "1.3.4", "bump", "1.3.4 - 2.0.0"),
        ("^1.0.0-rc.1", "1.0.0-rc.2", "bump", "^1.0.0-rc.2"),
        ("^1.0.0", "1.2.4+build", "bump", "^1.2.4"),
        ("^1", "1.2.0", "bump", None),
        ("1.x", "1.5.0", "bump", None),
        ("*", "9.0.0", "bump", None),
        ("^1.0.0", "1.2.0", "pin", "1.2.0"),
        ("*", "1.2.0", "pin", "1.2.0"),
        ("=1.2.3", "2.0.0", "widen", "=2.0.0"),
        ("1.2.3", "2.0.0", "bump", "2.0.0"),
        ("1.2.3", "v2.0.0", "pin", "v2.0.0"),
        ("1.2.3", "1.2.3", "replace", None),
        ("latest", "1.0.0", "replace", None),
        ("^1.0.0", "latest", "pin", None),
    ],
)
def test_new_value(current: str, new: str, strategy: str, written: str | None) -> None:
    """Ranges follow a new version in the user's style; a single version becomes what is published."""
    assert SCHEME.new_value(current, None, new, strategy) == written
