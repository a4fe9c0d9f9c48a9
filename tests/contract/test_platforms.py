"""What must hold of every platform: of a checkout, and of GitHub (its stand-in)."""

import hashlib
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

import pytest

from tests.platforms import revised
from tests.servers import gitea, github, gitlab
from tests.servers.code_host import CodeHost
from tests.servers.gitea import Gitea
from tests.servers.githttp import EXECUTABLE, LINK, Bare, Content, CountedGit
from tests.servers.github import GitHub
from tests.servers.gitlab import GitLab
from updater import git
from updater.api import (
    CheckState,
    Commit,
    Deployment,
    DeploymentState,
    FindingLevel,
    HistoricTree,
    Identity,
    MergeStrategy,
    Platform,
    PlatformError,
    Proposal,
    PullRequest,
    PullRequestState,
    RemoteBranch,
    ReviewState,
    Revision,
    Secret,
    Status,
)
from updater.errors import RepositoryError
from updater.platforms.gitea import GiteaPlatform
from updater.platforms.github import GitHubPlatform
from updater.platforms.gitlab import GitLabPlatform
from updater.platforms.local import LocalPlatform

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
LONG_AGO, LATER = datetime(2020, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)

FILES: Mapping[str, Content] = {
    "app.yaml": "image: nginx:1.25.0\n",
    "crlf.yaml": b"image: nginx:1.25.0\r\n# no newline at the end",
    "run.sh": (EXECUTABLE, b"#!/bin/sh\nnginx 1.25.0\n"),
    "charts/a b/v\u00e4lues \u65e5\u672c.yaml": "tag: 1.25.0\n",
    'odd/"quoted"\\back\tslash\nnewline.yaml': "tag: 1.25.0\n",
    "bytes/\udcff\udcfe.yaml": b"tag: \xff\xfe\n",
    "link.yaml": (LINK, b"app.yaml"),
}


class Forge(Protocol):
    """A platform's other side: what the forge has, and what people do to it."""

    store: Bare

    def platform(self, author: git.Author = git.BOT) -> Platform: ...

    def empty(self) -> Platform: ...

    def commit(self, branch: str, files: Mapping[str, Content]) -> str: ...

    def merge(self, pull: PullRequest) -> None: ...


class PeopledForge(Forge, Protocol):
    """A forge on which others work, too."""

    def say(self, pull: PullRequest, text: str) -> None: ...

    def review(self, pull: PullRequest, author: str, *, approves: bool) -> None: ...

    def check(self, commit: str, name: str, *, succeeds: bool | None) -> None: ...

    def deploy(self, commit: str, environment: str, *, succeeds: bool | None) -> None: ...

    def require(self, check: str) -> None: ...

    def writes(self) -> int: ...


class LocalForge:
    def __init__(self, root: Path, store: Bare) -> None:
        self._root, self.store = root, store

    def platform(self, author: git.Author = git.BOT) -> LocalPlatform:
        return LocalPlatform(self.store.path, author=author, clock=lambda: NOON)

    def empty(self) -> LocalPlatform:
        return LocalPlatform(Bare.make(self._root / "empty", bare=False).path)

    def commit(self, branch: str, files: Mapping[str, Content]) -> str:
        commit = self.store.commit(branch, files)
        if branch == "main":
            self.store.git("reset", "--quiet", "--hard")
        return commit

    def merge(self, pull: PullRequest) -> None:
        self.platform().merge_pull_request(pull)


class RemoteForge:
    """A stand-in with a repository ``octo/app``; git over HTTP is tried in tests/platforms."""

    def __init__(self, root: Path, server: CodeHost, store: Bare) -> None:
        self._root, self._server = root, server
        self._project = server.repository("octo/app", store)
        self.store = self._project.git

    def platform(self, author: git.Author = git.BOT) -> Platform:
        return self._platform("octo/app", author)

    def empty(self) -> Platform:
        self._server.repository("octo/empty")
        return self._platform("octo/empty", git.BOT)

    def commit(self, branch: str, files: Mapping[str, Content]) -> str:
        return self.store.commit(branch, files)

    def merge(self, pull: PullRequest) -> None:
        self._server.merge(self._project, pull.number)

    def say(self, pull: PullRequest, text: str) -> None:
        self._server.say(self._project, pull.number, text)

    def review(self, pull: PullRequest, author: str, *, approves: bool) -> None:
        self._server.review(self._project, pull.number, author, "APPROVED" if approves else "CHANGES_REQUESTED")

    def people(self, pull: PullRequest) -> tuple[set[str], set[str]]:
        """Who is assigned, and who is asked for a review."""
        found = self._project.pulls[pull.number]
        return set(found.assignees), set(found.reviewers)

    def check(self, commit: str, name: str, *, succeeds: bool | None) -> None:
        conclusion = {True: "SUCCESS", False: "FAILURE", None: None}[succeeds]
        self._server.check(self._project, commit, name, conclusion)

    def deploy(self, commit: str, environment: str, *, succeeds: bool | None) -> None:
        state = {True: "SUCCESS", False: "ERROR", None: None}[succeeds]
        self._server.deploy(self._project, commit, environment, state)

    def require(self, check: str) -> None:
        self._project.required = (check,)

    def writes(self) -> int:
        return sum(exchange.writes for exchange in self._server.log)

    def _platform(self, name: str, author: git.Author) -> Platform:
        made, token = _KINDS[type(self._server)]
        return made(
            name,
            token=Secret(token),
            endpoint=self._server.endpoint,
            clone_url=f"{self._server.root}/{name}.git",
            cache_directory=self._root / "cache",
            author=author,
            sleep=lambda _: None,
        )


_KINDS: Mapping[type[CodeHost], tuple[Callable[..., Platform], str]] = {
    GitHub: (GitHubPlatform, github.TOKEN),
    GitLab: (GitLabPlatform, gitlab.TOKEN),
    Gitea: (GiteaPlatform, gitea.TOKEN),
}
_SERVERS: Mapping[str, Callable[[Path], CodeHost]] = {"github": GitHub, "gitlab": GitLab, "gitea": Gitea}


@pytest.fixture(scope="module", params=["local", *_SERVERS])
def template(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Bare:
    """The repository with which each test begins: a checkout, or what a server has."""
    bare = request.param != "local"
    return Bare.make(tmp_path_factory.mktemp("template") / request.param, FILES, bare=bare)


@pytest.fixture
def forge(template: Bare, tmp_path: Path) -> Iterator[Forge]:
    if template.path.name == "local":
        yield LocalForge(tmp_path, template.copy(tmp_path / "checkout"))
        return
    with _SERVERS[template.path.name](tmp_path / "server") as server:
        yield RemoteForge(tmp_path, server, template)


@pytest.fixture
def peopled(forge: Forge) -> PeopledForge:
    if isinstance(forge, LocalForge):
        pytest.skip("there is nobody else in a checkout")
    assert isinstance(forge, RemoteForge)
    return forge


def commit_of(branch: str, text: str = "image: nginx:1.26.0\n", path: str = "app.yaml") -> Commit:
    return Commit(branch=branch, message=f"Update {branch}\n\nUpdater-Fingerprint: f-{branch}\n", files={path: text})


def pushed(platform: Platform, *branches: str) -> str:
    """Push each branch with one change; the base commit."""
    base = platform.tree("main").commit
    assert base is not None
    refused = platform.push(base, [commit_of(branch) for branch in branches], dict.fromkeys(branches)).refused
    assert refused == {}
    return base


def opened(platform: Platform, branch: str) -> PullRequest:
    return platform.create_pull_request(Proposal(branch=branch, base="main", title=f"Update {branch}", body="Why"))


def blob_id(content: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()


# ---------------------------------------------------------------- reading


def test_base_is_the_default_branch(forge: Forge) -> None:
    """Pull requests go to the branch that the forge (or the checkout) is on."""
    assert forge.platform().base_branch() == "main"


def test_all_branches_have_names(forge: Forge) -> None:
    """Those of people and ours."""
    platform = forge.platform()
    pushed(platform, "updater/nginx")
    forge.commit("release/1.0", {"app.yaml": "image: nginx:1.24.0\n"})
    assert platform.branch_names() == ["main", "release/1.0", "updater/nginx"]


def test_branches_are_made_on_several_bases(forge: Forge) -> None:
    """Each base keeps its files, its branches are compared with it, and their pull requests ask to go into it."""
    forge.commit("release/1.0", {"app.yaml": "image: nginx:1.24.0\n"})
    platform = forge.platform()
    trees = {name: platform.tree(name) for name in ("main", "release/1.0")}
    for name, tree in trees.items():
        branch = f"updater/{name}-nginx"
        assert not platform.push(str(tree.commit), [commit_of(branch)], {branch: None}).refused
        platform.create_pull_request(Proposal(branch=branch, base=name, title=f"Update {name}", body="Why"))
    found = {name: {each.name: each for each in platform.branches("updater/", name)} for name in trees}

    assert [data for tree in trees.values() for _, data in tree.read(["app.yaml"])] == [
        b"image: nginx:1.25.0\n",
        b"image: nginx:1.24.0\n",
    ]
    for name, tree in trees.items():
        assert found[name][f"updater/{name}-nginx"].parent == tree.commit
        assert found[name][f"updater/{name}-nginx"].merges
    assert {pull.branch: pull.base for pull in platform.pull_requests("updater/")} == {
        "updater/main-nginx": "main",
        "updater/release/1.0-nginx": "release/1.0",
    }


def test_tree_gives_every_file_with_its_bytes(forge: Forge) -> None:
    """Names of any bytes and contents of any encoding come back as they were committed; links are listed apart."""
    tree = forge.platform().tree("main")
    expected = {path: content for path, content in FILES.items() if path != "link.yaml"}
    assert tree.files() == sorted(expected)
    for path, content in tree.read(tree.files()):
        wanted = expected[path]
        data = wanted[1] if isinstance(wanted, tuple) else wanted
        assert content == (data.encode() if isinstance(data, str) else data)
        assert tree.size(path) == len(content)
    assert tree.links() == {"link.yaml": "app.yaml"}
    assert tree.commit == forge.store.head("main")


def test_tree_follows_the_branch(forge: Forge) -> None:
    """Each look at the tree sees what was committed since the last one."""
    platform = forge.platform()
    before = platform.tree("main").commit
    after = forge.commit("main", {"new.yaml": "a: 1\n"})
    tree = platform.tree("main")
    assert before != after == tree.commit
    assert dict(tree.read(["new.yaml"])) == {"new.yaml": b"a: 1\n"}


def test_repository_without_commits_says_so(forge: Forge) -> None:
    """An empty repository is an error that names the cause."""
    with pytest.raises(RepositoryError, match="no commits yet"):
        forge.empty().tree("main")


def test_unknown_branch_says_so(forge: Forge) -> None:
    """A base branch that does not exist is an error that names it."""
    with pytest.raises(RepositoryError, match=r"no branch 'develop'|no such branch.*develop"):
        forge.platform().tree("develop")


# ---------------------------------------------------------------- branches


def test_pushed_branch_is_one_commit_on_the_base(forge: Forge) -> None:
    """A branch has exactly one commit more than the base, changes only the given files, and tells who made it."""
    platform = forge.platform()
    base = platform.tree("main").commit or ""
    done = platform.push(base, [commit_of("updater/nginx")], {})
    assert done.commits == {"updater/nginx": forge.store.head("updater/nginx")}
    assert forge.store.head("updater/nginx~1") == base
    assert forge.store.git("diff", "--name-only", base, "updater/nginx") == "app.yaml"
    assert forge.store.read("updater/nginx", "app.yaml") == b"image: nginx:1.26.0\n"
    identity = "gitops-updater <bot@gitops-updater.invalid>"
    assert forge.store.git("log", "-1", "--format=%an <%ae>%n%cn <%ce>", "updater/nginx").splitlines() == [identity] * 2
    assert forge.store.head("main") == base


def test_file_is_replaced_byte_for_byte_and_keeps_its_mode(forge: Forge) -> None:
    """Odd names, CRLF, undecodable bytes and the executable bit all survive."""
    platform = forge.platform()
    tree = platform.tree("main")
    texts = {
        path: content.decode("utf-8", "surrogateescape").replace("1.25", "1.26") + "\r\n"
        for path, content in tree.read(tree.files())
    }
    commits = [commit_of(f"updater/{number}", text, path) for number, (path, text) in enumerate(texts.items())]
    assert platform.push(tree.commit or "", commits, {}).refused == {}
    for number, (path, text) in enumerate(texts.items()):
        assert forge.store.read(f"updater/{number}", path) == text.encode("utf-8", "surrogateescape")
        assert forge.store.mode(f"updater/{number}", path) == forge.store.mode("main", path)


def test_new_file_is_an_ordinary_one(forge: Forge) -> None:
    """A file that the base does not have is made, with its directories, and is not executable."""
    platform = forge.platform()
    base = platform.tree("main").commit or ""
    assert platform.push(base, [commit_of("updater/x", "a: 1\n", "new/dir/a.yaml")], {}).refused == {}
    assert forge.store.mode("updater/x", "new/dir/a.yaml") == "100644"


def test_branch_tells_what_it_holds(forge: Forge) -> None:
    """Of each branch with the prefix one learns its commit, parent, fingerprint and the blobs that it changes."""
    platform = forge.platform()
    base = pushed(platform, "updater/nginx", "updater/redis", "other/nginx")
    nginx, redis = platform.branches("updater/", "main")
    assert (nginx.name, redis.name) == ("updater/nginx", "updater/redis")
    assert nginx.commit == forge.store.head("updater/nginx")
    assert nginx.parent == base
    assert nginx.ours
    assert nginx.fingerprint == "f-updater/nginx"
    assert nginx.files == {"app.yaml": blob_id(b"image: nginx:1.26.0\n")}


def test_branch_of_an_older_base_is_understood(forge: Forge) -> None:
    """When the base has moved on, an old branch still tells only its own changes."""
    platform = forge.platform()
    base = pushed(platform, "updater/nginx")
    forge.commit("main", {"app.yaml": "image: other\n", "more.yaml": "a: 1\n"})
    platform = forge.platform()
    assert platform.tree("main").commit != base
    (branch,) = platform.branches("updater/", "main")
    assert branch.parent == base
    assert list(branch.files) == ["app.yaml"]


def test_deleted_file_has_no_blob(forge: Forge) -> None:
    """A path that the branch's commit removes maps to None."""
    forge.commit("updater/x", {"a.yaml": "a: 1\n"})
    forge.commit("updater/x", {"a.yaml": None})
    (branch,) = forge.platform().branches("updater/", "main")
    assert branch.files == {"a.yaml": None}


def test_base_is_never_one_of_the_branches(forge: Forge) -> None:
    """An empty prefix means all branches but the base."""
    platform = forge.platform()
    pushed(platform, "updater/nginx")
    assert [branch.name for branch in platform.branches("", "main")] == ["updater/nginx"]


def test_no_branches_is_an_empty_answer(forge: Forge) -> None:
    """A prefix that nothing begins with is no error."""
    assert list(forge.platform().branches("updater/", "main")) == []


def test_commit_of_somebody_else_makes_a_branch_foreign(forge: Forge) -> None:
    """A branch is ours only if its latest commit has both our address and our trailer."""
    platform = forge.platform()
    pushed(platform, "updater/a", "updater/b", "updater/c")
    forge.commit("updater/b", {"app.yaml": "mine\n"})
    bot, human = str(git.BOT), "Ada <ada@example.com>"
    forge.store.commit("updater/c", {"app.yaml": "1\n"}, message="no trailer", author=bot)
    forge.store.commit("updater/d", {"app.yaml": "1\n"}, message="x\n\nUpdater-Fingerprint: f\n", author=human)
    ours = {branch.name: branch.ours for branch in platform.branches("updater/", "main")}
    assert ours == {"updater/a": True, "updater/b": False, "updater/c": False, "updater/d": False}


def test_configured_author_is_the_one_that_is_recognised(forge: Forge) -> None:
    """Name and address of the commits can be chosen, and decide what is ours."""
    team = git.Author(name="Team <Bot>\n", email="team@example.com")
    pushed(forge.platform(team), "updater/a")
    assert forge.store.git("log", "-1", "--format=%cn <%ce>", "updater/a") == "Team Bot <team@example.com>"
    assert [branch.ours for branch in forge.platform(team).branches("updater/", "main")] == [True]
    assert [branch.ours for branch in forge.platform().branches("updater/", "main")] == [False]


def test_earlier_author_and_ignored_ones_leave_a_branch_ours(forge: Forge) -> None:
    """Another name in the configuration disowns nothing; a formatter's commit on top is not somebody else's work."""
    pushed(forge.platform(), "updater/a", "updater/b", "updater/c")
    robot = "Robot <robot@example.com>"
    forge.store.commit("updater/b", {"app.yaml": "formatted\n"}, author=robot)
    forge.store.commit("updater/d", {"app.yaml": "formatted\n"}, author=robot)
    forge.commit("updater/c", {"app.yaml": "mine\n"})
    team = Identity(name="Team", email="team@example.com", ignored=("robot@example.com",))
    platform = forge.platform().acting_as(team)
    ours = {branch.name: branch.ours for branch in platform.branches("updater/", "main")}
    assert ours == {"updater/a": True, "updater/b": True, "updater/c": False, "updater/d": False}
    base = platform.tree("main").commit or ""
    assert platform.push(base, [commit_of("updater/e")], {}).refused == {}
    assert forge.store.git("log", "-1", "--format=%an <%ae>", "updater/e") == "Team <team@example.com>"


def test_commits_are_signed_with_a_key(forge: Forge, tmp_path: Path) -> None:
    """Where there is one; equal content is an equal commit all the same, and it is ours."""
    key = tmp_path / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "bot", "-f", str(key)], check=True)
    signers = tmp_path / "signers"
    signers.write_text(f"{git.BOT.email} {key.with_suffix('.pub').read_text()}")
    platform = forge.platform().acting_as(Identity(key=str(key)))
    base = pushed(platform, "updater/nginx", "updater/redis")
    (branch, _) = platform.branches("updater/", "main")
    signature = ("-c", f"gpg.ssh.allowedSignersFile={signers}", "verify-commit", branch.commit)

    assert "gpgsig -----BEGIN SSH SIGNATURE-----" in forge.store.git("cat-file", "commit", branch.commit)
    assert forge.store.git(*signature) == ""
    assert (branch.ours, branch.parent, list(branch.files)) == (True, base, ["app.yaml"])
    again = platform.push(base, [commit_of("updater/nginx")], {"updater/nginx": branch.commit})
    assert again.commits == {"updater/nginx": branch.commit}
    joined = platform.merge_branch(branch, commit_of(branch.name), "main", base, MergeStrategy.MERGE_COMMIT)
    assert "gpgsig -----BEGIN SSH SIGNATURE-----" in forge.store.git("cat-file", "commit", joined.commits["main"])


def test_a_key_that_is_of_no_use_is_said(forge: Forge, tmp_path: Path) -> None:
    """Nothing is pushed then."""
    platform = forge.platform()
    base = str(platform.tree("main").commit)
    acting = platform.acting_as(Identity(key=str(tmp_path / "missing")))
    with pytest.raises(RepositoryError, match="commit-tree failed"):
        acting.push(base, [commit_of("updater/nginx")], {"updater/nginx": None})
    assert list(platform.branches("updater/", "main")) == []


def test_moved_branch_is_refused_and_the_others_go_through(forge: Forge) -> None:
    """Who pushed in between is not overwritten, and does not stop the rest."""
    platform = forge.platform()
    base = pushed(platform, "updater/a", "updater/b")
    seen = {branch.name: branch.commit for branch in platform.branches("updater/", "main")}
    moved = forge.commit("updater/a", {"app.yaml": "mine\n"})
    commits = [commit_of(branch, "image: nginx:1.27.0\n") for branch in ("updater/a", "updater/b")]
    done = platform.push(base, commits, seen)
    assert done.refused == {"updater/a": "the branch moved since it was read"}
    assert done.commits == {"updater/b": forge.store.head("updater/b")}
    assert forge.store.head("updater/a") == moved
    assert forge.store.read("updater/b", "app.yaml") == b"image: nginx:1.27.0\n"


def test_branch_that_should_not_exist_is_not_overwritten(forge: Forge) -> None:
    """Where nothing was expected, something that is there stays."""
    moved = forge.commit("updater/a", {"app.yaml": "mine\n"})
    platform = forge.platform()
    base = platform.tree("main").commit or ""
    refused = platform.push(base, [commit_of("updater/a"), commit_of("updater/b")], {"updater/a": None}).refused
    assert refused == {"updater/a": "the branch moved since it was read"}
    assert forge.store.heads()["updater/a"] == moved
    assert "updater/b" in forge.store.heads()


def test_equal_content_is_an_equal_commit(forge: Forge) -> None:
    """Doing the same again makes the same commit, and pushing it again is no conflict, whatever was expected."""
    pushed(forge.platform(), "updater/a")
    first = forge.store.head("updater/a")
    pushed(forge.platform(), "updater/a")
    assert forge.store.head("updater/a") == first


def test_what_cannot_be_written_is_refused_with_its_reason(forge: Forge) -> None:
    """Bad branch names and paths concern their own branch only."""
    platform = forge.platform()
    base = platform.tree("main").commit or ""
    commits = [
        commit_of("updater/good"),
        commit_of("updater/bad name"),
        commit_of("updater/outside", path="../app.yaml"),
        commit_of("updater/hook", path="sub/.git/hooks/pre-commit"),
        commit_of("updater/link", path="link.yaml"),
        commit_of("updater/below", path="app.yaml/b.yaml"),
    ]
    refused = platform.push(base, commits, {}).refused
    assert refused == {
        "updater/bad name": "'updater/bad name' is not a valid branch name",
        "updater/outside": "'../app.yaml' is not a path within the repository",
        "updater/hook": "'sub/.git/hooks/pre-commit' is not a path within the repository",
        "updater/link": "link.yaml is a symbolic link",
        "updater/below": "app.yaml is not a directory",
    }
    assert [name for name in forge.store.heads() if name != "main"] == ["updater/good"]


def test_branch_below_another_is_refused_alone(forge: Forge) -> None:
    """Git cannot have both a and a/b; the one that is there stays, and other branches go through."""
    forge.commit("updater/a", {"app.yaml": "mine\n"})
    platform = forge.platform()
    base = platform.tree("main").commit or ""
    refused = platform.push(base, [commit_of("updater/a/b"), commit_of("updater/c")], {}).refused
    assert list(refused) == ["updater/a/b"]
    assert sorted(forge.store.heads()) == ["main", "updater/a", "updater/c"]


def test_branches_are_deleted_where_they_were_seen(forge: Forge) -> None:
    """One that moved stays, with a reason; one that is gone already is as wished."""
    platform = forge.platform()
    pushed(platform, "updater/a", "updater/b", "updater/c")
    seen = {branch.name: branch.commit for branch in platform.branches("updater/", "main")}
    moved = forge.commit("updater/b", {"app.yaml": "mine\n"})
    forge.store.delete("updater/c")
    assert platform.delete_branches(seen) == {"updater/b": "the branch moved since it was read"}
    assert {name: commit for name, commit in forge.store.heads().items() if name != "main"} == {"updater/b": moved}
    assert [branch.name for branch in forge.platform().branches("updater/", "main")] == ["updater/b"]


def test_number_of_git_processes_does_not_depend_on_the_number_of_branches(
    forge: Forge, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two hundred branches take as many processes to write and to read as one: one fast-import, one push or update."""
    counted = CountedGit(tmp_path / "bin")
    monkeypatch.setenv("PATH", str(counted.directory), prepend=":")
    platform = forge.platform()
    pushed(platform, "one/1")
    platform.branches("one/", "main")
    one = counted.calls()
    pushed(platform, *(f"many/{number}" for number in range(200)))
    assert len(platform.branches("many/", "main")) == 200
    many = counted.calls()
    assert len(many) <= len(one)
    assert sum("fast-import" in call for call in many) == 1
    assert sum(" push " in call or "update-ref" in call for call in many) == 1


def test_two_runs_at_once_do_not_disturb_each_other(forge: Forge) -> None:
    """Of two that write the same branches differently, each branch has one winner; the loser is told."""
    base = forge.platform().tree("main").commit or ""
    names = [f"updater/{number}" for number in range(10)]

    def run(version: str) -> Mapping[str, str]:
        commits = [commit_of(name, f"image: nginx:{version}\n") for name in names]
        return forge.platform().push(base, commits, dict.fromkeys(names)).refused

    with ThreadPoolExecutor() as threads:
        first, second = threads.map(run, ["1.26.0", "1.27.0"])
    assert sorted([*first, *second]) == names
    for name in names:
        winner = b"1.27.0" if name in first else b"1.26.0"
        assert winner in forge.store.read(name, "app.yaml")


# ---------------------------------------------------------------- pull requests


def test_pull_request_is_listed_as_it_was_opened(forge: Forge) -> None:
    """Number, branches, text, labels and state come back, to a later run, too."""
    platform = forge.platform()
    pushed(platform, "updater/nginx")
    pull = platform.create_pull_request(
        Proposal(
            branch="updater/nginx",
            base="main",
            title="Update \u00bbnginx\u00ab",
            body="| a |\n\U0001f680",
            labels=("deps", "x"),
        )
    )
    assert (pull.number, pull.branch, pull.base, pull.state) == (1, "updater/nginx", "main", PullRequestState.OPEN)
    assert (pull.title, pull.body, pull.labels) == ("Update \u00bbnginx\u00ab", "| a |\n\U0001f680", ("deps", "x"))
    assert list(platform.pull_requests("updater/")) == [pull]
    assert list(forge.platform().pull_requests("updater/")) == [pull]


def test_pull_requests_come_newest_first_and_by_prefix(forge: Forge) -> None:
    """Only those from branches with the prefix are listed, the latest one first."""
    platform = forge.platform()
    pushed(platform, "updater/a", "updater/b", "other/c")
    for branch in ("updater/a", "other/c", "updater/b"):
        opened(platform, branch)
    assert [pull.branch for pull in platform.pull_requests("updater/")] == ["updater/b", "updater/a"]
    assert [pull.branch for pull in forge.platform().pull_requests("other/")] == ["other/c"]


def test_opening_twice_finds_the_first(forge: Forge) -> None:
    """A branch that has an open pull request gets no second one."""
    platform = forge.platform()
    pushed(platform, "updater/a")
    first = opened(platform, "updater/a")
    second = forge.platform().create_pull_request(Proposal(branch="updater/a", base="main", title="Another", body=""))
    assert second == first
    assert len(platform.pull_requests("")) == 1


def test_run_that_died_after_the_push_is_continued(forge: Forge) -> None:
    """The next run pushes the same branch without a conflict and opens what is missing."""
    pushed(forge.platform(), "updater/a", "updater/b")
    opened(forge.platform(), "updater/a")
    platform = forge.platform()
    seen: dict[str, str | None] = {branch.name: branch.commit for branch in platform.branches("updater/", "main")}
    base = platform.tree("main").commit or ""
    assert platform.push(base, [commit_of(branch) for branch in seen], seen).refused == {}
    pulls = [opened(platform, branch) for branch in seen]
    assert [pull.number for pull in pulls] == [1, 2]


def test_update_sets_the_text_and_keeps_labels_of_others(forge: Forge) -> None:
    """Title and body are replaced, labels are only ever added, each once."""
    platform = forge.platform()
    pushed(platform, "updater/a")
    pull = platform.create_pull_request(
        Proposal(branch="updater/a", base="main", title="Old", body="old", labels=("theirs",))
    )
    updated = platform.update_pull_request(pull, revised(pull, title="New", body="new", labels=("ours", "Theirs")))
    assert (updated.title, updated.body, updated.labels) == ("New", "new", ("theirs", "ours"))
    assert list(forge.platform().pull_requests("updater/")) == [updated]


def test_closed_pull_request_stays_closed(forge: Forge) -> None:
    """It is listed as closed; a new one for the same branch has a new number."""
    platform = forge.platform()
    pushed(platform, "updater/a")
    pull = opened(platform, "updater/a")
    platform.close_pull_request(pull, comment="No longer needed.")
    assert [one.state for one in platform.pull_requests("updater/")] == [PullRequestState.CLOSED]
    platform.close_pull_request(platform.pull_requests("updater/")[0], comment="Again.")
    assert opened(platform, "updater/a").number == 2
    states = [one.state for one in forge.platform().pull_requests("updater/")]
    assert states == [PullRequestState.OPEN, PullRequestState.CLOSED]


def test_merged_pull_request_is_told_from_a_closed_one(forge: Forge) -> None:
    """A merge is seen, the base has the change, and deleting the branch afterwards changes nothing."""
    platform = forge.platform()
    pushed(platform, "updater/a", "updater/b")
    first, _ = opened(platform, "updater/a"), opened(platform, "updater/b")
    forge.merge(first)
    assert forge.store.read("main", "app.yaml") == b"image: nginx:1.26.0\n"
    forge.store.delete("updater/a")
    states = {one.branch: one.state for one in forge.platform().pull_requests("updater/")}
    assert states["updater/a"] is PullRequestState.MERGED


def test_merge_by_hand_is_seen(forge: Forge) -> None:
    """Whoever merges the branch with git alone has merged the pull request."""
    platform = forge.platform()
    pushed(platform, "updater/a")
    opened(platform, "updater/a")
    forge.store.merge("main", forge.store.head("updater/a") or "", "Merge by hand")
    assert [one.state for one in forge.platform().pull_requests("updater/")] == [PullRequestState.MERGED]


def test_deleted_branch_closes_its_pull_request(forge: Forge) -> None:
    """Without its branch a pull request is closed, and stays so when the branch comes again."""
    platform = forge.platform()
    pushed(platform, "updater/a")
    opened(platform, "updater/a")
    forge.store.delete("updater/a")
    assert [one.state for one in platform.pull_requests("updater/")] == [PullRequestState.CLOSED]
    pushed(platform, "updater/a")
    assert [one.state for one in platform.pull_requests("updater/")] == [PullRequestState.CLOSED]


def test_branch_moves_below_its_open_pull_request(forge: Forge) -> None:
    """A push to the branch changes what is proposed, not the pull request; its merge is seen even so."""
    platform = forge.platform()
    base = pushed(platform, "updater/a")
    pull = opened(platform, "updater/a")
    head = forge.store.head("updater/a")
    assert platform.push(base, [commit_of("updater/a", "image: nginx:1.27.0\n")], {"updater/a": head}).refused == {}
    moved = forge.store.head("updater/a")
    assert list(platform.pull_requests("updater/")) == [replace(pull, head=moved)]
    forge.merge(replace(pull, head=moved))
    forge.store.delete("updater/a")
    assert [one.state for one in forge.platform().pull_requests("updater/")] == [PullRequestState.MERGED]


def test_nothing_to_merge_is_refused(forge: Forge) -> None:
    """A branch without commits of its own gets no pull request, where the forge looks at that."""
    if forge.platform().NAME == "gitlab":
        pytest.skip("it opens even that")
    forge.store.git("update-ref", "refs/heads/updater/a", "refs/heads/main")
    with pytest.raises(PlatformError, match=r"[Nn]o commits between main and updater/a"):
        opened(forge.platform(), "updater/a")


def test_branch_must_exist_to_be_proposed(forge: Forge) -> None:
    """A pull request for a branch that is not there is refused."""
    with pytest.raises(PlatformError, match="updater/nowhere"):
        opened(forge.platform(), "updater/nowhere")


def test_body_of_the_announced_length_is_accepted(forge: Forge) -> None:
    """A body that keeps to the platform's limit is taken whole."""
    platform = forge.platform()
    pushed(platform, "updater/a")
    body = "\u00e4" * min(platform.BODY_LIMIT, 100_000)
    pull = platform.create_pull_request(Proposal(branch="updater/a", base="main", title="Long", body=body))
    assert pull.body == body


def test_text_that_is_no_utf8_is_no_obstacle(forge: Forge) -> None:
    """A title with bytes that came out of a file undecoded can be sent and compared."""
    platform = forge.platform()
    pushed(platform, "updater/a")
    pull = platform.create_pull_request(Proposal(branch="updater/a", base="main", title="Update \udcff", body="\udcff"))
    assert pull.title.startswith("Update ")
    assert platform.update_pull_request(pull, revised(pull, title="Update \udcff", body="\udcff")) == pull


def test_two_runs_at_once_open_one_pull_request_per_branch(forge: Forge) -> None:
    """However many run at the same time, numbers are unique and no branch has two."""
    names = [f"updater/{number}" for number in range(4)]
    pushed(forge.platform(), *names)
    with ThreadPoolExecutor(max_workers=4) as threads:
        pulls = list(threads.map(lambda name: opened(forge.platform(), name), names * 2))
    assert {pull.branch: pull.number for pull in pulls} == {
        pull.branch: pull.number for pull in forge.platform().pull_requests("updater/")
    }
    assert sorted({pull.number for pull in pulls}) == [1, 2, 3, 4]


def test_pull_request_tells_who_opened_it_and_when(forge: Forge) -> None:
    """Author, time and the commit that it proposes are there, as its branch has it."""
    platform = forge.platform()
    pushed(platform, "updater/a")
    pull = opened(platform, "updater/a")
    assert pull.author
    assert pull.created is not None
    assert pull.created.tzinfo is not None
    assert (pull.head, pull.merge_commit, pull.merged) == (forge.store.head("updater/a"), None, None)


def test_labels_are_added_and_taken_away(forge: Forge) -> None:
    """Of labels that people gave, too; what is not there is as wished, and case does not matter."""
    platform = forge.platform()
    pushed(platform, "updater/a")
    pull = platform.create_pull_request(
        Proposal(branch="updater/a", base="main", title="Update", body="", labels=("rebase", "keep"))
    )
    edited = platform.edit_labels(pull, add=["new", "Keep"], remove=["Rebase", "absent"])
    assert edited.labels == ("keep", "new")
    (listed,) = forge.platform().pull_requests("updater/")
    assert sorted(listed.labels) == ["keep", "new"]


def test_closed_pull_request_opens_again(forge: Forge) -> None:
    """With its branch still there, it is as before."""
    platform = forge.platform()
    pushed(platform, "updater/a")
    pull = opened(platform, "updater/a")
    platform.close_pull_request(pull, comment="Not now.")
    platform.reopen_pull_request(platform.pull_requests("updater/")[0])
    assert [(one.number, one.state) for one in forge.platform().pull_requests("updater/")] == [
        (pull.number, PullRequestState.OPEN)
    ]


def test_pull_request_without_its_branch_stays_closed(forge: Forge) -> None:
    """There is nothing to open again."""
    platform = forge.platform()
    pushed(platform, "updater/a")
    pull = opened(platform, "updater/a")
    platform.close_pull_request(pull, comment="Not now.")
    forge.store.delete("updater/a")
    with pytest.raises(PlatformError):
        platform.reopen_pull_request(pull)


@pytest.mark.parametrize("strategy", [MergeStrategy.AUTO, MergeStrategy.MERGE_COMMIT, MergeStrategy.SQUASH])
def test_merge_brings_the_change_into_the_base(forge: Forge, strategy: MergeStrategy) -> None:
    """The commit that is returned is the one that the list tells of, and the base has it."""
    platform = forge.platform()
    pushed(platform, "updater/a")
    forge.commit("main", {"more.yaml": "a: 1\n"})
    pull = opened(platform, "updater/a")
    commit = platform.merge_pull_request(pull, strategy)
    assert forge.store.head("main") == commit
    assert forge.store.read("main", "app.yaml") == b"image: nginx:1.26.0\n"
    (merged,) = forge.platform().pull_requests("updater/")
    assert (merged.state, merged.merge_commit) == (PullRequestState.MERGED, commit)
    assert merged.merged is not None
    parents = forge.store.git("rev-list", "--parents", "-1", commit).split()[1:]
    assert strategy is not MergeStrategy.MERGE_COMMIT or len(parents) == 2


def test_squash_leaves_one_commit(forge: Forge) -> None:
    """The base has one commit more, with the base before as its only parent."""
    platform = forge.platform()
    base = pushed(platform, "updater/a")
    commit = platform.merge_pull_request(opened(platform, "updater/a"), MergeStrategy.SQUASH)
    assert forge.store.git("rev-list", "--parents", "-1", commit).split()[1:] == [base]


# ---------------------------------------------------------------- commits that the forge makes


def committing(forge: Forge) -> Platform:
    """The forge makes the commits, where it can."""
    return forge.platform().acting_as(Identity(signing="enabled"))


TEXTS = {"app.yaml": "image: nginx:1.26.0\n", "run.sh": "#!/bin/sh\nnginx 1.26.0\n", "new/dir/a.yaml": "a: 1\n"}


def test_commit_of_the_forge_is_the_one_that_was_meant(forge: Forge) -> None:
    """Several files in one commit on the base; modes stay, new files are ordinary, and later runs know it as ours."""
    platform = committing(forge)
    base = platform.tree("main").commit or ""
    message = "Update\n\nUpdater-Fingerprint: f\n"
    names = {f"updater/{name}": TEXTS for name in "ab"}
    done = platform.push(base, [Commit(branch=name, message=message, files=files) for name, files in names.items()], {})
    assert done.commits == {name: forge.store.head(name) for name in names}
    assert forge.store.head("updater/a~1") == base
    assert {path: forge.store.read("updater/a", path).decode() for path in TEXTS} == TEXTS
    modes = [forge.store.mode("updater/a", path) for path in TEXTS]
    assert modes == ["100644", EXECUTABLE, "100644"]
    branches = committing(forge).branches("updater/", "main")
    assert [(one.ours, one.fingerprint, sorted(one.files)) for one in branches] == [(True, "f", sorted(TEXTS))] * 2
    assert sorted(forge.store.heads()) == ["main", "updater/a", "updater/b"]


def test_commit_of_the_forge_replaces_another_under_the_same_condition(forge: Forge) -> None:
    """A branch that is there is made anew from the base; one that moved stays, and nothing is left behind."""
    platform = committing(forge)
    first = pushed(platform, "updater/a", "updater/b")
    seen = {branch.name: branch.commit for branch in platform.branches("updater/", "main")}
    base = forge.commit("main", {"other.yaml": "a: 1\n"})
    moved = forge.commit("updater/b", {"app.yaml": "mine\n"})
    platform = committing(forge)
    assert platform.tree("main").commit == base != first
    commits = [commit_of(name, "image: nginx:1.27.0\n") for name in ("updater/a", "updater/b")]
    done = platform.push(base, commits, seen)
    assert list(done.refused) == ["updater/b"]
    assert done.commits == {"updater/a": forge.store.head("updater/a")}
    assert forge.store.head("updater/a~1") == base
    assert forge.store.read("updater/a", "app.yaml") == b"image: nginx:1.27.0\n"
    assert forge.store.head("updater/b") == moved
    left = [name for name in forge.store.heads() if name.startswith("updater/a.")]
    assert left == []


def test_file_that_no_request_can_name_is_pushed(forge: Forge) -> None:
    """A path that is no text goes the way of git; what it holds arrives."""
    platform = committing(forge)
    base = platform.tree("main").commit or ""
    commit = commit_of("updater/a", "tag: \udcff\n", "bytes/\udcff\udcfe.yaml")
    assert platform.push(base, [commit], {}).refused == {}
    assert forge.store.read("updater/a", "bytes/\udcff\udcfe.yaml") == b"tag: \xff\n"


def test_branch_with_nothing_of_its_own_says_so(forge: Forge) -> None:
    """What a run leaves that died before the forge made its commit is nobody's work."""
    forge.store.git("branch", "updater/a", "main")
    pushed(forge.platform(), "updater/b")
    assert [branch.is_empty for branch in forge.platform().branches("updater/", "main")] == [True, False]


# ---------------------------------------------------------------- merging without a pull request


def branch_and_commit(platform: Platform, name: str, path: str = "app.yaml") -> tuple[RemoteBranch, Commit]:
    """A branch as the forge has it, and what it holds."""
    found = {branch.name: branch for branch in platform.branches("updater/", "main")}
    return found[name], commit_of(name, path=path)


@pytest.mark.parametrize("strategy", [MergeStrategy.AUTO, MergeStrategy.FAST_FORWARD, MergeStrategy.SQUASH])
def test_branch_on_the_base_is_what_the_base_becomes(forge: Forge, strategy: MergeStrategy) -> None:
    """The very commit that was checked; the branch itself stays."""
    platform = forge.platform()
    base = pushed(platform, "updater/a")
    branch, commit = branch_and_commit(platform, "updater/a")
    done = platform.merge_branch(branch, commit, "main", base, strategy)
    assert done.commits == {"main": branch.commit}
    assert forge.store.head("main") == forge.store.head("updater/a") == branch.commit
    assert forge.platform().tree("main").commit == branch.commit


def test_branch_that_is_behind_is_put_on_top(forge: Forge) -> None:
    """One after the other: the base has both changes, each as one commit of ours, and nothing else is moved."""
    platform = forge.platform()
    base = platform.tree("main").commit or ""
    both = [commit_of("updater/a"), commit_of("updater/b", "echo 1\n", "run.sh")]
    assert platform.push(base, both, {}).refused == {}
    branches = platform.branches("updater/", "main")
    tip = base
    for branch, commit in zip(branches, both, strict=True):
        tip = platform.merge_branch(branch, commit, "main", tip, MergeStrategy.AUTO).commits["main"]
    assert forge.store.head("main") == tip
    assert (forge.store.head("main~1"), forge.store.head("main~2")) == (branches[0].commit, base)
    assert forge.store.read("main", "app.yaml") == b"image: nginx:1.26.0\n"
    assert (forge.store.read("main", "run.sh"), forge.store.mode("main", "run.sh")) == (b"echo 1\n", "100755")
    assert "Updater-Fingerprint: f-updater/b" in forge.store.git("log", "-1", "--format=%B", "main")


def test_merge_commit_has_both_as_parents(forge: Forge) -> None:
    """Also where a fast-forward would do; it carries the trailer, too."""
    platform = forge.platform()
    base = pushed(platform, "updater/a")
    branch, commit = branch_and_commit(platform, "updater/a")
    merged = platform.merge_branch(branch, commit, "main", base, MergeStrategy.MERGE_COMMIT).commits["main"]
    assert forge.store.git("log", "-1", "--format=%P", "main").split() == [base, branch.commit]
    assert forge.store.head("main") == merged
    assert forge.store.git("diff", "--name-only", base, "main") == "app.yaml"
    assert "Updater-Fingerprint: f-updater/a" in forge.store.git("log", "-1", "--format=%B", "main")


def test_base_that_moved_is_not_overwritten(forge: Forge) -> None:
    """Whoever pushed to it in between keeps what he pushed, and a fast-forward is never anything else."""
    platform = forge.platform()
    base = pushed(platform, "updater/a")
    branch, commit = branch_and_commit(platform, "updater/a")
    moved = forge.commit("main", {"other.yaml": "a: 1\n"})
    for strategy in (MergeStrategy.AUTO, MergeStrategy.MERGE_COMMIT):
        done = platform.merge_branch(branch, commit, "main", base, strategy)
        assert (done.commits, done.refused) == ({}, {"main": "the branch moved since it was read"})
    platform.tree("main")
    refused = platform.merge_branch(branch, commit, "main", moved, MergeStrategy.FAST_FORWARD).refused
    assert refused == {"main": "it is behind its base"}
    assert forge.store.head("main") == moved


def test_base_that_nobody_may_push_to_says_so(forge: Forge) -> None:
    """A branch that is protected is not moved, and the reason is told apart from one that moved."""
    if isinstance(forge, LocalForge):
        pytest.skip("nothing is protected in a checkout")
    platform = forge.platform()
    base = pushed(platform, "updater/a")
    branch, commit = branch_and_commit(platform, "updater/a")
    forge.store.protect(["main"])
    done = platform.merge_branch(branch, commit, "main", base, MergeStrategy.AUTO)
    assert (done.commits, done.refused) == ({}, {"main": "hook declined"})


def test_what_moved_since_it_was_read_is_not_merged(forge: Forge) -> None:
    """Nobody merges what he has not seen."""
    platform = forge.platform()
    base = pushed(platform, "updater/a")
    pull = opened(platform, "updater/a")
    forge.commit("updater/a", {"app.yaml": "something else\n"})
    with pytest.raises(PlatformError):
        platform.merge_pull_request(pull)
    assert forge.store.head("main") == base


def test_conflict_is_not_merged(forge: Forge) -> None:
    """The base stays, and the error tells the pull request."""
    platform = forge.platform()
    pushed(platform, "updater/a")
    pull = opened(platform, "updater/a")
    moved = forge.commit("main", {"app.yaml": "image: other\n"})
    with pytest.raises(PlatformError, match=rf"merge .*[#!]{pull.number}|#{pull.number} cannot be merged"):
        platform.merge_pull_request(pull)
    assert forge.store.head("main") == moved


def test_merged_pull_requests_are_listed_by_their_time(forge: Forge) -> None:
    """From any branch, only the merged ones, not those of before."""
    platform = forge.platform()
    pushed(platform, "updater/a", "other/b", "updater/c")
    pulls = [opened(platform, branch) for branch in ("updater/a", "other/b", "updater/c")]
    commit = platform.merge_pull_request(pulls[1], MergeStrategy.SQUASH)
    platform.close_pull_request(pulls[2], comment="No.")
    assert [(one.number, one.merge_commit) for one in forge.platform().merged_since(LONG_AGO)] == [(2, commit)]
    assert list(forge.platform().merged_since(LATER)) == []


def test_unknown_people_are_no_obstacle(forge: Forge) -> None:
    """A reviewer who left, a milestone that is done: the pull request is opened all the same."""
    platform = forge.platform()
    pushed(platform, "updater/a")
    wish = Proposal(
        branch="updater/a",
        base="main",
        title="Update",
        body="",
        assignees=("nobody-such",),
        reviewers=("nobody-such", "team:none"),
        milestone="Never",
    )
    assert platform.create_pull_request(wish).state is PullRequestState.OPEN


def test_people_are_asked_later(forge: Forge) -> None:
    """Who was spared at first can be asked afterwards, twice without harm; nothing else of the pull request changes."""
    platform = forge.platform()
    pushed(platform, "updater/a")
    pull = opened(platform, "updater/a")
    wish = Proposal(branch="updater/a", base="main", title="Other", body="", assignees=("ada",), reviewers=("bob",))
    for _ in range(2):
        platform.invite(pull, wish)

    assert platform.pull_requests("")[0].title == pull.title
    if isinstance(forge, RemoteForge):
        assert forge.people(pull) == ({"ada"}, {"bob"})


# ---------------------------------------------------------------- what is said


def test_one_comment_is_kept_on_a_topic(forge: Forge) -> None:
    """It is written once, edited when its text differs, and taken away; other topics stay."""
    platform = forge.platform()
    pushed(platform, "updater/a")
    pull = opened(platform, "updater/a")
    platform.comment(pull, "edited", "First.")
    platform.comment(pull, "other", "Stays.")
    forge.platform().comment(pull, "edited", "Second.")
    forge.platform().comment(pull, "edited", "Second.")
    assert sorted(comment.text for comment in platform.comments(pull)) == ["Second.", "Stays."]
    assert all(comment.ours for comment in platform.comments(pull))
    platform.comment(pull, "edited", None)
    platform.comment(pull, "never", None)
    assert [comment.text for comment in forge.platform().comments(pull)] == ["Stays."]


def test_a_pull_request_is_found_by_its_number(forge: Forge) -> None:
    """Whatever its branch is called; one that is not there is an error."""
    platform = forge.platform()
    pushed(platform, "feature/a")
    pull = opened(platform, "feature/a")
    found = forge.platform().pull_request(pull.number)

    assert (found.number, found.branch, found.title, found.state) == (pull.number, pull.branch, pull.title, pull.state)
    with pytest.raises(PlatformError):
        platform.pull_request(4711)


def test_comments_of_others_are_read_and_never_edited(peopled: PeopledForge) -> None:
    """Even one that imitates our mark stays as its author wrote it."""
    platform = peopled.platform()
    pushed(platform, "updater/a")
    pull = opened(platform, "updater/a")
    peopled.say(pull, "<!-- updater:edited -->\nNot ours.")
    platform.comment(pull, "edited", "Ours.")
    assert [(one.text, one.ours) for one in platform.comments(pull)] == [("Not ours.", False), ("Ours.", True)]


def test_reviews_are_the_latest_of_each_person(peopled: PeopledForge) -> None:
    """Whoever asked for changes and then approved has approved."""
    platform = peopled.platform()
    pushed(platform, "updater/a")
    pull = opened(platform, "updater/a")
    assert list(platform.reviews(pull)) == []
    peopled.review(pull, "ada", approves=False)
    peopled.review(pull, "bob", approves=True)
    peopled.review(pull, "ada", approves=True)
    found = {review.author: review.state for review in platform.reviews(pull)}
    assert found == {"ada": ReviewState.APPROVED, "bob": ReviewState.APPROVED}


def test_status_is_said_and_read(forge: Forge) -> None:
    """The latest of each context counts; a commit of which nobody says anything has none."""
    platform = forge.platform()
    base = pushed(platform, "updater/a")
    head = forge.store.head("updater/a") or ""
    waits = Status(context="updater/age", state=CheckState.PENDING, description="3 days old", url="https://a.example/")
    platform.set_status(head, waits)
    platform.set_status(head, replace(waits, state=CheckState.SUCCESS, description="x" * 300))
    platform.set_status(head, replace(waits, context="updater/other"))
    found = forge.platform().statuses([head, base, "0" * 40])
    assert {one.context: one.state for one in found[head]} == {
        "updater/age": CheckState.SUCCESS,
        "updater/other": CheckState.PENDING,
    }
    assert (found[base], found["0" * 40]) == ([], [])
    (other,) = (one for one in found[head] if one.context == "updater/other")
    assert (other.description, other.url) == ("3 days old", "https://a.example/")
    assert other.creator


def test_what_was_said_is_remembered(forge: Forge) -> None:
    """By a later run, too, and nobody is asked: what this tool said, and what it read."""
    platform = forge.platform()
    base = pushed(platform, "updater/a")
    head = forge.store.head("updater/a") or ""
    platform.set_status(head, Status(context="updater/age", state=CheckState.PENDING))
    platform.set_status(head, Status(context="updater/age", state=CheckState.SUCCESS, description="3 days old"))
    platform.statuses([base])
    said = forge.platform().said([head, base])
    assert [(one.context, one.state, one.description) for one in said[head]] == [
        ("updater/age", CheckState.SUCCESS, "3 days old")
    ]
    assert said[base] == []


def test_checks_of_others_are_read(peopled: PeopledForge) -> None:
    """What is not done is pending; what failed failed."""
    platform = peopled.platform()
    pushed(platform, "updater/a")
    head = peopled.store.head("updater/a") or ""
    for name, succeeds in {"lint": True, "test": False, "slow": None}.items():
        peopled.check(head, name, succeeds=succeeds)
    assert {one.context: one.state for one in platform.statuses([head])[head]} == {
        "lint": CheckState.SUCCESS,
        "test": CheckState.FAILURE,
        "slow": CheckState.PENDING,
    }


def test_required_check_keeps_from_merging(peopled: PeopledForge) -> None:
    """The forge's own rules hold: what they forbid is an error, and what waits is merged once they are met."""
    platform = peopled.platform()
    pushed(platform, "updater/a")
    peopled.require("test")
    pull = opened(platform, "updater/a")
    head = peopled.store.head("updater/a") or ""
    peopled.check(head, "test", succeeds=None)
    with pytest.raises(PlatformError):
        platform.merge_pull_request(pull)
    assert platform.merge_when_green(pull) is True
    assert platform.pull_requests("updater/")[0].state is PullRequestState.OPEN
    peopled.check(head, "test", succeeds=True)
    assert platform.pull_requests("updater/")[0].state is PullRequestState.MERGED


def test_what_is_green_already_is_merged(peopled: PeopledForge) -> None:
    """Nothing has to be waited for."""
    platform = peopled.platform()
    pushed(platform, "updater/a")
    pull = opened(platform, "updater/a")
    peopled.check(peopled.store.head("updater/a") or "", "test", succeeds=True)
    assert platform.merge_when_green(pull) is True
    assert platform.pull_requests("updater/")[0].state is PullRequestState.MERGED


def test_deployments_are_read_latest_first(peopled: PeopledForge) -> None:
    """Each tells its environment, its commit and how it went."""
    platform = peopled.platform()
    if platform.NAME == "gitea":
        pytest.skip("it keeps no records of deployments")
    head = peopled.store.head("main") or ""
    assert list(platform.deployments(LONG_AGO)) == []
    for environment, succeeds in {"staging": True, "production": False, "test": None}.items():
        peopled.deploy(head, environment, succeeds=succeeds)
    found = [(one.environment, one.commit, one.state) for one in platform.deployments(LONG_AGO)]
    assert found == [
        ("test", head, DeploymentState.PENDING),
        ("production", head, DeploymentState.FAILURE),
        ("staging", head, DeploymentState.SUCCESS),
    ]
    assert list(platform.deployments(LATER)) == []


def test_deployments_are_written_once(peopled: PeopledForge) -> None:
    """One record of ours for a commit and an environment, which follows what happens; others stay as they are."""
    platform = peopled.platform()
    if not platform.RECORDS_DEPLOYMENTS:
        platform.record_deployment(Deployment(environment="staging", commit="0" * 40, state=DeploymentState.PENDING))
        assert list(platform.deployments(LONG_AGO)) == []
        pytest.skip("it keeps no records of deployments")
    head = peopled.store.head("main") or ""
    peopled.check(head, "test", succeeds=False)
    peopled.deploy(head, "staging", succeeds=True)
    for state in (DeploymentState.PENDING, DeploymentState.SUCCESS, DeploymentState.SUCCESS):
        platform.record_deployment(
            Deployment(
                environment="staging",
                commit=head,
                state=state,
                branch="main",
                task="updater/rollout",
                description=f"it is {state}",
                url="https://forge.example/1",
            )
        )
    ours, other = peopled.platform().deployments(LONG_AGO)
    assert (ours.state, ours.creator, other.state) == (
        DeploymentState.SUCCESS,
        platform.login(),
        DeploymentState.SUCCESS,
    )
    assert other.creator != ours.creator


def test_what_is_written_of_a_deployment_already(peopled: PeopledForge) -> None:
    """The same once more takes no request that writes; a failure after all is written on the same record."""
    platform = peopled.platform()
    if not platform.RECORDS_DEPLOYMENTS:
        pytest.skip("it keeps no records of deployments")
    head = peopled.store.head("main") or ""
    said = Deployment(environment="staging", commit=head, state=DeploymentState.SUCCESS, branch="main", task="ours")
    platform.record_deployment(said)
    before = peopled.writes()
    platform.record_deployment(said)
    assert peopled.writes() == before
    platform.record_deployment(replace(said, state=DeploymentState.FAILURE))
    (found,) = platform.deployments(LONG_AGO)
    assert found.state is DeploymentState.FAILURE


def test_whether_deployments_may_be_written_is_found_out(peopled: PeopledForge) -> None:
    """Without writing one; where there are no records, that is said."""
    platform = peopled.platform()
    before = peopled.writes()
    (finding,) = platform.examine_deployments()
    assert finding.level is (FindingLevel.FINE if platform.RECORDS_DEPLOYMENTS else FindingLevel.WARNING)
    assert peopled.writes() == before


# ---------------------------------------------------------------- issues


def test_issue_is_written_found_and_closed(forge: Forge) -> None:
    """It is found by its whole title as long as it is open; labels are only ever added."""
    platform = forge.platform()
    assert platform.find_issue("Dependency Dashboard") is None
    issue = platform.write_issue(None, title="Dependency Dashboard", body="- [ ] a", labels=["deps"])
    assert forge.platform().find_issue("Dependency Dashboard") == issue
    assert platform.find_issue("Dashboard") is None
    edited = platform.write_issue(issue, title="Dependency Dashboard", body="- [x] a", labels=["Deps", "more"])
    assert forge.platform().find_issue("Dependency Dashboard") == edited
    assert (edited.number, edited.body, edited.labels) == (issue.number, "- [x] a", ("deps", "more"))
    platform.close_issue(edited)
    platform.close_issue(edited)
    assert forge.platform().find_issue("Dependency Dashboard") is None


# ---------------------------------------------------------------- history


def test_history_tells_what_each_commit_did(forge: Forge) -> None:
    """Who, when, and the texts before and after; a merge counts as one change, other paths do not appear."""
    first = forge.commit("main", {"app.yaml": "v: 1\n", "other.yaml": "x\n"})
    forge.commit("main", {"other.yaml": "y\n"})
    forge.commit("feature", {"app.yaml": "v: 2\n"})
    merge = forge.store.merge("main", forge.store.head("feature") or "", "Merge feature")
    (latest, before) = history_of(forge, "app.yaml", LONG_AGO)
    assert (latest.commit, before.commit) == (merge, first)
    assert (latest.subject, latest.author) == ("Merge feature", "Ada Human")
    assert latest.when > before.when
    assert (latest.before, latest.after) == (before.after, "v: 2\n")


def test_history_ends_where_it_should(forge: Forge) -> None:
    """Commits before the moment are left out, and the oldest one that is left still tells what it changed."""
    commits = [forge.commit("main", {"app.yaml": f"v: {number}\n"}) for number in range(5)]
    whole = history_of(forge, "app.yaml", LONG_AGO)
    recent = history_of(forge, "app.yaml", whole[1].when)
    assert [revision.commit for revision in recent] == commits[:2:-1]
    assert recent == whole[:2]
    assert recent[1].before == "v: 2\n"
    assert list(history_of(forge, "app.yaml", LATER)) == []


def history_of(forge: Forge, path: str, since: datetime) -> Sequence[Revision]:
    tree = forge.platform().tree("main")
    assert isinstance(tree, HistoricTree)
    return tree.history([path], since).get(path, ())


# ---------------------------------------------------------------- the lease


def test_lease_is_held_by_one(forge: Forge) -> None:
    """Another run is told who has it; the holder may take it again, and give it back."""
    first, second = forge.platform(), forge.platform()
    until = NOON + timedelta(minutes=30)
    assert first.take_lease("first", NOON, until) is None
    assert second.take_lease("second", NOON, until) == "first"
    assert first.take_lease("first", NOON, until + timedelta(minutes=30)) is None
    second.release_lease("second")
    assert second.take_lease("second", NOON, until) == "first"
    first.release_lease("first")
    first.release_lease("first")
    assert second.take_lease("second", NOON, until) is None


def test_lease_of_a_run_that_died_ends_by_itself(forge: Forge) -> None:
    """Nobody gives it back, and when its time is over the next run has it."""
    until = NOON + timedelta(minutes=30)
    assert forge.platform().take_lease("dead", NOON, until) is None
    assert forge.platform().take_lease("next", until - timedelta(seconds=1), until + timedelta(hours=1)) == "dead"
    assert forge.platform().take_lease("next", until, until + timedelta(hours=1)) is None


def test_of_rivals_one_gets_the_lease(forge: Forge) -> None:
    """However many ask at the same moment."""
    platforms = [forge.platform() for _ in range(4)]

    def ask(number: int) -> str | None:
        return platforms[number].take_lease(f"run {number}", NOON, NOON + timedelta(minutes=30))

    with ThreadPoolExecutor() as threads:
        answers = list(threads.map(ask, range(4)))
    assert answers.count(None) == 1


def test_broken_lease_is_none(forge: Forge) -> None:
    """What stands there and is no lease holds nobody up."""
    forge.store.git("update-ref", "refs/updater/lease", "refs/heads/main")
    assert forge.platform().take_lease("me", NOON, NOON + timedelta(minutes=30)) is None
    assert forge.platform().take_lease("you", NOON, NOON + timedelta(minutes=30)) == "me"


# ---------------------------------------------------------------- history


def test_history_tells_what_contains_what_and_what_changed(forge: Forge) -> None:
    """The merge of a pull request is in the history: what it did to files, what came before and what followed."""
    platform = forge.platform()
    base = pushed(platform, "updater/a")
    commit = platform.merge_pull_request(opened(platform, "updater/a"))
    forge.commit("main", {"more.yaml": "a: 1\n"})
    tip = forge.store.head("main")
    history = forge.platform().commits("main", datetime(2024, 1, 1, tzinfo=UTC))
    assert history.tip == tip
    assert history.since(commit, 10) == [commit, tip]
    assert history.before(commit) == base
    assert (history.contains(tip, commit), history.contains(commit, tip)) == (True, False)
    assert history.contains("0" * 40, commit) is None
    (rewrite,) = history.rewrites([commit])[commit]
    assert (rewrite.path, rewrite.after) == ("app.yaml", "image: nginx:1.26.0\n")
    assert rewrite.before not in (None, rewrite.after)
    touches = history.last_touches({"app": ["app.yaml"], "more": ["more.yaml"], "none": ["none.yaml"]})
    assert {name: touch.commit for name, touch in touches.items()} == {"app": commit, "more": tip}
