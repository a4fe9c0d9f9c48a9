"""What only Gitea and Forgejo have: labels with numbers, drafts by their title, errors of their own."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.platforms import proposed, revised
from tests.servers import Reply
from tests.servers.code_host import Project
from tests.servers.gitea import TOKEN, Gitea
from tests.servers.githttp import Bare
from updater.api import PlatformError, Secret
from updater.platforms.gitea import GiteaPlatform
from updater.platforms.gitea.api import root_of


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Gitea]:
    with Gitea(tmp_path / "server") as server:
        yield server


@pytest.fixture
def project(server: Gitea, template: Bare) -> Project:
    project = server.repository("octo/app", template)
    project.milestones = ("Spring",)
    return project


@pytest.fixture
def make(server: Gitea, tmp_path: Path, pauses: list[float]) -> Callable[..., GiteaPlatform]:
    def make(name: str = "octo/app", token: str = TOKEN, endpoint: str | None = None) -> GiteaPlatform:
        return GiteaPlatform(
            name,
            token=Secret(token),
            endpoint=endpoint or server.url,
            cache_directory=tmp_path / "cache",
            sleep=pauses.append,
        )

    return make


@pytest.fixture
def platform(make: Callable[..., GiteaPlatform], project: Project) -> GiteaPlatform:
    return make()


def test_module_loads_without_the_library() -> None:
    """Importing the platform costs no HTTP client; only the first request does."""
    code = "import sys, updater.platforms.gitea; print('httpx' in sys.modules)"
    output = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True).stdout
    assert output.strip() == "False"


@pytest.mark.parametrize("name", ["app", "octo/app/x", "octo/..", "octo/a b", ""])
def test_name_must_be_owner_and_repository(name: str, tmp_path: Path) -> None:
    """Anything else is refused before it becomes a URL or a path."""
    with pytest.raises(PlatformError, match="write owner/name"):
        GiteaPlatform(name, token=Secret(TOKEN), cache_directory=tmp_path, endpoint="https://gitea.example")


@pytest.mark.parametrize(
    "endpoint", ["https://g.example/git", "https://g.example/git/api/v1", "https://g.example/git/"]
)
def test_root_or_api_may_be_given(endpoint: str) -> None:
    """People know either address, also below a path."""
    assert root_of(endpoint) == "https://g.example/git"


def test_everything_works_over_http(platform: GiteaPlatform, project: Project) -> None:
    """Clone, push and delete reach a real server with the token as password."""
    proposed(platform)
    (branch,) = platform.branches("updater/", "main")
    assert branch.ours
    assert platform.delete_branches({"updater/a": branch.commit}) == {}
    assert list(project.git.heads()) == ["main"]


def test_missing_labels_are_made_once(platform: GiteaPlatform, server: Gitea, project: Project) -> None:
    """A label has to be there before it is given; one that differs in case only is the same."""
    server.labels[project.name] = ["Deps"]
    pull = proposed(platform, labels=("deps", "new"))
    assert (pull.labels, server.labels[project.name]) == (("Deps", "new"), ["Deps", "new"])
    platform.edit_labels(pull, add=["NEW", "more"])
    assert server.labels[project.name] == ["Deps", "new", "more"]


def test_draft_is_a_word_in_the_title(platform: GiteaPlatform, project: Project) -> None:
    """It is put there and taken off again, so that titles compare; an update leaves it a draft."""
    pull = proposed(platform, draft=True)
    assert (pull.title, pull.draft, project.pulls[1].title) == ("Update", True, "WIP: Update")
    platform.update_pull_request(pull, revised(pull, title="New", body="Why"))
    assert project.pulls[1].title == "WIP: New"


def test_people_and_milestone_are_set(platform: GiteaPlatform, project: Project) -> None:
    """Each is asked alone, so that one who cannot be asked costs nobody else."""
    proposed(platform, assignees=("ada",), reviewers=("bob", "team:all", "nobody"), milestone="Spring")
    pull = project.pulls[1]
    assert (pull.assignees, pull.reviewers, pull.milestone) == (["ada"], ["bob"], 1)


def test_limits_and_outages_are_waited_out(platform: GiteaPlatform, server: Gitea, pauses: list[float]) -> None:
    """As long as the server asks, and not for ever."""
    server.fail_next("GET", "/repos/octo/app$", 502)
    server.fail_next("GET", "/repos/octo/app$", 429, headers={"Retry-After": "7"})
    assert platform.base_branch() == "main"
    assert pauses == [2.0, 7.0]


def test_rejected_token_and_missing_repository_are_told(make: Callable[..., GiteaPlatform], project: Project) -> None:
    """The error names the repository, the server's words and what to look at."""
    with pytest.raises(PlatformError, match=r"octo/app: Gitea says 401 .*\(the token was rejected"):
        make(token="old").base_branch()
    with pytest.raises(PlatformError, match=r"404 .*\(there is no such repository"):
        make("octo/nowhere").base_branch()


@pytest.mark.parametrize(
    "reply",
    [
        Reply(body=b"<html>Sign in</html>"),
        Reply(body=b"[1]"),
        Reply(body=b'{"default_branch": 7}'),
        Reply(status=302, headers={"Location": "https://login.example/"}),
        Reply(status=500, body=b"<html>Oops</html>"),
    ],
)
def test_answer_of_something_else_is_an_error(platform: GiteaPlatform, server: Gitea, reply: Reply) -> None:
    """A proxy that answers in its place gives an error, not a crash."""
    server.fault = reply
    with pytest.raises(PlatformError):
        platform.base_branch()
    with pytest.raises(PlatformError):
        platform.pull_requests("updater/")


def test_second_run_asks_only_for_what_changed(
    make: Callable[..., GiteaPlatform], server: Gitea, project: Project
) -> None:
    """The first run reads every page; the next one a single page."""
    for number in range(120):
        server.foreign_pull(project, f"feature/{number}", fork="someone/app")
    pull = proposed(make())
    server.log.clear()
    assert list(make().pull_requests("updater/")) == [pull]
    assert len(server.asked("GET", "/pulls$")) == 3
    server.log.clear()
    assert list(make().pull_requests("updater/")) == [pull]
    assert len(server.log) == 1


def test_what_cannot_be_merged_yet_is_no_promise(platform: GiteaPlatform, server: Gitea, project: Project) -> None:
    """Where the server refuses to wait, the answer is no; where it waits already, it is yes."""
    pull = proposed(platform)
    server.fail_next("POST", "/merge$", 405, message="Please try again later")
    assert platform.merge_when_green(pull) is False
    server.fail_next("POST", "/merge$", 409, message="The auto merge is already scheduled")
    assert platform.merge_when_green(pull) is True
