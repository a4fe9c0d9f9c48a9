"""Which entry of a lock file belongs to which dependency."""

import json

import pytest
from msgspec import structs

from tests.core.made import tracked
from updater.config import parse
from updater.model.scan import Dependency, LockEntry, Package, Place, Remark, Span
from updater.model.track import Tracked, UpdateType
from updater.track import Tracking, is_breaking, track

CHART = Package(datasource="helm", name="redis", registry_urls=("https://charts.example.com",))
PROVIDER = Package(datasource="terraform-provider", name="hashicorp/aws")


def dependency(package: Package, path: str, span: Span = Span(10, 15)) -> Dependency:  # noqa: B008 - a tuple
    return structs.replace(tracked(path=path).dependency, package=package, span=span)


def entry(package: Package, path: str, *places: Place) -> LockEntry:
    return LockEntry(
        manager="lock", path=path, line=1, package=package, version="1.0.0", version_span=Span(0, 5), places=places
    )


def only(found: Dependency, *entries: LockEntry) -> Tracked:
    (one,) = track([found], entries, parse("{}", path="renovate.json"), lambda _name: "semver").tracked
    return one


def test_an_entry_for_a_directory() -> None:
    """An entry without places locks its package in all files of its directory, and in no other directory."""
    lock = structs.replace(entry(PROVIDER, "a/.terraform.lock.hcl"), places=None)

    assert only(dependency(PROVIDER, "a/main.tf"), lock).lock == lock
    assert only(dependency(PROVIDER, "b/main.tf"), lock).lock is None
    assert only(dependency(structs.replace(PROVIDER, datasource="terraform-module"), "a/main.tf"), lock).lock is None


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
    stale = structs.replace(
        entry(CHART, "a/Chart.lock", Place("a/Chart.yaml", Span(10, 15))), is_stale=True, remark=remark
    )
    found = only(dependency(CHART, "a/Chart.yaml"), stale)

    assert (found.lock, found.remark) == (None, remark)


def test_a_manager_s_own_paths_turn_away_what_it_finds_elsewhere() -> None:
    """Only what that manager finds; the row names the block."""
    found = tracked(path="examples/a.yaml").dependency
    config = parse(
        '{\n"kubernetes": {"ignorePaths": ["**/examples/**"]},\n"argocd": {"includePaths": ["x"]}}', path="c"
    )
    turned_away = track([found, tracked(path="a.yaml").dependency], [], config, lambda _: "docker")
    other = track([found], [], parse('{"argocd": {"ignorePaths": ["**/examples/**"]}}', path="c"), lambda _: "docker")

    assert [each.reason for each in turned_away.skipped] == ["outside the paths of kubernetes (c:2)"]
    assert [each.dependency.path for each in turned_away.tracked] == ["a.yaml"]
    assert len(other.tracked) == 1


def test_lock_files_may_be_left_as_they_are() -> None:
    """With ``skipArtifactsUpdate``, no entry moves with the dependency."""
    found = dependency(CHART, "Chart.yaml")
    locked = entry(CHART, "Chart.lock", Place("Chart.yaml", found.span or Span(0, 0)))
    config = parse('{"skipArtifactsUpdate": true}', path="c")

    assert only(found, locked).lock == locked
    assert track([found], [locked], config, lambda _: "semver").tracked[0].lock is None


@pytest.mark.parametrize(
    ("versioning", "value", "update_type", "expected"),
    [
        ("semver", "1.2.3", UpdateType.MAJOR, True),
        ("semver", "1.2.3", UpdateType.MINOR, False),
        ("semver", "0.2.3", UpdateType.MINOR, True),
        ("helm", "0.2.3", UpdateType.PATCH, True),
        ("npm", "1.0.0-rc.1", UpdateType.PATCH, True),
        ("docker", "0.2.3", UpdateType.MINOR, False),
        ("docker", "0.2.3", UpdateType.MAJOR, True),
        ("semver", "0.2.3", UpdateType.PIN_DIGEST, None),
    ],
)
def test_what_may_break(versioning: str, value: str, update_type: UpdateType, expected: object) -> None:
    """Another major version; of semantic versions also whatever follows one that promises nothing."""
    found = structs.replace(tracked(value), versioning=versioning)

    assert is_breaking(found, update_type) is expected


def test_chart_repositories_have_aliases_as_images_have() -> None:
    """The longest beginning that ends at a slash is replaced; an address that others give is taken as it is."""
    aliases = "'https://mirror.example': 'https://a.example', 'https://mirror.example/b': 'https://b.example/charts'"
    config = parse(f"{{registryAliases: {{{aliases}}}}}", path="renovate.json5")

    def asked(url: str) -> tuple[str, ...]:
        found = dependency(Package(datasource="helm", name="web", registry_urls=(url,)), "Chart.yaml")
        (tracked,) = track([found], [], config, lambda _datasource: "helm").tracked
        return tracked.package.registry_urls

    assert asked("https://mirror.example/b/c") == ("https://b.example/charts/c",)
    assert asked("https://mirror.example") == ("https://a.example",)
    assert asked("https://mirror.example.com") == ("https://mirror.example.com",)


ALIASES = {"company": "https://charts.example.com/company", "boxes": "oci://ghcr.io/acme/charts/"}


def aliased(name: str, **options: object) -> Tracking:
    """A chart of a repository that has a name, where these options hold."""
    package = Package(datasource="helm", name="web", registry_urls=(f"@{name}",))
    found = structs.replace(dependency(package, "a/Chart.yaml"), versioning=None)
    config = parse(json.dumps(options), path="renovate.json")
    return track([found], (), config, {"helm": "helm", "docker": "docker"}.get)


@pytest.mark.parametrize(
    ("name", "package", "scheme"),
    [
        ("company", ("helm", "web", ("https://charts.example.com/company",)), "helm"),
        ("boxes", ("docker", "ghcr.io/acme/charts/web", ()), "helm"),
    ],
)
def test_a_repository_may_have_a_name(name: str, package: tuple[object, ...], scheme: str) -> None:
    """``registryAliases`` says what it is: a chart repository, or a container registry that charts are in."""
    (one,) = aliased(name, registryAliases=ALIASES).tracked

    assert (one.package.datasource, one.package.name, one.package.registry_urls) == package
    assert one.versioning == scheme


def test_an_alias_holds_where_its_rule_does() -> None:
    """One in a rule for other files says nothing."""
    here, elsewhere = ({"matchFileNames": [path], "registryAliases": ALIASES} for path in ("a/**", "b/**"))

    assert aliased("company", packageRules=[here]).tracked
    assert not aliased("company", packageRules=[elsewhere]).tracked


def test_a_name_that_nobody_knows_is_said() -> None:
    """The chart is listed with the name, and what would help; registries given otherwise make it unnecessary."""
    (row,) = aliased("other", registryAliases=ALIASES).skipped
    (one,) = aliased("other", registryUrls=["https://charts.example.org"]).tracked

    assert row.reason == "repository alias other is not configured (registryAliases)"
    assert one.package.registry_urls == ("https://charts.example.org",)
