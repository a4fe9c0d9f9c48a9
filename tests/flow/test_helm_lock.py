"""Charts with a lock file, from a Helm repository to the commits of pull requests."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from tests.flow.conftest import LATER, Bot
from tests.servers.helm import HelmRepository, index_of
from updater import git
from updater.model.forge import PullRequest
from updater.model.plan import ActionKind, Branch, Plan
from updater.platforms.local import LocalPlatform

HOME = "https://charts.example.com"
CHARTS = {
    "postgresql": ("16.0.0", "15.5.40", "15.5.38"),
    "redis": ("19.6.4", "19.6.0"),
    "common": ("2.22.1", "2.22.0"),
}

CHART = f"""\
apiVersion: v2
name: shop
version: 1.0.0
dependencies:
  # the database
  - name: postgresql
    version: ~15.5.0
    repository: {HOME}
    condition: postgresql.enabled
  - {{name: redis, version: "19.6.0", repository: "@acme"}}
  - name: library
    version: 0.1.0
    repository: file://../library
  - name: common
    version: 2.22.0
    repository: {HOME}
    alias: shared
"""
REQUESTED: Sequence[Mapping[str, str]] = (
    {"name": "postgresql", "version": "~15.5.0", "repository": HOME, "condition": "postgresql.enabled"},
    {"name": "redis", "version": "19.6.0", "repository": HOME},
    {"name": "library", "version": "0.1.0", "repository": "file://../library"},
    {"name": "common", "version": "2.22.0", "repository": HOME, "alias": "shared"},
)
LOCKED = {"postgresql": "15.5.38", "redis": "19.6.0", "library": "0.1.0", "common": "2.22.0"}


def digest(requested: Mapping[str, str], locked: Mapping[str, str]) -> str:
    """What Helm computes from both lists; the arguments are the versions that differ from those at first."""
    lists = (
        [{**chart, "version": requested.get(chart["name"], chart["version"])} for chart in REQUESTED],
        [
            {"name": name, "version": locked.get(name, version), "repository": chart["repository"]}
            for chart, (name, version) in zip(REQUESTED, LOCKED.items(), strict=True)
        ],
    )
    return hashlib.sha256(json.dumps(lists, separators=(",", ":")).encode()).hexdigest()


def lock_file(seal: str, **locked: str) -> str:
    entries = "".join(
        f"- name: {name}\n  repository: {chart['repository']}\n  version: {locked.get(name, version)}\n"
        for chart, (name, version) in zip(REQUESTED, LOCKED.items(), strict=True)
    )
    return f'dependencies:\n{entries}digest: sha256:{seal}\ngenerated: "2026-10-01T09:30:00.123456789+02:00"\n'


@pytest.fixture
def charts() -> Iterator[HelmRepository]:
    with HelmRepository(index_of(CHARTS)) as running:
        yield running


@pytest.fixture
def helm_bot(charts: HelmRepository) -> Bot:
    return Bot(routes={"charts.example.com": charts.url})


def committed(place: Path, config: Mapping[str, object], files: Mapping[str, str]) -> LocalPlatform:
    """A repository with a chart in ``charts/shop``."""
    repository = place / "gitops"
    for path, text in {"renovate.json": json.dumps(config), **files}.items():
        file = repository / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    git.init(repository, "main")
    git.commit_all(repository, "The shop\n", author=git.BOT, date=int(LATER.timestamp()))
    return LocalPlatform(repository)


def shop(chart: str = CHART, lock: str = "") -> Mapping[str, str]:
    return {"charts/shop/Chart.yaml": chart, "charts/shop/Chart.lock": lock or lock_file(digest({}, {}))}


def contents(platform: LocalPlatform, branch: str, *paths: str) -> list[str]:
    return [data.decode() for _, data in platform.tree(branch).read(paths)]


def opened(platform: LocalPlatform) -> dict[str, PullRequest]:
    return {pull.branch: pull for pull in platform.pull_requests("")}


def branch_of(plan: Plan, name: str) -> Branch:
    return next(branch for branch in plan.branches if branch.name == name)


async def test_grouped_updates_share_one_digest(helm_bot: Bot, tmp_path: Path) -> None:
    """One commit moves a range's locked version and a version with its entry; every other byte stays as it was."""
    config = {
        "packageRules": [{"matchPackageNames": ["*"], "matchUpdateTypes": ["minor", "patch"], "groupName": "shop"}]
    }
    chart = CHART.replace('"@acme"', HOME)
    platform = committed(tmp_path, config, shop(chart))
    await helm_bot.run(platform)
    requested = {"redis": "19.6.4", "common": "2.22.1"}
    locked = {"postgresql": "15.5.40", **requested}

    assert sorted(opened(platform)) == ["updater/postgresql-16.x", "updater/shop"]
    assert contents(platform, "updater/shop", "charts/shop/Chart.yaml", "charts/shop/Chart.lock") == [
        chart.replace('"19.6.0"', '"19.6.4"').replace("2.22.0", "2.22.1"),
        lock_file(digest(requested, locked), **locked),
    ]


async def test_a_step_out_of_the_range(helm_bot: Bot, tmp_path: Path) -> None:
    """A major update changes the range and the entry."""
    platform = committed(tmp_path, {}, shop())
    plan, _ = await helm_bot.run(platform)
    files = branch_of(plan, "updater/postgresql-16.x").files

    assert files == {
        "charts/shop/Chart.yaml": CHART.replace("~15.5.0", "~16.0.0"),
        "charts/shop/Chart.lock": lock_file(
            digest({"postgresql": "~16.0.0"}, {"postgresql": "16.0.0"}), postgresql="16.0.0"
        ),
    }


async def test_a_step_within_the_range(helm_bot: Bot, tmp_path: Path) -> None:
    """It changes the lock file alone, and the pull request names the locked versions."""
    platform = committed(tmp_path, {}, shop())
    plan, _ = await helm_bot.run(platform)
    branch = branch_of(plan, "updater/postgresql-15.x")

    assert branch.files == {
        "charts/shop/Chart.lock": lock_file(digest({}, {"postgresql": "15.5.40"}), postgresql="15.5.40")
    }
    assert branch.title == "Update Helm release postgresql to v15.5.40"
    assert "`~15.5.0` (`15.5.38`)" in branch.body
    assert "`~15.5.0` (`15.5.40`)" in branch.body
    assert "`charts/shop/Chart.lock`" in branch.body


async def test_a_second_run_changes_nothing(helm_bot: Bot, tmp_path: Path) -> None:
    """The digest depends on nothing but both files, so that no branch is written again."""
    platform = committed(tmp_path, {}, shop())
    await helm_bot.run(platform)
    before = git.refs(git.locate(tmp_path / "gitops")[0], "refs/")
    plan, outcomes = await replace(helm_bot, clock=LATER.replace(hour=5)).run(platform)

    assert outcomes == []
    assert {action.kind for action in plan.actions} == {ActionKind.LEAVE}
    assert before == git.refs(git.locate(tmp_path / "gitops")[0], "refs/")


async def test_after_a_merge_the_others_fit_again(helm_bot: Bot, tmp_path: Path) -> None:
    """Every branch has its own digest; when one is merged, the others are made anew on top of it."""
    platform = committed(tmp_path, {}, shop())
    await helm_bot.run(platform)
    pulls = opened(platform)
    platform.merge_pull_request(pulls["updater/common-2.x"])
    await helm_bot.run(platform)
    common = {"common": "2.22.1"}

    assert contents(platform, "main", "charts/shop/Chart.lock") == [lock_file(digest(common, common), **common)]
    assert contents(platform, "updater/postgresql-15.x", "charts/shop/Chart.lock") == [
        lock_file(digest(common, {"postgresql": "15.5.40", **common}), postgresql="15.5.40", **common)
    ]
    assert opened(platform)["updater/postgresql-15.x"].number == pulls["updater/postgresql-15.x"].number


async def test_a_lock_file_that_did_not_fit_before(helm_bot: Bot, tmp_path: Path) -> None:
    """It is left alone; the chart is updated without it, and both the report and the pull request say so."""
    platform = committed(tmp_path, {}, shop(lock=lock_file("0" * 64)))
    plan, _ = await helm_bot.run(platform)
    branch = branch_of(plan, "updater/common-2.x")

    assert branch.files == {"charts/shop/Chart.yaml": CHART.replace("2.22.0", "2.22.1")}
    assert (
        "- `charts/shop/Chart.lock`: is left as it is, because it does not fit Chart.yaml; "
        "`helm dependency update` makes it anew" in branch.body
    )
    assert [row.reason for row in plan.skipped if row.path == "charts/shop/Chart.lock" and row.name is None] == [
        "does not fit Chart.yaml"
    ]
    assert "updater/postgresql-15.x" not in {each.name for each in plan.branches}


async def test_an_archive_beside_the_lock_file(helm_bot: Bot, tmp_path: Path) -> None:
    """The chart's archive stays, and the pull request says how to replace it."""
    files = {**shop(), "charts/shop/charts/common-2.22.0.tgz": "an archive"}
    platform = committed(tmp_path, {}, files)
    plan, _ = await helm_bot.run(platform)
    branch = branch_of(plan, "updater/common-2.x")

    assert sorted(branch.files) == ["charts/shop/Chart.lock", "charts/shop/Chart.yaml"]
    assert "- `charts/shop/charts/common-2.22.0.tgz`: is not replaced; `helm dependency build` does that" in branch.body


async def test_windows_line_endings_and_helm_2(helm_bot: Bot, tmp_path: Path) -> None:
    """requirements.yaml has its requirements.lock; line endings stay as they are."""
    requirements = f"dependencies:\r\n- name: common\r\n  version: 2.22.0\r\n  repository: {HOME}\r\n"
    helm_2 = json.dumps(
        {"dependencies": [{"name": "common", "version": "2.22.0", "repository": HOME}]}, separators=(",", ":")
    )
    lock = f"{requirements}digest: sha256:{hashlib.sha256(helm_2.encode()).hexdigest()}\r\n"
    platform = committed(tmp_path, {}, {"shop/requirements.yaml": "", "shop/requirements.lock": ""})
    (tmp_path / "gitops/shop/requirements.yaml").write_bytes(requirements.encode())
    (tmp_path / "gitops/shop/requirements.lock").write_bytes(lock.encode())
    git.commit_all(tmp_path / "gitops", "Requirements\n", author=git.BOT, date=int(LATER.timestamp()))
    plan, _ = await helm_bot.run(platform)
    entry = {"name": "common", "version": "2.22.1", "repository": HOME}
    sealed = hashlib.sha256(json.dumps([[entry], [entry]], separators=(",", ":")).encode()).hexdigest()
    moved = requirements.replace("2.22.0", "2.22.1")

    assert [branch.files for branch in plan.branches] == [
        {"shop/requirements.yaml": moved, "shop/requirements.lock": f"{moved}digest: sha256:{sealed}\r\n"}
    ]


async def test_the_chart_s_own_version_is_raised_with_what_is_in_it(helm_bot: Bot, tmp_path: Path) -> None:
    """``bumpVersion``: once a branch, by the largest step; the lock file fits, and nothing moves in the next run."""
    rules = [
        {"matchPackageNames": ["*"], "groupName": "all", "separateMajorMinor": False},
        {"matchPackageNames": ["postgresql"], "bumpVersion": "minor"},
    ]
    chart = CHART.replace('"@acme"', HOME)
    platform = committed(tmp_path, {"bumpVersion": "patch", "packageRules": rules}, shop(chart))
    plan, _ = await helm_bot.run(platform)
    again, _ = await helm_bot.run(platform)
    (branch,) = plan.branches

    assert "\nversion: 1.1.0\n" in branch.files["charts/shop/Chart.yaml"]
    assert 'redis, version: "19.6.4"' in branch.files["charts/shop/Chart.yaml"]
    moved = {"postgresql": "~16.0.0", "redis": "19.6.4", "common": "2.22.1"}
    locked = {**moved, "postgresql": "16.0.0"}
    assert branch.files["charts/shop/Chart.lock"] == lock_file(digest(moved, locked), **locked)
    assert [action.kind for action in again.actions] == [ActionKind.LEAVE]


async def test_only_what_a_rule_matches_raises_the_chart_s_version(helm_bot: Bot, tmp_path: Path) -> None:
    """The scope of ``bumpVersion``; after a merge, the others raise the version that is there then."""
    rules = [{"matchPackageNames": ["common", "postgresql"], "bumpVersion": "patch"}]
    platform = committed(tmp_path, {"packageRules": rules}, shop(CHART.replace('"@acme"', HOME)))
    await helm_bot.run(platform)

    def version(branch: str) -> str:
        (text,) = contents(platform, branch, "charts/shop/Chart.yaml")
        return text.partition("\nversion: ")[2][:5]

    assert [version(f"updater/{name}") for name in ("redis-19.x", "common-2.x", "postgresql-16.x")] == [
        "1.0.0",
        "1.0.1",
        "1.0.1",
    ]
    platform.merge_pull_request(opened(platform)["updater/common-2.x"])
    await helm_bot.run(platform)
    assert [version("main"), version("updater/postgresql-16.x")] == ["1.0.1", "1.0.2"]


async def test_other_versions_are_raised_by_pattern(helm_bot: Bot, tmp_path: Path) -> None:
    """``bumpVersions``: in the files, and by the step, that its templates name."""
    entry = {
        "filePatterns": ["{{packageFileDir}}/VERSION", "/^release[.]txt$/"],
        "matchStrings": ["(?m)^(?:release )?(?<version>[0-9.]+)$"],
        "bumpType": "{{#if isMajor}}major{{else}}patch{{/if}}",
    }
    files = {**shop(), "charts/shop/VERSION": "1.0.0\n", "charts/VERSION": "1.0.0\n", "release.txt": "release 7.0.9\n"}
    plan, _ = await helm_bot.run(committed(tmp_path, {"bumpVersions": [entry]}, files))
    small, large = (branch_of(plan, f"updater/{name}").files for name in ("common-2.x", "postgresql-16.x"))

    assert (small["charts/shop/VERSION"], small["release.txt"]) == ("1.0.1\n", "release 7.0.10\n")
    assert (large["charts/shop/VERSION"], large["release.txt"]) == ("2.0.0\n", "release 8.0.0\n")
    assert "charts/VERSION" not in small


async def test_a_step_that_there_is_not_costs_the_branch(helm_bot: Bot, tmp_path: Path) -> None:
    """And says which steps there are."""
    entry = {"filePatterns": ["VERSION"], "matchStrings": ["(?<version>.+)"], "bumpType": "{{depName}}"}
    plan, _ = await helm_bot.run(committed(tmp_path, {"bumpVersions": [entry]}, {**shop(), "VERSION": "1.0.0\n"}))

    assert plan.branches == ()
    assert plan.failed[0].error == (
        "VERSION: 'postgresql' is no part of a version to raise; these are: prerelease, patch, minor, major"
    )
