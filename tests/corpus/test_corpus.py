"""Recall and precision over the labelled corpus are 100 %, and every version in it can be changed by itself."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest

from tests.corpus import AREAS, HERE, expected, labels, scanned
from updater import plugins
from updater.config import load
from updater.edit import replace
from updater.extractions import Extractions, content_id
from updater.model.scan import Dependency, Edit, Scan, Span
from updater.repo import WorkTree
from updater.scan import scan


class Memory:
    """The files of an area, held in memory."""

    commit = state = None
    home = "memory"

    def __init__(self, contents: Mapping[str, bytes]) -> None:
        self.contents = contents

    def files(self) -> Sequence[str]:
        return sorted(self.contents)

    def links(self) -> Mapping[str, str]:
        return {}

    def size(self, path: str) -> int:
        return len(self.contents[path])

    def identity(self, path: str) -> str | None:
        return content_id(self.contents[path])

    def read(self, paths: Sequence[str]) -> Iterator[tuple[str, bytes]]:
        return ((path, self.contents[path]) for path in paths)

    def with_edits(self, edits: Sequence[Edit]) -> "Memory":
        path = edits[0].path
        text = replace(self.contents[path].decode("utf-8", "surrogateescape"), edits)
        return Memory({**self.contents, path: text.encode("utf-8", "surrogateescape")})


def read(tree: Memory, kept: Path) -> Scan:
    managers = plugins.managers()
    extractions = Extractions(kept, tree.home, "corpus")
    found = scan(tree, load(tree, managers=managers.keys()), managers, plugins.custom_managers(), extractions)
    if not any(kept.iterdir()):
        extractions.save()
    return found


def bumped(item: Dependency) -> list[Edit]:
    """Edits that give a dependency another version of the same form, and another digest."""
    edits = []
    if item.span and item.current_value and item.package.datasource != "git-refs":  # of a branch the commit moves
        value = re.sub(r"\d(?=\D*\Z)", lambda match: str((int(match[0]) + 1) % 9 + 1), item.current_value)
        value = value if value != item.current_value else f"{value}-1"
        edits.append(Edit(path=item.path, span=item.span, text=value))
    if item.digest_span and item.current_digest:
        digest = item.current_digest[:-1] + ("0" if item.current_digest[-1] != "0" else "1")
        edits.append(Edit(path=item.path, span=item.digest_span, text=digest))
    return edits


def values(found: Scan) -> Counter[tuple[object, ...]]:
    return Counter(
        (item.path, item.line, item.manager, item.name, item.current_value, item.current_digest)
        for item in found.dependencies
    )


@pytest.mark.parametrize("area", AREAS)
def test_exactly_what_is_labelled_is_found(area: str) -> None:
    """A scan finds every label of the area at its place, and nothing else."""
    assert sorted(labels(scanned(HERE / "repositories" / area))) == sorted(expected(area))


def test_the_corpus_is_large() -> None:
    """It has at least 400 dependencies in 120 files."""
    managed = [line for area in AREAS for line in expected(area) if " | - " not in line and "| locked" not in line]
    files = [path for path in (HERE / "repositories").rglob("*") if path.is_file()]

    assert len(managed) >= 400
    assert len(files) >= 120


@pytest.mark.parametrize("area", AREAS)
def test_every_version_can_be_changed_by_itself(area: str, tmp_path: Path) -> None:
    """After one edit a scan finds the new version at the same place, and nothing else has changed."""
    directory = HERE / "repositories" / area
    paths = WorkTree(directory).files()
    tree = Memory(dict(WorkTree(directory).read(paths)))
    before = read(tree, tmp_path)

    for item in before.dependencies:
        if item.versioning == "kubernetes-api":
            continue  # another version of an API may be no outdated one
        edits = bumped(item)
        after = read(tree.with_edits(edits), tmp_path)
        gone, come = values(before) - values(after), values(after) - values(before)
        changed = {edit.span: edit.text for edit in edits}
        value = changed.get(item.span or Span(-1, -1), item.current_value)
        digest = changed.get(item.digest_span or Span(-1, -1), item.current_digest)
        assert list(gone) == [(item.path, item.line, item.manager, item.name, item.current_value, item.current_digest)]
        assert list(come) == [(item.path, item.line, item.manager, item.name, value, digest)]
