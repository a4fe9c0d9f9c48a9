"""How many requests it costs to be let in, counted with the real registry where that can be."""

import asyncio

import pytest

from datasources import docker
from tests.datasources.conftest import REGISTRY, TOKEN_SERVER, Connect, PickRegistry
from tests.servers import Reply, Request, as_json
from tests.servers.pages import PagedRegistry
from tests.servers.registry import Registry
from updater.api import AuthError, Client, Package, Releases, Secret
from updater.hosts import HostRule

NAMES = [f"team/many-{number}" for number in range(25)]
GHCR = Package(datasource="docker", name="ghcr.io/org/app")


def image(name: str) -> Package:
    return Package(datasource="docker", name=name)


def push_many(server: Registry) -> None:
    for name in NAMES:
        server.push(name, "1.0.0", platforms=["linux/amd64"])


def routes(server: Registry) -> dict[str, str]:
    return {REGISTRY: server.url, TOKEN_SERVER: server.url}


async def look_up_many(client: Client) -> list[Releases]:
    return list(await asyncio.gather(*(docker.releases(image(f"{REGISTRY}/{name}"), client) for name in NAMES)))


async def test_images_that_are_asked_for_together_share_tokens(connect: Connect, registry: PickRegistry) -> None:
    """25 images cost 25 lists, one refusal and two tokens, one for every 20."""
    server = registry("token")
    push_many(server)
    async with connect(routes(server)) as client:
        found = await look_up_many(client)
    assert all(len(each.releases) == 1 for each in found)
    assert len(server.paths("/v2/")) == 26
    assert len(server.paths("/token")) == 2


async def test_a_token_server_that_refuses_many_scopes(connect: Connect, registry: PickRegistry) -> None:
    """Where the parameter may stand only once each image gets its own token, after one refusal for each 20."""
    server = registry("token")
    push_many(server)
    server.refuses_many_scopes = True
    try:
        async with connect(routes(server)) as client:
            found = await look_up_many(client)
    finally:
        server.refuses_many_scopes = False
    assert all(len(each.releases) == 1 for each in found)
    assert len(server.paths("/token")) <= 25 + 2


async def test_a_token_server_that_overlooks_all_but_one_scope(connect: Connect, registry: PickRegistry) -> None:
    """A shared token that turns out to be for one image only is replaced; later images get their own at once."""
    server = registry("token")
    push_many(server)
    server.many_scopes = False
    try:
        async with connect(routes(server)) as client:
            found = await look_up_many(client)
            server.requests.clear()
            await docker.releases(image(f"{REGISTRY}/team/app"), client)
    finally:
        server.many_scopes = True
    assert all(len(each.releases) == 1 for each in found)
    assert [asked.status for asked in server.requests] == [200, 200]


async def test_a_private_image_does_not_spoil_the_token_of_the_others(connect: Connect, registry: PickRegistry) -> None:
    """Of images that share a token the private one alone is refused."""
    server = registry("token")
    names = ("team/app", "team/secret", "team/other")
    async with connect(routes(server)) as client:
        found = await asyncio.gather(
            *(docker.releases(image(f"{REGISTRY}/{name}"), client) for name in names), return_exceptions=True
        )
    assert [type(each) for each in found] == [Releases, AuthError, Releases]


async def test_ghcr_needs_one_request_for_a_public_image(connect: Connect) -> None:
    """GHCR shows public images to anybody's token, which needs no fetching."""

    def answer(request: Request) -> Reply | None:
        known = request.headers.get("authorization") == "Bearer QQ=="
        return (
            None if known else Reply(status=401, headers={"WWW-Authenticate": 'Bearer realm="https://ghcr.io/token"'})
        )

    with PagedRegistry({"org/app": ["1.0.0"]}) as server:
        server.fault = answer
        async with connect({"ghcr.io": server.url}) as client:
            assert len((await docker.releases(GHCR, client)).releases) == 1
    assert [asked.path for asked in server.requests] == ["/v2/org/app/tags/list?n=10000"]


@pytest.mark.parametrize("status", [401, 403])
async def test_if_ghcr_gives_anybody_s_token_up(connect: Connect, status: int) -> None:
    """Once anybody's token was refused where a fetched one was not, it is not tried again in this run."""

    def answer(request: Request) -> Reply | None:
        if request.path == "/token":
            return as_json({"token": "fetched"})
        known = request.headers.get("authorization") == "Bearer fetched"
        words = 'Bearer realm="https://ghcr.io/token",service="ghcr.io",scope="repository:org/app:pull"'
        return None if known else Reply(status=status, headers={"WWW-Authenticate": words} if status == 401 else {})

    with PagedRegistry({"org/app": ["1.0.0"], "org/other": ["1.0.0"]}) as server:
        server.fault = answer
        async with connect({"ghcr.io": server.url}) as client:
            await docker.releases(GHCR, client)
            await docker.releases(image("ghcr.io/org/other"), client)
    assert [asked.status for asked in server.requests] == [status, 200, 200, 200, 200]


async def test_a_private_image_at_ghcr(connect: Connect) -> None:
    """Where nobody gives out a token for it, AuthError tells for which host to write a rule."""
    with PagedRegistry() as server:
        server.fault = Reply(status=403, body=b'{"errors":[{"code":"DENIED"}]}')
        async with connect({"ghcr.io": server.url}) as client:
            with pytest.raises(AuthError, match=r"write a host rule for ghcr\.io"):
                await docker.releases(GHCR, client)
    assert len(server.requests) == 2


async def test_one_token_is_good_for_all_of_public_ecr(connect: Connect) -> None:
    """The token of Amazon's public registry is not for one image: two images cost three requests."""

    def answer(request: Request) -> Reply | None:
        if request.path == "/token/":
            return as_json({"token": "everything"}) if request.query["scope"] == "aws" else Reply(status=400)
        return None if request.headers.get("authorization") == "Bearer everything" else Reply(status=401)

    with PagedRegistry({"nginx/nginx": ["1.0.0"], "docker/library/redis": ["7.0.0"]}) as server:
        server.fault = answer
        async with connect({"public.ecr.aws": server.url}) as client:
            await asyncio.gather(
                *(docker.releases(image(f"public.ecr.aws/{name}"), client) for name in server.repositories)
            )
    assert len(server.requests) == 3


@pytest.mark.parametrize("status", [400, 405, 413])
async def test_a_registry_that_does_not_like_large_pages(connect: Connect, status: int) -> None:
    """What is too much for distribution, Amazon or Quay is asked for again in pages of 100."""

    def answer(request: Request) -> Reply | None:
        return Reply(status=status) if int(request.query.get("n", 0)) > 100 else None

    with PagedRegistry({"app": [f"1.0.{number}" for number in range(150)]}) as server:
        server.fault = answer
        async with connect({REGISTRY: server.url}) as client:
            found = await docker.releases(image(f"{REGISTRY}/app"), client)
    assert len(found.releases) == 150
    assert [asked.status for asked in server.requests] == [status, 200, 200]


async def test_signatures_are_no_versions(connect: Connect) -> None:
    """The tags under which signatures and attestations of an image are filed are left out."""
    companion = f"sha256-{'a' * 64}"
    with PagedRegistry({"app": ["1.0.0", companion, f"{companion}.sig", f"{companion}.att", "sha256-odd"]}) as server:
        async with connect({REGISTRY: server.url}) as client:
            found = await docker.releases(image(f"{REGISTRY}/app"), client)
    assert {release.version for release in found.releases} == {"1.0.0", "sha256-odd"}


async def test_a_registry_that_calls_its_repositories_otherwise(connect: Connect) -> None:
    """The scope that a refusal names is the one to ask for, for this image and no other."""
    asked_for = []

    def answer(request: Request) -> Reply | None:
        if request.path == "/token":
            asked_for.append(request.query["scope"])
            return as_json({"token": request.query["scope"].replace(":", "-").replace("/", "-")})
        name = request.path.split("/")[2]
        if request.headers.get("authorization") == f"Bearer repository-remote-{name}-pull":
            return None
        words = f'Bearer realm="https://{REGISTRY}/token",scope="repository:remote/{name}:pull"'
        return Reply(status=401, headers={"WWW-Authenticate": words})

    with PagedRegistry({"app": ["1.0.0"], "other": ["1.0.0"]}) as server:
        server.fault = answer
        async with connect({REGISTRY: server.url}) as client:
            await docker.releases(image(f"{REGISTRY}/app"), client)
            await docker.releases(image(f"{REGISTRY}/other"), client)
            await docker.digest(image(f"{REGISTRY}/other"), "1.0.0", client)
    assert asked_for == ["repository:remote/app:pull", "repository:other:pull", "repository:remote/other:pull"]


async def test_images_with_different_credentials_do_not_share_tokens(connect: Connect) -> None:
    """Where host rules give each image its own password, each is asked for with its own."""
    shown: dict[str, str] = {}

    def answer(request: Request) -> Reply | None:
        if request.path == "/token":
            shown[request.target.partition("?")[2]] = request.headers.get("authorization", "")
            return as_json({"token": "t0ken"})
        known = request.headers.get("authorization") == "Bearer t0ken"
        return (
            None
            if known
            else Reply(status=401, headers={"WWW-Authenticate": f'Bearer realm="https://{REGISTRY}/token"'})
        )

    rules = [
        HostRule(match_host=f"https://{REGISTRY}/v2/{name}/", username=name, password=Secret(name))
        for name in ("app", "other")
    ]
    with PagedRegistry({"app": ["1.0.0"], "other": ["1.0.0"]}) as server:
        server.fault = answer
        async with connect({REGISTRY: server.url}, *rules) as client:
            await asyncio.gather(*(docker.releases(image(f"{REGISTRY}/{name}"), client) for name in ("app", "other")))
    assert set(shown) == {"scope=repository:app:pull", "scope=repository:other:pull"}
    assert len(set(shown.values())) == 2


async def test_a_mirror_in_the_place_of_a_known_registry(connect: Connect, registry: PickRegistry) -> None:
    """What answers for a well-known registry may have no token server at all, and is then asked without a token."""
    server = registry("open")
    names = [f"team/mirrored-{number}" for number in range(3)]
    for name in names:
        server.push(name, "1.0.0", platforms=["linux/amd64"])
    host = "registry.gitlab.com"
    async with connect({host: server.url, "gitlab.com": server.url}) as client:
        found = await asyncio.gather(*(docker.releases(image(f"{host}/{name}"), client) for name in names))
    assert [[release.version for release in each.releases] for each in found] == [["1.0.0"]] * 3
