"""Runs that die, or that the forge fails, at any of their writes: the next run ends where an undisturbed one ends.

A run here is the publishing alone, with all that it can have to do: thirty branches to be made, made anew, requested,
merged with and without a pull request, spoken of and closed. It dies by an exception that nobody catches, and nothing
that is still tried afterwards reaches anybody; ``test_crashes.py`` kills whole processes. ``LAST_WRITES=1`` takes
every write.
"""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

import httpx
import pytest
import requests

from tests.core.made import tracked, update
from tests.flow.test_verify_forges import FORGES
from tests.servers.code_host import CodeHost, Project
from tests.servers.gitea import Gitea
from tests.servers.githttp import Bare
from tests.servers.github import GitHub
from tests.servers.gitlab import GitLab
from updater import git, publish
from updater.api import Platform, PlatformError, Secret
from updater.config import Policy
from updater.errors import RepositoryError
from updater.model.forge import FINGERPRINT_TRAILER, Base
from updater.model.plan import Branch
from updater.model.scan import Edit, Span
from updater.platforms import lease
from updater.report.marker import marker_of

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
NEW, CLOSED, MADE_ANEW, MERGED, ALONE = range(18), range(18, 21), range(21, 24), range(24, 27), range(27, 30)
"""The applications, by what the run that is disturbed has to do about them."""

Way = Literal["dies", "loses the answer", "is refused"]


class DiedError(BaseException):
    """Nobody catches it, as nobody catches SIGKILL."""


# ---------------------------------------------------------------- what is wanted


def path_of(number: int) -> str:
    return f"apps/{number:02}/app.yaml"


def branch_for(number: int, base: Base, version: str) -> Branch:
    options = {"automerge": number in (*MERGED, *ALONE), "automerge_type": "branch" if number in ALONE else "pr"}
    policy = Policy(pr_hourly_limit=0, pr_concurrent_limit=0, platform_automerge=False, **options)  # type: ignore[arg-type]
    found = tracked("1.0.0", name=f"ghcr.io/acme/app-{number}", path=path_of(number))
    edit = Edit(path=path_of(number), span=Span(9, 14), text=version)
    proposed = replace(update(version, found=found, policy=policy, edits=(edit,)), old_enough=NOW - timedelta(days=1))
    fingerprint = f"{number:08}{version:>8}".replace(".", "0").replace(" ", "0")
    title = f"Update app-{number} to {version}"
    return Branch(
        name=f"updater/app-{number}",
        base=base,
        title=title,
        body=f"Why\n{marker_of(fingerprint, [proposed])}",
        updates=(proposed,),
        files={path_of(number): f"version: {version}\n"},
        fingerprint=fingerprint,
        message=f"{title}\n\n{FINGERPRINT_TRAILER}: {fingerprint}\n",
        labels=("dependencies",),
    )


def run(platform: Platform, wanted: Mapping[int, str], now: datetime) -> None:
    """Bring the forge to where the applications are at these versions; those that the base has need nothing."""
    with lease.held(platform, f"run at {now}", lambda: now):
        tree = platform.tree("main")
        base = Base("main", tree.commit)
        texts = {path: data.decode() for path, data in tree.read(tree.files())}
        branches = [
            branch_for(number, base, version)
            for number, version in wanted.items()
            if version not in texts[path_of(number)]
        ]
        existing = platform.branches("updater/", "main")
        forge = publish.Forge(branches=existing, pulls=platform.pull_requests("updater/"))
        situation = publish.Situation(now=now)
        forge = replace(forge, statuses=platform.statuses(publish.watched(branches, forge, situation)))
        publish.apply(publish.plan(branches, forge, situation, publish.Doubts()), platform)


BEFORE = {**dict.fromkeys((*CLOSED, *MADE_ANEW), "1.1.0"), **dict.fromkeys((*MERGED, *ALONE), "2.0.0")}
AFTER = {**dict.fromkeys((*NEW, *MADE_ANEW, *MERGED, *ALONE), "2.0.0")}


# ---------------------------------------------------------------- where it happens


@dataclass
class Scene:
    """A forge with thirty applications, after a first run, with the checks of some branches passed."""

    server: CodeHost
    project: Project
    make: Callable[..., Platform]

    def begin(self) -> None:
        run(self.make(), BEFORE, NOW)
        for number in (*MERGED, *ALONE):
            self.server.check(self.project, self.project.git.head(f"updater/app-{number}") or "", "ci", "SUCCESS")

    def state(self) -> dict[str, object]:
        """All that is left, without ids and times."""
        store, project = self.project.git, self.project
        names = store.heads()
        pulls = sorted(
            (one.head, one.state, one.merged is not None, one.title, one.body, tuple(one.labels), tuple(one.comments))
            for one in project.pulls.values()
        )
        said = {
            name: sorted(
                (str(one.get("context") or one["name"]), str(one.get("state"))) for one in project.checks[commit]
            )
            for name, commit in names.items()
            if commit in project.checks and name != "main"
        }
        return {
            "files": {name: store.git("diff", "--raw", f"{name}~1", name) for name in names if name != "main"},
            "base": store.git("rev-parse", "main^{tree}"),
            "pulls": pulls,
            "said": said,
            "merges": sorted(store.git("log", "--format=%s", "main").splitlines()),
        }


class Stage:
    """A forge on which the scene can be set again and again, each time in a repository of its own."""

    def __init__(
        self, server: CodeHost, made: Callable[..., Platform], token: str, place: Path, template: Bare
    ) -> None:
        self.server, self._made, self._token, self._place = server, made, token, place
        self._first = self._scene(server.repository("acme/first", template))
        self._first.begin()

    def scene(self, name: str, like: Scene | None = None) -> Scene:
        """The forge as it is after the first run, or as in another scene."""
        first = (like or self._first).project
        store = first.git.copy(self._place / "forge" / f"acme/{name}.git")
        project = replace(deepcopy(first), name=f"acme/{name}", git=store)
        self.server.projects[project.name] = project
        if isinstance(self.server, Gitea):
            self.server.labels[project.name] = list(self.server.labels_of(first))
        return self._scene(project)

    def _scene(self, project: Project) -> Scene:
        def platform(machine: str = "here") -> Platform:
            return self._made(
                project.name,
                token=Secret(self._token),
                endpoint=self.server.endpoint,
                clone_url=f"{self.server.root}/{project.name}.git",
                cache_directory=self._place / machine,
                sleep=lambda _: None,
            )

        return Scene(self.server, project, platform)


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Bare:
    files = {path_of(number): "version: 1.0.0\n" for number in range(30)}
    return Bare.make(tmp_path_factory.mktemp("template") / "gitops.git", files)


@dataclass
class Fate:
    """Counts the writes of a process, and lets it come to grief at one of them; from then on it does nothing more."""

    at: int | None
    way: Way = "dies"
    watch: Callable[[], object] = lambda: None
    writes: int = 0
    is_dead: bool = False
    _cursed: list[object] = field(default_factory=list)

    def write(self, key: object, action: Callable[[], Any], error: Exception) -> Any:
        """Do something; ``key`` tells it from everything else, ``error`` is how it would fail."""
        if self.is_dead:
            raise DiedError
        if key in self._cursed:
            raise error
        self.writes += 1
        if self.writes != self.at:
            result = action()
            self.watch()
            return result
        if self.way == "is refused":
            self._cursed.append(key)
            raise error
        result = action()
        if self.way == "loses the answer":
            raise error
        self.is_dead = True
        del result
        raise DiedError


def fated(fate: Fate, patch: pytest.MonkeyPatch) -> None:
    """Whatever writes to a forge asks fate before."""
    send, request, push = requests.Session.send, httpx.Client.request, git.push

    def sent(session: requests.Session, prepared: requests.PreparedRequest, **options: Any) -> requests.Response:
        body = prepared.body if isinstance(prepared.body, bytes) else str(prepared.body or "").encode()
        if prepared.method == "GET" or b'"query($' in body:
            return send(session, prepared, **options)
        key = (prepared.method, prepared.url, body)
        found: requests.Response = fate.write(
            key, lambda: send(session, prepared, **options), requests.ConnectionError("the line is dead")
        )
        return found

    def requested(client: httpx.Client, method: str, url: str, **options: Any) -> httpx.Response:
        if method == "GET":
            return request(client, method, url, **options)
        key = (method, url, str(options.get("json")))
        found: httpx.Response = fate.write(
            key, lambda: request(client, method, url, **options), httpx.ConnectError("the line is dead")
        )
        return found

    def pushed(repository: git.Repository, url: str, changes: Any) -> dict[str, str]:
        error = RepositoryError("the line is dead")
        found: dict[str, str] = fate.write(tuple(changes), lambda: push(repository, url, changes), error)
        return found

    patch.setattr(requests.Session, "send", sent)
    patch.setattr(httpx.Client, "request", requested)
    patch.setattr(git, "push", pushed)


def ended(stage: Stage, name: str, fate: Fate) -> tuple[dict[str, object], int]:
    """What is left after a run that fate has met and one more, and how many writes the first one made."""
    scene = stage.scene(name)
    with pytest.MonkeyPatch.context() as patch:
        fated(fate, patch)
        with suppress(DiedError, PlatformError, RepositoryError):
            run(scene.make(), AFTER, NOW)
    run(scene.make(), AFTER, LATER)
    return scene.state(), fate.writes


@pytest.fixture(scope="module", params=FORGES)
def stage(request: pytest.FixtureRequest, template: Bare, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    host, made, token = FORGES[request.param]
    place = tmp_path_factory.mktemp(request.param)
    with host(place / "forge") as server:
        yield Stage(server, made, token, place, template)


LAST = int(os.environ.get("LAST_WRITES", "5"))
"""Every which write is taken for the last one; 1 takes each, which takes minutes."""
STEPS = {GitHub: 5 * LAST, GitLab: 7 * LAST, Gitea: 7 * LAST}
"""Every which write is tried where each takes two runs."""


@pytest.mark.timeout(900)
@pytest.mark.parametrize("way", ["dies", "loses the answer", "is refused"])
def test_a_write_may_come_to_grief(stage: Stage, way: Way) -> None:
    """Whatever of it was carried out, with what is left on this machine: nothing is missing, nothing is there twice."""
    wanted, writes = ended(stage, f"{way}-whole".replace(" ", "-"), Fate(None))
    assert writes > 30
    different = {}
    for at in range(1, writes + 1, STEPS[type(stage.server)]):
        left, _ = ended(stage, f"{way}-{at}".replace(" ", "-"), Fate(at, way))
        if left != wanted:
            different[at] = [part for part in wanted if left[part] != wanted[part]]
    assert different == {}


@pytest.mark.timeout(900)
def test_every_write_may_be_the_last(stage: Stage) -> None:
    """The forge as it is after each single write of a run: the next run, from another machine, completes it."""
    if not isinstance(stage.server, GitHub):
        pytest.skip("on the others every which write")
    scene = stage.scene("last")
    left: list[Scene] = []

    def keep() -> None:
        left.append(stage.scene(f"last-{len(left)}", like=scene))

    with pytest.MonkeyPatch.context() as patch:
        fated(Fate(None, watch=keep), patch)
        run(scene.make(), AFTER, NOW)
    run(scene.make(), AFTER, LATER)
    wanted = scene.state()
    different = {}
    for number in range(0, len(left), LAST):
        run(left[number].make(), AFTER, LATER)
        state = left[number].state()
        if state != wanted:
            different[number] = [part for part in wanted if state[part] != wanted[part]]
    assert len(left) > 60
    assert different == {}


def test_of_two_runs_at_once_one_waits_for_the_next_time(stage: Stage) -> None:
    """The second one writes nothing while the first one holds the lease, and both end in the same."""
    wanted, _ = ended(stage, "rivals-whole", Fate(None))
    scene = stage.scene("rivals")
    refused: list[str] = []

    def interfere() -> None:
        if not refused:
            try:
                run(scene.make("elsewhere"), AFTER, NOW + timedelta(minutes=1))
            except PlatformError as error:
                refused.append(str(error))

    with pytest.MonkeyPatch.context() as patch:
        fated(Fate(None, watch=interfere), patch)
        run(scene.make(), AFTER, NOW)
    assert "is being written to by run at" in refused[0]
    run(scene.make(), AFTER, LATER)
    assert scene.state() == wanted
