"""Roles and collections of Ansible: Galaxy, and private hubs."""

from datetime import UTC, datetime

import pytest

from datasources import galaxy, galaxy_collection
from tests.datasources.conftest import Connect
from tests.servers import Reply, as_json
from tests.servers.catalogs import Galaxy
from tests.servers.pages import DOWN, GARBAGE
from updater.api import Datasource, InvalidAnswer, NotFound, Package, Release, RequestError, Unavailable

GALAXY = "galaxy.ansible.com"
DATES = {"1.0.0": "2024-01-01T00:00:00Z", "1.1.0": "2024-02-01T00:00:00.123456Z"}
MANY = {f"1.{number}.0": "2024-01-01T00:00:00Z" for number in range(250)}


def role(name: str = "acme.nginx", *registry_urls: str) -> Package:
    return Package(datasource="galaxy", name=name, registry_urls=registry_urls)


def collection(name: str = "acme.tools", *registry_urls: str) -> Package:
    return Package(datasource="galaxy-collection", name=name, registry_urls=registry_urls)


async def test_a_role(connect: Connect) -> None:
    """One request brings its versions, their dates, and where it is developed."""
    with Galaxy({"acme.nginx": DATES}) as server:
        async with connect({GALAXY: server.url}) as client:
            found = await galaxy.releases(role(), client)
        assert server.paths() == ["/api/v1/roles/?owner__username=acme&name=nginx"]
    assert found.releases == (
        Release(version="1.1.0", published=datetime(2024, 2, 1, 0, 0, 0, 123456, tzinfo=UTC)),
        Release(version="1.0.0", published=datetime(2024, 1, 1, tzinfo=UTC)),
    )
    assert found.source_url == "https://github.com/acme/ansible-role-nginx"


async def test_a_namespace_with_a_dot(connect: Connect) -> None:
    """The name of a role is what follows the last dot."""
    with Galaxy({"acme.ops.nginx": DATES}) as server:
        async with connect({GALAXY: server.url}) as client:
            assert (await galaxy.releases(role("acme.ops.nginx"), client)).releases


async def test_a_role_of_another_name_is_not_taken(connect: Connect) -> None:
    """What the server lists beside the role that was asked for is left aside."""
    other = {"name": "nginx_extras", "summary_fields": {"versions": [{"name": "9.9.9"}]}}
    with Galaxy() as server:
        server.fault = as_json({"results": [other]})
        async with connect({GALAXY: server.url}) as client:
            with pytest.raises(NotFound):
                await galaxy.releases(role(), client)


async def test_a_collection(connect: Connect) -> None:
    """One request brings a hundred versions with their dates, past the redirect that Galaxy would give."""
    with Galaxy({"acme.tools": DATES}) as server:
        async with connect({GALAXY: server.url}) as client:
            found = await galaxy_collection.releases(collection(), client)
        published = "/api/v3/plugin/ansible/content/published/collections/index"
        assert server.paths() == [f"{published}/acme/tools/versions/?limit=100"]
    assert {release.version: release.published for release in found.releases} == {
        "1.0.0": datetime(2024, 1, 1, tzinfo=UTC),
        "1.1.0": datetime(2024, 2, 1, 0, 0, 0, 123456, tzinfo=UTC),
    }


async def test_the_pages_of_a_collection(connect: Connect) -> None:
    """250 versions take three requests."""
    with Galaxy({"acme.tools": MANY}) as server:
        async with connect({GALAXY: server.url}) as client:
            found = await galaxy_collection.releases(collection(), client)
        assert len(server.requests) == 3
    assert {release.version for release in found.releases} == set(MANY)


async def test_pages_without_end(connect: Connect) -> None:
    """A list that does not end is an error, not a part of the list."""
    page = {"data": [{"version": "1.0.0"}], "links": {"next": "/api/v3/x/?limit=100&offset=100"}}
    with Galaxy() as server:
        server.fault = as_json(page)
        async with connect({GALAXY: server.url}) as client:
            with pytest.raises(InvalidAnswer, match="more than"):
                await galaxy_collection.releases(collection(), client)


async def test_a_private_hub(connect: Connect) -> None:
    """Its address is written as for ``ansible-galaxy``, with the path of its API."""
    root = "/api/galaxy/content/published"
    with Galaxy({"acme.tools": DATES}, root=root) as server:
        async with connect({"hub.example.com": server.url}) as client:
            package = collection("acme.tools", f"https://hub.example.com{root}/")
            assert len((await galaxy_collection.releases(package, client)).releases) == 2
        assert server.paths() == [f"{root}/v3/collections/acme/tools/versions/?limit=100"]


async def test_a_hub_before_galaxy(connect: Connect) -> None:
    """What the first server does not have, the next one may."""
    with Galaxy(root="/api/galaxy") as hub, Galaxy({"acme.tools": DATES}) as public:
        async with connect({"hub.example.com": hub.url, GALAXY: public.url}) as client:
            package = collection("acme.tools", "https://hub.example.com/api/galaxy/", f"https://{GALAXY}")
            assert len((await galaxy_collection.releases(package, client)).releases) == 2


@pytest.mark.parametrize("package", [role("acme"), role("a b.c"), role(""), collection("acme"), collection("a.b.c")])
async def test_what_is_no_name(connect: Connect, package: Package) -> None:
    """What no role or collection can be called is NotFound, without a request."""
    datasource: Datasource = galaxy if package.datasource == "galaxy" else galaxy_collection
    async with connect() as client:
        with pytest.raises(NotFound):
            await datasource.releases(package, client)


async def test_what_is_not_there(connect: Connect) -> None:
    """An unknown role, one without versions, an unknown collection and an empty one are NotFound."""
    with Galaxy({"acme.bare": {}}) as server:
        async with connect({GALAXY: server.url}) as client:
            for name in ("acme.none", "acme.bare"):
                with pytest.raises(NotFound):
                    await galaxy.releases(role(name), client)
                with pytest.raises(NotFound):
                    await galaxy_collection.releases(collection(name), client)


@pytest.mark.parametrize("package", [role(), collection()], ids=["role", "collection"])
@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (DOWN, Unavailable),
        (GARBAGE, InvalidAnswer),
        (as_json([]), InvalidAnswer),
        (as_json({"results": ["odd"], "data": ["odd"]}), InvalidAnswer),
        (as_json({"results": [{"name": "nginx"}], "data": []}), InvalidAnswer),
        (as_json({"data": [{"version": 1}], "links": {}}), InvalidAnswer),
    ],
)
async def test_failures(connect: Connect, package: Package, fault: Reply, error: type[RequestError]) -> None:
    """An outage keeps its kind; an answer that makes no sense is InvalidAnswer."""
    datasource: Datasource = galaxy if package.datasource == "galaxy" else galaxy_collection
    with Galaxy() as server:
        server.fault = fault
        async with connect({GALAXY: server.url}) as client:
            with pytest.raises(error):
                await datasource.releases(package, client)
