"""What only GitHub has: a token, an API with limits and errors, and a clone that is kept between runs."""

import base64
import json
import logging
import random
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.platforms import revised
from tests.servers import Reply
from tests.servers.code_host import Project
from tests.servers.githttp import Bare, CountedGit, run
from tests.servers.github import TOKEN, GitHub
from updater.api import Commit, HistoricTree, PlatformError, Proposal, PullRequest, PullRequestState, Secret
from updater.errors import RepositoryError
from updater.platforms.github import GitHubPlatform
from updater.platforms.github.platform import clone_url_of

FILES = {"app.yaml": "v: 1\n", "other.yaml": "v: 1\n"}


@pytest.fixture
def server(tmp_path: Path) -> Iterator[GitHub]:
    with GitHub(tmp_path / "server") as server:
        yield server


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Bare:
    return Bare.make(tmp_path_factory.mktemp("template") / "app.git", FILES)


@pytest.fixture
def project(server: GitHub, template: Bare) -> Project:
    return server.repository("octo/app", template)


@pytest.fixture
def pauses() -> list[float]:
    return []


@pytest.fixture
def make(server: GitHub, tmp_path: Path, pauses: list[float]) -> Callable[..., GitHubPlatform]:
    """Makes a platform. Git goes over HTTP if asked for, else to the server's files: that takes half the time."""

    def make(
        name: str = "octo/app", token: str = TOKEN, endpoint: str | None = None, *, http: bool = False
    ) -> GitHubPlatform:
        return GitHubPlatform(
            name,
            token=Secret(token),
            endpoint=endpoint or server.endpoint,
            clone_url=None if http else f"{server.root}/{name}.git",
            cache_directory=tmp_path / "cache",
            sleep=pauses.append,
        )

    return make


@pytest.fixture
def over_http(make: Callable[..., GitHubPlatform], project: Project) -> GitHubPlatform:
    return make(http=True)


@pytest.fixture
def platform(make: Callable[..., GitHubPlatform], project: Project) -> GitHubPlatform:
    return make()


def push(platform: GitHubPlatform, *branches: str, text: str = "v: 2\n") -> None:
    commits = [
        Commit(branch=branch, message=f"{branch}\n\nUpdater-Fingerprint: {branch}\n", files={"app.yaml": text})
        for branch in branches
    ]
    assert platform.push(platform.tree("main").commit or "", commits, {}).refused == {}


def propose(platform: GitHubPlatform, branch: str) -> PullRequest:
    push(platform, branch)
    return platform.create_pull_request(Proposal(branch=branch, base="main", title="Update", body="Why"))


def clone(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "127.0.0.1" / "octo" / "app" / "repository.git"


# ---------------------------------------------------------------- loading


def test_module_loads_without_the_library() -> None:
    """Importing the platform costs no PyGithub; only the first request does."""
    code = "import sys, updater.platforms.github; print(sorted({'github', 'requests'} & set(sys.modules)))"
    output = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True).stdout
    assert output.strip() == "[]"


@pytest.mark.parametrize("name", ["app", "octo/app/x", "octo/..", "../app", "octo/a b", "", "octo/app.git?x"])
def test_name_must_be_owner_and_repository(name: str, tmp_path: Path) -> None:
    """Anything but owner/name is refused before it becomes a URL or a path."""
    with pytest.raises(PlatformError, match="write owner/name"):
        GitHubPlatform(name, token=Secret(TOKEN), cache_directory=tmp_path)


@pytest.mark.parametrize(
    ("endpoint", "url"),
    [
        ("https://api.github.com", "https://github.com/o/r.git"),
        ("https://api.octo.ghe.com", "https://octo.ghe.com/o/r.git"),
        ("https://ghe.example.com/api/v3", "https://ghe.example.com/o/r.git"),
        ("https://api.example.com/api/v3", "https://api.example.com/o/r.git"),
        ("http://127.0.0.1:8080/api/v3", "http://127.0.0.1:8080/o/r.git"),
    ],
)
def test_place_to_clone_from_follows_from_the_endpoint(endpoint: str, url: str) -> None:
    """github.com, its data-residency hosts and Enterprise servers each have their own."""
    assert clone_url_of(endpoint, "o/r") == url


# ---------------------------------------------------------------- git over HTTP


def test_everything_works_over_http(over_http: GitHubPlatform, project: Project) -> None:
    """Clone, push, fetch and delete reach a real server with the token as password."""
    push(over_http, "updater/a")
    assert project.git.read("updater/a", "app.yaml") == b"v: 2\n"
    (branch,) = over_http.branches("updater/", "main")
    assert (branch.ours, list(branch.files)) == (True, ["app.yaml"])
    assert over_http.delete_branches({"updater/a": branch.commit}) == {}
    assert list(project.git.heads()) == ["main"]


def test_configuration_of_the_user_has_no_say(
    over_http: GitHubPlatform, server: GitHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A ~/.gitconfig that sends GitHub's URLs elsewhere, as for work with SSH keys, does not redirect the bot."""
    (tmp_path / ".gitconfig").write_text(f'[url "ssh://git@nowhere.invalid/"]\n\tinsteadOf = {server.url}/\n')
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    assert over_http.tree("main").files() == ["app.yaml", "other.yaml"]


def test_large_push_goes_through(over_http: GitHubPlatform, project: Project) -> None:
    """A push of more than git sends in one piece arrives whole."""
    text = base64.b85encode(random.Random(7).randbytes(1_200_000)).decode()
    push(over_http, "updater/a", text=text)
    assert project.git.read("updater/a", "app.yaml").decode() == text


def test_clone_is_shallow_and_kept(
    make: Callable[..., GitHubPlatform], project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of the history one commit is fetched; a later run takes up the clone of the one before."""
    project.git.commit("main", {"app.yaml": "v: 1.1\n"})
    make().tree("main")
    assert run("rev-list", "--count", "--all", at=clone(tmp_path)) == b"1\n"
    counted = CountedGit(tmp_path / "bin")
    monkeypatch.setenv("PATH", str(counted.directory), prepend=":")
    assert make().tree("main").files() == ["app.yaml", "other.yaml"]
    assert not any(" init " in call for call in counted.calls())


def test_history_comes_without_the_files_that_nobody_asked_for(
    make: Callable[..., GitHubPlatform], project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of the past only the contents of the files in question are fetched, all at once, and none a second time."""
    for number in range(3):
        project.git.commit("main", {"app.yaml": f"v: {number}\n", "other.yaml": f"w: {number}\n"})
    counted = CountedGit(tmp_path / "bin")
    monkeypatch.setenv("PATH", str(counted.directory), prepend=":")
    platform = make(http=True)
    counts = []
    for _ in range(2):
        tree = platform.tree("main")
        assert isinstance(tree, HistoricTree)
        counted.calls()
        changes = tree.history(["app.yaml"], datetime(2020, 1, 1, tzinfo=UTC))
        counts.append(sum(" fetch " in call for call in counted.calls()))
        assert [change.after for change in changes["app.yaml"]] == ["v: 2\n", "v: 1\n", "v: 0\n"]
    past = clone(tmp_path).parent / "history.git"
    objects = run("cat-file", "--batch-all-objects", "--batch-check=%(objecttype)", at=past).decode().split()
    assert counts == [3, 0]
    assert objects.count("blob") == 3


def test_subjects_come_from_the_past_that_is_there(make: Callable[..., GitHubPlatform], project: Project) -> None:
    """Nothing is asked for them: before the history was wanted, the latest commit has the only one."""
    for number in range(3):
        project.git.commit("main", {"app.yaml": f"v: {number}\n"})
    tree = make().tree("main")
    assert isinstance(tree, HistoricTree)
    before = tree.subjects(10)
    tree.history(["app.yaml"], datetime(2020, 1, 1, tzinfo=UTC))

    assert len(before) == 1
    assert len(tree.subjects(10)) >= 3
    assert tree.subjects(10)[:1] == before


def _junk(path: Path) -> None:
    (path / "HEAD").write_text("junk")


def _no_objects(path: Path) -> None:
    for file in (path / "objects").rglob("*"):
        if file.is_file():
            file.unlink()


def _no_blob(path: Path) -> None:
    blob = run("rev-parse", "refs/updater/bases/main:app.yaml", at=path).decode().strip()
    (path / "objects" / blob[:2] / blob[2:]).unlink()


def _lock(path: Path) -> None:
    (path / "shallow.lock").touch()


def _ref_in_the_way(path: Path) -> None:
    run("update-ref", "refs/updater/heads/updater", "refs/updater/bases/main", at=path)


@pytest.mark.parametrize("damage", [_junk, _no_objects, _no_blob, _lock, _ref_in_the_way])
def test_damaged_clone_is_made_anew(
    make: Callable[..., GitHubPlatform], project: Project, tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    """Whatever happened to the clone, the next run reads and writes as if nothing had."""
    push(make(), "updater/a")
    damage(clone(tmp_path))
    platform = make()
    tree = platform.tree("main")
    assert dict(tree.read(tree.files())) == {"app.yaml": b"v: 1\n", "other.yaml": b"v: 1\n"}
    assert [branch.name for branch in platform.branches("updater/", "main")] == ["updater/a"]


def test_protected_branch_is_refused_alone(over_http: GitHubPlatform, project: Project) -> None:
    """What the server's rules decline is told in its words, and the others are pushed."""
    project.git.protect(["updater/a"])
    commits = [Commit(branch=f"updater/{name}", message="m\n", files={"app.yaml": "v: 2\n"}) for name in "ab"]
    refused = over_http.push(over_http.tree("main").commit or "", commits, {}).refused
    assert refused == {"updater/a": "hook declined"}
    assert sorted(project.git.heads()) == ["main", "updater/b"]


def test_empty_repository_and_unknown_branch(make: Callable[..., GitHubPlatform], server: GitHub) -> None:
    """Both are errors that name the repository, and leave the clone alone."""
    server.repository("octo/empty")
    with pytest.raises(RepositoryError, match=r"octo/empty has no such branch, or no commits yet: .*main"):
        make("octo/empty").tree("main")


# ---------------------------------------------------------------- the token


def test_token_shows_nowhere(
    make: Callable[..., GitHubPlatform],
    server: GitHub,
    project: Project,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Not in arguments of processes, not in files, not in logs at the finest level, not in errors of any kind."""
    counted = CountedGit(tmp_path / "bin")
    monkeypatch.setenv("PATH", str(counted.directory), prepend=":")
    caplog.set_level(logging.DEBUG)
    platform = make(http=True)
    propose(platform, "updater/a")
    errors = []
    server.tokens.clear()
    for action in (platform.base_branch, lambda: platform.tree("main"), lambda: platform.pull_requests("updater/")):
        with pytest.raises(PlatformError) as failure:
            action()
        errors.append(str(failure.value))
    shown = "\n".join([*errors, *counted.calls(), caplog.text, repr(platform), repr(vars(platform))])
    files = [path.read_bytes() for path in (tmp_path / "cache").rglob("*") if path.is_file()]
    header = "eC1hY2Nlc3MtdG9rZW46"  # x-access-token: in Base64
    assert TOKEN not in shown
    assert header not in shown
    assert not any(TOKEN.encode() in content or header.encode() in content for content in files)


def test_cache_is_the_users_own(make: Callable[..., GitHubPlatform], project: Project, tmp_path: Path) -> None:
    """The clone of a private repository cannot be read by others."""
    make().tree("main")
    assert (clone(tmp_path).parent.stat().st_mode & 0o077) == 0


def test_rejected_token_is_told(make: Callable[..., GitHubPlatform], project: Project) -> None:
    """For the API and for git alike the error says what was rejected."""
    platform = make(token="ghp_expired", http=True)
    with pytest.raises(PlatformError, match=r"octo/app: GitHub says 401 Bad credentials \(the token was rejected"):
        platform.base_branch()
    with pytest.raises(PlatformError, match=r"\(the token was rejected"):
        platform.tree("main")


def test_repository_that_is_not_there_is_told(make: Callable[..., GitHubPlatform], server: GitHub) -> None:
    """Missing and invisible look alike; the error says both."""
    platform = make("octo/nowhere", http=True)
    with pytest.raises(PlatformError, match=r"404 Not Found \(there is no such repository, or the token may not"):
        platform.base_branch()
    with pytest.raises(PlatformError, match=r"\(there is no such repository, or the token may not"):
        platform.tree("main")


def test_missing_permission_is_told(platform: GitHubPlatform, server: GitHub) -> None:
    """After the push, a token that may not open pull requests gives an error that says what it lacks."""
    push(platform, "updater/a")
    server.fail_next("POST", "/pulls$", 403, message="Resource not accessible by personal access token")
    with pytest.raises(
        PlatformError, match=r"updater/a, which was pushed.*403.*write access to contents and pull requ"
    ):
        platform.create_pull_request(Proposal(branch="updater/a", base="main", title="", body=""))


def test_forbidden_actions_token_is_told_where_to_allow_it(platform: GitHubPlatform, server: GitHub) -> None:
    """The token of a workflow needs a switch in the repository's settings; the error names it."""
    push(platform, "updater/a")
    message = "GitHub Actions is not permitted to create or approve pull requests."
    server.fail_next("POST", "/pulls$", 403, message=message)
    with pytest.raises(PlatformError, match="Actions, General, Workflow permissions"):
        platform.create_pull_request(Proposal(branch="updater/a", base="main", title="", body=""))


# ---------------------------------------------------------------- failures that pass


@pytest.mark.parametrize("lost", [False, True])
def test_server_error_is_tried_again(
    platform: GitHubPlatform, server: GitHub, pauses: list[float], *, lost: bool
) -> None:
    """A 502 is waited out, also if the work behind it was done: no second pull request, no error."""
    push(platform, "updater/a")
    server.fail_next("POST", "/pulls$", 502, times=1 if lost else 2, lost=lost)
    pull = platform.create_pull_request(Proposal(branch="updater/a", base="main", title="Update", body=""))
    assert pull.number == 1
    assert len(platform.pull_requests("updater/")) == 1
    assert pauses == ([2.0] if lost else [2.0, 4.0])


def test_lasting_server_error_is_reported(platform: GitHubPlatform, server: GitHub) -> None:
    """After three attempts the error tells status and words; the branch stays pushed for the next run."""
    push(platform, "updater/a")
    server.fail_next("POST", "/pulls$", 503, times=3, message="Unicorn!")
    with pytest.raises(PlatformError, match="503 Unicorn!"):
        platform.create_pull_request(Proposal(branch="updater/a", base="main", title="Update", body=""))
    assert platform.create_pull_request(Proposal(branch="updater/a", base="main", title="Update", body="")).number == 1


def test_secondary_rate_limit_is_waited_out(platform: GitHubPlatform, server: GitHub, pauses: list[float]) -> None:
    """The pause that GitHub asks for is made."""
    message = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."
    server.fail_next("GET", "/pulls$", 403, message=message, headers={"Retry-After": "7"})
    assert list(platform.pull_requests("updater/")) == []
    server.fail_next("GET", "/pulls$", 429, message=message)
    assert list(platform.pull_requests("updater/")) == []
    assert pauses == [7.0, 60.0]


def test_long_rate_limit_is_reported_with_its_end(
    platform: GitHubPlatform, server: GitHub, pauses: list[float]
) -> None:
    """Where waiting takes too long, the error says for how long, by GitHub's clock."""
    message = "API rate limit exceeded for installation ID 1."
    date, reset = "Tue, 14 Nov 2023 22:13:20 GMT", str(1_700_000_000 + 1_740)
    headers = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": reset, "Date": date}
    server.fail_next("GET", "/pulls$", 403, message=message, headers=headers)
    with pytest.raises(PlatformError, match=r"could not list the pull requests .*try again in 30 minutes"):
        platform.pull_requests("updater/")
    assert pauses == []


def test_unreachable_server_is_an_error(make: Callable[..., GitHubPlatform], pauses: list[float]) -> None:
    """A host that does not answer is tried three times, and named."""
    platform = make(endpoint="http://127.0.0.1:9/api/v3", http=True)
    with pytest.raises(PlatformError, match=r"could not read the repository of octo/app: .*127\.0\.0\.1"):
        platform.base_branch()
    assert pauses == [2.0, 4.0]
    with pytest.raises(PlatformError, match=r"git fetch failed: .*127\.0\.0\.1"):
        platform.tree("main")


@pytest.mark.parametrize("body", [b"<html>Sign in</html>", b"[1]", b'{"default_branch": 7}', b"null"])
def test_answer_of_something_else_is_an_error(platform: GitHubPlatform, server: GitHub, body: bytes) -> None:
    """A proxy that answers in GitHub's place with a page of its own gives an error, not a crash."""
    server.fault = Reply(body=body, headers={"Content-Type": "text/html"})
    with pytest.raises(PlatformError, match="could not read the repository"):
        platform.base_branch()
    with pytest.raises(PlatformError, match="could not list the pull requests"):
        platform.pull_requests("updater/")


# ---------------------------------------------------------------- requests


def test_second_run_asks_only_for_what_changed(
    make: Callable[..., GitHubPlatform], server: GitHub, project: Project
) -> None:
    """The first run reads every page; the next one a single page, and still sees what changed."""
    project.git.commit("updater/a", {"app.yaml": "v: 2\n"})
    for number in range(250):
        server.foreign_pull(project, f"feature/{number}", fork="someone/app")
    pull = make().create_pull_request(Proposal(branch="updater/a", base="main", title="Update", body="Why"))
    assert list(make().pull_requests("updater/")) == [pull]
    assert len(server.asked("GET", "/pulls$")) == 3
    server.edit(project, pull.number, title="By hand", body="1\r\n2", state="closed")
    server.log.clear()
    (changed,) = make().pull_requests("updater/")
    assert (changed.title, changed.body, changed.state) == ("By hand", "1\n2", PullRequestState.CLOSED)
    assert len(server.asked("GET")) == 1


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"prefix": "updater/", "seen": 1, "pulls": [1]}'])
def test_damaged_memory_is_forgotten(
    make: Callable[..., GitHubPlatform], project: Project, tmp_path: Path, content: bytes
) -> None:
    """A broken list of known pull requests is read anew."""
    pull = propose(make(), "updater/a")
    make().pull_requests("updater/")
    (clone(tmp_path).parent / "pull-requests.json").write_bytes(content)
    assert list(make().pull_requests("updater/")) == [pull]


def test_other_prefix_is_a_list_of_its_own(make: Callable[..., GitHubPlatform], project: Project) -> None:
    """What is known of one prefix says nothing about another."""
    propose(make(), "updater/a")
    assert len(make().pull_requests("updater/")) == 1
    assert [pull.branch for pull in make().pull_requests("up")] == ["updater/a"]
    assert list(make().pull_requests("renovate/")) == []


def test_pull_requests_from_forks_are_not_ours(platform: GitHubPlatform, server: GitHub, project: Project) -> None:
    """A branch of that name in a fork, or in one that is gone, has nothing to do with the branch here."""
    server.foreign_pull(project, "updater/a", fork="someone/app")
    server.foreign_pull(project, "updater/a", fork="")
    assert list(platform.pull_requests("updater/")) == []
    assert propose(platform, "updater/a").number == 3


def test_nothing_is_sent_if_nothing_differs(platform: GitHubPlatform, server: GitHub) -> None:
    """An update to what is there already makes no request; new labels alone make one."""
    pull = propose(platform, "updater/a")
    server.log.clear()
    assert platform.update_pull_request(pull, revised(pull, title="Update", body="Why")) == pull
    assert server.log == []
    labelled = platform.update_pull_request(pull, revised(pull, title="Update", body="Why", labels=("deps", "Deps")))
    assert [(one.method, one.body) for one in server.log] == [("POST", {"labels": ["deps"]})]
    platform.update_pull_request(labelled, revised(labelled, title="New", body="Why", labels=("DEPS",)))
    assert [one.method for one in server.log] == ["POST", "PATCH"]


def test_opening_takes_one_request_and_one_for_all_labels(platform: GitHubPlatform, server: GitHub) -> None:
    """Writing is what GitHub limits most; nothing is written twice and nothing is read in between."""
    push(platform, "updater/a")
    server.log.clear()
    platform.create_pull_request(Proposal(branch="updater/a", base="main", title="Update", body="", labels=("a", "b")))
    assert [(one.method, one.status) for one in server.log] == [("POST", 201), ("POST", 200)]


def test_failing_labels_do_not_hide_the_pull_request(platform: GitHubPlatform, server: GitHub) -> None:
    """If only the labels fail, the error says that the pull request is there; the next run adds them."""
    push(platform, "updater/a")
    server.fail_next("POST", "/labels$", 403, message="Resource not accessible")
    with pytest.raises(PlatformError, match="label pull request #1, which was opened"):
        platform.create_pull_request(Proposal(branch="updater/a", base="main", title="Update", body="", labels=("a",)))
    again = platform.create_pull_request(
        Proposal(branch="updater/a", base="main", title="Update", body="", labels=("a",))
    )
    assert (again.number, again.labels) == (1, ("a",))


def test_closing_says_why_first(platform: GitHubPlatform, server: GitHub, project: Project) -> None:
    """The comment stands before the pull request is closed, and is not repeated by the run after one that died then."""
    pull = propose(platform, "updater/a")
    server.log.clear()
    server.fail_next("PATCH", "/pulls/1$", 403)
    with pytest.raises(PlatformError):
        platform.close_pull_request(pull, comment="No longer needed.")
    platform.close_pull_request(pull, comment="No longer needed.")
    text = "<!-- updater:closed -->\nNo longer needed."
    assert [(one.method, one.body) for one in server.log if one.writes] == [
        ("POST", {"body": text}),
        ("PATCH", {"state": "closed"}),
        ("PATCH", {"state": "closed"}),
    ]
    (closed,) = platform.pull_requests("updater/")
    platform.close_pull_request(closed, comment="Again.")
    assert project.pulls[1].comments == [text]


def test_draft_is_given_up_where_there_are_none(platform: GitHubPlatform, project: Project) -> None:
    """A plan without drafts gets an ordinary pull request; elsewhere a draft is one."""
    push(platform, "updater/a", "updater/b")
    platform.create_pull_request(Proposal(branch="updater/a", base="main", title="Update", body="", draft=True))
    project.drafts = False
    platform.create_pull_request(Proposal(branch="updater/b", base="main", title="Update", body="", draft=True))
    assert [pull.draft for pull in project.pulls.values()] == [True, False]


def test_body_that_is_too_long_is_refused_by_github(platform: GitHubPlatform) -> None:
    """The limit that the platform announces is below GitHub's; beyond that the error tells."""
    push(platform, "updater/a")
    with pytest.raises(PlatformError, match="body is too long"):
        platform.create_pull_request(Proposal(branch="updater/a", base="main", title="Update", body="x" * 65_537))


def test_processes_on_the_same_clone_wait_for_each_other(
    make: Callable[..., GitHubPlatform], project: Project, tmp_path: Path
) -> None:
    """A second process does not touch the clone before the first one is done with it."""
    platform = make()
    platform.tree("main")
    code = "import fcntl, sys\nfcntl.flock(open(sys.argv[1], 'w'), fcntl.LOCK_EX | fcntl.LOCK_NB)\n"
    lock = str(clone(tmp_path).parent / "lock")
    with platform._locked():
        blocked = subprocess.run([sys.executable, "-c", code, lock], capture_output=True, check=False)
    free = subprocess.run([sys.executable, "-c", code, lock], capture_output=True, check=False)
    assert b"BlockingIOError" in blocked.stderr
    assert free.returncode == 0


def test_remembered_list_is_replaced_as_a_whole(
    make: Callable[..., GitHubPlatform], project: Project, tmp_path: Path
) -> None:
    """The file is written beside itself and renamed, so that a reader never sees half of it."""
    propose(make(), "updater/a")
    make().pull_requests("updater/")
    directory = clone(tmp_path).parent
    assert sorted(path.name for path in directory.iterdir()) == ["lock", "pull-requests.json", "repository.git"]
    assert json.loads((directory / "pull-requests.json").read_bytes())["prefix"] == "updater/"
