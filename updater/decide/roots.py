"""What a Terraform root is made of: all that stands in one directory has to get along with each other.

Providers are bound by what modules require of them, in the version in use; modules by the constraints and the lock file
of the root; both by ``required_version``. What modules do not publish of their requirements, nobody knows here.
"""

import posixpath
from collections.abc import Iterable, Iterator, Mapping

from updater import versioning
from updater.model.lookup import Release, Releases
from updater.model.scan import Package
from updater.model.track import Tracked
from updater.policy.surroundings import Demand, Surroundings

_PROVIDER, _MODULE, _ENGINE = "terraform-provider", "terraform-module", "required_version"
_PROGRAM = "terraform"
"""What a requirement calls Terraform and OpenTofu."""


class Roots:
    """The directories with Terraform files, and what there is around each package in them."""

    def __init__(self, dependencies: Iterable[Tracked], releases: Mapping[Package, Releases]) -> None:
        self._releases = releases
        self._members: dict[str, list[Tracked]] = {}
        self._made: dict[tuple[str, Package], Surroundings] = {}
        for tracked in filter(_is_member, dependencies):
            self._members.setdefault(_directory(tracked), []).append(tracked)

    def around(self, tracked: Tracked) -> Surroundings | None:
        """What there is around a dependency; the same object for all on its package in its root."""
        if not _is_member(tracked):
            return None
        place = (_directory(tracked), tracked.package)
        if place not in self._made:
            self._made[place] = self._around(tracked)
        return self._made[place]

    def _around(self, tracked: Tracked) -> Surroundings:
        others = [each for each in self._members[_directory(tracked)] if each.package != tracked.package]
        on_others: dict[str, list[Demand]] = {}
        for demand in (demand for other in others for demand in self._demands(other)):
            on_others.setdefault(demand.name, []).append(demand)
        name = _name(tracked)
        versions = {_name(each): self._releases[each.package] for each in others if each.package in self._releases}
        return Surroundings(on_it=on_others.pop(name, ()), on_others=on_others, versions=_known(versions))

    def _demands(self, tracked: Tracked) -> Iterator[Demand]:
        """What a member of the root wants: for itself, or of what it requires in the version in use."""
        dependency = tracked.dependency
        place, value = f"{dependency.path}:{dependency.line}", dependency.current_value
        if tracked.package.datasource == _MODULE:
            release = self._in_use(tracked)
            for requirement in release.requires if release is not None else ():
                yield Demand(
                    name=requirement.name,
                    constraint=requirement.constraint,
                    by=f"{tracked.name} {release.version if release else ''} ({place})",
                )
        elif tracked.lock is not None:
            lock = tracked.lock
            yield Demand(name=_name(tracked), constraint=f"= {lock.version}", by=f"{lock.path}:{lock.line}")
        elif value is not None:
            yield Demand(name=_name(tracked), constraint=value, by=place)

    def _in_use(self, tracked: Tracked) -> Release | None:
        """The release that a value names, or the newest that it admits."""
        listed, value = self._releases.get(tracked.package), tracked.dependency.current_value
        if listed is None or value is None:
            return None
        scheme = versioning.get(tracked.versioning)
        admitted = [each for each in listed.releases if scheme.matches(each.version, value)]
        return max(admitted, key=lambda release: scheme.key(release.version), default=None)


def _known(releases: Mapping[str, Releases]) -> dict[str, tuple[str, ...]]:
    """The versions of those whose list is complete."""
    return {
        name: tuple(release.version.removeprefix("v") for release in listed.releases)
        for name, listed in releases.items()
        if listed.complete and listed.releases
    }


def _is_member(tracked: Tracked) -> bool:
    return tracked.package.datasource in (_PROVIDER, _MODULE) or tracked.dependency.dep_type == _ENGINE


def _name(tracked: Tracked) -> str:
    return _PROGRAM if tracked.dependency.dep_type == _ENGINE else tracked.package.name.lower()


def _directory(tracked: Tracked) -> str:
    return posixpath.dirname(tracked.dependency.path)
