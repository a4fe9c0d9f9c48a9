"""Tags and releases on GitLab, Gitea, Forgejo and Bitbucket: dates, pages, tokens, and Git where the API is closed."""

from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from datasources import (
    bitbucket_tags,
    forgejo_releases,
    forgejo_tags,
    gitea_releases,
    gitea_tags,
    gitlab_releases,
    gitlab_tags,
)
from tests.datasources.conftest import Connect
from tests.servers import Reply, as_json
from tests.servers.forge_api import TOKEN
from tests.servers.forges import Kind, OtherForge
from tests.servers.pages import DENIED, DOWN, GARBAGE, RATE_LIMITED
from updater.api import (
    AuthError,
    Datasource,
    DigestSource,
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

FIRST, SECOND, THIRD = (datetime(2024, 1, day, tzinfo=UTC) for day in (1, 2, 3))


@dataclass(frozen=True, kw_only=True)
class Case:
    """A datasource, the forge that it asks by default, and where."""

    datasource: Datasource
    kind: Kind
    hosts: tuple[str, ...]
    page: int

    @property
    def name(self) -> str:
        return self.datasource.NAME

    def package(self, name: str = "team/app", *registry_urls: str) -> Package:
        return Package(datasource=self.name, name=name, registry_urls=registry_urls)

    def routes(self, forge: OtherForge) -> dict[str, str]:
        return dict.fromkeys(self.hosts, forge.url)

    @property
    def with_token(self) -> HostRule:
        return HostRule(match_host=self.hosts[-1], token=Secret(TOKEN))


TAGS = [
    Case(datasource=gitlab_tags, kind="gitlab", hosts=("gitlab.com",), page=100),
    Case(datasource=gitea_tags, kind="gitea", hosts=("gitea.com",), page=50),
    Case(datasource=forgejo_tags, kind="gitea", hosts=("code.forgejo.org",), page=50),
    Case(datasource=bitbucket_tags, kind="bitbucket", hosts=("bitbucket.org", "api.bitbucket.org"), page=100),
]
RELEASES = [
    Case(datasource=gitlab_releases, kind="gitlab", hosts=("gitlab.com",), page=100),
    Case(datasource=gitea_releases, kind="gitea", hosts=("gitea.com",), page=50),
    Case(datasource=forgejo_releases, kind="gitea", hosts=("code.forgejo.org",), page=50),
]
all_tags = pytest.mark.parametrize("case", TAGS, ids=lambda case: case.name)
all_releases = pytest.mark.parametrize("case", RELEASES, ids=lambda case: case.name)
every = pytest.mark.parametrize("case", [*TAGS, *RELEASES], ids=lambda case: case.name)


@all_tags
async def test_tags_have_dates_and_commits(connect: Connect, case: Case) -> None:
    """One request, without any token; of an annotated tag the commit and the date of the tag."""
    with OtherForge(case.kind) as forge:
        forge.repository("team/app", tags=["v1.0.0"], annotated=["v2.0.0"])
        async with connect(case.routes(forge)) as client:
            found = await case.datasource.releases(case.package(), client)
        assert set(found.releases) == {
            Release(version="v1.0.0", digest=forge.commit("team/app", "v1.0.0"), published=FIRST),
            Release(version="v2.0.0", digest=forge.commit("team/app", "v2.0.0"), published=SECOND),
        }
        assert len(forge.requests) == 1
    assert found.source_url == f"https://{case.hosts[0]}/team/app"


@all_releases
async def test_releases_have_dates(connect: Connect, case: Case) -> None:
    """One request; what is not published yet is left out."""
    with OtherForge(case.kind) as forge:
        forge.repository("team/app", tags=["v1", "v2"], releases=["v1", "v2", "v3"])
        forge.upcoming.add("v3")
        for row in forge.published["team/app"].releases:
            row["draft"] = row["tag_name"] == "v3"
        async with connect(case.routes(forge)) as client:
            found = await case.datasource.releases(case.package(), client)
        assert len(forge.requests) == 1
    assert {release.version: release.published for release in found.releases} == {"v1": FIRST, "v2": SECOND}


@pytest.mark.parametrize("case", RELEASES[1:], ids=lambda case: case.name)
async def test_prereleases_are_marked(connect: Connect, case: Case) -> None:
    """The mark is believed, its absence says nothing."""
    with OtherForge(case.kind) as forge:
        forge.repository("team/app", releases=["v1"], prereleases=["v2"])
        async with connect(case.routes(forge)) as client:
            found = await case.datasource.releases(case.package(), client)
    assert {release.version: release.stable for release in found.releases} == {"v1": None, "v2": False}


@all_tags
async def test_many_tags_take_as_few_requests_as_the_forge_allows(connect: Connect, case: Case) -> None:
    """250 tags come in full pages; past 20 pages no more are asked for, the newest being first."""
    tags = {f"v{number}.0.0": ("c" * 40, "2024-01-01T00:00:00Z", False) for number in range(2_500, 0, -1)}
    with OtherForge(case.kind) as forge:
        forge.repository("team/app")
        forge.published["team/app"].tags = dict(list(tags.items())[:250])
        async with connect(case.routes(forge)) as client:
            assert len((await case.datasource.releases(case.package(), client)).releases) == 250
        assert len(forge.requests) == -(-250 // case.page)
        forge.reset()
        forge.published["team/app"].tags = tags
        async with connect(case.routes(forge)) as client:
            found = await case.datasource.releases(case.package(), client)
        assert len(forge.requests) == 20
    assert [release.version for release in found.releases] == list(tags)[: 20 * case.page]


@all_tags
async def test_a_tag_that_moves_to_the_next_page_is_one_tag(connect: Connect, case: Case) -> None:
    """While pages are read, a new tag may push others on; each is told once."""
    with OtherForge(case.kind) as forge:
        forge.repository("team/app")
        old = {f"v{number}": ("c" * 40, "2024-01-01T00:00:00Z", False) for number in range(150)}
        forge.published["team/app"].tags = old

        def push(request: object) -> None:
            if len(forge.requests) == 1:
                forge.published["team/app"].tags = {"new": ("d" * 40, "2024-01-02T00:00:00Z", False), **old}

        forge.fault = push
        async with connect(case.routes(forge)) as client:
            found = await case.datasource.releases(case.package(), client)
    assert [release.version for release in found.releases] == list(old)


@every
@pytest.mark.parametrize("refusal", ["private", "closed"])
async def test_without_a_token_git_stands_in(connect: Connect, case: Case, refusal: str) -> None:
    """Where the API hides a repository from strangers, Git may tell its tags all the same, without dates."""
    with OtherForge(case.kind, private=refusal == "private", closed=refusal == "closed") as forge:
        forge.repository("team/app", tags=["v1"], releases=["v1"])
        async with connect(case.routes(forge)) as client:
            found = await case.datasource.releases(case.package(), client)
        assert found.releases == (Release(version="v1", digest=forge.commit("team/app", "v1")),)


@every
async def test_with_a_token_private_repositories_are_read(connect: Connect, case: Case) -> None:
    """A host rule opens the API; Git is not asked."""
    with OtherForge(case.kind, private=True) as forge:
        forge.repository("team/app", tags=["v1"], releases=["v1"])
        async with connect(case.routes(forge), case.with_token) as client:
            found = await case.datasource.releases(case.package(), client)
        assert len(forge.requests) == 1
    assert [release.published for release in found.releases] == [FIRST]


@every
@pytest.mark.parametrize(("refusal", "error"), [(DENIED, AuthError), (RATE_LIMITED, RateLimited)])
async def test_with_a_token_a_refusal_is_an_error(
    connect: Connect, case: Case, refusal: Reply, error: type[RequestError]
) -> None:
    """Who shows a token is told that it does not do; nothing stands in."""
    with OtherForge(case.kind) as forge:
        forge.repository("team/app", tags=["v1"], releases=["v1"])
        forge.fault = lambda request: None if "info/refs" in request.path else refusal
        async with connect(case.routes(forge), case.with_token) as client:
            with pytest.raises(error):
                await case.datasource.releases(case.package(), client)


@every
async def test_being_asked_too_often(connect: Connect, case: Case) -> None:
    """That passes: nothing stands in for the answer that will come."""
    with OtherForge(case.kind) as forge:
        forge.repository("team/app", tags=["v1"], releases=["v1"])
        forge.fault = lambda request: RATE_LIMITED if request.path.startswith(("/api/", "/2.0/")) else None
        async with connect(case.routes(forge)) as client:
            with pytest.raises(RateLimited):
                await case.datasource.releases(case.package(), client)
        assert len(forge.requests) == 1


@every
async def test_the_commit_of_a_tag(connect: Connect, case: Case) -> None:
    """The digest is the commit, also of an annotated tag; all come from one exchange with Git."""
    datasource = case.datasource
    assert isinstance(datasource, DigestSource)
    with OtherForge(case.kind) as forge:
        forge.repository("team/app", tags=["v1"], annotated=["v2"])
        async with connect(case.routes(forge)) as client:
            for tag in ("v1", "v2"):
                assert await datasource.digest(case.package(), tag, client) == forge.commit("team/app", tag)
            with pytest.raises(NotFound, match="v3"):
                await datasource.digest(case.package(), "v3", client)
        assert len(forge.paths("/team/app/info/refs")) == 1


@pytest.mark.parametrize(
    "case", [each for each in (*TAGS, *RELEASES) if each.kind != "bitbucket"], ids=lambda case: case.name
)
@pytest.mark.parametrize("address", ["https://git.example.com", "git.example.com/", "https://git.example.com/{api}/"])
async def test_a_server_of_ones_own(connect: Connect, case: Case, address: str) -> None:
    """``registryUrls`` name a server, with or without the path of its API."""
    api = {"gitlab": "api/v4", "gitea": "api/v1", "bitbucket": "2.0"}[case.kind]
    with OtherForge(case.kind) as forge:
        forge.repository("team/app", tags=["v1"], releases=["v1"])
        async with connect({"git.example.com": forge.url}) as client:
            found = await case.datasource.releases(case.package("team/app", address.format(api=api)), client)
    assert found.source_url == "https://git.example.com/team/app"


async def test_bitbucket_elsewhere_is_another_api(connect: Connect) -> None:
    """Bitbucket Data Center is told apart, and what finds its tags is named."""
    package = Package(datasource="bitbucket-tags", name="team/app", registry_urls=("https://bitbucket.example.com",))
    async with connect() as client:
        with pytest.raises(NotFound, match="git-tags"):
            await bitbucket_tags.releases(package, client)


async def test_groups_in_groups(connect: Connect) -> None:
    """A project on GitLab may lie in any depth of groups, for the API and for Git."""
    package = Package(datasource="gitlab-tags", name="group/sub/app")
    with OtherForge("gitlab") as forge:
        forge.repository("group/sub/app", tags=["v1"])
        async with connect({"gitlab.com": forge.url}) as client:
            assert (await gitlab_tags.releases(package, client)).source_url == "https://gitlab.com/group/sub/app"
            assert await gitlab_tags.digest(package, "v1", client) == forge.commit("group/sub/app", "v1")
        assert forge.paths("/api")[0].startswith("/api/v4/projects/group%2Fsub%2Fapp/repository/tags?")


@pytest.mark.parametrize("case", [TAGS[1], TAGS[2], TAGS[3]], ids=lambda case: case.name)
async def test_the_path_of_an_action_is_no_part_of_its_repository(connect: Connect, case: Case) -> None:
    """What follows owner and name makes no other repository."""
    with OtherForge(case.kind) as forge:
        forge.repository("team/app", tags=["v1"])
        async with connect(case.routes(forge)) as client:
            assert (await case.datasource.releases(case.package("team/app/setup"), client)).releases


@every
@pytest.mark.parametrize("token", [False, True])
async def test_what_is_not_there(connect: Connect, case: Case, *, token: bool) -> None:
    """An unknown repository, one without tags, and what is no name at all are NotFound, with and without a token."""
    with OtherForge(case.kind) as forge:
        forge.repository("team/empty")
        async with connect(case.routes(forge), *([case.with_token] if token else [])) as client:
            for name in ("team/none", "team/empty", "nonsense", "a b/c", "", "../x", "team//app"):
                with pytest.raises(NotFound):
                    await case.datasource.releases(case.package(name), client)


@every
@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (DOWN, Unavailable),
        (GARBAGE, InvalidAnswer),
        (as_json("v1"), InvalidAnswer),
        (as_json(["v1"]), InvalidAnswer),
        (as_json([{"name": 1, "tag_name": None}]), InvalidAnswer),
        (as_json({"values": [{"name": "v1", "target": ["odd"]}]}), InvalidAnswer),
        (as_json([{"name": "v1", "tag_name": "", "commit": "odd"}]), InvalidAnswer),
    ],
)
async def test_failures(connect: Connect, case: Case, fault: Reply, error: type[RequestError]) -> None:
    """An outage keeps its kind, and Git is not asked; an answer that makes no sense is InvalidAnswer."""
    with OtherForge(case.kind) as forge:
        forge.fault = fault
        async with connect(case.routes(forge)) as client:
            with pytest.raises(error):
                await case.datasource.releases(case.package(), client)
        assert not forge.paths("/team/app/info/refs")
