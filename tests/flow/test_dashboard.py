"""The dashboard, from a run to the tick of a person and the run after it."""

import asyncio
import json
from dataclasses import replace
from pathlib import Path

import pytest
from inline_snapshot import snapshot

from tests.flow.conftest import LATER, Bot
from updater import cli, git
from updater.model.forge import Issue
from updater.orders import box
from updater.platforms.local import LocalPlatform

FILE = "apps/production/api/deployment.yaml"
TITLE = "Dependency Dashboard"
OPTIONS: dict[str, object] = {"dependencyDashboard": True, "prHourlyLimit": 0, "prConcurrentLimit": 2}


@pytest.fixture
def platform(sample: Path) -> LocalPlatform:
    return LocalPlatform(sample)


def configured(bot: Bot, **options: object) -> Bot:
    return replace(bot, environment={"UPDATER_CONFIG": json.dumps({**OPTIONS, **options})})


def issue(platform: LocalPlatform) -> Issue:
    found = platform.find_issue(TITLE)
    assert found is not None
    return found


def section(body: str, title: str) -> str:
    return body.partition(f"## {title}\n")[2].partition("\n## ")[0].partition("<details>")[0].strip()


def tick(platform: LocalPlatform, marker: str) -> None:
    found = issue(platform)
    assert marker in found.body
    body = found.body.replace(marker, marker.replace("[ ]", "[x]"))
    platform.write_issue(found, title=found.title, body=body)


async def test_what_a_dashboard_says(bot: Bot, platform: LocalPlatform) -> None:
    """Everything that is open, waiting and held, each with its box and its reason."""
    await configured(bot).run(platform)
    body = issue(platform).body

    assert section(body, "Open") == snapshot(
        """\
A tick makes the branch anew from its base.

- [ ] <!-- rebase-branch=updater/cert-manager-1.x -->#1 `Update Helm release cert-manager to v1.19.1`
- [ ] <!-- rebase-branch=updater/external-secrets-0.x -->#2 `Update Helm release external-secrets to v0.20.4`
- [ ] <!-- rebase-all-open-prs -->**All of them**\
"""
    )
    limited = section(body, "Held back by limits").splitlines()
    assert len(limited) == 39
    assert limited[2].endswith(": prConcurrentLimit is 2")
    assert limited[-1] == "- [ ] <!-- create-all-rate-limited-prs -->**All of them**"
    assert f"kubernetes `{FILE}`: `ghcr.io/acme/api` `1.4.2`" in body


async def test_a_tick_opens_what_waits(bot: Bot, platform: LocalPlatform) -> None:
    """The next run opens it whatever the limit is, and the box is gone."""
    bot = configured(bot)
    plan, _ = await bot.run(platform)
    held = next(action.name for action in plan.actions if str(action.kind) == "hold")
    tick(platform, box("unlimit", held))
    await bot.run(platform)

    assert len([pull for pull in platform.pull_requests("") if pull.branch == held]) == 1
    assert box("rebase", held) in issue(platform).body


async def test_a_run_with_nothing_new_writes_nothing(
    bot: Bot, platform: LocalPlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same facts make the same text."""
    bot = configured(bot)
    await bot.run(platform)

    def refused(*_: object, **__: object) -> Issue:
        raise AssertionError("the issue was written")

    monkeypatch.setattr(platform, "write_issue", refused)
    _, outcomes = await bot.run(platform)

    assert outcomes == []


async def test_a_tick_during_a_run_is_kept(bot: Bot, platform: LocalPlatform, monkeypatch: pytest.MonkeyPatch) -> None:
    """What somebody ticks after the run has read the issue is there for the next one."""
    bot = configured(bot)
    plan, _ = await bot.run(platform)
    held = [action.name for action in plan.actions if str(action.kind) == "hold"]
    tick(platform, box("unlimit", held[0]))
    apply, marker = LocalPlatform.push, box("unlimit", held[1])

    def push(self: LocalPlatform, *arguments: object) -> object:
        tick(self, marker)
        return apply(self, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(LocalPlatform, "push", push)
    await bot.run(platform)
    monkeypatch.undo()

    assert marker.replace("[ ]", "[x]") in issue(platform).body
    await bot.run(platform)
    assert {pull.branch for pull in platform.pull_requests("")} >= set(held[:2])


async def test_approval(bot: Bot, platform: LocalPlatform) -> None:
    """Where everything awaits approval there is a dashboard to give it, asked for or not."""
    bot = configured(bot, dependencyDashboard=False, dependencyDashboardApproval=True)
    plan, outcomes = await bot.run(platform)
    assert outcomes == []
    name = plan.branches[0].name
    tick(platform, box("approve", name))
    await bot.run(platform)

    assert [pull.branch for pull in platform.pull_requests("")] == [name]


async def test_declined_and_asked_for_again(bot: Bot, platform: LocalPlatform) -> None:
    """What people close is listed as such, and proposed again when they ask for it."""
    bot = configured(bot)
    await bot.run(platform)
    pull = platform.pull_request(1)
    platform.close_pull_request(pull, comment="no")
    await bot.run(platform)
    assert f"declined: #{pull.number} was closed" in section(issue(platform).body, "Declined")

    tick(platform, box("recreate", pull.branch))
    await bot.run(platform)
    assert {each.number: str(each.state) for each in platform.pull_requests("") if each.branch == pull.branch} == {
        1: "closed",
        max(each.number for each in platform.pull_requests("")): "open",
    }


async def test_a_rollback_is_listed_and_forgiven(
    bot: Bot, platform: LocalPlatform, sample: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """``updater forgive`` ticks its box; the version is offered again, and stays so."""
    author, day = git.Author(name="Ann", email="a@b.c"), int(LATER.timestamp()) - 86_400
    file = sample / FILE
    before = file.read_text()
    for text in (before.replace("api:1.4.2", "api:1.6.0"), before):
        file.write_text(text)
        git.commit_all(sample, "Change\n", author=author, date=day)
    bot = configured(bot, prConcurrentLimit=0)

    async def offered() -> set[str]:
        plan, _ = await bot.run(platform)
        return {each.offer.version for each in plan.updates if each.tracked.dependency.path == FILE}

    assert await offered() == set()
    assert "`ghcr.io/acme/api` `1.6.0`, by `Ann` on 2026-11-24" in section(issue(platform).body, "Rolled back")
    assert await asyncio.to_thread(cli.run, ["forgive", "acme/api", "1.6.0", str(sample)]) == 0
    assert "forgiven: docker ghcr.io/acme/api 1.6.0" in capsys.readouterr().out
    assert await offered() == {"1.6.0"}
    assert await offered() == {"1.6.0"}
    assert section(issue(platform).body, "Rolled back") == ""
    assert await asyncio.to_thread(cli.run, ["forgive", "acme/api", "9.9.9", str(sample)]) == 2


async def test_an_idle_dashboard_may_be_closed(bot: Bot, tmp_path: Path) -> None:
    """With ``dependencyDashboardAutoclose``, while there is nothing to say."""
    tmp_path.joinpath("renovate.json").write_text("{}")
    (tmp_path / "notes.txt").write_text("nothing here\n")
    git.init(tmp_path, "main")
    git.commit_all(tmp_path, "Notes\n", author=git.BOT, date=int(LATER.timestamp()))
    platform = LocalPlatform(tmp_path)
    await configured(bot).run(platform)
    assert platform.find_issue(TITLE) is not None
    await configured(bot, dependencyDashboardAutoclose=True).run(platform)

    assert platform.find_issue(TITLE) is None


CHARTS = {"matchDatasources": ["helm"], "dependencyDashboardCategory": "Charts of {{datasource}}"}


async def test_categories_are_headings_within_sections(bot: Bot, platform: LocalPlatform) -> None:
    """``dependencyDashboardCategory``, where it applies; the rest comes last, and boxes are read below headings."""
    await configured(bot, packageRules=[CHARTS], prConcurrentLimit=0, addLabels=[]).run(platform)
    listed = section(issue(platform).body, "Open")
    first, _, second = listed.partition("### Others\n")

    assert first.count("### Charts of helm\n") == 1
    assert "Helm release cert-manager" in first
    assert "Docker tag" not in first
    assert "Docker tag" in second
    assert "Helm release cert-manager" not in second
    tick(platform, box("rebase", "updater/cert-manager-1.x"))
    plan = await configured(bot, packageRules=[CHARTS], prConcurrentLimit=0).plan(platform)
    assert [str(each.kind) for each in plan.actions if each.name == "updater/cert-manager-1.x"] == ["refresh"]


async def test_there_are_no_headings_without_categories(bot: Bot, platform: LocalPlatform) -> None:
    """Nor where a rule gives one to other dependencies."""
    other = {"matchDatasources": ["npm"], "dependencyDashboardCategory": "Packages"}
    await configured(bot, packageRules=[other]).run(platform)

    assert "### " not in issue(platform).body


@pytest.mark.parametrize(
    ("suppressed", "told"), [([], True), (["dependencyLookupWarnings"], False), (["rollout"], True)]
)
async def test_what_could_not_be_looked_up_may_be_left_out(
    suppressed: list[str], *, told: bool, bot: Bot, platform: LocalPlatform
) -> None:
    """``suppressNotifications``; the plan tells it all the same."""
    rule = {"matchDatasources": ["helm"], "registryUrls": ["https://nowhere.invalid"]}
    plan, _ = await configured(bot, packageRules=[rule], suppressNotifications=suppressed).run(platform)

    assert plan.failed
    assert ("## Could not be asked" in issue(platform).body) == told


def test_a_notification_that_does_not_exist_is_warned_about() -> None:
    """It is probably a slip of the pen."""
    from updater.config import parse

    (problem,) = parse('{"suppressNotifications": ["prEditedNotifications", "onboardingClose"]}', path="c").problems
    assert 'nothing is called "prEditedNotifications"' in problem.message
