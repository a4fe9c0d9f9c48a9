"""What is sent to GitHub, and what its stand-in answers, judged by GitHub's own published descriptions."""

import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest
from graphql import GraphQLSchema, build_schema, parse, validate

from tests.platforms import revised
from tests.servers.code_host import Exchange
from tests.servers.github import TOKEN, GitHub
from tests.servers.openapi import Description, installed
from updater.api import CheckState, Commit, Identity, MergeStrategy, PlatformError, Proposal, Secret, Status
from updater.platforms.github import GitHubPlatform, queries
from updater.platforms.github.listing import of_installation, of_person

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


@cache
def packages() -> Path:
    root = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    found = installed(root / "gitops-updater-tests")
    if found is None:
        pytest.skip("GitHub's descriptions come with npm, which is not there or cannot reach its registry")
    return found


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[list[Exchange], str]]:
    """All that the platform asks for, once."""
    place = tmp_path_factory.mktemp("github")
    with GitHub(place / "server") as server:
        _everything(server, place)
        yield server.log, "/api/v3"


def _everything(server: GitHub, place: Path) -> None:
    project = server.repository("octo/app", {"app.yaml": "v: 1\n"})
    project.milestones = ("Spring",)
    platform = GitHubPlatform(
        "octo/app", token=Secret(TOKEN), endpoint=server.endpoint, cache_directory=place / "cache", sleep=lambda _: None
    ).acting_as(Identity(signing="enabled"))
    names = ("updater/a", "updater/b", "updater/c")
    commits = [Commit(branch=name, message="m\n\nUpdater-Fingerprint: f\n", files={name: "x\n"}) for name in names]
    platform.push(platform.tree(platform.base_branch()).commit or "", commits, {})
    wish = Proposal(
        branch="updater/a",
        base="main",
        title="Update",
        body="Why",
        labels=("deps",),
        draft=True,
        assignees=("ada",),
        reviewers=("bob", "team:ops", "nobody"),
        milestone="Spring",
    )
    first = platform.create_pull_request(wish)
    platform.create_pull_request(wish)
    first = platform.update_pull_request(first, revised(first, title="New", body="New"))
    first = platform.edit_labels(first, add=["more"], remove=["deps"])
    platform.close_pull_request(first, comment="No.")
    platform.reopen_pull_request(first)
    second, third = (
        platform.create_pull_request(replace(wish, branch=name, draft=False, milestone=None, reviewers=()))
        for name in names[1:]
    )
    platform.merge_pull_request(second, MergeStrategy.SQUASH)
    head = third.head or ""
    platform.set_status(head, Status(context="updater/age", state=CheckState.SUCCESS, description="old enough"))
    server.check(project, head, "test", "SUCCESS")
    server.deploy(project, head, "staging", "SUCCESS")
    server.review(project, third.number, "ada", "APPROVED")
    assert platform.statuses([head])[head]
    assert platform.deployments(LONG_AGO)
    assert platform.reviews(third)
    for text in ("One", "Two", None):
        platform.comment(third, "edited", text)
    project.required = ("never",)
    assert platform.merge_when_green(third)
    with pytest.raises(PlatformError):
        platform.merge_pull_request(third)
    issue = platform.write_issue(None, title="Dashboard", body="x", labels=["deps"])
    assert platform.find_issue("Dashboard") == issue
    platform.close_issue(platform.write_issue(issue, title="Dashboard", body="y", labels=["more"]))
    assert platform.pull_requests("updater/")
    assert platform.merged_since(LONG_AGO)
    assert list(of_person(server.endpoint, Secret(TOKEN), lambda _: None))
    assert list(of_installation(server.endpoint, Secret(TOKEN), lambda _: None))


@pytest.mark.parametrize("name", ["api.github.com.json", "ghes-3.17.json"])
def test_requests_and_answers_fit_githubs_description(log: tuple[list[Exchange], str], name: str) -> None:
    """github.com and an Enterprise server have each address, field and value; the stand-in answers in their form."""
    description = Description(packages() / "openapi" / "generated" / name)
    exchanges, root = log
    rest = [one for one in exchanges if one.path.startswith(root)]
    assert len(rest) > 30
    assert [words for one in rest for words in description.complaints(one, root)] == []


def test_description_finds_what_is_wrong() -> None:
    """The judge is awake: an address, a field and a value that GitHub does not have are told."""
    description = Description(packages() / "openapi" / "generated" / "api.github.com.json")

    def complaints(method: str, path: str, body: object, query: dict[str, str] | None = None) -> list[str]:
        exchange = Exchange(method=method, path=path, query=query or {}, body=body, status=201, answer={"id": "x"})
        return list(description.complaints(exchange, ""))

    assert complaints("GET", "/repos/o/r/merges/1", None) == ["GET /repos/o/r/merges/1: there is no such address"]
    wrong = "\n".join(complaints("POST", "/repos/o/r/pulls", {"head": "a", "base": "b", "labels": ["x"], "title": 7}))
    assert "sent a field labels" in wrong
    assert "sent title: 7 is not of type 'string'" in wrong
    assert "answered id: 'x' is not of type 'integer'" in wrong
    assert "state cannot be merged" in "\n".join(complaints("GET", "/repos/o/r/pulls", None, {"state": "merged"}))


@cache
def schema() -> GraphQLSchema:
    return build_schema(
        (packages() / "graphql-schema" / "schema.graphql").read_text(), assume_valid=True, assume_valid_sdl=True
    )


@pytest.mark.parametrize(
    "query",
    [
        queries.COMMENTS,
        queries.REVIEWS,
        queries.DEPLOYMENTS,
        queries.ISSUES,
        queries.statuses({"a" * 40: None, "b" * 40: "cursor"}),
    ],
)
def test_queries_fit_githubs_schema(query: str) -> None:
    """Each field, argument and type of a query is one that GitHub has."""
    assert validate(schema(), parse(query)) == []


def test_part_of_the_schema_is_a_part_of_it() -> None:
    """What the stand-in answers by is GitHub's, as far as it goes: every type has its fields, of the same types."""
    whole = schema()
    part = build_schema((Path(__file__).parent.parent / "servers" / "github.graphql").read_text())
    wrong = [
        f"{name}.{field}"
        for name, kind in part.type_map.items()
        for field, about in getattr(kind, "fields", {}).items()
        if not name.startswith("__") and _type(whole, name, field) != str(about.type)
    ]
    assert wrong == []


def _type(schema: GraphQLSchema, name: str, field: str) -> str | None:
    found = getattr(schema.type_map.get(name), "fields", {}).get(field)
    return None if found is None else str(found.type)
