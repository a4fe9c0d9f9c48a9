"""Upgrade paths: one rung at a time, and what has to come first where more is not possible."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.core.made import decided, offered, releases, tracked
from updater.config import Policy
from updater.config.steps import Step, read_step, read_stops
from updater.decide import decide
from updater.model.decide import Decision
from updater.model.track import Tracked
from updater.policy.ladders import ROWS
from updater.policy.rungs import Ladder, Rungs

MINOR = Policy(max_step="minor")
LONGHORN = ("1.8.1", "1.8.2", "1.9.0", "1.9.2", "1.10.0", "1.10.1", "1.11.0", "1.12.0", "1.13.0-rc.1")


def chart(value: str, name: str, repository: str) -> Tracked:
    return tracked(value, name=name, datasource="helm", versioning="helm", registry_urls=(repository,))


def reasons(decisions: tuple[Decision, ...]) -> dict[str, str | None]:
    return {each.subject: each.reason for each in decisions if not each.accepted}


@pytest.mark.parametrize(
    ("policy", "value", "versions", "wanted"),
    [
        (MINOR, "1.8.1", ("1.8.2", "1.9.0", "1.9.2", "1.10.0"), [("minor", "1.9.2")]),
        (MINOR, "1.8.1", ("1.8.2", "1.8.3"), [("patch", "1.8.3")]),
        (MINOR, "1.8.1", ("1.10.0", "1.8.2"), [("patch", "1.8.2")]),
        (MINOR, "1.8.1", ("1.10.0",), []),
        (MINOR, "1.8.1", ("1.9.0", "2.0.0"), [("minor", "1.9.0")]),
        (MINOR, "1.9.0", ("2.0.0", "2.0.3", "2.1.0"), [("major", "2.0.3")]),
        (MINOR, "1.9.0", ("1.9.4", "2.2.0", "2.3.0"), [("major", "2.2.0"), ("patch", "1.9.4")]),
        (Policy(max_step="2 minors"), "1.8.1", ("1.9.0", "1.10.0", "1.11.0"), [("minor", "1.10.0")]),
        (Policy(max_step="major"), "1.8.1", ("1.9.0", "2.4.0", "3.0.0"), [("major", "2.4.0"), ("minor", "1.9.0")]),
        (Policy(max_step="major"), "27", ("28", "29", "30"), [("major", "28")]),
        (Policy(max_step="any"), "1.8.1", ("1.12.0",), [("minor", "1.12.0")]),
        (Policy(required_stops=("1.10",)), "1.8.1", ("1.9.0", "1.10.3", "1.11.0"), [("minor", "1.10.3")]),
        (Policy(required_stops=("1.10",)), "1.10.0", ("1.10.3", "1.11.0"), [("minor", "1.11.0")]),
        (Policy(required_stops=("1.10.3",)), "1.10.0", ("1.10.3", "1.11.0"), [("patch", "1.10.3")]),
        (Policy(required_stops=("1.10",)), "1.8.1", ("1.9.0", "1.11.0"), [("minor", "1.9.0")]),
        (Policy(required_stops=("2",)), "1.8.1", ("3.0.0", "2.5.0", "1.9.0"), [("major", "2.5.0"), ("minor", "1.9.0")]),
        (
            Policy(max_step="minor", required_stops=("1.9.4",)),
            "1.8.1",
            ("1.9.3", "1.9.4", "1.9.5"),
            [("minor", "1.9.4")],
        ),
    ],
)
def test_one_rung_at_a_time(
    policy: Policy, value: str, versions: tuple[str, ...], wanted: list[tuple[str, str]]
) -> None:
    """The furthest release that one step leads to is offered, and nothing beyond."""
    assert offered(tracked(value, policy=policy), *versions) == wanted


def test_four_updates_from_1_8_1_to_1_12_0() -> None:
    """Longhorn's chart climbs minor by minor, without any configuration, each time to the newest patch."""
    value, taken = "1.8.1", []
    while made := offered(chart(value, "longhorn", "https://charts.longhorn.io"), *LONGHORN):
        ((_, new_value),) = made
        assert new_value is not None
        taken.append(value := new_value)
    assert taken == ["1.9.2", "1.10.1", "1.11.0", "1.12.0"]


def test_it_says_what_has_to_come_first() -> None:
    """Each release that is out of reach names the rule, who demands it, and the rung to be taken before it."""
    _, decisions = decided(chart("1.8.1", "longhorn", "https://charts.longhorn.io"), *LONGHORN)
    demand = "one minor at a time (https://longhorn.io/docs/latest/deploy/upgrade/); 1.9.2 first"
    assert reasons(decisions) == {
        "1.13.0-rc.1": "a prerelease",
        **dict.fromkeys(("1.12.0", "1.11.0", "1.10.1", "1.10.0"), demand),
    }


def test_what_has_to_wait_is_held() -> None:
    """Reports show the newest release that is out of reach, and the way to it; nothing where the newest is offered."""
    found = chart("1.8.1", "longhorn", "https://charts.longhorn.io")
    held = decide(found, releases(*LONGHORN), lambda each, *_: each.policy).held
    assert held is not None
    assert (held.new_version, held.update_type, held.rule) == ("1.12.0", "minor", "ladder")
    assert held.reason.endswith("; 1.9.2 first")
    assert decide(found, releases("1.9.0"), lambda each, *_: each.policy).held is None


def test_it_says_where_to_stop() -> None:
    """GitLab's required stops hold for its chart, too, whose numbers are others."""
    _, decisions = decided(chart("8.1.2", "gitlab", "https://charts.gitlab.io"), "8.3.1", "8.3.7", "8.4.0")
    source = "https://docs.gitlab.com/update/upgrade_paths/"
    assert reasons(decisions) == {"8.4.0": f"8.3 must not be jumped over ({source}); 8.3.7 first"}


def test_it_says_that_a_rung_is_missing() -> None:
    """Where nothing lies in between, nothing is jumped over either."""
    _, decisions = decided(tracked("1.8.1", policy=MINOR), "1.10.0")
    assert reasons(decisions) == {"1.10.0": "one minor at a time, and nothing in between is published"}


@pytest.mark.parametrize("unfit", ["1.9.3-rc.1", "20.04.1"])
def test_a_release_that_is_not_fit_is_no_rung(unfit: str) -> None:
    """Prereleases and strangers neither block nor open the way."""
    assert offered(tracked("1.8.1", policy=MINOR), unfit, "1.9.0") == [("minor", "1.9.0")]


def test_a_rung_that_the_team_does_not_allow_is_one_all_the_same() -> None:
    """``allowedVersions`` opens no way around what it shuts out."""
    policy = Policy(max_step="minor", allowed_versions="!/^1\\.9\\./")
    assert offered(tracked("1.8.1", policy=policy), "1.9.0", "1.10.0") == []


def test_the_team_decides_over_the_publisher() -> None:
    """``any`` takes a publisher's path away."""
    found = tracked("1.13.0", name="quay.io/cilium/cilium", policy=Policy(max_step="any"))
    assert offered(found, "1.16.0") == [("minor", "1.16.0")]


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("quay.io/cilium/cilium", []),
        ("registry.example.com/mirror/rook/ceph", []),
        ("registry.k8s.io/kube-proxy", []),
        ("nextcloud", [("minor", "1.15.0")]),
        ("acme/notcilium/cilium2", [("major", "3.0.0"), ("minor", "1.15.0")]),
        ("acme/my-kube-proxy", [("major", "3.0.0"), ("minor", "1.15.0")]),
    ],
)
def test_images_are_known_by_the_end_of_their_name(name: str, wanted: list[tuple[str, str]]) -> None:
    """Whatever mirror they come from; by whole parts of the name."""
    assert offered(tracked("1.13.0", name=name), "1.15.0", "3.0.0") == wanted


@pytest.mark.parametrize("repository", ["https://charts.longhorn.io", "https://charts.longhorn.io/"])
def test_charts_are_known_by_their_repository(repository: str) -> None:
    """Others may publish a chart of the same name and count in another way."""
    assert offered(chart("1.8.1", "longhorn", repository), "1.10.0") == []
    assert offered(chart("1.8.1", "longhorn", "https://charts.example.com"), "1.10.0") == [("minor", "1.10.0")]


def test_every_row_cites_its_source_and_can_be_read() -> None:
    """Data that nobody could check, or that means nothing, is worth nothing."""
    for row in ROWS:
        assert row.source.startswith("https://")
        assert read_step(row.step) is not None or read_stops(row.stops)
        assert row.images or row.charts or row.repositories


numbers = st.tuples(st.integers(1, 3), st.integers(0, 4), st.integers(0, 2))


@given(
    current=numbers, listed=st.sets(numbers, max_size=12), step=st.sampled_from([Step(1, 1), Step(2, 1), Step(1, 0)])
)
def test_what_is_within_reach_is_so_step_by_step(
    current: tuple[int, int, int], listed: set[tuple[int, int, int]], step: Step
) -> None:
    """If a release is within reach, so is every older one; and nothing further than the limit is."""
    newer = sorted(each for each in listed if each > current)
    landings = {each[:2]: ".".join(map(str, each)) for each in newer}
    rungs = Rungs(ladder=Ladder(step=step), landings=landings)
    reachable = [rungs.why_not(current, each) is None for each in newer]
    assert reachable == sorted(reachable, reverse=True)
    for each, within in zip(newer, reachable, strict=True):
        if each[0] == current[0]:
            assert within is (each[step.part] - current[step.part] <= step.limit)
