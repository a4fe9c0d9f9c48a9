"""The ladder above the version in use, where an upgrade path has to be kept to."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from updater.config.steps import Numbers, Step
from updater.versioning.listing import Listed

Series = tuple[int, int]
"""A major and a minor number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ladder:
    """An upgrade path. ``stops`` are the first numbers of versions, in order; ``source`` is who demands it."""

    step: Step | None = None
    stops: tuple[Numbers, ...] = ()
    source: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rungs:
    """The ladder above the version in use. ``landings`` has the newest release of each newer series."""

    ladder: Ladder
    landings: Mapping[Series, str]

    @classmethod
    def of(cls, ladder: Ladder, newest_first: Iterable[Listed]) -> "Rungs":
        """The rungs that these releases make."""
        landings: dict[Series, str] = {}
        for listed in newest_first:
            landings.setdefault(listed.version.components[:2], listed.text)
        return cls(ladder=ladder, landings=landings)

    def why_not(self, current: Numbers, new: Numbers) -> str | None:
        """What has to come before ``new``; None if it is within reach."""
        stop = next((stop for stop in self.ladder.stops if _is_jumped(stop, current, new)), None)
        if stop is not None:
            return self._says(f"{'.'.join(map(str, stop))} must not be jumped over", self._landing_on(stop))
        step = self.ladder.step
        if step is None or self._distance(current, new, step) <= step.limit:
            return None
        return self._says(str(step), self._reachable(current, step))

    def _says(self, demand: str, landing: str | None) -> str:
        source = f" ({self.ladder.source})" if self.ladder.source is not None else ""
        return f"{demand}{source}" + (f"; {landing} first" if landing else ", and nothing in between is published")

    def _landing_on(self, stop: Numbers) -> str | None:
        if len(stop) > 2:
            return ".".join(map(str, stop))
        return self._newest(series for series in self.landings if series[: len(stop)] == stop)

    def _reachable(self, current: Numbers, step: Step) -> str | None:
        """The furthest release that one step leads to."""
        further = (series for series in self.landings if series > current[:2])
        return self._newest(each for each in further if self._distance(current, each, step) <= step.limit)

    def _newest(self, found: Iterable[Series]) -> str | None:
        series = max(found, default=None)
        return self.landings[series] if series is not None else None

    def _distance(self, current: Numbers, new: Numbers, step: Step) -> int:
        """How many major or minor versions further it is; minor ones are counted, where a major one lies between."""
        if step.part == 0 or new[0] == current[0]:
            return new[step.part] - current[step.part]
        rest = max((minor for major, minor in self.landings if major == current[0]), default=current[1])
        between = sum(current[0] < series[0] and series <= new[:2] for series in self.landings)
        return max(rest - current[1], 0) + between


def _is_jumped(stop: Numbers, current: Numbers, new: Numbers) -> bool:
    return current[: len(stop)] < stop < new[: len(stop)]
