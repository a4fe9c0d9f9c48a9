"""Laws of editing: what a manager finds can be replaced, and nothing else moves."""

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from managers import BUILTIN
from tests.managers.reading import INPUTS, dependencies
from updater.api import Dependency, Edit, Manager, SourceFile, Span
from updater.edit import replace

VARIANTS: dict[str, Callable[[str], str]] = {
    "as it is": lambda text: text,
    "CRLF": lambda text: text.replace("\r\n", "\n").replace("\n", "\r\n"),
    "no final newline": lambda text: text.rstrip("\r\n"),
    "BOM": lambda text: "\ufeff" + text.removeprefix("\ufeff"),
}
FILES = {
    manager.NAME: [
        SourceFile(path=file.path, text=change(file.text))
        for file in INPUTS
        if dependencies(manager, file)
        for change in VARIANTS.values()
    ]
    for manager in BUILTIN
}
"""For each manager the files in which it finds anything, in every variant."""

MANAGERS = pytest.mark.parametrize(
    "manager", [manager for manager in BUILTIN if FILES[manager.NAME]], ids=lambda manager: str(manager.NAME)
)
VERSIONS = st.lists(st.integers(0, 5_000), min_size=2, max_size=4).map(lambda parts: ".".join(map(str, parts)))
DIGITS = st.text("0123456789abcdef", min_size=64, max_size=64)


def edits(item: Dependency, version: str, digits: str) -> list[Edit]:
    """The edits that give a dependency another version and another digest of the same kind."""
    version += "".join((item.current_value or "").partition("+")[1:])  # what is behind a plus names the distribution
    digest = f"sha256:{digits}" if (item.current_digest or "").startswith("sha256:") else digits[:40]
    wanted = ((item.span, version), (item.digest_span, digest))
    return [Edit(path=item.path, span=span, text=text) for span, text in wanted if span is not None]


def outside(text: str, spans: list[Span]) -> list[str]:
    """What stands before, between and behind the spans."""
    bounds = [0, *(bound for span in sorted(spans) for bound in span), len(text)]
    return [text[start:end] for start, end in zip(bounds[::2], bounds[1::2], strict=True)]


def check(manager: Manager, file: SourceFile, index: int, version: str, digits: str) -> None:
    """Edit the dependency at ``index`` and read the file again."""
    before = dependencies(manager, file)
    item = before[index]
    if item.versioning == "kubernetes-api":
        return  # another version of an API is no outdated one
    changes = edits(item, version, digits)
    edited = SourceFile(path=file.path, text=replace(file.text, changes))
    after = dependencies(manager, edited)

    assert [(found.name, found.line) for found in after] == [(found.name, found.line) for found in before]
    again = after[index]
    spans = [span for span in (again.span, again.digest_span) if span is not None]
    assert [edited.text[slice(*span)] for span in spans] == [change.text for change in changes]
    assert outside(edited.text, spans) == outside(file.text, [change.span for change in changes])
    others = [found.current_value for found in before[:index] + before[index + 1 :]]
    assert [found.current_value for found in after[:index] + after[index + 1 :]] == others


@MANAGERS
def test_every_edit_is_found_again(manager: Manager) -> None:
    """Each version and digest can be replaced, is found at the same place, and every other character stays."""
    for file in FILES[manager.NAME]:
        for index in range(len(dependencies(manager, file))):
            check(manager, file, index, "999.998.997", 64 * "e")


@MANAGERS
def test_names_and_registries_stand_where_they_are_said_to(manager: Manager) -> None:
    """What a replacement would be written over is the name itself, and the address itself."""
    for file in FILES[manager.NAME]:
        for item in dependencies(manager, file):
            assert item.name_span is None or file.text[slice(*item.name_span)] == item.name
            assert item.registry_span is None or file.text[slice(*item.registry_span)] in item.package.registry_urls


@MANAGERS
@settings(max_examples=25, deadline=None, database=None)
@given(data=st.data(), version=VERSIONS, digits=DIGITS)
def test_any_version_can_be_written(manager: Manager, data: st.DataObject, version: str, digits: str) -> None:
    """What holds for one version holds for any, shorter or longer than the old one."""
    file = data.draw(st.sampled_from(FILES[manager.NAME]))
    index = data.draw(st.integers(0, len(dependencies(manager, file)) - 1))
    check(manager, file, index, version, digits)
