"""Actions pinned to commits, from a tag in a workflow to the commit that moves with its comment."""

import json
from pathlib import Path

from tests.flow.conftest import LATER, Bot
from updater import git
from updater.model.track import UpdateType
from updater.platforms.local import LocalPlatform

WORKFLOW = ".github/workflows/ci.yml"
BEFORE = """\
on: push
jobs:
  check:
    runs-on: self-hosted
    steps:
      - uses: "acme/kustomize-bases@v2.3.1"  # the action
      - uses: acme/platform-manifests@v0.8.1
      - run: echo done
"""


def committed(place: Path, text: str) -> LocalPlatform:
    file = place / WORKFLOW
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    git.init(place, "main")
    git.commit_all(place, "Check\n", author=git.BOT, date=int(LATER.timestamp()))
    return LocalPlatform(place)


async def test_an_action_is_pinned_and_then_moves_with_its_comment(bot: Bot, tmp_path: Path) -> None:
    """``pinDigests`` writes the commit with the tag behind it; later updates move both, and nothing else."""
    (tmp_path / "renovate.json").write_text(json.dumps({"extends": ["helpers:pinGitHubActionDigests"]}))
    plan = await bot.plan(committed(tmp_path, BEFORE))
    pins = {each.tracked.name: each for each in plan.updates if each.update_type is UpdateType.PIN_DIGEST}
    branch = next(branch for branch in plan.branches if branch.name == "updater/pin-dependencies")
    first, second = (pins[name].new_digest for name in ("acme/kustomize-bases", "acme/platform-manifests"))
    after = BEFORE.replace('bases@v2.3.1"', f'bases@{first}" # v2.3.1')
    after = after.replace("manifests@v0.8.1", f"manifests@{second} # v0.8.1")

    assert branch.files == {WORKFLOW: after}

    plan = await bot.plan(committed(tmp_path, after))
    (branch,) = plan.branches
    (moved,) = branch.updates
    assert (moved.update_type, moved.offer.version) == (UpdateType.MINOR, "v0.9.0")
    assert branch.files == {WORKFLOW: after.replace(f"{second} # v0.8.1", f"{moved.new_digest} # v0.9.0")}
