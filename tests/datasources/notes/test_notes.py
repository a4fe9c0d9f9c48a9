"""What forges tell about releases, each in its own way, and where an image says it is developed."""

from types import ModuleType

import pytest

from datasources import docker, gitea_releases, github_releases, gitlab_releases, helm
from tests.datasources.conftest import REGISTRY, TOKEN_SERVER, Connect, PickRegistry
from tests.material.charts import chart
from tests.servers import Reply, as_json
from tests.servers.forge_api import RATE_LIMITED, Forge
from tests.servers.forges import OtherForge
from tests.servers.helm import HelmRepository
from updater.api import InvalidAnswer, NotesSource, NotFound, Package, RateLimited

GITHUB, GITLAB, GITEA = "https://github.com/acme/api", "https://gitlab.com/group/sub/app", "https://gitea.com/acme/api"
ROW = {"tag_name": "v1.1.0", "name": "The second", "published_at": "2024-01-02T00:00:00Z", "html_url": f"{GITHUB}/x"}


@pytest.mark.parametrize(
    ("source", "url", "expected"),
    [
        (github_releases, GITHUB, True),
        (github_releases, "https://github.example.com/acme/api.git", True),
        (github_releases, "https://acme.github.io/charts", False),
        (github_releases, "https://github.com/acme", False),
        (github_releases, "https://example.com/github/acme", False),
        (github_releases, "javascript://github.com/acme/api", False),
        (github_releases, "https://[broken", False),
        (gitlab_releases, GITLAB, True),
        (gitlab_releases, f"{GITLAB}/-/tree/main", True),
        (gitlab_releases, GITHUB, False),
        (gitea_releases, "https://codeberg.org/acme/api", True),
    ],
)
def test_whose_business_an_address_is(source: ModuleType, url: str, expected: bool) -> None:  # noqa: FBT001 - a row
    """Forges are known by a part of their host's name."""
    assert isinstance(source, NotesSource)
    assert source.is_home_of(url) is expected


@pytest.mark.parametrize(
    ("source", "url", "expected"),
    [
        (github_releases, GITHUB, f"{GITHUB}/compare/v1...v2"),
        (gitlab_releases, GITLAB, f"{GITLAB}/-/compare/v1...v2"),
        (gitea_releases, GITEA, f"{GITEA}/compare/v1...v2"),
    ],
)
def test_the_page_between_two_tags(source: NotesSource, url: str, expected: str) -> None:
    """Each forge has its own address for it."""
    assert source.comparison(url, "v1", "v2") == expected


async def test_notes_from_github(connect: Connect) -> None:
    """One request; no drafts, an empty text where there is none."""
    with Forge() as forge:
        forge.repository("acme/api", releases=["v1.0.0"])
        rows = [{**ROW, "body": "new"}, {"tag_name": "v2", "draft": True}, {"tag_name": "v1.0.0", "body": None}]
        forge.fault = as_json(rows)
        async with connect({"api.github.com": forge.url}) as client:
            found = await github_releases.notes(GITHUB, client)

    assert [(note.tag, note.title, note.text) for note in found] == [
        ("v1.1.0", "The second", "new"),
        ("v1.0.0", None, ""),
    ]
    assert forge.paths() == ["/repos/acme/api/releases?per_page=100&page=1"]


async def test_notes_from_gitlab(connect: Connect) -> None:
    """The name is one part of the path, the text is called a description; nothing that is announced for later."""
    with OtherForge("gitlab") as forge:
        rows = [
            {"tag_name": "v1", "description": "new", "_links": {"self": GITLAB}},
            {"tag_name": "v2", "upcoming_release": True},
        ]
        forge.fault = as_json(rows)
        async with connect({"gitlab.com": forge.url}) as client:
            found = await gitlab_releases.notes(GITLAB, client)

    assert [(note.tag, note.text, note.url) for note in found] == [("v1", "new", GITLAB)]
    assert forge.paths() == ["/api/v4/projects/group%2Fsub%2Fapp/releases?per_page=100"]


@pytest.mark.parametrize(
    ("fault", "error"),
    [(RATE_LIMITED, RateLimited), (Reply(body=b"<html>"), InvalidAnswer), (Reply(status=404), NotFound)],
)
async def test_what_a_forge_refuses_is_an_error(connect: Connect, fault: Reply, error: type[Exception]) -> None:
    """Never "no notes": whoever asks has to know the difference."""
    with Forge() as forge:
        forge.fault = fault
        async with connect({"api.github.com": forge.url}) as client:
            with pytest.raises(error):
                await github_releases.notes(GITHUB, client)


async def test_a_file_of_changes_is_looked_for(connect: Connect) -> None:
    """Under two names, at the tag; none of them is an answer, too."""
    with HelmRepository() as files:
        files.files["/acme/api/raw/v1.1.0/CHANGES.md"] = b"## 1.1.0\nnew\n"
        async with connect({"github.com": files.url}) as client:
            found = await github_releases.changelog(GITHUB, "v1.1.0", "", client)
            missing = await github_releases.changelog(GITHUB, "v1.0.0", "", client)

    assert (found, missing) == ("## 1.1.0\nnew\n", None)


async def test_a_file_of_changes_may_stand_in_a_directory(connect: Connect) -> None:
    """Where the package is made; if there is none, the one at the root counts."""
    with HelmRepository() as files:
        files.files["/acme/api/raw/v1.1.0/CHANGELOG.md"] = b"all of it"
        files.files["/acme/api/raw/v1.1.0/charts/a b/CHANGES.md"] = b"the chart"
        async with connect({"github.com": files.url}) as client:
            found = [
                await github_releases.changelog(GITHUB, "v1.1.0", directory, client)
                for directory in ("charts/a b/", "charts/other", "")
            ]

    assert found == ["the chart", "all of it", "all of it"]


async def test_an_image_says_where_it_is_developed(connect: Connect, registry: PickRegistry) -> None:
    """In a label of its configuration, or an annotation of its index; one that says nothing has no home."""
    running = registry("open")
    source = {"org.opencontainers.image.source": GITHUB}
    running.push("team/labelled", "1.0.0", labels=source)
    running.push("team/annotated", "1.0.0", annotations=source)
    async with connect({REGISTRY: running.url}) as client:
        found = [
            await docker.origin(Package(datasource="docker", name=f"{REGISTRY}/team/{name}"), "1.0.0", client)
            for name in ("labelled", "annotated", "app")
        ]

    assert found == [GITHUB, GITHUB, None]


async def test_a_chart_comes_from_a_registry(connect: Connect, registry: PickRegistry) -> None:
    """Its layer, found through the manifest of the version, with whatever the registry wants to hear."""
    package = Package(datasource="helm", name="podinfo", registry_urls=(f"oci://{REGISTRY}/charts",))
    routes = {REGISTRY: registry("token").url, TOKEN_SERVER: registry("token").url}
    async with connect(routes) as client:
        assert await helm.archive(package, "1.0.0+build.5", client) == b"chart 1.0.0+build.5"


async def test_an_archive_that_was_exchanged_is_refused(connect: Connect) -> None:
    """What does not fit the digest in the index is not read."""
    entry = f"  - digest: {'0' * 64}\n    name: web\n    urls: [web.tgz]\n    version: 1.0.0\n"
    package = Package(datasource="helm", name="web", registry_urls=("https://charts.example.com",))
    with HelmRepository(f"apiVersion: v1\nentries:\n  web:\n{entry}") as charts:
        charts.files["/web.tgz"] = chart("1.0.0")
        async with connect({"charts.example.com": charts.url}) as client:
            with pytest.raises(InvalidAnswer, match="does not fit its digest"):
                await helm.archive(package, "1.0.0", client)
