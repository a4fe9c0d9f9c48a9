"""Many repositories on GitHub: how few queries they take, and that the trouble of one is not the others'."""

import asyncio
import json
from collections.abc import Sequence

import pytest

from datasources import github_releases, github_tags
from tests.datasources.conftest import Connect
from tests.servers import Reply, Request, as_json
from tests.servers.forge_api import TOKEN, Forge
from tests.servers.github_graphql import Published
from updater.api import (
    AuthError,
    Client,
    InvalidAnswer,
    NotFound,
    Package,
    Releases,
    RequestError,
    Secret,
    Unavailable,
)
from updater.hosts import HostRule

WITH_TOKEN = HostRule(match_host="api.github.com", token=Secret(TOKEN))
Answers = Sequence[Releases | BaseException]


def forge_with(repositories: int, tags: int = 1) -> Forge:
    """Repositories ``team/app0``, …, with tags and releases ``v0``, …; without anything to clone."""
    forge = Forge()
    date = "2024-01-01T00:00:00Z"
    forge.published = {
        f"team/app{number}": Published(
            tags={f"v{tag}": ("c" * 40, date, False) for tag in range(tags)},
            releases=[{"tag_name": "v0", "draft": False, "prerelease": False, "published_at": date}],
        )
        for number in range(repositories)
    }
    return forge


async def ask(client: Client, names: Sequence[str]) -> Answers:
    """Tags and releases of all, asked for at the same moment."""
    tags = [github_tags.releases(Package(datasource="github-tags", name=name), client) for name in names]
    releases = [github_releases.releases(Package(datasource="github-releases", name=name), client) for name in names]
    return await asyncio.gather(*tags, *releases, return_exceptions=True)


def count(answers: Answers) -> int:
    return sum(isinstance(answer, Releases) for answer in answers)


def lists_in(request: Request) -> int:
    return len(json.loads(request.body)["variables"]) // 3


async def test_repositories_share_queries(connect: Connect) -> None:
    """Tags and releases of 50 repositories, 100 lists in all, take four queries."""
    names = [f"team/app{number}" for number in range(50)]
    with forge_with(50) as forge:
        async with connect({"api.github.com": forge.url}, WITH_TOKEN) as client:
            assert count(await ask(client, names)) == 100
        assert forge.paths() == ["/graphql"] * 4


async def test_the_next_pages_go_together(connect: Connect) -> None:
    """Ten repositories with 250 tags each take three queries, the third page of the last one included."""
    names = [f"team/app{number}" for number in range(10)]
    with forge_with(10, tags=250) as forge:
        async with connect({"api.github.com": forge.url}, WITH_TOKEN) as client:
            answers = await ask(client, names)
        assert forge.paths() == ["/graphql"] * 3
    assert {len(answer.releases) for answer in answers if isinstance(answer, Releases)} == {250, 1}


async def test_an_unknown_repository_fails_alone(connect: Connect) -> None:
    """What the token may not see is NotFound; the others in the same query have their answers."""
    with forge_with(3) as forge:
        async with connect({"api.github.com": forge.url}, WITH_TOKEN) as client:
            answers = await ask(client, ["team/app0", "team/none", "team/app2"])
        assert forge.paths() == ["/graphql"]
    assert [type(answer) for answer in answers] == [Releases, NotFound, Releases] * 2


async def test_an_organisation_that_wants_another_login(connect: Connect) -> None:
    """Where single sign-on forbids one repository to the token, that is an AuthError of this one."""
    error = {"type": "FORBIDDEN", "path": ["r1"], "message": "Resource protected by organization SAML enforcement."}
    page = {"nodes": [], "pageInfo": {"hasNextPage": False}}
    reply = as_json({"data": {"r0": {"refs": page}, "r1": None}, "errors": [error]})
    with forge_with(0) as forge:
        forge.fault = reply
        async with connect({"api.github.com": forge.url}, WITH_TOKEN) as client:
            tags = [Package(datasource="github-tags", name=name) for name in ("team/open", "team/closed")]
            found = await asyncio.gather(*(github_tags.releases(each, client) for each in tags), return_exceptions=True)
    assert [type(each) for each in found] == [NotFound, AuthError]
    assert "SAML" in str(found[1])


@pytest.mark.parametrize(
    "refusal",
    [Reply(status=502), as_json({"errors": [{"message": "Something went wrong while executing your query."}]})],
    ids=["timeout", "error"],
)
async def test_a_query_that_is_too_much_is_halved(connect: Connect, refusal: Reply) -> None:
    """Where GitHub cannot do 25 lists in time, it is asked for fewer, until it can."""
    names = [f"team/app{number}" for number in range(25)]
    with forge_with(25) as forge:
        forge.fault = lambda request: refusal if lists_in(request) > 12 else None
        async with connect({"api.github.com": forge.url}, WITH_TOKEN) as client:
            assert count(await ask(client, names)) == 50


@pytest.mark.parametrize(
    ("refusal", "error", "most"),
    [(Reply(status=503), Unavailable, 12), (Reply(status=401), AuthError, 4), (as_json({}), InvalidAnswer, 200)],
    ids=["down", "token refused", "nonsense"],
)
async def test_trouble_with_all(connect: Connect, refusal: Reply, error: type[RequestError], most: int) -> None:
    """A refused token is not tried for each repository, and a server that is down closes its gate."""
    names = [f"team/app{number}" for number in range(50)]
    with forge_with(50) as forge:
        forge.fault = refusal
        async with connect({"api.github.com": forge.url}, WITH_TOKEN) as client:
            answers = await ask(client, names)
        assert len(forge.requests) <= most
    assert {type(answer) for answer in answers} == {error}
