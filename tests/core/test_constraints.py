"""What a release has to get along with: the cluster, the program, and the rest of a Terraform root."""

from collections.abc import Sequence
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from tests.core.made import decided, offered, releases, tracked
from tests.properties.test_versioning_laws import hashicorp_ranges, npm_ranges
from updater import versioning
from updater.config import Policy
from updater.decide import Decided, decide_all
from updater.model.lookup import Release, Requirement
from updater.model.scan import Dependency, LockEntry, Package, Span
from updater.model.track import Tracked
from updater.policy.surroundings import is_met

CLUSTER = Policy(constraints={"kubernetes": "1.29"})


def requiring(version: str, **needs: str) -> Release:
    """A release that requires versions of ``kubernetes``, ``aws``, …"""
    names = {"aws": "hashicorp/aws", "random": "hashicorp/random"}
    return Release(version=version, requires=tuple(Requirement(names.get(name, name), needs[name]) for name in needs))


# ---------------------------------------------------------------- charts and the cluster

CHART = (requiring("1.1.0", kubernetes=">=1.25.0-0"), requiring("1.2.0", kubernetes=">=1.30.0-0"))


def chart(policy: Policy) -> Tracked:
    return tracked("1.0.0", name="shop", datasource="helm", versioning="helm", policy=policy)


@pytest.mark.parametrize(
    ("cluster", "wanted"),
    [
        ("1.29", [("minor", "1.1.0")]),
        ("1.29.4", [("minor", "1.1.0")]),
        ("v1.29", [("minor", "1.1.0")]),
        ("1.30", [("minor", "1.2.0")]),
        ("1.29 || 1.30", [("minor", "1.1.0")]),
        ("1.30 || 1.31", [("minor", "1.2.0")]),
        ("1.24", []),
    ],
)
def test_a_chart_has_to_run_on_every_cluster(cluster: str, wanted: list[tuple[str, str]]) -> None:
    """``kubeVersion`` against the versions in ``constraints``: the furthest that all of them can take is offered."""
    assert offered(chart(Policy(constraints={"kubernetes": cluster})), *CHART) == wanted


def test_it_says_what_the_chart_requires() -> None:
    """The release that is held back names what it requires, and what there is."""
    _, decisions = decided(chart(CLUSTER), *CHART)
    assert [(each.subject, each.rule, each.reason) for each in decisions if not each.accepted] == [
        ("1.2.0", "constraints", "requires kubernetes >=1.30.0-0, and constraints has 1.29")
    ]


@pytest.mark.parametrize(
    ("required", "ours", "wanted"),
    [
        (">= 1.19-0", "1.29", True),
        (">=1.29.3", "1.29", True),
        (">=1.29.3", "1.29.1", False),
        ("^1.20.0-0", "1.29", True),
        (">= 1.19 < 1.29", "1.29", False),
        (">=1.29.0-0", "1.29.3-gke.100", True),
        ("1.27.x || 1.29.x", "1.29", True),
        ("what is this", "1.29", True),
        (">=1.30", "whatever", True),
    ],
)
def test_a_cluster_and_a_range(required: str, ours: str, wanted: object) -> None:
    """A version without a patch number stands for any; what cannot be read excludes nothing."""
    assert is_met(Requirement("kubernetes", required), ours) is wanted


@pytest.mark.parametrize(("filtering", "wanted"), [("none", [("major", "6.0.0")]), ("strict", [("minor", "5.9.0")])])
def test_constraints_filtering(filtering: str, wanted: list[tuple[str, str]]) -> None:
    """Names other than ``kubernetes`` count with ``strict`` only, since they also choose tools."""
    policy = Policy(constraints={"terraform": "1.5"}, constraints_filtering=filtering)  # type: ignore[arg-type]
    found = tracked("5.0.0", name="a/b", datasource="terraform-provider", versioning="hashicorp", policy=policy)
    made = offered(found, requiring("6.0.0", terraform=">= 1.6"), requiring("5.9.0", terraform=">= 0.12"))
    assert made[:1] == wanted


# ---------------------------------------------------------------- Terraform roots

AWS = Package(datasource="terraform-provider", name="hashicorp/aws")
EKS = Package(datasource="terraform-module", name="terraform-aws-modules/eks/aws")
PROVIDERS = ("5.31.0", "5.95.0", "6.2.0")
MODULES = (
    requiring("20.0.0", aws=">= 5.0, < 6.0"),
    requiring("20.37.0", aws=">= 5.80, < 6.0"),
    requiring("21.1.0", aws=">= 6.0"),
)


def provider(value: str, lock: str | None = None, path: str = "main.tf") -> Tracked:
    entry = LockEntry(
        manager="terraform-lock", path=".terraform.lock.hcl", line=3, package=AWS, version=lock or "",
        version_span=Span(0, 6),
    )  # fmt: skip
    return tracked(
        value, name=AWS.name, datasource=AWS.datasource, versioning="hashicorp", path=path, line=4,
        lock=entry if lock else None,
    )  # fmt: skip


def module(value: str, path: str = "main.tf", package: Package = EKS) -> Tracked:
    return tracked(value, name=package.name, datasource=package.datasource, versioning="hashicorp", path=path, line=9)


def together(*dependencies: Tracked, modules: Sequence[Release] = MODULES) -> list[Decided]:
    known = {AWS: releases(*PROVIDERS), EKS: releases(*modules)}
    made = decide_all(dependencies, known, lambda each, *_: each.policy, by_version=True)
    return [each for each in made if each is not None]


def values(made: Decided) -> list[str | None]:
    return [choice.offers[0].new_value for choice in made.choices]


def stops(made: Decided) -> dict[str, str | None]:
    return {each.subject: each.reason for each in made.decisions if each.rule == "constraints"}


def test_provider_and_module_of_a_root_block_each_other() -> None:
    """The deadlock of AWS 5 and 6: neither is offered alone what the other one does not admit, and each says why."""
    of_provider, of_module = together(provider("~> 5.0"), module("20.0.0"))
    assert (values(of_provider), values(of_module)) == ([], ["20.37.0"])
    name = "terraform-aws-modules/eks/aws 20.0.0 (main.tf:9)"
    assert stops(of_provider) == {"6.2.0": f"{name} requires >= 5.0, < 6.0"}
    assert stops(of_module) == {"21.1.0": "requires hashicorp/aws >= 6.0, and main.tf:4 has ~> 5.0"}


def test_other_roots_have_no_say() -> None:
    """A root is a directory."""
    of_provider, of_module = together(provider("~> 5.0", path="a/main.tf"), module("20.0.0", path="b/main.tf"))
    assert (values(of_provider), values(of_module)) == (["~> 6.0"], ["21.1.0", "20.37.0"])


def test_the_lock_file_has_a_say() -> None:
    """A module that wants more than is locked fails at ``init``: the provider moves first."""
    of_provider, of_module = together(provider("~> 5.0", lock="5.31.0"), module("20.0.0"))
    assert (values(of_provider), values(of_module)) == (["~> 5.0"], [])
    assert stops(of_module)["20.37.0"] == (
        "requires hashicorp/aws >= 5.80, < 6.0, and .terraform.lock.hcl:3 has = 5.31.0"
    )


def test_what_does_not_fit_now_stops_nothing() -> None:
    """A demand that the version in use does not meet is out of date, or for something else."""
    (of_provider, _) = together(provider("6.0.0"), module("20.0.0"))
    assert values(of_provider) == ["6.2.0"]


def test_what_is_not_known_stops_nothing() -> None:
    """Modules of registries that name no requirements, and providers that nobody constrains."""
    of_provider, of_module = together(provider("~> 5.0"), module("20.0.0"), modules=(Release(version="20.0.0"),))
    assert (values(of_provider), values(of_module)) == (["~> 6.0"], [])


def test_two_modules_of_one_kind_move_together() -> None:
    """What the other instance of a module requires now does not hold back the new version of both."""
    made = together(provider(">= 5.0"), module("20.0.0"), module("20.0.0", path="other.tf"))
    assert values(made[1]) == values(made[2]) == ["21.1.0", "20.37.0"]


def test_required_version_has_a_say() -> None:
    """What Terraform may be bounds providers, as their protocol says."""
    engine = Package(datasource="github-releases", name="hashicorp/terraform")
    required = tracked("~> 0.13", name=engine.name, datasource=engine.datasource, versioning="hashicorp", line=2)
    required = Tracked(
        dependency=_of_type(required), package=engine, name=engine.name, versioning="hashicorp", policy=Policy()
    )
    listed = {
        engine: releases("v0.13.7", "v0.15.5", "v1.5.0"),
        AWS: releases(requiring("5.0.0", terraform=">= 0.12"), requiring("6.0.0", terraform=">= 1.0")),
    }
    path = required.dependency.path
    found = provider("5.0.0", path=path)
    (of_engine, of_provider) = decide_all([required, found], listed, lambda each, *_: each.policy, by_version=True)
    assert of_engine is not None
    assert of_provider is not None
    assert stops(of_provider) == {"6.0.0": f"requires terraform >= 1.0, and {path}:2 has ~> 0.13"}
    assert values(of_engine) == ["~> 1.5"]


def _of_type(found: Tracked) -> Dependency:
    return structs.replace(found.dependency, dep_type="required_version")


# ---------------------------------------------------------------- brute force

grid = [".".join(map(str, numbers)) for numbers in product(range(12), repeat=3)]
"""All versions that matter for ranges of numbers up to 10."""


@settings(max_examples=150, deadline=None)
@given(required=npm_ranges, ours=npm_ranges)
def test_ranges_agree_where_a_version_is_in_both(required: str, ours: str) -> None:
    """Looking at what the ranges name and at what comes next finds a common version if there is any at all."""
    scheme = versioning.get("helm")
    if "||" in ours or not (scheme.is_valid(required) and scheme.is_valid(ours)):
        return
    common = any(scheme.matches(version, required) and scheme.matches(version, ours) for version in grid)
    if common:
        assert is_met(Requirement("kubernetes", required), ours)
    elif is_met(Requirement("kubernetes", required), ours):
        assert "-" in required + ours  # a prerelease, of which the grid has none


versions = st.lists(st.sampled_from(grid), min_size=1, max_size=8, unique=True)


@settings(max_examples=150, deadline=None)
@given(
    listed=versions,
    constraint=hashicorp_ranges,
    newer=st.lists(st.tuples(hashicorp_ranges, hashicorp_ranges), min_size=1, max_size=5),
)
def test_the_furthest_reachable_module_is_that_of_brute_force(
    listed: list[str], constraint: str, newer: list[tuple[str, str]]
) -> None:
    """For any constraints of a root, what is offered is the newest module for which each provider has a version."""
    scheme = versioning.get("hashicorp")
    modules = [Release(version="1.0.0")]
    modules += [requiring(f"1.{number}.0", aws=one, random=other) for number, (one, other) in enumerate(newer, 1)]
    found = [provider(constraint), _random(constraint), module("1.0.0")]
    known = {AWS: releases(*listed), RANDOM: releases(*listed), EKS: releases(*modules)}
    made = decide_all(found, known, lambda each, *_: each.policy, by_version=True)[2]
    reachable = [
        release.version
        for release in modules[1:]
        if all(
            any(scheme.matches(each, need.constraint) and scheme.matches(each, constraint) for each in listed)
            for need in release.requires
        )
    ]
    assert made is not None
    assert values(made) == reachable[-1:]
    assert set(stops(made)) == {release.version for release in modules[1:]} - set(reachable)


RANDOM = Package(datasource="terraform-provider", name="hashicorp/random")


def _random(value: str) -> Tracked:
    return tracked(
        value, name=RANDOM.name, datasource=RANDOM.datasource, versioning="hashicorp", path="main.tf", line=5
    )
