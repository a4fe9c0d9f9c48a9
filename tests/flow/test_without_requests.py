"""Updates that are merged without a pull request, on every forge and in a checkout; and this tool's own checks."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Protocol

import pytest

from tests.flow.conftest import LATER, Bot
from tests.flow.test_github import FILES
from tests.flow.test_verify_forges import FORGES
from tests.servers.code_host import CodeHost, Project
from tests.servers.githttp import Bare
from updater.api import CheckState, Platform, Secret, Status
from updater.model.forge import MERGED_ALONE, PullRequestState
from updater.model.plan import ActionKind
from updater.platforms.local import LocalPlatform

API, REDIS = "updater/ghcr.io-acme-api-1.x", "updater/redis-7.x"
ALONE = {"automerge": True, "automergeType": "branch", "prHourlyLimit": 0, "prNotPendingHours": 100_000}
AGING = {"minimumReleaseAge": "200 days", "internalChecksFilter": "none", "prHourlyLimit": 0}
MANIFESTS = {path: text for path, text in FILES.items() if path.endswith(".yaml")}


class Place(Protocol):
    """Where the pull requests go."""

    @property
    def git(self) -> Bare: ...

    def platform(self) -> Platform: ...

    def check(self, branch: str, state: CheckState) -> None: ...

    def writes(self) -> int: ...


@dataclass
class OnForge:
    server: CodeHost
    project: Project
    make: Callable[[], Platform]

    @property
    def git(self) -> Bare:
        return self.project.git

    def platform(self) -> Platform:
        return self.make()

    def check(self, branch: str, state: CheckState) -> None:
        self.server.check(self.project, self.git.head(branch) or "", "ci", str(state).upper())

    def writes(self) -> int:
        return len([one for one in self.server.log if one.writes])


@dataclass
class InCheckout:
    git: Bare
    refs: set[str] = field(default_factory=set)

    def platform(self) -> Platform:
        return LocalPlatform(self.git.path, clock=lambda: LATER)

    def check(self, branch: str, state: CheckState) -> None:
        self.platform().set_status(self.git.head(branch) or "", Status(context="ci", state=state))

    def writes(self) -> int:
        """How many states of the repository were seen so far."""
        self.refs.add(self.git.git("for-each-ref", "--format=%(refname) %(objectname)"))
        return len(self.refs)


@pytest.fixture(params=["local", *FORGES])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    if request.param == "local":
        yield InCheckout(Bare.make(tmp_path / "checkout", MANIFESTS, bare=False))
        return
    host, made, token = FORGES[request.param]
    with host(tmp_path / "forge") as server:
        project = server.repository("acme/gitops", MANIFESTS)

        def platform() -> Platform:
            return made(
                "acme/gitops",
                token=Secret(token),
                endpoint=server.endpoint,
                clone_url=f"{server.root}/acme/gitops.git",
                cache_directory=tmp_path / "cache",
                sleep=lambda _: None,
            )

        yield OnForge(server, project, platform)


def configured(bot: Bot, options: Mapping[str, object]) -> Bot:
    return replace(bot, environment={"UPDATER_CONFIG": json.dumps(options)})


def requests(place: Place) -> list[str]:
    """The branches of open pull requests."""
    found = place.platform().pull_requests("updater/")
    return sorted(pull.branch for pull in found if pull.state is PullRequestState.OPEN)


async def test_branches_are_merged_once_their_checks_pass(bot: Bot, place: Place) -> None:
    """Pushed without a pull request; merged as they were checked; people are asked only where checks fail."""
    bot = configured(bot, ALONE)
    await bot.run(place.platform())
    assert requests(place) == []
    checked = place.git.head(API)

    before = place.writes()
    _, outcomes = await bot.run(place.platform())
    assert (outcomes, place.writes()) == ([], before)

    place.check(API, CheckState.SUCCESS)
    place.check(REDIS, CheckState.FAILURE)
    _, outcomes = await bot.run(place.platform())
    assert {(outcome.action.kind, outcome.action.name) for outcome in outcomes if outcome.failed is None} == {
        (ActionKind.MERGE, API),
        (ActionKind.CREATE, REDIS),
    }
    assert requests(place) == [REDIS]
    assert (place.git.head("main"), place.git.head(API)) == (checked, None)
    assert b"api:1.6.0" in place.git.read("main", "apps/production/api.yaml")
    said = place.platform().statuses([checked or ""])[checked or ""]
    assert MERGED_ALONE in {status.context for status in said}

    before = place.writes()
    _, outcomes = await bot.run(place.platform())
    assert (outcomes, place.writes()) == ([], before)


async def test_several_are_merged_one_on_the_other(bot: Bot, place: Place) -> None:
    """Each is a commit of its own in the base, and what was pushed meanwhile is below them."""
    bot = configured(bot, ALONE)
    await bot.run(place.platform())
    place.git.commit("main", {"notes.md": "news\n"})
    if isinstance(place, InCheckout):
        place.git.git("reset", "--quiet", "--hard")
    place.check(API, CheckState.SUCCESS)
    place.check(REDIS, CheckState.SUCCESS)
    base = place.git.head("main")
    await bot.run(place.platform())
    assert requests(place) == []
    assert place.git.head("main~2") == base
    subjects = place.git.git("log", "-2", "--format=%s", "main").splitlines()
    assert sorted(subjects) == [
        "Update ghcr.io/acme/api Docker tag to v1.6.0",
        place.git.git("log", "-1", "--format=%s", "main~1" if "redis" not in subjects[0] else "main"),
    ]
    assert b"redis:7.2.4-" not in place.git.read("main", "apps/production/redis.yaml")


async def test_a_base_that_nobody_may_push_to_gets_pull_requests(bot: Bot, place: Place) -> None:
    """Protected branches want pull requests: they get them, and those are merged like others."""
    if isinstance(place, InCheckout):
        pytest.skip("nothing is protected in a checkout")
    bot = configured(bot, ALONE)
    await bot.run(place.platform())
    place.git.protect(["main"])
    place.check(API, CheckState.SUCCESS)
    _, outcomes = await bot.run(place.platform())
    assert [outcome.failed for outcome in outcomes] == [None]
    assert requests(place) == [API]


async def test_the_age_of_releases_is_said_and_said_again_when_it_changes(bot: Bot, place: Place) -> None:
    """Pending with the first run, nothing with the second one, passed when the time has come."""
    bot = configured(bot, AGING)
    await bot.run(place.platform())
    head = place.git.head(API) or ""

    def said() -> dict[str, CheckState]:
        return {status.context: status.state for status in place.platform().statuses([head])[head]}

    assert said() == {"updater/release-age": CheckState.PENDING}
    before = place.writes()
    await bot.run(place.platform())
    assert place.writes() == before

    await replace(bot, clock=LATER + timedelta(days=400)).run(place.platform())
    assert said() == {"updater/release-age": CheckState.SUCCESS}
