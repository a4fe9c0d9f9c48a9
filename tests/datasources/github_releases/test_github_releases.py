"""Releases on GitHub: dates, prereleases, pages, and what happens without a token."""

from datetime import UTC, datetime

import pytest

from datasources import github_releases
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
APP = Package(datasource="github-releases", name="team/app")


def routes(forge: Forge) -> dict[str, str]:
    return {"github.com": forge.url, "api.github.com": forge.url}


@pytest.mark.parametrize(
    ("rules", "path"), [((), "/repos/team/app/releases?per_page=100&page=1"), ((WITH_TOKEN,), "/graphql")]
)
async def test_releases_have_dates_and_marks(connect: Connect, rules: tuple[HostRule, ...], path: str) -> None:
    """One request tells the releases, when they were published and which are prereleases; drafts are left out."""
    with Forge() as forge:
        forge.repository("team/app", tags=["v1", "v2"], releases=["v1"], prereleases=["v2"], drafts=["v3"])
        async with connect(routes(forge), *rules) as client:
            found = await github_releases.releases(APP, client)
        assert forge.paths() == [path]
    assert set(found.releases) == {
        Release(version="v1", published=datetime(2024, 1, 1, tzinfo=UTC)),
        Release(version="v2", published=datetime(2024, 1, 2, tzinfo=UTC), stable=False),
    }


@pytest.mark.parametrize("rules", [(), (WITH_TOKEN,)], ids=["anonymous", "token"])
@pytest.mark.parametrize(("fault", "error"), [(RATE_LIMITED, RateLimited), (DENIED, AuthError)])
async def test_tags_do_not_stand_in(
    connect: Connect, rules: tuple[HostRule, ...], fault: Reply, error: type[RequestError]
) -> None:
    """A refusal is an error, with a token or without: tags hide which releases are prereleases, and come and go."""
    with Forge() as forge:
        forge.repository("team/app", tags=["v1"], releases=["v1"])
        forge.fault = lambda request: fault if request.path.startswith(("/repos/", "/graphql")) else None
        async with connect(routes(forge), *rules) as client:
            with pytest.raises(error):
                await github_releases.releases(APP, client)


@pytest.mark.parametrize("rules", [(), (WITH_TOKEN,)], ids=["anonymous", "token"])
async def test_pages(connect: Connect, rules: tuple[HostRule, ...]) -> None:
    """250 releases take three requests; past 1,000 no more are asked for, the newest being first."""
    with Forge() as forge:
        forge.repository("team/app", releases=[f"v{number}" for number in range(2_000)])
        async with connect(routes(forge), *rules) as client:
            found = await github_releases.releases(APP, client)
        assert len(forge.requests) == 10
        del forge.published["team/app"].releases[250:]
        forge.reset()
        async with connect(routes(forge), *rules) as client:
            assert len((await github_releases.releases(APP, client)).releases) == 250
        assert len(forge.requests) == 3
    assert {release.version for release in found.releases} == {f"v{number}" for number in range(1_000, 2_000)}


async def test_the_commit_of_a_release(connect: Connect) -> None:
    """The digest of a release is the commit of its tag."""
    with Forge() as forge:
        forge.repository("team/app", annotated=["v1"], releases=["v1"])
        async with connect(routes(forge)) as client:
            assert await github_releases.digest(APP, "v1", client) == forge.commit("team/app", "v1")


@pytest.mark.parametrize("name", ["team/none", "team/tagged", "nonsense"])
async def test_what_is_not_there(connect: Connect, name: str) -> None:
    """An unknown repository, one with tags but no releases, and what is no name at all are NotFound."""
    with Forge() as forge:
        forge.repository("team/tagged", tags=["v1"])
        async with connect(routes(forge)) as client:
            with pytest.raises(NotFound):
                await github_releases.releases(Package(datasource="github-releases", name=name), client)


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (DOWN, Unavailable),
        (GARBAGE, InvalidAnswer),
        (as_json({}), InvalidAnswer),
        (as_json(["v1"]), InvalidAnswer),
        (as_json([{"name": "v1"}]), InvalidAnswer),
    ],
)
async def test_failures(connect: Connect, fault: Reply, error: type[RequestError]) -> None:
    """An outage keeps its kind; an answer that makes no sense is InvalidAnswer, never a repository without releases."""
    with Forge() as forge:
        forge.repository("team/app", releases=["v1"])
        forge.fault = fault
        async with connect(routes(forge)) as client:
            with pytest.raises(error):
                await github_releases.releases(APP, client)
