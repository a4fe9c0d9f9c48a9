"""An upgrade path, climbed: one pull request after the other, each merged before the next is opened."""

from dataclasses import replace
from pathlib import Path

from tests.flow.conftest import Bot
from updater.model.forge import PullRequestState
from updater.platforms.local import LocalPlatform

FILE = "apps/production/api/deployment.yaml"
CONFIG = '{"prHourlyLimit": 0, "prConcurrentLimit": 0, "packageRules": [{"matchPackageNames": ["**/acme/api"], %s}]}'


async def climb(bot: Bot, place: Path) -> list[str]:
    """Merge what is proposed for the application until nothing is; the versions, in order."""
    platform = LocalPlatform(place)
    taken: list[str] = []
    while True:
        plan, _ = await bot.run(platform)
        offers = [each for each in plan.updates if each.tracked.dependency.path == FILE]
        branch = next((each for each in plan.branches if any(offer in each.updates for offer in offers)), None)
        if branch is None:
            return taken
        taken.append(offers[0].offer.version)
        pull = next(
            each
            for each in platform.pull_requests("updater/")
            if each.branch == branch.name and each.state is PullRequestState.OPEN
        )
        platform.merge_pull_request(pull)


async def test_one_minor_at_a_time(bot: Bot, sample: Path) -> None:
    """Every rung is a pull request of its own, in its newest patch; the next one follows the merge."""
    bot = replace(bot, environment={"UPDATER_CONFIG": CONFIG % '"maxStep": "minor"'})
    assert await climb(bot, sample) == ["1.5.1", "1.6.0"]


async def test_a_required_stop(bot: Bot, sample: Path) -> None:
    """A version that must not be jumped over is gone to first."""
    bot = replace(bot, environment={"UPDATER_CONFIG": CONFIG % '"requiredStops": ["1.4.3"]'})
    assert await climb(bot, sample) == ["1.4.3", "1.6.0"]


async def test_what_waits_is_shown(bot: Bot, sample: Path) -> None:
    """The plan and the pull request say what comes after it, and why not now."""
    bot = replace(bot, environment={"UPDATER_CONFIG": CONFIG % '"maxStep": "minor"'})
    plan, _ = await bot.run(LocalPlatform(sample))
    held = {(each.new_version, each.rule, each.reason) for each in plan.held if each.tracked.dependency.path == FILE}
    assert held == {("1.6.0", "ladder", "one minor at a time; 1.5.1 first")}
    (body,) = {each.body for each in plan.branches if "acme/api" in each.title}
    assert "- `1.6.0`: one minor at a time; 1.5.1 first" in body
