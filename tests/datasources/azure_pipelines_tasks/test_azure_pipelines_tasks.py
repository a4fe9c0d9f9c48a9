"""Tasks of Azure Pipelines: from an organisation, or from the repository of the tasks."""

import pytest

from datasources import azure_pipelines_tasks
from tests.datasources.conftest import Connect
from tests.servers import Reply, as_json
from tests.servers.catalogs import AzureDevOps
from tests.servers.forge_api import TOKEN
from tests.servers.pages import DOWN, GARBAGE
from updater.api import AuthError, InvalidAnswer, NotFound, Package, Release, RequestError, Secret, Unavailable
from updater.hosts import HostRule

AZURE, GITHUB = "dev.azure.com", "api.github.com"
TASKS = {"Bash": {"3.231.0": "", "4.2.1": ""}, "Deploy": {"1.0.0": ""}}
READER = HostRule(match_host=AZURE, username="", password=Secret(TOKEN))


def task(name: str, *organisations: str) -> Package:
    urls = tuple(f"https://{AZURE}/{organisation}/" for organisation in organisations)
    return Package(datasource="azure-pipelines-tasks", name=name, registry_urls=urls)


async def test_an_organisation_knows_all_versions(connect: Connect) -> None:
    """Major versions, which float, and the exact ones; deprecated ones are marked."""
    with AzureDevOps(TASKS) as server:
        server.notes["3.231.0"] = {"deprecated": True}
        async with connect({AZURE: server.url}, READER) as client:
            found = await azure_pipelines_tasks.releases(task("bash", "acme"), client)
    assert set(found.releases) == {
        Release(version="3", deprecated=True),
        Release(version="3.231.0", deprecated=True),
        Release(version="4"),
        Release(version="4.2.1"),
    }


async def test_what_a_task_may_be_called(connect: Connect) -> None:
    """Its name in any letters, with publisher and extension before it, or its id; one request for all tasks."""
    with AzureDevOps(TASKS) as server:
        async with connect({AZURE: server.url}, READER) as client:
            for name in ("Deploy", "deploy", "acme.tools.Deploy", server.id_of("Deploy")):
                found = await azure_pipelines_tasks.releases(task(name, "acme"), client)
                assert {release.version for release in found.releases} == {"1", "1.0.0"}
        assert len(server.requests) == 1


async def test_an_organisation_answers_nobody_without_a_token(connect: Connect) -> None:
    """Azure answers a stranger with a page to sign in and status 203: that is an AuthError."""
    with AzureDevOps(TASKS) as server:
        async with connect({AZURE: server.url}) as client:
            with pytest.raises(AuthError, match="host rule"):
                await azure_pipelines_tasks.releases(task("Bash", "acme"), client)


async def test_the_repository_knows_major_versions(connect: Connect) -> None:
    """Without an organisation, the folders of the tasks tell them; one request for all tasks."""
    with AzureDevOps() as server:
        async with connect({GITHUB: server.url}) as client:
            found = await azure_pipelines_tasks.releases(task("bash"), client)
            assert found.releases == (Release(version="3"), Release(version="4"))
            with pytest.raises(NotFound, match="registryUrls"):
                await azure_pipelines_tasks.releases(task("Common"), client)
        assert len(server.requests) == 1


async def test_the_next_organisation_may_know(connect: Connect) -> None:
    """What the first of the ``registryUrls`` does not have, the next one may."""
    with AzureDevOps(TASKS) as server:
        async with connect({AZURE: server.url}, READER) as client:
            assert (await azure_pipelines_tasks.releases(task("Bash", "other", "acme"), client)).releases
            with pytest.raises(NotFound, match="has no task Unknown"):
                await azure_pipelines_tasks.releases(task("Unknown", "acme"), client)


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (DOWN, Unavailable),
        (GARBAGE, InvalidAnswer),
        (as_json("odd"), InvalidAnswer),
        (as_json(["odd"]), InvalidAnswer),
        (as_json({"value": ["odd"]}), InvalidAnswer),
        (as_json({"value": [{"name": "Bash", "version": "3"}]}), InvalidAnswer),
        (as_json({"value": [{"name": "Bash", "version": {"major": "x"}}]}), InvalidAnswer),
    ],
)
async def test_failures(connect: Connect, fault: Reply, error: type[RequestError]) -> None:
    """An outage keeps its kind; an answer that makes no sense is InvalidAnswer, from either source."""
    with AzureDevOps(TASKS) as server:
        server.fault = fault
        async with connect({AZURE: server.url, GITHUB: server.url}, READER) as client:
            for package in (task("Bash", "acme"), task("Bash")):
                with pytest.raises(error):
                    await azure_pipelines_tasks.releases(package, client)
