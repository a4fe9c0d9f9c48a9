"""Projects of a Python package index, in JSON and in HTML."""

from datetime import UTC, datetime

import pytest

from datasources import pypi
from tests.datasources.conftest import Connect
from tests.servers import Reply, as_json
from tests.servers.catalogs import PythonIndex
from tests.servers.pages import DENIED, DOWN, GARBAGE
from updater.api import AuthError, InvalidAnswer, NotFound, Package, Release, RequestError, Unavailable

INDEX = "python.example.com"
DATES = {"1.0.0": "2024-01-01T00:00:00.000000Z", "1.1.0rc1": "2024-02-01T00:00:00Z"}
JSON = {"Content-Type": "application/vnd.pypi.simple.v1+json"}


def project(name: str = "my-tool", *registry_urls: str) -> Package:
    return Package(datasource="pypi", name=name, registry_urls=registry_urls or (f"https://{INDEX}/simple/",))


async def test_an_index_that_speaks_json(connect: Connect) -> None:
    """One request brings versions with the time of their first file; one yanked file makes no yanked version."""
    with PythonIndex({"my-tool": DATES}) as server:
        server.notes["1.0.0"] = {"yanked": "broken"}
        async with connect({INDEX: server.url}) as client:
            found = await pypi.releases(project(), client)
        assert server.paths() == ["/simple/my-tool/"]
    assert set(found.releases) == {
        Release(version="1.0.0", published=datetime(2024, 1, 1, tzinfo=UTC)),
        Release(version="1.1.0rc1", published=datetime(2024, 2, 1, tzinfo=UTC)),
    }


async def test_an_index_that_speaks_html(connect: Connect) -> None:
    """Then there are no dates."""
    with PythonIndex({"my-tool": DATES}) as server:
        server.speaks_json = False
        async with connect({INDEX: server.url}) as client:
            found = await pypi.releases(project(), client)
    assert set(found.releases) == {Release(version="1.0.0"), Release(version="1.1.0rc1")}


@pytest.mark.parametrize("name", ["my-tool", "My.Tool", "MY__tool"])
@pytest.mark.parametrize("address", [f"https://{INDEX}/simple", f"https://{INDEX}/pypi/"])
async def test_names_and_addresses(connect: Connect, name: str, address: str) -> None:
    """A name may be written in many ways; the address of the other API leads to this one."""
    with PythonIndex({"my-tool": DATES}) as server:
        async with connect({INDEX: server.url}) as client:
            assert len((await pypi.releases(project(name, address), client)).releases) == 2


async def test_files_and_their_versions(connect: Connect) -> None:
    """Wheels, eggs and archives have a version in their names; installers and files of other projects do not count."""
    names = [
        "my_tool-1.0-py3-none-any.whl", "My.Tool-1.1.tar.gz", "my-tool-1.2.zip", "my_tool-1.3-py3.6.egg",
        "my-tool-1.4.exe", "other-9.0.tar.gz", "my-tool", "my-tool-.tar.gz",
    ]  # fmt: skip
    files = [{"filename": name} for name in names]
    with PythonIndex() as server:
        server.fault = as_json({"files": files}, headers=JSON)
        async with connect({INDEX: server.url}) as client:
            found = await pypi.releases(project(), client)
    assert {release.version for release in found.releases} == {"1.0", "1.1", "1.2", "1.3"}


async def test_yanked_versions(connect: Connect) -> None:
    """A version of which every file was yanked is deprecated, in JSON (true or a reason) and in HTML."""
    files = [
        {"filename": "my_tool-1.0-py3-none-any.whl", "yanked": True},
        {"filename": "my-tool-1.0.tar.gz", "yanked": "broken"},
        {"filename": "my-tool-1.1.tar.gz", "yanked": False},
    ]
    page = (
        b'<a href="x" data-yanked="">my-tool-1.0.tar.gz</a><A HREF="y" data-requires-python=">=3">my-tool-1.1.zip</A>'
    )
    for answer in (as_json({"files": files}, headers=JSON), Reply(body=page)):
        with PythonIndex() as server:
            server.fault = answer
            async with connect({INDEX: server.url}) as client:
                found = await pypi.releases(project(), client)
        assert {release.version: release.deprecated for release in found.releases} == {"1.0": True, "1.1": False}


async def test_no_index_is_built_in(connect: Connect) -> None:
    """Without ``registryUrls`` the error says what to set."""
    async with connect() as client:
        with pytest.raises(RequestError, match="no index of Python packages is configured: set registryUrls"):
            await pypi.releases(Package(datasource="pypi", name="my-tool"), client)


@pytest.mark.parametrize("name", ["none", "empty", "../x", "a b", "-x", ""])
async def test_what_is_not_there(connect: Connect, name: str) -> None:
    """An unknown project, one without files, and what is no name are NotFound."""
    with PythonIndex({"empty": {}}) as server:
        async with connect({INDEX: server.url}) as client:
            with pytest.raises(NotFound):
                await pypi.releases(project(name), client)


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (DOWN, Unavailable),
        (DENIED, AuthError),
        (GARBAGE, InvalidAnswer),
        (Reply(body=b'<a href="/login">Sign in</a>'), InvalidAnswer),
        (Reply(body=b"<a " * 100_000), InvalidAnswer),
        (as_json([], headers=JSON), InvalidAnswer),
        (as_json({"files": [{}]}, headers=JSON), InvalidAnswer),
        (as_json({"files": ["my-tool-1.0.zip"]}, headers=JSON), InvalidAnswer),
    ],
)
async def test_failures(connect: Connect, fault: Reply, error: type[RequestError]) -> None:
    """An outage and a refusal keep their kinds; a page that lists no files is InvalidAnswer."""
    with PythonIndex() as server:
        server.fault = fault
        async with connect({INDEX: server.url}) as client:
            with pytest.raises(error):
                await pypi.releases(project(), client)
