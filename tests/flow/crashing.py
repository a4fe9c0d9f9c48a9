"""A run in a process of its own (``python -m tests.flow.crashing JSON``), which somebody kills at a write."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path

from tests.flow.conftest import LATER, Bot
from tests.servers import Reply, Request
from tests.servers.code_host import Project
from tests.servers.githttp import GIT, Content
from tests.servers.github import TOKEN, GitHub
from updater.api import Platform, Secret
from updater.demo.run import make_sample
from updater.platforms import lease
from updater.platforms.github import GitHubPlatform
from updater.platforms.local import LocalPlatform

CONFIG = '{"prHourlyLimit": 0, "prConcurrentLimit": 0, "dependencyDashboard": true}'
TITLE = "Dependency Dashboard"

State = dict[str, list[object]]

AFTER_A_CRASH = LATER + timedelta(hours=1)
"""When the next run comes: the lease of one that died is over by then."""


@dataclass(frozen=True, kw_only=True)
class Job:
    """What to run on: a checkout, or a repository on the stand-in for GitHub at ``endpoint``."""

    place: str
    routes: Mapping[str, str]
    endpoint: str | None = None
    cache: str = ""

    @property
    def platform(self) -> Platform:
        if self.endpoint is None:
            return LocalPlatform(Path(self.place), clock=lambda: LATER)
        return GitHubPlatform(self.place, token=Secret(TOKEN), endpoint=self.endpoint, cache_directory=Path(self.cache))

    def run(self, *, later: bool = False) -> None:
        """What ``updater run`` does, at a time that is fixed."""
        platform, moment = self.platform, AFTER_A_CRASH if later else LATER
        bot = Bot(routes=self.routes, environment={"UPDATER_CONFIG": CONFIG})
        with lease.held(platform, lease.new_holder(), lambda: moment):
            asyncio.run(bot.run(platform))

    def begin(self, path: Path | None = None) -> "subprocess.Popen[bytes]":
        """The same in a process of its own, with ``path`` first on its PATH."""
        search = os.pathsep.join([*([str(path)] if path else []), os.environ["PATH"]])
        return subprocess.Popen(
            [sys.executable, "-m", "tests.flow.crashing", json.dumps(asdict(self))],
            env={**os.environ, "PATH": search},
            stderr=subprocess.DEVNULL,
        )


class KillingGitHub(GitHub):
    """GitHub; when it has carried out ``left`` more writes, the process ``victim`` is killed before it hears of it."""

    left: int | None = None
    victim: "subprocess.Popen[bytes] | None" = None
    written = 0

    def answer(self, request: Request) -> Reply:
        reply = super().answer(request)
        if not _is_write(request):
            return reply
        self.written += 1
        if self.left is not None:
            self.left -= 1
            if self.left == 0 and self.victim is not None:
                self.victim.send_signal(signal.SIGKILL)
                self.victim.wait()
        return reply


def killing_git(directory: Path, after: int) -> Path:
    """A ``git`` that kills who called it when it has written for the ``after``-th time; the others it counts."""
    directory.mkdir(parents=True)
    shim, count = directory / "git", directory / "count"
    count.write_text("0\n")
    shim.write_text(
        "#!/bin/sh\n"
        f'"{GIT}" "$@"\n'
        "code=$?\n"
        'case " $* " in *" update-ref "*|*" fast-import "*|*" merge "*)\n'
        f'  number=$(($(cat "{count}") + 1)); echo "$number" > "{count}"\n'
        f'  [ "$number" -ne {after} ] || kill -KILL "$PPID" ;;\n'
        "esac\n"
        "exit $code\n"
    )
    shim.chmod(0o755)
    return directory


def counted(directory: Path) -> int:
    """How often the ``git`` of :func:`killing_git` has written."""
    return int((directory / "count").read_text())


def _is_write(request: Request) -> bool:
    if request.method in {"GET", "HEAD"} or request.path.endswith("/git-upload-pack"):
        return False
    return not (request.path.endswith("/graphql") and b'"query($' in request.body)


# ---------------------------------------------------------------- what a run leaves


def state_of(project: Project) -> State:
    """All that a run leaves on the forge, without the times."""
    pulls = [
        (one.number, one.head, one.state, one.title, one.body, sorted(one.labels)) for one in project.pulls.values()
    ]
    heads = [each for each in project.git.heads().items() if each[0].startswith("updater/")]
    return {"heads": [*heads], "pulls": [*pulls], "issues": [(one.title, one.body) for one in project.issues.values()]}


def local_state_of(checkout: Path) -> State:
    platform = LocalPlatform(checkout)
    heads = [(one.name, one.commit) for one in platform.branches("updater/", "main")]
    pulls = [(one.number, one.branch, one.state, one.title, one.body, one.labels) for one in platform.pull_requests("")]
    found = platform.find_issue(TITLE)
    return {"heads": [*heads], "pulls": [*pulls], "issues": [found and found.body]}


def sample_files(root: Path) -> Mapping[str, Content]:
    checkout = make_sample(root)
    paths = [path for path in checkout.rglob("*") if path.is_file() and ".git" not in path.relative_to(checkout).parts]
    return {str(path.relative_to(checkout)): path.read_bytes() for path in paths}


def on_github(root: Path, routes: Mapping[str, str], at: int | None) -> tuple[State, int]:
    """The state after a run that was killed when its ``at``-th write was done and one more run, and the writes.

    Without ``at`` nobody disturbs the run.
    """
    with KillingGitHub(root / "server") as github:
        project = github.repository("acme/gitops", sample_files(root))
        cache = str(root / "clones")
        job = Job(place="acme/gitops", routes=routes, endpoint=github.endpoint, cache=cache)
        github.left, github.victim = at, job.begin()
        assert github.victim.wait(120) == (0 if at is None else -signal.SIGKILL)
        github.left, before = None, github.written
        if at is not None:
            job.run(later=True)
        return state_of(project), before


def in_checkout(root: Path, routes: Mapping[str, str], at: int | None) -> tuple[State, int]:
    """The same where branches and pull requests are kept in the repository itself."""
    root.mkdir()
    checkout, shim = make_sample(root), killing_git(root / "bin", at or 0)
    job = Job(place=str(checkout), routes=routes)
    assert job.begin(shim).wait(120) == (0 if at is None else -signal.SIGKILL)
    if at is not None:
        job.run(later=True)
    return local_state_of(checkout), counted(shim)


if __name__ == "__main__":
    Job(**json.loads(sys.argv[1])).run()
