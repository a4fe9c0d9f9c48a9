"""Which releases belong to an update, and what a file of changes says about it."""

import pytest

from updater import versioning
from updater.material.notes import MOST_CHARACTERS, Span, between, in_changelog, shortened, tags
from updater.model.lookup import Note


def is_newer(one: str, other: str) -> bool:
    scheme = versioning.get("semver-coerced")
    return scheme.is_valid(one) and scheme.is_valid(other) and scheme.key(one) > scheme.key(other)


def chosen(span: Span, *names: str) -> list[str]:
    return [note.tag for note in between([Note(tag=name, text="x") for name in names], span, is_newer)]


@pytest.mark.parametrize(
    ("name", "old", "new", "names", "expected"),
    [
        ("acme/api", "1.0.0", "1.2.0", ("v1.3.0", "v1.2.0", "v1.1.0", "v1.0.0"), ["v1.2.0", "v1.1.0"]),
        ("acme/api", "v1.0.0", "v1.2.0", ("1.2.0", "1.1.0", "1.0.0"), ["1.2.0", "1.1.0"]),
        (
            "nginx",
            "1.27.0-alpine",
            "1.29.3-alpine3.22",
            ("release-1.29.3", "release-1.28.0"),
            ["release-1.29.3", "release-1.28.0"],
        ),
        ("web", "1.0.0", "1.1.0", ("api-1.1.0", "web-1.1.0", "api-1.0.5", "web-1.0.5"), ["web-1.1.0", "web-1.0.5"]),
        ("web", "1.0.0", "1.1.0", ("charts/web/v1.1.0", "v1.1.0"), ["charts/web/v1.1.0"]),
        ("web", "1.0.0", "1.1.0", ("api-1.1.0",), []),
        ("web", "1.0.0", "1.1.0", ("v2.0.0", "v1.0.0"), []),
        ("web", "1.0.0", "1.1.0", ("v1.1.0", "nightly", "v1.1.0-rc.1"), ["v1.1.0", "v1.1.0-rc.1"]),
        ("web", "1.0.0", "1.1.0", (), []),
    ],
)
def test_the_releases_of_an_update(name: str, old: str, new: str, names: tuple[str, ...], expected: list[str]) -> None:
    """After the old version up to the new one, with the prefix that fits the package; another's never."""
    assert chosen(Span(name=name, old=old, new=new), *names) == expected


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (("v1.0.0", "v1.1.0"), ("v1.0.0", "v1.1.0")),
        (("web-1.0.0", "web-1.1.0", "v1.1.0"), ("web-1.0.0", "web-1.1.0")),
        (("1.0.0", "v1.1.0"), None),
        (("v1.1.0",), None),
    ],
)
def test_the_tags_of_a_comparison(names: tuple[str, ...], expected: tuple[str, str] | None) -> None:
    """Both must be there, with the same prefix: no link leads nowhere."""
    assert tags(names, Span(name="web", old="1.0.0", new="1.1.0")) == expected


CHANGES = """\
# Changelog

## [Unreleased]
nothing

## [1.2.0] - 2026-01-02
### Added
- two

## 1.1.0 (2025-12-01)
- one

1.0.0
-----
- zero
"""


def test_a_file_of_changes_is_cut_by_its_headings() -> None:
    """Headings of versions, marked or underlined; what is below them belongs to them."""
    found = in_changelog(CHANGES, Span(name="web", old="1.0.0", new="1.2.0"), is_newer)

    assert [(note.tag, note.text) for note in found] == [("1.2.0", "### Added\n- two"), ("1.1.0", "- one")]


def test_long_notes_are_cut_at_a_line() -> None:
    """Never within one, and it shows."""
    text = shortened("a line of text\n" * 1_000)

    assert len(text) <= MOST_CHARACTERS + 3
    assert text.endswith("a line of text\n\n…")
