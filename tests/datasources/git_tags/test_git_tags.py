"""Tags and branches of real Git repositories over HTTP."""

import pytest

from datasources import _git, git_refs, git_tags
from tests.datasources.conftest import Connect
from tests.servers.forge_api import Forge
from tests.servers.pages import DENIED, DOWN, GARBAGE
from updater.api import AuthError, NotFound, Package, Release, RequestError

HOST = "git.example.com"


def repository(url: str) -> Package:
    return Package(datasource="git-tags", name=url)


@pytest.mark.parametrize(
    "url", [f"https://{HOST}/team/app.git", f"https://{HOST}/team/app", f"git@{HOST}:team/app.git", f"ssh://git@{HOST}/team/app"]
)  # fmt: skip
async def test_tags(connect: Connect, url: str) -> None:
    """Tags come with their commits, annotated ones peeled, whatever the form of the address."""
    with Forge() as forge:
        forge.repository("team/app", tags=["v1.0.0"], annotated=["v2.0.0"])
        async with connect({HOST: forge.url}) as client:
            found = await git_tags.releases(repository(url), client)
            assert await git_tags.digest(repository(url), "v2.0.0", client) == forge.commit("team/app", "v2.0.0")
        assert set(found.releases) == {
            Release(version=tag, digest=forge.commit("team/app", tag)) for tag in ("v1.0.0", "v2.0.0")
        }
        assert len([asked for asked in forge.requests if "info/refs" in asked.path]) == 1
    assert found.source_url == f"https://{HOST}/team/app"


async def test_branches(connect: Connect) -> None:
    """git-refs gives branches; a digest is that of the branch, or else of the tag."""
    package = repository(f"https://{HOST}/team/app")
    with Forge() as forge:
        forge.repository("team/app", tags=["v1.0.0", "v2.0.0"])
        async with connect({HOST: forge.url}) as client:
            found = await git_refs.releases(package, client)
            assert await git_refs.digest(package, "main", client) == forge.commit("team/app", "main")
            assert await git_refs.digest(package, "v1.0.0", client) == forge.commit("team/app", "v1.0.0")
            with pytest.raises(NotFound, match="release-9"):
                await git_refs.digest(package, "release-9", client)
        assert found.releases == (Release(version="main", digest=forge.commit("team/app", "main")),)


async def test_what_is_not_there(connect: Connect) -> None:
    """An unknown repository, one without tags, and an unknown tag are NotFound."""
    with Forge() as forge:
        forge.repository("team/empty")
        async with connect({HOST: forge.url}) as client:
            for name in ("team/none", "team/empty"):
                with pytest.raises(NotFound):
                    await git_tags.releases(repository(f"https://{HOST}/{name}"), client)
            with pytest.raises(NotFound):
                await git_tags.digest(repository(f"https://{HOST}/team/empty"), "v1", client)


async def test_failures(connect: Connect) -> None:
    """A refusal is an AuthError; an outage or a page instead of a repository is some error, never "no tags"."""
    for fault, error in ((DENIED, AuthError), (DOWN, RequestError), (GARBAGE, RequestError)):
        with Forge() as forge:
            forge.fault = fault
            async with connect({HOST: forge.url}) as client:
                with pytest.raises(error) as caught:
                    await git_tags.releases(repository(f"https://{HOST}/team/app"), client)
        assert not isinstance(caught.value, NotFound)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://github.com/a/b.git", "https://github.com/a/b"),
        ("https://user:s3cret@github.com/a/b/", "https://github.com/a/b"),
        ("https://s3cret@github.com/a/b", "https://github.com/a/b"),
        ("git@github.com:a/b.git", "https://github.com/a/b"),
        ("ssh://git@github.com/a/b.git", "https://github.com/a/b"),
        ("ssh://git@git.example.com:7999/a/b.git", "https://git.example.com/a/b"),
        ("git://s3cret@example.com/a", "example.com/a"),
    ],
)
def test_where_a_person_looks(url: str, expected: str) -> None:
    """A link to the repository is by HTTPS and never shows credentials."""
    assert _git.web_url(url) == expected
