"""Registries whose addresses only the configuration knows: npm, pypi, go."""

import pytest

from datasources import go, npm, pypi
from tests.datasources.conftest import Connect
from tests.servers import Reply, Request, as_json
from tests.servers.catalogs import Catalog, GoProxy, NpmRegistry, PythonIndex
from tests.servers.pages import DOWN, GARBAGE
from updater.api import Datasource, Package, RequestError

HOST = "registry.example.com"
DATES = {"v1.0.0": "2024-01-01T00:00:00Z"}
each = pytest.mark.parametrize(
    ("datasource", "server_of", "path"),
    [(npm, NpmRegistry, ""), (pypi, PythonIndex, "/simple"), (go, GoProxy, "")],
    ids=["npm", "pypi", "go"],
)


def private(name: str, path: str) -> Package:
    return Package(datasource=name, name="tool", registry_urls=(f"https://someone:s3cret@{HOST}{path}/",))


@each
async def test_credentials_in_the_address(
    connect: Connect, datasource: Datasource, server_of: type[Catalog], path: str
) -> None:
    """They are shown to the registry, and to nobody else."""
    shown: list[str | None] = []

    def listen(request: Request) -> None:
        shown.append(request.headers.get("authorization"))

    with server_of({"tool": DATES}) as server:
        server.fault = listen
        async with connect({HOST: server.url}) as client:
            found = await datasource.releases(private(datasource.NAME, path), client)
    assert set(shown) == {"Basic c29tZW9uZTpzM2NyZXQ="}
    assert "s3cret" not in repr(found)


@each
async def test_errors_keep_secrets(
    connect: Connect, datasource: Datasource, server_of: type[Catalog], path: str
) -> None:
    """No message and no address of an error holds a password."""
    for fault in (DOWN, GARBAGE, as_json({"versions": {}, "files": []}), as_json([]), Reply(status=404)):
        with server_of() as server:
            server.fault = fault
            async with connect({HOST: server.url}) as client:
                with pytest.raises(RequestError) as caught:
                    await datasource.releases(private(datasource.NAME, path), client)
        assert "s3cret" not in f"{caught.value} {caught.value.url}"
