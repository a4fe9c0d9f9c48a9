"""What Git revisions in manifests are."""

import pytest

from managers._git import github_repository, is_range, why_not_a_tag


@pytest.mark.parametrize(
    "revision",
    [
        "1.2.3", "v1.2.3", "v1", "2024.10", "20241001", "1.2.3-rc.1", "v1.2.3+build.5", "1.0.0_2", "chart-1.2.3",
        "controller-v1.11.2", "kustomize/v5.4.3", "my-chart@0.4.0", "release-1.27.2", "1.*", "1.x", "~1.2", "^2.0.0",
        ">=1.0.0 <2.0.0", "*", "v1.2.x",
    ],
)  # fmt: skip
def test_tags_and_ranges_can_be_moved(revision: str) -> None:
    """Anything that reads like a version, with a prefix or not, or like a range, is taken for a tag."""
    assert why_not_a_tag(revision) is None


@pytest.mark.parametrize(
    ("revision", "reason"),
    [
        ("", "follows a branch"),
        ("HEAD", "follows a branch"),
        ("main", "follows a branch"),
        ("refs/heads/v1.2.3", "follows a branch"),
        ("release-1.2", "follows a branch"),
        ("release/2024", "follows a branch"),
        ("feature/checkout-2", "follows a branch"),
        ("0123456789abcdef0123456789abcdef01234567", "pinned to a commit"),
        ("1a2b3c4d", "pinned to a commit"),
        ("HEAD~1", "not version-like"),
        ("env/prod", "not version-like"),
        ("team-2", "not version-like"),
        ("1" * 200, "not version-like"),
    ],
)
def test_other_revisions_are_left_alone(revision: str, reason: str) -> None:
    """Branches, commits and everything without a version are told apart without asking anybody."""
    assert why_not_a_tag(revision) == reason


@pytest.mark.parametrize(("revision", "expected"), [("1.*", True), ("1.2.x", True), ("~1", True), ("1.2.3", False)])
def test_ranges(revision: str, expected: bool) -> None:  # noqa: FBT001 - a column of the table
    """A range is told from a single version."""
    assert is_range(revision) == expected


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("https://github.com/acme/web", "acme/web"),
        ("https://github.com/acme/web.git", "acme/web"),
        ("https://github.com/acme/web.js.git/base", "acme/web.js"),
        ("https://user:token@github.com/acme/web//deploy", "acme/web"),
        ("git@github.com:acme/web.git", "acme/web"),
        ("ssh://git@github.com/acme/web", "acme/web"),
        ("github.com/acme/web/deploy", "acme/web"),
        ("https://github.com/acme", None),
        ("https://gitlab.com/acme/web", None),
        ("https://notgithub.com/acme/web", None),
        ("https://github.com.evil.org/acme/web", None),
    ],
)
def test_repositories_at_github(address: str, expected: str | None) -> None:
    """Every way to write an address at github.com leads to owner and name, and no other host passes for it."""
    assert github_repository(address) == expected
