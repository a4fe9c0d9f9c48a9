"""A team that merges thirty pull requests: how often its CI runs for each.

``python -m benchmarks.team``: the demo's repository with all its pull requests open, a run of the updater after every
merge, and CI on every push to a branch. With branches made anew on conflict (the default) and whenever the base moved.
"""

import asyncio
import json
import tempfile
from collections.abc import Mapping
from pathlib import Path

from tests.flow.conftest import LATER, Bot
from updater.api import PlatformError, PullRequest, PullRequestState
from updater.demo.registries import serve
from updater.demo.run import make_sample
from updater.errors import RepositoryError
from updater.platforms.local import LocalPlatform

MERGES = 30


def main() -> None:
    with serve() as registries, tempfile.TemporaryDirectory() as place:
        for wish in ("auto", "behind-base-branch"):
            merged, runs, of_merged = merge_all(Path(place) / wish, registries.routes, wish)
            print(
                f"rebaseWhen {wish}: {merged} merged; CI ran {runs} times for all branches, {runs / merged:.2f} for "
                f"each merged pull request ({of_merged / merged:.2f} for its own branch)"
            )


def merge_all(place: Path, routes: Mapping[str, str], wish: str) -> tuple[int, int, int]:
    """Merged pull requests, runs of CI on all branches, and runs on the branches that were merged."""
    place.mkdir()
    platform = LocalPlatform(make_sample(place), clock=lambda: LATER)
    options = {"prHourlyLimit": 0, "prConcurrentLimit": 0, "rebaseWhen": wish}
    bot = Bot(routes=routes, environment={"UPDATER_CONFIG": json.dumps(options)})
    checked: set[tuple[str, str]] = set()
    merged: set[str] = set()
    while len(merged) < MERGES:
        asyncio.run(bot.run(platform))
        opened = [pull for pull in platform.pull_requests("") if pull.state is PullRequestState.OPEN]
        checked |= {(pull.branch, str(pull.head)) for pull in opened}
        done = next((pull for pull in reversed(opened) if _merges(platform, pull)), None)
        if done is None:
            break
        merged.add(done.branch)
    return len(merged), len(checked), len([branch for branch, _ in checked if branch in merged])


def _merges(platform: LocalPlatform, pull: PullRequest) -> bool:
    try:
        platform.merge_pull_request(pull)
    except (PlatformError, RepositoryError):
        return False
    return True


if __name__ == "__main__":
    main()
