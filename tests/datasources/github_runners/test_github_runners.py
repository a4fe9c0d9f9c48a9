"""The table of GitHub's runner images."""

import pytest

from datasources import github_runners
from tests.datasources.conftest import Connect
from updater import versioning
from updater.api import NotFound, Package


async def versions(connect: Connect, name: str, *, deprecated: bool) -> set[str]:
    async with connect() as client:
        found = await github_runners.releases(Package(datasource="github-runners", name=name), client)
    return {release.version for release in found.releases if release.deprecated is deprecated}


@pytest.mark.parametrize(
    ("name", "new", "old"), [("ubuntu", "24.04", "20.04"), ("macos", "15", "13"), ("windows", "2025", "2019")]
)
async def test_what_is_offered(connect: Connect, name: str, new: str, old: str) -> None:
    """Images that are gone stay in the table, marked as deprecated; none is in it twice."""
    offered, gone = [await versions(connect, name, deprecated=deprecated) for deprecated in (False, True)]
    assert new in offered
    assert old in gone
    assert not offered & gone


@pytest.mark.parametrize("name", ["ubuntu", "macos", "windows"])
async def test_every_entry_is_a_version(connect: Connect, name: str) -> None:
    """The versioning that goes with the table understands all of it."""
    scheme = versioning.get(github_runners.VERSIONING)
    entries = await versions(connect, name, deprecated=False) | await versions(connect, name, deprecated=True)
    assert all(map(scheme.is_valid, entries))


@pytest.mark.parametrize("name", ["debian", "self-hosted", ""])
async def test_other_runners_are_not_github_s(connect: Connect, name: str) -> None:
    """A label of somebody's own is NotFound."""
    with pytest.raises(NotFound):
        await versions(connect, name, deprecated=False)
