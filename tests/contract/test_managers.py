"""What every manager promises, checked over every input file of every manager."""

import subprocess
import sys
from collections.abc import Iterator
from itertools import pairwise
from types import ModuleType

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from datasources import BUILTIN as DATASOURCES
from managers import BUILTIN
from tests.managers.reading import INPUTS, wakes
from updater.api import Clue, Dependency, Extracted, LockEntry, Manager, Skipped, SourceFile, Span
from updater.versioning import NAMES as VERSIONINGS

MANAGERS = pytest.mark.parametrize("manager", BUILTIN, ids=lambda manager: str(manager.NAME))
PIECES = (
    *(
        "apiVersion: v1\n",
        "kind: Pod\n",
        "kind: Application\n",
        "spec:\n",
        "  containers:\n",
        "  - ",
        "image: ",
        "tag: ",
    ),
    *(
        "repository: ",
        "a/b:1.2",
        "@sha256:",
        "{{",
        "}}",
        "{{ if }}",
        "---\n",
        "...\n",
        "&a ",
        "*a",
        "<<: ",
        "|\n",
        ">-\n",
    ),
    *('"', "'", "[", "]", "{", "}", ": ", "- ", "? ", "# ", "\t", "\r\n", "\ufeff", "\udc80", "\x00", "\x85", "!!str "),
    *('module "m" {\n', "source = ", "version = ", '"~> 1.0"', "<<EOT\n", "EOT\n", "${", "%{", "/*", "*/", "//", "\\"),
)
QUICK = settings(max_examples=40, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow])


def everything(manager: Manager) -> Iterator[tuple[SourceFile, Extracted]]:
    for file in INPUTS:
        for item in manager.extract(file):
            yield file, item


def places(item: Extracted) -> list[tuple[Span | None, str | None]]:
    """Each span of an item with the value that must stand there."""
    match item:
        case Dependency():
            return [(item.span, item.current_value), (item.digest_span, item.current_digest)]
        case LockEntry():
            return [(item.version_span, item.version), (item.constraints_span, item.constraints)]
        case Skipped():
            return [(item.span, item.current_value)] if item.current_value is not None else []
        case Clue():
            return places(item.about) if item.about else []


def test_names_are_unique() -> None:
    """No two managers share a name."""
    names = [manager.NAME for manager in BUILTIN]

    assert len(names) == len(set(names))


@MANAGERS
def test_the_module_is_its_user_page(manager: Manager) -> None:
    """A manager meets the protocol, and its docstring tells a user what it reads."""
    assert isinstance(manager, Manager)
    assert isinstance(manager, ModuleType)
    assert manager.__doc__
    assert len(manager.__doc__) > 200
    assert manager.FILES


@MANAGERS
def test_spans_hit(manager: Manager) -> None:
    """Every span covers exactly the value it belongs to, and every line is the one where the value stands."""
    for file, item in everything(manager):
        for span, value in places(item):
            assert (None if span is None else file.text[slice(*span)]) == value
        starts = [span.start for span, _ in places(item) if span is not None]
        placed = item.about if isinstance(item, Clue) else item
        if starts and placed:
            assert placed.line == file.line_of(starts[0])


@MANAGERS
def test_datasources_and_versionings_exist(manager: Manager) -> None:
    """Every key that a manager names is that of a built-in datasource or versioning."""
    known = {datasource.NAME for datasource in DATASOURCES}

    for _, item in everything(manager):
        if isinstance(item, Dependency | LockEntry):
            assert item.package.datasource in known
        if isinstance(item, Dependency) and item.versioning:
            assert item.versioning in VERSIONINGS


@MANAGERS
def test_items_belong_to_manager_and_file(manager: Manager) -> None:
    """Every item carries the manager's name and the file's path; every dependency has a value or a digest."""
    for file, item in everything(manager):
        assert (item.manager, item.path) == (manager.NAME, file.path)
        if isinstance(item, Dependency):
            assert item.current_value or item.current_digest
        if isinstance(item, Skipped):
            assert item.reason


@MANAGERS
def test_no_place_is_claimed_twice(manager: Manager) -> None:
    """The places of two dependencies of one file never overlap, so that every update can be applied."""
    for file in INPUTS:
        spans = sorted(
            span
            for item in manager.extract(file)
            if isinstance(item, Dependency)
            for span in (item.span, item.digest_span)
            if span is not None
        )
        assert all(first.end <= second.start for first, second in pairwise(spans))


@MANAGERS
def test_markers_miss_nothing(manager: Manager) -> None:
    """A file without any of the manager's markers has no version for it."""
    for file, item in everything(manager):
        if manager.MARKERS and not isinstance(item, Skipped):
            assert wakes(manager, file.text), item


@MANAGERS
def test_extraction_is_pure(manager: Manager) -> None:
    """The same text gives the same items, whatever was read in between."""
    first = list(everything(manager))

    assert list(everything(manager)) == first


@MANAGERS
@QUICK
@given(pieces=st.lists(st.sampled_from(PIECES) | st.text(max_size=4), max_size=60))
def test_junk_is_survived(manager: Manager, pieces: list[str]) -> None:
    """No text makes a manager raise, not even one made of pieces of its languages."""
    list(manager.extract(SourceFile(path="junk", text="".join(pieces))))


@MANAGERS
@QUICK
@given(data=st.data())
def test_damage_is_survived(manager: Manager, data: st.DataObject) -> None:
    """A real file with something cut out, doubled or put in between does not make a manager raise."""
    text = data.draw(st.sampled_from(INPUTS).map(lambda file: file.text))
    for _ in range(data.draw(st.integers(1, 4))):
        start, end = sorted(data.draw(st.tuples(*2 * (st.integers(0, len(text)),))))
        text = text[:start] + data.draw(st.sampled_from(("", text[start:end] * 2, *PIECES))) + text[end:]

    list(manager.extract(SourceFile(path="damaged", text=text)))


def test_importing_managers_is_cheap() -> None:
    """Importing all managers imports neither a YAML parser nor RE2 nor an HTTP client."""
    code = "import managers, sys; print(*sorted({'yaml', 're2', 'httpx', 'asyncio'} & set(sys.modules)))"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert result.stdout.split() == []
