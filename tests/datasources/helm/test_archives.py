"""Where the archive of a chart's version is, by what the index says of it."""

import pytest

from datasources import helm
from datasources._helm_index import cut_out
from tests.datasources.conftest import Connect
from tests.servers import Reply, Request, Server
from updater.api import NotFound, Package


class Charts(Server):
    """A chart repository: an index as it is given, and archives that hold their own address."""

    def __init__(self, index: str) -> None:
        super().__init__()
        self.index = index

    def handle(self, request: Request) -> Reply:
        return Reply(body=(self.index if request.path == "/index.yaml" else request.path).encode())


ENTRIES = {
    "canonical": "  web:\n  - name: web\n    urls:\n    - of/{}.tgz\n    version: {}\n{}",
    "further in": "  web:\n    - version: {1}\n      urls: [of/{0}.tgz]\n{2}",
    "quoted": "  web:\n  - urls:\n    - of/{}.tgz\n    version: '{}'\n{}",
    "carriage returns": "  web:\r\n  - urls:\r\n    - of/{}.tgz\r\n    version: {}\r\n{}",
    "in braces": '  web:\n  - {{"urls": ["of/{}.tgz"], "version": "{}"}}\n{}',
}


@pytest.mark.parametrize("form", ENTRIES.values(), ids=list(ENTRIES))
async def test_the_archive_of_one_version(connect: Connect, form: str) -> None:
    """Its address is found in whatever form the index is written; what is not there is told."""
    text = "apiVersion: v1\nentries:\n" + form.format("1.0.0", "1.0.0", "")
    with Charts(text) as server:
        package = Package(datasource="helm", name="web", registry_urls=(server.url,))
        async with connect({}) as client:
            assert await helm.archive(package, "1.0.0", client) == b"/of/1.0.0.tgz"
            with pytest.raises(NotFound, match=r"has no web 1\.0"):
                await helm.archive(package, "1.0", client)


@pytest.mark.parametrize(
    ("piece", "version", "found"),
    [
        (b"\n  web:\n  - version: 1.0.0\n    a: 1\n  - version: 2.0.0\n", "2.0.0", b"\n  - version: 2.0.0\n"),
        (
            b"\n  web:\n  - a: 1\n    version: '1.0.0'\n  - version: 2.0.0\n",
            "1.0.0",
            b"\n  - a: 1\n    version: '1.0.0'",
        ),
        (b"\n  web:\n  - version: 1.0.0\n  - version: 1.0.0\n", "1.0.0", None),
        (b"\n  web:\n  - version: 1x0.0\n", "1.0.0", None),
        (b"\n  web:\n  - a:\n      version: 1.0.0\n    version: 2.0.0\n", "1.0.0", None),
        (b"\n  web: []\n", "1.0.0", None),
    ],
)
def test_one_entry_is_cut_out(piece: bytes, version: str, found: bytes | None) -> None:
    """The text of one entry, where there is exactly one with that version; a version deeper inside is another's."""
    assert cut_out(piece, version) == found
