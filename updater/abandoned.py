"""Which packages nobody releases any more. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from updater.model.decide import Abandoned
from updater.model.lookup import Releases
from updater.model.scan import Package
from updater.model.track import Tracked


def abandoned(
    dependencies: Iterable[Tracked], releases: Mapping[Package, Releases], now: datetime
) -> Iterator[Abandoned]:
    """The dependencies whose package is older, by its latest release, than their ``abandonmentThreshold``."""
    for tracked in dependencies:
        threshold = tracked.policy.abandonment_threshold
        latest = _latest(releases.get(tracked.package)) if threshold is not None else None
        if threshold is not None and latest is not None and latest + threshold < now:
            yield Abandoned(tracked=tracked, latest=latest)


def _latest(found: Releases | None) -> datetime | None:
    """When the latest release was made; None where that of some release is not known, for it may be the latest."""
    dates = [release.published for release in found.releases] if found is not None and found.complete else []
    known = [date for date in dates if date is not None]
    return max(known) if known and len(known) == len(dates) else None
