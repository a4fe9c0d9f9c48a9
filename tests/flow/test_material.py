"""What pull requests tell: release notes and chart diffs, from registries and forges to bodies."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from tests.flow.conftest import LATER, Bot
from tests.material.charts import chart
from tests.servers import Reply
from tests.servers.forge_api import Forge
from tests.servers.helm import HelmRepository
from updater import git
from updater.api import Secret
from updater.model.forge import PullRequest
from updater.model.plan import ActionKind
from updater.platforms.local import LocalPlatform
from updater.report.marker import read_marker

OLD = chart("1.0.0", "server: {port: 80}\n", "p: {{ .Values.server.port }}", appVersion="2.0.0")
NEW = chart("1.1.0", "listen: {port: 80}\n", "p: {{ .Values.listen.port }}", appVersion="2.1.0")
SOURCES = "    sources:\n    - https://github.com/acme/{name}\n"
APPLICATION = """\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {{name: {name}}}
spec:
  source:
    repoURL: https://charts.example.com
    chart: {name}
    targetRevision: 1.0.0
    helm: {{valuesObject: {{server: {{port: 8080}}}}}}
"""


@dataclass(frozen=True)
class World:
    """A repository with two charts of a chart repository, which are developed on a forge."""

    platform: LocalPlatform
    charts: HelmRepository
    forge: Forge
    bot: Bot

    def listings(self) -> list[str]:
        """The requests for lists of releases."""
        return [path for path in self.forge.paths() if "/releases" in path]

    def archives(self) -> list[str]:
        return [path for path in self.charts.paths() if path.endswith(".tgz")]

    def pull(self, name: str) -> PullRequest:
        return next(each for each in self.platform.pull_requests("") if each.branch.startswith(f"updater/{name}"))


def index(*names: str) -> str:
    lines = ["apiVersion: v1\nentries:\n"]
    for name in names:
        lines.append(f"  {name}:\n")
        for version, content in (("1.1.0", NEW), ("1.0.0", OLD)):
            digest = hashlib.sha256(content).hexdigest()
            lines.append(f"  - apiVersion: v2\n    digest: {digest}\n    name: {name}\n{SOURCES.format(name=name)}")
            lines.append(f"    urls: [{name}-{version}.tgz]\n    version: {version}\n")
    return "".join(lines)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    repository = tmp_path / "repository"
    repository.mkdir()
    for name in ("api", "web"):
        (repository / f"{name}.yaml").write_text(APPLICATION.format(name=name))
    (repository / "renovate.json").write_text("{}")
    git.init(repository, "main")
    git.commit_all(repository, "All\n", author=git.BOT, date=int(LATER.timestamp()))
    with HelmRepository(index("api", "web")) as charts, Forge() as forge:
        for name in ("api", "web"):
            charts.files |= {f"/{name}-1.0.0.tgz": OLD, f"/{name}-1.1.0.tgz": NEW}
            forge.repository(f"acme/{name}", releases=["v1.0.0", "v1.1.0"])
            for row in forge.published[f"acme/{name}"].releases:
                row |= {
                    "body": f"What is new in {row['tag_name']}, thanks to @someone",
                    "html_url": "https://x.example",
                }
        routes = {"charts.example.com": charts.url, "github.com": forge.url, "api.github.com": forge.url}
        bot = Bot(routes=routes, cache=f"sqlite:///{tmp_path}/cache.db", clock=LATER)
        yield World(LocalPlatform(repository), charts, forge, bot)


async def test_a_reviewer_reads_what_changes(world: World) -> None:
    """The lost value first, then what the chart changes and the notes of the releases between, made harmless."""
    await world.bot.run(world.platform)
    body = world.pull("api").body

    assert "`server.port` (`api.yaml:9`) **is lost**" in body
    assert "probably `listen.port` has taken its place" in body
    assert "appVersion: `2.0.0` → `2.1.0`" in body
    assert "What is new in v1.1.0, thanks to `@someone`" in body
    assert "What is new in v1.0.0" not in body
    assert body.index("is lost") < body.index("| What |") < body.index("appVersion") < body.index("What is new")


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({}, "of everything"),
        ({"sourceDirectory": "charts/api"}, "of the chart"),
        ({"packageRules": [{"matchPackageNames": ["api"], "sourceDirectory": "charts/api"}]}, "of the chart"),
        ({"packageRules": [{"matchPackageNames": ["web"], "sourceDirectory": "charts/api"}]}, "of everything"),
    ],
)
async def test_changes_are_read_where_the_package_is_made(world: World, options: object, told: str) -> None:
    """``sourceDirectory``: its file of changes comes before that of the repository."""
    for row in world.forge.published["acme/api"].releases:
        row["body"] = ""
    page = "/acme/api/raw/v1.1.0"
    world.forge.files[f"{page}/CHANGELOG.md"] = "## 1.1.0\n\nChanges of everything\n"
    world.forge.files[f"{page}/charts/api/CHANGELOG.md"] = "## 1.1.0\n\nChanges of the chart\n"
    await replace(world.bot, environment={"UPDATER_CONFIG": json.dumps(options)}).run(world.platform)
    body = world.pull("api").body

    assert [text for text in ("of everything", "of the chart") if f"Changes {text}" in body] == [told]


async def test_it_is_asked_for_once(world: World) -> None:
    """One list for each repository and one archive for each version; later runs with the cache ask for none of it."""
    await world.bot.run(world.platform)
    assert (len(world.listings()), len(world.archives())) == (2, 4)
    world.forge.reset()
    world.charts.reset()
    plan, _ = await world.bot.run(world.platform)

    assert (world.listings(), world.archives()) == ([], [])
    assert {action.kind for action in plan.actions} == {ActionKind.LEAVE}


async def test_only_what_is_shown_is_asked_for(world: World) -> None:
    """A pull request that waits for its turn costs nothing."""
    bot = replace(world.bot, environment={"UPDATER_CONFIG": '{"prConcurrentLimit": 1}'})
    plan, _ = await bot.run(world.platform)

    assert sorted(action.kind for action in plan.actions) == [ActionKind.CREATE, ActionKind.HOLD]
    assert (len(world.listings()), len(world.archives())) == (1, 2)


async def test_what_cannot_be_had_changes_no_open_pull_request(world: World) -> None:
    """With the cache lost and the forge down, the notes stay where they are; a body is never made poorer."""
    await world.bot.run(world.platform)
    before = world.pull("api").body
    world.forge.fault = Reply(status=503)
    for path in world.archives():
        del world.charts.files[path]
    plan, _ = await replace(world.bot, cache="memory:").run(world.platform)

    assert world.pull("api").body == before
    assert {action.kind for action in plan.actions} == {ActionKind.LEAVE}


async def test_a_new_pull_request_does_without(world: World) -> None:
    """While the forge is down it is opened all the same, and gets its notes as soon as they can be had."""
    world.forge.fault = Reply(status=503)
    plan, outcomes = await world.bot.run(world.platform)
    assert plan.failed == ()
    assert len(outcomes) == 2
    assert "What is new" not in world.pull("api").body
    world.forge.fault = None
    plan, _ = await world.bot.run(world.platform)

    assert "What is new in v1.1.0" in world.pull("api").body
    assert {action.kind for action in plan.actions} == {ActionKind.REFRESH}


async def test_no_notes_where_none_are_wanted(world: World) -> None:
    """``fetchChangeLogs: off`` asks no forge; the chart is compared all the same."""
    bot = replace(world.bot, environment={"UPDATER_CONFIG": '{"fetchChangeLogs": "off"}'})
    await bot.run(world.platform)

    assert world.listings() == []
    assert "appVersion" in world.pull("api").body


async def test_a_signed_block_is_believed_by_who_has_the_key(world: World) -> None:
    """With ``UPDATER_SIGNING_KEY`` the block for machines is signed; one that somebody else made counts for nothing."""
    plan = await world.bot.plan(world.platform, signing_key="secret")
    body = plan.branches[0].body

    assert read_marker(body, Secret("secret")) == read_marker(body)
    assert read_marker(body, Secret("another")) is None
    assert read_marker(body.replace(plan.branches[0].fingerprint, "0" * 16), Secret("secret")) is None
