"""Google's registries: public images need nothing, private ones the account of the machine."""

import asyncio
import base64
import json
from pathlib import Path

import pytest

from datasources import docker
from tests.datasources.conftest import Connect
from tests.servers import NOT_FOUND, Reply, Request, Server, as_json
from tests.servers.pages import PagedRegistry
from updater.api import AuthError, Package

HOST = "europe-west1-docker.pkg.dev"
METADATA = "metadata.google.internal"
ACCOUNT = "Basic " + base64.b64encode(b"oauth2accesstoken:ya29.account").decode()
KEY_FILE = json.dumps({"type": "service_account", "private_key": "-----BEGIN PRIVATE KEY-----\nx\n"}, indent=2)
KEY = "Basic " + base64.b64encode(f"_json_key:{KEY_FILE}".encode()).decode()
REALM = f'Bearer realm="https://{HOST}/v2/token",service="{HOST}",scope="repository:p/r/private:pull"'


class Metadata(Server):
    """What tells a machine at Google's for whom it works."""

    def handle(self, request: Request) -> Reply:
        if request.headers.get("metadata-flavor") != "Google" or not request.path.endswith("/default/token"):
            return NOT_FOUND
        return as_json({"access_token": "ya29.account", "expires_in": 3599, "token_type": "Bearer"})


class ArtifactRegistry(PagedRegistry):
    """``p/r/public`` is for everybody, all else for the accounts."""

    accounts = (ACCOUNT, KEY)

    def handle(self, request: Request) -> Reply:
        if request.path == "/v2/token":
            is_known = request.headers.get("authorization") in self.accounts
            return as_json({"token": "t0ken"}) if is_known else Reply(status=403)
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


async def test_the_key_of_a_service_account(connect: Connect, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The file that Google's own libraries take opens a private image, and the machine is not asked."""
    (tmp_path / "key.json").write_text(KEY_FILE)
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path / "key.json"))
    with registry() as server, Metadata() as metadata:
        async with connect({HOST: server.url, METADATA: metadata.url}) as client:
            assert len((await docker.releases(image("private"), client)).releases) == 1
    assert metadata.requests == []


@pytest.mark.parametrize("content", [None, "{", "[]", '{"type": "authorized_user", "refresh_token": "1//x"}'])
async def test_a_file_that_is_no_key(
    connect: Connect, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, content: str | None
) -> None:
    """Credentials of other kinds are sent to nobody; the account of the machine counts."""
    if content is not None:
        (tmp_path / "key.json").write_text(content)
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path / "key.json"))
    with registry() as server, Metadata() as metadata:
        async with connect({HOST: server.url, METADATA: metadata.url}) as client:
            assert len((await docker.releases(image("private"), client)).releases) == 1
    assert len(metadata.requests) == 1
