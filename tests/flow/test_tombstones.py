"""Rollbacks in real Git histories, and what is offered after them."""

import subprocess
from pathlib import Path

import pytest

from tests.flow.conftest import LATER, Bot
from updater import git
from updater.platforms.local import LocalPlatform

FILE = "apps/production/api/deployment.yaml"
DAY = 24 * 60 * 60


class History:
    """A repository that changes from day to day."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.day = int(LATER.timestamp()) - 60 * DAY

    def commit(self, old: str, new: str, message: str = "Change\n") -> str:
        file = self.place / FILE
        text = file.read_text()
        assert old in text
        file.write_text(text.replace(old, new))
        self.day += DAY
        return git.commit_all(self.place, message, author=git.Author(name="Ann", email="a@b.c"), date=self.day)

    def run(self, *arguments: str) -> None:
        date = f"{self.day + 60} +0000"
        environment = {
            "GIT_AUTHOR_NAME": "Ann", "GIT_AUTHOR_EMAIL": "a@b.c", "GIT_COMMITTER_NAME": "Ann",
            "GIT_COMMITTER_EMAIL": "a@b.c", "GIT_AUTHOR_DATE": date, "GIT_COMMITTER_DATE": date,
        }  # fmt: skip
        subprocess.run(["git", "-C", self.place, *arguments], check=True, capture_output=True, env=environment)


@pytest.fixture
def history(sample: Path) -> History:
    return History(sample)


async def offers(bot: Bot, history: History) -> set[str]:
    plan = await bot.plan(LocalPlatform(history.place))
    return {each.offer.version for each in plan.updates if each.tracked.dependency.path == FILE}


async def test_without_a_rollback_the_newest_is_offered(bot: Bot, history: History) -> None:
    """The sample's application has an update, and an ordinary history takes none away."""
    history.commit("api:1.4.2", "api:1.4.3", "Raise\n")

    assert await offers(bot, history) == {"1.6.0"}


async def test_a_revert(bot: Bot, history: History) -> None:
    """``git revert`` of an update is a decision against it and all that it skipped."""
    history.commit("api:1.4.2", "api:1.6.0", "Update\n")
    history.run("revert", "--no-edit", "HEAD")

    assert await offers(bot, history) == set()


async def test_a_revert_of_the_revert(bot: Bot, history: History) -> None:
    """Whoever takes the version after all has it, and what comes after it is offered."""
    history.commit("api:1.4.2", "api:1.5.0", "Update\n")
    history.run("revert", "--no-edit", "HEAD")
    history.run("revert", "--no-edit", "HEAD")

    assert await offers(bot, history) == {"1.6.0"}


async def test_a_rollback_by_hand_of_a_merged_branch(bot: Bot, history: History) -> None:
    """A merge commit counts as the change that it makes on the base; what its branch did before does not matter."""
    history.run("checkout", "-b", "topic")
    history.commit("api:1.4.2", "api:1.6.0")
    history.run("checkout", "main")
    history.run("merge", "--no-ff", "--no-edit", "topic")
    history.run("checkout", "-b", "back")
    history.commit("api:1.6.0", "api:1.5.0")
    history.commit("api:1.5.0", "api:1.4.2")
    history.run("checkout", "main")
    history.run("merge", "--no-ff", "--no-edit", "back")
    plan = await bot.plan(LocalPlatform(history.place))
    stones = {(stone.version, stone.lowered_to) for found in plan.tombstones.values() for stone in found}

    assert stones == {("1.6.0", "1.4.2")}
    assert await offers(bot, history) == set()


async def test_a_partial_rollback(bot: Bot, history: History) -> None:
    """One of two containers went back: it is held, the other one is as it was."""
    first = "ghcr.io/acme/api:1.4.2"
    history.commit(first, "ghcr.io/acme/api:1.5.0")
    text = (history.place / FILE).read_text()
    start = text.index("ghcr.io/acme/api:1.5.0")
    (history.place / FILE).write_text(text[:start] + text[start:].replace("api:1.5.0", "api:1.4.2", 1))
    history.commit("api:1.4.2", "api:1.4.2", "Back for one\n")
    plan = await bot.plan(LocalPlatform(history.place))
    values = {each.tracked.dependency.current_value for each in plan.updates if each.tracked.dependency.path == FILE}

    assert values == {"1.4.2", "1.5.0"}
    assert [stone.version for found in plan.tombstones.values() for stone in found] == ["1.5.0"]


async def test_a_shallow_clone_remembers_what_it_has(bot: Bot, history: History, tmp_path: Path) -> None:
    """Where the history ends, the memory does; that is no error."""
    history.commit("api:1.4.2", "api:1.6.0", "Update\n")
    history.run("revert", "--no-edit", "HEAD")
    shallow = tmp_path / "shallow"
    history.run("clone", "--quiet", "--depth=1", f"file://{history.place}", str(shallow))

    assert await offers(bot, History(shallow)) == {"1.6.0"}
