"""``dryRun`` and ``--dry-run``: how far a run goes that writes nothing; and what lists of versions offer alone."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from tests.core.made import DIGEST, NOW, choices, tracked
from tests.flow.conftest import Bot
from tests.servers.pages import PagedRegistry
from updater import cli, git
from updater.config import Policy
from updater.model.lookup import Release
from updater.model.track import UpdateType
from updater.platforms.local import LocalPlatform
from updater.vet import unproven

IMAGE = "registry.test/team/app"
Json = dict[str, object]


@dataclass(frozen=True)
class World:
    """A repository with one image, its registry, and the command line."""

    registry: PagedRegistry
    place: Path
    capsys: pytest.CaptureFixture[str]

    def run(self, command: str, *arguments: str) -> str:
        routes = ["--route", f"registry.test={self.registry.url}", "--cache", "memory:"]
        assert cli.run([command, str(self.place), *routes, *arguments]) == 0
        return self.capsys.readouterr().out

    def configure(self, text: str) -> None:
        (self.place / "updater.json").write_text(text)
        git.commit_all(self.place, "x", author=git.Author(name="u", email="u@u"), date=1_700_000_000)

    def branches(self) -> list[str]:
        return [each.name for each in git.refs(git.locate(self.place)[0], "refs/heads")]

    def asked(self) -> set[str]:
        return {request.path.rpartition("/")[0].rpartition("/")[2] for request in self.registry.requests}


@pytest.fixture
def world(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[World]:
    place = tmp_path / "repository"
    place.mkdir()
    (place / "pod.yaml").write_text(f"apiVersion: v1\nkind: Pod\nspec:\n  containers:\n    - image: {IMAGE}:1.0.0\n")
    git.init(place, "main")
    with PagedRegistry({"team/app": ["1.0.0", "1.1.0"]}) as registry:
        world = World(registry=registry, place=place, capsys=capsys)
        world.configure("{}")
        yield world


@pytest.mark.parametrize("command", ["plan", "run"])
def test_extract_asks_nobody(world: World, command: str) -> None:
    """The dependencies are listed, as ``updater scan`` lists them."""
    listed = json.loads(world.run(command, "--dry-run", "extract", "--format", "json"))
    assert [(each["package_name"], each["current_value"]) for each in listed] == [(IMAGE, "1.0.0")]
    assert world.registry.requests == []


@pytest.mark.parametrize("command", ["plan", "run"])
def test_lookup_proves_nothing(world: World, command: str) -> None:
    """The updates are those that lists tell of: no manifest is asked for, and no branch is planned or written."""
    found = json.loads(world.run(command, "--dry-run=lookup", "--format", "json"))
    assert [(each["new_value"], each["branch"]) for each in found["updates"]] == [("1.1.0", None)]
    assert (found["branches"], found["actions"]) == ([], [])
    assert (world.asked(), world.branches()) == ({"tags"}, ["refs/heads/main"])


def test_lookup_shows_people_the_updates(world: World) -> None:
    """A line for each, although no branch is there to show them under."""
    assert f"pod.yaml:5  minor  {IMAGE} 1.0.0 → 1.1.0" in world.run("plan", "--dry-run=lookup")


def test_full_is_the_whole_plan(world: World) -> None:
    """``run --dry-run=full`` says what ``run`` would do, and does nothing."""
    planned = json.loads(world.run("plan", "--format", "json"))
    dry = json.loads(world.run("run", "--dry-run=full", "--format", "json"))
    assert dry["branches"] == planned["branches"]
    assert (dry["outcomes"], world.branches()) == ([], ["refs/heads/main"])


@pytest.mark.parametrize("value", ['"full"', "true"])
def test_the_configuration_can_say_so(world: World, value: str) -> None:
    """``dryRun`` keeps ``run`` from writing, also in its old form."""
    world.configure(f'{{"dryRun": {value}}}')
    world.run("run")
    assert world.branches() == ["refs/heads/main"]


def test_the_environment_can_say_so(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """``RENOVATE_DRY_RUN`` of a job that ran Renovate goes on to hold, and comes before the configuration."""
    monkeypatch.setenv("RENOVATE_DRY_RUN", "extract")
    world.configure('{"dryRun": "full"}')
    world.run("run")
    assert world.registry.requests == []


def test_without_a_plan_none_is_written_down(world: World, tmp_path: Path) -> None:
    """What stops before the plan has nothing for ``-o``, ``--record`` or ``--report``."""
    file = str(tmp_path / "plan.json")
    assert cli.run(["plan", str(world.place), "--dry-run=lookup", "--cache=memory:", "-o", file]) == 2
    assert "has no plan" in world.capsys.readouterr().err


# ---------------------------------------------------------------- what lists offer


def test_what_only_the_registry_knows_is_left_out() -> None:
    """Whether a tag in use has moved is found by asking: no such update is claimed."""
    made = unproven(choices(tracked(digest=DIGEST), "1.0.0", "1.1.0"), {}, NOW)
    assert [each.update.update_type for each in made if each.update] == [UpdateType.MINOR]


def test_dates_in_lists_count() -> None:
    """A release that is too young by its list is held, and the one before is offered."""
    found = tracked(policy=Policy(minimum_release_age=timedelta(days=3)))
    listed = [Release(version=f"1.{age}.0", published=NOW - timedelta(days=9 - age)) for age in (0, 5, 8)]
    (made,) = unproven(choices(found, *listed), {}, NOW)
    assert made.update is not None
    assert (made.update.offer.version, [each.new_version for each in made.held]) == ("1.5.0", ["1.8.0"])


async def test_what_is_planned_was_listed(bot: Bot, sample: Path) -> None:
    """Each update of a dependency that a plan proves is, or is older than, one that the lookup offers."""
    platform = LocalPlatform(sample)
    listed, planned = await bot.lookup(platform), await bot.plan(platform)
    offered = {each.tracked.dependency for each in listed.updates}
    steps = (UpdateType.MAJOR, UpdateType.MINOR, UpdateType.PATCH)
    proven = [each.tracked.dependency for each in planned.updates if each.update_type in steps]
    assert proven
    assert offered.issuperset(proven)
