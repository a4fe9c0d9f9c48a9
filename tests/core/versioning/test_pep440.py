"""Python versions."""

import pytest

from updater.versioning.pep440 import SCHEME


@pytest.mark.parametrize(
    ("current", "new", "strategy", "written"),
    [
        ("1.2.3", "1.3.0", "replace", "1.3.0"),
        ("==1.2.3", "1.3.0", "replace", "==1.3.0"),
        ("== 1.2.3", "1.3.0.post1", "replace", "== 1.3.0.post1"),
        ("~=1.2", "2.5.1", "replace", "~=2.5"),
        ("~=1.2.0", "2.5.1", "replace", "~=2.5.0"),
        (">=1,<2", "2.5", "replace", ">=1,<3"),
        (">=1, !=1.5, <2", "2.5", "replace", ">=1, !=1.5, <3"),
        ("==1.2.*", "1.5.1", "replace", "==1.5.*"),
        ("==1.2.*", "1.5.1", "widen", ">=1.2,<1.6"),
        ("~=1.2", "2.5.1", "widen", ">=1.2,<3.0"),
        (">=1.2", "1.5", "bump", ">=1.5"),
        ("~=1.2", "1.5rc1", "bump", "~=1.5rc1"),
        (">=1.0", "1.5", "pin", "1.5"),
        (">=1.0", "1.5", "replace", None),
    ],
)
def test_new_value(current: str, new: str, strategy: str, written: str | None) -> None:
    """Specifiers follow a new version in the user's style."""
    assert SCHEME.new_value(current, None, new, strategy) == written


@pytest.mark.parametrize("text", ["", "latest", "^1.0", "~=1", "1.0,2.0", ">=1.*", "1.0;2", "1!2.0"])
def test_no_specifiers(text: str) -> None:
    """What ``packaging`` refuses is refused, and epochs are."""
    assert not SCHEME.is_valid(text)


def test_prereleases_need_to_be_named() -> None:
    """A prerelease is admitted where a specifier names one, as pip does it."""
    assert not SCHEME.matches("2.0rc1", ">=1.0")
    assert SCHEME.matches("2.0rc1", ">=2.0b1")
    assert not SCHEME.is_stable("2.0.dev1")
    assert SCHEME.is_stable("2.0.post1")
