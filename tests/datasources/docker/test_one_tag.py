"""What is asked about a tag once a pull request may come of it: its date and its platforms, and at what cost."""

from datetime import UTC, datetime

import pytest

from datasources import docker
from datasources._oci_images import platform
from tests.datasources.conftest import REGISTRY, Connect, PickRegistry
from tests.servers import Reply, Request
from tests.servers.pages import DOWN, GARBAGE, RATE_LIMITED, PagedRegistry
from tests.servers.registry import Registry
from tests.servers.registry_apis import DockerHub, Quay, pushed_at
from updater.api import (
    DateSource,
    DigestSource,
    InvalidAnswer,
    NotFound,
    Package,
    PlatformSource,
    Published,
    RequestError,
)
from updater.cache import open_cache

APP = Package(datasource="docker", name=f"{REGISTRY}/team/dated")
NGINX = Package(datasource="docker", name="nginx")
PROMETHEUS = Package(datasource="docker", name="quay.io/prometheus/prometheus")
CREATED = "org.opencontainers.image.created"


def built(*date: int) -> Published:
    return Published(when=datetime(*date, tzinfo=UTC), evidence="built", by_registry=False)  # type: ignore[misc,arg-type]  # three numbers


def methods(server: Registry) -> list[str]:
    return [asked.path.removeprefix("/v2/team/dated/").partition("/")[0] for asked in server.requests]


def test_what_the_datasource_can_do() -> None:
    """Images have digests, dates and platforms."""
    assert isinstance(docker, DigestSource)
    assert isinstance(docker, DateSource)
    assert isinstance(docker, PlatformSource)


# ---------------------------------------------------------------- any registry


async def test_the_date_of_an_index_without_annotations(connect: Connect, registry: PickRegistry) -> None:
    """It is that of the image for linux/amd64: index, manifest, configuration; the platforms then cost nothing."""
    server = registry("open")
    server.push("team/dated", "1.0.0", created="2024-05-06T00:00:00.123456789Z")
    server.requests.clear()
    async with connect({REGISTRY: server.url}) as client:
        found = await docker.published(APP, "1.0.0", client)
        assert await docker.platforms(APP, "1.0.0", client) == {"linux/amd64", "linux/arm64"}
    assert found is not None
    assert (found.when.date().isoformat(), found.evidence, found.by_registry) == ("2024-05-06", "built", False)
    assert methods(server) == ["manifests", "manifests", "blobs"]


@pytest.mark.parametrize("platforms", [("linux/amd64", "linux/arm64"), ("linux/amd64",)])
async def test_an_annotation_saves_the_rest(connect: Connect, registry: PickRegistry, platforms: tuple[str]) -> None:
    """Where the index or manifest is annotated with its date, one request is enough."""
    server = registry("open")
    server.push("team/dated", "1.1.0", platforms=platforms, annotations={CREATED: "2024-06-07T00:00:00Z"})
    server.requests.clear()
    async with connect({REGISTRY: server.url}) as client:
        assert await docker.published(APP, "1.1.0", client) == built(2024, 6, 7)
    assert methods(server) == ["manifests"]


@pytest.mark.parametrize("created", ["1970-01-01T00:00:00Z", "1980-01-01T00:00:01Z", "0001-01-01T00:00:00Z", "?", None])
async def test_dates_that_are_none(connect: Connect, registry: PickRegistry, created: str | None) -> None:
    """What reproducible builds write is no date, and no date is not an error."""
    server = registry("open")
    server.push("team/dated", "1.2.0", platforms=["linux/amd64"], created=created)
    async with connect({REGISTRY: server.url}) as client:
        assert await docker.published(APP, "1.2.0", client) is None


async def test_the_platforms_of_an_index_need_one_request(connect: Connect, registry: PickRegistry) -> None:
    """They are written as containerd does; attestations are no platforms."""
    server = registry("open")
    platforms = ("linux/amd64", "linux/arm/v7", "linux/arm64/v8", "windows/amd64", "unknown/unknown")
    server.push("team/dated", "1.3.0", platforms=platforms)
    server.requests.clear()
    async with connect({REGISTRY: server.url}) as client:
        found = await docker.platforms(APP, "1.3.0", client)
    assert found == {"linux/amd64", "linux/arm/v7", "linux/arm64", "windows/amd64"}
    assert len(server.requests) == 1


async def test_the_platform_of_a_single_image_is_in_its_configuration(connect: Connect, registry: PickRegistry) -> None:
    """Manifest and configuration; the same for the digest in place of the tag; the date then costs nothing."""
    server = registry("open")
    digest = server.push("team/dated", "1.4.0", platforms=["linux/arm64"])
    server.requests.clear()
    async with connect({REGISTRY: server.url}) as client:
        assert await docker.platforms(APP, "1.4.0", client) == {"linux/arm64"}
        assert await docker.published(APP, "1.4.0", client) == built(2024, 1, 1)
        assert methods(server) == ["manifests", "blobs"]
        assert await docker.platforms(APP, digest, client) == {"linux/arm64"}


async def test_a_chart_has_no_platforms(connect: Connect, registry: PickRegistry) -> None:
    """What is no image has neither platforms nor, without an annotation, a date."""
    chart = Package(datasource="docker", name=f"{REGISTRY}/charts/podinfo")
    async with connect({REGISTRY: registry("open").url}) as client:
        assert await docker.platforms(chart, "0.9.0", client) == frozenset()
        assert await docker.published(chart, "0.9.0", client) is None


async def test_a_tag_that_is_gone(connect: Connect, registry: PickRegistry) -> None:
    """A tag that the registry lists no more has neither date nor platforms: NotFound."""
    async with connect({REGISTRY: registry("open").url}) as client:
        with pytest.raises(NotFound):
            await docker.published(APP, "9.9.9", client)
        with pytest.raises(NotFound):
            await docker.platforms(APP, "9.9.9", client)


async def test_manifests_are_asked_for_conditionally(connect: Connect, registry: PickRegistry) -> None:
    """The second run finds what it knows unchanged: nothing is sent again that has an ETag."""
    server, store = registry("open"), open_cache("memory:").responses
    server.push("team/dated", "1.5.0")
    for _ in range(2):
        server.requests.clear()
        async with connect({REGISTRY: server.url}, cache=store) as client:
            await docker.platforms(APP, "1.5.0", client)
    assert [asked.status for asked in server.requests] == [304]


async def test_content_that_does_not_fit_its_digest(connect: Connect) -> None:
    """What was asked for by digest and is something else is not believed."""
    with PagedRegistry({"team/dated": ["1.0.0"]}) as server:
        server.fault = Reply(body=b'{"schemaVersion": 2, "manifests": []}')
        async with connect({REGISTRY: server.url}) as client:
            with pytest.raises(InvalidAnswer, match="does not fit"):
                await docker.platforms(APP, f"sha256:{'a' * 64}", client)


# ---------------------------------------------------------------- Docker Hub


async def test_docker_hub_tells_date_and_platforms_in_one_request(connect: Connect) -> None:
    """The web API knows when a tag was pushed and for which platforms it is; nothing is pulled."""
    platforms = ("linux/amd64", "linux/arm64/v8", "unknown/unknown")
    with DockerHub({"library/nginx": ["1.0.0", "1.1.0"]}, platforms=platforms) as hub:
        async with connect({"hub.docker.com": hub.url}) as client:
            found = await docker.published(NGINX, "1.1.0", client)
            assert await docker.platforms(NGINX, "1.1.0", client) == {"linux/amd64", "linux/arm64"}
    assert found is not None
    assert (found.when.date(), found.evidence, found.by_registry) == (pushed_at(1).date(), "pushed", True)
    assert hub.paths() == ["/v2/namespaces/library/repositories/nginx/tags/1.1.0"]


async def test_a_private_image_of_docker_hub_tells_itself(connect: Connect) -> None:
    """What the web API does not show is asked of the registry."""
    realm, service = "https://auth.docker.io/token", "registry.docker.io"
    with Registry("token", realm=realm, service=service) as server, DockerHub({}) as hub:
        server.push("library/nginx", "1.1.0", created="2024-05-06T00:00:00Z")
        routes = {"registry-1.docker.io": server.url, "auth.docker.io": server.url, "hub.docker.com": hub.url}
        async with connect(routes) as client:
            assert await docker.published(NGINX, "1.1.0", client) == built(2024, 5, 6)
            assert await docker.platforms(NGINX, "1.1.0", client) == {"linux/amd64", "linux/arm64"}


@pytest.mark.parametrize("fault", [DOWN, RATE_LIMITED, GARBAGE])
async def test_the_time_of_building_does_not_stand_in_while_docker_hub_is_down(connect: Connect, fault: Reply) -> None:
    """It may be far earlier than the push: a failure would let something pass that is too young."""
    with DockerHub({"library/nginx": ["1.0.0"]}) as hub:
        hub.fault = fault
        async with connect({"hub.docker.com": hub.url}) as client:
            with pytest.raises(RequestError):
                await docker.published(NGINX, "1.0.0", client)


# ---------------------------------------------------------------- quay.io


async def test_quay_tells_the_date_in_one_request(connect: Connect) -> None:
    """Its web API knows when a tag was pushed, if the list did not bring it anyway."""
    with Quay({"prometheus/prometheus": ["v3.0.0", "v3.1.0"]}) as quay:
        async with connect({"quay.io": quay.url}) as client:
            found = await docker.published(PROMETHEUS, "v3.0.0", client)
    assert found == Published(when=pushed_at(0), evidence="pushed", by_registry=True)
    assert len(quay.requests) == 1


async def test_platforms_at_quay_come_from_the_registry(connect: Connect) -> None:
    """Quay's web API does not tell platforms: token and manifest."""
    realm, service = "https://quay.io/v2/auth", "quay.io"
    with Registry("token", realm=realm, service=service) as registry:
        registry.push("prometheus/prometheus", "v3.0.0")

        def issue(request: Request) -> Reply | None:
            return registry.token(request) if request.path == "/v2/auth" else None

        registry.fault = issue
        async with connect({"quay.io": registry.url}) as client:
            assert await docker.platforms(PROMETHEUS, "v3.0.0", client) == {"linux/amd64", "linux/arm64"}
    assert len(registry.requests) == 2


@pytest.mark.parametrize(
    ("description", "expected"),
    [
        ({"os": "linux", "architecture": "amd64"}, "linux/amd64"),
        ({"os": "Linux", "architecture": "x86_64", "variant": None}, "linux/amd64"),
        ({"os": "linux", "architecture": "amd64", "variant": "v3"}, "linux/amd64/v3"),
        ({"os": "linux", "architecture": "aarch64", "variant": "8"}, "linux/arm64"),
        ({"os": "linux", "architecture": "arm"}, "linux/arm/v7"),
        ({"os": "linux", "architecture": "arm", "variant": "v6"}, "linux/arm/v6"),
        ({"os": "unknown", "architecture": "unknown"}, None),
        ({"os": "linux", "architecture": "a/b"}, None),
        ({"os": ["linux"], "architecture": "amd64"}, None),
        ({}, None),
    ],
)
def test_how_platforms_are_written(description: dict[str, object], expected: str | None) -> None:
    """As containerd normalises them, so that the same platform is never written in two ways."""
    assert platform(description) == expected


async def test_the_digest_of_a_known_manifest_costs_nothing(connect: Connect, registry: PickRegistry) -> None:
    """Who has asked for the platforms of a tag has its digest, too."""
    server = registry("open")
    pushed = server.push("team/dated", "1.6.0")
    server.requests.clear()
    async with connect({REGISTRY: server.url}) as client:
        await docker.platforms(APP, "1.6.0", client)
        assert await docker.digest(APP, "1.6.0", client) == pushed
    assert len(server.requests) == 1
