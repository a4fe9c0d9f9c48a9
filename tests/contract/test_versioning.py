"""What must hold of every versioning."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from updater import versioning
from updater.api import Versioning
from updater.versioning import (
    calver,
    debian,
    docker,
    exact,
    git,
    github_actions,
    hashicorp,
    helm,
    kubernetes_api,
    loose,
    maven,
    npm,
    pep440,
    regex,
    same_major,
    semver,
    semver_coerced,
    semver_partial,
    ubuntu,
)

PATTERN = r"^v?(?<major>\d+)(?:\.(?<minor>\d+))?(?:\.(?<patch>\d+))?(?:-(?<prerelease>.+))?$"
SCHEMES: tuple[Versioning, ...] = (
    calver.SCHEME, debian.SCHEME, docker.SCHEME, exact.SCHEME, git.SCHEME, github_actions.SCHEME, hashicorp.SCHEME,
    helm.SCHEME, kubernetes_api.SCHEME, loose.SCHEME, maven.SCHEME, npm.SCHEME, pep440.SCHEME, same_major.SCHEME,
    semver.SCHEME, semver_coerced.SCHEME, semver_partial.SCHEME, ubuntu.SCHEME, regex.scheme(PATTERN),
)  # fmt: skip
"""Typed, so that the type checker proves that each meets the protocol."""

STRATEGIES = ("pin", "bump", "replace", "widen")
junk = st.one_of(
    st.text(max_size=20),
    st.text(alphabet="0123456789.-+_vVxX*^~<>=!|, abcr\udcff\u0663\u00b2\n", max_size=20),
    st.sampled_from(["", " ", "\0", "9" * 5_000, "1." * 3_000, "-" * 5_000, "latest", "1.2.3", "^1.0.0", "~> 5.0"]),
)
every_scheme = pytest.mark.parametrize("scheme", SCHEMES, ids=lambda scheme: scheme.NAME[:14])


@pytest.mark.parametrize("name", versioning.NAMES)
def test_every_name_leads_to_its_scheme(name: str) -> None:
    """A scheme is called what it is asked for by, and has all that the protocol names."""
    scheme = versioning.get(name)
    assert name == scheme.NAME
    assert isinstance(scheme, Versioning)
    assert scheme in SCHEMES


def test_a_pattern_is_part_of_the_name() -> None:
    """The scheme of a pattern can be asked for again by its own name."""
    scheme = versioning.get(f"regex:{PATTERN}")
    assert versioning.get(scheme.NAME) is scheme


@every_scheme
@settings(max_examples=30, deadline=None)
@given(value=junk, other=junk, strategy=st.sampled_from((*STRATEGIES, "nonsense")))
def test_no_text_makes_it_fail(scheme: Versioning, value: str, other: str, strategy: str) -> None:
    """Whatever the text, each question has an answer; only key and components may raise, and only ``ValueError``."""
    answers = (
        scheme.is_valid(value),
        scheme.is_single(value),
        scheme.is_stable(value),
        scheme.is_compatible(value, other),
        scheme.matches(value, other),
    )
    assert all(isinstance(answer, bool) for answer in answers)
    assert isinstance(scheme.new_value(value, None, other, strategy), str | None)
    assert _key_or_none(scheme, value) is None or scheme.is_valid(value)


@every_scheme
@settings(max_examples=30, deadline=None)
@given(value=junk)
def test_answers_agree_with_each_other(scheme: Versioning, value: str) -> None:
    """A single value is valid, has a key, three components, and matches itself; a stable one is valid."""
    if scheme.is_single(value):
        assert scheme.is_valid(value)
        assert scheme.matches(value, value)
        assert scheme.is_compatible(value, value)
        assert _key_or_none(scheme, value) is not None
        assert len(scheme.components(value)) == 3
    assert scheme.is_valid(value) or not scheme.is_stable(value)


def _key_or_none(scheme: Versioning, value: str) -> tuple[object, ...] | None:
    try:
        return scheme.key(value)
    except ValueError:
        return None
