"""Deciding gives what the questions of a versioning give one by one, whatever a registry lists."""

from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.core.made import releases, tracked
from tests.properties.test_versioning_laws import RANGES, VERSIONS
from updater import versioning
from updater.config import Policy
from updater.decide import decide, decide_all
from updater.model.lookup import Release, Releases
from updater.model.track import Tracked, UpdateType

SCHEMES = ("docker", "helm", "hashicorp", "maven", "calver", "semver-coerced", "github-actions", "pep440")
law = settings(max_examples=150, deadline=None)

policies = st.builds(
    Policy,
    enabled=st.sampled_from([True, True, True, False]),
    ignore_unstable=st.booleans(),
    separate_major_minor=st.booleans(),
    separate_minor_patch=st.booleans(),
    separate_multiple_major=st.booleans(),
    separate_multiple_minor=st.booleans(),
    range_strategy=st.sampled_from(["auto", "replace", "bump", "widen", "in-range-only"]),
    allowed_versions=st.sampled_from([None, None, "<4", "/^[v0-9]/", "!/9/"]),
)


@st.composite
def questions(draw: st.DrawFn) -> tuple[Tracked, Releases, dict[UpdateType, Policy]]:
    """A dependency, what its registry lists, and a policy for each type of update."""
    name = draw(st.sampled_from(SCHEMES))
    listed = draw(st.lists(VERSIONS[name], max_size=25, unique=True))
    values = st.one_of(st.sampled_from(listed or ["1.0.0"]), VERSIONS[name], RANGES.get(name, VERSIONS[name]))
    base, other = draw(policies.filter(lambda policy: policy.enabled)), draw(policies)
    by_type = {kind: draw(st.sampled_from([base, base, base, other])) for kind in UpdateType}
    return tracked(draw(values), versioning=name, policy=base), releases(*listed), by_type


def naive(found: Tracked, listed: Releases, by_type: dict[UpdateType, Policy]) -> list[list[str]]:
    """For each bucket, what is offered, with the meaning of each step spelled out."""
    scheme, value, policy = versioning.get(found.versioning), found.dependency.current_value or "", found.policy
    if not scheme.is_valid(value):
        return []
    versions = [each.version for each in listed.releases if scheme.is_single(each.version)]
    if scheme.is_single(value):
        current = value
    else:
        matching = [each for each in versions if scheme.matches(each, value)]
        stable = [each for each in matching if scheme.is_stable(each)] or matching
        if not stable:
            return []
        current = (min if policy.range_strategy == "bump" else max)(stable, key=scheme.key)
    buckets: dict[str, list[str]] = {}
    for new in sorted(sorted(versions, reverse=True), key=scheme.key, reverse=True):
        if (
            scheme.key(new) > scheme.key(current)
            and scheme.is_compatible(new, current)
            and _passes(found, new, current)
        ):
            kind = _kind(found, new, current)
            strategy = "replace" if policy.range_strategy == "auto" else policy.range_strategy
            written = None if strategy == "in-range-only" else scheme.new_value(value, current, new, strategy)
            if written is not None and by_type[kind].enabled:
                major, minor, _ = scheme.components(new)
                buckets.setdefault(_bucket(by_type[kind], kind, major, minor), []).append(f"{kind} {new} {written}")
    return list(buckets.values())


def _passes(found: Tracked, new: str, current: str) -> bool:
    scheme, policy = versioning.get(found.versioning), found.policy
    if policy.ignore_unstable and not scheme.is_stable(new):
        same = scheme.components(new) == scheme.components(current)
        if scheme.is_stable(current) or not same:
            return False
    allowed = {
        None: True,
        "<4": scheme.matches(new, "<4"),
        "/^[v0-9]/": new[0] in "v0123456789",
        "!/9/": "9" not in new,
    }[policy.allowed_versions]
    jump = scheme.components(new)[0] - scheme.components(current)[0]
    counted = scheme.components(current)[0] > 1_000 or ".v75cb_b_f1b_698d" in new
    return allowed and (counted or jump <= policy.max_major_increment)


def _kind(found: Tracked, new: str, current: str) -> UpdateType:
    after, before = (versioning.get(found.versioning).components(each) for each in (new, current))
    if after[0] != before[0]:
        return UpdateType.MAJOR
    return UpdateType.MINOR if after[1] != before[1] else UpdateType.PATCH


def _bucket(policy: Policy, kind: UpdateType, major: int, minor: int) -> str:
    if not policy.separate_major_minor:
        return "latest"
    if kind is UpdateType.MAJOR:
        return f"v{major}" if policy.separate_multiple_major else "major"
    if policy.separate_multiple_minor and kind is UpdateType.MINOR:
        return f"v{major}.{minor}"
    return str(kind) if policy.separate_minor_patch else "non-major"


@law
@given(question=questions())
def test_it_offers_what_the_versioning_says(question: tuple[Tracked, Releases, dict[UpdateType, Policy]]) -> None:
    """Sharing, sorting once, buckets and lazy offers give the same offers as asking about each release in turn."""
    found, listed, by_type = question
    (made,) = decide_all([found], {found.package: listed}, lambda _, kind, *__: by_type[kind], by_version=False)
    assert made is not None
    offers = [[f"{each.update_type} {each.version} {each.new_value}" for each in one.offers] for one in made.choices]
    assert offers == naive(found, listed, by_type)


@law
@given(question=questions(), data=st.data())
def test_neither_order_nor_sharing_matters(
    question: tuple[Tracked, Releases, dict[UpdateType, Policy]], data: st.DataObject
) -> None:
    """A registry that lists the same in another order, and policies that are asked by version, change nothing."""
    found, listed, by_type = question
    shuffled: Sequence[Release] = data.draw(st.permutations(listed.releases))
    one = decide(found, listed, lambda _, kind, *__: by_type[kind])
    other = decide(found, Releases(releases=tuple(shuffled)), lambda _, kind, *__: by_type[kind])
    assert one.choices == other.choices
    assert one.decisions == other.decisions


@law
@given(question=questions())
def test_every_newer_release_is_explained(question: tuple[Tracked, Releases, dict[UpdateType, Policy]]) -> None:
    """Each offer has an accepting decision, and no release more than one decision."""
    found, listed, by_type = question
    made = decide(found, listed, lambda _, kind, *__: by_type[kind])
    subjects = [each.subject for each in made.decisions]
    accepted = {each.subject for each in made.decisions if each.accepted}
    assert len(subjects) == len(set(subjects))
    assert accepted == {offer.version for choice in made.choices for offer in choice.offers}
