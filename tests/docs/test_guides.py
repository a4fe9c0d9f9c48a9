"""The guides are run: what they show works."""

import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from updater.api import Client, Datasource, Dependency, Manager, Package, Response, SourceFile

DOCS = Path(__file__).parents[2] / "docs"


def example(guide: str) -> ModuleType:
    source = re.search(r"```python\n(.*?)```", (DOCS / guide).read_text(), re.DOTALL)
    assert source is not None
    module = ModuleType("example")
    exec(compile(source[1], guide, "exec"), module.__dict__)
    return module


def test_the_manager_of_the_guide_works() -> None:
    """The example is a manager, and finds the version with its exact place."""
    manager = example("add-a-manager.md")
    assert isinstance(manager, Manager)

    found = list(manager.extract(SourceFile(path=".spinnaker-version", text="\n1.34.2\n")))

    assert len(found) == 1
    assert isinstance(found[0], Dependency)
    assert (found[0].current_value, found[0].span, found[0].line) == ("1.34.2", (1, 7), 2)


async def test_the_datasource_of_the_guide_works() -> None:
    """The example is a datasource, and offers what the file lists."""

    class OnePage:
        async def get(self, url: str) -> Response:
            return Response(status=200, headers={}, content=b"1.0.0\n\n1.1.0\n", url=url)

    datasource = example("add-a-datasource.md")
    assert isinstance(datasource, Datasource)

    client: Client = OnePage()  # type: ignore[assignment]  # the example uses nothing but get
    found = await datasource.releases(Package(datasource="text-lines", name="https://example.com/v.txt"), client)

    assert [release.version for release in found.releases] == ["1.0.0", "1.1.0"]


def links() -> Iterator[tuple[Path, str]]:
    root = DOCS.parent
    for page in (*root.glob("*.md"), *DOCS.rglob("*.md")):
        for target in re.findall(r"\]\((?!https?:|#)([^)#\s]+)", page.read_text()):
            yield page, target


@pytest.mark.parametrize(("page", "target"), sorted(set(links())))
def test_links_between_pages_lead_somewhere(page: Path, target: str) -> None:
    """Every relative link in the documentation names a file that exists."""
    assert (page.parent / target).exists()
