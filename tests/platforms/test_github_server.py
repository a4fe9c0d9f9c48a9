"""The stand-in for GitHub is strict and stateful: what it must do for the tests of the platform to mean something."""

import json
from collections.abc import Iterator, Mapping
from http.client import HTTPConnection
from pathlib import Path

import pytest
from github import Auth, Github, GithubException
from github.Repository import Repository

from tests.servers.code_host import Project
from tests.servers.github import TOKEN, GitHub


@pytest.fixture
def server(tmp_path: Path) -> Iterator[GitHub]:
    with GitHub(tmp_path) as server:
        yield server


@pytest.fixture
def project(server: GitHub) -> Project:
    project = server.repository("octo/app", {"a.yaml": "1\n"})
    project.git.commit("x", {"a.yaml": "2\n"})
    project.git.commit("y", {"a.yaml": "3\n"})
    return project


@pytest.fixture
def repository(server: GitHub, project: Project) -> Repository:
    client = Github(
        base_url=server.endpoint,
        auth=Auth.Token(TOKEN),
        retry=None,
        seconds_between_requests=None,
        seconds_between_writes=None,
    )
    return client.get_repo("octo/app")


def ask(
    server: GitHub, method: str, path: str, body: object = None, headers: Mapping[str, str] | None = None
) -> tuple[int, Mapping[str, str], bytes]:
    """One request as any client would make it."""
    connection = HTTPConnection(server.host)
    sent = {"Authorization": f"Bearer {TOKEN}", **(headers or {})}
    connection.request(method, f"/api/v3/repos/octo/app{path}", json.dumps(body) if body is not None else None, sent)
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    return answer.status, dict(answer.getheaders()), content


@pytest.mark.parametrize(
    "body",
    [
        {"title": "T", "head": "x", "base": "main", "labels": ["a"]},
        {"title": "T", "head": "x"},
        {"title": 7, "head": "x", "base": "main"},
        {"title": "T", "head": "x", "base": "main", "draft": "yes"},
        {"title": "T", "head": "x", "base": "main", "body": None},
        {"title": "T", "head": "x", "base": "nowhere"},
        {"title": "T", "head": "nowhere", "base": "main"},
        {"title": "T", "head": "main", "base": "main"},
        ["title"],
    ],
)
@pytest.mark.usefixtures("project")
def test_request_that_github_would_refuse_is_refused(server: GitHub, body: object) -> None:
    """Unknown, missing and mistyped fields and impossible branches are 422."""
    assert ask(server, "POST", "/pulls", body)[0] == 422


@pytest.mark.usefixtures("project")
def test_unknown_parameter_is_refused(server: GitHub) -> None:
    """A query that is not in the description, or has a wrong value, is 422."""
    assert ask(server, "GET", "/pulls?state=open&page=1")[0] == 200
    assert ask(server, "GET", "/pulls?state=merged")[0] == 422
    assert ask(server, "GET", "/pulls?labels=a")[0] == 422


@pytest.mark.usefixtures("project")
def test_nobody_is_let_in_without_a_token(server: GitHub) -> None:
    """Without a token, or with another one, the API answers 401; what is not there is 404."""
    assert ask(server, "GET", "", headers={"Authorization": ""})[0] == 401
    assert ask(server, "GET", "", headers={"Authorization": "Bearer other"})[0] == 401
    assert ask(server, "GET", "/pulls/7")[0] == 404
    assert ask(server, "GET", "/nothing")[0] == 404


@pytest.mark.usefixtures("project")
def test_unchanged_answer_is_not_sent_again(server: GitHub) -> None:
    """Asked with the ETag of the answer, the server says 304 until something changes, and does not count it."""
    _, headers, _ = ask(server, "GET", "/pulls")
    status, again, content = ask(server, "GET", "/pulls", headers={"If-None-Match": headers["ETag"]})
    assert (status, content) == (304, b"")
    assert again["X-RateLimit-Remaining"] == headers["X-RateLimit-Remaining"]
    ask(server, "POST", "/pulls", {"title": "T", "head": "x", "base": "main"})
    assert ask(server, "GET", "/pulls", headers={"If-None-Match": headers["ETag"]})[0] == 200


def test_pages_are_linked(server: GitHub, project: Project, repository: Repository) -> None:
    """PyGithub walks through all pages by their links."""
    for number in range(65):
        server.foreign_pull(project, f"f{number}", fork="someone/app")
    assert [pull.number for pull in repository.get_pulls()] == list(range(65, 0, -1))
    assert [dict(one.query).get("page") for one in server.asked("GET", "/pulls$")] == [None, "2", "3"]


def test_life_of_a_pull_request(project: Project, repository: Repository) -> None:
    """Opened, read, edited, labelled, commented on, closed and reopened by an unmodified PyGithub."""
    pull = repository.create_pull(base="main", head="x", title="T", body="B", draft=True)
    pull.add_to_labels("a", "b", "A")
    pull.create_issue_comment("C")
    pull.edit(title="T2", state="closed")
    pull.edit(state="open")
    read = repository.get_pull(pull.number)
    assert (read.title, read.body, read.state, read.draft, read.comments) == ("T2", "B", "open", True, 1)
    assert [label.name for label in read.get_labels()] == ["a", "b"]
    assert [comment.body for comment in read.get_issue_comments()] == ["C"]
    with pytest.raises(GithubException, match="A pull request already exists for octo:x"):
        repository.create_pull(base="main", head="x", title="T", body="B")


@pytest.mark.parametrize("method", ["merge", "squash"])
def test_merging_is_real(project: Project, repository: Repository, method: str) -> None:
    """What can be merged is found out by merging; afterwards the base has it, and what conflicts says so."""
    first = repository.create_pull(base="main", head="x", title="T", body="")
    second = repository.create_pull(base="main", head="y", title="T", body="")
    assert (first.mergeable, second.mergeable) == (True, True)
    assert first.merge(merge_method=method).merged
    assert project.git.read("main", "a.yaml") == b"2\n"
    assert len(project.git.git("rev-list", "--parents", "-1", "main").split()) == (3 if method == "merge" else 2)
    again = repository.get_pull(second.number)
    assert (again.mergeable, again.mergeable_state) == (False, "dirty")
    with pytest.raises(GithubException, match="not mergeable"):
        again.merge()


def test_pushes_change_pull_requests(project: Project, repository: Repository) -> None:
    """A head that moves is seen, one that is merged by hand is merged, one that is deleted is closed."""
    first = repository.create_pull(base="main", head="x", title="T", body="")
    second = repository.create_pull(base="main", head="y", title="T", body="")
    moved = project.git.commit("x", {"b.yaml": "1\n"})
    assert repository.get_pull(first.number).head.sha == moved
    project.git.merge("main", moved, "By hand")
    project.git.delete("y")
    assert repository.get_pull(first.number).merged
    assert (repository.get_pull(second.number).state, repository.get_pull(second.number).merged) == ("closed", False)


def test_faults_are_injected(server: GitHub, project: Project, repository: Repository) -> None:
    """A request fails as often as told; a lost one is carried out all the same."""
    server.fail_next("POST", "/pulls$", 500, 2)
    server.fail_next("POST", "/pulls$", 502, lost=True)
    for status in (500, 500, 502):
        with pytest.raises(GithubException) as failure:
            repository.create_pull(base="main", head="x", title="T", body="")
        assert failure.value.status == status
    assert list(project.pulls) == [1]
