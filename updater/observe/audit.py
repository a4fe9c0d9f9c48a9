"""What Git says and what does not run: an expectation for every target, by the last commit that changed it."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from updater.api import BranchHistory, Change, Expectation, Target
from updater.model import Tracked
from updater.observe.expecting import Terms
from updater.targets import Reach


def audited(
    reach: Reach, tracked: Iterable[Tracked], paths: Iterable[str], history: BranchHistory, branch: str, terms: Terms
) -> list[Expectation]:
    """That every target runs what the branch says; those that no known commit has changed are left out."""
    files = reach.files_of(paths)
    keys = {target: str(index) for index, target in enumerate(files)}
    touches = history.last_touches({keys[target]: found for target, found in files.items()})
    by_path: dict[str, list[Tracked]] = {}
    for each in tracked:
        by_path.setdefault(each.dependency.path, []).append(each)
    expected = []
    for target, found in files.items():
        touch = touches.get(keys[target])
        if touch is None:
            continue
        changes = _declared(target, by_path, reach)
        expected.append(
            Expectation(
                target=replace(target, environment=terms.environment_of(target, found), declared_by=bool(changes)),
                commit=touch.commit,
                branch=branch,
                since=touch.date,
                changes=changes,
                grace=terms.grace,
                glance=True,
            )
        )
    return expected


def _declared(target: Target, by_path: Mapping[str, list[Tracked]], reach: Reach) -> tuple[Change, ...]:
    """The versions of charts that stand in the target's own object, not in another one of the same file."""
    if target.path is None:
        return ()
    charts = [each for each in by_path.get(target.path, ()) if _is_chart(each)]
    return tuple(
        Change(path=target.path, package=each.package, new=each.dependency.current_value)
        for each in charts
        if each.dependency.current_value is not None
        and reach.says(target, [each.dependency.current_value])
        and reach.says(target, [each.package.name.rpartition("/")[2]])
    )


def _is_chart(tracked: Tracked) -> bool:
    return tracked.package.datasource == "helm" or tracked.dependency.dep_type == "chart"
