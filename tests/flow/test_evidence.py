"""Evidence before a proposal: dates, platforms and digests, asked of Debian's docker-registry, the real one."""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.flow.conftest import LATER, Bot
from tests.servers.registry import Registry
from updater import cli, git
from updater.model.plan import ActionKind, Plan
from updater.model.track import UpdateType
from updater.platforms.local import LocalPlatform

HOST = "registry.test"
AMD, ARM, OLD_ARM = "linux/amd64", "linux/arm64", "linux/arm/v7"
AGE: Mapping[str, object] = {"minimumReleaseAge": "3 days"}

Deploy = Callable[..., LocalPlatform]


@pytest.fixture(scope="module")
def registry() -> Iterator[Registry]:
    with Registry() as running:
        yield running


@pytest.fixture
def bot(registry: Registry, tmp_path: Path) -> Bot:
    """A bot whose cache lasts."""
    registry.requests.clear()
    return Bot(routes={HOST: registry.url}, cache=f"sqlite://{tmp_path}/cache.sqlite")


@pytest.fixture
def deploy(tmp_path: Path) -> Deploy:
    """Makes a repository that deploys images of the registry, under a configuration; nobody looks for release notes."""

    def make(*images: str, config: Mapping[str, object] | None = None) -> LocalPlatform:
        place = tmp_path / "gitops"
        place.mkdir(exist_ok=True)
        (place / "renovate.json").write_text(json.dumps({"fetchChangeLogs": "off", **(config or {})}))
        containers = "".join(f"    - image: {HOST}/{image}\n" for image in images)
        (place / "pod.yaml").write_text(f"apiVersion: v1\nkind: Pod\nspec:\n  containers:\n{containers}")
        git.init(place, "main")
        git.commit_all(place, "Deploy\n", author=git.BOT, date=int(LATER.timestamp()))
        return LocalPlatform(place)

    return make


def offered(plan: Plan) -> list[str]:
    return [update.offer.version for update in plan.updates]


def held(plan: Plan) -> list[tuple[str, str, str]]:
    return [(each.new_version, each.rule, each.reason) for each in plan.held]


def asked(registry: Registry) -> Counter[str]:
    """How often each kind of thing was asked for."""
    return Counter(f"{each.method} {each.path.split('/')[-2]}" for each in registry.requests)


# ---------------------------------------------------------------- platforms


async def test_no_platform_is_lost(registry: Registry, bot: Bot, deploy: Deploy) -> None:
    """An index that lacks a platform, or a single image in its place, is held; the newest with all is proposed."""
    for tag, platforms in {"1.0.0": (AMD, ARM, OLD_ARM), "1.1.0": (AMD, ARM, OLD_ARM), "1.2.0": (AMD, OLD_ARM)}.items():
        registry.push("some/index", tag, platforms=platforms)
    registry.push("some/index", "1.3.0", platforms=(AMD,))
    plan = await bot.plan(deploy("some/index:1.0.0"))

    assert offered(plan) == ["1.1.0"]
    assert held(plan) == [
        ("1.3.0", "platforms", "has no linux/arm/v7 or linux/arm64, which 1.0.0 has"),
        ("1.2.0", "platforms", "has no linux/arm64, which 1.0.0 has"),
    ]
    assert asked(registry) == {"GET tags": 1, "GET manifests": 4, "GET blobs": 1}


async def test_a_request_each_proves_platforms_digest_and_presence(
    registry: Registry, bot: Bot, deploy: Deploy
) -> None:
    """Cold, an image costs its list and a manifest for each end of the step, pinned or not; and soon after, nothing."""
    images = []
    for name in ("plain", "pinned"):
        digest = registry.push(f"cost/{name}", "1.0.0")
        registry.push(f"cost/{name}", "1.1.0")
        images.append(f"cost/{name}:1.0.0" + (f"@{digest}" if name == "pinned" else ""))
    platform = deploy(*images * 5)
    cold = await bot.plan(platform)
    at_first = asked(registry)
    registry.requests.clear()
    again = await bot.plan(platform)

    assert offered(cold) == offered(again) == ["1.1.0"] * 10
    assert at_first == {"GET tags": 2, "GET manifests": 4}
    assert registry.requests == []


# ---------------------------------------------------------------- age


async def test_a_lying_date_does_not_open_the_gate(registry: Registry, bot: Bot, deploy: Deploy) -> None:
    """What appears while we watch is as old as our first sight of it, whatever it says of itself; the gate ends."""
    registry.push("some/lie", "1.0.0")
    platform = deploy("some/lie:1.0.0", config=AGE)
    await bot.plan(platform)
    registry.push("some/lie", "1.1.0", created="2020-05-05T00:00:00Z")
    fresh = await replace(bot, clock=LATER + timedelta(days=1)).plan(platform)
    later = await replace(bot, clock=LATER + timedelta(days=4)).plan(platform)

    seen = f"first seen {LATER + timedelta(days=1):%Y-%m-%d} (built 2020-05-05, says its publisher)"
    assert (offered(fresh), [each.until for each in fresh.held]) == ([], [LATER + timedelta(days=4)])
    assert held(fresh) == [("1.1.0", "minimumReleaseAge", f"{seen}; minimumReleaseAge is 3 days")]
    assert offered(later) == ["1.1.0"]
    assert seen in later.branches[0].body


async def test_what_was_there_before_has_its_own_date(registry: Registry, bot: Bot, deploy: Deploy) -> None:
    """At the first look, the date in the configuration of the image is the best evidence, and named as what it is."""
    registry.push("some/old", "1.0.0")
    registry.push("some/old", "1.1.0", created="2026-03-03T00:00:00Z")
    registry.push("some/old", "1.2.0", created=f"{LATER:%Y-%m-%d}T00:00:00Z")
    plan = await bot.plan(deploy("some/old:1.0.0", config=AGE))

    assert offered(plan) == ["1.1.0"]
    assert [each.rule for each in plan.held] == ["minimumReleaseAge"]
    assert "built 2026-03-03, says its publisher" in plan.branches[0].body


async def test_a_reproducible_build_has_no_date(registry: Registry, bot: Bot, deploy: Deploy) -> None:
    """1980 is no evidence: the first sight is, and three days later the gate is open."""
    registry.push("some/bazel", "1.0.0", created="1980-01-01T00:00:00Z")
    registry.push("some/bazel", "1.1.0", created="1980-01-01T00:00:00Z")
    platform = deploy("some/bazel:1.0.0", config=AGE)
    first = await bot.plan(platform)
    later = await replace(bot, clock=LATER + timedelta(days=3)).plan(platform)

    assert (offered(first), offered(later)) == ([], ["1.1.0"])
    assert later.updates[0].age_evidence == f"first seen {LATER:%Y-%m-%d} (the registry gives no date)"


async def test_a_tag_that_was_pushed_again_waits_anew(registry: Registry, bot: Bot, deploy: Deploy) -> None:
    """The digest under a fixed tag has an age of its own."""
    before = registry.push("some/moving", "1.0.0", created="2026-01-01T00:00:00Z")
    platform = deploy(f"some/moving:1.0.0@{before}", config=AGE)
    await bot.plan(platform)
    after = registry.push("some/moving", "1.0.0", created="2026-01-02T00:00:00Z")
    fresh = await replace(bot, clock=LATER + timedelta(days=1)).plan(platform)
    later = await replace(bot, clock=LATER + timedelta(days=4)).plan(platform)

    assert [(each.update_type, each.new_digest) for each in fresh.held] == [(UpdateType.DIGEST, after)]
    assert [(each.update_type, each.new_digest) for each in later.updates] == [(UpdateType.DIGEST, after)]


# ---------------------------------------------------------------- implausible, gone


async def test_a_left_numbering_is_implausible(registry: Registry, bot: Bot, deploy: Deploy) -> None:
    """``3.0.8``, which was tried once years ago, does not follow ``0.3.20``; ``0.3.21`` does."""
    registry.push("some/cron", "0.3.20", created="2026-05-05T00:00:00Z")
    registry.push("some/cron", "0.3.21", created="2026-06-06T00:00:00Z")
    registry.push("some/cron", "3.0.8", created="2021-01-01T00:00:00Z")
    plan = await bot.plan(deploy("some/cron:0.3.20"))

    assert offered(plan) == ["0.3.21"]
    assert held(plan) == [("3.0.8", "implausible", "of 2021-01-01, which is long before 0.3.20 (2026-05-05)")]


def test_pins_that_are_gone_are_rows(
    registry: Registry, bot: Bot, deploy: Deploy, capsys: pytest.CaptureFixture[str]
) -> None:
    """A tag and a digest that the registry has no more are told by ``plan`` and ``why``, and no failure."""
    registry.push("some/gone", "1.1.0")
    lost = "sha256:" + "0" * 64
    platform = deploy("some/gone:1.0.0", f"some/gone@{lost}", f"some/gone:1.1.0@{lost}")
    network = ["--cache", "memory:", "--route", f"{HOST}={registry.url}", "--quiet"]
    assert cli.run(["plan", platform.repository, "--format", "json", *network]) == 0
    planned = json.loads(capsys.readouterr().out)
    assert cli.run(["plan", platform.repository, *network]) == 0
    text = capsys.readouterr().out
    assert cli.run(["why", "some/gone", platform.repository, *network]) == 0
    reason = "its registry does not have it any more"

    assert [(row["line"], row["name"], row["reason"]) for row in planned["gone"]] == [
        (5, "1.0.0", reason),
        (6, lost, reason),
        (7, lost, reason),
    ]
    assert {update["new_version"] for update in planned["updates"]} == {"1.1.0"}
    assert "In use, and gone:" in text
    assert f"!  1.0.0: {reason}" in capsys.readouterr().out


async def test_what_is_gone_closes_nothing(registry: Registry, bot: Bot, deploy: Deploy) -> None:
    """The pull request that leads away from a tag that vanished stays as it is."""
    registry.push("some/way-out", "1.1.0")
    platform = deploy("some/way-out:1.0.0")
    await bot.run(platform)
    again = await bot.plan(platform)

    assert [each.name for each in again.gone] == ["1.0.0"]
    assert [action.kind for action in again.actions] == [ActionKind.LEAVE]
