"""The whole way to pull requests on GitHub: PyGithub and git against a stateful stand-in over real repositories."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.flow.conftest import Bot
from tests.servers.code_host import Project
from tests.servers.github import TOKEN, GitHub
from updater import cli
from updater.api import Secret
from updater.model.forge import PullRequestState
from updater.model.plan import ActionKind
from updater.platforms.github import GitHubPlatform

MANIFEST = """\
apiVersion: apps/v1
kind: Deployment
metadata: {{name: {name}}}
spec:
  template:
    spec:
      containers:
        - name: main
          image: {image} # keep this comment
"""
FILES = {
    "apps/production/api.yaml": MANIFEST.format(name="api", image="ghcr.io/acme/api:1.4.2"),
    "apps/staging/api.yaml": MANIFEST.format(name="api", image='"ghcr.io/acme/api:1.5.0"'),
    "apps/production/redis.yaml": MANIFEST.format(name="redis", image="redis:7.2.4-alpine3.19"),
    "renovate.json": '{"extends": ["config:recommended"], "labels": ["dependencies"]}',
}


@pytest.fixture
def github(tmp_path: Path) -> Iterator[GitHub]:
    with GitHub(tmp_path / "github") as running:
        yield running


@pytest.fixture
def project(github: GitHub) -> Project:
    return github.repository("acme/gitops", FILES)


@pytest.fixture
def platform(github: GitHub, project: Project, tmp_path: Path) -> GitHubPlatform:
    return GitHubPlatform(
        "acme/gitops", token=Secret(TOKEN), endpoint=github.endpoint, cache_directory=tmp_path / "clones"
    )


async def test_pull_requests_are_opened(bot: Bot, github: GitHub, project: Project, platform: GitHubPlatform) -> None:
    """Branch, commit, title, body and labels arrive, and the diff changes the version alone."""
    await bot.run(platform)
    pull = next(pull for pull in project.pulls.values() if pull.head == "updater/ghcr.io-acme-api-1.x")

    assert pull.title == "Update ghcr.io/acme/api Docker tag to v1.6.0"
    assert pull.labels == ["dependencies"]
    assert "production and staging" in (pull.body or "")
    assert FILES["apps/staging/api.yaml"].replace("1.5.0", "1.6.0").encode() == project.git.read(
        pull.head, "apps/staging/api.yaml"
    )


async def test_a_second_run_writes_nothing(bot: Bot, github: GitHub, platform: GitHubPlatform) -> None:
    """Nothing is pushed, created or edited when nothing changed, and reading costs a handful of requests."""
    await bot.run(platform)
    github.log.clear()
    _, outcomes = await bot.run(platform)

    assert outcomes == []
    assert [one for one in github.log if one.writes] == []
    assert len(github.log) <= 5


async def test_a_newer_release_refreshes_the_open_pull_request(
    bot: Bot, github: GitHub, project: Project, platform: GitHubPlatform
) -> None:
    """When the base moves so that the proposal changes, the same pull request gets a new commit."""
    await bot.run(platform)
    number = next(pull.number for pull in project.pulls.values() if "redis" in pull.head and pull.head.endswith("7.x"))
    head = project.git.head("updater/redis-7.x")
    files = {"apps/production/redis.yaml": FILES["apps/production/redis.yaml"].replace("keep", "changed")}
    project.git.commit("main", files, message="A colleague edits the file")
    _, outcomes = await bot.run(platform)

    assert (ActionKind.REFRESH, number) in {(one.action.kind, one.pull.number) for one in outcomes if one.pull}
    assert all("redis" in one.action.name for one in outcomes)
    assert head != project.git.head("updater/redis-7.x")
    assert b"# changed this comment" in project.git.read("updater/redis-7.x", "apps/production/redis.yaml")


async def test_a_branch_with_commits_of_others_is_theirs(bot: Bot, project: Project, platform: GitHubPlatform) -> None:
    """A commit that somebody pushed onto our branch is never overwritten."""
    await bot.run(platform)
    project.git.commit("updater/redis-7.x", {"notes.md": "mine"}, message="Mine")
    head = project.git.head("updater/redis-7.x")
    project.git.commit("main", {"apps/production/redis.yaml": "# gone\n"}, message="Remove redis")
    plan, _ = await bot.run(platform)

    assert head == project.git.head("updater/redis-7.x")
    assert "not made by this tool" in {action.reason for action in plan.actions if "redis-7" in action.name}


async def test_an_obsolete_pull_request_is_closed_with_its_branch(
    bot: Bot, github: GitHub, project: Project, platform: GitHubPlatform
) -> None:
    """When the dependency is gone its pull request is closed, commented, and the branch deleted."""
    await bot.run(platform)
    project.git.commit("main", {"apps/production/redis.yaml": "# gone\n"}, message="Remove redis")
    await bot.run(platform)
    closed = [pull for pull in project.pulls.values() if "redis" in pull.head]

    assert {"closed"} == {pull.state for pull in closed}
    assert all("no longer needed" in pull.comments[-1] for pull in closed)
    assert not any("redis" in head for head in project.git.heads())


async def test_a_closed_pull_request_is_a_decision(
    bot: Bot, github: GitHub, project: Project, platform: GitHubPlatform
) -> None:
    """What a person closed is not opened again, and its branch is not recreated."""
    await bot.run(platform)
    pull = next(pull for pull in project.pulls.values() if "acme-api" in pull.head)
    github.edit(project, pull.number, state="closed")
    project.git.delete(pull.head)
    before = len(project.pulls)
    plan, _ = await bot.run(platform)

    assert before == len(project.pulls)
    assert f"declined: #{pull.number} was closed without merging" in {action.reason for action in plan.actions}


async def test_a_forge_that_fails_half_way_loses_nothing(
    bot: Bot, github: GitHub, project: Project, platform: GitHubPlatform
) -> None:
    """The branch is pushed, the request fails: the run reports it, and the next run opens it without a new push."""
    github.fail_next("POST", r"/pulls$", 502, times=10)
    _, outcomes = await bot.run(platform)
    failed = [one for one in outcomes if one.failed]
    heads = project.git.heads()

    assert {"branch " + one.action.name for one in failed} == {one.failed.subject for one in failed if one.failed}
    assert len(failed) == len(outcomes) > 0
    github._faults.clear()
    plan, outcomes = await bot.run(platform)

    assert [one.failed for one in outcomes if one.failed] == []
    assert heads == project.git.heads()
    assert {False} == {action.push for action in plan.actions}


async def test_a_dead_registry_closes_nothing(bot: Bot, project: Project, platform: GitHubPlatform) -> None:
    """While a registry fails, the pull requests that depend on it stay as they are, and the others go on."""
    await bot.run(platform)
    broken = Bot(routes={**bot.routes, "ghcr.io": "http://127.0.0.1:1"})
    plan, outcomes = await broken.run(platform)

    assert [each.subject for each in plan.failed] == ["docker ghcr.io/acme/api"]
    assert outcomes == []
    assert {"open"} == {pull.state for pull in project.pulls.values()}


async def test_two_runs_at_once_open_each_pull_request_once(
    bot: Bot, github: GitHub, project: Project, platform: GitHubPlatform, tmp_path: Path
) -> None:
    """A second run that planned on the same state neither doubles nor breaks what the first one wrote."""
    other = GitHubPlatform(
        "acme/gitops", token=Secret(TOKEN), endpoint=github.endpoint, cache_directory=tmp_path / "other"
    )
    from updater.pipeline import carry_out

    plans = [await bot.plan(platform), await bot.plan(other)]
    first = carry_out(plans[0], platform, lambda _text: None)
    second = carry_out(plans[1], other, lambda _text: None)
    opened = [pull.head for pull in project.pulls.values() if pull.state == "open"]

    assert sorted(set(opened)) == sorted(opened)
    assert [one.failed for one in first if one.failed] == []
    assert all(one.pull is None or one.pull.state is PullRequestState.OPEN for one in second)


def test_the_command_line_reaches_github(
    github: GitHub,
    project: Project,
    bot: Bot,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """``updater run --platform github owner/name`` with a token in the environment; one of two is missing."""
    monkeypatch.setenv("UPDATER_TOKEN", TOKEN)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    routes = [part for host, url in bot.routes.items() for part in ("--route", f"{host}={url}")]
    arguments = ["--platform", "github", "--endpoint", github.endpoint, "--cache", "memory:", *routes]
    code = cli.run(["run", "acme/missing", "acme/gitops", *arguments])
    printed = capsys.readouterr()

    assert code == 1
    assert "acme/missing" in printed.err
    assert TOKEN not in printed.err + printed.out
    assert "opened    #1 " in printed.out
    assert {pull.state for pull in project.pulls.values()} == {"open"}
