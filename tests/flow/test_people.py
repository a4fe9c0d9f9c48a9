"""People of the configuration and of CODEOWNERS, on pull requests of a forge."""

import json
from dataclasses import replace
from pathlib import Path

from tests.flow.conftest import Bot
from tests.flow.test_github import FILES
from tests.servers.github import TOKEN, GitHub
from updater.api import Secret
from updater.platforms.github import GitHubPlatform

OWNERS = "*              @bob\n/apps/production @ada @acme/ops\n"
OPTIONS = {"assignees": ["@bob"], "reviewersFromCodeOwners": True, "labels": ["to {{{newVersion}}}"], "milestone": 1}


async def test_people_are_on_the_pull_request(bot: Bot, tmp_path: Path) -> None:
    """Assignees of the configuration, reviewers by CODEOWNERS, a milestone; a second run asks nobody again."""
    bot = replace(bot, environment={"UPDATER_CONFIG": json.dumps(OPTIONS)})
    with GitHub(tmp_path / "github") as github:
        project = github.repository("acme/gitops", {**FILES, "renovate.json": "{}", ".github/CODEOWNERS": OWNERS})
        project.milestones = ("Spring",)
        platform = GitHubPlatform(
            "acme/gitops", token=Secret(TOKEN), endpoint=github.endpoint, cache_directory=tmp_path / "clones"
        )
        await bot.run(platform)
        pull = next(pull for pull in project.pulls.values() if "acme-api" in pull.head)
        await bot.run(platform)

    assert (pull.assignees, pull.reviewers, pull.teams, pull.milestone) == (["bob"], ["ada", "bob"], ["ops"], 1)
    assert pull.labels == ["to 1.6.0"]
