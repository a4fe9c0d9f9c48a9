"""What only GitLab has: its own words, its limits, quick actions, merge requests that it has to think about."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.platforms import proposed, revised
from tests.servers import Reply
from tests.servers.code_host import Project
from tests.servers.githttp import Bare
from tests.servers.gitlab import TOKEN, GitLab
from updater.api import MergeStrategy, PlatformError, PullRequestState, Secret
from updater.platforms.gitlab import GitLabPlatform
from updater.platforms.gitlab.api import root_of


@pytest.fixture
def server(tmp_path: Path) -> Iterator[GitLab]:
    with GitLab(tmp_path / "server") as server:
        yield server


@pytest.fixture
def project(server: GitLab, template: Bare) -> Project:
    project = server.repository("group/sub/app", template)
    project.milestones = ("Spring",)
    return project


@pytest.fixture
def make(server: GitLab, tmp_path: Path, pauses: list[float]) -> Callable[..., GitLabPlatform]:
    def make(name: str = "group/sub/app", token: str = TOKEN, endpoint: str | None = None) -> GitLabPlatform:
        return GitLabPlatform(
            name,
            token=Secret(token),
            endpoint=endpoint or server.url,
            cache_directory=tmp_path / "cache",
            sleep=pauses.append,
        )

    return make


@pytest.fixture
def platform(make: Callable[..., GitLabPlatform], project: Project) -> GitLabPlatform:
    return make()


def test_module_loads_without_the_library() -> None:
    """Importing the platform costs no python-gitlab; only the first request does."""
    code = "import sys, updater.platforms.gitlab; print(sorted({'gitlab', 'requests'} & set(sys.modules)))"
    output = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True).stdout
    assert output.strip() == "[]"


@pytest.mark.parametrize("name", ["app", "group/..", "/app", "group/a b", "", "group/app.git", "group//app"])
def test_name_must_be_a_path_of_groups(name: str, tmp_path: Path) -> None:
    """Anything else is refused before it becomes a URL or a path."""
    with pytest.raises(PlatformError, match="write group/name"):
        GitLabPlatform(name, token=Secret(TOKEN), cache_directory=tmp_path)


@pytest.mark.parametrize(
    "endpoint", ["https://gitlab.example", "https://gitlab.example/", "https://gitlab.example/api/v4/"]
)
def test_root_or_api_may_be_given(endpoint: str) -> None:
    """People know either address."""
    assert root_of(endpoint) == "https://gitlab.example"


def test_everything_works_over_http(platform: GitLabPlatform, project: Project) -> None:
    """Clone, push and delete reach a real server with the token as password."""
    proposed(platform)
    (branch,) = platform.branches("updater/", "main")
    assert branch.ours
    assert platform.delete_branches({"updater/a": branch.commit}) == {}
    assert list(project.git.heads()) == ["main"]


def test_rejected_token_and_missing_project_are_told(make: Callable[..., GitLabPlatform], project: Project) -> None:
    """The error names the project, GitLab's words and what to look at."""
    with pytest.raises(PlatformError, match=r"group/sub/app: GitLab says 401 .*\(the token was rejected"):
        make(token="glpat-old").base_branch()
    with pytest.raises(PlatformError, match=r"404 .*\(there is no such repository"):
        make("group/nowhere").base_branch()


def test_limits_and_outages_are_waited_out(platform: GitLabPlatform, server: GitLab, pauses: list[float]) -> None:
    """As long as GitLab asks, within reason; what takes longer is an error that tells for how long."""
    server.fail_next("GET", "/projects/", 502)
    server.fail_next("GET", "/projects/", 429, headers={"Retry-After": "7"})
    assert platform.base_branch() == "main"
    assert pauses == [2.0, 7.0]
    server.fail_next("GET", "/projects/", 429, headers={"Retry-After": "3600"})
    with pytest.raises(PlatformError, match=r"429 .*try again in 60 minutes"):
        platform.base_branch()
    server.fail_next("GET", "/projects/", 503, times=3)
    with pytest.raises(PlatformError, match="503"):
        platform.base_branch()


@pytest.mark.parametrize("body", [b"<html>Sign in</html>", b"[1]", b'{"default_branch": 7}', b"null"])
def test_answer_of_something_else_is_an_error(platform: GitLabPlatform, server: GitLab, body: bytes) -> None:
    """A proxy that answers in GitLab's place gives an error, not a crash."""
    server.fault = Reply(body=body, headers={"Content-Type": "text/html"})
    with pytest.raises(PlatformError):
        platform.base_branch()
    with pytest.raises(PlatformError):
        platform.pull_requests("updater/")


def test_unreachable_server_is_an_error(make: Callable[..., GitLabPlatform], pauses: list[float]) -> None:
    """A host that does not answer is tried three times, and named."""
    with pytest.raises(PlatformError, match=r"could not read the project of group/sub/app: .*127\.0\.0\.1"):
        make(endpoint="http://127.0.0.1:9").base_branch()
    assert pauses == [2.0, 4.0]


def test_quick_actions_in_texts_of_others_do_nothing(platform: GitLabPlatform, server: GitLab) -> None:
    """A line of release notes that begins like a command is text; and what comes back is what was sent."""
    pull = proposed(platform, body="Notes:\n/close\n/merge\nhttps://a.example/close\n")
    assert pull.state is PullRequestState.OPEN
    assert pull.body == "Notes:\n/close\n/merge\nhttps://a.example/close\n"
    server.log.clear()
    assert platform.update_pull_request(pull, revised(pull, title=pull.title, body=pull.body)) == pull
    assert server.log == []


def test_draft_is_a_word_in_the_title(platform: GitLabPlatform, project: Project) -> None:
    """It is put there and taken off again, so that titles compare; an update leaves it a draft."""
    pull = proposed(platform, draft=True)
    assert (pull.title, pull.draft, project.pulls[1].title) == ("Update", True, "Draft: Update")
    platform.update_pull_request(pull, revised(pull, title="New", body="Why"))
    assert project.pulls[1].title == "Draft: New"


def test_opening_takes_one_request(platform: GitLabPlatform, server: GitLab) -> None:
    """Labels come with it; people are looked up before."""
    server.log.clear()
    proposed(platform, labels=("a", "b"))
    assert [(one.method, one.status) for one in server.log] == [("POST", 201)]


def test_people_and_milestone_are_set(platform: GitLabPlatform, project: Project) -> None:
    """By their ids, which are looked up by name."""
    proposed(platform, assignees=("ada",), reviewers=("bob", "team:all", "nobody"), milestone="Spring")
    pull = project.pulls[1]
    assert (pull.assignees, pull.reviewers, pull.milestone) == (["ada"], ["bob"], 1)


def test_merge_waits_until_gitlab_has_thought(platform: GitLabPlatform, server: GitLab, pauses: list[float]) -> None:
    """A merge request that is new is not refused for that."""
    pull = proposed(platform)
    assert server.undecided == {pull.number}
    commit = platform.merge_pull_request(pull, MergeStrategy.SQUASH)
    assert platform.pull_requests("updater/")[0].merge_commit == commit
    assert pauses == [2.0]


def test_second_run_asks_only_for_what_changed(
    make: Callable[..., GitLabPlatform], server: GitLab, project: Project
) -> None:
    """The first run reads every page; the next one a single page, and still sees what changed."""
    for number in range(250):
        server.foreign_pull(project, f"feature/{number}", fork="someone/app")
    pull = proposed(make())
    server.log.clear()
    assert list(make().pull_requests("updater/")) == [pull]
    assert len(server.asked("GET", "/merge_requests$")) == 3
    server.edit(project, pull.number, title="By hand")
    server.log.clear()
    assert make().pull_requests("updater/")[0].title == "By hand"
    assert len(server.log) == 1


def test_token_shows_nowhere(make: Callable[..., GitLabPlatform], server: GitLab, project: Project) -> None:
    """Not in errors, nor where a platform is printed."""
    platform = make()
    server.tokens.clear()
    shown = [repr(platform), repr(vars(platform))]
    for action in (platform.base_branch, lambda: platform.tree("main")):
        with pytest.raises(PlatformError) as failure:
            action()
        shown.append(str(failure.value))
    assert TOKEN not in "\n".join(shown)
