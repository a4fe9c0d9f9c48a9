"""What a configuration would have produced in the days that have passed, by the dates of releases. Pure.

The simulation begins with everything up to date, as far as the configuration lets it be, and runs once an hour. What is
offered, when, and in which branch is decided by the code of a run: rules, minimum age, names, schedules, limits. People
merge each pull request ``merge_after`` its opening; what merges automatically is merged by the next run. Digests, pins
and releases without a date have no place in time: they are left out, and the latter counted.
"""

from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from heapq import heappop, heappush
from itertools import count, takewhile

from msgspec import structs

from updater import naming, versioning
from updater.decide import PolicyFor
from updater.decide.desk import Desk
from updater.model.decide import Choice, Offer, Update
from updater.model.forge import Base
from updater.model.lookup import Releases
from updater.model.plan import Branch
from updater.model.scan import Package
from updater.model.track import Tracked
from updater.publish.terms import Terms, Why
from updater.vet.proposal import Proposal

_NOWHERE = Base("", None)
_RUN = timedelta(hours=1)
_WEEK = timedelta(days=7)
UNGROUPED = "no group"


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """From when to when, and how long people take to merge a pull request."""

    start: datetime
    end: datetime
    merge_after: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A pull request that would have been opened; ``changes`` counts how often it would have been made anew."""

    name: str
    title: str
    group: str
    opened: datetime
    merged: datetime | None = None
    changes: int = 0

    def is_open(self, moment: datetime) -> bool:
        """Whether it was open at ``moment``."""
        return self.opened <= moment and (self.merged is None or moment < self.merged)


@dataclass(frozen=True, slots=True, kw_only=True)
class Week:
    """A week: how many pull requests of each group were opened in it, and how many were open at once at the most."""

    start: datetime
    opened: Mapping[str, int]
    most_open: int

    @property
    def pulls(self) -> int:
        """How many were opened."""
        return sum(self.opened.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """All pull requests of a period, in the order of their opening.

    ``most_open`` is the highest number at once. ``waiting`` are branches that were never opened, with the reason at the
    end. Of ``releases`` of the packages in use, ``undated`` have no date and count for nothing.
    """

    period: Period
    pulls: tuple[Opened, ...]
    most_open: int
    waiting: Mapping[str, str]
    releases: int
    undated: int

    @property
    def weeks(self) -> tuple["Week", ...]:
        """The weeks, counted from the start; the last may be shorter."""
        begun = (self.period.start + _WEEK * number for number in count())
        starts = takewhile(lambda start: start < self.period.end, begun)
        return tuple(self._week(start, start + _WEEK) for start in starts)

    def _week(self, start: datetime, end: datetime) -> "Week":
        opened = Counter(pull.group for pull in self.pulls if start <= pull.opened < end)
        there = [pull for pull in self.pulls if pull.opened < end and (pull.merged is None or pull.merged > start)]
        moments = [start, *(pull.opened for pull in there if pull.opened >= start)]
        most = max(sum(pull.is_open(moment) for pull in there) for moment in moments)
        return Week(start=start, opened=opened, most_open=most)

    @property
    def groups(self) -> tuple[tuple[str, int], ...]:
        """How many pull requests each group had, the most first."""
        return tuple(sorted(Counter(pull.group for pull in self.pulls).items(), key=lambda each: (-each[1], each[0])))


def forecast(
    dependencies: Sequence[Tracked],
    releases: Mapping[Package, Releases],
    policy_for: PolicyFor,
    period: Period,
    *,
    by_version: bool,
    semantic: bool = False,
) -> Forecast:
    """Simulate ``period``. The releases of each package are read once."""
    desks = {
        package: Desk(releases[package], policy_for, by_version=by_version)
        for package in {tracked.package for tracked in dependencies}
        if package in releases
    }
    simulation = _Simulation(period, desks, semantic=semantic)
    for tracked in dependencies:
        if tracked.package in releases:
            simulation.begin(_before(tracked, releases[tracked.package], period.start))
    simulation.run()
    known = [release for package in desks for release in releases[package].releases]
    return Forecast(
        period=period,
        pulls=tuple(simulation.pulls()),
        most_open=simulation.most_open,
        waiting=simulation.waiting,
        releases=len(known),
        undated=sum(release.published is None for release in known),
    )


def _before(tracked: Tracked, releases: Releases, start: datetime) -> Tracked:
    """The dependency at a version that was out at the start: the one in use, or the newest below it."""
    scheme, value = versioning.get(tracked.versioning), tracked.dependency.current_value
    current = scheme.single(value) if value is not None else None
    dated = {each.version: each.published for each in releases.releases if each.published is not None}
    if value is None or current is None or dated.get(value, start) <= start:
        return tracked
    out = (scheme.single(name) for name, published in dated.items() if published <= start)
    older = [each for each in out if each is not None and each.family == current.family and each.key < current.key]
    newest = max(older, key=lambda each: each.key, default=None)
    names = (name for name in dated if newest is not None and scheme.single(name) == newest)
    return _at(tracked, next(names, value), None)


def _at(tracked: Tracked, value: str | None, version: str | None) -> Tracked:
    lock = tracked.lock
    moved = structs.replace(lock, version=version) if lock is not None and version is not None else lock
    return structs.replace(tracked, dependency=structs.replace(tracked.dependency, current_value=value), lock=moved)


@dataclass(frozen=True, slots=True)
class _Coming:
    """An offer and the moment from which it is one."""

    since: datetime
    choice: Choice
    offer: Offer

    @property
    def update(self) -> Update:
        current = self.choice.current_version
        return Update(tracked=self.choice.tracked, offer=self.offer, current_version=current, new_digest=None, edits=())


def _coming(choice: Choice, now: datetime) -> Iterator[_Coming]:
    """The steps of a choice that have a date, best first, up to the first that can be taken ``now``."""
    for offer in choice.offers:
        proposal = Proposal(choice, offer)
        if proposal.is_step and offer.release.published is not None:
            coming = _Coming(offer.release.published + (proposal.gate or timedelta()), choice, offer)
            yield coming
            if coming.since <= now:
                return


class _Simulation:
    """The state of the repository and of its pull requests, hour by hour."""

    def __init__(self, period: Period, desks: Mapping[Package, Desk], *, semantic: bool) -> None:
        self._period, self._desks, self._semantic = period, desks, semantic
        self._places: list[list[list[_Coming]]] = []
        self._events: list[tuple[datetime, int]] = []
        self._wanted: dict[str, dict[int, Update]] = {}
        self._branches: dict[str, Branch] = {}
        self._open: dict[str, Opened] = {}
        self._due: dict[str, datetime] = {}
        self._closed: list[Opened] = []
        self.waiting: dict[str, str] = {}
        self.most_open = 0

    def begin(self, tracked: Tracked) -> None:
        """Add a dependency, brought up to date as of the start."""
        start = self._period.start
        while True:
            choices = self._choices(tracked, start)
            due = [each for coming in choices if (each := _best(coming, start)) is not None]
            if not due:
                break
            offer = max(due, key=lambda each: each.since).offer
            before, tracked = tracked, _at(tracked, offer.new_value, offer.version)
            if tracked == before:
                break
        self._places.append(choices)
        self._expect(len(self._places) - 1)

    def run(self) -> None:
        """Let the time pass."""
        now = self._period.start
        while now < self._period.end:
            self._merge(now)
            self._offer(now)
            self._request(now)
            self.most_open = max(self.most_open, len(self._open))
            now += _RUN

    def pulls(self) -> list[Opened]:
        """All that were opened."""
        return sorted((*self._closed, *self._open.values()), key=lambda each: (each.opened, each.name))

    def _choices(self, tracked: Tracked, now: datetime) -> list[list[_Coming]]:
        decided = self._desks[tracked.package].decide(tracked)
        return [coming for choice in decided.choices if (coming := list(_coming(choice, now)))]

    def _expect(self, place: int) -> None:
        for coming in self._places[place]:
            for each in coming:
                heappush(self._events, (each.since, place))

    def _offer(self, now: datetime) -> None:
        """What has become an offer since the last run replaces what was offered before."""
        places = set()
        while self._events and self._events[0][0] <= now:
            places.add(heappop(self._events)[1])
        changed: set[str] = set()
        for place in sorted(places):
            changed |= self._offered(place, now)
        for name in changed & self._open.keys():
            self._open[name] = replace(self._open[name], changes=self._open[name].changes + 1)

    def _offered(self, place: int, now: datetime) -> set[str]:
        """Put the best offers of a dependency into their branches; the names of those that change."""
        changed = set()
        for coming in self._places[place]:
            best = _best(coming, now)
            if best is not None:
                update = best.update
                name = naming.branch_name(update)
                members = self._wanted.setdefault(name, {})
                if place not in members or members[place].offer.version != update.offer.version:
                    members[place] = update
                    self._branches.pop(name, None)
                    changed.add(name)
        return changed

    def _merge(self, now: datetime) -> None:
        for name in [name for name, moment in self._due.items() if moment <= now]:
            del self._due[name]
            self._closed.append(replace(self._open.pop(name), merged=now))
            self._branches.pop(name, None)
            for place, update in self._wanted.pop(name).items():
                self._move(place, update, now)

    def _move(self, place: int, update: Update, now: datetime) -> None:
        """A merged update: what else was offered to the dependency is decided anew."""
        for name, members in self._wanted.items():
            if members.pop(place, None) is not None:
                self._branches.pop(name, None)
        self._wanted = {name: members for name, members in self._wanted.items() if members or name in self._open}
        moved = _at(update.tracked, update.offer.new_value, update.offer.version)
        self._places[place] = self._choices(moved, now) if moved != update.tracked else []
        self._expect(place)

    def _request(self, now: datetime) -> None:
        opened_now = sum(pull.opened == now for pull in self._open.values())
        self.waiting = {}
        known: dict[Hashable, tuple[Terms, Why | None]] = {}
        for name in sorted(self._wanted.keys() - self._open.keys()):
            branch = self._branch(name)
            alike = _alike(branch)
            if alike not in known:
                terms = Terms(branch, now)
                known[alike] = (terms, terms.why_wait())
            terms, why = known[alike]
            reason = why.reason if why is not None else self._full_limit(terms, opened_now)
            if reason is not None:
                self.waiting[name] = reason
                continue
            group = branch.updates[0].offer.policy.group_name or UNGROUPED
            self._open[name] = Opened(name=name, title=branch.title, group=group, opened=now)
            self._due[name] = now + (_RUN if terms.automerges else self._period.merge_after)
            opened_now += 1

    def _full_limit(self, terms: Terms, opened_now: int) -> str | None:
        if terms.open_pulls is not None and len(self._open) >= terms.open_pulls:
            return f"prConcurrentLimit is {terms.open_pulls}"
        if terms.hourly_pulls is not None and opened_now >= terms.hourly_pulls:
            return f"prHourlyLimit is {terms.hourly_pulls}"
        return None

    def _branch(self, name: str) -> Branch:
        known = self._branches.get(name)
        if known is None:
            updates = tuple(self._wanted[name].values())
            title = naming.title(updates, semantic=self._semantic)
            known = Branch(name=name, base=_NOWHERE, title=title, body="", updates=updates, files={}, fingerprint="")
            self._branches[name] = known
        return known


def _alike(branch: Branch) -> Hashable:
    """What the terms of a branch depend on."""
    return len(branch.updates), frozenset(id(update.offer.policy) for update in branch.updates)


def _best(coming: Iterable[_Coming], now: datetime) -> _Coming | None:
    return next((each for each in coming if each.since <= now), None)
