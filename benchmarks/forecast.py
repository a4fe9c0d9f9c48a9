"""How long it takes to simulate 90 days for 2,000 dependencies: `python -m benchmarks.forecast`."""

from datetime import UTC, datetime, timedelta
from time import perf_counter

from tests.core.made import tracked
from updater.config import Policy
from updater.forecast import Period, forecast
from updater.model.lookup import Release, Releases

END = datetime(2026, 11, 30, tzinfo=UTC)
PACKAGES, PLACES, RELEASES = 500, 4, 200


def main() -> None:
    period = Period(start=END - timedelta(days=90), end=END, merge_after=timedelta(days=3))
    policies = {
        "no limits": Policy(pr_concurrent_limit=0, pr_hourly_limit=0),
        "the defaults": Policy(),
        "on Mondays": Policy(schedule=("* 0-3 * * 1",), pr_concurrent_limit=0, pr_hourly_limit=0),
        "one group": Policy(group_name="everything"),
    }
    for name, policy in policies.items():
        found = [
            tracked("1.0.0", name=f"ghcr.io/acme/app-{package}", path=f"apps/{place}/{package}.yaml", policy=policy)
            for package in range(PACKAGES)
            for place in range(PLACES)
        ]
        known = {each.package: history(number) for number, each in enumerate(found)}
        started = perf_counter()
        made = forecast(found, known, lambda _t, _k, _v, _n, policy=policy: policy, period, by_version=False)
        seconds = perf_counter() - started
        print(f"{name:14}{len(made.pulls):6} pull requests, {made.most_open:4} open at once  {seconds:6.2f} s")


def history(number: int) -> Releases:
    """Releases every five days, the last one today; every package on days of its own."""
    return Releases(
        releases=tuple(
            Release(
                version=f"1.{place // 10}.{place % 10}",
                published=END - timedelta(days=5 * (RELEASES - place) - number % 5, hours=number % 24),
            )
            for place in range(RELEASES)
        )
    )


if __name__ == "__main__":
    main()
