"""Google's registries: public images need nothing, private ones the account of the machine."""

import asyncio
import base64

import pytest

from datasources import docker
from tests.datasources.conftest import Connect
from tests.servers import NOT_FOUND, Reply, Request, Server, as_json
from tests.servers.pages import PagedRegistry
from updater.api import AuthError, Package

HOST = "europe-west1-docker.pkg.dev"
METADATA = "metadata.google.internal"
ACCOUNT = "Basic " + base64.b64encode(b"oauth2accesstoken:ya29.account").decode()
REALM = f'Bearer realm="https://{HOST}/v2/token",service="{HOST}",scope="repository:p/r/private:pull"'


class Metadata(Server):
    """What tells a machine at Google's for whom it works."""

    def handle(self, request: Request) -> Reply:
        if request.headers.get("metadata-flavor") != "Google" or not request.path.endswith("/default/token"):
            return NOT_FOUND
        return as_json({"access_token": "ya29.account", "expires_in": 3599, "token_type": "Bearer"})


class ArtifactRegistry(PagedRegistry):
    """``p/r/public`` is for everybody, all else for the account."""

    def handle(self, request: Request) -> Reply:
        if request.path == "/v2/token":
            return as_json({"token": "t0ken"}) if request.headers.get("authorization") == ACCOUNT else Reply(status=403)
        if "/public/" in request.path or request.headers.get("authorization") == "Bearer t0ken":
            return super().handle(request)
        return Reply(status=401, headers={"WWW-Authenticate": REALM})


def image(name: str) -> Package:
    return Package(datasource="docker", name=f"{HOST}/p/r/{name}")


def registry() -> ArtifactRegistry:
    return ArtifactRegistry({f"p/r/{name}": ["1.0.0"] for name in ("public", "private", "other")})


async def test_what_is_public_needs_no_account(connect: Connect) -> None:
    """A public image costs one request, and nobody is asked who we are."""
    with registry() as server, Metadata() as metadata:
        async with connect({HOST: server.url, METADATA: metadata.url}) as client:
            assert len((await docker.releases(image("public"), client)).releases) == 1
    assert len(server.requests) == 1
    assert metadata.requests == []


async def test_the_account_of_the_machine_opens_what_is_private(connect: Connect) -> None:
    """After a refusal the machine's account is asked for, once, and used for all later images."""
    with registry() as server, Metadata() as metadata:
        async with connect({HOST: server.url, METADATA: metadata.url}) as client:
            assert len((await docker.releases(image("private"), client)).releases) == 1
            server.requests.clear()
            assert len((await docker.releases(image("other"), client)).releases) == 1
    assert len(metadata.requests) == 1
    assert [asked.status for asked in server.requests] == [200, 200]


async def test_images_that_are_refused_at_the_same_time(connect: Connect) -> None:
    """Each of them is opened by the account, whoever finds it first."""
    with registry() as server, Metadata() as metadata:
        async with connect({HOST: server.url, METADATA: metadata.url}) as client:
            found = await asyncio.gather(*(docker.releases(image(name), client) for name in ("private", "other")))
    assert [len(each.releases) for each in found] == [1, 1]
    assert len(metadata.requests) == 1


async def test_elsewhere_than_at_google_s(connect: Connect) -> None:
    """Where no machine account exists the refusal stands."""
    with registry() as server, Metadata() as metadata:
        metadata.fault = NOT_FOUND
        async with connect({HOST: server.url, METADATA: metadata.url}) as client:
            with pytest.raises(AuthError):
                await docker.releases(image("private"), client)
            with pytest.raises(AuthError):
                await docker.releases(image("other"), client)
    assert len(metadata.requests) == 1
