"""The command line on each forge: discovery, several repositories, the lease, and what the doctor says."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.flow.conftest import Bot
from tests.servers import Reply, gitea, github, gitlab
from tests.servers.code_host import CodeHost
from tests.servers.gitea import Gitea
from tests.servers.githttp import HUMAN
from tests.servers.github import GitHub
from tests.servers.gitlab import GitLab
from updater import cli
from updater.errors import PlatformError
from updater.platforms import lease
from updater.platforms.local import LocalPlatform

FILES = {
    "apps/api.yaml": "apiVersion: v1\nkind: Pod\nspec: {containers: [{name: a, image: ghcr.io/acme/api:1.4.2}]}\n",
    "renovate.json": '{"labels": ["dependencies"]}',
}
KINDS: Mapping[str, tuple[Callable[[Path], CodeHost], str]] = {
    "github": (GitHub, github.TOKEN),
    "gitlab": (GitLab, gitlab.TOKEN),
    "gitea": (Gitea, gitea.TOKEN),
}
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


class Shell:
    """``updater`` with all that it needs to work on a stand-in."""

    def __init__(self, kind: str, server: CodeHost, routes: Mapping[str, str]) -> None:
        self.server = server
        route = [part for host, url in routes.items() for part in ("--route", f"{host}={url}")]
        self._options = ["--platform", kind, "--endpoint", server.endpoint, "--cache", "memory:", *route]

    def run(self, *arguments: str) -> int:
        self.server.log.clear()
        return cli.run([*arguments, *self._options])

    def writes(self) -> list[str]:
        """The requests that change something."""
        return [f"{one.method} {one.path}" for one in self.server.log if one.writes]


@pytest.fixture(params=KINDS)
def shell(request: pytest.FixtureRequest, tmp_path: Path, bot: Bot, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shell]:
    made, token = KINDS[request.param]
    monkeypatch.setenv("UPDATER_TOKEN", token)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    with made(tmp_path / "server") as server:
        yield Shell(request.param, server, bot.routes)


def test_discovered_repositories_are_all_looked_after(shell: Shell, capsys: pytest.CaptureFixture[str]) -> None:
    """Forks and archived ones are left out, a filter narrows, and one that fails does not stop the others."""
    made = {name: shell.server.repository(f"acme/{name}", FILES) for name in ("a", "broken", "c", "fork", "old")}
    made["fork"].fork, made["old"].archived = True, True
    made["broken"].git.git("update-ref", "-d", "refs/heads/main")
    made["broken"].git.commit("elsewhere", FILES)
    shell.server.repository("other/d", FILES)
    code = shell.run("run", "--autodiscover", "--autodiscover-filter", "acme/*")
    printed = capsys.readouterr()
    assert code == 1
    assert "4 repositories: acme/a, acme/broken, acme/c, acme/fork (a fork)" in printed.err
    assert "updater: acme/broken: " in printed.err
    opened = {name for name, project in shell.server.projects.items() if project.pulls}
    assert opened == {"acme/a", "acme/c"}


@pytest.mark.parametrize(
    ("option", "discovered", "named"),
    [(None, False, True), ("auto", False, True), ("enabled", True, True), ("disabled", False, False)],
)
def test_forks_are_updated_where_they_are_asked_for(
    option: str | None, *, discovered: bool, named: bool, shell: Shell, capsys: pytest.CaptureFixture[str]
) -> None:
    """``forkProcessing``; what is no fork is updated in any case. Nothing is written to a fork that says no."""
    files = FILES if option is None else {**FILES, "updater.json": json.dumps({"forkProcessing": option})}
    fork, own = shell.server.repository("acme/fork", files), shell.server.repository("acme/own", files)
    fork.fork = True

    assert shell.run("run", "--autodiscover", "--onboarding") == 0
    assert "acme/fork (a fork), acme/own" in capsys.readouterr().err
    assert (bool(fork.pulls), bool(own.pulls)) == (discovered, True)
    assert shell.run("run", "acme/fork", "--onboarding") == 0
    assert bool(fork.pulls) == named


def test_several_base_branches_are_updated(shell: Shell, capsys: pytest.CaptureFixture[str]) -> None:
    """Each gets its pull request; the next run finds all as it should be, and one that goes is no reason to close."""
    options = json.dumps({"baseBranchPatterns": ["main", "/^release\\//"]})
    project = shell.server.repository("acme/a", {**FILES, "renovate.json": options})
    project.git.commit("release/1", {"README": "A release.\n"})
    assert shell.run("run", "acme/a") == 0
    assert {(pull.base, pull.head, pull.state) for pull in project.pulls.values()} == {
        ("main", "updater/main-ghcr.io-acme-api-1.x", "open"),
        ("release/1", "updater/release/1-ghcr.io-acme-api-1.x", "open"),
    }
    refs = project.git.git("for-each-ref")
    assert shell.run("run", "acme/a") == 0
    assert (shell.writes(), project.git.git("for-each-ref")) == ([], refs)
    project.git.commit("main", {"renovate.json": options.replace("release", "relaese")})
    capsys.readouterr()
    assert shell.run("run", "acme/a") == 1
    assert "no branch matches /^relaese" in capsys.readouterr().out
    assert {pull.state for pull in project.pulls.values()} == {"open"}


def test_names_and_discovery_exclude_each_other(shell: Shell) -> None:
    """Either the user says what to look after, or the forge does."""
    assert shell.run("run", "acme/a", "--autodiscover") == 2
    assert shell.run("run", "acme/a", "--autodiscover-filter", "x") == 2
    assert shell.run("run", "--autodiscover", "--autodiscover-filter", "/(/") == 2


def test_second_run_writes_nothing_and_asks_little(shell: Shell) -> None:
    """With nothing new there is no write, no push, and five requests at most."""
    project = shell.server.repository("acme/a", FILES)
    assert shell.run("run", "acme/a") == 0
    assert {pull.state for pull in project.pulls.values()} == {"open"}
    refs = project.git.git("for-each-ref")
    pushes = len([asked for asked in shell.server.requests if "git-receive-pack" in asked.path])
    assert shell.run("run", "acme/a") == 0
    assert shell.writes() == []
    assert len(shell.server.log) <= 5
    assert project.git.git("for-each-ref") == refs
    assert len([asked for asked in shell.server.requests if "git-receive-pack" in asked.path]) == pushes


def test_forge_that_fails_half_way_is_caught_up_with(shell: Shell) -> None:
    """The branches are there, the requests fail: the run says so, and the next one opens what is missing."""
    project = shell.server.repository("acme/a", FILES)
    shell.server.fault = lambda request: (
        Reply(status=403, body=b"{}")
        if request.method == "POST" and "receive-pack" not in request.path and "upload-pack" not in request.path
        else None
    )
    assert shell.run("run", "acme/a") == 1
    heads = project.git.heads()
    assert len(heads) > 1
    assert not project.pulls
    shell.server.fault = None
    assert shell.run("run", "acme/a") == 0
    assert project.git.heads() == heads
    assert {pull.head for pull in project.pulls.values()} == set(heads) - {"main"}


def test_run_waits_for_no_other(shell: Shell, capsys: pytest.CaptureFixture[str]) -> None:
    """While another run writes, this one leaves the repository alone and says who it is; afterwards nothing is left."""
    project = shell.server.repository("acme/a", FILES)
    until = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    message = json.dumps({"holder": "other host", "until": until})
    holder = project.git.commit_tree(project.git.git("mktree"), [], message, HUMAN, HUMAN) or ""
    project.git.git("update-ref", "refs/updater/lease", holder)
    assert shell.run("run", "acme/a") == 1
    assert "acme/a is being written to by other host" in capsys.readouterr().err
    assert (list(project.git.heads()), project.pulls) == (["main"], {})
    project.git.git("update-ref", "-d", "refs/updater/lease")
    assert shell.run("run", "acme/a") == 0
    assert project.git.git("for-each-ref", "refs/updater/") == ""


def test_doctor_finds_everything_in_order(shell: Shell, capsys: pytest.CaptureFixture[str]) -> None:
    """Git, cache, token, configuration and registries, and not a single write."""
    shell.server.repository("acme/a", FILES)
    assert shell.run("doctor", "acme/a", "--format", "json") == 0
    findings = json.loads(capsys.readouterr().out)["findings"]
    assert {"git", "cache", "token", "configuration", "registry"} <= {each["subject"] for each in findings}
    assert {each["level"] for each in findings} == {"fine"}
    assert shell.writes() == []


def test_doctor_finds_what_is_wrong(shell: Shell, capsys: pytest.CaptureFixture[str]) -> None:
    """A broken configuration and a rejected token are findings, each with what to do, and exit code 1."""
    shell.server.repository("acme/a", {**FILES, "renovate.json": '{"schedule": 7}'})
    assert shell.run("doctor", "acme/a") == 1
    assert "FAILED   configuration: renovate.json:1" in capsys.readouterr().out
    shell.server.tokens.clear()
    assert shell.run("doctor", "acme/a") == 1
    assert "the token was rejected" in capsys.readouterr().out


def test_doctor_looks_after_the_loop(shell: Shell, capsys: pytest.CaptureFixture[str]) -> None:
    """Nobody who is believed, and whether deployments can be written: found out without writing."""
    options = {"reconcilers": [{"type": "flux"}], "rolloutRecords": "deployments"}
    shell.server.repository("acme/a", {**FILES, "renovate.json": json.dumps(options)})
    assert shell.run("doctor", "acme/a", "--format", "json") == 1
    findings = {each["subject"]: each for each in json.loads(capsys.readouterr().out)["findings"]}
    assert findings["reconcilers"]["text"].startswith("flux: nobody is named")
    assert findings["deployments"]["level"] == ("warning" if isinstance(shell.server, Gitea) else "fine")
    assert shell.writes() == []


def test_doctor_misses_the_scope_for_deployments(
    tmp_path: Path, bot: Bot, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A classic token tells its scopes."""
    monkeypatch.setenv("UPDATER_TOKEN", github.TOKEN)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    with GitHub(tmp_path / "server") as server:
        server.repository("acme/a", {**FILES, "renovate.json": '{"rolloutRecords": "both"}'})
        for scopes, code in (("public_repo, workflow", 1), ("public_repo, repo_deployment, workflow", 0)):
            server.scopes = scopes
            assert Shell("github", server, bot.routes).run("doctor", "acme/a") == code
            assert ("lacks the scope repo_deployment" in capsys.readouterr().out) is (code == 1)


@pytest.mark.parametrize("scopes", ["", "gist", "repo, workflow, admin:org"])
def test_doctor_reads_the_scopes_of_a_classic_token(
    tmp_path: Path, bot: Bot, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], scopes: str
) -> None:
    """What is missing has to be mended; what is more than needed is a warning."""
    monkeypatch.setenv("UPDATER_TOKEN", github.TOKEN)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    with GitHub(tmp_path / "server") as server:
        server.repository("acme/a", FILES)
        server.scopes = scopes
        code = Shell("github", server, bot.routes).run("doctor", "acme/a")
    printed = capsys.readouterr().out
    assert code == (0 if "repo" in scopes else 1)
    assert ("it lacks the scope repo" in printed) == ("repo" not in scopes)
    assert ("it may do more than is needed" in printed) == (scopes not in {"", "repo"})


def test_lease_of_a_killed_run_ends_by_itself(sample: Path) -> None:
    """A process that dies by SIGKILL gives nothing back; its lease holds for its time, and then no longer."""
    code = (
        "import os, signal, sys; from datetime import datetime; from pathlib import Path\n"
        "from updater.platforms import lease; from updater.platforms.local import LocalPlatform\n"
        "moment = datetime.fromisoformat(sys.argv[2])\n"
        "with lease.held(LocalPlatform(Path(sys.argv[1])), 'dead', lambda: moment):\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    ended = subprocess.run([sys.executable, "-c", code, str(sample), NOON.isoformat()], check=False)
    assert ended.returncode == -9
    platform = LocalPlatform(sample)
    with pytest.raises(PlatformError, match="is being written to by dead"), lease.held(platform, "me", lambda: NOON):
        pass
    with lease.held(platform, "me", lambda: NOON + lease.DURATION):
        assert platform.take_lease("you", NOON + lease.DURATION, NOON + 2 * lease.DURATION) == "me"
    assert platform.take_lease("you", NOON + lease.DURATION, NOON + 2 * lease.DURATION) is None


def test_a_repository_begins_with_one_pull_request(shell: Shell) -> None:
    """It shows what would be opened, is written once, and nothing else happens before it is merged."""
    project = shell.server.repository("acme/a", {"apps/api.yaml": FILES["apps/api.yaml"]})
    assert shell.run("run", "acme/a") == 0
    [pull] = project.pulls.values()
    assert (pull.head, pull.title) == ("updater/configure", "Configure dependency updates")
    assert b"config:recommended" in project.git.read("updater/configure", "updater.json")
    assert "1 pull request, a few" in (pull.body or "")
    assert "`Update ghcr.io/acme/api Docker tag to v1.6.0` in `apps/api.yaml`" in (pull.body or "")
    assert shell.run("run", "acme/a") == 0
    assert shell.writes() == []
    project.git.commit("main", {"docker-compose.yml": 'services: {a: {image: "ghcr.io/acme/api:1.4.2"}}\n'})
    assert shell.run("run", "acme/a") == 0
    assert "`docker-compose`" in (pull.body or "")
    shell.server.merge(project, pull.number)
    assert shell.run("run", "acme/a") == 0
    assert [each.head for each in project.pulls.values()] == ["updater/configure", "updater/ghcr.io-acme-api-1.x"]


def test_a_repository_that_declined_is_left_alone(shell: Shell, capsys: pytest.CaptureFixture[str]) -> None:
    """Closed without merging, the pull request stays closed, and there are no others."""
    project = shell.server.repository("acme/a", {"apps/api.yaml": FILES["apps/api.yaml"]})
    assert shell.run("run", "acme/a") == 0
    [pull] = project.pulls.values()
    shell.server.edit(project, pull.number, state="closed")
    assert shell.run("run", "acme/a") == 0
    assert list(project.pulls) == [pull.number]
    assert "is left alone: #1 was closed" in capsys.readouterr().err
    assert len(pull.comments) == 1
    assert "To come back, reopen it" in pull.comments[0]
    assert shell.run("run", "acme/a") == 0
    assert (len(pull.comments), shell.writes()) == (1, [])

    shell.server.edit(project, pull.number, state="open")
    assert shell.run("run", "acme/a") == 0
    shell.server.merge(project, pull.number)
    assert shell.run("run", "acme/a") == 0
    assert len(project.pulls) == 2


def test_it_can_begin_with_one_application(shell: Shell) -> None:
    """A tick in the pull request narrows the file, and what it would do is told; without the tick all is back."""
    deployment = FILES["apps/api.yaml"]
    project = shell.server.repository("acme/a", {f"apps/{name}/api.yaml": deployment for name in ("pay ments", "web")})
    assert shell.run("run", "acme/a") == 0
    [pull] = project.pulls.values()
    box = "- [ ] <!-- start=apps/pay%20ments -->`apps/pay ments`: 1 update"
    assert box in (pull.body or "")

    shell.server.edit(project, pull.number, body=(pull.body or "").replace(box, box.replace("[ ]", "[x]")))
    assert shell.run("run", "acme/a") == 0
    file = json.loads(project.git.read("updater/configure", "updater.json"))
    assert file == {"extends": ["config:recommended"], "includePaths": ["apps/pay ments/**"]}
    assert box.replace("[ ]", "[x]") in (pull.body or "")
    assert "in `apps/pay ments/api.yaml`\n" in (pull.body or "")
    assert shell.run("run", "acme/a") == 0
    assert shell.writes() == []

    shell.server.edit(project, pull.number, body=(pull.body or "").replace("[x]", "[ ]"))
    assert shell.run("run", "acme/a") == 0
    assert b"includePaths" not in project.git.read("updater/configure", "updater.json")


@pytest.mark.parametrize(
    ("text", "state", "told"),
    [
        ('{"ignoreDeps": ["ghcr.io/acme/api"]}', "success", "Nothing now: everything is up to date"),
        ('{"extends": [', "failure", "The file cannot be used"),
    ],
)
def test_a_file_that_people_have_written_is_judged(shell: Shell, text: str, state: str, told: str) -> None:
    """The pull request tells what it would do, a status whether it can be used; the branch stays as it is."""
    project = shell.server.repository("acme/a", {"apps/api.yaml": FILES["apps/api.yaml"]})
    assert shell.run("run", "acme/a") == 0
    [pull] = project.pulls.values()
    head = project.git.commit("updater/configure", {"updater.json": text})
    assert shell.run("run", "acme/a") == 0
    assert project.git.head("updater/configure") == head
    assert told in (pull.body or "")
    (said,) = project.checks[head]
    assert (said["context"], str(said["state"]).lower()) == ("updater/config-validation", state)
    assert shell.run("run", "acme/a") == 0
    assert shell.writes() == []


def test_nothing_is_asked_where_nothing_can_be_updated(shell: Shell) -> None:
    """A repository that has no versions gets no pull request."""
    project = shell.server.repository("acme/a", {"README.md": "hello\n"})
    assert shell.run("run", "acme/a") == 0
    assert project.pulls == {}


def test_who_wants_none_begins_at_once(shell: Shell) -> None:
    """Without a configuration the defaults hold."""
    project = shell.server.repository("acme/a", {"apps/api.yaml": FILES["apps/api.yaml"]})
    assert shell.run("run", "acme/a", "--no-onboarding") == 0
    assert [pull.head for pull in project.pulls.values()] == ["updater/ghcr.io-acme-api-1.x"]
