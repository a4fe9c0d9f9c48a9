"""The sample repository, from files to pull requests."""

import posixpath
from pathlib import Path

from tests.flow.conftest import Bot
from tests.sample_expectations import DEPENDENCIES, LOCKED, UNMANAGED, Expected
from updater import git, versioning
from updater.demo.registries import Registries
from updater.model.decide import Update
from updater.model.forge import PullRequestState
from updater.model.plan import ActionKind, Plan
from updater.model.track import UpdateType
from updater.platforms.local import LocalPlatform


def row(update: Update) -> tuple[str, str, str | None, str]:
    found = update.tracked.dependency
    return (found.path, update.tracked.name, found.current_value, update.offer.version)


def offered(plan: Plan, expected: Expected) -> dict[str, str]:
    """The version offered per kind of step ("minor" for all but major ones)."""
    return {
        "major" if update.update_type is UpdateType.MAJOR else "minor": update.offer.version
        for update in plan.updates
        if row(update)[:3] == (expected.file, expected.dep_name, expected.current_value)
        and update.update_type in (UpdateType.MAJOR, UpdateType.MINOR, UpdateType.PATCH)
    }


def admitted(expected: Expected, version: str) -> bool:
    """Whether a range admits the version already, and no lock file has to move for it."""
    if expected.datasource not in ("terraform-provider", "terraform-module", "github-releases"):
        return False
    locked = {(posixpath.dirname(each.file), each.package_name) for each in LOCKED}
    hashicorp = versioning.get("hashicorp")
    is_locked = (posixpath.dirname(expected.file), f"hashicorp/{expected.dep_name}") in locked
    return not is_locked and hashicorp.matches(version, expected.current_value)


async def test_every_dependency_is_found_and_nothing_else(bot: Bot, sample: Path) -> None:
    """Each version in the sample is found once, by the right manager, however many managers see it."""
    plan = await bot.plan(LocalPlatform(sample))
    found = [
        (
            each.dependency.path,
            each.dependency.manager,
            each.name,
            each.dependency.current_value,
            each.package.datasource,
        )
        for each in plan.dependencies
    ]

    assert sorted(tuple(expected[:5]) for expected in DEPENDENCIES) == sorted(found)


async def test_each_gets_the_right_version(bot: Bot, sample: Path) -> None:
    """The newest stable version of its own family is offered, majors apart, and no failure is reported."""
    plan = await bot.plan(LocalPlatform(sample))
    wanted = {}
    for expected in DEPENDENCIES:
        pair = {"minor": expected.minor, "major": expected.major}
        wanted[expected] = {
            step: version for step, version in pair.items() if version is not None and not admitted(expected, version)
        }

    assert plan.failed == ()
    assert wanted == {expected: offered(plan, expected) for expected in DEPENDENCIES}


async def test_what_is_not_managed_says_why(bot: Bot, sample: Path) -> None:
    """Images without a tag and branches are reported with their file."""
    plan = await bot.plan(LocalPlatform(sample))

    assert sorted(each.file for each in UNMANAGED) == sorted(each.path for each in plan.skipped)


async def test_lock_files_move_with_their_constraints(bot: Bot, sample: Path) -> None:
    """A provider's update changes its version, constraint and hashes in the lock file, and nothing else there."""
    plan, _ = await bot.run(LocalPlatform(sample))
    branch = next(branch for branch in plan.branches if branch.name == "updater/aws-6.x")
    lock = branch.files[LOCKED[0].file]
    before = (sample / LOCKED[0].file).read_text()

    assert 'version     = "6.21.0"' in lock
    assert 'constraints = "~> 6.21"' in lock or 'constraints = "~> 6.0"' in lock
    assert lock.count('"zh:') == before.count('"zh:')
    assert (
        before.partition('provider "registry.terraform.io/hashicorp/random"')[2]
        == (lock.partition('provider "registry.terraform.io/hashicorp/random"')[2])
    )


async def test_a_pinned_digest_moves_with_its_tag(bot: Bot, sample: Path) -> None:
    """Tag and digest of an image are one change."""
    plan = await bot.plan(LocalPlatform(sample))
    update = next(
        update
        for update in plan.updates
        if update.tracked.name == "nginx" and "production" in update.tracked.dependency.path
    )

    assert (update.offer.new_value, (update.new_digest or "").startswith("sha256:")) == ("1.29.3-alpine", True)
    assert {edit.text for edit in update.edits} == {"1.29.3-alpine", update.new_digest}


async def test_pull_requests_are_opened_without_touching_the_work_tree(bot: Bot, sample: Path) -> None:
    """Branches and records are written by plumbing: the checkout stays clean and on its branch."""
    platform = LocalPlatform(sample)
    _, outcomes = await bot.run(platform)
    opened = [pull for pull in platform.pull_requests("") if pull.state is PullRequestState.OPEN]

    assert 10 == len(opened) == len([one for one in outcomes if one.failed is None])
    assert git.status(sample) == ""
    assert git.symbolic_target(git.locate(sample)[0], "HEAD") == "refs/heads/main"


async def test_a_second_run_changes_nothing(bot: Bot, sample: Path) -> None:
    """The same repository and registries again: no branch is written and no request edited."""
    platform = LocalPlatform(sample)
    await bot.run(platform)
    before = git.refs(git.locate(sample)[0], "refs/")
    plan, outcomes = await bot.run(platform)

    assert outcomes == []
    assert {ActionKind.LEAVE, ActionKind.HOLD} == {action.kind for action in plan.actions}
    assert before == git.refs(git.locate(sample)[0], "refs/")


async def test_a_merged_update_is_gone_and_the_others_stay(bot: Bot, sample: Path) -> None:
    """After a merge the branch is deleted, and room for the next one is used."""
    platform = LocalPlatform(sample)
    await bot.run(platform)
    pull = next(pull for pull in platform.pull_requests("") if "kustomize-bases" in pull.branch)
    platform.merge_pull_request(pull)
    plan, outcomes = await bot.run(platform)

    assert pull.branch not in {branch.name for branch in plan.branches}
    assert ("close", pull.branch) in {(str(one.action.kind), one.action.name) for one in outcomes}
    assert pull.branch not in {branch.name for branch in platform.branches("updater/", "main")}


async def test_what_was_closed_is_not_offered_again(bot: Bot, sample: Path) -> None:
    """Closing a pull request is a decision."""
    platform = LocalPlatform(sample)
    await bot.run(platform)
    pull = next(pull for pull in platform.pull_requests("") if "busybox" in pull.branch)
    platform.close_pull_request(pull, comment="no")
    plan, _ = await bot.run(platform)
    action = next(action for action in plan.actions if action.name == pull.branch)

    assert (ActionKind.HOLD, f"declined: #{pull.number} was closed without merging") == (action.kind, action.reason)


async def test_each_package_is_asked_for_once(sample: Path, registries: Registries) -> None:
    """Two requests at most for an image without digest, tokens apart, however many files use it; one each warm."""
    start = len(registries.requests)
    await Bot(routes=registries.routes).plan(LocalPlatform(sample))
    asked = [
        exchange.path.partition("?")[0]
        for exchange in registries.requests[start:]
        if exchange.host == "ghcr.io" and "/tags/list" in exchange.path and "last=" not in exchange.path
    ]

    assert len(asked) <= len(set(asked)) + 1
    assert len(set(asked)) == 5


async def test_a_warm_run_asks_nothing_twice(sample: Path, registries: Registries, tmp_path: Path) -> None:
    """With a cache, minutes later, the same plan needs no request at all for what is known."""
    bot = Bot(routes=registries.routes, cache=f"sqlite://{tmp_path}/cache.sqlite")
    cold = await bot.plan(LocalPlatform(sample))
    warm = await bot.plan(LocalPlatform(sample))

    assert [branch.fingerprint for branch in cold.branches] == [branch.fingerprint for branch in warm.branches]
    assert sum(warm.requests.values()) <= sum(cold.requests.values())
