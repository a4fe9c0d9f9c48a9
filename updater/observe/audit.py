"""What Git says and what does not run: an expectation for every target, by the last commit that changed it."""

from collections.abc import Iterable
from dataclasses import replace

from updater.api import BranchHistory, Change, Expectation
from updater.model.scan import Package
from updater.observe.expecting import Terms
from updater.targets import Reach


def audited(reach: Reach, paths: Iterable[str], history: BranchHistory, branch: str, terms: Terms) -> list[Expectation]:
    """That every target runs what the branch says; those that no known commit has changed are left out.

    Of a target whose object names a chart in one version, that version is expected.
    """
    files, charts = list(reach.files_of(paths).items()), reach.charts()
    touches = history.last_touches({str(index): found for index, (_, found) in enumerate(files)})
    expected = []
    for index, (target, found) in enumerate(files):
        touch, path = touches.get(str(index)), target.path or ""
        if touch is None:
            continue
        changes = tuple(
            Change(path=path, package=Package(datasource="helm", name=chart.name), new=chart.version)
            for chart in charts[target]
        )
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
