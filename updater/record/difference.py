"""What one plan would do otherwise than another one, in pull requests. Pure; works on plans as JSON.

Plans are compared by what they propose: which place goes to which version. A pull request is the same one if it has the
name it had, *regrouped* if what it proposes was proposed by others before. What could not be decided is no difference.
"""

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Self

import msgspec
from msgspec import structs

Place = tuple[object, ...]
"""A value in a file, and the kind of step it takes; with the version it leads to, where there are several steps."""


class _Update(msgspec.Struct, frozen=True):
    file: str
    line: int
    dep_name: str
    package_name: str
    datasource: str
    update_type: str
    current_value: str | None
    new_value: str | None
    new_digest: str | None
    new_version: str
    base: str | None = None
    series: str = ""

    @property
    def place(self) -> Place:
        return (self.base, self.file, self.line, self.dep_name, self.update_type, self.series)

    def in_its_series(self) -> Self:
        """The same, told apart from steps of its type to other major, or other minor, versions."""
        numbers = re.findall(r"\d+", self.new_version)
        return structs.replace(self, series=".".join(numbers[: 1 if self.update_type == "major" else 2]))

    @property
    def aim(self) -> tuple[str | None, ...]:
        return (self.new_value, self.new_digest, self.new_version)

    @property
    def subject(self) -> str:
        return f"{self.datasource} {self.package_name}"


class _Branch(msgspec.Struct, frozen=True):
    name: str
    title: str
    labels: tuple[str, ...]
    automerge: bool
    draft: bool
    updates: tuple[_Update, ...]

    @property
    def aims(self) -> dict[Place, tuple[str | None, ...]]:
        return {update.place: update.aim for update in self.updates}


class _Action(msgspec.Struct, frozen=True):
    kind: str
    branch: str
    reason: str


class _Failed(msgspec.Struct, frozen=True):
    subject: str
    error: str


class _Plan(msgspec.Struct, frozen=True):
    branches: tuple[_Branch, ...]
    actions: tuple[_Action, ...]
    failed: tuple[_Failed, ...]

    @property
    def waiting(self) -> dict[str, str]:
        """The branches that are held back, and why."""
        return {action.branch: action.reason for action in self.actions if action.kind == "hold"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One pull request that is not what it was: its branch, its title, and what is different in a few words."""

    branch: str
    title: str
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """The pull requests that differ, by how. One may be in several; ``undecided`` are packages, with the reason."""

    added: tuple[Change, ...] = ()
    removed: tuple[Change, ...] = ()
    regrouped: tuple[Change, ...] = ()
    retargeted: tuple[Change, ...] = ()
    automerged: tuple[Change, ...] = ()
    not_automerged: tuple[Change, ...] = ()
    waiting: tuple[Change, ...] = ()
    not_waiting: tuple[Change, ...] = ()
    reworded: tuple[Change, ...] = ()
    undecided: tuple[tuple[str, str], ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether the plans do the same."""
        return not any(getattr(self, each.name) for each in fields(self))


def difference(before: Mapping[str, Any], after: Mapping[str, Any]) -> Difference:
    """From one plan, as :func:`updater.report.as_json.plan` writes it, to another one."""
    plans = (msgspec.convert(before, _Plan), msgspec.convert(after, _Plan))
    several = {place for plan in plans for place in _several(plan)}
    return _Comparison(*(_told_apart(plan, several) for plan in plans)).difference()


def _several(plan: _Plan) -> Iterable[Place]:
    """The places that are to go to several versions at once (``separateMultipleMajor``)."""
    places = Counter(update.place for branch in plan.branches for update in branch.updates)
    return (place for place, count in places.items() if count > 1)


def _told_apart(plan: _Plan, several: Collection[Place]) -> _Plan:
    def told_apart(branch: _Branch) -> _Branch:
        updates = (update.in_its_series() if update.place in several else update for update in branch.updates)
        return structs.replace(branch, updates=tuple(updates))

    return structs.replace(plan, branches=tuple(map(told_apart, plan.branches)))


class _Comparison:
    def __init__(self, before: _Plan, after: _Plan) -> None:
        self._before, self._after = before, after
        self._old = {branch.name: branch for branch in before.branches}
        self._home = _homes(before.branches)
        self._new_home = _homes(after.branches)
        known = {each.subject for each in before.failed}
        self._undecided = {each.subject: each.error for each in after.failed if each.subject not in known}

    def difference(self) -> Difference:
        stayed = [(self._old[branch.name], branch) for branch in self._after.branches if branch.name in self._old]
        return Difference(
            added=tuple(_change(branch) for branch in self._after.branches if self._is_added(branch)),
            removed=tuple(_change(branch) for branch in self._before.branches if self._is_removed(branch)),
            regrouped=tuple(self._regrouped()),
            retargeted=tuple(_change(new, detail) for old, new in stayed if (detail := _retargeted(old, new))),
            automerged=tuple(self._turned(lambda branch: branch.automerge)),
            not_automerged=tuple(self._turned(lambda branch: not branch.automerge)),
            waiting=tuple(self._waiting(self._before, self._after)),
            not_waiting=tuple(self._waiting(self._after, self._before)),
            reworded=tuple(_change(new, detail) for old, new in stayed if (detail := _reworded(old, new))),
            undecided=tuple(sorted(self._undecided.items())),
        )

    def _is_added(self, branch: _Branch) -> bool:
        return not any(place in self._home for place in branch.aims)

    def _is_removed(self, branch: _Branch) -> bool:
        """Whether nothing proposes any more what this one did; what is unknown now is not gone."""
        return not any(update.place in self._new_home or update.subject in self._undecided for update in branch.updates)

    def _regrouped(self) -> Iterable[Change]:
        for branch in self._after.branches:
            homes = {self._home[place] for place in branch.aims if place in self._home}
            left = {
                update.place
                for update in (self._old[branch.name].updates if branch.name in self._old else ())
                if update.place not in branch.aims and update.place in self._new_home
            }
            if homes - {branch.name} or left:
                yield _change(branch, f"from {_listed(sorted(homes))}")

    def _turned(self, is_so: Callable[[_Branch], bool]) -> Iterable[Change]:
        """The pull requests of which something is so now, and was not so for a part of what they propose."""
        for branch in self._after.branches:
            homes = {self._home[place] for place in branch.aims if place in self._home}
            if is_so(branch) and any(not is_so(self._old[home]) for home in homes):
                yield _change(branch)

    @staticmethod
    def _waiting(before: _Plan, after: _Plan) -> Iterable[Change]:
        titles = {branch.name: branch for branch in after.branches}
        known = {branch.name for branch in before.branches}
        return (
            _change(titles[name], reason)
            for name, reason in after.waiting.items()
            if name in known and name in titles and name not in before.waiting
        )


def _homes(branches: Iterable[_Branch]) -> dict[Place, str]:
    return {place: branch.name for branch in branches for place in branch.aims}


def _change(branch: _Branch, detail: str = "") -> Change:
    return Change(branch=branch.name, title=branch.title, detail=detail)


def _retargeted(old: _Branch, new: _Branch) -> str:
    """Where to, where the same place goes elsewhere."""
    before = old.aims
    moved = [update for update in new.updates if before.get(update.place, update.aim) != update.aim]
    return _listed(dict.fromkeys(f"{update.dep_name} to {update.new_version}" for update in moved))


def _reworded(old: _Branch, new: _Branch) -> str:
    """What of it reads differently, where it proposes the same."""
    if old.aims != new.aims:
        return ""
    pairs = (("title", old.title, new.title), ("labels", old.labels, new.labels), ("draft", old.draft, new.draft))
    return _listed(name for name, before, after in pairs if before != after)


def _listed(names: Iterable[str], shown: int = 3) -> str:
    listed: Sequence[str] = list(names)
    rest = f" and {len(listed) - shown} more" if len(listed) > shown else ""
    return ", ".join(listed[:shown]) + rest
