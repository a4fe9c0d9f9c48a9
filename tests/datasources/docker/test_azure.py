"""Azure's registries: what opens them, and who never hears it."""

import base64

import pytest

from datasources import docker
from tests.datasources.conftest import Connect
from tests.servers import Reply, Request, as_json
from tests.servers.pages import PagedRegistry
from updater.api import AuthError, Package, Secret
from updater.hosts import HostRule

HOST = "acme.azurecr.io"
PRINCIPAL = "Basic " + base64.b64encode(b"11111111-2222:s3cret").decode()


class ContainerRegistry(PagedRegistry):
    """Gives tokens to the service principal, and answers to them only."""

    def handle(self, request: Request) -> Reply:
        if request.path == "/oauth2/token":
            is_known = request.headers.get("authorization") == PRINCIPAL
            return as_json({"access_token": "t0ken"}) if is_known else Reply(status=401)
        if request.headers.get("authorization") == "Bearer t0ken":
            return super().handle(request)
        realm = f'Bearer realm="https://{HOST}/oauth2/token",service="{HOST}",scope="repository:app:pull"'
        return Reply(status=401, headers={"WWW-Authenticate": realm})


@pytest.fixture
def principal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AZURE_CLIENT_ID", "11111111-2222")
    monkeypatch.setenv("AZURE_CLIENT_SECRET", "s3cret")


@pytest.mark.usefixtures("principal")
async def test_the_service_principal_of_the_environment(connect: Connect) -> None:
    """The variables that Azure's own libraries take open a registry."""
    with ContainerRegistry({"app": ["1.0.0"]}) as server:
        async with connect({HOST: server.url}) as client:
            found = await docker.releases(Package(datasource="docker", name=f"{HOST}/app"), client)
    assert len(found.releases) == 1


async def test_without_a_principal(connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    """The refusal stands, and says what to write."""
    monkeypatch.delenv("AZURE_CLIENT_ID", raising=False)
    with ContainerRegistry({"app": ["1.0.0"]}) as server:
        async with connect({HOST: server.url}) as client:
            with pytest.raises(AuthError, match="host rule"):
                await docker.releases(Package(datasource="docker", name=f"{HOST}/app"), client)


@pytest.mark.usefixtures("principal")
@pytest.mark.parametrize("host", ["registry.example.com", "azurecr.io.example.com", "acme.azurecr.io.example.com"])
async def test_nobody_else_hears_it(connect: Connect, host: str) -> None:
    """A registry that is not Azure's is never sent the secret, whatever it is called."""
    said = set[str]()

    def listen(request: Request) -> None:
        said.add(request.headers.get("authorization", ""))

    with ContainerRegistry({"app": ["1.0.0"]}) as server:
        server.fault = listen
        async with connect({host: server.url, HOST: server.url}) as client:
            with pytest.raises(AuthError):
                await docker.releases(Package(datasource="docker", name=f"{host}/app"), client)
    assert said == {""}


@pytest.mark.usefixtures("principal")
async def test_a_host_rule_comes_first(connect: Connect) -> None:
    """What the user says to the registry is not overruled by the environment."""
    with ContainerRegistry({"app": ["1.0.0"]}) as server:
        rule = HostRule(match_host=HOST, username="reader", password=Secret("wrong"))
        async with connect({HOST: server.url}, rule) as client:
            with pytest.raises(AuthError):
                await docker.releases(Package(datasource="docker", name=f"{HOST}/app"), client)
