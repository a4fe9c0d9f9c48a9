"""Tags on GitHub: with a token from its API, without one from Git itself."""

from datetime import UTC, datetime

import pytest

from datasources import github_tags
from tests.datasources.conftest import Connect
from tests.servers import Reply, as_json
from tests.servers.forge_api import RATE_LIMITED, TOKEN, Forge
from tests.servers.pages import DENIED, DOWN, GARBAGE
from updater.api import (
    AuthError,
    InvalidAnswer,
    NotFound,
    Package,
    RateLimited,
    Release,
    RequestError,
    Secret,
    Unavailable,
)
from updater.hosts import HostRule

WITH_TOKEN = HostRule(match_host="api.github.com", token=Secret(TOKEN))
APP = Package(datasource="github-tags", name="team/app")


def routes(forge: Forge) -> dict[str, str]:
    return {"github.com": forge.url, "api.github.com": forge.url}


async def test_with_a_token_tags_have_dates(connect: Connect) -> None:
    """One GraphQL query brings names, dates and commits; of annotated tags the commit, not the tag object."""
    with Forge() as forge:
        forge.repository("team/app", tags=["v1.0.0"], annotated=["v2.0.0"])
        async with connect(routes(forge), WITH_TOKEN) as client:
            found = await github_tags.releases(APP, client)
        assert set(found.releases) == {
            Release(
                version="v1.0.0", digest=forge.commit("team/app", "v1.0.0"), published=datetime(2024, 1, 1, tzinfo=UTC)
            ),
            Release(
                version="v2.0.0", digest=forge.commit("team/app", "v2.0.0"), published=datetime(2024, 1, 2, tzinfo=UTC)
            ),
        }
        assert forge.requests == [("POST", "/graphql", 200)]
    assert found.source_url == "https://github.com/team/app"


async def test_without_a_token_git_tells_the_tags(connect: Connect) -> None:
    """No token is ever required: Git itself tells tags and commits, and its API is not asked at all."""
    with Forge() as forge:
        forge.repository("team/app", tags=["v1.0.0"], annotated=["v2.0.0"])
        async with connect(routes(forge)) as client:
            found = await github_tags.releases(APP, client)
        assert set(found.releases) == {
            Release(version="v1.0.0", digest=forge.commit("team/app", "v1.0.0")),
            Release(version="v2.0.0", digest=forge.commit("team/app", "v2.0.0")),
        }
        assert {asked.path.partition("?")[0] for asked in forge.requests} == {
            "/team/app/info/refs",
            "/team/app/git-upload-pack",
        }


@pytest.mark.parametrize("refusal", [RATE_LIMITED, as_json({"errors": [{"type": "RATE_LIMITED"}]})])
async def test_an_exhausted_token(connect: Connect, refusal: Reply) -> None:
    """Where the API wants no more questions it is an error: tags without dates would look too young to some rules."""
    with Forge() as forge:
        forge.repository("team/app", tags=["v1.0.0"])
        forge.fault = lambda request: refusal if request.path == "/graphql" else None
        async with connect(routes(forge), WITH_TOKEN) as client:
            with pytest.raises(RateLimited):
                await github_tags.releases(APP, client)


async def test_many_tags_are_read_by_hundreds(connect: Connect) -> None:
    """250 tags take three queries; past 1,000 no more are asked for, the newest being first."""
    with Forge() as forge:
        forge.repository("team/app")
        tags = {f"v{number}.0.0": ("c" * 40, "2024-01-01T00:00:00Z", False) for number in range(2_000, 0, -1)}
        forge.published["team/app"].tags = dict(list(tags.items())[:250])
        async with connect(routes(forge), WITH_TOKEN) as client:
            assert len((await github_tags.releases(APP, client)).releases) == 250
        assert len(forge.requests) == 3
        forge.reset()
        forge.published["team/app"].tags = tags
        async with connect(routes(forge), WITH_TOKEN) as client:
            found = await github_tags.releases(APP, client)
        assert len(forge.requests) == 10
    assert {release.version for release in found.releases} == {f"v{number}.0.0" for number in range(1_001, 2_001)}


async def test_the_commit_of_a_tag(connect: Connect) -> None:
    """The digest of a tag is its commit; all digests of a repository come from one exchange with Git."""
    with Forge() as forge:
        forge.repository("team/app", tags=["v1.0.0"], annotated=["v2.0.0"])
        async with connect(routes(forge)) as client:
            for tag in ("v1.0.0", "v2.0.0"):
                assert await github_tags.digest(APP, tag, client) == forge.commit("team/app", tag)
            with pytest.raises(NotFound, match="v3"):
                await github_tags.digest(APP, "v3", client)
        assert len(forge.paths("/team/app/info/refs")) == 1


async def test_an_enterprise_server(connect: Connect) -> None:
    """``registryUrls`` name a GitHub Enterprise server, whose API is below /api."""
    package = Package(datasource="github-tags", name="team/app", registry_urls=("https://git.example.com",))
    rule = HostRule(match_host="git.example.com", token=Secret(TOKEN))
    with Forge() as forge:
        forge.repository("team/app", tags=["v1.0.0"])
        async with connect({"git.example.com": forge.url}, rule) as client:
            found = await github_tags.releases(package, client)
        assert forge.paths() == ["/api/graphql"]
    assert found.source_url == "https://git.example.com/team/app"


@pytest.mark.parametrize("name", ["team/app/some/action", "team/app.git"])
async def test_longer_names(connect: Connect, name: str) -> None:
    """What follows owner and name, the path of an action, say, makes no other repository."""
    with Forge() as forge:
        forge.repository("team/app", tags=["v1.0.0"])
        async with connect(routes(forge), WITH_TOKEN) as client:
            assert (await github_tags.releases(Package(datasource="github-tags", name=name), client)).releases


@pytest.mark.parametrize("rules", [(), (WITH_TOKEN,)])
@pytest.mark.parametrize("name", ["team/none", "team/empty", "nonsense", "a b/c", "", "../x"])
async def test_what_is_not_there(connect: Connect, name: str, rules: tuple[HostRule, ...]) -> None:
    """An unknown repository, one without tags, and what is no name at all are NotFound, with and without a token."""
    with Forge() as forge:
        forge.repository("team/empty")
        async with connect(routes(forge), *rules) as client:
            with pytest.raises(NotFound):
                await github_tags.releases(Package(datasource="github-tags", name=name), client)


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (DOWN, Unavailable),
        (DENIED, AuthError),
        (GARBAGE, InvalidAnswer),
        (as_json({"errors": [{"message": "Something went wrong"}]}), InvalidAnswer),
        (as_json({"errors": ["odd"]}), InvalidAnswer),
        (as_json({"data": {"repository": {"refs": {"nodes": []}}}}), InvalidAnswer),
        (as_json({"data": {"repository": {"refs": {"nodes": [{"name": "v1"}], "pageInfo": {}}}}}), InvalidAnswer),
    ],
)
async def test_failures(connect: Connect, fault: Reply, error: type[RequestError]) -> None:
    """A refused token and an outage keep their kinds; an answer that makes no sense is InvalidAnswer."""
    with Forge() as forge:
        forge.repository("team/app", tags=["v1.0.0"])
        forge.fault = fault
        async with connect(routes(forge), WITH_TOKEN) as client:
            with pytest.raises(error):
                await github_tags.releases(APP, client)
