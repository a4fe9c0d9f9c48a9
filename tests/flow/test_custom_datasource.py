"""Datasources of the configuration's own, from their entry in it to the files of the pull requests."""

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from tests.datasources.custom.test_custom import Pages
from tests.flow.conftest import LATER, Bot
from updater import git
from updater.model.plan import Plan
from updater.platforms.local import LocalPlatform

HOST = "versions.example.com"
PAGES = {
    "/channels/k3s": '{"data": [{"id": "stable", "latest": "v1.33.4"}, {"id": "testing", "latest": "v1.34.0-rc1"}]}',
    "/download/nginx/1.26.0": '<a href="nginx-1.26.0.tar.gz"></a><a href="nginx-1.26.2.tar.gz">y</a><a href="x">z</a>',
}
STABLE = '{"releases": data[id = "stable"].{"version": latest}}'
ALL = '{"releases": data.{"version": latest}}'
CONFIG: Mapping[str, object] = {
    "customDatasources": {
        "k3s": {
            "defaultRegistryUrlTemplate": f"https://{HOST}/channels/{{{{packageName}}}}",
            "transformTemplates": [STABLE],
        },
        "downloads": {
            "defaultRegistryUrlTemplate": f"https://{HOST}/download/{{{{packageName}}}}/{{{{currentValue}}}}",
            "format": "html",
        },
        "own": {"defaultRegistryUrlTemplate": "file://versions/{{packageName}}.yaml", "format": "yaml"},
    },
    "customManagers": [
        {
            "customType": "regex",
            "managerFilePatterns": ["k3s.version"],
            "matchStrings": ["(?P<currentValue>\\S+)"],
            "depNameTemplate": "k3s",
            "datasourceTemplate": "custom.k3s",
            "versioningTemplate": "semver",
        }
    ],
    "packageRules": [
        {"matchDatasources": ["custom.downloads"], "extractVersion": "^nginx-(?<version>.+)\\.tar\\.gz$"},
        {"matchDatasources": ["custom.*"], "groupName": "our own"},
    ],
}
FILES = {
    "k3s.version": "v1.33.1\n",
    "values.yaml": "# renovate: datasource=custom.downloads depName=nginx\nnginxVersion: 1.26.0\n"
    "# renovate: datasource=custom.own depName=agent\nagentVersion: 1.9\n",
    "versions/agent.yaml": "releases:\n  - version: 1.9\n  - version: 1.10\n",
}


def committed(place: Path, config: Mapping[str, object]) -> LocalPlatform:
    for path, text in {"renovate.json": json.dumps(config), **FILES}.items():
        file = place / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    git.init(place, "main")
    git.commit_all(place, "Versions\n", author=git.BOT, date=int(LATER.timestamp()))
    return LocalPlatform(place)


def offered(plan: Plan) -> dict[str, str | None]:
    return {update.tracked.name: update.offer.new_value for update in plan.updates}


async def test_they_work_wherever_datasources_do(tmp_path: Path) -> None:
    """In custom managers, in comments and in rules; by HTTP and from files of the repository."""
    with Pages(PAGES) as server:
        plan = await Bot(routes={HOST: server.url}).plan(committed(tmp_path, CONFIG))
    assert (plan.failed, plan.problems) == ((), ())
    assert offered(plan) == {"k3s": "v1.33.4", "nginx": "1.26.2", "agent": "1.10"}
    (branch,) = plan.branches
    assert branch.files["k3s.version"] == "v1.33.4\n"
    assert "nginxVersion: 1.26.2\n" in branch.files["values.yaml"]
    assert "agentVersion: 1.10\n" in branch.files["values.yaml"]


async def test_another_expression_is_another_datasource(tmp_path: Path) -> None:
    """What was remembered of an entry does not count when the entry says something else, nor in another repository."""
    cache = f"sqlite://{tmp_path}/cache.sqlite"
    k3s = {"defaultRegistryUrlTemplate": f"https://{HOST}/channels/{{{{packageName}}}}", "transformTemplates": [ALL]}
    changed = {**CONFIG, "customDatasources": {"k3s": k3s}, "ignoreUnstable": False}
    with Pages(PAGES) as server:
        bot = Bot(routes={HOST: server.url}, cache=cache)
        await bot.plan(committed(tmp_path / "one", CONFIG))
        first = len(server.paths("/channels"))
        await bot.plan(committed(tmp_path / "two", changed))
        assert (first, len(server.paths("/channels"))) == (1, 2)
        await replace(bot, clock=LATER).plan(LocalPlatform(tmp_path / "two"))
        assert len(server.paths("/channels")) == 2


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({}, "defaultRegistryUrlTemplate"),
        ({"defaultRegistryUrlTemplate": f"https://{HOST}/channels/k3s", "transformTemplates": ["$("]}, "Expected"),
        ({"defaultRegistryUrlTemplate": f"https://{HOST}/nowhere"}, "404"),
    ],
)
async def test_what_cannot_be_asked_fails_alone(tmp_path: Path, options: Mapping[str, object], reason: str) -> None:
    """An entry that is wrong costs its own dependencies, with the reason."""
    datasources = CONFIG["customDatasources"]
    assert isinstance(datasources, dict)
    with Pages(PAGES) as server:
        config = {**CONFIG, "customDatasources": {**datasources, "k3s": options}}
        plan = await Bot(routes={HOST: server.url}).plan(committed(tmp_path, config))
    assert offered(plan) == {"nginx": "1.26.2", "agent": "1.10"}
    (failed,) = plan.failed
    assert failed.subject == "custom.k3s k3s"
    assert reason in failed.error


async def test_an_entry_that_is_not_there(tmp_path: Path) -> None:
    """A name that no entry has is reported with the places where it stands."""
    plan = await Bot(routes={}).plan(committed(tmp_path, {**CONFIG, "customDatasources": {}}))
    assert not plan.updates
    assert {row.reason for row in plan.skipped if row.name} == {
        f"no datasource is called 'custom.{name}'" for name in ("k3s", "downloads", "own")
    }
