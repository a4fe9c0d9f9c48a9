"""Images that are pulled through a mirror: looked up where they come from, written as they are pulled."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.flow.conftest import LATER, Bot
from tests.servers.pages import PagedRegistry, digest_of
from updater import git
from updater.model.plan import Plan
from updater.platforms.local import LocalPlatform

UPSTREAM, MIRROR = "registry.example.com", "mirror.example.com"
OLD, NEW = digest_of("team/app", "1.0.0"), digest_of("team/app", "1.1.0")
WORKLOAD = """\
apiVersion: v1
kind: Pod
metadata:
  name: app
spec:
  containers:
    - name: app
      image: {image}
"""


def committed(place: Path, config: Mapping[str, object], image: str) -> LocalPlatform:
    (place / "renovate.json").write_text(json.dumps(config))
    (place / "pod.yaml").write_text(WORKLOAD.format(image=image))
    git.init(place, "main")
    git.commit_all(place, "An app\n", author=git.BOT, date=int(LATER.timestamp()))
    return LocalPlatform(place)


def written(plan: Plan) -> list[str]:
    """The images of the pull requests."""
    lines = (line.strip() for branch in plan.branches for line in branch.files["pod.yaml"].splitlines())
    return [line.removeprefix("image: ") for line in lines if line.startswith("image: ")]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("mirror.example.com/proxy/team/app:1.0.0", "mirror.example.com/proxy/team/app:1.1.0"),
        (f"mirror.example.com/proxy/team/app:1.0.0@{OLD}", f"mirror.example.com/proxy/team/app:1.1.0@{NEW}"),
        ("mirror.example.com/deep/app:1.0.0", "mirror.example.com/deep/app:1.1.0"),
    ],
)
async def test_upstream_is_asked_and_the_mirror_written(tmp_path: Path, before: str, after: str) -> None:
    """An alias says what a prefix stands for; the longest counts. The mirror is not asked."""
    aliases = {
        "mirror.example.com": "wrong.example.com",
        "mirror.example.com/proxy": UPSTREAM,
        "mirror.example.com/deep": f"{UPSTREAM}/team",
    }
    with PagedRegistry({"team/app": ["1.0.0", "1.1.0"]}) as upstream, PagedRegistry() as mirror:
        bot = Bot(routes={UPSTREAM: upstream.url, MIRROR: mirror.url})
        plan = await bot.plan(committed(tmp_path, {"registryAliases": aliases}, before))
        assert mirror.requests == []
    assert (plan.failed, written(plan)) == ((), [after])


async def test_the_mirror_is_asked_for_what_upstream_is_called(tmp_path: Path) -> None:
    """The other way round: with ``registryUrls`` the mirror is asked in place of upstream, whose name is written."""
    rule = {"matchDatasources": ["docker"], "registryUrls": [f"https://{MIRROR}/proxy"]}
    with PagedRegistry() as upstream, PagedRegistry({"proxy/team/app": ["1.0.0", "1.1.0"]}) as mirror:
        bot = Bot(routes={"registry-1.docker.io": upstream.url, MIRROR: mirror.url})
        plan = await bot.plan(committed(tmp_path, {"packageRules": [rule]}, "team/app:1.0.0"))
        assert upstream.requests == []
    assert (plan.failed, written(plan)) == ((), ["team/app:1.1.0"])
