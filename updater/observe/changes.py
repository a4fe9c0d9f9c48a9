"""What a merged commit did to versions: told from the files before and after it, whatever anybody says it did."""

from collections.abc import Iterable

from updater.api import Change
from updater.model.track import Tracked


def changes_between(before: Iterable[Tracked], after: Iterable[Tracked]) -> tuple[Change, ...]:
    """The versions that moved. Places are told by file, manager and name, several of one name by their order."""
    old, new = _by_place(before), _by_place(after)
    moved = ((old[place], tracked) for place, tracked in new.items() if place in old)
    return tuple(_change(one, other) for one, other in moved if _values(one) != _values(other))


def _by_place(found: Iterable[Tracked]) -> dict[tuple[str, str, str, int], Tracked]:
    counts: dict[tuple[str, str, str], int] = {}
    places = {}
    for tracked in found:
        dependency = tracked.dependency
        name = (dependency.path, dependency.manager, tracked.name)
        counts[name] = counts.get(name, 0) + 1
        places[*name, counts[name]] = tracked
    return places


def _values(tracked: Tracked) -> tuple[str | None, str | None]:
    return tracked.dependency.current_value, tracked.dependency.current_digest


def _change(old: Tracked, new: Tracked) -> Change:
    return Change(
        path=new.dependency.path,
        package=new.package,
        environment=new.dependency.environment,
        old=old.dependency.current_value,
        new=new.dependency.current_value,
        old_digest=old.dependency.current_digest,
        new_digest=new.dependency.current_digest,
    )
