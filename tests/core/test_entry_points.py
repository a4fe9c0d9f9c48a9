"""Entry points: found as importlib.metadata finds them, without it where everything is in directories."""

import sys
import zipfile
from importlib.metadata import Distribution, distributions
from pathlib import Path

import pytest

from updater.entry_points import EntryPoint, declared, read

TEXT = """\
# of a plugin

[console_scripts]
acme = acme:main

[updater.managers]
acme = acme_managers:BUILTIN
"""
FOUND = EntryPoint("updater.managers", "acme", "acme_managers:BUILTIN")


def install(place: Path, name: str = "acme-1.0.dist-info") -> None:
    """A distribution with the entry points, as far as they are concerned."""
    (place / name).mkdir(parents=True)
    (place / name / "entry_points.txt").write_text(TEXT)


def test_they_are_those_of_the_standard_library() -> None:
    """All that is installed here is read as ``importlib.metadata`` reads it."""
    theirs = {(each.group, each.name, each.value) for one in distributions() for each in one.entry_points}

    assert {tuple(each) for each in declared("")} == theirs
    assert all(
        (each.module, each.attribute) == (other.module, other.attr)
        for each in declared("updater.")
        for one in distributions()
        for other in one.entry_points
        if (each.group, each.name, each.value) == (other.group, other.name, other.value)
    )


@pytest.mark.parametrize("name", ["acme-1.0.dist-info", "Acme.egg-info"])
def test_a_foreign_plugin_is_found_once(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two places on the path with the same distribution give one entry, and only our groups count."""
    for place in ("one", "two"):
        install(tmp_path / place, name)
        monkeypatch.syspath_prepend(tmp_path / place)

    assert [each for each in declared("updater.") if "acme" in each.value] == [FOUND]


def test_what_is_no_distribution_does_no_harm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A place that does not exist, a distribution without entry points, a file in the place of one, and odd bytes."""
    (tmp_path / "empty-1.0.dist-info").mkdir()
    (tmp_path / "file.egg-info").write_text("Name: file")
    (tmp_path / "odd-1.0.dist-info").mkdir()
    (tmp_path / "odd-1.0.dist-info" / "entry_points.txt").write_bytes(b"[updater.managers]\nodd = \xff\n")
    before = declared("console_scripts")
    monkeypatch.setattr(sys, "path", [str(tmp_path / "nowhere"), str(tmp_path), *sys.path])

    assert declared("console_scripts") == before


def test_a_zip_file_is_looked_into(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a zip application brings along is found, together with what lies in directories."""
    with zipfile.ZipFile(tmp_path / "app.pyz", "w") as file:
        file.writestr("acme-1.0.dist-info/METADATA", "Name: acme\nVersion: 1.0\n")
        file.writestr("acme-1.0.dist-info/entry_points.txt", TEXT)
    before = declared("updater.")
    monkeypatch.syspath_prepend(tmp_path / "app.pyz")

    assert set(declared("updater.")) == {FOUND, *before}


def test_a_finder_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Distributions that only somebody's own finder knows are found."""

    class Acme(Distribution):
        def read_text(self, filename: str) -> str | None:
            return TEXT if filename == "entry_points.txt" else None

        def locate_file(self, path: object) -> Path:
            return Path(str(path))

    class Finder:
        def find_distributions(self, _context: object = None) -> list[Distribution]:
            return [Acme()]

        def find_spec(self, *_: object) -> None:
            return None

    monkeypatch.setattr(sys, "meta_path", [*sys.meta_path, Finder()])

    assert FOUND in declared("updater.")


def test_what_one_stands_for() -> None:
    """An attribute of an attribute, and an extra, which asks for more to be installed."""
    (each,) = read("[group]\njoin = os : path.join [extra]\n")

    assert each.load() is __import__("os").path.join
    assert EntryPoint("group", "os", "os").load() is __import__("os")
