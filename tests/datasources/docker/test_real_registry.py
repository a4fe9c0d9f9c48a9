"""Images in Debian's docker-registry: open, with passwords, and with tokens; and how often it is asked."""

import asyncio

import pytest

from datasources import docker
from tests.datasources.conftest import READER, REGISTRY, TOKEN_SERVER, Connect, PickRegistry
from tests.servers.registry import USERNAME, Mode, Registry
from updater.api import AuthError, NotFound, Package, Releases, Secret
from updater.hosts import HostRule

APP, OTHER, SECRET = (f"{REGISTRY}/team/{name}" for name in ("app", "other", "secret"))
TAGS = "/v2/team/app/tags/list?n=1000"


def image(name: str) -> Package:
    return Package(datasource="docker", name=name)


def versions(found: Releases) -> set[str]:
    return {release.version for release in found.releases}


def routes(server: Registry) -> dict[str, str]:
    return {REGISTRY: server.url, TOKEN_SERVER: server.url}


async def test_an_image_needs_one_request(connect: Connect, registry: PickRegistry) -> None:
    """The tags of an image in an open registry cost exactly one request."""
    server = registry("open")
    async with connect(routes(server)) as client:
        found = await docker.releases(image(APP), client)
    assert versions(found) == {"1.0.0", "1.1.0"}
    assert server.requests == [("GET", TAGS, 200)]


async def test_a_digest_needs_one_head_request(connect: Connect, registry: PickRegistry) -> None:
    """The digest of a tag costs one HEAD and is that of the index if the image has several platforms."""
    server = registry("open")
    index = server.push("team/digests", "2.0.0", platforms=("linux/amd64", "linux/arm64"))
    single = server.push("team/digests", "1.0.0", platforms=("linux/amd64",))
    package = image(f"{REGISTRY}/team/digests")
    async with connect(routes(server)) as client:
        assert await docker.digest(package, "2.0.0", client) == index
        assert await docker.digest(package, "1.0.0", client) == single
    assert [asked.method for asked in server.requests] == ["HEAD", "HEAD"]


async def test_an_unknown_image_is_not_found(connect: Connect, registry: PickRegistry) -> None:
    """A repository or tag that the registry does not have raises NotFound."""
    async with connect(routes(registry("open"))) as client:
        with pytest.raises(NotFound):
            await docker.releases(image(f"{REGISTRY}/team/nothing"), client)
        with pytest.raises(NotFound):
            await docker.digest(image(APP), "9.9.9", client)


@pytest.mark.parametrize("mode", ["htpasswd", "token"])
async def test_credentials_open_a_private_image(connect: Connect, registry: PickRegistry, mode: Mode) -> None:
    """The name and password of a host rule open what is private, in registries with passwords and with tokens."""
    server = registry(mode)
    async with connect(routes(server), READER) as client:
        assert versions(await docker.releases(image(SECRET), client)) == {"1.0.0"}


@pytest.mark.parametrize("mode", ["htpasswd", "token"])
async def test_a_private_image_without_credentials(connect: Connect, registry: PickRegistry, mode: Mode) -> None:
    """Without credentials a private image raises AuthError, which names the registry."""
    async with connect(routes(registry(mode))) as client:
        with pytest.raises(AuthError, match=REGISTRY):
            await docker.releases(image(SECRET), client)


@pytest.mark.parametrize("mode", ["htpasswd", "token"])
async def test_wrong_credentials(connect: Connect, registry: PickRegistry, mode: Mode) -> None:
    """A wrong password raises AuthError, and the message does not hold it."""
    wrong = HostRule(match_host=REGISTRY, username=USERNAME, password=Secret("wr0ng"))
    async with connect(routes(registry(mode)), wrong) as client:
        with pytest.raises(AuthError) as caught:
            await docker.releases(image(SECRET), client)
    assert "wr0ng" not in str(caught.value)


async def test_credentials_of_the_container_tools(connect: Connect, registry: PickRegistry) -> None:
    """A ``docker login`` is as good as a host rule."""
    server = registry("htpasswd")
    async with connect(routes(server)) as client:
        pair = "cmVhZGVyOm9wZW4gc2VzYW1l"  # reader:open sesame
        client._docker._path.write_text(f'{{"auths": {{"{REGISTRY}": {{"auth": "{pair}"}}}}}}')
        assert versions(await docker.releases(image(APP), client)) == {"1.0.0", "1.1.0"}


async def test_a_token_is_fetched_when_the_registry_asks_for_one(connect: Connect, registry: PickRegistry) -> None:
    """A public image behind a token server costs: a refusal, an anonymous token, the tags; its digest only a HEAD."""
    server = registry("token")
    async with connect(routes(server)) as client:
        await docker.releases(image(APP), client)
        await docker.digest(image(APP), "1.0.0", client)
    assert [(asked.method, asked.path.partition("?")[0], asked.status) for asked in server.requests] == [
        ("GET", "/v2/team/app/tags/list", 401),
        ("GET", "/token", 200),
        ("GET", "/v2/team/app/tags/list", 200),
        ("HEAD", "/v2/team/app/manifests/1.0.0", 200),
    ]


async def test_the_second_image_goes_straight_to_the_token_server(connect: Connect, registry: PickRegistry) -> None:
    """However many images are asked for at once, a registry refuses only the first question of a run."""
    server = registry("token")
    async with connect(routes(server)) as client:
        await asyncio.gather(*(docker.releases(image(name), client) for name in (APP, OTHER, APP, OTHER)))
    assert sum(asked.status == 401 for asked in server.requests) == 1
    assert len(server.paths("/token")) == 1, "one token for both"


async def test_an_expired_token_is_renewed(connect: Connect, registry: PickRegistry) -> None:
    """A token that runs out during a run is fetched anew, once, and the request is repeated."""
    server = registry("token")
    async with connect(routes(server)) as client:
        await docker.releases(image(APP), client)
        server.expire_tokens()
        server.requests.clear()
        await asyncio.gather(docker.digest(image(APP), "1.0.0", client), docker.digest(image(APP), "1.1.0", client))
    assert len(server.paths("/token")) == 1
    assert [asked.status for asked in server.requests if asked.path.endswith("1.1.0")] == [401, 200]


async def test_public_images_survive_a_private_neighbour(connect: Connect, registry: PickRegistry) -> None:
    """That one image of a registry is refused says nothing about the others."""
    server = registry("token")
    async with connect(routes(server)) as client:
        refused, found = await asyncio.gather(
            docker.releases(image(SECRET), client), docker.releases(image(APP), client), return_exceptions=True
        )
    assert isinstance(refused, AuthError)
    assert isinstance(found, Releases)


async def test_docker_hub_is_never_asked_without_a_token(connect: Connect) -> None:
    """The token server of Docker Hub is known; a name without a host means it, one part means ``library``."""
    realm, service = "https://auth.docker.io/token", "registry.docker.io"
    with Registry("token", realm=realm, service=service) as server:
        server.push("library/nginx", "1.27.0", platforms=["linux/amd64"])
        async with connect({"registry-1.docker.io": server.url, "auth.docker.io": server.url}) as client:
            found = await docker.releases(image("nginx"), client)
    assert versions(found) == {"1.27.0"}
    assert [asked.status for asked in server.requests] == [200, 200]


async def test_a_registry_on_this_machine_needs_no_tls(connect: Connect, registry: PickRegistry) -> None:
    """Images at 127.0.0.1 are asked for over plain HTTP, as the container tools do."""
    server = registry("open")
    async with connect() as client:
        found = await docker.releases(image(f"{server.host}/team/app"), client)
    assert found.registry_url == server.url
