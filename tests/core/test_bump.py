"""Versions of the repository's own that are raised with an update."""

import pytest

from updater.bump import chart_version, matches, raised
from updater.config.entries import BumpVersionOptions


@pytest.mark.parametrize(
    ("version", "part", "expected"),
    [
        ("1.2.3", "patch", "1.2.4"),
        ("1.2.3", "minor", "1.3.0"),
        ("1.2.3", "major", "2.0.0"),
        ("1.2.3", "prerelease", "1.2.4-0"),
        ("v1.2.3", "minor", "v1.3.0"),
        ("1.2.3+build.5", "patch", "1.2.4"),
        ("1.2.3-rc.1", "prerelease", "1.2.3-rc.2"),
        ("1.2.3-rc", "prerelease", "1.2.3-rc.0"),
        ("1.2.4-0", "prerelease", "1.2.4-1"),
        ("1.2.3-rc.1", "patch", "1.2.3"),
        ("1.2.3-rc.1", "minor", "1.3.0"),
        ("1.3.0-rc.1", "minor", "1.3.0"),
        ("2.0.0-rc.1", "major", "2.0.0"),
        ("2.1.0-rc.1", "major", "3.0.0"),
        ("1.2", "patch", None),
        ("latest", "patch", None),
    ],
)
def test_what_follows(version: str, part: str, expected: str | None) -> None:
    """Semantic versions; anything else is left as it is."""
    assert raised(version, part) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("name: a\nversion: 1.0.0\n", "1.0.0"),
        ('version: "1.0.0" # ours\r\nname: a\r\n', "1.0.0"),
        ("version: '1.0.0-rc.1'", "1.0.0-rc.1"),
        ("appVersion: 1.0.0\ndependencies:\n  - version: 2.0.0\nversion: 3.0.0\n", "3.0.0"),
        ("version: {{ .Version }}\n", None),
        ("dependencies:\n  - name: a\n    version: 2.0.0\n", None),
    ],
)
def test_where_a_chart_has_its_version(text: str, expected: str | None) -> None:
    """At the left margin: neither that of its application nor those of its dependencies."""
    assert next((text[slice(*span)] for span in chart_version(text)), None) == expected


def test_patterns_find_every_place() -> None:
    """Positions are in characters, whatever bytes stand before."""
    entry = BumpVersionOptions(match_strings=(r"ours: (?P<version>\S+)",))
    text = "# größer\nours: 1.0.0\nours: 2.0.0\n"

    assert [text[slice(*span)] for span in matches(entry, text)] == ["1.0.0", "2.0.0"]
