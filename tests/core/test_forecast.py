"""What a configuration would have produced, on made histories: exact to the hour."""

from datetime import UTC, datetime, timedelta

from tests.core.made import releases, tracked
from updater.config import Policy
from updater.forecast import Forecast, Opened, Period, forecast
from updater.model.lookup import Release, Releases
from updater.model.scan import Package
from updater.model.track import Tracked, UpdateType

START = datetime(2026, 6, 1, tzinfo=UTC)
"""A Monday."""


def on(day: float, version: str) -> Release:
    return Release(version=version, published=START + timedelta(days=day))


def simulated(
    *found: tuple[Tracked, Releases], days: int = 28, merge_after: float = 3, policy: Policy | None = None
) -> Forecast:
    def policy_for(each: Tracked, _type: UpdateType, _version: str, _value: str | None) -> Policy:
        return policy or each.policy

    known: dict[Package, Releases] = {each.package: answer for each, answer in found}
    period = Period(start=START, end=START + timedelta(days=days), merge_after=timedelta(days=merge_after))
    return forecast([each for each, _ in found], known, policy_for, period, by_version=False)


def moments(made: Forecast) -> list[tuple[str, float, float | None, int]]:
    """Branch, day of opening, day of merging, changes in between."""
    day = timedelta(days=1)
    return [
        (each.name, (each.opened - START) / day, (each.merged - START) / day if each.merged else None, each.changes)
        for each in made.pulls
    ]


API = tracked("1.0.0")
BRANCH = "updater/ghcr.io-acme-api-1.x"


def test_releases_become_pull_requests() -> None:
    """One is opened when its release is out, follows the next release, and is merged in time; then comes the next."""
    made = simulated((API, releases(on(-9, "1.0.0"), on(2, "1.1.0"), on(4, "1.1.1"), on(20, "1.2.0"))))

    assert moments(made) == [(BRANCH, 2, 5, 1), (BRANCH, 20, 23, 0)]
    assert [week.pulls for week in made.weeks] == [1, 0, 1, 0]
    assert made.groups == (("no group", 2),)


def test_weeks_tell_groups_and_what_was_open_at_once() -> None:
    """What is open for several weeks counts in each; what is merged at a week's first moment does not count in it."""
    day = timedelta(days=1)
    pulls = (
        Opened(name="a", title="A", group="x", opened=START + day, merged=START + 7 * day),
        Opened(name="b", title="B", group="x", opened=START + 2 * day, merged=START + 16 * day),
        Opened(name="c", title="C", group="y", opened=START + 8 * day),
    )
    period = Period(start=START, end=START + 20 * day, merge_after=day)
    made = Forecast(period=period, pulls=pulls, most_open=2, waiting={}, releases=0, undated=0)

    assert [(week.pulls, dict(week.opened), week.most_open) for week in made.weeks] == [
        (2, {"x": 2}, 2),
        (1, {"y": 1}, 2),
        (0, {}, 2),
    ]


def test_it_begins_up_to_date() -> None:
    """What was out before does not count, wherever the file stands today."""
    history = releases(on(-90, "1.0.0"), on(-50, "1.1.0"), on(-1, "1.2.0"), on(6, "1.3.0"))

    assert [opened for _, opened, _, _ in moments(simulated((API, history)))] == [6]
    assert [opened for _, opened, _, _ in moments(simulated((tracked("1.3.0"), history)))] == [6]


def test_minimum_release_age_delays() -> None:
    """A release is offered when it is old enough, not when it is out."""
    policy = Policy(minimum_release_age=timedelta(days=7))
    made = simulated((API, releases(on(-9, "1.0.0"), on(2, "1.1.0"))), policy=policy)

    assert moments(made) == [(BRANCH, 9, 12, 0)]


def test_groups_share_a_pull_request() -> None:
    """All members move in one, however many they are."""
    policy = Policy(group_name="everything")
    pairs = [(tracked("1.0.0", name=name), releases(on(-9, "1.0.0"), on(2, "1.1.0"))) for name in ("a", "b", "c")]
    made = simulated(*pairs, policy=policy)

    assert moments(made) == [("updater/everything", 2, 5, 0)]
    assert made.groups == (("everything", 1),)


def test_limits_queue() -> None:
    """Beyond the limits they wait: two an hour, or one at a time until it is merged."""
    pairs = [(tracked("1.0.0", name=name), releases(on(-9, "1.0.0"), on(1, "1.1.0"))) for name in ("a", "b", "c")]
    hourly = simulated(*pairs, policy=Policy(pr_hourly_limit=2, pr_concurrent_limit=0))
    single = simulated(*pairs, policy=Policy(pr_hourly_limit=0, pr_concurrent_limit=1), days=6)

    assert [opened for _, opened, _, _ in moments(hourly)] == [1, 1, 1 + 1 / 24]
    assert hourly.most_open == 3
    assert [opened for _, opened, _, _ in moments(single)] == [1, 4]
    assert (single.most_open, dict(single.waiting)) == (1, {"updater/c-1.x": "prConcurrentLimit is 1"})


def test_schedules_are_kept() -> None:
    """What comes out on a Tuesday waits for the next Monday."""
    policy = Policy(schedule=("* 0-3 * * 1",), timezone="UTC")
    made = simulated((API, releases(on(-9, "1.0.0"), on(1, "1.1.0"))), policy=policy)

    assert moments(made) == [(BRANCH, 7, 10, 0)]


def test_what_is_merged_automatically_does_not_wait_for_people() -> None:
    """It is merged by the next run."""
    made = simulated((API, releases(on(-9, "1.0.0"), on(1, "1.1.0"))), policy=Policy(automerge=True))

    assert moments(made) == [(BRANCH, 1, 1 + 1 / 24, 0)]


def test_releases_without_a_date_are_counted_and_left_out() -> None:
    """They have no place in time, and whoever reads the numbers is told."""
    made = simulated((API, releases(on(-9, "1.0.0"), "1.1.0", on(3, "1.2.0"))))

    assert moments(made) == [(BRANCH, 3, 6, 0)]
    assert (made.releases, made.undated) == (3, 1)
