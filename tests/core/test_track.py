"""Which entry of a lock file belongs to which dependency."""

from dataclasses import replace

from tests.core.made import tracked
from updater.config import parse
from updater.model import Dependency, LockEntry, Package, Place, Remark, Span, Tracked
from updater.track import track

CHART = Package(datasource="helm", name="redis", registry_urls=("https://charts.example.com",))
PROVIDER = Package(datasource="terraform-provider", name="hashicorp/aws")


def dependency(package: Package, path: str, span: Span = Span(10, 15)) -> Dependency:  # noqa: B008 - a tuple
    return replace(tracked(path=path).dependency, package=package, span=span)


def entry(package: Package, path: str, *places: Place) -> LockEntry:
    return LockEntry(
        manager="lock", path=path, line=1, package=package, version="1.0.0", version_span=Span(0, 5), places=places
    )


def only(found: Dependency, *entries: LockEntry) -> Tracked:
    (one,) = track([found], entries, parse("{}", path="renovate.json"), lambda _name: "semver").tracked
    return one


def test_an_entry_for_a_directory() -> None:
    """An entry without places locks its package in all files of its directory, and in no other directory."""
    lock = replace(entry(PROVIDER, "a/.terraform.lock.hcl"), places=None)

    assert only(dependency(PROVIDER, "a/main.tf"), lock).lock == lock
    assert only(dependency(PROVIDER, "b/main.tf"), lock).lock is None
    assert only(dependency(replace(PROVIDER, datasource="terraform-module"), "a/main.tf"), lock).lock is None


def test_an_entry_for_a_place() -> None:
    """An entry with places locks what stands there, and not the same package elsewhere in the directory."""
    first = entry(CHART, "a/Chart.lock", Place("a/Chart.yaml", Span(10, 15)))
    second = entry(CHART, "a/Chart.lock", Place("a/Chart.yaml", Span(30, 35)))

    assert only(dependency(CHART, "a/Chart.yaml"), first, second).lock == first
    assert only(dependency(CHART, "a/Chart.yaml", Span(30, 35)), first, second).lock == second
    assert only(dependency(CHART, "a/application.yaml"), first, second).lock is None


def test_an_entry_that_locks_nothing() -> None:
    """What a helmfile's lock file records moves with nothing."""
    assert only(dependency(CHART, "helmfile.yaml"), entry(CHART, "helmfile.lock")).lock is None


def test_a_stale_entry() -> None:
    """A lock file that was unusable before counts for nothing, and only leaves its remark."""
    remark = Remark("a/Chart.lock", "is left as it is")
    stale = replace(entry(CHART, "a/Chart.lock", Place("a/Chart.yaml", Span(10, 15))), is_stale=True, remark=remark)
    found = only(dependency(CHART, "a/Chart.yaml"), stale)

    assert (found.lock, found.remark) == (None, remark)
