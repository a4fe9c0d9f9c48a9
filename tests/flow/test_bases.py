"""Several base branches: what ``baseBranchPatterns`` and ``useBaseBranchConfig`` make of a run."""

import asyncio
import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from tests.flow.conftest import LATER, Bot
from tests.servers.githttp import Bare
from tests.servers.pages import PagedRegistry
from updater import cli, git, wiring
from updater.model.plan import Plan
from updater.pipeline import Project, carry_out
from updater.platforms.local import LocalPlatform
from updater.record import Recorder, replay
from updater.report import as_json, terminal
from updater.report.html import plan_page

HOST = "registry.test"
TAGS = {"team/api": ["1.0.0", "1.1.0", "1.2.0"], "team/web": ["1.0.0", "1.1.0"]}
BOTH = ["main", "release/1"]


def _pod(*images: str) -> str:
    return "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n" + "".join(
        f"    - image: {HOST}/{image}\n" for image in images
    )


class Repository:
    """A checkout of main, with other branches beside it."""

    def __init__(self, place: Path) -> None:
        self.place, self._store = place, Bare.make(place, bare=False)

    def commit(self, branch: str, files: Mapping[str, str]) -> None:
        """Commit to a branch; one that is new begins where main is."""
        self._store.commit(branch, files)
        if branch == "main":
            self._store.git("reset", "--quiet", "--hard")

    @property
    def moment(self) -> datetime:
        """When the latest commit was made, on any branch."""
        return datetime.fromisoformat(self._store.git("log", "--all", "--max-count=1", "--format=%cI"))

    @property
    def platform(self) -> LocalPlatform:
        return LocalPlatform(self.place, clock=lambda: LATER)


def configured(**options: object) -> dict[str, str]:
    return {"renovate.json": json.dumps({"prHourlyLimit": 0, "fetchChangeLogs": "off", **options})}


@pytest.fixture(scope="module")
def registry() -> Iterator[PagedRegistry]:
    with PagedRegistry(TAGS) as running:
        yield running


@pytest.fixture
def bot(registry: PagedRegistry) -> Bot:
    return Bot(routes={HOST: registry.url}, environment={})


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """Main is at 1.1.0, the release at 1.0.0."""
    made = Repository(tmp_path / "repository")
    made.commit("main", {"pod.yaml": _pod("team/api:1.0.0"), **configured(baseBranchPatterns=BOTH)})
    made.commit("release/1", {"README": "A release.\n"})
    made.commit("main", {"pod.yaml": _pod("team/api:1.1.0")})
    return made


def names(plan: Plan) -> list[str]:
    return sorted(branch.name for branch in plan.branches)


def kinds(plan: Plan) -> dict[str, str]:
    return {action.name: str(action.kind) for action in plan.actions}


# ---------------------------------------------------------------- which branches


@pytest.mark.parametrize(
    ("patterns", "found"),
    [
        ([], ["main"]),
        (["$default"], ["main"]),
        (["release/1"], ["release/1"]),
        (BOTH, BOTH),
        (["$default", "/^release\\//"], BOTH),
        (["/^RELEASE/i"], ["release/1"]),
        (["!/^release/"], ["main"]),
        (["/./"], BOTH),
        (["main", "$default", "/main/"], ["main"]),
    ],
)
async def test_patterns_name_branches(patterns: list[str], found: list[str], bot: Bot, repository: Repository) -> None:
    """By name, by pattern, by not matching one; ours are none of them, and none counts twice."""
    await bot.run(repository.platform)
    repository.commit("main", configured(baseBranchPatterns=patterns))
    plan = await bot.plan(repository.platform)

    assert [base.name for base in plan.bases] == found
    assert plan.failed == ()


async def test_the_old_name_and_a_lone_branch_mean_the_same(bot: Bot, repository: Repository) -> None:
    """``baseBranches`` with one literal name: the branches have no part of it in their names."""
    repository.commit("main", configured(baseBranches=["release/1"]))
    plan = await bot.plan(repository.platform)

    assert [(branch.name, branch.base.name, branch.title) for branch in plan.branches] == [
        (f"updater/{HOST}-team-api-1.x", "release/1", f"Update {HOST}/team/api Docker tag to v1.2.0")
    ]


async def test_a_lone_pattern_names_the_branch(bot: Bot, repository: Repository) -> None:
    """Another branch may match it tomorrow, and what is open keeps its name then."""
    repository.commit("main", configured(baseBranchPatterns=["/^release\\//"]))

    assert names(await bot.plan(repository.platform)) == [f"updater/release/1-{HOST}-team-api-1.x"]


# ---------------------------------------------------------------- what is made of them


async def test_each_base_gets_its_branches(bot: Bot, repository: Repository) -> None:
    """From what stands there, on top of it, asking to be merged into it; its name stands in name and title."""
    plan, outcomes = await bot.run(repository.platform)
    pulls = {pull.base: pull for pull in repository.platform.pull_requests("updater/")}
    title = f"Update {HOST}/team/api Docker tag to v1.2.0"

    assert names(plan) == [f"updater/main-{HOST}-team-api-1.x", f"updater/release/1-{HOST}-team-api-1.x"]
    assert [outcome.failed for outcome in outcomes] == [None, None]
    assert {base: pull.title for base, pull in pulls.items()} == {
        "main": f"{title} (main)",
        "release/1": f"{title} (release/1)",
    }
    for base, old in (("main", "1.1.0"), ("release/1", "1.0.0")):
        diff = repository.platform.diff(pulls[base])
        assert f"-    - image: {HOST}/team/api:{old}\n+    - image: {HOST}/team/api:1.2.0" in diff
        repository_ = git.locate(repository.place)[0]
        assert git.resolve(repository_, f"{pulls[base].branch}~1") == git.resolve(repository_, base)


async def test_a_second_run_changes_nothing(bot: Bot, repository: Repository) -> None:
    """Each branch is compared with its own base."""
    await bot.run(repository.platform)

    assert set(kinds(await bot.plan(repository.platform)).values()) == {"leave"}


async def test_registries_are_asked_once_for_all_bases(bot: Bot, repository: Repository) -> None:
    """The same package in two branches costs what it costs in one."""
    both = await bot.plan(repository.platform)
    repository.commit("main", configured(baseBranchPatterns=["main"]))
    one = await bot.plan(repository.platform)

    assert both.requests == one.requests != {}
    assert len(both.updates) == 2 * len(one.updates)


async def test_a_change_in_one_base_refreshes_its_branch_alone(bot: Bot, repository: Repository) -> None:
    """``rebaseWhen: behind-base-branch`` looks at the base that a branch is for."""
    repository.commit("main", configured(baseBranchPatterns=BOTH, rebaseWhen="behind-base-branch"))
    await bot.run(repository.platform)
    repository.commit("release/1", {"README": "News.\n"})

    assert kinds(await bot.plan(repository.platform)) == {
        f"updater/main-{HOST}-team-api-1.x": "leave",
        f"updater/release/1-{HOST}-team-api-1.x": "refresh",
    }


async def test_limits_hold_for_all_bases_together(bot: Bot, repository: Repository) -> None:
    """They are the repository's."""
    repository.commit("main", configured(baseBranchPatterns=BOTH, prConcurrentLimit=1))

    assert sorted(kinds(await bot.plan(repository.platform)).values()) == ["create", "hold"]


async def test_what_was_rolled_back_counts_for_its_base(bot: Bot, repository: Repository) -> None:
    """Somebody went back from 1.2.0 in the release; main is offered it all the same."""
    repository.commit("release/1", {"pod.yaml": _pod("team/api:1.2.0")})
    repository.commit("release/1", {"pod.yaml": _pod("team/api:1.0.0")})
    plan = await replace(bot, clock=repository.moment).plan(repository.platform)

    assert [(update.tracked.dependency.branch, update.offer.version) for update in plan.updates] == [("main", "1.2.0")]
    assert [found.branch for found in plan.tombstones] == ["release/1"]


# ---------------------------------------------------------------- what is not there


async def test_a_pattern_that_matches_nothing_is_a_row(bot: Bot, repository: Repository) -> None:
    """The others are looked after; what is open for a base that is not found stays open."""
    await bot.run(repository.platform)
    repository.commit("main", configured(baseBranchPatterns=["main", "/^relaese/", "develop"]))
    plan = await bot.plan(repository.platform)

    assert [(each.subject, each.error) for each in plan.failed] == [
        ("baseBranchPatterns", "no branch matches /^relaese/"),
        ("baseBranchPatterns", "no branch is called develop"),
    ]
    assert set(kinds(plan).values()) == {"leave"}


async def test_patterns_that_match_nothing_at_all_close_nothing(bot: Bot, repository: Repository) -> None:
    """There is nothing to update, and nothing is touched."""
    await bot.run(repository.platform)
    repository.commit("main", configured(baseBranchPatterns=["develop"]))
    plan = await bot.plan(repository.platform)

    assert (plan.bases, plan.branches, plan.actions) == ((), (), ())
    assert [each.error for each in plan.failed] == ["no branch is called develop"]


async def test_a_base_that_is_no_longer_wanted_loses_its_branches(bot: Bot, repository: Repository) -> None:
    """Unless something about the base branches is in doubt, they are closed like all that nothing asks for."""
    await bot.run(repository.platform)
    repository.commit("main", configured(baseBranchPatterns=["main", "$default"]))

    assert kinds(await bot.plan(repository.platform)) == {
        f"updater/main-{HOST}-team-api-1.x": "leave",
        f"updater/release/1-{HOST}-team-api-1.x": "close",
    }


def test_a_pattern_that_cannot_be_read_is_said(repository: Repository, capsys: pytest.CaptureFixture[str]) -> None:
    """With its place; the default branch is what remains."""
    repository.commit("main", configured(baseBranchPatterns=["/(/"]))

    assert cli.run(["config", "check", str(repository.place)]) == 2
    assert 'renovate.json:1:48: error: "baseBranchPatterns"' in capsys.readouterr().out


# ---------------------------------------------------------------- configuration by base


async def test_rules_match_the_base(bot: Bot, repository: Repository) -> None:
    """``matchBaseBranches``, and ``{{baseBranch}}`` in templates of either kind."""
    rule = {"matchBaseBranches": ["release/**"], "labels": ["backport"], "commitMessageTopic": "it in {{baseBranch}}"}
    repository.commit(
        "main", configured(baseBranchPatterns=BOTH, packageRules=[rule], addLabels=["for {{baseBranch}}"])
    )
    plan = await bot.plan(repository.platform)

    assert {branch.base.name: (branch.labels, branch.title) for branch in plan.branches} == {
        "main": (("for main",), f"Update {HOST}/team/api Docker tag to v1.2.0 (main)"),
        "release/1": (("backport", "for release/1"), "Update it in release/1 to v1.2.0 (release/1)"),
    }


@pytest.mark.parametrize(("merges", "wanted"), [("none", ("main",)), ("merge", ("main", "own"))])
async def test_a_base_may_have_a_configuration_of_its_own(
    merges: str, wanted: tuple[str, ...], bot: Bot, repository: Repository
) -> None:
    """``useBaseBranchConfig: merge`` lays it on top of the default branch's; which bases there are is not its say."""
    repository.commit("release/1", configured(addLabels=["own"], baseBranchPatterns=["release/1"]))
    repository.commit("main", configured(baseBranchPatterns=BOTH, useBaseBranchConfig=merges, addLabels=["main"]))
    plan = await bot.plan(repository.platform)

    assert {branch.base.name: branch.labels for branch in plan.branches} == {"main": ("main",), "release/1": wanted}


async def test_a_base_whose_configuration_is_broken_fails_alone(bot: Bot, repository: Repository) -> None:
    """The row says where the mistake is; the branches of that base stay as they are."""
    await bot.run(repository.platform)
    repository.commit("release/1", {"renovate.json": "{\n  broken"})
    repository.commit("main", configured(baseBranchPatterns=BOTH, useBaseBranchConfig="merge"))
    plan = await bot.plan(repository.platform)

    assert [each.subject for each in plan.failed] == ["base branch release/1"]
    assert "release/1:renovate.json:2:" in plan.failed[0].error
    assert set(kinds(plan).values()) == {"leave"}


# ---------------------------------------------------------------- what is told of it


async def test_reports_tell_the_bases_apart(bot: Bot, repository: Repository) -> None:
    """In the terminal, in JSON, on the page and on the dashboard."""
    repository.commit("main", configured(baseBranchPatterns=BOTH, dependencyDashboard=True))
    plan, outcomes = await bot.run(repository.platform)
    issue = repository.platform.find_issue("Dependency Dashboard")
    printed = json.loads(as_json.dump(as_json.plan(plan)))

    assert printed["bases"] == {base.name: base.commit for base in plan.bases}
    assert [each["base"] for each in printed["updates"]] == BOTH
    assert [each["base"] for each in printed["branches"]] == BOTH
    assert "release/1:pod.yaml:5" in "\n".join(terminal.plan(plan))
    assert "release/<wbr>1:pod.yaml:5" in plan_page(plan, LATER, outcomes)
    assert issue is not None
    assert "- kubernetes `release/1:pod.yaml`" in issue.body
    assert issue.body.count("(release/1)`") == 1


async def test_why_tells_of_each_base(bot: Bot, repository: Repository) -> None:
    """The same place in another branch has another chain of decisions."""
    plan = await bot.plan(repository.platform)
    text = "\n".join(terminal.why(plan.decisions, plan.held))

    assert f"{HOST}/team/api 1.1.0  (main:pod.yaml:5, kubernetes)" in text
    assert f"{HOST}/team/api 1.0.0  (release/1:pod.yaml:5, kubernetes)" in text


@pytest.mark.parametrize("merges", ["none", "merge"])
async def test_a_recorded_run_is_replayed_with_all_of_its_bases(merges: str, bot: Bot, repository: Repository) -> None:
    """The replay is byte for byte the same, and asks nobody."""
    repository.commit("release/1", configured(addLabels=["own"]))
    repository.commit(
        "main", configured(baseBranchPatterns=BOTH, useBaseBranchConfig=merges, prTitle="{{depName}} for {{env.TEAM}}")
    )
    environment = {"TEAM": "us", "OTHER": "nobody", "UPDATER_ALLOWED_ENV": "TEAM"}
    await bot.run(repository.platform)
    settings = wiring.Settings(cache="memory:", routes=bot.routes, environment=environment)
    recorder, platform = Recorder(LATER), repository.platform
    project = recorder.project(
        Project(repository=platform.repository, tree=platform.tree("main"), base="main", platform=platform)
    )
    config = wiring.configuration(project.tree, settings)
    plan = await wiring.plan(project, config, settings, lambda _text: None, recorder)
    replayed = await replay(recorder.record(plan, config, environment))

    assert as_json.dump(as_json.plan(replayed.plan)) == as_json.dump(as_json.plan(plan))
    assert {branch.title.partition(" (")[0] for branch in plan.branches} == {f"{HOST}/team/api for us"}
    assert replayed.unread == ()
    assert len(plan.bases) == 2


def test_a_plan_in_a_file_is_applied_to_all_of_its_bases(
    repository: Repository, registry: PagedRegistry, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The writer reads each base anew; of one that moved meanwhile, what is not touched is written on top."""
    file, network = tmp_path / "plan.json", ["--cache", "memory:", "--route", f"{HOST}={registry.url}"]
    assert cli.run(["plan", str(repository.place), "-o", str(file), *network]) == 0
    repository.commit("release/1", {"README": "News.\n"})
    assert cli.run(["apply", str(file), str(repository.place), *network]) == 0
    pulls = repository.platform.pull_requests("updater/")

    assert sorted(pull.base for pull in pulls) == BOTH
    assert cli.run(["plan", str(repository.place), "--format", "json", *network]) == 0
    capsys.readouterr()


def test_every_base_is_verified(repository: Repository, capsys: pytest.CaptureFixture[str]) -> None:
    """What was merged into any of them; a base that is not there is said."""
    repository.commit("main", configured(baseBranchPatterns=["release/1", "develop"]))

    assert cli.run(["verify", str(repository.place), "--cache", "memory:"]) == 1
    assert "failed: baseBranchPatterns: no branch is called develop" in capsys.readouterr().out


def test_a_merge_into_one_base_is_followed_there(bot: Bot, repository: Repository) -> None:
    """What was merged leaves nothing to do for its base, and the other one's pull request stays."""

    async def merged() -> Plan:
        await bot.run(repository.platform)
        (pull,) = [each for each in repository.platform.pull_requests("updater/") if each.base == "release/1"]
        repository.platform.merge_pull_request(pull)
        plan = await bot.plan(repository.platform)
        carry_out(plan, repository.platform, lambda _text: None)
        return await bot.plan(repository.platform)

    plan = asyncio.run(merged())
    assert names(plan) == [f"updater/main-{HOST}-team-api-1.x"]
    assert kinds(plan) == {f"updater/main-{HOST}-team-api-1.x": "leave"}
