"""Container image tags: what is a version, what follows what, and what is newer."""

from itertools import pairwise

import pytest

from updater.versioning.docker import SCHEME

MINIO = "RELEASE.2023-03-20T20-16-18Z"


@pytest.mark.parametrize(
    "tag",
    [
        "1", "1.1", "v1.2.3", "1.25.3-alpine3.19", "2.1.0rc0", "2.1.0-rc.1", "20230101", "2023-01-01", MINIO,
        "release-1.2", "k8s-v1.2.3", "jammy-20240101", "php8.2-fpm", "amd64-1.2.3", "main-1a2b3c4-1700000000",
        "17.0.9_9-jre", "v1.28.2-rke2r1", "1.2.3-g1a2b3c4", "git-2.43.0", "x86_64-v16.5.0",
    ],
)  # fmt: skip
def test_versions(tag: str) -> None:
    """A tag with a number that stands by itself, or behind a v, is a version."""
    assert SCHEME.is_valid(tag)
    assert SCHEME.is_single(tag)


@pytest.mark.parametrize(
    "tag",
    [
        "", "latest", "stable", "alpine", "bookworm-slim", "deadbeef", "1a2b3c4", "1a2b3c4-alpine", "sha-1a2b3c4",
        "sha-1234567", "3777371", "git-1234567", "pr-123", "main-1a2b3c4", "arm64", "amd64", "x86_64", "jdk17", "1.x",
        "1.2.x-alpine", "sha256-0123456789012345678901234567890123456789012345678901234567890123.sig",
        "v", "1.0 ", "1:0", "٣.٤", "1" * 300,
    ],
)  # fmt: skip
def test_no_versions(tag: str) -> None:
    """Words, moving tags, commit ids, signatures, pull requests and architectures are not versions."""
    assert not SCHEME.is_valid(tag)
    assert not SCHEME.is_stable(tag)


@pytest.mark.parametrize(
    ("current", "tag"),
    [
        ("1.0.0", "2.0.0"),
        ("v1.0.0", "v1.1.0"),
        ("1.0.0-alpine", "2.0.0-alpine"),
        ("1", "2"),
        ("1.1", "1.2"),
        ("2.1.0-rc0", "2.1.0-rc1"),
        ("2.1.0rc0", "2.1.0rc1"),
        ("2.1.0-rc0", "2.1.0"),
        ("1.0.0-rc1-alpine", "1.0.0-alpine"),
        ("1.0.0-SNAPSHOT", "1.0.0"),
        ("4.0.0-M1", "4.0.0-M2"),
        ("1.2.0-debian-12-r1", "1.2.0-debian-12-r3"),
        ("1.2.0-debian-12-r9", "1.2.1-debian-12-r0"),
        ("1.25.0-alpine3.18", "1.25.3-alpine3.19"),
        ("1.2.3-ls9", "1.2.3-ls10"),
        ("v1.27.6-k3s1", "v1.27.6-k3s2"),
        ("15-3.4", "15-3.5"),
        ("17.0.9_9-jre", "17.0.10_7-jre"),
        ("1.2.3-alpine-20240101", "1.2.3-alpine-20240201"),
        ("1.2.3-g1a2b3c4", "1.2.4-gdeadb33"),
        ("1.2.3-g1a2b3c4", "1.2.4-g1234567"),
        ("1.2.3-g1a2b3c4", "1.2.4-gdeadbee"),
        ("main-1a2b3c4-1700000000", "main-deadb33-1700000001"),
        ("20230101", "20240101"),
        ("2023-01-01", "2024-01-01"),
        ("2023.01.01", "2024.10.31"),
        ("20.10.1", "21.04.1"),
        (MINIO, "RELEASE.2024-01-01T00-00-00Z"),
        ("jammy-20240101", "jammy-20240201"),
        ("php8.2-fpm", "php8.3-fpm"),
        ("x86_64-v16.5.0", "x86_64-v16.6.0"),
        ("3.12-dev", "3.13-dev"),
        ("1950", "2000"),
    ],
)
def test_what_follows(current: str, tag: str) -> None:
    """Within the family a tag may follow; it is then the newer of the two."""
    assert SCHEME.is_compatible(tag, current)
    assert SCHEME.key(tag) > SCHEME.key(current)


@pytest.mark.parametrize(
    ("current", "tag"),
    [
        ("1.0.0", "v3.0.0"),
        ("v1.0.0", "1.1.0"),
        ("1.0.0", "1.1"),
        ("1.0.0", "20240101"),
        ("1.0.0", "1.0.0.1"),
        ("1", "1.1.0"),
        ("1.1", "1.1.9"),
        ("1.0.0", "2.0.0-alpine"),
        ("1.0.0-alpine", "2.0.0"),
        ("1.0.0-alpine", "2.0.0-alpine3.19"),
        ("1.0.0-jdk17", "1.0.0-jdk21"),
        ("1.0.0-debian-11-r1", "1.0.0-debian-12-r1"),
        ("1.0.0-php8.1", "1.1.0-php8.2"),
        ("1.0.0-ubuntu22.04", "1.1.0-ubuntu24.04"),
        ("3.9-eclipse-temurin-17", "3.9-eclipse-temurin-21"),
        ("1.25.0-alpine3.19", "1.25.3-alpine3.18"),
        ("3.12-dev", "3.13"),
        ("1.0-nightly", "1.1"),
        ("release-1.2", "debug-1.3"),
        ("5.2.3", "20.04.1"),
        ("5.12.3", "20.04.1"),
        ("5", "2024"),
        ("5.2", "2024.1"),
        ("2023", "20240101"),
        ("20240101", "99999999"),
        ("2023-01-01", "2024.01.01"),
        ("1.0.0", "latest"),
        ("latest", "1.0.0"),
    ],
)
def test_what_does_not_follow(current: str, tag: str) -> None:
    """Another prefix, precision, suffix, product or numbering is another family; a distribution never goes back."""
    assert not SCHEME.is_compatible(tag, current)


@pytest.mark.parametrize(
    "ascending",
    [
        ["1.9.0", "1.10.0", "2.0.0"],
        ["1.0-nightly.5", "1.0-alpha", "1.0-alpha.2", "1.0-beta1", "1.0-M1", "1.0-rc.9", "1.0-rc.10", "1.0"],
        ["1.0a1", "1.0b1", "1.0rc1", "1.0"],
        ["1.0-alpine3.9", "1.0-alpine3.10", "1.1-alpine3.2"],
        ["1.0-debian-12-r9", "1.0-debian-12-r10", "1.1-debian-12-r0"],
        ["2023-01-31", "2023-02-01", "2024-01-01"],
    ],
)
def test_order(ascending: list[str]) -> None:
    """Numbers first, then prereleases before the release, then distributions, then revisions; all by value."""
    assert all(SCHEME.key(lower) < SCHEME.key(higher) for lower, higher in pairwise(ascending))


@pytest.mark.parametrize(
    ("tag", "components"),
    [
        ("1.2.3", (1, 2, 3)),
        ("v1", (1, 0, 0)),
        ("1.2.3.4-alpine3.18", (1, 2, 3)),
        ("20230101", (20230101, 0, 0)),
        (MINIO, (2023, 3, 20)),
        ("RELEASE.2023-03-20T20-16-18Z.fips", (2023, 3, 20)),
    ],
)
def test_components(tag: str, components: tuple[int, int, int]) -> None:
    """Major, minor and patch are the first numbers; a date written as one number is the major."""
    assert SCHEME.components(tag) == components


@pytest.mark.parametrize(
    ("tag", "stable"),
    [
        ("1.0.0", True), ("1.0.0-alpine3.19", True), ("1.0.0-r1", True), ("3.12-dev", True), ("1.0-b1", True),
        ("1.0.0-rc1", False), ("1.0.0rc1", False), ("1.0.0-alpine-rc1", False), ("1.0.0-alpha", False),
        ("1.0.0-beta2", False), ("1.0.0-dev.3", False), ("1.0.0-pre1", False), ("1.0.0-SNAPSHOT", False),
        ("1.0.0-nightly", False), ("nightly-20240101", False), ("v2.0-edge", False),
    ],
)  # fmt: skip
def test_stability(tag: str, *, stable: bool) -> None:
    """Words for what comes before a release make it unstable, wherever they stand; ``-dev`` alone is a variant."""
    assert SCHEME.is_stable(tag) is stable


def test_vector_of_a_mixed_repository() -> None:
    """The newest tag for 1.0.0 is 2.0.0, whatever else was pushed."""
    tags = ["1.0.1", "1.1.0", "2.0.0", "v3.0.0", "1.1", "1", "latest", "20240101", "deadbeef", "2.1.0-alpine"]
    family = [tag for tag in tags if SCHEME.is_compatible(tag, "1.0.0")]
    assert max(family, key=SCHEME.key) == "2.0.0"


@pytest.mark.parametrize(
    ("tag", "range_", "expected"),
    [
        ("1.25.3-alpine", "<2", True),
        ("2.0.0-rc1", "<2", False),
        ("1.25.3", ">=1.20 <1.26", True),
        ("1.26.0", ">=1.20 <1.26", False),
        ("1.25.3", "1.25.x", True),
        ("1.25.3", "1.25.3", True),
        ("1.25.3", "1.25", False),
        ("1.25.3", "v1.25.3", False),
        ("latest", "<2", False),
        ("1.25.3", "< < 2", False),
    ],
)
def test_allowed_versions(tag: str, range_: str, *, expected: bool) -> None:
    """A range is that of npm, on major, minor and patch; a tag equals only itself."""
    assert SCHEME.matches(tag, range_) is expected


@pytest.mark.parametrize(
    ("current", "tag", "written"),
    [("1.0.0", "1.1.0", "1.1.0"), ("1.0.0", "1.0.0", None), ("latest", "1.0.0", None), ("1.0.0", "latest", None)],
)
def test_new_value(current: str, tag: str, written: str | None) -> None:
    """What is written is the tag itself, if it is one and another."""
    assert SCHEME.new_value(current, current, tag, "replace") == written
