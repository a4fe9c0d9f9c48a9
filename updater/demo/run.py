"""``updater demo``: the real pipeline on a sample repository, against registries that run in this process.

Nothing leaves the machine and nothing needs to be installed: the registries listen on loopback, the pull requests
are kept in the sample repository itself.
"""

import asyncio
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from importlib.resources import as_file, files
from pathlib import Path

from updater import git, wiring
from updater.demo import story
from updater.demo.catalog import NOW
from updater.demo.registries import serve
from updater.demo.screen import WIDTH
from updater.errors import UsageError
from updater.model.forge import PullRequest
from updater.model.plan import Plan
from updater.pipeline import Bases, Project, carry_out, make_plan
from updater.platforms.local import LocalPlatform
from updater.publish import Outcome
from updater.report import terminal

Say = Callable[[str], None]

_COMMENT = re.compile(r"<!--.*?-->\s?", re.DOTALL)

_ENVIRONMENT = {"UPDATER_CONFIG": '{"prConcurrentLimit": 0, "prHourlyLimit": 0}'}
"""The sample's configuration stays as it is; only the limits on pull requests would spoil the story."""


def tell(say: Say, keep: Path | None, *, colours: bool = False) -> int:
    """Tell the whole story through ``say``; the result is an exit code. ``keep`` is where the repository may stay."""
    with _place(keep) as place, serve() as registries:
        repository = make_sample(place)
        _heading(say, f"A sample GitOps repository is in {repository}")
        platform = LocalPlatform(repository)
        plan, outcomes = _run(platform, registries.routes, say)
        _heading(say, "One of the pull requests, as a reviewer sees it")
        _show(platform, _interesting(outcomes), say)
        _heading(say, "The same command again: nothing to do")
        _run(platform, registries.routes, say)
        say(
            f"{len(plan.branches)} pull requests for {len(plan.updates)} updates; "
            f"{sum(plan.requests.values())} requests were sent, all of them to this machine."
        )
        _heading(say, "After the merge: what is proven goes on, what breaks is taken back")
        story.tell(place / "shop.git", registries.routes, say, colours=colours)
        say("")
        say(
            f"Look around: updater pulls list --path {repository}" if keep else "Keep it: updater demo --keep DIRECTORY"
        )
        say("Your own repository: updater plan PATH (writes nothing), then updater run --help")
    return 0


def make_sample(place: Path) -> Path:
    """A copy of the sample repository in ``place``, committed to its branch main."""
    repository = place / "gitops"
    if repository.exists():
        raise UsageError(f"{repository} exists already; name another directory")
    with as_file(files("updater.demo") / "repository") as sample:
        shutil.copytree(sample, repository)
    git.init(repository, "main")
    git.commit_all(repository, "The platform as it is\n", author=git.BOT, date=int(NOW.timestamp()))
    return repository


@contextmanager
def _place(keep: Path | None) -> Iterator[Path]:
    if keep is not None:
        keep.mkdir(parents=True, exist_ok=True)
        yield keep
        return
    with tempfile.TemporaryDirectory(prefix="gitops-updater-") as directory:
        yield Path(directory)


def _run(platform: LocalPlatform, routes: Mapping[str, str], say: Say) -> tuple[Plan, list[Outcome]]:
    base = platform.base_branch()
    project = Project(repository=platform.repository, tree=platform.tree(base), base=base, platform=platform)
    settings = wiring.Settings(cache="memory:", routes=routes, environment=_ENVIRONMENT)
    plan = asyncio.run(_plan(project, settings))
    outcomes = carry_out(plan, platform, lambda _text: None)
    for line in terminal.plan(plan, outcomes):
        say(line)
    return plan, outcomes


async def _plan(project: Project, settings: wiring.Settings) -> Plan:
    config = wiring.configuration(project.tree, settings)
    async with wiring.network(config, settings, _now) as network:
        return await make_plan(
            project, Bases.only(project, config), wiring.workshop(lambda _text: None, settings, _now), network
        )


def _now() -> datetime:
    return NOW


def _interesting(outcomes: list[Outcome]) -> PullRequest:
    """The pull request that changes the most places."""
    opened = [outcome for outcome in outcomes if outcome.pull is not None and outcome.action.branch is not None]
    widest = max(opened, key=lambda outcome: len(outcome.action.branch.updates) if outcome.action.branch else 0)
    assert widest.pull is not None
    return widest.pull


def _show(platform: LocalPlatform, pull: PullRequest, say: Say) -> None:
    say(f"#{pull.number} {pull.title}\n")
    say(_COMMENT.sub("", pull.body).rstrip())
    say("")
    say(platform.diff(pull))


def _heading(say: Say, text: str) -> None:
    say(f"\n── {text} " + "─" * max(0, WIDTH - 4 - len(text)) + "\n")
