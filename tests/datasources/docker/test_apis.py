"""Tags from the web APIs of Docker Hub and quay.io: when they are asked, and what a failure may not change."""

from collections.abc import Sequence

import pytest

from datasources import docker
from tests.datasources.conftest import Connect
from tests.servers import Reply, Request, Server, as_json
from tests.servers.pages import DOWN, GARBAGE, RATE_LIMITED, PagedRegistry, in_order, many_tags
from tests.servers.registry_apis import DockerHub, Quay, digest_of, pushed_at
from updater.api import InvalidAnswer, NotFound, Package, Release, RequestError, Secret
from updater.hosts import HostRule

NGINX = Package(datasource="docker", name="nginx")
PROMETHEUS = Package(datasource="docker", name="quay.io/prometheus/prometheus")


class HubRegistry(PagedRegistry):
    """The registry of Docker Hub, with its token server."""

    def __init__(self, tags: Sequence[str], *, most: int = 10_000) -> None:
        super().__init__({"library/nginx": list(tags)}, most=most)

    def handle(self, request: Request) -> Reply:
        return as_json({"token": "t0ken"}) if request.path == "/token" else super().handle(request)


def routes(registry: Server, hub: Server) -> dict[str, str]:
    return {"registry-1.docker.io": registry.url, "auth.docker.io": registry.url, "hub.docker.com": hub.url}


async def test_docker_hub_costs_a_token_and_one_list(connect: Connect) -> None:
    """10,000 tags come in two requests; the web API, which would take a hundred, is not asked."""
    with HubRegistry(many_tags()) as registry, DockerHub({}) as hub:
        async with connect(routes(registry, hub)) as client:
            found = await docker.releases(NGINX, client)
    assert len(found.releases) == 10_000
    assert len(registry.requests) == 2
    assert hub.requests == []


@pytest.mark.parametrize("fault", [DOWN, RATE_LIMITED, GARBAGE])
async def test_while_the_registry_is_down_the_web_api_stands_in(connect: Connect, fault: Reply) -> None:
    """It has the same tags, and says when they were pushed."""
    tags = many_tags(250)
    with HubRegistry(tags) as registry, DockerHub({"library/nginx": tags}) as hub:
        registry.fault = fault
        async with connect(routes(registry, hub)) as client:
            found = {release.version: release for release in (await docker.releases(NGINX, client)).releases}
    assert list(found) == list(reversed(tags))
    assert found[tags[3]].digest == digest_of(tags[3])
    published = found[tags[3]].published
    assert published is not None
    assert published.date() == pushed_at(3).date()
    assert len(hub.requests) == 3


@pytest.mark.parametrize("fault", [DOWN, RATE_LIMITED, GARBAGE])
async def test_a_part_of_the_tags_is_no_substitute(connect: Connect, fault: Reply) -> None:
    """Of an image with more than 1,000 tags the web API does not show all: the registry's failure is what is told."""
    tags = many_tags(1_500)
    with HubRegistry(tags) as registry, DockerHub({"library/nginx": tags}) as hub:
        registry.fault = fault
        async with connect(routes(registry, hub)) as client:
            with pytest.raises(RequestError, match=r"registry-1|auth\.docker"):
                await docker.releases(NGINX, client)
    assert len(hub.requests) == 10


async def test_when_both_are_down_it_is_the_registry_s_failure(connect: Connect) -> None:
    """The error is that of the registry, not that of its substitute."""
    with HubRegistry([]) as registry, DockerHub({}) as hub:
        registry.fault = GARBAGE
        async with connect(routes(registry, hub)) as client:
            with pytest.raises(InvalidAnswer, match=r"auth\.docker"):
                await docker.releases(NGINX, client)


async def test_an_image_whose_tags_are_too_many_for_one_run(connect: Connect) -> None:
    """Of more than 100,000 tags on Docker Hub the first ten pages are read, and the 1,000 pushed last."""
    tags = many_tags(1_500)
    with HubRegistry(tags, most=10) as registry, DockerHub({"library/nginx": tags}) as hub:
        async with connect(routes(registry, hub)) as client:
            found = await docker.releases(NGINX, client)
    listed = set(tags[:100])
    assert {release.version for release in found.releases} == {*tags[-1_000:], *listed}
    assert (found.complete, found.cursor is None) == (False, False)
    assert len(registry.paths("/v2/")) == 10
    assert len(hub.requests) == 10


async def test_the_last_thousand_are_no_condition(connect: Connect) -> None:
    """Where the web API fails, the pages that were read have to do."""
    tags = many_tags(1_500)
    with HubRegistry(tags, most=10) as registry, DockerHub({}) as hub:
        async with connect(routes(registry, hub)) as client:
            found = await docker.releases(NGINX, client)
    assert (len(found.releases), found.complete) == (100, False)


async def test_an_image_that_does_not_exist(connect: Connect) -> None:
    """NotFound is an answer: nobody else is asked."""
    with HubRegistry([]) as registry, DockerHub({}) as hub:
        async with connect(routes(registry, hub)) as client:
            with pytest.raises(NotFound):
                await docker.releases(Package(datasource="docker", name="nobody/nothing"), client)
    assert hub.requests == []


async def test_quay_needs_no_token_for_what_is_public(connect: Connect) -> None:
    """One request for every hundred tags, with digests and dates."""
    tags = many_tags(150)
    with Quay({"prometheus/prometheus": tags}) as quay:
        async with connect({"quay.io": quay.url}) as client:
            found = await docker.releases(PROMETHEUS, client)
    expected = {Release(version=tag, digest=digest_of(tag), published=pushed_at(i)) for i, tag in enumerate(tags)}
    assert set(found.releases) == expected
    assert len(quay.requests) == 2


async def test_a_failure_on_a_later_page_of_quay_is_one(connect: Connect) -> None:
    """The first page is not passed off as the whole."""
    with Quay({"prometheus/prometheus": many_tags(150)}) as quay:
        quay.fault = in_order([None, DOWN, DOWN, DOWN])
        async with connect({"quay.io": quay.url}) as client:
            with pytest.raises(RequestError):
                await docker.releases(PROMETHEUS, client)


async def test_what_quay_does_not_show_is_asked_of_its_registry(connect: Connect) -> None:
    """A repository that the web API hides is asked for by the protocol of registries, in pages of 100."""
    with PagedRegistry({"prometheus/prometheus": many_tags(150)}) as registry, Quay({}, registry) as quay:
        registry.fault = lambda request: as_json({"token": "t0ken"}) if request.path == "/v2/auth" else None
        async with connect({"quay.io": quay.url}) as client:
            assert len((await docker.releases(PROMETHEUS, client)).releases) == 150
    assert [asked.status for asked in quay.requests] == [401, 200, 200, 200]


async def test_who_has_credentials_for_quay_asks_its_registry(connect: Connect) -> None:
    """The web API does not take the credentials of the registry, so it is not asked."""
    rule = HostRule(match_host="quay.io", username="org+robot", password=Secret("s3cret"))
    with PagedRegistry({"prometheus/prometheus": ["v3.0.0"]}) as registry, Quay({}, registry) as quay:
        registry.fault = lambda request: as_json({"token": "t0ken"}) if request.path == "/v2/auth" else None
        async with connect({"quay.io": quay.url}, rule) as client:
            assert len((await docker.releases(PROMETHEUS, client)).releases) == 1
    assert len(quay.requests) == 2


ODD_TAGS: list[object] = [
    {"name": "1.0.0"},
    {"name": "1.0.0", "images": None, "digest": "latest", "tag_last_pushed": 17, "manifest_digest": 5, "start_ts": "x"},
    {"name": "1.0.0", "images": [1, {"os": "linux\n", "architecture": ["amd64"]}, {"os": 5}], "start_ts": True},
    {"name": "1.0.0", "digest": "sha256:zz", "manifest_digest": "sha256:zz", "tag_last_pushed": "0001-01-01T00:00:00Z"},
]


@pytest.mark.parametrize("tag", ODD_TAGS)
async def test_what_cannot_be_read_beside_a_tag_is_not_known(connect: Connect, tag: object) -> None:
    """Digests, dates and platforms that are none are left out; the version stays."""
    page = as_json({"results": [tag], "tags": [tag], "count": 1, "next": None, "has_additional": False})
    with HubRegistry([]) as registry, DockerHub({}) as hub, Quay({}) as quay:
        registry.fault, hub.fault, quay.fault = DOWN, page, page
        async with connect({**routes(registry, hub), "quay.io": quay.url}) as client:
            for package in (NGINX, PROMETHEUS):
                assert (await docker.releases(package, client)).releases == (Release(version="1.0.0"),)


@pytest.mark.parametrize("results", [None, {}, [None], [{}], [{"name": 5}], ["1.0.0"]])
async def test_pages_without_tags(connect: Connect, results: object) -> None:
    """What is no list of tags raises InvalidAnswer; for Docker Hub it is the registry's own failure that is told."""
    page = as_json({"results": results, "tags": results, "count": 1, "next": None})
    with HubRegistry([]) as registry, DockerHub({}) as hub, Quay({}) as quay:
        registry.fault, hub.fault, quay.fault = DOWN, page, page
        async with connect({**routes(registry, hub), "quay.io": quay.url}) as client:
            with pytest.raises(RequestError, match=r"auth\.docker"):
                await docker.releases(NGINX, client)
            with pytest.raises(InvalidAnswer):
                await docker.releases(PROMETHEUS, client)
