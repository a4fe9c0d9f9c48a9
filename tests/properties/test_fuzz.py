"""Damaged files: a few of the cases of ``benchmarks.fuzz``, and proof that it would notice."""

from collections.abc import Callable, Iterable
from itertools import count

import pytest

from benchmarks.fuzz import Case, Laboratory, case, groups
from benchmarks.mutations import MAX_SIZE
from updater import plugins
from updater.api import Extracted, Manager, Package, SourceFile, Span, dependency

SOURCES = groups()
CASES = 40


def test_damaged_files_are_survived() -> None:
    """Whole scans of small directories with a damaged file neither raise nor hang, and every span and edit is right."""
    laboratory = Laboratory(plugins.managers(), plugins.custom_managers(), seconds=10)
    found = [(one.number, problem) for one in _cases(CASES) for problem in laboratory.problems(one)]

    assert found == [], "again: python -m benchmarks.fuzz --seed 1 --case NUMBER"
    assert laboratory.counts["dependencies"] > CASES
    assert laboratory.counts["edits"] > CASES / 20


def test_the_same_number_is_the_same_case() -> None:
    """A case can be run again, and another seed makes another one."""
    one, again, other = (case(seed, 3, SOURCES) for seed in (1, 1, 2))

    assert (one.files, one.path, one.history) == (again.files, again.path, again.history)
    assert other.files != one.files
    assert all(len(each.files[each.path]) <= MAX_SIZE for each in _cases(50))


# ---------------------------------------------------------------- what would be noticed


class Broken:
    """A manager of files with ``1.2.3`` whose ``extract`` is whatever it is given."""

    NAME = "broken"
    FILES: tuple[str, ...] = ("*",)
    MARKERS: tuple[str, ...] = ()
    FOREIGN: tuple[str, ...] = ()
    NARROWABLE = True

    def __init__(self, extract: Callable[[SourceFile], Iterable[Extracted]]) -> None:
        self.extract = extract


def _raises(_file: SourceFile) -> Iterable[Extracted]:
    raise KeyError("a bug")


def _hangs(file: SourceFile) -> Iterable[Extracted]:
    return (_found(file, number) for number in count() if number < 0)


def _found(file: SourceFile, start: int) -> Extracted:
    package = Package(datasource="docker", name="a")
    return dependency(file, manager="broken", name="a", package=package, value=Span(start, start + 5))


def _misses(file: SourceFile) -> Iterable[Extracted]:
    shifted = SourceFile(path=file.path, text="." + file.text)
    return [_found(shifted, shifted.text.index("1.2.3"))]


def _knows_one_version(file: SourceFile) -> Iterable[Extracted]:
    return [_found(file, file.text.index("1.2.3"))] if "1.2.3" in file.text else []


def _works(file: SourceFile) -> Iterable[Extracted]:
    return [_found(file, file.text.index("version: ") + len("version: "))]


@pytest.mark.parametrize(
    ("extract", "kinds"),
    [
        (_raises, {"KeyError"}),
        (_hangs, {"slow"}),
        (_misses, {"span"}),
        (_knows_one_version, {"edit"}),
        (_works, set()),
    ],
)
def test_what_is_wrong_with_a_manager_is_noticed(
    extract: Callable[[SourceFile], Iterable[Extracted]], kinds: set[str]
) -> None:
    """An exception, an endless loop, a span beside the value, an edit that is lost; and nothing if all is well."""
    managers: dict[str, Manager] = {"broken": Broken(extract)}
    laboratory = Laboratory(managers, {}, seconds=0.2)
    files = {"a.yaml": b"name: x\nversion: 1.2.3\n"}
    chance = case(1, 3, SOURCES).chance
    one = Case(number=0, group="-", path="a.yaml", files=files, history="", chance=chance)
    problems = {problem.kind for _ in range(5) for problem in laboratory.problems(one)}

    assert problems == kinds


def _cases(number: int) -> list[Case]:
    return [case(1, each, SOURCES) for each in range(number)]
