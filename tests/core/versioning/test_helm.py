"""Versions of Helm charts: where they differ from npm's."""

import pytest

from updater.versioning.helm import SCHEME


@pytest.mark.parametrize(
    ("range_", "inside", "outside"),
    [
        (">= 1.2, < 3.0.0 || >= 4.2.3", "1.2.0", "3.5.0"),
        (">=1.2,<3", "2.9.9", "3.0.0"),
        (">= 1.2 < 3", "2.9.9", "3.0.0"),
        ("1.2 - 1.4.5", "1.4.5", "1.4.6"),
        ("<= 2.x", "2.9.0", "3.0.0"),
        ("=>1.2.0", "1.2.0", "1.1.0"),
        ("=<1.2.0", "1.2.0", "1.2.1"),
        ("!=1.2.x", "1.3.0", "1.2.5"),
        (">1.0.0, !=1.5.0", "1.5.1", "1.5.0"),
        (">=1.0.0-0", "1.5.0-rc.1", "0.9.0"),
        (">1.0.0-beta.1 <2", "1.5.0-rc.1", "1.0.0-alpha"),
        (">=1.19-0", "1.20.0-rc.1", "1.18.0"),
        (">=1.0.0", "1.0.0", "1.5.0-rc.1"),
        ("^1.0.0", "v1.4.0", "2.0.0"),
        ("6.*", "6.5", "7.1.0"),
    ],
)
def test_what_a_range_admits(range_: str, inside: str, outside: str) -> None:
    """The ranges mean what Helm says: commas are "and", ``!=`` excludes, one prerelease admits them all."""
    assert SCHEME.is_valid(range_)
    assert SCHEME.matches(inside, range_)
    assert not SCHEME.matches(outside, range_)


@pytest.mark.parametrize(
    ("current", "new", "strategy", "written"),
    [
        ("6.0.0", "6.5.0", "replace", "6.5.0"),
        ("v6.0.0", "6.5.0", "replace", "6.5.0"),
        ("6.0.0", "v6.5.0", "replace", "v6.5.0"),
        ("6.*", "7.1.0", "replace", "7.*"),
        ("^6.0.0", "7.1.0", "replace", "^7.0.0"),
        ("~6.0.0", "6.5.0", "replace", "~6.5.0"),
        ("~6.0.0", "7.1.0", "replace", "~7.1.0"),
        (">=6.0.0 <7.0.0", "7.1.0", "replace", ">=6.0.0 <8.0.0"),
        (">=6.0.0, <7.0.0", "7.1.0", "replace", ">=6.0.0, <8.0.0"),
        (">= 6.0.0,< 7.0.0", "7.1.0", "replace", ">= 6.0.0,< 8.0.0"),
        (">=6.0.0, !=6.3.0, <7.0.0", "7.1.0", "replace", ">=6.0.0, !=6.3.0, <8.0.0"),
        (">=6.0.0-0 <7.0.0-0", "7.1.0-rc.1", "replace", ">=6.0.0-0 <8.0.0-0"),
        (">=6.0.0, !=7.1.0, <7.0.0", "7.1.0", "replace", None),
        ("*", "7.1.0", "replace", None),
        ("^6.0.0", "7.1.0", "widen", "^6.0.0 || ^7.0.0"),
        ("^6.0.0", "6.5.0", "bump", "^6.5.0"),
        ("2024.01.1", "2024.02.3", "replace", "2024.02.3"),
    ],
)
def test_new_value(current: str, new: str, strategy: str, written: str | None) -> None:
    """A pin becomes the version that the repository has; a range keeps its clauses, spaces and commas."""
    assert SCHEME.new_value(current, None, new, strategy) == written


def test_versions_may_be_short() -> None:
    """Helm fills in the numbers that a chart's version lacks; as a requirement the same text is a range."""
    assert SCHEME.key("6.5") == SCHEME.key("v6.5.0")
    assert not SCHEME.is_single("6.5")
    assert SCHEME.components("6.5") == (6, 5, 0)
