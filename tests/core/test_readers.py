"""Which managers look at which files."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from updater.api import Extracted, Manager, SourceFile
from updater.config import load
from updater.readers import readers
from updater.repo import WorkTree


@dataclass
class Plain:
    """A manager with everything that decides when it is asked."""

    NAME: str
    FILES: tuple[str, ...] = ("*.yaml",)
    MARKERS: tuple[str, ...] = ()
    FOREIGN: tuple[str, ...] = ()
    NARROWABLE: bool = False
    found: list[Extracted] = field(default_factory=list)

    def extract(self, file: SourceFile) -> Iterator[Extracted]:
        return iter(self.found)


def asked(root: Path, path: str, text: str, *managers: Manager, config: str = "{}") -> list[str]:
    """The names of those that are asked about a file."""
    (root / "renovate.json").write_text(config)
    names = {manager.NAME: manager for manager in managers}
    found, rows = readers(load(WorkTree(root), managers=names.keys()), names, {})
    assert rows == ()
    return [reader.manager.NAME for reader in found.reading(path, text.encode()).readers]


@pytest.mark.parametrize(
    ("files", "path", "is_asked"),
    [
        (("*.yaml",), "a/b/x.yaml", True),
        (("*.yaml",), "x.yml", False),
        (("*.yaml",), "yaml", False),
        (("*.tf.json",), "main.tf.json", True),
        (("*.tf.json",), "main.json", False),
        (("Dockerfile*",), "build/Dockerfile.dev", True),
        (("Dockerfile*",), "build/dockerfile.d/x", False),
        ((".tool-versions",), "a/.tool-versions", True),
        (("*values*.json",), "my-values-prod.json", True),
        (("*.[yt]ml",), "a.tml", True),
    ],
)
def test_names(files: tuple[str, ...], path: str, is_asked: bool, tmp_path: Path) -> None:  # noqa: FBT001 - a table
    """A glob of ``FILES`` matches the last part of the path, in whatever directory."""
    assert asked(tmp_path, path, "x", Plain("one", files)) == ["one"] * is_asked


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("image: a", ["any", "image"]),
        ("spec:\n  image: a", ["any", "image"]),
        ("FROM a", ["any"]),
        ("a\nsteps:", ["any", "line"]),
        ("steps:", ["any", "line"]),
        ("a: steps:", ["any"]),
        ("  steps:\n  image", ["any", "image"]),
        ("apiVersion: v1\nimage: a\nsteps: []", ["any"]),
        ("a: apiVersion: v1\nimage: a", ["any", "image"]),
        ("größe: ü\nsteps: \udc80", ["any", "line"]),
    ],
)
def test_words(text: str, names: list[str], tmp_path: Path) -> None:
    """A marker wakes a manager, one with a newline only where a line begins; a foreign word turns it away."""
    (tmp_path / "renovate.json").write_text("{}")
    managers = {
        "any": Plain("any"),
        "image": Plain("image", MARKERS=("image",), FOREIGN=("\napiVersion:",)),
        "line": Plain("line", MARKERS=("\nsteps:", "\nstages:"), FOREIGN=("\napiVersion:",)),
    }
    found, _ = readers(load(WorkTree(tmp_path), managers=managers.keys()), managers, {})
    data = text.encode("utf-8", "surrogateescape")

    chosen, absent = found.reading("a.yaml", data)
    assert [reader.manager.NAME for reader in chosen] == names
    assert absent >= {word for word in ("image", "\nstages:", "lastmodified") if word not in text}
    assert not any(word in text for word in absent)


def test_configured_patterns_add_files(tmp_path: Path) -> None:
    """``managerFilePatterns`` open more files; what others hold counts no longer if the manager can be narrowed."""
    config = '{"one": {"managerFilePatterns": ["apps/*.txt"]}, "two": {"managerFilePatterns": ["apps/*.txt"]}}'
    managers = {"one": Plain("one", NARROWABLE=True), "two": Plain("two")}
    (tmp_path / "renovate.json").write_text(config)
    found, _ = readers(load(WorkTree(tmp_path), managers=managers.keys()), managers, {})

    assert [reader.manager.NAME for reader in found.reading("apps/a.txt", b"").readers] == ["one", "two"]
    assert [reader.admits("b.yaml") for reader in found.reading("b.yaml", b"").readers] == [False, True]
    assert all(reader.admits("apps/a.txt") for reader in found.all)


@pytest.mark.parametrize("enabled", ["helmv3", "helm-requirements", "helm-lock"])
def test_lock_files_belong_to_their_manager(enabled: str, tmp_path: Path) -> None:
    """Who enables only the manager of charts gets their lock files with them, as in Renovate."""
    managers = Plain("helmv3"), Plain("helm-lock"), Plain("helm-requirements"), Plain("terraform-lock")
    found = asked(tmp_path, "a.yaml", "", *managers, config=f'{{"enabledManagers": ["{enabled}"]}}')

    assert set(found) == {enabled, "helm-lock"}
